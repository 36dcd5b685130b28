//! WooCommerce: HMAC over the body with the webhook's own secret, one topic an address.
//!
//! A webhook that is saved first sends a form without a signature, `webhook_id=N`, and is
//! switched off unless that is answered 200. A delivery that fails is not sent again, so the
//! shop's orders have to be compared now and then. Its delivery ids are the same for all
//! deliveries of a second: nothing here leans on them.

mod order;

use std::str::FromStr;

use domain::time::Instant;
use serde::{Deserialize, Serialize};

use crate::{
    Delivered, Headers, Misconfigured, Nothing, Person, Personal, Refused, Unsigned, What,
    connector::Shop,
    json::{self, Exact},
    mac::{self, Key, Tag},
};

const SIGNATURE: &str = "x-wc-webhook-signature";
const TOPIC: &str = "x-wc-webhook-topic";

/// One topic of a WooCommerce shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WooCommerce {
    /// What its webhooks are about.
    pub topic: WooCommerceTopic,
}

/// The topics that are listened to, in WooCommerce's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WooCommerceTopic {
    /// `order.created`
    #[serde(rename = "order.created")]
    OrderCreated,
    /// `order.updated`, which refunds come in too.
    #[serde(rename = "order.updated")]
    OrderUpdated,
    /// `customer.created`
    #[serde(rename = "customer.created")]
    CustomerCreated,
}

impl WooCommerceTopic {
    /// WooCommerce's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            WooCommerceTopic::OrderCreated => "order.created",
            WooCommerceTopic::OrderUpdated => "order.updated",
            WooCommerceTopic::CustomerCreated => "customer.created",
        }
    }
}

impl FromStr for WooCommerceTopic {
    type Err = Misconfigured;
    fn from_str(text: &str) -> Result<Self, Misconfigured> {
        let all = [
            WooCommerceTopic::OrderCreated,
            WooCommerceTopic::OrderUpdated,
            WooCommerceTopic::CustomerCreated,
        ];
        let found = all.into_iter().find(|topic| topic.as_str() == text);
        found.ok_or(Misconfigured::Topic("order.created, order.updated, customer.created"))
    }
}

#[derive(Deserialize)]
struct Customer {
    id: Option<Exact>,
    date_created_gmt: Option<String>,
    email: Option<String>,
    billing: Option<Billing>,
}

/// Where the bill goes.
#[derive(Deserialize)]
struct Billing {
    email: Option<String>,
    phone: Option<String>,
}

impl Shop for WooCommerce {
    /// WordPress keeps the secret with some characters written as HTML entities and signs
    /// with what they stand for.
    fn key(&self, secret: &str) -> Result<Key, Misconfigured> {
        Key::new(decoded(secret).into_bytes())
    }

    /// Whoever edits an order may edit its date.
    fn has_key_times(&self) -> bool {
        false
    }

    fn verify(
        &self,
        keys: &[Key],
        headers: &Headers<'_>,
        body: &[u8],
        _now: Instant,
    ) -> Result<(), Unsigned> {
        let Some(given) = headers.get(SIGNATURE) else {
            // The ping says nothing, so nothing is lost by believing it.
            let missing = Unsigned::Missing { header: SIGNATURE };
            return if is_ping(body) { Ok(()) } else { Err(missing) };
        };
        let tag = Tag::from_base64(&given).ok_or(Unsigned::Malformed { header: SIGNATURE })?;
        if mac::signed(keys, &[body], &[tag]) { Ok(()) } else { Err(Unsigned::Wrong) }
    }

    fn read(&self, headers: &Headers<'_>, body: &[u8]) -> Result<Vec<Delivered>, Refused> {
        if is_ping(body) {
            return Ok(Delivered::nothing(Nothing::Ping));
        }
        let expected = self.topic.as_str();
        if headers.get(TOPIC).is_some_and(|topic| topic != expected) {
            return Err(Refused::Topic { expected });
        }
        match self.topic {
            WooCommerceTopic::OrderCreated | WooCommerceTopic::OrderUpdated => {
                order::read(&serde_json::from_slice(body)?)
            }
            WooCommerceTopic::CustomerCreated => created(&serde_json::from_slice(body)?),
        }
    }
}

