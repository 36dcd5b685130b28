//! Crediting: from what an order is worth to pending and available points, the tier's
//! measure, and back when it is worth less.

use super::{Deciding, clawback::claw_back};
use crate::{
    change::{Impossible, Place},
    draft::Draft,
    order_state::{Credit, OrderState},
    points::Points,
    program::{DebtPolicy, Measure, Pending, Program},
    refusal::Refusal,
    tier,
    time::Day,
};

/// Points of one currency that wait and end together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Terms {
    /// Which of the program's currencies.
    pub currency: u8,
    /// The first of the rules that share a wait or an end of their own.
    pub of_rule: Option<u8>,
}

impl Terms {
    pub fn of(credit: &Credit) -> Terms {
        Terms { currency: credit.currency, of_rule: credit.of_rule }
    }
}

impl Deciding<'_> {
    /// Moves what the order holds on some terms to `total`.
    pub(super) fn credit_to(
        &self,
        draft: &mut Draft,
        program: &Program,
        state: &mut OrderState,
        (terms, debt): (Terms, DebtPolicy),
        total: Points,
    ) -> Result<(), Refusal> {
        let at = state.credits.iter().position(|credit| Terms::of(credit) == terms);
        let net = at.map_or(Points::ZERO, |at| state.credits[at].net());
        if let Some(more) = total.checked_sub(net).filter(|more| !more.is_zero()) {
            let at = at.unwrap_or_else(|| {
                state.credits.push(new_credit(program, state, terms));
                state.credits.len() - 1
            });
            Ok(give(draft, &mut state.credits[at], more, self.today)?)
        } else if let (Some(at), Some(less)) = (at, net.checked_sub(total))
            && !less.is_zero()
        {
            Ok(claw_back(draft, &mut state.credits[at], debt, state.placed_on, less)?)
        } else {
            Ok(())
        }
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
            let there = draft.pending(currency, credit.matures_on, credit.waits_until);
            let own = credit.waiting.min(there);
            draft.give(currency, credit.waiting_place(), credit.expires_on, own)?;
            credit.matures_on = Day::FIRST;
            credit.waiting = Points::ZERO;
        }
        Ok(())
    }

    /// Moves the order's part of the tiers' measures to what it is now, and the level
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
        let eligible: i64 = match state.barred {
            Some(_) => 0,
            None => state.remaining(0).into_iter().fold(0_i64, i64::saturating_add),
        };
        let amount = |measure: Measure| match measure {
            Measure::Points(currency) => {
                let index = u8::try_from(currency).unwrap_or(u8::MAX);
                crate::account::signed(state.net(index))
            }
            // Spend is counted in the program's own money, and by orders alone.
            _ if state.is_activity() => 0,
            Measure::Spend if state.money.is_some() => 0,
            Measure::Spend => eligible,
            Measure::Orders => i64::from(eligible > 0),
        };
        let measures = tiers.measures().into_iter();
        let fresh: Vec<(u8, i64)> = measures
            .map(|measure| (measure.number(), amount(measure)))
            .filter(|(_, amount)| *amount != 0)
            .collect();
        let of = |list: &[(u8, i64)], wanted: u8| {
            list.iter().find(|(number, _)| *number == wanted).map_or(0, |(_, amount)| *amount)
        };
        let mut numbers: Vec<u8> =
            fresh.iter().chain(&state.qualified).map(|(number, _)| *number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let added: Vec<(u8, i64)> = numbers
            .into_iter()
            .map(|number| (number, of(&fresh, number) - of(&state.qualified, number)))
            .collect();
        state.qualified = fresh;
        let present = self.rulebook.in_force(self.now);
        let shrinks = added.iter().any(|(_, amount)| *amount < 0);
        let grows = added.iter().any(|(_, amount)| *amount > 0);
        let before = shrinks.then(|| tier::support(present, &draft.account, self.today)).flatten();
        for (measure, amount) in added {
            draft.qualify(tiers.window.kept_under(state.placed_on), measure, amount)?;
        }
        if shrinks {
            tier::after_refund(present, draft, before, self.today)?;
        }
        if grows {
            tier::raise(present, draft, state.placed_on, self.today)?;
        }
        Ok(())
    }
}

fn new_credit(program: &Program, state: &OrderState, terms: Terms) -> Credit {
    let currency = &program.currencies[usize::from(terms.currency)];
    let of_rule = terms.of_rule.and_then(|rule| program.earn.get(usize::from(rule)));
    let pending = of_rule.and_then(|rule| rule.pending.as_ref()).unwrap_or(&currency.pending);
    let expiry = of_rule.and_then(|rule| rule.expiry);
    let expiry = expiry
        .unwrap_or_else(|| program.expiry(usize::from(terms.currency), state.tier.as_deref()));
    let matures_on = match pending {
        Pending::Never => Day::FIRST,
        Pending::For(period) => period.after(state.placed_on),
        Pending::Until(day) => *day,
        Pending::UntilStatus { .. } if state.status_reached => Day::FIRST,
        Pending::UntilStatus { .. } => Day::NEVER,
    };
    let expires_on = expiry.of_lot(state.placed_on);
    let waits_until = match pending {
        Pending::UntilStatus { cancelled_after: Some(period), .. } => {
            period.after(state.placed_on).min(expires_on)
        }
        _ => expires_on,
    };
    Credit::nothing((terms.currency, terms.of_rule), matures_on, waits_until, expires_on)
}

/// Gives an order's points. What was written off of this order is not given again; of
/// the rest debt is repaid first, and what is left waits or is spendable.
pub(crate) fn give(
    draft: &mut Draft,
    credit: &mut Credit,
    points: Points,
    today: Day,
) -> Result<(), Impossible> {
    let currency = usize::from(credit.currency);
    let forgiven = points.min(credit.written_off);
    draft.take(currency, Place::ClawedBack, Place::Issued, forgiven)?;
    credit.written_off = credit.written_off.saturating_sub(forgiven);
    credit.clawed_back = credit.clawed_back.saturating_sub(forgiven);
    let points = points.saturating_sub(forgiven);
    let add = |sum: Points, more| sum.checked_add(more).ok_or(Impossible::Overflow);
    if credit.matures_on > today {
        let repaid = draft.repay(currency, Place::Issued, points)?;
        let rest = points.saturating_sub(repaid);
        draft.take(currency, Place::Issued, credit.waiting_place(), rest)?;
        credit.waiting = add(credit.waiting, rest)?;
    } else {
        draft.give(currency, Place::Issued, credit.expires_on, points)?;
    }
    credit.awarded = add(credit.awarded, points)?;
    Ok(())
}
