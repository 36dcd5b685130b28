//! Roll-ups as they are kept: written by the ledger's stream, each row exactly once, and
//! read by reports.
//!
//! A stream comes in shards, and each shard's rows have positions that only grow. The
//! sums of a batch and the position that it reaches are written in one transaction, each
//! item only as it was read: so a batch that comes again, in whole or in part, finds the
//! position beyond it, and of two readers of the same batch one fails and reads again.

mod part;
mod rebuild;

#[cfg(test)]
mod tests;

pub use rebuild::{Rebuilt, rebuild, rebuild_day};

use std::collections::BTreeMap;

#[cfg(feature = "planted")]
use domain::planted::{Bug, is_planted};
use domain::{
    ids::ProgramId,
    program::Rulebook,
    rollup::{BucketSums, DayRollup},
    time::Day,
};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

#[cfg(feature = "planted")]
use crate::tables::Put;
use crate::{
    codec::StoredRow,
    item::Item,
    registry::Address,
    slot::Slot,
    tables::{Failure, Tables, TransactOutcome},
};
use part::Part;

/// The most items of one transaction of roll-ups.
pub const PART_ITEMS_MAX: usize = 90;
/// How often a part is tried when others write the same roll-ups.
pub const ATTEMPTS_MAX: usize = 8;
/// The shard of a stream that does not name its shards.
pub const ONLY_SHARD: &str = "only";

/// What the stream says happened to an item of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamEvent {
    /// It is new: a row.
    Inserted,
    /// It was changed, which nothing of ours does.
    Modified,
    /// It was removed, which nothing of ours does.
    Removed,
}

/// A record of the ledger's stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamedRow {
    /// Its position in its shard; later records have greater ones.
    pub position: u128,
    /// What happened.
    pub event: StreamEvent,
    /// The item as it is now, or as it was before it was removed.
    pub item: Item,
}

impl StreamedRow {
    /// A record with the stream's own sequence number, decimal digits as text.
    ///
    /// # Errors
    ///
    /// [`Failure::Unreadable`] when it is no number.
    pub fn new(
        sequence_number: &str,
        event: StreamEvent,
        item: Item,
    ) -> Result<StreamedRow, Failure> {
        let position = sequence_number.parse().map_err(|_| Failure::Unreadable {
            what: format!("the stream position {sequence_number:?}"),
            why: "it is no number".to_owned(),
        })?;
        Ok(StreamedRow { position, event, item })
    }
}

/// What became of a batch: how many records …
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RolledUp {
    /// … were rows and were added.
    pub rows: u64,
    /// … had been dealt with before.
    pub known: u64,
    /// … could not be read and are kept aside by their key. Each is an alarm.
    pub parked: u64,
    /// … say that a row was changed or removed. Each is an alarm.
    pub tampered: u64,
    /// In how many transactions.
    pub parts: u64,
}

/// A row that could not be rolled up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parked {
    /// Why not.
    pub why: String,
    /// Whether a [`rebuild`] has counted it since.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub counted: bool,
}

/// What the rows of one program add up to.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    pub days: BTreeMap<Day, DayRollup>,
    pub buckets: BucketSums,
}

impl Counted {
    pub fn count(&mut self, stored: &StoredRow, zone: &TimeZone) {
        let (day, rollup) = DayRollup::of(&stored.row, zone);
        self.days.entry(day).or_default().add(&rollup);
        self.buckets.count(&stored.row.chain.member, stored.hash.short());
    }
}

/// How far a shard has been rolled up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Checkpoint {
    /// The position of the last record dealt with, in decimal digits: too long for a
    /// number that every JSON reader keeps.
    position: Option<String>,
}

impl Checkpoint {
    fn at(position: u128) -> Checkpoint {
        Checkpoint { position: Some(position.to_string()) }
    }

    fn position(&self) -> Option<u128> {
        self.position.as_deref().and_then(|digits| digits.parse().ok())
    }
}

