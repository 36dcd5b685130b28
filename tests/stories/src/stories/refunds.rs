//! Refunds of what was ordered, in any shape and at any time.

use domain::{
    program::{DebtPolicy, Pending},
    time::Period,
};

use crate::{programs::*, script::story};

fn with_debt(debt: DebtPolicy) -> domain::program::Rulebook {
    only(house_with(|p| p.currencies[0].debt = debt))
}

#[test]
fn a_refund_leaves_what_the_rest_of_the_order_earns() {
    let order = "2026-01-01 join | 0\n 2026-01-02 order A 2x£20.00 £15.50 shipping=£4.50 | 55\n";
    for (refund, left, note) in [
        ("1:x1", 35, "none"),
        ("1:x2", 15, "none"),
        ("1:x3", 15, "CLIPPED_TO_WHAT_IS_LEFT"),
        ("1:£0.50", 55, "none"),
        ("1:£0.51", 54, "none"),
        ("2:x1", 40, "none"),
        ("1:x1 2:x1", 20, "none"),
        // £60.00 were paid in all, £4.50 of it for shipping.
        ("£30.00", 27, "none"),
        ("to=£30.00", 27, "none"),
        ("£60.00", 0, "none"),
        ("£60.01", 0, "CLIPPED_TO_WHAT_IS_LEFT"),
        ("all", 0, "none"),
    ] {
        let text = format!("{order} 2026-01-03 refund R A {refund} | {left} note={note}");
        story(&only(house()), &text);
    }
}

#[test]
fn a_line_that_the_order_never_had_is_refused() {
    story(
        &only(house()),
        "
        2026-01-01 join                   | 0
        2026-01-02 order A £20 £15        | 35
        2026-01-03 refund R A 3:x1        | LINE_UNKNOWN
        2026-01-03 refund R A 1:x1 b:x1   | LINE_UNKNOWN
        2026-01-03 refund R A 1:x1        | 15
        ",
    );
}

#[test]
fn many_small_refunds_end_where_one_full_refund_ends() {
    story(
        &only(house()),
        "
        2026-01-01 join                 | 0
        2026-01-02 order A 3x£9.99      | 29
        2026-01-03 refund R1 A 1:x1     | 19
        2026-01-03 refund R2 A 1:x1     | 9
        2026-01-03 refund R3 A 1:x1     | 0  spend=REFUNDED
        2026-01-03 refund R4 A 1:x1     | 0  note=NOTHING_LEFT_TO_REFUND
        2026-01-04 order B £29.97       | 29
        2026-01-05 refund S1 B to=£10.00 | 19
        2026-01-05 refund S2 B to=£20.00 | 9
        2026-01-05 refund S3 B to=£10.00 | 9 note=NOTHING_LEFT_TO_REFUND
        2026-01-05 refund S4 B to=£29.97 | 0
        2026-01-05 refund S5 B all      | 0 note=NOTHING_LEFT_TO_REFUND
        ",
    );
}

#[test]
fn a_refund_before_its_order_waits_for_it() {
    story(
        &only(house()),
        "
        2026-01-01 join               | 0
        2026-01-02 refund R1 A 2:x1   | 0  note=WAITS_FOR_ORDER
        2026-01-02 refund R2 B all    | 0  note=WAITS_FOR_ORDER
        2026-01-03 order A £40 £10    | 40
        2026-01-03 order B £40        | 40 spend=REFUNDED
        2026-01-04 refund R1 A 2:x1   | 40 replayed
        2026-01-04 refund R3 A 1:x1   | 0
        ",
    );
}

#[test]
fn only_so_many_refunds_wait() {
    let mut text = String::from("2026-01-01 join | 0\n");
    for n in 1..=8 {
        text += &format!("2026-01-02 refund R{n} A{n} all | 0 note=WAITS_FOR_ORDER\n");
    }
    text += "2026-01-02 refund R9 A9 all | TOO_MANY_PARKED
             2026-01-03 order A1 £10     | 0
             2026-01-03 refund R9 A9 all | 0 note=WAITS_FOR_ORDER";
    story(&only(house()), &text);
}

#[test]
fn a_refund_takes_the_orders_own_pending_points_first() {
    let program = house_with(|p| p.currencies[0].pending = Pending::For(Period::Days(14)));
    story(
        &only(program),
        "
        2026-01-01 join               | 0
        2026-01-02 order A £50        | 0   pending=50
        2026-01-20 order B £50        | 50  pending=50
        2026-01-20 order C £30        | 50  pending=80
        2026-01-21 refund R1 B £20    | 50  pending=60
        2026-01-21 refund R2 A £20    | 30  pending=60
        2026-01-22 refund R3 B all    | 30  pending=30
        2026-01-22 refund R4 A all    | 0   pending=30
        ",
    );
}

#[test]
fn then_its_own_lot_and_then_the_soonest_ending() {
    story(
        &only(house()),
        "
        2026-01-01 join            | 0
        2026-01-02 order A £50     | 50
        2026-03-02 order B £50     | 100 lots=2027-02-01:50,2027-04-01:50
        2026-05-02 order C £50     | 150
        2026-05-03 refund R1 B £20 | 130 lots=2027-02-01:50,2027-04-01:30,2027-06-01:50
        2026-05-03 redeem S 60     | 70  lots=2027-04-01:20,2027-06-01:50
        2026-05-04 refund R2 B all | 40  lots=2027-06-01:40
        ",
    );
}

