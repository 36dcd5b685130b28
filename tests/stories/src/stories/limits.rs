//! How much a rule may give.

use domain::program::{Conditions, LimitPer};

use crate::{programs::*, script::story};

fn capped(points: u64, per: LimitPer) -> domain::program::Rulebook {
    only(house_with(|p| p.earn = vec![limited(rate("spend", "1"), &[(points, per)])]))
}

#[test]
fn an_order_is_clipped_never_rejected() {
    story(
        &capped(50, LimitPer::Order),
        "
        2026-01-01 join            | 0
        2026-01-02 order A £40.00  | 40  spend=40
        2026-01-02 order B £80.00  | 90  spend=ORDER_CAP
        2026-01-02 order C £80.00  | 140 spend=ORDER_CAP
        ",
    );
}

#[test]
fn each_span_ends_where_the_calendar_says() {
    // 2026-11-22 is a Sunday.
    let cases = [
        (LimitPer::Day, "DAILY_CAP", "2026-11-22T00:00", "2026-11-22T23:59", "2026-11-23T00:00"),
        (LimitPer::Week, "WEEKLY_CAP", "2026-11-16T00:00", "2026-11-22T23:59", "2026-11-23T00:00"),
        (LimitPer::Month, "MONTHLY_CAP", "2026-11-01", "2026-11-30T23:59", "2026-12-01T00:00"),
        (LimitPer::Year, "YEARLY_CAP", "2026-01-01T13:00", "2026-12-31T23:59", "2027-01-01T00:00"),
    ];
    for (per, code, first, last, next) in cases {
        let text = format!(
            "2026-01-01 join            | 0
             {first}    order A £40.00  | 40 spend=40
             {last}     order B £40.00  | 50 spend={code}
             {last}     order C £40.00  | 50 spend={code}
             {next}     order D £40.00  | 90 spend=40"
        );
        story(&capped(50, per), &text);
    }
    story(
        &capped(50, LimitPer::Lifetime),
        "
        2026-01-01 join            | 0
        2026-01-02 order A £40.00  | 40
        2026-12-31 order B £40.00  | 50 spend=LIFETIME_CAP
        2029-06-01 order C £40.00  | 0  spend=LIFETIME_CAP
        ",
    );
}

#[test]
fn days_in_a_row_are_counted_before_and_after_what_comes_late() {
    story(
        &capped(50, LimitPer::Days(30)),
        "
        2026-01-01 join             | 0
        2026-03-01 order A £40.00   | 40
        2026-03-20 order B £40.00   | 50 spend=TOO_SOON
        2026-03-30 order C £40.00   | 50 spend=TOO_SOON
        2026-03-31 order D £80.00   | 90 spend=TOO_SOON
        2026-04-18 order E £80.00   | 90 spend=TOO_SOON
        2026-04-19 order F £80.00   | 100 spend=TOO_SOON
        2026-05-19 order H £20.00   | 120 spend=20
        2026-05-20 order I £40.00 placed=2026-05-15 | 150 spend=TOO_SOON
        2026-05-21 refund K H all   | 130
        2026-05-22 order J £20.00 placed=2026-05-16 | 140 spend=TOO_SOON
        ",
    );
}

#[test]
fn a_refund_gives_its_use_of_a_limit_back() {
    story(
        &capped(50, LimitPer::Week),
        "
        2026-11-16 join             | 0
        2026-11-17 order A £40.00   | 40
        2026-11-17 order B £40.00   | 50 spend=WEEKLY_CAP
        2026-11-18 refund R A £20.00 | 30
        2026-11-18 order C £40.00   | 50 spend=WEEKLY_CAP
        2026-11-19 refund S A all   | 30
        2026-11-19 refund T B all   | 20
        2026-11-20 order D £40.00   | 50 spend=WEEKLY_CAP
        2026-11-20 refund U C all   | 30
        2026-11-20 refund V D all   | 0
        2026-11-21 order E £60.00   | 50
        ",
    );
}

#[test]
fn the_shortest_rope_binds_and_is_named() {
    let limits = [(30, LimitPer::Day), (50, LimitPer::Month)];
    let program = house_with(|p| p.earn = vec![limited(rate("spend", "1"), &limits)]);
    story(
        &only(program),
        "
        2026-11-01 join            | 0
        2026-11-17 order A £40.00  | 30 spend=DAILY_CAP
        2026-11-18 order B £40.00  | 50 spend=MONTHLY_CAP
        2026-11-19 order C £40.00  | 50 spend=MONTHLY_CAP
        ",
    );
}

#[test]
fn a_later_version_of_an_order_counts_once() {
    story(
        &capped(50, LimitPer::Month),
        "
        2026-11-01 join                | 0
        2026-11-02 order A £20.00 v=1  | 20
        2026-11-03 order A £30.00 v=2  | 30
        2026-11-04 order B £40.00      | 50 spend=MONTHLY_CAP
        ",
    );
}

#[test]
fn an_order_that_grows_leaves_others_what_they_have() {
    story(
        &capped(50, LimitPer::Month),
        "
        2026-11-01 join                | 0
        2026-11-02 order A £20.00 v=1  | 20
        2026-11-03 order B £20.00      | 40
        2026-11-04 order A £60.00 v=2  | 50 spend=MONTHLY_CAP
        2026-11-05 order A £50.00 v=3  | 50 spend=MONTHLY_CAP
        2026-11-06 refund R B all      | 30
        2026-11-07 order A £50.00 v=4  | 50 spend=50
        ",
    );
}

#[test]
fn limits_follow_the_day_of_the_order_not_of_its_arrival() {
    story(
        &capped(50, LimitPer::Day),
        "
        2026-11-01 join                              | 0
        2026-11-02 order A £40.00                    | 40
        2026-11-05 order B £40.00 placed=2026-11-02  | 50 spend=DAILY_CAP
        2026-11-05 order C £40.00                    | 90
        ",
    );
}

#[test]
fn each_rule_has_its_own_limits() {
    let tea = |rule| domain::program::EarnRule { when: in_category("tea"), ..rule };
    let program = house_with(|p| {
        p.earn = vec![
            limited(rate("spend", "1"), &[(50, LimitPer::Day)]),
            tea(limited(rate("tea", "1"), &[(10, LimitPer::Day)])),
        ];
    });
    let _ = Conditions::default();
    story(
        &only(program),
        "
        2026-11-01 join                | 0
        2026-11-02 order A £40.00/tea  | 50 spend=40 tea=DAILY_CAP
        2026-11-02 order B £40.00/tea  | 60 spend=DAILY_CAP tea=DAILY_CAP
        ",
    );
}

#[test]
fn what_was_used_long_ago_is_forgotten() {
    let mut text = String::from("2026-01-01 join | 0\n");
    for day in 0..120_i16 {
        let date =
            jiff::civil::date(2026, 1, 2).checked_add(jiff::Span::new().days(day)).expect("a date");
        text += &format!("{date} order A{day} £1.00 | {}\n", day + 1);
    }
    let program = house_with(|p| {
        p.late_by_at_most = domain::time::Period::Days(30);
        p.earn = vec![limited(rate("spend", "1"), &[(50, LimitPer::Day)])];
    });
    let life = story(&only(program), &text);
    let used = &life.rows.last().expect("a row").account.used;
    assert!(used.len() <= 31, "an account remembers {} days", used.len());
}
