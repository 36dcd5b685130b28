//! What comes by the queue of credits, simulated: people buy as guests, join, buy again and
//! give back, while messages come twice, late and out of order and workers die; then it
//! stops, everything must drain, and every fact must have ended where it belongs, once.

mod findings;

use std::sync::Arc;

use domain::{definition, program::Rulebook, time::Instant};
use store::simulated::{
    Faults, Random, Received, SimulatedTables,
    workers::{Work, run},
};

use crate::{
    desk::{Credits, Desk, lanes},
    people::{Sent, Traffic},
    seeds::each_seed,
    shop::START,
};

/// Nothing in it couples one order with another.
const PROGRAM: &str = r#"
[program]
id              = "house"
name            = "House"
time_zone       = "Europe/London"
money           = "GBP"
guest_orders    = "5 years"
late_by_at_most = "10 years"

[points]
cost    = "0.01 GBP"
pending = "at once"
expiry  = "never"
refund  = { clawback = "allow debt" }

[[earn]]
id     = "spend"
on     = "order"
points = "1 per 1.00 GBP"

[[earn]]
id     = "log-in"
on     = "log_in"
points = 3
"#;

/// What a run is like.
#[derive(Clone, Debug)]
pub struct Plan {
    pub seed: u64,
    pub people: u64,
    pub emails_verified: bool,
    pub poison: bool,
    pub faults: Faults,
    pub killed_per_mille: u32,
    /// How often the queue delivers a message to two workers, or again after its deletion.
    pub twice_per_mille: u32,
    /// How often the queue does not say whether it took a message.
    pub unanswered_per_mille: u32,
    pub skew_millis: u64,
    /// After how many days things stop failing.
    pub failing_days: i64,
    /// How often a message is received before it is a dead letter.
    pub receives_max: u32,
}

impl Plan {
    /// A plan that chance makes.
    pub fn of(seed: u64) -> Plan {
        let mut random = Random::new(seed);
        Plan {
            faults: Faults::some(&mut random),
            killed_per_mille: *random.pick(&[0, 0, 10, 40]),
            twice_per_mille: *random.pick(&[0, 100, 300]),
            unanswered_per_mille: *random.pick(&[0, 0, 100, 300]),
            skew_millis: *random.pick(&[0, 0, 100, 5_000]),
            failing_days: i64::try_from(random.between(30, 300)).unwrap(),
            receives_max: u32::try_from(random.between(3, 8)).unwrap(),
            poison: random.hits(200),
            emails_verified: random.hits(900),
            people: random.between(1, 3),
            seed,
        }
    }

    /// The plan without anything that fails.
    fn calm(self) -> Plan {
        let faults = Faults::NONE;
        Plan {
            faults,
            killed_per_mille: 0,
            twice_per_mille: 0,
            unanswered_per_mille: 0,
            skew_millis: 0,
            poison: false,
            ..self
        }
    }
}

/// How often dead letters are sent again before the run is given up.
const REDRIVEN_MAX: u32 = 30;

struct Arrivals {
    plan: Plan,
    rulebook: Arc<Rulebook>,
    tables: SimulatedTables,
    credits: Credits,
    traffic: Traffic,
    random: Random,
}

/// Runs a plan and checks everything.
pub fn arrive(plan: Plan) {
    let mut arrivals = Arrivals::new(plan);
    arrivals.drain();
    arrivals.stop_failing();
    arrivals.check();
}

impl Arrivals {
    fn new(plan: Plan) -> Arrivals {
        let mut random = Random::new(plan.seed ^ 0x6172_7269_7661_6c00);
        let program = definition::parse(PROGRAM, "house.toml", 1, Default::default()).unwrap();
        let tables = SimulatedTables::new(random.number(), plan.faults, START);
        let credits = Credits::new(random.part());
        let traffic = Traffic::of(random.part(), plan.people, plan.emails_verified);
        let traffic = if plan.poison { traffic.with_poison() } else { traffic };
        {
            let mut sending = credits.open();
            sending.unanswered_per_mille = plan.unanswered_per_mille;
            sending.queue.twice_per_mille = plan.twice_per_mille;
            sending.queue.receives_max = plan.receives_max;
            for (sent, at) in &traffic.sent {
                sending.queue.send(sent.clone(), *at);
            }
        }
        let rulebook = Arc::new(Rulebook::new([program]).unwrap());
        Arrivals { plan, rulebook, tables, credits, traffic, random }
    }

