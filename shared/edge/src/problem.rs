//! Errors as callers see them: problem details (RFC 9457) with a stable reason code.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{fact::Malformed, refusal::Refusal};
use serde::Serialize;
use serde_json::{Map, Value, json};
use store::{RecordError, tables::Failure};

/// The member of a problem that says after how many seconds to try again.
const RETRY_AFTER: &str = "retry_after";

/// An error with a reason code.
#[derive(Debug, Clone)]
pub struct Problem(Box<Details>);

/// What a caller reads of it.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Problem")]
struct Details {
    /// A stable name of the kind of problem: `urn:guerdon:problem:` and the code.
    #[serde(rename = "type")]
    kind: String,
    /// The kind of problem in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// The reason code.
    code: String,
    /// What is wrong with this request.
    detail: String,
    /// What else a program may want to know.
    #[serde(flatten)]
    more: Map<String, Value>,
}

impl Problem {
    /// A problem.
    pub fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Problem {
        Problem(Box::new(Details {
            kind: format!("urn:guerdon:problem:{code}"),
            title: status.canonical_reason().unwrap_or("Problem").to_owned(),
            status: status.as_u16(),
            code: code.to_owned(),
            detail: detail.into(),
            more: Map::new(),
        }))
    }

    /// Adds something for programs.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Problem {
        self.0.more.insert(name.to_owned(), value.into());
        self
    }

    /// The reason code.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// Something that is not there, or not for this caller: both answer alike.
    pub fn not_found(code: &str, detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::NOT_FOUND, code, detail)
    }

    /// A member who is not there, or is not the caller.
    pub fn member_unknown() -> Problem {
        Problem::not_found("MEMBER_UNKNOWN", "there is no such member")
    }

    /// One request too many; the next may come `after` so many seconds.
    pub(crate) fn rate_limited(after: Option<u64>) -> Problem {
        let after = after.unwrap_or(1);
        let detail = format!("more requests than allowed: wait {after} s; nothing was done");
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED", detail);
        problem.with(RETRY_AFTER, after)
    }

    /// A value that cannot be used.
    pub fn bad_request(code: &str, detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// A well-formed request that cannot be done.
    pub fn unprocessable(code: &str, detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
    }

    /// The problem of one of several things that a request holds, by its position.
    #[must_use]
    pub fn of_item(mut self, at: usize) -> Problem {
        let within = self.0.more.get("path").and_then(Value::as_str);
        let path = within.map_or(format!("[{at}]"), |path| format!("[{at}].{path}"));
        self.0.detail = format!("[{at}]: {}", self.0.detail);
        self.with("path", path)
    }

    /// Something that did not happen for now, and may be asked for again.
    pub fn unavailable(code: &str) -> Problem {
        let detail = "nothing is lost: send the same request again";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let code = crate::telemetry::Code(self.0.code.clone());
        let retry_after = match status {
            StatusCode::SERVICE_UNAVAILABLE => Some(2),
            _ => self.0.more.get(RETRY_AFTER).and_then(Value::as_u64),
        };
        let mut response = (status, axum::Json(self.0)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            // RFC 9110, 11.6.1: whoever is not let in is told by what they would be.
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(code);
        response
    }
}

impl aide::OperationOutput for Problem {
    type Inner = ();

    fn operation_response(
        ctx: &mut aide::generate::GenContext,
        operation: &mut aide::openapi::Operation,
    ) -> Option<aide::openapi::Response> {
        let mut response = axum::Json::<Details>::operation_response(ctx, operation)?;
        if let Some(json) = response.content.shift_remove("application/json") {
            response.content.insert("application/problem+json".into(), json);
        }
        Some(response)
    }

    fn inferred_responses(
        ctx: &mut aide::generate::GenContext,
        operation: &mut aide::openapi::Operation,
    ) -> Vec<(Option<u16>, aide::openapi::Response)> {
        let response = Self::operation_response(ctx, operation);
        response.into_iter().map(|response| (None, response)).collect()
    }
}

impl From<Malformed> for Problem {
    fn from(malformed: Malformed) -> Problem {
        let problem = Problem::unprocessable(malformed.code(), malformed.to_string());
        let path = match malformed {
            Malformed::Amount { field, .. }
            | Malformed::Quantity { field, .. }
            | Malformed::Discount { field }
            | Malformed::Text { field, .. }
            | Malformed::Points { field } => field,
            Malformed::ActivityKind => "kind".to_owned(),
            Malformed::Lines { .. }
            | Malformed::LineIdTwice { .. }
            | Malformed::Labels { .. }
            | Malformed::HoldMinutes { .. } => return problem,
        };
        problem.with("path", path)
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Problem {
        // Logged once, here; what the world did is nothing for the caller.
        tracing::error!(%failure, "the tables failed");
        match failure {
            Failure::Throttled => Problem::unavailable("THROTTLED"),
            Failure::Conflict | Failure::Unavailable(_) => Problem::unavailable("UNAVAILABLE"),
            Failure::Newer { .. } => Problem::unavailable("NEWER_SCHEMA"),
            Failure::TooLarge { .. } => {
                Problem::unprocessable("TOO_LARGE", "the order is too large to be recorded")
            }
            Failure::Unreadable { .. } | Failure::Refused(_) => {
                let detail = "something is wrong on our side; it was logged";
                Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", detail)
            }
        }
    }
}

impl From<RecordError> for Problem {
    fn from(error: RecordError) -> Problem {
        match error {
            RecordError::Refused(refusal) => refusal.into(),
            RecordError::KeyReused { sequence } => {
                let detail = "this id or idempotency key was used before for another request";
                let problem = Problem::new(StatusCode::CONFLICT, "KEY_REUSED", detail);
                problem.with("sequence", sequence)
            }
            RecordError::Beside(_) => {
                Problem::new(StatusCode::CONFLICT, "TAKEN", "it belongs to another member")
            }
            RecordError::Contended => Problem::unavailable("CONTENDED"),
            RecordError::Failed(failure) => failure.into(),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        let status = match &refusal {
            Refusal::MemberUnknown
            | Refusal::RewardUnknown { .. }
            | Refusal::RedemptionUnknown { .. }
            | Refusal::TierUnknown { .. }
            | Refusal::ChallengeUnknown { .. }
            | Refusal::HoldUnknown { .. } => StatusCode::NOT_FOUND,
            Refusal::Final
            | Refusal::HoldExpired { .. }
            | Refusal::ChallengeClosed { .. }
            | Refusal::TooManyHolds { .. }
            | Refusal::TooManyLabels { .. }
            | Refusal::TooManyParked { .. }
            | Refusal::AlreadyReferred
            | Refusal::NeverAFriend
            | Refusal::MovedOn { .. }
            | Refusal::NothingDue { .. } => StatusCode::CONFLICT,
            Refusal::VersionNotLoaded { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Refusal::Inconsistent(_) => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        if let Refusal::Inconsistent(impossible) = &refusal {
            tracing::error!(%impossible, "an account contradicts itself");
        }
        let mut problem = Problem::new(status, refusal.code(), refusal.to_string());
        problem.0.more = missing(&refusal);
        problem
    }
}

/// What a refused spend lacks, for programs.
fn missing(refusal: &Refusal) -> Map<String, Value> {
    let value = match refusal {
        Refusal::Insufficient { requested, available } => json!({
            "requested": requested,
            "available": available,
            "missing": requested.saturating_sub(*available),
        }),
        Refusal::MinPurchase { least, basket } => json!({
            "basket_at_least": least,
            "basket": basket,
            "missing": least - basket,
        }),
        Refusal::BasketShare { most, value } => json!({ "value_at_most": most, "value": value }),
        Refusal::NotAStep { step } => json!({ "step": step }),
        Refusal::Allowance { left } => json!({ "left": left }),
        Refusal::PriceIsFixed { price } => json!({ "price": price }),
        Refusal::HoldExpired { deadline } => json!({ "deadline": deadline }),
        Refusal::CaptureTooMuch { requested, held } => {
            json!({ "requested": requested, "held": held })
        }
        Refusal::LineUnknown { line } => json!({ "line": line }),
        Refusal::RewardTier { levels } => json!({ "levels": levels }),
        Refusal::RewardLabel { labels } => json!({ "labels": labels }),
        Refusal::RewardNotNow { from, to } => json!({ "from": from, "to": to }),
        Refusal::RewardLimit { most, per } => json!({ "most": most, "per": per }),
        _ => json!({}),
    };
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
