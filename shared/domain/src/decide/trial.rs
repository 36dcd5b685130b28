//! Deciding without recording: for who asks what a program would do to a member.

use super::{Happened, Prior, happened};
use crate::{
    account::Account,
    change::Change,
    draft::Draft,
    fact::KeyedFact,
    order_state::OrderState,
    program::Rulebook,
    refusal::Refusal,
    settle::{next_due, settle},
    time::Instant,
};

/// A member's account without its chain. Facts are decided on it exactly as
/// [`crate::decide`] does; no row is made, and no key is remembered.
#[derive(Clone, Debug, Default)]
pub struct Trial {
    account: Account,
    /// How many facts it has taken in, and when the last.
    taken: u64,
    at: Option<Instant>,
}

/// What a fact did.
#[derive(Clone, Debug)]
pub struct Tried {
    /// The changes of the account, in order.
    pub changes: Vec<Change>,
    /// The order it is about, after it.
    pub order: Option<OrderState>,
}

impl Trial {
    /// The account after the last fact.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Decides a fact at `now`, or at the time of the last one if that is later. `prior`
    /// is the state of the order that it is about.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] when the rules do not allow it; the account is then empty, and the
    /// trial over.
    pub fn decide(
        &mut self,
        rulebook: &Rulebook,
        prior: Option<&OrderState>,
        fact: &KeyedFact,
        now: Instant,
    ) -> Result<Tried, Refusal> {
        let now = self.at.map_or(now, |at| now.max(at));
        let before = std::mem::take(&mut self.account);
        let head = self.at.map(|at| (self.taken, at));
        let Happened { outcome, draft, .. } =
            happened(rulebook, (before, None), head, Prior::from(prior), fact, now)?;
        self.account = draft.account;
        self.taken += 1;
        self.at = Some(now);
        Ok(Tried { changes: draft.changes, order: outcome.order })
    }

    /// Brings the account up to `now`, and returns what time has changed.
    ///
    /// # Errors
    ///
    /// As [`Trial::decide`].
    pub fn settle(&mut self, rulebook: &Rulebook, now: Instant) -> Result<Vec<Change>, Refusal> {
        let now = self.at.map_or(now, |at| now.max(at));
        let mut draft = Draft::of(std::mem::take(&mut self.account));
        settle(rulebook, &mut draft, self.at, now)?;
        if !draft.changes.is_empty() {
            let due = next_due(rulebook, rulebook.in_force(now), &draft.account);
            if due != draft.account.next_due {
                draft.make(Change::NextDue { at: due })?;
            }
        }
        self.account = draft.account;
        self.at = Some(now);
        Ok(draft.changes)
    }
}