    /// Until every message is dealt with, but those that are for newer code.
    fn drain(&mut self) {
        for _ in 0..REDRIVEN_MAX {
            while let Some(at) = self.next_visible_at() {
                self.until(at);
                self.round();
            }
            // Only what nobody can handle is left when nothing failed since.
            let calm = self.plan.killed_per_mille == 0 && self.plan.faults == Faults::NONE;
            let left = self.credits.open().queue.dead_letters().len();
            if left == 0 || (calm && left == self.traffic.newer) {
                return;
            }
            // Somebody looks at the dead letters months later.
            self.stop_failing();
            let later = self.tables.now().plus_days(100);
            self.until(later);
            self.credits.open().queue.redrive(later);
        }
        let left = self.credits.open().queue.dead_letters().to_vec();
        panic!("sent again {REDRIVEN_MAX} times and still dead: {left:?}");
    }

    fn next_visible_at(&self) -> Option<Instant> {
        self.credits.open().queue.next_visible_at()
    }

    fn until(&mut self, at: Instant) {
        self.tables.advance_to(at);
        if self.tables.now() >= START.plus_days(self.plan.failing_days) {
            self.stop_failing();
        }
    }

    fn stop_failing(&mut self) {
        self.tables.calm();
        self.plan = self.plan.clone().calm();
        let mut sending = self.credits.open();
        sending.unanswered_per_mille = 0;
        sending.queue.twice_per_mille = 0;
    }

    /// Some workers receive a batch each and handle its lanes, all at once.
    fn round(&mut self) {
        let now = self.tables.now();
        let mut works: Vec<Work<'_, Vec<u64>>> = Vec::new();
        for _ in 0..self.random.between(1, 3) {
            let limit = 1 + self.random.index(10);
            let received: Vec<Received<Sent>> = self.credits.open().queue.receive(now, limit);
            let skew = self.plan.skew_millis;
            let wrong = i64::try_from(self.random.below(2 * skew + 1)).unwrap();
            let wrong = wrong - i64::try_from(skew).unwrap();
            let desk = Desk::for_batch(&self.tables, &self.rulebook, &self.credits, wrong);
            for lane in lanes(received) {
                works.push(Box::pin(desk.clone().handle(lane)));
            }
        }
        let mut random = self.random.part();
        let outcomes = run(&mut random, self.plan.killed_per_mille, works);
        // What the worker of a lane had done when it died comes again.
        let done = outcomes.into_iter().flatten().flatten();
        let mut sending = self.credits.open();
        done.for_each(|receipt| sending.queue.delete(receipt));
    }
}

#[test]
fn everything_that_can_fail_on_the_way_through_the_queue() {
    each_seed(150, |seed| arrive(Plan::of(seed)));
}

#[test]
fn failure_01_copies_of_what_a_shop_says_count_once_at_any_delay() {
    each_seed(60, |seed| arrive(Plan::of(seed).calm()));
}

#[test]
fn failure_05_what_the_queue_delivers_twice_ends_in_one_chain_once() {
    each_seed(60, |seed| {
        arrive(Plan { twice_per_mille: 400, ..Plan::of(seed).calm() });
    });
}

#[test]
fn failure_06_poison_becomes_a_dead_letter_alone_and_the_rest_is_recorded_months_later() {
    each_seed(60, |seed| {
        let throttled = Faults { throttled: 150, ..Faults::NONE };
        let plan =
            Plan { faults: throttled, poison: true, receives_max: 2, ..Plan::of(seed).calm() };
        arrive(plan);
    });
}

#[test]
fn failure_07_a_worker_may_die_anywhere_between_an_order_and_who_it_belongs_to() {
    each_seed(100, |seed| {
        arrive(Plan { killed_per_mille: 60, ..Plan::of(seed).calm() });
    });
}

#[test]
fn failure_09_half_of_all_requests_are_throttled_and_everything_drains() {
    each_seed(20, |seed| {
        let throttled = Faults { throttled: 500, ..Faults::NONE };
        arrive(Plan { faults: throttled, failing_days: 60, ..Plan::of(seed).calm() });
    });
}
