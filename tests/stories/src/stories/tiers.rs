//! Levels: reached at once, lost at a review.

use domain::{
    program::{Measure, OnRefund, Rulebook, Validity, Window},
    time::Period,
};

use crate::{programs::*, script::story};

fn by(tiers: domain::program::Tiers) -> Rulebook {
    only(house_with(|p| p.tiers = Some(tiers)))
}

#[test]
fn the_crossing_order_earns_at_the_old_rate_and_the_next_at_the_new() {
    story(
        &by(yearly(OnRefund::AtReview)),
        "
        2025-01-01  join              | 0    tier=member until=never
        2025-02-01  order A £299.99   | 299  tier=member
        2025-02-02  order B £0.01     | 299  tier=silver until=2027-01-01
        2025-02-03  order C £100      | 424  tier=silver
        2025-02-04  order D £500      | 1049 tier=gold until=2027-01-01
        2025-02-05  order E £100      | 1199 tier=gold
        ",
    );
}

#[test]
fn a_level_of_a_year_lasts_through_the_next_and_no_longer() {
    story(
        &by(yearly(OnRefund::AtReview)),
        "
        2025-01-01        join          | 0    tier=member
        2025-02-01        order A £1000 | 1000 tier=gold until=2027-01-01
        2026-05-01        order B £200  | 300  tier=gold
        2026-12-31T23:59  -             | 300  tier=gold
        2027-01-01T00:00  -             | 300  tier=member
        ",
    );
}

#[test]
fn a_review_takes_a_member_to_the_level_that_the_last_year_earned() {
    story(
        &by(yearly(OnRefund::AtReview)),
        "
        2025-01-01  join          | 0    tier=member
        2025-02-01  order A £1000 | 1000 tier=gold   until=2027-01-01
        2026-05-01  order B £400  | 600  tier=gold   until=2027-01-01
        2027-01-01  -             | 600  tier=silver until=2028-01-01
        2028-01-01  -             | 0    tier=member until=never
        ",
    );
}

#[test]
fn a_level_earned_again_lasts_through_the_next_year_again() {
    story(
        &by(yearly(OnRefund::AtReview)),
        "
        2025-01-01  join         | 0    tier=member
        2025-02-01  order A £900 | 900  tier=gold until=2027-01-01
        2026-05-01  order B £900 | 1350 tier=gold until=2028-01-01
        2027-01-01  -            | 1350 tier=gold until=2028-01-01
        2028-01-01  -            | 0    tier=member
        ",
    );
}

#[test]
fn a_level_may_last_some_months_into_the_year_after() {
    let tiers =
        levels(Window::CalendarYear, Validity::NextYear { extra_months: 2 }, OnRefund::AtReview);
    story(
        &by(tiers),
        "
        2025-01-01        join         | 0    tier=member
        2025-02-01        order A £900 | 900  tier=gold until=2027-03-01
        2026-02-01        order B £300 | 1350 tier=gold until=2027-03-01
        2027-02-28T23:59  -            | 450  tier=gold
        2027-03-01T00:00  -            | 0    tier=silver until=2028-03-01
        2028-03-01        -            | 0    tier=member
        ",
    );
}

#[test]
fn one_step_down_a_year_where_the_program_says() {
    let tiers = domain::program::Tiers { one_step_down: true, ..yearly(OnRefund::AtReview) };
    story(
        &by(tiers),
        "
        2025-01-01  join         | 0   tier=member
        2025-02-01  order A £900 | 900 tier=gold   until=2027-01-01
        2027-01-01  -            | 0   tier=silver until=2028-01-01
        2028-01-01  -            | 0   tier=member until=never
        ",
    );
}

#[test]
fn a_rolling_level_is_reviewed_when_its_time_is_over() {
    story(
        &by(rolling(OnRefund::AtReview)),
        "
        2025-01-01  join         | 0   tier=member
        2025-02-01  order A £200 | 200 tier=member
        2025-06-15  order B £100 | 300 tier=silver until=2026-06-15
        2026-02-15  order C £250 | 612 tier=silver until=2026-06-15
        2026-06-14  order D £50  | 474 tier=silver until=2026-06-15
        2026-06-15  -            | 474 tier=silver until=2027-06-15
        2027-06-15  -            | 62  tier=member until=never
        ",
    );
}

