//! Clawing back what an order is no longer worth.

use super::Deciding;
use crate::{
    account::Lapsed,
    change::{Change, Place},
    draft::Draft,
    order_state::Credit,
    points::Points,
    program::{DebtPolicy, Program},
    refusal::Refusal,
    time::Day,
};

impl Deciding<'_> {
    /// Takes points of an order back: from its own pending points first, then from the
    /// lot with its end, then from what ended of that lot, then from the other lots,
    /// soonest-ending first, and the rest by the program's policy.
    pub(super) fn claw_back(
        &self,
        draft: &mut Draft,
        program: &Program,
        credit: &mut Credit,
        placed_on: Day,
        points: Points,
    ) -> Result<(), Refusal> {
        let currency = usize::from(credit.currency);
        let (matures_on, expires_on) = (credit.matures_on, credit.expires_on);
        let policy = program.currencies[currency].debt;
        let mut left = points;
        let mut take = |draft: &mut Draft, from: Place, there: Points| -> Result<(), Refusal> {
            let part = left.min(there);
            draft.take(currency, from, Place::ClawedBack, part)?;
            left = left.saturating_sub(part);
            Ok(())
        };
        let own = credit.own_pending().min(draft.pending(currency, matures_on, expires_on));
        take(draft, Place::Pending { matures_on, expires_on }, own)?;
        if policy != DebtPolicy::PendingOnly {
            let lot = draft.lot(currency, expires_on);
            take(draft, Place::Available { expires_on }, lot)?;
            left = count_lapsed(draft, credit, placed_on, left)?;
            left = draft.spend(currency, |_| Place::ClawedBack, left)?;
        }
        self.owe(draft, currency, policy, left)?;
        credit.clawed_back =
            credit.clawed_back.checked_add(points).ok_or(Refusal::TooManyPoints)?;
        Ok(())
    }

    /// What is not there any more becomes debt or is written off.
    fn owe(
        &self,
        draft: &mut Draft,
        currency: usize,
        policy: DebtPolicy,
        points: Points,
    ) -> Result<(), Refusal> {
        let debt = match policy {
            DebtPolicy::Allow => points,
            DebtPolicy::UpTo(limit) => points.min(limit.saturating_sub(draft.purse(currency).debt)),
            DebtPolicy::WriteOff | DebtPolicy::PendingOnly => Points::ZERO,
        };
        draft.take(currency, Place::Debt, Place::ClawedBack, debt)?;
        let written_off = points.saturating_sub(debt);
        draft.take(currency, Place::Issued, Place::ClawedBack, written_off)?;
        Ok(())
    }
}

/// Counts what ended unspent of the order's lot as taken back. Returns what is left to
/// take.
fn count_lapsed(
    draft: &mut Draft,
    credit: &Credit,
    placed_on: Day,
    points: Points,
) -> Result<Points, Refusal> {
    let mut left = points;
    let of_lot =
        |lapsed: &&Lapsed| lapsed.expires_on == credit.expires_on && lapsed.lapsed_on > placed_on;
    let found: Vec<Lapsed> =
        draft.purse(usize::from(credit.currency)).lapsed.iter().filter(of_lot).copied().collect();
    for Lapsed { expires_on, lapsed_on, points } in found {
        let points = points.min(left);
        if !points.is_zero() {
            let currency = credit.currency;
            draft.make(Change::LapsedCounted { currency, expires_on, lapsed_on, points })?;
            left = left.saturating_sub(points);
        }
    }
    Ok(left)
}
