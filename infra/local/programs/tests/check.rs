//! Warnings: for each kind a program that deserves it, and one that does not.

mod common;

use std::collections::BTreeSet;

use common::{gallery, golden, names, program, small};
use domain::time::{Day, Instant};
use programs::{
    check::{Code, Finding, warnings},
    habits::Habits,
};

/// A kind, the end of a small program that deserves the warning, the sentence, and what to
/// change (one text for another) so that it does not.
type Case = (Code, &'static str, &'static str, (&'static str, &'static str));

const SPEND: &str = r#"
[[earn]]
id = "spend"
on = "order"
points = "1 per 1.00 GBP"
"#;

const TOTE: &str = r#"
[[reward]]
id = "tote"
kind = "free product"
price = 100
"#;

const LEVELS: &str = r#"
[tiers]
measure = "spend"
levels = [{ id = "member", from = 0 }, { id = "gold", from = "500.00 GBP" }]
"#;

/// What is looked at from: 22 November 2026.
fn now() -> Instant {
    "2026-11-22T12:00:00Z".parse::<jiff::Timestamp>().map(Instant::from_timestamp).expect("a time")
}

/// Members who come every 60 days and spend 50 pounds.
fn habits() -> Habits {
    let orders = (0..12).flat_map(|at| {
        ["ann", "bob", "cy"].map(|who| (who.to_owned(), Day::from_number(9_000 + at * 60), 5_000))
    });
    Habits::new(orders)
}

fn found(text: &str) -> Vec<Finding> {
    warnings(&program(text), now(), Some(&habits()))
}

fn check(table: &[Case]) {
    for (code, rest, sentence, (from, to)) in table {
        let text = small(rest);
        let deserved: Vec<Finding> =
            found(&text).into_iter().filter(|finding| finding.code == *code).collect();
        let told: Vec<String> =
            deserved.iter().map(|it| format!("{}: {}", it.path, it.sentence)).collect();
        assert_eq!(told, [sentence.to_string()], "{code:?} of\n{rest}");
        assert_eq!(text.matches(from).count(), 1, "{code:?}: {from} stands once in\n{rest}");
        let better = text.replace(from, to);
        let again = found(&better).into_iter().find(|finding| finding.code == *code);
        assert_eq!(again, None, "{code:?} of\n{better}");
    }
}

