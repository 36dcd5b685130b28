//! Shopify: HMAC over the body with the app's client secret, one topic an address.
//!
//! Shopify signs no header. The topic, the shop and the ids in them can be set by whoever
//! has one signed body, so the connection says which topic and shop it is for, and headers
//! only tell mistakes apart from attacks.

mod lines;
mod order;
mod person;
mod refund;
mod set;

use std::str::FromStr;

use domain::time::Instant;
use serde::{Deserialize, Serialize};

use crate::{
    Delivered, Headers, Misconfigured, Refused, Unsigned,
    connector::Shop,
    mac::{self, Key, Tag},
};

const SIGNATURE: &str = "x-shopify-hmac-sha256";
const TOPIC: &str = "x-shopify-topic";
const SHOP: &str = "x-shopify-shop-domain";

/// One topic of a Shopify shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shopify {
    /// What its webhooks are about.
    pub topic: ShopifyTopic,
    /// The shop's `….myshopify.com`, where only its own webhooks are to come in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shop: Option<String>,
}

/// The topics that are listened to, in Shopify's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ShopifyTopic {
    /// `orders/create`
    OrdersCreate,
    /// `orders/paid`
    OrdersPaid,
    /// `orders/updated`
    OrdersUpdated,
    /// `orders/fulfilled`
    OrdersFulfilled,
    /// `orders/cancelled`
    OrdersCancelled,
    /// `refunds/create`
    RefundsCreate,
    /// `customers/create`
    CustomersCreate,
    /// `customers/data_request`
    CustomersDataRequest,
    /// `customers/redact`
    CustomersRedact,
    /// `shop/redact`
    ShopRedact,
}

impl ShopifyTopic {
    const ALL: [ShopifyTopic; 10] = [
        ShopifyTopic::OrdersCreate,
        ShopifyTopic::OrdersPaid,
        ShopifyTopic::OrdersUpdated,
        ShopifyTopic::OrdersFulfilled,
        ShopifyTopic::OrdersCancelled,
        ShopifyTopic::RefundsCreate,
        ShopifyTopic::CustomersCreate,
        ShopifyTopic::CustomersDataRequest,
        ShopifyTopic::CustomersRedact,
        ShopifyTopic::ShopRedact,
    ];

    /// Shopify's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            ShopifyTopic::OrdersCreate => "orders/create",
            ShopifyTopic::OrdersPaid => "orders/paid",
            ShopifyTopic::OrdersUpdated => "orders/updated",
            ShopifyTopic::OrdersFulfilled => "orders/fulfilled",
            ShopifyTopic::OrdersCancelled => "orders/cancelled",
            ShopifyTopic::RefundsCreate => "refunds/create",
            ShopifyTopic::CustomersCreate => "customers/create",
            ShopifyTopic::CustomersDataRequest => "customers/data_request",
            ShopifyTopic::CustomersRedact => "customers/redact",
            ShopifyTopic::ShopRedact => "shop/redact",
        }
    }
}

impl FromStr for ShopifyTopic {
    type Err = Misconfigured;
    fn from_str(text: &str) -> Result<Self, Misconfigured> {
        let found = ShopifyTopic::ALL.into_iter().find(|topic| topic.as_str() == text);
        found.ok_or(Misconfigured::Topic(
            "orders/create, orders/paid, orders/updated, orders/fulfilled, orders/cancelled, \
             refunds/create, customers/create, customers/data_request, customers/redact, \
             shop/redact",
        ))
    }
}

impl TryFrom<String> for ShopifyTopic {
    type Error = Misconfigured;
    fn try_from(text: String) -> Result<Self, Misconfigured> {
        text.parse()
    }
}

impl From<ShopifyTopic> for String {
    fn from(topic: ShopifyTopic) -> String {
        topic.as_str().to_owned()
    }
}

impl Shop for Shopify {
    fn key(&self, secret: &str) -> Result<Key, Misconfigured> {
        Key::new(secret.as_bytes().to_owned())
    }

    /// `created_at` is set once.
    fn has_key_times(&self) -> bool {
        true
    }

    /// No time is signed: a body sent again is told by the keys of its facts.
    fn verify(
        &self,
        keys: &[Key],
        headers: &Headers<'_>,
        body: &[u8],
        _now: Instant,
    ) -> Result<(), Unsigned> {
        let given = headers.get(SIGNATURE).ok_or(Unsigned::Missing { header: SIGNATURE })?;
        let tag = Tag::from_base64(&given).ok_or(Unsigned::Malformed { header: SIGNATURE })?;
        if mac::signed(keys, &[body], &[tag]) { Ok(()) } else { Err(Unsigned::Wrong) }
    }

    fn read(&self, headers: &Headers<'_>, body: &[u8]) -> Result<Vec<Delivered>, Refused> {
        let expected = self.topic.as_str();
        if headers.get(TOPIC).is_some_and(|topic| topic != expected) {
            return Err(Refused::Topic { expected });
        }
        let other = |shop: &str| self.shop.as_ref().is_some_and(|s| !s.eq_ignore_ascii_case(shop));
        if headers.get(SHOP).is_some_and(|shop| other(&shop)) {
            return Err(Refused::OtherShop);
        }
        match self.topic {
            ShopifyTopic::OrdersCreate
            | ShopifyTopic::OrdersPaid
            | ShopifyTopic::OrdersUpdated
            | ShopifyTopic::OrdersFulfilled
            | ShopifyTopic::OrdersCancelled => order::read(&serde_json::from_slice(body)?),
            ShopifyTopic::RefundsCreate => {
                let refund: refund::Refund = serde_json::from_slice(body)?;
                Ok(vec![refund.read("", None)?])
            }
            ShopifyTopic::CustomersCreate => person::created(&serde_json::from_slice(body)?),
            ShopifyTopic::CustomersDataRequest => person::export(&serde_json::from_slice(body)?),
            ShopifyTopic::CustomersRedact => person::erase(&serde_json::from_slice(body)?),
            ShopifyTopic::ShopRedact => person::erase_shop(&serde_json::from_slice(body)?),
        }
    }
}
