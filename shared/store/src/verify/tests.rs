//! Ledgers that were tampered with, each in one place, and what is said of them.

use std::sync::Arc;

use super::*;
use crate::{
    codec::{RowHash, StoredRow, decode, encode},
    fixture::{Memory, Shop},
    item::{Item, Key, Table, Value},
    rollups::{StreamEvent, StreamedRow, roll_up},
    simulated::workers::run_alone,
};
use domain::{
    account::TierState,
    change::{Change, Movement, Place},
    points::Points,
    row::Row,
    time::Day,
};

/// A shop in which much has happened and everything is rolled up.
fn shop(facts: usize) -> Shop<Arc<Memory>> {
    let mut shop = Shop::new(Arc::new(Memory::default()));
    shop.live(11, facts, 60);
    drain(&shop);
    shop
}

fn drain(shop: &Shop<Arc<Memory>>) {
    let tables = shop.ledger.tables();
    let numbered = tables.streamed().into_iter().zip(1..);
    let record = |(item, position)| StreamedRow { position, event: StreamEvent::Inserted, item };
    let rows: Vec<StreamedRow> = numbered.map(record).collect();
    run_alone(roll_up(tables, |program| shop.rulebooks.get(program), "s", &rows))
        .expect("no failure");
}

fn verified(shop: &Shop<Arc<Memory>>, tables: &Memory) -> Report {
    run_alone(verify(tables, &shop.rulebooks, |_| {})).expect("no failure")
}

/// The problems of a ledger that `tamper` has changed, as sentences.
fn found(shop: &Shop<Arc<Memory>>, tamper: impl FnOnce(&Memory)) -> Vec<String> {
    let tables = shop.ledger.tables().copy();
    tamper(&tables);
    verified(shop, &tables).problems.iter().map(ToString::to_string).collect()
}

fn key(chain: &str, sequence: i128) -> Key {
    Key { partition: chain.to_owned(), sort: Value::N(sequence) }
}

fn item(tables: &Memory, chain: &str, sequence: i128) -> Item {
    tables.items()[&(Table::Ledger, key(chain, sequence))].clone()
}

fn last(tables: &Memory, chain: &str) -> i128 {
    let items = tables.items();
    let rows =
        items.keys().filter(|(table, key)| *table == Table::Ledger && key.partition == chain);
    rows.count() as i128
}

/// Puts another row in the place of one, and makes the rest of the chain follow it.
fn rewrite(tables: &Memory, chain: &str, sequence: i128, change: impl Fn(&mut Row)) {
    let hash_of = |sequence| match sequence {
        0 => RowHash::NONE,
        at => decode(&item(tables, chain, at)).expect("a row").hash,
    };
    for at in sequence..=last(tables, chain) {
        let StoredRow { mut row, .. } = decode(&item(tables, chain, at)).expect("a row");
        if at == sequence {
            change(&mut row);
        }
        let (item, _) = encode(&row, &hash_of(at - 1)).expect("writable");
        tables.overwrite(Table::Ledger, item);
    }
}

#[test]
fn an_untouched_ledger_is_sound_in_whatever_order_it_is_read() {
    let shop = shop(400);
    let mut tables = shop.ledger.tables().copy();
    let report = verified(&shop, &tables);
    assert!(report.is_sound(), "{report}");
    let rows = tables.streamed().len() as u64;
    assert_eq!((report.chains, report.rows), (5, rows));
    assert_eq!(report.kinds.values().sum::<u64>(), rows);
    assert!(report.kinds.len() >= 6, "{report}");
    assert!(last(&tables, "house/ada") > 64, "an index is among them");
    let figures = report.totals.values().map(|total| total.get(domain::rollup::Figure::Rows));
    assert_eq!(figures.sum::<i64>(), i64::try_from(rows).expect("few"));
    tables.disorderly = true;
    let again = verified(&shop, &tables);
    assert!(again.is_sound(), "{again}");
    assert_eq!((again.rows, again.kinds), (report.rows, report.kinds));
}

#[test]
fn failure_29_every_byte_of_a_row_that_is_flipped_is_found_in_that_row() {
    let shop = shop(20);
    let chain = "house/ada";
    let mut flips = 0;
    for sequence in [1, 3, last(shop.ledger.tables(), chain)] {
        let row = item(shop.ledger.tables(), chain, sequence);
        for (name, value) in &row.0 {
            if name == "chain" || name == "sequence" {
                continue; // The row would be another's: dropped here, extra there.
            }
            for flipped in flips_of(value) {
                let mut bad = row.clone();
                bad.0.insert(name.clone(), flipped.clone());
                let problems = found(&shop, |tables| tables.overwrite(Table::Ledger, bad));
                let start = format!("row {sequence} of {chain} ");
                let named = problems.first().is_some_and(|first| first.starts_with(&start));
                assert!(named, "{name} as {flipped:?}: {problems:?}");
                flips += 1;
            }
            let mut bad = row.clone();
            bad.0.remove(name);
            assert!(!found(&shop, |tables| tables.overwrite(Table::Ledger, bad)).is_empty());
        }
        let more = row.clone().text("more", "x");
        assert!(!found(&shop, |tables| tables.overwrite(Table::Ledger, more)).is_empty());
    }
    println!("{flips} flips");
}

