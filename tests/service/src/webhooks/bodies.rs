//! Bodies as shops write them.

use serde_json::{Value, json};

fn patched(mut base: Value, patch: Value) -> String {
    if let (Value::Object(base), Value::Object(patch)) = (&mut base, patch) {
        base.extend(patch);
    }
    base.to_string()
}

/// A paid order of two mugs at 20.00 by the account 115, with what a test changes.
pub fn order(id: u64, patch: Value) -> String {
    let base = json!({
        "id": id,
        "test": false,
        "currency": "GBP",
        "created_at": "2026-05-20T12:00:00+01:00",
        "updated_at": "2026-05-20T12:00:05+01:00",
        "cancelled_at": null,
        "financial_status": "paid",
        "source_name": "web",
        "taxes_included": true,
        "total_price": "40.00",
        "total_discounts": "0.00",
        "payment_gateway_names": ["shopify_payments"],
        "email": "ada@example.org",
        "customer": { "id": 115, "email": "ada@example.org", "phone": null },
        "line_items": [
            { "id": 11, "product_id": 91, "sku": "MUG", "vendor": "Clay", "quantity": 2,
              "price": "20.00", "total_discount": "0.00", "gift_card": false }
        ],
        "shipping_lines": [],
        "refunds": []
    });
    patched(base, patch)
}

/// The same by somebody without an account.
pub fn guest_order(id: u64, email: &str) -> String {
    order(id, json!({ "customer": null, "email": email }))
}

/// One mug of an order sent back, and its money. It says nothing of who.
pub fn refund(id: u64, order: u64) -> String {
    json!({
        "id": id,
        "order_id": order,
        "created_at": "2026-05-25T12:00:00+01:00",
        "refund_line_items": [
            { "line_item_id": 11, "quantity": 1, "subtotal": 20.00, "total_tax": 0.00 }
        ],
        "transactions": [
            { "kind": "refund", "status": "success", "amount": "20.00", "currency": "GBP" }
        ],
        "order_adjustments": []
    })
    .to_string()
}

pub fn customer(id: u64, email: &str) -> String {
    json!({ "id": id, "email": email, "created_at": "2026-05-30T12:00:00+01:00" }).to_string()
}
