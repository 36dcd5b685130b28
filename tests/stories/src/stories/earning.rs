//! What orders earn, and why not.

use domain::{
    program::{
        Base, Conditions, GroupMode, LimitPer, MultiplierMode, PartialRefund, Pending, Rounding,
        RoundingScope,
    },
    ratio::RoundingMode,
    time::Period,
};

use crate::{programs::*, script::story};

#[test]
fn points_wait_for_the_return_window_and_end_at_the_months_end() {
    let program = house_with(|p| p.currencies[0].pending = Pending::For(Period::Days(14)));
    story(
        &only(program),
        "
        2026-01-01        join              | 0
        2026-01-10        order  A  £80.00  | 0  pending=80
        2026-01-23T23:59  -                 | 0  pending=80
        2026-01-24T00:00  -                 | 80 pending=0 lots=2027-02-01:80
        2027-01-31T23:59  -                 | 80
        2027-02-01T00:00  -                 | 0
        2027-02-02        pass              | 0
        2027-02-03        pass              | NOTHING_DUE
        ",
    );
}

#[test]
fn nobody_earns_before_joining() {
    let life = story(&only(house()), "2026-01-01 join | 0");
    let mut stranger = crate::life::Life::new(&life.rulebook);
    let passing = stranger.record(domain::fact::Fact::Passing, "x", life.rows[0].recorded_at);
    assert!(
        matches!(passing, crate::life::Became::Refused(refusal) if refusal.code() == "MEMBER_UNKNOWN")
    );
}

#[test]
fn only_what_was_paid_for_goods_earns() {
    story(
        &only(house()),
        "
        2026-01-01  join                                                       | 0
        2026-01-02  order A £20.00 tax=£4.00 shipping=£4.95 tip=£3.00          | 20
        2026-01-03  order B £20.00 discount=£5.50                              | 34
        2026-01-04  order C £50.00/gift_card                                   | 34 spend=NOTHING_ELIGIBLE
        2026-01-05  order D £0.99                                              | 34 spend=ROUNDED_TO_ZERO
        2026-01-06  order E £40.00 paid=points:£10.00,card:£30.00              | 64
        2026-01-07  order F £40.00 paid=points:£40.00                          | 64 spend=NOTHING_ELIGIBLE
        2026-01-08  order G £10.00 test                                        | 64 note=TEST_ORDER spend=TEST_ORDER
        2026-01-09  order H £10.00 money=USD                                   | CURRENCY
        2026-01-10  order I £10.00 status=cancelled                            | 64 spend=CANCELLED
        ",
    );
}

#[test]
fn every_condition_that_fails_says_so() {
    let cases: [(&str, Conditions, &str); 9] = [
        ("CHANNEL", Conditions { channels: vec!["app".into()], ..none() }, "channel=web"),
        ("STORE", Conditions { stores: vec!["leeds".into()], ..none() }, "store=york"),
        ("PRODUCT", Conditions { products: vec!["tea".into()], ..none() }, ""),
        ("CATEGORY", in_category("tea"), ""),
        ("BRAND", Conditions { brands: vec!["ours".into()], ..none() }, ""),
        ("TENDER", Conditions { sole_tenders: vec!["card".into()], ..none() }, "paid=cash:£10.00"),
        ("TIER", Conditions { tiers: vec!["gold".into()], ..none() }, ""),
        (
            "DATE",
            Conditions { from: Some(day("2027-01-01").starts_at(&house().time_zone)), ..none() },
            "",
        ),
        ("ORDER_TOO_SMALL", Conditions { order_at_least: Some(1001), ..none() }, ""),
    ];
    for (code, conditions, details) in cases {
        let program = house_with(|p| p.earn = vec![when(rate("spend", "1"), conditions)]);
        let text = format!(
            "2026-01-01 join | 0
             2026-01-02 order A £10.00/coffee@theirs#beans {details} | 0 spend={code}"
        );
        story(&only(program), &text);
    }
    let unless = |unless| house_with(|p| p.earn[0].unless = unless);
    for excluded in [in_category("coffee"), Conditions { channels: vec!["web".into()], ..none() }] {
        story(
            &only(unless(excluded)),
            "
            2026-01-01 join                              | 0
            2026-01-02 order A £10.00/coffee channel=web | 0 spend=EXCLUDED
            2026-01-02 order B £10.00/tea channel=app    | 10
            ",
        );
    }
}

fn none() -> Conditions {
    Conditions::default()
}

