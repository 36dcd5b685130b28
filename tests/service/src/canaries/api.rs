//! Canaries through our own API, and in messages that nobody here wrote.

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use edge::Rejection;
use local::{
    queue::{self, Name},
    token,
};
use reqwest::Method;
use serde_json::{Value, json};
use store::item::Table;

use super::{CARD, EMAIL, NAME, PHONE, Watched, check_items, check_none, items, messages};
use crate::shop::{Answer, TestShop, gbp, order, send};

/// What a request that cannot be done holds: its path, its body, its answer's code.
type Refused = (&'static str, Value, &'static str);

/// Requests of which nothing is recorded, with canaries where somebody might put them.
fn refused() -> Vec<Refused> {
    let person = json!({ "name": NAME, "email": EMAIL, "phone": PHONE, "card": CARD });
    let with = |mut body: Value, name: &str| {
        body[name] = person.clone();
        body
    };
    let activity = json!({ "id": "x", "member": "ada", "kind": "log_in" });
    let adjusted = json!({ "member": "ada", "points": 1, "reason": NAME.repeat(20) });
    vec![
        ("members", json!({ "id": "eve", "identities": { "email": EMAIL } }), "TAKEN"),
        ("members", with(json!({ "id": "eve" }), "name"), "FIELD"),
        ("members", json!({ "id": [EMAIL, PHONE] }), "FIELD"),
        ("members", json!({ "id": format!("{EMAIL}\n{PHONE}") }), "ID"),
        ("members", json!({ "id": "eve", "birthday": NAME }), "BIRTHDAY"),
        ("orders", with(order("x", "ada", 1), "customer"), "FIELD"),
        ("orders", order(EMAIL, NAME, 1), "MEMBER_UNKNOWN"),
        ("orders", order(&CARD.repeat(20), NAME, 1), "ID"),
        ("orders", json!({ "id": "x", "member": "ada", "lines": EMAIL }), "FIELD"),
        ("orders", json!({ "id": "x", "member": "ada", "placed_at": PHONE, "lines": [] }), "FIELD"),
        (
            "orders",
            json!({ "id": "x", "member": "ada",
                    "lines": [{ "unit_price": { "amount": 1, "currency": NAME } }] }),
            "CURRENCY",
        ),
        ("refunds", with(json!({ "id": "x", "order": "A", "member": "ada" }), "to"), "FIELD"),
        (
            "refunds",
            json!({ "id": NAME, "order": EMAIL, "member": PHONE, "everything": true }),
            "MEMBER_UNKNOWN",
        ),
        ("activities", with(activity.clone(), "profile"), "FIELD"),
        (
            "activities",
            json!([activity, { "id": EMAIL, "member": "ada", "kind": NAME }]),
            "ACTIVITY_KIND",
        ),
        (
            "activities",
            json!({ "id": "x", "member": "ada", "kind": "run", "quantity": EMAIL }),
            "QUANTITY",
        ),
        (
            "quotes",
            json!({ "member": EMAIL, "lines": [{ "unit_price": gbp(1) }] }),
            "MEMBER_UNKNOWN",
        ),
        ("adjustments", adjusted, "TEXT"),
        ("adjustments", json!({ "member": EMAIL, "points": 1, "reason": NAME }), "MEMBER_UNKNOWN"),
        ("members/ada/tier", json!({ "tier": NAME, "reason": EMAIL }), "TIER_UNKNOWN"),
        ("members/ada/challenges", json!({ "challenge": EMAIL }), "CHALLENGE_UNKNOWN"),
        ("members/ada/redemptions", json!({ "reward": NAME }), "REWARD_UNKNOWN"),
        ("members/ada/redemptions", json!({ "reward": "x", "delivery": person }), "FIELD"),
        ("members/ada/redemptions/9/capture", json!({ "points": EMAIL }), "FIELD"),
        ("members/Adalbert%20Canarypants/redemptions", json!({ "reward": "x" }), "MEMBER_UNKNOWN"),
        (
            "members/canary.ada@personal.example/tier",
            json!({ "tier": "gold", "reason": NAME }),
            "MEMBER_UNKNOWN",
        ),
        ("orders?email=canary.ada@personal.example", order("x", "ada", 1), "QUERY"),
        ("Adalbert%20Canarypants", json!({ "card": CARD }), "PATH_UNKNOWN"),
    ]
}

