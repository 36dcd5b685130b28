//! Standard Webhooks (standardwebhooks.com): for shops without a connector of their own.
//!
//! The scheme is ours although there is a crate for it: version 1.0.1 of `standardwebhooks`
//! reads the clock by itself, which nothing here may, and brings a second HMAC, a second
//! base64 and a second calendar for thirty lines.

mod shapes;

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::time::Instant;
use serde::{Deserialize, Serialize};

use crate::{
    Delivered, Headers, Misconfigured, Refused, Unsigned,
    connector::Shop,
    json,
    mac::{self, Key, Tag},
};

const ID: &str = "webhook-id";
const TIMESTAMP: &str = "webhook-timestamp";
const SIGNATURE: &str = "webhook-signature";
const PREFIX: &str = "whsec_";
/// How far the signed time may be from now, in seconds, as in the scheme's own libraries.
pub(crate) const TOLERANCE_SECONDS: u32 = 300;
/// The most signatures that are compared: one for each secret in use, and room.
pub(crate) const SIGNATURES_MAX: usize = 16;

/// Whoever signs by the scheme and writes `{"type": …, "data": …}` with orders, refunds and
/// people in the shapes of our own API: `order.paid`, `order.updated`, `order.cancelled`,
/// `refund.created`, `customer.created`, `customer.data_request`, `customer.redact`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandardWebhooks {}

impl Shop for StandardWebhooks {
    /// The secret is written in base64, after a prefix that says what it is.
    fn key(&self, secret: &str) -> Result<Key, Misconfigured> {
        let encoded = secret.strip_prefix(PREFIX).unwrap_or(secret);
        Key::new(STANDARD.decode(encoded).map_err(|_| Misconfigured::SecretNotBase64)?)
    }

    /// Whoever writes a webhook of their own may date it anew.
    fn has_key_times(&self) -> bool {
        false
    }

    fn verify(
        &self,
        keys: &[Key],
        headers: &Headers<'_>,
        body: &[u8],
        now: Instant,
    ) -> Result<(), Unsigned> {
        verify(keys, headers, body, now)
    }

    fn read(&self, _headers: &Headers<'_>, body: &[u8]) -> Result<Vec<Delivered>, Refused> {
        shapes::read(body)
    }
}

/// Checks a signature over `id.timestamp.body`, all three as they came.
pub(crate) fn verify(
    keys: &[Key],
    headers: &Headers<'_>,
    body: &[u8],
    now: Instant,
) -> Result<(), Unsigned> {
    let get = |header| headers.get(header).ok_or(Unsigned::Missing { header });
    let (id, timestamp, signatures) = (get(ID)?, get(TIMESTAMP)?, get(SIGNATURE)?);
    // A header that came twice was joined by a comma: `v1,…,v1,…`. No signature has one.
    let of_v1 = |word: &str| word.strip_prefix("v1,").and_then(Tag::from_base64);
    let rejoined = signatures.replace(",v1,", " v1,").replace(",v1a,", " v1a,");
    let tags = rejoined.split_whitespace().filter_map(of_v1);
    let tags: Vec<Tag> = tags.take(SIGNATURES_MAX).collect();
    if tags.is_empty() {
        return Err(Unsigned::Malformed { header: SIGNATURE });
    }
    let parts = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body];
    if !mac::signed(keys, &parts, &tags) {
        return Err(Unsigned::Wrong);
    }
    check_time(&timestamp, TIMESTAMP, now)
}

/// Signs a body that we send, as the header `webhook-signature` has it. `secret` is in base64
/// after its prefix; `sent_at` goes into the header `webhook-timestamp` in whole seconds.
///
/// # Errors
///
/// [`Misconfigured`] when the secret cannot be one.
pub fn sign(
    secret: &str,
    id: &str,
    sent_at: Instant,
    body: &[u8],
) -> Result<String, Misconfigured> {
    let key = StandardWebhooks {}.key(secret)?;
    let seconds = sent_at.millis().div_euclid(1_000).to_string();
    let parts = [id.as_bytes(), b".", seconds.as_bytes(), b".", body];
    Ok(format!("v1,{}", mac::sign(&key, &parts)))
}

/// Checks that a signed time, in seconds since 1970, is about now.
pub(crate) fn check_time(
    timestamp: &str,
    header: &'static str,
    now: Instant,
) -> Result<(), Unsigned> {
    let seconds = timestamp.parse::<i64>().map_err(|_| Unsigned::Malformed { header })?;
    let signed_at = json::seconds(seconds, header).map_err(|_| Unsigned::Malformed { header })?;
    let away = signed_at.millis().abs_diff(now.millis());
    let tolerance_seconds = TOLERANCE_SECONDS;
    if away > u64::from(tolerance_seconds) * 1_000 {
        return Err(Unsigned::NotNow { tolerance_seconds });
    }
    Ok(())
}
