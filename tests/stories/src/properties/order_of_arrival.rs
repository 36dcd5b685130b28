//! An order, its versions and its refunds end the same in every order of arrival.

use domain::{
    account::{Account, Standing},
    fact::{Fact, Order, RefundLine, RefundedWhat},
    order_state::{Credit, OrderState},
    points::Points,
    program::{DebtPolicy, OnRefund, Program},
    time::Instant,
};
use proptest::prelude::*;

use super::{
    any::{midsummer, order, program, refund_of, refunded},
    cases,
};
use crate::{
    life::{Became, Life},
    programs::{house_with, only, whole},
};

const FAR: i64 = 24 * 365 * 30;

/// What must be the same, whatever came first.
#[derive(Debug, PartialEq)]
pub struct Ending {
    account: Account,
    net: [Points; 2],
    qualified: Vec<(u8, i64)>,
    shares: Vec<u64>,
}

impl Ending {
    pub fn without_level(mut self) -> Ending {
        self.account.tier = None;
        self
    }
}

/// Records facts at one hour after another and looks at the account `later` hours on.
fn ending(program: &Program, before: &[Fact], facts: &[Fact], later: i64) -> Ending {
    let mut life = Life::enrolled(&only(program.clone()), midsummer(-24 * 50));
    for (n, fact) in before.iter().enumerate() {
        life.record(fact.clone(), &format!("before-{n}"), midsummer(-24 * 40));
    }
    for (hour, fact) in (1..).zip(facts) {
        let became = life.record(fact.clone(), &format!("fact-{hour}"), midsummer(hour));
        assert!(matches!(became, Became::Recorded(_)), "{became:?}");
    }
    looked_at(&life, later)
}

/// What a life with one order has come to.
pub fn looked_at(life: &Life, later: i64) -> Ending {
    let order = life.rows.iter().rev().find_map(|row| row.order.as_ref());
    let order: &OrderState = order.expect("the order came");
    Ending {
        account: comparable(life.at(midsummer(later))),
        net: [order.net(0), order.net(1)],
        qualified: order.qualified.clone(),
        shares: order.lines.iter().map(|l| l.share.units()).filter(|share| *share > 0).collect(),
    }
}

/// Without what says in which order facts came.
fn comparable(mut account: Account) -> Account {
    account.window = Default::default();
    account.next_due = None;
    account.noticed = None;
    account.standing = Standing::Guest;
    account.used.sort_by(|a, b| (&a.rule, a.start).cmp(&(&b.rule, b.start)));
    if let Some(tier) = &mut account.tier {
        (tier.since, tier.ends_on) = Default::default();
    }
    for purse in &mut account.purses {
        purse.lapsed.sort_by_key(|lapsed| (lapsed.expires_on, lapsed.lapsed_on));
    }
    // What a goal gave and took back on the way differs, what it gives in the end does not.
    for progress in &mut account.progress {
        let credit = progress.credit.take();
        let net = credit.filter(|credit| !credit.net().is_zero());
        progress.credit = net.map(|credit| Credit {
            awarded: credit.net(),
            clawed_back: Points::ZERO,
            written_off: Points::ZERO,
            ..credit
        });
    }
    account.progress.retain(|progress| !progress.is_empty());
    account.progress.sort_by(|a, b| (&a.goal, a.start).cmp(&(&b.goal, b.start)));
    account.badges.sort();
    while account.purses.last().is_some_and(|purse| *purse == Default::default()) {
        account.purses.pop();
    }
    account
}

fn permutations(facts: &[Fact]) -> Vec<Vec<Fact>> {
    let Some((first, rest)) = facts.split_first() else { return vec![vec![]] };
    let with_first = |rest: Vec<Fact>| {
        (0..=rest.len()).map(move |at| {
            let mut all = rest.clone();
            all.insert(at, first.clone());
            all
        })
    };
    permutations(rest).into_iter().flat_map(with_first).collect()
}

