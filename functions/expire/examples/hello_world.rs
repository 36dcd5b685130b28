//! A function that does nothing: what `lambda_runtime` alone needs to start, to measure the
//! others beside (`tests/deploy/cold_start.py`).

use lambda_runtime::{Error, LambdaEvent, service_fn};

#[tokio::main]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(|event: LambdaEvent<serde_json::Value>| async move {
        Ok::<_, Error>(event.payload)
    }))
    .await
}
