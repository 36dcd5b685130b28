//! Marketing Cloud's tokens and entry events, as their references describe them.

use std::sync::{Arc, Mutex};

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};

use super::*;
use crate::sink::Salesforce;

const CLIENT: &str = "client-1";
const SECRET: &str = "secret-1";

/// What the stand-in has been asked for.
#[derive(Clone, Default)]
struct Tenant {
    tokens: Arc<Mutex<u32>>,
    /// The newest token is the only good one.
    entries: Arc<Mutex<Vec<Value>>>,
}

async fn token(State(tenant): State<Tenant>, headers: HeaderMap, body: Bytes) -> Response {
    let json = is_json(&headers).then(|| serde_json::from_slice::<Value>(&body).ok()).flatten();
    let Some(body) = json.filter(|body| body["grant_type"] == "client_credentials") else {
        let wrong = json!({ "error": "unsupported_grant_type" });
        return (StatusCode::BAD_REQUEST, Json(wrong)).into_response();
    };
    if (&body["client_id"], &body["client_secret"]) != (&json!(CLIENT), &json!(SECRET)) {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "error": "invalid_client" })))
            .into_response();
    }
    let mut tokens = tenant.tokens.lock().expect("no panic");
    *tokens += 1;
    Json(json!({
        "access_token": format!("token-{tokens}"),
        "token_type": "Bearer",
        "expires_in": 1_079,
        "scope": "journeys_execute",
        "rest_instance_url": "https://elsewhere.example/",
    }))
    .into_response()
}

async fn event(State(tenant): State<Tenant>, headers: HeaderMap, body: Bytes) -> Response {
    let newest = format!("Bearer token-{}", *tenant.tokens.lock().expect("no panic"));
    let authorization = headers.get("authorization").and_then(|it| it.to_str().ok());
    if authorization != Some(&newest) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let json = is_json(&headers).then(|| serde_json::from_slice::<Value>(&body).ok()).flatten();
    let Some(body) = json else { return StatusCode::BAD_REQUEST.into_response() };
    let is_text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    let names = body.as_object().into_iter().flat_map(|object| object.keys());
    let flat = |data: &Value| {
        let values = data.as_object().map(|object| object.values().cloned().collect::<Vec<_>>());
        values.is_some_and(|values| values.iter().all(|it| !it.is_object() && !it.is_array()))
    };
    let known = ["ContactKey", "EventDefinitionKey", "Data"];
    let broken = first_broken(&[
        ("names", names.clone().all(|name| known.contains(&name.as_str()))),
        ("ContactKey", is_text(&body["ContactKey"])),
        ("EventDefinitionKey", body["EventDefinitionKey"] == "APIEvent-1"),
        ("Data", flat(&body["Data"])),
    ]);
    if let Some(broken) = broken {
        return (StatusCode::BAD_REQUEST, Json(json!({ "message": broken }))).into_response();
    }
    tenant.entries.lock().expect("no panic").push(body);
    let id = json!({ "eventInstanceId": "6c8a8a53-6f5c-4c3c-9c6c-000000000001" });
    (StatusCode::CREATED, Json(id)).into_response()
}

fn is_json(headers: &HeaderMap) -> bool {
    headers.get("content-type").is_some_and(|it| it.as_bytes().starts_with(b"application/json"))
}

async fn journey(tenant: &Tenant) -> Salesforce {
    let router = Router::new().route("/v2/token", post(token));
    let router = router.route("/interaction/v1/events", post(event));
    let url = stand_in(router.with_state(tenant.clone())).await;
    let journey = Salesforce::of_tenant("mc1", CLIENT.to_owned(), "APIEvent-1".to_owned());
    assert_eq!(journey.auth_url, "https://mc1.auth.marketingcloudapis.com");
    assert_eq!(journey.rest_url, "https://mc1.rest.marketingcloudapis.com");
    Salesforce { auth_url: url.clone(), rest_url: url, ..journey }
}

#[tokio::test]
async fn members_enter_a_journey_with_one_token_for_many() {
    let (tenant, way) = (Tenant::default(), Way::default());
    let sink = Sink::Salesforce(journey(&tenant).await);
    for (number, member) in [(1, "ada"), (2, "مريم")] {
        let sent = way.send(sink.clone(), SECRET, &delivery(number, member)).await;
        assert_eq!(sent, delivered(201));
    }
    assert_eq!(*tenant.tokens.lock().expect("no panic"), 1, "it is good for a while");
    let entries = tenant.entries.lock().expect("no panic").clone();
    assert_eq!(entries[1]["ContactKey"], "مريم");
    let expected = json!({
        "EventId": "1-points-earned", "EventType": "points.earned",
        "EventTime": "2026-05-28T20:26:40.999Z", "Program": "house", "Member": "ada",
        "Points": 12.5, "PointsName": "Stars", "Balance": 80.5, "Pending": 0, "Tier": "gold",
    });
    assert_eq!(entries[0]["Data"], expected);
}

#[tokio::test]
async fn a_token_that_is_refused_is_not_used_again() {
    let (tenant, way) = (Tenant::default(), Way::default());
    let sink = Sink::Salesforce(journey(&tenant).await);
    assert_eq!(way.send(sink.clone(), SECRET, &delivery(1, "ada")).await, delivered(201));
    // Somebody revoked it.
    *tenant.tokens.lock().expect("no panic") += 1;
    let sent = way.send(sink.clone(), SECRET, &delivery(2, "ada")).await;
    assert_eq!(sent, failed(Verdict::Later(None), 401));
    assert_eq!(way.send(sink, SECRET, &delivery(2, "ada")).await, delivered(201));
}

#[tokio::test]
async fn a_wrong_client_heals_and_a_wrong_journey_never_does() {
    let (tenant, way) = (Tenant::default(), Way::default());
    let right = journey(&tenant).await;
    let sent = way.send(Sink::Salesforce(right.clone()), "wrong", &delivery(1, "ada")).await;
    let expected = Sent {
        verdict: Verdict::Later(None),
        status: Some(401),
        reason: Some("TOKEN_401".to_owned()),
    };
    assert_eq!(sent, expected);
    let wrong = Salesforce { event_definition_key: "no.such".to_owned(), ..right };
    let sent = way.send(Sink::Salesforce(wrong), SECRET, &delivery(1, "ada")).await;
    assert_eq!(sent, failed(Verdict::Never, 400));
}
