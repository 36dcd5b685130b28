//! Referrals: a member brings a friend.
//!
//! The friend's chain knows who brought them and how far that is; what the member is given
//! for it is an activity on the member's own chain, which follows from the friend's rows. So
//! waits, limits, clawback and explanations are those of every activity. Both chains call it
//! by one name: the friend's id.

use serde::{Deserialize, Serialize};

use crate::{
    award::is_large_enough,
    change::Change,
    fact::Activity,
    ids::{MemberId, SourceId},
    key::{FactKey, KeyDigest},
    order_state::{Credit, OrderState},
    points::Points,
    program::Program,
    reason::Reason,
    row::Row,
    time::Day,
};

/// What the member's activity is called.
pub const REFERRAL: &str = "referral";

/// Who brought a member, and how far that is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Referral {
    /// Who.
    pub by: MemberId,
    /// The day on which it was claimed.
    pub on: Day,
    /// How far it is.
    pub state: ReferralState,
}

/// How far a referral is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferralState {
    /// The friend came by the member's code.
    Claimed,
    /// It does not count, until somebody looks at it.
    Rejected(Reason),
    /// The friend bought what the program asks for.
    Qualified {
        /// The order.
        order: KeyDigest,
    },
    /// And gave it back.
    Reversed {
        /// The order.
        order: KeyDigest,
    },
}

/// How far a referral is by what both chains say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The friend came by the member's code.
    Claimed,
    /// It does not count, until somebody looks at it.
    Rejected,
    /// The friend bought what the program asks for; the member's points wait, or are on
    /// their way.
    Qualified,
    /// Nothing is waited for any more, and the member is given nothing for it: a limit.
    Matured,
    /// The member has the points.
    Rewarded,
    /// The friend gave it back.
    Reversed,
}

impl Stage {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Claimed => "claimed",
            Stage::Rejected => "rejected",
            Stage::Qualified => "qualified",
            Stage::Matured => "matured",
            Stage::Rewarded => "rewarded",
            Stage::Reversed => "reversed",
        }
    }
}

impl ReferralState {
    /// How far it is by the friend's chain alone.
    pub fn stage(self) -> Stage {
        match self {
            ReferralState::Claimed => Stage::Claimed,
            ReferralState::Rejected(_) => Stage::Rejected,
            ReferralState::Qualified { .. } => Stage::Qualified,
            ReferralState::Reversed { .. } => Stage::Reversed,
        }
    }

    /// How far it is on a day, given what has come of it on the member's chain.
    pub fn stage_with(self, credited: &OrderState, day: Day) -> Stage {
        let waits = |credit: &Credit| credit.waiting > Points::ZERO && day < credit.matures_on;
        match self {
            ReferralState::Qualified { .. } if credited.credits.iter().any(waits) => {
                Stage::Qualified
            }
            ReferralState::Qualified { .. } => {
                match credited.credits.iter().any(|credit| credit.net() > Points::ZERO) {
                    true => Stage::Rewarded,
                    false => Stage::Matured,
                }
            }
            _ => self.stage(),
        }
    }

    /// Why it does not count.
    pub fn reason(self) -> Option<Reason> {
        match self {
            ReferralState::Rejected(reason) => Some(reason),
            _ => None,
        }
    }
}

impl Referral {
    /// Whether an order of the friend's may be, or is, the one that counts.
    pub(crate) fn is_for(&self, program: &Program, order: Option<KeyDigest>, day: Day) -> bool {
        let Some(terms) = &program.referral else { return false };
        let in_time =
            day >= self.on && terms.within.is_none_or(|within| day <= within.after(self.on));
        match self.state {
            ReferralState::Rejected(_) => false,
            ReferralState::Claimed | ReferralState::Reversed { .. } => in_time,
            ReferralState::Qualified { order: known } => Some(known) == order,
        }
    }

    /// How far it is after an order is as it is now; `None` where that changes nothing.
    pub(crate) fn after(
        &self,
        program: &Program,
        order: KeyDigest,
        state: &OrderState,
    ) -> Option<Referral> {
        if !self.is_for(program, Some(order), state.placed_on) {
            return None;
        }
        let qualifies = qualifies(program, state);
        let next = match self.state {
            ReferralState::Qualified { .. } if !qualifies => ReferralState::Reversed { order },
            ReferralState::Claimed | ReferralState::Reversed { .. } if qualifies => {
                ReferralState::Qualified { order }
            }
            _ => return None,
        };
        Some(Referral { state: next, ..self.clone() })
    }
}

/// Whether an order is what a friend has to buy.
fn qualifies(program: &Program, order: &OrderState) -> bool {
    let Some(terms) = &program.referral else { return false };
    let rule = &program.earn[terms.rule];
    if order.barred.is_some() || order.is_activity() {
        return false;
    }
    let lines = order.lines.iter().zip(order.remaining(rule.base));
    let held = lines.filter(|(line, left)| line.held >> terms.rule & 1 == 1 && *left > 0);
    held.count() > 0 && is_large_enough(rule, order.remaining(0).iter().sum())
}

/// By what a friend's referral is found on the chain of the member who brought them.
pub fn key_of(friend: &MemberId) -> Option<FactKey> {
    let id = friend.as_str().parse().ok()?;
    Some(FactKey::activity_version(&SourceId::guerdon(), &id, None))
}

/// The friend for whom a member's row gives points, or takes them back.
pub fn friend_of(row: &Row) -> Option<MemberId> {
    let order = row.order.as_ref()?;
    let key = row.order_key.as_ref().or(row.key.as_ref())?;
    let is_referral = order.activity.as_deref() == Some(REFERRAL);
    is_referral.then(|| key.id_in(&SourceId::guerdon())).flatten()?.parse().ok()
}

/// What a row of the friend's is for the member who brought them: whose, and the activity.
pub fn effect(row: &Row) -> Option<(MemberId, Activity)> {
    let Referral { by, state, .. } = row.changes.iter().rev().find_map(|change| match change {
        Change::Referral(referral) => Some(referral),
        _ => None,
    })?;
    let withdrawn = match state {
        ReferralState::Qualified { .. } => false,
        ReferralState::Reversed { .. } => true,
        ReferralState::Claimed | ReferralState::Rejected(_) => return None,
    };
    let done_at = row.order.as_ref().map_or(row.occurred_at, |order| order.placed_at);
    let activity = Activity {
        id: row.chain.member.as_str().parse().ok()?,
        version: Some(row.sequence),
        activity: REFERRAL.to_owned(),
        subject: None,
        given_by: None,
        done_at: Some(done_at),
        synced_at: None,
        units: None,
        amount: None,
        channel: None,
        store: None,
        status: None,
        withdrawn,
    };
    Some((by.clone(), activity))
}
