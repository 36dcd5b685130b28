//! Members who call for themselves, with a token of their own.

use reqwest::Method;
use serde_json::{Value, json};

use crate::shop::{Answer, TestShop, gbp, send};

async fn get(shop: &TestShop, token: &str, path: &str) -> Answer {
    send(shop.as_caller(token, Method::GET, &shop.path(path))).await
}

async fn post(shop: &TestShop, token: &str, path: &str, request: &str, body: Value) -> Answer {
    let post = shop.as_caller(token, Method::POST, &shop.path(path)).json(&body);
    send(post.header("idempotency-key", request)).await
}

async fn give(shop: &TestShop, member: &str, points: u64) {
    shop.enroll(member).await;
    let given = json!({ "member": member, "points": points, "reason": "welcome" });
    assert_eq!(shop.post("adjustments", given).await.status, 201);
}

fn money_off(points: u64, hold_minutes: Option<u32>) -> Value {
    json!({ "reward": "money-off", "points": points, "basket": gbp(5_000),
            "hold_minutes": hold_minutes })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_reads_their_own_account() {
    let shop = TestShop::open().await;
    give(&shop, "ada", 1_000).await;
    let ada = shop.token("ada");
    for path in [
        "members/ada",
        "members/ada/balance",
        "members/ada/balance?at=2026-06-01T08:59:59Z",
        "members/ada/history",
        "members/ada/history/2",
        "members/ada/statement",
    ] {
        let (own, services) = (get(&shop, &ada, path).await, shop.get(path).await);
        assert_eq!((own.status, &own.body), (services.status, &services.body), "{path}");
    }
    assert_eq!(get(&shop, &ada, "members/ada/balance").await.number("/balance"), 1_000);
    // Somebody with a good token whom the shop has not enrolled.
    let eve = shop.token("eve");
    let unknown = get(&shop, &eve, "members/eve/balance").await;
    assert_eq!((unknown.status, unknown.code()), (404, "MEMBER_UNKNOWN"), "{unknown:?}");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_spends_their_own_points_and_the_row_says_so_without_a_name() {
    let shop = TestShop::open().await;
    give(&shop, "ada", 1_000).await;
    let ada = shop.token("ada");
    let spend = |request: &'static str, body: Value| {
        let (shop, ada) = (&shop, &ada);
        async move { post(shop, ada, "members/ada/redemptions", request, body).await }
    };
    let spent = spend("a", money_off(100, None)).await;
    assert_eq!((spent.status, spent.number("/balance/balance")), (201, 900), "{spent:?}");
    let again = spend("a", money_off(100, None)).await;
    assert_eq!((again.status, again.body["replayed"].as_bool()), (200, Some(true)));
    assert_eq!(again.header("idempotency-hit"), "true");
    assert_eq!(spend("a", money_off(200, None)).await.code(), "KEY_REUSED");

    let held = spend("b", money_off(400, Some(30))).await.number("/sequence");
    let path = format!("members/ada/redemptions/{held}/capture");
    let part = post(&shop, &ada, &path, "c", json!({ "points": 300 })).await;
    assert_eq!((part.status, part.number("/balance/balance")), (201, 600), "{part:?}");
    let held = spend("d", money_off(400, Some(30))).await.number("/sequence");
    let path = format!("members/ada/redemptions/{held}/release");
    let back = post(&shop, &ada, &path, "e", json!({})).await;
    assert_eq!((back.status, back.number("/balance/available")), (201, 600), "{back:?}");

    let app = &shop.stack.app;
    let chain = domain::row::Chain {
        program: "house".parse().expect("a slug"),
        member: "ada".parse().expect("an id"),
    };
    let rows = app.ledger().rows(&chain, 3, false, 10).await.expect("rows");
    let actors: Vec<&str> = rows.iter().map(|stored| stored.row.actor.as_str()).collect();
    assert_eq!(actors, ["member"; 5], "the chain says who");
    let keys = rows.iter().filter_map(|stored| stored.row.key.as_ref()).map(|key| key.as_str());
    assert_eq!(keys.collect::<Vec<_>>()[..2], ["request:member:a", "request:member:b"]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_members_request_is_never_taken_for_a_services() {
    let shop = TestShop::open().await;
    give(&shop, "ada", 1_000).await;
    let spent = shop.post_as("members/ada/redemptions", "a", money_off(100, None)).await;
    assert_eq!(spent.status, 201);
    let ada = shop.token("ada");
    let own = post(&shop, &ada, "members/ada/redemptions", "a", money_off(200, None)).await;
    assert_eq!((own.status, own.number("/balance/balance")), (201, 700), "{own:?}");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_does_nothing_else() {
    let shop = TestShop::open().await;
    give(&shop, "ada", 1_000).await;
    let ada = shop.token("ada");
    let spent = post(&shop, &ada, "members/ada/redemptions", "a", money_off(100, None)).await;
    let undo = format!("members/ada/redemptions/{}/undo", spent.number("/sequence"));
    for (path, body) in [
        ("orders", crate::shop::order("A", "ada", 1_000)),
        ("refunds", json!({ "id": "R", "order": "A", "member": "ada", "everything": true })),
        ("activities", json!({ "id": "l", "member": "ada", "kind": "log_in" })),
        ("quotes", json!({ "member": "bo", "lines": [{ "unit_price": gbp(1) }] })),
        ("adjustments", json!({ "member": "ada", "points": 1, "reason": "x" })),
        ("members", json!({ "id": "ada-2" })),
        ("members/ada/labels", json!({ "with": ["store_card"] })),
        ("members/ada/tier", json!({ "tier": "gold", "reason": "x" })),
        ("members/ada/challenges", json!({ "challenge": "x" })),
        (undo.as_str(), json!({})),
    ] {
        let refused = post(&shop, &ada, path, "b", body).await;
        assert_eq!((refused.status, refused.code()), (403, "SCOPE"), "{path}: {refused:?}");
    }
    for path in ["reports/liability", "reports/activity", "reports/leaderboard?challenge=x"] {
        let refused = get(&shop, &ada, path).await;
        assert_eq!((refused.status, refused.code()), (403, "SCOPE"), "{path}: {refused:?}");
    }
    assert_eq!(shop.get("members/ada/balance").await.number("/sequence"), 3);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_lasts_until_it_ends_and_members_are_counted_over_all_of_theirs() {
    let shop = TestShop::open().await;
    give(&shop, "ada", 1_000).await;
    let first = shop.token("ada");
    shop.move_clock("2026-06-01T09:59:59Z");
    let second = shop.token("ada");
    let seen = get(&shop, &first, "members/ada/balance").await;
    assert_eq!((seen.status, seen.header("ratelimit-policy")), (200, "\"member\";q=50;w=10"));
    shop.move_clock("2026-06-01T10:00:00Z");
    let ended = get(&shop, &first, "members/ada/balance").await;
    assert_eq!((ended.status, ended.code()), (401, "TOKEN"), "{ended:?}");
    assert_eq!(ended.header("www-authenticate"), "Bearer error=\"invalid_token\"");
    assert_eq!(get(&shop, &second, "members/ada/balance").await.status, 200);
    shop.close().await;
}
