//! Activities: accepted at once, recorded soon after, each once.

use std::sync::Arc;

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use domain::time::Day;
use edge::{App, Clock, Queued, Rejection, Settings};
use reqwest::Method;
use serde_json::{Value, json};

use crate::shop::{TestShop, at, gbp, send};

fn log_in(id: &str, member: &str) -> Value {
    json!({ "id": id, "member": member, "kind": "log_in" })
}

fn review(id: &str, member: &str, product: &str) -> Value {
    json!({ "id": id, "member": member, "kind": "review", "subject": product })
}

/// The rejections of the day on which every test begins; of `None` those without program.
async fn rejections(shop: &TestShop, program: Option<&str>) -> Vec<Rejection> {
    let program = program.map(|program| program.parse().expect("a slug"));
    let day = Day::from_date("2026-06-01".parse().expect("a date"));
    Rejection::all(shop.stack.app.tables(), program.as_ref(), day).await.expect("rejections")
}

fn codes(rejections: &[Rejection]) -> Vec<&str> {
    rejections.iter().map(|rejection| rejection.code.as_str()).collect()
}

/// Messages as the queue hands them over.
fn event(bodies: &[&str]) -> SqsEvent {
    let mut event = SqsEvent::default();
    for (number, body) in bodies.iter().enumerate() {
        let mut message = SqsMessage::default();
        message.message_id = Some(format!("message-{number}"));
        message.body = Some((*body).to_owned());
        event.records.push(message);
    }
    event
}

