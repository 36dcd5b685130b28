//! `guerdon program …`: what can be done with definitions.

pub(crate) mod account;
mod check;
pub(crate) mod data;
mod diff;
mod explain;
mod instant;
pub(crate) mod output;
pub(crate) mod place;
mod publish;
mod versions;

use std::{path::Path, process::ExitCode};

use clap::{Args, Subcommand};
use domain::{definition, program::Program, time::Instant};

pub use self::{
    check::Check, diff::Diff, explain::Explain, place::Place, publish::Publish, versions::Versions,
};

/// What every tool for a program is told.
#[derive(Debug, Args)]
pub struct Of {
    /// The program's id
    pub program: String,
    /// Where the tables are.
    #[command(flatten)]
    pub place: Place,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The program tools.
#[derive(Debug, Subcommand)]
pub enum Tool {
    /// Check definition files: what is wrong, and what makes no sense
    Check(Check),
    /// Say in plain sentences what a definition means
    Explain(Explain),
    /// Say what changes between two definitions, and for whom
    Diff(Diff),
    /// Put a definition in force as the next version of its program
    Publish(Publish),
    /// List the versions of a program
    Versions(Versions),
    /// Print the JSON Schema of definition files
    Schema,
}

/// Runs a tool; the exit code says whether all is well.
///
/// # Errors
///
/// A sentence, or the problems of a definition, one a line.
pub async fn run(tool: Tool) -> Result<ExitCode, String> {
    match tool {
        Tool::Check(check) => check::run(&check),
        Tool::Explain(explain) => explain::run(&explain),
        Tool::Diff(diff) => diff::run(&diff),
        Tool::Publish(publish) => publish::run(&publish).await,
        Tool::Versions(versions) => versions::run(&versions).await,
        Tool::Schema => {
            output::json(&definition::schema());
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The text of a file.
fn text_of(file: &Path) -> Result<String, String> {
    let bytes = std::fs::read(file)
        .map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
    String::from_utf8(bytes).map_err(|_| format!("{} is not text in UTF-8", file.display()))
}

/// The text of a definition file, and the program that it means.
fn program_of(file: &Path) -> Result<(String, Program), String> {
    let text = text_of(file)?;
    let name = file.display().to_string();
    let program = definition::parse(&text, &name, 1, Instant::default());
    let program = program.map_err(|refused| refused.to_string())?;
    Ok((text, program))
}
