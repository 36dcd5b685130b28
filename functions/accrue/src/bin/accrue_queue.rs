//! Serves [`accrue::credit_batch`] behind the queue of credits.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use edge::{App, Settings, telemetry};
use lambda_runtime::{Error, LambdaEvent, service_fn};

#[tokio::main]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let app = &App::connect(&Settings::from_env()?)?;
    lambda_runtime::run(service_fn(|event: LambdaEvent<SqsEvent>| async move {
        Ok::<SqsBatchResponse, Error>(accrue::credit_batch(app, event.payload).await)
    }))
    .await
}
