//! One structured line a request, without personal data.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use tracing_subscriber::fmt::MakeWriter;

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
    let lines = lines(level.unwrap_or(tracing::Level::INFO), std::io::stdout);
    let _ = tracing::subscriber::set_global_default(lines);
}

/// What writes JSON lines of a level and up.
pub fn lines<W>(level: tracing::Level, writer: W) -> impl tracing::Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_max_level(level)
        .with_writer(writer)
        .finish()
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
    // What it is made of names machines' things: an address with its @ is none.
    let of_name = |b: u8| b.is_ascii_alphanumeric() || b"-_.:=/+".contains(&b);
    let proper = |id: &&str| (1..=64).contains(&id.len()) && id.bytes().all(of_name);
    given.filter(proper).map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned)
}
