//! The ledger's stream as a function sees it: in order for each chain, but in batches of
//! any size, and again from any point.

use super::{SimulatedTables, memory::spread, random::Random};
use crate::item::{Item, Table};

/// How far back a batch may be sent again.
const AGAIN_MAX: usize = 40;

/// One shard of the stream, and how far its reader has come.
pub struct SimulatedStream {
    tables: SimulatedTables,
    shard: u64,
    shards: u64,
    random: Random,
    /// How often a batch begins before the point that the reader had reached, in
    /// thousandths.
    pub again_per_mille: u32,
    reached: usize,
    offered: usize,
}

impl SimulatedStream {
    /// A shard of the stream of some tables, from the first row on.
    pub fn new(tables: &SimulatedTables, shard: u64, shards: u64, seed: u64) -> SimulatedStream {
        SimulatedStream {
            tables: tables.clone(),
            shard,
            shards: shards.max(1),
            random: Random::new(seed),
            again_per_mille: 0,
            reached: 0,
            offered: 0,
        }
    }

    /// The next batch, of at most `limit` rows with their numbers in the shard; empty
    /// when there is none. Until it is [acknowledged](Self::acknowledge) it comes again,
    /// perhaps split or with more.
    pub fn batch(&mut self, limit: usize) -> Vec<(u64, Item)> {
        let rows = self.rows();
        let back = match self.random.hits(self.again_per_mille) {
            true => self.random.index(self.reached.min(AGAIN_MAX) + 1),
            false => 0,
        };
        let from = self.reached - back;
        self.offered = (from + 1 + self.random.index(limit)).min(rows.len());
        let batch = rows.into_iter().enumerate().take(self.offered).skip(from);
        batch.map(|(number, item)| (number as u64, item)).collect()
    }

    /// The last batch was dealt with.
    pub fn acknowledge(&mut self) {
        self.reached = self.offered;
    }

    /// Whether every row was dealt with.
    pub fn is_drained(&self) -> bool {
        self.reached == self.rows().len()
    }

    fn rows(&self) -> Vec<Item> {
        let world = self.tables.world();
        let here = |item: &&Item| {
            let key = item.key(Table::Ledger);
            key.is_some_and(|key| spread(&key.partition) % self.shards == self.shard)
        };
        world.memory.streamed.iter().filter(here).cloned().collect()
    }
}
