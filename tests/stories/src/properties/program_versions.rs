//! A new version of the program may come into force at any time.

use domain::{
    fact::{Fact, Line, Order, RefundedWhat},
    program::{Program, Rulebook},
    time::Instant,
};
use proptest::prelude::*;

use super::{
    any::{midsummer, program, refund_of},
    cases,
    conservation::{happenings, live},
};
use crate::{
    life::{Became, Life},
    programs::{currency, house_with, rate},
};

/// Versions at these hours, of each of whose points so many are one of the version before;
/// version n gives n points a pound.
fn rulebook(starts: &[(i64, u32)]) -> Rulebook {
    let version = |(version, (hours, times)): (u32, &(i64, u32))| Program {
        version,
        redenomination: *times,
        in_force_from: midsummer(*hours),
        ..house_with(|p| p.earn = vec![rate("spend", &version.to_string())])
    };
    // Later versions start later, as publishing sees to.
    let mut starts = starts.to_vec();
    starts.sort_unstable();
    Rulebook::new((1..).zip(&starts).map(version)).expect("versions")
}

fn order(id: usize, pounds: i64, at: Instant) -> Fact {
    Fact::Order(Order {
        id: format!("A{id}").parse().expect("an id"),
        version: None,
        placed_at: Some(at),
        currency: currency("GBP"),
        channel: None,
        store: None,
        status: None,
        test: false,
        prices_include_tax: false,
        lines: vec![Line {
            id: None,
            product: None,
            category: None,
            brand: None,
            quantity: 1,
            unit_price: pounds * 100,
            discount: 0,
            tax: 0,
        }],
        discount: 0,
        tax: 0,
        shipping: 0,
        tip: 0,
        tenders: vec![],
    })
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn failure_17_each_fact_is_decided_under_one_version_and_its_refunds_under_the_same(
        starts in prop::collection::vec((-100_i64..300, prop::sample::select(vec![1_u32, 1, 5])), 1..5),
        orders in prop::collection::vec((0_i64..40, 0_i64..60, 1_i64..90, 0_i64..60), 1..12),
    ) {
        let rulebook = rulebook(&starts);
        let mut life = Life::enrolled(&rulebook, midsummer(-90));
        let mut hours = 0;
        let mut expected = 0;
        for (id, (gap, late, pounds, _)) in orders.iter().enumerate() {
            hours += gap;
            let placed_at = midsummer((hours - late).max(-80));
            let became = life.record(order(id, *pounds, placed_at), "order", midsummer(hours));
            let Became::Recorded(row) = became else { panic!("{became:?}") };
            let version = rulebook.in_force(placed_at).version;
            prop_assert_eq!(row.program_version, version);
            let order = row.order.expect("an order");
            prop_assert_eq!(order.program_version, version);
            let points = pounds * i64::from(version);
            let today = |points: i64, hours: i64| {
                let times = rulebook.denomination_since(version, midsummer(hours));
                points * i64::try_from(times).expect("small")
            };
            prop_assert_eq!(order.net(0).units(), today(points, hours).unsigned_abs());
            let last = orders.iter().map(|(gap, ..)| gap).sum();
            expected += today(points, last);
        }
        prop_assert_eq!(life.at(midsummer(hours)).purse(0).balance(), expected);
        for (id, (gap, _, pounds, back)) in orders.iter().enumerate() {
            hours += gap;
            let refund = refund_of(&format!("A{id}"), &format!("R{id}"), RefundedWhat::Amount(back * 100), None);
            let became = life.record(refund, "refund", midsummer(hours));
            let Became::Recorded(row) = became else { panic!("{became:?}") };
            let order = row.order.expect("an order");
            let left = (pounds - back).max(0) * i64::from(order.program_version);
            let times = rulebook.denomination_since(order.program_version, midsummer(hours));
            prop_assert_eq!(order.net(0).units(), left.unsigned_abs() * times);
        }
    }

    #[test]
    fn points_are_conserved_through_versions_of_every_kind(
        programs in prop::collection::vec((program(), 0_i64..5_000, 1_u32..6), 2..4),
        happenings in happenings(15),
    ) {
        let mut programs = programs;
        programs.sort_by_key(|(_, hours, _)| *hours);
        let zone = programs[0].0.time_zone.clone();
        let versions = (1..).zip(programs).map(|(version, (program, hours, times))| Program {
            version,
            redenomination: times,
            time_zone: zone.clone(),
            in_force_from: midsummer(hours),
            ..program
        });
        let rulebook = Rulebook::new(versions).expect("versions");
        let mut life = Life::enrolled(&rulebook, midsummer(0));
        live(&mut life, &happenings);
    }
}
