//! A subscriber that looks at everything it is sent: signature, shape, ids.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use connectors::{Connection, Connector, Headers, StandardWebhooks, verify};
use edge::Clock;
use serde_json::Value;
use tokio::task::JoinHandle;

/// A server on this machine that events are sent to.
pub struct Listener {
    pub url: String,
    seen: Arc<Seen>,
    serving: JoinHandle<()>,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Heard {
    pub id: String,
    pub event: Value,
    /// Whether one of the secrets that the listener knows has signed it, by position.
    pub signed_by: Vec<bool>,
    /// What it was answered.
    pub status: u16,
    pub raw: String,
}

struct Seen {
    clock: Clock,
    secrets: Mutex<Vec<String>>,
    answers: Mutex<VecDeque<u16>>,
    usual: Mutex<u16>,
    heard: Mutex<Vec<Heard>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no test panicked with it")
}

impl Listener {
    /// A listener that takes what is signed with a secret it knows, by this clock.
    pub async fn open(clock: &Clock) -> Listener {
        let seen = Arc::new(Seen {
            clock: clock.clone(),
            secrets: Mutex::default(),
            answers: Mutex::default(),
            usual: Mutex::new(200),
            heard: Mutex::default(),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/events", listener.local_addr().expect("an address"));
        let router = Router::new().route("/events", post(hear)).with_state(seen.clone());
        let serving = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("a listener that listens");
        });
        Listener { url, seen, serving }
    }

    /// From now on it knows these secrets.
    pub fn know(&self, secrets: &[&str]) {
        *lock(&self.seen.secrets) = secrets.iter().map(|it| (*it).to_owned()).collect();
    }

    /// From now on it answers so, after what it was told to answer next.
    pub fn answer(&self, status: u16) {
        *lock(&self.seen.usual) = status;
    }

    /// It answers so once.
    pub fn answer_once(&self, status: u16) {
        lock(&self.seen.answers).push_back(status);
    }

    /// All that it was sent.
    pub fn heard(&self) -> Vec<Heard> {
        lock(&self.seen.heard).clone()
    }

    /// The types of the events that it took, in the order of their ids' first coming.
    pub fn taken(&self) -> Vec<String> {
        let taken = self.heard().into_iter().filter(|heard| heard.status < 300);
        taken.map(|heard| heard.event["type"].as_str().unwrap_or("").to_owned()).collect()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn hear(State(seen): State<Arc<Seen>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name: &str| headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or("");
    let secrets = lock(&seen.secrets).clone();
    let now = seen.clock.now();
    let signed_with = |secret: &String| {
        let source = "shop".parse().expect("a slug");
        let connector = Connector::StandardWebhooks(StandardWebhooks {});
        let connection = Connection::new(source, connector, secret, None).expect("a secret");
        let pairs =
            headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap_or("")));
        verify(&connection, &pairs.collect::<Headers<'_>>(), &body, now).is_ok()
    };
    let signed_by: Vec<bool> = secrets.iter().map(signed_with).collect();
    let good =
        signed_by.contains(&true) && header("content-type") == "application/cloudevents+json";
    let status = match good {
        true => lock(&seen.answers).pop_front().unwrap_or_else(|| *lock(&seen.usual)),
        false => 401,
    };
    lock(&seen.heard).push(Heard {
        id: header("webhook-id").to_owned(),
        event: serde_json::from_slice(&body).unwrap_or(Value::Null),
        signed_by,
        status,
        raw: format!("{headers:?}{}", String::from_utf8_lossy(&body)),
    });
    StatusCode::from_u16(status).expect("a status")
}
