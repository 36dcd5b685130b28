//! What every implementation of the tables must do, asked of both.

use std::collections::BTreeSet;

use domain::time::Instant;
use store::{
    item::{Item, Key, Table, Value},
    simulated::{Faults, SimulatedTables},
    tables::{
        Condition, Consistency, Failure, ITEM_BYTES_MAX, Put, PutOutcome, Query, Tables,
        TransactOutcome,
    },
};

use crate::embedded::Embedded;

/// Asks a question of the simulated tables and of DynamoDB.
macro_rules! both {
    ($($name:ident),* $(,)?) => {
        mod simulated {
            $(#[tokio::test]
            async fn $name() {
                let tables = super::SimulatedTables::new(
                    7, super::Faults::NONE, super::Instant::from_millis(0));
                super::$name(&tables).await;
            })*
        }
        mod dynamodb {
            $(#[tokio::test]
            async fn $name() {
                let embedded = super::Embedded::start().await;
                super::$name(&embedded.tables).await;
            })*
        }
    };
}

both!(
    what_was_put_is_read_whole,
    what_is_missing_is_not_there,
    a_put_where_something_is_returns_what_is_there,
    a_number_only_grows,
    a_put_on_no_condition_replaces,
    a_transaction_is_all_or_nothing,
    a_transaction_says_by_position_what_is_there,
    a_transaction_keeps_its_limits,
    numbers_have_38_digits_and_no_more,
    items_have_a_greatest_size,
    keys_must_be_there_and_of_their_kind,
    ranges_are_inclusive_in_both_directions,
    a_range_the_wrong_way_round_is_empty,
    sort_keys_of_text_follow_their_bytes,
    long_ranges_come_whole,
    a_scan_sees_every_item_once,
);

fn row(chain: &str, sequence: i128) -> Item {
    Item::default().text("chain", chain).number("sequence", sequence)
}

fn entry(key: &str, sort: &str) -> Item {
    Item::default().text("key", key).text("sort", sort)
}

fn put(table: Table, item: Item, condition: Condition) -> Put {
    Put { table, item, condition }
}

fn key(partition: &str, sort: Value) -> Key {
    Key { partition: partition.to_owned(), sort }
}

async fn get(tables: &impl Tables, table: Table, item: &Item) -> Option<Item> {
    let key = item.key(table).unwrap();
    tables.get(table, &key, Consistency::Strong).await.unwrap()
}

fn range(partition: &str, from: Option<i128>, to: Option<i128>) -> Query {
    Query {
        table: Table::Ledger,
        partition: partition.to_owned(),
        from: from.map(Value::N),
        to: to.map(Value::N),
        descending: false,
        limit: usize::MAX,
        consistency: Consistency::Strong,
    }
}

async fn sequences(tables: &impl Tables, query: Query) -> Vec<i128> {
    let items = tables.query(&query).await.unwrap();
    items.iter().map(|item| item.get_number("sequence").unwrap()).collect()
}

async fn what_was_put_is_read_whole(tables: &impl Tables) {
    let item = row("house/ada é\u{1F980}", 1)
        .text("empty", "")
        .text("text", "a\"b\\c\u{200F}")
        .number("negative", -12_345)
        .number("zero", 0)
        .with("bytes", Value::B((0..=255).collect()))
        .with("no bytes", Value::B(Vec::new()));
    let outcome = tables.put(put(Table::Ledger, item.clone(), Condition::Absent)).await;
    assert_eq!(outcome, Ok(PutOutcome::Done));
    assert_eq!(get(tables, Table::Ledger, &item).await, Some(item.clone()));
    let key = item.key(Table::Ledger).unwrap();
    let eventual = tables.get(Table::Ledger, &key, Consistency::Eventual);
    assert_eq!(eventual.await, Ok(Some(item)));
}

