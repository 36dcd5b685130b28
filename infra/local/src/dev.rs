//! `guerdon dev`: the stack with the demo shop, until Ctrl-C.

use std::path::PathBuf;

use domain::time::Instant;
use edge::Clock;
use relay::address::Reach;
use serde::{Deserialize, Serialize};
use store::{
    item::Table,
    registry::{self, Address},
    tables::{Consistency, Tables},
};

use crate::{
    clock, demo,
    program::{self, key_of},
    stack::{Data, Options, Stack},
};

/// How `guerdon dev` was called.
#[derive(Debug, clap::Args)]
pub struct Dev {
    /// The port of the HTTP API
    #[arg(long, default_value_t = 8787)]
    pub port: u16,
    /// The folder that keeps the data
    #[arg(long, default_value = ".guerdon")]
    pub data: PathBuf,
    /// Keep nothing
    #[arg(long)]
    pub memory: bool,
    /// A definition file instead of the house program; without the demo shop
    #[arg(long)]
    pub program: Option<PathBuf>,
    /// Also send events to subscribers on this machine, without TLS
    #[arg(long)]
    pub allow_loopback: bool,
}

impl Default for Dev {
    fn default() -> Self {
        Dev {
            port: 8787,
            data: ".guerdon".into(),
            memory: false,
            program: None,
            allow_loopback: false,
        }
    }
}

/// Runs the stack until Ctrl-C.
///
/// # Errors
///
/// One sentence.
pub async fn run(dev: Dev) -> Result<(), String> {
    let until = Clock::System.now();
    let from = until.plus_days(-i64::from(demo::DAYS));
    let start = match &dev.program {
        Some(_) => until,
        None => from,
    };
    let data = if dev.memory { Data::Memory } else { Data::Folder(dev.data.clone()) };
    let options = Options { data, port: dev.port, clock: start };
    let reach = if dev.allow_loopback { Reach::PublicAndLoopback } else { Reach::Public };
    let stack = Stack::start_reaching(options, reach).await;
    let mut stack = stack.map_err(|error| error.to_string())?;
    stack.pollers.deliver();
    let outcome = serve_until_stopped(&stack, &dev, from, until).await;
    stack.stop().await;
    outcome
}

async fn serve_until_stopped(
    stack: &Stack,
    dev: &Dev,
    from: Instant,
    until: Instant,
) -> Result<(), String> {
    let known = started_before(stack).await?;
    if known.as_ref().is_some_and(|known| !known.complete) {
        return Err(format!(
            "{} holds a demo that was interrupted while it loaded: remove that folder",
            dev.data.display()
        ));
    }
    let first = if dev.program.is_some() { until } else { from };
    let in_force_from = known.as_ref().map_or(first, |known| known.program_from);
    let definition = program::read(dev.program.as_deref(), in_force_from)?;
    let id = program::publish(&stack.app, &definition, demo::SOURCE).await?;
    if known.is_none() {
        let start = |complete| Started { program_from: in_force_from, complete };
        if dev.program.is_none() && !has_rows(stack).await? {
            remember(stack, &start(false)).await?;
            tokio::select! {
                played = demo::play(stack, &id, from, until) => played?,
                _ = tokio::signal::ctrl_c() => {
                    return Err("stopped before the demo was loaded".to_owned());
                }
            }
        }
        remember(stack, &start(true)).await?;
    }
    let ticking = clock::follow_the_machine(stack.app.clock().clone());
    let sweeping = tokio::spawn(sweep_now_and_then(stack.app.clone(), id.clone()));
    println!("{}", greeting(stack, id.as_str(), known.is_some()));
    let _ = tokio::signal::ctrl_c().await;
    ticking.abort();
    sweeping.abort();
    println!("\nstopped; {}", if dev.memory { "nothing was kept" } else { "the data is kept" });
    Ok(())
}

/// The schedule: once a minute, for a stack that is looked at rather than relied upon.
async fn sweep_now_and_then(app: edge::App, program: domain::ids::ProgramId) {
    loop {
        if let Err(problem) = expire::sweep(&app, &program).await {
            tracing::error!(code = problem.code(), "the schedule failed");
        }
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    }
}

/// What the first start did with the data.
#[derive(Debug, Serialize, Deserialize)]
struct Started {
    /// From when it put the program in force.
    program_from: Instant,
    /// Whether it came to its end.
    complete: bool,
}

fn start_address() -> Address {
    Address::new("local#started", "-")
}

async fn started_before(stack: &Stack) -> Result<Option<Started>, String> {
    let known = registry::read(stack.app.tables(), &start_address(), Consistency::Strong).await;
    known.map_err(|failure| failure.to_string())
}

/// Whether the clock of a stack's data is the machine's, and not that of what was replayed.
pub(crate) async fn follows_the_machine(stack: &Stack) -> Result<bool, String> {
    Ok(started_before(stack).await?.is_some())
}

/// Whether the data already has a ledger, a replayed one perhaps: it gets no demo.
async fn has_rows(stack: &Stack) -> Result<bool, String> {
    let page = stack.app.tables().scan(Table::Ledger, None).await;
    Ok(!page.map_err(|failure| failure.to_string())?.items.is_empty())
}

async fn remember(stack: &Stack, started: &Started) -> Result<(), String> {
    let written = registry::write(stack.app.tables(), &start_address(), started).await;
    written.map_err(|failure| failure.to_string())
}

fn greeting(stack: &Stack, program: &str, again: bool) -> String {
    let (url, key) = (stack.url(), key_of(demo::SOURCE));
    let what = match again {
        true => "with the data of the last start",
        false => "ready",
    };
    let auth = format!("-H 'Authorization: Bearer {key}'");
    format!(
        "Guerdon is {what} at {url}

  program  {program}
  API key  {key}
  members  guerdon token m-001 prints a token with which m-001 may call for an hour

Place an order:
  curl -s {url}/v1/{program}/orders {auth} -H 'Content-Type: application/json' -d '{{\"id\":\"first\",\"member\":\"m-001\",\"lines\":[{{\"product\":\"grinder\",\"category\":\"equipment\",\"unit_price\":{{\"amount\":8900,\"currency\":\"GBP\"}}}}]}}'

See the balance and why:
  curl -s {url}/v1/{program}/members/m-001/balance {auth}; curl -s '{url}/v1/{program}/members/m-001/history?limit=1' {auth}

Redeem:
  curl -s {url}/v1/{program}/members/m-001/redemptions {auth} -H 'Content-Type: application/json' -d '{{\"reward\":\"money-off\",\"points\":100,\"basket\":{{\"amount\":2000,\"currency\":\"GBP\"}}}}'

Ctrl-C stops it."
    )
}
