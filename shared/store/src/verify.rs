//! Proof: the whole ledger is read, every chain folded again, and the roll-ups compared
//! with what the rows add up to.
//!
//! Only while no fact is being recorded and the stream is drained: what is recorded
//! meanwhile may look lost.

mod chain;
mod compare;
mod problem;
mod walk;

#[cfg(test)]
mod tests;

pub use problem::{Problem, Wrong};

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

use domain::{ids::ProgramId, program::Rulebook, rollup::DayRollup};
use serde::Serialize;

use crate::{
    rollups::Counted,
    tables::{Failure, Tables},
};
use walk::Walk;

/// The most problems that a report names.
pub const PROBLEMS_MAX: usize = 1_000;

/// What was found in the ledger.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Chains.
    pub chains: u64,
    /// Rows.
    pub rows: u64,
    /// Rows by the word for their kind.
    pub kinds: BTreeMap<&'static str, u64>,
    /// What all rows of each program add up to.
    pub totals: BTreeMap<ProgramId, DayRollup>,
    /// What is wrong: chain by chain in the order of the table, then what the roll-ups
    /// miss; at most [`PROBLEMS_MAX`].
    pub problems: Vec<Problem>,
    /// How many more problems there are.
    pub unnamed: u64,
    /// How many of all of them speak against the ledger itself, and not only against
    /// roll-ups that are behind.
    pub of_the_ledger: u64,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }

    fn problem(&mut self, problem: Problem) {
        self.of_the_ledger += u64::from(problem.is_of_the_ledger());
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        } else {
            self.unnamed += 1;
        }
    }
}

impl fmt::Display for Report {
    /// A line for what was read, one for each kind of row, and one for each problem.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} rows in {} chains", self.rows, self.chains)?;
        self.kinds.iter().try_for_each(|(kind, rows)| writeln!(f, "  {rows} {kind}"))?;
        self.problems.iter().try_for_each(|problem| writeln!(f, "{problem}"))?;
        match (self.is_sound(), self.unnamed) {
            (true, _) => writeln!(f, "everything is as it was written"),
            (false, 0) => Ok(()),
            (false, unnamed) => writeln!(f, "and {unnamed} more problems"),
        }
    }
}

/// Reads the whole ledger and proves it: sequences without gaps, rows that are exactly
/// what was written and follow one another, accounts that are the fold of their rows, and
/// roll-ups that are the sum of the ledger.
///
/// `progress` hears how many rows were read so far.
///
/// # Errors
///
/// The tables' [`Failure`]. A row that cannot be read is no failure but a problem of the
/// report.
pub async fn verify<T: Tables>(
    tables: &T,
    rulebooks: &HashMap<ProgramId, Rulebook>,
    mut progress: impl FnMut(u64) + Send,
) -> Result<Report, Failure> {
    let found = match walk::by_scan(tables, rulebooks, &mut progress).await? {
        Some(found) => found,
        None => walk::by_chain(tables, rulebooks, &mut progress).await?,
    };
    let Walk { mut report, mut counted, .. } = found;
    for program in rulebooks.keys() {
        counted.entry(program.clone()).or_default();
    }
    for (program, counted) in &counted {
        let mut total = DayRollup::default();
        counted.days.values().for_each(|day| total.add(day));
        report.totals.insert(program.clone(), total);
        compare::days(tables, program, counted, &mut report).await?;
        compare::buckets(tables, program, counted, &mut report).await?;
    }
    compare::parked(tables, &mut report).await?;
    Ok(report)
}

/// The rows of each program.
type CountedByProgram = BTreeMap<ProgramId, Counted>;
