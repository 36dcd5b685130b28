//! Worked examples of published programs, as far as orders, refunds, spending and time go.

use domain::{
    program::{
        Base, Conditions, EarnRule, Effect, Expiry, Formula, Measure, OnRefund, Program, Rounding,
        Validity, Window,
    },
    time::Period,
};

use crate::{programs::*, script::story};

fn dollars(change: impl FnOnce(&mut Program)) -> Program {
    house_with(|p| {
        p.money = currency("USD");
        change(p);
    })
}

#[test]
fn a_coffee_chain_to_march_2026() {
    let only_from = |id, per: &str, tender: &str, base| {
        let _ = tender;
        EarnRule { base, ..rate(id, per) }
    };
    let base = |only: Option<&str>, without: &str| Base {
        only_tenders: only.map(|tender| vec![tender.to_owned()]),
        without_tenders: vec![without.to_owned()],
        without_categories: ["gift_card", "alcohol", "card_load"].map(str::to_owned).to_vec(),
        ..Base::default()
    };
    let program = dollars(|p| {
        p.currencies[0].decimals = 2;
        p.currencies[0].expiry = months_to_month_end(6);
        p.bases =
            vec![base(None, "points"), base(Some("preloaded"), "points"), base(None, "preloaded")];
        p.earn = vec![
            only_from("preloaded", "200", "preloaded", 1),
            only_from("other", "100", "other", 2),
        ];
    });
    story(
        &only(program),
        "
        2025-01-10        join                                                        | 0
        2025-01-15        order 2 $20.00 tax=$1.60 tip=$3.00 paid=preloaded:$24.60    | 40
        2025-02-03        order 3 $15.00 paid=preloaded:$10.00,credit:$5.00           | 65
        2025-03-20        order 4 $50.00/card_load paid=credit:$50.00                 | 65 other=NOTHING_ELIGIBLE
        2025-04-02        order 5 $18.00/drink $12.00/alcohol paid=preloaded:$30.00   | 101
        2025-05-05        redeem 6 100                                                | 1 lots=2025-11-01:1
        2025-06-10        order 7 $12.50 paid=credit:$12.50                           | 13.5
        2025-10-31T23:59  -                                                           | 13.5
        2025-11-01T00:00  -                                                           | 12.5
        2025-12-20        refund 9 7 all                                              | 0
        2026-01-01        -                                                           | 0
        2026-01-01        pass                                                        | NOTHING_DUE
        ",
    );
}

#[test]
fn a_coffee_chain_from_march_2026() {
    for (on_refund, after) in [(OnRefund::Keep, "gold"), (OnRefund::Recompute, "green")] {
        let program = dollars(|p| {
            p.currencies[0].decimals = 3;
            p.currencies[0].expiry = Expiry::Never;
            p.earn = vec![
                rate("visit", "1000"),
                when(
                    times("double", "2"),
                    Conditions {
                        from: Some(day("2026-05-01").starts_at(&p.time_zone)),
                        to: Some(day("2026-05-02").starts_at(&p.time_zone)),
                        ..Conditions::default()
                    },
                ),
            ];
            let year = Period::Months(12);
            let mut tiers = levels(Window::Rolling(year), Validity::For(year), on_refund);
            tiers.measure = Measure::Points(0);
            for (level, (id, from, factor)) in tiers.levels.iter_mut().zip([
                ("green", 0, "1"),
                ("gold", 500_000, "1.2"),
                ("reserve", 2_500_000, "1.7"),
            ]) {
                level.id = id.into();
                level.from = at_least(tiers.measure, from);
                level.earn_times = ratio(factor);
            }
            p.tiers = Some(tiers);
        });
        let text = format!(
            "2026-03-10 join             | 0     tier=green
             2026-03-12 order 2 $8.50    | 8.5   tier=green
             2026-03-15 order 3 $25      | 33.5  tier=green
             2026-04-10 order 4 $400     | 433.5 tier=green
             2026-04-20 order 5 $80      | 513.5 tier=gold until=2027-04-20
             2026-04-21 order 6 $10      | 525.5 tier=gold
             2026-05-01 order 7 $10      | 549.5 tier=gold
             2026-05-02 redeem 8 300     | 249.5 tier=gold
             2026-05-03 refund 9 5 all   | 169.5 tier={after}
             2026-11-01 -                | 169.5 tier={after}
             2027-04-20 -                | 169.5 tier=green"
        );
        story(&only(program), &text);
    }
}

#[test]
fn a_star_keeps_three_decimals() {
    let program = dollars(|p| {
        p.currencies[0].decimals = 3;
        p.earn = vec![rate("visit", "1700")];
    });
    story(
        &only(program),
        "
        2026-03-10 join          | 0
        2026-03-11 order A $6.45 | 10.965
        ",
    );
}

