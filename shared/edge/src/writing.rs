//! The one way in which every handler records a fact and answers.

use aide::OperationInput;
use axum::{
    Json,
    extract::FromRequestParts,
    http::{HeaderValue, StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use domain::{
    fact::{Fact, KeyedFact, Source},
    ids::{ExternalId, MemberId, ProgramId},
    row::Chain,
};
use schemars::JsonSchema;
use serde::Deserialize;
use store::{Mode, Recorded, tables::Put};

use crate::{App, Problem, api, auth::Caller, telemetry::About};

/// The header that names a request of a caller.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The caller's name for a request: sent again with the same key, it counts once.
/// Without one each request is its own. A UUIDv7 is best: it carries its own time.
pub struct IdempotencyKey(pub ExternalId);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let Some(header) = parts.headers.get(IDEMPOTENCY_KEY) else {
            let fresh = uuid::Uuid::now_v7().to_string();
            return Ok(IdempotencyKey(api::id("Idempotency-Key", fresh)?));
        };
        let text = header.to_str().map_err(|_| {
            Problem::bad_request("ID", "Idempotency-Key must be visible ASCII characters")
        })?;
        Ok(IdempotencyKey(api::id("Idempotency-Key", text.to_owned())?))
    }
}

impl OperationInput for IdempotencyKey {
    fn operation_input(
        ctx: &mut aide::generate::GenContext,
        operation: &mut aide::openapi::Operation,
    ) {
        use aide::openapi::{
            HeaderStyle, Parameter, ParameterData, ParameterSchemaOrContent, SchemaObject,
        };
        let schema = SchemaObject {
            json_schema: ctx.schema.subschema_for::<String>(),
            example: None,
            external_docs: None,
        };
        let parameter_data = ParameterData {
            name: "Idempotency-Key".to_owned(),
            description: Some("The same key with the same body counts once, for ever.".to_owned()),
            required: false,
            deprecated: None,
            format: ParameterSchemaOrContent::Schema(schema),
            example: None,
            examples: Default::default(),
            explode: None,
            extensions: Default::default(),
        };
        let header = Parameter::Header { parameter_data, style: HeaderStyle::Simple };
        aide::operation::add_parameters(ctx, operation, [header]);
    }
}

/// How to write.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteQuery {
    /// Only answer what would happen.
    #[serde(default)]
    pub dry_run: bool,
}

/// A fact on its way into a chain.
pub struct Writing<'a> {
    /// What handlers share.
    pub app: &'a App,
    /// The program.
    pub program: &'a ProgramId,
    /// Where the fact comes from.
    pub source: Source,
    /// Who sends it.
    pub actor: String,
    /// The caller's name for the request.
    pub request: ExternalId,
    /// Whether only to answer what would happen.
    pub dry_run: bool,
}

impl<'a> Writing<'a> {
    /// A fact that `caller` sends.
    pub fn by(
        app: &'a App,
        caller: &'a Caller,
        query: &WriteQuery,
        request: ExternalId,
    ) -> Writing<'a> {
        Writing {
            app,
            program: caller.program(),
            source: caller.source(),
            actor: caller.actor(),
            request,
            dry_run: query.dry_run,
        }
    }

    /// A fact of which a chain has one, whoever asks and under whatever name: an enrolment,
    /// or that a redemption is undone.
    pub fn once(app: &'a App, caller: &'a Caller, query: &WriteQuery) -> Writing<'a> {
        Writing::by(app, caller, query, "-".parse().expect("an id of ours is one"))
    }

    /// Records a fact on a member's chain and answers with the stored row.
    ///
    /// # Errors
    ///
    /// A problem with the reason code.
    pub async fn record(
        self,
        member: MemberId,
        fact: Fact,
        beside: &[Put],
    ) -> Result<Written, Problem> {
        let fact = KeyedFact::new(fact, &self.source, &self.request, self.actor)?;
        let chain = Chain { program: self.program.clone(), member };
        let mode = if self.dry_run { Mode::DryRun } else { Mode::Record };
        let recorded = self.app.record(&chain, &fact, mode, beside).await?;
        let key = fact.key.as_ref().map(ToString::to_string).unwrap_or_default();
        Written::of(self.app, &recorded, key, self.dry_run).await
    }
}

/// The answer to a write: 201 for a new row, 200 for one that was there or a dry run.
pub struct Written {
    /// The answer.
    pub answer: api::Recorded,
    about: About,
}

impl Written {
    /// The answer to a fact with this key.
    ///
    /// # Errors
    ///
    /// A problem where the program cannot be read.
    pub async fn of(
        app: &App,
        recorded: &Recorded,
        key: String,
        dry_run: bool,
    ) -> Result<Written, Problem> {
        let row = &recorded.stored.row;
        let rulebook = app.rulebook(&row.chain.program).await?;
        let answer = api::Recorded::of(&rulebook, row, recorded.replayed, dry_run)?;
        Ok(Written { answer, about: About { member: row.chain.member.to_string(), key } })
    }
}

impl IntoResponse for Written {
    fn into_response(self) -> Response {
        let known = self.answer.replayed || self.answer.dry_run;
        let status = if known { StatusCode::OK } else { StatusCode::CREATED };
        let replayed = self.answer.replayed;
        let mut response = (status, Json(self.answer)).into_response();
        if replayed {
            let header = HeaderValue::from_static("true");
            response.headers_mut().insert("idempotency-hit", header);
        }
        response.extensions_mut().insert(self.about);
        response
    }
}

impl aide::OperationOutput for Written {
    type Inner = api::Recorded;

    fn operation_response(
        ctx: &mut aide::generate::GenContext,
        operation: &mut aide::openapi::Operation,
    ) -> Option<aide::openapi::Response> {
        Json::<api::Recorded>::operation_response(ctx, operation)
    }

    fn inferred_responses(
        ctx: &mut aide::generate::GenContext,
        operation: &mut aide::openapi::Operation,
    ) -> Vec<(Option<u16>, aide::openapi::Response)> {
        let response = Self::operation_response(ctx, operation);
        let statuses = [200, 201].into_iter();
        statuses.filter_map(|status| Some((Some(status), response.clone()?))).collect()
    }
}

/// The answer to a change of what is kept beside the ledger: done, and nothing to add.
pub struct Kept;

impl IntoResponse for Kept {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

impl aide::OperationOutput for Kept {
    type Inner = ();

    fn operation_response(
        _ctx: &mut aide::generate::GenContext,
        _operation: &mut aide::openapi::Operation,
    ) -> Option<aide::openapi::Response> {
        let description = "It is kept".to_owned();
        Some(aide::openapi::Response { description, ..Default::default() })
    }

    fn inferred_responses(
        ctx: &mut aide::generate::GenContext,
        operation: &mut aide::openapi::Operation,
    ) -> Vec<(Option<u16>, aide::openapi::Response)> {
        let response = Self::operation_response(ctx, operation);
        response.into_iter().map(|response| (Some(204), response)).collect()
    }
}
