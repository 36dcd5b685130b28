//! Deciding without recording: for who asks what a program would do to a member.

use super::{Prior, happened};
use crate::{
    account::Account,
    award::Shares,
    change::Change,
    draft::Draft,
    fact::KeyedFact,
    ids::MemberId,
    order_state::OrderState,
    program::Rulebook,
    refusal::Refusal,
    settle::{next_due, settle, today_at},
    time::Instant,
};

/// Nothing is split over lines, and it is nobody's chain.
const TRIED: (Shares, Option<&MemberId>) = (Shares::LeftOut, None);

/// A member's account without its chain. Facts are decided on it exactly as
/// [`crate::decide`] does; no row is made, no key is remembered, and awards are not split
/// over the lines of an order.
#[derive(Clone, Debug, Default)]
pub struct Trial {
    draft: Draft,
    /// How many facts it has taken in, and when the last.
    taken: u64,
    at: Option<Instant>,
}

impl Trial {
    /// The account after the last fact.
    pub fn account(&self) -> &Account {
        &self.draft.account
    }

    /// What the last fact changed, or the passing of time if that came last, in order.
    pub fn changes(&self) -> &[Change] {
        &self.draft.changes
    }

    /// Decides a fact at `now`, or at the time of the last one if that is later. `prior`
    /// is what is known of the order that it is about; what it is afterwards is returned.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] when the rules do not allow it; the account may then have changed in
    /// part, and the trial is over.
    pub fn decide(
        &mut self,
        rulebook: &Rulebook,
        prior: Prior<'_>,
        fact: &KeyedFact,
        now: Instant,
    ) -> Result<Option<OrderState>, Refusal> {
        let now = self.at.map_or(now, |at| now.max(at));
        let head = self.at.map(|at| (self.taken, at));
        self.draft.changes.clear();
        let (_, outcome) =
            happened(rulebook, (&mut self.draft, None), head, prior, fact, TRIED, now)?;
        self.at = Some(now);
        self.taken += 1;
        Ok(outcome.order)
    }

    /// Brings the account up to `now`.
    ///
    /// # Errors
    ///
    /// As [`Trial::decide`].
    pub fn settle(&mut self, rulebook: &Rulebook, now: Instant) -> Result<(), Refusal> {
        let now = self.at.map_or(now, |at| now.max(at));
        let draft = &mut self.draft;
        draft.changes.clear();
        settle(rulebook, draft, self.at, (now, today_at(rulebook, now)))?;
        if !draft.changes.is_empty() {
            let due = next_due(rulebook, rulebook.in_force(now), &draft.account);
            if due != draft.account.next_due {
                draft.make(Change::NextDue { at: due })?;
            }
        }
        self.at = Some(now);
        Ok(())
    }
}
