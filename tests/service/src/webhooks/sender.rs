//! A shop that signs as it does.

use accrue::{ConnectionRecord, Secret};
use base64::{Engine, engine::general_purpose::STANDARD};
use connectors::{Connector, Shopify, StandardWebhooks, Stripe, WooCommerce};
use hmac::{Hmac, Mac};
use reqwest::Method;
use serde_json::Value;
use sha2::Sha256;

use crate::shop::{Answer, START, TestShop, at, send};

/// The secret of every connection here; base64, as one scheme wants it.
pub const SECRET: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

pub fn shopify(topic: &str) -> Connector {
    let topic = topic.parse().expect("a topic");
    Connector::Shopify(Shopify { topic, shop: Some("ada.myshopify.com".to_owned()) })
}

pub fn woocommerce(topic: &str) -> Connector {
    Connector::WooCommerce(WooCommerce { topic: topic.parse().expect("a topic") })
}

pub fn stripe() -> Connector {
    Connector::Stripe(Stripe {})
}

pub fn standard() -> Connector {
    Connector::StandardWebhooks(StandardWebhooks {})
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

/// The headers that a shop signs `body` with at an instant.
pub fn sign(connector: &Connector, body: &[u8], at: &str) -> Vec<(&'static str, String)> {
    let at = (crate::shop::at(at).millis() / 1000).to_string();
    let plain = || STANDARD.encode(mac(SECRET.as_bytes(), &[body]));
    match connector {
        Connector::Shopify(_) => vec![("x-shopify-hmac-sha256", plain())],
        Connector::WooCommerce(_) => vec![("x-wc-webhook-signature", plain())],
        Connector::Stripe(_) => {
            let tag = mac(SECRET.as_bytes(), &[at.as_bytes(), b".", body]);
            let tag: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
            vec![("stripe-signature", format!("t={at},v1={tag}"))]
        }
        Connector::StandardWebhooks(_) | Connector::BigCommerce(_) => {
            let key = match connector {
                Connector::BigCommerce(_) => SECRET.as_bytes().to_vec(),
                _ => STANDARD.decode(SECRET).expect("base64"),
            };
            let tag = STANDARD.encode(mac(&key, &[b"msg_1", b".", at.as_bytes(), b".", body]));
            vec![
                ("webhook-id", "msg_1".to_owned()),
                ("webhook-timestamp", at),
                ("webhook-signature", format!("v1,{tag}")),
            ]
        }
    }
}

impl TestShop {
    /// A connection of `shop`, whose accounts are members by that.
    pub async fn connect(&self, id: &str, connector: Connector) {
        self.connect_with(id, connector, |_| {}).await;
    }

    pub async fn connect_with(
        &self,
        id: &str,
        connector: Connector,
        change: impl FnOnce(&mut ConnectionRecord),
    ) {
        let mut record = ConnectionRecord {
            program: "house".parse().expect("a slug"),
            source: "shop".parse().expect("a slug"),
            connector,
            secret: Secret(SECRET.to_owned()),
            previous: None,
            enrols: true,
            emails_verified: true,
            made_at: at(START),
            ended_at: None,
        };
        change(&mut record);
        let id = id.parse().expect("a slug");
        record.write(self.stack.app.tables(), &id).await.expect("a written connection");
    }

    /// Sends what a shop would, signed at the stack's time.
    pub async fn webhook(&self, id: &str, connector: &Connector, body: &str) -> Answer {
        let now = self.stack.app.clock().now().to_string();
        self.webhook_with(id, &sign(connector, body.as_bytes(), &now), body).await
    }

    pub async fn webhook_with(
        &self,
        id: &str,
        headers: &[(&'static str, String)],
        body: &str,
    ) -> Answer {
        let mut request = self.as_nobody(Method::POST, &format!("/webhooks/{id}"));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        send(request.body(body.to_owned())).await
    }

    /// The outcomes of a webhook that was taken, each with its code where it has one.
    pub async fn told(&self, id: &str, connector: &Connector, body: &str) -> Vec<String> {
        let answer = self.webhook(id, connector, body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        outcomes(&answer.body)
    }
}

pub fn outcomes(body: &Value) -> Vec<String> {
    let results = body["results"].as_array().expect("results");
    let outcome = |told: &Value| match told["code"].as_str() {
        Some(code) => format!("{} {code}", told["outcome"].as_str().expect("an outcome")),
        None => told["outcome"].as_str().expect("an outcome").to_owned(),
    };
    results.iter().map(outcome).collect()
}
