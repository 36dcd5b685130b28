//! One simulated run: a shop sends facts, workers record them, a schedule books what
//! time has brought, and everything that can fail does; then it stops, everything must
//! drain, and every invariant must hold.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    fact::KeyedFact,
    program::Rulebook,
    row::{Chain, Row},
    time::{Day, Instant},
};
use store::{
    Mode, RecordError, Recorded,
    codec::{self, StoredRow},
    item::Table,
    ledger::Ledger,
    record,
    simulated::{
        Faults, Punctuality, Random, Received, Schedule, SimulatedQueue, SimulatedTables,
        workers::{Work, run, run_alone},
    },
};

use crate::{
    answers::{Answers, Then},
    invariants::check_chain,
    program,
    seeds::each_seed,
    shop::{START, Sent, Shop, chain},
    sweeper::Sweeper,
};

const DAY_MILLIS: i64 = 86_400_000;

/// What a run is like.
#[derive(Clone, Debug)]
pub struct Plan {
    pub seed: u64,
    pub window_rows: usize,
    pub program: u64,
    pub members: u64,
    pub facts_a_member: u64,
    /// Over how many moments of a year the facts are spread.
    pub moments: usize,
    pub faults: Faults,
    pub killed_per_mille: u32,
    pub twice_per_mille: u32,
    /// How wrong the workers' clocks are, in milliseconds.
    pub skew_millis: u64,
    pub punctuality: Punctuality,
    /// After how many days things stop failing.
    pub failing_days: i64,
    /// How often a message is received before it is a dead letter.
    pub receives_max: u32,
}

impl Plan {
    /// A plan that chance makes.
    pub fn of(seed: u64) -> Plan {
        let mut random = Random::new(seed);
        let members = random.between(1, 3);
        Plan {
            seed,
            window_rows: *random.pick(&[0, 1, 4, 32]),
            program: random.below(3),
            members,
            facts_a_member: random.between(30, 420 / members),
            moments: usize::try_from(random.between(5, 60)).unwrap(),
            faults: Faults::some(&mut random),
            killed_per_mille: *random.pick(&[0, 0, 10, 40]),
            twice_per_mille: *random.pick(&[0, 100, 300]),
            skew_millis: *random.pick(&[0, 0, 100, 5_000]),
            punctuality: Punctuality::Any,
            failing_days: i64::try_from(random.between(200, 800)).unwrap(),
            receives_max: 8,
        }
    }

    /// The plan without anything that fails.
    pub fn calm(self) -> Plan {
        let faults = Faults::NONE;
        Plan { faults, killed_per_mille: 0, twice_per_mille: 0, ..self }
    }
}

/// What a run came to.
pub struct Outcome {
    pub rows: BTreeMap<Chain, Vec<Row>>,
    pub simulation: Simulation,
}

pub struct Simulation {
    pub plan: Plan,
    pub rulebook: Arc<Rulebook>,
    pub tables: SimulatedTables,
    pub answers: Answers,
    random: Random,
    queue: SimulatedQueue<Sent>,
    shop: Shop,
    schedule: Schedule,
    sweeper: Sweeper,
    /// Whether every message was dealt with before things stopped failing.
    pub drained_while_failing: bool,
}

/// Runs a plan and checks everything.
pub fn simulate(plan: Plan) -> Outcome {
    let mut simulation = Simulation::new(plan);
    simulation.drain();
    simulation.wait_out();
    let rows = simulation.check();
    Outcome { rows, simulation }
}

impl Simulation {
    fn new(plan: Plan) -> Simulation {
        let mut random = Random::new(plan.seed ^ 0x6775_6572_646f_6e00);
        let changed_at = START.plus_days(200);
        let rulebook = program::rulebook(plan.program, changed_at, plan.window_rows);
        let tables = SimulatedTables::new(random.number(), plan.faults, START);
        let mut shop = Shop::new(random.part(), START.plus_days(1), 365, plan.moments);
        let mut queue = SimulatedQueue::new(random.number());
        queue.twice_per_mille = plan.twice_per_mille;
        queue.receives_max = plan.receives_max;
        for member in 0..plan.members {
            for sent in shop.life(&chain(member), plan.facts_a_member) {
                let at = sent.at;
                queue.send(sent, at);
            }
        }
        let first = START.plus_millis(3_600_000);
        let schedule = Schedule::new(first, DAY_MILLIS, plan.punctuality, random.number());
        let start = Day::of(START, &rulebook.in_force(START).time_zone);
        Simulation {
            drained_while_failing: false,
            rulebook: Arc::new(rulebook),
            tables,
            answers: Answers::default(),
            random,
            queue,
            shop,
            schedule,
            sweeper: Sweeper::new(start),
            plan,
        }
    }

