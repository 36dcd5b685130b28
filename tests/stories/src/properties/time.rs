//! Time is a fact: settling, midnights, clocks that are wrong.

use domain::{
    account::{Account, signed},
    fact::{Fact, Order, Redemption},
    program::{Expiry, Program},
    row::Row,
    settle::settled,
    time::{Day, Instant, Period},
};
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::{
    any::{midsummer, order, program},
    cases,
    conservation::{happenings, live},
};
use crate::{
    life::{Became, Life},
    programs::{house_with, only, whole},
};

proptest! {
    #![proptest_config(cases(250))]

    #[test]
    fn failure_14_settling_twice_is_settling_once(
        program in program(),
        happenings in happenings(12),
        first in 0_i64..20_000,
        second in 0_i64..40_000,
    ) {
        let mut life = Life::enrolled(&only(program), midsummer(0));
        live(&mut life, &happenings);
        let head = life.rows.last().expect("a row").clone();
        let first = head.recorded_at.plus_millis(first * 3_600_000);
        let second = first.plus_millis(second * 3_600_000);
        let once = settled(&life.rulebook, &head, second).expect("consistent");
        let between = settled(&life.rulebook, &head, first).expect("consistent");
        let between = Row { account: between, recorded_at: first, ..head };
        let twice = settled(&life.rulebook, &between, second).expect("consistent");
        // Who is looked at in time is told in time; nothing else is different.
        let untold = |account: Account| Account { noticed: None, ..account };
        let (twice, once) = (untold(twice), untold(once));
        prop_assert_eq!(&twice, &once);

        // Whether or not somebody books it on the way, and however often.
        let mut booked = life.clone();
        booked.record(Fact::Passing, "pass", first);
        let again = booked.record(Fact::Passing, "pass", first);
        let idle = matches!(&again, Became::Refused(refusal) if refusal.code() == "NOTHING_DUE");
        prop_assert!(idle, "{:?}", again);
        let then = booked.at(second);
        let balance = |account: &domain::account::Account| {
            let tier = account.tier.as_ref().map(|tier| (tier.level.clone(), tier.ends_on));
            let lots = |purse: &domain::account::Purse| {
                (purse.lots.clone(), purse.pending.clone(), purse.debt)
            };
            (tier, account.purses.iter().map(lots).collect::<Vec<_>>(), account.holds.clone())
        };
        prop_assert_eq!(balance(&then), balance(&once));
    }

    #[test]
    fn nothing_is_due_before_the_account_says(
        program in program(), happenings in happenings(12), share in 0_i64..1_000
    ) {
        let mut life = Life::enrolled(&only(program), midsummer(0));
        live(&mut life, &happenings);
        let head = life.rows.last().expect("a row").clone();
        let due = head.account.next_due.unwrap_or(head.recorded_at.plus_days(4_000));
        let ahead = due.millis() - head.recorded_at.millis();
        prop_assert!(ahead > 0, "what is due was done");
        let before = Instant::from_millis(head.recorded_at.millis() + ahead / 1_000 * share);
        let account = settled(&life.rulebook, &head, before).expect("consistent");
        // Only maturity may have come, which reports know by its date.
        for (now, then) in account.purses.iter().zip(&head.account.purses) {
            let all = |purse: &domain::account::Purse| {
                signed(purse.pending()) + purse.balance()
            };
            prop_assert_eq!(all(now), all(then));
            prop_assert_eq!(&now.lapsed, &then.lapsed);
        }
        prop_assert_eq!(&account.tier, &head.account.tier);
        prop_assert_eq!(&account.holds, &head.account.holds);
        if head.account.next_due.is_some() {
            life.record(Fact::Passing, "due", due);
            let booked = life.rows.last().expect("a row");
            prop_assert!(booked.sequence > head.sequence, "something was due");
            prop_assert!(booked.account.next_due.is_none_or(|next| next > due));
        }
    }

    #[test]
    fn failure_12_a_clock_that_is_wrong_by_a_year_is_refused_or_dated_within_limits(
        order in order(), days in -500_i64..500, late_days in 1_u16..400
    ) {
        let program = house_with(|p| p.late_by_at_most = Period::Days(late_days));
        let zone = program.time_zone.clone();
        let mut life = Life::enrolled(&only(program), midsummer(0).plus_days(-600));
        let now = midsummer(0);
        let placed_at = now.plus_days(days);
        let fact = Fact::Order(Order { placed_at: Some(placed_at), ..order });
        let became = life.record(fact.clone(), "A", now);
        if days > 1 {
            let refused = matches!(&became, Became::Refused(r) if r.code() == "IN_THE_FUTURE");
            prop_assert!(refused, "{:?}", became);
            prop_assert_eq!(life.rows.len(), 1, "nothing is recorded");
            return Ok(());
        }
        let Became::Recorded(row) = became else { panic!("{became:?}") };
        let today = Day::of(now, &zone);
        let earliest = today.plus_days(1 - i32::from(late_days));
        let placed_on = row.order.as_ref().expect("an order").placed_on;
        prop_assert_eq!(placed_on, Day::of(placed_at, &zone).clamp(earliest, today));
        prop_assert!(row.occurred_at <= now && row.recorded_at == now);
        let balance = life.at(now).purse(0).balance();
        for delay in [0, 1, 1_000] {
            let became = life.record(fact.clone(), "A", now.plus_days(delay));
            prop_assert!(matches!(became, Became::Replayed(_)), "never counted twice");
        }
        prop_assert_eq!(life.at(now).purse(0).balance(), balance);
    }

    #[test]
    fn failure_15_one_instant_decides_whether_points_have_ended(
        place in midnights(), offset in -3_600_000_i64..3_600_000, hold_before in 1_i64..600_000
    ) {
        let (zone, end) = place;
        let program = house_with(|p| {
            p.time_zone = zone.clone();
            p.currencies[0].expiry = Expiry::On(end);
        });
        let starts_at = end.starts_at(&zone);
        prop_assert_eq!(Day::of(starts_at, &zone), end);
        prop_assert!(Day::of(starts_at.plus_millis(-1), &zone) < end);
        for at in [starts_at.plus_millis(offset), starts_at.plus_millis(-1), starts_at] {
            let mut life = holding(&program, starts_at);
            let spent = life.record(spend(30, None), "S", at);
            let there = at < starts_at;
            prop_assert_eq!(matches!(spent, Became::Recorded(_)), there, "{:?}", spent);
            let left = if there { 70 } else { 0 };
            prop_assert_eq!(life.at(at).purse(0).balance(), left);
            prop_assert_eq!(life.at(starts_at).purse(0).balance(), 0);
        }
        let mut life = holding(&program, starts_at);
        let held_at = starts_at.plus_millis(-hold_before);
        life.record(spend(30, Some(30)), "H", held_at);
        let hold = life.rows.last().expect("a row").sequence;
        let deadline = held_at.plus_millis(30 * 60_000);
        prop_assert_eq!(life.at(deadline.plus_millis(-1)).held(0), whole(30), "held points stay");
        let capture = domain::fact::Capture { hold, points: None };
        let captured = life.record(Fact::Capture(capture), "C", deadline.plus_millis(-1));
        prop_assert!(matches!(captured, Became::Recorded(_)), "{:?}", captured);
        prop_assert_eq!(life.at(deadline).purse(0).balance(), 0);
    }
}