async fn what_is_missing_is_not_there(tables: &impl Tables) {
    tables.put(put(Table::Ledger, row("a", 1), Condition::Absent)).await.unwrap();
    assert_eq!(get(tables, Table::Ledger, &row("a", 2)).await, None);
    assert_eq!(get(tables, Table::Registry, &entry("a", "1")).await, None);
    assert!(sequences(tables, range("b", None, None)).await.is_empty());
    assert!(sequences(tables, range("a", Some(2), None)).await.is_empty());
    let page = tables.scan(Table::Registry, None).await.unwrap();
    assert_eq!((page.items, page.next), (Vec::new(), None));
}

async fn a_put_where_something_is_returns_what_is_there(tables: &impl Tables) {
    let first = row("a", 1).text("kind", "first").with("hash", Value::B(vec![0, 255]));
    let second = row("a", 1).text("kind", "second");
    tables.put(put(Table::Ledger, first.clone(), Condition::Absent)).await.unwrap();
    let outcome = tables.put(put(Table::Ledger, second, Condition::Absent)).await;
    assert_eq!(outcome, Ok(PutOutcome::Refused(Some(first.clone()))));
    assert_eq!(get(tables, Table::Ledger, &first).await, Some(first));
}

async fn a_number_only_grows(tables: &impl Tables) {
    let at = |version: i128| entry("checkpoint", "1").number("version", version);
    let grows = |version| put(Table::Registry, at(version), Condition::Grows("version"));
    for version in [1, 2, 10] {
        assert_eq!(tables.put(grows(version)).await, Ok(PutOutcome::Done), "{version}");
    }
    for version in [10, 9, 2, -1] {
        let refused = PutOutcome::Refused(Some(at(10)));
        assert_eq!(tables.put(grows(version)).await, Ok(refused), "{version}");
    }
    let bare = entry("checkpoint", "2");
    tables.put(put(Table::Registry, bare.clone(), Condition::Absent)).await.unwrap();
    let grown = bare.clone().number("version", 1);
    let outcome = tables.put(put(Table::Registry, grown, Condition::Grows("version"))).await;
    assert_eq!(outcome, Ok(PutOutcome::Done), "nothing is less than any number");
    let nothing = tables.put(put(Table::Registry, bare, Condition::Grows("version"))).await;
    assert!(matches!(nothing, Err(Failure::Refused(_))), "{nothing:?}");
}

async fn a_put_on_no_condition_replaces(tables: &impl Tables) {
    let old = entry("due", "ada").number("expires", 1).text("old", "yes");
    let new = entry("due", "ada").number("expires", 2);
    for item in [old, new.clone()] {
        let outcome = tables.put(put(Table::Registry, item, Condition::Any)).await;
        assert_eq!(outcome, Ok(PutOutcome::Done));
    }
    assert_eq!(get(tables, Table::Registry, &new).await, Some(new));
}

async fn a_transaction_is_all_or_nothing(tables: &impl Tables) {
    let (one, two) = (row("a", 1), entry("stock", "a"));
    let both = vec![
        put(Table::Ledger, one.clone(), Condition::Absent),
        put(Table::Registry, two.clone(), Condition::Absent),
    ];
    assert_eq!(tables.transact(both).await, Ok(TransactOutcome::Done));
    assert_eq!(get(tables, Table::Registry, &two).await, Some(two.clone()));
    let half = vec![
        put(Table::Ledger, row("a", 2), Condition::Absent),
        put(Table::Registry, two, Condition::Absent),
    ];
    assert!(matches!(tables.transact(half).await, Ok(TransactOutcome::Refused(_))));
    assert_eq!(sequences(tables, range("a", None, None)).await, [1]);
}

async fn a_transaction_says_by_position_what_is_there(tables: &impl Tables) {
    let there = entry("stock", "b").number("left", 3);
    tables.put(put(Table::Registry, there.clone(), Condition::Absent)).await.unwrap();
    let puts = vec![
        put(Table::Ledger, row("a", 1), Condition::Absent),
        put(Table::Registry, entry("stock", "b"), Condition::Absent),
        put(Table::Registry, entry("stock", "c").number("left", 1), Condition::Grows("left")),
        put(Table::Registry, entry("stock", "d"), Condition::Any),
    ];
    let refused = TransactOutcome::Refused(vec![None, Some(Some(there)), None, None]);
    assert_eq!(tables.transact(puts).await, Ok(refused));
    assert_eq!(get(tables, Table::Registry, &entry("stock", "d")).await, None);
}

