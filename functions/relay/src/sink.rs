//! Where events go, and in which shape.
//!
//! To add a kind of sink, write it in a file of its own, add a variant to [`Sink`], and
//! follow the compiler to the `match`es here.

mod klaviyo;
mod salesforce;
mod webhook;

#[cfg(test)]
mod tests;

use std::time::Duration;

use domain::time::Instant;
use reqwest::{Response, StatusCode};
use serde::{Deserialize, Serialize};

pub use klaviyo::Klaviyo;
pub use salesforce::{Salesforce, Tokens};
pub use webhook::Webhook;

use crate::{
    address::{Reach, Refused},
    message::Delivery,
    network::{Network, NoAnswer, asked_to_wait},
    subscriber::Subscriber,
};

/// What events are sent to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Sink {
    /// Any server, by the scheme of Standard Webhooks.
    Webhook(Webhook),
    /// Klaviyo's Events API.
    Klaviyo(Klaviyo),
    /// Journeys of Salesforce Marketing Cloud.
    Salesforce(Salesforce),
}

/// What a sink made of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// What follows from it.
    pub verdict: Verdict,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// Why it was not taken: a stable code.
    pub reason: Option<String>,
}

/// What follows from an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The recipient has it.
    Delivered,
    /// It may be taken another time, not before the recipient's own wish.
    Later(Option<Duration>),
    /// It will be refused however often it comes.
    Never,
    /// The recipient wants nothing more.
    Gone,
}

impl Sink {
    /// The word for its kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Sink::Webhook(_) => "webhook",
            Sink::Klaviyo(_) => "klaviyo",
            Sink::Salesforce(_) => "salesforce",
        }
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        match self {
            Sink::Webhook(webhook) => &webhook.url,
            Sink::Klaviyo(klaviyo) => &klaviyo.url,
            Sink::Salesforce(salesforce) => &salesforce.rest_url,
        }
    }

    /// Checks its addresses.
    ///
    /// # Errors
    ///
    /// [`Refused`] when nothing is sent to one of them.
    pub fn check(&self, reach: Reach) -> Result<(), Refused> {
        reach.check(self.url())?;
        if let Sink::Salesforce(salesforce) = self {
            reach.check(&salesforce.auth_url)?;
        }
        Ok(())
    }
}

/// Sends an event to a subscriber.
pub(crate) async fn send(
    (network, tokens): (&Network, &Tokens),
    subscriber: &Subscriber,
    delivery: &Delivery,
    now: Instant,
) -> Sent {
    let secrets = &subscriber.secrets;
    let sent = match &subscriber.sink {
        Sink::Webhook(webhook) => webhook.send(network, secrets, delivery, now).await,
        Sink::Klaviyo(klaviyo) => klaviyo.send(network, secrets, delivery).await,
        Sink::Salesforce(salesforce) => {
            salesforce.send((network, tokens), subscriber, delivery).await
        }
    };
    sent.unwrap_or_else(Sent::from)
}

impl Sent {
    /// Of a status that a recipient answered with.
    fn answered(response: &Response, verdict: Verdict) -> Sent {
        let status = response.status();
        let reason = (verdict != Verdict::Delivered).then(|| format!("HTTP_{}", status.as_u16()));
        Sent { verdict, status: Some(status.as_u16()), reason }
    }

    /// Of an API whose documented errors say whether the same request can ever succeed.
    fn of_api(response: &Response) -> Sent {
        let verdict = match response.status() {
            status if status.is_success() => Verdict::Delivered,
            // What is sent is wrong, and will be.
            StatusCode::BAD_REQUEST
            | StatusCode::METHOD_NOT_ALLOWED
            | StatusCode::CONFLICT
            | StatusCode::GONE
            | StatusCode::PAYLOAD_TOO_LARGE
            | StatusCode::UNSUPPORTED_MEDIA_TYPE
            | StatusCode::UNPROCESSABLE_ENTITY => Verdict::Never,
            // A secret can be put right; the rest passes.
            _ => Verdict::Later(asked_to_wait(response)),
        };
        Sent::answered(response, verdict)
    }
}

impl From<NoAnswer> for Sent {
    fn from(NoAnswer(code): NoAnswer) -> Sent {
        // Also where it is out of reach: names are put right.
        Sent { verdict: Verdict::Later(None), status: None, reason: Some(code.to_owned()) }
    }
}
