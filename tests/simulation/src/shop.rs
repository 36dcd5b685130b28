//! A shop and its members: what happens, when it is sent, and how often.

use std::sync::Arc;

use domain::{
    fact::{
        Adjustment, Capture, Enrolment, Fact, KeyedFact, Line, Order, Redemption, Refund,
        RefundLine, RefundedWhat, Source,
    },
    ids::ExternalId,
    points::Points,
    row::{Chain, Row, RowKind},
    time::Instant,
};
use store::simulated::Random;

/// A fact on its way to a chain.
#[derive(Clone, Debug)]
pub struct Sent {
    pub chain: Chain,
    pub fact: Arc<KeyedFact>,
    pub at: Instant,
}

/// How long after the first time a fact is sent again, in seconds.
const DELAYS: [i64; 9] = [0, 0, 1, 40, 3_600, 86_400, 5 * 86_400, 60 * 86_400, 400 * 86_400];

pub struct Shop {
    random: Random,
    /// Everything happens at these moments, so that workers meet.
    moments: Vec<Instant>,
    made: u64,
}

impl Shop {
    pub fn new(mut random: Random, start: Instant, days: u64, moments: usize) -> Shop {
        let seconds = days * 86_400;
        let at = |offset: u64| start.plus_millis(i64::try_from(offset * 1000).unwrap());
        let mut moments: Vec<Instant> = (0..moments).map(|_| at(random.below(seconds))).collect();
        moments.sort_unstable();
        Shop { random, moments, made: 0 }
    }

    /// All that a member does in about so many facts, with copies of each.
    pub fn life(&mut self, chain: &Chain, facts: u64) -> Vec<Sent> {
        let joined = self.moments[0];
        let mut sent = self.with_copies(chain, enrolment(), joined);
        while sent.len() < usize::try_from(facts).unwrap() {
            let at = *self.random.pick(&self.moments);
            match self.random.below(10) {
                0..=5 => sent.extend(self.order_and_refunds(chain, at)),
                6 | 7 => sent.extend(self.redemption(chain, at)),
                _ => sent.extend(self.adjustment(chain, at)),
            }
        }
        sent
    }

    /// What the checkout does with a hold.
    pub fn after(&mut self, row: &Row, now: Instant) -> Vec<Sent> {
        if row.kind != RowKind::Held {
            return Vec::new();
        }
        let hold = row.sequence;
        let later = now.plus_millis(i64::try_from(self.random.below(3_600_000)).unwrap());
        let later = if self.random.hits(200) { later.plus_days(9) } else { later };
        let mut sent = Vec::new();
        for _ in 0..self.random.below(3) {
            let fact = match self.random.hits(600) {
                true => Fact::Capture(Capture {
                    hold,
                    points: self.random.hits(300).then(|| points(10)),
                }),
                false => Fact::Release { hold },
            };
            sent.extend(self.with_copies(&row.chain, fact, later));
        }
        sent
    }

    fn order_and_refunds(&mut self, chain: &Chain, at: Instant) -> Vec<Sent> {
        let source = self.source();
        let id = self.id(at);
        let placed_at = self.random.hits(900).then(|| {
            let early = self.random.below(3 * 86_400_000);
            let ahead = self.random.below(20 * 3_600_000);
            let early = i64::try_from(early).unwrap();
            match self.random.hits(100) {
                true => at.plus_millis(i64::try_from(ahead).unwrap()),
                false => at.plus_millis(-early),
            }
        });
        let versions = if self.random.hits(300) { 1 + self.random.below(3) } else { 0 };
        let mut order = self.order(&id, placed_at);
        let mut sent = Vec::new();
        for version in 0..=versions {
            order.version = (versions > 0).then_some(version);
            let delay = if version == 0 { 0 } else { self.random.below(6 * 86_400) };
            let at = at.plus_millis(i64::try_from(delay * 1000).unwrap());
            sent.extend(self.keyed_with_copies(chain, Fact::Order(order.clone()), &source, at));
            order.lines[0].quantity = 1 + u32::try_from(self.random.below(4)).unwrap();
        }
        let refunds = if self.random.hits(500) { 1 + self.random.below(2) } else { 0 };
        for _ in 0..refunds {
            // Some refunds overtake their orders.
            let days = *self.random.pick(&[-2, 0, 0, 1, 13, 40, 120]);
            let at = at.plus_days(days).max(self.moments[0]);
            let refund = self.refund(&order, at);
            sent.extend(self.keyed_with_copies(chain, Fact::Refund(refund), &source, at));
        }
        sent
    }

