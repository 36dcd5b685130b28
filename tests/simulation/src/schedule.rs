//! The schedule fires once, twice, late or never: nobody earns or loses a point by it.

use domain::{fact::Fact, refusal::Refusal, settle::settled, time::Instant};
use store::{
    RecordError,
    simulated::{Punctuality, Random, Schedule},
};

use crate::{
    case::{Answer, Case, keyed},
    seeds::each_seed,
    shop::{START, Sent, Shop, chain},
};

const DAY_MILLIS: i64 = 86_400_000;

/// What a member can see, and what each fact was answered.
#[derive(Debug, PartialEq)]
struct Seen {
    answers: Vec<Result<i64, String>>,
    available: u64,
    pending: u64,
    held: u64,
    debt: u64,
    tier: Option<String>,
}

/// The same facts one after another, and the schedule between them.
fn live(seed: u64, facts: &[Sent], punctuality: Punctuality) -> Seen {
    let case = Case::with(seed, seed, 32);
    let mut schedule = Schedule::new(START, DAY_MILLIS, punctuality, seed);
    let mut answers = Vec::new();
    for sent in facts {
        visit(&case, &mut schedule, sent.at);
        answers.push(seen(&case.record(&sent.fact, sent.at)));
    }
    let end = facts.last().unwrap().at.plus_days(400);
    visit(&case, &mut schedule, end);
    let rows = case.rows();
    let account = settled(&case.rulebook, &rows.last().unwrap().row, end).unwrap();
    Seen {
        answers,
        available: account.purse(0).available().units(),
        pending: account.purse(0).pending().units(),
        held: account.held(0).units(),
        debt: account.purse(0).debt.units(),
        tier: account.tier.map(|tier| tier.level),
    }
}

/// Lets time pass until `now`; each time the schedule fires the member is visited.
fn visit(case: &Case, schedule: &mut Schedule, now: Instant) {
    while schedule.next() <= now {
        let at = schedule.next();
        for _ in 0..schedule.fire() {
            match case.record(&keyed(Fact::Passing, "-"), at) {
                Ok(_)
                | Err(RecordError::Refused(Refusal::NothingDue { .. } | Refusal::MemberUnknown)) => {
                }
                Err(error) => panic!("{error}"),
            }
        }
    }
}

/// The balance, or why not. Errors that name a row are cut: visits move sequences.
fn seen(answer: &Answer) -> Result<i64, String> {
    match answer {
        Ok(recorded) => Ok(recorded.stored.row.account.purse(0).balance()),
        Err(RecordError::KeyReused { .. }) => Err("the key was used before".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn failure_14_however_the_schedule_fires_the_balances_are_the_same() {
    each_seed(24, |seed| {
        let mut random = Random::new(seed);
        let mut shop = Shop::new(random.part(), START, 300, 40);
        let mut facts = shop.life(&chain(0), 60);
        facts.sort_by_key(|sent| sent.at);
        let expected = live(seed, &facts, Punctuality::Never);
        for punctuality in
            [Punctuality::OnTime, Punctuality::Twice, Punctuality::Late, Punctuality::Any]
        {
            assert_eq!(live(seed, &facts, punctuality), expected, "{punctuality:?}");
        }
    });
}
