# Run: pip install boto3; cargo run -p local_queue --example serve; SQS_ENDPOINT=http://127.0.0.1:9324 python3 boto3_check.py
"""Checks with boto3, a client that shares no code with the Rust SDK, that the queues speak its protocol."""

import hashlib
import json
import os
import struct
import threading
import time
import uuid

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ.get("SQS_ENDPOINT", "http://127.0.0.1:9324")
RUN = uuid.uuid4().hex[:8]

sqs = boto3.client(
    "sqs",
    endpoint_url=ENDPOINT,
    region_name="us-east-1",
    aws_access_key_id="local",
    aws_secret_access_key="local",
    config=Config(retries={"total_max_attempts": 1}),
)


def queue(name, **attributes):
    return sqs.create_queue(QueueName=f"{name}-{RUN}", Attributes=attributes)["QueueUrl"]


def take(url, **asked):
    asked = {"MaxNumberOfMessages": 10, "MessageSystemAttributeNames": ["All"]} | asked
    return sqs.receive_message(QueueUrl=url, **asked).get("Messages", [])


def counts(url):
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    kinds = ("", "NotVisible", "Delayed")
    return [int(attributes["ApproximateNumberOfMessages" + kind]) for kind in kinds]


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error.response
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400, error.response
        return error
    raise AssertionError(f"{call.__name__} was not refused")


def digest(attributes):
    """The MD5 of message attributes, from the rule in the SQS developer guide."""
    md5 = hashlib.md5()
    sized = lambda text: md5.update(struct.pack(">I", len(text)) + text)
    for name, value in sorted(attributes.items()):
        sized(name.encode())
        sized(value["DataType"].encode())
        binary = value["DataType"].startswith("Binary")
        md5.update(b"\x02" if binary else b"\x01")
        sized(value["BinaryValue"] if binary else value["StringValue"].encode())
    return md5.hexdigest()


def check_queues():
    url = queue("queues", VisibilityTimeout="45")
    assert queue("queues", VisibilityTimeout="45") == url
    assert sqs.get_queue_url(QueueName=f"queues-{RUN}")["QueueUrl"] == url
    assert url in sqs.list_queues(QueueNamePrefix=f"queues-{RUN}")["QueueUrls"]
    refused("QueueAlreadyExists", sqs.create_queue, QueueName=f"queues-{RUN}", Attributes={"VisibilityTimeout": "46"})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "5"})
    read = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds", "QueueArn"])["Attributes"]
    assert read == {"DelaySeconds": "5", "QueueArn": f"arn:aws:sqs:us-east-1:000000000000:queues-{RUN}"}, read
    sqs.delete_queue(QueueUrl=url)
    error = refused("AWS.SimpleQueueService.NonExistentQueue", sqs.send_message, QueueUrl=url, MessageBody="m")
    assert isinstance(error, sqs.exceptions.QueueDoesNotExist)


def check_messages():
    url = queue("messages")
    body = "Grüße, 世界 🎉\n\t\"\\"
    attributes = {
        "kind": {"DataType": "String", "StringValue": "order"},
        "amount": {"DataType": "Number", "StringValue": "12.50"},
        "seal": {"DataType": "Binary.png", "BinaryValue": b"\x00\x01\xff"},
    }
    sent = sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=attributes)
    assert sent["MD5OfMessageBody"] == hashlib.md5(body.encode()).hexdigest()
    assert sent["MD5OfMessageAttributes"] == digest(attributes)
    assert counts(url) == [1, 0, 0]
    [message] = take(url, MessageAttributeNames=["All"])
    assert message["MessageId"] == sent["MessageId"] and message["Body"] == body
    assert message["MessageAttributes"] == attributes
    assert message["MD5OfMessageAttributes"] == digest(attributes)
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    assert abs(int(message["Attributes"]["SentTimestamp"]) / 1000 - time.time()) < 60
    assert counts(url) == [0, 1, 0]
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    [again] = take(url)
    assert again["Attributes"]["ApproximateReceiveCount"] == "2"
    for _ in range(2):
        sqs.delete_message(QueueUrl=url, ReceiptHandle=again["ReceiptHandle"])
    refused("ReceiptHandleIsInvalid", sqs.delete_message, QueueUrl=url, ReceiptHandle="no handle")
    assert counts(url) == [0, 0, 0]


def check_batches():
    url = queue("batches")
    entry = lambda id, body="m": {"Id": id, "MessageBody": body}
    send = lambda *entries: sqs.send_message_batch(QueueUrl=url, Entries=list(entries))
    prefix = "AWS.SimpleQueueService."
    refused(prefix + "EmptyBatchRequest", send)
    refused(prefix + "TooManyEntriesInBatchRequest", lambda: send(*(entry(str(n)) for n in range(11))))
    refused(prefix + "BatchEntryIdsNotDistinct", lambda: send(entry("a"), entry("a")))
    refused(prefix + "InvalidBatchEntryId", lambda: send(entry("a b")))
    half = "x" * 524_288
    refused(prefix + "BatchRequestTooLong", lambda: send(entry("a", half), entry("b", half), entry("c", "x")))
    answer = send(*(entry(str(n)) for n in range(9)), entry("bell", "\u0007"))
    assert len(answer["Successful"]) == 9
    assert [failed["Id"] for failed in answer["Failed"]] == ["bell"]
    handles = [message["ReceiptHandle"] for message in take(url)]
    changes = [{"Id": str(n), "ReceiptHandle": handle, "VisibilityTimeout": 60} for n, handle in enumerate(handles)]
    assert len(sqs.change_message_visibility_batch(QueueUrl=url, Entries=changes)["Successful"]) == 9
    deletions = [{"Id": str(n), "ReceiptHandle": handle} for n, handle in enumerate(handles)]
    deletions.append({"Id": "bad", "ReceiptHandle": "no handle"})
    answer = sqs.delete_message_batch(QueueUrl=url, Entries=deletions)
    assert len(answer["Successful"]) == 9
    assert answer["Failed"][0]["Code"] == "ReceiptHandleIsInvalid" and answer["Failed"][0]["SenderFault"]
    assert counts(url) == [0, 0, 0]


def check_polls():
    url = queue("polls")
    send = lambda: sqs.send_message(QueueUrl=url, MessageBody="m")
    started = time.monotonic()
    assert take(url, WaitTimeSeconds=1) == []
    assert 0.95 < time.monotonic() - started < 2
    threading.Timer(0.3, send).start()
    started = time.monotonic()
    [message] = take(url, WaitTimeSeconds=20, VisibilityTimeout=1)
    assert time.monotonic() - started < 1
    started = time.monotonic()
    assert take(url, WaitTimeSeconds=20)[0]["MessageId"] == message["MessageId"]
    assert time.monotonic() - started < 1.5


def check_dead_letters_and_delays():
    dead = queue("dead")
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})
    url = queue("poison", RedrivePolicy=policy, VisibilityTimeout="0")
    sqs.send_message(QueueUrl=url, MessageBody="poison", DelaySeconds=1)
    assert counts(url) == [0, 0, 1] and take(url) == []
    assert len(take(url, WaitTimeSeconds=5)) == 1
    assert len(take(url)) == 1
    assert take(url) == []
    [letter] = take(dead)
    assert letter["Body"] == "poison"
    assert letter["Attributes"]["DeadLetterQueueSourceArn"].endswith(f"poison-{RUN}")
    sqs.purge_queue(QueueUrl=dead)
    assert counts(dead) == [0, 0, 0]


for check in [check_queues, check_messages, check_batches, check_polls, check_dead_letters_and_delays]:
    check()
    print(check.__name__, "ok")
