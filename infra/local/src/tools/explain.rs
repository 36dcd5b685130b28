//! `guerdon program explain`: a definition in plain sentences.

use std::{path::PathBuf, process::ExitCode};

use clap::ValueEnum;
use domain::definition;
use programs::{Audience, explain::explain};

use super::{output, program_of};

/// How `guerdon program explain` was called.
#[derive(Debug, clap::Args)]
pub struct Explain {
    /// The definition file
    pub file: PathBuf,
    /// For whom; staff also read ids and every default that is in force
    #[arg(long = "for", value_name = "WHOM", default_value = "staff")]
    pub audience: Whom,
    /// Print the sentences as JSON, with the keys that they come from
    #[arg(long)]
    pub json: bool,
}

/// For whom a program is explained.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Whom {
    /// The program's members
    Customers,
    /// Those who run it
    Staff,
}

/// Explains the file.
///
/// # Errors
///
/// The problems of the definition, one a line.
pub fn run(options: &Explain) -> Result<ExitCode, String> {
    let (text, program) = program_of(&options.file)?;
    let audience = match options.audience {
        Whom::Customers => Audience::Customers,
        Whom::Staff => Audience::Staff,
    };
    let explained = explain(&program, &definition::stated_keys(&text), audience);
    match options.json {
        true => output::json(&explained),
        false => output::text(&explained.text(audience)),
    }
    Ok(ExitCode::SUCCESS)
}
