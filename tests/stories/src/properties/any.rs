//! Programs, orders and refunds of every kind.

use domain::{
    fact::{Fact, Line, Order, Refund, RefundLine, RefundedWhat, Tender},
    program::{
        Conditions, DebtPolicy, EarnRule, Effect, Expiry, Formula, Gives, Goal, GoalKind,
        GroupMode, Joining, Leaderboard, Limit, LimitPer, Measure, Most, MultiplierMode, OnRefund,
        PartialRefund, Pending, Program, Rounding, RoundingScope, Span, Step, StepMeasure, Tiers,
        Trigger, Validity, Window, Word,
    },
    ratio::RoundingMode,
    time::{Instant, Period},
};
use jiff::tz::TimeZone;
use proptest::prelude::*;

use crate::programs::*;

/// A program with any policies and any of the rules below.
pub fn program() -> impl Strategy<Value = Program> {
    let policies = (pending(), expiry(), debt(), rounding(), multipliers(), group_mode());
    let chosen = (any::<u32>(), any::<u8>());
    (policies, proptest::option::of(tiers()), zone(), chosen, 0_u16..40).prop_map(
        |(policies, tiers, zone, (rules, goals), grace)| {
            let (pending, expiry, debt, rounding, multipliers, mode) = policies;
            house_with(|p| {
                p.time_zone = zone;
                p.currencies[0].pending = pending;
                p.currencies[0].expiry = expiry;
                p.currencies[0].debt = debt;
                p.currencies[0].rounding = rounding;
                p.currencies[0].returned_live_at_least = Period::Days(grace);
                p.currencies.push(domain::program::PointsCurrency {
                    id: "status".into(),
                    expiry: Expiry::Never,
                    ..points()
                });
                p.stacking.multipliers = multipliers;
                p.groups = vec![group(mode)];
                p.tiers = tiers;
                if rules >> 31 & 1 == 1 {
                    p.notices.points = [30, 7, 1].map(Period::Days).to_vec();
                    p.notices.tier = p.tiers.as_ref().map(|_| Period::Months(1));
                }
                let mut all = rules_to_choose_from();
                let mut at = 0..;
                all.retain(|_| at.next().is_some_and(|at| rules >> at & 1 == 1));
                p.earn = all;
                let shares = p.earn.iter().position(|rule| rule.id == "spend");
                if let (Some(spend), true) = (shares, goals & 1 == 1) {
                    let share = Formula::ShareOf { rules: vec![spend], share: ratio("0.25") };
                    p.earn.push(when(rule("share", share), in_category("tea")));
                }
                add_goals(p, goals);
            })
        },
    )
}

fn rules_to_choose_from() -> Vec<domain::program::EarnRule> {
    let proportional =
        Formula::Flat { points: whole(25), on_partial_refund: PartialRefund::Proportional };
    let bands = Formula::Bands {
        bands: vec![(1_000, whole(0)), (5_000, whole(7)), (20_000, whole(31))],
        above: whole(90),
    };
    let app = Conditions { channels: vec!["app".into()], ..Conditions::default() };
    let large = Conditions { order_at_least: Some(8_000), ..Conditions::default() };
    let two_lines = Conditions { lines_at_most: Some(2), ..Conditions::default() };
    let by_tier = Formula::ByTier(vec![
        ("silver".into(), Formula::Steps { points: whole(4), step: 800 }),
        ("gold".into(), Formula::Rate { per_minor: ratio("0.02") }),
    ]);
    let status =
        Effect::Points { currency: 1, formula: Formula::Rate { per_minor: ratio("0.01") } };
    vec![
        rate("spend", "1"),
        when(rate("tea", "0.7"), in_category("tea")),
        when(flat("large", 10), large.clone()),
        rule("welcome", proportional),
        steps("steps", 3, 700),
        rule("bands", bands),
        when(times("tea-day", "2"), in_category("tea")),
        when(times("app-day", "1.5"), app),
        when(times("large-day", "1.25"), large),
        limited(rate("daily", "1.1"), &[(40, LimitPer::Day), (100, LimitPer::Lifetime)]),
        grouped(limited(rate("monthly", "0.9"), &[(100, LimitPer::Month)]), 0),
        grouped(steps("grouped", 5, 900), 0),
        grouped(limited(rate("capped", "3"), &[(50, LimitPer::Order)]), 0),
        domain::program::EarnRule { effect: status, ..flat("status", 1) },
        when(times("half", "0.5"), in_category("tea")),
        limited(flat("weekly", 15), &[(30, LimitPer::Week), (400, LimitPer::Year)]),
        limited(flat("in-days", 20), &[(50, LimitPer::Days(12))]),
        rule("pieces", Formula::PerItem { points: whole(2) }),
        rule("levels", by_tier),
        EarnRule {
            pending: Some(Pending::For(Period::Days(9))),
            expiry: Some(months_to_month_end(2)),
            ..rate("apart", "0.4")
        },
        when(rate("two-lines", "0.3"), two_lines),
        EarnRule {
            limits: vec![Limit { most: Most::Times(2), per: LimitPer::Quarter }],
            ..flat("twice", 12)
        },
        EarnRule {
            on: Trigger::Activity("review".into()),
            limits: vec![
                Limit { most: Most::Times(1), per: LimitPer::Subject },
                Limit { most: Most::Times(3), per: LimitPer::Week },
            ],
            ..flat("review", 25)
        },
        EarnRule {
            on: Trigger::Activity("run".into()),
            ..rule("run", Formula::PerItem { points: whole(3) })
        },
        when(
            rate("marked", "0.6"),
            Conditions { labels: vec!["card".into()], ..Conditions::default() },
        ),
    ]
}

