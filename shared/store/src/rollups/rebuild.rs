//! Roll-ups counted anew from the ledger.
//!
//! Only while nothing else counts: no fact is being recorded and the stream is drained. A
//! row that the stream still holds would be counted again when it comes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{
    ids::ProgramId,
    rollup::{BucketSums, DayRollup},
    time::Day,
};
use jiff::tz::TimeZone;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    Counted, PARKED, PART_ITEMS_MAX, Parked, buckets_of, day_address, day_in, read_day_slots,
    read_parked,
};
use crate::{
    codec::{StoredRow, decode},
    item::Table,
    registry::{self, Address},
    slot::Slot,
    tables::{Failure, Put, Tables, TransactOutcome},
};

/// The shard of what was counted anew where no shard had counted before.
const REBUILT: &str = "rebuilt";

/// What a rebuild did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// The rows that were counted.
    pub rows: u64,
    /// The days whose roll-up was another before.
    pub days: u64,
    /// The rows that had been parked and are counted now.
    pub parked: u64,
}

/// Counts one recorded day of a program anew and replaces its roll-up.
///
/// # Errors
///
/// The tables' [`Failure`]; a row that cannot be read, with nothing replaced; a conflict
/// when the stream's reader wrote the same roll-up meanwhile.
pub async fn rebuild_day<T: Tables>(
    tables: &T,
    program: &ProgramId,
    zone: &TimeZone,
    day: Day,
) -> Result<DayRollup, Failure> {
    let mut total = DayRollup::default();
    each_row(tables, |stored| {
        let (on, rollup) = DayRollup::of(&stored.row, zone);
        if stored.row.chain.program == *program && on == day {
            total.add(&rollup);
        }
        Ok(())
    })
    .await?;
    let slots = read_day_slots(tables, program, Some(day), day).await?;
    replace(tables, slots, || day_address(program, day, REBUILT), total.clone()).await?;
    Ok(total)
}

/// Counts every row of these programs anew, with the zones of their days, and replaces
/// all roll-ups and bucket sums.
///
/// The bucket sums are the witness against the ledger: verify before this, not after.
///
/// # Errors
///
/// As [`rebuild_day`], and a row of another program.
pub async fn rebuild<T: Tables>(
    tables: &T,
    programs: &HashMap<ProgramId, TimeZone>,
) -> Result<Rebuilt, Failure> {
    let mut done = Rebuilt::default();
    let mut counted: BTreeMap<ProgramId, Counted> =
        programs.keys().map(|program| (program.clone(), Counted::default())).collect();
    each_row(tables, |stored| {
        let program = &stored.row.chain.program;
        let known = counted.get_mut(program).zip(programs.get(program));
        let (counted, zone) = known.ok_or_else(|| Failure::Unreadable {
            what: format!("row {} of {}", stored.row.sequence, stored.row.chain),
            why: "its program is unknown".to_owned(),
        })?;
        counted.count(&stored, zone);
        done.rows += 1;
        Ok(())
    })
    .await?;
    for (program, counted) in counted {
        done.days += replace_all(tables, &program, counted).await?;
    }
    for (key, parked) in read_parked(tables).await? {
        let parked = Parked { counted: true, ..parked };
        registry::write(tables, &Address::new(PARKED, key), &parked).await?;
        done.parked += 1;
    }
    Ok(done)
}

/// Returns how many days were others before.
async fn replace_all<T: Tables>(
    tables: &T,
    program: &ProgramId,
    mut counted: Counted,
) -> Result<u64, Failure> {
    let mut slots = BTreeMap::<Day, Vec<Slot<DayRollup>>>::new();
    for slot in read_day_slots(tables, program, None, Day::NEVER).await? {
        slots.entry(day_in(&slot.address)?).or_default().push(slot);
    }
    let days: BTreeSet<Day> = slots.keys().chain(counted.days.keys()).copied().collect();
    let mut others = 0;
    for day in days {
        let total = counted.days.remove(&day).unwrap_or_default();
        let slots = slots.remove(&day).unwrap_or_default();
        let address = || day_address(program, day, REBUILT);
        others += u64::from(replace(tables, slots, address, total).await?);
    }
    let slots = Slot::<BucketSums>::list(tables, &buckets_of(program), None, None).await?;
    let address = || Address::new(buckets_of(program), REBUILT);
    replace(tables, slots, address, counted.buckets).await?;
    Ok(others)
}

async fn each_row<T: Tables>(
    tables: &T,
    mut take: impl FnMut(StoredRow) -> Result<(), Failure> + Send,
) -> Result<(), Failure> {
    let mut after = None;
    loop {
        let page = tables.scan(Table::Ledger, after).await?;
        for item in &page.items {
            take(decode(item)?)?;
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

/// Puts a total where parts of it were: in the first of them, and nothing in the others.
/// Returns whether anything was to be changed.
async fn replace<T: Tables, D>(
    tables: &T,
    mut slots: Vec<Slot<D>>,
    address: impl FnOnce() -> Address,
    total: D,
) -> Result<bool, Failure>
where
    D: Default + PartialEq + Serialize + DeserializeOwned + Send + Sync,
{
    if slots.is_empty() {
        slots.push(Slot::empty(address()));
    }
    let mut wanted = Some(total);
    let mut puts: Vec<Put> = Vec::new();
    for slot in &mut slots {
        let wanted = wanted.take().unwrap_or_default();
        if slot.document != wanted {
            slot.document = wanted;
            puts.push(slot.put()?);
        }
    }
    for part in puts.chunks(PART_ITEMS_MAX) {
        if tables.transact(part.to_vec()).await? != TransactOutcome::Done {
            return Err(Failure::Conflict);
        }
    }
    Ok(!puts.is_empty())
}
