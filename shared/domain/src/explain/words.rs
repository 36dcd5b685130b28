//! The words of explanations: kinds of rows, points, formulas, limits.

use crate::{
    money::display_minor,
    points::Points,
    program::{Formula, Limit, LimitPer, PartialRefund, PointsCurrency, Program, RoundingScope},
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

pub(super) fn unless_never(day: Day) -> Option<String> {
    (day != Day::NEVER).then(|| day.to_string())
}

pub(super) fn formula(program: &Program, currency: &PointsCurrency, formula: &Formula) -> String {
    let money = |minor: i64| display_minor(minor, program.money);
    match formula {
        Formula::Rate { per_minor } => {
            let one = 10_u64.pow(u32::from(program.money.minor_digits()));
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
            format!("{} for the order{shrinking}", points(currency, *all))
        }
    }
}

pub(super) fn limit(currency: &PointsCurrency, limit: &Limit) -> String {
    let per = match limit.per {
        LimitPer::Order => "per order",
        LimitPer::Day => "per day",
        LimitPer::Week => "per week",
        LimitPer::Month => "per month",
        LimitPer::Year => "per year",
        LimitPer::Lifetime => "in all",
    };
    format!("at most {} {per}", points(currency, limit.points))
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
