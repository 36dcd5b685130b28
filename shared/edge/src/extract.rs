//! Extractors that refuse with problem details instead of plain text.

use aide::{OperationInput, generate::GenContext, openapi::Operation};
use axum::{
    body::{Bytes, to_bytes},
    extract::{
        FromRequest, FromRequestParts, Path, Query, Request, path::ErrorKind,
        rejection::PathRejection,
    },
    http::{StatusCode, request::Parts},
};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::{
    Problem,
    plain::{plainly, thing},
};

/// The largest body, in bytes.
pub const BODY_BYTES_MAX: usize = 256 * 1024;

/// A JSON body: an object, or where it `MAY_BE_LIST` also a list.
pub struct Body<T, const MAY_BE_LIST: bool = false>(pub T);

impl<T, S, const MAY_BE_LIST: bool> FromRequest<S> for Body<T, MAY_BE_LIST>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        // Before any work: what is too long is not read to its end.
        let bytes = to_bytes(request.into_body(), BODY_BYTES_MAX).await.map_err(|_| {
            let detail = format!("a body has at most {BODY_BYTES_MAX} bytes");
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE", detail)
        })?;
        // To the JSON library a list is an object too, of fields by their position.
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        if first == Some(&b'[') && !MAY_BE_LIST {
            let detail = "expected an object, not a list";
            return Err(Problem::bad_request("FIELD", detail).with("path", "."));
        }
        parse(&bytes).map(Body)
    }
}

fn parse<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let parsed = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let (path, words) = (error.path().to_string(), plainly(error.inner()));
        let detail = match path.as_str() {
            "." => words,
            _ => format!("{path}: {words}"),
        };
        let code = match error.inner().classify() {
            serde_json::error::Category::Data => "FIELD",
            _ => "MALFORMED_JSON",
        };
        Problem::bad_request(code, detail).with("path", path)
    })?;
    json.end().map_err(|error| Problem::bad_request("MALFORMED_JSON", plainly(&error)))?;
    Ok(parsed)
}

impl<T: JsonSchema, const MAY_BE_LIST: bool> OperationInput for Body<T, MAY_BE_LIST> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        axum::Json::<T>::operation_input(ctx, operation);
    }
}

/// The parameters in the path.
pub struct PathOf<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for PathOf<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<T>::from_request_parts(parts, state).await;
        let found = path.map_err(|error| Problem::bad_request("PATH", of_path(error)))?;
        Ok(PathOf(found.0))
    }
}

fn of_path(error: PathRejection) -> String {
    let whole = error.body_text();
    let PathRejection::FailedToDeserializePathParams(failed) = error else { return whole };
    match failed.into_kind() {
        ErrorKind::ParseErrorAtKey { key, expected_type, .. } => {
            format!("{key} in the path is not {}", thing(expected_type))
        }
        _ => whole,
    }
}

impl<T: JsonSchema> OperationInput for PathOf<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        Path::<T>::operation_input(ctx, operation);
    }
}

/// The parameters after the question mark.
pub struct QueryOf<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for QueryOf<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        let found = query.map_err(|error| Problem::bad_request("QUERY", error.body_text()))?;
        Ok(QueryOf(found.0))
    }
}

impl<T: JsonSchema> OperationInput for QueryOf<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        Query::<T>::operation_input(ctx, operation);
    }
}
