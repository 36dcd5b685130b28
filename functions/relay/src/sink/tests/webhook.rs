//! Webhooks: signatures, statuses, and where they are not sent.

use axum::{body::Bytes, extract::Path, http::HeaderMap, response::IntoResponse, routing::post};
use connectors::{Connection, Connector, Headers, StandardWebhooks, verify};

use super::*;
use crate::sink::Webhook;

const OLD: &str = "whsec_b2xkIHNlY3JldA==";
const NEW: &str = "whsec_bmV3IHNlY3JldA==";

/// Answers with the status of its path if the signature is good, and 401 if not.
async fn door(Path(path): Path<String>, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    let (secret, status) = path.split_once('-').expect("a secret and a status");
    let secret = if secret == "old" { OLD } else { NEW };
    let source = "shop".parse().expect("a slug");
    let connector = Connector::StandardWebhooks(StandardWebhooks {});
    let connection = Connection::new(source, connector, secret, None).expect("a secret");
    let pairs = headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap_or("")));
    let signed: Headers<'_> = pairs.collect();
    let is_type = headers["content-type"] == "application/cloudevents+json";
    let good = verify(&connection, &signed, &body, now()).is_ok() && is_type;
    let status: u16 = if good { status.parse().expect("a status") } else { 401 };
    let status = axum::http::StatusCode::from_u16(status).expect("a status");
    (status, [("retry-after", "7"), ("location", "/new-204")])
}

#[tokio::test]
async fn each_status_has_its_meaning_and_redirects_are_not_followed() {
    let url = stand_in(Router::new().route("/{path}", post(door))).await;
    let later = Verdict::Later(None);
    let asked = Verdict::Later(Some(Duration::from_secs(7)));
    for (status, expected) in [
        (200, delivered(200)),
        (204, delivered(204)),
        (302, failed(later, 302)),
        (400, failed(later, 400)),
        (404, failed(later, 404)),
        (410, failed(Verdict::Gone, 410)),
        (429, failed(asked, 429)),
        (500, failed(later, 500)),
        (503, failed(asked, 503)),
    ] {
        let sink = Sink::Webhook(Webhook { url: format!("{url}/new-{status}") });
        let sent = Way::default().send(sink, NEW, &delivery(1, "مريم")).await;
        assert_eq!(sent, expected, "{status}");
    }
    let sink = Sink::Webhook(Webhook { url: format!("{url}/new-200") });
    let sent = Way::default().send(sink, OLD, &delivery(1, "ada")).await;
    assert_eq!(sent, failed(later, 401), "signed with another secret");
}

#[tokio::test]
async fn while_a_secret_is_replaced_both_sign() {
    let url = stand_in(Router::new().route("/{path}", post(door))).await;
    let network = Network::new(Reach::PublicAndLoopback);
    let first = Secrets::first(Secret::new(OLD));
    let tokens = Tokens::default();
    for (until, checked_with, status) in [
        (now().plus_millis(1), "old", 200),
        (now().plus_millis(1), "new", 200),
        (now(), "new", 200),
        (now(), "old", 401),
    ] {
        let sink = Sink::Webhook(Webhook { url: format!("{url}/{checked_with}-200") });
        let secrets = first.clone().replaced(Secret::new(NEW), until);
        let subscriber = subscriber(sink, secrets);
        let sent = send((&network, &tokens), &subscriber, &delivery(1, "ada"), now()).await;
        assert_eq!(sent.status, Some(status), "{checked_with} until {until}");
    }
}

#[tokio::test]
async fn nothing_is_sent_out_of_reach() {
    let url = stand_in(Router::new().route("/{path}", post(door))).await;
    let port = url.rsplit(':').next().expect("a port");
    let tokens = Tokens::default();
    let public = Network::new(Reach::Public);
    for (url, code) in [
        (format!("{url}/new-200"), "ADDRESS_NOT_HTTPS"),
        (format!("https://127.0.0.1:{port}/new-200"), "ADDRESS_NOT_PUBLIC"),
        (format!("https://[::ffff:127.0.0.1]:{port}/new-200"), "ADDRESS_NOT_PUBLIC"),
        // A name, which is looked up first.
        (format!("https://localhost:{port}/new-200"), "ADDRESS_NOT_PUBLIC"),
        ("https://ada:pw@example.com/".to_owned(), "ADDRESS_NO_URL"),
    ] {
        let sink = Sink::Webhook(Webhook { url: url.clone() });
        let subscriber = subscriber(sink, Secrets::first(Secret::new(NEW)));
        let sent = send((&public, &tokens), &subscriber, &delivery(1, "ada"), now()).await;
        let expected =
            Sent { verdict: Verdict::Later(None), status: None, reason: Some(code.to_owned()) };
        assert_eq!(sent, expected, "{url}");
    }
    let nobody = Sink::Webhook(Webhook { url: "http://127.0.0.1:9/".to_owned() });
    let sent = Way::default().send(nobody, NEW, &delivery(1, "ada")).await;
    assert_eq!(sent.reason.as_deref(), Some("NOT_CONNECTED"));
}
