//! Crediting: from what an order is worth to pending and available points, the tier's
//! measure, and back when it is worth less.

use super::Deciding;
use crate::{
    change::Place,
    draft::Draft,
    order_state::{Credit, OrderState},
    points::Points,
    program::{Measure, Pending, Program},
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
        currency: usize,
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
            credit.map_or(Ok(()), |credit| self.claw_back(draft, program, credit, placed_on, less))
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
            repaid: Points::ZERO,
            clawed_back: Points::ZERO,
            matures_on,
            expires_on: of.expiry.of_lot(state.placed_on),
        }
    }

    /// Gives an order's points: debt is repaid first, the rest waits or is spendable.
    fn give(&self, draft: &mut Draft, credit: &mut Credit, points: Points) -> Result<(), Refusal> {
        let currency = usize::from(credit.currency);
        let (matures_on, expires_on) = (credit.matures_on, credit.expires_on);
        let repaid = if matures_on > self.today {
            let repaid = draft.repay(currency, Place::Issued, points)?;
            let rest = points.saturating_sub(repaid);
            draft.take(currency, Place::Issued, Place::Pending { matures_on, expires_on }, rest)?;
            repaid
        } else {
            draft.give(currency, Place::Issued, expires_on, points)?
        };
        credit.awarded = credit.awarded.checked_add(points).ok_or(Refusal::TooManyPoints)?;
        credit.repaid = credit.repaid.checked_add(repaid).ok_or(Refusal::TooManyPoints)?;
        Ok(())
    }

    /// The status that an order's points waited for has come.
    pub(super) fn status_reached(
        &self,
        draft: &mut Draft,
        state: &mut OrderState,
    ) -> Result<(), Refusal> {
        for credit in state.credits.iter_mut().filter(|credit| credit.matures_on == Day::NEVER) {
            let currency = usize::from(credit.currency);
            let (matures_on, expires_on) = (credit.matures_on, credit.expires_on);
            let from = Place::Pending { matures_on, expires_on };
            let own = credit.own_pending().min(draft.pending(currency, matures_on, expires_on));
            draft.give(currency, from, expires_on, own)?;
            credit.matures_on = Day::FIRST;
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
        draft.qualify(tiers.window.kept_under(state.placed_on), added)?;
        state.qualified = qualified;
        if added > 0 {
            tier::raise(program, draft, state.placed_on)?;
        } else if added < 0 {
            tier::after_refund(program, draft, self.today)?;
        }
        Ok(())
    }
}

impl Credit {
    /// The points of this order that still wait, as far as the order knows.
    pub(super) fn own_pending(&self) -> Points {
        self.awarded.saturating_sub(self.repaid).saturating_sub(self.clawed_back)
    }
}
