//! What callers were told, and whether all of it fits together.

use std::collections::BTreeMap;

use domain::{fact::Fact, key::FactKey, refusal::Refusal, row::Chain};
use store::{RecordError, Recorded, codec::StoredRow};

use crate::shop::Sent;

/// Every answer so far.
#[derive(Default)]
pub struct Answers {
    recorded: BTreeMap<(Chain, FactKey), Known>,
    refused: u64,
    /// Facts whose key was used for other content, and the row that was named for it.
    reused: Vec<(Sent, u64)>,
    round: u64,
}

/// A fact that is known to be recorded.
struct Known {
    stored: StoredRow,
    /// In which round that became known: answers of one round have no order.
    since: u64,
    /// Whether somebody was told that it was new.
    new: bool,
}

/// What a sender makes of an answer.
#[derive(Debug, PartialEq, Eq)]
pub enum Then {
    /// It is settled.
    Done,
    /// The same again later.
    Retry,
}

impl Answers {
    /// What is answered from now on was asked after all that was answered so far.
    pub fn begin_round(&mut self) {
        self.round += 1;
    }

    /// Takes an answer in.
    ///
    /// # Panics
    ///
    /// When the answer contradicts another one, or can never be right.
    pub fn take_in(&mut self, sent: &Sent, answer: &Result<Recorded, RecordError>) -> Then {
        let Some(key) = sent.fact.key.clone() else {
            return self.visited(answer);
        };
        match answer {
            Ok(recorded) => {
                let row = &recorded.stored.row;
                assert!(row.records(&key), "the answer is about the fact");
                assert!(row.fingerprint == sent.fact.fingerprint, "{key} is another fact");
                let first =
                    || Known { stored: recorded.stored.clone(), since: self.round, new: false };
                let known = self.recorded.entry((sent.chain.clone(), key)).or_insert_with(first);
                let sequences = (known.stored.row.sequence, recorded.stored.row.sequence);
                assert!(
                    known.stored == recorded.stored,
                    "{sequences:?}: a copy has the first answer"
                );
                assert!(recorded.replayed || !known.new, "a fact is new once");
                known.new |= !recorded.replayed;
                Then::Done
            }
            Err(RecordError::Refused(refusal)) => {
                assert!(
                    !self.knew(&sent.chain, &key),
                    "{key} was recorded and is now refused: {refusal}"
                );
                assert!(self.may_be(sent, refusal), "{key} cannot be refused: {refusal:?}");
                self.refused += 1;
                Then::Done
            }
            Err(RecordError::KeyReused { sequence }) => {
                self.reused.push((sent.clone(), *sequence));
                Then::Done
            }
            Err(error) => retry(error),
        }
    }

    fn visited(&mut self, answer: &Result<Recorded, RecordError>) -> Then {
        match answer {
            // A marker is put before its row, so it may be for nobody.
            Ok(_)
            | Err(RecordError::Refused(Refusal::NothingDue { .. } | Refusal::MemberUnknown)) => {
                Then::Done
            }
            Err(error) => retry(error),
        }
    }

    /// Whether it was answered before this round.
    fn knew(&self, chain: &Chain, key: &FactKey) -> bool {
        let known = self.recorded.get(&(chain.clone(), key.clone()));
        known.is_some_and(|known| known.since < self.round)
    }

    /// Whether the rules can have said so.
    fn may_be(&self, sent: &Sent, refusal: &Refusal) -> bool {
        match (&sent.fact.fact, refusal) {
            (Fact::Enrolled(_), _) => false,
            (_, Refusal::MemberUnknown) => !self.knew(&sent.chain, &FactKey::enrolment()),
            (Fact::Refund(_), Refusal::TooManyParked { .. }) => true,
            (Fact::Redemption(_), Refusal::Insufficient { .. } | Refusal::TooManyHolds { .. }) => {
                true
            }
            (Fact::Adjustment(_), Refusal::Insufficient { .. }) => true,
            (
                Fact::Capture(_) | Fact::Release { .. },
                Refusal::HoldExpired { .. }
                | Refusal::HoldUnknown { .. }
                | Refusal::CaptureTooMuch { .. },
            ) => true,
            _ => false,
        }
    }

    /// Checks that what was answered is what is there.
    pub fn check(&self, chain: &Chain, rows: &[StoredRow]) {
        for ((_, key), Known { stored, .. }) in
            self.recorded.iter().filter(|((of, _), _)| of == chain)
        {
            let at = usize::try_from(stored.row.sequence - 1).unwrap();
            assert!(rows.get(at) == Some(stored), "{key} is there as it was answered");
        }
    }

    /// Checks that keys that were said to be used are used, for other content.
    pub fn check_reused(&self, chain: &Chain, rows: &[StoredRow]) {
        for (sent, sequence) in self.reused.iter().filter(|(sent, _)| sent.chain == *chain) {
            let row = &rows[usize::try_from(sequence - 1).unwrap()].row;
            assert_eq!(row.key, sent.fact.key, "the row that was named holds the key");
            assert!(row.fingerprint != sent.fact.fingerprint, "for other content");
        }
    }

    /// How many facts were recorded and how many answers were refusals.
    pub fn counts(&self) -> (usize, u64) {
        (self.recorded.len(), self.refused)
    }
}

fn retry(error: &RecordError) -> Then {
    match error {
        RecordError::Contended => Then::Retry,
        RecordError::Failed(failure) if failure.is_passing() => Then::Retry,
        other => panic!("this cannot happen: {other}"),
    }
}
