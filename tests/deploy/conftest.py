"""One local AWS, one stack in it, and who calls it."""

import json
import os
import pathlib
import subprocess

import pytest

from ministack import REGION, Ministack, free_port
from recorder import Recorder
from stack import ROOT, Api, Stack

FOLDER = pathlib.Path(__file__).parent
GUERDON = os.environ.get("GUERDON_BIN", str(ROOT / "target/debug/guerdon"))
PROGRAM = FOLDER / "shop.toml"


@pytest.fixture(scope="session")
def aws(tmp_path_factory):
    port, seen_by = free_port(), free_port()

    def who():
        return {it["AWS_ACCESS_KEY_ID"]: name for name, it in ministack.functions().items()}

    recorder = Recorder(seen_by, port, who)
    ministack = Ministack(tmp_path_factory.mktemp("aws") / "log", port, recorder.url)
    ministack.recorder = recorder
    yield ministack
    ministack.stop()
    recorder.stop()


@pytest.fixture(scope="session")
def people(aws):
    """A pool of people who log in, and the parameters that let its tokens in."""
    cognito = Stack(aws.url, "").client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="members")["UserPool"]["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="storefront",
        ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]["ClientId"]

    def log_in(name):
        password = "Not-a-Secret-1"
        cognito.admin_create_user(UserPoolId=pool, Username=name, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(UserPoolId=pool, Username=name, Password=password,
                                        Permanent=True)
        user = cognito.admin_get_user(UserPoolId=pool, Username=name)
        sub = next(it["Value"] for it in user["UserAttributes"] if it["Name"] == "sub")
        done = cognito.admin_initiate_auth(
            UserPoolId=pool, ClientId=client, AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": password})
        return sub, done["AuthenticationResult"]["IdToken"]

    log_in.parameters = {
        "MemberIssuer": f"https://cognito-idp.{REGION}.amazonaws.com/{pool}",
        "MemberAudience": client,
        "MemberProgram": "shop",
    }
    return log_in


@pytest.fixture(scope="session")
def parameters(people):
    return {"Architecture": "x86_64", "Programs": "shop", "SettleEvery": "rate(1 minute)",
            **people.parameters}


@pytest.fixture(scope="session")
def stack(aws, parameters):
    stack = Stack(aws.url, "guerdon")
    stack.deploy("first", parameters)
    return stack


@pytest.fixture(scope="session")
def guerdon(aws):
    """The tool, with an account's ordinary settings."""

    def run(*arguments, **settings):
        environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "AWS_REGION": REGION,
                       "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
                       "AWS_ENDPOINT_URL": aws.url, "AWS_EC2_METADATA_DISABLED": "true"}
        environment.update(settings)
        environment = {name: value for name, value in environment.items() if value is not None}
        return subprocess.run([GUERDON, *arguments], env=environment, capture_output=True,
                              text=True, timeout=120)

    return run


@pytest.fixture(scope="session")
def published(stack, guerdon):
    now = subprocess.run(["date", "-u", "+%Y-%m-%dT%H:%M:%SZ"], capture_output=True, text=True)
    done = guerdon("program", "publish", str(PROGRAM), "--stack", stack.name, "--from",
                   now.stdout.strip(), "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="session")
def shop(stack, guerdon, published):
    """The shop: everything that a key may do."""
    made = guerdon("keys", "create", "shop", "--stack", stack.name, "--name", "shop", "--scope",
                   "admin", "--json")
    assert made.returncode == 0, made.stderr
    return Api(stack, stack.resources()["ServicesApi"], json.loads(made.stdout)["secret"])
