//! One chain, folded row by row.

use std::collections::{HashSet, VecDeque};

use domain::{
    account::{Account, signed},
    change::Change,
    key::KeyDigest,
    program::Rulebook,
    row::{INDEX_EVERY, IndexEntry, Row, RowKind},
    window::RowKeys,
};

use super::{Problem, Wrong};
use crate::{
    codec::{RowHash, StoredRow, decode, encode, proves},
    item::Item,
};

/// A chain up to some row.
pub(super) struct Fold<'a> {
    chain: String,
    rulebook: Option<&'a Rulebook>,
    head: Option<StoredRow>,
    /// The hash in the item before, whether or not that could be read.
    previous: RowHash,
    /// The sequence of the item before.
    sequence: i128,
    /// The keys of the last rows that an index covers.
    keys: VecDeque<(u64, RowKeys)>,
    facts: HashSet<KeyDigest>,
    broken: bool,
}

/// What one item of a chain is.
pub(super) struct Taken {
    /// The row, unless it cannot be read or is not as this code writes rows.
    pub row: Option<StoredRow>,
    /// What is wrong, if this is the first bad row of its chain.
    pub problem: Option<Problem>,
}

impl<'a> Fold<'a> {
    pub fn new(chain: String, rulebook: Option<&'a Rulebook>) -> Fold<'a> {
        Fold {
            chain,
            rulebook,
            head: None,
            previous: RowHash::NONE,
            sequence: 0,
            keys: VecDeque::new(),
            facts: HashSet::new(),
            broken: false,
        }
    }

    /// Takes in the item with the next higher sequence.
    pub fn take(&mut self, sequence: i128, item: &Item) -> Taken {
        let expected = self.sequence + 1;
        let stored = decode(item).map_err(|failure| Wrong::Unreadable(failure.to_string()));
        let proven = proves(item, &self.previous).unwrap_or(false);
        let found = match &stored {
            _ if sequence < 1 => Err((sequence, Wrong::Extra)),
            _ if sequence != expected => Err((expected, Wrong::Missing)),
            Err(wrong) => Err((sequence, wrong.clone())),
            Ok(_) if !proven => Err((sequence, Wrong::Altered)),
            Ok(stored) => self.check(&stored.row).map_err(|wrong| (sequence, wrong)),
        };
        let problem = found.err().filter(|_| !self.broken).map(|(sequence, wrong)| {
            self.broken = true;
            Problem::Row { chain: self.chain.clone(), sequence, wrong }
        });
        // After a gap nothing proves the link, but the row may still be one of ours.
        let ours = |stored: &StoredRow| {
            proven || (sequence != expected && is_written_so(item, &stored.row))
        };
        let row = stored.ok().filter(ours);
        self.follow(sequence, item, row.as_ref());
        Taken { row, problem }
    }

    fn follow(&mut self, sequence: i128, item: &Item, row: Option<&StoredRow>) {
        self.sequence = sequence;
        let hash = item.get_bytes("hash").and_then(|hash| hash.try_into().ok());
        self.previous = hash.map_or(RowHash::NONE, RowHash);
        self.head = row.cloned();
    }

    fn check(&mut self, row: &Row) -> Result<(), Wrong> {
        if self.broken {
            return Ok(());
        }
        let rulebook = self.rulebook.ok_or(Wrong::ProgramUnknown)?;
        let version = row.program_version;
        rulebook.version(version).ok_or(Wrong::VersionUnknown(version))?;
        let before = self.head.as_ref().map(|head| &head.row);
        follows_in_time(before, row)?;
        self.records_a_new_fact(row)?;
        let empty = Account::default();
        let before = self.head.as_ref().map_or(&empty, |head| &head.row.account);
        account_follows(before, row, rulebook.window_rows)?;
        tier_follows(before, row, rulebook)?;
        self.carries_its_index(row)
    }

    fn records_a_new_fact(&mut self, row: &Row) -> Result<(), Wrong> {
        match &row.key {
            Some(_) if row.kind == RowKind::Settled => Err(Wrong::Key),
            None if row.kind != RowKind::Settled => Err(Wrong::Key),
            Some(key) if !self.facts.insert(key.digest()) => {
                Err(Wrong::FactTwice(key.as_str().to_owned()))
            }
            _ => Ok(()),
        }
    }

    fn carries_its_index(&mut self, row: &Row) -> Result<(), Wrong> {
        self.keys.push_back((row.sequence, row.keys()));
        while self.keys.len() as u64 > INDEX_EVERY {
            self.keys.pop_front();
        }
        let mut expected = match row.sequence % INDEX_EVERY {
            0 => self.keys.iter().flat_map(|(at, keys)| entries(row.sequence, *at, keys)).collect(),
            _ => Vec::new(),
        };
        let mut carried = row.index.clone();
        let order = |entry: &IndexEntry| (entry.back, entry.hash);
        expected.sort_unstable_by_key(order);
        carried.sort_unstable_by_key(order);
        if carried == expected { Ok(()) } else { Err(Wrong::Index) }
    }
}

fn entries(sequence: u64, at: u64, keys: &RowKeys) -> impl Iterator<Item = IndexEntry> {
    let back = u8::try_from(sequence - at).unwrap_or(u8::MAX);
    keys.hashes().map(move |hash| IndexEntry { back, hash })
}

/// Whether the item is what this code would write for the row, whatever came before it.
fn is_written_so(item: &Item, row: &Row) -> bool {
    let hash = |item: &Item| item.0.get("hash").cloned();
    encode(row, &RowHash::NONE).is_ok_and(|(mut again, _)| {
        hash(item).is_some_and(|hash| again.0.insert("hash".to_owned(), hash).is_some())
            && again == *item
    })
}

fn follows_in_time(before: Option<&Row>, row: &Row) -> Result<(), Wrong> {
    let recorded = before.map(|before| before.recorded_at);
    let forward = recorded.is_none_or(|before| before <= row.recorded_at);
    if row.previous_at == recorded && forward { Ok(()) } else { Err(Wrong::Backwards) }
}

fn account_follows(before: &Account, row: &Row, window_rows: usize) -> Result<(), Wrong> {
    let folded = row.fold(before, window_rows);
    let folded = folded.map_err(|impossible| Wrong::Impossible(impossible.to_string()))?;
    if folded != row.account {
        return Err(Wrong::Account);
    }
    let (moved, grew) = (row.moved(), worth(&row.account) - worth(before));
    if moved == grew { Ok(()) } else { Err(Wrong::Sum { moved, grew }) }
}

/// All points of the first currency, less what is owed.
fn worth(account: &Account) -> i64 {
    let purse = account.purse(0);
    let own = [purse.available(), purse.pending(), account.held(0)];
    own.into_iter().map(signed).sum::<i64>() - signed(purse.debt)
}

fn tier_follows(before: &Account, row: &Row, rulebook: &Rulebook) -> Result<(), Wrong> {
    let mut level = before.tier.as_ref().map(|tier| &tier.level);
    for change in &row.changes {
        if let Change::TierSet { from, to } = change {
            if from.as_ref() != level || !has_level(rulebook, &to.level) {
                return Err(Wrong::Tier);
            }
            level = Some(&to.level);
        }
    }
    Ok(())
}

fn has_level(rulebook: &Rulebook, id: &str) -> bool {
    let mut tiers = rulebook.versions().filter_map(|version| version.tiers.as_ref());
    tiers.any(|tiers| tiers.levels.iter().any(|level| level.id == id))
}
