//! What a row says of itself.

use domain::{
    explain::{Explanation, Lines, explain},
    program::{Conditions, LimitPer, OnRefund, Pending},
    time::Period,
};

use crate::{life::Life, programs::*, script::story};

fn last(life: &Life) -> Explanation {
    explain(&life.rulebook, life.rows.last().expect("a row")).expect("explained")
}

#[test]
fn an_order_tells_how_it_came_to_its_points() {
    let program = house_with(|p| {
        p.currencies[0].pending = Pending::For(Period::Days(14));
        p.tiers = Some(yearly(OnRefund::Recompute));
        let app = Conditions { channels: vec!["app".into()], ..Conditions::default() };
        p.earn = vec![
            limited(rate("spend", "1"), &[(100, LimitPer::Day)]),
            when(flat("app-bonus", 10), app.clone()),
            when(times("books", "2"), in_category("book")),
            when(times("app-day", "3"), app),
        ];
    });
    let life = story(
        &only(program),
        "
        2026-01-01 join                                          | 0
        2026-01-10 order A £300                                  | 0 pending=100
        2026-01-11 order B £20.50/book £30/toy channel=web       | 0 pending=188
        ",
    );
    let explained = last(&life);
    assert_eq!(explained.sentence, "An order: 88 points issued, pending until 2026-01-25");
    let order = explained.order.expect("an order");
    let sentences: Vec<&str> = order.rules.iter().map(|rule| rule.sentence.as_str()).collect();
    assert_eq!(
        sentences,
        [
            "spend: 1 point per 1.00 GBP on 50.50 GBP times 1.25 (silver) \
             times 2 on some lines (books) gives 88 points",
            "app-bonus: 10 points for the order on 0.00 GBP gives nothing: \
             it does not apply to this channel",
            "books: times 2 applies",
            "app-day: times 3 does not apply: it does not apply to this channel",
        ]
    );
    let spend = &order.rules[0];
    assert_eq!(spend.eligible, 5_050);
    assert_eq!(spend.formula_gives, "50.5");
    assert_eq!(spend.after_multipliers, "88.75");
    assert_eq!(spend.factors[1].lines, Lines::Some);
    assert_eq!(spend.limits, ["at most 100 points per day"]);
    assert_eq!(order.lines.iter().map(|line| line.points).collect::<Vec<_>>(), [51, 37]);
    let total = &order.totals[0];
    assert_eq!((total.exact.as_str(), total.rounding.as_str()), ("88.75", "floor"));
    assert_eq!(
        total.sentence,
        "the order is worth 88 points, pending until 2026-01-25, to be spent before 2027-02-01"
    );
}

#[test]
fn a_refund_tells_what_it_took_from_where_and_what_became_of_the_level() {
    let program = house_with(|p| p.tiers = Some(yearly(OnRefund::Recompute)));
    let life = story(
        &only(program),
        "
        2026-01-01 join            | 0
        2026-01-10 order A £300    | 300 tier=silver
        2026-01-11 redeem R 200    | 100
        2026-01-12 refund S A £240 | -140
        ",
    );
    let explained = last(&life);
    assert_eq!(
        explained.sentence,
        "A refund: 100 points taken back; 140 points taken back that were spent: now owed; \
         the level goes from silver to member"
    );
    let total = &explained.order.expect("an order").totals[0];
    assert_eq!((total.points, total.awarded, total.clawed_back), (60, 300, 240));
}

#[test]
fn each_row_says_what_it_did() {
    let life = story(
        &only(house_with(|p| p.tiers = Some(yearly(OnRefund::Recompute)))),
        "
        2026-01-01       join            | 0
        2026-01-10       refund S A all  | 0
        2026-01-10       order B £1      | 1
        2026-01-10       hold H 1        | 0
        2026-01-10T12:01 capture C H     | 0
        2026-01-11       give G 5        | 5
        2026-01-12       take T 2        | 3
        2026-01-13       order B £9 v=1  | 11
        2027-02-01       pass            | 0
        ",
    );
    let sentences: Vec<String> = life
        .rows
        .iter()
        .map(|row| explain(&life.rulebook, row).expect("explained").sentence)
        .collect();
    assert_eq!(
        sentences,
        [
            "The member joined: the level is member",
            "A refund: no points moved (the refund waits for its order)",
            "An order: 1 point issued, until 2027-02-01",
            "A reservation: the reward money-off, worth 0.01 GBP; 1 point set aside",
            "A reservation was used: the reward money-off, worth 0.01 GBP; 1 point spent",
            "An adjustment by hand: 5 points given by hand, until 2027-02-01; because of goodwill",
            "An adjustment by hand: 2 points taken by hand; because of goodwill",
            "An order: 8 points issued, until 2027-02-01",
            "Time passed: 11 points expired",
        ]
    );
}

#[test]
fn a_row_of_a_version_that_is_not_at_hand_is_not_explained() {
    let rulebook = versions([("2026-01-01", house()), ("2026-02-01", house())]);
    let life = story(&rulebook, "2026-01-01 join | 0\n 2026-02-02 order A £1 | 1");
    let refused = explain(&only(house()), &life.rows[1]).expect_err("no version 2");
    assert_eq!(refused.to_string(), "program version 2 is not loaded");
}

#[test]
fn points_are_told_with_their_decimals_and_ratios_exactly() {
    let program = house_with(|p| {
        p.currencies[0].decimals = 2;
        p.earn = vec![rate("spend", "150"), steps("steps", 50, 300)];
    });
    let life = story(&only(program), "2026-01-01 join | 0\n 2026-01-02 order A £6.45 | 10.67");
    let order = last(&life).order.expect("an order");
    assert_eq!(order.rules[0].formula, "1.5 points per 1.00 GBP");
    assert_eq!(order.rules[0].formula_gives, "967.5");
    assert_eq!(order.rules[1].formula, "0.5 points per full 3.00 GBP");
    assert_eq!(order.totals[0].exact, "1067.5");
}
