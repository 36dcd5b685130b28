//! What rows of one member add up to, checked against the accounts in them.

use jiff::tz::TimeZone;

use super::*;
use crate::{
    decide, definition,
    fact::{
        Adjustment, Capture, Enrolment, Fact, KeyedFact, Line, Order, Redemption, Refund,
        RefundedWhat, Source,
    },
    ids::MemberId,
    points::Points,
    program::Rulebook,
    row::{Chain, Row},
    time::{Day, Instant},
};

/// A member of the house program, with everything that was recorded of them.
struct Life {
    rulebook: Rulebook,
    zone: TimeZone,
    rows: Vec<Row>,
}

fn at(text: &str) -> Instant {
    let text = if text.len() == 10 { format!("{text}T12:00:00Z") } else { text.to_owned() };
    Instant::from_timestamp(text.parse().expect("a time"))
}

fn day(text: &str) -> Day {
    Day::from_date(text.parse().expect("a date"))
}

impl Life {
    fn new(changed: &[(&str, &str)]) -> Life {
        let path = format!("{}/../programs/house.toml", env!("CARGO_MANIFEST_DIR"));
        let mut text = std::fs::read_to_string(path).expect("the house program");
        for (from, to) in changed {
            assert!(text.contains(from), "{from}");
            text = text.replace(from, to);
        }
        let program = definition::parse(&text, "house.toml", 1, at("2026-01-01")).expect("good");
        let zone = program.time_zone.clone();
        let rulebook = Rulebook::new([program]).expect("a version");
        let mut life = Life { rulebook, zone, rows: Vec::new() };
        let nothing = Enrolment::default();
        life.happens("2026-01-01", Fact::Enrolled(nothing));
        life
    }

    fn happens(&mut self, when: &str, fact: Fact) -> &Row {
        let source = Source { id: "shop".parse().expect("a slug"), has_key_times: false };
        let request = format!("r{}", self.rows.len()).parse().expect("an id");
        let fact = match fact {
            Fact::Passing => KeyedFact::passing("clock"),
            fact => KeyedFact::new(fact, &source, &request, "test".into()).expect("a fact"),
        };
        let order = fact.about_order();
        let prior = self.rows.iter().rev().find(|row| order.is_some_and(|key| row.is_about(key)));
        let prior = prior.and_then(|row| row.order.as_ref());
        let chain = Chain {
            program: "house".parse().expect("a slug"),
            member: "ada".parse().expect("an id"),
        };
        let row = decide(&self.rulebook, &chain, self.rows.last(), prior, &fact, at(when));
        self.rows.push(row.expect("allowed"));
        &self.rows[self.rows.len() - 1]
    }

    fn order(&mut self, when: &str, id: &str, pounds: i64) {
        self.happens(when, Fact::Order(order(id, pounds)));
    }

    fn refund(&mut self, when: &str, id: &str, what: RefundedWhat) {
        let order = id.parse().expect("an id");
        let id = format!("{id}-{when}").parse().expect("an id");
        self.happens(when, Fact::Refund(Refund { id, order, refunded_at: None, what }));
    }

    fn redeem(&mut self, when: &str, points: u64, hold_minutes: Option<u32>) -> u64 {
        let points = Points::new(points);
        let reward = "money-off".to_owned();
        let redemption = Redemption { reward, points, basket: Some(1_000_000), hold_minutes };
        self.happens(when, Fact::Redemption(redemption)).sequence
    }

    /// What all rows add up to, after checking it against the newest account.
    fn rolled_up(&self) -> DayRollup {
        let mut total = DayRollup::default();
        for row in &self.rows {
            total.add(&DayRollup::of(row, &self.zone).1);
        }
        self.agrees(&total);
        total
    }

    fn agrees(&self, total: &DayRollup) {
        let account = &self.rows.last().expect("an enrolment").account;
        let purse = account.purse(0);
        let get = |figure| total.get(figure);
        let debt = get(Figure::DebtIncreased) - get(Figure::DebtRepaid);
        let spendable_or_waiting = total.available.iter().map(|(_, points)| points).sum::<i64>()
            + total.pending.iter().map(|(_, points)| points).sum::<i64>();
        let sum = |points: Points| crate::account::signed(points);
        assert_eq!(spendable_or_waiting, sum(purse.available()) + sum(purse.pending()));
        assert_eq!(get(Figure::Held), sum(account.held(0)));
        assert_eq!(debt, sum(purse.debt));
        let came = get(Figure::Issued) + get(Figure::AdjustedIn) + get(Figure::TransferredIn);
        let gone = [
            Figure::Redeemed,
            Figure::Expired,
            Figure::ClawedBack,
            Figure::AdjustedOut,
            Figure::Donated,
            Figure::TransferredOut,
        ];
        let gone: i64 = gone.into_iter().map(get).sum();
        assert_eq!(spendable_or_waiting + get(Figure::Held) - debt, came - gone);
    }
}