/// The value with each of its bytes changed.
fn flips_of(value: &Value) -> Vec<Value> {
    match value {
        Value::N(number) => vec![Value::N(number ^ 1), Value::N(-number - 1)],
        Value::B(bytes) => {
            let flipped = |(at, mask): (usize, u8)| {
                let mut bytes = bytes.clone();
                bytes[at] ^= mask;
                Value::B(bytes)
            };
            let places = (0..bytes.len()).flat_map(|at| [1, 0x80].map(|mask| (at, mask)));
            let longer = Value::B([&bytes[..], &[0]].concat());
            places.map(flipped).chain([longer, Value::B(bytes[1..].to_vec())]).collect()
        }
        Value::S(text) => {
            let flipped = |at: usize| {
                let swapped = text.chars().enumerate();
                let swapped = swapped.map(|(n, c)| if n == at { '~' } else { c });
                Value::S(swapped.collect())
            };
            (0..text.chars().count()).map(flipped).collect()
        }
    }
}

#[test]
fn failure_29_a_row_that_is_gone_moved_or_added_is_named() {
    let shop = shop(60);
    let chain = "house/ada";
    let has = |problems: &[String], wanted: &str| {
        assert!(problems.iter().any(|problem| problem == wanted), "{wanted}: {problems:#?}");
    };
    let missing = found(&shop, |tables| tables.remove(Table::Ledger, &key(chain, 4)));
    has(&missing, "row 4 of house/ada is missing");
    has(
        &found(&shop, |tables| tables.remove(Table::Ledger, &key(chain, 1))),
        "row 1 of house/ada is missing",
    );
    let swapped = found(&shop, |tables| {
        let (a, b) = (item(tables, chain, 3), item(tables, chain, 4));
        tables.overwrite(Table::Ledger, a.number("sequence", 4));
        tables.overwrite(Table::Ledger, b.number("sequence", 3));
    });
    has(&swapped, "row 3 of house/ada is not what was written after the row before it");
    let negative = found(&shop, |tables| {
        tables.overwrite(Table::Ledger, item(tables, chain, 3).number("sequence", -3));
    });
    has(&negative, "row -3 of house/ada does not belong into a chain, which counts from 1");
    let of_another = found(&shop, |tables| {
        let next = last(tables, chain) + 1;
        let row = item(tables, "house/béa", 2).text("chain", chain);
        tables.overwrite(Table::Ledger, row.number("sequence", next));
    });
    assert!(of_another[0].starts_with("row ") && of_another[0].contains("of house/ada"));
    let unknown = found(&shop, |tables| {
        rewrite(tables, chain, 2, |row| row.program_version = 9);
    });
    has(
        &unknown,
        "row 2 of house/ada was decided under version 9 of its program, which is unknown",
    );
    let copied = found(&shop, |tables| {
        for at in 1..=last(tables, chain) {
            let row = item(tables, chain, at);
            tables.overwrite(Table::Ledger, row.text("chain", "gone/ada"));
        }
    });
    has(&copied, "row 1 of gone/ada is not what was written after the row before it");
}

#[test]
fn failure_29_a_lost_tail_and_a_missing_chain_are_missed_in_their_bucket() {
    let shop = shop(60);
    let chains = ["house/ada", "house/béa", "house/c/3", "coffee/ada", "coffee/dan"];
    for chain in chains {
        let length = last(shop.ledger.tables(), chain);
        for kept in [0, 1, length / 2, length - 1] {
            let problems = found(&shop, |tables| {
                (kept + 1..=length).for_each(|at| tables.remove(Table::Ledger, &key(chain, at)));
            });
            let (program, member) = chain.split_once('/').expect("a chain");
            let bucket = domain::rollup::bucket_of(&member.parse().expect("an id"));
            let lost = length - kept;
            let rows = if lost == 1 { "row" } else { "rows" };
            let wanted = format!("members of bucket {bucket} of {program} have lost {lost} {rows}");
            assert!(problems.contains(&wanted), "{wanted}: {problems:?}");
            assert!(!problems.iter().any(|problem| problem.starts_with("row ")), "{problems:?}");
        }
    }
}

#[test]
fn failure_29_a_suffix_that_was_rewritten_without_a_flaw_is_missed_in_its_bucket() {
    let shop = shop(60);
    let problems = found(&shop, |tables| {
        rewrite(tables, "house/ada", last(tables, "house/ada") - 2, |row| {
            row.actor = "somebody".to_owned();
        });
    });
    let bucket = domain::rollup::bucket_of(&"ada".parse().expect("an id"));
    let start = format!("members of bucket {bucket} of house have ");
    let [problem] = &problems[..] else { panic!("{problems:?}") };
    assert!(problem.starts_with(&start) && problem.ends_with("not those that were rolled up"));
}

