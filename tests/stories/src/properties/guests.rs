//! Who buys first and joins later.

use domain::{
    account::Standing,
    fact::{Fact, Order},
    key::FactKey,
    program::{OnRefund, Program},
    reason::Reason,
    refusal::Refusal,
};
use proptest::prelude::*;

use super::{
    any::{midsummer, order, program, refund_of, refunded},
    cases,
    order_of_arrival::{Ending, in_time, looked_at},
};
use crate::{
    life::{Became, Life},
    programs::{house, house_with, only, rate},
};

fn hour(of_fact: usize) -> i64 {
    i64::try_from(of_fact).expect("few facts") + 1
}

/// What a member has who bought as a guest, and joined before the fact at `joins`.
fn claimed(program: &Program, facts: &[Fact], joins: usize) -> Ending {
    let rulebook = only(program.clone());
    let mut guest = Life::of_guest(&rulebook);
    let mut member = Life::enrolled(&rulebook, midsummer(-24 * 50));
    for (n, fact) in facts.iter().enumerate() {
        let hour = hour(n);
        let of_guest = n < joins;
        if n == joins {
            guest.record(Fact::MovedOn { to: "ada".parse().expect("an id") }, "-", midsummer(hour));
            member.claim(&guest, midsummer(hour));
        }
        let life = if of_guest { &mut guest } else { &mut member };
        let became = life.record(fact.clone(), &format!("fact-{n}"), midsummer(hour));
        assert!(matches!(became, Became::Recorded(_)), "{became:?}");
    }
    if joins >= facts.len() {
        member.claim(&guest, midsummer(10));
    }
    for row in &guest.rows {
        assert_eq!(row.movements().count(), 0, "a guest has no points");
    }
    looked_at(&member, 20)
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn who_joins_after_buying_ends_as_who_joined_before(
        program in program(),
        order in order(),
        refunds in prop::collection::vec(refunded(), 0..4),
        joins in 1_usize..5,
        hours_ago in 0_i64..1_000,
    ) {
        prop_assume!(in_time(&program));
        let placed_at = Some(midsummer(-hours_ago));
        let mut facts = vec![Fact::Order(Order { placed_at, ..order })];
        for (n, what) in refunds.into_iter().enumerate() {
            facts.push(refund_of("A", &format!("R{n}"), what, None));
        }
        // What was done as a guest counts for goals when it is taken over.
        let (mut member, joins) = (Life::enrolled(&only(program.clone()), midsummer(-24 * 50)), joins.min(facts.len()));
        let taken_over = if joins < facts.len() { hour(joins) } else { 10 };
        for (n, fact) in facts.iter().enumerate() {
            member.record(fact.clone(), &format!("fact-{n}"), midsummer(hour(n).max(taken_over)));
        }
        // A level that a refund leaves alone depends on what came before it.
        let recomputes = program.tiers.as_ref().is_none_or(|t| t.on_refund == OnRefund::Recompute);
        let [found, expected] = [
            claimed(&program, &facts, joins),
            looked_at(&member, 20),
        ].map(|ending| if recomputes { ending } else { ending.without_level() });
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn a_guest_is_told_what_a_member_would_have() {
    let rulebook = only(house());
    let mut guest = Life::of_guest(&rulebook);
    let text = "2026-06-01 order A £84.99 | GUEST";
    let order = crate::script::order_of(&rulebook, text);
    let Became::Recorded(row) = guest.record(Fact::Order(order), "-", midsummer(1)) else {
        panic!("an order of a guest is kept");
    };
    assert_eq!(row.note, Some(Reason::Guest));
    let explained = domain::explain::explain(&rulebook, &row).expect("an explanation");
    let order = explained.order.expect("an order");
    assert_eq!((order.would_earn, order.totals[0].points), (Some(84), 0));
    assert_eq!(order.rules[0].reason.as_ref().map(|why| why.code.as_str()), Some("GUEST"));
}

#[test]
fn a_claimed_order_is_told_again_by_its_own_key_and_by_no_other() {
    let rulebook = only(house());
    let (mut guest, mut member) =
        (Life::of_guest(&rulebook), Life::enrolled(&rulebook, midsummer(0)));
    let order = crate::script::order_of(&rulebook, "2026-06-01 order A £20.00 v=3 | GUEST");
    let fact = Fact::Order(order);
    guest.record(fact.clone(), "-", midsummer(1));
    guest.record(Fact::MovedOn { to: "ada".parse().expect("an id") }, "-", midsummer(2));
    let first = member.claim(&guest, midsummer(3));
    assert!(matches!(&first[..], [Became::Recorded(_)]), "{first:?}");
    let again = member.claim(&guest, midsummer(4));
    assert!(matches!(&again[..], [Became::Replayed(_)]), "{again:?}");
    let told = member.record(fact, "-", midsummer(5));
    assert!(matches!(told, Became::Replayed(_)), "{told:?}");
    let key = FactKey::stored("order:shop:A@3".to_owned());
    assert!(member.rows.iter().any(|row| row.records(&key)));
    assert_eq!(member.at(midsummer(5)).purse(0).balance(), 20);
}

#[test]
fn the_first_order_of_somebody_is_first_once() {
    let rulebook = only(house_with(|p| {
        let mut first = rate("first", "1");
        first.when.first_order = true;
        p.earn.push(first);
    }));
    let (mut guest, mut member) =
        (Life::of_guest(&rulebook), Life::enrolled(&rulebook, midsummer(0)));
    let order = |text: &str| Fact::Order(crate::script::order_of(&rulebook, text));
    guest.record(order("2026-06-01 order A £20.00 | GUEST"), "-", midsummer(1));
    member.record(order("2026-06-01 order B £10.00 | 20"), "-", midsummer(2));
    member.claim(&guest, midsummer(3));
    assert_eq!(member.at(midsummer(3)).purse(0).balance(), 40, "20 for B, 20 for A");
}

#[test]
fn a_guest_has_orders_and_nothing_else_and_after_moving_on_not_even_these() {
    let rulebook = only(house());
    let mut guest = Life::of_guest(&rulebook);
    let nothing = domain::fact::Enrolment::default();
    let joined = guest.record(Fact::Enrolled(nothing), "join", midsummer(1));
    assert!(matches!(joined, Became::Refused(Refusal::MemberUnknown)), "{joined:?}");
    let order = |text: &str| Fact::Order(crate::script::order_of(&rulebook, text));
    guest.record(order("2026-06-01 order A £20.00 | GUEST"), "-", midsummer(1));
    let redeemed = guest.record(Fact::Release { hold: 1 }, "-", midsummer(2));
    assert!(matches!(redeemed, Became::Refused(Refusal::MemberUnknown)), "{redeemed:?}");
    guest.record(Fact::MovedOn { to: "ada".parse().expect("an id") }, "-", midsummer(2));
    let late = guest.record(order("2026-06-01 order B £20.00 | GUEST"), "-", midsummer(3));
    assert!(matches!(late, Became::Refused(Refusal::MovedOn { .. })), "{late:?}");
    let account = &guest.rows.last().expect("a row").account;
    assert!(matches!(&account.standing, Standing::Moved { to } if to.as_str() == "ada"));
}
