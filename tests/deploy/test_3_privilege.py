"""Each role may do what its function does, and nothing else: compared with what was asked
during the life before (test_2_life)."""

import json
import re

import boto3
import botocore.exceptions
import pytest

from ministack import REGION
from stack import until

FUNCTIONS = ("accrue", "accrue-queue", "enroll", "redeem", "report-http", "report-stream",
             "expire-schedule", "expire-queue", "relay-events", "relay-deliveries")
# What Lambda itself does for a function, by its documentation.
OF_QUEUES = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
OF_STREAMS = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator",
              "dynamodb:ListStreams")
OF_LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")


def name_of(arn):
    """What an ARN is of: a table, a queue, a bus, a log, or a table's stream."""
    kind, name = arn.split(":", 5)[2], arn.split(":", 5)[5]
    if kind == "dynamodb":
        parts = name.split("/")
        return parts[1] + ("/stream" if "stream" in parts else "")
    return name.removeprefix("event-bus/").removeprefix("log-group:").removesuffix(":*")


def granted(stack, role):
    iam = stack.client("iam")
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    assert names == ["calls"]
    policy = iam.get_role_policy(RoleName=role, PolicyName="calls")["PolicyDocument"]
    found = set()
    for statement in policy["Statement"]:
        assert statement["Effect"] == "Allow" and isinstance(statement["Resource"], str)
        assert "*" not in statement["Resource"] or statement["Sid"] in ("FindStream", "Log"), statement
        actions = statement["Action"]
        for action in [actions] if isinstance(actions, str) else actions:
            # The template says why.
            action = "sqs:SendMessage" if action == "sqs:SendMessage*" else action
            assert "*" not in action, statement
            found.add((action, name_of(statement["Resource"])))
    return found


def done_by_lambda(stack, function):
    found = {(action, f"/aws/lambda/{function}") for action in OF_LOGS}
    mappings = stack.client("lambda").list_event_source_mappings(FunctionName=function)
    for mapping in mappings["EventSourceMappings"]:
        source = mapping["EventSourceArn"]
        actions = OF_QUEUES if ":sqs:" in source else OF_STREAMS
        found |= {(action, name_of(source)) for action in actions}
        given_up = mapping.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        if given_up:
            found.add(("sqs:SendMessage", name_of(given_up)))
    return found


def lines_with(stack, function, filtered):
    """The lines of a function's log that a metric filter would count. This AWS counts none."""
    field, word = re.fullmatch(r'\{ \$\.(\w+) = "(\w+)" \}', filtered["filterPattern"]).groups()
    events = stack.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{function}")["events"]
    lines = [line for it in events for line in it["message"].splitlines()]
    return [line for line in lines if line.startswith("{") and json.loads(line).get(field) == word]


def filter_of(stack, function, metric):
    """The metric filter of a function's log that an alarm looks at, above nothing."""
    alarms = stack.client("cloudwatch").describe_alarms()["MetricAlarms"]
    alarm = next(it for it in alarms if it["MetricName"] == metric)
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")
    filters = stack.client("logs").describe_metric_filters(logGroupName=f"/aws/lambda/{function}")
    for it in filters["metricFilters"]:
        for to in it["metricTransformations"]:
            if (to["metricNamespace"], to["metricName"]) == (alarm["Namespace"], metric):
                return it
    raise AssertionError(f"no line of {function} is counted as {metric}")


def test_a_row_that_cannot_be_read_is_kept_aside_with_an_alarm(stack, shop):
    stack.client("dynamodb").put_item(TableName="guerdon-ledger", Item={
        "chain": {"S": "shop/kim"}, "sequence": {"N": "1"}, "version": {"N": "1"},
        "body": {"B": bytes([1, 255])}})
    for function in ("guerdon-report-stream", "guerdon-relay-events"):
        counts = filter_of(stack, function, "RowsParked")
        line = until(lambda: lines_with(stack, function, counts), what=function)[0]
        assert "shop/kim" in line, line


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_role_has_exactly_what_its_function_calls(aws, stack, function):
    role = stack.resources()["".join(it.title() for it in function.split("-")) + "Role"]
    called = aws.recorder.seen[f"{stack.name}-{function}"]
    assert called, "it did nothing"
    needed = called | done_by_lambda(stack, f"{stack.name}-{function}")
    has = granted(stack, role)
    assert needed - has == set(), "missing"
    assert has - needed == set(), "superfluous"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_what_a_role_may_not_do_is_denied(aws, stack, function):
    running = aws.functions()[f"{stack.name}-{function}"]

    def client(service):
        return boto3.client(service, region_name=REGION, endpoint_url=aws.url,
                            aws_access_key_id=running["AWS_ACCESS_KEY_ID"],
                            aws_secret_access_key=running["AWS_SECRET_ACCESS_KEY"],
                            aws_session_token=running["AWS_SESSION_TOKEN"])

    dynamodb, sqs = client("dynamodb"), client("sqs")
    row = {"chain": {"S": "shop/ada"}, "sequence": {"N": "1"}}
    entry = {"key": {"S": "x"}, "sort": {"S": "x"}}
    # It is this role that is asked: what it may do works.
    dynamodb.query(TableName="guerdon-registry", KeyConditionExpression="#k = :k",
                   ExpressionAttributeNames={"#k": "key"},
                   ExpressionAttributeValues={":k": {"S": "x"}})
    batch = {"guerdon-ledger": [{"DeleteRequest": {"Key": row}}]}
    changed = [{"Delete": {"TableName": "guerdon-ledger", "Key": row}}]
    explicitly = [
        lambda: dynamodb.delete_item(TableName="guerdon-ledger", Key=row),
        lambda: dynamodb.update_item(TableName="guerdon-ledger", Key=row,
                                     UpdateExpression="REMOVE moved"),
        lambda: dynamodb.batch_write_item(RequestItems=batch),
        lambda: dynamodb.transact_write_items(TransactItems=changed),
        lambda: dynamodb.delete_table(TableName="guerdon-ledger"),
    ]
    silently = [
        lambda: dynamodb.delete_item(TableName="guerdon-registry", Key=entry),
        lambda: dynamodb.scan(TableName="guerdon-ledger"),
        lambda: sqs.purge_queue(QueueUrl=stack.queue_url("credits")),
        lambda: client("secretsmanager").get_secret_value(SecretId="guerdon-identity-key"),
    ]
    for denied, how in [(it, "explicit deny") for it in explicitly] + [(it, "") for it in silently]:
        with pytest.raises(botocore.exceptions.ClientError) as refused:
            denied()
        code = refused.value.response["Error"]["Code"]
        assert code.startswith("AccessDenied"), refused.value
        assert how in str(refused.value)


def test_a_modified_row_is_the_alarms_metric(stack, shop):
    function = "guerdon-report-stream"
    counts = filter_of(stack, function, "RowsModified")
    assert shop.post("/v1/shop/members", {"id": "mal"})[0] == 201
    assert not lines_with(stack, function, counts)
    stack.client("dynamodb").update_item(
        TableName="guerdon-ledger", Key={"chain": {"S": "shop/mal"}, "sequence": {"N": "1"}},
        UpdateExpression="SET available = :a", ExpressionAttributeValues={":a": {"N": "1000"}})
    line = until(lambda: lines_with(stack, function, counts), what="the alarm's line")[0]
    assert "shop/mal" in line, line
