//! How often a caller may call, counted in the memory of each instance of a function.
//!
//! A counter in a table would be right for all instances together, and would double what
//! an order costs. So each running instance counts what it sees itself, and the sum over
//! all of them is bounded by the throttle of API Gateway's stage. What is counted here
//! keeps one caller from using up what the others need.

use std::{
    collections::HashMap,
    fmt,
    str::FromStr,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use axum::{extract::Request, http::HeaderValue, middleware::Next, response::Response};
use domain::row::Chain;
use serde::{Deserialize, Serialize};

/// The most callers that are counted apart.
const COUNTED_MAX: usize = 10_000;
/// The most requests of a limit, and its longest window.
const REQUESTS_MAX: u32 = 1_000_000;
const SECONDS_MAX: u32 = 86_400;

/// So many requests in so many seconds: all of them at once, or spread evenly for ever.
/// Written `200/2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Limit {
    requests: u32,
    seconds: u32,
}

/// Why a text is no limit.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a limit is written REQUESTS/SECONDS, such as 200/2: 1 to {REQUESTS_MAX} requests in 1 to \
     {SECONDS_MAX} seconds"
)]
pub struct BadLimit;

impl Limit {
    /// Of a key that has none of its own: 100 a second, 200 at once.
    pub const OF_KEYS: Limit = Limit { requests: 200, seconds: 2 };
    /// Of a member's tokens together. People are slower than tills.
    pub const OF_MEMBERS: Limit = Limit { requests: 50, seconds: 10 };
    /// Of all keys together that an instance has never found and whose hashes begin alike:
    /// guessing is slow, and keeps few of those waiting who come for the first time.
    pub(crate) const OF_STRANGERS: Limit = Limit { requests: 50, seconds: 10 };

    /// A limit; `None` for one of no requests or no time, and for an absurd one.
    pub fn new(requests: u32, seconds: u32) -> Option<Limit> {
        let sensible =
            (1..=REQUESTS_MAX).contains(&requests) && (1..=SECONDS_MAX).contains(&seconds);
        sensible.then_some(Limit { requests, seconds })
    }

    /// After which time one request more is free.
    fn each(self) -> Duration {
        Duration::from_secs(self.seconds.into()) / self.requests.max(1)
    }
}

/// `200/2`, or for people (`{:#}`) `200 requests in 2 s`.
impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match f.alternate() {
            true => write!(f, "{} requests in {} s", self.requests, self.seconds),
            false => write!(f, "{}/{}", self.requests, self.seconds),
        }
    }
}

impl FromStr for Limit {
    type Err = BadLimit;

    fn from_str(text: &str) -> Result<Limit, BadLimit> {
        let (requests, seconds) = text.split_once('/').ok_or(BadLimit)?;
        let number = |text: &str| text.parse::<u32>().map_err(|_| BadLimit);
        Limit::new(number(requests)?, number(seconds)?).ok_or(BadLimit)
    }
}

impl TryFrom<String> for Limit {
    type Error = BadLimit;

    fn try_from(text: String) -> Result<Limit, BadLimit> {
        text.parse()
    }
}

impl From<Limit> for String {
    fn from(limit: Limit) -> String {
        limit.to_string()
    }
}

/// Who is counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Whose {
    /// A key, by its hash.
    Key(String),
    /// A member, whatever token they send.
    Member(Chain),
    /// Keys that were never found, by how their hashes begin.
    Strangers(String),
}

impl Whose {
    /// The name of the policy in the headers.
    fn policy(&self) -> &'static str {
        match self {
            Whose::Key(_) => "key",
            Whose::Member(_) => "member",
            Whose::Strangers(_) => "unknown-key",
        }
    }
}

/// How a caller stands after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    policy: &'static str,
    limit: Limit,
    /// How many requests are free.
    left: u128,
    /// After which time all are.
    all_after: Duration,
    /// How long to wait, for a request that was one too many.
    pub(crate) wait: Option<Duration>,
}

/// The callers that were heard lately.
#[derive(Default)]
pub(crate) struct Limits {
    /// When all requests of a caller will be free again: all that their bucket is (the
    /// generic cell rate algorithm).
    full_at: Mutex<HashMap<Whose, Instant>>,
}

impl Limits {
    /// Counts a request at `now`, by the machine's clock: a local stack's may stand still.
    pub(crate) fn take(&self, whose: Whose, limit: Limit, now: Instant) -> Standing {
        let (policy, each) = (whose.policy(), limit.each());
        let window = each * limit.requests;
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let known = full_at.get(&whose).map_or(now, |at| (*at).max(now));
        let before = known.duration_since(now);
        let after = before + each;
        let taken = after <= window;
        if taken {
            if full_at.len() >= COUNTED_MAX && !full_at.contains_key(&whose) {
                forget(&mut full_at, now);
            }
            full_at.insert(whose, now + after);
        }
        let all_after = if taken { after } else { before };
        let left = window.saturating_sub(all_after).as_nanos() / each.as_nanos().max(1);
        let wait = (!taken).then(|| after.saturating_sub(window));
        Standing { policy, limit, left, all_after, wait }
    }
}

