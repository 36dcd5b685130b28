//! Serves [`report::roll_up`] behind the ledger's stream.

use aws_lambda_events::dynamodb::TimeWindowEventResponse;
use edge::{App, Settings, telemetry};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use report::Batch;

#[tokio::main]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let app = &App::connect(&Settings::from_env()?)?;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Batch>| async move {
        Ok::<TimeWindowEventResponse, Error>(report::roll_up(app, event.payload).await)
    }))
    .await
}
