//! The meter: what requests cost, counted from item sizes by DynamoDB's published rules.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use crate::{
    item::{Item, Key, Table},
    tables::{Consistency, Failure, Page, Put, PutOutcome, Query, Tables, TransactOutcome},
};

/// Request units so far. Read units are kept as halves, so that all sums are exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Units {
    /// Halves of read request units.
    pub read_halves: u64,
    /// Write request units.
    pub writes: u64,
}

impl Units {
    /// What was used since `earlier`.
    #[must_use]
    pub fn since(self, earlier: Units) -> Units {
        Units {
            read_halves: self.read_halves - earlier.read_halves,
            writes: self.writes - earlier.writes,
        }
    }
}

#[derive(Default)]
struct Counters {
    read_halves: AtomicU64,
    writes: AtomicU64,
}

/// Tables with a meter on them.
///
/// Amazon DynamoDB Developer Guide, "Read and write operations": a strongly consistent
/// read costs one unit for each 4 KB, an eventually consistent one half of that, a query
/// is measured by the sum of what it read, and reading nothing costs the least unit. A
/// write costs one unit for each 1 KB, failed conditions cost like successes, and
/// transactions cost double.
pub struct Metered<T> {
    tables: T,
    counters: Arc<Counters>,
}

impl<T: Tables> Metered<T> {
    /// Puts a meter on tables.
    pub fn new(tables: T) -> Metered<T> {
        Metered { tables, counters: Arc::default() }
    }

    /// What was used so far.
    pub fn units(&self) -> Units {
        Units {
            read_halves: self.counters.read_halves.load(Ordering::Relaxed),
            writes: self.counters.writes.load(Ordering::Relaxed),
        }
    }

    /// The tables under the meter.
    pub fn tables(&self) -> &T {
        &self.tables
    }

    fn count_read(&self, bytes: usize, consistency: Consistency) {
        let units = bytes.div_ceil(4096).max(1) as u64;
        let halves = match consistency {
            Consistency::Eventual => units,
            Consistency::Strong => units * 2,
        };
        self.counters.read_halves.fetch_add(halves, Ordering::Relaxed);
    }

    fn count_write(&self, bytes: usize, times: u64) {
        let units = bytes.div_ceil(1024).max(1) as u64 * times;
        self.counters.writes.fetch_add(units, Ordering::Relaxed);
    }
}

fn bytes<'a>(items: impl IntoIterator<Item = &'a Item>) -> usize {
    items.into_iter().map(Item::bytes).sum()
}

impl<T: Tables> Tables for Metered<T> {
    async fn get(
        &self,
        table: Table,
        key: &Key,
        consistency: Consistency,
    ) -> Result<Option<Item>, Failure> {
        let found = self.tables.get(table, key, consistency).await?;
        self.count_read(bytes(&found), consistency);
        Ok(found)
    }

    async fn query(&self, query: &Query) -> Result<Vec<Item>, Failure> {
        let found = self.tables.query(query).await?;
        self.count_read(bytes(&found), query.consistency);
        Ok(found)
    }

    async fn put(&self, put: Put) -> Result<PutOutcome, Failure> {
        // A put costs by the larger of the new item and the one it replaces; ours replace
        // items of their own size.
        self.count_write(put.item.bytes(), 1);
        self.tables.put(put).await
    }

    async fn transact(&self, puts: Vec<Put>) -> Result<TransactOutcome, Failure> {
        for put in &puts {
            self.count_write(put.item.bytes(), 2);
        }
        self.tables.transact(puts).await
    }

    async fn scan(&self, table: Table, after: Option<Key>) -> Result<Page, Failure> {
        let page = self.tables.scan(table, after).await?;
        self.count_read(bytes(&page.items), Consistency::Eventual);
        Ok(page)
    }
}
