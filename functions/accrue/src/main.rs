//! Serves [`accrue::routes`] behind API Gateway.

use edge::{App, Settings, serve, telemetry};

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    telemetry::init();
    let app = App::connect(&Settings::from_env()?)?;
    lambda_http::run(serve(accrue::routes(app))).await
}
