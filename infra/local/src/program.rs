//! Programs on the local stack: checking a definition, and putting it in force.

use std::path::Path;

use domain::{definition, ids::ProgramId, program::Program, time::Instant};
use edge::{ApiKey, App, KeyRecord, Limit, PublishedProgram};
use store::tables::Failure;

/// The program that a stack starts with.
pub const HOUSE: &str = include_str!("../../../shared/programs/house.toml");
/// The key of the local stack. It opens nothing but what listens on loopback.
pub const LOCAL_KEY: &str = "gk_local";

/// A definition that was read and checked.
pub struct Definition {
    /// The text.
    pub text: String,
    /// The program.
    pub program: Program,
}

/// Reads and checks a definition file; without one, the house program.
///
/// # Errors
///
/// The problems, one a line, each with file, line and what was expected.
pub fn read(file: Option<&Path>, in_force_from: Instant) -> Result<Definition, String> {
    let (text, name) = match file {
        None => (HOUSE.to_owned(), "house.toml".to_owned()),
        Some(file) => {
            let text = std::fs::read_to_string(file)
                .map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
            (text, file.display().to_string())
        }
    };
    let program = definition::parse(&text, &name, 1, in_force_from);
    let program = program.map_err(|refused| refused.to_string())?;
    Ok(Definition { text, program })
}

/// Publishes a definition as the first version, unless the program has one, and allows
/// the local key to do everything in it. Returns the program's id.
///
/// # Errors
///
/// A sentence: the tables fail, or the data belongs to another definition.
pub async fn publish(
    app: &App,
    definition: &Definition,
    source: &str,
) -> Result<ProgramId, String> {
    let id = definition.program.id.clone();
    let from = definition.program.in_force_from;
    let version = PublishedProgram {
        definition: definition.text.clone(),
        version: 1,
        in_force_from: from,
        published_at: from,
        author: "local".to_owned(),
    };
    let failed = |failure: Failure| format!("the program cannot be published: {failure}");
    let known = version.publish(app.tables(), &id).await.map_err(failed)?;
    if known.is_some_and(|known| known.definition != definition.text) {
        let versions = PublishedProgram::all(app.tables(), &id).await.map_err(failed)?;
        if !versions.iter().any(|known| known.definition == definition.text) {
            return Err(format!(
                "the data already has another definition of the program {id:?}: give that one, \
                 publish this one as its next version (guerdon program publish), or choose another \
                 data folder"
            ));
        }
    }
    let key = KeyRecord {
        name: format!("local:{source}"),
        program: id.clone(),
        source: source.parse().map_err(|error| format!("{source}: {error}"))?,
        scopes: vec!["admin".to_owned()],
        has_key_times: true,
        made_at: from,
        ends_at: None,
        // A replay is as fast as the machine.
        limit: Limit::new(1_000_000, 1),
    };
    ApiKey::new(key_of(source)).allow(app.tables(), &key).await.map_err(failed)?;
    Ok(id)
}

/// The local key of a source.
pub fn key_of(source: &str) -> String {
    format!("{LOCAL_KEY}_{source}")
}
