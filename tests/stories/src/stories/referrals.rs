//! A member brings a friend: the friend's rows say so, and the member's chain gets what
//! follows from them.

use domain::{
    fact::{Enrolment, Fact, ReferralClaim},
    ids::MemberId,
    program::{
        Conditions, EarnRule, Effect, Formula, Limit, LimitPer, Most, PartialRefund, Pending,
        Program, Referrals, Trigger,
    },
    reason::Reason,
    referral::{ReferralState, effect},
    refusal::Refusal,
    time::{Instant, Period},
};

use crate::{
    life::{Became, Life},
    programs::{house_with, only, rate, whole},
};

/// A hundred for the member, thirty days after the friend's first order of £20 or more, three
/// times a year; half of it for the friend at once.
fn program() -> Program {
    house_with(|p| {
        let flat = |points| Effect::Points {
            currency: 0,
            formula: Formula::Flat {
                points: whole(points),
                on_partial_refund: PartialRefund::Keep,
            },
        };
        let member = EarnRule {
            id: "referral".into(),
            on: Trigger::Activity("referral".into()),
            effect: flat(100),
            pending: Some(Pending::For(Period::Days(30))),
            limits: vec![Limit { most: Most::Times(3), per: LimitPer::Year }],
            ..rate("referral", "1")
        };
        let mut friend = EarnRule { effect: flat(50), ..rate("friend", "1") };
        friend.when.referred = true;
        friend.when.order_at_least = Some(2_000);
        let first =
            Conditions { first_order: true, order_at_least: Some(2_000), ..Conditions::default() };
        let counted = EarnRule { effect: Effect::Counts, when: first, ..rate("r/order", "1") };
        p.earn.extend([member, friend, counted]);
        p.referral = Some(Referrals { rule: 3, within: Some(Period::Days(60)), link: None });
    })
}

fn day(number: i64) -> Instant {
    Instant::from_millis(1_780_300_800_000).plus_days(number)
}

fn claim(by: &str) -> ReferralClaim {
    ReferralClaim { by: by.parse().expect("an id"), rejected: None, approved: false }
}

fn joined(referral: Option<ReferralClaim>) -> Fact {
    Fact::Enrolled(Enrolment { referral, ..Enrolment::default() })
}

fn order(text: &str) -> Fact {
    let line = format!("2026-06-01 order {text} | 0");
    Fact::Order(crate::script::order_of(&only(program()), &line))
}

/// The friend's life, and the member's who brought them.
struct Two {
    friend: Life,
    member: Life,
    /// How many of the friend's rows have been handed on.
    handed_on: usize,
}

impl Two {
    fn met() -> Two {
        let rulebook = only(program());
        let mut friend = Life::named(&rulebook, "friend");
        friend.record(joined(Some(claim("ada"))), "join", day(0));
        Two { friend, member: Life::enrolled(&rulebook, day(-1)), handed_on: 0 }
    }

    /// A fact of the friend's, and what follows from it for the member, `copies` times.
    fn then(&mut self, fact: Fact, name: &str, on: i64, copies: usize) -> &mut Two {
        let became = self.friend.record(fact, name, day(on));
        assert!(matches!(became, Became::Recorded(_)), "{became:?}");
        for row in &self.friend.rows[self.handed_on..] {
            let Some((by, activity)) = effect(row) else { continue };
            assert_eq!(by, "ada".parse::<MemberId>().expect("an id"));
            for copy in 0..copies {
                let became = self.member.record(Fact::Activity(activity.clone()), "-", day(on));
                let new = matches!(became, Became::Recorded(_));
                assert_eq!(new, copy == 0, "{became:?}");
            }
        }
        self.handed_on = self.friend.rows.len();
        self
    }

    /// What the member has, spendable and waiting, and what the friend has.
    fn have(&self, on: i64) -> (i64, u64, i64) {
        let member = self.member.at(day(on));
        let friend = self.friend.at(day(on));
        let purse = member.purse(0);
        (purse.balance(), purse.pending().units(), friend.purse(0).balance())
    }

    fn state(&self) -> ReferralState {
        let head = self.friend.rows.last().expect("a row");
        head.account.referral.as_ref().expect("a referral").state
    }
}

#[test]
fn a_friends_first_order_counts_when_its_return_window_has_passed() {
    let mut two = Two::met();
    two.then(order("A £19.99"), "a", 1, 1);
    assert_eq!(two.have(1), (0, 0, 19), "too small");
    assert_eq!(two.state(), ReferralState::Claimed);

    let mut two = Two::met();
    two.then(order("A £20.00"), "a", 1, 3);
    assert_eq!(two.have(1), (0, 100, 70));
    assert_eq!(two.have(30), (0, 100, 70));
    assert_eq!(two.have(31), (100, 0, 70));
    two.then(order("B £20.00"), "b", 40, 1);
    assert_eq!(two.have(40), (100, 0, 90), "once");
}

