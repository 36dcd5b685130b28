//! Bodies as shops write them, with what a test changes about them.

use serde_json::{Value, json};

/// `base` with the fields of `patch` in the place of its own.
fn patched(mut base: Value, patch: Value) -> String {
    if let (Value::Object(base), Value::Object(patch)) = (&mut base, patch) {
        base.extend(patch);
    }
    base.to_string()
}

/// A paid order of two mugs at 20.00 and a gift card of 25.00, shipped for 5.00, by a person
/// with an account: 70.00 in all.
pub fn shopify_order(patch: Value) -> String {
    let base = json!({
        "id": 820982911946154508_u64,
        "test": false,
        "currency": "USD",
        "created_at": "2026-01-10T12:00:00-05:00",
        "updated_at": "2026-01-10T12:00:05-05:00",
        "cancelled_at": null,
        "financial_status": "paid",
        "fulfillment_status": null,
        "source_name": "web",
        "taxes_included": true,
        "total_price": "70.00",
        "total_discounts": "0.00",
        "total_outstanding": "0.00",
        "total_tip_received": "0.00",
        "payment_gateway_names": ["shopify_payments"],
        "email": "ada@example.org",
        "customer": { "id": 115310627314723954_u64, "email": "ada@example.org", "phone": null },
        "line_items": [
            { "id": 11, "product_id": 91, "sku": "MUG", "vendor": "Clay", "quantity": 2,
              "price": "20.00", "total_discount": "0.00", "gift_card": false },
            { "id": 12, "product_id": 92, "sku": "", "vendor": null, "quantity": 1,
              "price": "25.00", "total_discount": "0.00", "gift_card": true }
        ],
        "shipping_lines": [{ "price": "5.00", "discounted_price": "5.00" }],
        "refunds": []
    });
    patched(base, patch)
}

/// One mug sent back, and its money.
pub fn shopify_refund(patch: Value) -> String {
    let base = json!({
        "id": 890088186047892319_u64,
        "order_id": 820982911946154508_u64,
        "created_at": "2026-01-20T12:00:00-05:00",
        "refund_line_items": [
            { "line_item_id": 11, "quantity": 1, "subtotal": 20.00, "total_tax": 0.00 }
        ],
        "transactions": [
            { "kind": "refund", "status": "success", "amount": "20.00", "currency": "USD" }
        ],
        "order_adjustments": []
    });
    patched(base, patch)
}

/// A paid order of three at 10.00 together, with 1.00 tax on top and 2.00 shipping.
pub fn woocommerce_order(patch: Value) -> String {
    let base = json!({
        "id": 727,
        "status": "processing",
        "currency": "USD",
        "date_created_gmt": "2026-01-10T12:00:00",
        "date_modified_gmt": "2026-01-10T12:00:05",
        "date_paid_gmt": "2026-01-10T12:00:05",
        "created_via": "checkout",
        "customer_id": 26,
        "billing": { "email": "ada@example.org", "phone": "(555) 555-5555" },
        "payment_method": "stripe",
        "total": "13.00",
        "shipping_total": "2.00",
        "shipping_tax": "0.00",
        "line_items": [
            { "id": 315, "product_id": 93, "sku": "", "quantity": 3, "subtotal": "12.00",
              "total": "10.00", "total_tax": "1.00", "price": 3.3333333333333335 }
        ],
        "fee_lines": [],
        "refunds": []
    });
    patched(base, patch)
}

/// A paid checkout of 30.00.
pub fn stripe_session(patch: Value) -> String {
    let base = json!({
        "id": "cs_1",
        "payment_intent": "pi_1",
        "payment_status": "paid",
        "created": 1_768_046_400,
        "currency": "usd",
        "amount_subtotal": 3000,
        "amount_total": 3000,
        "customer": "cus_1",
        "customer_details": { "email": "ada@example.org", "phone": null },
        "total_details": { "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0 }
    });
    stripe_event("evt_0", "checkout.session.completed", &patched(base, patch))
}

/// What the refunds of the checkout's charge come to so far.
pub fn stripe_refunded(id: &str, to_date: i64) -> String {
    let object = json!({
        "id": "ch_1",
        "payment_intent": "pi_1",
        "currency": "usd",
        "amount": 3000,
        "amount_refunded": to_date,
        "customer": "cus_1"
    });
    stripe_event(id, "charge.refunded", &object.to_string())
}

pub fn stripe_event(id: &str, kind: &str, object: &str) -> String {
    format!(
        r#"{{"id":"{id}","type":"{kind}","created":1768050000,"livemode":true,"data":{{"object":{object}}}}}"#
    )
}
