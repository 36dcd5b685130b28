//! Friends, simulated: what a friend's rows are for who brought them goes from the ledger's
//! stream to the queue and from there to another chain, while the stream sends batches again,
//! whoever relays them dies, messages come twice and out of order, and tables fail. Then it
//! stops, and who brought friends has exactly what these friends' orders are worth.

use std::{collections::BTreeSet, sync::Arc};

use domain::{
    definition,
    fact::{Enrolment, Fact, KeyedFact, Line, Order, ReferralClaim, Refund, RefundedWhat, Source},
    ids::ProgramId,
    program::Rulebook,
    referral::ReferralState,
    row::Chain,
    time::Instant,
};
use edge::{Arrival, ArrivedFact, IdentityHasher, KnownPerson, Recorder, referral::code_of};
use relay::{
    Delivery, Filter, Recipient, Relaying, Secret, Secrets, Sink, StreamRow, Subscriber,
    Subscribers, Webhook, events_of, relay_rows,
};
use store::{
    ledger::Ledger,
    simulated::{
        Faults, Random, Received, SimulatedStream, SimulatedTables,
        workers::{Work, run, run_alone},
    },
    tables::{Consistency, Failure},
};

use crate::{
    desk::{Credits, Desk, lanes},
    people::Sent,
    seeds::each_seed,
    shop::START,
};

const PROGRAM: &str = r#"
[program]
id              = "house"
name            = "House"
time_zone       = "Europe/London"
money           = "GBP"
late_by_at_most = "10 years"

[points]
cost    = "0.01 GBP"
pending = "at once"
expiry  = "never"

[referral]
when = { only = "the first order" }

[[earn]]
id     = "referral"
on     = "referral"
points = 100
"#;

/// What a run is like.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    seed: u64,
    friends: u64,
    faults: Faults,
    killed_per_mille: u32,
    again_per_mille: u32,
    twice_per_mille: u32,
    unanswered_per_mille: u32,
}

impl Plan {
    pub fn of(seed: u64) -> Plan {
        let mut random = Random::new(seed);
        Plan {
            seed,
            friends: random.between(1, 4),
            faults: Faults::some(&mut random),
            killed_per_mille: *random.pick(&[0, 20, 60]),
            again_per_mille: *random.pick(&[0, 200, 500]),
            twice_per_mille: *random.pick(&[0, 100, 300]),
            unanswered_per_mille: *random.pick(&[0, 100, 300]),
        }
    }

    fn calm(seed: u64) -> Plan {
        Plan {
            faults: Faults::NONE,
            killed_per_mille: 0,
            again_per_mille: 0,
            twice_per_mille: 0,
            unanswered_per_mille: 0,
            ..Plan::of(seed)
        }
    }
}

/// Who wants to know of everything.
const EVERYTHING: &str = "everything";
/// Who wants to know of friends.
const FRIENDS: &str = "friends";
/// After how many rounds things stop failing.
const FAILING_ROUNDS: u32 = 60;
/// After how many a run is given up.
const ROUNDS_MAX: u32 = 5_000;

struct Friends {
    plan: Plan,
    rulebook: Arc<Rulebook>,
    tables: SimulatedTables,
    credits: Credits,
    deliveries: Credits,
    stream: SimulatedStream,
    random: Random,
    /// The friends, and whether what they bought is what counts when all has come.
    friends: Vec<(Chain, bool)>,
}

fn chain(member: &str) -> Chain {
    Chain { program: "house".parse().unwrap(), member: member.parse().unwrap() }
}

