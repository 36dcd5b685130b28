//! Clawing back what an order is no longer worth.

use crate::{
    account::Lapsed,
    change::{Change, Impossible, Place},
    draft::Draft,
    order_state::Credit,
    points::Points,
    program::DebtPolicy,
    time::Day,
};

/// How a clawback comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taking {
    /// It takes back what was given before.
    Back,
    /// It takes what this same row gave, because the refund was there before its order:
    /// nobody can have had any of it, so no policy has anything to decide.
    Netted,
}

impl Taking {
    pub(crate) fn debt(self, policy: DebtPolicy) -> DebtPolicy {
        match self {
            Taking::Back => policy,
            Taking::Netted => DebtPolicy::Allow,
        }
    }
}

/// Takes points of an order back: from its own pending points first, then from the
/// lot with its end, then from what ended of that lot, then from the other lots,
/// soonest-ending first, and the rest by the program's policy.
pub(crate) fn claw_back(
    draft: &mut Draft,
    credit: &mut Credit,
    policy: DebtPolicy,
    placed_on: Day,
    points: Points,
) -> Result<(), Impossible> {
    let currency = usize::from(credit.currency);
    let expires_on = credit.expires_on;
    let there = draft.pending(currency, credit.matures_on, credit.waits_until);
    let part = points.min(credit.waiting).min(there);
    draft.take(currency, credit.waiting_place(), Place::ClawedBack, part)?;
    credit.waiting = credit.waiting.saturating_sub(part);
    let mut left = points.saturating_sub(part);
    if policy != DebtPolicy::PendingOnly {
        let part = left.min(draft.lot(currency, expires_on));
        draft.take(currency, Place::Available { expires_on }, Place::ClawedBack, part)?;
        left = left.saturating_sub(part);
        left = count_lapsed(draft, credit, placed_on, left)?;
        left = draft.spend(currency, |_| Place::ClawedBack, left)?;
    }
    let written_off = owe(draft, currency, policy, left)?;
    let add = |sum: Points, more| sum.checked_add(more).ok_or(Impossible::Overflow);
    credit.written_off = add(credit.written_off, written_off)?;
    credit.clawed_back = add(credit.clawed_back, points)?;
    Ok(())
}

/// What is not there any more becomes debt or is written off. Returns what was written
/// off.
fn owe(
    draft: &mut Draft,
    currency: usize,
    policy: DebtPolicy,
    points: Points,
) -> Result<Points, Impossible> {
    let debt = match policy {
        DebtPolicy::Allow => points,
        DebtPolicy::UpTo(limit) => points.min(limit.saturating_sub(draft.purse(currency).debt)),
        DebtPolicy::WriteOff | DebtPolicy::PendingOnly => Points::ZERO,
    };
    draft.take(currency, Place::Debt, Place::ClawedBack, debt)?;
    let written_off = points.saturating_sub(debt);
    draft.take(currency, Place::Issued, Place::ClawedBack, written_off)?;
    Ok(written_off)
}

/// Counts what ended unspent of the order's lot as taken back. Returns what is left to
/// take.
fn count_lapsed(
    draft: &mut Draft,
    credit: &Credit,
    placed_on: Day,
    points: Points,
) -> Result<Points, Impossible> {
    let mut left = points;
    let of_lot = |lapsed: &&Lapsed| {
        let ended_waiting =
            credit.matures_on == Day::NEVER && lapsed.expires_on == credit.waits_until;
        (lapsed.expires_on == credit.expires_on || ended_waiting) && lapsed.lapsed_on > placed_on
    };
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
