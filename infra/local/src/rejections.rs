//! `guerdon rejections`: what was accepted and could not be recorded, and why.

use std::process::ExitCode;

use domain::{ids::ProgramId, time::Day};
use edge::{PublishedProgram, Rejection};
use jiff::{civil::Date, tz::TimeZone};
use serde_json::json;

use crate::tools::{
    Place, output,
    place::{self, Opened},
};

/// How `guerdon rejections` was called.
#[derive(Debug, clap::Args)]
pub struct Rejections {
    /// The program's id; without one, messages that named none
    pub program: Option<String>,
    /// Of which day (UTC), such as 2026-11-22; today unless given
    #[arg(long)]
    pub day: Option<Date>,
    /// Where the tables are.
    #[command(flatten)]
    pub place: Place,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Lists the rejections of a day.
///
/// # Errors
///
/// A sentence.
pub async fn run(options: Rejections) -> Result<ExitCode, String> {
    let parse = |text: &String| text.parse().map_err(|error| format!("{text:?}: {error}"));
    let program: Option<ProgramId> = options.program.as_ref().map(parse).transpose()?;
    let opened = place::open_existing(&options.place).await?;
    let found = find(&opened, program.as_ref(), options.day).await;
    opened.close().await;
    let (day, mut rejections) = found?;
    rejections.sort_by_key(|rejection| rejection.rejected_at);
    match options.json {
        true => output::json(&json!({
            "program": program,
            "day": day.to_string(),
            "rejections": rejections,
        })),
        false => output::text(&rejections.iter().map(line).collect::<String>()),
    }
    Ok(ExitCode::SUCCESS)
}

async fn find(
    opened: &Opened,
    program: Option<&ProgramId>,
    day: Option<Date>,
) -> Result<(Day, Vec<Rejection>), String> {
    let tables = &opened.tables;
    if let Some(program) = program {
        let versions = PublishedProgram::all(tables, program).await;
        if versions.map_err(|failure| failure.to_string())?.is_empty() {
            return Err(format!("there is no program {:?} in this data", program.as_str()));
        }
    }
    let day = day.map_or_else(|| Day::of(opened.now, &TimeZone::UTC), Day::from_date);
    let rejections = Rejection::all(tables, program, day).await;
    Ok((day, rejections.map_err(|failure| failure.to_string())?))
}

fn line(rejection: &Rejection) -> String {
    let Rejection { code, message, member, key, connection, detail, rejected_at } = rejection;
    let came_by = connection.as_ref().map_or(String::new(), |it| format!(" by {it}"));
    let detail = detail.as_ref().map_or(String::new(), |detail| format!(": {detail}"));
    let member = member.as_ref().map_or("-", |member| member.as_str());
    let key = key.as_deref().unwrap_or("-");
    format!("{rejected_at}  {code}  {member}  {key}  message {message}{came_by}{detail}\n")
}