/// Goals of which each bit but the first chooses one.
fn add_goals(p: &mut Program, chosen: u8) {
    let of_spend = p.earn.iter().position(|rule| rule.id == "spend");
    let tea = Some(in_category("tea"));
    let month = Span::Each(LimitPer::Month);
    let each = |points, times| Gives::Each { points: whole(points), times };
    let total = Gives::Total(vec![(2, whole(50)), (3, whole(90))]);
    let share = Gives::Share { share: ratio("3"), at_most: Some(whole(300)) };
    let spend = vec![
        (StepMeasure::Spend, 6_000, None),
        (StepMeasure::PointsOf(of_spend.into_iter().collect()), 0, None),
    ];
    let several = vec![(StepMeasure::Times, 2, None), (StepMeasure::Quantity, 4_000, tea.clone())];
    let in_a_row = vec![(StepMeasure::InARow(LimitPer::Day), 2, None)];
    let goals = [
        (month, vec![(StepMeasure::Different(Word::Category), 2, None)], total, None),
        (month, spend, share, Some(Period::Days(28))),
        (Span::Each(LimitPer::Lifetime), vec![(StepMeasure::Times, 2, tea)], each(15, 3), None),
        (Span::Each(LimitPer::Quarter), several, each(30, 1), Some(Period::Days(1))),
        (Span::Each(LimitPer::Year), in_a_row, each(20, 1), None),
    ];
    for (at, (span, steps, gives, credited_after)) in goals.into_iter().enumerate() {
        if chosen >> (at + 1) & 1 == 0 {
            continue;
        }
        let steps = steps.into_iter().enumerate().map(|(step, (measure, at_least, asks))| {
            let counts = EarnRule { effect: Effect::Counts, ..flat(&format!("{at}.{step}"), 1) };
            p.earn.push(when(counts, asks.unwrap_or_default()));
            let rule = p.earn.len() - 1;
            Step { id: step.to_string(), rule, measure, at_least, points: whole(0) }
        });
        let steps: Vec<Step> = steps.collect();
        p.goals.push(Goal {
            id: format!("goal-{at}"),
            name: "A goal".into(),
            kind: GoalKind::Bonus,
            span,
            joining: Joining::Automatic,
            needs: steps.len(),
            steps,
            gives,
            badge: Some("Badge".into()),
            credited_after,
            synced_before_end: false,
            first: None,
            leaderboard: Leaderboard::None,
        });
    }
}

fn pending() -> impl Strategy<Value = Pending> {
    prop_oneof![
        Just(Pending::Never),
        (1_u16..60).prop_map(|days| Pending::For(Period::Days(days))),
        Just(Pending::UntilStatus { status: "shipped".into(), cancelled_after: None }),
    ]
}

fn expiry() -> impl Strategy<Value = Expiry> {
    prop_oneof![
        Just(Expiry::Never),
        (1_u16..24).prop_map(months_to_month_end),
        (1_u16..400)
            .prop_map(|days| Expiry::After { period: Period::Days(days), to_end_of_month: false }),
        (1_u16..24).prop_map(|months| Expiry::Inactive { period: Period::Months(months) }),
        (1_i8..=12, 1_i8..=31).prop_map(|(month, day)| Expiry::Yearly { month, day }),
        (9_700_u16..10_500).prop_map(|n| Expiry::On(domain::time::Day::from_number(n))),
    ]
}

pub fn debt() -> impl Strategy<Value = DebtPolicy> {
    prop_oneof![
        Just(DebtPolicy::Allow),
        (0_u64..50).prop_map(|points| DebtPolicy::UpTo(whole(points))),
        Just(DebtPolicy::WriteOff),
        Just(DebtPolicy::PendingOnly),
    ]
}

fn rounding() -> impl Strategy<Value = Rounding> {
    use RoundingMode::{Ceil, Floor, HalfEven, HalfUp};
    let modes = prop::sample::select(vec![Floor, Ceil, HalfUp, HalfEven]);
    let scopes = prop::sample::select(vec![RoundingScope::Order, RoundingScope::Line]);
    (modes, scopes).prop_map(|(mode, scope)| Rounding { mode, scope })
}

fn multipliers() -> impl Strategy<Value = MultiplierMode> {
    prop::sample::select(vec![MultiplierMode::Multiply, MultiplierMode::Add, MultiplierMode::Max])
}

