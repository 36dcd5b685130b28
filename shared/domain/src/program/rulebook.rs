//! The versions of one program, and which is in force when.

use std::{collections::BTreeMap, sync::Arc};

use super::Program;
use crate::time::Instant;

/// How many rows of a chain an account remembers the keys of.
pub const WINDOW_ROWS: usize = 32;

/// Every published version of one program.
///
/// A fact is decided under the version in force when it happened, a refund under the
/// version that its order was decided under: so all of them stay at hand.
#[derive(Clone, Debug)]
pub struct Rulebook {
    versions: BTreeMap<u32, Arc<Program>>,
    /// Rows whose keys an account remembers; [`WINDOW_ROWS`] but in tests of exactness.
    pub window_rows: usize,
}

impl Rulebook {
    /// The versions of one program; `None` when there is none.
    pub fn new(versions: impl IntoIterator<Item = Program>) -> Option<Rulebook> {
        let versions: BTreeMap<u32, Arc<Program>> =
            versions.into_iter().map(|program| (program.version, Arc::new(program))).collect();
        (!versions.is_empty()).then_some(Rulebook { versions, window_rows: WINDOW_ROWS })
    }

    /// One version.
    pub fn version(&self, version: u32) -> Option<&Arc<Program>> {
        self.versions.get(&version)
    }

    /// The version in force at `at`: of those that have come into force the latest to do
    /// so, and before any has, the first.
    pub fn in_force(&self, at: Instant) -> &Arc<Program> {
        if let (1, Some(only)) = (self.versions.len(), self.versions.values().next()) {
            return only;
        }
        let started = self.versions.values().filter(|program| program.in_force_from <= at);
        let latest = started.max_by_key(|program| (program.in_force_from, program.version));
        latest.unwrap_or_else(|| {
            self.versions.values().next().expect("a rulebook is never made without a version")
        })
    }

    /// The versions that follow another one after `since` and until `until`: when they do,
    /// and how many of their smallest units one of the version before becomes. Oldest
    /// first; of versions of one instant only the one in force is among them.
    pub fn following(&self, since: Instant, until: Instant) -> Vec<(Instant, u32)> {
        if self.versions.len() == 1 {
            return Vec::new();
        }
        let starts = || self.versions.values().map(|program| program.in_force_from);
        let first = starts().min();
        let mut following: Vec<Instant> =
            starts().filter(|at| *at > since && *at <= until && Some(*at) != first).collect();
        following.sort_unstable();
        following.dedup();
        let factor = |at: Instant| {
            let (before, after) = (self.in_force(at.plus_millis(-1)), self.in_force(at));
            after.redenominated_from(before)
        };
        following.into_iter().map(|at| (at, factor(at))).collect()
    }

    /// How many smallest units of the version in force at `at` one of `version` is.
    pub fn denomination_since(&self, version: u32, at: Instant) -> u64 {
        let Some(since) = self.version(version) else { return 1 };
        let following = self.following(since.in_force_from, at).into_iter();
        following.fold(1, |product: u64, (_, factor)| product.saturating_mul(u64::from(factor)))
    }

    /// All versions, oldest first.
    pub fn versions(&self) -> impl Iterator<Item = &Arc<Program>> {
        self.versions.values()
    }
}
