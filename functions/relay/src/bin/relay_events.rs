//! Serves [`relay::relay_events`] behind the ledger's stream.

use aws_lambda_events::{dynamodb::Event, streams::DynamoDbEventResponse};
use edge::{Settings, telemetry};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use relay::Relay;

#[tokio::main]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let relay = &Relay::connect(&Settings::from_env()?)?;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Event>| async move {
        Ok::<DynamoDbEventResponse, Error>(relay::relay_events(relay, event.payload).await)
    }))
    .await
}
