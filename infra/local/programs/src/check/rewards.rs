//! Rewards that nobody can have, that are over, and that are worth more than their points.

use domain::{
    points::Points,
    program::{EarnRule, Effect, Expiry, Formula, Price, Reward, Trigger, Window},
    ratio::{Ratio, RoundingMode},
    time::Day,
};

use super::{
    Checking, Code,
    ends::days_of,
    giving_back::{best_rate, is_on},
    levels,
    reach::most_in,
};
use crate::words::any_of;

pub(super) fn check(checking: &mut Checking<'_>) {
    let program = checking.program;
    let gives = |rule: &EarnRule| matches!(rule.effect, Effect::Points { currency: 0, .. });
    if !program.earn.iter().any(gives) && program.goals.is_empty() {
        let sentence = "no rule gives points that can be spent".to_owned();
        checking.find(Code::NothingToEarn, "earn", sentence);
    } else if program.rewards.is_empty() {
        let name = checking.words.name(0);
        checking.find(Code::NothingToBuy, "reward", format!("there is nothing that {name} buy"));
    }
    for (at, reward) in program.rewards.iter().enumerate() {
        let path = format!("reward[{at}]");
        if let Some((key, why)) = why_never(checking, reward) {
            let sentence = format!("is a reward that nobody can have: {why}");
            let path = format!("{path}.{key}");
            checking.find_of(Code::RewardUnreachable, path, &reward.id, sentence);
        } else if let Some(to) = reward.to.filter(|to| *to <= checking.at) {
            let since = checking.words.day(Day::of(to, &program.time_zone));
            let sentence = format!("cannot be had any more: its time was over on {since}");
            checking.find_of(Code::RewardOver, format!("{path}.when.to"), &reward.id, sentence);
        }
        undervalued(checking, &path, reward);
        out_of_reach(checking, &path, reward);
    }
}

fn least_price(reward: &Reward) -> Points {
    match reward.price {
        Price::Fixed { points, .. } | Price::Variable { points, .. } => points,
    }
}

fn why_never(checking: &Checking<'_>, reward: &Reward) -> Option<(&'static str, String)> {
    let levels = levels::reachable(checking.program);
    let reached = |tier: &String| levels.contains(&tier.as_str());
    if !reward.tiers.is_empty() && !reward.tiers.iter().any(reached) {
        let tiers = any_of(&reward.tiers);
        return Some(("when.tier", format!("nobody comes to the level {tiers}")));
    }
    let most = most_in(checking.program, 0, &Window::Lifetime)?;
    (least_price(reward) > most).then(|| {
        let most = checking.words.points(0, most);
        ("price", format!("nobody can earn more than {most} in all"))
    })
}

/// A reward that is worth more than its points are valued at makes the books too small.
fn undervalued(checking: &mut Checking<'_>, path: &str, reward: &Reward) {
    let (points, value) = match reward.price {
        Price::Fixed { points, value: Some(value) } | Price::Variable { points, value } => {
            (points, value)
        }
        Price::Fixed { value: None, .. } => return,
    };
    // What another money is worth in the program's is not known.
    if reward.money != checking.program.money {
        return;
    }
    let valued = checking.program.points().cost.checked_mul(Ratio::whole(points.units()));
    if valued.is_some_and(|valued| valued < Ratio::whole(value.unsigned_abs())) {
        let sentence = format!(
            "gives {} for {}, which points.cost values at {}",
            checking.words.money(value),
            checking.words.points(0, points),
            valued
                .and_then(|valued| valued.round(RoundingMode::Floor))
                .and_then(|valued| i64::try_from(valued).ok())
                .map_or_else(|| "less".to_owned(), |valued| checking.words.money(valued)),
        );
        checking.find_of(Code::PointsUndervalued, format!("{path}.price"), &reward.id, sentence);
    }
}

/// A reward that costs more than the typical member gathers before points end.
fn out_of_reach(checking: &mut Checking<'_>, path: &str, reward: &Reward) {
    let (program, Some(habits)) = (checking.program, checking.habits) else { return };
    let points = program.points();
    let days = match points.expiry {
        _ if points.extended_by.is_some() || points.by_tier.is_some() => return,
        Expiry::After { period, to_end_of_month } => {
            days_of(period) + if to_end_of_month { 31 } else { 0 }
        }
        Expiry::Yearly { .. } => 366,
        Expiry::Never | Expiry::Inactive { .. } | Expiry::On(_) => return,
    };
    let Some((spend, orders)) = habits.typical_spend(days) else { return };
    let levels = levels::reachable(program);
    let level = reward.tiers.first().map(String::as_str).or(levels.first().copied());
    let at = checking.at;
    let always = |rule: &EarnRule| is_on(program, rule, at) && comes_again(rule);
    let rate = best_rate(program, level, &always).rate;
    let each = program.earn.iter().filter(|rule| always(rule)).filter_map(flat);
    let each = Points::checked_sum(each).unwrap_or(Points::MAX);
    let by_order = Ratio::whole(each.units()).checked_mul(Ratio::whole(orders));
    let gathered = rate
        .checked_mul(Ratio::whole(spend.unsigned_abs()))
        .zip(by_order)
        .and_then(|(by_spend, by_order)| by_spend.checked_add(by_order))
        .and_then(|gathered| gathered.round(RoundingMode::Ceil))
        .and_then(Points::new);
    if let Some(gathered) = gathered.filter(|gathered| *gathered < least_price(reward)) {
        let sentence = format!(
            "costs {}, and half of all members gather {} or less before they end, with {} in {days} \
             days",
            checking.words.points(0, least_price(reward)),
            checking.words.points(0, gathered),
            checking.words.money(spend),
        );
        checking.find_of(Code::RewardOutOfReach, format!("{path}.price"), &reward.id, sentence);
    }
}

/// Whether a rule is no campaign that comes once.
fn comes_again(rule: &EarnRule) -> bool {
    rule.when.from.is_none()
        && rule.when.to.is_none()
        && rule.when.days.is_empty()
        && !rule.when.first_order
}

/// What a rule gives for any order.
fn flat(rule: &EarnRule) -> Option<Points> {
    match &rule.effect {
        Effect::Points { currency: 0, formula: Formula::Flat { points, .. } }
            if rule.on == Trigger::Order && rule.when.order_at_least.is_none() =>
        {
            Some(*points)
        }
        _ => None,
    }
}
