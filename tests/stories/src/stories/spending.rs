//! Spending: at once, held, captured, released.

use domain::{program::Price, time::Period};

use crate::{programs::*, script::story};

#[test]
fn points_are_spent_soonest_expiry_first_and_the_rest_expires() {
    story(
        &only(house()),
        "
        2026-01-01  join            | 0
        2026-01-10  order   A   £80 | 80
        2026-06-01  order   B   £50 | 130
        2026-07-01  redeem  R1  100 | 30 lots=2027-07-01:30
        2027-02-01  -               | 30
        2027-07-01  -               | 0
        ",
    );
}

#[test]
fn nobody_spends_what_is_not_there() {
    story(
        &only(house()),
        "
        2026-01-01        join         | 0
        2026-01-10        order A £80  | 80
        2026-01-10        redeem R 81  | INSUFFICIENT_POINTS
        2026-01-11        redeem R 80  | 0
        2026-01-11        redeem R 80  | 0 replayed
        2026-01-11        redeem R 70  | KEY_REUSED
        2026-01-12        redeem S 1   | INSUFFICIENT_POINTS
        2026-01-13        order B £80  | 80
        2027-02-01T00:00  redeem T 1   | INSUFFICIENT_POINTS
        ",
    );
}

#[test]
fn a_reward_asks_for_its_basket_its_price_and_its_level() {
    use domain::program::{OnRefund, Reward, RewardKind};
    let program = house_with(|p| {
        p.tiers = Some(yearly(OnRefund::Keep));
        p.rewards[0].price = Price::Variable { points: whole(100), value: 100 };
        p.rewards[0].basket_at_least = Some(1_000);
        p.rewards[0].basket_share_thousandths = Some(500);
        p.rewards.push(Reward {
            id: "tote".into(),
            name: "Tote".into(),
            kind: RewardKind::FreeProduct,
            price: Price::Fixed { points: whole(150), value: None },
            tiers: vec!["silver".into()],
            basket_at_least: None,
            basket_share_thousandths: None,
            ..p.rewards[0].clone()
        });
    });
    story(
        &only(program),
        "
        2026-01-01 join                               | 0
        2026-01-02 order A £299                       | 299
        2026-01-03 redeem R 100                       | BASKET_REQUIRED
        2026-01-03 redeem R 100 basket=£9.99          | MIN_PURCHASE
        2026-01-03 redeem R 150 basket=£20            | NOT_A_STEP
        2026-01-03 redeem R - basket=£20              | POINTS_REQUIRED
        2026-01-03 redeem R 200 basket=£3.99          | MIN_PURCHASE
        2026-01-03 redeem R 1100 basket=£20           | BASKET_SHARE
        2026-01-03 redeem R 200 basket=£10 reward=hat | REWARD_UNKNOWN
        2026-01-03 redeem R - reward=tote             | REWARD_TIER
        2026-01-04 order B £1                         | 300 tier=silver
        2026-01-05 redeem R 200 reward=tote           | PRICE_IS_FIXED
        2026-01-05 redeem R - reward=tote             | 150
        2026-01-06 redeem S 100 basket=£10            | 50
        ",
    );
}

#[test]
fn a_hold_is_captured_in_full_or_in_part_or_released() {
    story(
        &only(house()),
        "
        2026-01-01        join            | 0
        2026-01-10        order A £100    | 100
        2026-01-11T10:00  hold H1 60      | 40  held=60
        2026-01-11T10:01  hold H2 50      | INSUFFICIENT_POINTS
        2026-01-11T10:02  capture C1 H1   | 40  held=0
        2026-01-11T10:03  capture C2 H1   | HOLD_UNKNOWN
        2026-01-12T10:00  hold H3 40      | 0   held=40
        2026-01-12T10:01  capture C3 H3 41 | CAPTURE_TOO_MUCH
        2026-01-12T10:02  capture C3 H3 15 | 25 held=0
        2026-01-13T10:00  hold H4 25      | 0   held=25
        2026-01-13T10:01  release L1 H4   | 25  held=0
        2026-01-13T10:01  release L1 H4   | 25  replayed
        2026-01-13T10:02  release L2 H4   | HOLD_UNKNOWN
        2026-01-13T10:03  capture C4 H9   | HOLD_UNKNOWN
        ",
    );
}

