//! Webhooks of shops: checked at the door, read, and recorded while the shop waits.
//!
//! What a shop sends that can never be recorded is kept as a rejection and answered 200: a
//! shop that gets errors long enough stops sending. What cannot be recorded now goes to the
//! queue of credits.

use aide::{OperationInput, axum::ApiRouter, axum::routing::post_with};
use axum::{
    Json,
    body::{Bytes, to_bytes},
    extract::{FromRequest, Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use connectors::{BODY_BYTES_MAX, Delivered, Headers, Person, Personal, What, read, verify};
use domain::{
    fact::{Fact, IdentityKind},
    ids::{MemberId, SourceId},
    time::Instant,
};
use edge::{
    App, Arrival, ArrivedFact, KnownPerson, PathOf, Problem, Rejection, referral::Likeness,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::{RecordError, tables::Failure};

use crate::{
    arrivals::{NotTaken, Taken, take_in},
    connections::{ConnectionRecord, Connections},
};

/// The one route, which an API key opens nothing of: the signature does.
pub(crate) fn routes(app: App) -> ApiRouter {
    let state = Webhooks { app, connections: Connections::default() };
    ApiRouter::new()
        .api_route(
            "/webhooks/{connection}",
            post_with(webhook, |operation| {
                operation.id("takeWebhook").summary("Take a webhook of a shop, signed by it")
            }),
        )
        .with_state(state)
}

#[derive(Clone)]
struct Webhooks {
    app: App,
    connections: Connections,
}

/// Which connection.
#[derive(Debug, Deserialize, JsonSchema)]
struct ConnectionRef {
    /// The connection's id.
    connection: String,
}

/// What was posted, byte for byte: that is what is signed.
struct Posted {
    headers: HeaderMap,
    body: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Posted {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, BODY_BYTES_MAX).await.map_err(|_| {
            let detail = format!("a webhook has at most {BODY_BYTES_MAX} bytes");
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE", detail)
        })?;
        Ok(Posted { headers: parts.headers, body })
    }
}

impl OperationInput for Posted {}

/// The answer to a webhook.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Answer {
    /// What became of each thing that it told.
    pub results: Vec<Told>,
}

/// What became of one thing that a shop told.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Told {
    /// `recorded`, `replayed`, `waits` for its order, `queued`, `nothing` that counts, or
    /// `rejected`.
    pub outcome: &'static str,
    /// Why, where nothing was recorded or nothing earned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The key of the fact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Whose it is; a guest's chain begins with `guest:`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// The row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u64>,
    /// What the order has given by now, in smallest units of the program's first currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<u64>,
    /// What a member would have had, where a guest bought.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub would_earn: Option<u64>,
}

async fn webhook(
    State(webhooks): State<Webhooks>,
    PathOf(path): PathOf<ConnectionRef>,
    posted: Posted,
) -> Result<Response, Problem> {
    let Webhooks { app, connections } = webhooks;
    let unknown = || Problem::not_found("CONNECTION_UNKNOWN", "there is no such connection");
    let id: SourceId = path.connection.parse().map_err(|_| unknown())?;
    let now = app.clock().now();
    let record = connections.find(app.tables(), &id, now).await?.ok_or_else(unknown)?;
    let connection = record.at(now).map_err(|misconfigured| {
        tracing::error!(connection = %id, code = misconfigured.code(), "a connection cannot be used");
        Problem::unavailable("CONNECTION_UNUSABLE")
    })?;
    // A header that is no text signs nothing.
    let text = |value: &'_ axum::http::HeaderValue| value.to_str().ok().map(str::to_owned);
    let pairs = posted.headers.iter().filter_map(|(name, value)| Some((name, text(value)?)));
    let pairs: Vec<(String, String)> =
        pairs.map(|(name, value)| (name.as_str().to_owned(), value)).collect();
    let headers: Headers = pairs.iter().map(|(name, value)| (&**name, &**value)).collect();
    let signed = verify(&connection, &headers, &posted.body, now).map_err(|unsigned| {
        tracing::warn!(connection = %id, code = unsigned.code(), "an unsigned webhook");
        Problem::new(StatusCode::UNAUTHORIZED, unsigned.code(), unsigned.to_string())
    })?;
    let shop = Shop { app: &app, id: &id, record: &record, now };
    let told = match read(&signed) {
        Ok(delivered) => shop.all(delivered, &posted.body).await?,
        Err(refused) => {
            let rejected = shop.rejected((refused.code(), refused.to_string()), &posted.body, 0);
            vec![rejected.await?]
        }
    };
    let queued = told.iter().any(|told| told.outcome == "queued");
    let status = if queued { StatusCode::ACCEPTED } else { StatusCode::OK };
    Ok((status, Json(Answer { results: told })).into_response())
}

