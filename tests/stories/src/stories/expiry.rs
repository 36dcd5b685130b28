//! When points end.

use domain::{program::Expiry, time::Period};

use crate::{programs::*, script::story};

fn ending(expiry: Expiry) -> domain::program::Rulebook {
    only(house_with(|p| p.currencies[0].expiry = expiry))
}

#[test]
fn each_lot_ends_on_its_own_day() {
    let after = Expiry::After { period: Period::Months(1), to_end_of_month: false };
    story(
        &ending(after),
        "
        2027-01-01        join        | 0
        2027-01-30        order A £1  | 1
        2027-01-31        order B £2  | 3 lots=2027-02-28:3
        2027-02-27T23:59  -           | 3
        2027-02-28T00:00  -           | 0
        2028-01-31        order C £4  | 4 lots=2028-02-29:4
        2028-02-29T00:00  -           | 0
        ",
    );
}

#[test]
fn all_points_end_when_nothing_was_ordered_or_spent_for_long() {
    let inactive = Expiry::Inactive { period: Period::Months(12) };
    story(
        &ending(inactive),
        "
        2025-01-20        join           | 0   due=none
        2025-03-01        order A £120   | 120 due=2026-03-01
        2025-06-01        redeem R 20    | 100 due=2026-06-01
        2025-12-01        refund S A £10 | 90  due=2026-06-01
        2026-05-31T23:59  -              | 90
        2026-06-01T00:00  -              | 0
        2026-06-02        pass           | 0   due=none
        2026-06-03        refund T A all | -20 debt=20
        2026-06-04        order B £50    | 30  due=2027-06-04
        ",
    );
}

#[test]
fn points_given_to_an_inactive_member_do_not_end_at_once() {
    let inactive = Expiry::Inactive { period: Period::Months(12) };
    story(
        &ending(inactive),
        "
        2025-01-20  join         | 0
        2025-03-01  order A £120 | 120
        2026-07-01  give G 50    | 50 due=2027-07-01
        2026-08-01  give H 5     | 55 due=2027-07-01
        2027-07-01  -            | 0
        ",
    );
}

#[test]
fn a_late_order_does_not_bring_back_what_inactivity_ended() {
    let inactive = Expiry::Inactive { period: Period::Months(12) };
    story(
        &ending(inactive),
        "
        2025-01-20  join                           | 0
        2025-03-01  order A £120                   | 120
        2026-03-05  pass                           | 0
        2026-03-06  order B £30 placed=2026-02-20  | 30 due=2027-02-20
        ",
    );
}

#[test]
fn all_points_end_on_one_day_of_the_year() {
    story(
        &ending(Expiry::Yearly { month: 2, day: 29 }),
        "
        2027-01-01        join        | 0
        2027-01-31        order A £5  | 5  lots=2027-02-28:5
        2027-02-28T00:00  -           | 0
        2027-02-28        order B £7  | 7  lots=2028-02-29:7
        2028-02-28        order C £1  | 8
        2028-02-29T00:00  -           | 0
        ",
    );
}

#[test]
fn all_points_end_on_one_day() {
    story(
        &ending(Expiry::On(day("2026-12-31"))),
        "
        2026-01-01        join        | 0
        2026-05-31        order A £5  | 5
        2026-12-30T23:59  -           | 5
        2026-12-31T00:00  -           | 0
        2026-12-31        order B £5  | 0
        ",
    );
}

#[test]
fn points_may_never_end() {
    story(
        &ending(Expiry::Never),
        "
        2026-01-01  join        | 0
        2026-05-31  order A £5  | 5 due=none lots=never:5
        2099-12-31  -           | 5
        2099-12-31  pass        | NOTHING_DUE
        ",
    );
}

#[test]
fn a_change_of_expiry_leaves_points_that_are_there_their_day() {
    let shorter = house_with(|p| p.currencies[0].expiry = months_to_month_end(6));
    let rulebook = versions([("2026-01-01", house()), ("2026-03-01", shorter)]);
    story(
        &rulebook,
        "
        2026-01-01  join        | 0
        2026-02-01  order A £5  | 5
        2026-03-01  order B £5  | 10 lots=2026-10-01:5,2027-03-01:5
        ",
    );
}
