//! What simulated tables hold, and every earlier state of it.

use std::collections::BTreeMap;

use domain::time::Instant;

use crate::{
    item::{Item, Key, Table, Value},
    tables::{Condition, Failure, Page, Put, Query, TRANSACTION_ITEMS_MAX, TransactOutcome},
};

/// Items by partition and sort key.
#[derive(Default)]
pub(super) struct Memory {
    partitions: BTreeMap<Place, Partition>,
    /// Every row put so far, as the ledger's stream carries them.
    pub streamed: Vec<Item>,
}

/// How far back a read looks.
#[derive(Clone, Copy)]
pub(super) struct Stale {
    /// It misses so many of its partition's last writes,
    pub writes: u64,
    /// but none that is as old as this.
    pub since: Instant,
}

impl Stale {
    pub const NOT: Stale = Stale { writes: 0, since: Instant::from_millis(i64::MAX) };
}

/// Where a partition is. A table's own order of partitions has nothing to do with their
/// names.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    table: Table,
    spread: u64,
    partition: String,
}

#[derive(Default)]
struct Partition {
    writes: u64,
    items: BTreeMap<Value, Vec<Version>>,
}

struct Version {
    /// Which of the partition's writes it was.
    write: u64,
    written_at: Instant,
    item: Item,
}

impl Place {
    fn of(table: Table, partition: &str) -> Place {
        Place { table, spread: spread(partition), partition: partition.to_owned() }
    }
}

/// FNV-1a.
pub(super) fn spread(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

impl Partition {
    /// Its items as a read sees them.
    fn items(&self, stale: Stale) -> impl DoubleEndedIterator<Item = (&Value, &Item)> {
        let items = self.items.iter();
        items.filter_map(move |(sort, versions)| Some((sort, self.seen(versions, stale)?)))
    }

    fn seen<'a>(&self, versions: &'a [Version], stale: Stale) -> Option<&'a Item> {
        let last = self.writes.saturating_sub(stale.writes);
        let is_seen =
            |version: &&Version| version.write <= last || version.written_at <= stale.since;
        versions.iter().rev().find(is_seen).map(|version| &version.item)
    }
}

impl Memory {
    /// An item.
    pub fn get(&self, table: Table, key: &Key, stale: Stale) -> Option<&Item> {
        let partition = self.partitions.get(&Place::of(table, &key.partition))?;
        partition.seen(partition.items.get(&key.sort)?, stale)
    }

    /// A range of a partition.
    pub fn query(&self, query: &Query, stale: Stale) -> Vec<Item> {
        let Some(partition) = self.partitions.get(&Place::of(query.table, &query.partition)) else {
            return Vec::new();
        };
        let within = |sort: &Value| {
            query.from.as_ref().is_none_or(|from| sort >= from)
                && query.to.as_ref().is_none_or(|to| sort <= to)
        };
        let items = partition.items(stale).filter(|(sort, _)| within(sort));
        let items = items.map(|(_, item)| item.clone());
        match query.descending {
            true => items.rev().take(query.limit).collect(),
            false => items.take(query.limit).collect(),
        }
    }

    /// A page of a table after a key.
    pub fn scan(&self, table: Table, after: Option<&Key>, limit: usize) -> Page {
        let after = after.map(|key| (Place::of(table, &key.partition), key.sort.clone()));
        let mut found = Vec::new();
        for (place, partition) in self.partitions.iter().filter(|(place, _)| place.table == table) {
            for (sort, item) in partition.items(Stale::NOT) {
                let beyond = after
                    .as_ref()
                    .is_none_or(|(at, last)| place > at || (place == at && sort > last));
                if beyond && found.len() == limit {
                    let next = found.last().and_then(|item: &Item| item.key(table));
                    return Page { items: found, next };
                }
                if beyond {
                    found.push(item.clone());
                }
            }
        }
        Page { items: found, next: None }
    }

    /// Writes all, or tells by position what is there where a condition does not hold.
    pub fn write(&mut self, puts: &[Put], now: Instant) -> TransactOutcome {
        let refused: Vec<Option<Option<Item>>> = puts.iter().map(|put| self.refused(put)).collect();
        if refused.iter().any(Option::is_some) {
            return TransactOutcome::Refused(refused);
        }
        puts.iter().for_each(|put| self.keep(put, now));
        TransactOutcome::Done
    }

    fn refused(&self, put: &Put) -> Option<Option<Item>> {
        let there = put.item.key(put.table).and_then(|key| self.get(put.table, &key, Stale::NOT));
        let number = |name| there.and_then(|item| item.0.get(name));
        let holds = match put.condition {
            Condition::Any => true,
            Condition::Absent => there.is_none(),
            Condition::Grows(name) => match (number(name), put.item.0.get(name)) {
                (None, _) => true,
                (Some(Value::N(old)), Some(Value::N(new))) => old < new,
                _ => false,
            },
        };
        (!holds).then(|| there.cloned())
    }

    fn keep(&mut self, put: &Put, written_at: Instant) {
        let Some(key) = put.item.key(put.table) else { return };
        let partition = self.partitions.entry(Place::of(put.table, &key.partition)).or_default();
        partition.writes += 1;
        let version = Version { write: partition.writes, written_at, item: put.item.clone() };
        partition.items.entry(key.sort).or_default().push(version);
        if put.table == Table::Ledger {
            self.streamed.push(put.item.clone());
        }
    }
}

/// What DynamoDB would refuse whatever is there. (Amazon DynamoDB quotas; API Reference,
/// TransactWriteItems.)
pub(super) fn check(puts: &[Put]) -> Result<(), Failure> {
    puts.iter().try_for_each(check_put)?;
    let invalid = |why: &str| Err(Failure::Refused(format!("ValidationException: {why}")));
    if puts.is_empty() || puts.len() > TRANSACTION_ITEMS_MAX {
        return invalid("a transaction has 1 to 100 items");
    }
    let mut keys: Vec<_> = puts.iter().map(|put| (put.table, put.item.key(put.table))).collect();
    keys.sort();
    if keys.windows(2).any(|pair| pair[0] == pair[1]) {
        return invalid("two operations on one item");
    }
    Ok(())
}

fn check_put(put: &Put) -> Result<(), Failure> {
    let invalid = |why: &str| Err(Failure::Refused(format!("ValidationException: {why}")));
    put.check_size()?;
    let sort = match (put.table, put.item.key(put.table)) {
        (_, Some(key)) if key.partition.is_empty() => return invalid("an empty key"),
        (Table::Ledger, Some(Key { sort: Value::N(_), .. })) => Ok(()),
        (Table::Registry, Some(Key { sort: Value::S(sort), .. })) if !sort.is_empty() => Ok(()),
        _ => invalid("a key that is missing or of the wrong kind"),
    };
    let long = |value: &Value| matches!(value, Value::N(number) if number.unsigned_abs() >= 10_u128.pow(38));
    match put.condition {
        Condition::Grows(name) if put.item.get_number(name).is_none() => {
            invalid("no number to compare")
        }
        _ if put.item.0.values().any(long) => invalid("a number of more than 38 digits"),
        _ => sort,
    }
}
