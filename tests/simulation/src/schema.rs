//! Old and new code side by side, and the rows of every release.
//!
//! `GOLDEN=write` writes the rows of the schema in use anew: only before the release that
//! introduces it.

use std::{collections::BTreeMap, env, fs, path::PathBuf};

use domain::{
    fact::Fact,
    row::{Row, RowKind},
};
use store::{
    RecordError,
    codec::{self, RowHash, SCHEMA},
    item::{Item, Table, Value},
    simulated::{Faults, workers::run_alone},
    tables::{Condition, Failure, Put, Tables},
};

use crate::{
    case::{Case, adjustment, at, keyed, order, redemption, refund},
    invariants::items,
    shop::{chain, enrolment},
    simulation::{Plan, simulate},
};

#[test]
fn failure_18_old_code_never_appends_over_a_newer_row() {
    let facts = [
        enrolment(),
        order("first", 50_00),
        order("o", 20_00),
        refund("r", "first", 10_00),
        redemption(20, None),
        redemption(20, Some(30)),
        Fact::Release { hold: 2 },
        adjustment(7),
        Fact::Passing,
    ];
    for seed in 0..20 {
        let case = Case::with_points();
        put_newer_row(&case);
        // Even a head that misses the newer row leads nowhere.
        case.tables.set_faults(Faults {
            stale_writes: seed % 3,
            stale_millis: 1 << 40,
            ..Faults::NONE
        });
        let before = run_alone(items(&case.tables, &chain(0)));
        for fact in &facts {
            let answer = case.record(&keyed(fact.clone(), "r1"), at(90));
            let is_old = matches!(&answer, Ok(recorded) if recorded.replayed);
            let newer = Failure::Newer { found: SCHEMA + 1, known: SCHEMA };
            let is_newer =
                matches!(&answer, Err(RecordError::Failed(failure)) if *failure == newer);
            assert!(is_old || is_newer, "{fact:?}: {answer:?}");
        }
        assert_eq!(run_alone(items(&case.tables, &chain(0))), before, "nothing was appended");
    }
}

/// The next row, as a later release writes it.
fn put_newer_row(case: &Case) {
    let head = run_alone(items(&case.tables, &chain(0))).pop().unwrap();
    let sequence = head.get_number("sequence").unwrap() + 1;
    let mut body = vec![SCHEMA + 1];
    body.extend_from_slice(b"whatever comes");
    let item = head.number("sequence", sequence).with("body", Value::B(body));
    let put = Put { table: Table::Ledger, item, condition: Condition::Absent };
    run_alone(case.tables.put(put)).unwrap();
}

#[test]
fn failure_18_an_unknown_schema_is_not_guessed_at() {
    let case = Case::with_points();
    let item = run_alone(items(&case.tables, &chain(0))).pop().unwrap();
    let of = |schema: Option<u8>| {
        let mut body = item.get_bytes("body").unwrap().to_vec();
        match schema {
            Some(schema) => body[0] = schema,
            None => body.clear(),
        }
        codec::decode(&item.clone().with("body", Value::B(body)))
    };
    assert!(of(Some(SCHEMA)).is_ok());
    assert_eq!(of(Some(255)).unwrap_err(), Failure::Newer { found: 255, known: SCHEMA });
    for schema in [Some(0), None] {
        assert!(matches!(of(schema), Err(Failure::Unreadable { .. })), "{schema:?}");
    }
}

/// The fixture of a schema: rows as text, each with the hash of the row before it.
fn golden_file(schema: u8) -> PathBuf {
    let file = format!("golden/rows-of-schema-{schema}.txt");
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(file)
}

#[test]
fn failure_18_the_rows_of_every_release_can_be_read() {
    if env::var("GOLDEN").is_ok_and(|golden| golden == "write") {
        fs::write(golden_file(SCHEMA), some_rows()).unwrap();
    }
    for schema in 1..=SCHEMA {
        let text = fs::read_to_string(golden_file(schema)).unwrap();
        let rows: Vec<(RowHash, Item)> = text.split("\n\n").filter_map(parse).collect();
        assert!(rows.len() >= RowKind::ALL.len(), "{} rows", rows.len());
        for (previous, item) in &rows {
            let stored = codec::decode(item).unwrap();
            let available = item.get_number("available").unwrap_or(0);
            let purse = stored.row.account.purse(0);
            assert_eq!(i128::from(purse.available().units()), available);
            assert_eq!(Some(stored.row.kind.as_str()), item.get_text("kind"));
            if schema == SCHEMA {
                assert_eq!(codec::proves(item, previous), Ok(true), "{}", stored.row.kind.as_str());
            }
        }
    }
}

/// Rows out of several lives: of whatever a row can have, three.
fn some_rows() -> String {
    let mut text = String::new();
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    for seed in 1..=40 {
        let outcome = simulate(Plan::of(seed).calm());
        for chain in outcome.rows.keys() {
            let mut previous = RowHash::NONE;
            for item in run_alone(items(&outcome.simulation.tables, chain)) {
                let stored = codec::decode(&item).unwrap();
                let has = what_it_has(&stored.row);
                if has.iter().any(|what| seen.get(what).is_none_or(|times| *times < 3)) {
                    has.into_iter().for_each(|what| *seen.entry(what).or_default() += 1);
                    text.push_str(&written(&previous, &item));
                }
                previous = stored.hash;
            }
        }
    }
    text
}

fn what_it_has(row: &Row) -> Vec<&'static str> {
    let account = &row.account;
    let has = [
        (true, row.kind.as_str()),
        (!row.index.is_empty(), "an index"),
        (!account.parked.is_empty(), "a refund that waits"),
        (!account.holds.is_empty(), "a hold"),
        (!account.used.is_empty(), "a limit"),
        (!account.purse(0).debt.is_zero(), "debt"),
        (!account.purse(0).pending.is_empty(), "points that wait"),
        (!account.purse(0).lapsed.is_empty(), "points that ended"),
        (row.note.is_some(), "a note"),
        (row.key_ahead_hours > 0, "a key of the future"),
    ];
    has.into_iter().filter(|(has, _)| *has).map(|(_, what)| what).collect()
}

fn written(previous: &RowHash, item: &Item) -> String {
    let mut text = format!("previous B {}\n", previous.hex());
    for (name, value) in &item.0 {
        let value = match value {
            Value::S(value) => format!("S {value}"),
            Value::N(value) => format!("N {value}"),
            Value::B(value) => format!("B {}", hex(value)),
        };
        text.push_str(&format!("{name} {value}\n"));
    }
    text + "\n"
}

fn parse(row: &str) -> Option<(RowHash, Item)> {
    let mut item = Item::default();
    for line in row.lines() {
        let mut words = line.splitn(3, ' ');
        let (name, kind, text) = (words.next()?, words.next()?, words.next()?);
        let value = match kind {
            "S" => Value::S(text.to_owned()),
            "N" => Value::N(text.parse().unwrap()),
            _ => Value::B(bytes(text)),
        };
        item = item.with(name, value);
    }
    let previous = item.0.remove("previous")?;
    match previous {
        Value::B(hash) => Some((RowHash(hash.try_into().unwrap()), item)),
        _ => None,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}
