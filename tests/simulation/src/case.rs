//! One small ledger for cases made by hand.

use std::sync::Arc;

use domain::{
    fact::{Adjustment, Fact, KeyedFact, Line, Order, Redemption, Refund, RefundedWhat, Source},
    program::{Rulebook, WINDOW_ROWS},
    row::Chain,
    time::Instant,
};
use store::{
    Mode, RecordError, Recorded,
    codec::StoredRow,
    ledger::Ledger,
    record_beside,
    simulated::{
        Faults, SimulatedTables,
        workers::{Work, run_alone},
    },
    tables::Put,
};

use crate::{
    invariants::check_chain,
    program,
    shop::{START, chain, enrolment, points},
};

/// What a worker comes to.
pub type Answer = Result<Recorded, RecordError>;

#[derive(Clone)]
pub struct Case {
    pub tables: SimulatedTables,
    pub rulebook: Arc<Rulebook>,
}

impl Case {
    /// An empty ledger under the hasty program, nothing failing.
    pub fn empty() -> Case {
        Case::with(1, 1, WINDOW_ROWS)
    }

    pub fn with(seed: u64, which: u64, window_rows: usize) -> Case {
        let rulebook = program::rulebook(which, START.plus_days(200), window_rows);
        let tables = SimulatedTables::new(seed, Faults::NONE, START);
        Case { tables, rulebook: Arc::new(rulebook) }
    }

    /// A ledger with one member who has points.
    pub fn with_points() -> Case {
        let case = Case::empty();
        case.must(&keyed(enrolment(), "join"), at(0));
        case.must(&keyed(order("first", 50_00), "-"), at(60));
        case
    }

    pub fn recording(&self, fact: &KeyedFact, now: Instant) -> Work<'static, Answer> {
        self.recording_on(&chain(0), fact, now)
    }

    pub fn recording_on(
        &self,
        chain: &Chain,
        fact: &KeyedFact,
        now: Instant,
    ) -> Work<'static, Answer> {
        self.recording_beside(chain, fact, now, Vec::new())
    }

    /// Records a fact in one transaction with further puts.
    pub fn recording_beside(
        &self,
        chain: &Chain,
        fact: &KeyedFact,
        now: Instant,
        beside: Vec<Put>,
    ) -> Work<'static, Answer> {
        let (ledger, rulebook) = (Ledger::new(self.tables.clone()), Arc::clone(&self.rulebook));
        let (chain, fact) = (chain.clone(), fact.clone());
        Box::pin(async move {
            record_beside(&ledger, &rulebook, &chain, &fact, now, Mode::Record, &beside).await
        })
    }

    /// Records a fact alone.
    pub fn record(&self, fact: &KeyedFact, now: Instant) -> Answer {
        run_alone(self.recording(fact, now))
    }

    pub fn must(&self, fact: &KeyedFact, now: Instant) -> Recorded {
        self.record(fact, now).unwrap()
    }

    /// The member's chain, proved.
    pub fn rows(&self) -> Vec<StoredRow> {
        check_chain(&self.tables, &self.rulebook, &chain(0))
    }
}

/// So many seconds after the start.
pub fn at(seconds: i64) -> Instant {
    START.plus_millis(seconds * 1000)
}

pub fn keyed(fact: Fact, request: &str) -> KeyedFact {
    if fact == Fact::Passing {
        return KeyedFact::passing("schedule");
    }
    let source = Source { id: "shop".parse().unwrap(), has_key_times: false };
    KeyedFact::new(fact, &source, &request.parse().unwrap(), "shop".into()).unwrap()
}

/// An order of one line, in pence.
pub fn order(id: &str, pence: i64) -> Fact {
    let line = Line {
        id: None,
        product: None,
        category: None,
        brand: None,
        quantity: 1,
        unit_price: pence,
        discount: 0,
        tax: 0,
    };
    Fact::Order(Order {
        id: id.parse().unwrap(),
        version: None,
        placed_at: None,
        currency: "GBP".parse().unwrap(),
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
    })
}

pub fn refund(id: &str, order: &str, pence: i64) -> Fact {
    let what = RefundedWhat::Amount(pence);
    let (id, order) = (id.parse().unwrap(), order.parse().unwrap());
    Fact::Refund(Refund { id, order, refunded_at: None, what })
}

pub fn redemption(units: u64, hold_minutes: Option<u32>) -> Fact {
    Fact::Redemption(Redemption {
        reward: "money-off".into(),
        points: Some(points(units)),
        basket: None,
        hold_minutes,
    })
}

pub fn adjustment(units: u64) -> Fact {
    Fact::Adjustment(Adjustment { points: points(units), takes: false, reason: "gift".into() })
}
