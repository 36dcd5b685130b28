//! The program language: a definition file, read exactly or refused with reasons.
//!
//! A definition is TOML (`shared/programs` holds examples). It is read in two steps: its
//! shape, then its meaning; each step reports all that is wrong at once. Every leaf is
//! kept as text (`Written`) until a small parser reads the exact value, so no
//! number passes through a float.
//!
//! To add a key, add a field in `file.rs` and follow the compiler. To add a form of a
//! value, extend the parser of its kind: files that were good stay good.

mod amounts;
mod awards;
mod compile;
mod file;
mod names;
mod prices;
mod problem;
mod source;
mod targets;
mod times;
mod words;
mod written;

pub use problem::{Problem, Refused};
pub(crate) use problem::{nearest, one_of};

use std::collections::BTreeSet;

use self::{file::Definition, problem::Mistakes, source::Source};
use crate::{program::Program, time::Instant};

/// The largest definition, in bytes: one item of the registry holds it.
pub const DEFINITION_BYTES_MAX: usize = 350_000;

/// Reads the text of a definition as one version of a program.
///
/// `file` is what problems call it.
///
/// # Errors
///
/// Everything that is wrong with the text, as far as it can be told at once: first its
/// shape (TOML, unknown and missing keys), then its meaning.
pub fn parse(
    text: &str,
    file: &str,
    version: u32,
    in_force_from: Instant,
) -> Result<Program, Refused> {
    let source = Source::read(text, file)?;
    let definition: Definition = source.shape()?;
    let mut mistakes = Mistakes::default();
    let program = compile::program(&definition, version, in_force_from, &mut mistakes);
    match program {
        Some(program) if mistakes.0.is_empty() => Ok(program),
        _ => Err(source.refuse(mistakes)),
    }
}

/// The keys that a definition states, such as `earn[2].points`: what is not among them is
/// in force by default. Nothing for a text that is no TOML.
pub fn stated_keys(text: &str) -> BTreeSet<String> {
    Source::read(text, "").map(|source| source.keys()).unwrap_or_default()
}

/// The JSON Schema (2020-12) of definition files, for editors.
pub fn schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(Definition).to_value();
    schema["title"] = "Guerdon program".into();
    without_null(&mut schema);
    schema
}

/// TOML knows no null: a key that may be left out is only absent from `required`.
fn without_null(schema: &mut serde_json::Value) {
    use serde_json::Value;
    let is_null = |value: &Value| {
        value.is_null() || value == "null" || value.get("type").is_some_and(|it| it == "null")
    };
    match schema {
        Value::Array(items) => {
            items.retain(|item| !is_null(item));
            items.iter_mut().for_each(without_null);
        }
        Value::Object(keys) => keys.values_mut().for_each(without_null),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
