//! `guerdon program versions`: what was published, and what is in force.

use std::{path::PathBuf, process::ExitCode};

use domain::{ids::ProgramId, time::Instant};
use edge::PublishedProgram;
use serde_json::{Value, json};

use super::{data, output};
use crate::stack::Stack;

/// How `guerdon program versions` was called.
#[derive(Debug, clap::Args)]
pub struct Versions {
    /// The program's id
    pub id: String,
    /// The folder that keeps the data
    #[arg(long, value_name = "DIR", default_value = ".guerdon")]
    pub data: PathBuf,
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
    if !options.data.is_dir() {
        return Err(format!("there is no data in {}", options.data.display()));
    }
    let stack = data::open(&options.data).await?;
    let found = found(&stack, &id).await;
    stack.stop().await;
    let (versions, now) = found?;
    if versions.is_empty() {
        return Err(format!("there is no program {:?} in {}", options.id, options.data.display()));
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

async fn found(stack: &Stack, id: &ProgramId) -> Result<(Vec<PublishedProgram>, Instant), String> {
    let versions = PublishedProgram::all(stack.app.tables(), id).await;
    Ok((versions.map_err(|failure| failure.to_string())?, data::now(stack).await?))
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
