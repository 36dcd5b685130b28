//! Whatever is sent, it is answered.

use connectors::Connector;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{
    scenes::{shopify_order, shopify_refund, stripe_refunded, stripe_session, woocommerce_order},
    sender::{
        SECRET, bigcommerce, connection, facts, receive, shopify, sign, standard, stripe, verify,
        woocommerce,
    },
};

fn connectors() -> Vec<Connector> {
    let topics = ["orders/updated", "refunds/create", "customers/create", "customers/data_request"];
    let more = ["customers/redact", "shop/redact"];
    let mut all: Vec<Connector> = topics.into_iter().chain(more).map(shopify).collect();
    all.extend(["order.updated", "customer.created"].map(woocommerce));
    all.extend([stripe(), bigcommerce(), standard()]);
    all
}

/// Any JSON, with the fields that connectors read among its names.
fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e18..1e18).prop_map(Value::from),
        "-?[0-9]{0,22}(\\.[0-9]{0,20})?".prop_map(Value::from),
        "[A-Z]{3}".prop_map(Value::from),
        "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|-05:00)?".prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    scalar.prop_recursive(3, 24, 4, |inner| {
        let name = prop_oneof![
            Just("id".to_owned()),
            Just("quantity".to_owned()),
            Just("price".to_owned()),
            Just("amount".to_owned()),
            Just("currency".to_owned()),
            Just("status".to_owned()),
            Just("kind".to_owned()),
            Just("total".to_owned()),
            "[a-z_]{1,8}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name, inner, 0..6)
                .prop_map(|object| Value::Object(object.into_iter().collect())),
        ]
    })
}

/// A good body of each kind, so that what is put into it gets deep.
fn good() -> Vec<(Connector, Value)> {
    let order = r#"{"type":"order.paid","data":{"id":"A","lines":[
        {"unit_price":{"amount":1,"currency":"USD"}}]}}"#;
    let bodies = [
        (
            shopify("orders/updated"),
            shopify_order(json!({ "refunds": [parsed(&shopify_refund(json!({})))] })),
        ),
        (shopify("refunds/create"), shopify_refund(json!({}))),
        (
            woocommerce("order.updated"),
            woocommerce_order(json!({ "refunds": [{ "id": 1, "total": "-1" }] })),
        ),
        (stripe(), stripe_session(json!({}))),
        (stripe(), stripe_refunded("evt_1", 500)),
        (standard(), order.to_owned()),
    ];
    bodies.into_iter().map(|(connector, body)| (connector, parsed(&body))).collect()
}

fn parsed(body: &str) -> Value {
    serde_json::from_str(body).expect("JSON")
}

/// Puts `new` where the `at`-th value of the tree is.
fn put(tree: &mut Value, at: &mut usize, new: &Value) {
    if *at == 0 {
        *tree = new.clone();
    }
    *at = at.wrapping_sub(1);
    match tree {
        _ if *at > 100_000 => {}
        Value::Object(object) => object.values_mut().for_each(|value| put(value, at, new)),
        Value::Array(array) => array.iter_mut().for_each(|value| put(value, at, new)),
        _ => {}
    }
}

fn check(connector: Connector, body: &[u8]) {
    if let Ok(delivered) = receive(connector, body) {
        assert!(!delivered.is_empty());
        // What a fact may not be is the domain's to say, and not to panic about.
        for fact in facts(&delivered) {
            let source = connection(stripe()).source();
            let request = "r".parse().expect("an id");
            let _ = domain::fact::KeyedFact::new(fact, &source, &request, "test".to_owned());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_answered(body in prop::collection::vec(any::<u8>(), 0..200)) {
        for connector in connectors() {
            check(connector, &body);
        }
    }

    #[test]
    fn any_json_is_answered(body in value()) {
        for connector in connectors() {
            check(connector, body.to_string().as_bytes());
        }
    }

    #[test]
    fn any_json_in_the_place_of_any_value_is_answered(new in value(), at in 0_usize..60) {
        for (connector, mut body) in good() {
            put(&mut body, &mut { at }, &new);
            check(connector, body.to_string().as_bytes());
        }
    }

    #[test]
    fn a_body_cut_anywhere_is_answered(cut in 0_usize..2_000) {
        for (connector, body) in good() {
            let body = body.to_string();
            check(connector, &body.as_bytes()[..cut.min(body.len())]);
        }
    }

    #[test]
    fn any_headers_are_answered_and_none_is_believed(
        value in ".{0,80}", time in any::<i64>(), name in 0_usize..3
    ) {
        for connector in connectors() {
            let mut headers = sign(&connector, SECRET, b"{}");
            let at = name % headers.len();
            let forged = [value.clone(), time.to_string(), format!("t={time},v1={value}")];
            for forged in forged {
                if headers[at].1 != forged {
                    headers[at].1 = forged;
                    let verified = verify(&connection(connector.clone()), &headers, b"{}");
                    prop_assert!(verified.is_err());
                }
            }
        }
    }
}

#[test]
fn deep_json_is_answered() {
    for connector in connectors() {
        check(connector.clone(), "[".repeat(100_000).as_bytes());
        check(
            connector,
            format!("{{\"a\":{}1{}}}", "[".repeat(5_000), "]".repeat(5_000)).as_bytes(),
        );
    }
}
