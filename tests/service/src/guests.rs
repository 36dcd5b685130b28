//! Guests by our own API: an email address instead of a member.

use serde_json::{Value, json};

use crate::shop::{TestShop, gbp};

const EMAIL: &str = "Bob@Example.org";

fn order(id: &str, pence: i64) -> Value {
    json!({ "id": id, "guest": { "email": EMAIL }, "lines": [{ "unit_price": gbp(pence) }] })
}

fn refund(id: &str, order: &str) -> Value {
    json!({ "id": id, "order": order, "guest": { "email": "bob@example.org" }, "everything": true })
}

async fn join(shop: &TestShop, member: &str, verified: bool) {
    let body = json!({
        "id": member, "identities": { "email": "bob@example.org" }, "email_verified": verified
    });
    assert_eq!(shop.post("members", body).await.status, 201);
    shop.drain().await;
}

async fn pending(shop: &TestShop, member: &str) -> i64 {
    shop.get(&format!("members/{member}/balance")).await.number("/pending")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_is_told_what_they_would_have_and_has_it_once_they_join() {
    let shop = TestShop::open().await;
    let dry = shop.post("orders?dry_run=true", order("A", 4_000)).await;
    assert_eq!((dry.status, &dry.body["dry_run"]), (200, &json!(true)), "{dry:?}");
    let told = shop.post("orders", order("A", 4_000)).await;
    assert_eq!(told.status, 201, "a dry run leaves nothing: {told:?}");
    assert_eq!(told.number("/explanation/order/would_earn"), 40, "{told:?}");
    let guest = told.body["balance"]["member"].as_str().expect("a chain");
    assert!(guest.starts_with("guest:") && !guest.contains("bob"), "{guest}");
    let again = shop.post("orders", order("A", 4_000)).await;
    assert_eq!((again.status, again.header("idempotency-hit")), (200, "true"));
    let other = shop.post("orders", order("A", 5_000)).await;
    assert_eq!((other.status, other.code()), (409, "KEY_REUSED"));

    assert_eq!(shop.post("orders", order("B", 1_000)).await.status, 201);
    assert_eq!(shop.post("refunds", refund("R1", "B")).await.status, 201);
    join(&shop, "bob", true).await;
    assert_eq!(pending(&shop, "bob").await, 40);
    // What comes after that comes to the member.
    let refunded = shop.post("refunds", refund("R2", "A")).await;
    assert_eq!(refunded.body["balance"]["member"], "bob", "{refunded:?}");
    assert_eq!(pending(&shop, "bob").await, 0);
    let dry = shop.post("orders?dry_run=true", order("C", 1_000)).await;
    assert_eq!(dry.body["balance"]["member"], "bob");
    let later = shop.post("orders", order("C", 1_000)).await;
    assert_eq!((later.status, &later.body["balance"]["member"]), (201, &json!("bob")), "{later:?}");
    assert_eq!(pending(&shop, "bob").await, 10);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guests_refund_waits_for_its_order() {
    let shop = TestShop::open().await;
    for query in ["?dry_run=true", "", ""] {
        let waits = shop.post(&format!("refunds{query}"), refund("R", "A")).await;
        assert_eq!((waits.status, &waits.body["outcome"]), (202, &json!("waits")), "{waits:?}");
    }
    assert_eq!(shop.post("orders", order("A", 4_000)).await.status, 201);
    join(&shop, "bob", true).await;
    assert_eq!(pending(&shop, "bob").await, 0, "all of it went back");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_nobody_verified_leads_nowhere() {
    let shop = TestShop::open().await;
    assert_eq!(shop.post("orders", order("A", 4_000)).await.status, 201);
    join(&shop, "eve", false).await;
    assert_eq!(pending(&shop, "eve").await, 0);
    let later = shop.post("orders", order("B", 4_000)).await;
    assert!(
        later.body["balance"]["member"].as_str().is_some_and(|it| it.starts_with("guest:")),
        "{later:?}"
    );
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_an_order_is_stands_there_exactly_once() {
    let shop = TestShop::open().await;
    let with = |patch: Value| {
        let mut body = json!({ "id": "A", "lines": [{ "unit_price": gbp(100) }] });
        let (Value::Object(body), Value::Object(patch)) = (&mut body, patch) else {
            unreachable!()
        };
        body.extend(patch);
        json!(body)
    };
    let long = format!("{}@example.org", "x".repeat(320));
    let cases = [
        (with(json!({})), 422, "BUYER"),
        (with(json!({ "member": "bob", "guest": { "email": EMAIL } })), 422, "BUYER"),
        (with(json!({ "guest": { "email": "  " } })), 422, "IDENTITY"),
        (with(json!({ "guest": { "email": long } })), 422, "IDENTITY"),
        (with(json!({ "guest": {} })), 400, "FIELD"),
        (with(json!({ "guest": { "email": EMAIL, "name": "Bob" } })), 400, "FIELD"),
    ];
    for (body, status, code) in cases {
        let answer = shop.post("orders", body.clone()).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{body}: {answer:?}");
    }
    let nobody = json!({ "id": "R", "order": "A", "everything": true });
    assert_eq!(shop.post("refunds", nobody).await.code(), "BUYER");
    shop.close().await;
}
