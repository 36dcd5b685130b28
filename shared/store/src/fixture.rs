//! For tests: tables that can be tampered with, and a shop whose members fill them.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard},
};

use domain::{
    definition,
    fact::{
        Adjustment, Enrolment, Fact, KeyedFact, Line, Order, Redemption, Refund, RefundedWhat,
        Source,
    },
    ids::ProgramId,
    points::Points,
    program::Rulebook,
    row::Chain,
    time::Instant,
};
use jiff::tz::TimeZone;

use crate::{
    Mode, RecordError,
    item::{Item, Key, Table},
    ledger::Ledger,
    record,
    simulated::{Random, workers::run_alone},
    tables::{
        Condition, Consistency, Failure, Page, Put, PutOutcome, Query, Tables, TransactOutcome,
    },
};

/// Items on a page of a scan.
const PAGE_ITEMS: usize = 7;

/// Tables in memory, without faults, that a test can change behind everybody's back.
#[derive(Default)]
pub struct Memory {
    items: Mutex<BTreeMap<(Table, Key), Item>>,
    streamed: Mutex<Vec<Item>>,
    /// Whether a scan mixes the partitions up.
    pub disorderly: bool,
}

impl Memory {
    pub fn items(&self) -> MutexGuard<'_, BTreeMap<(Table, Key), Item>> {
        self.items.lock().expect("no test panicked with it")
    }

    /// Every row in the order in which it came.
    pub fn streamed(&self) -> Vec<Item> {
        self.streamed.lock().expect("no test panicked with it").clone()
    }

    pub fn copy(&self) -> Memory {
        let (items, streamed) = (Mutex::new(self.items().clone()), Mutex::new(self.streamed()));
        Memory { items, streamed, disorderly: self.disorderly }
    }

    /// Puts an item where its key says, whatever was there.
    pub fn overwrite(&self, table: Table, item: Item) {
        let key = item.key(table).expect("a key");
        self.items().insert((table, key), item);
    }

    pub fn remove(&self, table: Table, key: &Key) {
        self.items().remove(&(table, key.clone())).expect("it was there");
    }

    fn refused(&self, put: &Put) -> Option<Option<Item>> {
        let key = put.item.key(put.table).expect("a key");
        let there = self.items().get(&(put.table, key)).cloned();
        let number = |name| there.as_ref().and_then(|item| item.get_number(name));
        let holds = match put.condition {
            Condition::Any => true,
            Condition::Absent => there.is_none(),
            Condition::Grows(name) => {
                number(name).is_none_or(|was| put.item.get_number(name) > Some(was))
            }
        };
        (!holds).then_some(there)
    }
}

impl Tables for Memory {
    async fn get(&self, table: Table, key: &Key, _: Consistency) -> Result<Option<Item>, Failure> {
        Ok(self.items().get(&(table, key.clone())).cloned())
    }

    async fn query(&self, query: &Query) -> Result<Vec<Item>, Failure> {
        let items = self.items();
        let wanted = |(table, key): &&(Table, Key)| {
            *table == query.table
                && key.partition == query.partition
                && query.from.as_ref().is_none_or(|from| key.sort >= *from)
                && query.to.as_ref().is_none_or(|to| key.sort <= *to)
        };
        let found = items.iter().filter(|(key, _)| wanted(key)).map(|(_, item)| item.clone());
        let mut found: Vec<Item> = found.collect();
        if query.descending {
            found.reverse();
        }
        found.truncate(query.limit);
        Ok(found)
    }

    async fn put(&self, put: Put) -> Result<PutOutcome, Failure> {
        Ok(match self.transact(vec![put]).await? {
            TransactOutcome::Done => PutOutcome::Done,
            TransactOutcome::Refused(mut there) => PutOutcome::Refused(there.remove(0).flatten()),
        })
    }

    async fn transact(&self, puts: Vec<Put>) -> Result<TransactOutcome, Failure> {
        assert!(puts.len() <= crate::tables::TRANSACTION_ITEMS_MAX);
        let refused: Vec<_> = puts.iter().map(|put| self.refused(put)).collect();
        if refused.iter().any(Option::is_some) {
            return Ok(TransactOutcome::Refused(refused));
        }
        for put in puts {
            if put.table == Table::Ledger {
                self.streamed.lock().expect("no test panicked").push(put.item.clone());
            }
            self.overwrite(put.table, put.item);
        }
        Ok(TransactOutcome::Done)
    }

    async fn scan(&self, table: Table, after: Option<Key>) -> Result<Page, Failure> {
        let items = self.items();
        let mut keys: Vec<&Key> =
            items.keys().filter(|(of, _)| *of == table).map(|(_, key)| key).collect();
        if self.disorderly {
            keys.sort_by_key(|key| (key.sort.clone(), key.partition.clone()));
            keys.reverse();
        }
        let from = after
            .map_or(0, |after| keys.iter().position(|key| **key == after).map_or(0, |at| at + 1));
        let page: Vec<&Key> = keys.iter().skip(from).take(PAGE_ITEMS).copied().collect();
        let more = from + page.len() < keys.len();
        Ok(Page {
            next: page.last().filter(|_| more).map(|key| (*key).clone()),
            items: page.iter().map(|key| items[&(table, (*key).clone())].clone()).collect(),
        })
    }
}

