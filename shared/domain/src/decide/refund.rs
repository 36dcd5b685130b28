//! A refund: what is left of the order decides what it is worth.

use super::{Deciding, Outcome, Taking};
use crate::{
    account::PARKED_MAX,
    award::worth_with,
    change::Change,
    draft::Draft,
    fact::{KeyedFact, Refund, RefundedWhat},
    order_state::{OrderState, Refunded},
    reason::Reason,
    refusal::Refusal,
    row::RowKind,
    settle::{settle, today_at},
};

impl Deciding<'_> {
    pub(super) fn refund(
        &self,
        draft: &mut Draft,
        refund: &Refund,
        keyed: &KeyedFact,
    ) -> Result<Outcome, Refusal> {
        let Some(known) = self.prior.order else {
            return self.park(draft, refund, keyed);
        };
        if let Some(line) = known.line_unknown_to(&refund.what) {
            return Err(Refusal::LineUnknown { line: line.to_owned() });
        }
        let mut state = self.as_of_now(known)?;
        let refunded = self.take_back(draft, &mut state, &refund.what, Taking::Back)?;
        let note = match refunded {
            Refunded::Whole => None,
            Refunded::Clipped => Some(Reason::ClippedToWhatIsLeft),
            Refunded::Nothing => Some(Reason::NothingLeftToRefund),
        };
        Ok(Outcome { kind: RowKind::Refund, note, order: Some(state) })
    }

    /// The order has not come yet: its refund waits for it.
    fn park(
        &self,
        draft: &mut Draft,
        refund: &Refund,
        keyed: &KeyedFact,
    ) -> Result<Outcome, Refusal> {
        if draft.account.parked.len() >= PARKED_MAX {
            return Err(Refusal::TooManyParked { max: PARKED_MAX });
        }
        if let Some(order) = keyed.about_order() {
            draft.make(Change::Parked(refund.parked(order.digest())))?;
        }
        let note = Some(Reason::WaitsForOrder);
        Ok(Outcome { kind: RowKind::Refund, note, order: None })
    }

    /// The order has come: the refunds that waited for it are taken in, each as if it
    /// had come after the order.
    pub(super) fn take_parked_refunds(
        &self,
        draft: &mut Draft,
        state: &mut OrderState,
        keyed: &KeyedFact,
    ) -> Result<(), Refusal> {
        if draft.account.parked.is_empty() {
            return Ok(());
        }
        let Some(order) = keyed.about_order().map(|key| key.digest()) else {
            return Ok(());
        };
        let waiting = draft.account.parked.iter().filter(|refund| refund.order == order);
        let waiting: Vec<RefundedWhat> = waiting.map(|refund| refund.what.clone()).collect();
        if waiting.is_empty() {
            return Ok(());
        }
        draft.make(Change::Unparked { order })?;
        for what in waiting {
            // Time has decided about a late order before it decides about its refunds.
            settle(self.rulebook, draft, None, (self.now, today_at(self.rulebook, self.now)))?;
            self.take_back(draft, state, &what, Taking::Netted)?;
        }
        Ok(())
    }

    /// Takes a refund in and moves the order's points to what is left of it, under the
    /// version and the context of its first decision.
    fn take_back(
        &self,
        draft: &mut Draft,
        state: &mut OrderState,
        what: &RefundedWhat,
        taking: Taking,
    ) -> Result<Refunded, Refusal> {
        let refunded = state.refund(what);
        let program = self.pinned(state)?;
        let worth = worth_with(program, state, self.shares)?;
        self.award(draft, program, state, worth, taking)?;
        Ok(refunded)
    }
}
