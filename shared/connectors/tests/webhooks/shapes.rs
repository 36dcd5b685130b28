//! The shapes that whoever has no connector writes, through Standard Webhooks.

use crate::{
    chain::Ledger,
    sender::{receive, standard, told},
};

const ORDER: &str = r#"{
  "type": "order.paid",
  "timestamp": "2026-01-10T12:00:00Z",
  "data": {
    "id": "A-1", "version": 1, "placed_at": "2026-01-10T12:00:00Z", "channel": "web",
    "customer": { "id": "c-1", "email": "ada@example.org" },
    "lines": [
      { "id": "1", "product": "MUG", "quantity": 2,
        "unit_price": { "amount": 2000, "currency": "USD" },
        "discount": { "amount": 500, "currency": "USD" } },
      { "id": "2", "unit_price": { "amount": 999, "currency": "USD" } }
    ],
    "shipping": { "amount": 495, "currency": "USD" },
    "tenders": [{ "kind": "card", "amount": { "amount": 4994, "currency": "USD" } }]
  }
}"#;

fn said(body: &str) -> String {
    told(standard(), body.as_bytes())
}

#[test]
fn orders_refunds_and_people_are_read() {
    assert_eq!(said(ORDER), "order A-1 paid 2 lines 4994 USD, id+email");
    let cancelled = ORDER.replace("order.paid", "order.cancelled");
    assert_eq!(said(&cancelled), "order A-1 cancelled 2 lines 4994 USD, id+email");
    let refund = |what: &str| {
        said(&format!(r#"{{"type":"refund.created","data":{{"id":"R-1","order":"A-1",{what}}}}}"#))
    };
    assert_eq!(refund(r#""everything":true"#), "refund R-1 of A-1: everything, nobody");
    let amount = r#"{"amount":999,"currency":"USD"}"#;
    assert_eq!(refund(&format!(r#""amount":{amount}"#)), "refund R-1 of A-1: 999, nobody");
    let to_date = refund(&format!(r#""amount_to_date":{amount},"customer":{{"id":7}}"#));
    assert_eq!(to_date, "refund R-1 of A-1: 999 to date, id");
    let lines =
        refund(&format!(r#""lines":[{{"line":"1","quantity":1}},{{"line":2,"amount":{amount}}}]"#));
    assert_eq!(lines, "refund R-1 of A-1: 1x1+0 2x0+999, nobody");
    let neither = refund(r#""everything":false"#);
    assert!(neither.starts_with("refused REFUND_WHAT"), "{neither}");
    let person =
        r#"{"type":"customer.created","data":{"id":"c-1","created_at":"2026-01-01T00:00:00Z"}}"#;
    assert_eq!(said(person), "person since 2026-01-01T00:00:00Z, id");
    let erase = r#"{"type":"customer.redact","data":{"customer":{"id":"c-1"},"orders":["A-1"]}}"#;
    assert_eq!(said(erase), "erase, 1 orders, id");
    let export =
        r#"{"type":"customer.data_request","data":{"customer":{"id":"c-1"},"request":"q"}}"#;
    assert_eq!(said(export), r#"export Some("q"), id"#);
    assert_eq!(said(r#"{"type":"parcel.lost","data":{}}"#), "nothing TOPIC_UNUSED");
}

#[test]
fn what_is_misspelt_or_mixed_is_refused() {
    let with = |from: &str, to: &str| {
        let body = ORDER.replacen(from, to, 1);
        assert_ne!(body, ORDER, "{from}");
        receive(standard(), body.as_bytes()).expect_err("no order").code()
    };
    assert_eq!(with("\"channel\"", "\"chanel\""), "SHAPE");
    assert_eq!(with("2000", "20.00"), "SHAPE");
    assert_eq!(with("2000", "-1"), "AMOUNT");
    assert_eq!(
        with("\"amount\": 500, \"currency\": \"USD\"", "\"amount\": 500, \"currency\": \"EUR\""),
        "CURRENCY"
    );
    assert_eq!(with("\"A-1\"", "\"\""), "ID");
    assert_eq!(with("\"data\"", "\"date\""), "MISSING");
    assert_eq!(with("\"placed_at\": \"2026-01-10T12:00:00Z\"", "\"placed_at\": \"today\""), "TIME");
}

#[test]
fn a_later_version_moves_points_by_the_difference_and_an_older_none() {
    let later = ORDER.replacen("\"version\": 1", "\"version\": 2", 1).replacen("2000", "1000", 1);
    let mut ledger = Ledger::new();
    assert_eq!(ledger.take(standard(), &later), ["recorded"]);
    assert_eq!(ledger.balance(), 24);
    assert_eq!(ledger.take(standard(), ORDER), ["STALE"]);
    assert_eq!(ledger.balance(), 24);
}
