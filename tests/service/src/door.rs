//! Who may come in: every route, with no key, an unknown key, the wrong scope and the
//! key of another program.

use reqwest::Method;
use serde_json::Value;

use crate::shop::{TestShop, send};

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
                assert_eq!(path, "/healthz", "every other route asks for a key");
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

fn path_of_another_program(path: &str) -> String {
    path.replace("/v1/house/", "/v1/other/")
}
