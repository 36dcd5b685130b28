//! Spending: at once, or held for a checkout and then captured or released.

use super::{Deciding, Outcome};
use crate::{
    account::{Account, HOLDS_MAX, Hold, Lot},
    change::{Change, Movement, Place},
    draft::Draft,
    fact::{Capture, Redemption},
    points::Points,
    program::{Counts, LimitPer, Price, Reward, RewardKind, Undone},
    refusal::Refusal,
    row::RowKind,
    settle,
    time::Day,
};

impl Deciding<'_> {
    pub(super) fn redeem(
        &self,
        draft: &mut Draft,
        redemption: &Redemption,
    ) -> Result<Outcome, Refusal> {
        let reward = self
            .program
            .reward(&redemption.reward)
            .ok_or_else(|| Refusal::RewardUnknown { reward: redemption.reward.clone() })?;
        let tier = draft.account.tier.as_ref().map(|tier| tier.level.as_str());
        if !reward.tiers.is_empty()
            && !reward.tiers.iter().any(|level| Some(level.as_str()) == tier)
        {
            return Err(Refusal::RewardTier { levels: reward.tiers.clone() });
        }
        let (requested, value) = reward.price(redemption.points)?;
        reward.fits(redemption.basket, value)?;
        self.may_have(draft, reward)?;
        if self.program.keeps_alive("redemption") {
            settle::be_active(self.program, draft, self.day)?;
        }
        let available = draft.purse(0).available();
        let hold = self.sequence;
        if let Some(minutes) = redemption.hold_minutes {
            if draft.account.holds.len() >= HOLDS_MAX {
                return Err(Refusal::TooManyHolds { max: HOLDS_MAX });
            }
            let deadline = self.now.plus_millis(i64::from(minutes) * 60_000);
            let reward = reward.id.clone();
            draft.make(Change::HoldOpened { hold, reward, deadline })?;
        }
        let to = |expires_on| match redemption.hold_minutes {
            Some(_) => Place::Held { hold, expires_on },
            None => reward.place(),
        };
        if !draft.spend(0, to, requested)?.is_zero() {
            return Err(Refusal::Insufficient { requested, available });
        }
        draft.make(Change::Rewarded { reward: reward.id.clone(), value })?;
        if redemption.hold_minutes.is_some() {
            return Ok(Outcome::of(RowKind::Held));
        }
        self.count(draft, reward)?;
        Ok(Outcome::of(RowKind::Redeemed))
    }

    pub(super) fn capture(
        &self,
        draft: &mut Draft,
        capture: &Capture,
        before: Option<&Account>,
    ) -> Result<Outcome, Refusal> {
        let hold = open_hold(draft, capture.hold, before)?;
        let held = hold.points();
        let requested = capture.points.unwrap_or(held);
        if requested > held {
            return Err(Refusal::CaptureTooMuch { requested, held });
        }
        // A reward that the program no longer has is captured as it was held.
        let value = match self.program.reward(&hold.reward) {
            Some(reward) => reward.captured(requested, held)?,
            None => 0,
        };
        draft.make(Change::Rewarded { reward: hold.reward.clone(), value })?;
        if let Some(reward) = self.program.reward(&hold.reward) {
            self.count(draft, reward)?;
        }
        let mut left = requested;
        for Lot { expires_on, points } in hold.lots {
            let part = points.min(left);
            let from = Place::Held { hold: capture.hold, expires_on };
            let to = self.program.reward(&hold.reward).map_or(Place::Redeemed, Reward::place);
            draft.take(0, from, to, part)?;
            left = left.saturating_sub(part);
        }
        settle::release(self.program, draft, capture.hold, self.now)?;
        Ok(Outcome::of(RowKind::Captured))
    }

    /// Counts a reward that was had against its limits.
    fn count(&self, draft: &mut Draft, reward: &Reward) -> Result<(), Refusal> {
        for (_, per) in &reward.limits {
            draft.make(reward.counted(*per, self.day))?;
        }
        Ok(())
    }

    /// Whether the member may have a reward now, as often as they had it. What is held is
    /// not had yet, and may be.
    fn may_have(&self, draft: &Draft, reward: &Reward) -> Result<(), Refusal> {
        let (at, labels) = (self.occurred_at, &draft.account.labels);
        if reward.from.is_some_and(|from| at < from) || reward.to.is_some_and(|to| at >= to) {
            return Err(Refusal::RewardNotNow { from: reward.from, to: reward.to });
        }
        if !reward.labels.is_empty() && !reward.labels.iter().any(|label| labels.contains(label)) {
            return Err(Refusal::RewardLabel { labels: reward.labels.clone() });
        }
        let held = draft.account.holds.iter().filter(|hold| hold.reward == reward.id).count();
        let held = u64::try_from(held).unwrap_or(u64::MAX);
        for (most, per) in &reward.limits {
            let counted = reward.counted_as();
            let used = draft.account.used(&counted, Counts::Times, *per, self.day);
            if used.saturating_add(held) >= u64::from(*most) {
                return Err(Refusal::RewardLimit { most: *most, per: *per });
            }
        }
        Ok(())
    }

    /// Gives back what a redemption spent, to the lots that it came from.
    pub(super) fn undo(&self, draft: &mut Draft, redemption: u64) -> Result<Outcome, Refusal> {
        let unknown = Refusal::RedemptionUnknown { redemption };
        let row = self.prior.redemption.filter(|row| row.sequence == redemption).ok_or(unknown)?;
        let rewarded = row.changes.iter().find_map(|change| match change {
            Change::Rewarded { reward, .. } => Some(reward),
            _ => None,
        });
        let spent: Vec<_> = row.movements().filter(|it| it.currency == 0).copied().collect();
        let spent =
            spent.into_iter().filter(|it| matches!(it.to, Place::Redeemed | Place::Donated));
        let spent: Vec<Movement> = spent.collect();
        let Some(reward) = rewarded.filter(|_| !spent.is_empty()) else {
            return Err(Refusal::RedemptionUnknown { redemption });
        };
        let version = row.program_version;
        let program =
            self.rulebook.version(version).ok_or(Refusal::VersionNotLoaded { version })?;
        let reward = program.reward(reward);
        if reward.is_some_and(|reward| reward.undone == Undone::Never) {
            return Err(Refusal::Final);
        }
        for Movement { from, to, points, .. } in spent {
            let expires_on = match from {
                Place::Available { expires_on } | Place::Held { expires_on, .. } => expires_on,
                _ => Day::NEVER,
            };
            let expires_on = settle::not_before_grace(self.program, expires_on, self.now);
            draft.give(0, to, expires_on, points)?;
        }
        let day = Day::of(row.occurred_at, &program.time_zone);
        for (_, per) in reward.into_iter().flat_map(|reward| &reward.limits) {
            let (counts, per, start) = (Counts::Times, *per, per.kept_under(day));
            let rule = reward.map(Reward::counted_as).unwrap_or_default();
            if draft.account.used_under(&rule, counts, per, start) > 0 {
                draft.make(Change::LimitUsed { rule, counts, per, start, amount: -1 })?;
            }
        }
        Ok(Outcome::of(RowKind::Undone))
    }

    pub(super) fn release(
        &self,
        draft: &mut Draft,
        hold: u64,
        before: Option<&Account>,
    ) -> Result<Outcome, Refusal> {
        open_hold(draft, hold, before)?;
        settle::release(self.program, draft, hold, self.now)?;
        Ok(Outcome::of(RowKind::Released))
    }
}

