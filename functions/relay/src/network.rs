//! The way out: one HTTP client that follows no redirect, waits only so long, and connects
//! to nothing but what is within reach.

use std::{error::Error, sync::OnceLock, time::Duration};

use reqwest::{Client, RequestBuilder, Response, StatusCode, header::RETRY_AFTER, redirect};

use crate::address::{Reach, Refused};

const CONNECTING: Duration = Duration::from_secs(5);
/// How long a recipient has for its answer. A batch of ten is sent side by side: well within
/// the function's time.
const ANSWERING: Duration = Duration::from_secs(15);
/// The most bytes of an answer that are read.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// The network, as far as it is within reach.
#[derive(Debug, Default)]
pub struct Network {
    reach: Reach,
    client: OnceLock<Option<Client>>,
}

/// Why nothing came back, as a stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoAnswer(pub &'static str);

impl Network {
    /// A network.
    pub fn new(reach: Reach) -> Network {
        Network { reach, client: OnceLock::new() }
    }

    /// How far it goes.
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// A request to be sent with [`answer`].
    ///
    /// # Errors
    ///
    /// [`NoAnswer`] where the URL is out of reach, or this machine has no TLS.
    pub fn post(&self, url: &str) -> Result<RequestBuilder, NoAnswer> {
        let url = self.reach.check(url).map_err(|refused| NoAnswer(refused.code()))?;
        // Made when it is first asked for: reading certificates takes a start a while.
        let client = self.client.get_or_init(|| client(self.reach));
        Ok(client.as_ref().ok_or(NoAnswer("NO_TLS"))?.post(url))
    }
}

fn client(reach: Reach) -> Option<Client> {
    let client = Client::builder()
        .user_agent(concat!("guerdon/", env!("CARGO_PKG_VERSION")))
        .dns_resolver(reach.resolver())
        .no_proxy()
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECTING)
        .timeout(ANSWERING);
    client.build().inspect_err(|error| tracing::error!(%error, "no HTTP client")).ok()
}

/// Sends a request.
///
/// # Errors
///
/// [`NoAnswer`] when nothing came back. Where it went is not repeated: a URL may hold a
/// secret.
pub async fn answer(request: RequestBuilder) -> Result<Response, NoAnswer> {
    request.send().await.map_err(|error| NoAnswer(code_of(&error)))
}

fn code_of(error: &reqwest::Error) -> &'static str {
    let mut source: Option<&dyn Error> = error.source();
    while let Some(cause) = source {
        if let Some(refused) = cause.downcast_ref::<Refused>() {
            return refused.code();
        }
        source = cause.source();
    }
    match () {
        () if error.is_timeout() => "TIMED_OUT",
        () if error.is_connect() => "NOT_CONNECTED",
        () => "NO_ANSWER",
    }
}

/// How long a recipient asks to be left alone: `Retry-After` in seconds. A date is not
/// looked at; our own wait does.
pub fn asked_to_wait(response: &Response) -> Option<Duration> {
    let asks = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE];
    let header = response.headers().get(RETRY_AFTER).filter(|_| asks.contains(&response.status()));
    let seconds = header?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// The beginning of an answer's body; all of it, where it is no longer than an answer should
/// be.
///
/// # Errors
///
/// [`NoAnswer`] when it stopped coming.
pub async fn body(mut response: Response) -> Result<Vec<u8>, NoAnswer> {
    let mut body = Vec::new();
    while body.len() < ANSWER_BYTES_MAX {
        match response.chunk().await.map_err(|error| NoAnswer(code_of(&error)))? {
            Some(chunk) => body.extend_from_slice(&chunk),
            None => break,
        }
    }
    Ok(body)
}