fn order(id: &str, pounds: i64) -> Order {
    Order {
        id: id.parse().expect("an id"),
        version: None,
        placed_at: None,
        currency: "GBP".parse().expect("a currency"),
        channel: None,
        store: None,
        status: None,
        test: false,
        prices_include_tax: true,
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
        shipping: 500,
        tip: 0,
        tenders: vec![],
    }
}

/// Compares the figures that are not 0 with `expected`.
fn check(rollup: &DayRollup, expected: &[(Figure, i64)]) {
    let expected: Sums<Figure> = expected.iter().copied().collect();
    assert_eq!(rollup.figures, expected);
}

use Figure::*;

#[test]
fn an_order_its_refunds_and_its_expiry_add_up() {
    let mut life = Life::new(&[]);
    life.order("2026-02-01", "A", 80);
    life.refund("2026-02-02", "A", RefundedWhat::Amount(2_125));
    life.refund("2026-02-03", "A", RefundedWhat::Amount(2_125));
    let lot = day("2027-03-01");
    let pending: Sums<_> = [((day("2026-02-15"), lot), 40)].into_iter().collect();
    assert_eq!(life.rolled_up().pending, pending);
    life.happens("2027-03-01", Fact::Passing);
    let total = life.rolled_up();
    let joined = [(Rows, 5), (Enrolled, 1), (ActiveOnDay, 4), (ActiveInMonth, 2)];
    let bought = [(Orders, 1), (Refunds, 2), (Spend, 8_500 - 4_250)];
    let points = [(Issued, 80), (ClawedBack, 40), (Expired, 40)];
    check(&total, &[&joined[..], &bought, &points].concat());
    assert_eq!(total.tiers.iter().collect::<Vec<_>>(), [(&"member".to_owned(), 1)]);
}

#[test]
fn every_version_of_an_order_moves_spend_to_its_own_total() {
    let mut life = Life::new(&[]);
    for (version, pounds) in [(1, 10), (3, 30), (2, 20)] {
        let version = Some(version);
        let fact = Fact::Order(Order { version, ..order("A", pounds) });
        life.happens("2026-02-01", fact);
    }
    life.happens("2026-02-02", Fact::Order(Order { test: true, ..order("T", 100) }));
    life.refund("2026-02-03", "A", RefundedWhat::Everything);
    life.refund("2026-02-03", "B", RefundedWhat::Amount(1_000));
    life.order("2026-02-04", "B", 40);
    let total = life.rolled_up();
    assert_eq!((total.get(Orders), total.get(Refunds)), (2, 2));
    assert_eq!(total.get(Spend), 4_500 - 1_000);
}

#[test]
fn spending_holding_and_adjusting_add_up() {
    let mut life = Life::new(&[("pending = \"14 days\"", "pending = \"at once\"")]);
    life.order("2026-02-01", "A", 1_000);
    life.redeem("2026-02-02", 300, None);
    let hold = life.redeem("2026-02-02", 400, Some(60));
    assert_eq!(life.rolled_up().get(Held), 400);
    let points = Points::new(100);
    life.happens("2026-02-02T12:10:00Z", Fact::Capture(Capture { hold, points }));
    life.redeem("2026-02-03", 200, Some(60));
    life.happens("2026-02-03T14:00:00Z", Fact::Passing);
    for takes in [true, false, false] {
        let points = Points::new(50).expect("few");
        let reason = "GOODWILL".to_owned();
        life.happens("2026-02-04", Fact::Adjustment(Adjustment { points, takes, reason }));
    }
    let total = life.rolled_up();
    assert_eq!((total.get(Redeemed), total.get(Redemptions), total.get(Held)), (400, 2, 0));
    assert_eq!((total.get(AdjustedIn), total.get(AdjustedOut)), (100, 50));
    assert_eq!(total.tiers.get("gold"), 1);
    assert_eq!(total.tiers.get("member"), 0);
}

