//! The programs of the gallery, as their files say.

use domain::{definition, program::Rulebook, time::Instant};

use crate::{programs::only, script::story};

fn from_gallery(name: &str) -> Rulebook {
    let path = format!("{}/../../shared/programs/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).expect("a program of the gallery");
    let program = definition::parse(&text, &path, 1, Instant::from_millis(0));
    only(program.unwrap_or_else(|refused| panic!("{refused}")))
}

#[test]
fn house() {
    story(
        &from_gallery("house"),
        "
        2026-01-01  join                              | 0    tier=member
        2026-01-10  order A £80.00                    | 0    pending=80
        2026-01-24  -                                 | 80   pending=0
        2026-02-01  order B £150.00/coffee            | 80   pending=250 coffee-corner=MONTHLY_CAP
        2026-02-15  -                                 | 330
        2026-03-01  order C £100.00                   | 330  pending=100 tier=silver until=2028-01-01
        2026-03-15  redeem R 450 basket=£10           | NOT_A_STEP
        2026-03-15  redeem R 400 basket=£9.99         | MIN_PURCHASE
        2026-03-15  redeem R 400 basket=£10           | 30   lots=2027-04-01:30
        2026-03-15  redeem S - reward=tasting-evening | INSUFFICIENT_POINTS
        2026-03-20  refund RB B all                   | -220 debt=220 tier=silver until=2027-01-01
        2026-11-28  order D £100.00/clearance £100.00 | 0    pending=155 debt=0 tier=silver until=2028-01-01
        2026-12-12  -                                 | 155  lots=2027-12-01:155
        2027-12-01  -                                 | 0
        2028-01-01  -                                 | 0    tier=member
        ",
    );
}

#[test]
fn coffee() {
    story(
        &from_gallery("coffee"),
        "
        2026-03-01        join                                                          | 0       tier=green
        2026-03-02        order 1 $6.45 status=collected paid=card:$6.45                | 6.45    app-balance=NOTHING_ELIGIBLE
        2026-03-03        order 2 $10 status=collected paid=app_balance:$4,card:$6      | 16.45   visit=10 app-balance=OTHER_RULE_COUNTS
        2026-03-04        order 3 $10 status=collected paid=app_balance:$6,card:$4      | 28.45   app-balance=12
        2026-03-05        order 4 $45 status=collected                                  | 83.45   big-round=10
        2026-03-06        order 5 $45 status=collected channel=delivery                 | 128.45  big-round=EXCLUDED
        2026-03-07        order 6 $3#own-cup-discount status=collected store=station    | 133.95  own-cup=2.5
        2026-03-07        order 7 $3#own-cup-discount status=collected store=station    | 139.45  own-cup=2.5
        2026-03-07        order 8 $3#own-cup-discount status=collected store=station    | 142.45  own-cup=DAILY_CAP
        2026-03-08        order 9 $400 v=1 status=placed                                | 142.45  pending=500 tier=gold until=2027-03-08
        2026-03-09        order 9 $400 v=2 status=collected                             | 642.45  pending=0
        2026-06-01T14:30  order 10 $10 status=collected                                 | 664.45
        2026-06-01T17:00  order 11 $6.45 status=collected                               | 672.19
        2026-06-02        refund R9 9 all                                               | 172.19  tier=gold
        2026-06-03        redeem D 150 reward=any-drink                                 | 22.19
        2027-03-08        -                                                             | 22.19   tier=green
        ",
    );
}

#[test]
fn furniture() {
    story(
        &from_gallery("furniture"),
        "
        2026-01-01  join                                                  | 0   tier=guest
        2026-01-02  order 1 €30.00                                        | 2   qualifying=1
        2026-01-02  order 2 €30.01                                        | 8   qualifying=1 visit=DAILY_CAP
        2026-01-03  order 3 €612.40                                       | 88  qualifying=2
        2026-01-04  order 4 €25/food channel=store                        | 90  qualifying=3 restaurant=ORDER_CAP furniture=EXCLUDED tier=family
        2026-01-05  order 5 €60@own channel=web paid=shop_card:€60        | 101 shop-card=5 restaurant=CHANNEL
        2026-01-06  order 6 €60@own channel=web paid=shop_card:€50,card:€10 | 107 shop-card=TENDER
        2026-01-07  redeem L - reward=lunch                               | 42
        2026-01-08  refund R3 3 all                                       | 0   debt=0
        2026-01-08  refund R5 5 all                                       | 0   qualifying=3
        2026-01-08  refund R6 6 all                                       | 0   qualifying=2 tier=guest
        2026-01-09  order 7 €70@own                                       | 16  tier=family
        2027-07-08  -                                                     | 16
        2027-07-09  -                                                     | 0
        ",
    );
}
