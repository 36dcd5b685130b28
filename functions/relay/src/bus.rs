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