#[test]
fn dates_count_from_their_first_instant_to_before_their_last() {
    let at = |text: &str| Some(day(text).starts_at(&house().time_zone));
    let weekend = Conditions { from: at("2026-11-27"), to: at("2026-12-01"), ..none() };
    let program = house_with(|p| p.earn.push(when(times("sale", "2"), weekend)));
    story(
        &only(program),
        "
        2026-01-01           join           | 0
        2026-11-26T23:59:59  order A £10.00 | 10
        2026-11-27T00:00     order B £10.00 | 30
        2026-11-30T23:59:59  order C £10.00 | 50
        2026-12-01T00:00     order D £10.00 | 60
        2026-12-03           order E £10.00 placed=2026-11-28 | 80
        ",
    );
}

#[test]
fn multipliers_combine_as_the_program_says() {
    for (mode, points) in
        [(MultiplierMode::Multiply, 60), (MultiplierMode::Add, 40), (MultiplierMode::Max, 30)]
    {
        let program = house_with(|p| {
            p.stacking.multipliers = mode;
            p.earn.extend([times("two", "2"), times("three", "3")]);
        });
        let text = format!("2026-01-01 join | 0\n 2026-01-02 order A £10.00 | {points}");
        story(&only(program), &text);
    }
}

#[test]
fn a_multiplier_touches_only_its_lines() {
    let program = house_with(|p| {
        p.earn.push(when(times("books", "3"), in_category("book")));
    });
    story(
        &only(program),
        "
        2026-01-01 join                       | 0
        2026-01-02 order A £10.00/book £10.00 | 40
        2026-01-03 refund R1 A 1:x1           | 10
        2026-01-04 refund R2 A 2:x1           | 0
        ",
    );
}

#[test]
fn a_group_counts_all_the_most_or_the_first() {
    for (mode, points, first, second) in [
        (GroupMode::Sum, 40, "10", "30"),
        (GroupMode::Max, 30, "OTHER_RULE_COUNTS", "30"),
        (GroupMode::First, 10, "10", "OTHER_RULE_COUNTS"),
    ] {
        let program = house_with(|p| {
            p.groups = vec![group(mode)];
            p.earn = vec![grouped(rate("one", "1"), 0), grouped(rate("three", "3"), 0)];
        });
        let text = format!(
            "2026-01-01 join | 0
             2026-01-02 order A £10.00 | {points} one={first} three={second}"
        );
        story(&only(program), &text);
    }
}

#[test]
fn a_group_is_decided_before_multipliers() {
    let program = house_with(|p| {
        p.groups = vec![group(GroupMode::Max)];
        p.earn = vec![
            when(grouped(rate("tea", "2"), 0), in_category("tea")),
            when(grouped(rate("coffee", "1"), 0), in_category("coffee")),
            when(times("coffee-day", "3"), in_category("coffee")),
        ];
    });
    story(
        &only(program),
        "
        2026-01-01 join                             | 0
        2026-01-02 order A £10.00/tea £10.00/coffee | 20 coffee=OTHER_RULE_COUNTS
        ",
    );
}

#[test]
fn each_mode_and_scope_rounds_in_its_own_way() {
    // Two lines of £1.50 at one point a pound.
    for (mode, by_order, by_line) in [
        (RoundingMode::Floor, 3, 2),
        (RoundingMode::Ceil, 3, 4),
        (RoundingMode::HalfUp, 3, 4),
        (RoundingMode::HalfEven, 3, 4),
    ] {
        for (scope, points) in [(RoundingScope::Order, by_order), (RoundingScope::Line, by_line)] {
            let program = house_with(|p| p.currencies[0].rounding = Rounding { mode, scope });
            let text = format!("2026-01-01 join | 0\n 2026-01-02 order A £1.50 £1.50 | {points}");
            story(&only(program), &text);
        }
    }
}

#[test]
fn rounding_never_lifts_a_rule_above_its_limit() {
    let capped = |id, per_whole| limited(rate(id, per_whole), &[(10, LimitPer::Order)]);
    for (scope, outcome) in [
        (RoundingScope::Order, "11 capped=ORDER_CAP small=1"),
        (RoundingScope::Line, "10 capped=ORDER_CAP small=ROUNDED_TO_ZERO"),
    ] {
        let program = house_with(|p| {
            p.currencies[0].rounding = Rounding { mode: RoundingMode::Ceil, scope };
            p.earn = vec![capped("capped", "10"), rate("small", "0.1")];
        });
        let text = format!(
            "2026-01-01 join                      | 0
             2026-01-02 order A £1.00 £1.00 £1.00 | {outcome}"
        );
        story(&only(program), &text);
    }
}

#[test]
fn several_rules_are_rounded_once_together() {
    let program = house_with(|p| p.earn = vec![rate("a", "0.6"), rate("b", "0.6")]);
    story(
        &only(program),
        "
        2026-01-01 join          | 0
        2026-01-02 order A £1.00 | 1 a=1 b=ROUNDED_TO_ZERO
        2026-01-03 order B £2.00 | 3 a=1 b=1
        ",
    );
}

