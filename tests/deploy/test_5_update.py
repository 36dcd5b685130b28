"""A new version of everything over a stack that is in use, and the end of a stack."""

from stack import Api, until

BASE = "/v1/shop"


def test_a_new_version_keeps_what_is_there(stack, shop, parameters):
    before = shop.get(f"{BASE}/members/bea/history")[1]
    resources, lambdas = stack.resources(), stack.client("lambda")
    old = lambdas.get_function(FunctionName="guerdon-accrue")["Configuration"]
    stack.deploy("second", {**parameters, "LogLevel": "DEBUG"})
    new = lambdas.get_function(FunctionName="guerdon-accrue")["Configuration"]
    assert new["CodeSha256"] != old["CodeSha256"]
    assert new["Environment"]["Variables"]["RUST_LOG"] == "DEBUG"
    # Another key would know nobody any more.
    key = "GUERDON_IDENTITY_KEY"
    assert new["Environment"]["Variables"][key] == old["Environment"]["Variables"][key]
    assert len(new["Environment"]["Variables"][key]) == 64
    assert stack.resources() == resources
    assert shop.get(f"{BASE}/members/bea/history")[1] == before
    told = {"id": "review-3", "member": "bea", "kind": "review"}
    assert shop.post(f"{BASE}/activities", told)[0] == 202
    more = len(before["history"]) + 1
    until(lambda: len(shop.get(f"{BASE}/members/bea/history")[1]["history"]) == more)


def test_who_takes_the_stack_down_keeps_the_tables(stack, shop):
    dynamodb = stack.client("dynamodb")
    rows = dynamodb.scan(TableName="guerdon-ledger", Select="COUNT")["Count"]
    assert rows > 10
    cloudformation = stack.client("cloudformation")
    cloudformation.delete_stack(StackName=stack.name)
    api = Api(stack, stack.outputs["ServicesUrl"].split("//")[1].split(".")[0], shop.token)
    until(lambda: api.get(f"{BASE}/members/bea/balance")[0] >= 400, what="the end")
    assert dynamodb.scan(TableName="guerdon-ledger", Select="COUNT")["Count"] == rows
    assert dynamodb.describe_table(TableName="guerdon-registry")["Table"]["TableStatus"] == "ACTIVE"
    secrets = stack.client("secretsmanager")
    assert secrets.describe_secret(SecretId="guerdon-identity-key")["Name"] == "guerdon-identity-key"
