//! Reports over a few days whose sums can be done by hand.

use super::*;
use domain::{
    definition,
    program::Program,
    rollup::{DayRollup, Figure},
    time::Instant,
};
use schemars::JsonSchema;
use serde::Serialize;

fn day(text: &str) -> Day {
    Day::from_date(text.parse().expect("a date"))
}

fn house(cost: &str) -> Program {
    let path = format!("{}/../../shared/programs/house.toml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the house program");
    let text = text.replace("\"0.01 GBP\"", &format!("\"{cost} GBP\""));
    definition::parse(&text, "house.toml", 1, Instant::from_millis(0)).expect("a good program")
}

fn figures(of: &[(Figure, i64)]) -> DayRollup {
    DayRollup { figures: of.iter().copied().collect(), ..DayRollup::default() }
}

use Figure::*;

/// Two members join and order; one spends; much later one order is returned.
fn days() -> Vec<(Day, DayRollup)> {
    let mut start = figures(&[
        (Enrolled, 2),
        (Orders, 2),
        (Spend, 40_000),
        (Issued, 400),
        (ActiveOnDay, 2),
        (ActiveInMonth, 2),
    ]);
    start.pending.add((day("2026-02-15"), day("2027-03-01")), 400);
    start.tiers.add("member".into(), 1);
    start.tiers.add("silver".into(), 1);
    let mut spent = figures(&[
        (Redeemed, 100),
        (Redemptions, 1),
        (Held, 50),
        (ActiveOnDay, 1),
        (AdjustedIn, 30),
    ]);
    spent.available.add(day("2027-03-01"), -150);
    spent.available.add(Day::NEVER, 30);
    let mut later = figures(&[
        (Enrolled, 1),
        (Orders, 1),
        (Refunds, 1),
        (Spend, -5_000),
        (Issued, 70),
        (ClawedBack, 90),
        (DebtIncreased, 40),
        (ActiveOnDay, 2),
        (ActiveInMonth, 2),
    ]);
    later.available.add(day("2027-03-01"), -50);
    later.pending.add((day("2026-04-16"), day("2027-05-01")), 60);
    later.pending.add((Day::NEVER, Day::NEVER), 10);
    later.tiers.add("silver".into(), -1);
    later.tiers.add("retired".into(), 2);
    vec![(day("2026-02-01"), start), (day("2026-02-20"), spent), (day("2026-04-02"), later)]
}

/// What came less what went is what is there.
fn balances(liability: &Liability) {
    let since = &liability.since_start;
    let came = since.issued + since.adjusted_in + since.transferred_in;
    let went = since.redeemed
        + since.expired
        + since.clawed_back
        + since.adjusted_out
        + since.donated
        + since.transferred_out;
    assert_eq!(came - went, liability.outstanding.points - liability.debt, "{liability:#?}");
    let cost: i64 = liability.ending.iter().map(|ending| ending.cost).sum();
    assert_eq!(cost + liability.held.cost, liability.outstanding.cost);
    let pending: i64 = liability.ending.iter().map(|ending| ending.pending).sum();
    assert_eq!(liability.maturing.iter().map(|maturing| maturing.points).sum::<i64>(), pending);
}

