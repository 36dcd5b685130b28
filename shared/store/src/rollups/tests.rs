//! Rows that come once, twice, in part, to two readers at once, or not at all.

use std::{collections::HashMap, sync::Arc};

use domain::{program::Rulebook, rollup::Figure};

use super::*;
use crate::{
    fixture::{Memory, Shop, at},
    item::{Table, Value},
    meter::Metered,
    simulated::{Faults, Random, SimulatedTables, workers},
    tables::Consistency,
};
use workers::run_alone;

fn records(rows: impl IntoIterator<Item = Item>) -> Vec<StreamedRow> {
    // Streams of DynamoDB count in numbers of this size, and not by ones.
    let position = |at: usize| 300_000_000_000_000_499_659 + 7 * at as u128;
    let numbered = rows.into_iter().enumerate();
    let record =
        |(at, item)| StreamedRow { position: position(at), event: StreamEvent::Inserted, item };
    numbered.map(record).collect()
}

/// A shop in which much has happened, nothing of it rolled up.
fn shop(seed: u64, facts: usize) -> Shop<Arc<Memory>> {
    let mut shop = Shop::new(Arc::new(Memory::default()));
    shop.live(seed, facts, 200);
    shop
}

fn roll<T: Tables>(
    shop: &Shop<Arc<Memory>>,
    tables: &T,
    shard: &str,
    batch: &[StreamedRow],
) -> RolledUp {
    run_alone(roll_up(tables, |program| shop.rulebooks.get(program), shard, batch))
        .expect("no failure")
}

type Read = BTreeMap<ProgramId, (Vec<(Day, DayRollup)>, BucketSums)>;

/// All that is rolled up.
fn read<T: Tables>(shop: &Shop<Arc<Memory>>, tables: &T) -> Read {
    let of = |program: &ProgramId| {
        let days = run_alone(read_days(tables, program, None, Day::NEVER)).expect("readable");
        let buckets = run_alone(read_buckets(tables, program)).expect("readable");
        (program.clone(), (days, buckets))
    };
    shop.rulebooks.keys().map(of).collect()
}

/// All that the rows of the ledger add up to.
fn expected(shop: &Shop<Arc<Memory>>, rows: &[Item]) -> Read {
    let mut counted: BTreeMap<ProgramId, Counted> = BTreeMap::new();
    for item in rows {
        let stored = crate::codec::decode(item).expect("a row");
        let program = stored.row.chain.program.clone();
        let zone = shop.zone(&program).expect("a program");
        counted.entry(program).or_default().count(&stored, &zone);
    }
    let entry = |(program, counted): (ProgramId, Counted)| {
        (program, (counted.days.into_iter().collect(), counted.buckets))
    };
    counted.into_iter().map(entry).collect()
}

#[test]
fn failure_13_any_batch_again_in_any_split_changes_nothing() {
    for seed in 0..40 {
        let shop = shop(seed, 60);
        let rows = shop.ledger.tables().streamed();
        let batch = records(rows.clone());
        let tables = Memory::default();
        let mut random = Random::new(seed);
        let (mut reached, mut counted) = (0, 0);
        while reached < batch.len() {
            let from = random.index(reached + 1);
            let to = (from + 1 + random.index(30)).min(batch.len());
            // What was not dealt with before comes in order, from where that ended.
            let to = to.max(reached);
            let done = roll(&shop, &tables, "s", &batch[from..to]);
            assert_eq!(done.known, (reached - from) as u64);
            counted += done.rows;
            reached = to;
        }
        assert_eq!(counted, batch.len() as u64);
        let once = read(&shop, &tables);
        assert_eq!(once, expected(&shop, &rows));
        for from in 0..batch.len() {
            let done = roll(&shop, &tables, "s", &batch[from..]);
            assert_eq!((done.rows, done.parts), (0, 0));
        }
        let mut twice = [&batch[..], &batch[..]].concat();
        twice.reverse();
        roll(&shop, &tables, "s", &twice);
        assert_eq!(read(&shop, &tables), once);
        let at_once = Memory::default();
        assert_eq!(roll(&shop, &at_once, "s", &twice).rows, batch.len() as u64);
        assert_eq!(read(&shop, &at_once), once);
    }
}