#[test]
fn what_was_spent_becomes_debt_that_the_next_points_repay() {
    story(
        &with_debt(DebtPolicy::Allow),
        "
        2026-01-01 join          | 0
        2026-01-02 order A £80   | 80
        2026-01-03 redeem S 60   | 20
        2026-01-04 refund R A all | -60 debt=60 lots=
        2026-01-05 redeem T 1    | INSUFFICIENT_POINTS
        2026-01-06 order B £50   | -10 debt=10
        2026-01-07 order C £50   | 40  debt=0 lots=2027-02-01:40
        2026-01-08 refund Q B all | -10 debt=10
        ",
    );
}

#[test]
fn debt_has_a_limit_where_the_program_says() {
    story(
        &with_debt(DebtPolicy::UpTo(whole(25))),
        "
        2026-01-01 join             | 0
        2026-01-02 order A £80      | 80
        2026-01-03 redeem S 80      | 0
        2026-01-04 refund R1 A £20  | -20 debt=20
        2026-01-04 refund R2 A £20  | -25 debt=25
        2026-01-05 refund R3 A all  | -25 debt=25
        ",
    );
}

#[test]
fn or_is_written_off() {
    story(
        &with_debt(DebtPolicy::WriteOff),
        "
        2026-01-01 join             | 0
        2026-01-02 order A £80      | 80
        2026-01-03 redeem S 60      | 20
        2026-01-04 refund R1 A £10  | 10 debt=0
        2026-01-04 refund R2 A all  | 0  debt=0
        2026-01-05 order B £10      | 10
        ",
    );
}

#[test]
fn or_only_pending_points_are_taken() {
    let program = house_with(|p| {
        p.currencies[0].pending = Pending::For(Period::Days(14));
        p.currencies[0].debt = DebtPolicy::PendingOnly;
    });
    story(
        &only(program),
        "
        2026-01-01 join             | 0
        2026-01-02 order A £80      | 0  pending=80
        2026-01-03 refund R1 A £20  | 0  pending=60
        2026-01-16 refund R2 A £20  | 60 pending=0
        2026-01-17 refund R3 A all  | 60 debt=0
        ",
    );
}

#[test]
fn what_was_written_off_is_not_given_again() {
    for debt in [DebtPolicy::WriteOff, DebtPolicy::UpTo(whole(10)), DebtPolicy::PendingOnly] {
        story(
            &with_debt(debt),
            "
            2026-01-01 join             | 0
            2026-01-02 order A £80 v=1  | 80
            2026-01-03 redeem S 80      | 0
            2026-01-04 order A £10 v=2  |
            2026-01-05 order A £80 v=3  | 0 debt=0
            ",
        );
    }
}

#[test]
fn what_ended_unspent_counts_as_taken_back() {
    story(
        &only(house()),
        "
        2026-01-02 join             | 0
        2026-01-03 order A £80      | 80
        2026-01-04 redeem S 30      | 50
        2027-02-01 -                | 0
        2027-03-01 refund R1 A £40  | 0   debt=0
        2027-03-02 refund R2 A all  | -30 debt=30
        ",
    );
}

#[test]
fn two_orders_of_one_lot_share_what_ended_of_it() {
    story(
        &only(house()),
        "
        2026-01-02 join             | 0
        2026-01-03 order A £80      | 80
        2026-01-03 order B £80      | 160
        2026-01-04 redeem S 100     | 60
        2027-02-01 pass             | 0
        2027-03-01 refund R1 A all  | -20
        2027-03-02 refund R2 B all  | -100
        ",
    );
}

#[test]
fn a_late_order_whose_lot_has_ended_counts_like_one_in_time() {
    story(
        &only(house()),
        "
        2026-01-02 join                            | 0
        2026-01-03 order A £80                     | 80
        2027-02-02 pass                            | 0
        2027-02-02 order B £30 placed=2026-01-31   | 0
        2027-02-02 order C £20 placed=2026-01-31   | 0
        2027-02-03 refund R1 B all                 | 0 debt=0
        2027-02-03 refund R2 C all                 | 0 debt=0
        2027-02-03 refund R3 A all                 | 0 debt=0
        ",
    );
}

#[test]
fn a_refund_repays_the_debt_that_its_order_repaid() {
    let program = house_with(|p| p.currencies[0].pending = Pending::For(Period::Days(14)));
    story(
        &only(program),
        "
        2026-01-01 join                | 0
        2026-01-02 order A £30         | 0   pending=30
        2026-02-01 redeem S 30         | 0
        2026-02-02 refund R A all      | -30 debt=30
        2026-02-03 order B £100 v=1    | 0   pending=70 debt=0
        2026-02-04 order B £0.01 v=2   | -30 pending=0
        2026-02-05 order B £100 v=3    | 0   pending=70
        2026-02-06 order B £60 v=4     | 0   pending=30
        2026-02-20 -                   | 30  pending=0
        ",
    );
}

#[test]
fn a_free_line_is_given_back_by_its_quantity() {
    let program = house_with(|p| p.bases[0].before_discounts = true);
    story(
        &only(program),
        "
        2026-01-01 join                          | 0
        2026-01-02 order A 2x£20 discount=£40    | 40
        2026-01-03 refund R A 1:x1               | 20
        2026-01-04 refund S A 1:x1               | 0
        ",
    );
}
