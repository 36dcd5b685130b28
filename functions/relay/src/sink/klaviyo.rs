//! Klaviyo: one event of a profile for each of ours.
//!
//! `POST /api/events` of the Events API (developers.klaviyo.com, "Create Event"), as of the
//! revision that each request names. The profile is the member by our id; Klaviyo takes an
//! event of one `unique_id` once for a profile and a metric.

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use serde::{Deserialize, Serialize};

use super::Sent;
use crate::{
    event::{Data, Decimal},
    message::Delivery,
    network::{Network, NoAnswer, answer},
    subscriber::Secrets,
};

const REVISION: &str = "2025-10-15";
const MEDIA_TYPE: &str = "application/vnd.api+json";

/// A Klaviyo account; its private API key is the secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Klaviyo {
    /// Where its API is.
    pub url: String,
}

impl Default for Klaviyo {
    fn default() -> Klaviyo {
        Klaviyo { url: "https://a.klaviyo.com".to_owned() }
    }
}

impl Klaviyo {
    pub(super) async fn send(
        &self,
        network: &Network,
        secrets: &Secrets,
        delivery: &Delivery,
    ) -> Result<Sent, NoAnswer> {
        let request = network.post(&format!("{}/api/events", self.url.trim_end_matches('/')))?;
        let key = secrets.current.reveal();
        let request = request
            .header(AUTHORIZATION, format!("Klaviyo-API-Key {key}"))
            .header("revision", REVISION)
            .header(ACCEPT, MEDIA_TYPE)
            .header(CONTENT_TYPE, MEDIA_TYPE)
            .body(body(delivery));
        Ok(Sent::of_api(&answer(request).await?))
    }
}

/// The document of JSON:API that Klaviyo asks for.
fn body(delivery: &Delivery) -> String {
    let event = &delivery.event;
    let data = &event.data;
    edge::ascii(&Document {
        data: Resource {
            kind: "event",
            attributes: EventAttributes {
                properties: data,
                time: event.time.to_string(),
                value: data.points.as_ref(),
                unique_id: &event.id,
                metric: Document {
                    data: Resource {
                        kind: "metric",
                        attributes: Metric { name: event.kind.as_str() },
                    },
                },
                profile: Document {
                    data: Resource {
                        kind: "profile",
                        attributes: Profile {
                            external_id: data.member.as_str(),
                            properties: ProfileProperties::of(data),
                        },
                    },
                },
            },
        },
    })
}

#[derive(Serialize)]
struct Document<A> {
    data: Resource<A>,
}

#[derive(Serialize)]
struct Resource<A> {
    #[serde(rename = "type")]
    kind: &'static str,
    attributes: A,
}

#[derive(Serialize)]
struct EventAttributes<'a> {
    properties: &'a Data,
    time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a Decimal>,
    unique_id: &'a str,
    metric: Document<Metric>,
    profile: Document<Profile<'a>>,
}

#[derive(Serialize)]
struct Metric {
    name: &'static str,
}

#[derive(Serialize)]
struct Profile<'a> {
    external_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<ProfileProperties<'a>>,
}

/// What segments are made by: how the member stands after the event.
#[derive(Serialize)]
struct ProfileProperties<'a> {
    loyalty_program: &'a str,
    loyalty_balance: &'a Decimal,
    loyalty_pending: &'a Decimal,
    loyalty_tier: Option<&'a str>,
}

impl<'a> ProfileProperties<'a> {
    /// None for what only qualifies: its sums are no balance.
    fn of(data: &'a Data) -> Option<ProfileProperties<'a>> {
        data.currency.is_none().then(|| ProfileProperties {
            loyalty_program: data.program.as_str(),
            loyalty_balance: &data.balance,
            loyalty_pending: &data.pending,
            loyalty_tier: data.tier.as_deref(),
        })
    }
}
