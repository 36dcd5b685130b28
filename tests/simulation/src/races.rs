//! Workers at the same moment on the same member.

use std::sync::{Arc, Mutex};

use store::{
    RecordError,
    simulated::{
        Faults, Random,
        workers::{Turn, Work, run, run_by},
    },
};

use crate::{
    case::{Answer, Case, adjustment, at, keyed, order, redemption},
    seeds::each_seed,
};

/// Two workers go on in the order of these bits, then by turns.
fn both_by(bits: u64, works: [Work<'static, Answer>; 2]) -> [Answer; 2] {
    let mut taken = 0;
    let outcomes = run_by(works, |_| {
        let worker = usize::from(if taken < 10 { bits >> taken & 1 } else { taken & 1 } == 1);
        taken += 1;
        Turn { worker, killed: false }
    });
    let mut outcomes = outcomes.into_iter().map(|outcome| outcome.unwrap());
    [outcomes.next().unwrap(), outcomes.next().unwrap()]
}

#[test]
fn failure_05_one_message_at_two_workers_has_one_effect_in_every_interleaving() {
    for bits in 0..1 << 10 {
        let case = Case::with_points();
        let fact = keyed(order("twice", 30_00), "-");
        let works = [case.recording(&fact, at(90)), case.recording(&fact, at(91))];
        let [one, two] = both_by(bits, works).map(|answer| answer.unwrap());
        assert_eq!(one.stored, two.stored, "both were answered the same: {bits:b}");
        assert_eq!(one.stored.row.sequence, 3);
        assert!(one.replayed != two.replayed, "it was new once: {bits:b}");
        assert_eq!(case.rows().len(), 3, "{bits:b}");
    }
}

#[test]
fn failure_05_points_at_two_tills_are_spent_once_in_every_interleaving() {
    for bits in 0..1 << 10 {
        let case = Case::with_points();
        let spend = |request: &str| keyed(redemption(30, None), request);
        let works = [case.recording(&spend("a"), at(90)), case.recording(&spend("b"), at(90))];
        let answers = both_by(bits, works);
        let spent = answers.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(spent, 1, "50 points pay for one of two at 30: {bits:b}");
        let refused = |answer: &Answer| matches!(answer, Err(RecordError::Refused(_)));
        assert!(answers.iter().any(refused), "{bits:b}");
        assert_eq!(case.rows().last().unwrap().row.account.purse(0).available().units(), 20);
    }
}

#[test]
fn failure_11_a_hot_member_gets_a_thousand_facts_right() {
    const FACTS: u64 = 1_000;
    each_seed(1, |seed| {
        let case = Case::with_points();
        case.tables.set_faults(Faults { stale_writes: 3, stale_millis: 1_000, ..Faults::NONE });
        let before = case.tables.requests();
        let next = Arc::new(Mutex::new(0));
        let worker = |case: Case| -> Work<'static, u64> {
            let next = Arc::clone(&next);
            Box::pin(async move {
                let mut contended = 0;
                loop {
                    let number = {
                        let mut next = next.lock().unwrap();
                        *next += 1;
                        *next
                    };
                    if number > FACTS {
                        return contended;
                    }
                    let fact = keyed(adjustment(number), &format!("n{number}"));
                    while let Err(error) = case.recording(&fact, case.tables.now()).await {
                        assert!(matches!(error, RecordError::Contended), "{error}");
                        contended += 1;
                    }
                }
            })
        };
        let works = (0..8).map(|_| worker(case.clone()));
        let contended: u64 = run(&mut Random::new(seed), 0, works).into_iter().flatten().sum();
        let rows = case.rows();
        assert_eq!(rows.len() as u64, 2 + FACTS);
        let available = rows.last().unwrap().row.account.purse(0).available().units();
        assert_eq!(available, 50 + FACTS * (FACTS + 1) / 2);
        let after = case.tables.requests();
        println!(
            "{FACTS} facts by 8 workers on one member: {} reads, {} puts, {} of them lost a race, \
             {contended} calls gave up and came again",
            after.reads - before.reads,
            after.writes - before.writes,
            after.refused - before.refused,
        );
    });
}
