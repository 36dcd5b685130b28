//! Small programs for stories, each one change away from the house's.

use domain::{
    money::Currency,
    points::Points,
    program::{
        Base, Conditions, DebtPolicy, EarnRule, Effect, Expiry, Formula, Group, GroupMode, Level,
        Limit, LimitPer, Measure, MultiplierMode, Notices, OnRefund, Origin, PartialRefund,
        Pending, PointsCurrency, Price, Program, Requirement, Reward, RewardKind, Rounding,
        Rulebook, Stacking, Targets, Tiers, Trigger, Undone, Validity, Window,
    },
    ratio::Ratio,
    time::{Day, Instant, Period},
};
use jiff::tz::TimeZone;

/// One point a pound, at once, for twelve months to the end of the month; debt allowed.
pub fn house() -> Program {
    Program {
        id: "house".parse().expect("a slug"),
        version: 1,
        in_force_from: Instant::from_millis(0),
        name: "House".into(),
        time_zone: TimeZone::get("Europe/London").expect("a zone"),
        money: currency("GBP"),
        other_money: Vec::new(),
        origin: Origin::default(),
        late_by_at_most: Period::Days(400),
        guest_orders: None,
        notices: Notices::default(),
        referral: None,
        currencies: vec![points()],
        bases: vec![Base::default()],
        earn: vec![rate("spend", "1")],
        groups: Vec::new(),
        goals: Vec::new(),
        stacking: Stacking { multipliers: MultiplierMode::Multiply },
        tiers: None,
        rewards: vec![Reward {
            id: "money-off".into(),
            name: "Money off".into(),
            kind: RewardKind::OrderCredit,
            price: Price::Variable { points: whole(1), value: 1 },
            money: currency("GBP"),
            tiers: Vec::new(),
            basket_at_least: None,
            basket_share_thousandths: None,
            labels: Vec::new(),
            from: None,
            to: None,
            limits: Vec::new(),
            worth_up_to: None,
            cost: None,
            undone: Undone::PointsBack,
        }],
        redenomination: 1,
        targets: Targets::default(),
    }
}

/// The house's points.
pub fn points() -> PointsCurrency {
    PointsCurrency {
        id: "points".into(),
        one: "point".into(),
        other: "points".into(),
        decimals: 0,
        cost: Ratio::ONE,
        pending: Pending::Never,
        expiry: months_to_month_end(12),
        rounding: Rounding::default(),
        debt: DebtPolicy::Allow,
        returned_live_at_least: Period::Days(30),
        kept_alive_by: vec!["order".into(), "redemption".into()],
        extended_by: None,
        reinstated_within: None,
        by_tier: None,
    }
}

/// A program after one change.
pub fn with(mut program: Program, change: impl FnOnce(&mut Program)) -> Program {
    change(&mut program);
    program
}

/// The house after one change.
pub fn house_with(change: impl FnOnce(&mut Program)) -> Program {
    with(house(), change)
}

/// The only version of a program.
pub fn only(program: Program) -> Rulebook {
    Rulebook::new([program]).expect("one version")
}

/// Several versions; each comes into force at its day's start.
pub fn versions(versions: impl IntoIterator<Item = (&'static str, Program)>) -> Rulebook {
    let numbered = versions.into_iter().zip(1..).map(|((from, program), version)| {
        let in_force_from = day(from).starts_at(&program.time_zone);
        Program { version, in_force_from, ..program }
    });
    Rulebook::new(numbered).expect("some versions")
}

pub fn currency(code: &str) -> Currency {
    code.parse().expect("a currency")
}

pub fn whole(units: u64) -> Points {
    Points::new(units).expect("points within the limit")
}

pub fn ratio(decimal: &str) -> Ratio {
    decimal.parse().expect("a decimal")
}

pub fn day(date: &str) -> Day {
    Day::from_date(date.parse().expect("a date"))
}

pub fn months_to_month_end(months: u16) -> Expiry {
    Expiry::After { period: Period::Months(months), to_end_of_month: true }
}

/// A rule of the first currency with this formula.
pub fn rule(id: &str, formula: Formula) -> EarnRule {
    EarnRule {
        id: id.into(),
        on: Trigger::Order,
        effect: Effect::Points { currency: 0, formula },
        when: Conditions::default(),
        unless: Conditions::default(),
        base: 0,
        group: None,
        limits: Vec::new(),
        pending: None,
        expiry: None,
    }
}

/// So many smallest units for each whole unit of a money with two digits.
pub fn rate(id: &str, per_whole: &str) -> EarnRule {
    let per_minor = ratio(per_whole).checked_div(Ratio::whole(100)).expect("a ratio");
    rule(id, Formula::Rate { per_minor })
}

pub fn flat(id: &str, points: u64) -> EarnRule {
    let on_partial_refund = PartialRefund::Keep;
    rule(id, Formula::Flat { points: whole(points), on_partial_refund })
}

pub fn steps(id: &str, points: u64, step: i64) -> EarnRule {
    rule(id, Formula::Steps { points: whole(points), step })
}

pub fn times(id: &str, factor: &str) -> EarnRule {
    EarnRule { effect: Effect::Times(ratio(factor)), ..flat(id, 1) }
}

pub fn limited(rule: EarnRule, limits: &[(u64, LimitPer)]) -> EarnRule {
    let limits = limits.iter().map(|&(points, per)| Limit::points(whole(points), per));
    EarnRule { limits: limits.collect(), ..rule }
}

pub fn when(rule: EarnRule, when: Conditions) -> EarnRule {
    EarnRule { when, ..rule }
}

pub fn in_category(category: &str) -> Conditions {
    Conditions { categories: vec![category.into()], ..Conditions::default() }
}

pub fn grouped(rule: EarnRule, group: usize) -> EarnRule {
    EarnRule { group: Some(group), ..rule }
}

pub fn group(mode: GroupMode) -> Group {
    Group { id: "group".into(), mode }
}

/// Levels reached by spend: member, silver from 300.00, gold from 900.00.
pub fn levels(window: Window, validity: Validity, on_refund: OnRefund) -> Tiers {
    let level = |id: &str, from, earn_times| Level {
        id: id.into(),
        name: id.into(),
        from: at_least(Measure::Spend, from),
        earn_times: ratio(earn_times),
        benefits: Vec::new(),
    };
    Tiers {
        measure: Measure::Spend,
        window,
        validity,
        on_refund,
        one_step_down: false,
        grace: None,
        levels: vec![
            level("member", 0, "1"),
            level("silver", 30_000, "1.25"),
            level("gold", 90_000, "1.5"),
        ],
    }
}

/// So much of a measure; 0 is everybody's.
pub fn at_least(measure: Measure, amount: i64) -> Requirement {
    match amount {
        0 => Requirement::Nothing,
        amount => Requirement::AtLeast { measure, amount },
    }
}

/// Levels by calendar year that last through the next.
pub fn yearly(on_refund: OnRefund) -> Tiers {
    levels(Window::CalendarYear, Validity::NextYear { extra_months: 0 }, on_refund)
}

/// Levels by the last twelve months that last for twelve.
pub fn rolling(on_refund: OnRefund) -> Tiers {
    let year = Period::Months(12);
    levels(Window::Rolling(year), Validity::For(year), on_refund)
}
