//! Any server, by the scheme of Standard Webhooks (standardwebhooks.com).

use domain::time::Instant;
use reqwest::{StatusCode, header::CONTENT_TYPE};
use serde::{Deserialize, Serialize};

use super::{Sent, Verdict};
use crate::{
    event::MEDIA_TYPE,
    message::Delivery,
    network::{Network, NoAnswer, answer, asked_to_wait},
    subscriber::{Secret, Secrets},
};

/// A server that is sent the event as it is, signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// Where.
    pub url: String,
}

impl Webhook {
    /// While a secret is being replaced, both sign: whoever checks with either is content.
    pub(super) async fn send(
        &self,
        network: &Network,
        secrets: &Secrets,
        delivery: &Delivery,
        now: Instant,
    ) -> Result<Sent, NoAnswer> {
        let (id, body) = (&delivery.event.id, delivery.json.as_bytes());
        let sign = |secret: &Secret| connectors::sign(secret.reveal(), id, now, body);
        let signatures: Result<Vec<String>, _> = secrets.at(now).map(sign).collect();
        let signatures = signatures.map_err(|misconfigured| NoAnswer(misconfigured.code()))?;
        let request = network.post(&self.url)?;
        let request = request
            .header(CONTENT_TYPE, MEDIA_TYPE)
            .header("webhook-id", id)
            .header("webhook-timestamp", now.millis().div_euclid(1_000))
            .header("webhook-signature", signatures.join(" "))
            .body(delivery.json.clone());
        let response = answer(request).await?;
        let verdict = match response.status() {
            status if status.is_success() => Verdict::Delivered,
            StatusCode::GONE => Verdict::Gone,
            _ => Verdict::Later(asked_to_wait(&response)),
        };
        Ok(Sent::answered(&response, verdict))
    }
}