#[test]
fn amounts_leave_a_rolling_window_on_their_anniversary() {
    story(
        &by(rolling(OnRefund::AtReview)),
        "
        2025-01-01  join         | 0   tier=member
        2025-02-01  order A £200 | 200 tier=member
        2026-02-01  order B £100 | 300 tier=member
        2026-02-02  order C £100 | 400 tier=member
        2026-02-03  order D £100 | 500 tier=silver
        ",
    );
}

#[test]
fn a_late_order_counts_in_every_window_that_holds_its_day() {
    story(
        &by(rolling(OnRefund::AtReview)),
        "
        2025-01-01  join                            | 0   tier=member
        2025-03-01  order A £200                    | 200 tier=member
        2025-04-01  order B £100 placed=2025-02-01  | 300 tier=silver until=2026-03-01
        ",
    );
    story(
        &by(yearly(OnRefund::AtReview)),
        "
        2025-01-01  join                            | 0   tier=member
        2025-12-01  order A £200                    | 200 tier=member
        2026-01-02  order B £100 placed=2025-12-31  | 300 tier=silver until=2027-01-01
        ",
    );
}

#[test]
fn after_a_refund_a_level_is_kept_recomputed_or_reviewed_at_the_new_year() {
    for (on_refund, after, until, new_year) in [
        (OnRefund::Keep, "gold", "2027-01-01", "gold"),
        (OnRefund::Recompute, "silver", "2027-01-01", "silver"),
        (OnRefund::AtReview, "gold", "2026-01-01", "silver"),
    ] {
        let text = format!(
            "2025-01-01  join          | 0    tier=member
             2025-02-01  order A £300  | 300  tier=silver
             2025-03-01  order B £600  | 1050 tier=gold   until=2027-01-01
             2025-03-02  refund R B £1 | 1048 tier={after} until={until}
             2025-12-31  -             | 1048 tier={after}
             2026-01-01  -             | 1048 tier={new_year}
             2027-01-01  -             | 0    tier=member"
        );
        story(&by(yearly(on_refund)), &text);
    }
}

#[test]
fn a_level_that_last_year_earned_outlives_refunds_of_this_year() {
    for on_refund in [OnRefund::Recompute, OnRefund::AtReview] {
        story(
            &by(yearly(on_refund)),
            "
            2025-01-01  join           | 0    tier=member
            2025-02-01  order A £900   | 900  tier=gold until=2027-01-01
            2026-03-01  order B £900   | 1350 tier=gold until=2028-01-01
            2026-03-02  refund R B all | 0    tier=gold until=2027-01-01
            2027-01-01  -              | 0    tier=member
            ",
        );
    }
}

#[test]
fn a_level_whose_order_comes_back_in_the_next_year_goes_with_it() {
    story(
        &by(yearly(OnRefund::Recompute)),
        "
        2025-01-01  join           | 0   tier=member
        2025-12-20  order A £900   | 900 tier=gold
        2026-01-05  refund R A all | 0   tier=member until=never
        ",
    );
    story(
        &by(yearly(OnRefund::AtReview)),
        "
        2025-01-01  join           | 0   tier=member
        2025-12-20  order A £900   | 900 tier=gold
        2026-01-05  refund R A all | 0   tier=gold   until=2027-01-01
        ",
    );
}

#[test]
fn a_rolling_level_outlives_refunds_that_it_does_not_need() {
    story(
        &by(levels(
            Window::Rolling(Period::Months(12)),
            Validity::For(Period::Months(24)),
            OnRefund::Recompute,
        )),
        "
        2025-01-01  join           | 0   tier=member
        2025-02-01  order A £900   | 900 tier=gold until=2027-02-01
        2026-06-01  order B £50    | 75  tier=gold
        2026-06-02  refund R B all | 0   tier=gold until=2027-02-01
        2026-06-03  refund S A £1  | 0   tier=silver
        ",
    );
}