async fn a_transaction_keeps_its_limits(tables: &impl Tables) {
    let of = |count: i128| -> Vec<Put> {
        (1..=count).map(|at| put(Table::Ledger, row("many", at), Condition::Absent)).collect()
    };
    assert_eq!(tables.transact(of(100)).await, Ok(TransactOutcome::Done));
    assert!(matches!(tables.transact(of(101)).await, Err(Failure::Refused(_))));
    let twice = vec![of(1).remove(0), of(1).remove(0)];
    assert!(matches!(tables.transact(twice).await, Err(Failure::Refused(_))));
}

async fn numbers_have_38_digits_and_no_more(tables: &impl Tables) {
    let most = 10_i128.pow(38) - 1;
    for (sequence, number) in [most, -most, most - 1, 10_i128.pow(37)].into_iter().enumerate() {
        let item = row("a", sequence as i128).number("number", number);
        let outcome = tables.put(put(Table::Ledger, item.clone(), Condition::Absent)).await;
        assert_eq!(outcome, Ok(PutOutcome::Done), "{number}");
        assert_eq!(get(tables, Table::Ledger, &item).await, Some(item), "{number}");
    }
    let long = row("a", 9).number("number", i128::MAX);
    let outcome = tables.put(put(Table::Ledger, long, Condition::Absent)).await;
    assert!(matches!(outcome, Err(Failure::Refused(_))), "{outcome:?}");
}

async fn items_have_a_greatest_size(tables: &impl Tables) {
    let of = |bytes: usize| {
        let item = row("a", 1).with("body", Value::B(Vec::new()));
        let body = Value::B(vec![7; bytes - item.bytes()]);
        put(Table::Ledger, item.with("body", body), Condition::Absent)
    };
    let bytes = ITEM_BYTES_MAX + 1;
    assert_eq!(tables.put(of(bytes)).await, Err(Failure::TooLarge { bytes }));
    assert_eq!(tables.transact(vec![of(bytes)]).await, Err(Failure::TooLarge { bytes }));
    assert_eq!(tables.put(of(ITEM_BYTES_MAX)).await, Ok(PutOutcome::Done));
}

async fn keys_must_be_there_and_of_their_kind(tables: &impl Tables) {
    let bad = [
        put(Table::Ledger, Item::default().text("chain", "a"), Condition::Absent),
        put(Table::Ledger, row("a", 1).text("sequence", "1"), Condition::Absent),
        put(Table::Ledger, row("", 1), Condition::Absent),
        put(Table::Registry, entry("a", ""), Condition::Absent),
        put(Table::Registry, entry("a", "").number("sort", 1), Condition::Any),
    ];
    for put in bad {
        let outcome = tables.put(put.clone()).await;
        assert!(matches!(outcome, Err(Failure::Refused(_))), "{put:?}: {outcome:?}");
    }
}

async fn fill(tables: &impl Tables, chain: &str, sequences: impl IntoIterator<Item = i128>) {
    for sequence in sequences {
        tables.put(put(Table::Ledger, row(chain, sequence), Condition::Absent)).await.unwrap();
    }
}