#[test]
fn a_beauty_shop_returns_a_purchase_after_its_level_was_reached() {
    for (on_refund, after) in [(OnRefund::Recompute, "member"), (OnRefund::Keep, "silver")] {
        let program = dollars(|p| {
            p.currencies[0].expiry = Expiry::Inactive { period: Period::Months(12) };
            let mut tiers = yearly(on_refund);
            tiers.levels[1].from = at_least(Measure::Spend, 35_000);
            tiers.levels[1].earn_times = ratio("1");
            p.tiers = Some(tiers);
        });
        let text = format!(
            "2025-01-20        join                                       | 0
             2025-03-01        order 2 $120.60 tax=$9.95                  | 120
             2025-06-10        give 3 250                                 | 370 measured=12060
             2025-08-02        order 4 $239.40                            | 609 tier=silver until=2027-01-01
             2025-08-03        redeem 5 500                               | 109
             2025-08-03        order 5 $45.00 paid=points:$10,card:$35    | 144 measured=39500
             2025-11-08        order 6 $100                               | 244
             2025-12-05        refund 7 4 all                             | 5   tier={after} measured=25560
             2026-11-07T23:59  -                                          | 5
             2026-11-08T00:00  -                                          | 0"
        );
        story(&only(program), &text);
    }
}

#[test]
fn a_clothes_shop_gives_a_point_for_each_full_five_dollars_by_card() {
    let sentence = Conditions {
        sole_tenders: vec!["card".into()],
        brands: vec!["gap".into()],
        ..Conditions::default()
    };
    let program = dollars(|p| p.earn = vec![when(steps("sentence", 1, 500), sentence)]);
    story(
        &only(program),
        "
        2026-01-01 join                                      | 0
        2026-01-02 order A $23.00@gap paid=card:$23          | 4
        2026-01-02 order B $4.99@gap paid=card:$4.99         | 4 sentence=BELOW_STEP
        2026-01-02 order C $7.00@gap paid=card:$7            | 5
        2026-01-02 order D $23.00@gap paid=cash:$23          | 5 sentence=TENDER
        2026-01-02 order E $23.00@oldnavy paid=card:$23      | 5 sentence=BRAND
        2026-01-02 order F $12@gap $11@oldnavy paid=card:$23 | 7
        ",
    );
}

#[test]
fn bricks() {
    let program = dollars(|p| {
        p.currencies[0].expiry = Expiry::Inactive { period: Period::Months(18) };
        p.currencies[0].pending = domain::program::Pending::UntilStatus {
            status: "invoiced".into(),
            cancelled_after: None,
        };
        let own =
            Conditions { channels: vec!["web".into(), "store".into()], ..Conditions::default() };
        let day_of_double = Conditions {
            from: Some(day("2025-03-15").starts_at(&p.time_zone)),
            to: Some(day("2025-03-16").starts_at(&p.time_zone)),
            ..Conditions::default()
        };
        p.earn = vec![when(rate("bricks", "6.5"), own), when(times("double", "2"), day_of_double)];
    });
    story(
        &only(program),
        "
        2025-01-09 join                                                               | 0
        2025-01-10 order 1 $49.99 shipping=$5 tax=$4 v=1 channel=web                  | 0   pending=324
        2025-01-12 order 1 $49.99 shipping=$5 tax=$4 v=2 channel=web status=invoiced  | 324 pending=0
        2025-02-01 order 3 $100/gift_card channel=store status=invoiced               | 324
        2025-02-02 order 4 $199.99 channel=store status=invoiced paid=gift_card:$100,card:$99.99 | 1623
        2025-02-20 order 5 $59.99 channel=amazon status=invoiced                      | 1623 bricks=CHANNEL
        2025-03-15 order 6 $80 channel=web status=invoiced                            | 2663
        2025-04-01 redeem 7 1300                                                      | 1363
        2025-04-01 order 7 $60 channel=web status=invoiced paid=points:$10,card:$50   | 1688
        2025-04-10 refund 8 6 all                                                     | 648
        2026-09-30 -                                                                  | 648
        2026-10-01 -                                                                  | 0
        ",
    );
}

#[test]
fn a_furniture_shop_in_two_countries() {
    let program = house_with(|p| p.earn = vec![steps("purchase", 1, 500)]);
    story(
        &only(program),
        "
        2026-01-01 join              | 0
        2026-01-02 order A £23.50    | 4
        2026-01-03 refund R A all    | 0
        2026-01-03 order B £612.40   | 122
        2026-01-04 give W 20         | 142
        2026-01-05 redeem S 125      | 17
        ",
    );
    let bands = Formula::Bands {
        bands: [(2_999, 0), (5_999, 2), (11_999, 6), (24_999, 16)]
            .map(|(up_to, points)| (up_to, whole(points)))
            .to_vec(),
        above: whole(33),
    };
    let program = house_with(|p| {
        p.money = currency("EUR");
        p.earn = vec![rule("purchase", bands)];
    });
    story(
        &only(program),
        "
        2026-01-01 join              | 0
        2026-01-02 order A €29.99    | 0 purchase=BELOW_STEP
        2026-01-02 order B €30.00    | 2
        2026-01-02 order C €59.99    | 4
        2026-01-02 order D €60.00    | 10
        2026-01-02 order E €250.00   | 43
        2026-01-03 refund R E €200   | 12
        ",
    );
}

