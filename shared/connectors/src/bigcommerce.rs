//! BigCommerce: the Standard Webhooks scheme with the app's client secret as the key, as it
//! is. Its webhooks only name what changed.

use domain::{ids::ExternalId, time::Instant};
use serde::{Deserialize, Serialize};

use crate::{
    Delivered, Headers, Misconfigured, Named, Nothing, Refused, Resource, Unsigned, What,
    connector::Shop, json::Exact, mac::Key, standard_webhooks,
};

/// A BigCommerce store, whose webhooks say themselves what they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BigCommerce {}

#[derive(Deserialize)]
struct Webhook {
    scope: Option<String>,
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    id: Option<Exact>,
    #[serde(rename = "orderId")]
    order_id: Option<Exact>,
    refund: Option<RefundName>,
}

#[derive(Deserialize)]
struct RefundName {
    refund_id: Option<Exact>,
}

impl Shop for BigCommerce {
    fn key(&self, secret: &str) -> Result<Key, Misconfigured> {
        Key::new(secret.as_bytes().to_owned())
    }

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
        standard_webhooks::verify(keys, headers, body, now)
    }

    fn read(&self, _headers: &Headers<'_>, body: &[u8]) -> Result<Vec<Delivered>, Refused> {
        let webhook: Webhook = serde_json::from_slice(body)?;
        let scope = webhook.scope.ok_or_else(|| Refused::missing("scope"))?;
        let data = webhook.data.ok_or_else(|| Refused::missing("data"))?;
        let named = match scope.as_str() {
            "store/order/created" | "store/order/updated" | "store/order/statusUpdated" => {
                named(Resource::Order, data.id.as_ref(), "data.id")?
            }
            // A cart that became an order names the order apart.
            "store/cart/converted" => {
                named(Resource::Order, data.order_id.as_ref(), "data.orderId")?
            }
            "store/order/refund/created" => {
                let refund = data.refund.as_ref().and_then(|refund| refund.refund_id.as_ref());
                let of_order = Some(id(data.id.as_ref(), "data.id")?);
                Named { of_order, ..named(Resource::Refund, refund, "data.refund.refund_id")? }
            }
            "store/customer/created" => named(Resource::Person, data.id.as_ref(), "data.id")?,
            _ => return Ok(Delivered::nothing(Nothing::TopicUnused)),
        };
        Ok(vec![Delivered { what: What::Named(named), person: None }])
    }
}

fn named(resource: Resource, name: Option<&Exact>, field: &str) -> Result<Named, Refused> {
    Ok(Named { resource, id: id(name, field)?, of_order: None })
}

fn id(name: Option<&Exact>, field: &str) -> Result<ExternalId, Refused> {
    name.ok_or_else(|| Refused::missing(field))?.id(field)
}
