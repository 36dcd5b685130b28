//! Numbers at the edges are refused, never wrapped.

use domain::{
    fact::{Fact, Line, Order},
    money::MONEY_MAX,
    points::Points,
    program::{EarnRule, Effect, Formula, PartialRefund, Program},
    ratio::{Ratio, RoundingMode},
};
use proptest::prelude::*;

use super::{
    any::{midsummer, order, refund_of},
    cases,
};
use crate::{
    life::{Became, Life},
    programs::{flat, house_with, in_category, only, rule, times, when, whole},
};

fn points() -> impl Strategy<Value = Points> {
    let max = Points::MAX.units();
    prop_oneof![1 => Just(max), 1 => max - 1_000..=max, 2 => 0..=max, 2 => 0_u64..1_000]
        .prop_map(whole)
}

fn factor() -> impl Strategy<Value = Ratio> {
    let text = prop_oneof!["[0-9]{1,17}", "[0-9]{1,6}\\.[0-9]{1,11}", "[1-9]\\.[0-9]{1,3}"];
    text.prop_map(|text| text.parse().expect("a decimal"))
}

fn formula() -> impl Strategy<Value = Formula> {
    prop_oneof![
        factor().prop_map(|per_minor| Formula::Rate { per_minor }),
        (points(), 1_i64..=MONEY_MAX).prop_map(|(points, step)| Formula::Steps { points, step }),
        (points(), any::<bool>()).prop_map(|(points, keep)| Formula::Flat {
            points,
            on_partial_refund: if keep { PartialRefund::Keep } else { PartialRefund::Proportional },
        }),
    ]
}

fn program() -> impl Strategy<Value = Program> {
    let rules = prop::collection::vec((formula(), any::<bool>(), any::<bool>()), 1..8);
    let factors = prop::collection::vec((factor(), any::<bool>()), 0..4);
    (rules, factors, any::<bool>()).prop_map(|(rules, factors, by_line)| {
        let only_tea = |of: bool, rule| if of { when(rule, in_category("tea")) } else { rule };
        house_with(|p| {
            if by_line {
                p.currencies[0].rounding.scope = domain::program::RoundingScope::Line;
                p.currencies[0].rounding.mode = RoundingMode::HalfEven;
            }
            p.earn = rules
                .into_iter()
                .enumerate()
                .map(|(n, (formula, tea, _))| only_tea(tea, rule(&format!("r{n}"), formula)))
                .collect();
            p.earn.extend(factors.into_iter().enumerate().map(|(n, (factor, tea))| {
                let times =
                    EarnRule { effect: Effect::Times(factor), ..times(&format!("t{n}"), "1") };
                only_tea(tea, times)
            }));
        })
    })
}

fn large_order() -> impl Strategy<Value = Order> {
    let amounts = prop_oneof![Just(MONEY_MAX / 8), 0..=MONEY_MAX / 8, 0_i64..10];
    let line = (amounts, any::<bool>(), 1_u32..3).prop_map(|(unit_price, tea, quantity)| Line {
        id: None,
        product: None,
        category: Some(if tea { "tea" } else { "coffee" }.into()),
        brand: None,
        quantity,
        unit_price,
        discount: 0,
        tax: 0,
    });
    (order(), prop::collection::vec(line, 1..4)).prop_map(|(order, lines)| Order {
        lines,
        discount: 0,
        ..order
    })
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn failure_20_points_beyond_the_limit_are_refused(
        program in program(),
        orders in prop::collection::vec(large_order(), 1..5),
        given in points(),
        back in 0..=MONEY_MAX,
    ) {
        let mut life = Life::enrolled(&only(program), midsummer(0));
        for (n, order) in orders.into_iter().enumerate() {
            let id = format!("A{n}");
            let fact = Fact::Order(Order { id: id.parse().expect("an id"), ..order });
            let became = life.record(fact, "order", midsummer(1));
            refused_for_size(&became)?;
            let what = domain::fact::RefundedWhat::Amount(back);
            let became = life.record(refund_of(&id, &format!("R{n}"), what, None), "r", midsummer(2));
            refused_for_size(&became)?;
            let give = domain::fact::Adjustment {
                points: given.max(whole(1)),
                takes: false,
                reason: "goodwill".into(),
            };
            let became = life.record(Fact::Adjustment(give), &format!("G{n}"), midsummer(3));
            refused_for_size(&became)?;
        }
        // Whatever was recorded can be settled for ever.
        let account = life.at(midsummer(24 * 365 * 40));
        prop_assert!(account.purse(0).available() <= Points::MAX);
    }

    #[test]
    fn ordinary_orders_are_never_too_large_to_compute(
        lines in prop::collection::vec((1_i64..3_000_000, 0_u8..6), 1..12),
        factors in prop::collection::vec(1_u16..4_000, 6),
    ) {
        let category = |n: u8| format!("c{n}");
        let program = house_with(|p| {
            p.earn = (0..6)
                .flat_map(|n| {
                    let times = EarnRule {
                        effect: Effect::Times(Ratio::new(u128::from(factors[usize::from(n)]), 1_000).expect("a ratio")),
                        ..flat("x", 1)
                    };
                    let named = |id: String, rule: EarnRule| EarnRule { id, ..rule };
                    [
                        named(format!("flat{n}"), flat("x", 7)),
                        named(format!("own{n}"), when(flat("x", 11), in_category(&category(n)))),
                        named(format!("times{n}"), when(times, in_category(&category(n)))),
                    ]
                })
                .collect();
        });
        let line = |(unit_price, of): (i64, u8)| Line {
            id: None,
            product: None,
            category: Some(category(of)),
            brand: None,
            quantity: 1,
            unit_price,
            discount: 0,
            tax: 0,
        };
        let order = Order {
            id: "A".parse().expect("an id"),
            version: None,
            placed_at: None,
            currency: crate::programs::currency("GBP"),
            channel: None,
            store: None,
            status: None,
            test: false,
            prices_include_tax: false,
            lines: lines.into_iter().map(line).collect(),
            discount: 0,
            tax: 0,
            shipping: 0,
            tip: 0,
            tenders: vec![],
        };
        let mut life = Life::enrolled(&only(program), midsummer(0));
        let became = life.record(Fact::Order(order), "A", midsummer(1));
        prop_assert!(matches!(became, Became::Recorded(_)), "{:?}", became);
    }
}

fn refused_for_size(became: &Became) -> Result<(), TestCaseError> {
    if let Became::Refused(refusal) = became {
        prop_assert_eq!(refusal.code(), "TOO_MANY_POINTS");
    }
    Ok(())
}
