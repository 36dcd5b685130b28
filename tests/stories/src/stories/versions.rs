//! Later and older versions of an order, and later versions of the program.

use domain::program::{Conditions, LimitPer};

use crate::{programs::*, script::story};

#[test]
fn a_later_version_moves_points_by_the_difference() {
    story(
        &only(house()),
        "
        2026-01-01 join                            | 0
        2026-01-02 order A £50 v=1                 | 50
        2026-01-03 order A £70 v=2                 | 70
        2026-01-04 order A £40 v=3                 | 40
        2026-01-05 order A £70 v=2                 | 40 replayed
        2026-01-05 order A £99 v=2                 | KEY_REUSED
        2026-01-06 order A £40 v=4 status=cancelled | 0 spend=CANCELLED
        2026-01-07 order A £40 v=5                 | 40
        ",
    );
}

#[test]
fn failure_04_an_older_version_is_recorded_as_stale() {
    story(
        &only(house()),
        "
        2026-01-01 join            | 0
        2026-01-02 order A £70 v=5 | 70
        2026-01-03 order A £50 v=4 | 70 note=STALE
        2026-01-03 order A £50     | 70 note=STALE
        2026-01-04 order A £20 v=6 | 20
        ",
    );
}

#[test]
fn a_refund_stays_with_its_line_through_versions() {
    story(
        &only(house()),
        "
        2026-01-01 join                        | 0
        2026-01-02 order A a:£50 b:2x£20 v=1   | 90
        2026-01-03 refund R1 A b:x1            | 70
        2026-01-04 order A b:2x£20 v=2         | 20
        2026-01-05 order A b:2x£20 c:£10 v=3   | 30
        2026-01-06 refund R2 A c:x1            | 20
        ",
    );
}

#[test]
fn a_refund_of_what_only_a_later_version_has_waits_for_it() {
    story(
        &only(house()),
        "
        2026-01-01 join                  | 0
        2026-01-02 order A a:£50 v=1     | 50
        2026-01-03 refund R1 A b:x1      | 50 note=NOTHING_LEFT_TO_REFUND
        2026-01-03 refund R2 A £60       | 0  note=CLIPPED_TO_WHAT_IS_LEFT
        2026-01-04 order A a:£50 b:£20 c:£30 v=2 | 20
        ",
    );
}

#[test]
fn a_later_version_is_matched_at_the_time_of_the_first() {
    let sale = Conditions {
        from: Some(day("2026-01-02").starts_at(&house().time_zone)),
        to: Some(day("2026-01-03").starts_at(&house().time_zone)),
        ..Conditions::default()
    };
    let program = house_with(|p| p.earn.push(when(times("sale", "2"), sale)));
    story(
        &only(program),
        "
        2026-01-01 join            | 0
        2026-01-02 order A £50 v=1 | 100
        2026-01-09 order A £40 v=2 | 80
        ",
    );
}

#[test]
fn an_order_keeps_the_version_it_was_decided_under() {
    let generous = house_with(|p| p.earn = vec![rate("spend", "2")]);
    let gone = house_with(|p| p.earn = vec![rate("other", "3")]);
    let rulebook =
        versions([("2026-01-01", house()), ("2026-02-01", generous), ("2026-03-01", gone)]);
    story(
        &rulebook,
        "
        2026-01-01        join                           | 0
        2026-01-31T23:59  order A £50 v=1                | 50
        2026-02-01T00:00  order B £50                    | 150
        2026-02-02        refund R1 A £10                | 140
        2026-02-02        refund R2 B £10                | 120
        2026-02-03        order C £50 placed=2026-01-15  | 170
        2026-03-02        order A £60 v=2                | 180
        2026-03-03        refund R3 B all                | 100
        2026-03-03        refund R4 A all                | 50
        2026-03-03        order D £10                    | 80
        ",
    );
}

#[test]
fn a_limit_goes_on_through_versions() {
    let capped = |limit| {
        house_with(|p| p.earn = vec![limited(rate("spend", "1"), &[(limit, LimitPer::Month)])])
    };
    let rulebook = versions([("2026-01-01", capped(100)), ("2026-01-15", capped(150))]);
    story(
        &rulebook,
        "
        2026-01-01 join             | 0
        2026-01-02 order A £100 v=1 | 100
        2026-01-16 order B £100     | 150 spend=MONTHLY_CAP
        2026-01-17 order A £100 v=2 | 150
        2026-01-18 refund R A £10   | 140
        2026-01-19 order C £100     | 150 spend=MONTHLY_CAP
        ",
    );
}
