//! `guerdon verify`: the whole ledger, proved.

use std::{collections::HashMap, path::PathBuf, process::ExitCode};

use domain::{ids::ProgramId, program::Rulebook, row::Chain, time::Instant};
use edge::App;
use store::{item::Table, tables::Tables, verify};

use crate::stack::{Data, Options, Stack};

/// How `guerdon verify` was called.
#[derive(Debug, clap::Args)]
pub struct Verify {
    /// The folder that keeps the data
    #[arg(long, default_value = ".guerdon")]
    pub data: PathBuf,
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
    if !options.data.is_dir() {
        return Err(format!("there is no data in {}", options.data.display()));
    }
    let data = Data::Folder(options.data.clone());
    let start = Options { data, port: 0, clock: Instant::default() };
    let stack = Stack::start(start).await.map_err(|error| error.to_string())?;
    let outcome = prove(&stack).await;
    stack.stop().await;
    let report = outcome?;
    if options.json {
        println!("{}", as_json(&report));
    } else {
        print!("{}", as_text(&report));
    }
    Ok(if report.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn as_json(report: &verify::Report) -> serde_json::Value {
    serde_json::json!({
        "chains": report.chains,
        "rows": report.rows,
        "kinds": report.kinds,
        "totals": report.totals,
        "problems": report.problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "more_problems": report.unnamed,
    })
}

fn as_text(report: &verify::Report) -> String {
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
    stack.pollers.drain().await?;
    let rulebooks = rulebooks(&stack.app).await?;
    let report = verify::verify(stack.app.tables(), &rulebooks, |_| {}).await;
    report.map_err(|failure| failure.to_string())
}

/// The rulebooks of all programs that have a row.
async fn rulebooks(app: &App) -> Result<HashMap<ProgramId, Rulebook>, String> {
    let mut found = HashMap::new();
    let mut after = None;
    loop {
        let page = app.tables().scan(Table::Ledger, after).await;
        let page = page.map_err(|failure| failure.to_string())?;
        for item in &page.items {
            let chain = item.get_text("chain").and_then(|chain| chain.parse::<Chain>().ok());
            let Some(Chain { program, .. }) = chain else { continue };
            if found.contains_key(&program) {
                continue;
            }
            let rulebook = app.find_rulebook(&program).await;
            if let Some(rulebook) = rulebook.map_err(|failure| failure.to_string())? {
                found.insert(program, Rulebook::clone(&rulebook));
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(found);
        }
    }
}