#[test]
fn a_hold_releases_itself_at_its_deadline_and_not_before() {
    story(
        &only(house()),
        "
        2026-01-01           join              | 0
        2026-01-10           order A £100      | 100
        2026-01-11T10:00     hold H1 60        | 40 held=60 due=2026-01-11
        2026-01-11T10:29:59  -                 | 40 held=60
        2026-01-11T10:30     -                 | 100 held=0
        2026-01-11T10:30     capture C1 H1     | HOLD_EXPIRED
        2026-01-11T10:30     release L1 H1     | HOLD_EXPIRED
        2026-01-11T10:31     redeem S 100      | 0
        2026-01-12T10:00     order B £50       | 50
        2026-01-12T10:00     hold H2 50 minutes=60 | 0 held=50
        2026-01-12T10:59     capture C2 H2     | 0 held=0
        ",
    );
}

#[test]
fn points_do_not_end_under_a_paying_customer() {
    story(
        &only(house()),
        "
        2026-01-01        join            | 0
        2026-01-10        order A £100    | 100
        2027-01-31T23:50  hold H1 60      | 40 held=60
        2027-01-31T23:51  hold H2 30      | 10 held=90
        2027-02-01T00:00  -               | 0  held=90
        2027-02-01T00:10  capture C1 H1 50 | 10 held=30 lots=2027-03-03:10
        2027-02-01T00:30  -               | 40 held=0  lots=2027-03-03:40
        2027-03-03T00:00  -               | 0
        ",
    );
}

#[test]
fn a_released_lot_keeps_its_end_when_that_is_far() {
    story(
        &only(house()),
        "
        2026-01-01        join            | 0
        2026-01-10        order A £100    | 100
        2026-02-01T10:00  hold H1 60      | 40
        2026-02-01T10:05  release L1 H1   | 100 lots=2027-02-01:100
        ",
    );
}

#[test]
fn only_so_many_holds_are_open() {
    let mut text = String::from("2026-01-01 join | 0\n 2026-01-02 order A £100 | 100\n");
    for n in 1..=8 {
        text += &format!("2026-01-03 hold H{n} 1 | {}\n", 100 - n);
    }
    text += "2026-01-03 hold H9 1 | TOO_MANY_HOLDS
             2026-01-03 release L H1 | 93
             2026-01-03 hold H9 1 | 92";
    story(&only(house()), &text);
}

#[test]
fn points_are_given_and_taken_by_hand() {
    story(
        &only(house()),
        "
        2026-01-01 join       | 0
        2026-01-02 give G 50  | 50 lots=2027-02-01:50
        2026-01-03 take T 20  | 30
        2026-01-03 take U 31  | INSUFFICIENT_POINTS
        2026-01-03 take T 20  | 30 replayed
        ",
    );
}

#[test]
fn a_release_repays_debt_first() {
    story(
        &only(house()),
        "
        2026-01-01        join            | 0
        2026-01-10        order A £100    | 100
        2026-02-01T10:00  hold H1 60      | 40
        2026-02-01T10:05  refund R A all  | -60 held=60 debt=60
        2026-02-01T10:06  release L1 H1   | 0   held=0  debt=0
        ",
    );
}

#[test]
fn without_a_grace_points_go_back_and_end_at_once() {
    let program = house_with(|p| p.currencies[0].returned_live_at_least = Period::Days(0));
    story(
        &only(program),
        "
        2026-01-01        join            | 0
        2026-01-10        order A £100    | 100
        2027-01-31T23:50  hold H1 60      | 40 held=60
        2027-02-01T00:20  -               | 0
        2027-02-01T00:21  pass            | 0 held=0
        2027-02-01T00:22  refund R A all  | 0 debt=0
        ",
    );
}
