//! Who calls: a service, known by its API key.

use std::marker::PhantomData;

use aide::OperationInput;
use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::{StatusCode, header, request::Parts},
};
use domain::{fact::Source, ids::ProgramId};

use crate::{ApiKey, App, KeyRecord, Problem};

/// What a caller must be allowed to do.
pub trait Scope: Send + Sync + 'static {
    /// The word in the key's record.
    const NAME: &'static str;
}

macro_rules! scope {
    ($(#[$doc:meta])* $name:ident, $word:literal) => {
        $(#[$doc])*
        pub struct $name;
        impl Scope for $name {
            const NAME: &'static str = $word;
        }
    };
}

scope!(
    /// Record orders, refunds and members.
    Earn,
    "earn"
);
scope!(
    /// Spend members' points.
    Redeem,
    "redeem"
);
scope!(
    /// Read.
    Read,
    "read"
);
scope!(
    /// Adjust points, and all else.
    Admin,
    "admin"
);

/// A service whose key allows `S` in the program of the path. Another program's path is
/// answered as one that does not exist.
pub struct Service<S> {
    record: KeyRecord,
    scope: PhantomData<S>,
}

impl<S> Service<S> {
    /// The program that the key is for.
    pub fn program(&self) -> &ProgramId {
        &self.record.program
    }

    /// The source of its facts.
    pub fn source(&self) -> Source {
        let id = self.record.source.clone();
        Source { id, has_key_times: self.record.has_key_times }
    }

    /// The name that rows give it.
    pub fn actor(&self) -> String {
        self.record.name.clone()
    }
}

impl<S: Scope> FromRequestParts<App> for Service<S> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let header = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let secret = header.and_then(|header| header.strip_prefix("Bearer "));
        let Some(secret) = secret.filter(|secret| !secret.is_empty() && secret.len() <= 256) else {
            let detail = "send the API key as \"Authorization: Bearer …\"";
            return Err(Problem::new(StatusCode::UNAUTHORIZED, "KEY_MISSING", detail));
        };
        let Some(record) = app.key(&ApiKey::new(secret)).await? else {
            let detail = "the API key is unknown, or has ended";
            return Err(Problem::new(StatusCode::UNAUTHORIZED, "KEY_UNKNOWN", detail));
        };
        let params = RawPathParams::from_request_parts(parts, app).await;
        let params = params.map_err(|_| Problem::bad_request("PATH", "the path cannot be read"))?;
        let program = params.iter().find(|(name, _)| *name == "program").map(|(_, value)| value);
        if program.is_some_and(|program| program != record.program.as_str()) {
            return Err(Problem::not_found("PROGRAM_UNKNOWN", "there is no such program"));
        }
        let allowed = record.scopes.iter().any(|scope| scope == S::NAME || scope == Admin::NAME);
        if !allowed {
            let detail = format!("the API key does not have the scope {:?}", S::NAME);
            return Err(Problem::new(StatusCode::FORBIDDEN, "SCOPE", detail));
        }
        Ok(Service { record, scope: PhantomData })
    }
}

/// The program of every path.
#[derive(serde::Deserialize, schemars::JsonSchema)]
struct ProgramRef {
    /// The program's id.
    #[serde(rename = "program")]
    _program: String,
}

impl<S> OperationInput for Service<S> {
    fn operation_input(
        ctx: &mut aide::generate::GenContext,
        operation: &mut aide::openapi::Operation,
    ) {
        axum::extract::Path::<ProgramRef>::operation_input(ctx, operation);
        let requirement = [("api_key".to_owned(), Vec::new())].into_iter().collect();
        if operation.security.is_empty() {
            operation.security.push(requirement);
        }
    }
}
