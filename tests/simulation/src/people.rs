//! People who buy as guests and join, or do not, and what their shops say of them: orders,
//! refunds, accounts and activities, in any order, with copies of each.

use domain::{
    fact::{
        Activity, Identity, IdentityKind, KeyedFact, Line, Order, Refund, RefundLine, RefundedWhat,
        Source,
    },
    key::FactKey,
    row::Chain,
    time::Instant,
};
use edge::{Arrival, ArrivedFact, Credit, CreditFact, KnownPerson};
use store::simulated::Random;

use crate::shop::{START, chain};

/// What comes by the queue, and requests that are sent again until they are answered.
#[derive(Clone, Debug)]
pub enum Sent {
    Queued(String),
    Join(Join),
}

/// Somebody joins by the API.
#[derive(Clone, Debug)]
pub struct Join {
    pub chain: Chain,
    pub identities: Vec<Identity>,
    pub email_verified: bool,
}

/// How long after the first time a message is sent again, in seconds.
const DELAYS: [i64; 8] = [0, 0, 1, 40, 3_600, 86_400, 5 * 86_400, 60 * 86_400];

/// Orders from before this many days are too old to be taken over.
pub const OLD_DAYS: i64 = 7 * 365;

/// All that is sent, and what is to be found of it.
pub struct Traffic {
    random: Random,
    moments: Vec<Instant>,
    emails_verified: bool,
    /// What happens at one moment comes in little by little, while the first of it is being
    /// dealt with.
    spread_millis: u64,
    made: u64,
    pub people: u64,
    pub sent: Vec<(Sent, Instant)>,
    pub orders: Vec<SentOrder>,
    pub activities: Vec<(Chain, KeyedFact)>,
    /// How many messages nobody can read.
    pub unreadable: usize,
    /// How many messages are for newer code.
    pub newer: usize,
}

/// An order with all of its versions, oldest first, and its refunds.
pub struct SentOrder {
    pub key: FactKey,
    pub versions: Vec<KeyedFact>,
    pub refunds: Vec<KeyedFact>,
}

/// How a person becomes a member.
#[derive(Clone, Copy, PartialEq)]
enum Joins {
    Never,
    ByApi,
    ByAccount,
    Both,
}

impl Traffic {
    pub fn of(mut random: Random, people: u64, emails_verified: bool) -> Traffic {
        let moments = (0..random.between(3, 9)).map(|_| {
            let seconds = i64::try_from(random.below(40 * 86_400)).unwrap();
            START.plus_millis(seconds * 1000)
        });
        let mut traffic = Traffic {
            moments: moments.collect(),
            emails_verified,
            spread_millis: *random.pick(&[1, 1, 30, 100]),
            made: 0,
            people,
            sent: Vec::new(),
            orders: Vec::new(),
            activities: Vec::new(),
            unreadable: 0,
            newer: 0,
            random,
        };
        for person in 0..people {
            traffic.live(person);
        }
        traffic
    }

    /// Adds messages that cannot be handled.
    pub fn with_poison(mut self) -> Traffic {
        let at = self.moment();
        self.sent.push((Sent::Queued("{\"v\":3,\"kind\":\"dance\"}".to_owned()), at));
        self.sent.push((Sent::Queued("somebody@example.org".to_owned()), at));
        (self.unreadable, self.newer) = (1, 1);
        self
    }

    /// A person's identities and the guest's chain that they lead to.
    pub fn identities(person: u64) -> Vec<Identity> {
        vec![Identity { kind: IdentityKind::Email, hash: format!("{person:040x}") }]
    }

    fn live(&mut self, person: u64) {
        let joins = *self.random.pick(&[
            Joins::Never,
            Joins::ByApi,
            Joins::ByApi,
            Joins::ByAccount,
            Joins::ByAccount,
            Joins::Both,
        ]);
        if matches!(joins, Joins::ByApi | Joins::Both) {
            let join = Join {
                chain: chain(person),
                identities: Self::identities(person),
                email_verified: self.emails_verified,
            };
            let at = self.moment();
            self.send(Sent::Join(join), at);
            self.do_things(&chain(person));
        }
        let has_account = matches!(joins, Joins::ByAccount | Joins::Both);
        if has_account && self.random.hits(400) {
            let at = self.moment();
            let created_at = Some(at.plus_millis(-60_000));
            let of = known(person, true);
            self.arrive(ArrivedFact::Person { created_at }, Some(of), "shop", at);
        }
        for _ in 0..self.random.between(1, 5) {
            self.buy(person, has_account);
        }
    }

    /// Activities of somebody who may not be a member yet.
    fn do_things(&mut self, chain: &Chain) {
        for _ in 0..self.random.below(4) {
            let at = self.moment();
            let activity = Activity {
                id: self.id().parse().unwrap(),
                version: None,
                activity: "log_in".to_owned(),
                subject: None,
                given_by: None,
                done_at: Some(at),
                synced_at: None,
                units: None,
                amount: None,
                channel: None,
                store: None,
                status: None,
                withdrawn: false,
            };
            let credit = Credit {
                chain: chain.clone(),
                source: source(self.random.hits(500)),
                actor: "app".to_owned(),
                accepted_at: at,
                fact: CreditFact::Activity(activity),
            };
            self.activities.push((chain.clone(), credit.keyed().unwrap()));
            self.send(Sent::Queued(credit.message()), at);
        }
    }