/// Sends everything that can be sent, and returns how many requests that were.
async fn send_canaries(shop: &TestShop) -> usize {
    let person = json!({
        "id": "ada",
        "identities": { "email": EMAIL, "phone": PHONE, "card": CARD },
        "consents": [{ "purpose": "marketing", "granted": true }],
        "birthday": "02-29",
    });
    let mut sent = 0;
    let mut expect = |answer: Answer, status: u16| {
        assert_eq!(answer.status, status, "{answer:?}");
        sent += 1;
    };
    expect(shop.post("members", person).await, 201);
    // What a line is called, how it was paid and where it went are for rules to ask.
    let mut told = order("A", "ada", 90_000);
    told["channel"] = NAME.into();
    told["store"] = EMAIL.into();
    told["lines"][0]["product"] = format!("a mug for {NAME}").into();
    told["lines"][0]["category"] = EMAIL.into();
    told["lines"][0]["brand"] = PHONE.into();
    told["tenders"] = json!([{ "kind": CARD, "amount": gbp(1) }]);
    expect(shop.post("orders", told.clone()).await, 201);
    told["id"] = "B".into();
    expect(shop.post("orders?dry_run=true", told).await, 200);
    let back = json!({ "id": "R", "order": "A", "member": "ada", "amount": gbp(100) });
    expect(shop.post("refunds", back).await, 201);
    let review = json!({ "id": "r", "member": "ada", "kind": "review", "subject": "kettle" });
    expect(shop.post("activities", review).await, 202);

    // An issuer's token says more than it is asked for.
    let mut claims = shop.claims("ada");
    claims["email"] = EMAIL.into();
    claims["name"] = NAME.into();
    claims["phone_number"] = PHONE.into();
    let tokens =
        [token::issue(&claims).expect("a token"), EMAIL.to_owned(), CARD.replace(' ', ".")];
    for (bearer, status) in tokens.iter().zip([201, 401, 401]) {
        let path = shop.path("members/ada/redemptions");
        let spend = shop.as_caller(bearer, Method::POST, &path);
        let spend = spend.header("x-request-id", EMAIL).json(&json!({ "reward": "mug" }));
        expect(send(spend).await, status);
    }
    for (path, body, code) in refused() {
        let request = shop.request(Method::POST, &shop.path(path)).json(&body);
        let request = request.header("x-request-id", EMAIL).header("user-agent", NAME);
        let answer = send(request.header("idempotency-key", EMAIL)).await;
        assert_eq!(answer.code(), code, "{path} {body}: {answer:?}");
        let status = answer.status;
        expect(answer, status);
    }
    for path in [
        "members/canary.ada@personal.example",
        "members/Adalbert%20Canarypants/balance",
        "members/ada/balance?at=canary.ada@personal.example",
        "members/ada/history?cursor=Canarypants",
        "members/ada/history/Canarypants",
        "members/ada/statement?from=4929123456789012",
        "reports/liability?at=Canarypants",
        "reports/leaderboard?challenge=Canarypants",
    ] {
        let answer = shop.get(path).await;
        assert!([400, 404].contains(&answer.status), "{path}: {answer:?}");
        let status = answer.status;
        expect(answer, status);
    }
    for body in [format!("{{\"email\":\"{EMAIL}\""), format!("{NAME},{CARD}"), EMAIL.repeat(12_000)]
    {
        let request = shop.request(Method::POST, &shop.path("orders")).body(body);
        let answer = send(request).await;
        assert!([400, 413].contains(&answer.status), "{answer:?}");
        let status = answer.status;
        expect(answer, status);
    }
    sent
}

