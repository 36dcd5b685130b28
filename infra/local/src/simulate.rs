//! Simulating: a program over an order file, without the stack.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use domain::{program::Program, time::Instant};
use indicatif::{ProgressBar, ProgressStyle};
use orders::OrderFile;
use simulate::{Backtest, History, RedemptionModel, Report, Timing, csv, html, table};

/// How `guerdon simulate` was called.
#[derive(Debug, clap::Args)]
pub struct Simulate {
    /// The definition file of the program
    pub program: PathBuf,
    /// The order file: the documented CSV layout, or Online Retail II, plain or .zst
    #[arg(long, value_name = "FILE")]
    pub orders: PathBuf,
    /// Another definition file to compare with
    #[arg(long, value_name = "PROGRAM")]
    pub against: Option<PathBuf>,
    /// Who redeems, and when: none, or some of members=PERCENT,orders=PERCENT,times=NUMBER,reward=ID
    #[arg(long, value_name = "MODEL", default_value_t)]
    pub redeem: RedemptionModel,
    /// Print the report as JSON
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Print the months as CSV
    #[arg(long)]
    pub csv: bool,
    /// Write the report as a page of its own
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// How many threads; one a core unless given
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
    /// Run the history so many times over, to measure
    #[arg(long = "loop", value_name = "TIMES", default_value_t = 1,
        value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub loops: u64,
}

/// Simulates and prints the report.
///
/// # Errors
///
/// A sentence, or the problems of a definition, one a line.
pub fn run(simulate: &Simulate) -> Result<(), String> {
    let file = crate::replay::read(&simulate.orders)?;
    let mut program = read(&simulate.program, &file)?;
    let mut other = simulate.against.as_deref().map(|path| read(path, &file)).transpose()?;
    check_reward(&simulate.redeem, &program)?;
    if let (Some(other), Some(path)) = (&mut other, &simulate.against) {
        check_money(&program, other)?;
        check_reward(&simulate.redeem, other)?;
        tell_apart((&mut program, &simulate.program), (other, path));
    }
    let history = history(&file, &program)?;
    let (backtest, timing) = measured(simulate, &program, &history)?;
    let compared = match &other {
        Some(other) => Some(measured(simulate, other, &self::history(&file, other)?)?.0),
        None => None,
    };
    let report = Report::new(&history, &simulate.redeem, backtest, compared);
    if let Some(path) = &simulate.html {
        std::fs::write(path, html(&report))
            .map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
    }
    if simulate.json {
        println!("{}", report.json(&timing));
    } else if simulate.csv {
        print!("{}", csv(&report));
    } else {
        print!("{}", table(&report));
        eprintln!("{}", timing.sentence());
    }
    Ok(())
}

fn read(path: &Path, file: &OrderFile) -> Result<Program, String> {
    let first =
        file.facts.first().map_or(Instant::default(), |fact| Instant::from_timestamp(fact.at()));
    Ok(crate::program::read(Some(path), first)?.program)
}

fn history(file: &OrderFile, program: &Program) -> Result<History, String> {
    History::new(file, program).map_err(|bad| bad.to_string())
}

/// Two drafts of one program have one name: their files tell them apart.
fn tell_apart((one, path): (&mut Program, &Path), (other, other_path): (&mut Program, &Path)) {
    if one.name == other.name {
        for (program, path) in [(one, path), (other, other_path)] {
            let file = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy();
            program.name = format!("{}, {file}", program.name);
        }
    }
}

fn check_money(program: &Program, other: &Program) -> Result<(), String> {
    if program.money == other.money {
        return Ok(());
    }
    Err(format!(
        "the program {:?} counts in {} and {:?} in {}: only programs of one money can be compared",
        program.id.as_str(),
        program.money,
        other.id.as_str(),
        other.money
    ))
}

fn check_reward(model: &RedemptionModel, program: &Program) -> Result<(), String> {
    match &model.reward {
        Some(id) if program.reward(id).is_none() => {
            let known: Vec<&str> =
                program.rewards.iter().map(|reward| reward.id.as_str()).collect();
            Err(format!(
                "--redeem: the program {:?} has no reward {id:?}; it has {}",
                program.id.as_str(),
                known.join(", ")
            ))
        }
        _ => Ok(()),
    }
}

/// Runs a program as often as asked for, with a bar.
fn measured(
    simulate: &Simulate,
    program: &Program,
    history: &History,
) -> Result<(Backtest, Timing), String> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = simulate.threads.map_or(cores, usize::from);
    let bar = bar((history.orders + history.refunds) * simulate.loops);
    bar.set_message(program.id.to_string());
    let started = std::time::Instant::now();
    let mut busy = Duration::ZERO;
    let mut last = None;
    for _ in 0..simulate.loops.max(1) {
        let run =
            simulate::run(program, history, &simulate.redeem, threads, &|facts| bar.inc(facts));
        let run = run.map_err(|failure| failure.to_string())?;
        busy += run.busy;
        last = Some(run);
    }
    let wall = started.elapsed();
    bar.finish_and_clear();
    let run = last.ok_or("nothing was run")?;
    let timing = Timing::new(threads, simulate.loops, history.orders * simulate.loops, busy, wall);
    Ok((Backtest::new(program, history, run), timing))
}

fn bar(facts: u64) -> ProgressBar {
    let bar = ProgressBar::new(facts);
    let template = "{bar:40} {pos}/{len} facts of {msg}, {per_sec}, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}