#[test]
fn what_is_taken_back_after_it_was_spent_is_owed_or_written_off() {
    for (policy, debt, written_off) in [("allow debt", 100, 0), ("write off", 0, 100)] {
        let clawback = format!("clawback = \"{policy}\"");
        let mut life = Life::new(&[
            ("pending = \"14 days\"", "pending = \"at once\""),
            ("clawback = \"allow debt\"", &clawback),
        ]);
        life.order("2026-02-01", "A", 100);
        life.redeem("2026-02-02", 100, None);
        life.refund("2026-02-03", "A", RefundedWhat::Everything);
        let total = life.rolled_up();
        assert_eq!((total.get(Issued), total.get(ClawedBack)), (100, debt), "{policy}");
        assert_eq!((total.get(DebtIncreased), total.get(WrittenOff)), (debt, written_off));
        life.order("2026-02-04", "B", 30);
        assert_eq!(life.rolled_up().get(DebtRepaid), debt.min(30));
    }
}

#[test]
fn a_maturity_is_the_same_whether_or_not_it_was_booked() {
    let seen_at = |rows: &[Row], zone: &TimeZone, at: Day| {
        let mut ends = Sums::<Day>::default();
        for rollup in rows.iter().map(|row| DayRollup::of(row, zone).1) {
            ends.add_all(&rollup.available);
            for ((matures_on, end), points) in rollup.pending.iter() {
                ends.add(if *matures_on <= at { *end } else { Day::FIRST }, points);
            }
        }
        ends
    };
    let mut life = Life::new(&[]);
    life.order("2026-02-01", "A", 80);
    let unbooked = seen_at(&life.rows, &life.zone, day("2026-02-15"));
    life.happens(
        "2026-02-15",
        Fact::Adjustment(Adjustment {
            points: Points::new(1).expect("few"),
            takes: true,
            reason: "X".into(),
        }),
    );
    let booked = seen_at(&life.rows, &life.zone, day("2026-02-15"));
    assert_eq!(unbooked.get(&day("2027-03-01")), 80);
    assert_eq!(booked.get(&day("2027-03-01")), 79);
    life.rolled_up();
}

#[test]
fn a_member_is_active_once_a_day_and_once_a_month_and_not_by_the_passing_of_time() {
    let mut life = Life::new(&[("pending = \"14 days\"", "pending = \"at once\"")]);
    life.order("2026-02-01T09:00:00Z", "A", 10);
    life.order("2026-02-01T23:59:59Z", "B", 10);
    life.order("2026-02-02T00:00:00Z", "C", 10);
    let active = |life: &Life| {
        let total = life.rolled_up();
        (total.get(ActiveOnDay), total.get(ActiveInMonth))
    };
    assert_eq!(active(&life), (3, 2), "with the enrolment in January");
    // The points end on 1 March a year later: twice nothing but time passes, and an order
    // of the same day is still the first that was heard of the member.
    life.happens("2027-03-01T00:00:00Z", Fact::Passing);
    assert_eq!(active(&life), (3, 2));
    life.order("2027-03-01T10:00:00Z", "D", 200);
    assert_eq!(active(&life), (4, 3));
    let hold = life.redeem("2027-03-02T10:00:00Z", 100, Some(10));
    life.happens("2027-03-02T10:10:00Z", Fact::Passing);
    assert!(life.rows.last().expect("rows").account.holds.is_empty(), "{hold}");
    life.order("2027-03-02T10:20:00Z", "E", 10);
    assert_eq!(active(&life), (5, 3), "once, although time was booked in between");
}