fn table() -> Vec<Case> {
    let leak = |parts: &[&str]| -> &'static str { Box::leak(parts.concat().into_boxed_str()) };
    vec![
        (
            Code::RuleNeverHolds,
            leak(&[SPEND, "when = { day = 2026-12-24, weekday = \"Monday\" }"]),
            "earn[0].when.day: spend never gives anything: none of its days lies in its time",
            ("Monday", "Thursday"),
        ),
        (
            Code::RuleNeverHolds,
            leak(&[SPEND, "when = { from = 2026-12-01, to = 2026-12-03, weekday = \"Friday\" }"]),
            "earn[0].when.weekday: spend never gives anything: its time is over before that day of \
             the week",
            ("2026-12-03", "2026-12-05"),
        ),
        (
            Code::RuleNeverHolds,
            leak(&[SPEND, "when = { paid_only_with = \"points\" }"]),
            "earn[0].when.paid_only_with: spend never gives anything: what is paid with points does \
             not count",
            ("\"points\"", "\"card\""),
        ),
        (
            Code::RuleNeverHolds,
            leak(&[
                SPEND,
                "when = { order_at_least = \"50.00 GBP\" }\n\
                 unless = { order_at_least = \"40.00 GBP\" }",
            ]),
            "earn[0].unless: spend never gives anything: everything that it asks for is left out",
            ("40.00", "60.00"),
        ),
        (
            Code::RuleNeverHolds,
            leak(&[SPEND, "unless = { tier = [\"member\", \"gold\"] }", LEVELS]),
            "earn[0].unless.tier: spend never gives anything: every level is left out",
            ("[\"member\", \"gold\"]", "\"gold\""),
        ),
        (
            Code::RuleNeverHolds,
            leak(&[
                "[[earn]]\nid = \"spend\"\non = \"order\"\npoints = { by_tier = { gold = 5 } }\n",
                "when = { tier = \"member\" }",
                LEVELS,
            ]),
            "earn[0].points.by_tier: spend never gives anything: it has an award for none of its \
             levels",
            ("tier = \"member\"", "tier = [\"member\", \"gold\"]"),
        ),
        (
            Code::RuleShadowed,
            "[[group]]\nid = \"way\"\nmode = \"first\"\n[[earn]]\nid = \"any\"\non = \"order\"\n\
             points = 1\ngroup = \"way\"\n[[earn]]\nid = \"app\"\non = \"order\"\npoints = 2\n\
             group = \"way\"\nwhen = { channel = \"app\" }",
            "earn[1].group: app never counts: any counts wherever it could",
            ("\"first\"", "\"max\""),
        ),
        (
            Code::RuleOver,
            leak(&[SPEND, "when = { from = 2026-01-01, to = 2026-11-01 }"]),
            "earn[0].when: spend gives nothing any more: its time was over on 1 November 2026",
            ("2026-11-01", "2026-12-01"),
        ),
        (
            Code::LevelUnreachable,
            "[[currency]]\nid = \"stamps\"\nname = { one = \"stamp\", other = \"stamps\" }\n\
             [[earn]]\nid = \"visit\"\non = \"order\"\npoints = 1\ncurrency = \"stamps\"\n\
             limit = \"1 per month\"\n[tiers]\nmeasure = \"stamps\"\n\
             levels = [{ id = \"guest\", from = 0 }, { id = \"family\", from = 13 }]",
            "tiers.levels[1].from: family is a level that nobody is on: at most 12 stamps can be \
             earned in the calendar year",
            ("per month", "per week"),
        ),
        (
            Code::LevelUnreachable,
            "[tiers]\nmeasure = \"spend\"\nlevels = [{ id = \"a\", from = 0 }, { id = \"b\", from = \
             \"500.00 GBP\" }, { id = \"c\", from = \"label x or 400.00 GBP\" }]",
            "tiers.levels[1].from: b is a level that nobody is on: whoever reaches it reaches c as \
             well",
            ("400.00", "600.00"),
        ),
        (
            Code::RewardUnreachable,
            "[[earn]]\nid = \"hello\"\non = \"hello\"\npoints = 50\nlimit = \"1 per lifetime\"\n\
             [[reward]]\nid = \"tote\"\nkind = \"free product\"\nprice = 60",
            "reward[0].price: tote is a reward that nobody can have: nobody can earn more than 50 \
             points in all",
            ("price = 60", "price = 50"),
        ),
        (
            Code::RewardOver,
            leak(&[SPEND, TOTE, "when = { to = 2026-11-01 }"]),
            "reward[0].when.to: tote cannot be had any more: its time was over on 1 November 2026",
            ("2026-11-01", "2026-12-01"),
        ),
        (
            Code::GoalUnreachable,
            "[[challenge]]\nid = \"often\"\neach = \"month\"\npoints = 5\n\
             step = [{ of = \"run\", count = 7, in_a_row = \"week\" }]",
            "challenge[0]: often can never be completed: it asks for 7 weeks in a row and has 6",
            ("count = 7", "count = 4"),
        ),
        (
            Code::GoalOver,
            "[[challenge]]\nid = \"june\"\nfrom = 2026-06-01\nto = 2026-07-01\npoints = 5\n\
             step = [{ of = \"run\", count = 3 }]",
            "challenge[0].to: june gives nothing any more: its time was over on 1 July 2026",
            ("2026-07-01", "2027-07-01"),
        ),
        (
            Code::GivesBackTooMuch,
            leak(&[
                SPEND,
                LEVELS.replace("\"500.00 GBP\"", "\"500.00 GBP\", earn_times = 3").as_str(),
                "[[reward]]\nid = \"off\"\nkind = \"order credit\"\nprice = \"2 per 1.00 GBP\"",
            ]),
            "reward[0]: off is cheaper to earn than it is worth: 150% of what is paid comes back on \
             the level gold by spend",
            ("earn_times = 3", "earn_times = 2"),
        ),
        (
            Code::PointsEarnPoints,
            leak(&[SPEND, "base = { without_tenders = [] }"]),
            "earn[0].base: spend counts what is paid with points, so spent points earn points: \
             without_tenders should have \"points\"",
            ("without_tenders = []", "without_tenders = \"points\""),
        ),
        (
            Code::GiftCardsEarnTwice,
            leak(&[SPEND, "base = { without_categories = [] }"]),
            "earn[0].base: spend counts gift cards that are bought and what is paid with them, so \
             money that goes in a circle earns: without_categories or without_tenders should have \
             \"gift_card\"",
            (
                "without_categories = []",
                "without_categories = [], without_tenders = [\"points\", \"gift_card\"]",
            ),
        ),
        (
            Code::PointsUndervalued,
            leak(&[
                SPEND,
                "[[reward]]\nid = \"off\"\nkind = \"order credit\"\nprice = \"100 per 2.00 GBP\"",
            ]),
            "reward[0].price: off gives 2.00 GBP for 100 points, which points.cost values at 1.00 \
             GBP",
            ("cost = \"0.01 GBP\"", "cost = \"0.02 GBP\""),
        ),
        (
            Code::NothingToBuy,
            SPEND,
            "reward: there is nothing that points buy",
            (
                "points = \"1 per 1.00 GBP\"",
                "points = \"1 per 1.00 GBP\"\n[[reward]]\nid = \"tote\"\nkind = \"benefit\"\n\
                 price = 1",
            ),
        ),
        (
            Code::NothingToEarn,
            TOTE,
            "earn: no rule gives points that can be spent",
            ("[[reward]]", "[[earn]]\nid = \"visit\"\non = \"order\"\npoints = 1\n[[reward]]"),
        ),
        (
            Code::WaitsTooLong,
            "pending = \"2 months\"\nexpiry = { inactive = \"30 days\" }",
            "points.pending: makes points wait for 2 months, by when they have ended",
            ("30 days", "6 months"),
        ),
        (
            Code::WaitsTooLong,
            leak(&[
                SPEND,
                "pending = \"until done, cancelled after 90 days\"\nexpiry = { after = \"2 months\" }",
            ]),
            "earn[0].pending: spend lets points wait 90 days for done, by when they have ended",
            ("2 months", "6 months"),
        ),
        (
            Code::WaitsTooLong,
            leak(&[
                SPEND,
                "when = { to = 2027-02-01 }\npending = \"14 days\"\nexpiry = { on = 2027-02-10 }",
            ]),
            "earn[0].pending: spend makes points of 2027-01-31 wait for 14 days, and they end on \
             2027-02-10",
            ("2027-02-10", "2027-03-10"),
        ),
        (
            Code::ExpiryOver,
            "expiry = { on = 2026-11-20 }",
            "points.expiry.on: gives points that have ended already, on 2026-11-20",
            ("2026-11-20", "2026-12-20"),
        ),
        (
            Code::EndsTooSoon,
            "expiry = { after = \"30 days\", round = \"none\" }",
            "points.expiry: points live for 30 days, and half of all orders come 60 days or more \
             after the one before",
            ("30 days", "90 days"),
        ),
        (
            Code::RewardOutOfReach,
            leak(&[
                "expiry = { after = \"120 days\", round = \"none\" }",
                SPEND,
                "[[reward]]\nid = \"tote\"\nkind = \"free product\"\nprice = 101",
            ]),
            "reward[0].price: tote costs 101 points, and half of all members gather 100 points or \
             less before they end, with 100.00 GBP in 120 days",
            ("price = 101", "price = 100"),
        ),
    ]
}

