//! Serves [`relay::deliver_batch`] behind the queue of deliveries.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use edge::{Settings, telemetry};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use relay::Relay;

#[tokio::main]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let relay = &Relay::connect(&Settings::from_env()?)?;
    lambda_runtime::run(service_fn(|event: LambdaEvent<SqsEvent>| async move {
        Ok::<SqsBatchResponse, Error>(relay::deliver_batch(relay, event.payload).await)
    }))
    .await
}