#[test]
fn failure_29_a_row_that_links_but_lies_is_named_with_its_lie() {
    let mut shop = Shop::new(Arc::new(Memory::default()));
    shop.live(11, 400, 60);
    shop.adjust("house/ada", 5, false);
    drain(&shop);
    let chain = "house/ada";
    let say = |sequence: i128, change: &dyn Fn(&mut Row), wanted: &str| {
        let problems = found(&shop, |tables| rewrite(tables, chain, sequence, change));
        let start = format!("row {sequence} of {chain} {wanted}");
        assert!(problems[0].starts_with(&start), "{start}: {}", problems[0]);
    };
    let end = last(shop.ledger.tables(), chain);
    let lot = Place::Available { expires_on: Day::NEVER };
    let gift = |from, to| {
        let points = Points::new(1_000_000).expect("few");
        Change::Moved(Movement { currency: 0, from, to, points })
    };
    say(end, &|row| row.changes.push(gift(Place::Issued, lot)), "has an account that its changes");
    say(end, &|row| row.changes.push(gift(lot, Place::Redeemed)), "does what cannot be done");
    let more = |row: &mut Row| row.account.purses[0].debt = Points::new(1).expect("few");
    say(end, &more, "has an account that its changes do not lead to");
    say(end, &|row| row.recorded_at = row.recorded_at.plus_days(-900), "was not recorded after");
    say(end, &|row| row.previous_at = None, "was not recorded after the row before it");
    say(2, &|row| row.key = None, "has a key that does not fit its kind");
    let twice = decode(&item(shop.ledger.tables(), chain, 1)).expect("a row").row.key;
    say(end, &|row| row.key = twice.clone(), "records a fact for the second time: enrolled");
    let raised = |level: &str, from: Option<&str>| {
        let to = TierState { level: level.into(), since: Day::FIRST, ends_on: Day::NEVER };
        let from = from.map(str::to_owned);
        move |row: &mut Row| {
            row.account.tier = Some(to.clone());
            row.changes.push(Change::TierSet { from: from.clone(), to: to.clone() });
        }
    };
    say(end, &raised("gold", Some("platinum")), "sets a level that does not follow");
    say(1, &raised("platinum", Some("member")), "sets a level that does not follow");
    say(64, &|row| row.index.truncate(9), "does not carry the right index of keys");
    say(64, &|row| row.index[3].back ^= 1, "does not carry the right index of keys");
    say(64, &|row| row.index.clear(), "does not carry the right index of keys");
    let index = decode(&item(shop.ledger.tables(), chain, 64)).expect("a row").row.index;
    say(65, &|row| row.index.clone_from(&index), "does not carry the right index of keys");
}

#[test]
fn failure_29_an_edited_or_lost_roll_up_is_named() {
    let shop = shop(60);
    let edit = |key: &str, from: &str, to: &str| {
        found(&shop, |tables| {
            let all = tables.items().clone();
            let documents = all.values().filter(|item| item.get_text("key") == Some(key));
            let json = |item: &&Item| item.get_text("json").is_some_and(|json| json.contains(from));
            let document = documents.clone().find(json).expect("it is there");
            let json = document.get_text("json").expect("json").replacen(from, to, 1);
            tables.overwrite(Table::Registry, document.clone().text("json", json));
        })
    };
    let day = edit("rollup#house", r#""rows":"#, r#""rows":1"#);
    let [one] = &day[..] else { panic!("{day:?}") };
    assert!(one.starts_with("house on 2026-01-0") && one.contains("Rows is 1"), "{one}");
    let level = edit("rollup#house", r#""silver":1"#, r#""silver":2"#);
    let [one] = &level[..] else { panic!("{level:?}") };
    assert!(one.contains("members of level silver is 2 rolled up and 1 in the ledger"), "{one}");
    let sums = edit("buckets#coffee", r#""sums":"0"#, r#""sums":"1"#);
    let [one] = &sums[..] else { panic!("{sums:?}") };
    assert!(one.starts_with("members of bucket 0 of coffee"), "{one}");
    let lost = found(&shop, |tables| {
        let buckets = Key { partition: "buckets#coffee".into(), sort: Value::S("s".into()) };
        tables.remove(Table::Registry, &buckets);
    });
    assert!(lost.iter().all(|problem| problem.contains("that were never rolled up")), "{lost:?}");
    assert!(!lost.is_empty());
}

#[test]
fn more_problems_than_a_report_names_are_counted() {
    let mut report = Report::default();
    let parked = Problem::Parked { row: "house/ada#1".into(), why: "x".into() };
    (0..PROBLEMS_MAX + 2).for_each(|_| report.problem(parked.clone()));
    assert_eq!((report.problems.len(), report.unnamed), (PROBLEMS_MAX, 2));
    assert!(report.to_string().ends_with("and 2 more problems\n"));
    let json = serde_json::to_value(&report).expect("json");
    assert_eq!(json["problems"][0], "row house/ada#1 waits to be rolled up: x");
}