/// Adds the rows of a batch of one shard of the ledger's stream to the roll-ups, each
/// row once however often and however split it comes, and brings leaderboards up to them.
/// `rulebook_of` knows the versions of each program.
///
/// # Errors
///
/// The tables' [`Failure`]. What was dealt with before it stays so; the same batch again
/// does the rest.
pub async fn roll_up<'r, T: Tables>(
    tables: &T,
    rulebook_of: impl Fn(&ProgramId) -> Option<&'r Rulebook> + Send + Sync,
    shard: &str,
    batch: &[StreamedRow],
) -> Result<RolledUp, Failure> {
    let mut records: Vec<&StreamedRow> = batch.iter().collect();
    records.sort_by_key(|record| record.position);
    records.dedup_by_key(|record| record.position);
    let mut done = RolledUp::default();
    let mut failed = 0;
    let mut checkpoint = read_checkpoint(tables, shard).await?;
    loop {
        let reached = checkpoint.document.position();
        let before = records.len();
        records.retain(|record| reached.is_none_or(|reached| record.position > reached));
        done.known += (before - records.len()) as u64;
        let part = Part::gather(&rulebook_of, &records);
        let Some(last) = part.last else { return Ok(done) };
        // Not in the transaction: a row states what its member has come to, and an entry
        // lets no older row in, so what comes again changes nothing without a checkpoint,
        // at half the price and with no item less for the sums. Before it: whoever fails
        // in between gets the same rows again; after it nobody would.
        part.moves.write(tables).await?;
        checkpoint.document = Checkpoint::at(last);
        let puts = part.puts(tables, shard, &checkpoint).await?;
        #[cfg(feature = "planted")]
        let puts = match is_planted(Bug::CheckpointApart) {
            true => without_checkpoint(tables, puts).await?,
            false => puts,
        };
        match tables.transact(puts).await {
            Ok(TransactOutcome::Done) => {
                checkpoint.written();
                records.drain(..part.records);
                done.add(&part);
                failed = 0;
            }
            // Whether it happened shows in the checkpoint.
            Ok(TransactOutcome::Refused(_)) | Err(Failure::Conflict | Failure::Unavailable(_)) => {
                failed += 1;
                if failed == ATTEMPTS_MAX {
                    return Err(Failure::Conflict);
                }
                checkpoint = read_checkpoint(tables, shard).await?;
            }
            Err(failure) => return Err(failure),
        }
    }
}

/// Writes the sums, and leaves the checkpoint for a transaction of its own.
#[cfg(feature = "planted")]
async fn without_checkpoint<T: Tables>(
    tables: &T,
    mut puts: Vec<Put>,
) -> Result<Vec<Put>, Failure> {
    let sums = puts.split_off(1);
    tables.transact(sums).await?;
    Ok(puts)
}

async fn read_checkpoint<T: Tables>(tables: &T, shard: &str) -> Result<Slot<Checkpoint>, Failure> {
    Slot::read(tables, Address::new("checkpoint#rollups", shard)).await
}

impl RolledUp {
    fn add(&mut self, part: &Part) {
        self.rows += part.rows;
        self.parked += part.parked.len() as u64;
        self.tampered += part.tampered;
        self.parts += 1;
    }
}

fn days_of(program: &ProgramId) -> String {
    format!("rollup#{program}")
}

fn day_address(program: &ProgramId, day: Day, shard: &str) -> Address {
    Address::new(days_of(program), format!("{day}#{shard}"))
}

fn buckets_of(program: &ProgramId) -> String {
    format!("buckets#{program}")
}

const PARKED: &str = "parked#rows";

/// The zone of a program's recorded days: its first version's, which no later one may
/// change.
pub fn zone_of(rulebook: &Rulebook) -> Option<TimeZone> {
    rulebook.versions().next().map(|program| program.time_zone.clone())
}

/// The roll-ups of a program's recorded days from `from` (or the first) to `to`, both
/// included, ascending, summed over shards. Days without rows are left out.
///
/// # Errors
///
/// The tables' [`Failure`], or a roll-up of another shape.
pub async fn read_days<T: Tables>(
    tables: &T,
    program: &ProgramId,
    from: Option<Day>,
    to: Day,
) -> Result<Vec<(Day, DayRollup)>, Failure> {
    let mut days = BTreeMap::<Day, DayRollup>::new();
    for slot in read_day_slots(tables, program, from, to).await? {
        let day = day_in(&slot.address)?;
        days.entry(day).or_default().add(&slot.document);
    }
    Ok(days.into_iter().collect())
}

async fn read_day_slots<T: Tables>(
    tables: &T,
    program: &ProgramId,
    from: Option<Day>,
    to: Day,
) -> Result<Vec<Slot<DayRollup>>, Failure> {
    let from = from.map(|day| day.to_string());
    // `$` is the character after the `#` that ends the day.
    Slot::list(tables, &days_of(program), from, Some(format!("{to}$"))).await
}

fn day_in(address: &Address) -> Result<Day, Failure> {
    let text = address.sort.split('#').next().unwrap_or_default();
    text.parse().map(Day::from_date).map_err(|_| Failure::Unreadable {
        what: format!("{} {}", address.key, address.sort),
        why: "it is of no day".to_owned(),
    })
}

/// How many rows each member bucket of a program has and the sums of their hashes,
/// summed over shards.
///
/// # Errors
///
/// As [`read_days`].
pub async fn read_buckets<T: Tables>(
    tables: &T,
    program: &ProgramId,
) -> Result<BucketSums, Failure> {
    let slots = Slot::<BucketSums>::list(tables, &buckets_of(program), None, None).await?;
    let mut sums = BucketSums::default();
    slots.iter().for_each(|slot| sums.add(&slot.document));
    Ok(sums)
}

/// The rows that could not be rolled up and were not counted since, each as its chain,
/// `#` and its sequence.
///
/// # Errors
///
/// As [`read_days`].
pub async fn read_parked<T: Tables>(tables: &T) -> Result<Vec<(String, Parked)>, Failure> {
    let parked = crate::registry::list::<T, Parked>(tables, PARKED, None, None).await?;
    Ok(parked.into_iter().filter(|(_, parked)| !parked.counted).collect())
}