#[test]
fn what_the_friend_gives_back_counts_no_more_on_both_chains() {
    let mut two = Two::met();
    two.then(order("A 2x£20.00"), "a", 1, 1);
    let part = crate::script::refund_of("R1 A 1:x1");
    two.then(part, "r1", 5, 1);
    assert_eq!(two.have(5), (0, 100, 70), "what is left is enough");
    let rest = crate::script::refund_of("R2 A 1:x1");
    two.then(rest, "r2", 12, 3);
    assert_eq!(two.have(12), (0, 0, 0));
    assert!(matches!(two.state(), ReferralState::Reversed { .. }));
    assert_eq!(two.have(40), (0, 0, 0));
}

#[test]
fn a_version_that_brings_the_order_back_brings_the_referral_back() {
    let mut two = Two::met();
    two.then(order("A £30.00 v=1 status=paid"), "a1", 1, 1);
    two.then(order("A £30.00 v=2 status=cancelled"), "a2", 2, 1);
    assert_eq!(two.have(2), (0, 0, 0));
    two.then(order("A £30.00 v=3 status=paid"), "a3", 3, 1);
    assert_eq!(two.have(3), (0, 100, 80));
}

#[test]
fn effects_that_come_in_another_order_end_the_same() {
    let mut two = Two::met();
    two.then(order("A £30.00 v=1 status=paid"), "a1", 1, 0);
    two.then(order("A £30.00 v=2 status=cancelled"), "a2", 2, 0);
    let effects: Vec<_> = two.friend.rows.iter().filter_map(effect).collect();
    assert_eq!(effects.len(), 2);
    for (_, activity) in effects.into_iter().rev() {
        two.member.record(Fact::Activity(activity), "-", day(3));
    }
    assert_eq!(two.have(3), (0, 0, 0));
}

#[test]
fn a_friend_who_buys_too_late_or_bought_before_brings_nothing() {
    let mut two = Two::met();
    two.then(order("A £30.00"), "a", 61, 1);
    assert_eq!(two.have(61), (0, 0, 30));

    let rulebook = only(program());
    let mut known = Life::named(&rulebook, "friend");
    known.record(joined(None), "join", day(0));
    known.record(order("A £30.00"), "a", day(1));
    known.record(Fact::Referred(claim("ada")), "claim", day(2));
    let referral = known.rows.last().and_then(|row| row.account.referral.clone());
    let state = referral.expect("a referral").state;
    assert_eq!(state, ReferralState::Rejected(Reason::NotNew));
    let again = known.record(Fact::Referred(claim("eve")), "again", day(3));
    assert!(matches!(again, Became::Refused(Refusal::AlreadyReferred)), "{again:?}");
}

#[test]
fn what_was_set_aside_counts_once_the_shop_has_looked_at_it() {
    let rulebook = only(program());
    let mut friend = Life::named(&rulebook, "friend");
    let suspected = ReferralClaim { rejected: Some(Reason::SelfReferral), ..claim("ada") };
    friend.record(joined(Some(suspected)), "join", day(0));
    friend.record(order("A £30.00"), "a", day(1));
    assert!(friend.rows.iter().all(|row| effect(row).is_none()), "nothing follows from it");
    let approved = ReferralClaim { approved: true, ..claim("ada") };
    friend.record(Fact::Referred(approved), "approve", day(2));
    friend.record(order("A £30.00 v=2 status=shipped"), "a2", day(3));
    let brought: Vec<_> = friend.rows.iter().filter_map(effect).collect();
    assert_eq!(brought.len(), 1, "the first order counts when it comes again: {brought:?}");
}

#[test]
fn a_program_without_referrals_says_so() {
    let mut life = Life::enrolled(&only(house_with(|_| {})), day(0));
    let became = life.record(Fact::Referred(claim("ada")), "claim", day(1));
    assert!(matches!(became, Became::Refused(Refusal::NoReferrals)), "{became:?}");
}

#[test]
fn a_member_brings_only_so_many() {
    let rulebook = only(program());
    let mut member = Life::enrolled(&rulebook, day(-1));
    for friend in 0..4 {
        let mut life = Life::named(&rulebook, &format!("friend-{friend}"));
        life.record(joined(Some(claim("ada"))), "join", day(0));
        life.record(order("A £30.00"), "a", day(1));
        for (_, activity) in life.rows.iter().filter_map(effect) {
            member.record(Fact::Activity(activity), "-", day(1));
        }
    }
    assert_eq!(member.at(day(40)).purse(0).balance(), 300);
}
