//! From routes that describe themselves to a service: health, the OpenAPI document,
//! errors for unknown paths, and the line of each request.

use std::sync::Arc;

use aide::{
    axum::{ApiRouter, routing::get},
    openapi::{Info, OpenApi, SecurityScheme},
    transform::TransformOpenApi,
};
use axum::{
    Extension, Json, Router,
    http::StatusCode,
    middleware,
    response::{IntoResponse, Response},
};

use crate::{
    Problem,
    auth::{API_KEY, MEMBER_TOKEN},
    limits, telemetry,
};

/// The service of some routes.
pub fn serve(routes: ApiRouter) -> Router {
    let mut document = OpenApi {
        info: Info {
            title: "Guerdon".to_owned(),
            summary: Some("Points, tiers and rewards in a ledger that can be proved".to_owned()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..Info::default()
        },
        ..OpenApi::default()
    };
    let router = routes
        .api_route("/healthz", get(healthy))
        .route("/openapi.json", axum::routing::get(openapi))
        .finish_api_with(&mut document, describe);
    router
        .fallback(unknown)
        .method_not_allowed_fallback(not_allowed)
        .layer(Extension(Arc::new(document)))
        .layer(middleware::from_fn(limits::tell))
        .layer(middleware::from_fn(telemetry::one_line))
}

fn describe(document: TransformOpenApi) -> TransformOpenApi {
    let key = SecurityScheme::Http {
        scheme: "bearer".to_owned(),
        bearer_format: Some("an API key".to_owned()),
        description: Some("An API key of the program, with the scope of the route".to_owned()),
        extensions: Default::default(),
    };
    let token = SecurityScheme::Http {
        scheme: "bearer".to_owned(),
        bearer_format: Some("JWT".to_owned()),
        description: Some("A token of the member whose account the path names".to_owned()),
        extensions: Default::default(),
    };
    document.security_scheme(API_KEY, key).security_scheme(MEMBER_TOKEN, token)
}

#[derive(serde::Serialize, schemars::JsonSchema)]
struct Health {
    /// `ok`.
    status: &'static str,
}

async fn healthy() -> Json<Health> {
    Json(Health { status: "ok" })
}

async fn openapi(Extension(document): Extension<Arc<OpenApi>>) -> Response {
    Json(document.as_ref()).into_response()
}

async fn unknown() -> Problem {
    Problem::not_found("PATH_UNKNOWN", "there is no such path")
}

async fn not_allowed() -> Problem {
    let detail = "this path does not know this method";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD", detail)
}
