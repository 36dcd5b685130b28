//! The tables are slow for a long time.

use store::simulated::Faults;

use crate::{
    seeds::each_seed,
    simulation::{Plan, simulate},
};

#[test]
fn failure_09_with_every_second_request_throttled_everything_drains() {
    each_seed(6, |seed| {
        let faults = Faults { throttled: 500, ..Faults::NONE };
        let plan = Plan::of(seed).calm();
        let plan = Plan {
            faults,
            failing_days: 10_000,
            receives_max: u32::MAX,
            window_rows: 32,
            members: 2,
            facts_a_member: 60,
            ..plan
        };
        let outcome = simulate(plan);
        let requests = outcome.simulation.tables.requests();
        let (recorded, refused) = outcome.simulation.answers.counts();
        let drained = outcome.simulation.drained_while_failing;
        assert!(drained, "everything was dealt with while requests were throttled");
        println!("seed {seed}: {recorded} facts and {refused} refusals through {requests:?}");
    });
}
