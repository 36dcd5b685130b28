//! Bad input: each kind has its own problem, and changes nothing.

use proptest::prelude::*;
use reqwest::Method;
use serde_json::{Value, json};

use crate::shop::{TestShop, gbp, order, send};

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_bad_input_has_its_own_reason_and_changes_nothing() {
    let shop = TestShop::open().await;
    shop.enroll("ada").await;
    shop.post("orders", order("A", "ada", 5_000)).await;
    let before = shop.get("members/ada/balance").await;
    let with = |path: &str, value: Value| {
        let mut body = order("B", "ada", 5_000);
        *body.pointer_mut(path).expect("a field of the order") = value;
        body
    };
    let lines = |count: usize| vec![json!({ "unit_price": gbp(1) }); count];
    let many = json!({ "id": "B", "member": "ada", "lines": lines(5_000) });
    let redeem =
        |points: u64| json!({ "reward": "money-off", "points": points, "basket": gbp(100_000) });
    let cases: Vec<(&str, Value, u16, &str)> = vec![
        ("orders", order("B", "nobody", 100), 404, "MEMBER_UNKNOWN"),
        ("orders", with("/lines/0/unit_price/amount", json!(-1)), 422, "AMOUNT"),
        ("orders", with("/lines/0/unit_price/amount", json!(i64::MAX)), 422, "AMOUNT"),
        ("orders", with("/lines/0/unit_price/currency", json!("EUR")), 422, "CURRENCY"),
        ("orders", with("/lines/0/unit_price/currency", json!("pounds")), 422, "CURRENCY"),
        (
            "orders",
            with("/lines/0", json!({ "unit_price": gbp(1), "quantity": 0 })),
            422,
            "QUANTITY",
        ),
        (
            "orders",
            with("/lines/0", json!({ "unit_price": gbp(1), "discount": gbp(2) })),
            422,
            "DISCOUNT",
        ),
        ("orders", json!(["B", "ada"]), 400, "FIELD"),
        ("members", json!(["bob"]), 400, "FIELD"),
        ("orders", with("/lines/0", json!({ "unit_price": 1.5 })), 400, "FIELD"),
        (
            "orders",
            with("/lines/0", json!({ "unit_price": gbp(1), "colour": "red" })),
            400,
            "FIELD",
        ),
        ("orders", with("/lines", json!([])), 422, "LINES"),
        ("orders", many, 422, "LINES"),
        ("orders", with("/id", json!("a\u{0}b")), 400, "ID"),
        ("orders", with("/id", json!("x".repeat(4_096))), 400, "ID"),
        ("orders", with("/id", json!("")), 400, "ID"),
        ("orders", order("A", "ada", 9_999), 409, "KEY_REUSED"),
        (
            "orders",
            json!({ "id": "B", "member": "ada", "placed_at": "2026-06-03T00:00:00Z",
                           "lines": lines(1) }),
            422,
            "IN_THE_FUTURE",
        ),
        (
            "orders",
            json!({ "id": "B", "member": "ada", "placed_at": "tomorrow",
                           "lines": lines(1) }),
            400,
            "FIELD",
        ),
        ("refunds", json!({ "id": "R", "order": "A", "member": "ada" }), 422, "REFUND_WHAT"),
        (
            "refunds",
            json!({ "id": "R", "order": "A", "member": "ada",
                            "lines": [{ "line": "1" }] }),
            422,
            "QUANTITY",
        ),
        (
            "refunds",
            json!({ "id": "R", "order": "A", "member": "ada",
                            "amount": { "amount": 1, "currency": "USD" } }),
            422,
            "CURRENCY",
        ),
        ("members/ada/redemptions", redeem(100), 422, "INSUFFICIENT_POINTS"),
        ("members/ada/redemptions", redeem(150), 422, "NOT_A_STEP"),
        ("members/ada/redemptions", redeem(0), 422, "POINTS"),
        ("members/ada/redemptions", redeem(u64::MAX), 422, "POINTS"),
        ("members/ada/redemptions", json!({ "reward": "yacht" }), 404, "REWARD_UNKNOWN"),
        ("members/ada/redemptions", json!({ "reward": "tasting-evening" }), 422, "REWARD_TIER"),
        (
            "members/ada/redemptions",
            json!({ "reward": "tote-bag", "points": 1 }),
            422,
            "PRICE_IS_FIXED",
        ),
        (
            "members/ada/redemptions",
            json!({ "reward": "money-off", "points": 100 }),
            422,
            "BASKET_REQUIRED",
        ),
        (
            "members/ada/redemptions",
            json!({ "reward": "money-off", "points": 100,
                                            "basket": gbp(999) }),
            422,
            "MIN_PURCHASE",
        ),
        (
            "members/ada/redemptions",
            json!({ "reward": "money-off", "points": 600,
                                            "basket": gbp(1_000) }),
            422,
            "BASKET_SHARE",
        ),
        (
            "members/ada/redemptions",
            json!({ "reward": "tote-bag", "hold_minutes": 0 }),
            422,
            "HOLD_MINUTES",
        ),
        ("members/ada/redemptions/77/capture", json!({}), 404, "HOLD_UNKNOWN"),
        ("members/ada/redemptions/x/capture", json!({}), 400, "PATH"),
        ("adjustments", json!({ "member": "ada", "points": 0, "reason": "x" }), 422, "POINTS"),
        (
            "adjustments",
            json!({ "member": "ada", "points": -10, "reason": "x" }),
            422,
            "INSUFFICIENT_POINTS",
        ),
        ("adjustments", json!({ "member": "ada", "points": 1, "reason": "" }), 422, "TEXT"),
        ("members", json!({ "id": "new", "identities": { "email": " " } }), 422, "IDENTITY"),
        ("orders?dry_runn=true", order("B", "ada", 1), 400, "QUERY"),
    ];
    for (path, body, status, code) in cases {
        let answer = shop.post(path, body.clone()).await;
        let shown: String = body.to_string().chars().take(200).collect();
        assert_eq!((answer.status, answer.code()), (status, code), "{path} {shown}: {answer:?}");
        let detail = answer.body["detail"].as_str().unwrap_or("");
        assert!(!detail.is_empty() && answer.body["type"] != "about:blank", "{answer:?}");
    }
    for (path, status, code) in [
        ("members/nobody/balance", 404, "MEMBER_UNKNOWN"),
        ("members/ada/balance?at=yesterday", 400, "QUERY"),
        ("members/ada/balance?at=2020-01-01T00:00:00Z", 404, "MEMBER_UNKNOWN"),
        ("members/ada/balance?min_sequence=99", 404, "MEMBER_UNKNOWN"),
        ("members/ada/history?cursor=nonsense", 400, "CURSOR"),
        ("members/ada/history/99", 404, "ROW_UNKNOWN"),
        ("members/ada/statement?from=June", 400, "DAY"),
        ("nothing", 404, "PATH_UNKNOWN"),
    ] {
        let answer = shop.get(path).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{path}: {answer:?}");
    }
    for (path, body, detail) in [
        ("orders", with("/id", json!(5)), "id: expected a text, not this number"),
        (
            "orders",
            with("/lines/0/unit_price/amount", json!("1.50")),
            "lines[0].unit_price.amount: expected a whole number, not a text",
        ),
        ("orders", json!([]), "expected an object, not a list"),
        (
            "members/ada/redemptions/x/capture",
            json!({}),
            "hold in the path is not a whole number, 0 or more",
        ),
    ] {
        let answer = shop.post(path, body).await;
        assert_eq!((answer.status, answer.body["detail"].as_str()), (400, Some(detail)));
    }
    let after = shop.get("members/ada/balance").await;
    assert_eq!(after.body["sequence"], before.body["sequence"], "nothing was recorded");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_19_malformed_and_huge_bodies_are_refused_before_any_work() {
    let shop = TestShop::open().await;
    let post = |body: Vec<u8>| {
        let request = shop.request(Method::POST, "/v1/house/orders");
        send(request.header("content-type", "application/json").body(body))
    };
    let deep = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
    for (body, status, code) in [
        (b"".to_vec(), 400, "MALFORMED_JSON"),
        (b"{\"id\":".to_vec(), 400, "MALFORMED_JSON"),
        (b"\xff\xfe".to_vec(), 400, "MALFORMED_JSON"),
        (deep, 400, "FIELD"),
        (vec![b' '; 300 * 1024], 413, "BODY_TOO_LARGE"),
    ] {
        let answer = post(body).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{answer:?}");
    }
    shop.close().await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn failure_19_no_bytes_break_the_door(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let parsed: Result<edge::api::NewOrder, _> = serde_json::from_slice(&bytes);
        prop_assert!(parsed.is_err());
    }
}