#[test]
fn failure_13_of_readers_at_once_each_row_is_counted_by_one() {
    for seed in 0..300 {
        let shop = shop(seed % 5, 40);
        let rows = shop.ledger.tables().streamed();
        let batch = records(rows.clone());
        let mut random = Random::new(seed);
        let tables = SimulatedTables::new(seed, Faults::some(&mut random), shop.now);
        let rulebook_of = |program: &ProgramId| shop.rulebooks.get(program);
        let ends = [random.index(batch.len()), random.index(batch.len()), batch.len()];
        let readers = ends.map(|end| -> workers::Work<'_, _> {
            Box::pin(roll_up(&tables, rulebook_of, "s", &batch[..end]))
        });
        workers::run(&mut random, 5, readers);
        tables.calm();
        roll(&shop, &tables, "s", &batch);
        assert_eq!(read(&shop, &tables), expected(&shop, &rows), "seed {seed}");
    }
}

#[test]
fn shards_count_apart_and_are_read_together() {
    let shop = shop(7, 80);
    let rows = shop.ledger.tables().streamed();
    let here = |item: &&Item| item.get_text("chain").is_some_and(|chain| chain.len() % 2 == 0);
    let tables = Memory::default();
    roll(&shop, &tables, "even", &records(rows.iter().filter(here).cloned()));
    roll(&shop, &tables, "odd", &records(rows.iter().filter(|item| !here(item)).cloned()));
    assert_eq!(read(&shop, &tables), expected(&shop, &rows));
    let (days, _) = &read(&shop, &tables)["house"];
    let (from, to) = (days[3].0, days[5].0);
    let program: ProgramId = "house".parse().expect("a slug");
    let some = run_alone(read_days(&tables, &program, Some(from), to)).expect("readable");
    assert_eq!(some, days[3..=5]);
}

#[test]
fn a_batch_of_many_days_is_split_and_each_part_is_kept() {
    let mut shop = Shop::new(Arc::new(Memory::default()));
    shop.live(1, 400, 4_000);
    let rows = shop.ledger.tables().streamed();
    let batch = records(rows.clone());
    let tables = Memory::default();
    let done = roll(&shop, &tables, "s", &batch);
    assert!(done.parts >= 4, "{done:?}");
    assert_eq!(read(&shop, &tables), expected(&shop, &rows));
}

#[test]
fn what_cannot_be_read_is_parked_by_its_key_and_everything_else_counts() {
    let shop = shop(3, 60);
    let rows = shop.ledger.tables().streamed();
    let mut batch = records(rows.clone());
    let newer = vec![crate::codec::SCHEMA + 1, 0];
    batch[4].item.0.insert("body".into(), Value::B(newer));
    batch[7].item.0.remove("hash");
    batch[9].item.0.insert("chain".into(), Value::S("gone/ada".into()));
    let tables = Memory::default();
    let done = roll(&shop, &tables, "s", &batch);
    assert_eq!((done.rows, done.parked), (batch.len() as u64 - 3, 3));
    let good: Vec<Item> = rows
        .iter()
        .enumerate()
        .filter(|(at, _)| ![4, 7, 9].contains(at))
        .map(|(_, item)| item.clone())
        .collect();
    assert_eq!(read(&shop, &tables), expected(&shop, &good));
    let parked = run_alone(read_parked(&tables)).expect("readable");
    let whys: HashMap<&str, &str> =
        parked.iter().map(|(key, parked)| (key.as_str(), parked.why.as_str())).collect();
    let key = |at: usize| {
        let key = batch[at].item.key(Table::Ledger).expect("a key");
        let Value::N(sequence) = key.sort else { panic!("a number") };
        format!("{}#{sequence}", key.partition)
    };
    assert!(whys[key(4).as_str()].contains("newer"), "{whys:?}");
    assert!(whys[key(7).as_str()].contains("no hash"), "{whys:?}");
    assert_eq!(whys[key(9).as_str()], "its program is unknown");
    assert_eq!(roll(&shop, &tables, "s", &batch).parked, 0, "it is dealt with");
}

