//! Salesforce Marketing Cloud: each event enters the member into a journey.
//!
//! A token by client credentials from `/v2/token` (developer.salesforce.com, "Access Token
//! for Server-to-Server Integrations"), then `POST /interaction/v1/events` ("postEvent").
//! Marketing Cloud knows no event twice by its id: the id is among the data, for a data
//! extension that has it as its key.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use reqwest::{
    StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use serde::{Deserialize, Serialize};

use super::{Sent, Verdict};
use crate::{
    event::Decimal,
    message::Delivery,
    network::{Network, NoAnswer, answer, body},
    subscriber::{Secret, Subscriber},
};

const JSON: &str = "application/json; charset=UTF-8";
/// A token is not used in its last minute: the clocks differ, and requests take time.
const SPARE: Duration = Duration::from_secs(60);
/// No token is believed for longer, whatever it says of itself.
const LIFETIME_MAX: Duration = Duration::from_secs(3_600);
/// The most tokens that are remembered.
const TOKENS_MAX: usize = 1_000;

/// A journey's entry event; the client's secret is the secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Salesforce {
    /// Where tokens are had: `https://{subdomain}.auth.marketingcloudapis.com`.
    pub auth_url: String,
    /// Where events go: `https://{subdomain}.rest.marketingcloudapis.com`.
    pub rest_url: String,
    /// The installed package's client.
    pub client_id: String,
    /// The business unit (MID), where it is not the client's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// The key of the entry event.
    pub event_definition_key: String,
}

/// Tokens that are still good, by the secret they were had with.
#[derive(Default)]
pub struct Tokens(Mutex<HashMap<(String, String), (Instant, Secret)>>);

impl Salesforce {
    /// A journey's entry event of a tenant.
    pub fn of_tenant(
        subdomain: &str,
        client_id: String,
        event_definition_key: String,
    ) -> Salesforce {
        let url = |service: &str| format!("https://{subdomain}.{service}.marketingcloudapis.com");
        Salesforce {
            auth_url: url("auth"),
            rest_url: url("rest"),
            client_id,
            account_id: None,
            event_definition_key,
        }
    }

    pub(super) async fn send(
        &self,
        (network, tokens): (&Network, &Tokens),
        subscriber: &Subscriber,
        delivery: &Delivery,
    ) -> Result<Sent, NoAnswer> {
        let secret = &subscriber.secrets.current;
        let kept_as = (self.client_id.clone(), secret.reveal().to_owned());
        let token = match tokens.get(&kept_as) {
            Some(token) => token,
            None => match self.token(network, secret).await? {
                Ok((token, lifetime)) => tokens.keep(kept_as.clone(), token, lifetime),
                Err(refused) => return Ok(refused),
            },
        };
        let url = format!("{}/interaction/v1/events", self.rest_url.trim_end_matches('/'));
        let request = network.post(&url)?;
        let request = request
            .header(AUTHORIZATION, format!("Bearer {}", token.reveal()))
            .header(CONTENT_TYPE, JSON)
            .body(edge::ascii(&EntryEvent::of(self, delivery)));
        let response = answer(request).await?;
        if response.status() == StatusCode::UNAUTHORIZED {
            tokens.forget(&kept_as);
        }
        Ok(Sent::of_api(&response))
    }

    /// A token and how long it is good, or why there is none.
    async fn token(
        &self,
        network: &Network,
        secret: &Secret,
    ) -> Result<Result<(Secret, Duration), Sent>, NoAnswer> {
        let url = format!("{}/v2/token", self.auth_url.trim_end_matches('/'));
        let request = edge::ascii(&TokenRequest {
            grant_type: "client_credentials",
            client_id: &self.client_id,
            client_secret: secret.reveal(),
            account_id: self.account_id.as_deref(),
        });
        let request = network.post(&url)?.header(CONTENT_TYPE, JSON).body(request);
        let response = answer(request).await?;
        if !response.status().is_success() {
            // Never final: what is wrong is the client, not the event.
            let sent = Sent::of_api(&response);
            let verdict = match sent.verdict {
                later @ Verdict::Later(_) => later,
                _ => Verdict::Later(None),
            };
            let reason = Some(format!("TOKEN_{}", response.status().as_u16()));
            return Ok(Err(Sent { verdict, reason, ..sent }));
        }
        let body = body(response).await?;
        let token: Token =
            serde_json::from_slice(&body).map_err(|_| NoAnswer("TOKEN_UNREADABLE"))?;
        Ok(Ok((Secret::new(token.access_token), Duration::from_secs(token.expires_in))))
    }
}

impl Tokens {
    fn get(&self, kept_as: &(String, String)) -> Option<Secret> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (until, token) = known.get(kept_as)?;
        (Instant::now() < *until).then(|| token.clone())
    }

    fn keep(&self, kept_as: (String, String), token: Secret, lifetime: Duration) -> Secret {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= TOKENS_MAX {
            known.clear();
        }
        let until = Instant::now() + lifetime.min(LIFETIME_MAX).saturating_sub(SPARE);
        known.insert(kept_as, (until, token.clone()));
        token
    }

    fn forget(&self, kept_as: &(String, String)) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(kept_as);
    }
}

#[derive(Serialize)]
struct TokenRequest<'a> {
    grant_type: &'static str,
    client_id: &'a str,
    client_secret: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<&'a str>,
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
    expires_in: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct EntryEvent<'a> {
    contact_key: &'a str,
    event_definition_key: &'a str,
    data: EntryData<'a>,
}

/// The fields of the journey's data extension. Flat, as its columns are.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct EntryData<'a> {
    event_id: &'a str,
    event_type: &'static str,
    event_time: String,
    program: &'a str,
    member: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    points: Option<&'a Decimal>,
    points_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<&'a str>,
    balance: &'a Decimal,
    pending: &'a Decimal,
    #[serde(skip_serializing_if = "Option::is_none")]
    tier: Option<&'a str>,
}

impl<'a> EntryEvent<'a> {
    fn of(journey: &'a Salesforce, delivery: &'a Delivery) -> EntryEvent<'a> {
        let event = &delivery.event;
        let data = &event.data;
        EntryEvent {
            contact_key: data.member.as_str(),
            event_definition_key: &journey.event_definition_key,
            data: EntryData {
                event_id: &event.id,
                event_type: event.kind.as_str(),
                event_time: event.time.to_string(),
                program: data.program.as_str(),
                member: data.member.as_str(),
                points: data.points.as_ref(),
                points_name: &data.points_name,
                currency: data.currency.as_deref(),
                balance: &data.balance,
                pending: &data.pending,
                tier: data.tier.as_deref(),
            },
        }
    }
}