/// The programs of the gallery over some tables.
pub struct Shop<T> {
    pub ledger: Ledger<T>,
    pub rulebooks: HashMap<ProgramId, Rulebook>,
    pub now: Instant,
    requests: u64,
}

pub fn at(text: &str) -> Instant {
    Instant::from_timestamp(text.parse().expect("a time"))
}

impl<T: Tables> Shop<T> {
    pub fn new(tables: T) -> Shop<T> {
        let rulebooks = ["house", "coffee"].map(|name| {
            let path = format!("{}/../programs/{name}.toml", env!("CARGO_MANIFEST_DIR"));
            let text = std::fs::read_to_string(path).expect("a program of the gallery");
            let start = at("2026-01-01T00:00:00Z");
            let program = definition::parse(&text, name, 1, start).expect("a good program");
            (program.id.clone(), Rulebook::new([program]).expect("a version"))
        });
        let now = at("2026-01-01T12:00:00Z");
        let rulebooks = HashMap::from(rulebooks);
        Shop { ledger: Ledger::new(tables), rulebooks, now, requests: 0 }
    }

    pub fn zone(&self, program: &ProgramId) -> Option<TimeZone> {
        self.rulebooks.get(program).and_then(crate::rollups::zone_of)
    }

    /// Records a fact of `program/member` now; what the rules refuse is passed over.
    pub fn record(&mut self, chain: &str, fact: Fact) {
        self.requests += 1;
        let chain: Chain = chain.parse().expect("a chain");
        let source = Source { id: "shop".parse().expect("a slug"), has_key_times: false };
        let request = format!("r{}", self.requests).parse().expect("an id");
        let fact = match fact {
            Fact::Passing => KeyedFact::passing("clock"),
            fact => KeyedFact::new(fact, &source, &request, "test".into()).expect("a fact"),
        };
        let rulebook = &self.rulebooks[&chain.program];
        let recorded = record(&self.ledger, rulebook, &chain, &fact, self.now, Mode::Record);
        match run_alone(recorded) {
            Ok(_) | Err(RecordError::Refused(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }

    pub fn order(&mut self, chain: &str, id: &str, amount: i64) {
        let currency = if chain.starts_with("house") { "GBP" } else { "USD" };
        let line = Line {
            id: None,
            product: None,
            category: None,
            brand: None,
            quantity: 1,
            unit_price: amount,
            discount: 0,
            tax: 0,
        };
        let order = Order {
            id: id.parse().expect("an id"),
            version: None,
            placed_at: None,
            currency: currency.parse().expect("a currency"),
            channel: None,
            store: None,
            status: None,
            test: false,
            prices_include_tax: true,
            lines: vec![line],
            discount: 0,
            tax: 0,
            shipping: 0,
            tip: 0,
            tenders: vec![],
        };
        self.record(chain, Fact::Order(order));
    }

    pub fn enrol(&mut self, chain: &str) {
        let nothing = Enrolment::default();
        self.record(chain, Fact::Enrolled(nothing));
    }

    pub fn adjust(&mut self, chain: &str, points: u64, takes: bool) {
        let points = Points::new(points).expect("few");
        let reason = "GOODWILL".to_owned();
        self.record(chain, Fact::Adjustment(Adjustment { points, takes, reason }));
    }

    /// Lets so many facts happen to members that join as they come.
    pub fn live(&mut self, seed: u64, facts: usize, hours: u64) {
        let mut random = Random::new(seed);
        let chains = ["house/ada", "house/béa", "house/c/3", "coffee/ada", "coffee/dan"];
        chains.iter().for_each(|chain| self.enrol(chain));
        for number in 0..facts {
            let hours = i64::try_from(random.below(hours)).expect("few");
            self.now = self.now.plus_millis(hours * 3_600_000 + 60_000);
            let chain = *random.pick(&chains);
            match random.below(10) {
                0 => self.record(chain, Fact::Passing),
                1 => self.adjust(chain, 1 + random.below(500), random.hits(500)),
                2 | 3 => {
                    let order = format!("o{}", random.index(number + 1));
                    let what = match random.hits(500) {
                        true => RefundedWhat::Everything,
                        false => RefundedWhat::Amount(500),
                    };
                    let id = format!("f{number}").parse().expect("an id");
                    let order = order.parse().expect("an id");
                    let refund = Refund { id, order, refunded_at: None, what };
                    self.record(chain, Fact::Refund(refund));
                }
                4 => {
                    let redemption = Redemption {
                        reward: "money-off".to_owned(),
                        points: Points::new(100),
                        basket: Some(100_000),
                        hold_minutes: random.hits(500).then_some(30),
                    };
                    self.record(chain, Fact::Redemption(redemption));
                }
                _ => {
                    let amount = i64::try_from(random.between(100, 40_000)).expect("few");
                    self.order(chain, &format!("o{number}"), amount);
                }
            }
        }
    }
}