#[test]
fn every_warning_is_given_where_it_is_deserved_and_nowhere_else() {
    check(&table());
}

#[test]
fn every_warning_has_a_case() {
    let mut covered: BTreeSet<Code> = table().iter().map(|(code, ..)| *code).collect();
    covered.insert(Code::MoneyEarnsNothing); // which is a program of its own below
    assert_eq!(covered, BTreeSet::from(Code::ALL));
}

#[test]
fn orders_in_money_that_no_rule_gives_for_are_told() {
    let with = |points: &str| {
        let text = small(&format!("[[earn]]\nid = \"a\"\non = \"order\"\npoints = {points}\n"));
        let found = found(&text.replace("\"GBP\"\n[points]", "[\"GBP\", \"EUR\"]\n[points]"));
        let found = found.into_iter().filter(|it| it.code == Code::MoneyEarnsNothing);
        found.map(|it| it.sentence).collect::<Vec<_>>()
    };
    assert_eq!(with("\"1 per 1.00 GBP\""), ["orders in EUR are taken and earn nothing"]);
    assert_eq!(with("[\"1 per 1.00 GBP\", \"1 per 1.00 EUR\"]"), [""; 0]);
    assert_eq!(with("5"), [""; 0]);
}

#[test]
fn what_never_holds_together_is_not_added_up() {
    let rules = |when: &str| {
        let text = small(&format!(
            "{SPEND}when = {{ brand = \"own\" }}\n{}when = {{ {when} }}\n{}",
            SPEND.replace("\"spend\"", "\"more\""),
            "[[reward]]\nid = \"off\"\nkind = \"order credit\"\nprice = \"1.5 per 1.00 GBP\"",
        ));
        let text = text.replace("cost = ", "decimals = 1\ncost = ");
        found(&text).into_iter().any(|finding| finding.code == Code::GivesBackTooMuch)
    };
    assert!(rules("channel = \"web\""), "own brand on the web earns two");
    assert!(!rules("brand = \"other\""), "no line is of two brands");
}

#[test]
fn the_warnings_of_the_gallery_are_sensible() {
    let mut text = String::new();
    for name in names() {
        let findings = warnings(&program(&gallery(&name)), now(), None);
        for Finding { code, path, sentence, .. } in findings {
            text.push_str(&format!("{name}: {code:?}: {path}: {sentence}\n"));
        }
    }
    golden("gallery.warnings.txt", &text);
}
