//! What a batch remembers of the chains that it reads and extends, so that a member with many
//! facts in one batch is read once.
//!
//! A row never changes: one that was read or put is good for ever. That it is the newest is
//! good only until somebody else puts another, as with an eventually consistent read: it leads
//! to an append or a replay and to nothing else, and what comes of a put is remembered only
//! where the row is known to be there.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::row::{Chain, INDEX_EVERY};

use crate::codec::StoredRow;

/// The rows that a batch remembers.
#[derive(Debug, Default)]
pub(crate) struct Remembered(Mutex<BTreeMap<Chain, OfChain>>);

#[derive(Debug, Default)]
struct OfChain {
    rows: BTreeMap<u64, StoredRow>,
    /// The sequence of the newest row, where it is known.
    head: Option<u64>,
}

impl Remembered {
    /// The newest row of a chain, as far as this batch knows.
    pub fn head(&self, chain: &Chain) -> Option<StoredRow> {
        let chains = self.chains();
        let of_chain = chains.get(chain)?;
        of_chain.rows.get(&of_chain.head?).cloned()
    }

    /// A row of a chain.
    pub fn row(&self, chain: &Chain, sequence: u64) -> Option<StoredRow> {
        self.chains().get(chain)?.rows.get(&sequence).cloned()
    }

    /// A row was read as the newest, or put.
    pub fn keep_head(&self, row: &StoredRow) {
        let mut chains = self.chains();
        let of_chain = chains.entry(row.row.chain.clone()).or_default();
        of_chain.keep(row);
        of_chain.head = Some(row.row.sequence);
    }

    /// A row was read.
    pub fn keep_row(&self, row: &StoredRow) {
        self.chains().entry(row.row.chain.clone()).or_default().keep(row);
    }

    /// Nobody can tell any more which row is the newest.
    pub fn forget_head(&self, chain: &Chain) {
        if let Some(of_chain) = self.chains().get_mut(chain) {
            of_chain.head = None;
        }
    }

    fn chains(&self) -> MutexGuard<'_, BTreeMap<Chain, OfChain>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OfChain {
    fn keep(&mut self, row: &StoredRow) {
        let sequence = row.row.sequence;
        self.rows.insert(sequence, row.clone());
        // A search reads as far down as the last index, and from there from index to index.
        let last = self.rows.last_key_value().map_or(sequence, |(last, _)| *last);
        let near = last.saturating_sub(INDEX_EVERY);
        self.rows.retain(|at, _| *at >= near || at.is_multiple_of(INDEX_EVERY));
    }
}
