"""A shop's life on the deployed stack, from outside."""

import base64
import hashlib
import hmac
import json
import time

import pytest

from stack import Api, letters, until

BASE = "/v1/shop"


def order(member, number, pounds, **more):
    line = {"product": "mug", "unit_price": {"amount": pounds * 100, "currency": "GBP"}}
    return {"id": number, "member": member, "lines": [line], **more}


def enroll(shop, member, **more):
    status, body = shop.post(f"{BASE}/members", {"id": member, **more})
    assert status == 201, body
    return body


def balance(shop, member):
    status, body = shop.get(f"{BASE}/members/{member}/balance")
    assert status == 200, body
    return body


def rows(stack, member):
    found = stack.client("dynamodb").query(
        TableName="guerdon-ledger", KeyConditionExpression="chain = :c",
        ExpressionAttributeValues={":c": {"S": f"shop/{member}"}}, ConsistentRead=True)
    return found["Items"]


def wind(stack, queue, seconds):
    """Makes a queue hide messages for so long only: nobody waits a quarter of an hour."""
    stack.client("sqs").set_queue_attributes(
        QueueUrl=stack.queue_url(queue), Attributes={"VisibilityTimeout": str(seconds)})


def test_without_a_key_nothing_is_said(stack, shop):
    stranger = Api(stack, stack.resources()["ServicesApi"], None)
    assert stranger.get("/healthz")[0] == 200
    for path in (f"{BASE}/members/ada/balance", f"{BASE}/reports/liability"):
        status, body = stranger.get(path)
        assert (status, body["code"]) == (401, "KEY_MISSING"), body
    assert stranger.get("/v2/shop")[0] == 404


def test_an_order_counts_once_and_a_refund_takes_it_back(stack, shop):
    enroll(shop, "ada")
    status, first = shop.post(f"{BASE}/orders", order("ada", "A-1", 80))
    assert status == 201 and first["replayed"] is False, first
    status, again = shop.post(f"{BASE}/orders", order("ada", "A-1", 80))
    assert status == 200 and again["replayed"] is True
    assert again["sequence"] == first["sequence"]
    assert balance(shop, "ada")["available"] == 80
    status, conflict = shop.post(f"{BASE}/orders", order("ada", "A-1", 90))
    assert status == 409, conflict
    refund = {"id": "R-1", "order": "A-1", "member": "ada", "amount": {"amount": 3000, "currency": "GBP"}}
    status, refunded = shop.post(f"{BASE}/refunds", refund)
    assert status == 201, refunded
    assert balance(shop, "ada")["available"] == 50
    assert shop.post(f"{BASE}/members", {"id": "ada"})[0] == 200, "joined before"
    assert len(rows(stack, "ada")) == 3, "joined, bought, refunded"
    status, why = shop.get(f"{BASE}/members/ada/history/{first['sequence']}")
    assert status == 200 and "spend" in json.dumps(why), why


def test_what_a_basket_would_earn_is_said_and_points_are_given_by_hand(shop):
    line = {"product": "mug", "unit_price": {"amount": 1000, "currency": "GBP"}}
    status, quote = shop.post(f"{BASE}/quotes", {"member": "ada", "lines": [line]})
    assert status == 200, quote
    status, given = shop.post(f"{BASE}/adjustments", {"member": "ada", "points": 5, "reason": "sorry"},
                              idempotency_key="adjust-1")
    assert status == 201, given
    assert balance(shop, "ada")["available"] == 55


def test_an_activity_goes_through_the_queue(shop):
    enroll(shop, "bea")
    told = {"id": "review-1", "member": "bea", "kind": "review"}
    for _ in range(2):
        status, accepted = shop.post(f"{BASE}/activities", told)
        assert status == 202, accepted
    until(lambda: balance(shop, "bea")["available"] == 25, what="the activity")
    time.sleep(2)
    assert balance(shop, "bea")["available"] == 25, "however often sent, it counts once"


def test_a_friend_is_heard_of_through_the_stream_and_the_queue(shop):
    enroll(shop, "cy")
    status, code = shop.post(f"{BASE}/members/cy/referral-code")
    assert status == 200, code
    enroll(shop, "dee", referral_code=code["code"])
    assert shop.post(f"{BASE}/orders", order("dee", "D-1", 30))[0] == 201
    until(lambda: balance(shop, "cy")["available"] == 100, what="the referral")
    refund = {"id": "D-R1", "order": "D-1", "member": "dee", "everything": True}
    assert shop.post(f"{BASE}/refunds", refund)[0] == 201
    until(lambda: balance(shop, "cy")["available"] == 0, what="the end of the referral")


def test_points_are_spent_once(shop):
    path = f"{BASE}/members/ada/redemptions"
    spent = [shop.post(path, {"reward": "mug"}, idempotency_key="spend-1") for _ in range(2)]
    assert [status for status, _ in spent] == [201, 200], spent
    assert balance(shop, "ada")["available"] == 25
    status, refused = shop.post(path, {"reward": "mug"}, idempotency_key="spend-2")
    assert status == 422, refused
    status, undone = shop.post(f"{path}/{spent[0][1]['sequence']}/undo")
    assert status == 201, undone
    assert balance(shop, "ada")["available"] == 55


