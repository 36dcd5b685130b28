//! Who sends a request, and what its path names.

use std::time;

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::{StatusCode, header, request::Parts},
};
use domain::{ids::ProgramId, row::Chain};

use crate::{
    ApiKey, App, KeyRecord, Problem,
    limits::{Limit, Said, Whose},
};

/// Who sends a request, before it is known what they may do.
pub(super) enum Known {
    Service(KeyRecord),
    Member(Chain),
}

impl Known {
    /// Finds out who sends a request, and counts it.
    pub(super) async fn by(parts: &Parts, app: &App) -> Result<Known, Problem> {
        let said = parts.extensions.get::<Said>().cloned().unwrap_or_default();
        if let Some(bearer) = app.member_tokens().bearer(parts) {
            let chain = bearer?;
            app.count(&said, Whose::Member(chain.clone()), Limit::OF_MEMBERS)?;
            return Ok(Known::Member(chain));
        }
        let header = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let scheme = header.and_then(|header| header.split_once(' '));
        // RFC 9110, 11.1: the scheme's name in any case.
        let secret = scheme.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"));
        let secret = secret.map(|(_, secret)| secret);
        let Some(secret) = secret.filter(|secret| !secret.is_empty() && secret.len() <= 256) else {
            let detail = "send the API key as \"Authorization: Bearer …\"";
            return Err(Problem::new(StatusCode::UNAUTHORIZED, "KEY_MISSING", detail));
        };
        app.service(&said, &ApiKey::new(secret)).await.map(Known::Service)
    }
}

impl App {
    /// What a key may do that is open now. Every request of a key is counted; one of a key
    /// that was never found is counted with others of its like, before it is looked up.
    async fn service(&self, said: &Said, key: &ApiKey) -> Result<KeyRecord, Problem> {
        let unknown = || {
            let detail = "the API key is unknown, or has ended";
            Problem::new(StatusCode::UNAUTHORIZED, "KEY_UNKNOWN", detail)
        };
        let now = time::Instant::now();
        let stranger = Whose::Strangers(key.id().chars().take(2).collect());
        let strange = (!self.keys().knows(key))
            .then(|| self.limits().take(stranger, Limit::OF_STRANGERS, now));
        if let Some(standing) = strange.filter(|standing| standing.wait.is_some()) {
            said.say(standing);
            return Err(Problem::rate_limited(standing.retry_after()));
        }
        let Some(record) = self.keys().find(self.tables(), key, now).await? else {
            strange.into_iter().for_each(|standing| said.say(standing));
            return Err(unknown());
        };
        let limit = record.limit.unwrap_or(Limit::OF_KEYS);
        self.count(said, Whose::Key(key.hash()), limit)?;
        if !record.is_open(self.clock().now()) {
            return Err(unknown());
        }
        Ok(record)
    }

    /// Counts a request, and refuses it where it is one too many.
    fn count(&self, said: &Said, whose: Whose, limit: Limit) -> Result<(), Problem> {
        let standing = self.limits().take(whose, limit, time::Instant::now());
        said.say(standing);
        match standing.wait {
            None => Ok(()),
            Some(_) => Err(Problem::rate_limited(standing.retry_after())),
        }
    }
}

/// What a path names.
pub(super) struct OfPath {
    program: Option<String>,
    pub(super) member: Option<String>,
}

impl OfPath {
    pub(super) async fn read(parts: &mut Parts, app: &App) -> Result<OfPath, Problem> {
        let params = RawPathParams::from_request_parts(parts, app).await;
        let params = params.map_err(|_| Problem::bad_request("PATH", "the path cannot be read"))?;
        let named = |wanted: &str| {
            params.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned())
        };
        Ok(OfPath { program: named("program"), member: named("member") })
    }

    /// Another program's path is one that does not exist.
    pub(super) fn lets_into(&self, program: &ProgramId) -> Result<(), Problem> {
        match self.program.as_deref().is_none_or(|named| named == program.as_str()) {
            true => Ok(()),
            false => Err(Problem::not_found("PROGRAM_UNKNOWN", "there is no such program")),
        }
    }
}