impl Friends {
    fn met(plan: Plan) -> Friends {
        let mut random = Random::new(plan.seed ^ 0x6672_6965_6e64_7300);
        let program = definition::parse(PROGRAM, "house.toml", 1, Default::default()).unwrap();
        let rulebook = Arc::new(Rulebook::new([program]).unwrap());
        let tables = SimulatedTables::new(random.number(), Faults::NONE, START);
        let (credits, deliveries) = (Credits::new(random.part()), Credits::new(random.part()));
        let stream = SimulatedStream::new(&tables, 0, 1, random.number());
        let mut met = Friends {
            plan,
            rulebook,
            tables,
            credits,
            deliveries,
            stream,
            random,
            friends: Vec::new(),
        };
        met.subscribe(EVERYTHING, &[]);
        met.subscribe(FRIENDS, &["referral.*"]);
        met.join("ada", None);
        let hasher = IdentityHasher::new("a secret of at least thirty-two characters");
        let code = run_alone(code_of(&met.tables, &hasher, &chain("ada"))).unwrap();
        for number in 0..plan.friends {
            let friend = format!("friend-{number}");
            // Some say who brought them when they join, some with what they order.
            let codes = if met.random.hits(500) {
                met.join(&friend, Some("ada"));
                Vec::new()
            } else {
                met.join(&friend, None);
                vec!["SUMMER10".to_owned(), code.clone()]
            };
            met.buys(&friend, codes);
        }
        met.tables.set_faults(plan.faults);
        met.stream.again_per_mille = plan.again_per_mille;
        met.deliveries.open().unanswered_per_mille = plan.unanswered_per_mille;
        let mut sending = met.credits.open();
        sending.unanswered_per_mille = plan.unanswered_per_mille;
        sending.queue.twice_per_mille = plan.twice_per_mille;
        sending.queue.receives_max = 1_000;
        drop(sending);
        met
    }

    /// Somebody wants to know of such events.
    fn subscribe(&self, id: &str, events: &[&str]) {
        let events = events.iter().map(|word| (*word).to_owned()).collect();
        let subscriber = Subscriber {
            id: id.to_owned(),
            program: "house".parse().unwrap(),
            sink: Sink::Webhook(Webhook { url: "https://shop.example/events".to_owned() }),
            secrets: Secrets::first(Secret::new("a secret")),
            events: Filter::new(events).unwrap(),
            consent: None,
            disabled: None,
            made_at: START,
        };
        assert!(run_alone(subscriber.add(&self.tables)).unwrap());
    }

    fn join(&mut self, member: &str, by: Option<&str>) {
        let referral =
            by.map(|by| ReferralClaim { by: by.parse().unwrap(), rejected: None, approved: false });
        let fact = Fact::Enrolled(Enrolment { referral, ..Enrolment::default() });
        let source = Source { id: "shop".parse().unwrap(), has_key_times: false };
        let fact = KeyedFact::new(fact, &source, &"join".parse().unwrap(), "shop".into()).unwrap();
        let desk = self.desk();
        run_alone(desk.record(&chain(member), &fact, &[])).unwrap();
    }

    /// A first order in several versions, paid or cancelled, and perhaps its return, all of it
    /// at any time in the next days and each perhaps twice.
    fn buys(&mut self, friend: &str, codes: Vec<String>) {
        let mut facts = Vec::new();
        let versions = self.random.between(1, 3);
        let mut cancelled = false;
        for version in 1..=versions {
            cancelled = self.random.hits(400);
            let status = if cancelled { "cancelled" } else { "paid" };
            facts.push(ArrivedFact::Order(order(friend, version, status)));
        }
        let returned = self.random.hits(300);
        if returned {
            facts.push(ArrivedFact::Refund(Refund {
                id: format!("R-{friend}").parse().unwrap(),
                order: format!("O-{friend}").parse().unwrap(),
                refunded_at: None,
                what: RefundedWhat::Everything,
            }));
        }
        for fact in facts {
            let arrival = Arrival {
                program: "house".parse().unwrap(),
                source: "shop".parse().unwrap(),
                has_key_times: false,
                actor: "shop".to_owned(),
                accepted_at: START,
                enrols: false,
                emails_verified: false,
                person: Some(KnownPerson {
                    account: Some(friend.parse().unwrap()),
                    codes: codes.clone(),
                    ..KnownPerson::default()
                }),
                fact,
            };
            for _ in 0..self.random.between(1, 2) {
                let millis = i64::try_from(self.random.below(3 * 86_400_000)).unwrap();
                let message = Sent::Queued(arrival.message());
                self.credits.open().queue.send(message, START.plus_millis(millis));
            }
        }
        self.friends.push((chain(friend), !cancelled && !returned));
    }

