"""The template, packaged as the AWS tools package it, and deployed."""

import io
import json
import pathlib
import re
import time
import urllib.error
import urllib.request
import zipfile

import boto3

from ministack import REGION

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "infra/template.yaml"
BUCKET = "packages"


def archive(binary, note):
    """A function's archive. A note makes it another one."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as files:
        bootstrap = zipfile.ZipInfo("bootstrap")
        bootstrap.external_attr = 0o755 << 16
        bootstrap.compress_type = zipfile.ZIP_DEFLATED
        files.writestr(bootstrap, (ROOT / "target/release" / binary).read_bytes())
        files.writestr("version", note)
    return out.getvalue()


class Stack:
    def __init__(self, url, name):
        self.name, self.url = name, url

    def client(self, service, **credentials):
        ours = dict(aws_access_key_id="test", aws_secret_access_key="test")
        return boto3.client(service, region_name=REGION, endpoint_url=self.url,
                            **(credentials or ours))

    def package(self, note):
        """The template with each CodeUri where its archive is; nothing else of it changes."""
        s3 = self.client("s3")
        if BUCKET not in [it["Name"] for it in s3.list_buckets()["Buckets"]]:
            s3.create_bucket(Bucket=BUCKET,
                             CreateBucketConfiguration={"LocationConstraint": REGION})

        def uploaded(found):
            binary = found[1]
            key = f"{note}/{binary}.zip"
            s3.put_object(Bucket=BUCKET, Key=key, Body=archive(binary, note))
            return f"CodeUri: s3://{BUCKET}/{key}"

        text, count = re.subn(r"CodeUri: \.\./target/lambda/(\w+)/", uploaded,
                              TEMPLATE.read_text())
        assert count == 10, f"{count} functions"
        return text

    def deploy(self, note, parameters):
        cloudformation = self.client("cloudformation")
        names = [it["StackName"] for it in cloudformation.describe_stacks()["Stacks"]]
        call = cloudformation.update_stack if self.name in names else cloudformation.create_stack
        s3 = self.client("s3")
        text = self.package(note)
        s3.put_object(Bucket=BUCKET, Key=f"{note}/template.yaml", Body=text.encode())
        call(StackName=self.name, TemplateURL=f"{self.url}/{BUCKET}/{note}/template.yaml",
             Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
             Parameters=[{"ParameterKey": key, "ParameterValue": value}
                         for key, value in parameters.items()])
        for _ in range(240):
            stack = cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]
            if not stack["StackStatus"].endswith("IN_PROGRESS"):
                break
            time.sleep(0.5)
        if stack["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            events = cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
            raise AssertionError("\n".join(
                f"{it['LogicalResourceId']} {it['ResourceStatus']} "
                f"{it.get('ResourceStatusReason', '')}" for it in events[:20]))
        self.outputs = {it["OutputKey"]: it["OutputValue"] for it in stack.get("Outputs", [])}

    def resources(self):
        pages = self.client("cloudformation").get_paginator("list_stack_resources")
        found = {}
        for page in pages.paginate(StackName=self.name):
            for it in page["StackResourceSummaries"]:
                found[it["LogicalResourceId"]] = it["PhysicalResourceId"]
        return found

    def deployed(self):
        """The resources of the template that is in force."""
        cloudformation = self.client("cloudformation")
        template = cloudformation.get_template(StackName=self.name)["TemplateBody"]
        return template["Resources"]

    def queue_url(self, queue):
        return self.client("sqs").get_queue_url(QueueName=f"{self.name}-{queue}")["QueueUrl"]


class Api:
    """An HTTP API, called as anybody would."""

    def __init__(self, stack, api_id, token):
        self.stack, self.token = stack, token
        self.host = f"{api_id}.execute-api.localhost"

    def call(self, method, path, body=None, **headers):
        request = urllib.request.Request(self.stack.url + path, method=method)
        request.add_header("host", self.host)
        if self.token:
            request.add_header("authorization", f"Bearer {self.token}")
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        if body is not None:
            request.add_header("content-type", "application/json")
            request.data = json.dumps(body).encode()
        try:
            answer = urllib.request.urlopen(request, timeout=60)
        except urllib.error.HTTPError as refused:
            answer = refused
        text = answer.read().decode()
        return answer.status, json.loads(text) if text.startswith(("{", "[")) else text

    def get(self, path, **headers):
        return self.call("GET", path, **headers)

    def post(self, path, body=None, **headers):
        return self.call("POST", path, {} if body is None else body, **headers)


def letters(stack, queue):
    """What lies in a queue, looked at."""
    got = stack.client("sqs").receive_message(
        QueueUrl=stack.queue_url(queue), MaxNumberOfMessages=10, VisibilityTimeout=0)
    return got.get("Messages", [])


def until(found, seconds=60, what="it"):
    """What `found` gives once it gives something."""
    for _ in range(seconds * 4):
        value = found()
        if value:
            return value
        time.sleep(0.25)
    raise AssertionError(f"{what} did not come within {seconds} s")
