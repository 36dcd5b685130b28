//! The redemption model: who spends points, and when. An order history does not say.

use std::{fmt, str::FromStr};

use domain::{
    account::Account,
    fact::Redemption,
    points::Points,
    program::{Price, Program, Reward},
};
use thiserror::Error;

/// A share of the members ever redeems; each of them does so at a share of the orders at
/// which they can.
///
/// Which members and which orders follows from hashes of their ids, so the same history
/// gives the same redemptions under every program, and a member who redeems under one
/// share redeems under every greater one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedemptionModel {
    /// Of 100 members so many ever redeem.
    pub members_percent: u8,
    /// Of 100 orders at which such a member can redeem, so many at which they do.
    pub orders_percent: u8,
    /// They wait until they could have it this many times over.
    pub times: u32,
    /// The reward; `None` is the cheapest that they may have.
    pub reward: Option<String>,
}

impl Default for RedemptionModel {
    fn default() -> RedemptionModel {
        RedemptionModel { members_percent: 75, orders_percent: 50, times: 1, reward: None }
    }
}

/// The text is no redemption model.
#[derive(Debug, Error, PartialEq, Eq)]
#[error(
    "{0}: expected none, or some of members=PERCENT,orders=PERCENT,times=NUMBER,reward=ID, \
     such as members=75,orders=50"
)]
pub struct NotAModel(String);

impl RedemptionModel {
    /// Nobody ever redeems.
    pub fn none() -> RedemptionModel {
        RedemptionModel { members_percent: 0, ..RedemptionModel::default() }
    }

    /// Whether a member ever redeems.
    pub(crate) fn is_redeemer(&self, member: u64) -> bool {
        spread(member) % 100 < u64::from(self.members_percent)
    }

    /// Whether a redeemer is in the mood at an order.
    pub(crate) fn is_tempted(&self, member: u64, order: u64) -> bool {
        spread(member ^ spread(order)) % 100 < u64::from(self.orders_percent)
    }

    /// What a member asks for at an order of `basket` minor units; `None` when nothing
    /// suits. The account is settled.
    pub(crate) fn choose(
        &self,
        program: &Program,
        account: &Account,
        basket: i64,
    ) -> Option<(Redemption, i64)> {
        let available = account.purse(0).available();
        let level = domain::tier::level(program, account);
        let wanted = |reward: &&Reward| match &self.reward {
            Some(id) => reward.id == *id,
            None => true,
        };
        let fitting = program.rewards.iter().filter(wanted).filter(|it| is_for(it, level, program));
        let offers = fitting.filter_map(|reward| Offer::of(reward, available, basket, self.times));
        // The cheapest; of equal ones the first in the file.
        let offer = offers.min_by_key(|offer| offer.least)?;
        let redemption = Redemption {
            reward: offer.reward.id.clone(),
            points: offer.points,
            basket: Some(basket),
            hold_minutes: None,
        };
        Some((redemption, offer.value))
    }
}

/// A reward that a member can have.
struct Offer<'a> {
    reward: &'a Reward,
    /// The least that it costs.
    least: Points,
    /// What the member spends on it, where that is theirs to say.
    points: Option<Points>,
    /// What it takes off the order, in minor units.
    value: i64,
}

