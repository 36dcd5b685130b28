//! Serves the queues of one file on one address, for a client to be tried on by hand.
//!
//! `cargo run -p local_queue --example serve -- queues.db 127.0.0.1:9324`

use std::{env, error::Error, path::Path};

use local_queue::{Queues, serve};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let file = arguments.next().unwrap_or_else(|| "queues.db".to_owned());
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:9324".to_owned());
    let listener = TcpListener::bind(&address).await?;
    println!("queues of {file} at http://{}", listener.local_addr()?);
    serve(listener, Queues::open(Path::new(&file))?, async {
        let _ = tokio::signal::ctrl_c().await;
    })
    .await?;
    Ok(())
}