    fn desk(&self) -> Desk {
        Desk::for_batch(&self.tables, &self.rulebook, &self.credits, 0)
    }

    /// Until no message waits and every row is relayed.
    fn drain(&mut self) {
        for round in 0..ROUNDS_MAX {
            if round == FAILING_ROUNDS {
                self.stop_failing();
            }
            let next = self.credits.open().queue.next_visible_at();
            if let Some(at) = next {
                self.tables.advance_to(at);
                self.consume();
            }
            self.relay();
            let waits = self.credits.open().queue.next_visible_at().is_some();
            if !waits && self.stream.is_drained() {
                return;
            }
        }
        panic!("{ROUNDS_MAX} rounds, and something is left");
    }

    fn stop_failing(&mut self) {
        self.tables.calm();
        self.plan = Plan { friends: self.plan.friends, ..Plan::calm(self.plan.seed) };
        self.stream.again_per_mille = 0;
        self.deliveries.open().unanswered_per_mille = 0;
        let mut sending = self.credits.open();
        sending.unanswered_per_mille = 0;
        sending.queue.twice_per_mille = 0;
    }

    fn consume(&mut self) {
        let now: Instant = self.tables.now();
        let received = self.credits.open().queue.receive(now, 10);
        let desk = self.desk();
        let works = lanes(received).into_iter();
        let works: Vec<Work<'_, Vec<u64>>> =
            works.map(|lane| Box::pin(desk.clone().handle(lane)) as Work<'_, _>).collect();
        let mut random = self.random.part();
        let done = run(&mut random, self.plan.killed_per_mille, works);
        let mut sending = self.credits.open();
        done.into_iter().flatten().flatten().for_each(|receipt| sending.queue.delete(receipt));
    }

    /// Hands a batch of the stream on; one that is not handed on whole comes again.
    fn relay(&mut self) {
        let batch = self.stream.batch(5).into_iter();
        let rows =
            batch.map(|(number, item)| StreamRow { sequence_number: number.to_string(), item });
        let office = Office {
            tables: self.tables.clone(),
            rulebook: Arc::clone(&self.rulebook),
            // A fresh process each time: it remembers nobody.
            subscribers: Subscribers::default(),
            credits: self.credits.clone(),
            deliveries: self.deliveries.clone(),
        };
        let rows: Vec<StreamRow> = rows.collect();
        let work: Work<'_, bool> =
            Box::pin(async move { relay_rows(&office, rows).await.is_none() });
        let mut random = self.random.part();
        let outcomes = run(&mut random, self.plan.killed_per_mille, [work]);
        if outcomes.into_iter().flatten().any(|whole| whole) {
            self.stream.acknowledge();
        }
    }

    fn check(&self) {
        let ledger = Ledger::new(self.tables.clone());
        let head = |chain: &Chain| {
            run_alone(ledger.head(chain, Consistency::Strong)).unwrap().expect("a member").row
        };
        for (friend, counts) in &self.friends {
            let state = head(friend).account.referral.expect("a referral").state;
            let qualified = matches!(state, ReferralState::Qualified { .. });
            assert_eq!(qualified, *counts, "{friend}: {state:?}");
        }
        let counting = self.friends.iter().filter(|(_, counts)| *counts).count();
        let balance = head(&chain("ada")).account.purse(0).balance();
        assert_eq!(balance, 100 * i64::try_from(counting).unwrap(), "{:?}", self.friends);
        assert!(self.credits.open().queue.dead_letters().is_empty());
        self.check_deliveries(&ledger);
    }

    /// Every event of every row is on its way to who listens to it, at least once and always
    /// the same, and nothing else is.
    fn check_deliveries(&self, ledger: &Ledger<SimulatedTables>) {
        let chains = self.friends.iter().map(|(friend, _)| friend.clone());
        let mut expected = BTreeSet::new();
        for chain in chains.chain([chain("ada")]) {
            let mut sequence = 1;
            let row = |at| run_alone(ledger.row(&chain, at, Consistency::Strong)).unwrap();
            while let Some(stored) = row(sequence) {
                for event in events_of(&stored, &self.rulebook).unwrap() {
                    let listens = event.kind.as_str().starts_with("referral.");
                    let everything = Some(EVERYTHING);
                    for to in [everything, listens.then_some(FRIENDS)].into_iter().flatten() {
                        let to = Recipient::Subscriber(to.to_owned());
                        expected.insert(Delivery::new(to, event.clone()).message());
                    }
                }
                sequence += 1;
            }
        }
        let mut waiting = self.deliveries.open();
        let mut sent = BTreeSet::new();
        while let Some(at) = waiting.queue.next_visible_at() {
            for Received { message, receipt } in waiting.queue.receive(at, 10) {
                let Sent::Queued(body) = message else { unreachable!() };
                sent.insert(body);
                waiting.queue.delete(receipt);
            }
        }
        assert!(sent.len() > self.friends.len(), "something was told: {sent:?}");
        assert!(sent == expected, "{:?}", sent.symmetric_difference(&expected));
    }
}

/// The relay's world, simulated.
struct Office {
    tables: SimulatedTables,
    rulebook: Arc<Rulebook>,
    subscribers: Subscribers,
    credits: Credits,
    deliveries: Credits,
}

impl Relaying for Office {
    type Tables = SimulatedTables;