#[test]
fn what_is_outstanding_follows_the_day_it_is_asked_for() {
    // The day, the lines of the months, what waits, held, ended unbooked, and debt.
    let table = [
        ("2026-01-31", "", "", 0, 0, 0),
        ("2026-02-01", "2027-02 0+400", "2026-02 400", 0, 0, 0),
        ("2026-02-15", "2027-02 400+0", "", 0, 0, 0),
        ("2026-03-31", "2027-02 250+0, never 30+0", "", 50, 0, 0),
        (
            "2026-04-02",
            "2027-02 200+0, 2027-04 0+60, never 30+10",
            "2026-04 60, status 10",
            50,
            0,
            40,
        ),
        ("2027-02-28", "2027-02 200+0, 2027-04 60+0, never 30+10", "status 10", 50, 0, 40),
        ("2027-03-01", "2027-04 60+0, never 30+10", "status 10", 50, 200, 40),
        ("2027-05-01", "never 30+10", "status 10", 50, 260, 40),
    ];
    for (at, ending, maturing, held, ended, debt) in table {
        let report = liability(&days(), &house("0.01"), day(at));
        let of_month = |ending: &Ending| {
            let month = ending.month.as_deref().unwrap_or("never");
            format!("{month} {}+{}", ending.available, ending.pending)
        };
        let waiting = |maturing: &Maturing| {
            format!("{} {}", maturing.month.as_deref().unwrap_or("status"), maturing.points)
        };
        let join = |lines: Vec<String>| lines.join(", ");
        assert_eq!(join(report.ending.iter().map(of_month).collect()), ending, "{at}");
        assert_eq!(join(report.maturing.iter().map(waiting).collect()), maturing, "{at}");
        assert_eq!((report.held.points, report.debt), (held, debt), "{at}");
        assert_eq!(report.since_start.expired_unbooked, ended, "{at}");
        balances(&report);
    }
}

#[test]
fn costs_are_exact_and_add_up() {
    let report = liability(&days(), &house("0.00333"), day("2026-04-02"));
    assert_eq!(report.cost_per_unit, "0.333");
    // 350 points at a third of a penny less a little: 116.55, to the nearest 117.
    assert_eq!(report.outstanding, Worth { points: 350, cost: 117 });
    let costs: Vec<i64> = report.ending.iter().map(|ending| ending.cost).collect();
    assert_eq!((costs, report.held.cost), (vec![67, 20, 13], 17));
    balances(&report);
}

