//! Crediting: from what an order is worth to pending and available points, the tier's
//! measure, and back when it is worth less.

use super::{Deciding, clawback::claw_back};
use crate::{
    change::Place,
    draft::Draft,
    order_state::{Credit, OrderState},
    points::Points,
    program::{DebtPolicy, Measure, Pending, Program},
    refusal::Refusal,
    tier,
    time::Day,
};

impl Deciding<'_> {
    /// Moves what the order holds in a currency to `total`.
    pub(super) fn credit_to(
        &self,
        draft: &mut Draft,
        program: &Program,
        state: &mut OrderState,
        (currency, debt): (usize, DebtPolicy),
        total: Points,
    ) -> Result<(), Refusal> {
        let index = u8::try_from(currency).map_err(|_| Refusal::TooManyPoints)?;
        let net = state.net(index);
        if let Some(more) = total.checked_sub(net).filter(|more| !more.is_zero()) {
            let at = state.credits.iter().position(|credit| credit.currency == index);
            let at = at.unwrap_or_else(|| {
                state.credits.push(self.new_credit(program, state, index));
                state.credits.len() - 1
            });
            self.give(draft, &mut state.credits[at], more)
        } else if let Some(less) = net.checked_sub(total).filter(|less| !less.is_zero()) {
            let placed_on = state.placed_on;
            let credit = state.credits.iter_mut().find(|credit| credit.currency == index);
            credit.map_or(Ok(()), |credit| claw_back(draft, credit, debt, placed_on, less))
        } else {
            Ok(())
        }
    }

    fn new_credit(&self, program: &Program, state: &OrderState, currency: u8) -> Credit {
        let of = &program.currencies[usize::from(currency)];
        let matures_on = match &of.pending {
            Pending::Never => Day::FIRST,
            Pending::For(period) => period.after(state.placed_on),
            Pending::UntilStatus(_) if state.status_reached => Day::FIRST,
            Pending::UntilStatus(_) => Day::NEVER,
        };
        Credit {
            currency,
            awarded: Points::ZERO,
            clawed_back: Points::ZERO,
            waiting: Points::ZERO,
            written_off: Points::ZERO,
            matures_on,
            expires_on: of.expiry.of_lot(state.placed_on),
        }
    }

    /// Gives an order's points. What was written off of this order is not given again;
    /// of the rest debt is repaid first, and what is left waits or is spendable.
    fn give(&self, draft: &mut Draft, credit: &mut Credit, points: Points) -> Result<(), Refusal> {
        let currency = usize::from(credit.currency);
        let (matures_on, expires_on) = (credit.matures_on, credit.expires_on);
        let forgiven = points.min(credit.written_off);
        draft.take(currency, Place::ClawedBack, Place::Issued, forgiven)?;
        credit.written_off = credit.written_off.saturating_sub(forgiven);
        credit.clawed_back = credit.clawed_back.saturating_sub(forgiven);
        let points = points.saturating_sub(forgiven);
        if matures_on > self.today {
            let repaid = draft.repay(currency, Place::Issued, points)?;
            let rest = points.saturating_sub(repaid);
            let pending = Place::Pending { matures_on, expires_on };
            draft.take(currency, Place::Issued, pending, rest)?;
            credit.waiting = credit.waiting.checked_add(rest).ok_or(Refusal::TooManyPoints)?;
        } else {
            draft.give(currency, Place::Issued, expires_on, points)?;
        }
        credit.awarded = credit.awarded.checked_add(points).ok_or(Refusal::TooManyPoints)?;
        Ok(())
    }

    /// The status that an order's points wait for comes, if it has not come before.
    pub(super) fn reach_status(
        &self,
        draft: &mut Draft,
        state: &mut OrderState,
        reached: bool,
    ) -> Result<(), Refusal> {
        if !reached || state.status_reached {
            return Ok(());
        }
        state.status_reached = true;
        for credit in state.credits.iter_mut().filter(|credit| credit.matures_on == Day::NEVER) {
            let currency = usize::from(credit.currency);
            let (matures_on, expires_on) = (credit.matures_on, credit.expires_on);
            let from = Place::Pending { matures_on, expires_on };
            let own = credit.waiting.min(draft.pending(currency, matures_on, expires_on));
            draft.give(currency, from, expires_on, own)?;
            credit.matures_on = Day::FIRST;
            credit.waiting = Points::ZERO;
        }
        Ok(())
    }

    /// Moves the order's part of the tier's measure to what it is now, and the level
    /// with it when it rises.
    pub(super) fn qualify(
        &self,
        draft: &mut Draft,
        program: &Program,
        state: &mut OrderState,
    ) -> Result<(), Refusal> {
        let Some(tiers) = &program.tiers else {
            return Ok(());
        };
        let eligible = || state.remaining(0).into_iter().fold(0_i64, i64::saturating_add);
        let qualified = match tiers.measure {
            _ if state.barred.is_some() => 0,
            Measure::Spend => eligible(),
            Measure::Orders => i64::from(eligible() > 0),
            Measure::Points(currency) => {
                let index = u8::try_from(currency).unwrap_or(u8::MAX);
                crate::account::signed(state.net(index))
            }
        };
        let added = qualified - state.qualified;
        state.qualified = qualified;
        let present = self.rulebook.in_force(self.now);
        let shrinks = added < 0;
        let before = shrinks.then(|| tier::support(present, &draft.account, self.today)).flatten();
        draft.qualify(tiers.window.kept_under(state.placed_on), added)?;
        if added > 0 {
            tier::raise(present, draft, state.placed_on, self.today)?;
        } else if shrinks {
            tier::after_refund(present, draft, before, self.today)?;
        }
        Ok(())
    }
}
