//! What points buy.

use domain::program::{Price, Reward, RewardKind, Undone};

use super::Teller;
use crate::words::{Words, any_of, choices::basket_share, per, spoken};

pub(super) fn tell(teller: &mut Teller<'_>) {
    for (at, reward) in teller.program().rewards.iter().enumerate() {
        let path = format!("reward[{at}]");
        let Reward { id, cost, undone, .. } = reward;
        let text = reward_words(&teller.words, reward);
        teller.tell_of(path.clone(), id, text);
        if let Some(cost) = cost {
            let cost = teller.words.money(*cost);
            teller.note_of(format!("{path}.cost"), id, format!("it costs the shop {cost}"));
        }
        let undone = match undone {
            Undone::PointsBack => "undone, its points come back",
            Undone::Never => "it is final",
        };
        teller.note_of(format!("{path}.undone"), id, undone);
    }
}

/// What a reward is, who may have it, and how often.
pub(crate) fn reward_words(words: &Words<'_>, reward: &Reward) -> String {
    let Reward {
        id: _,
        name,
        kind,
        price: _,
        money,
        tiers,
        basket_at_least,
        basket_share_thousandths,
        labels,
        from,
        to,
        limits,
        worth_up_to,
        cost: _,
        undone: _,
    } = reward;
    let what = match kind_words(*kind) {
        kind if name.to_lowercase() == kind => name.clone(),
        kind => format!("{name} ({kind})"),
    };
    let mut text = format!("{what}: {}", price_words(words, reward));
    let mut add = |clause: String| text.push_str(&format!(", {clause}"));
    if let Some(worth) = worth_up_to {
        add(format!("worth up to {}", words.money_in(*worth, *money)));
    }
    let levels: Vec<&str> = tiers.iter().map(|tier| words.level(tier)).collect();
    if !levels.is_empty() {
        add(format!("on the level {}", any_of(&levels)));
    }
    if !labels.is_empty() {
        let labels: Vec<String> = labels.iter().map(|label| spoken(label)).collect();
        add(format!("for members marked as {}", any_of(&labels)));
    }
    if let Some(span) = words.span(*from, *to) {
        add(span);
    }
    if let Some(least) = basket_at_least {
        add(format!("from a basket of {}", words.money_in(*least, *money)));
    }
    if let Some(share) = basket_share_thousandths {
        add(format!("up to {}", basket_share(*share)));
    }
    for (times, span) in limits {
        let times = if *times == 1 { "once".to_owned() } else { format!("{times} times") };
        add(format!("{times} {}", per(*span)));
    }
    text
}

/// `1.00 GBP for each 100 points`.
pub(crate) fn price_words(words: &Words<'_>, reward: &Reward) -> String {
    let money = |value: &i64| words.money_in(*value, reward.money);
    match &reward.price {
        Price::Fixed { points, value: None } => words.points(0, *points),
        Price::Fixed { points, value: Some(value) } => {
            format!("{} for {}", money(value), words.points(0, *points))
        }
        Price::Variable { points, value } => {
            format!("{} for each {}", money(value), words.points(0, *points))
        }
    }
}

fn kind_words(kind: RewardKind) -> &'static str {
    match kind {
        RewardKind::OrderCredit => "money off",
        RewardKind::FreeProduct => "a free product",
        RewardKind::Benefit => "a benefit",
        RewardKind::PercentOff => "percent off",
        RewardKind::Delivery => "money off delivery",
        RewardKind::Experience => "an experience",
        RewardKind::Access => "access",
        RewardKind::PrizeDraw => "a prize draw",
        RewardKind::Donation => "a donation",
    }
}