impl<'a> Offer<'a> {
    fn of(reward: &'a Reward, available: Points, basket: i64, times: u32) -> Option<Offer<'a>> {
        if reward.basket_at_least.is_some_and(|least| basket < least) {
            return None;
        }
        let least = least_of(reward);
        if available.units() / u64::from(times.max(1)) < least.units() {
            return None;
        }
        let of_basket = match reward.basket_share_thousandths {
            Some(thousandths) => i128::from(basket) * i128::from(thousandths) / 1000,
            None => i128::from(basket),
        };
        let of_basket = i64::try_from(of_basket).unwrap_or(i64::MAX);
        match reward.price {
            Price::Fixed { value, .. } => {
                let value = value.unwrap_or(0);
                let fits = value <= of_basket;
                fits.then_some(Offer { reward, least, points: None, value })
            }
            Price::Variable { points: step, value } => {
                let by_points = available.units() / step.units().max(1);
                let by_basket = u64::try_from(of_basket / value.max(1)).unwrap_or(0);
                let steps = by_points.min(by_basket);
                let points = Points::new(steps.checked_mul(step.units())?)?;
                let value = i64::try_from(steps).ok()?.checked_mul(value)?;
                (steps > 0).then_some(Offer { reward, least, points: Some(points), value })
            }
        }
    }
}

/// The least points that a reward costs.
pub(crate) fn least_of(reward: &Reward) -> Points {
    match reward.price {
        Price::Fixed { points, .. } | Price::Variable { points, .. } => points,
    }
}

/// The least spendable points with which a member can have some reward of the program.
pub(crate) fn cheapest(program: &Program, account: &Account) -> Option<Points> {
    let level = domain::tier::level(program, account);
    program.rewards.iter().filter(|it| is_for(it, level, program)).map(least_of).min()
}

/// Whether who is on a level can have the reward on orders in the program's money, which
/// all orders of a backtest are in.
fn is_for(reward: &Reward, level: Option<&str>, program: &Program) -> bool {
    reward.money == program.money
        && (reward.tiers.is_empty() || reward.tiers.iter().any(|tier| Some(tier.as_str()) == level))
}

/// A hash of an id that is the same everywhere (FNV-1a, 64 bits).
pub(crate) fn hash(id: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    id.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}

/// Spreads a number evenly over 64 bits (the finaliser of SplitMix64).
fn spread(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl FromStr for RedemptionModel {
    type Err = NotAModel;

    fn from_str(text: &str) -> Result<RedemptionModel, NotAModel> {
        if text == "none" {
            return Ok(RedemptionModel::none());
        }
        let mut model = RedemptionModel::default();
        for part in text.split(',') {
            let bad = || NotAModel(format!("{part:?}"));
            let (key, value) = part.trim().split_once('=').ok_or_else(bad)?;
            let percent = || value.parse().ok().filter(|percent| *percent <= 100).ok_or_else(bad);
            match key {
                "members" => model.members_percent = percent()?,
                "orders" => model.orders_percent = percent()?,
                "times" => {
                    let times = value.parse().ok().filter(|times| *times > 0);
                    model.times = times.ok_or_else(bad)?;
                }
                "reward" if !value.is_empty() => model.reward = Some(value.to_owned()),
                _ => return Err(bad()),
            }
        }
        Ok(model)
    }
}

/// The model as the command line takes it.
impl fmt::Display for RedemptionModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.members_percent == 0 || self.orders_percent == 0 {
            return f.write_str("none");
        }
        write!(f, "members={},orders={}", self.members_percent, self.orders_percent)?;
        write!(f, ",times={}", self.times)?;
        self.reward.iter().try_for_each(|reward| write!(f, ",reward={reward}"))
    }
}

impl RedemptionModel {
    /// The model in a sentence.
    pub fn sentence(&self) -> String {
        if self.members_percent == 0 || self.orders_percent == 0 {
            return "Nobody redeems.".to_owned();
        }
        let reward = match &self.reward {
            Some(id) => format!("the reward {id}"),
            None => "the cheapest reward that suits the order".to_owned(),
        };
        let when = match self.times {
            1 => String::new(),
            times => format!(", once they could have it {times} times"),
        };
        format!(
            "{} of 100 members redeem, at {} of 100 orders at which they can, {reward}{when}; \
             of one with a variable price as much as balance and basket allow.",
            self.members_percent, self.orders_percent
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_read_as_it_is_written() {
        for (text, written) in [
            ("none", "none"),
            ("members=40", "members=40,orders=50,times=1"),
            ("orders=10,reward=tote-bag,times=3", "members=75,orders=10,times=3,reward=tote-bag"),
        ] {
            let model: RedemptionModel = text.parse().expect("a model");
            assert_eq!(model.to_string(), written);
            assert_eq!(written.parse(), Ok(model));
        }
        for bad in ["", "share=1", "members=101", "members=x", "orders", "times=0", "reward="] {
            assert!(bad.parse::<RedemptionModel>().is_err(), "{bad}");
        }
    }

    #[test]
    fn shares_are_about_what_they_say() {
        let model: RedemptionModel = "members=30,orders=20".parse().expect("a model");
        let ids = || (0..10_000).map(|n| hash(&format!("m-{n}")));
        let redeemers = ids().filter(|id| model.is_redeemer(*id)).count();
        assert!((2_850..3_150).contains(&redeemers), "{redeemers}");
        let tempted = ids().filter(|id| model.is_tempted(*id, hash("order"))).count();
        assert!((1_850..2_150).contains(&tempted), "{tempted}");
    }
}
