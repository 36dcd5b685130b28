"""A shop's life on the deployed stack, from outside."""

import json
import time

from stack import Api, until

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


def letters(stack, queue):
    got = stack.client("sqs").receive_message(
        QueueUrl=stack.queue_url(queue), MaxNumberOfMessages=10, VisibilityTimeout=0)
    return got.get("Messages", [])


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
    assert len(rows(stack, "ada")) == 3, "joined, bought, refunded"


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
    assert balance(shop, "bea")["available"] == 25, "twice sent counts once"


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
    assert shop.post(f"{BASE}/orders", order("eve", "E-1", 40))[0] == 201
    status, held = shop.post(f"{BASE}/members/eve/redemptions", {"reward": "mug", "hold_minutes": 1})
    assert status == 201, held

    def settled():
        return [row for row in rows(stack, "eve") if row["kind"]["S"] == "settled"]

    assert not settled()
    row = until(settled, seconds=200, what="the schedule")[0]
    assert row["available"]["N"] == "40" and "held" not in row, row
    assert row["actor"]["S"] == "schedule"


def test_a_poison_message_goes_to_the_dead_letters_and_nothing_with_it(stack, shop):
    wind(stack, "credits", 1)
    told = {"id": "review-2", "member": "bea", "kind": "review"}
    url = stack.queue_url("credits")
    stack.client("sqs").send_message(QueueUrl=url, MessageBody='{"nobody": "reads this"}')
    assert shop.post(f"{BASE}/activities", told)[0] == 202
    until(lambda: balance(shop, "bea")["available"] == 50, what="the activity beside it")
    dead = until(lambda: letters(stack, "credits-dead"), what="the dead letter")
    wind(stack, "credits", 180)
    assert [it["Body"] for it in dead] == ['{"nobody": "reads this"}']


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
    def counted():
        status, report = shop.get(f"{BASE}/reports/liability")
        assert status == 200, report
        return "available" in json.dumps(report) and report

    report = until(counted, what="the report")
    # ada 25, bea 50, eve 40, fay 7; cy's came and went.
    assert until(lambda: (shop.get(f"{BASE}/reports/liability")[1].get("outstanding")), what="x"), report


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
