"""Passes what functions ask of AWS on, and writes down who asked for what.

Who asked is known by the credentials of the request, which only one function's process has.
No emulator throttles, so this does where it is told to.
"""

import collections
import http.client
import http.server
import json
import re
import threading

# What IAM calls an operation, where it is not the operation's name.
PERMISSION = {"sqs:SendMessageBatch": "sqs:SendMessage"}
SERVICE = {"DynamoDB_20120810": "dynamodb", "AmazonSQS": "sqs", "AWSEvents": "events"}
TRANSACTED = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem",
              "ConditionCheck": "ConditionCheckItem"}

THROTTLED = json.dumps({
    "__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
    "message": "The level of configured provisioned throughput for the table was exceeded."}).encode()


def calls(target, body):
    """The permissions that a request needs, each with the name of what it is for."""
    prefix, operation = target.split(".", 1)
    service = SERVICE[prefix]
    if operation == "TransactWriteItems":
        for item in body["TransactItems"]:
            for kind, what in item.items():
                yield f"dynamodb:{TRANSACTED[kind]}", what["TableName"]
        return
    permission = PERMISSION.get(f"{service}:{operation}", f"{service}:{operation}")
    if service == "dynamodb":
        yield permission, body["TableName"]
    elif service == "sqs":
        yield permission, body["QueueUrl"].rsplit("/", 1)[1]
    else:
        for entry in body["Entries"]:
            yield permission, entry["EventBusName"]


class Recorder:
    def __init__(self, port, to_port, who):
        """`who` gives the names of functions by the ids of their access keys."""
        self.url = f"http://127.0.0.1:{port}"
        self.seen = collections.defaultdict(set)
        # Functions whose rows are not taken, for now.
        self.throttled = set()
        names = {}
        recorder = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                key = re.search(r"Credential=(\w+)/", self.headers.get("authorization", ""))
                if key and key[1] not in names:
                    names.update(who())
                name = names[key[1]] if key else "nobody"
                needed = set(calls(self.headers["x-amz-target"], json.loads(body)))
                recorder.seen[name].update(needed)
                if name in recorder.throttled and any(
                        it == "dynamodb:PutItem" and table.endswith("-ledger")
                        for it, table in needed):
                    return self.answer(400, THROTTLED, {"content-type": "application/x-amz-json-1.0"})
                onward = http.client.HTTPConnection("127.0.0.1", to_port, timeout=30)
                try:
                    onward.request("POST", self.path, body, dict(self.headers))
                    answer = onward.getresponse()
                    content = answer.read()
                except OSError:
                    # It has stopped, and this will.
                    self.close_connection = True
                    return
                onward.close()
                own = ("transfer-encoding", "content-length", "connection", "date", "server")
                self.answer(answer.status, content, {
                    header: value for header, value in answer.getheaders()
                    if header.lower() not in own})

            def answer(self, status, content, headers):
                self.send_response(status)
                for header, value in headers.items():
                    self.send_header(header, value)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
