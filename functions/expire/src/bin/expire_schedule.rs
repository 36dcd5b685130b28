//! Serves [`expire::sweep_each`] behind the schedule, for the programs that the schedule names.

use domain::ids::ProgramId;
use edge::{App, Settings, telemetry};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Deserialize;

/// What the schedule sends.
#[derive(Deserialize)]
struct Tick {
    programs: Vec<ProgramId>,
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let app = &App::connect(&Settings::from_env()?)?;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Tick>| async move {
        let swept = expire::sweep_each(app, &event.payload.programs).await;
        let swept = swept.map_err(|problem| Error::from(problem.code().to_owned()))?;
        tracing::info!(days = swept.days, members = swept.members, "swept");
        Ok::<(), Error>(())
    }))
    .await
}