#[test]
fn levels_may_be_reached_by_points_or_orders() {
    let tiers = |measure| domain::program::Tiers { measure, ..yearly(OnRefund::Recompute) };
    let small = |mut tiers: domain::program::Tiers| {
        tiers.levels[1].from = at_least(tiers.measure, 2);
        tiers.levels[2].from = at_least(tiers.measure, 3);
        tiers
    };
    story(
        &by(small(tiers(Measure::Orders))),
        "
        2025-01-01  join              | 0  tier=member
        2025-02-01  order A £0.50     | 0  tier=member
        2025-02-01  order B £9/gift_card | 0 tier=member
        2025-02-02  order C £10       | 10 tier=silver
        2025-02-03  order D £0.10     | 10 tier=gold
        2025-02-04  refund R D all    | 10 tier=silver
        ",
    );
    story(
        &by(small(tiers(Measure::Points(0)))),
        "
        2025-01-01  join              | 0 tier=member
        2025-02-01  order A £1.99     | 1 tier=member
        2025-02-02  order B £1.01     | 2 tier=silver
        2025-02-03  redeem R 2        | 0 tier=silver
        2025-02-04  order C £0.80     | 1 tier=gold
        2025-02-04  refund S C all    | 0 tier=silver
        ",
    );
}

#[test]
fn a_further_currency_may_qualify() {
    let program = house_with(|p| {
        let mut status = points();
        status.id = "status".into();
        status.expiry = domain::program::Expiry::Never;
        p.currencies.push(status);
        p.earn.push(domain::program::EarnRule {
            effect: domain::program::Effect::Points {
                currency: 1,
                formula: domain::program::Formula::Flat {
                    points: whole(1),
                    on_partial_refund: domain::program::PartialRefund::Keep,
                },
            },
            ..flat("night", 1)
        });
        let mut tiers = yearly(OnRefund::Recompute);
        tiers.measure = Measure::Points(1);
        tiers.levels[1].from = at_least(tiers.measure, 2);
        tiers.levels[2].from = at_least(tiers.measure, 3);
        p.tiers = Some(tiers);
    });
    story(
        &only(program),
        "
        2025-01-01  join            | 0  tier=member
        2025-02-01  order A £5      | 5  qualifying=1 tier=member
        2025-02-02  order B £5      | 10 qualifying=2 tier=silver
        2025-02-03  refund R A £1   | 9  qualifying=2 tier=silver
        2025-02-04  refund S A all  | 5  qualifying=1 tier=member
        ",
    );
}

#[test]
fn a_member_from_before_there_were_levels_is_on_the_first() {
    let with_levels = house_with(|p| {
        p.tiers = Some(yearly(OnRefund::Keep));
        let members =
            domain::program::Conditions { tiers: vec!["member".into()], ..Default::default() };
        p.earn.push(when(flat("hello", 5), members));
    });
    let rulebook = versions([("2025-01-01", house()), ("2025-06-01", with_levels)]);
    story(
        &rulebook,
        "
        2025-01-01  join            | 0   tier=none
        2025-02-01  order A £500    | 500 tier=none
        2025-06-01  order B £100    | 605 tier=none
        2025-06-02  order C £200    | 810 tier=silver
        ",
    );
}

#[test]
fn spending_never_lowers_a_level() {
    story(
        &by(yearly(OnRefund::Recompute)),
        "
        2025-01-01  join          | 0   tier=member
        2025-02-01  order A £900  | 900 tier=gold
        2025-02-02  redeem R 900  | 0   tier=gold
        2025-02-03  order B £10   | 15  tier=gold
        2025-02-04  refund S B all | 0  tier=gold
        ",
    );
}

#[test]
fn an_account_forgets_old_days_even_when_nothing_ends() {
    let program = house_with(|p| {
        p.currencies[0].expiry = domain::program::Expiry::Never;
        p.tiers = Some(rolling(OnRefund::AtReview));
    });
    let mut text = String::from("2020-01-01 join | 0\n");
    for month in 0..72_i16 {
        let date = jiff::civil::date(2020, 1, 2)
            .checked_add(jiff::Span::new().months(month))
            .expect("a date");
        text += &format!("{date} order A{month} £1 | {} tier=member\n", month + 1);
    }
    let life = story(&only(program), &text);
    let kept = life.rows.last().expect("a row").account.qualified.len();
    assert!(kept <= 37, "an account remembers {kept} days");
}