#[test]
fn days_and_months_say_what_happened_in_them() {
    let by_month =
        activity(&days(), &house("0.01"), day("2026-02-20"), day("2026-04-01"), Per::Month);
    let seen = |period: &Period| {
        let of = (period.orders, period.refunds, period.spend, period.issued);
        (period.from.to_string(), of, period.active_members, period.new_members, period.members)
    };
    let lines: Vec<_> = by_month.periods.iter().map(seen).collect();
    let expected = [
        ("2026-02-01".to_owned(), (2, 0, 40_000, 400), 2, 2, 2),
        ("2026-03-01".to_owned(), (0, 0, 0, 0), 0, 0, 2),
        ("2026-04-01".to_owned(), (1, 1, -5_000, 70), 2, 1, 3),
    ];
    assert_eq!(lines, expected);
    assert_eq!(by_month.periods[2].to, day("2026-04-30"));
    let levels = |period: &Period| {
        let of = |level: &LevelMembers| format!("{} {}", level.level, level.members);
        period.levels.iter().map(of).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(levels(&by_month.periods[1]), "member 1, silver 1, gold 0");
    assert_eq!(levels(&by_month.periods[2]), "member 1, silver 0, gold 0, retired 2");

    let by_day = activity(&days(), &house("0.01"), day("2026-02-19"), day("2026-02-21"), Per::Day);
    let lines: Vec<_> =
        by_day.periods.iter().map(|p| (p.active_members, p.adjusted, p.members)).collect();
    assert_eq!(lines, [(0, 0, 2), (1, 30, 2), (0, 0, 2)]);
    let never = activity(&days(), &house("0.01"), Day::NEVER, Day::NEVER, Per::Month);
    assert_eq!(never.periods.len(), 1);
}

#[test]
fn tables_are_the_same_as_comma_separated_values() {
    let report = liability(&days(), &house("0.01"), day("2026-04-02"));
    let expected = "ends,available,pending,held,points,cost_minor,currency\n\
        2027-02,200,0,0,200,200,GBP\n\
        2027-04,0,60,0,60,60,GBP\n\
        never,30,10,0,40,40,GBP\n\
        held,0,0,50,50,50,GBP\n\
        total,230,70,50,350,350,GBP\n";
    assert_eq!(report.csv(), expected);
    let report =
        activity(&days(), &house("0.01"), day("2026-03-01"), day("2026-04-30"), Per::Month);
    let expected = "from,to,orders,refunds,spend_minor,currency,issued,redeemed,redemptions,\
        expired,clawed_back,written_off,adjusted,active_members,new_members,members,\
        members_member,members_silver,members_gold,members_retired\n\
        2026-03-01,2026-03-31,0,0,0,GBP,0,0,0,0,0,0,0,0,0,2,1,1,0,0\n\
        2026-04-01,2026-04-30,1,1,-5000,GBP,70,0,0,0,90,0,0,2,1,3,1,0,0,2\n";
    assert_eq!(report.csv(), expected);
}

/// Compares the fields of a report's JSON with those that its readers know.
fn check_shape<R: Serialize + JsonSchema>(report: &R, fields: &str) {
    let json = serde_json::to_value(report).expect("json");
    let keys: Vec<&str> = json.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(keys.join(" "), fields);
    let schema = schemars::schema_for!(R).to_value();
    let described = schema["properties"].as_object().expect("properties");
    for (name, property) in described {
        let reference = property.get("$ref").is_some();
        assert!(reference || property["description"].is_string(), "{name} is described");
    }
    assert_eq!(described.len(), keys.len());
}

#[test]
fn the_shape_of_the_json_is_stable_and_described() {
    let report = liability(&days(), &house("0.01"), day("2026-04-02"));
    let fields = "at cost_per_unit currency debt decimals ending held maturing outstanding \
        program since_start";
    check_shape(&report, fields);
    check_shape(
        &report.since_start,
        "adjusted_in adjusted_out clawed_back donated expired \
        expired_unbooked issued redeemed transferred_in transferred_out written_off",
    );
    check_shape(&report.ending[0], "available cost month pending points");
    let report = activity(&days(), &house("0.01"), day("2026-04-02"), day("2026-04-02"), Per::Day);
    check_shape(&report, "currency decimals per periods program");
    check_shape(
        &report.periods[0],
        "active_members adjusted clawed_back expired from issued \
        levels members new_members orders redeemed redemptions refunds spend to written_off",
    );
    assert_eq!(serde_json::to_value(&report).expect("json")["periods"][0]["from"], "2026-04-02");
}

#[test]
fn equal_members_share_a_rank_and_who_was_first_is_named_first() {
    let program = {
        let path = format!("{}/../../shared/programs/nike.toml", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).expect("a program of the gallery");
        definition::parse(&text, "nike.toml", 1, Instant::from_millis(0)).expect("a good program")
    };
    let entry = |member: &str, gathered: i64, millis: i64| {
        let ranked = domain::rollup::Ranked {
            gathered,
            gathered_at: Instant::from_millis(millis),
            completed: u32::from(gathered >= 20_000),
            completed_at: (gathered >= 20_000).then_some(Instant::from_millis(millis)),
            sequence: 2,
        };
        (member.to_owned(), ranked)
    };
    let members = vec![
        entry("ada", 5_000, 1),
        entry("bea", 20_000, 9),
        entry("cem", 0, 1),
        entry("dan", 20_000, 8),
        entry("eve", 7_500, 3),
        entry("fay", 7_500, 3),
        entry("gil", -1, 0),
    ];
    let board = store::boards::Board { members, is_truncated: true };
    let goal = program.goal("run-july").expect("the challenge");
    let report = leaderboard("nike", goal, Day::FIRST, board, 4);
    let ranks: Vec<_> = report.ranks.iter().map(|it| (it.rank, it.member.as_str())).collect();
    assert_eq!(ranks, [(1, "dan"), (1, "bea"), (3, "eve"), (3, "fay")]);
    assert_eq!((report.members, report.truncated, report.span), (5, true, None));
    assert_eq!(
        report.csv().lines().take(3).collect::<Vec<_>>(),
        [
            "rank,member,gathered,gathered_at,completed,completed_at",
            "1,dan,20000,1970-01-01T00:00:00.008Z,1,1970-01-01T00:00:00.008Z",
            "1,bea,20000,1970-01-01T00:00:00.009Z,1,1970-01-01T00:00:00.009Z",
        ]
    );
}
