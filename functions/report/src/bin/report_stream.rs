//! Serves [`report::roll_up`] behind the ledger's stream.

use aws_lambda_events::dynamodb::{TimeWindowEvent, TimeWindowEventResponse};
use edge::{App, Settings, telemetry};
use lambda_runtime::{Error, LambdaEvent, service_fn};

#[tokio::main]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let app = &App::connect(&Settings::from_env()?)?;
    lambda_runtime::run(service_fn(|event: LambdaEvent<TimeWindowEvent>| async move {
        Ok::<TimeWindowEventResponse, Error>(report::roll_up(app, event.payload).await)
    }))
    .await
}
