//! Klaviyo's "Create Event", as its reference describes it.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};

use super::*;
use crate::sink::Klaviyo;

const KEY: &str = "pk_0123456789";

/// What the stand-in has: each event once, by profile, metric and unique id.
#[derive(Clone, Default)]
struct Account {
    events: Arc<Mutex<BTreeSet<(String, String, String)>>>,
    profiles: Arc<Mutex<Vec<Value>>>,
    is_busy: bool,
}

async fn create_event(State(account): State<Account>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or("");
    if header("authorization") != format!("Klaviyo-API-Key {KEY}") {
        return error(StatusCode::UNAUTHORIZED, "not_authenticated");
    }
    if account.is_busy {
        let mut busy = error(StatusCode::TOO_MANY_REQUESTS, "throttled");
        busy.headers_mut().insert("retry-after", 42.into());
        return busy;
    }
    let media = ["application/vnd.api+json", "application/json"];
    if !media.contains(&header("content-type")) {
        return error(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content-type");
    }
    if header("revision").parse::<jiff::civil::Date>().is_err() {
        return error(StatusCode::BAD_REQUEST, "revision");
    }
    let Ok(body) = serde_json::from_slice::<Value>(&body) else {
        return error(StatusCode::BAD_REQUEST, "json");
    };
    if let Some(broken) = broken(&body) {
        return error(StatusCode::BAD_REQUEST, &broken);
    }
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or("");
    let profile = &body["data"]["attributes"]["profile"]["data"]["attributes"];
    account.profiles.lock().expect("no panic").push(profile.clone());
    account.events.lock().expect("no panic").insert((
        profile["external_id"].as_str().unwrap_or("").to_owned(),
        text("/data/attributes/metric/data/attributes/name").to_owned(),
        text("/data/attributes/unique_id").to_owned(),
    ));
    StatusCode::ACCEPTED.into_response()
}

fn broken(body: &Value) -> Option<String> {
    let at = |pointer: &str| body.pointer(pointer).unwrap_or(&Value::Null);
    let attributes = at("/data/attributes");
    let known = ["properties", "time", "value", "value_currency", "unique_id", "metric", "profile"];
    let names = attributes.as_object().into_iter().flat_map(|object| object.keys());
    let is_known = |name: &String| known.contains(&name.as_str());
    let is_text = |value: &Value, most: usize| {
        value.as_str().is_some_and(|text| !text.is_empty() && text.len() <= most)
    };
    let profile = at("/data/attributes/profile/data/attributes");
    let identifiers = ["id", "email", "phone_number", "external_id", "anonymous_id"];
    let time = attributes["time"].as_str().map(str::parse::<jiff::Timestamp>);
    first_broken(&[
        ("/data/type", at("/data/type") == "event"),
        ("/data/attributes", attributes.is_object() && names.clone().all(is_known)),
        ("properties", attributes["properties"].is_object()),
        ("time", time.is_none_or(|time| time.is_ok())),
        ("value", attributes["value"].is_null() || attributes["value"].is_number()),
        ("unique_id", is_text(&attributes["unique_id"], 255)),
        ("metric type", at("/data/attributes/metric/data/type") == "metric"),
        ("metric name", is_text(at("/data/attributes/metric/data/attributes/name"), 128)),
        ("profile type", at("/data/attributes/profile/data/type") == "profile"),
        ("profile", identifiers.iter().any(|name| is_text(&profile[*name], 255))),
        ("profile properties", profile["properties"].is_object()),
    ])
}

fn error(status: StatusCode, code: &str) -> Response {
    let errors = json!({ "errors": [{ "status": status.as_u16(), "code": code }] });
    (status, Json(errors)).into_response()
}

async fn account(account: &Account) -> Sink {
    let router = Router::new().route("/api/events", post(create_event));
    let url = stand_in(router.with_state(account.clone())).await;
    Sink::Klaviyo(Klaviyo { url })
}

#[tokio::test]
async fn an_event_of_a_profile_is_made_once_for_each_of_ours() {
    let seen = Account::default();
    let sink = account(&seen).await;
    for (number, member) in [(1, "ada"), (2, "ada"), (1, "ada"), (3, "مريم")] {
        let sent = Way::default().send(sink.clone(), KEY, &delivery(number, member)).await;
        assert_eq!(sent, delivered(202));
    }
    let events: Vec<_> = seen.events.lock().expect("no panic").iter().cloned().collect();
    let of = |member: &str, number: u64| {
        (member.to_owned(), "points.earned".to_owned(), format!("{number}-points-earned"))
    };
    assert_eq!(events, [of("ada", 1), of("ada", 2), of("مريم", 3)]);
    let profile = seen.profiles.lock().expect("no panic")[0].clone();
    let expected = json!({ "external_id": "ada", "properties": {
        "loyalty_program": "house", "loyalty_balance": 80.5, "loyalty_pending": 0,
        "loyalty_tier": "gold",
    } });
    assert_eq!(profile, expected);
}

#[tokio::test]
async fn a_wrong_key_heals_a_wrong_event_never_does_and_who_is_busy_says_how_long() {
    let sink = account(&Account::default()).await;
    let sent = Way::default().send(sink.clone(), "pk_wrong", &delivery(1, "ada")).await;
    assert_eq!(sent, failed(Verdict::Later(None), 401));
    let mut nameless = delivery(1, "ada");
    nameless.event.id = String::new();
    let sent = Way::default().send(sink, KEY, &nameless).await;
    assert_eq!(sent, failed(Verdict::Never, 400));
    let busy = account(&Account { is_busy: true, ..Account::default() }).await;
    let sent = Way::default().send(busy, KEY, &delivery(1, "ada")).await;
    assert_eq!(sent, failed(Verdict::Later(Some(Duration::from_secs(42))), 429));
}
