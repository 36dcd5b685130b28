//! The simulated stream keeps what DynamoDB promises, and no more.

use std::collections::BTreeMap;

use store::{item::Table, simulated::SimulatedStream};

use crate::{
    seeds::each_seed,
    simulation::{Plan, simulate},
};

#[test]
fn every_row_comes_at_least_once_and_first_after_those_before_it() {
    const SHARDS: u64 = 2;
    each_seed(6, |seed| {
        let outcome = simulate(Plan { members: 3, ..Plan::of(seed) });
        let mut seen: BTreeMap<String, u64> = BTreeMap::new();
        for shard in 0..SHARDS {
            let mut stream = SimulatedStream::new(&outcome.simulation.tables, shard, SHARDS, seed);
            stream.again_per_mille = 300;
            let mut batches = 0;
            while !stream.is_drained() {
                for (_, item) in stream.batch(20) {
                    let key = item.key(Table::Ledger).unwrap();
                    let sequence = u64::try_from(item.get_number("sequence").unwrap()).unwrap();
                    let last = seen.entry(key.partition).or_default();
                    assert!(sequence <= *last + 1, "none is left out");
                    *last = sequence.max(*last);
                }
                stream.acknowledge();
                batches += 1;
                if batches > 200 {
                    stream.again_per_mille = 0;
                }
            }
        }
        for (chain, rows) in &outcome.rows {
            let last = seen.get(&chain.to_string()).copied();
            assert_eq!(last.unwrap_or(0), rows.len() as u64, "{chain}");
        }
    });
}