#[test]
fn failure_29_a_changed_or_removed_row_is_an_alarm_and_counts_for_nothing() {
    let shop = shop(3, 20);
    let rows = shop.ledger.tables().streamed();
    let mut batch = records(rows.clone());
    let mut after = records(rows.clone()).split_off(rows.len() - 2);
    for (record, event) in after.iter_mut().zip([StreamEvent::Modified, StreamEvent::Removed]) {
        record.position += 1_000;
        record.event = event;
    }
    batch.extend(after);
    let tables = Memory::default();
    assert_eq!(roll(&shop, &tables, "s", &batch).tampered, 2);
    assert_eq!(read(&shop, &tables), expected(&shop, &rows));
}

#[test]
fn a_hundred_rows_of_one_day_cost_a_fifth_of_a_write_unit_each_at_most() {
    let mut shop = Shop::new(Arc::new(Memory::default()));
    // A year of lots, so that the day's spending takes from many of them.
    for member in 0..100 {
        let chain = format!("house/member-{member:04}");
        shop.enrol(&chain);
        for month in 0..6 {
            shop.now = at("2026-01-01T12:00:00Z").plus_days(month * 30 + member % 30);
            shop.order(&chain, &format!("o{member}-{month}"), 20_000);
        }
    }
    let before = shop.ledger.tables().streamed().len();
    shop.now = at("2026-11-02T09:00:00Z");
    for member in 0..100 {
        let chain = format!("house/member-{member:04}");
        match member % 4 {
            0 => shop.adjust(&chain, 700, true),
            _ => shop.order(&chain, &format!("last{member}"), 5_000 + member),
        }
    }
    let batch = records(shop.ledger.tables().streamed());
    let tables = Metered::new(Memory::default());
    roll(&shop, &tables, "shardId-00000001", &batch[..before]);
    let earlier = tables.units();
    let done = roll(&shop, &tables, "shardId-00000001", &batch[before..]);
    let used = tables.units().since(earlier);
    assert_eq!((done.rows, done.parts), (100, 1));
    for item in tables.tables().items().values().filter(|item| {
        let sort = item.get_text("sort").unwrap_or_default();
        item.get_text("key") != Some("rollup#house") || sort.starts_with("2026-11-02")
    }) {
        println!("{:?} {:?}: {} bytes", item.get_text("key"), item.get_text("sort"), item.bytes());
    }
    println!("{used:?} for {} rows", done.rows);
    assert!(used.writes <= 20, "{used:?}");
}

#[test]
fn a_rebuild_restores_what_was_edited_and_counts_what_was_parked() {
    let mut shop = shop(5, 80);
    let rows = shop.ledger.tables().streamed();
    let tables = shop.ledger.tables().clone();
    let mut batch = records(rows.clone());
    batch[3].item.0.remove("hash");
    roll(&shop, &tables, "a", &batch[..40]);
    roll(&shop, &tables, "b", &batch[40..]);
    let right = expected(&shop, &rows);
    assert_ne!(read(&shop, &tables), right, "a row is parked");
    let program: ProgramId = "house".parse().expect("a slug");
    let zone = shop.zone(&program).expect("a program");
    let (day, wanted) = right[&program].0[2].clone();
    let edited = day_address(&program, day, "a");
    let lies = Slot::<DayRollup>::empty(edited.clone());
    tables.overwrite(Table::Registry, lies.put().expect("a put").item);
    let again = run_alone(rebuild_day(&tables, &program, &zone, day)).expect("readable");
    assert_eq!(again, wanted);
    let of_day = run_alone(read_days(&tables, &program, Some(day), day)).expect("readable");
    assert_eq!(of_day, [(day, wanted)]);
    let zones: HashMap<ProgramId, TimeZone> =
        shop.rulebooks.keys().map(|id| (id.clone(), shop.zone(id).expect("a zone"))).collect();
    let done = run_alone(rebuild(&tables, &zones)).expect("readable");
    assert_eq!((done.rows, done.parked), (rows.len() as u64, 1));
    assert_eq!(without_empty(read(&shop, &tables)), right);
    assert_eq!(run_alone(read_parked(&tables)), Ok(vec![]));
    let nothing = run_alone(rebuild(&tables, &zones)).expect("readable");
    assert_eq!((nothing.days, nothing.parked), (0, 0));
    // The stream goes on where it was.
    shop.order("house/ada", "after", 1_000);
    let rows = shop.ledger.tables().streamed();
    roll(&shop, &tables, "b", &records(rows.clone())[40..]);
    assert_eq!(without_empty(read(&shop, &tables)), expected(&shop, &rows));
    let total = |read: &Read| read[&program].0.iter().map(|(_, day)| day.get(Figure::Rows)).sum();
    let all: i64 = total(&read(&shop, &tables));
    assert!(all > 0);
}

