//! What a shop says of members by hand: labels and levels; and challenges taken up.

use reqwest::Method;
use serde_json::{Value, json};

use crate::shop::{TestShop, gbp, order, send};

#[tokio::test(flavor = "multi_thread")]
async fn labels_are_put_on_and_taken_away_and_rules_ask_for_them() {
    let shop = TestShop::open_club().await;
    shop.enroll("ada").await;
    let path = "members/ada/labels";
    let on = json!({ "with": ["store_card", "staff"] });
    let dry = shop.post(&format!("{path}?dry_run=true"), on.clone()).await;
    assert_eq!((dry.status, dry.body["kind"].as_str()), (200, Some("marked")), "{dry:?}");
    assert_eq!(shop.get("members/ada").await.body["labels"], json!([]));
    let marked = shop.post_as(path, "l-1", on.clone()).await;
    assert_eq!((marked.status, marked.number("/balance/balance")), (201, 0), "{marked:?}");
    assert!(marked.body["explanation"]["sentence"].is_string());
    let again = shop.post_as(path, "l-1", on).await;
    assert_eq!((again.status, again.number("/sequence")), (200, 2), "{again:?}");
    let other = shop.post_as(path, "l-1", json!({ "with": ["other"] })).await;
    assert_eq!((other.status, other.code()), (409, "KEY_REUSED"));
    let mut labels: Vec<String> =
        serde_json::from_value(shop.get("members/ada").await.body["labels"].clone())
            .expect("labels");
    labels.sort();
    assert_eq!(labels, ["staff", "store_card"]);

    assert_eq!(shop.post("orders", order("A", "ada", 500)).await.number("/moved/earned"), 15);
    let off = shop.post(path, json!({ "without": ["store_card"], "with": ["vip"] })).await;
    assert_eq!(off.status, 201, "{off:?}");
    assert_eq!(shop.post("orders", order("B", "ada", 500)).await.number("/moved/earned"), 5);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_level_is_given_for_a_time_and_reviewed_the_day_after_its_last() {
    let shop = TestShop::open_club().await;
    shop.enroll("ada").await;
    let path = "members/ada/tier";
    let gold = json!({ "tier": "gold", "until": "2026-06-30", "reason": "press" });
    let dry = shop.post(&format!("{path}?dry_run=true"), gold.clone()).await;
    assert_eq!((dry.status, dry.body["balance"]["tier"]["level"].as_str()), (200, Some("gold")));
    let granted = shop.post_as(path, "g-1", gold.clone()).await;
    assert_eq!((granted.status, granted.body["reason"].as_str()), (201, Some("press")));
    let tier = &granted.body["balance"]["tier"];
    assert_eq!((&tier["level"], &tier["ends_on"]), (&json!("gold"), &json!("2026-07-01")));
    let again = shop.post_as(path, "g-1", gold).await;
    assert_eq!((again.status, again.body["replayed"].as_bool()), (200, Some(true)));
    assert_eq!(shop.post("orders", order("A", "ada", 500)).await.number("/moved/earned"), 10);
    let level = |at: &'static str| {
        let shop = &shop;
        async move {
            let read = shop.get(&format!("members/ada/balance?at={at}")).await;
            read.body["tier"]["level"].as_str().unwrap_or("none").to_owned()
        }
    };
    assert_eq!(level("2026-06-30T22:59:59Z").await, "gold", "the last second of the last day");
    assert_eq!(level("2026-06-30T23:00:00Z").await, "member");
    let lasting = shop.post(path, json!({ "tier": "gold", "reason": "founder" })).await;
    assert_eq!(lasting.body["balance"]["tier"]["ends_on"], "2028-01-01", "{lasting:?}");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_is_taken_up_followed_and_won() {
    let shop = TestShop::open_club().await;
    shop.enroll("ada").await;
    let goal = |id: &'static str| {
        let shop = &shop;
        async move {
            let member = shop.get("members/ada").await.body;
            let goals = member["goals"].as_array().expect("goals").clone();
            goals.into_iter().find(|goal| goal["goal"] == id).expect("the goal")
        }
    };
    let run = |id: &str, quantity: Value| json!({ "id": id, "member": "ada", "kind": "run", "quantity": quantity, "unit": "km" });
    let ahead = goal("run-june").await;
    assert_eq!((&ahead["taken_up_at"], &ahead["joining"]), (&Value::Null, &json!("activated")));
    assert_eq!(ahead["ends_at"], "2026-06-30T23:00:00Z");
    shop.post("activities", run("before", json!(30))).await;
    shop.drain().await;
    shop.move_clock("2026-06-02T08:00:00Z");
    let path = "members/ada/challenges";
    let wish = json!({ "challenge": "run-june" });
    assert_eq!(shop.post(&format!("{path}?dry_run=true"), wish.clone()).await.status, 200);
    let taken = shop.post_as(path, "c-1", wish.clone()).await;
    assert_eq!((taken.status, taken.body["kind"].as_str()), (201, Some("taken_up")), "{taken:?}");
    assert_eq!(shop.post_as(path, "c-1", wish.clone()).await.status, 200);
    let twice = shop.post(path, wish).await;
    assert_eq!((twice.status, twice.code()), (409, "CHALLENGE_CLOSED"), "{twice:?}");

    shop.move_clock("2026-06-03T08:00:00Z");
    shop.post("activities", json!([run("r-1", json!(15.5)), run("r-2", json!("4.499"))])).await;
    shop.drain().await;
    let near = goal("run-june").await;
    let step = json!({ "step": "run", "counts": "quantity", "gathered": 19_999,
                       "needed": 20_000, "reached": false });
    assert_eq!((&near["steps"][0], &near["completed"]), (&step, &json!(0)), "{near}");
    assert_eq!(near["taken_up_at"], "2026-06-02T08:00:00Z");
    shop.post("activities", run("r-3", json!("0.001"))).await;
    shop.drain().await;
    let won = goal("run-june").await;
    assert_eq!((&won["completed"], &won["given"]), (&json!(1), &json!(200)), "{won}");
    let member = shop.get("members/ada").await.body;
    assert_eq!(member["badges"], json!([{ "goal": "run-june", "badge": "Runner", "times": 1 }]));
    assert_eq!(shop.get("members/ada/balance").await.number("/balance"), 200);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_month_gathers_is_shown_and_credited_when_it_is_over() {
    let shop = TestShop::open_club().await;
    shop.enroll("ada").await;
    shop.post("orders", order("A", "ada", 6_000)).await;
    shop.post("orders", order("B", "ada", 5_000)).await;
    shop.post("activities", json!({ "id": "l", "member": "ada", "kind": "log_in" })).await;
    shop.drain().await;
    let member = shop.get("members/ada").await.body;
    let goals = member["goals"].as_array().expect("goals").clone();
    let goal = |id: &str| goals.iter().find(|goal| goal["goal"] == id).expect("the goal").clone();
    let regular = goal("regular");
    assert_eq!((&regular["completed"], &regular["given"]), (&json!(1), &json!(30)), "{regular}");
    assert_eq!(regular["from"], "2026-05-31T23:00:00Z");
    let month = goal("big-month");
    assert_eq!((&month["kind"], &month["given"]), (&json!("bonus"), &json!(0)), "{month}");
    assert_eq!(month["credited_on"], "2026-07-02");
    assert_eq!(month["steps"][0]["gathered"], 11_000);
    assert_eq!(shop.get("members/ada/balance").await.number("/balance"), 110 + 30 + 1);
    let later = shop.get("members/ada/balance?at=2026-07-02T00:00:00%2B01:00").await;
    assert_eq!(later.number("/balance"), 110 + 30 + 1 + 55);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_bad_marking_has_its_own_reason() {
    let shop = TestShop::open_club().await;
    shop.enroll("ada").await;
    let many = |count: usize| (0..count).map(|n| format!("l-{n}")).collect::<Vec<_>>();
    assert_eq!(shop.post("members/ada/labels", json!({ "with": many(16) })).await.status, 201);
    let (labels, tier, challenges) =
        ("members/ada/labels", "members/ada/tier", "members/ada/challenges");
    let level = |until: &str| json!({ "tier": "gold", "until": until, "reason": "x" });
    let cases: Vec<(&str, Value, u16, &str)> = vec![
        (labels, json!({}), 422, "LABELS"),
        (labels, json!({ "with": many(17) }), 422, "LABELS"),
        (labels, json!({ "with": ["one-more"] }), 409, "TOO_MANY_LABELS"),
        (labels, json!({ "with": ["a"], "without": ["a"] }), 422, "LABELS"),
        (labels, json!({ "with": [""] }), 422, "TEXT"),
        (labels, json!({ "label": "a" }), 400, "FIELD"),
        ("members/ghost/labels", json!({ "with": ["a"] }), 404, "MEMBER_UNKNOWN"),
        (tier, json!({ "tier": "diamond", "reason": "x" }), 404, "TIER_UNKNOWN"),
        (tier, json!({ "tier": "gold" }), 400, "FIELD"),
        (tier, json!({ "tier": "gold", "reason": "" }), 422, "TEXT"),
        (tier, json!({ "tier": "", "reason": "x" }), 422, "TEXT"),
        (tier, level("2026-02-30"), 400, "DAY"),
        (tier, level("June"), 400, "DAY"),
        (tier, level("2026-05-31"), 422, "UNTIL_PAST"),
        (tier, level("1999-12-31"), 400, "DAY"),
        (tier, level("2500-01-01"), 400, "DAY"),
        ("members/ghost/tier", level("2026-06-30"), 404, "MEMBER_UNKNOWN"),
        (challenges, json!({ "challenge": "swim" }), 404, "CHALLENGE_UNKNOWN"),
        (challenges, json!({ "challenge": "big-month" }), 404, "CHALLENGE_UNKNOWN"),
        (challenges, json!({ "challenge": "regular" }), 409, "CHALLENGE_CLOSED"),
        (challenges, json!({ "challenge": "" }), 400, "ID"),
        ("members/ghost/challenges", json!({ "challenge": "run-june" }), 404, "MEMBER_UNKNOWN"),
    ];
    for (path, body, status, code) in cases {
        let answer = shop.post(path, body.clone()).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{path} {body}: {answer:?}");
        assert!(!answer.body["detail"].as_str().unwrap_or("").is_empty(), "{answer:?}");
    }
    shop.move_clock("2026-07-01T00:00:00+01:00");
    let over = shop.post(challenges, json!({ "challenge": "run-june" })).await;
    assert_eq!((over.status, over.code()), (409, "CHALLENGE_CLOSED"), "{over:?}");
    assert_eq!(shop.get("members/ada/balance").await.number("/sequence"), 2);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_and_challenges_are_for_who_may_earn_and_levels_for_who_may_all() {
    let shop = TestShop::open_club().await;
    shop.enroll("ada").await;
    shop.key("till", &["earn"]).await;
    shop.key("screen", &["read"]).await;
    let cases = [
        ("activities", json!({ "id": "a", "member": "ada", "kind": "log_in" }), 202),
        ("members/ada/labels", json!({ "with": ["a"] }), 201),
        ("members/ada/challenges", json!({ "challenge": "run-june" }), 201),
        ("members/ada/tier", json!({ "tier": "gold", "reason": "x" }), 403),
    ];
    for (path, body, status) in cases {
        let at = shop.path(path);
        let by_till = send(shop.as_caller("till", Method::POST, &at).json(&body)).await;
        assert_eq!(by_till.status, status, "{path}: {by_till:?}");
        let by_screen = send(shop.as_caller("screen", Method::POST, &at).json(&body)).await;
        assert_eq!((by_screen.status, by_screen.code()), (403, "SCOPE"), "{path}");
    }
    let spent = order("A", "ada", 100);
    assert_eq!(spent["lines"][0]["unit_price"], gbp(100));
    shop.close().await;
}