    fn tables(&self) -> &SimulatedTables {
        &self.tables
    }

    fn subscribers(&self) -> &Subscribers {
        &self.subscribers
    }

    fn has_bus(&self) -> bool {
        false
    }

    async fn find_rulebook(&self, _: &ProgramId) -> Result<Option<Arc<Rulebook>>, Failure> {
        Ok(Some(Arc::clone(&self.rulebook)))
    }

    fn forget_program(&self, _: &ProgramId) {}

    async fn queue_credits(&self, messages: &[String]) -> Vec<bool> {
        self.credits.take(&self.tables, messages).await
    }

    async fn queue_deliveries(&self, messages: &[String]) -> Vec<bool> {
        self.deliveries.take(&self.tables, messages).await
    }
}

fn order(friend: &str, version: u64, status: &str) -> Order {
    Order {
        id: format!("O-{friend}").parse().unwrap(),
        version: Some(version),
        placed_at: None,
        currency: "GBP".parse().unwrap(),
        channel: None,
        store: None,
        status: Some(status.to_owned()),
        test: false,
        prices_include_tax: true,
        lines: vec![Line {
            id: None,
            product: None,
            category: None,
            brand: None,
            quantity: 1,
            unit_price: 2_000,
            discount: 0,
            tax: 0,
        }],
        discount: 0,
        tax: 0,
        shipping: 0,
        tip: 0,
        tenders: Vec::new(),
    }
}

pub fn befriend(plan: Plan) {
    let mut friends = Friends::met(plan);
    friends.drain();
    friends.stop_failing();
    friends.check();
}

#[test]
fn friends_count_once_whatever_fails_between_their_orders_and_who_brought_them() {
    each_seed(80, |seed| befriend(Plan::of(seed)));
}

#[test]
fn failure_07_whoever_relays_may_die_anywhere_between_a_row_and_what_follows_from_it() {
    each_seed(60, |seed| befriend(Plan { killed_per_mille: 200, ..Plan::calm(seed) }));
}

#[test]
fn failure_13_a_batch_that_is_relayed_again_from_any_point_gives_nothing_twice() {
    each_seed(60, |seed| befriend(Plan { again_per_mille: 700, ..Plan::calm(seed) }));
}
