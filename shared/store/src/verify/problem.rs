//! What may be wrong with a ledger, in sentences.

use domain::{ids::ProgramId, rollup::Bucket, time::Day};
use serde::{Serialize, Serializer};
use thiserror::Error;

/// Something that must not be.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Problem {
    /// The first bad row of a chain.
    #[error("row {sequence} of {chain} {wrong}")]
    Row {
        /// The chain.
        chain: String,
        /// The row's sequence.
        sequence: i128,
        /// What is wrong with it.
        wrong: Wrong,
    },
    /// The rows of a recorded day add up to something else than was rolled up.
    #[error("{program} on {day}: {figure} is {rolled_up} rolled up and {found} in the ledger")]
    Day {
        /// The program.
        program: ProgramId,
        /// The day.
        day: Day,
        /// The first figure that differs.
        figure: String,
        /// What was rolled up.
        rolled_up: i64,
        /// What the rows add up to.
        found: i64,
    },
    /// A member bucket has other rows than were rolled up.
    #[error("members of bucket {bucket} of {program} {}", lost_or_gained(rolled_up, found))]
    Bucket {
        /// The program.
        program: ProgramId,
        /// The bucket.
        bucket: usize,
        /// What was rolled up.
        rolled_up: Bucket,
        /// What the ledger has.
        found: Bucket,
    },
    /// A row was never rolled up, because it could not be read when it came.
    #[error("row {row} waits to be rolled up: {why}")]
    Parked {
        /// Its chain, `#` and its sequence.
        row: String,
        /// Why it could not be.
        why: String,
    },
}

impl Problem {
    /// Whether it speaks against the ledger itself. What else there is may be roll-ups that
    /// are behind.
    pub fn is_of_the_ledger(&self) -> bool {
        match self {
            Problem::Row { .. } => true,
            Problem::Bucket { rolled_up, found, .. } => found.rows <= rolled_up.rows,
            Problem::Day { .. } | Problem::Parked { .. } => false,
        }
    }
}

impl Serialize for Problem {
    /// The sentence.
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

fn lost_or_gained(rolled_up: &Bucket, found: &Bucket) -> String {
    let rows = |count: u64| format!("{count} row{}", if count == 1 { "" } else { "s" });
    match (rolled_up.rows, found.rows) {
        (before, now) if now < before => format!("have lost {}", rows(before - now)),
        (before, now) if now > before => {
            format!("have {} that were never rolled up", rows(now - before))
        }
        (_, now) => format!("have {}, but not those that were rolled up", rows(now)),
    }
}

/// What is wrong with a row.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Wrong {
    /// It is not there, but a later one is.
    #[error("is missing")]
    Missing,
    /// No chain has a row of this number.
    #[error("does not belong into a chain, which counts from 1")]
    Extra,
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// It is not what was written, or the row before it is not the one it followed.
    #[error("is not what was written after the row before it")]
    Altered,
    /// Nobody knows its program.
    #[error("is of an unknown program")]
    ProgramUnknown,
    /// Nobody knows its program's version.
    #[error("was decided under version {0} of its program, which is unknown")]
    VersionUnknown(u32),
    /// It says another time of the row before it, or was recorded before that.
    #[error("was not recorded after the row before it")]
    Backwards,
    /// Its key does not fit its kind.
    #[error("has a key that does not fit its kind")]
    Key,
    /// An earlier row of the chain records the same fact.
    #[error("records a fact for the second time: {0}")]
    FactTwice(String),
    /// One of its changes cannot be made to the account before it.
    #[error("does what cannot be done: {0}")]
    Impossible(String),
    /// Its changes lead to another account.
    #[error("has an account that its changes do not lead to")]
    Account,
    /// Its movements and its account disagree.
    #[error("moves {moved} points, but the account grew by {grew}")]
    Sum {
        /// What the movements bring.
        moved: i64,
        /// By how much the account grew.
        grew: i64,
    },
    /// It changes the level from one that the member does not have, or to one that no
    /// version of the program has.
    #[error("sets a level that does not follow from the one before")]
    Tier,
    /// It should carry the keys of the rows up to it, or should not.
    #[error("does not carry the right index of keys")]
    Index,
}