/// The hold with this name. One that was open before time passed has just released
/// itself.
fn open_hold(draft: &Draft, hold: u64, before: Option<&Account>) -> Result<Hold, Refusal> {
    let in_account = |account: &Account| account.holds.iter().find(|h| h.sequence == hold).cloned();
    in_account(&draft.account).ok_or_else(|| match before.and_then(in_account) {
        Some(expired) => Refusal::HoldExpired { deadline: expired.deadline },
        None => Refusal::HoldUnknown { hold },
    })
}

impl Reward {
    /// Where its points go.
    fn place(&self) -> Place {
        if self.kind == RewardKind::Donation { Place::Donated } else { Place::Redeemed }
    }

    /// What its limits are counted under, which no rule is called.
    fn counted_as(&self) -> String {
        format!("reward:{}", self.id)
    }

    fn counted(&self, per: LimitPer, day: Day) -> Change {
        let (rule, counts, start) = (self.counted_as(), Counts::Times, per.kept_under(day));
        Change::LimitUsed { rule, counts, per, start, amount: 1 }
    }

    /// The points that the reward costs and what it is worth in minor units, when
    /// `points` were asked for.
    fn price(&self, points: Option<Points>) -> Result<(Points, i64), Refusal> {
        match self.price {
            Price::Fixed { points: price, value } => match points {
                Some(asked) if asked != price => Err(Refusal::PriceIsFixed { price }),
                _ => Ok((price, value.unwrap_or(0))),
            },
            Price::Variable { points: step, value } => {
                let asked = points.ok_or(Refusal::PointsRequired)?;
                if asked.units() % step.units().max(1) != 0 {
                    return Err(Refusal::NotAStep { step });
                }
                let steps = i64::try_from(asked.units() / step.units().max(1));
                let worth = steps.ok().and_then(|steps| steps.checked_mul(value));
                Ok((asked, worth.ok_or(Refusal::TooManyPoints)?))
            }
        }
    }

    /// What capturing `requested` of `held` points is worth in minor units: a fixed price
    /// is paid whole, a variable one in steps.
    fn captured(&self, requested: Points, held: Points) -> Result<i64, Refusal> {
        match self.price {
            Price::Fixed { .. } if requested != held => Err(Refusal::PriceIsFixed { price: held }),
            Price::Variable { points: step, .. }
                if requested != held && !requested.units().is_multiple_of(step.units().max(1)) =>
            {
                Err(Refusal::NotAStep { step })
            }
            _ => Ok(self.value_of(requested)),
        }
    }

    /// Whether the reward may be used on a basket.
    fn fits(&self, basket: Option<i64>, value: i64) -> Result<(), Refusal> {
        if self.basket_at_least.is_none() && self.basket_share_thousandths.is_none() {
            return Ok(());
        }
        let basket = basket.ok_or(Refusal::BasketRequired)?;
        if let Some(least) = self.basket_at_least.filter(|least| basket < *least) {
            return Err(Refusal::MinPurchase { least, basket });
        }
        if let Some(thousandths) = self.basket_share_thousandths {
            let most = i128::from(basket) * i128::from(thousandths) / 1000;
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            if value > most {
                return Err(Refusal::BasketShare { most, value });
            }
        }
        Ok(())
    }

    /// What `points` of this reward are worth in minor units.
    pub fn value_of(&self, points: Points) -> i64 {
        match self.price {
            Price::Fixed { value, .. } => value.unwrap_or(0),
            Price::Variable { points: step, value } => {
                let steps = i64::try_from(points.units() / step.units().max(1)).unwrap_or(0);
                steps.saturating_mul(value)
            }
        }
    }
}