/// A life before: an order, of which some is spent, and the rest of it comes back.
fn debts() -> Vec<Fact> {
    let order = Order {
        id: "Z".parse().expect("an id"),
        lines: vec![domain::fact::Line {
            id: None,
            product: None,
            category: None,
            brand: None,
            quantity: 1,
            unit_price: 3_000,
            discount: 0,
            tax: 0,
        }],
        placed_at: None,
        ..plain()
    };
    let spend = domain::fact::Redemption {
        reward: "money-off".into(),
        points: Some(whole(20)),
        basket: None,
        hold_minutes: None,
    };
    vec![
        Fact::Order(order),
        Fact::Redemption(spend),
        refund_of("Z", "RZ", RefundedWhat::Everything, None),
    ]
}

fn plain() -> Order {
    Order {
        id: "A".parse().expect("an id"),
        version: None,
        placed_at: None,
        currency: crate::programs::currency("GBP"),
        channel: None,
        store: None,
        status: Some("shipped".into()),
        test: false,
        prices_include_tax: false,
        lines: vec![],
        discount: 0,
        tax: 0,
        shipping: 0,
        tip: 0,
        tenders: vec![],
    }
}

fn placed(hours_ago: i64) -> Option<Instant> {
    Some(midsummer(-hours_ago))
}

