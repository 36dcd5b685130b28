//! One structured line a request, without personal data.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};

/// The header that names a request: ours unless the caller sends one.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What a handler adds to the line of its request. Ids only, never a name, an address or
/// a body.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// The member's id.
    pub member: String,
    /// The key of the fact.
    pub key: String,
}

/// The reason code of a refused request.
#[derive(Clone, Debug)]
pub(crate) struct Code(pub String);

/// Sets up logging as JSON lines on standard output, from the level in `RUST_LOG` up.
pub fn init() {
    let level = std::env::var("RUST_LOG").ok().and_then(|level| level.parse().ok());
    let level = level.unwrap_or(tracing::Level::INFO);
    let _ = tracing_subscriber::fmt().json().flatten_event(true).with_max_level(level).try_init();
}

/// Middleware: names the request and writes its line when it is done.
pub async fn one_line(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request_id(&request);
    let method = request.method().clone();
    // The route's pattern, not the path: a path may hold what people type.
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let mut response = next.run(request).await;
    let about = response.extensions_mut().remove::<About>().unwrap_or_default();
    let code = response.extensions_mut().remove::<Code>().map(|code| code.0);
    tracing::info!(
        request = %id,
        %method,
        route = route.as_deref().unwrap_or("none"),
        status = response.status().as_u16(),
        code = code.as_deref().unwrap_or(""),
        member = %about.member,
        key = %about.key,
        micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        "request"
    );
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

fn request_id(request: &Request) -> String {
    let given = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let proper = |id: &&str| id.len() <= 64 && id.bytes().all(|b| b.is_ascii_graphic());
    given.filter(proper).map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned)
}