fn created(customer: &Customer) -> Result<Vec<Delivered>, Refused> {
    let id = customer.id.as_ref().ok_or_else(|| Refused::missing("id"))?;
    id.id("id")?;
    let at = customer.date_created_gmt.as_deref();
    let created_at = at.map(|at| json::time(at, "date_created_gmt")).transpose()?;
    let billing = customer.billing.as_ref();
    let of_billing = billing.and_then(|billing| billing.email.as_deref());
    let person = Person {
        id: Personal::new(id.text()),
        email: Personal::first([customer.email.as_deref(), of_billing]),
        phone: Personal::first([billing.and_then(|billing| billing.phone.as_deref())]),
        codes: Vec::new(),
    };
    Ok(vec![Delivered { what: What::PersonCreated { created_at }, person: Some(person) }])
}

/// `webhook_id=N` and no more.
fn is_ping(body: &[u8]) -> bool {
    let number = body.strip_prefix(b"webhook_id=").unwrap_or_default();
    (1..=20).contains(&number.len()) && number.iter().all(u8::is_ascii_digit)
}

/// What WordPress's `wp_specialchars_decode(…, ENT_QUOTES)` makes of a text: one pass, these
/// entities and no others.
fn decoded(secret: &str) -> String {
    let mut rest = secret;
    let mut text = String::with_capacity(secret.len());
    while let Some(at) = rest.find('&') {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        let (character, length) = entity(from).unwrap_or(('&', 1));
        text.push(character);
        rest = from.get(length..).unwrap_or_default();
    }
    text.push_str(rest);
    text
}

/// The character that an entity at the beginning of `text` stands for, and its length.
fn entity(text: &str) -> Option<(char, usize)> {
    // The longest one with a few zeros: what ends later is no entity.
    let end = text.bytes().take(12).position(|byte| byte == b';')?;
    let name = text.get(1..end)?;
    let numbered = |digits: &str, radix| {
        let proper = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        u32::from_str_radix(digits, radix).ok().filter(|_| proper)
    };
    let code = match (name.strip_prefix("#x"), name.strip_prefix('#')) {
        (Some(digits), _) => numbered(digits, 16),
        (None, Some(digits)) => numbered(digits, 10),
        (None, None) => None,
    };
    let character = match (name, code) {
        ("amp", _) | (_, Some(0x26)) => '&',
        ("lt", _) | (_, Some(0x3c)) => '<',
        ("gt", _) | (_, Some(0x3e)) => '>',
        ("quot", _) | (_, Some(0x22)) => '"',
        (_, Some(0x27)) => '\'',
        _ => return None,
    };
    Some((character, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_decoded_once_as_wordpress_does() {
        let cases = [
            ("plain123", "plain123"),
            ("a&amp;b", "a&b"),
            ("&lt;&gt;&quot;&#039;&#39;&#x27;&#038;", "<>\"'''&"),
            ("&amp;lt;", "&lt;"),
            ("&copy;&#65;&", "&copy;&#65;&"),
            ("&;&#;&#x;&é;", "&;&#;&#x;&é;"),
        ];
        for (stored, signed_with) in cases {
            assert_eq!(decoded(stored), signed_with, "{stored}");
        }
    }

    #[test]
    fn only_the_ping_is_a_ping() {
        assert!(is_ping(b"webhook_id=42"));
        for not in ["", "webhook_id=", "webhook_id=4&a=b", "webhook_id=x", "{\"webhook_id\":4}"] {
            assert!(!is_ping(not.as_bytes()), "{not}");
        }
    }
}
