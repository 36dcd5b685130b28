//! What points buy.

use std::collections::BTreeSet;

use super::{
    super::{
        file::{Definition, RewardSection},
        problem::{Mistakes, Wrong},
        written::OneOrMany,
    },
    Known, all, list, name, new_id, tier_list,
};
use crate::program::{Price, Reward, RewardKind};

/// The most rewards.
const REWARDS_MAX: usize = 256;

/// The rewards, in the order of the file.
pub fn rewards(file: &Definition, known: &Known, mistakes: &mut Mistakes) -> Option<Vec<Reward>> {
    if let Some(surplus) = file.reward.get(REWARDS_MAX) {
        let most = format!("at most {REWARDS_MAX}");
        mistakes.blame(&surplus.id, Wrong::new("is one reward too many", most));
    }
    let mut seen = BTreeSet::new();
    all(file.reward.iter().map(|reward| {
        let id = new_id(&reward.id, &mut seen, known.points(), mistakes);
        let compiled = compiled(reward, known, mistakes)?;
        Some(Reward { id: id?, ..compiled })
    }))
}

fn compiled(reward: &RewardSection, known: &Known, mistakes: &mut Mistakes) -> Option<Reward> {
    let units = known.points();
    let name = name(reward.name.as_ref(), &reward.id, units, mistakes);
    let kind = mistakes.read(&reward.kind, units);
    let price = mistakes.read(&reward.price, units);
    let when = reward.when.as_ref();
    let tiers = tier_list(when.and_then(|when| when.tier.as_ref()), known, mistakes);
    let least = when.and_then(|when| when.basket_at_least.as_ref());
    let least = least.map(|least| mistakes.read(least, units));
    let shares = list(reward.limit.as_ref(), units, mistakes);
    let (kind, price, shares) = (kind?, price?, shares?);
    price_fits(reward, kind, price, mistakes);
    share_fits(reward, kind, mistakes);
    Some(Reward {
        id: String::new(),
        name: name?,
        kind,
        price,
        tiers: tiers?,
        basket_at_least: match least {
            Some(least) => Some(least?),
            None => None,
        },
        basket_share_thousandths: shares.first().copied(),
    })
}

/// An order credit is worth money, and nothing else is.
fn price_fits(reward: &RewardSection, kind: RewardKind, price: Price, mistakes: &mut Mistakes) {
    let has_value = !matches!(price, Price::Fixed { value: None, .. });
    let wrong = match (kind == RewardKind::OrderCredit, has_value) {
        (true, false) => Wrong::new(
            "does not say what the credit is worth",
            "a price such as \"100 per 1.00 GBP\" or \"500 for 5.00 GBP\"",
        ),
        (false, true) => Wrong::new(
            "is worth money, as only an order credit is",
            "a number of points such as 800",
        ),
        _ => return,
    };
    mistakes.blame(&reward.price, wrong);
}

/// Only an order credit pays a share of a basket, and there is one greatest share.
fn share_fits(reward: &RewardSection, kind: RewardKind, mistakes: &mut Mistakes) {
    let limits = reward.limit.as_ref().map(OneOrMany::all).unwrap_or_default();
    for (i, limit) in limits.iter().enumerate() {
        if kind != RewardKind::OrderCredit {
            mistakes.blame(limit, Wrong::new("limits no money", "this on an order credit"));
        } else if i > 0 {
            mistakes.blame(limit, Wrong::new("limits the same again", "one share of the basket"));
        }
    }
}
