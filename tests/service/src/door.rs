//! Who may come in: every route, with no key, an unknown key, the wrong scope and the
//! key of another program.

use edge::{ApiKey, end_key};
use reqwest::Method;
use serde_json::Value;

use crate::shop::{START, TestShop, at, send};

#[tokio::test(flavor = "multi_thread")]
async fn every_described_route_asks_for_the_right_key() {
    let shop = TestShop::open().await;
    shop.key("no-scope", &[]).await;
    let document = send(shop.as_nobody(Method::GET, "/openapi.json")).await;
    assert_eq!(document.body["openapi"].as_str().map(|v| &v[..3]), Some("3.1"));
    let paths = document.body["paths"].as_object().expect("described paths").clone();
    let mut checked = 0;
    for (path, operations) in &paths {
        for (method, operation) in operations.as_object().expect("operations") {
            let method: Method = method.to_uppercase().parse().expect("a method");
            let here = path
                .replace("{program}", "house")
                .replace("{member}", "ada")
                .replace("{hold}", "1")
                .replace("{sequence}", "1")
                .replace("{name}", "liability");
            if operation["security"] == Value::Null {
                let signed = "/webhooks/{connection}";
                assert!(path == "/healthz" || path == signed, "{path} asks for no key");
                continue;
            }
            let elsewhere = path_of_another_program(&here);
            let cases = [
                (shop.as_nobody(method.clone(), &here), 401, "KEY_MISSING"),
                (shop.as_caller("gk_wrong", method.clone(), &here), 401, "KEY_UNKNOWN"),
                (shop.as_caller("no-scope", method.clone(), &here), 403, "SCOPE"),
                (shop.as_caller("no-scope", method.clone(), &elsewhere), 404, "PROGRAM_UNKNOWN"),
            ];
            for (request, status, code) in cases {
                let answer = send(request).await;
                assert_eq!((answer.status, answer.code()), (status, code), "{method} {here}");
                checked += 1;
            }
        }
    }
    assert!(checked >= 40, "only {checked} checks: routes are missing from the document");
    let health = send(shop.as_nobody(Method::GET, "/healthz")).await;
    assert_eq!((health.status, &health.body["status"]), (200, &Value::from("ok")));
    shop.close().await;
}

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

fn path_of_another_program(path: &str) -> String {
    path.replace("/v1/house/", "/v1/other/")
}