/// Who has all requests free stands as one who never came. Where that is not enough, all
/// begin anew: memory has a limit as well.
fn forget(full_at: &mut HashMap<Whose, Instant>, now: Instant) {
    full_at.retain(|_, at| *at > now);
    if full_at.len() >= COUNTED_MAX {
        full_at.clear();
    }
}

impl Standing {
    /// Whole seconds to wait, for a request that was one too many.
    pub(crate) fn retry_after(&self) -> Option<u64> {
        self.wait.map(|wait| seconds_up(wait).max(1))
    }

    /// `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10).
    fn headers(&self) -> [(&'static str, String); 2] {
        let Standing { policy, limit: Limit { requests, seconds }, left, all_after, .. } = self;
        let reset = seconds_up(*all_after);
        [
            ("ratelimit-policy", format!("\"{policy}\";q={requests};w={seconds}")),
            ("ratelimit", format!("\"{policy}\";r={left};t={reset}")),
        ]
    }
}

fn seconds_up(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// Where whoever finds out who calls says how they stand.
#[derive(Clone, Default)]
pub(crate) struct Said(Arc<OnceLock<Standing>>);

impl Said {
    pub(crate) fn say(&self, standing: Standing) {
        // Only one caller sends a request.
        let _ = self.0.set(standing);
    }
}

/// Middleware: tells callers, with whatever they are answered, how they stand.
pub(crate) async fn tell(mut request: Request, next: Next) -> Response {
    let said = Said::default();
    request.extensions_mut().insert(said.clone());
    let mut response = next.run(request).await;
    for (name, value) in said.0.get().into_iter().flat_map(Standing::headers) {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Whose {
        Whose::Key(name.to_owned())
    }

    #[test]
    fn a_burst_is_taken_and_the_rest_waits_its_turn() {
        let (limits, start) = (Limits::default(), Instant::now());
        let limit: Limit = "4/2".parse().expect("a limit");
        let take =
            |millis: u64| limits.take(key("a"), limit, start + Duration::from_millis(millis));
        let left: Vec<u128> = (0..4).map(|_| take(0).left).collect();
        assert_eq!(left, [3, 2, 1, 0]);
        let refused = take(0);
        assert_eq!((refused.left, refused.wait), (0, Some(Duration::from_millis(500))));
        assert_eq!((refused.retry_after(), refused.all_after), (Some(1), Duration::from_secs(2)));
        // A refused request costs nothing, so waiting helps.
        assert_eq!(take(499).wait, Some(Duration::from_millis(1)));
        assert_eq!((take(500).wait, take(500).wait.is_some()), (None, true));
        let rested = take(60_000);
        assert_eq!((rested.left, rested.wait), (3, None));
        assert_eq!(limits.take(key("b"), limit, start).left, 3, "another key has its own");
    }

    #[test]
    fn exactly_the_requests_of_a_window_fit_whatever_their_number() {
        for text in ["1/1", "3/1", "7/3600", "1000000/1", "999983/1", "1000000/86400"] {
            let (limits, limit) = (Limits::default(), text.parse::<Limit>().expect("a limit"));
            let now = Instant::now();
            let taken =
                (0..limit.requests).filter(|_| limits.take(key("a"), limit, now).wait.is_none());
            assert_eq!(taken.count(), limit.requests as usize, "{text}");
            assert!(limits.take(key("a"), limit, now).wait.is_some(), "{text}");
        }
    }

    #[test]
    fn headers_say_what_the_draft_says() {
        let (limits, now) = (Limits::default(), Instant::now());
        let first = limits.take(key("a"), Limit::OF_KEYS, now).headers();
        let expected = [
            ("ratelimit-policy", "\"key\";q=200;w=2".to_owned()),
            ("ratelimit", "\"key\";r=199;t=1".to_owned()),
        ];
        assert_eq!(first, expected);
    }

    #[test]
    fn no_number_of_callers_fills_the_memory() {
        let (limits, now) = (Limits::default(), Instant::now());
        let slow = Limit { requests: 1, seconds: 60 };
        for n in 0..=COUNTED_MAX {
            limits.take(key(&n.to_string()), slow, now);
        }
        assert!(limits.full_at.lock().expect("no panic").len() <= COUNTED_MAX);
    }

    #[test]
    fn a_limit_is_written_as_it_is_read() {
        for text in ["1/1", "200/2", "1000000/86400"] {
            let limit: Limit = text.parse().expect("a limit");
            assert_eq!(limit.to_string(), text);
            let json = serde_json::to_string(&limit).expect("JSON");
            assert_eq!(serde_json::from_str::<Limit>(&json).expect("a limit"), limit);
        }
        for text in ["", "5", "0/1", "1/0", "-1/1", "1/1/1", "1000001/1", "1/86401", "1.5/1"] {
            assert_eq!(text.parse::<Limit>(), Err(BadLimit), "{text}");
        }
    }
}