    /// Until every message is dealt with.
    fn drain(&mut self) {
        loop {
            while let Some(at) = self.queue.next_visible_at() {
                self.until(at);
                self.round();
            }
            let failing = self.tables.now() < START.plus_days(self.plan.failing_days);
            self.drained_while_failing |= failing && self.queue.dead_letters().is_empty();
            self.stop_failing();
            if self.queue.dead_letters().is_empty() {
                return;
            }
            // Somebody looks at the dead letters months later.
            let later = self.tables.now().plus_days(100);
            self.until(later);
            self.queue.redrive(later);
        }
    }

    /// Lets time pass, with the schedule firing on its way.
    fn until(&mut self, at: Instant) {
        while self.schedule.next() <= at {
            self.tables.advance_to(self.schedule.next());
            for _ in 0..self.schedule.fire() {
                self.sweep();
            }
        }
        self.tables.advance_to(at);
        if self.tables.now() >= START.plus_days(self.plan.failing_days) {
            self.stop_failing();
        }
    }

    fn stop_failing(&mut self) {
        self.tables.calm();
        self.plan.killed_per_mille = 0;
        self.queue.twice_per_mille = 0;
    }

    fn sweep(&mut self) {
        let sweep = self.sweeper.clone().sweep(self.tables.clone(), &self.rulebook);
        let work: Work<'_, _> = Box::pin(sweep);
        let outcome = run(&mut self.random, self.plan.killed_per_mille / 10, [work]).remove(0);
        // A sweep that failed or was killed is repeated by the next one.
        let Some(Ok((sweeper, due))) = outcome else { return };
        self.sweeper = sweeper;
        for member in due {
            let chain = Chain { program: chain(0).program, member };
            let at = self.tables.now().plus_millis(millis(self.random.below(60_000)));
            let fact = Arc::new(KeyedFact::passing("schedule"));
            self.queue.send(Sent { chain, fact, at }, at);
        }
    }

    /// Some workers receive messages and record them, all at once.
    fn round(&mut self) {
        let limit = 1 + self.random.index(6);
        let received = self.queue.receive(self.tables.now(), limit);
        let works: Vec<Work<'_, _>> =
            received.iter().map(|received| self.work(received.message.clone())).collect();
        let mut random = self.random.part();
        let outcomes = run(&mut random, self.plan.killed_per_mille, works);
        self.answers.begin_round();
        for (received, outcome) in received.iter().zip(outcomes) {
            match outcome {
                Some(answer) => self.answer(received, &answer),
                None => self.check_marked(&received.message.chain),
            }
        }
    }