async fn ranges_are_inclusive_in_both_directions(tables: &impl Tables) {
    fill(tables, "a", [1, 2, 9, 10, 11, 100]).await;
    fill(tables, "a/b", [3]).await;
    let table: [(Option<i128>, Option<i128>, &[i128]); 6] = [
        (None, None, &[1, 2, 9, 10, 11, 100]),
        (Some(2), None, &[2, 9, 10, 11, 100]),
        (None, Some(10), &[1, 2, 9, 10]),
        (Some(2), Some(10), &[2, 9, 10]),
        (Some(10), Some(10), &[10]),
        (Some(3), Some(8), &[]),
    ];
    for (from, to, expected) in table {
        let found = sequences(tables, range("a", from, to)).await;
        assert_eq!(found, expected, "{from:?} {to:?}");
        let descending = Query { descending: true, ..range("a", from, to) };
        let reversed: Vec<i128> = expected.iter().rev().copied().collect();
        assert_eq!(sequences(tables, descending).await, reversed, "{from:?} {to:?}");
    }
    let newest = Query { descending: true, limit: 1, ..range("a", None, None) };
    assert_eq!(sequences(tables, newest).await, [100]);
    let first = Query { limit: 2, ..range("a", Some(2), Some(100)) };
    assert_eq!(sequences(tables, first).await, [2, 9]);
}

async fn a_range_the_wrong_way_round_is_empty(tables: &impl Tables) {
    fill(tables, "a", [1, 2, 3]).await;
    assert!(sequences(tables, range("a", Some(3), Some(1))).await.is_empty());
    let none = Query { limit: 0, ..range("a", None, None) };
    assert!(sequences(tables, none).await.is_empty());
}

async fn sort_keys_of_text_follow_their_bytes(tables: &impl Tables) {
    let sorts =
        ["A", "a", "a\0", "a!", "ab", "b", "é", "e\u{301}", "\u{1F980}", "\u{FFFD}", "10", "9"];
    for sort in sorts {
        tables.put(put(Table::Registry, entry("k", sort), Condition::Absent)).await.unwrap();
    }
    let mut expected = sorts;
    expected.sort_unstable();
    let query = |from: Option<&str>| Query {
        table: Table::Registry,
        partition: "k".to_owned(),
        from: from.map(|from| Value::S(from.to_owned())),
        to: None,
        descending: false,
        limit: usize::MAX,
        consistency: Consistency::Strong,
    };
    let found = |items: Vec<Item>| -> Vec<String> {
        items.iter().map(|item| item.get_text("sort").unwrap().to_owned()).collect()
    };
    assert_eq!(found(tables.query(&query(None)).await.unwrap()), expected);
    let after_a = found(tables.query(&query(Some("a\0"))).await.unwrap());
    assert_eq!(after_a.first().map(String::as_str), Some("a\0"));
}

async fn long_ranges_come_whole(tables: &impl Tables) {
    // Beyond 1 MB DynamoDB answers in pages.
    for sequence in 1..=6 {
        let item = row("a", sequence).with("body", Value::B(vec![1; 300_000]));
        tables.put(put(Table::Ledger, item, Condition::Absent)).await.unwrap();
    }
    assert_eq!(sequences(tables, range("a", None, None)).await, [1, 2, 3, 4, 5, 6]);
    let five = Query { descending: true, limit: 5, ..range("a", None, None) };
    assert_eq!(sequences(tables, five).await, [6, 5, 4, 3, 2]);
}

async fn a_scan_sees_every_item_once(tables: &impl Tables) {
    let mut expected = BTreeSet::new();
    for chain in ["a", "b", "house/é", "z"] {
        for sequence in 1..=12 {
            let item = row(chain, sequence).with("body", Value::B(vec![2; 60_000]));
            tables.put(put(Table::Ledger, item, Condition::Absent)).await.unwrap();
            expected.insert(key(chain, Value::N(sequence)));
        }
    }
    tables.put(put(Table::Registry, entry("a", "1"), Condition::Absent)).await.unwrap();
    let (mut seen, mut pages, mut after) = (Vec::new(), 0, None);
    loop {
        let page = tables.scan(Table::Ledger, after).await.unwrap();
        seen.extend(page.items.iter().map(|item| item.key(Table::Ledger).unwrap()));
        pages += 1;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert!(pages > 1, "one page would prove nothing");
    assert_eq!(seen.len(), expected.len());
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), expected);
}