#[test]
fn a_furniture_shops_points_end_eighteen_months_after_each_purchase() {
    let program = dollars(|p| {
        p.currencies[0].expiry =
            Expiry::After { period: Period::Months(18), to_end_of_month: false };
        p.bases[0].without_tenders.push("gift_card".into());
    });
    story(
        &only(program),
        "
        2025-06-01 join                                             | 0
        2025-06-01 give 1 125                                       | 125
        2025-06-12 order 5 $84.99 paid=gift_card:$20,card:$64.99    | 189
        2025-06-20 redeem 6 175                                     | 14
        2025-06-25 order 7 $60.00 paid=points:$5,card:$55           | 69
        2025-07-01 refund 8 7 all                                   | 14 lots=2026-12-12:14
        2026-12-11 -                                                | 14
        2026-12-12 -                                                | 0
        ",
    );
}

#[test]
fn a_line_that_comes_back_takes_what_it_paid() {
    let program = house_with(|p| p.bases[0].before_discounts = false);
    let life = story(
        &only(program),
        "
        2026-01-01 join                               | 0
        2026-01-02 order A £20 £15 £5 discount=£5     | 35
        2026-01-03 refund R A 2:x1                    | 21
        ",
    );
    // In proportion to the prices: 2.50, 1.88, 0.62 (the even split of the published
    // example is a basket discount by count, which an order states line by line).
    let order = life.rows[1].order.as_ref().expect("an order");
    assert_eq!(order.lines.iter().map(|line| line.paid).collect::<Vec<_>>(), [1750, 1312, 438]);
}

#[test]
fn each_kind_of_product_earns_at_its_own_rate_and_is_rounded_once() {
    let kind = |id: &'static str, per: &str| when(rate(id, per), in_category(id));
    let program = |rounding: Rounding| {
        dollars(|p| {
            p.currencies[0].rounding = rounding;
            p.earn = vec![kind("skincare", "2"), kind("fragrance", "1"), kind("service", "0.5")];
        })
    };
    let order = "2026-01-01 join | 0
        2026-01-02 order A $40/skincare $30/fragrance $25/gift_card $15/service discount=$10";
    let life = story(
        &only(program(Rounding::default())),
        &format!("{order} | 103 skincare=70 fragrance=26 service=7"),
    );
    let order_lines = &life.rows[1].order.as_ref().expect("an order").lines;
    let shares: Vec<u64> = order_lines.iter().map(|line| line.share.units()).collect();
    assert_eq!(shares, [70, 26, 0, 7]);
    let by_line = Rounding { scope: domain::program::RoundingScope::Line, ..Rounding::default() };
    story(&only(program(by_line)), &format!("{order} | 102 skincare=70 fragrance=26 service=6"));
}

#[test]
fn nights_reach_a_level_that_lasts_to_february_after_next() {
    let program = dollars(|p| {
        p.currencies.push(points());
        p.currencies[1].expiry = Expiry::Never;
        p.currencies[1].id = "nights".into();
        p.earn = vec![
            when(
                rate("stay", "10"),
                Conditions { channels: vec!["direct".into()], ..Conditions::default() },
            ),
            when(
                EarnRule {
                    effect: Effect::Points {
                        currency: 1,
                        formula: Formula::Rate { per_minor: ratio("0.01") },
                    },
                    ..flat("nights", 1)
                },
                in_category("night"),
            ),
        ];
        let mut tiers = levels(
            Window::CalendarYear,
            Validity::NextYear { extra_months: 2 },
            OnRefund::AtReview,
        );
        tiers.measure = Measure::Points(1);
        for (level, (from, factor)) in
            tiers.levels.iter_mut().zip([(0, "1"), (10, "1.1"), (25, "1.25")])
        {
            level.from = at_least(tiers.measure, from);
            level.earn_times = ratio(factor);
        }
        p.tiers = Some(tiers);
    });
    // Nights stand as lines of one dollar each, so that stays stay readable here.
    story(
        &only(program),
        "
        2025-02-10        join                                   | 0
        2025-03-03        order 2 $398 2x$1/night channel=direct | 4000 qualifying=2 tier=member
        2025-04-18        order 3 $472 8x$1/night channel=direct | 8800 qualifying=10 tier=silver until=2027-03-01
        2025-05-07        order 4 $298 2x$1/night channel=direct | 12100 tier=silver
        2025-06-02        order 5 $250 channel=expedia           | 12100 stay=CHANNEL tier=silver
        2027-02-28T23:59  -                                      |
        2027-03-01T00:00  -                                      | 0 tier=member
        ",
    );
}