async fn balance(shop: &TestShop, member: &str) -> i64 {
    shop.get(&format!("members/{member}/balance")).await.number("/balance")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_activity_is_accepted_recorded_and_explained_and_counts_once() {
    let shop = TestShop::open_club().await;
    shop.enroll("ada").await;
    let done = review("r-1", "ada", "kettle");
    let accepted = shop.post("activities", done.clone()).await;
    let expected = json!({ "accepted": [
        { "id": "r-1", "member": "ada", "key": "activity:shop:r-1" },
    ] });
    assert_eq!((accepted.status, &accepted.body), (202, &expected));
    shop.drain().await;
    let row = shop.get("members/ada/history/2").await;
    assert_eq!((row.body["kind"].as_str(), row.number("/moved/earned")), (Some("activity"), 25));
    let rules = row.body["explanation"]["order"]["rules"].as_array().expect("rules").clone();
    let of_review = rules.iter().find(|rule| rule["rule"] == "review").expect("the rule");
    assert_eq!(of_review["points"], 25, "{row:?}");

    assert_eq!(shop.post("activities", done).await.status, 202, "again, and once all the same");
    shop.post("activities", review("r-2", "ada", "kettle")).await;
    shop.post("activities", review("r-3", "ada", "grinder")).await;
    shop.drain().await;
    assert_eq!(balance(&shop, "ada").await, 50, "once for each product");
    let history = shop.get("members/ada/history").await;
    assert_eq!(history.number("/history/0/sequence"), 4);
    let said = history.body.to_string();
    assert_eq!(said.matches("activity:shop:r-").count(), 3, "{said}");
    assert_eq!(rejections(&shop, Some("club")).await, []);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_that_points_wait_for_comes_as_a_later_version() {
    let shop = TestShop::open_club().await;
    shop.enroll("ada").await;
    let visit = |version: u64, status: &str, withdrawn: bool| {
        json!({ "id": "v", "member": "ada", "kind": "visit", "version": version,
                "status": status, "withdrawn": withdrawn })
    };
    let seen = |pointer: &'static str| {
        let shop = &shop;
        async move { shop.get("members/ada/balance").await.number(pointer) }
    };
    shop.post("activities", visit(1, "booked", false)).await;
    shop.drain().await;
    assert_eq!((seen("/available").await, seen("/pending").await), (0, 5));
    shop.post("activities", visit(2, "verified", false)).await;
    shop.drain().await;
    assert_eq!((seen("/available").await, seen("/pending").await), (5, 0));
    shop.post("activities", visit(3, "verified", true)).await;
    shop.drain().await;
    assert_eq!((seen("/available").await, seen("/pending").await), (0, 0), "it was withdrawn");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_activities_come_at_once_and_not_one_more() {
    let shop = TestShop::open_club().await;
    let members = ["ada", "bo", "cy"];
    for member in members {
        shop.enroll(member).await;
    }
    let list = |count: usize| -> Value {
        (0..count).map(|n| log_in(&format!("l-{n}"), members[n % 3])).collect()
    };
    let too_many = shop.post("activities", list(101)).await;
    assert_eq!((too_many.status, too_many.code()), (422, "ACTIVITIES"), "{too_many:?}");
    assert_eq!(shop.post("activities", json!([])).await.code(), "ACTIVITIES");
    let accepted = shop.post("activities", list(100)).await;
    assert_eq!(accepted.status, 202, "{accepted:?}");
    assert_eq!(accepted.body["accepted"].as_array().map(Vec::len), Some(100));
    assert_eq!(accepted.body["accepted"][99]["id"], "l-99");
    shop.drain().await;
    let balances = [balance(&shop, "ada").await, balance(&shop, "bo").await];
    assert_eq!((balances, balance(&shop, "cy").await), ([34, 33], 33));
    let report = local::verify::prove(&shop.stack).await.expect("a readable ledger");
    assert_eq!(report.problems, []);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_activity_of_many_is_named_and_none_is_queued() {
    let shop = TestShop::open_club().await;
    shop.enroll("ada").await;
    let with = |name: &str, value: Value| {
        let mut activity = log_in("x", "ada");
        activity[name] = value;
        activity
    };
    let run = |quantity: Value| json!({ "id": "x", "member": "ada", "kind": "run", "quantity": quantity });
    let cases: Vec<(Value, u16, &str, &str)> = vec![
        (with("id", json!("")), 400, "ID", "id"),
        (with("id", json!("a\u{0}b")), 400, "ID", "id"),
        (with("member", json!("x".repeat(257))), 400, "ID", "member"),
        (with("kind", json!("Log in")), 422, "ACTIVITY_KIND", "kind"),
        (with("kind", json!("order")), 422, "ACTIVITY_KIND", "kind"),
        (with("subject", json!("")), 422, "TEXT", "subject"),
        (with("channel", json!("x".repeat(300))), 422, "TEXT", "channel"),
        (with("status", json!("a\nb")), 422, "TEXT", "status"),
        (with("unit", json!("")), 400, "ID", "unit"),
        (with("amount", json!({ "amount": -1, "currency": "GBP" })), 422, "AMOUNT", "amount"),
        (
            with("amount", json!({ "amount": 1, "currency": "£" })),
            422,
            "CURRENCY",
            "amount.currency",
        ),
        (
            with("amount", json!({ "amount": 1, "currency": "USD" })),
            422,
            "CURRENCY",
            "amount.currency",
        ),
        (
            with("amount", json!({ "amount": 1.5, "currency": "GBP" })),
            400,
            "FIELD",
            "amount.amount",
        ),
        (with("done_at", json!("2026-06-02T09:00:01Z")), 422, "IN_THE_FUTURE", "done_at"),
        (with("done_at", json!("yesterday")), 400, "FIELD", "done_at"),
        (with("synced_at", json!(5)), 400, "FIELD", "synced_at"),
        (with("version", json!(-1)), 400, "FIELD", "version"),
        (with("withdrawn", json!("yes")), 400, "FIELD", "withdrawn"),
        (with("withdrawn", json!(true)), 422, "VERSION", "version"),
        (with("colour", json!("red")), 400, "FIELD", "colour"),
        (run(json!(0)), 422, "QUANTITY", "quantity"),
        (run(json!(1.0001)), 422, "QUANTITY", "quantity"),
        (run(json!("1,5")), 422, "QUANTITY", "quantity"),
        (run(json!(1_000_001)), 422, "QUANTITY", "quantity"),
        (run(json!([1])), 400, "FIELD", "quantity"),
    ];
    for (activity, status, code, path) in cases {
        let alone = shop.post("activities", activity.clone()).await;
        assert_eq!((alone.status, alone.code()), (status, code), "{activity}: {alone:?}");
        assert_eq!(alone.body["path"], path, "{alone:?}");
        let list = json!([log_in("a", "ada"), activity, log_in("b", "ada")]);
        let answer = shop.post("activities", list).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{activity}: {answer:?}");
        assert_eq!(answer.body["path"], format!("[1].{path}"), "{answer:?}");
        assert!(answer.body["detail"].as_str().is_some_and(|it| it.contains("[1]")), "{answer:?}");
    }
    for (body, code) in [(json!("x"), "FIELD"), (json!(5), "FIELD"), (json!([5]), "FIELD")] {
        assert_eq!(shop.post("activities", body).await.code(), code);
    }
    let twice = json!([log_in("a", "ada"), review("a", "ada", "kettle")]);
    let twice = shop.post("activities", twice).await;
    assert_eq!((twice.status, twice.code()), (409, "KEY_REUSED"), "{twice:?}");
    assert_eq!(twice.body["path"], "[1]");
    shop.drain().await;
    assert_eq!(shop.get("members/ada/balance").await.number("/sequence"), 1, "none is queued");
    assert_eq!(rejections(&shop, Some("club")).await, []);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_05_copies_in_any_order_count_once() {
    let shop = TestShop::open_club().await;
    shop.enroll("ada").await;
    shop.enroll("bo").await;
    let app = &shop.stack.app;
    let message = |id: &str, member: &str| {
        let fact =
            json!({ "kind": "activity", "id": id, "activity": "log_in", "withdrawn": false });
        let message = json!({ "v": 1, "program": "club", "member": member, "source": "shop",
                              "has_key_times": true, "actor": "local:shop",
                              "accepted_at": app.clock().now(), "fact": fact });
        let message = message.to_string();
        Queued::read(&message).expect("the shape of a message");
        message
    };
    let mut messages: Vec<String> = Vec::new();
    for copy in 0..3 {
        let mut some: Vec<String> =
            (0..8).map(|n| message(&format!("l-{n}"), ["ada", "bo"][n % 2])).collect();
        some.rotate_left(copy * 3);
        messages.extend(some);
    }
    app.credits_queue().send(&messages).await.expect("a queue");
    // Two workers with the same messages at once, beside the queue's own.
    let bodies: Vec<&str> = messages.iter().map(String::as_str).collect();
    let (here, there) = tokio::join!(
        accrue::credit_batch(app, event(&bodies)),
        accrue::credit_batch(app, event(&bodies))
    );
    assert!(here.batch_item_failures.is_empty() && there.batch_item_failures.is_empty());
    shop.drain().await;
    shop.post("activities", log_in("l-0", "ada")).await;
    shop.drain().await;
    for member in ["ada", "bo"] {
        let seen = shop.get(&format!("members/{member}/balance")).await;
        assert_eq!((seen.number("/balance"), seen.number("/sequence")), (4, 5), "{member}");
    }
    assert_eq!(rejections(&shop, Some("club")).await, []);
    let report = local::verify::prove(&shop.stack).await.expect("a readable ledger");
    assert_eq!(report.problems, []);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_rules_do_not_allow_is_kept_as_a_rejection() {
    let shop = TestShop::open_club().await;
    shop.enroll("ada").await;
    assert_eq!(shop.post("activities", log_in("l", "ghost")).await.status, 202);
    shop.drain().await;
    let rejected = rejections(&shop, Some("club")).await;
    assert_eq!(codes(&rejected), ["MEMBER_UNKNOWN"]);
    assert_eq!(rejected[0].member.as_ref().map(|it| it.as_str()), Some("ghost"));
    assert_eq!(rejected[0].key.as_deref(), Some("activity:shop:l"));
    assert!(!rejected[0].message.is_empty());
    // Nothing was recorded, so the same activity counts when the member is one.
    shop.enroll("ghost").await;
    shop.post("activities", log_in("l", "ghost")).await;
    shop.drain().await;
    assert_eq!(balance(&shop, "ghost").await, 1);

    shop.post("activities", review("l", "ghost", "kettle")).await;
    shop.drain().await;
    let mut rejected = rejections(&shop, Some("club")).await;
    rejected.sort_by(|a, b| a.code.cmp(&b.code));
    assert_eq!(codes(&rejected), ["KEY_REUSED", "MEMBER_UNKNOWN"]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rejections_are_read_page_by_page() {
    let shop = TestShop::open_club().await;
    for n in 0..5 {
        assert_eq!(shop.post("activities", log_in(&format!("l-{n}"), "ghost")).await.status, 202);
    }
    shop.drain().await;
    let (mut keys, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = shop.get(&format!("rejections?day=2026-06-01&limit=2{cursor}")).await;
        assert_eq!((page.status, page.body["day"].as_str()), (200, Some("2026-06-01")), "{page:?}");
        for rejected in page.body["rejections"].as_array().expect("rejections") {
            assert_eq!(
                (&rejected["code"], &rejected["member"]),
                (&json!("MEMBER_UNKNOWN"), &json!("ghost"))
            );
            assert_eq!(rejected["rejected_at"], "2026-06-01T09:00:00Z");
            keys.push(rejected["key"].as_str().expect("a key").to_owned());
        }
        pages += 1;
        let Some(next) = page.body["cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    keys.sort();
    let expected: Vec<String> = (0..5).map(|n| format!("activity:shop:l-{n}")).collect();
    assert_eq!((keys, pages), (expected, 3));
    let today = shop.get("rejections").await;
    assert_eq!(today.body["rejections"].as_array().map(Vec::len), Some(5), "{today:?}");
    let before = shop.get("rejections?day=2026-05-31").await;
    assert_eq!((before.status, &before.body["rejections"]), (200, &json!([])));
    assert_eq!(shop.get("rejections?day=today").await.code(), "DAY");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_06_poison_is_rejected_without_the_others_and_what_is_newer_comes_back() {
    let shop = TestShop::open_club().await;
    shop.enroll("ada").await;
    let now = shop.stack.app.clock().now();
    let good = |id: &str| {
        json!({ "v": 1, "program": "club", "member": "ada", "source": "shop",
                "has_key_times": false, "actor": "a", "accepted_at": now,
                "fact": { "kind": "activity", "id": id, "activity": "log_in", "withdrawn": false } })
    };
    let mut dance = good("a");
    dance["fact"]["kind"] = "dance".into();
    let mut newer = good("b");
    newer["v"] = 3.into();
    let mut word = good("c");
    word["fact"]["activity"] = "Log in".into();
    let texts = [good("d"), dance, newer, word, good("e")].map(|message| message.to_string());
    let mut bodies: Vec<&str> = texts.iter().map(String::as_str).collect();
    bodies.push("ada@example.org");
    let response = accrue::credit_batch(&shop.stack.app, event(&bodies)).await;
    let failed: Vec<&str> =
        response.batch_item_failures.iter().map(|it| it.item_identifier.as_str()).collect();
    assert_eq!(failed, ["message-2"], "a newer message is for newer code");
    assert_eq!(balance(&shop, "ada").await, 2, "the good ones are recorded");
    assert_eq!(codes(&rejections(&shop, Some("club")).await), ["ACTIVITY_KIND"]);
    let nameless = rejections(&shop, None).await;
    assert_eq!(codes(&nameless), ["UNREADABLE", "UNREADABLE"]);
    let kept = serde_json::to_string(&nameless).expect("JSON");
    assert!(!kept.contains("example") && !kept.contains("dance"), "{kept}");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_09_what_cannot_be_recorded_for_now_goes_back_to_the_queue() {
    let shop = TestShop::open_club().await;
    let nowhere = aws_sdk_dynamodb::Config::builder()
        .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
        .region(aws_sdk_dynamodb::config::Region::new("us-east-1"))
        .credentials_provider(aws_sdk_dynamodb::config::Credentials::new("a", "b", None, None, "-"))
        .retry_config(aws_sdk_dynamodb::config::retry::RetryConfig::disabled())
        .endpoint_url("http://127.0.0.1:9")
        .build();
    let nowhere = aws_sdk_dynamodb::Client::from_conf(nowhere);
    let clock = Clock::settable(at(crate::shop::START));
    let app = App::new(&shop.stack.settings, nowhere, shop.stack.clients.sqs.clone(), clock);
    let good = json!({ "v": 1, "program": "club", "member": "ada", "source": "shop",
                       "has_key_times": false, "actor": "a",
                       "fact": { "kind": "activity", "id": "a", "activity": "log_in",
                                 "withdrawn": false } });
    let response = accrue::credit_batch(&app, event(&[&good.to_string(), "{}"])).await;
    assert_eq!(response.batch_item_failures.len(), 2, "not even a rejection could be kept");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_queued_is_said_of_each() {
    let shop = TestShop::open_club().await;
    shop.enroll("ada").await;
    let gone = format!("{}-that-is-not-there", shop.stack.settings.credits_queue);
    let settings = Settings { credits_queue: gone, ..shop.stack.settings.clone() };
    let clients = &shop.stack.clients;
    let app = App::new(
        &settings,
        clients.dynamodb.clone(),
        clients.sqs.clone(),
        shop.stack.app.clock().clone(),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let service = edge::serve(accrue::routes(app));
    let serving = tokio::spawn(async move { axum::serve(listener, service).await });
    let list = json!([log_in("a", "ada"), log_in("b", "ada")]);
    let request = shop.request(Method::POST, "").build().expect("a request");
    let key = request.headers()["authorization"].clone();
    let post = reqwest::Client::new().post(format!("{url}/v1/club/activities"));
    let answer = send(post.header("authorization", key).json(&list)).await;
    assert_eq!((answer.status, answer.code()), (503, "NOT_QUEUED"), "{answer:?}");
    let items = json!([{ "id": "a", "queued": false }, { "id": "b", "queued": false }]);
    assert_eq!(answer.body["items"], items);
    serving.abort();
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_activities_would_do_and_queues_nothing() {
    let shop = TestShop::open_club().await;
    shop.enroll("ada").await;
    let one = shop.post("activities?dry_run=true", review("r", "ada", "kettle")).await;
    assert_eq!((one.status, one.number("/moved/earned")), (200, 25), "{one:?}");
    assert_eq!(one.body["dry_run"], true);
    let list = json!([review("r", "ada", "kettle"), log_in("l", "ada")]);
    let each = shop.post("activities?dry_run=true", list).await;
    let earned = [each.number("/0/moved/earned"), each.number("/1/moved/earned")];
    assert_eq!((each.status, earned), (200, [25, 1]), "{each:?}");
    let unknown = json!([log_in("l", "ada"), log_in("m", "ghost")]);
    let unknown = shop.post("activities?dry_run=true", unknown).await;
    assert_eq!((unknown.status, unknown.code()), (404, "MEMBER_UNKNOWN"), "{unknown:?}");
    assert_eq!(unknown.body["path"], "[1]");
    shop.drain().await;
    assert_eq!(shop.get("members/ada/balance").await.number("/sequence"), 1);
    let amount = json!({ "id": "c", "member": "ada", "kind": "card_load", "amount": gbp(5_000) });
    let paid = shop.post("activities?dry_run=true", amount).await;
    assert_eq!((paid.status, paid.number("/balance/balance")), (200, 0), "{paid:?}");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_that_a_queue_would_refuse_go_through_it() {
    let shop = TestShop::open_club().await;
    let members = ["m\u{ffff}", "مريم", "🦀 \"quoted\\\""];
    for member in members {
        assert_eq!(shop.post("members", json!({ "id": member })).await.status, 201);
        assert_eq!(shop.post("activities", log_in("l", member)).await.status, 202, "{member}");
    }
    shop.drain().await;
    let app = Arc::new(shop.stack.app.clone());
    for member in members {
        let chain = domain::row::Chain {
            program: "club".parse().expect("a slug"),
            member: member.parse().expect("an id"),
        };
        let head = app.head(&chain, None).await.expect("a chain").row;
        assert_eq!((head.sequence, head.account.purse(0).balance()), (2, 1), "{member}");
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_activities_take_and_answer_is_described() {
    let shop = TestShop::open_club().await;
    let document = send(shop.as_nobody(Method::GET, "/openapi.json")).await.body;
    let described = &document["paths"]["/v1/{program}/activities"]["post"];
    let responses = described["responses"].as_object().expect("responses");
    let statuses: Vec<&String> = responses.keys().collect();
    assert_eq!(statuses, ["200", "202", "default"], "{described}");
    let body = described.pointer("/requestBody/content/application~1json/schema/$ref");
    assert_eq!(body, Some(&json!("#/components/schemas/NewActivities")), "{described}");
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["NewActivities"]["anyOf"][1]["maxItems"], 100);
    assert_eq!(schemas["NewActivity"]["additionalProperties"], false);
    assert_eq!(schemas["Quantity"]["anyOf"][0]["type"], "number");
    for (path, id) in [
        ("members/{member}/labels", "labelMember"),
        ("members/{member}/tier", "grantTier"),
        ("members/{member}/challenges", "takeUpChallenge"),
        ("members/{member}/redemptions/{sequence}/undo", "undoRedemption"),
    ] {
        let described = &document["paths"][format!("/v1/{{program}}/{path}")]["post"];
        assert_eq!(described["operationId"], id, "{path}");
    }
    for path in ["birthday", "consents"] {
        let path = format!("/v1/{{program}}/members/{{member}}/{path}");
        let responses = document["paths"][&path]["put"]["responses"].as_object();
        let statuses: Vec<&String> = responses.expect("responses").keys().collect();
        assert_eq!(statuses, ["204", "default"], "{path}");
    }
    // What has an id of its own is known by that.
    for (path, takes_key) in
        [("orders", false), ("refunds", false), ("activities", false), ("adjustments", true)]
    {
        let described = &document["paths"][format!("/v1/{{program}}/{path}")]["post"];
        let named = described["parameters"].as_array().into_iter().flatten();
        let takes = named.filter(|parameter| parameter["name"] == "Idempotency-Key").count();
        assert_eq!(takes, usize::from(takes_key), "{path}");
    }
    shop.close().await;
}