fn without_empty(mut read: Read) -> Read {
    let some = |day: &(Day, DayRollup)| day.1 != DayRollup::default();
    read.values_mut().for_each(|(days, _)| days.retain(some));
    read
}

/// A program whose challenges rank members by orders and by money, each month and for ever.
const RACE: &str = r#"
[program]
id = "race"
name = "Race"
time_zone = "Europe/London"
money = "USD"
[points]
cost = "0.01 USD"
[[challenge]]
id = "often"
each = "month"
step = [{ of = "order", count = 2 }]
points = 5
repeat = "3 times"
leaderboard = "opt in"
[[challenge]]
id = "much"
each = "lifetime"
step = [{ of = "order", spend = "90.00 USD" }, { of = "order", count = 5 }]
points = 50
leaderboard = "opt in"
[[challenge]]
id = "quiet"
each = "year"
step = [{ of = "order", count = 2 }]
points = 5
"#;

/// A race that two members ran for two years, orders paid back again and again.
fn race(seed: u64, facts: usize) -> Shop<Arc<Memory>> {
    let mut shop = Shop::new(Arc::new(Memory::default()));
    let program = domain::definition::parse(RACE, "race", 1, at("2026-01-01T00:00:00Z"));
    let program = program.unwrap_or_else(|refused| panic!("{refused}"));
    shop.rulebooks.insert(program.id.clone(), Rulebook::new([program]).expect("a version"));
    let mut random = Random::new(seed);
    let chains = ["race/ada", "race/béa"];
    chains.iter().for_each(|chain| shop.enrol(chain));
    for number in 0..facts {
        shop.now = shop.now.plus_millis(60_000 * random.between(1, 30_000).cast_signed());
        let chain = *random.pick(&chains);
        match random.below(3) {
            0 => {
                let order = format!("o{}", random.index(number + 1)).parse().expect("an id");
                let id = format!("f{number}").parse().expect("an id");
                let what = match random.hits(500) {
                    true => domain::fact::RefundedWhat::Everything,
                    false => domain::fact::RefundedWhat::Amount(900),
                };
                let refund = domain::fact::Refund { id, order, refunded_at: None, what };
                shop.record(chain, domain::fact::Fact::Refund(refund));
            }
            _ => shop.order(chain, &format!("o{number}"), 3_000),
        }
    }
    shop
}

/// All entries of leaderboards, by partition and member.
fn boards(tables: &Memory) -> BTreeMap<(String, String), String> {
    let items = tables.items();
    let of_board = |item: &&Item| item.get_text("key").is_some_and(|key| key.starts_with("board#"));
    let text = |item: &Item, name| item.get_text(name).unwrap_or_default().to_owned();
    let entry = |item: &Item| ((text(item, "key"), text(item, "sort")), text(item, "json"));
    items.values().filter(of_board).map(entry).collect()
}

