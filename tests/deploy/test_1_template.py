"""The template as it is deployed: routes, mappings, and what it refuses."""

import json

import botocore.exceptions
import pytest
import yaml

from stack import TEMPLATE


def invoked(stack, function, path):
    """What a function answers to a request, asked without an API."""
    event = {"version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "",
             "headers": {"host": "x"}, "isBase64Encoded": False,
             "requestContext": {"accountId": "1", "apiId": "x", "domainName": "x", "stage": "$default",
                                "domainPrefix": "x", "requestId": "x", "routeKey": "$default",
                                "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 1,
                                "http": {"method": "GET", "path": path, "protocol": "HTTP/1.1",
                                         "sourceIp": "127.0.0.1", "userAgent": "x"}}}
    answer = stack.client("lambda").invoke(FunctionName=f"{stack.name}-{function}",
                                           Payload=json.dumps(event))
    return json.loads(json.loads(answer["Payload"].read())["body"])


def routes(stack, api):
    pages = stack.client("apigatewayv2").get_routes(ApiId=api, MaxResults="500")
    return {it["RouteKey"]: it for it in pages["Items"]}


def test_every_operation_has_a_route_and_no_route_leads_nowhere(stack):
    operations, of_members = set(), set()
    for function in ("accrue", "enroll", "redeem", "report-http"):
        document = invoked(stack, function, "/openapi.json")
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                name = f"{method.upper()} {path}"
                operations.add(name)
                if {"member_token": []} in operation.get("security", []):
                    of_members.add(name)
    assert len(operations) > 20 and len(of_members) > 5
    resources = stack.resources()
    assert set(routes(stack, resources["ServicesApi"])) == operations
    members = routes(stack, resources["MembersApi"])
    assert set(members) == of_members
    assert {it["AuthorizationType"] for it in members.values()} == {"JWT"}


def test_stream_mappings_keep_what_exactness_needs(stack):
    mappings = stack.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    of = {it["FunctionArn"].rsplit(":", 1)[1]: it for it in mappings}
    report, events = of["guerdon-report-stream"], of["guerdon-relay-events"]
    assert report["ParallelizationFactor"] == 1
    assert "FilterCriteria" not in report, "rows that were changed come too"
    assert events["ParallelizationFactor"] == 1
    # This AWS keeps no window: what was deployed says it.
    windows = {name: it["Properties"].get("TumblingWindowInSeconds")
               for name, it in stack.deployed().items() if it["Type"].endswith("SourceMapping")}
    assert windows.pop("ReportMapping") == 60, "without a window Lambda names no shard"
    assert set(windows.values()) == {None}
    for name, mapping in of.items():
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"], name
    for mapping in (report, events):
        assert mapping["MaximumBatchingWindowInSeconds"] == 1
        assert 0 < mapping["MaximumRetryAttempts"] <= 1000
        assert mapping["DestinationConfig"]["OnFailure"]["Destination"].endswith("stream-dead")
    for function in ("accrue-queue", "expire-queue", "relay-deliveries"):
        assert of[f"guerdon-{function}"]["ScalingConfig"]["MaximumConcurrency"] >= 2


def test_a_queue_hides_a_message_for_six_times_as_long_as_its_function_may_take(stack):
    lambdas, sqs = stack.client("lambda"), stack.client("sqs")
    for queue, function in (("credits", "accrue-queue"), ("settle", "expire-queue"),
                            ("deliveries", "relay-deliveries")):
        of = sqs.get_queue_attributes(QueueUrl=stack.queue_url(queue), AttributeNames=["All"])
        hidden = int(of["Attributes"]["VisibilityTimeout"])
        timeout = lambdas.get_function(FunctionName=f"guerdon-{function}")["Configuration"]
        assert hidden >= 6 * timeout["Timeout"], queue
        redrive = json.loads(of["Attributes"]["RedrivePolicy"])
        assert redrive["deadLetterTargetArn"].endswith(f"guerdon-{queue}-dead")
    assert redrive["maxReceiveCount"] == 40
    assert of["Attributes"]["MessageRetentionPeriod"] == str(14 * 86_400)


@pytest.mark.parametrize("parameter, value", [
    ("Architecture", "sparc"),
    ("Programs", "Shop"),
    ("Programs", "shop,"),
    ("SettleEvery", "rate(1 second)"),
    ("MemoryMegabytes", "64"),
    ("LogRetentionDays", "3"),
    ("LogLevel", "TRACE"),
    ("MemberIssuer", "http://login.example"),
    ("MemberOrigins", "*"),
    ("RequestsPerSecond", "0"),
    ("Pace", "reckless"),
    ("DeletionProtection", "perhaps"),
    ("IdentitySecret", "a secret itself"),
    ("AlarmTopic", "somebody@example.org"),
])
def test_a_parameter_out_of_range_is_refused_and_nothing_is_made(stack, parameter, value):
    cloudformation = stack.client("cloudformation")
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        cloudformation.create_stack(
            StackName="refused", TemplateBody=TEMPLATE.read_text(),
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
            Parameters=[{"ParameterKey": parameter, "ParameterValue": value}])
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert parameter in str(refused.value)
    names = [it["StackName"] for it in cloudformation.describe_stacks()["Stacks"]]
    assert "refused" not in names


def test_parameters_have_limits_and_say_what_they_are_for():
    class Loader(yaml.SafeLoader):
        pass

    Loader.add_multi_constructor("!", lambda loader, tag, node: None)
    template = yaml.load(TEMPLATE.read_text(), Loader)
    for name, parameter in template["Parameters"].items():
        limited = {"AllowedValues", "AllowedPattern", "MaxValue"} & set(parameter)
        assert limited and parameter["Description"] and "Default" in parameter, name


def test_tables_stay_and_can_be_restored(stack):
    dynamodb = stack.client("dynamodb")
    for logical, table, streams in (("Ledger", "guerdon-ledger", True),
                                    ("Registry", "guerdon-registry", False)):
        described = dynamodb.describe_table(TableName=table)["Table"]
        assert bool(described.get("StreamSpecification")) is streams
        with pytest.raises(botocore.exceptions.ClientError, match="[Dd]eletion protection"):
            dynamodb.delete_table(TableName=table)
        # This AWS restores nothing and forgets the setting: what was deployed says it.
        of = stack.deployed()[logical]
        assert of["DeletionPolicy"] == of["UpdateReplacePolicy"] == "Retain"
        recovery = of["Properties"]["PointInTimeRecoverySpecification"]
        assert recovery == {"PointInTimeRecoveryEnabled": True}
    ttl = stack.deployed()["Registry"]["Properties"]["TimeToLiveSpecification"]
    assert ttl == {"AttributeName": "expires", "Enabled": True}