    fn work(&mut self, sent: Sent) -> Work<'static, Result<Recorded, RecordError>> {
        let (tables, rulebook) = (self.tables.clone(), Arc::clone(&self.rulebook));
        let wrong = millis(self.random.below(2 * self.plan.skew_millis + 1));
        let wrong = wrong - millis(self.plan.skew_millis);
        Box::pin(async move {
            let now = tables.now().plus_millis(wrong);
            let ledger = Ledger::new(tables);
            record(&ledger, &rulebook, &sent.chain, &sent.fact, now, Mode::Record).await
        })
    }

    fn answer(&mut self, received: &Received<Sent>, answer: &Result<Recorded, RecordError>) {
        if self.answers.take_in(&received.message, answer) == Then::Retry {
            return;
        }
        self.queue.delete(received.receipt);
        if let Ok(Recorded { stored, replayed: false }) = answer {
            for sent in self.shop.after(&stored.row, self.tables.now()) {
                let at = sent.at;
                self.queue.send(sent, at);
            }
        }
    }

    /// Nobody does anything for a long time; the schedule is late but comes.
    fn wait_out(&mut self) {
        self.schedule =
            Schedule::new(self.tables.now(), 3 * DAY_MILLIS, Punctuality::OnTime, self.plan.seed);
        let end = self.tables.now().plus_days(150);
        while self.schedule.next() < end {
            let next = self.schedule.next();
            self.until(next);
            while let Some(at) = self.queue.next_visible_at() {
                self.tables.advance_to(at);
                self.round();
            }
        }
    }

    fn check(&self) -> BTreeMap<Chain, Vec<Row>> {
        let mut all = BTreeMap::new();
        for chain in (0..self.plan.members).map(chain) {
            let stored = check_chain(&self.tables, &self.rulebook, &chain);
            self.answers.check(&chain, &stored);
            self.answers.check_reused(&chain, &stored);
            self.check_reads(&chain, &stored);
            let rows: Vec<Row> = stored.into_iter().map(|stored| stored.row).collect();
            self.check_settled(&chain, &rows);
            self.check_marked(&chain);
            all.insert(chain, rows);
        }
        all
    }

    /// The ledger reads any part of the chain.
    fn check_reads(&self, chain: &Chain, rows: &[StoredRow]) {
        let ledger = Ledger::new(self.tables.clone());
        let Some(head) = rows.last() else { return };
        for days in [0, 1, 30, 100, 200, 365, 500] {
            let at = START.plus_days(days);
            let expected = rows.iter().rev().find(|row| row.row.recorded_at <= at);
            let found = run_alone(ledger.row_at(head.clone(), at)).unwrap();
            assert!(found.as_ref() == expected, "the row at {at}");
        }
        let from = head.row.sequence / 2;
        let newest_first = run_alone(ledger.rows(chain, from, true, 5)).unwrap();
        let expected = rows.iter().rev().filter(|row| row.row.sequence <= from).take(5);
        assert!(newest_first.iter().eq(expected), "rows from {from} down");
        let oldest_first = run_alone(ledger.rows(chain, from, false, 5)).unwrap();
        let expected = rows.iter().filter(|row| row.row.sequence >= from).take(5);
        assert!(oldest_first.iter().eq(expected), "rows from {from} up");
    }

    /// Whoever is due will be visited in time: a marker of that day or an earlier one has
    /// not been found yet, or the visit is on its way.
    fn check_marked(&self, chain: &Chain) {
        let partition = chain.to_string();
        let rows = self.tables.everything(Table::Ledger);
        let mut of_chain = rows.iter().filter(|item| item.get_text("chain") == Some(&partition));
        let Some(head) = of_chain.next_back().map(|item| codec::decode(item).unwrap().row) else {
            return;
        };
        let Some(due) = head.account.next_due else { return };
        let day = Day::of(due, &self.rulebook.in_force(due).time_zone);
        let registry = self.tables.everything(Table::Registry);
        let marked = registry.iter().any(|item| {
            let key = item.get_text("key").and_then(|key| self.sweeper.will_find(key));
            item.get_text("sort") == Some(chain.member.as_str()) && key.is_some_and(|on| on <= day)
        });
        let visit = |sent: &Sent| sent.chain == *chain && sent.fact.key.is_none();
        let on_its_way =
            self.queue.waiting().any(visit) || self.queue.dead_letters().iter().any(visit);
        assert!(marked || on_its_way, "{chain} is due at {due} and nobody will notice");
    }

    /// The schedule has found everybody who was due.
    fn check_settled(&self, chain: &Chain, rows: &[Row]) {
        let Some(head) = rows.last() else { return };
        let due = head.account.next_due;
        let overdue = self.tables.now().plus_days(-4);
        assert!(due.is_none_or(|due| due > overdue), "{chain} was due at {due:?} and not visited");
    }
}

fn millis(number: u64) -> i64 {
    i64::try_from(number).unwrap()
}

#[test]
fn everything_that_can_fail_at_once() {
    each_seed(60, |seed| {
        simulate(Plan::of(seed));
    });
}
