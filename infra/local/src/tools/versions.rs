//! `guerdon program versions`: what was published, and what is in force.

use std::process::ExitCode;

use domain::{ids::ProgramId, time::Instant};
use edge::PublishedProgram;
use serde_json::{Value, json};

use super::{Place, output, place};

/// How `guerdon program versions` was called.
#[derive(Debug, clap::Args)]
pub struct Versions {
    /// The program's id
    pub id: String,
    /// Where the tables are.
    #[command(flatten)]
    pub place: Place,
    /// Print the versions as JSON
    #[arg(long)]
    pub json: bool,
}

/// Lists the versions.
///
/// # Errors
///
/// A sentence.
pub async fn run(options: &Versions) -> Result<ExitCode, String> {
    let id: ProgramId = options.id.parse().map_err(|error| format!("{:?}: {error}", options.id))?;
    let opened = place::open_existing(&options.place).await?;
    let versions = PublishedProgram::all(&opened.tables, &id).await;
    let now = opened.now;
    opened.close().await;
    let versions = versions.map_err(|failure| failure.to_string())?;
    if versions.is_empty() {
        return Err(format!("there is no program {:?} in {}", options.id, options.place));
    }
    let in_force = in_force(&versions, now);
    match options.json {
        true => {
            let versions: Vec<Value> = versions.iter().map(|it| as_json(it, in_force)).collect();
            output::json(&json!({ "program": id, "versions": versions }));
        }
        false => {
            let lines = versions.iter().map(|it| as_text(it, in_force));
            output::text(&lines.collect::<String>());
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The number of the version in force.
fn in_force(versions: &[PublishedProgram], now: Instant) -> Option<u32> {
    let rulebook = PublishedProgram::rulebook(versions).ok().flatten()?;
    Some(rulebook.in_force(now).version)
}

fn as_text(version: &PublishedProgram, in_force: Option<u32>) -> String {
    let PublishedProgram { definition: _, version, in_force_from, published_at, author } = version;
    let now = if in_force == Some(*version) { ", in force now" } else { "" };
    format!("{version}: from {in_force_from}, published {published_at} by {author}{now}\n")
}

fn as_json(version: &PublishedProgram, in_force: Option<u32>) -> Value {
    let PublishedProgram { definition, version, in_force_from, published_at, author } = version;
    json!({
        "version": version,
        "in_force_from": in_force_from,
        "published_at": published_at,
        "author": author,
        "bytes": definition.len(),
        "in_force": in_force == Some(*version),
    })
}
