//! The part of a batch that one transaction holds.

use std::collections::BTreeMap;

use domain::{
    ids::ProgramId,
    program::Rulebook,
    rollup::{BucketSums, DayRollup, Reached},
    time::Day,
};

use super::{
    Checkpoint, PARKED, PART_ITEMS_MAX, Parked, StreamEvent, StreamedRow, buckets_of, day_address,
    zone_of,
};
use crate::{
    boards::Moves,
    codec::{StoredRow, decode},
    item::{Item, Table, Value},
    registry::{Address, put_of},
    slot::Slot,
    tables::{Condition, Failure, Put, Tables},
};

/// What some records add up to.
#[derive(Default)]
pub(super) struct Part {
    days: BTreeMap<(ProgramId, Day), DayRollup>,
    buckets: BTreeMap<ProgramId, BucketSums>,
    /// What leaderboards take from them.
    pub moves: Moves,
    /// By chain and sequence.
    pub parked: BTreeMap<String, Parked>,
    /// How many rows are in the sums.
    pub rows: u64,
    /// How many records tell of changed and removed rows.
    pub tampered: u64,
    /// How many records it covers.
    pub records: usize,
    /// The position of the last of them.
    pub last: Option<u128>,
}

/// What one record means.
enum Meaning {
    Row { stored: Box<StoredRow>, day: Day, rollup: DayRollup, reached: Vec<Reached> },
    Parked { key: String, parked: Parked },
    Tampered,
}

impl Part {
    /// Sums records up, as many as one transaction takes.
    pub fn gather<'r>(
        rulebook_of: impl Fn(&ProgramId) -> Option<&'r Rulebook>,
        records: &[&StreamedRow],
    ) -> Part {
        let mut part = Part::default();
        for record in records {
            let meaning = Meaning::of(record, &rulebook_of);
            if part.items() + part.more_items_for(&meaning) > PART_ITEMS_MAX {
                break;
            }
            part.take(meaning);
            part.records += 1;
            part.last = Some(record.position);
        }
        part
    }

    /// How many items it writes, the checkpoint included.
    fn items(&self) -> usize {
        self.days.len() + self.buckets.len() + self.parked.len() + 1
    }

    fn more_items_for(&self, meaning: &Meaning) -> usize {
        match meaning {
            Meaning::Tampered => 0,
            Meaning::Parked { key, .. } => usize::from(!self.parked.contains_key(key)),
            Meaning::Row { stored, day, .. } => {
                let program = &stored.row.chain.program;
                let new_day = !self.days.contains_key(&(program.clone(), *day));
                usize::from(new_day) + usize::from(!self.buckets.contains_key(program))
            }
        }
    }

    fn take(&mut self, meaning: Meaning) {
        match meaning {
            Meaning::Row { stored, day, rollup, reached } => {
                let chain = stored.row.chain;
                self.moves.add(&chain, reached);
                let buckets = self.buckets.entry(chain.program.clone()).or_default();
                buckets.count(&chain.member, stored.hash.short());
                self.days.entry((chain.program, day)).or_default().add(&rollup);
                self.rows += 1;
            }
            Meaning::Parked { key, parked } => {
                self.parked.insert(key, parked);
            }
            Meaning::Tampered => self.tampered += 1,
        }
    }

    /// The puts of all sums as they are with this part, and of the checkpoint.
    pub async fn puts<T: Tables>(
        &self,
        tables: &T,
        shard: &str,
        checkpoint: &Slot<Checkpoint>,
    ) -> Result<Vec<Put>, Failure> {
        let mut puts = vec![checkpoint.put()?];
        for ((program, day), rollup) in &self.days {
            let address = day_address(program, *day, shard);
            let mut slot = Slot::<DayRollup>::read(tables, address).await?;
            slot.document.add(rollup);
            puts.push(slot.put()?);
        }
        for (program, sums) in &self.buckets {
            let address = Address::new(buckets_of(program), shard);
            let mut slot = Slot::<BucketSums>::read(tables, address).await?;
            slot.document.add(sums);
            puts.push(slot.put()?);
        }
        for (key, parked) in &self.parked {
            puts.push(put_of(&Address::new(PARKED, key), parked, Condition::Any)?);
        }
        Ok(puts)
    }
}

impl Meaning {
    fn of<'r>(
        record: &StreamedRow,
        rulebook_of: impl Fn(&ProgramId) -> Option<&'r Rulebook>,
    ) -> Meaning {
        let key = || key_of(&record.item, record.position);
        if record.event != StreamEvent::Inserted {
            let event = record.event;
            tracing::error!(
                alarm = "tampered",
                ?event,
                row = key(),
                "a row was changed or removed"
            );
            return Meaning::Tampered;
        }
        let read = decode(&record.item).map_err(|failure| failure.to_string());
        let with_rulebook = read.and_then(|stored| {
            let rulebook = rulebook_of(&stored.row.chain.program);
            let known = rulebook.and_then(|rulebook| Some((rulebook, zone_of(rulebook)?)));
            known.map(|known| (stored, known)).ok_or_else(|| "its program is unknown".to_owned())
        });
        match with_rulebook {
            Ok((stored, (rulebook, zone))) => {
                let (day, rollup) = DayRollup::of(&stored.row, &zone);
                let reached = Reached::by(&stored.row, rulebook);
                Meaning::Row { stored: Box::new(stored), day, rollup, reached }
            }
            Err(why) => {
                tracing::error!(alarm = "parked", row = key(), why, "a row cannot be rolled up");
                Meaning::Parked { key: key(), parked: Parked { why, counted: false } }
            }
        }
    }
}

/// The chain and the sequence of an item, or where it came if it says neither.
fn key_of(item: &Item, position: u128) -> String {
    match item.key(Table::Ledger) {
        Some(key) => match key.sort {
            Value::N(sequence) => format!("{}#{sequence}", key.partition),
            _ => format!("{}#?", key.partition),
        },
        None => format!("?#{position}"),
    }
}