    fn buy(&mut self, person: u64, has_account: bool) {
        let name = if self.random.hits(500) { "shop" } else { "till" };
        let at = self.moment();
        let is_old = self.random.hits(150);
        let placed_at = if is_old { at.plus_days(-OLD_DAYS) } else { at.plus_millis(-5_000) };
        let count = if self.random.hits(400) { self.random.between(2, 3) } else { 1 };
        let mut order = self.order(placed_at);
        let (mut versions, mut refunds) = (Vec::new(), Vec::new());
        for version in 1..=count {
            order.version = (count > 1).then_some(version);
            order.lines[0].quantity = self.quantity();
            // A shop may move an order to somebody else: it stays where it was led first.
            let whose = match version > 1 && self.random.hits(250) {
                true => self.random.below(self.people),
                false => person,
            };
            let by_account = whose == person && has_account && self.random.hits(500);
            let days = if version == 1 { 0 } else { self.random.below(4) };
            let at = at.plus_days(i64::try_from(days).unwrap());
            let fact = ArrivedFact::Order(order.clone());
            versions.extend(self.arrive(fact, Some(known(whose, by_account)), name, at));
        }
        for _ in 0..*self.random.pick(&[0, 0, 1, 2]) {
            // Some refunds overtake their orders, and some come while somebody joins.
            let days = *self.random.pick(&[-1, 0, 0, 0, 2, 30]);
            let at = if self.random.hits(500) { self.moment() } else { at };
            let refund = Refund {
                id: self.id().parse().unwrap(),
                order: order.id.clone(),
                refunded_at: None,
                what: self.refunded(),
            };
            let at = at.plus_days(days).max(START);
            refunds.extend(self.arrive(ArrivedFact::Refund(refund), None, name, at));
        }
        let key = versions[0].about_order().unwrap().clone();
        self.orders.push(SentOrder { key, versions, refunds });
    }

    /// Sends what a shop says, and returns the fact that it is.
    fn arrive(
        &mut self,
        fact: ArrivedFact,
        person: Option<KnownPerson>,
        name: &str,
        at: Instant,
    ) -> Option<KeyedFact> {
        let Source { id, has_key_times } = source(name == "shop");
        let arrival = Arrival {
            program: chain(0).program,
            source: id,
            has_key_times,
            actor: name.to_owned(),
            accepted_at: at,
            enrols: true,
            emails_verified: self.emails_verified,
            person,
            fact,
        };
        self.send(Sent::Queued(arrival.message()), at);
        arrival.keyed().unwrap()
    }

    /// Sends something, and copies of it at any delay.
    fn send(&mut self, sent: Sent, at: Instant) {
        let spread = self.random.below(self.spread_millis);
        let at = at.plus_millis(i64::try_from(spread).unwrap());
        for _ in 0..*self.random.pick(&[0, 0, 0, 1, 2]) {
            let delay = *self.random.pick(&DELAYS);
            self.sent.push((sent.clone(), at.plus_millis(delay * 1000)));
        }
        self.sent.push((sent, at));
    }

    fn order(&mut self, placed_at: Instant) -> Order {
        let line = |random: &mut Random| Line {
            id: None,
            product: None,
            category: None,
            brand: None,
            quantity: 1,
            unit_price: 100 + i64::try_from(random.below(9_000)).unwrap(),
            discount: 0,
            tax: 0,
        };
        let lines = (0..self.random.between(1, 2)).map(|_| line(&mut self.random));
        Order {
            lines: lines.collect(),
            id: self.id().parse().unwrap(),
            version: None,
            placed_at: Some(placed_at),
            currency: "GBP".parse().unwrap(),
            channel: None,
            store: None,
            status: None,
            test: false,
            prices_include_tax: true,
            discount: 0,
            tax: 0,
            shipping: 0,
            tip: 0,
            tenders: Vec::new(),
        }
    }

    fn refunded(&mut self) -> RefundedWhat {
        let amount = 100 + i64::try_from(self.random.below(5_000)).unwrap();
        match self.random.below(4) {
            0 => RefundedWhat::Everything,
            1 => RefundedWhat::AmountToDate(amount),
            2 => RefundedWhat::Lines(vec![RefundLine { line: "1".into(), quantity: 1, amount: 0 }]),
            _ => RefundedWhat::Amount(amount),
        }
    }

    fn quantity(&mut self) -> u32 {
        1 + u32::try_from(self.random.below(4)).unwrap()
    }

    fn moment(&mut self) -> Instant {
        *self.random.pick(&self.moments)
    }

    fn id(&mut self) -> String {
        self.made += 1;
        format!("n{}", self.made)
    }
}

/// A person as a shop knows them, by an account there or only by the address.
fn known(person: u64, by_account: bool) -> KnownPerson {
    let account = by_account.then(|| format!("c{person}").parse().unwrap());
    KnownPerson { account, identities: Traffic::identities(person), ..KnownPerson::default() }
}

fn source(has_key_times: bool) -> Source {
    let id = if has_key_times { "shop" } else { "till" };
    Source { id: id.parse().unwrap(), has_key_times }
}