/// Days that begin oddly or are easily forgotten, and the zones where they do.
fn midnights() -> impl Strategy<Value = (TimeZone, Day)> {
    let days = [
        ("Europe/London", "2026-03-29"),
        ("Europe/London", "2026-10-25"),
        ("Europe/London", "2026-10-26"),
        ("America/New_York", "2026-03-08"),
        ("America/New_York", "2026-11-01"),
        ("America/Santiago", "2026-09-06"),
        ("America/Santiago", "2026-04-05"),
        ("Africa/Cairo", "2026-04-24"),
        ("Africa/Cairo", "2026-10-30"),
        ("Asia/Beirut", "2026-03-29"),
        ("Australia/Lord_Howe", "2026-04-05"),
        ("Pacific/Apia", "2011-12-31"),
        ("Pacific/Kiritimati", "2027-01-01"),
        ("Asia/Kathmandu", "2028-02-29"),
        ("Europe/London", "2028-02-29"),
        ("America/Havana", "2026-03-08"),
        ("UTC", "2028-03-01"),
    ];
    prop::sample::select(days.to_vec())
        .prop_map(|(zone, day)| (TimeZone::get(zone).expect("a zone"), crate::programs::day(day)))
}

/// A member with 100 points, some days before.
fn holding(program: &Program, end: Instant) -> Life {
    let mut life = Life::enrolled(&only(program.clone()), end.plus_days(-10));
    let give =
        domain::fact::Adjustment { points: whole(100), takes: false, reason: "goodwill".into() };
    life.record(Fact::Adjustment(give), "G", end.plus_days(-9));
    life
}

fn spend(points: u64, hold_minutes: Option<u32>) -> Fact {
    let reward = "money-off".to_owned();
    Fact::Redemption(Redemption { reward, points: Some(whole(points)), basket: None, hold_minutes })
}
