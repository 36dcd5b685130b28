//! `guerdon program diff`: what changes between two definitions.

use std::{path::PathBuf, process::ExitCode};

use programs::diff::{Difference, diff};
use serde_json::{Value, json};

use super::{output, program_of};

/// How `guerdon program diff` was called.
#[derive(Debug, clap::Args)]
pub struct Diff {
    /// The definition as it is
    pub before: PathBuf,
    /// The definition as it is to be
    pub after: PathBuf,
    /// Print the differences as JSON
    #[arg(long)]
    pub json: bool,
}

/// Compares the files.
///
/// # Errors
///
/// The problems of a definition, one a line, or that they are two programs.
pub fn run(options: &Diff) -> Result<ExitCode, String> {
    let (_, before) = program_of(&options.before)?;
    let (_, after) = program_of(&options.after)?;
    let differences = diff(&before, &after);
    if options.json {
        let told: Vec<Value> = differences.iter().map(as_json).collect();
        output::json(&json!({
            "before": before.id,
            "after": after.id,
            "differences": told,
        }));
        return Ok(ExitCode::SUCCESS);
    }
    let mut text = String::new();
    if before.id != after.id {
        text.push_str(&format!(
            "{} and {} are two programs, and not versions of one\n",
            before.id, after.id
        ));
    }
    for difference in &differences {
        text.push_str(&format!("{difference}\n"));
    }
    if differences.is_empty() {
        text.push_str("they mean the same\n");
    }
    output::text(&text);
    Ok(ExitCode::SUCCESS)
}

fn as_json(difference: &Difference) -> Value {
    let mut value = serde_json::to_value(difference).unwrap_or_default();
    value["sentence"] = difference.to_string().into();
    value
}