fn group_mode() -> impl Strategy<Value = GroupMode> {
    prop::sample::select(vec![GroupMode::Sum, GroupMode::Max, GroupMode::First])
}

fn zone() -> impl Strategy<Value = TimeZone> {
    let names = ["UTC", "Europe/London", "America/Santiago", "Pacific/Apia", "Asia/Kathmandu"];
    prop::sample::select(names.to_vec()).prop_map(|name| TimeZone::get(name).expect("a zone"))
}

pub fn tiers() -> impl Strategy<Value = Tiers> {
    let windows = prop_oneof![
        Just(Window::CalendarYear),
        (1_u16..18).prop_map(|months| Window::Rolling(Period::Months(months))),
        Just(Window::Lifetime),
    ];
    let validities = prop_oneof![
        (0_u16..4).prop_map(|extra_months| Validity::NextYear { extra_months }),
        (1_u16..24).prop_map(|months| Validity::For(Period::Months(months))),
        Just(Validity::Lifetime),
    ];
    let refunds =
        prop::sample::select(vec![OnRefund::Keep, OnRefund::Recompute, OnRefund::AtReview]);
    let measures = prop::sample::select(vec![
        Measure::Spend,
        Measure::Orders,
        Measure::Points(0),
        Measure::Points(1),
    ]);
    (windows, validities, refunds, measures, any::<bool>()).prop_map(
        |(window, validity, on_refund, measure, one_step_down)| {
            let mut tiers = levels(window, validity, on_refund);
            tiers.measure = measure;
            tiers.one_step_down = one_step_down;
            let from = match measure {
                Measure::Spend => [5_000, 15_000],
                Measure::Orders => [2, 4],
                Measure::Points(_) => [60, 180],
            };
            tiers.levels[1].from = at_least(measure, from[0]);
            tiers.levels[2].from = at_least(measure, from[1]);
            tiers
        },
    )
}

/// An order with one to four lines and whatever else orders have.
pub fn order() -> impl Strategy<Value = Order> {
    let extras = (0_i64..600, 0_i64..300, 0_u8..3, any::<bool>(), any::<bool>());
    (prop::collection::vec(line(), 1..5), extras, 0_i64..50).prop_map(
        |(mut lines, (shipping, tip, tenders, in_app, named), percent)| {
            for (line, id) in lines.iter_mut().zip(["a", "b", "c", "d"]) {
                line.id = named.then(|| id.to_owned());
            }
            let goods: i64 = lines.iter().map(Line::gross).sum();
            let tender = |kind: &str, amount| Tender { kind: kind.into(), amount };
            Order {
                id: "A".parse().expect("an id"),
                // A later version may bring any line that a refund names.
                version: Some(1),
                placed_at: None,
                currency: currency("GBP"),
                channel: Some(if in_app { "app" } else { "web" }.into()),
                store: None,
                status: Some("shipped".into()),
                test: false,
                prices_include_tax: false,
                discount: goods * percent / 100,
                tax: 0,
                shipping,
                tip,
                tenders: match tenders {
                    0 => vec![],
                    1 => vec![tender("card", goods)],
                    _ => vec![tender("card", goods), tender("points", goods / 3)],
                },
                lines,
            }
        },
    )
}

fn line() -> impl Strategy<Value = Line> {
    let categories = prop::sample::select(vec!["tea", "coffee", "gift_card"]);
    (1_u32..4, 0_i64..9_000, categories).prop_map(|(quantity, unit_price, category)| Line {
        id: None,
        product: None,
        category: Some(category.into()),
        brand: None,
        quantity,
        unit_price,
        discount: 0,
        tax: 0,
    })
}

/// Anything that may be paid back of such an order, in the order or not.
pub fn refunded() -> impl Strategy<Value = RefundedWhat> {
    prop_oneof![
        3 => prop::collection::vec(refunded_line(), 1..4).prop_map(RefundedWhat::Lines),
        2 => (0_i64..9_000).prop_map(RefundedWhat::Amount),
        1 => (0_i64..20_000).prop_map(RefundedWhat::AmountToDate),
        1 => Just(RefundedWhat::Everything),
    ]
}

fn refunded_line() -> impl Strategy<Value = RefundLine> {
    let names = prop::sample::select(vec!["a", "b", "c", "1", "2", "3", "x"]);
    (names, 0_u32..3, 0_i64..2_000).prop_map(|(name, quantity, amount)| RefundLine {
        line: name.into(),
        quantity,
        // A refund of nothing is not well-formed.
        amount: if quantity == 0 { amount + 1 } else { amount },
    })
}

/// A refund of an order, under its own id.
pub fn refund_of(order: &str, id: &str, what: RefundedWhat, at: Option<Instant>) -> Fact {
    Fact::Refund(Refund {
        id: id.parse().expect("an id"),
        order: order.parse().expect("an id"),
        refunded_at: at,
        what,
    })
}

/// 2026-06-10, noon in London, and some time later.
pub fn midsummer(hours: i64) -> Instant {
    Instant::from_millis(1_781_089_200_000).plus_millis(hours * 3_600_000)
}
