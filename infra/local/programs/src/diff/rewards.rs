//! What points buy.

use domain::{
    program::{Price, Reward},
    ratio::Ratio,
};

use super::{Comparing, Place};
use crate::{
    explain::{price_words, reward_words},
    words::{Words, any_of, choices, per},
};

pub(super) fn compare(comparing: &mut Comparing<'_>) {
    let (a, b) = (&comparing.a.program.rewards, &comparing.b.program.rewards);
    comparing.things("reward", (a, b), |reward| &reward.id, &reward_words, &mut reward);
}

fn reward(comparing: &mut Comparing<'_>, a: &Reward, b: &Reward) {
    let Reward {
        id,
        name,
        kind,
        price,
        money,
        tiers,
        basket_at_least,
        basket_share_thousandths,
        labels,
        from,
        to,
        limits,
        worth_up_to,
        cost,
        undone,
    } = a;
    let place = Place { section: "reward", id: Some(id) };
    let (wa, wb) = (comparing.a, comparing.b);
    comparing.text(place, "name", (name.clone(), b.name.clone()), "");
    let kinds = (choices::reward_kind(*kind).to_owned(), choices::reward_kind(b.kind).to_owned());
    comparing.text(place, "kind", kinds, "it is something else");
    let same_money = *money == b.money;
    let effect = match dearer(price, &b.price).filter(|_| same_money) {
        Some(true) => "it costs members more",
        Some(false) => "it costs members less",
        None => "it costs members another price",
    };
    comparing.text(place, "price", (price_words(&wa, a), price_words(&wb, b)), effect);
    let who = |tiers: &[String], labels: &[String]| {
        let mut who = if tiers.is_empty() { "every level".into() } else { any_of(tiers) };
        if !labels.is_empty() {
            who.push_str(&format!(", marked as {}", any_of(labels)));
        }
        who
    };
    let whom = (who(tiers, labels), who(&b.tiers, &b.labels));
    comparing.text(place, "when", whom, "others may have it");
    let span = |words: &Words<'_>, from, to| {
        words.span(from, to).unwrap_or_else(|| "at any time".to_owned())
    };
    let spans = (span(&wa, *from, *to), span(&wb, b.from, b.to));
    comparing.text(place, "when.from and to", spans, "it may be had at other times");
    let amount = |words: &Words<'_>, minor: &Option<i64>, money| {
        minor.map_or_else(|| "not stated".to_owned(), |minor| words.money_in(minor, money))
    };
    let baskets = (amount(&wa, basket_at_least, *money), amount(&wb, &b.basket_at_least, b.money));
    comparing.text(place, "when.basket_at_least", baskets, "it may be used on other baskets");
    let most = |share: &Option<u16>, limits: &[(u32, domain::program::LimitPer)]| {
        let share = share.map(choices::basket_share);
        let times = limits.iter().map(|(times, span)| format!("{times} {}", per(*span)));
        let all: Vec<String> = share.into_iter().chain(times).collect();
        if all.is_empty() { "no limit".to_owned() } else { all.join(", ") }
    };
    let limit =
        (most(basket_share_thousandths, limits), most(&b.basket_share_thousandths, &b.limits));
    comparing.text(place, "limit", limit, "members may have it more or less often");
    let worth = (amount(&wa, worth_up_to, *money), amount(&wb, &b.worth_up_to, b.money));
    comparing.text(place, "worth_up_to", worth, "");
    let costs = (amount(&wa, cost, wa.program.money), amount(&wb, &b.cost, wb.program.money));
    comparing.text(place, "cost", costs, "");
    let undo = (choices::undone(*undone).to_owned(), choices::undone(b.undone).to_owned());
    comparing.text(place, "undone", undo, "it can, or cannot, be undone from then on");
}

/// Whether the same costs more points; nothing where it is not the same.
fn dearer(before: &Price, after: &Price) -> Option<bool> {
    let each = |price: &Price| match price {
        Price::Fixed { points, value } => (points.units(), value.unwrap_or(1)),
        Price::Variable { points, value } => (points.units(), *value),
    };
    let valued = |price: &Price| !matches!(price, Price::Fixed { value: None, .. });
    if valued(before) != valued(after) {
        return None;
    }
    let of = |(points, value): (u64, i64)| {
        Ratio::new(u128::from(points), u128::from(value.unsigned_abs()))
    };
    Some(of(each(after))? > of(each(before))?)
}
