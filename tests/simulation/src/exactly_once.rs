//! Copies of facts, in any number, at any delay and beside anything else, change
//! nothing: the chain is the same to the last bit.

use domain::fact::Fact;
use store::simulated::{
    Faults, Random,
    workers::{Work, run},
};

use crate::{
    case::{Answer, Case},
    seeds::each_seed,
    shop::{START, Sent, Shop, chain},
};

/// The first sending of each fact that no rule can refuse, by time; every other sending
/// is a copy.
fn originals(seed: u64) -> Vec<Sent> {
    let mut shop = Shop::new(Random::new(seed), START, 300, 50);
    let mut sent = shop.life(&chain(0), 130);
    let accepted = |sent: &Sent| match &sent.fact.fact {
        Fact::Enrolled(_) | Fact::Order(_) => true,
        Fact::Adjustment(adjustment) => !adjustment.takes,
        _ => false,
    };
    sent.retain(accepted);
    sent.sort_by_key(|sent| sent.at);
    let mut seen = std::collections::BTreeSet::new();
    sent.retain(|sent| seen.insert(sent.fact.key.clone()));
    sent
}

/// Records each original together with some copies of itself and of earlier ones; the
/// copies of one moment run at once.
fn with_copies(seed: u64, window_rows: usize, copies_most: u64) -> Case {
    let case = Case::with(seed, seed, window_rows);
    let faults = Faults { stale_writes: 5, stale_millis: 100_000_000, ..Faults::NONE };
    case.tables.set_faults(faults);
    let mut random = Random::new(seed ^ copies_most);
    let originals = originals(seed);
    for (number, sent) in originals.iter().enumerate() {
        case.tables.advance_to(sent.at);
        let mut works: Vec<Work<'_, Answer>> = Vec::new();
        for _ in 0..=random.below(copies_most + 1) {
            works.push(case.recording(&sent.fact, sent.at));
        }
        assert!(run(&mut random, 0, works).into_iter().flatten().all(|answer| answer.is_ok()));
        let copies: Vec<Work<'_, Answer>> = (0..random.below(copies_most + 1))
            .map(|_| case.recording(&originals[random.index(number + 1)].fact, sent.at))
            .collect();
        for answer in run(&mut random, 0, copies).into_iter().flatten() {
            assert!(answer.unwrap().replayed, "a copy is no news");
        }
    }
    // And everything once more, more than a year later.
    let later = originals.last().unwrap().at.plus_days(400);
    case.tables.advance_to(later);
    for sent in &originals {
        assert!(case.must(&sent.fact, later).replayed);
    }
    case
}

fn copies_change_nothing(window_rows: usize) {
    each_seed(12, |seed| {
        let once = with_copies(seed, window_rows, 0).rows();
        let often = with_copies(seed, window_rows, 4).rows();
        assert_eq!(once.len(), often.len());
        let last = |rows: &[store::codec::StoredRow]| rows.last().unwrap().hash.hex();
        assert_eq!(last(&once), last(&often), "the chains are the same");
    });
}

#[test]
fn failure_01_copies_change_nothing_without_a_window() {
    copies_change_nothing(0);
}

#[test]
fn failure_01_copies_change_nothing_with_a_window_of_1() {
    copies_change_nothing(1);
}

#[test]
fn failure_01_copies_change_nothing_with_a_window_of_4() {
    copies_change_nothing(4);
}

#[test]
fn failure_01_copies_change_nothing_with_a_window_of_32() {
    copies_change_nothing(32);
}
