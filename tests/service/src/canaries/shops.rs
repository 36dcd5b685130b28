//! Canaries in what shops tell by webhooks.

use serde_json::{Value, json};

use super::{CARD, EMAIL, NAME, PHONE, Watched, check_none, messages};
use crate::{
    shop::TestShop,
    webhooks::{bodies, sender},
};

#[tokio::test]
async fn failure_27_what_shops_tell_of_people_is_nowhere() {
    let watched = Watched::new("webhooks");
    let shop = TestShop::open_in(watched.data()).await;
    let address = json!({ "first_name": NAME, "address1": NAME, "phone": PHONE });
    let person = json!({ "id": 115, "email": EMAIL, "phone": PHONE, "first_name": NAME,
                         "default_address": address });
    let told = json!({
        "email": EMAIL, "phone": PHONE, "note": NAME, "customer": person,
        "billing_address": address, "shipping_address": address,
        "payment_details": { "credit_card_number": CARD },
        "payment_gateway_names": [CARD],
        "source_name": NAME,
        "line_items": [
            { "id": 11, "product_id": 91, "sku": EMAIL, "vendor": NAME, "quantity": 2,
              "price": "20.00", "total_discount": "0.00", "gift_card": false, "name": NAME }
        ],
    });
    let with = |name: &str, value: Value| {
        let mut told = told.clone();
        told[name] = value;
        told
    };
    let asks = json!({ "shop_domain": "ada.myshopify.com", "customer": person,
                       "orders_requested": [1], "data_request": { "id": 9 } });
    let erase = json!({ "shop_domain": "ada.myshopify.com", "customer": person,
                        "orders_to_redact": [1] });
    let mut sent = 0;
    for (topic, body, outcome) in [
        ("orders/paid", bodies::order(2, with("customer", Value::Null)), "recorded GUEST"),
        ("orders/paid", bodies::order(1, told.clone()), "recorded"),
        ("orders/paid", bodies::order(3, with("line_items", json!(NAME))), "rejected"),
        ("orders/paid", bodies::order(4, with("currency", json!(NAME))), "rejected"),
        ("orders/paid", bodies::order(5, with("created_at", json!(PHONE))), "rejected"),
        ("orders/paid", format!("{{\"email\":\"{EMAIL}\""), "rejected"),
        ("orders/paid", format!("{NAME} {CARD}"), "rejected"),
        ("customers/create", person.to_string(), "nothing"),
        ("customers/data_request", asks.to_string(), "rejected PRIVACY"),
        ("customers/redact", erase.to_string(), "rejected PRIVACY"),
    ] {
        let connector = sender::shopify(topic);
        let id = topic.replace('/', "-");
        shop.connect(&id, connector.clone()).await;
        let outcomes = shop.told(&id, &connector, &body).await;
        assert!(outcomes.iter().all(|it| it.starts_with(outcome)), "{topic}: {outcomes:?}");
        let unsigned = [("x-shopify-hmac-sha256", EMAIL.to_owned())];
        assert_eq!(shop.webhook_with(&id, &unsigned, &body).await.status, 401);
        sent += 2;
    }
    shop.drain().await;
    for url in [&shop.stack.settings.credits_queue, &shop.stack.settings.settle_queue] {
        messages(&shop, url).await.iter().for_each(|body| check_none(url, body.as_bytes()));
    }
    // Two members' first rows and orders: one has an account, one is a guest.
    assert!(watched.check_kept(&shop).await >= 3);
    shop.close().await;
    watched.check_log(sent);
}
