//! Connections as they are kept and set up.

use connectors::{Connector, ShopifyTopic, WooCommerceTopic};

use crate::sender::{bigcommerce, connection, shopify, standard, stripe, woocommerce};

#[test]
fn connectors_are_kept_in_these_words() {
    let cases = [
        (
            shopify("customers/data_request"),
            r#"{"kind":"shopify","topic":"customers/data_request","shop":"ada.myshopify.com"}"#,
        ),
        (woocommerce("order.updated"), r#"{"kind":"woocommerce","topic":"order.updated"}"#),
        (stripe(), r#"{"kind":"stripe"}"#),
        (bigcommerce(), r#"{"kind":"bigcommerce"}"#),
        (standard(), r#"{"kind":"standard-webhooks"}"#),
    ];
    for (connector, kept) in cases {
        assert_eq!(serde_json::to_string(&connector).expect("JSON"), kept);
        assert_eq!(serde_json::from_str::<Connector>(kept).expect("a connector"), connector);
    }
    for bad in [
        r#"{"kind":"shopify","topic":"orders/delete"}"#,
        r#"{"kind":"woocommerce","topic":"order.deleted"}"#,
        r#"{"kind":"magento"}"#,
        r#"{"kind":"shopify"}"#,
    ] {
        assert!(serde_json::from_str::<Connector>(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_topic_that_nobody_listens_to_is_refused_when_it_is_set_up() {
    for unknown in ["orders/delete", "customers/update", "ORDERS_PAID", ""] {
        let error = unknown.parse::<ShopifyTopic>().expect_err("no topic");
        assert_eq!(error.code(), "TOPIC_UNKNOWN", "{unknown}");
        for topic in error.to_string().split(", ").filter(|word| word.contains('/')) {
            let topic = topic.rsplit(' ').next().expect("a word");
            let topic = if topic.contains('/') { topic } else { continue };
            assert_eq!(topic.parse::<ShopifyTopic>().map(ShopifyTopic::as_str), Ok(topic));
        }
    }
    for unknown in ["order.deleted", "orders/paid"] {
        let error = unknown.parse::<WooCommerceTopic>().expect_err("no topic");
        assert_eq!(error.code(), "TOPIC_UNKNOWN", "{unknown}");
    }
}

#[test]
fn connections_of_one_shop_share_the_source_of_their_keys() {
    let (paid, back) = (connection(shopify("orders/paid")), connection(shopify("refunds/create")));
    assert_eq!(paid.source(), back.source());
}