#[test]
fn leaderboards_follow_the_accounts_however_rows_come_again() {
    for seed in 0..20 {
        let shop = race(seed, 60);
        let rows = shop.ledger.tables().streamed();
        let batch = records(rows.clone());
        let at_once = Memory::default();
        roll(&shop, &at_once, "s", &batch);
        let once = boards(&at_once);
        assert!(once.len() > 10 && !once.keys().any(|(key, _)| key.contains("quiet")), "{once:?}");
        for chain in ["race/ada", "race/béa"] {
            let mut of_chain = rows.iter().filter(|row| row.get_text("chain") == Some(chain));
            let last =
                crate::codec::decode(of_chain.next_back().expect("rows")).expect("a row").row;
            for progress in last.account.progress.iter().filter(|of| of.goal != "quiet") {
                let program = shop.rulebooks[&last.chain.program].version(1).expect("a version");
                let goal = program.goal(&progress.goal).expect("the goal");
                let key = format!("board#race#{}#{}", progress.goal, progress.start);
                let kept: domain::rollup::Ranked =
                    serde_json::from_str(&once[&(key, last.chain.member.to_string())])
                        .expect("an entry");
                let gathered = domain::goal::gathered_of(goal, progress)[0];
                let completed = domain::goal::completed(goal, progress);
                assert_eq!((kept.gathered, kept.completed), (gathered, completed), "seed {seed}");
                assert_eq!(kept.completed_at.is_some(), completed > 0);
                assert!(kept.completed_at.is_none_or(|at| at <= last.recorded_at));
            }
        }
        // In parts, some of them again, by shards that know nothing of each other.
        let mut random = Random::new(seed);
        let tables = Memory::default();
        let mut reached = 0;
        while reached < batch.len() {
            let from = random.index(reached + 1);
            let to = (from + 1 + random.index(20)).min(batch.len()).max(reached);
            let shard = *random.pick(&["s", "t", "u"]);
            roll(&shop, &tables, shard, &batch[from..to]);
            reached = to;
        }
        assert_eq!(boards(&tables), once, "seed {seed}");
        roll(&shop, &tables, "v", &batch);
        assert_eq!(boards(&tables), once, "seed {seed}");
    }
}

#[test]
fn of_readers_at_once_none_sets_a_leaderboard_back() {
    for seed in 0..100 {
        let shop = race(seed % 5, 30);
        let batch = records(shop.ledger.tables().streamed());
        let at_once = Memory::default();
        roll(&shop, &at_once, "s", &batch);
        let mut random = Random::new(seed);
        let tables = SimulatedTables::new(seed, Faults::some(&mut random), shop.now);
        let rulebook_of = |program: &ProgramId| shop.rulebooks.get(program);
        let ends = [random.index(batch.len()), random.index(batch.len()), batch.len()];
        let readers = ends.map(|end| -> workers::Work<'_, _> {
            Box::pin(roll_up(&tables, rulebook_of, "s", &batch[..end]))
        });
        workers::run(&mut random, 5, readers);
        tables.calm();
        roll(&shop, &tables, "s", &batch);
        for ((key, member), json) in boards(&at_once) {
            let address = Address::new(key, member);
            let kept: Option<domain::rollup::Ranked> =
                run_alone(crate::registry::read(&tables, &address, Consistency::Strong))
                    .expect("readable");
            let wanted: domain::rollup::Ranked = serde_json::from_str(&json).expect("an entry");
            assert_eq!(kept, Some(wanted), "seed {seed}: {address:?}");
        }
    }
}

#[test]
fn a_leaderboard_shows_who_agreed_and_says_when_it_is_cut() {
    let shop = race(1, 10);
    let tables = Memory::default();
    roll(&shop, &tables, "s", &records(shop.ledger.tables().streamed()));
    let program: ProgramId = "race".parse().expect("a slug");
    let read = || run_alone(crate::boards::read(&tables, &program, "much", Day::FIRST));
    let names = |board: &crate::boards::Board| -> Vec<String> {
        board.members.iter().map(|(member, _)| member.clone()).collect()
    };
    assert_eq!(names(&read().expect("readable")), [""; 0]);
    let say = |member: &str, seen: bool| {
        let chain = format!("race/{member}").parse().expect("a chain");
        let put = crate::boards::put_of_seen(&chain, seen).expect("a put");
        tables.overwrite(Table::Registry, put.item);
    };
    ["béa", "nobody"].iter().for_each(|member| say(member, true));
    assert_eq!(names(&read().expect("readable")), ["béa"]);
    [("ada", true), ("béa", false)].iter().for_each(|(member, seen)| say(member, *seen));
    assert_eq!(names(&read().expect("readable")), ["ada"]);
    (0..=crate::boards::MEMBERS_MAX).for_each(|number| say(&format!("b{number}"), true));
    let board = read().expect("readable");
    assert!(board.is_truncated && names(&board) == ["ada"], "béa comes after them");
}
