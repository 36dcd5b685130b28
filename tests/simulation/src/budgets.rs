//! A budget that all members share is never exceeded, whoever comes at the same moment and
//! whatever fails.

use std::sync::Arc;

use domain::{change::Change, definition, program::Rulebook};
use store::{
    RecordError, registry,
    simulated::{
        Faults, Random, SimulatedTables,
        workers::{Work, run, run_alone},
    },
    tables::{Consistency, Tables},
};

use crate::{
    case::{Case, at, keyed, order, refund},
    invariants::check_chain,
    seeds::each_seed,
    shop::{START, chain, enrolment},
};

/// Ten points for each order, 95 in all.
const PROGRAM: &str = r#"
[program]
id        = "house"
name      = "House"
time_zone = "Europe/London"
money     = "GBP"

[points]
cost    = "0.01 GBP"
pending = "at once"

[[earn]]
id     = "campaign"
on     = "order"
points = 10
limit  = "95 points per program"
"#;

const MEMBERS: u64 = 4;
const ORDERS: u64 = 5;

fn case(seed: u64, faults: Faults) -> Case {
    let program = definition::parse(PROGRAM, "house.toml", 1, Default::default()).unwrap();
    let tables = SimulatedTables::new(seed, faults, START);
    Case { tables, rulebook: Arc::new(Rulebook::new([program]).unwrap()) }
}

/// What the rows of all members say that the rule gave.
fn given(case: &Case) -> i64 {
    let rows = (0..MEMBERS).flat_map(|n| check_chain(&case.tables, &case.rulebook, &chain(n)));
    let changes: Vec<Change> = rows.flat_map(|stored| stored.row.changes).collect();
    let used = changes.iter().filter_map(|change| match change {
        Change::BudgetUsed { points, .. } => Some(*points),
        _ => None,
    });
    used.sum()
}

fn counter(case: &Case) -> i64 {
    let key = registry::Address::new("budget#house", "campaign").as_key();
    let item = case.tables.get(store::item::Table::Registry, &key, Consistency::Strong);
    let item = run_alone(Box::pin(item)).unwrap().unwrap();
    i64::try_from(item.get_number("points").unwrap()).unwrap()
}

/// Members who want more than there is, at once, and one who gives everything back.
pub fn never_exceeded(seed: u64) {
    let case = case(seed, Faults::NONE);
    for member in 0..MEMBERS {
        let fact = keyed(enrolment(), "join");
        run_alone(case.recording_on(&chain(member), &fact, at(0))).unwrap();
    }
    case.tables.set_faults(Faults { stale_writes: 2, stale_millis: 500, ..Faults::NONE });
    let worker = |member: u64| -> Work<'static, ()> {
        let case = case.clone();
        Box::pin(async move {
            for number in 0..ORDERS {
                let fact = keyed(order(&format!("{member}-{number}"), 10_00), "-");
                let now = case.tables.now();
                while let Err(error) = case.recording_on(&chain(member), &fact, now).await {
                    assert!(matches!(error, RecordError::Contended), "{error}");
                }
            }
        })
    };
    let works = (0..MEMBERS).map(worker);
    run(&mut Random::new(seed), 0, works);
    case.tables.set_faults(Faults::NONE);
    assert_eq!(given(&case), 95, "twenty orders want two hundred points");
    assert_eq!(counter(&case), 95);
    // All orders of the first member come back: what they had of it is there again.
    for number in 0..ORDERS {
        let back = refund(&format!("R{number}"), &format!("0-{number}"), 10_00);
        run_alone(case.recording_on(&chain(0), &keyed(back, "-"), at(900))).unwrap();
    }
    let left = given(&case);
    assert_eq!(counter(&case), left);
    let again = keyed(order("late", 10_00), "-");
    let recorded = run_alone(case.recording_on(&chain(1), &again, at(901))).unwrap();
    let awarded = recorded.stored.row.order.unwrap().net(0).units();
    assert_eq!(awarded, 10.min(95 - left.unsigned_abs()));
}

#[test]
fn a_budget_is_never_exceeded_and_a_refund_gives_it_back() {
    each_seed(40, never_exceeded);
}
