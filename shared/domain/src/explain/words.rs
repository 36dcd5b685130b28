//! The words of explanations: kinds of rows, points, formulas, limits.

use crate::{
    money::{Currency, display_minor},
    points::Points,
    program::{
        Formula, Limit, LimitPer, Most, PartialRefund, PointsCurrency, Program, RoundingScope,
    },
    ratio::{Ratio, RoundingMode},
    row::RowKind,
    time::Day,
};

pub(super) fn of_kind(kind: RowKind) -> &'static str {
    match kind {
        RowKind::Enrolled => "The member joined",
        RowKind::Order => "An order",
        RowKind::Refund => "A refund",
        RowKind::Redeemed => "A redemption",
        RowKind::Held => "A reservation",
        RowKind::Captured => "A reservation was used",
        RowKind::Released => "A reservation was given up",
        RowKind::Adjusted => "An adjustment by hand",
        RowKind::Settled => "Time passed",
        RowKind::Activity => "An activity",
        RowKind::Marked => "The shop marked the member",
        RowKind::Granted => "The shop gave a level",
        RowKind::TakenUp => "A challenge was taken up",
        RowKind::Undone => "A redemption was undone",
        RowKind::Claimed => "An order from before the member joined",
        RowKind::MovedOn => "The guest became a member",
        RowKind::Referred => "The member was brought by another",
    }
}

/// `80 points`, with the currency's decimals.
pub(super) fn points(currency: &PointsCurrency, points: Points) -> String {
    let shown = points.display(currency.decimals);
    let name = if shown == "1" { &currency.one } else { &currency.other };
    format!("{shown} {name}")
}

/// An exact number of smallest units as points.
pub(super) fn exact_points(currency: &PointsCurrency, units: Ratio) -> String {
    let scale = Ratio::whole(10_u64.pow(u32::from(currency.decimals)));
    let shown = units.checked_div(scale).unwrap_or(units).to_string();
    let name = if shown == "1" { &currency.one } else { &currency.other };
    format!("{shown} {name}")
}

/// Thousandths as a decimal: 5200 is `5.2`.
pub(super) fn thousandths(amount: i64) -> String {
    let (whole, rest) = (amount / 1_000, (amount % 1_000).abs());
    let text = format!("{whole}.{rest:03}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

pub(super) fn unless_never(day: Day) -> Option<String> {
    (day != Day::NEVER).then(|| day.to_string())
}

/// What a formula gives for `what`, an order or an activity that was paid in `paid`.
pub(super) fn formula(
    program: &Program,
    (what, paid): (&str, Currency),
    currency: &PointsCurrency,
    of: &Formula,
) -> String {
    let money = |minor: i64| display_minor(minor, paid);
    match of {
        Formula::Rate { per_minor } => {
            let one = 10_u64.pow(u32::from(paid.minor_digits()));
            let per_one = per_minor.checked_mul(Ratio::whole(one)).unwrap_or(*per_minor);
            let one = i64::try_from(one).unwrap_or(1);
            format!("{} per {}", exact_points(currency, per_one), money(one))
        }
        Formula::Steps { points: each, step } => {
            format!("{} per full {}", points(currency, *each), money(*step))
        }
        Formula::Bands { bands, above } => {
            let band = |(up_to, of_band): &(i64, Points)| {
                format!("{} up to {}", points(currency, *of_band), money(*up_to))
            };
            let bands: Vec<String> = bands.iter().map(band).collect();
            format!("{}, above that {}", bands.join(", "), points(currency, *above))
        }
        Formula::Flat { points: all, on_partial_refund } => {
            let shrinking = match on_partial_refund {
                PartialRefund::Keep => "",
                PartialRefund::Proportional => ", less by what is given back",
            };
            format!("{} for the {what}{shrinking}", points(currency, *all))
        }
        Formula::PerItem { points: each } => format!("{} per item", points(currency, *each)),
        Formula::ShareOf { rules, share } => {
            let percent = share.checked_mul(Ratio::whole(100)).unwrap_or(*share);
            let rules = rules.iter().filter_map(|rule| program.earn.get(*rule));
            let rules: Vec<&str> = rules.map(|rule| rule.id.as_str()).collect();
            format!("{percent}% of {}", rules.join(" and "))
        }
        Formula::Chance(prizes) => {
            let prizes = prizes.iter().map(|prize| {
                format!("{} in {} wins {}", prize.wins, prize.of, points(currency, prize.points))
            });
            prizes.collect::<Vec<_>>().join(", ")
        }
        Formula::ByTier(by_tier) => {
            let tiers = by_tier.iter().map(|(tier, of)| {
                format!("{} ({tier})", formula(program, (what, paid), currency, of))
            });
            tiers.collect::<Vec<_>>().join(", ")
        }
        Formula::ByMoney(by_money) => {
            let moneys = by_money.iter();
            let moneys = moneys.map(|(paid, of)| formula(program, (what, *paid), currency, of));
            moneys.collect::<Vec<_>>().join(", ")
        }
    }
}

pub(super) fn limit(currency: &PointsCurrency, limit: &Limit) -> String {
    let in_days;
    let per = match limit.per {
        LimitPer::Days(days) => {
            in_days = format!("in any {days} days");
            &in_days
        }
        LimitPer::Order => "per order",
        LimitPer::Day => "per day",
        LimitPer::Week => "per week",
        LimitPer::Month => "per month",
        LimitPer::Quarter => "per quarter",
        LimitPer::Year => "per year",
        LimitPer::Lifetime => "in all",
        LimitPer::Subject => "for the same thing",
        LimitPer::Everybody => "for all members together",
        LimitPer::GiverMonth => "per giver and month",
    };
    match limit.most {
        Most::Points(most) => format!("at most {} {per}", points(currency, most)),
        Most::Times(1) => format!("once {per}"),
        Most::Times(times) => format!("at most {times} times {per}"),
    }
}

pub(super) fn rounding_mode(mode: RoundingMode) -> &'static str {
    match mode {
        RoundingMode::Floor => "floor",
        RoundingMode::Ceil => "ceil",
        RoundingMode::HalfUp => "half_up",
        RoundingMode::HalfEven => "half_even",
    }
}

pub(super) fn rounding_scope(scope: RoundingScope) -> &'static str {
    match scope {
        RoundingScope::Order => "order",
        RoundingScope::Line => "line",
    }
}
