//! What holds after every row of every life. [`Life`] checks each row as it is recorded:
//! sums, folds, awards, shares and explanations.

use std::collections::HashMap;

use domain::{
    account::LimitUse,
    fact::{Activity, Adjustment, Capture, Fact, Marking, Order, Redemption, RefundedWhat},
    program::{Limit, Most, Program},
    row::{Row, RowKind},
};
use proptest::prelude::*;

use super::{
    any::{midsummer, order, program, refund_of, refunded},
    cases,
};
use crate::{
    life::{Became, Life},
    programs::{only, whole},
};

/// Something that happens some hours after what happened before it.
#[derive(Clone, Debug)]
pub struct Happening {
    hours: i64,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Order { id: u8, version: u64, order: Box<Order>, late_hours: i64, status: u8 },
    Refund { id: u8, order: u8, what: RefundedWhat },
    Redeem(u64),
    Hold(u64),
    Capture { hold: u8, points: Option<u64> },
    Release { hold: u8 },
    Adjust { points: u64, takes: bool },
    Activity { id: u8, version: u64, kind: &'static str, subject: u8, units: u32, withdrawn: bool },
    Mark { with: bool },
    Undo { redemption: u8 },
    Pass,
}

pub fn happenings(most: usize) -> impl Strategy<Value = Vec<Happening>> {
    let hours = prop_oneof![3 => 0_i64..30, 2 => 30_i64..900, 1 => 900_i64..9_000];
    let happening = (hours, what()).prop_map(|(hours, what)| Happening { hours, what });
    prop::collection::vec(happening, 1..most)
}

fn what() -> impl Strategy<Value = What> {
    let late = prop_oneof![3 => Just(0_i64), 1 => 0_i64..3_000];
    prop_oneof![
        5 => (0_u8..5, 1_u64..4, order(), late, 0_u8..5).prop_map(
            |(id, version, order, late_hours, status)| What::Order {
                id, version, order: Box::new(order), late_hours, status,
            }
        ),
        4 => (0_u8..12, 0_u8..5, refunded())
            .prop_map(|(id, order, what)| What::Refund { id, order, what }),
        2 => (1_u64..200).prop_map(What::Redeem),
        2 => (1_u64..200).prop_map(What::Hold),
        2 => (0_u8..4, proptest::option::of(1_u64..100))
            .prop_map(|(hold, points)| What::Capture { hold, points }),
        1 => (0_u8..4).prop_map(|hold| What::Release { hold }),
        1 => (1_u64..100, any::<bool>())
            .prop_map(|(points, takes)| What::Adjust { points, takes }),
        3 => (0_u8..4, 1_u64..4, prop::sample::select(vec!["review", "run", "nap"]), 0_u8..3,
              1_u32..9_000, any::<bool>()).prop_map(
            |(id, version, kind, subject, units, withdrawn)| What::Activity {
                id, version, kind, subject, units, withdrawn,
            }
        ),
        1 => any::<bool>().prop_map(|with| What::Mark { with }),
        1 => (0_u8..4).prop_map(|redemption| What::Undo { redemption }),
        1 => Just(What::Pass),
    ]
}

/// Lives through happenings; every row is checked as it comes.
pub fn live(life: &mut Life, happenings: &[Happening]) {
    let mut hours = 0;
    for (at, happening) in happenings.iter().enumerate() {
        hours += happening.hours;
        let now = midsummer(hours);
        let fact = fact(life, &happening.what, hours);
        let became = life.record(fact, &format!("request-{at}"), now);
        if let Became::Refused(refusal) = became {
            let code = refusal.code();
            assert!(code != "INCONSISTENT" && code != "TOO_MANY_POINTS", "{refusal}");
        }
    }
}

fn fact(life: &Life, what: &What, hours: i64) -> Fact {
    let holds: Vec<u64> =
        life.rows.iter().filter(|row| row.kind == RowKind::Held).map(|row| row.sequence).collect();
    let nth = |hold: u8| holds.iter().rev().nth(usize::from(hold)).copied().unwrap_or(99);
    let spending = |row: &&Row| matches!(row.kind, RowKind::Redeemed | RowKind::Captured);
    let spendings: Vec<u64> = life.rows.iter().filter(spending).map(|row| row.sequence).collect();
    let spent = |n: u8| spendings.iter().rev().nth(usize::from(n)).copied().unwrap_or(99);
    let redemption = |points, hold_minutes| {
        let reward = "money-off".to_owned();
        Fact::Redemption(Redemption {
            reward,
            points: Some(whole(points)),
            basket: None,
            hold_minutes,
        })
    };
    match what {
        What::Order { id, version, order, late_hours, status } => Fact::Order(Order {
            id: format!("A{id}").parse().expect("an id"),
            version: Some(*version),
            placed_at: Some(midsummer(hours - late_hours)),
            status: ["paid", "shipped", "closed", "cancelled", "paid"]
                .get(usize::from(*status))
                .map(|status| (*status).to_owned()),
            ..order.as_ref().clone()
        }),
        What::Refund { id, order, what } => {
            refund_of(&format!("A{order}"), &format!("R{id}"), what.clone(), None)
        }
        What::Redeem(points) => redemption(*points, None),
        What::Hold(points) => redemption(*points, Some(60 * 12)),
        What::Capture { hold, points } => {
            Fact::Capture(Capture { hold: nth(*hold), points: points.map(whole) })
        }
        What::Release { hold } => Fact::Release { hold: nth(*hold) },
        What::Adjust { points, takes } => Fact::Adjustment(Adjustment {
            points: whole(*points),
            takes: *takes,
            reason: "goodwill".into(),
        }),
        What::Activity { id, version, kind, subject, units, withdrawn } => {
            Fact::Activity(Activity {
                id: format!("{kind}-{id}").parse().expect("an id"),
                version: Some(*version),
                activity: (*kind).to_owned(),
                subject: (*subject > 0).then(|| format!("thing-{subject}")),
                given_by: None,
                done_at: Some(midsummer(hours)),
                synced_at: None,
                units: Some(*units),
                amount: None,
                channel: None,
                store: None,
                status: Some("shipped".into()),
                withdrawn: *withdrawn,
            })
        }
        What::Mark { with } => {
            let label = vec!["card".to_owned()];
            let none = Vec::new();
            let (with, without) = if *with { (label, none) } else { (none, label) };
            Fact::Marking(Marking { with, without })
        }
        What::Undo { redemption } => Fact::Undoing { redemption: spent(*redemption) },
        What::Pass => Fact::Passing,
    }
}

fn begun(program: Program) -> Life {
    Life::enrolled(&only(program), midsummer(0))
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn points_are_conserved_and_never_negative(
        program in program(), happenings in happenings(25)
    ) {
        live(&mut begun(program), &happenings);
    }

    #[test]
    fn failure_16_exactly_one_tier_decides_an_order_the_one_before_it(
        program in program(), happenings in happenings(20)
    ) {
        let mut life = begun(program);
        live(&mut life, &happenings);
        let mut firsts = HashMap::new();
        for pair in life.rows.windows(2) {
            let (Some(order), Some(key)) = (&pair[1].order, pair[1].order_key.as_ref()) else {
                continue;
            };
            let first = firsts.entry(key.clone()).or_insert_with(|| {
                let before = domain::settle::settled(&life.rulebook, &pair[0], pair[1].recorded_at);
                before.expect("consistent").tier.map(|tier| tier.level)
            });
            prop_assert_eq!(&order.tier, &*first, "one level, for ever");
        }
    }

    #[test]
    fn an_order_never_gives_back_more_than_it_gave_nor_holds_more_than_it_was_worth(
        program in program(),
        order in order(),
        refunds in prop::collection::vec(refunded(), 0..6),
    ) {
        let mut life = begun(program);
        let row = |became| match became {
            Became::Recorded(row) => row.order.clone().expect("an order"),
            other => panic!("{other:?}"),
        };
        let whole = row(life.record(Fact::Order(order), "A", midsummer(1)));
        let most = [whole.net(0), whole.net(1)];
        for (n, what) in refunds.into_iter().enumerate() {
            let fact = refund_of("A", &format!("R{n}"), what, None);
            let left = row(life.record(fact, "R", midsummer(2)));
            for currency in [0, 1] {
                prop_assert!(left.net(currency) <= most[usize::from(currency)]);
            }
        }
    }

    /// A refund may leave a rule one unit more than it gave before, when what is rounded
    /// away falls to it, and that unit may be beyond a limit that others have filled. No
    /// order lifts a rule beyond its limits.
    #[test]
    fn no_order_lifts_a_rule_beyond_its_limits(
        program in program(), happenings in happenings(25)
    ) {
        let mut life = begun(program);
        live(&mut life, &happenings);
        let program = life.rulebook.version(1).expect("the version").clone();
        // What a limit has counted in a span: of days in a row, in those that begin with it.
        let counted = |row: &Row, of: &LimitUse| -> u64 {
            let span = of.start..of.per.end(of.start).max(of.start.plus_days(1));
            let same = |used: &&LimitUse| {
                (&used.rule, used.counts, used.per) == (&of.rule, of.counts, of.per)
                    && span.contains(&used.start)
            };
            row.account.used.iter().filter(same).map(|used| used.amount).sum()
        };
        for pair in life.rows.windows(2).filter(|pair| pair[1].kind == RowKind::Order) {
            for used in &pair[1].account.used {
                let rule = program.earn.iter().find(|rule| rule.id == used.rule).expect("a rule");
                let of = (used.per, used.counts);
                let same = |limit: &&Limit| (limit.per, limit.counts()) == of;
                let limit = rule.limits.iter().find(same).expect("one");
                let most = match limit.most {
                    Most::Points(points) => points.units(),
                    Most::Times(times) => u64::from(times),
                };
                let most = most.max(counted(&pair[0], used));
                prop_assert!(counted(&pair[1], used) <= most, "{:?} beyond {:?}", used, limit);
            }
        }
    }
}
