//! What points buy.

use std::collections::BTreeSet;

use super::{
    super::{
        amounts::Money,
        file::{Definition, RewardSection},
        prices::RewardLimit,
        problem::{Mistakes, Wrong},
        times::Moment,
        written::{OneOrMany, Units, Written},
    },
    Known, all,
    formula::money_of,
    list, name, new_id, tier_list,
};
use crate::program::{Price, Reward, RewardKind, Undone};

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
    // A price in other money that the program takes is for baskets in that money.
    let money = money_of(&reward.price.text, known).or(units.money);
    let own_units = units;
    let units = &Units { money, ..units.clone() };
    let price = mistakes.read(&reward.price, units);
    let when = reward.when.as_ref();
    let tiers = tier_list(when.and_then(|when| when.tier.as_ref()), known, mistakes);
    let least = when.and_then(|when| when.basket_at_least.as_ref());
    let least = least.map(|least| mistakes.read(least, units));
    let limits = list(reward.limit.as_ref(), units, mistakes);
    let labels = list(when.and_then(|when| when.label.as_ref()), units, mistakes);
    let moment = |moment: Option<&Written<Moment>>, mistakes: &mut Mistakes| match moment {
        Some(moment) => mistakes.read(moment, units).map(Some),
        None => Some(None),
    };
    let from = moment(when.and_then(|when| when.from.as_ref()), mistakes);
    let to = moment(when.and_then(|when| when.to.as_ref()), mistakes);
    let amount = |amount: Option<&Written<Money>>, units, mistakes: &mut Mistakes| match amount {
        Some(amount) => mistakes.read(amount, units).map(Some),
        None => Some(None),
    };
    if let (Some(Some(from)), Some(Some(to)), Some(written)) =
        (from, to, when.and_then(|when| when.to.as_ref()))
        && to <= from
    {
        mistakes.blame(written, Wrong::new("is not after from", "a later time"));
    }
    let worth_up_to = amount(reward.worth_up_to.as_ref(), units, mistakes);
    let cost = amount(reward.cost.as_ref(), own_units, mistakes);
    let undone = mistakes.read_or(reward.undone.as_ref(), units, Undone::PointsBack);
    let (kind, price, limits) = (kind?, price?, limits?);
    price_fits(reward, kind, price, mistakes);
    if let (Some(written), true) = (&reward.worth_up_to, kind.is_money()) {
        let wrong = Wrong::new("is not read where the price says the worth", "the price alone");
        mistakes.blame(written, wrong);
    }
    limits_fit(reward, kind, &limits, mistakes);
    let share = |limit: &RewardLimit| match limit {
        RewardLimit::Basket(share) => Some(*share),
        RewardLimit::Times(..) => None,
    };
    let times = |limit: &RewardLimit| match limit {
        RewardLimit::Basket(_) => None,
        RewardLimit::Times(times, per) => Some((*times, *per)),
    };
    Some(Reward {
        id: String::new(),
        name: name?,
        kind,
        price,
        money: money?,
        tiers: tiers?,
        basket_at_least: match least {
            Some(least) => Some(least?),
            None => None,
        },
        basket_share_thousandths: limits.iter().find_map(share),
        labels: labels?,
        from: from?,
        to: to?,
        limits: limits.iter().filter_map(times).collect(),
        worth_up_to: worth_up_to?,
        cost: cost?,
        undone: undone?,
    })
}

/// What is worth money says how much, and nothing else does.
fn price_fits(reward: &RewardSection, kind: RewardKind, price: Price, mistakes: &mut Mistakes) {
    let has_value = !matches!(price, Price::Fixed { value: None, .. });
    let wrong = match (kind.is_money(), has_value) {
        (true, false) => Wrong::new(
            "does not say what it is worth, as this kind of reward does",
            "a price such as \"100 per 1.00 GBP\" or \"500 for 5.00 GBP\"",
        ),
        (false, true) => Wrong::new(
            "is worth money, as this kind of reward is not",
            "a number of points such as 800",
        ),
        _ => return,
    };
    mistakes.blame(&reward.price, wrong);
}

/// Only an order credit pays a share of a basket, and there is one limit of each sort.
fn limits_fit(
    reward: &RewardSection,
    kind: RewardKind,
    limits: &[RewardLimit],
    mistakes: &mut Mistakes,
) {
    let written = reward.limit.as_ref().map(OneOrMany::all).unwrap_or_default();
    let sort = |limit: &RewardLimit| match limit {
        RewardLimit::Basket(_) => None,
        RewardLimit::Times(_, per) => Some(*per),
    };
    for (i, (limit, written)) in limits.iter().zip(written).enumerate() {
        if sort(limit).is_none() && kind != RewardKind::OrderCredit {
            mistakes.blame(written, Wrong::new("limits no money", "this on an order credit"));
        } else if limits[..i].iter().any(|other| sort(other) == sort(limit)) {
            mistakes.blame(written, Wrong::new("limits the same again", "one limit of each sort"));
        }
    }
}