    fn order(&mut self, id: &ExternalId, placed_at: Option<Instant>) -> Order {
        let line = |random: &mut Random| Line {
            id: None,
            product: None,
            category: random.hits(300).then(|| "coffee".to_owned()),
            brand: None,
            quantity: 1 + u32::try_from(random.below(3)).unwrap(),
            unit_price: 1 + i64::try_from(random.below(9_000)).unwrap(),
            discount: 0,
            tax: 0,
        };
        let lines = 1 + self.random.below(3);
        let lines = (0..lines).map(|_| line(&mut self.random)).collect();
        Order {
            id: id.clone(),
            version: None,
            placed_at,
            currency: "GBP".parse().unwrap(),
            channel: None,
            store: None,
            status: None,
            test: self.random.hits(30),
            prices_include_tax: true,
            lines,
            discount: 0,
            tax: 0,
            shipping: 0,
            tip: 0,
            tenders: Vec::new(),
        }
    }

    fn refund(&mut self, order: &Order, at: Instant) -> Refund {
        let amount = i64::try_from(self.random.below(5_000)).unwrap();
        let what = match self.random.below(5) {
            0 => RefundedWhat::Everything,
            1 => RefundedWhat::Amount(amount),
            2 => RefundedWhat::AmountToDate(amount),
            _ => RefundedWhat::Lines(vec![RefundLine { line: "1".into(), quantity: 1, amount: 0 }]),
        };
        let refunded_at = self.random.hits(500).then_some(at);
        Refund { id: self.id(at), order: order.id.clone(), refunded_at, what }
    }

    fn redemption(&mut self, chain: &Chain, at: Instant) -> Vec<Sent> {
        let held = self.random.hits(500);
        let fact = Fact::Redemption(Redemption {
            reward: "money-off".into(),
            points: Some(points(10 * (1 + self.random.below(12)))),
            basket: Some(1_000_000),
            hold_minutes: held.then(|| 1 + u32::try_from(self.random.below(10_080)).unwrap()),
        });
        self.with_copies(chain, fact, at)
    }

    fn adjustment(&mut self, chain: &Chain, at: Instant) -> Vec<Sent> {
        let (request, source) = (self.id(at), self.source());
        let mut adjustment = Adjustment {
            points: points(1 + self.random.below(60)),
            takes: self.random.hits(300),
            reason: "goodwill".into(),
        };
        let mut sent =
            self.copies(chain, Fact::Adjustment(adjustment.clone()), &source, &request, at);
        if self.random.hits(200) {
            // Somebody uses the same key for something else.
            adjustment.reason = "mistake".into();
            sent.extend(self.copies(chain, Fact::Adjustment(adjustment), &source, &request, at));
        }
        sent
    }

    fn with_copies(&mut self, chain: &Chain, fact: Fact, at: Instant) -> Vec<Sent> {
        let source = self.source();
        self.keyed_with_copies(chain, fact, &source, at)
    }

    fn keyed_with_copies(
        &mut self,
        chain: &Chain,
        fact: Fact,
        source: &Source,
        at: Instant,
    ) -> Vec<Sent> {
        let request = self.id(at);
        self.copies(chain, fact, source, &request, at)
    }

    /// The fact and some copies of it, at any delay.
    fn copies(
        &mut self,
        chain: &Chain,
        fact: Fact,
        source: &Source,
        request: &ExternalId,
        at: Instant,
    ) -> Vec<Sent> {
        let keyed = KeyedFact::new(fact, source, request, "shop".into()).unwrap();
        let fact = Arc::new(keyed);
        let copies = *self.random.pick(&[0, 0, 1, 1, 2, 4]);
        let mut sent = vec![Sent { chain: chain.clone(), fact: Arc::clone(&fact), at }];
        for _ in 0..copies {
            let delay = *self.random.pick(&DELAYS);
            let at = at.plus_millis(delay * 1000);
            sent.push(Sent { chain: chain.clone(), fact: Arc::clone(&fact), at });
        }
        sent
    }

    fn source(&mut self) -> Source {
        let has_key_times = self.random.hits(500);
        let id = if has_key_times { "shop" } else { "till" };
        Source { id: id.parse().unwrap(), has_key_times }
    }

    /// An id, half of the time one that carries its time.
    fn id(&mut self, at: Instant) -> ExternalId {
        self.made += 1;
        let (made, millis) = (self.made, at.millis());
        let text = match self.random.hits(500) {
            true => format!("{:08x}-{:04x}-7000-8000-{made:012x}", millis >> 16, millis & 0xffff),
            false => format!("n{made}"),
        };
        text.parse().unwrap()
    }
}

pub fn enrolment() -> Fact {
    Fact::Enrolled(Enrolment::default())
}

pub fn points(units: u64) -> Points {
    Points::new(units).unwrap()
}

pub fn chain(number: u64) -> Chain {
    Chain { program: "house".parse().unwrap(), member: format!("m{number}").parse().unwrap() }
}

/// 2026-01-01.
pub const START: Instant = Instant::from_millis(1_767_225_600_000);
