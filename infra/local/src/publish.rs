//! Publishing a version of a program, in whatever tables: those of a data folder, or those
//! of an account.

use domain::{definition, ids::ProgramId, program::Program, time::Instant};
use edge::PublishedProgram;
use programs::succession::{Objection, Version, objections};
use serde::Serialize;
use store::tables::{Failure, Tables};
use thiserror::Error;

/// The largest version as it is kept, in bytes: an item of DynamoDB has 409,600 at most.
const KEPT_BYTES_MAX: usize = 400_000;

/// How long a running stack or function may not know of a version that was published: it
/// believes for so long that the versions it has read are all.
pub const KNOWN_AFTER_SECONDS: i64 = 60;

/// A definition that is to be published.
pub struct Candidate<'a> {
    /// The text of the definition.
    pub text: &'a str,
    /// What problems call it.
    pub file: &'a str,
    /// From when it is in force.
    pub from: Instant,
    /// Who publishes it.
    pub author: &'a str,
}

/// What was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Published {
    /// The program.
    pub program: ProgramId,
    /// The number of the version.
    pub version: u32,
    /// From when it is in force.
    pub in_force_from: Instant,
    /// Whether facts may be decided without it at first, by whoever does not know it yet.
    pub known_late: bool,
}

/// Why nothing was published.
#[derive(Debug, Error)]
pub enum NotPublished {
    /// The definition cannot be read.
    #[error(transparent)]
    Refused(#[from] definition::Refused),
    /// It may not follow the versions that there are.
    #[error("{} cannot be published: {}", file, sentences(objections))]
    Objections {
        /// The file.
        file: String,
        /// Everything that speaks against it.
        objections: Vec<Objection>,
    },
    /// It is too large to be kept.
    #[error(
        "{file} cannot be published: it is {bytes} bytes as it is kept, at most {KEPT_BYTES_MAX}"
    )]
    TooLarge {
        /// The file.
        file: String,
        /// How large it is.
        bytes: usize,
    },
    /// Somebody else published a version at the same time.
    #[error(
        "version {version} was published by {author} at the same time: look at it, and try again"
    )]
    Overtaken {
        /// The number that is taken.
        version: u32,
        /// By whom.
        author: String,
    },
    /// The tables failed, or hold what cannot be read.
    #[error("the program cannot be published: {0}")]
    Failed(#[from] Failure),
}

fn sentences(objections: &[Objection]) -> String {
    let sentences: Vec<&str> = objections.iter().map(|it| it.sentence.as_str()).collect();
    sentences.join("; ")
}

/// Publishes a definition as the next version of its program.
///
/// The version's item is put where nothing is, and nothing updates or deletes it: what was
/// published is never changed.
///
/// # Errors
///
/// [`NotPublished`].
pub async fn publish(
    tables: &impl Tables,
    candidate: &Candidate<'_>,
    now: Instant,
) -> Result<Published, NotPublished> {
    let Candidate { text, file, from, author } = *candidate;
    let id = definition::parse(text, file, 1, from)?.id;
    let known = PublishedProgram::all(tables, &id).await?;
    let version = known.iter().map(|known| known.version).max().unwrap_or(0) + 1;
    let next = definition::parse(text, file, version, from)?;
    let programs = known.iter().map(read).collect::<Result<Vec<Program>, Failure>>()?;
    let before: Vec<Version<'_>> = programs
        .iter()
        .zip(&known)
        .map(|(program, known)| Version { program, text: &known.definition })
        .collect();
    let objections = objections(&before, &next, text, now);
    if !objections.is_empty() {
        return Err(NotPublished::Objections { file: file.to_owned(), objections });
    }
    let published = PublishedProgram {
        definition: text.to_owned(),
        version,
        in_force_from: from,
        published_at: now,
        author: author.to_owned(),
    };
    let bytes = serde_json::to_string(&published).map_or(usize::MAX, |json| json.len());
    if bytes > KEPT_BYTES_MAX {
        return Err(NotPublished::TooLarge { file: file.to_owned(), bytes });
    }
    match published.publish(tables, &id).await? {
        // The same again is what an attempt put of which no answer came.
        Some(there) if there != published => {
            Err(NotPublished::Overtaken { version, author: there.author })
        }
        _ => Ok(Published {
            program: id,
            version,
            in_force_from: from,
            known_late: from < now.plus_millis(KNOWN_AFTER_SECONDS * 1_000),
        }),
    }
}

fn read(known: &PublishedProgram) -> Result<Program, Failure> {
    let what = format!("version {}", known.version);
    definition::parse(&known.definition, &what, known.version, known.in_force_from)
        .map_err(|refused| Failure::Unreadable { what, why: refused.to_string() })
}
