//! The family of connectors.
//!
//! To add one, write it in a file of its own, add a variant, and follow the compiler to the
//! one `match` below.

use domain::time::Instant;
use serde::{Deserialize, Serialize};

use crate::{
    BigCommerce, Delivered, Headers, Misconfigured, Refused, Shopify, StandardWebhooks, Stripe,
    Unsigned, WooCommerce, mac::Key,
};

/// Which shop software sends, and what of it this connection takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Connector {
    /// Shopify, one topic.
    Shopify(Shopify),
    /// WooCommerce, one topic.
    WooCommerce(WooCommerce),
    /// Stripe, whose webhooks say themselves what they are.
    Stripe(Stripe),
    /// BigCommerce, whose webhooks say themselves what they are.
    BigCommerce(BigCommerce),
    /// Whoever signs by the Standard Webhooks scheme and writes our own shapes.
    #[serde(rename = "standard-webhooks")]
    StandardWebhooks(StandardWebhooks),
}

/// What every connector does.
pub(crate) trait Shop {
    /// The key that a secret stands for.
    fn key(&self, secret: &str) -> Result<Key, Misconfigured>;

    /// Whether the times of its facts never change when they are sent again.
    fn has_key_times(&self) -> bool;

    /// Checks the signature.
    fn verify(
        &self,
        keys: &[Key],
        headers: &Headers<'_>,
        body: &[u8],
        now: Instant,
    ) -> Result<(), Unsigned>;

    /// Says what a verified body means.
    fn read(&self, headers: &Headers<'_>, body: &[u8]) -> Result<Vec<Delivered>, Refused>;
}

impl Connector {
    pub(crate) fn shop(&self) -> &dyn Shop {
        match self {
            Connector::Shopify(shop) => shop,
            Connector::WooCommerce(shop) => shop,
            Connector::Stripe(shop) => shop,
            Connector::BigCommerce(shop) => shop,
            Connector::StandardWebhooks(shop) => shop,
        }
    }
}
