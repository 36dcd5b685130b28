//! Running a program over a history.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use domain::{
    program::{Notices, Program, Rulebook},
    refusal::Refusal,
};
use thiserror::Error;

use crate::{
    clock::Stopwatch,
    history::{History, HistoryFact, MemberHistory},
    life::{Life, Outcome, World},
    model::RedemptionModel,
    months::Months,
    tally::Tally,
};

/// How many members a worker takes at a time.
const MEMBERS_AT_A_TIME: usize = 16;

/// A program, a history, and what came of them.
#[derive(Clone, Debug)]
pub struct Run {
    pub(crate) months: Months,
    pub(crate) tally: Tally,
    /// By the position of the member in the history.
    pub(crate) outcomes: Vec<Outcome>,
    /// Processor time of all workers together.
    pub busy: Duration,
}

/// Why a run stopped.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{fact} of member {member}: {refusal}")]
pub struct Failure {
    /// Such as `order 1001` or `refund R1`.
    pub fact: String,
    /// The member.
    pub member: String,
    /// Why it was refused.
    pub refusal: Refusal,
}

/// Whether what one member does may change what another gets, so that all facts have to
/// run in time order.
///
/// A budget for all members does; every other limit counts for each member alone.
pub fn couples_members(program: &Program) -> bool {
    !program.budgets(None).is_empty()
}

/// Runs a program over a history on so many threads. `progress` is told the number of
/// facts that have been decided since it was last told.
///
/// # Errors
///
/// [`Failure`], of the first member who has one.
pub fn run(
    program: &Program,
    history: &History,
    model: &RedemptionModel,
    threads: usize,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Run, Failure> {
    if couples_members(program) {
        return run_in_time_order(program, history, model, progress);
    }
    let rulebook = rulebook(program);
    let months = Months::covering(history.first, history.last, &program.time_zone);
    let world = World { rulebook: &rulebook, program, months: &months, model };
    let next = AtomicUsize::new(0);
    let parts: Vec<Part> = std::thread::scope(|scope| {
        let worker = || Part::of(&world, history, &next, progress);
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(worker)).collect();
        let joined = workers.into_iter().map(|worker| worker.join());
        joined.map(|part| part.expect("a worker does not panic")).collect()
    });
    let mut whole = Part::new(&world);
    parts.into_iter().for_each(|part| whole.merge(part));
    whole.into_run(months)
}

/// Runs a program over a history fact by fact in time order, on one thread.
///
/// # Errors
///
/// [`Failure`], the first.
pub fn run_in_time_order(
    program: &Program,
    history: &History,
    model: &RedemptionModel,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Run, Failure> {
    let rulebook = rulebook(program);
    let months = Months::covering(history.first, history.last, &program.time_zone);
    let world = World { rulebook: &rulebook, program, months: &months, model };
    let watch = Stopwatch::start();
    let mut part = Part::new(&world);
    let mut lives: Vec<Life> =
        history.members.iter().map(|member| Life::new(&world, member)).collect();
    for &(at, fact) in &history.in_time_order {
        let member = &history.members[at];
        let fact = &member.facts[fact];
        let taken = lives[at].take(fact, &mut part.tally);
        taken.map_err(|refusal| Failure::of(member, fact, refusal))?;
        progress(1);
    }
    for (at, life) in lives.into_iter().enumerate() {
        let outcome = life.finish(&mut part.tally);
        let failed = |refusal| Failure::at_the_end(&history.members[at], refusal);
        part.outcomes.push((at, outcome.map_err(failed)?));
    }
    part.busy = watch.elapsed();
    part.into_run(months)
}

/// The program without its notices, which take time and decide nothing.
fn rulebook(program: &Program) -> Rulebook {
    let notices = Notices::default();
    Rulebook::new([Program { notices, ..program.clone() }]).expect("one version")
}

/// What one worker did.
struct Part {
    tally: Tally,
    outcomes: Vec<(usize, Outcome)>,
    /// The first member that failed.
    failure: Option<(usize, Failure)>,
    busy: Duration,
}

impl Part {
    fn new(world: &World<'_>) -> Part {
        Part {
            tally: Tally::new(world.program, world.months.len()),
            outcomes: Vec::new(),
            failure: None,
            busy: Duration::ZERO,
        }
    }

    /// Lives through members until none is left or one fails.
    fn of(
        world: &World<'_>,
        history: &History,
        next: &AtomicUsize,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Part {
        let watch = Stopwatch::start();
        let mut part = Part::new(world);
        while part.failure.is_none() {
            let from = next.fetch_add(MEMBERS_AT_A_TIME, Ordering::Relaxed);
            let members = history.members.iter().enumerate().skip(from).take(MEMBERS_AT_A_TIME);
            let mut facts = 0;
            for (at, member) in members {
                facts += member.facts.len() as u64;
                match lived(world, member, &mut part.tally) {
                    Ok(outcome) => part.outcomes.push((at, outcome)),
                    Err(failure) => part.fail(at, failure),
                }
            }
            if from >= history.members.len() {
                break;
            }
            progress(facts);
        }
        part.busy = watch.elapsed();
        part
    }

    fn fail(&mut self, at: usize, failure: Failure) {
        if self.failure.as_ref().is_none_or(|(first, _)| at < *first) {
            self.failure = Some((at, failure));
        }
    }

    fn merge(&mut self, other: Part) {
        self.tally.merge(other.tally);
        self.outcomes.extend(other.outcomes);
        self.busy += other.busy;
        if let Some((at, failure)) = other.failure {
            self.fail(at, failure);
        }
    }

    fn into_run(mut self, months: Months) -> Result<Run, Failure> {
        if let Some((_, failure)) = self.failure {
            return Err(failure);
        }
        self.outcomes.sort_by_key(|(at, _)| *at);
        let outcomes = self.outcomes.into_iter().map(|(_, outcome)| outcome).collect();
        Ok(Run { months, tally: self.tally, outcomes, busy: self.busy })
    }
}

fn lived(world: &World<'_>, member: &MemberHistory, tally: &mut Tally) -> Result<Outcome, Failure> {
    let mut life = Life::new(world, member);
    for fact in &member.facts {
        life.take(fact, tally).map_err(|refusal| Failure::of(member, fact, refusal))?;
    }
    life.finish(tally).map_err(|refusal| Failure::at_the_end(member, refusal))
}

impl Failure {
    fn of(member: &MemberHistory, fact: &HistoryFact, refusal: Refusal) -> Failure {
        use domain::fact::Fact;
        let fact = match &fact.keyed.fact {
            Fact::Order(order) => format!("order {}", order.id),
            Fact::Refund(refund) => format!("refund {}", refund.id),
            _ => "a fact".to_owned(),
        };
        Failure { fact, member: member.id.to_string(), refusal }
    }

    fn at_the_end(member: &MemberHistory, refusal: Refusal) -> Failure {
        Failure { fact: "the end".to_owned(), member: member.id.to_string(), refusal }
    }
}
