//! `guerdon program publish`: the next version of a program, in a data folder or in an AWS
//! account.

use std::{path::PathBuf, process::ExitCode};

use domain::time::Instant;

use super::{
    Place, instant, output,
    place::{self, Opened},
    program_of,
};
use crate::publish::{Candidate, KNOWN_AFTER_SECONDS, Published, publish};

/// How `guerdon program publish` was called.
#[derive(Debug, clap::Args)]
pub struct Publish {
    /// The definition file
    pub file: PathBuf,
    /// From when it is in force: an instant, or a date or local time in the program's zone
    #[arg(long, value_name = "INSTANT")]
    pub from: String,
    /// Who publishes it
    #[arg(long, value_name = "NAME", default_value = "local")]
    pub author: String,
    /// Where the tables are.
    #[command(flatten)]
    pub place: Place,
    /// Print what was published as JSON
    #[arg(long)]
    pub json: bool,
}

/// Publishes the file.
///
/// # Errors
///
/// The problems of the definition, one a line, or a sentence.
pub async fn run(options: &Publish) -> Result<ExitCode, String> {
    let (text, program) = program_of(&options.file)?;
    let from = instant::read(&options.from, &program)?;
    let opened = place::open(&options.place).await?;
    let published = in_tables(&opened, options, &text, from).await;
    opened.close().await;
    let published = published?;
    match options.json {
        true => output::json(&published),
        false => output::text(&as_text(&published)),
    }
    Ok(ExitCode::SUCCESS)
}

async fn in_tables(
    opened: &Opened,
    options: &Publish,
    text: &str,
    from: Instant,
) -> Result<Published, String> {
    let file = options.file.display().to_string();
    let candidate = Candidate { text, file: &file, from, author: &options.author };
    publish(&opened.tables, &candidate, opened.now).await.map_err(|error| error.to_string())
}

fn as_text(published: &Published) -> String {
    let Published { program, version, in_force_from, known_late } = published;
    let mut text = format!("version {version} of {program} is in force from {in_force_from}\n");
    if *known_late {
        text.push_str(&format!(
            "what runs knows of it within {KNOWN_AFTER_SECONDS} seconds; until then facts are \
             decided under the version before\n"
        ));
    }
    text
}