/// A connection that something came by.
#[derive(Clone, Copy)]
pub struct Shop<'a> {
    /// What handlers share.
    pub app: &'a App,
    /// The connection's id.
    pub id: &'a SourceId,
    /// The connection.
    pub record: &'a ConnectionRecord,
    /// Now.
    pub now: Instant,
}

impl Shop<'_> {
    /// Takes all that a webhook says, one after the other.
    async fn all(&self, delivered: Vec<Delivered>, body: &[u8]) -> Result<Vec<Told>, Problem> {
        let mut told = Vec::with_capacity(delivered.len());
        for (at, delivered) in delivered.into_iter().enumerate() {
            told.push(self.one(delivered, body, at).await?);
        }
        Ok(told)
    }

    /// Takes one thing that a shop says, the `at`th of a body.
    ///
    /// # Errors
    ///
    /// A problem when it can neither be recorded nor kept for now.
    pub async fn one(&self, delivered: Delivered, body: &[u8], at: usize) -> Result<Told, Problem> {
        let fact = match delivered.what {
            What::Fact(fact) => match *fact {
                Fact::Order(order) => ArrivedFact::Order(order),
                Fact::Refund(refund) => ArrivedFact::Refund(refund),
                _ => return Ok(Told { outcome: "nothing", ..Told::default() }),
            },
            What::PersonCreated { created_at } => ArrivedFact::Person { created_at },
            What::Nothing(why) => {
                let code = Some(why.code().to_owned());
                return Ok(Told { outcome: "nothing", code, ..Told::default() });
            }
            What::Unread(refused) => {
                return self.rejected((refused.code(), refused.to_string()), body, at).await;
            }
            What::Privacy(_) => {
                let detail = "somebody asks what is kept of them, or to be forgotten";
                return self.rejected(("PRIVACY", detail.to_owned()), body, at).await;
            }
            What::Named(named) => {
                let detail = format!(
                    "the shop names {:?} {} and does not say what is in it: fetch it there, and \
                     give it to guerdon reconcile",
                    named.resource, named.id
                );
                return self.rejected(("NAMED_ONLY", detail), body, at).await;
            }
        };
        let arrival = self.arrival(fact, delivered.person);
        match take_in(self.app, &arrival).await {
            Ok(taken) => self.told(&arrival, taken).await,
            Err(NotTaken::Record(error)) if is_passing(&error) => {
                tracing::warn!(connection = %self.id, %error, "a shop's fact goes to the queue");
                self.app.credits_queue().send(&[arrival.message()]).await?;
                Ok(Told { outcome: "queued", ..Told::default() })
            }
            Err(error) => {
                let (code, detail) = rejection_of(error)?;
                self.rejected((&code, detail), body, at).await
            }
        }
    }

    /// A fact of the shop on its way to a chain, with nothing personal left in it.
    pub fn arrival(&self, fact: ArrivedFact, person: Option<Person>) -> Arrival {
        let hasher = self.app.identities();
        let person = person.map(|person| {
            let said = |value: &Option<Personal>| value.as_ref().map(|it| it.reveal().to_owned());
            let (email, phone) = (said(&person.email), said(&person.phone));
            let (email, phone) = (email.as_deref(), phone.as_deref());
            let likeness = Likeness::of(hasher, email, phone, None, None);
            let identity = |kind, value: Option<Personal>| {
                value.map(|value| hasher.hash(kind, value.reveal()))
            };
            let account = person.id.as_ref().map(|id| id.reveal().to_owned());
            KnownPerson {
                account: account
                    .and_then(|id| MemberId::try_from(id).ok())
                    .filter(|id| !id.is_guest()),
                identities: [
                    identity(IdentityKind::Email, person.email),
                    identity(IdentityKind::Phone, person.phone),
                ]
                .into_iter()
                .flatten()
                .collect(),
                likeness,
                codes: person.codes,
            }
        });
        let connector = self.record.at(self.now).map(|connection| connection.source());
        Arrival {
            program: self.record.program.clone(),
            source: self.record.source.clone(),
            has_key_times: connector.is_ok_and(|source| source.has_key_times),
            actor: self.id.to_string(),
            accepted_at: self.now,
            enrols: self.record.enrols,
            emails_verified: self.record.emails_verified,
            person,
            fact,
        }
    }

    async fn told(&self, arrival: &Arrival, taken: Taken) -> Result<Told, Problem> {
        let key = arrival.keyed()?.and_then(|fact| fact.key).map(|key| key.to_string());
        let recorded = match taken {
            Taken::Recorded(recorded) => recorded,
            Taken::Waits => return Ok(Told { outcome: "waits", key, ..Told::default() }),
            Taken::Nothing(why) => {
                let code = Some(why.code().to_owned());
                return Ok(Told { outcome: "nothing", code, key, ..Told::default() });
            }
        };
        let row = &recorded.stored.row;
        let rulebook = self.app.rulebook(&row.chain.program).await?;
        let explained = domain::explain::explain(&rulebook, row).ok();
        let would_earn = explained.and_then(|it| it.order).and_then(|order| order.would_earn);
        Ok(Told {
            outcome: if recorded.replayed { "replayed" } else { "recorded" },
            code: row.note.map(|note| note.code().to_owned()),
            key,
            member: Some(row.chain.member.to_string()),
            sequence: Some(row.sequence),
            points: row.order.as_ref().map(|order| order.net(0).units()),
            would_earn,
        })
    }

    /// Keeps why something will never be recorded.
    async fn rejected(
        &self,
        (code, detail): (&str, String),
        body: &[u8],
        at: usize,
    ) -> Result<Told, Problem> {
        let digest = Sha256::digest(body);
        let hash: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        let rejection = Rejection {
            code: code.to_owned(),
            message: format!("{}-{hash}-{at}", self.id),
            member: None,
            key: None,
            connection: Some(self.id.to_string()),
            detail: Some(detail),
            rejected_at: self.now,
        };
        rejection.keep(self.app.tables(), Some(&self.record.program)).await?;
        tracing::warn!(connection = %self.id, code, "a webhook was rejected");
        Ok(Told { outcome: "rejected", code: Some(code.to_owned()), ..Told::default() })
    }
}

/// Whether the same may succeed later.
fn is_passing(error: &RecordError) -> bool {
    match error {
        RecordError::Contended => true,
        RecordError::Failed(failure) => {
            failure.is_passing() || matches!(failure, Failure::Newer { .. })
        }
        RecordError::Refused(_) | RecordError::KeyReused { .. } | RecordError::Beside(_) => false,
    }
}

/// Why a fact will never be recorded.
fn rejection_of(error: NotTaken) -> Result<(String, String), Problem> {
    match error {
        NotTaken::Malformed(malformed) => Ok((malformed.code().to_owned(), malformed.to_string())),
        NotTaken::Record(RecordError::Refused(refusal)) => {
            Ok((refusal.code().to_owned(), refusal.to_string()))
        }
        NotTaken::Record(reused @ RecordError::KeyReused { .. }) => {
            Ok(("KEY_REUSED".to_owned(), reused.to_string()))
        }
        NotTaken::Record(error) => Err(error.into()),
    }
}
