"""The `guerdon` tool against an account: what it says when something is wrong."""

import http.server
import json
import threading

import pytest

from conftest import PROGRAM
from stack import letters, until


def check_refused(done, sentence):
    assert done.returncode != 0 and done.stdout == ""
    assert done.stderr.startswith("guerdon: ") and done.stderr.count("\n") == 1, done.stderr
    assert sentence in done.stderr


def publish(guerdon, stack="guerdon", program=PROGRAM, **settings):
    return guerdon("program", "publish", str(program), "--stack", stack, "--from",
                   "2100-01-01T00:00:00Z", **settings)


@pytest.mark.parametrize("settings, sentence", [
    ({"AWS_REGION": "us-east-1"}, "there is no table guerdon-ledger in us-east-1"),
    ({"AWS_REGION": None}, "no AWS region is set"),
    ({"AWS_ACCESS_KEY_ID": "AKIAUNKNOWNUNKNOWN00"}, "AWS does not know these credentials"),
    ({"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}, "there are no AWS credentials"),
    ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "DynamoDB does not answer in eu-west-1"),
])
def test_wrong_settings_are_one_sentence(stack, guerdon, settings, sentence):
    check_refused(publish(guerdon, **settings), sentence)
    check_refused(guerdon("status", "--stack", stack.name, **settings), sentence)


def test_expired_credentials_are_one_sentence(guerdon):
    class Expired(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            body = json.dumps({
                "__type": "com.amazon.coral.service#ExpiredTokenException",
                "message": "The security token included in the request is expired"}).encode()
            self.send_response(400)
            self.send_header("content-type", "application/x-amz-json-1.0")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Expired)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    check_refused(publish(guerdon, AWS_ENDPOINT_URL=url), "the AWS credentials have expired")
    server.shutdown()


def test_a_missing_table_and_those_of_another_version_are_one_sentence(stack, guerdon):
    check_refused(publish(guerdon, "nowhere"), "there is no table nowhere-ledger in eu-west-1")
    dynamodb = stack.client("dynamodb")

    def table(name, keys):
        kinds = {"chain": "S", "sequence": "N", "key": "S", "sort": "S", "pk": "S", "sk": "S"}
        dynamodb.create_table(
            TableName=name, BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": kinds[key]} for key in keys],
            KeySchema=[{"AttributeName": key, "KeyType": kind}
                       for key, kind in zip(keys, ("HASH", "RANGE"))])

    table("other-ledger", ("pk", "sk"))
    check_refused(publish(guerdon, "other"), "the table other-ledger is of another version")
    table("newer-ledger", ("chain", "sequence"))
    table("newer-registry", ("key", "sort"))
    dynamodb.put_item(TableName="newer-ledger", Item={
        "chain": {"S": "shop/ada"}, "sequence": {"N": "1"}, "body": {"B": bytes([200])}})
    check_refused(publish(guerdon, "newer"), "the table newer-ledger is of another version")
    assert dynamodb.scan(TableName="newer-registry")["Count"] == 0, "nothing was written"


def test_status_says_what_is_there_and_what_is_not_as_it_should_be(stack, guerdon, shop):
    status = guerdon("status", "--stack", stack.name, "--program", "shop", "--json")
    said = json.loads(status.stdout)
    assert [it["id"] for it in said["programs"]] == ["shop"]
    assert said["programs"][0]["open_keys"] >= 1
    assert [it["deletion_protection"] for it in said["tables"]] == [True, True]
    # This AWS forgets what the template says of backups.
    assert status.returncode == 1
    assert all(it.endswith("cannot be restored to a point in time") for it in said["problems"])
    for table in ("guerdon-ledger", "guerdon-registry"):
        stack.client("dynamodb").update_continuous_backups(
            TableName=table,
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    status = guerdon("status", "--stack", stack.name, "--program", "shop")
    assert status.returncode == 0, status.stdout + status.stderr
    check_refused(guerdon("status", "--stack", stack.name, "--program", "none"),
                  'there is no program "none"')


def test_a_ledger_that_is_not_right_is_an_alarm(stack, guerdon, shop):
    # A row was modified, and one made up, in the test before (test_3_privilege).
    proved = guerdon("verify", "--stack", stack.name, "--json")
    assert proved.returncode == 1, proved.stderr
    problems = json.loads(proved.stdout)["problems"]
    assert any("shop/mal" in it for it in problems), problems
    message = until(lambda: letters(stack, "unproved"), what="the finding")[0]
    assert json.loads(message["Body"])["detail"]["problems"] >= len(problems) > 0
    alarms = stack.client("cloudwatch").describe_alarms()["MetricAlarms"]
    queue = {"Name": "QueueName", "Value": "guerdon-unproved"}
    assert [it["MetricName"] for it in alarms if queue in it["Dimensions"]] == [
        "ApproximateNumberOfMessagesVisible"]


def test_a_key_is_made_and_revoked_and_a_version_is_published(stack, guerdon, shop, tmp_path):
    at = ("--stack", stack.name, "--json")
    key = json.loads(guerdon("keys", "create", "shop", "--name", "till", "--scope", "read", *at).stdout)
    listed = json.loads(guerdon("keys", "list", "shop", *at).stdout)["keys"]
    assert key["id"] in [it["id"] for it in listed]
    assert json.loads(guerdon("keys", "revoke", "shop", key["id"], *at).stdout)["open"] is False
    check_refused(publish(guerdon), "version 1 has the same text")
    changed = tmp_path / "shop.toml"
    changed.write_text(PROGRAM.read_text().replace('"The shop"', '"The other shop"'))
    done = publish(guerdon, program=changed)
    assert done.returncode == 0, done.stderr
    versions = json.loads(guerdon("program", "versions", "shop", *at).stdout)["versions"]
    assert [(it["version"], it["in_force"]) for it in versions] == [(1, True), (2, False)]
