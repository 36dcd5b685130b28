//! The event bus: Amazon EventBridge, for whoever reacts within the same AWS account.

use std::time::Duration;

use aws_sdk_eventbridge::{
    Client,
    config::{BehaviorVersion, Region, timeout::TimeoutConfig},
    primitives::DateTime,
    types::PutEventsRequestEntry,
};
use edge::AwsSettings;

use crate::{
    message::Delivery,
    sink::{Sent, Verdict},
};

/// A bus that every event is put on.
#[derive(Clone, Debug)]
pub struct Bus {
    client: Client,
    name: String,
}

impl Bus {
    /// A bus by its name. No request is made.
    pub fn connect(aws: &AwsSettings, name: &str) -> Bus {
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(Duration::from_secs(2))
            .operation_timeout(Duration::from_secs(6))
            .build();
        let mut config = aws_sdk_eventbridge::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(aws.region.clone()))
            .credentials_provider(aws.credentials())
            .timeout_config(timeouts);
        config.set_endpoint_url(aws.endpoint.clone());
        Bus::new(Client::from_conf(config.build()), name)
    }

    /// A bus by its name, asked through a client.
    pub fn new(client: Client, name: &str) -> Bus {
        Bus { client, name: name.to_owned() }
    }

    /// Puts an event on the bus: the whole of it is the detail, its type the detail's.
    pub(crate) async fn put(&self, delivery: &Delivery) -> Sent {
        let event = &delivery.event;
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.name)
            .source(event.source.trim_start_matches('/').replace('/', "."))
            .detail_type(event.kind.as_str())
            .time(DateTime::from_millis(event.time.millis()))
            .detail(&delivery.json)
            .build();
        let put = Box::pin(self.client.put_events().entries(entry).send()).await;
        let reason = match put {
            Ok(put) if put.failed_entry_count == 0 => None,
            Ok(put) => {
                let code = put.entries.and_then(|entries| entries.into_iter().next());
                Some(code.and_then(|entry| entry.error_code).unwrap_or_else(|| "FAILED".into()))
            }
            Err(error) => {
                let code = error.as_service_error().and_then(|error| error.meta().code());
                Some(code.unwrap_or("NO_ANSWER").to_owned())
            }
        };
        let verdict = match reason {
            None => Verdict::Delivered,
            Some(_) => Verdict::Later(None),
        };
        Sent { verdict, status: None, reason }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use aws_sdk_eventbridge::config::{Credentials, retry::RetryConfig};
    use axum::{
        Router,
        body::Bytes,
        extract::State,
        http::{HeaderMap, StatusCode},
        response::{IntoResponse, Response},
        routing::post,
    };
    use serde_json::{Value, json};

    use super::*;
    use crate::message::Recipient;

    /// Answers as Amazon EventBridge does. A bus called `full` takes nothing for now, and no
    /// other than `guerdon` is there.
    async fn put_events(
        State(seen): State<Arc<Mutex<Vec<Value>>>>,
        headers: HeaderMap,
        body: Bytes,
    ) -> Response {
        assert_eq!(headers["x-amz-target"], "AWSEvents.PutEvents");
        let request: Value = serde_json::from_slice(&body).expect("JSON");
        let entry = request["Entries"][0].clone();
        let answer = match entry["EventBusName"].as_str() {
            Some("guerdon") => json!({ "FailedEntryCount": 0, "Entries": [{ "EventId": "1" }] }),
            Some("full") => json!({
                "FailedEntryCount": 1, "Entries": [{ "ErrorCode": "ThrottlingException" }],
            }),
            _ => {
                let wrong = json!({ "__type": "ResourceNotFoundException", "message": "none" });
                return (StatusCode::BAD_REQUEST, wrong.to_string()).into_response();
            }
        };
        seen.lock().expect("no panic").push(entry);
        answer.to_string().into_response()
    }

    #[tokio::test]
    async fn a_bus_gets_the_whole_event_or_the_event_waits() {
        let seen = Arc::<Mutex<Vec<Value>>>::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().route("/", post(put_events)).with_state(seen.clone());
        let serving = tokio::spawn(async move { axum::serve(listener, router).await });
        let config = aws_sdk_eventbridge::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("a", "b", None, None, "-"))
            .retry_config(RetryConfig::disabled())
            .endpoint_url(&url);
        let client = Client::from_conf(config.build());
        let event = crate::event::Event::test(
            &"house".parse().expect("a slug"),
            domain::time::Instant::from_millis(1_780_000_000_999),
        );
        let delivery = Delivery::new(Recipient::Bus, event.expect("randomness"));
        for (bus, reason) in [
            ("guerdon", None),
            ("full", Some("ThrottlingException")),
            ("gone", Some("ResourceNotFoundException")),
        ] {
            let sent = Bus::new(client.clone(), bus).put(&delivery).await;
            assert_eq!(sent.reason.as_deref(), reason, "{bus}");
            assert_eq!(sent.verdict == Verdict::Delivered, reason.is_none());
        }
        let entry = seen.lock().expect("no panic")[0].clone();
        let expected = ("guerdon.house", "guerdon.test");
        assert_eq!(
            (&entry["Source"], &entry["DetailType"]),
            (&expected.0.into(), &expected.1.into())
        );
        let detail: Value =
            serde_json::from_str(entry["Detail"].as_str().unwrap_or("")).expect("JSON");
        assert_eq!(detail, serde_json::from_str::<Value>(&delivery.json).expect("JSON"));
        serving.abort();
    }
}