/// Messages that nobody here wrote.
fn poison(shop: &TestShop) -> SqsEvent {
    let now = shop.stack.app.clock().now();
    let message = |version: u32, fact: Value| {
        json!({ "v": version, "program": "club", "member": "ada", "source": "shop",
                "has_key_times": false, "actor": NAME, "accepted_at": now, "fact": fact })
    };
    let named = json!({ "kind": "activity", "id": "p", "activity": NAME, "withdrawn": false });
    let more = json!({ "kind": "activity", "id": "p", "activity": "log_in", "email": EMAIL });
    let bodies = [
        EMAIL.to_owned(),
        json!({ "v": 1, "email": EMAIL, "phone": PHONE }).to_string(),
        message(1, named).to_string(),
        message(1, more.clone()).to_string(),
        message(9, more).to_string(),
    ];
    let mut event = SqsEvent::default();
    for (number, body) in bodies.into_iter().enumerate() {
        let mut message = SqsMessage::default();
        message.message_id = Some(format!("message-{number}"));
        message.body = Some(body);
        event.records.push(message);
    }
    event
}

#[tokio::test]
async fn failure_27_personal_data_is_in_no_log_no_row_no_message_and_no_file() {
    let watched = Watched::new("api");
    let shop = TestShop::open_club_in(watched.data()).await;
    let settings = shop.stack.settings.clone();

    let still = shop.stack.pollers.pause().await;
    let sent = send_canaries(&shop).await;
    let queued = messages(&shop, &settings.credits_queue).await;
    assert_eq!(queued.len(), 1, "the one activity that was accepted");
    queued.iter().for_each(|body| check_none("a message", body.as_bytes()));
    drop(still);
    shop.drain().await;
    for name in ["credits-dead", "settle-dead"] {
        let url = Box::pin(shop.stack.clients.sqs.get_queue_url().queue_name(name).send()).await;
        let url = url.expect("a queue").queue_url.expect("its address");
        let dead = messages(&shop, &url).await;
        dead.iter().for_each(|body| check_none(name, body.as_bytes()));
    }
    // Enrolled, an order and a refund, the activity, and what was spent.
    assert_eq!(watched.check_kept(&shop).await, 5);

    let failed = accrue::credit_batch(&shop.stack.app, poison(&shop)).await.batch_item_failures;
    let failed: Vec<&str> = failed.iter().map(|it| it.item_identifier.as_str()).collect();
    assert_eq!(failed, ["message-4"], "only a newer message comes back");
    let day = domain::time::Day::from_date("2026-06-01".parse().expect("a date"));
    let club = "club".parse().expect("a slug");
    for (program, expected) in [(Some(&club), 1), (None, 3)] {
        let all = Rejection::all(shop.stack.app.tables(), program, day).await.expect("rejections");
        assert_eq!(all.len(), expected, "{all:?}");
    }
    check_items(&items(&shop, Table::Registry).await);
    // A dead letter that somebody else wrote is shown without what is in it.
    let dead = Box::pin(shop.stack.clients.sqs.get_queue_url().queue_name("credits-dead").send());
    let dead = dead.await.expect("a queue").queue_url.expect("its address");
    let letter = shop.stack.clients.sqs.send_message().queue_url(dead).message_body(EMAIL);
    Box::pin(letter.send()).await.expect("a queue");
    let shown = queue::redrive(&shop.stack, Name::Credits, true).await.expect("dead letters");
    assert_eq!(shown.letters.len(), 1);
    check_none("the dead letters shown", serde_json::to_string(&shown).expect("JSON").as_bytes());
    shop.close().await;

    // What is no token is turned away by the authorizer, before there is anything to log.
    let logged = watched.check_log(sent - 1);
    assert!(logged.contains("a message was rejected") && logged.contains("goes back to its queue"));
}
