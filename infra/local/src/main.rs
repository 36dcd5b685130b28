//! The `guerdon` binary: the local stack and the program tools.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use local::{
    connections, dev, export, keys, queue, rebuild, reconcile, rejections, relay_again, replay,
    simulate, status, subscribers, token, tools, verify,
};
use tracing_subscriber::EnvFilter;

/// A backtest makes and drops millions of small lists.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Guerdon: points, tiers and rewards in a ledger that can be proved
#[derive(Debug, Parser)]
#[command(version, about, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// Without a command: as `dev`.
    #[command(flatten)]
    dev: dev::Dev,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the whole stack on this machine (the default)
    Dev(dev::Dev),
    /// Push an order file through the stack, each fact at its own time
    Replay(replay::Replay),
    /// Run a program over an order file without any store: what would it have cost, and whom?
    Simulate(simulate::Simulate),
    /// Prove the ledger: fold every chain, check every link, compare the roll-ups
    Verify(verify::Verify),
    /// Count the roll-ups of reports anew from the ledger
    Rebuild(rebuild::Rebuild),
    /// Write the ledger into files that DuckDB and Athena read
    Export(export::Export),
    /// Work with program definitions
    #[command(subcommand)]
    Program(tools::Tool),
    /// Say who may call: make, list, rotate and revoke API keys
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Say which shops call: make, list and end their addresses, change their secrets
    #[command(subcommand)]
    Connections(connections::Connections),
    /// Feed a shop's export through the path of its webhooks, and list what had been missed
    Reconcile(reconcile::Reconcile),
    /// List what was accepted and could not be recorded, and why
    Rejections(rejections::Rejections),
    /// Print a token with which a member may call the local stack
    Token(token::Token),
    /// Say who is told of events: make, list, rotate, disable, try out, see what arrived
    #[command(subcommand)]
    Subscribers(subscribers::Subscribers),
    /// Say whether what a stack keeps in an AWS account is as it should be
    Status(status::Status),
    /// Send what follows from rows of the ledger once more: credits of referrals, events
    Relay(relay_again::RelayAgain),
    /// Look after the queues: dead letters
    #[command(subcommand)]
    Queue(queue::QueueTool),
}

#[tokio::main]
async fn main() -> ExitCode {
    // Failed conditions are ordinary here; the embedded store calls each a warning. What is
    // wrong with credentials is told in a sentence of our own.
    let quiet = || EnvFilter::new("warn,dynoxide=error,aws_config=off");
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| quiet());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run(Cli::parse()).await {
        Ok(code) => code,
        Err(sentence) => {
            eprintln!("guerdon: {sentence}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<ExitCode, String> {
    let done = |()| ExitCode::SUCCESS;
    match cli.command.unwrap_or(Command::Dev(cli.dev)) {
        Command::Dev(dev) => dev::run(dev).await.map(done),
        Command::Replay(replay) => replay::run(replay).await.map(done),
        Command::Simulate(simulate) => simulate::run(&simulate).map(done),
        Command::Verify(verify) => verify::run(verify).await,
        Command::Rebuild(rebuild) => rebuild::run(rebuild).await,
        Command::Export(export) => export::run(export).await,
        Command::Program(tool) => tools::run(tool).await,
        Command::Keys(keys) => keys::run(keys).await,
        Command::Connections(tool) => connections::run(tool).await,
        Command::Reconcile(tool) => reconcile::run(tool).await,
        Command::Rejections(rejections) => rejections::run(rejections).await,
        Command::Token(token) => token::run(&token).map(done),
        Command::Subscribers(tool) => subscribers::run(tool).await,
        Command::Status(status) => status::run(status).await,
        Command::Relay(again) => relay_again::run(again).await,
        Command::Queue(tool) => queue::run(tool).await,
    }
}