/// Where only pending points are taken back it matters when a refund comes: a policy
/// about time does not commute with time.
pub fn in_time(program: &Program) -> bool {
    program.currencies[0].debt != DebtPolicy::PendingOnly
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn failure_03_an_order_and_its_refunds_end_the_same_in_every_order(
        program in program(),
        order in order(),
        refunds in prop::collection::vec(refunded(), 1..4),
        hours_ago in 0_i64..2_000,
        indebted in any::<bool>(),
    ) {
        prop_assume!(in_time(&program));
        let before = if indebted { debts() } else { vec![] };
        let order = Fact::Order(Order { placed_at: placed(hours_ago), ..order });
        let mut facts = vec![order];
        for (n, what) in refunds.into_iter().enumerate() {
            facts.push(refund_of("A", &format!("R{n}"), what, None));
        }
        for later in [10, FAR] {
            let expected = ending(&program, &before, &facts, later);
            for facts in permutations(&facts) {
                let found = ending(&program, &before, &facts, later);
                prop_assert_eq!(&found, &expected, "{:#?}", facts);
            }
        }
    }

    #[test]
    fn failure_04_versions_and_refunds_end_the_same_in_every_order(
        program in program(),
        versions in prop::collection::vec((order(), 0_usize..5), 2..4),
        refunds in prop::collection::vec(refunded(), 0..2),
        hours_ago in 0_i64..2_000,
        indebted in any::<bool>(),
    ) {
        prop_assume!(in_time(&program));
        // A level that a version or a refund leaves alone depends on what came before it.
        let recomputes = program.tiers.as_ref().is_none_or(|t| t.on_refund == OnRefund::Recompute);
        let before = if indebted { debts() } else { vec![] };
        let mut facts = vec![];
        for (n, (order, status)) in (1..).zip(versions) {
            let statuses = ["paid", "shipped", "closed", "cancelled", "shipped"];
            facts.push(Fact::Order(Order {
                version: Some(n),
                placed_at: placed(hours_ago),
                status: Some(statuses[status].into()),
                ..order
            }));
        }
        for (n, what) in refunds.into_iter().enumerate() {
            facts.push(refund_of("A", &format!("R{n}"), what, None));
        }
        let end = |facts: &[Fact]| {
            let mut ending = ending(&program, &before, facts, 10);
            ending.account.tier = ending.account.tier.filter(|_| recomputes);
            ending
        };
        let expected = end(&facts);
        for facts in permutations(&facts) {
            prop_assert_eq!(&end(&facts), &expected, "{:#?}", facts);
        }
    }

    #[test]
    fn many_partial_refunds_are_one_full_refund_and_a_full_refund_is_nothing(
        program in program(),
        order in order(),
        cuts in prop::collection::vec((0_u32..4, 0_i64..3_000), 4),
        hours_ago in 0_i64..2_000,
    ) {
        prop_assume!(in_time(&program));
        let order = Order { placed_at: placed(hours_ago), ..order };
        let fact = Fact::Order(order.clone());
        let mut facts = vec![fact.clone()];
        // First some of each line by quantity or amount, then all that is left of it.
        for (part, rest) in [(true, false), (false, true)] {
            for (at, line) in order.lines.iter().enumerate() {
                let (quantity, amount) = cuts[at];
                let first = quantity.min(line.quantity);
                let quantity = if part { first } else { line.quantity - first };
                let amount = if rest { line.gross() } else { amount.min(line.gross()) };
                let refund = RefundLine { line: line.id_at(at), quantity, amount };
                if refund.quantity == 0 && refund.amount == 0 { continue; }
                let id = format!("R{part}{at}");
                facts.push(refund_of("A", &id, RefundedWhat::Lines(vec![refund]), None));
            }
        }
        let all = refund_of("A", "ALL", RefundedWhat::Everything, None);
        let by_parts = ending(&program, &[], &facts, FAR);
        let at_once = ending(&program, &[], &[fact, all], FAR);
        prop_assert_eq!(by_parts.net, [Points::ZERO; 2]);
        prop_assert!(by_parts.qualified.is_empty());
        prop_assert!(by_parts.account.used.is_empty(), "limits are given back");
        prop_assert!(by_parts.account.qualified.is_empty(), "progress is given back");
        for progress in &by_parts.account.progress {
            prop_assert!(progress.tallies.is_empty(), "so are steps towards goals");
        }
        prop_assert!(by_parts.account.badges.is_empty(), "and badges");
        prop_assert!(by_parts.account.purses.is_empty() || !at_once.account.purses.is_empty());
        for purse in &by_parts.account.purses {
            prop_assert!(purse.lots.is_empty() && purse.pending.is_empty());
            prop_assert_eq!(purse.debt, Points::ZERO);
        }
        prop_assert_eq!(by_parts, at_once);
    }

    #[test]
    fn many_amounts_are_their_sum(
        order in order(), amounts in prop::collection::vec(0_i64..4_000, 1..6)
    ) {
        let program = house_with(|_| {});
        let order = Fact::Order(order);
        let mut facts = vec![order.clone()];
        for (n, amount) in amounts.iter().enumerate() {
            facts.push(refund_of("A", &format!("R{n}"), RefundedWhat::Amount(*amount), None));
        }
        let sum = RefundedWhat::Amount(amounts.iter().sum());
        let at_once = ending(&program, &[], &[order, refund_of("A", "R", sum, None)], FAR);
        prop_assert_eq!(ending(&program, &[], &facts, FAR), at_once);
    }

    #[test]
    fn copies_change_nothing(
        program in program(),
        order in order(),
        refunds in prop::collection::vec(refunded(), 1..4),
        copies in prop::collection::vec(0_usize..4, 0..6),
    ) {
        let mut facts = vec![Fact::Order(order)];
        for (n, what) in refunds.into_iter().enumerate() {
            facts.push(refund_of("A", &format!("R{n}"), what, None));
        }
        let mut life = Life::enrolled(&only(program), midsummer(0));
        for (n, fact) in facts.iter().enumerate() {
            life.record(fact.clone(), &format!("request-{n}"), midsummer(1));
        }
        let rows = life.rows.len();
        for copy in copies {
            let fact = facts[copy % facts.len()].clone();
            let became = life.record(fact, "again", midsummer(5_000));
            prop_assert!(matches!(became, Became::Replayed(_)));
        }
        prop_assert_eq!(life.rows.len(), rows);
    }
}
