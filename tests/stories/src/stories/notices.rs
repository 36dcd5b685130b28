//! What members are told before it happens.

use domain::{
    notice::Notice,
    program::{Notices, OnRefund, Program},
    time::{Day, Period},
};

use crate::{
    programs::{house_with, only, yearly},
    script::story,
};

fn told(notices: Notices) -> Program {
    house_with(|p| p.notices = notices)
}

fn of_points(days: &[u16]) -> Notices {
    Notices { points: days.iter().copied().map(Period::Days).collect(), tier: None }
}

/// What a life's rows announced: the row's number, and how many points end on which day.
fn announced(life: &crate::life::Life) -> Vec<(u64, u64, String)> {
    let notices = life.rows.iter().flat_map(|row| {
        row.notices().map(move |notice| match notice {
            Notice::Expiring { ends_on, points } => {
                (row.sequence, points.units(), ends_on.to_string())
            }
            Notice::TierAtRisk { .. } => panic!("no level is at risk here"),
        })
    });
    notices.collect()
}

#[test]
fn points_that_end_are_told_of_thrice_and_each_time_once() {
    let life = story(
        &only(told(of_points(&[30, 7, 1]))),
        "
        2026-01-01        join             | 0
        2026-01-10        order A £20.00   | 20   due=2027-01-02
        2027-01-01T23:59  pass             | NOTHING_DUE
        2027-01-02T00:00  pass             | 20   due=2027-01-25
        2027-01-02T00:01  pass             | NOTHING_DUE
        2027-01-25        pass             | 20   due=2027-01-31
        2027-01-31        pass             | 20   due=2027-02-01
        2027-02-01        pass             | 0
        ",
    );
    let expected = [3, 4, 5].map(|row| (row, 20, "2027-02-01".to_owned()));
    assert_eq!(announced(&life), expected);
}

#[test]
fn who_is_looked_at_late_is_told_once_of_the_nearest_and_never_of_what_is_over() {
    let life = story(
        &only(told(of_points(&[30, 7, 1]))),
        "
        2026-01-01   join             | 0
        2026-01-10   order A £20.00   | 20
        2027-01-28   order B £5.00    | 25   due=2027-01-31
        2027-03-01   pass             | 5
        ",
    );
    assert_eq!(announced(&life), [(3, 20, "2027-02-01".to_owned())]);
}

#[test]
fn a_program_that_tells_nothing_books_nothing() {
    let life = story(
        &only(told(Notices::default())),
        "
        2026-01-01   join             | 0
        2026-01-10   order A £20.00   | 20   due=2027-02-01
        2027-01-28   pass             | NOTHING_DUE
        ",
    );
    assert!(announced(&life).is_empty());
}

#[test]
fn a_level_that_is_not_earned_again_is_told_to_be_at_risk_and_one_that_is_is_not() {
    let rulebook = only(house_with(|p| {
        p.tiers = Some(yearly(OnRefund::AtReview));
        p.notices.tier = Some(Period::Days(30));
    }));
    let life = |second: &str| {
        let text = format!(
            "2025-01-01  join            | 0     tier=member
             2025-02-01  order A £1000   | 1000  tier=gold until=2027-01-01
             2026-05-01  order B {second}  |
             2026-12-10  pass            |"
        );
        story(&rulebook, &text)
    };
    let at_risk = |second: &str| -> Vec<Notice> {
        let life = life(second);
        life.rows.iter().flat_map(|row| row.notices()).cloned().collect()
    };
    let ends_on = Day::from_date(jiff::civil::date(2027, 1, 1));
    let risk = Notice::TierAtRisk { level: "gold".into(), ends_on, falls_to: "silver".into() };
    assert_eq!(at_risk("£400"), [risk]);
    assert_eq!(at_risk("£1000"), [], "this year earned it again");
}