#[test]
fn json_is_compact_and_comes_back() {
    let mut life = Life::new(&[]);
    life.order("2026-02-01", "A", 80);
    let (on, rollup) = DayRollup::of(&life.rows[1], &life.zone);
    assert_eq!(on, day("2026-02-01"));
    let json = serde_json::to_string(&rollup).expect("json");
    let figures =
        r#""rows":1,"orders":1,"spend":8500,"active_on_day":1,"active_in_month":1,"issued":80"#;
    assert_eq!(json, format!(r#"{{"figures":{{{figures}}},"pending":[[9542,9921,80]]}}"#));
    assert_eq!(serde_json::from_str::<DayRollup>(&json).expect("a roll-up"), rollup);
    assert_eq!(serde_json::to_string(&DayRollup::default()).expect("json"), "{}");
    assert!(serde_json::from_str::<DayRollup>(r#"{"figures":{"new":1}}"#).is_err());
    assert!(serde_json::from_str::<DayRollup>(r#"{"new":1}"#).is_err());
}

#[test]
fn rows_add_up_to_the_same_in_any_order_and_grouping() {
    let mut life = Life::new(&[]);
    life.order("2026-02-01", "A", 80);
    life.refund("2026-02-02", "A", RefundedWhat::Everything);
    let parts: Vec<_> = life.rows.iter().map(|row| DayRollup::of(row, &life.zone).1).collect();
    let sum = |order: &[usize]| {
        let mut total = DayRollup::default();
        order.iter().for_each(|at| total.add(&parts[*at]));
        total
    };
    assert_eq!(sum(&[0, 1, 2]), sum(&[2, 1, 0]));
    let mut grouped = sum(&[2, 0]);
    grouped.add(&sum(&[1]));
    assert_eq!(grouped, sum(&[0, 1, 2]));
}

#[test]
fn buckets_come_back_from_json_and_odd_ones_are_refused() {
    let mut sums = BucketSums::default();
    let ada: MemberId = "ada".parse().expect("an id");
    sums.count(&ada, u64::MAX);
    sums.count(&ada, 3);
    assert_eq!(sums.buckets()[bucket_of(&ada)], Bucket { rows: 2, hash_sum: 2 });
    let json = serde_json::to_string(&sums).expect("json");
    assert!(json.len() < 1_400, "{}", json.len());
    assert_eq!(serde_json::from_str::<BucketSums>(&json).expect("sums"), sums);
    for odd in [json.replace("0,0]", "0]"), json.replace("00000\"", "0000é\"")] {
        assert!(serde_json::from_str::<BucketSums>(&odd).is_err());
    }
    let mut doubled = sums.clone();
    doubled.add(&sums);
    assert_eq!(doubled.buckets()[bucket_of(&ada)].rows, 4);
}

/// What the newest row says of the challenge: gathered, completed.
fn ranked(life: &Life) -> Vec<(i64, u32)> {
    let row = life.rows.last().expect("a row");
    let reached = Reached::by(row, &life.rulebook);
    reached.iter().map(|reached| (reached.gathered, reached.completed)).collect()
}

fn life_with_a_challenge(leaderboard: &str) -> Life {
    let challenge = format!(
        "[[challenge]]\nid = \"tens\"\neach = \"month\"\nstep = [{{ of = \"order\", spend = \"20.00 GBP\" }}]\n\
         points = 7\nleaderboard = \"{leaderboard}\"\n[tiers]"
    );
    Life::new(&[("[tiers]", &challenge)])
}

#[test]
fn a_row_says_how_far_its_member_is_and_a_refund_takes_it_back() {
    let mut life = life_with_a_challenge("opt in");
    assert_eq!(ranked(&life), []);
    life.order("2026-02-01", "A", 15);
    assert_eq!(ranked(&life), [(1_500, 0)]);
    life.order("2026-02-02", "B", 10);
    assert_eq!(ranked(&life), [(2_500, 1)]);
    life.happens("2026-02-20", Fact::Passing);
    assert_eq!(ranked(&life), [], "time gathers nothing");
    life.refund("2026-02-21", "A", RefundedWhat::Everything);
    assert_eq!(ranked(&life), [(1_000, 0)]);
    life.refund("2026-02-22", "B", RefundedWhat::Everything);
    assert_eq!(ranked(&life), [(0, 0)], "nothing is left");
}

#[test]
fn ranks_stay_when_the_account_has_dropped_their_span() {
    let mut life = life_with_a_challenge("opt in");
    life.order("2026-02-01", "A", 30);
    life.refund("2027-06-01", "A", RefundedWhat::Amount(1_500));
    assert_eq!(ranked(&life), []);
    let mut unranked = life_with_a_challenge("none");
    unranked.order("2026-02-01", "A", 30);
    assert_eq!(ranked(&unranked), []);
}

#[test]
fn ranks_follow_newer_rows_only_and_remember_since_when() {
    let reached = |sequence, gathered, completed| Reached {
        goal: "tens".into(),
        start: Day::FIRST,
        gathered,
        completed,
        sequence,
        at: Instant::from_millis(i64::try_from(sequence).expect("few")),
    };
    let mut ranked = Ranked::default();
    let at = |millis| Instant::from_millis(millis);
    for (sequence, gathered, completed, gathered_at, completed_at) in [
        (2, 10, 0, 2, None),
        (3, 25, 1, 3, Some(3)),
        (5, 25, 1, 3, Some(3)),
        (7, 45, 2, 7, Some(3)),
        (8, 15, 0, 8, None),
        (9, 25, 1, 9, Some(9)),
    ] {
        ranked.take(&reached(sequence, gathered, completed));
        let expected = Ranked {
            gathered,
            gathered_at: at(gathered_at),
            completed,
            completed_at: completed_at.map(at),
            sequence,
        };
        assert_eq!(ranked, expected);
        (0..=sequence).for_each(|older| ranked.take(&reached(older, 99, 9)));
        assert_eq!(ranked, expected, "older rows change nothing");
    }
}
