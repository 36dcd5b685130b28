//! What users of other systems complained about, and what must hold here instead.

use domain::program::{DebtPolicy, OnRefund};

use crate::{programs::*, script::story};

#[test]
fn buying_and_returning_again_and_again_gives_nothing() {
    let mut text = String::from("2026-01-01 join | 0\n");
    for n in 1..=5 {
        text += &format!(
            "2026-01-02 order A{n} £80 | 80
             2026-01-03 refund R{n} A{n} all | 0\n"
        );
    }
    story(&only(house()), &text);
}

#[test]
fn a_refund_is_never_taken_twice() {
    story(
        &only(house()),
        "
        2026-01-01 join            | 0
        2026-01-02 order A £80     | 80
        2026-01-03 refund R A £40  | 40
        2026-01-04 refund R A £40  | 40 replayed
        2026-01-04 refund R A £41  | KEY_REUSED
        ",
    );
}

#[test]
fn a_refund_follows_the_rule_of_its_order_not_of_today() {
    let doubled = house_with(|p| p.earn = vec![rate("spend", "2")]);
    let without = house_with(|p| p.earn = Vec::new());
    let rulebook =
        versions([("2026-01-01", house()), ("2026-02-01", doubled), ("2026-03-01", without)]);
    story(
        &rulebook,
        "
        2026-01-01 join            | 0
        2026-01-02 order A £50     | 50
        2026-02-03 refund R A £25  | 25
        2026-03-03 refund S A all  | 0
        ",
    );
}

#[test]
fn a_refund_follows_the_level_of_its_order_not_of_today() {
    let program = house_with(|p| p.tiers = Some(yearly(OnRefund::Keep)));
    story(
        &only(program),
        "
        2026-01-01 join            | 0
        2026-01-02 order A £100    | 100 tier=member
        2026-01-03 order B £800    | 900 tier=gold
        2026-01-04 order C £100    | 1050
        2026-01-05 refund R A all  | 950
        2026-01-06 refund S C all  | 800
        ",
    );
}

#[test]
fn sending_an_order_again_in_another_status_gives_nothing_more() {
    story(
        &only(house()),
        "
        2026-01-01 join                          | 0
        2026-01-02 order A £80 v=1 status=paid   | 80
        2026-01-03 order A £80 v=2 status=closed | 80
        2026-01-04 order A £80 v=3 status=closed | 80
        2026-01-05 order A £80 v=2 status=closed | 80 replayed
        ",
    );
}

#[test]
fn gift_cards_earn_when_they_are_spent_not_when_they_are_bought() {
    story(
        &only(house()),
        "
        2026-01-01 join                                 | 0
        2026-01-02 order A £50/gift_card                | 0
        2026-01-03 order B £50 paid=gift_card:£50       | 50
        ",
    );
}

#[test]
fn a_release_gives_back_only_what_that_hold_took() {
    let mut text = String::from("2026-01-01 join | 0\n 2026-01-02 order A £80 | 80\n");
    for n in 1..=3 {
        text += &format!(
            "2026-01-03T10:0{n} hold H{n} 50 | 30 held=50
             2026-01-03T10:0{n} release L{n} H{n} | 80
             2026-01-03T10:0{n} release M{n} H{n} | HOLD_UNKNOWN\n"
        );
    }
    story(&only(house()), &text);
}

#[test]
fn a_refund_takes_progress_and_limits_back_too() {
    let program = house_with(|p| {
        p.tiers = Some(yearly(OnRefund::Recompute));
        p.earn = vec![limited(rate("spend", "1"), &[(350, domain::program::LimitPer::Year)])];
    });
    let life = story(
        &only(program),
        "
        2026-01-01 join            | 0   tier=member
        2026-01-02 order A £400    | 350 tier=silver measured=40000 spend=YEARLY_CAP
        2026-01-03 refund R A all  | 0   tier=member measured=0
        ",
    );
    let account = &life.rows.last().expect("a row").account;
    assert!(account.used.is_empty() && account.qualified.is_empty());
}

#[test]
fn points_may_end_where_debt_is_allowed() {
    story(
        &only(house_with(|p| p.currencies[0].debt = DebtPolicy::Allow)),
        "
        2026-01-01 join            | 0
        2026-01-02 order A £80     | 80
        2026-03-01 order B £80     | 160
        2026-04-01 redeem S 100    | 60
        2026-04-02 refund R A all  | -20
        2026-04-03 order C £30     | 10
        2027-05-01 -               | 0
        ",
    );
}

#[test]
fn the_balance_never_collapses_when_spent_lots_end() {
    story(
        &only(house_with(|p| p.currencies[0].expiry = months_to_month_end(6))),
        "
        2025-01-10 join          | 0
        2025-01-15 order A £40   | 40
        2025-02-03 order B £25   | 65
        2025-04-02 order C £36   | 101
        2025-05-05 redeem S 100  | 1
        2025-08-01 -             | 1
        2025-09-01 -             | 1
        2025-11-01 -             | 0
        ",
    );
}

#[test]
fn the_level_at_each_boundary_is_the_one_that_was_reached() {
    for (pounds, pence, tier) in [
        (0, 1, "member"),
        (299, 99, "member"),
        (300, 0, "silver"),
        (899, 99, "silver"),
        (900, 0, "gold"),
    ] {
        let program = house_with(|p| p.tiers = Some(yearly(OnRefund::Keep)));
        let text = format!(
            "2026-01-01 join | 0 tier=member
             2026-01-02 order A £{pounds}.{pence:02} | {pounds} tier={tier}"
        );
        story(&only(program), &text);
    }
}

#[test]
fn the_zone_of_the_program_decides_what_day_it_is() {
    let program = house_with(|p| {
        p.time_zone = jiff::tz::TimeZone::get("America/Los_Angeles").expect("a zone");
    });
    story(
        &only(program),
        "
        2026-01-01        join          | 0
        2026-01-31T23:30  order A £80   | 80 lots=2027-02-01:80
        2027-01-31T23:59  redeem R 80   | 0
        ",
    );
}
