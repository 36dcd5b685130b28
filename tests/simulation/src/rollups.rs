//! Roll-ups are the fold of the ledger once its stream is drained, whatever is sent again
//! and whoever dies over it.

use std::collections::BTreeMap;

use domain::{
    ids::ProgramId,
    rollup::{BucketSums, DayRollup},
    time::Day,
};
use store::{
    rollups::{StreamEvent, StreamedRow, read_buckets, read_days, roll_up, zone_of},
    simulated::{
        Faults, Random, SimulatedStream,
        workers::{Work, run, run_alone},
    },
};

use crate::{
    invariants::check_chain,
    seeds::each_seed,
    shop::chain,
    simulation::{Plan, simulate},
};

const SHARDS: u64 = 2;
/// After so many batches nothing fails any more.
const FAILING_BATCHES: u32 = 60;

/// Lets some members live, and rolls up what they did while everything fails.
pub fn drained(seed: u64) {
    let plan = Plan { members: 2, facts_a_member: 40, ..Plan::of(seed).calm() };
    let world = simulate(plan).simulation;
    let (tables, rulebook) = (&world.tables, &*world.rulebook);
    let mut random = Random::new(seed ^ 0x726f_6c6c);
    let rulebook_of = |program: &ProgramId| (program.as_str() == "house").then_some(rulebook);
    for shard in 0..SHARDS {
        let mut stream = SimulatedStream::new(tables, shard, SHARDS, random.number());
        stream.again_per_mille = 300;
        tables.set_faults(Faults::some(&mut random));
        let mut killed_per_mille = 15;
        let mut batches = 0;
        while !stream.is_drained() {
            let rows = stream.batch(20).into_iter().map(|(number, item)| {
                StreamedRow::new(&(1 + number).to_string(), StreamEvent::Inserted, item).unwrap()
            });
            let batch: Vec<StreamedRow> = rows.collect();
            let name = format!("shard-{shard}");
            let work: Work<'_, _> = Box::pin(roll_up(tables, rulebook_of, &name, &batch));
            match run(&mut random, killed_per_mille, [work]).remove(0) {
                Some(Ok(_)) => stream.acknowledge(),
                Some(Err(failure)) => assert!(failure.is_passing(), "{failure}"),
                None => {}
            }
            batches += 1;
            if batches == FAILING_BATCHES {
                tables.calm();
                (stream.again_per_mille, killed_per_mille) = (0, 0);
            }
        }
    }
    tables.calm();
    let zone = zone_of(rulebook).unwrap();
    let (mut days, mut buckets) = (BTreeMap::<Day, DayRollup>::new(), BucketSums::default());
    for chain in (0..2).map(chain) {
        for stored in check_chain(tables, rulebook, &chain) {
            let (day, rollup) = DayRollup::of(&stored.row, &zone);
            days.entry(day).or_default().add(&rollup);
            buckets.count(&chain.member, stored.hash.short());
        }
    }
    let program = chain(0).program;
    let found = run_alone(read_days(tables, &program, None, Day::NEVER)).unwrap();
    assert!(found.into_iter().eq(days), "each row is counted on its day, once");
    let found = run_alone(read_buckets(tables, &program)).unwrap();
    assert_eq!(found, buckets, "and in its bucket");
}

#[test]
fn failure_13_the_roll_ups_are_the_fold_of_the_ledger_once_the_stream_is_drained() {
    each_seed(30, drained);
}