def test_a_hold_is_captured_or_released(shop):
    path = f"{BASE}/members/ada/redemptions"
    status, held = shop.post(path, {"reward": "mug", "hold_minutes": 30}, idempotency_key="h-1")
    assert status == 201, held
    assert balance(shop, "ada")["available"] == 25
    assert shop.post(f"{path}/{held['sequence']}/release")[0] == 201
    status, held = shop.post(path, {"reward": "mug", "hold_minutes": 30}, idempotency_key="h-2")
    assert shop.post(f"{path}/{held['sequence']}/capture")[0] == 201
    assert balance(shop, "ada")["available"] == 25


def test_the_schedule_books_what_nobody_asked_for(stack, shop):
    enroll(shop, "eve")
    # The schedule's row will be the 64th, which looks back at all before it.
    for number in range(61):
        assert shop.post(f"{BASE}/orders", order("eve", f"E-{number}", 1))[0] == 201
    status, held = shop.post(f"{BASE}/members/eve/redemptions", {"reward": "mug", "hold_minutes": 1})
    assert status == 201, held

    def settled():
        return [row for row in rows(stack, "eve") if row["kind"]["S"] == "settled"]

    assert not settled()
    # As if the first part of the members had last been swept three days ago: the days since
    # are swept, and remembered.
    cursor = {"key": {"S": "cursor#due#shop"}, "sort": {"S": "0"}}
    before = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 3 * 86_400))
    dynamodb = stack.client("dynamodb")
    dynamodb.put_item(TableName="guerdon-registry",
                      Item={**cursor, "json": {"S": json.dumps({"done": before})}})
    row = until(settled, seconds=200, what="the schedule")[0]
    assert row["available"]["N"] == "61" and "held" not in row, row
    assert row["sequence"]["N"] == "64"
    assert row["actor"]["S"] == "schedule"
    done = dynamodb.get_item(TableName="guerdon-registry", Key=cursor)["Item"]["json"]["S"]
    assert json.loads(done)["done"] > before


def test_what_can_never_be_read_is_kept_as_rejected(stack, shop, guerdon):
    stack.client("sqs").send_message(QueueUrl=stack.queue_url("credits"), MessageBody="nobody reads this")

    def kept():
        said = guerdon("rejections", "--stack", stack.name, "--json")
        assert said.returncode == 0, said.stderr
        return json.loads(said.stdout)["rejections"]

    assert [it["code"] for it in until(kept, what="the rejection")] == ["UNREADABLE"]
    assert shop.get(f"{BASE}/rejections")[1]["rejections"] == [], "it is no program's"


def test_a_poison_message_goes_to_the_dead_letters_and_nothing_with_it(stack, shop):
    wind(stack, "credits", 1)
    # What a newer version wrote waits for one, and is never thrown away.
    poison = '{"v":1000000,"kind":"credit"}'
    stack.client("sqs").send_message(QueueUrl=stack.queue_url("credits"), MessageBody=poison)
    told = {"id": "review-2", "member": "bea", "kind": "review"}
    assert shop.post(f"{BASE}/activities", told)[0] == 202
    until(lambda: balance(shop, "bea")["available"] == 50, what="the activity beside it")
    # The first activity again, long after.
    assert shop.post(f"{BASE}/activities", {**told, "id": "review-1"})[0] == 202
    dead = until(lambda: letters(stack, "credits-dead"), what="the dead letter")
    assert balance(shop, "bea")["available"] == 50
    wind(stack, "credits", 180)
    assert [it["Body"] for it in dead] == [poison]


def test_events_are_put_on_the_bus(stack, shop):
    sqs, events = stack.client("sqs"), stack.client("events")
    url = sqs.create_queue(QueueName="listener")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage", "Resource": arn}]}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    events.put_rule(Name="listen", EventBusName=stack.outputs["EventBus"],
                    EventPattern=json.dumps({"source": ["guerdon.shop"]}))
    events.put_targets(Rule="listen", EventBusName=stack.outputs["EventBus"],
                       Targets=[{"Id": "listener", "Arn": arn}])
    enroll(shop, "fay")
    assert shop.post(f"{BASE}/orders", order("fay", "F-1", 7))[0] == 201
    heard = {}

    def all_heard():
        got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        for message in got.get("Messages", []):
            event = json.loads(message["Body"])
            heard[event["detail-type"]] = event["detail"]
        return {"member.enrolled", "points.earned"} <= {it.split("guerdon.")[-1] for it in heard}

    until(all_heard, what="the events")
    earned = next(it for kind, it in heard.items() if kind.endswith("points.earned"))
    assert earned["data"]["member"] == "fay", earned


def test_reports_come_from_the_stream(shop):
    members = ("ada", "bea", "cy", "dee", "eve", "fay")
    expected = sum(balance(shop, member)["available"] for member in members)
    assert expected > 100

    def counted():
        status, report = shop.get(f"{BASE}/reports/liability")
        assert status == 200, report
        return report["outstanding"]["points"] == expected

    until(counted, what="the report")
    status, activity = shop.get(f"{BASE}/reports/activity?per=month")
    assert status == 200
    assert sum(it["new_members"] for it in activity["periods"]) == len(members), activity


