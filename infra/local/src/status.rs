//! `guerdon status`: whether what a stack keeps in an AWS account is as it should be.

use std::process::ExitCode;

use aws_sdk_dynamodb::{
    Client,
    types::{PointInTimeRecoveryStatus, TableDescription, TableStatus},
};
use clap::Args;
use domain::{ids::ProgramId, time::Instant};
use edge::{Clock, PublishedProgram, Store, all_keys};
use serde::Serialize;

use crate::tools::{account, output};

/// How `guerdon status` was called.
#[derive(Debug, Args)]
pub struct Status {
    /// The stack, with the credentials and the region that AWS's own tools would use
    #[arg(long, value_name = "NAME")]
    stack: String,
    /// Also say which version of this program is in force, and how many keys are open;
    /// several times for several
    #[arg(long = "program", value_name = "ID")]
    programs: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Shown {
    stack: String,
    region: String,
    tables: Vec<TableShown>,
    programs: Vec<ProgramShown>,
    /// What is not as it should be.
    problems: Vec<String>,
}

#[derive(Debug, Serialize)]
struct TableShown {
    name: String,
    status: String,
    /// As DynamoDB counts them, every six hours or so.
    items: i64,
    bytes: i64,
    stream: bool,
    deletion_protection: bool,
    point_in_time_recovery: bool,
}

#[derive(Debug, Serialize)]
struct ProgramShown {
    id: ProgramId,
    versions: usize,
    in_force: u32,
    open_keys: usize,
}

/// Looks. The exit code says whether all is well.
///
/// # Errors
///
/// One sentence.
pub async fn run(status: Status) -> Result<ExitCode, String> {
    let account = account::connect(&status.stack).await?;
    let mut shown = Shown {
        stack: status.stack.clone(),
        region: account.region.clone(),
        tables: Vec::new(),
        programs: Vec::new(),
        problems: Vec::new(),
    };
    for (table, streams) in [(&account.ledger, true), (&account.registry, false)] {
        let table = look(&account.client, table).await?;
        shown.problems.extend(table.problems(streams));
        shown.tables.push(table);
    }
    for program in &status.programs {
        let id = program.parse().map_err(|error| format!("{program:?}: {error}"))?;
        let found = look_at_program(&account.tables, id, Clock::System.now()).await?;
        if found.open_keys == 0 {
            shown.problems.push(format!("nobody may call {}: it has no open key", found.id));
        }
        shown.programs.push(found);
    }
    match status.json {
        true => output::json(&shown),
        false => output::text(&shown.text()),
    }
    Ok(if shown.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn look(client: &Client, table: &TableDescription) -> Result<TableShown, String> {
    let name = table.table_name().unwrap_or_default();
    let backups = Box::pin(client.describe_continuous_backups().table_name(name).send()).await;
    let backups = backups.map_err(|error| account::refused(&error, "its region", name))?;
    let recovery = backups
        .continuous_backups_description
        .and_then(|backups| backups.point_in_time_recovery_description)
        .and_then(|recovery| recovery.point_in_time_recovery_status);
    Ok(TableShown {
        name: name.to_owned(),
        status: table.table_status().map_or("?", TableStatus::as_str).to_owned(),
        items: table.item_count().unwrap_or_default(),
        bytes: table.table_size_bytes().unwrap_or_default(),
        stream: table.stream_specification().is_some_and(|stream| stream.stream_enabled),
        deletion_protection: table.deletion_protection_enabled().unwrap_or_default(),
        point_in_time_recovery: recovery == Some(PointInTimeRecoveryStatus::Enabled),
    })
}

async fn look_at_program(
    tables: &Store,
    id: ProgramId,
    now: Instant,
) -> Result<ProgramShown, String> {
    let versions = PublishedProgram::all(tables, &id).await;
    let versions = versions.map_err(|failure| failure.to_string())?;
    let rulebook = PublishedProgram::rulebook(&versions).map_err(|failure| failure.to_string())?;
    let rulebook = rulebook.ok_or_else(|| format!("there is no program {:?}", id.as_str()))?;
    let keys = all_keys(tables, &id).await.map_err(|failure| failure.to_string())?;
    Ok(ProgramShown {
        in_force: rulebook.in_force(now).version,
        versions: versions.len(),
        open_keys: keys.iter().filter(|(_, key)| key.is_open(now)).count(),
        id,
    })
}

impl TableShown {
    /// What is not as the template makes it.
    fn problems(&self, streams: bool) -> Vec<String> {
        let mut problems = Vec::new();
        let mut expect = |holds: bool, what: &str| {
            if !holds {
                problems.push(format!("{} {what}", self.name));
            }
        };
        expect(matches!(self.status.as_str(), "ACTIVE" | "UPDATING"), "is not active");
        expect(self.stream || !streams, "has no stream: nothing is rolled up or relayed");
        expect(self.point_in_time_recovery, "cannot be restored to a point in time");
        problems
    }
}

impl Shown {
    fn text(&self) -> String {
        let mut text = format!("the stack {} in {}\n", self.stack, self.region);
        for table in &self.tables {
            let TableShown { name, status, items, bytes, .. } = table;
            let protected = match table.deletion_protection {
                true => "protected from deletion",
                false => "not protected from deletion",
            };
            text.push_str(&format!(
                "{name}: {status}, about {items} items, {bytes} bytes, {protected}\n"
            ));
        }
        for ProgramShown { id, versions, in_force, open_keys } in &self.programs {
            text.push_str(&format!(
                "{id}: version {in_force} of {versions} is in force, {open_keys} open keys\n"
            ));
        }
        for problem in &self.problems {
            text.push_str(&format!("problem: {problem}\n"));
        }
        text
    }
}
