//! Stripe: payments. An order is a completed checkout session, known by its payment intent,
//! which is the one name that sessions, charges and disputes share.
//!
//! A checkout session says what was paid in all and not what for, so its order has one line.

mod amount;
mod charge;
mod session;

use domain::time::Instant;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    Delivered, Headers, Misconfigured, Nothing, Refused, Unsigned,
    connector::Shop,
    mac::{self, Key, Tag},
    standard_webhooks::{SIGNATURES_MAX, check_time},
};

const SIGNATURE: &str = "stripe-signature";

/// A Stripe account, whose webhooks say themselves what they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stripe {}

/// What Stripe wraps everything in.
#[derive(Deserialize)]
struct Envelope<'a> {
    id: Option<String>,
    r#type: Option<String>,
    created: Option<i64>,
    livemode: Option<bool>,
    #[serde(borrow)]
    data: Option<Data<'a>>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    object: Option<&'a RawValue>,
}

impl Shop for Stripe {
    /// The whole secret, its prefix `whsec_` included, is the key.
    fn key(&self, secret: &str) -> Result<Key, Misconfigured> {
        Key::new(secret.as_bytes().to_owned())
    }

    /// What Stripe created, it created once.
    fn has_key_times(&self) -> bool {
        true
    }

    fn verify(
        &self,
        keys: &[Key],
        headers: &Headers<'_>,
        body: &[u8],
        now: Instant,
    ) -> Result<(), Unsigned> {
        let header = headers.get(SIGNATURE).ok_or(Unsigned::Missing { header: SIGNATURE })?;
        let pairs = || header.split(',').filter_map(|pair| pair.trim().split_once('='));
        let mut times = pairs().filter(|(name, _)| *name == "t").map(|(_, time)| time);
        // Two times would leave open which one is signed. A `v0` is a scheme of tests, which
        // whoever knows a test secret could sign with.
        let (Some(time), None) = (times.next(), times.next()) else {
            return Err(Unsigned::Malformed { header: SIGNATURE });
        };
        let tags = pairs().filter(|(name, _)| *name == "v1");
        let tags = tags.filter_map(|(_, tag)| Tag::from_hex(tag)).take(SIGNATURES_MAX);
        let tags: Vec<Tag> = tags.collect();
        if tags.is_empty() {
            return Err(Unsigned::Malformed { header: SIGNATURE });
        }
        if !mac::signed(keys, &[time.as_bytes(), b".", body], &tags) {
            return Err(Unsigned::Wrong);
        }
        check_time(time, SIGNATURE, now)
    }

    fn read(&self, _headers: &Headers<'_>, body: &[u8]) -> Result<Vec<Delivered>, Refused> {
        let envelope: Envelope = serde_json::from_slice(body)?;
        let kind = envelope.r#type.as_deref().ok_or_else(|| Refused::missing("type"))?;
        let object = envelope.data.as_ref().and_then(|data| data.object).map(RawValue::get);
        let object = || object.ok_or_else(|| Refused::missing("data.object"));
        match kind {
            // Payments that take days complete first and are paid by the second.
            "checkout.session.completed" | "checkout.session.async_payment_succeeded" => {
                session::read(&envelope, serde_json::from_str(object()?)?)
            }
            "charge.refunded" => charge::refunded(&envelope, &serde_json::from_str(object()?)?),
            "charge.dispute.closed" => {
                charge::disputed(&envelope, &serde_json::from_str(object()?)?)
            }
            // Until it is lost a dispute may be won, and nothing gives back what was taken.
            "charge.dispute.created"
            | "charge.dispute.updated"
            | "charge.dispute.funds_withdrawn"
            | "charge.dispute.funds_reinstated" => Ok(Delivered::nothing(Nothing::DisputeNotLost)),
            _ => Ok(Delivered::nothing(Nothing::TopicUnused)),
        }
    }
}