@pytest.fixture(scope="module")
def sender(stack, guerdon, shop):
    """A shop that signs what it sends, by Standard Webhooks."""
    secret = base64.b64encode(bytes(range(24))).decode()
    made = guerdon("connections", "create", "shop", "hooks", "--shop", "standard-webhooks",
                   "--enrols", "--emails-verified", "--secret", secret, "--stack", stack.name)
    assert made.returncode == 0, made.stderr
    api = Api(stack, stack.resources()["ServicesApi"], None)

    def send(kind, data, key=secret):
        # As it will be sent, byte for byte.
        body = json.dumps({"type": kind, "data": data})
        at, name = str(int(time.time())), f"msg_{time.time_ns()}"
        tag = hmac.new(base64.b64decode(key), f"{name}.{at}.{body}".encode(), hashlib.sha256)
        return api.post("/webhooks/hooks", json.loads(body), webhook_id=name, webhook_timestamp=at,
                        webhook_signature="v1," + base64.b64encode(tag.digest()).decode())

    return send


def outcomes(told):
    return [it["outcome"] for it in told["results"]]


def test_a_guest_is_heard_of_by_webhook_and_joins(aws, shop, sender):
    bought = {"id": "S-1", "version": 1, "customer": {"email": "hal@example.org"},
              "lines": [{"id": "1", "product": "mug", "unit_price": {"amount": 4000, "currency": "GBP"}}]}
    assert sender("order.paid", bought, key="AAAA")[0] == 401
    status, told = sender("order.paid", bought)
    assert status == 200 and outcomes(told) == ["recorded"], told
    enroll(shop, "hal", identities={"email": "hal@example.org"}, email_verified=True)
    until(lambda: balance(shop, "hal")["available"] == 40, what="the guest's order")
    # A later version while rows are not taken goes through the queue.
    bought["version"] = 2
    bought["lines"][0]["unit_price"]["amount"] = 5000
    aws.recorder.throttled.add("guerdon-accrue")
    status, told = sender("order.updated", bought)
    aws.recorder.throttled.clear()
    assert status == 202 and outcomes(told) == ["queued"], told
    until(lambda: balance(shop, "hal")["available"] == 50, what="the later version")


def test_a_subscriber_who_is_down_waits_and_one_who_has_no_consent_hears_nothing(
        aws, stack, shop, guerdon):
    at = ("--stack", stack.name, "--json")
    made = guerdon("subscribers", "create", "shop", "--id", "crm", "--url", "https://crm.invalid/events",
                   "--event", "member.*", "--consent", "marketing", *at)
    assert made.returncode == 0, made.stderr
    # Who listens is believed for half a minute.
    time.sleep(31)
    enroll(shop, "ivy", consents=[{"purpose": "marketing", "granted": True}])
    enroll(shop, "jo")

    def attempts():
        said = guerdon("subscribers", "log", "shop", "crm", *at)
        assert said.returncode == 0, said.stderr
        return json.loads(said.stdout)["attempts"]

    tried = until(attempts, what="an attempt")
    assert tried[0]["outcome"] == "waiting", tried
    hides = ("sqs:ChangeMessageVisibility", "guerdon-deliveries")
    until(lambda: hides in aws.recorder.seen["guerdon-relay-deliveries"], what="the wait")
    assert len({it["event"] for it in attempts()}) == 1, "of who agreed only"
    gone = guerdon("subscribers", "disable", "shop", "crm", *at)
    assert gone.returncode == 0, gone.stderr


def test_what_cannot_be_delivered_goes_to_the_dead_letters(stack):
    stack.client("sqs").send_message(QueueUrl=stack.queue_url("deliveries"), MessageBody="no event")
    dead = until(lambda: letters(stack, "deliveries-dead"), what="the dead letter")
    assert [it["Body"] for it in dead] == ["no event"]


def test_members_call_with_a_token_and_see_only_what_is_theirs(stack, shop, people):
    sub, token = people("gil")
    enroll(shop, sub)
    assert shop.post(f"{BASE}/orders", order(sub, "G-1", 60))[0] == 201
    api = stack.resources()["MembersApi"]
    member = Api(stack, api, token)
    status, own = member.get(f"{BASE}/members/{sub}/balance")
    assert status == 200 and own["available"] == 60, own
    assert member.get(f"{BASE}/members/ada/balance")[0] == 404
    assert member.post(f"{BASE}/members/{sub}/redemptions", {"reward": "mug"})[0] == 201
    assert member.get(f"{BASE}/members/{sub}/balance")[1]["available"] == 30
    assert member.post(f"{BASE}/orders", order(sub, "G-2", 60))[0] == 404, "no such route"
    for wrong in (None, "nonsense", shop.token):
        assert Api(stack, api, wrong).get(f"{BASE}/members/{sub}/balance")[0] == 401
    # A token is no key.
    services = Api(stack, stack.resources()["ServicesApi"], token)
    assert services.get(f"{BASE}/members/{sub}/balance")[0] == 401
