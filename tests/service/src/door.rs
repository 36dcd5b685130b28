//! How long and how often one may come in: keys that end, and limits.

use edge::{ApiKey, Limit, end_key};
use reqwest::Method;
use serde_json::{Value, json};

use crate::shop::{START, TestShop, at, gbp, order, send};

#[tokio::test(flavor = "multi_thread")]
async fn a_key_ends_when_it_is_told_to() {
    let shop = TestShop::open().await;
    shop.enroll("ada").await;
    let balance = shop.path("members/ada/balance");
    let ask = |key: &str| send(shop.as_caller(key, Method::GET, &balance));
    shop.key("till", &["read"]).await;
    let (app, house) = (&shop.stack.app, "house".parse().expect("a slug"));
    let id = ApiKey::new("till").id();
    let at = |seconds: i64| at(START).plus_millis(seconds * 1_000);
    let ended = end_key(app.tables(), &house, &id, at(0)).await.expect("tables");
    assert_eq!(ended.and_then(|record| record.ends_at), Some(at(0)));
    let refused = ask("till").await;
    assert_eq!((refused.status, refused.code()), (401, "KEY_UNKNOWN"));
    // A key that is to end later works until then, and ends to the second, believed or not.
    shop.key("kiosk", &["read"]).await;
    let id = ApiKey::new("kiosk").id();
    end_key(app.tables(), &house, &id, at(60)).await.expect("tables");
    end_key(app.tables(), &house, &id, at(90)).await.expect("tables");
    app.clock().move_to(at(59));
    assert_eq!(ask("kiosk").await.status, 200);
    app.clock().move_to(at(60));
    assert_eq!(ask("kiosk").await.code(), "KEY_UNKNOWN");
    let unknown = end_key(app.tables(), &house, "0123456789ab", at(0)).await.expect("tables");
    assert_eq!(unknown, None);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_25_a_stolen_key_does_no_more_than_its_scopes_in_its_program_and_so_often() {
    let shop = TestShop::open().await;
    shop.enroll("ada").await;
    let limit = Limit::new(8, 3_600);
    shop.limited_key("stolen", &["earn"], limit).await;
    let ask = |method: Method, path: &str, body: Value| {
        send(shop.as_caller("stolen", method, path).json(&body))
    };
    let order = |id: &str| order(id, "ada", 1_000);
    let placed = ask(Method::POST, "/v1/house/orders", order("A")).await;
    assert_eq!((placed.status, placed.header("ratelimit-policy")), (201, "\"key\";q=8;w=3600"));
    assert_eq!(placed.header("ratelimit"), "\"key\";r=7;t=450");
    let spend = json!({ "reward": "money-off", "points": 100, "basket": gbp(2_000) });
    let given = json!({ "member": "ada", "points": 1_000, "reason": "x" });
    for (method, path, body, status, code) in [
        (Method::GET, "/v1/house/members/ada/balance", json!({}), 403, "SCOPE"),
        (Method::GET, "/v1/house/reports/liability", json!({}), 403, "SCOPE"),
        (Method::POST, "/v1/house/members/ada/redemptions", spend, 403, "SCOPE"),
        (Method::POST, "/v1/house/adjustments", given, 403, "SCOPE"),
        (Method::POST, "/v1/club/orders", order("B"), 404, "PROGRAM_UNKNOWN"),
        (Method::POST, "/v1/house/orders", order("C"), 201, ""),
        (Method::GET, "/v1/house/members/ada", json!({}), 403, "SCOPE"),
    ] {
        let answer = ask(method, path, body).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{path}: {answer:?}");
        assert!(answer.header("ratelimit").starts_with("\"key\";r="), "{answer:?}");
    }
    // What was refused counted as well.
    let refused = ask(Method::POST, "/v1/house/orders", order("D")).await;
    assert_eq!((refused.status, refused.code()), (429, "RATE_LIMITED"), "{refused:?}");
    assert_eq!(refused.header("content-type"), "application/problem+json");
    assert_eq!(refused.header("ratelimit-policy"), "\"key\";q=8;w=3600");
    assert!(refused.header("ratelimit").starts_with("\"key\";r=0;t="), "{refused:?}");
    let wait: u64 = refused.header("retry-after").parse().expect("whole seconds");
    assert!((1..=450).contains(&wait), "{wait}");
    assert_eq!(refused.number("/retry_after").unsigned_abs(), wait);
    assert_eq!(shop.get("members/ada/balance").await.number("/sequence"), 3, "nothing of it");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_keys_is_slow_and_keeps_nobody_waiting_who_was_here_before() {
    let shop = TestShop::open().await;
    let path = shop.path("reports/liability");
    let ask = |key: String| send(shop.as_caller(&key, Method::GET, &path));
    shop.key("kiosk", &["read"]).await;
    assert_eq!(ask("kiosk".to_owned()).await.status, 200);
    // Guesses whose hashes begin as the kiosk's key's.
    let alike =
        |secret: &String| ApiKey::new(secret.as_str()).id()[..2] == ApiKey::new("kiosk").id()[..2];
    let mut guesses = (0..).map(|n| format!("guess-{n}")).filter(alike);
    let mut refused = None;
    // More than fit into the time that a thousand of them take.
    for guess in guesses.by_ref().take(1_000) {
        let answer = ask(guess).await;
        match answer.status {
            401 => assert_eq!(answer.header("ratelimit-policy"), "\"unknown-key\";q=50;w=10"),
            _ => {
                refused = Some(answer);
                break;
            }
        }
    }
    let refused = refused.expect("a guess too many");
    assert_eq!((refused.status, refused.code()), (429, "RATE_LIMITED"), "{refused:?}");
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(ask("kiosk".to_owned()).await.status, 200, "it is known here");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schemes_name_is_written_in_any_case_and_told_to_who_has_none() {
    let shop = TestShop::open().await;
    shop.enroll("ada").await;
    let url = shop.path("members/ada/balance");
    let key = local::program::key_of("shop");
    let scheme = async |scheme: &str| {
        let request = shop.as_nobody(Method::GET, &url);
        send(request.header("authorization", format!("{scheme} {key}"))).await
    };
    assert_eq!(scheme("bearer").await.status, 200);
    assert_eq!(scheme("BEARER").await.status, 200);
    let basic = scheme("Basic").await;
    assert_eq!((basic.status, basic.header("www-authenticate")), (401, "Bearer"));
    shop.close().await;
}
