//! Being brought by a member, and what that comes to.

use super::{Deciding, Outcome};
use crate::{
    change::Change,
    draft::Draft,
    fact::ReferralClaim,
    order_state::OrderState,
    program::Program,
    reason::Reason,
    referral::{Referral, ReferralState},
    refusal::Refusal,
    row::RowKind,
};

impl Deciding<'_> {
    /// A member says who brought them, or the shop lets a rejected claim count after all.
    pub(super) fn referred(
        &self,
        draft: &mut Draft,
        claim: &ReferralClaim,
    ) -> Result<Outcome, Refusal> {
        self.claim_referral(draft, claim)?;
        Ok(Outcome::of(RowKind::Referred))
    }

    pub(super) fn claim_referral(
        &self,
        draft: &mut Draft,
        claim: &ReferralClaim,
    ) -> Result<(), Refusal> {
        if self.program.referral.is_none() {
            return Err(Refusal::NoReferrals);
        }
        let state = match &draft.account.referral {
            Some(Referral { by, state: ReferralState::Rejected(reason), .. })
                if claim.approved && *by == claim.by =>
            {
                if *reason == Reason::ReferralCycle || self.member == Some(by) {
                    return Err(Refusal::NeverAFriend);
                }
                ReferralState::Claimed
            }
            Some(_) => return Err(Refusal::AlreadyReferred),
            None => {
                let ordered = draft.account.has_ordered.then_some(Reason::NotNew);
                let rejected = claim.rejected.or(ordered).filter(|_| !claim.approved);
                rejected.map_or(ReferralState::Claimed, ReferralState::Rejected)
            }
        };
        let by = claim.by.clone();
        let on = draft.account.referral.as_ref().map_or(self.day, |known| known.on);
        draft.make(Change::Referral(Referral { by, on, state }))?;
        Ok(())
    }

    /// Whether the order that the fact is about is, or may be, a friend's that counts.
    pub(super) fn is_friends_order(&self, draft: &Draft, program: &Program) -> bool {
        let order = self.about.map(|key| key.digest());
        let day = self.day;
        draft.account.referral.as_ref().is_some_and(|it| it.is_for(program, order, day))
    }

    /// Moves a referral on, or back, after an order is as it is now.
    pub(super) fn refer(
        &self,
        draft: &mut Draft,
        program: &Program,
        state: &OrderState,
    ) -> Result<(), Refusal> {
        let (Some(referral), Some(order)) = (&draft.account.referral, self.about) else {
            return Ok(());
        };
        match referral.after(program, order.digest(), state) {
            Some(next) => Ok(draft.make(Change::Referral(next))?),
            None => Ok(()),
        }
    }
}
