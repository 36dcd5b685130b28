//! `guerdon verify`: the whole ledger, proved.

use std::{collections::HashMap, process::ExitCode};

use domain::{ids::ProgramId, program::Rulebook, row::Chain};
use edge::{PublishedProgram, Store};
use store::{
    item::Table,
    tables::{Failure, Tables},
    verify,
};

use crate::{
    stack::Stack,
    tools::{
        Place, account,
        place::{self, Opened},
    },
};

/// How `guerdon verify` was called.
#[derive(Debug, clap::Args)]
pub struct Verify {
    /// Where the tables are.
    #[command(flatten)]
    pub place: Place,
    /// Print the outcome as JSON
    #[arg(long)]
    pub json: bool,
}

/// Proves a ledger; the exit code says whether it is right.
///
/// # Errors
///
/// One sentence when it cannot be read at all.
pub async fn run(options: Verify) -> Result<ExitCode, String> {
    let opened = place::open_existing(&options.place).await?;
    let outcome = prove_opened(&opened).await;
    opened.close().await;
    let report = outcome?;
    if options.json {
        println!("{}", as_json(&report));
    } else {
        print!("{}", as_text(&report));
    }
    if let Some(stack) = &options.place.stack {
        // A picture of restored tables has no bus beside it, and is proved all the same.
        if let Err(why) = tell(stack, &report).await {
            eprintln!("guerdon: {why}");
        }
    }
    Ok(if report.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Tells a stack's event bus what was found: the stack has a rule for it, and an alarm.
async fn tell(stack: &str, report: &verify::Report) -> Result<(), String> {
    let problems = report.problems.len() as u64 + report.unnamed;
    let detail = serde_json::json!({
        "chains": report.chains, "rows": report.rows, "problems": problems,
    });
    account::tell(stack, "guerdon.verified", &detail).await
}

/// Drains what can be drained and proves a ledger.
///
/// # Errors
///
/// One sentence when it cannot be read at all.
pub(crate) async fn prove_opened(opened: &Opened) -> Result<verify::Report, String> {
    opened.drain().await?;
    prove_tables(&opened.tables).await
}

fn as_json(report: &verify::Report) -> serde_json::Value {
    serde_json::json!({
        "chains": report.chains,
        "rows": report.rows,
        "kinds": report.kinds,
        "totals": report.totals,
        "problems": report.problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "more_problems": report.unnamed,
        "of_the_ledger": report.of_the_ledger,
    })
}

pub(crate) fn as_text(report: &verify::Report) -> String {
    let mut text = format!("{} chains, {} rows\n", report.chains, report.rows);
    for (kind, rows) in &report.kinds {
        text.push_str(&format!("  {kind:<12}{rows:>10}\n"));
    }
    for problem in &report.problems {
        text.push_str(&format!("{problem}\n"));
    }
    match (report.problems.is_empty(), report.unnamed) {
        (true, _) => text.push_str("every chain folds, every link holds, every roll-up agrees\n"),
        (false, 0) => {}
        (false, more) => text.push_str(&format!("and {more} more\n")),
    }
    text
}

/// Drains the stream and proves the ledger of a stack.
///
/// # Errors
///
/// One sentence when it cannot be read at all.
pub async fn prove(stack: &Stack) -> Result<verify::Report, String> {
    stack.pollers.drain_inside().await?;
    prove_tables(stack.app.tables()).await
}

async fn prove_tables(tables: &Store) -> Result<verify::Report, String> {
    let rulebooks = rulebooks(tables).await?;
    let report = verify::verify(tables, &rulebooks, |_| {}).await;
    report.map_err(|failure| failure.to_string())
}

/// The rulebooks of all programs that have a row.
///
/// # Errors
///
/// One sentence.
pub(crate) async fn rulebooks(tables: &Store) -> Result<HashMap<ProgramId, Rulebook>, String> {
    let said = |failure: Failure| failure.to_string();
    let mut found = HashMap::new();
    let mut after = None;
    loop {
        let page = tables.scan(Table::Ledger, after).await.map_err(said)?;
        for item in &page.items {
            let chain = item.get_text("chain").and_then(|chain| chain.parse::<Chain>().ok());
            let Some(Chain { program, .. }) = chain else { continue };
            if found.contains_key(&program) {
                continue;
            }
            let versions = PublishedProgram::all(tables, &program).await.map_err(said)?;
            if let Some(rulebook) = PublishedProgram::rulebook(&versions).map_err(said)? {
                found.insert(program, rulebook);
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(found);
        }
    }
}
