//! What anybody does to a stored row shows.
//!
//! A tail or a chain that is gone as a whole shows in the roll-ups only: they count and
//! sum the hashes of rows.

use domain::points::Points;
use store::{
    codec::{self, RowHash},
    item::{Item, Value},
    simulated::workers::run_alone,
};

use crate::{
    case::{Case, adjustment, at, keyed, order, redemption, refund},
    invariants::{first_problem, items},
    shop::{chain, enrolment},
};

/// A chain of twelve rows.
fn twelve() -> (Case, Vec<Item>) {
    let case = Case::with_points();
    let facts = [
        order("o1", 30_00),
        refund("r1", "first", 5_00),
        redemption(10, None),
        redemption(10, Some(30)),
        adjustment(9),
        order("o2", 12_00),
        refund("r2", "o2", 12_00),
        refund("r3", "never came", 1_00),
        adjustment(3),
        order("o3", 70_00),
    ];
    for (number, fact) in (3..).zip(facts) {
        case.must(&keyed(fact, &format!("n{number}")), at(100 * number));
    }
    let items = run_alone(items(&case.tables, &chain(0)));
    assert_eq!(items.len(), 12);
    (case, items)
}

/// Every way to change one byte of an item, and every way to drop or add a value.
fn changed(item: &Item) -> Vec<(String, Item)> {
    let mut all = Vec::new();
    let mut add = |what: String, change: &dyn Fn(&mut Item)| {
        let mut changed = item.clone();
        change(&mut changed);
        all.push((what, changed));
    };
    for (name, value) in &item.0 {
        let mut set = |at: usize, value: Value| {
            add(format!("{name}[{at}]"), &|item| {
                item.0.insert(name.clone(), value.clone());
            });
        };
        match value {
            Value::B(bytes) => (0..bytes.len()).for_each(|at| {
                let mut bytes = bytes.clone();
                bytes[at] ^= 1 << (at % 8);
                set(at, Value::B(bytes));
            }),
            Value::S(text) => (0..text.len()).for_each(|at| {
                let mut bytes = text.clone().into_bytes();
                bytes[at] ^= 1;
                String::from_utf8(bytes).into_iter().for_each(|text| set(at, Value::S(text)));
            }),
            Value::N(number) => [-1, 1].iter().for_each(|by| set(0, Value::N(number + by))),
        }
        add(format!("no {name}"), &|item| {
            item.0.remove(name);
        });
    }
    add("one more".to_owned(), &|item| {
        item.0.insert("more".to_owned(), Value::N(1));
    });
    add("a longer body".to_owned(), &|item| {
        if let Some(Value::B(body)) = item.0.get_mut("body") {
            body.push(0);
        }
    });
    all
}

#[test]
fn failure_29_every_changed_byte_of_a_row_is_found_in_that_row() {
    let (case, items) = twelve();
    assert_eq!(first_problem(&items, &case.rulebook), None);
    let mut count = 0;
    for at in [0, 4, 11] {
        for (what, item) in changed(&items[at]) {
            let mut tampered = items.clone();
            tampered[at] = item;
            let found = first_problem(&tampered, &case.rulebook);
            assert_eq!(found.map(|(row, _)| row), Some(at + 1), "{what} of row {}", at + 1);
            count += 1;
        }
    }
    println!("{count} changes were found");
}

#[test]
fn failure_29_a_missing_an_added_and_a_moved_row_are_found() {
    let (case, items) = twelve();
    let problem = |items: &[Item]| first_problem(items, &case.rulebook).map(|(row, _)| row);
    for at in 0..11 {
        let mut missing = items.clone();
        missing.remove(at);
        assert_eq!(problem(&missing), Some(at + 1), "row {} is missing", at + 1);
        let mut twice = items.clone();
        twice.insert(at, items[at].clone());
        assert_eq!(problem(&twice), Some(at + 2), "row {} is there twice", at + 1);
        let mut moved = items.clone();
        moved.swap(at, at + 1);
        assert_eq!(problem(&moved), Some(at + 1), "row {} was moved", at + 1);
    }
}

#[test]
fn failure_29_a_row_of_another_chain_is_found() {
    let (case, items) = twelve();
    let other = run_alone(case.recording_on(&chain(1), &keyed(enrolment(), "join"), at(0)));
    let (foreign, _) = codec::encode(&other.unwrap().stored.row, &RowHash::NONE).unwrap();
    let mut mixed = items.clone();
    mixed[0] = foreign;
    let found = first_problem(&mixed, &case.rulebook).map(|(row, _)| row);
    assert_eq!(found, Some(2), "the second row does not follow it");
}

#[test]
fn failure_29_a_row_that_was_rewritten_with_a_new_hash_is_found() {
    let (case, items) = twelve();
    let stored: Vec<_> = items.iter().map(|item| codec::decode(item).unwrap()).collect();
    let mut richer = stored[5].row.clone();
    richer.account.purses[0].lots[0].points = Points::MAX;
    let (item, _) = codec::encode(&richer, &stored[4].hash).unwrap();
    let mut rewritten = items.clone();
    rewritten[5] = item;
    let (row, why) = first_problem(&rewritten, &case.rulebook).unwrap();
    assert_eq!((row, why.as_str()), (6, "the account is the fold of the rows"));

    let mut renamed = stored[5].row.clone();
    renamed.actor = "somebody else".to_owned();
    let (item, _) = codec::encode(&renamed, &stored[4].hash).unwrap();
    let mut rewritten = items;
    rewritten[5] = item;
    let (row, why) = first_problem(&rewritten, &case.rulebook).unwrap();
    assert_eq!((row, why.as_str()), (7, "the hash links"));
}
