//! Webhooks of shops, turned into facts: no clock, no network, no async, no floats.
//!
//! [`verify`] checks the signature over the bytes as they came, at the door and before any
//! queue; [`read`] takes only what was verified and says what it means. Neither knows the
//! ledger: who a person is, which chain a refund belongs to and what it earns are for the
//! caller. `/webhooks/{connection}` finds the [`Connection`] by its name in the address,
//! which fixes shop and topic, since no shop signs its headers.
//!
//! What the caller must know:
//!
//! - An [`Unsigned`] body is answered 401 (413 when it is too large). A [`Refused`] one, and a
//!   [`What::Unread`] part, will never be better: keep the rejection with its code, as those of
//!   activities are kept, and answer 200, because shops that get errors long enough stop
//!   sending. [`What::Nothing`] is 200 and forgotten.
//! - Facts of one body stand in the order in which they are best recorded, but any order
//!   ends the same. Keys make copies harmless and versions stale updates; the shops'
//!   delivery ids are not used, for they are unsigned and in places not unique.
//! - A refund of Shopify or Stripe names its order and perhaps nobody: the order's route leads
//!   to the member. A guest is found by email, or waits under its hash.
//! - Two versions of an order in one second of the shop's clock, equal in how far the order
//!   is, have one key: the later is answered as a conflict, and the next version corrects it.
//!
//! To add a connector, write it in a file of its own, add a variant to [`Connector`], and
//! follow the compiler to the one `match` there.

#![deny(clippy::disallowed_methods, clippy::disallowed_types, clippy::unwrap_used)]

mod bigcommerce;
mod codes;
mod connection;
mod connector;
mod delivered;
mod headers;
mod json;
mod mac;
mod person;
mod progress;
mod refused;
mod shopify;
mod standard_webhooks;
mod stripe;
mod unsigned;
mod woocommerce;

pub use bigcommerce::BigCommerce;
pub use connection::{Connection, Misconfigured};
pub use connector::Connector;
pub use delivered::{Delivered, Named, Nothing, Privacy, Resource, What};
pub use headers::Headers;
pub use person::{Person, Personal};
pub use refused::Refused;
pub use shopify::{Shopify, ShopifyTopic};
pub use standard_webhooks::{StandardWebhooks, sign};
pub use stripe::Stripe;
pub use unsigned::Unsigned;
pub use woocommerce::{WooCommerce, WooCommerceTopic};

use domain::time::Instant;

/// The largest body that is looked at. More than our own API takes, because a shop's order of
/// some hundred lines says each of them in 2 KB; less than SQS and API Gateway carry.
pub const BODY_BYTES_MAX: usize = 1_000_000;

/// A body whose signature was checked, which is all that can be read.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    connection: &'a Connection,
    headers: &'a Headers<'a>,
    body: &'a [u8],
}

/// Checks that `body`, byte for byte as it was sent (decoded, where the host hands it over in
/// base64), was signed with one of the connection's secrets, and not long ago where the
/// scheme signs a time.
///
/// # Errors
///
/// [`Unsigned`] when it was not.
pub fn verify<'a>(
    connection: &'a Connection,
    headers: &'a Headers<'a>,
    body: &'a [u8],
    now: Instant,
) -> Result<Signed<'a>, Unsigned> {
    if body.len() > BODY_BYTES_MAX {
        return Err(Unsigned::TooLarge { bytes: body.len(), max: BODY_BYTES_MAX });
    }
    connection.connector().shop().verify(connection.keys(), headers, body, now)?;
    Ok(Signed { connection, headers, body })
}

/// A body that the shop's owner hands over, such as an export: it needs no signature.
pub fn handed_over<'a>(
    connection: &'a Connection,
    headers: &'a Headers<'a>,
    body: &'a [u8],
) -> Signed<'a> {
    Signed { connection, headers, body }
}

/// What a verified body says, in the order in which it is best recorded; never empty.
///
/// # Errors
///
/// [`Refused`] when it cannot be what the connection is for, however often it is sent.
pub fn read(signed: &Signed<'_>) -> Result<Vec<Delivered>, Refused> {
    signed.connection.connector().shop().read(signed.headers, signed.body)
}
