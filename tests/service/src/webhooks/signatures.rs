//! Whom a webhook is believed.

use accrue::{Previous, Secret};
use serde_json::json;

use super::{
    bodies::{order, refund},
    sender::{SECRET, shopify, sign, standard, stripe},
};
use crate::shop::{START, TestShop, at};

#[tokio::test(flavor = "multi_thread")]
async fn failure_24_what_no_shop_signed_is_answered_401_and_says_nothing() {
    let shop = TestShop::open().await;
    shop.connect("orders", shopify("orders/paid")).await;
    let body = order(1, json!({}));
    let signed = |body: &str| sign(&shopify("orders/paid"), body.as_bytes(), START);
    let header = |value: &str| vec![("x-shopify-hmac-sha256", value.to_owned())];
    let good = signed(&body)[0].1.clone();
    let other = signed(&order(2, json!({})))[0].1.clone();
    let cases = [
        (vec![], "SIGNATURE_MISSING"),
        (header(""), "SIGNATURE_MALFORMED"),
        (header(&good[..good.len() - 4]), "SIGNATURE_MALFORMED"),
        (header("not base64!"), "SIGNATURE_MALFORMED"),
        (header(&other), "SIGNATURE_WRONG"),
    ];
    for (headers, code) in cases {
        let answer = shop.webhook_with("orders", &headers, &body).await;
        assert_eq!((answer.status, answer.body["code"].as_str()), (401, Some(code)), "{answer:?}");
        let text = answer.body.to_string();
        assert!(!text.contains("ada") && !text.contains(&good) && !text.contains(SECRET), "{text}");
    }
    assert_eq!(shop.webhook_with("nobody", &header(&good), &body).await.status, 404);
    assert_eq!(shop.webhook_with("..%2F", &header(&good), &body).await.status, 404);
    let huge = " ".repeat(1_000_001);
    assert_eq!(shop.webhook_with("orders", &header(&good), &huge).await.status, 413);
    assert_eq!(shop.get("members/115/balance").await.status, 404, "nothing was recorded");
    assert_eq!(shop.told("orders", &shopify("orders/paid"), &body).await, ["recorded"]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_23_a_swapped_topic_or_shop_is_refused() {
    let shop = TestShop::open().await;
    shop.connect("orders", shopify("orders/paid")).await;
    let body = refund(7, 1);
    let signed = sign(&shopify("orders/paid"), body.as_bytes(), START);
    for (name, value, code) in [
        ("x-shopify-topic", "refunds/create", "TOPIC"),
        ("x-shopify-shop-domain", "eve.myshopify.com", "OTHER_SHOP"),
    ] {
        let headers: Vec<_> = signed.iter().cloned().chain([(name, value.to_owned())]).collect();
        let answer = shop.webhook_with("orders", &headers, &body).await;
        assert_eq!(answer.status, 200, "a shop that is refused stops sending");
        assert_eq!(super::sender::outcomes(&answer.body), [format!("rejected {code}")]);
    }
    // A body of another topic, without a header that says so.
    let answer = shop.webhook_with("orders", &signed, &body).await;
    assert_eq!(super::sender::outcomes(&answer.body), ["rejected MISSING"]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_22_an_old_webhook_sent_again_has_no_effect() {
    let shop = TestShop::open().await;
    shop.connect("stripe", stripe()).await;
    shop.connect("orders", shopify("orders/paid")).await;
    let session = json!({
        "id": "evt_0", "type": "checkout.session.completed", "created": 1_779_000_000,
        "livemode": true,
        "data": { "object": {
            "id": "cs_1", "payment_intent": "pi_1", "payment_status": "paid",
            "created": 1_779_000_000, "currency": "gbp", "amount_subtotal": 3000,
            "amount_total": 3000, "customer": "cus_1",
            "customer_details": { "email": "bob@example.org", "phone": null },
            "total_details": { "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0 }
        } }
    });
    let session = session.to_string();
    let signed = sign(&stripe(), session.as_bytes(), START);
    let answer = shop.webhook_with("stripe", &signed, &session).await;
    assert_eq!(super::sender::outcomes(&answer.body), ["recorded"], "{answer:?}");
    shop.move_clock("2026-06-01T09:04:00Z");
    let answer = shop.webhook_with("stripe", &signed, &session).await;
    assert_eq!(super::sender::outcomes(&answer.body), ["replayed"], "within the tolerance");
    shop.move_clock("2026-06-01T09:06:00Z");
    let answer = shop.webhook_with("stripe", &signed, &session).await;
    assert_eq!((answer.status, answer.body["code"].as_str()), (401, Some("SIGNATURE_NOT_NOW")));
    // Where no time is signed the fact's own key tells it.
    let body = order(1, json!({}));
    assert_eq!(shop.told("orders", &shopify("orders/paid"), &body).await, ["recorded"]);
    shop.move_clock("2026-12-01T09:00:00Z");
    assert_eq!(shop.told("orders", &shopify("orders/paid"), &body).await, ["replayed"]);
    let balance = shop.get("members/115/balance").await;
    assert_eq!(balance.body["available"], 40, "{balance:?}");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_counts_for_a_while_after_it_was_changed() {
    let shop = TestShop::open().await;
    let until = at("2026-06-01T10:00:00Z");
    let new = Secret("bmV3IHNlY3JldCB0aGF0IG5vYm9keSBoYXMgeWV0".to_owned());
    shop.connect_with("ours", standard(), |record| {
        let previous = std::mem::replace(&mut record.secret, new);
        record.previous = Some(Previous { secret: previous, until });
    })
    .await;
    let body = json!({ "type": "customer.created", "data": { "id": "ada" } }).to_string();
    let answer = shop.webhook("ours", &standard(), &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    shop.move_clock("2026-06-01T10:00:01Z");
    let answer = shop.webhook("ours", &standard(), &body).await;
    assert_eq!(answer.body["code"], "SIGNATURE_WRONG");
    shop.close().await;
}