#[test]
fn steps_bands_and_flat_awards() {
    use domain::program::Formula;
    let bands = Formula::Bands {
        bands: vec![(999, whole(0)), (3000, whole(2)), (6000, whole(6))],
        above: whole(16),
    };
    let program = house_with(|p| {
        p.earn = vec![steps("steps", 1, 500), rule("bands", bands), flat("flat", 3)];
    });
    story(
        &only(program),
        "
        2026-01-01 join            | 0
        2026-01-02 order A £4.99   | 3  steps=BELOW_STEP bands=BELOW_STEP flat=3
        2026-01-02 order B £10.00  | 10 steps=2 bands=2
        2026-01-02 order C £30.00  | 21 steps=6 bands=2
        2026-01-02 order D £30.01  | 36 steps=6 bands=6
        2026-01-02 order E £60.01  | 67 steps=12 bands=16
        ",
    );
}

#[test]
fn a_flat_award_stays_or_shrinks_with_the_order() {
    use domain::program::Formula;
    for (on_partial_refund, left) in [(PartialRefund::Keep, 100), (PartialRefund::Proportional, 75)]
    {
        let formula = Formula::Flat { points: whole(100), on_partial_refund };
        let program = house_with(|p| p.earn = vec![rule("welcome", formula)]);
        let text = format!(
            "2026-01-01 join              | 0
             2026-01-02 order A £40.00    | 100
             2026-01-03 refund R A £10.00 | {left}
             2026-01-04 refund S A all    | 0 welcome=REFUNDED"
        );
        story(&only(program), &text);
    }
}

#[test]
fn a_rule_for_large_orders_ends_with_the_refund_that_makes_the_order_small() {
    let large = Conditions { order_at_least: Some(10_000), ..none() };
    let program = house_with(|p| {
        p.earn.push(when(flat("bonus", 500), large.clone()));
        p.earn.push(when(times("double", "2"), large));
    });
    story(
        &only(program),
        "
        2026-01-01 join                       | 0
        2026-01-02 order A £100.00 £20.00     | 1240
        2026-01-03 refund R1 A 2:x1           | 1200
        2026-01-04 refund R2 A 1:£0.01        | 99 bonus=ORDER_TOO_SMALL
        ",
    );
}

#[test]
fn a_rule_may_count_its_own_base() {
    let program = house_with(|p| {
        p.bases.push(Base { with_shipping: true, ..Base::default() });
        p.earn.push(domain::program::EarnRule { base: 1, ..rate("delivered", "1") });
    });
    story(
        &only(program),
        "
        2026-01-01 join                              | 0
        2026-01-02 order A £20.00 shipping=£5.00     | 45 spend=20 delivered=25
        2026-01-03 refund R A 1:x1                   | 5
        2026-01-03 refund S A £5.00                  | 0
        ",
    );
}

#[test]
fn points_wait_for_their_orders_status() {
    let program = house_with(|p| {
        p.currencies[0].pending =
            Pending::UntilStatus { status: "shipped".into(), cancelled_after: None }
    });
    story(
        &only(program),
        "
        2026-01-01 join                              | 0
        2026-01-02 order A £20.00 v=1 status=paid    | 0  pending=20
        2026-01-03 order B £30.00 v=1 status=paid    | 0  pending=50
        2026-01-04 order A £20.00 v=2 status=shipped | 20 pending=30
        2026-01-05 order A £20.00 v=3 status=closed  | 20 pending=30
        2026-01-06 refund R B all                    | 20 pending=0
        2026-01-07 order C £5.00 status=shipped      | 25 pending=0
        ",
    );
}

#[test]
fn points_whose_status_never_comes_end_with_their_lot() {
    let program = house_with(|p| {
        p.currencies[0].pending =
            Pending::UntilStatus { status: "shipped".into(), cancelled_after: None }
    });
    story(
        &only(program),
        "
        2026-01-01 join                              | 0
        2026-01-02 order A £20.00 v=1                | 0 pending=20 due=2027-02-01
        2027-02-01 -                                 | 0 pending=0
        2027-02-02 pass                              | 0 due=none
        2027-02-03 order A £20.00 v=2 status=shipped | 0 pending=0
        2027-02-04 refund R A all                    | 0 debt=0
        ",
    );
}

#[test]
fn an_older_version_may_be_the_one_that_brings_the_status() {
    let program = house_with(|p| {
        p.currencies[0].pending =
            Pending::UntilStatus { status: "shipped".into(), cancelled_after: None }
    });
    story(
        &only(program),
        "
        2026-01-01 join                              | 0
        2026-01-02 order A £20.00 v=3 status=closed  | 0  pending=20
        2026-01-02 order A £20.00 v=2 status=shipped | 20 pending=0 note=STALE
        ",
    );
}
