//! What is refused, and with which sentences.

use super::*;
use crate::program::RULES_MAX;

/// Checks that the cases of a table are refused. A case is the end of a small program
/// and then, indented, every sentence without the file's name; a blank line ends it.
fn check(start: &str, table: &str) {
    let table = table.trim_matches('\n');
    let found = |case: &str| {
        let (_, text): (Vec<&str>, Vec<&str>) =
            case.lines().partition(|line| line.starts_with("    "));
        let text = text.join("\n");
        let refused = meaning(&small(&format!("{start}{text}"))).expect_err(case);
        let sentences = refused.lines().map(|line| line.trim_start_matches("small.toml:"));
        let sentences: Vec<String> = sentences.map(|line| format!("    {line}")).collect();
        format!("{text}\n{}", sentences.join("\n"))
    };
    let found: Vec<String> = table.split("\n\n").map(found).collect();
    let found = found.join("\n\n");
    assert!(found == table, "what is said now:\n{found}");
}

#[test]
fn a_wrong_shape() {
    check(
        "",
        r#"
[[earn]]
id = "spend"
on = "order"
pionts = "1 per 1.00 GBP"
limits = "5 per week"
[[earn]]
on = "order"
when = { colour = "red", category = true }
[[challenges]]
id = "three"
[[challenge]]
id = "four"
step = [{ of = "order", number = 4 }]
[tiers]
measure = "spend"
levels = "gold"
    11: earn[0].pionts: "pionts" is not known: expected "id", "on", "points", "times", "currency", "when", "unless", "base", "group", "limit", "pending" or "expiry"; did you mean "points"?
    12: earn[0].limits: "limits" is not known: expected "id", "on", "points", "times", "currency", "when", "unless", "base", "group", "limit", "pending" or "expiry"; did you mean "limit"?
    13: earn[1]: "id" is missing: expected it in this table
    15: earn[1].when.colour: "colour" is not known: expected "product", "category", "brand", "channel", "store", "paid_only_with", "tier", "label", "subject", "weekday", "day", "only", "birthday", "lines_at_most", "cel", "from", "to" or "order_at_least"
    15: earn[1].when.category: "true" does not belong here: expected a word that the shop uses in its orders such as "gift_card"
    16: challenges: "challenges" is not known: expected "program", "points", "currency", "base", "earn", "group", "stacking", "tiers", "challenge", "bonus", "referral", "notices", "reward" or "targets"; did you mean "challenge"?
    20: challenge[0].step[0].number: "number" is not known: expected "id", "of", "when", "unless", "count", "different", "in_a_row", "spend", "quantity" or "points"
    23: tiers.levels: "gold" does not belong here: expected a list

name = "Points"
expiry = ["never"]
    8: points.name: "Points" does not belong here: expected a table such as { one = "point", other = "points" }
    9: points.expiry: "[\"never\"]" does not belong here: expected a table such as { after = "12 months" }
"#,
    );
}

#[test]
fn a_text_that_is_no_toml_or_too_large() {
    let refused = parse("[program]\nid = house\n", "x.toml", 1, START).expect_err("no TOML");
    assert_eq!((refused.problems[0].line, refused.problems[0].column), (2, 6));
    let refused = parse("[program]\nid = \"a\" b\n", "x.toml", 1, START).expect_err("no TOML");
    assert_eq!(
        refused.to_string(),
        r#"x.toml:2: "" is not TOML (unexpected key or value): expected newline, `#`"#
    );
    let refused = parse("", "x.toml", 1, START).expect_err("nothing in it");
    assert_eq!(refused.to_string(), r#"x.toml:1: "program" is missing: expected it in this table"#);
    let large = "#".repeat(DEFINITION_BYTES_MAX + 1);
    let refused = parse(&large, "x.toml", 1, START).expect_err("too large");
    assert_eq!(
        refused.to_string(),
        r#"x.toml:1: "350001 bytes" is too large a definition: expected at most 350000"#
    );
}

#[test]
fn no_text_makes_the_reader_panic() {
    for name in ["house", "coffee", "furniture"] {
        let text = gallery(name);
        let lines: Vec<&str> = text.lines().collect();
        for i in 0..lines.len() {
            let without = [&lines[..i], &lines[i + 1..]].concat();
            let halved = &lines[i][..lines[i].len() / 2];
            let broken = [&lines[..i], &[halved], &lines[i + 1..]].concat();
            for text in [without, broken] {
                assert_ne!(meaning(&text.join("\n")), Err(String::new()), "{i}");
            }
        }
    }
    for odd in ["£", "a.b.c = 1", "earn = 5", "[[program]]", "points = [[]]", "x = \"\\u0000\""] {
        assert!(meaning(odd).is_err_and(|sentences| !sentences.is_empty()), "{odd}");
    }
}

#[test]
fn wrong_ground() {
    let text = r#"[program]
id = "Small"
name = ""
time_zone = "Europe/Londn"
money = "pounds"
[points]
cost = "free"
decimals = 4
pending = "200 days"
"#;
    let sentences = r#"
x.toml:2: program.id: "Small" is not an id: expected an id such as "black-friday": an id consists of a-z, 0-9, - and _, and starts with a letter or a digit
x.toml:3: program.name: "" is not a name: expected 1 to 100 characters on one line, such as "House Rewards"
x.toml:4: program.time_zone: "Europe/Londn" is not a time zone: expected a time zone such as "Europe/London" or "America/New_York"; did you mean "Europe/London"?
x.toml:5: program.money: "pounds" is not a currency code: expected a currency code such as "GBP" or "EUR"
x.toml:7: points.cost: "free" is not an amount of money: expected an amount of money such as "0.01 GBP"
x.toml:8: points.decimals: "4" is not a number of decimals: expected 0, 1, 2 or 3
x.toml:9: points.pending: "200 days" is too long a wait: expected at most 120 days or 3 months
"#;
    let refused = parse(text, "x.toml", 1, START).expect_err("all of it is wrong");
    assert_eq!(refused.to_string(), sentences.trim());
}

#[test]
fn a_slip_in_a_word_that_may_be_any() {
    // A kind of activity may have any name, money may not.
    let house = gallery("house");
    for slip in ["oder", "orders", "ordre", "ordar", "roder"] {
        let text = house.replacen("on     = \"order\"", &format!("on     = \"{slip}\""), 1);
        let refused = parse(&text, "x.toml", 1, START).expect_err(slip).to_string();
        assert!(refused.contains("did you mean \"order\"?"), "{refused}");
    }
    for kind in ["reorder", "border_check", "review"] {
        let text = house.replacen("on     = \"order\"", &format!("on     = \"{kind}\""), 1);
        let refused =
            parse(&text, "x.toml", 1, START).map_or_else(|e| e.to_string(), |_| String::new());
        assert!(!refused.contains("did you mean"), "{refused}");
    }
    let refused = parse(&house.replace("GBP", "GPB"), "x.toml", 1, START).expect_err("no money");
    let refused = refused.to_string();
    assert!(refused.contains("is no money in use"), "{refused}");
}

#[test]
fn senseless_rules() {
    check(
        r#"[[earn]]
id = "visit"
on = "order"
points = 1
[[earn]]
id = "rule"
"#,
        r#"
on = "refund"
points = 1
    14: earn[1].on: "refund" earns nothing: expected "order" or a kind of activity

on = "order"
    13: earn[1].id: "rule" gives nothing: expected either points or times

on = "order"
points = "1 per 5"
    15: earn[1].points: "1 per 5" is not an award: expected an award such as "1 per 1.00 GBP", "1 per full 5.00 GBP", "2 per item" or "25 points"

on = "order"
points = "1 per full 0.00 GBP"
    15: earn[1].points: "1 per full 0.00 GBP" is no money: expected more than zero

on = "order"
points = "1 per 1.00 EUR"
    15: earn[1].points: "1 per 1.00 EUR" is other money than the program's: expected an amount in GBP

on = "order"
points = 0.5
    15: earn[1].points: "0.5" has more decimals than these points keep: expected at most 0 decimals

on = "order"
points = {}
    15: earn[1].points: "points" is not an award: expected one of "flat" (with "on_partial_refund" if need be), "bands" and "above", "share_of" and "percent", "chance", or "by_tier"

on = "order"
points = { bands = [["2.00 GBP", 1], ["2.00 GBP", 2]], above = 3 }
    15: earn[1].points.bands[1][0]: "2.00 GBP" is not above the band before: expected ascending amounts

on = "order"
points = { bands = [], above = 3 }
    15: earn[1].points: "bands" are no bands: expected bands that differ

on = "order"
points = 1
times = 2
    16: earn[1].times: "2" stands beside points: expected a rule of its own for times

on = "order"
times = 1.0
    15: earn[1].times: "1.0" changes nothing: expected another number than 1

on = "order"
times = 0
    15: earn[1].times: "0" is no sensible multiplier: expected more than 0 and at most 1000

on = "order"
times = 2
limit = "5 points per day"
currency = "points"
base = { with = "tax" }
    13: earn[1].id: "rule" is a multiplier with a base: expected base on the rules that it multiplies
    16: earn[1].limit: "5 points per day" is not read by a multiplier: expected limit on the rules that it multiplies
    17: earn[1].currency: "points" is not read by a multiplier: expected currency on the rules that it multiplies

on = "order"
points = 1
currency = "nights"
group = "g"
when = { tier = "gold" }
    16: earn[1].currency: "nights" is not known: expected "points"
    17: earn[1].group: "g" is not known: expected what this file defines, which is none
    18: earn[1].when.tier: "gold" is not known: expected what this file defines, which is none

on = "order"
points = 1
when = { category = [], brand = ["a", "a"] }
    16: earn[1].when.category: "[]" asks nothing: expected at least one
    16: earn[1].when.brand[1]: "a" is named twice: expected each once

on = "order"
points = 1
when = { category = "gift_card" }
    16: earn[1].when.category: "gift_card" is left out by the base, so the rule never gives anything: expected something that can hold

on = "order"
points = 1
when = { brand = "a" }
unless = { brand = ["a", "b"] }
    16: earn[1].when.brand: "a" is left out by unless, so the rule never gives anything: expected something that can hold

on = "order"
points = 1
when = { brand = "a" }
base = { with = ["tax", "tip"] }
    17: earn[1].base.with[1]: "tip" has no product, category or brand, for which the rule asks: expected parts that can count

on = "order"
points = 1
when = { from = 2026-02-01, to = 2026-02-01 }
    16: earn[1].when.to: "2026-02-01" is not after from: expected a later time

on = "order"
points = 1
limit = ["5 points per day", "9 points per day"]
    16: earn[1].limit[1]: "9 points per day" limits the same span again: expected one limit for each span

on = "order"
points = 1
base = { only_tenders = "points" }
    16: earn[1].base.only_tenders: "points" is in only_tenders and in without_tenders: expected a tender to be in one of them

on = "order"
points = 1
[[earn]]
id = "rule"
on = "order"
points = 1
    17: earn[2].id: "rule" is an id that is taken: expected an id of its own
"#,
    );
}

#[test]
fn senseless_conditions() {
    check(
        r#"[[earn]]
id = "visit"
on = "order"
points = 1
[[earn]]
id = "rule"
points = 1
"#,
        r#"
on = "order"
when = { lines_at_most = 0 }
    16: earn[1].when.lines_at_most: "0" leaves no line: expected at least 1

on = "referral"
    15: earn[1].on: "referral" is about bringing friends, and nothing says what counts as that: expected a table [referral]

on = "order"
[referral]
link = "http://example.org/{code}"
    17: referral.link: "http://example.org/{code}" does not lead a friend anywhere: expected https:// and {code} once

on = "order"
when = { only = "a friend's order" }
    16: earn[1].when.only: "a friend's order" is about bringing friends, and nothing says what counts as that: expected a table [referral]

on = "order"
when = { subject = "instagram" }
    16: earn[1].when.subject: "instagram" is asked of an activity, and this listens to orders: expected "product"

on = "order"
limit = ["1 per product", "5 per week"]
    16: earn[1].limit[0]: "1 per product" limits what activities are about, and this listens to orders: expected an order, a day, a week, a month, a quarter, a year or a lifetime

on = "order"
limit = "100 points per giver and month"
    16: earn[1].limit: "100 points per giver and month" limits who gives, and nobody gives an order: expected a rule on an activity

on = "review"
when = { product = "mug", category = "homeware", brand = "own" }
    16: earn[1].when.product: "mug" is asked of an order, and this listens to "review": expected "subject", which is what the activity is about
    16: earn[1].when.category: "homeware" is asked of an order, and this listens to "review": expected it on a rule on orders
    16: earn[1].when.brand: "own" is asked of an order, and this listens to "review": expected it on a rule on orders

on = "review"
when = { only = "the first order", paid_only_with = "card", lines_at_most = 2 }
unless = { category = "sale" }
    16: earn[1].when.only: "the first order" is asked of an order, and this listens to "review": expected it on a rule on orders
    16: earn[1].when.paid_only_with: "card" is asked of an order, and this listens to "review": expected it on a rule on orders
    16: earn[1].when.lines_at_most: "2" is asked of an order, and this listens to "review": expected it on a rule on orders
    17: earn[1].unless.category: "sale" is asked of an order, and this listens to "review": expected it on a rule on orders

on = "review"
base = { with = "tax" }
    13: earn[1].id: "rule" has a base, and listens to "review", of which all counts: expected base on a rule on orders

on = "order"
when = { weekday = ["Saturday", "Sonday"], only = "first order" }
    16: earn[1].when.weekday[1]: "Sonday" is not known: expected "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday" or "Sunday"; did you mean "Monday"?
    16: earn[1].when.only: "first order" is not known: expected "the first order" or "a friend's order"; did you mean "the first order"?

on = "order"
when = { birthday = "within 90 days" }
    16: earn[1].when.birthday: "within 90 days" is not a time around the birthday: expected a time around the birthday such as "on the day", "within 7 days" or "in the month"

on = "order"
when = { label = "staff" }
unless = { label = "staff" }
    16: earn[1].when.label: "staff" is left out by unless, so the rule never gives anything: expected something that can hold

on = "order"
when = { cel = "order.totl > 5000" }
    16: earn[1].when.cel: "order.totl" is not known (character 1 of the condition): expected "order.total", "order.eligible", "order.shipping", "order.tax", "order.tip", "order.discount", "order.currency", "order.channel", "order.store", "order.status", "order.tender_kinds", "order.first", "order.month", "order.day", "order.weekday", "order.hour" or "order.lines"; did you mean "order.total"?

on = "order"
when = { cel = "order.total" }
    16: earn[1].when.cel: "order.total" is an int (character 1 of the condition): expected something true or false, such as order.total >= 5000

on = "order"
when = { cel = "order.total > 0.5" }
    16: earn[1].when.cel: "0.5" is not a whole number (character 15 of the condition): expected one: amounts are in minor units, 19.99 is 1999

on = "review"
when = { cel = "order.total > 5000" }
    16: earn[1].when.cel: "order" is not known (character 1 of the condition): expected "activity" or "member"

on = "order"
when = { cel = "order.total >" }
    16: earn[1].when.cel: "order.total >" is not CEL (it ends too early) (character 14 of the condition): expected a condition in CEL, such as order.total >= 5000
"#,
    );
}

#[test]
fn senseless_awards() {
    check(
        r#"[tiers]
measure = "spend"
levels = [{ id = "member", from = 0 }, { id = "gold", from = "500.00 GBP" }]
[[earn]]
id = "visit"
on = "order"
points = 1
[[earn]]
id = "twice"
on = "order"
times = 2
[[earn]]
id = "review"
on = "review"
points = 5
[[currency]]
id = "nights"
name = { one = "night", other = "nights" }
[[earn]]
id = "night"
on = "order"
currency = "nights"
points = "1 per item"
[[earn]]
id = "rule"
on = "order"
"#,
        r#"
points = { share_of = "rule", percent = 10 }
    34: earn[4].points.share_of: "rule" is the rule itself: expected another rule

points = { share_of = ["visit", "twice"], percent = 10 }
    34: earn[4].points.share_of[1]: "twice" gives no points, of which there could be a share: expected a rule that gives points

points = { share_of = "review", percent = 10 }
    34: earn[4].points.share_of: "review" listens to "review": expected a rule that listens to orders, as this one

points = { share_of = "night", percent = 10 }
    34: earn[4].points.share_of: "night" gives nights: expected a rule that gives points

points = { share_of = "visitt", percent = 0 }
    34: earn[4].points.share_of: "visitt" is not known: expected "visit", "twice", "review", "night" or "rule"; did you mean "visit"?
    34: earn[4].points.percent: "0" is no sensible share: expected more than 0 percent

points = { share_of = "other", percent = 10 }
[[earn]]
id = "other"
on = "order"
points = { share_of = "visit", percent = 10 }
    34: earn[4].points.share_of: "other" is a share of others itself: expected the rules of which that one is a share

points = { share_of = "visit" }
    34: earn[4].points: "points" is not an award: expected one of "flat" (with "on_partial_refund" if need be), "bands" and "above", "share_of" and "percent", "chance", or "by_tier"

points = { by_tier = {} }
    34: earn[4].points: "by_tier" names no level: expected an award for a level at least

points = { by_tier = { member = 1, golden = 2 } }
    34: earn[4].points: "golden" is not known: expected "member" or "gold"; did you mean "gold"?

points = { by_tier = { gold = { by_tier = { gold = 2 } } } }
    34: earn[4].points.by_tier.gold: "by_tier" asks for the level again: expected an award of the level

points = { by_tier = { gold = 2 }, flat = 1 }
    34: earn[4].points: "points" is not an award: expected one of "flat" (with "on_partial_refund" if need be), "bands" and "above", "share_of" and "percent", "chance", or "by_tier"

points = { flat = 1, bands = [["10.00 GBP", 1]], above = 2 }
    34: earn[4].points: "points" is not an award: expected one of "flat" (with "on_partial_refund" if need be), "bands" and "above", "share_of" and "percent", "chance", or "by_tier"

points = { chance = [] }
    34: earn[4].points: "chance" wins nothing: expected at least one prize

points = { chance = [["1 in 1", 5], ["11 in 10", 100], ["1 in 2", 100]] }
    34: earn[4].points.chance[1][0]: "11 in 10" is not odds: expected odds such as "1 in 10"

points = { chance = [["1 in 1", 5], ["1 in 2", 100]] }
    34: earn[4].points: "chance" has a prize that nobody can win: expected what everybody wins to be last

points = ["1 per 1.00 GBP", "1 per 1.00 EUR"]
    34: earn[4].points[1]: "1 per 1.00 EUR" is for no money of the program's: expected an award such as "1 per 1.00 GBP"

points = 1
currency = "nights"
pending = "14 days"
expiry = { after = "1 month" }
    36: earn[4].pending: "14 days" is not read for nights, which nobody can spend: expected it on a rule that gives points
    37: earn[4].expiry: "expiry" is not read for nights, which nobody can spend: expected it on a rule that gives points

points = 1
pending = "3 months"
expiry = { after = "30 days", round = "none" }
    35: earn[4].pending: "3 months" is no shorter than points live: expected a shorter wait

points = 1
pending = "until 2027-01-15"
expiry = { on = 2027-01-15 }
    35: earn[4].pending: "until 2027-01-15" is no shorter than points live: expected a shorter wait

points = 1
expiry = { inactive = "6 months" }
    35: earn[4].expiry.inactive: "6 months" is not read here: expected it for all points, in [points]

points = 1
expiry = { after = "6 months", kept_alive_by = "order", by = "1 month", by_tier = {} }
    35: earn[4].expiry: "by_tier" is not read here: expected it for all points, in [points]
    35: earn[4].expiry.kept_alive_by: "order" is not read here: expected it for all points, in [points]
    35: earn[4].expiry.by: "1 month" is not read here: expected it for all points, in [points]

times = 3
pending = "14 days"
    35: earn[4].pending: "14 days" is not read by a multiplier: expected pending and expiry on the rules that it multiplies
"#,
    );
}

#[test]
fn senseless_money() {
    check(
        "",
        r#"
[[earn]]
id = "rule"
on = "order"
points = { bands = [["10.00 EUR", 1]], above = 2 }
    11: earn[0].points.bands[0][0]: "10.00 EUR" is other money than the program's: expected an amount in GBP

[[earn]]
id = "rule"
on = "order"
points = 1
when = { order_at_least = "10.00 EUR" }
    12: earn[0].when.order_at_least: "10.00 EUR" is other money than the program's: expected an amount in GBP
"#,
    );
    let several = |points: &str| {
        let rule = format!("[[earn]]\nid = \"rule\"\non = \"order\"\npoints = {points}\n");
        let text = small(&rule).replace(r#"money = "GBP""#, r#"money = ["GBP", "EUR"]"#);
        meaning(&text).err().unwrap_or_default()
    };
    assert_eq!(several(r#"["1 per 1.00 GBP", "1.2 per 1.00 EUR"]"#), "");
    let table = [
        (
            r#"["1 per 1.00 GBP", "2 per 1.00 GBP"]"#,
            r#"[1]: "2 per 1.00 GBP" is for the same money again: expected each money once"#,
        ),
        (
            r#"["1 per 1.00 GBP", "1 per 1.00 USD"]"#,
            r#"[1]: "1 per 1.00 USD" is for no money of the program's: expected an award such as "1 per 1.00 GBP" or "1 per 1.00 EUR""#,
        ),
        (
            r#"["1 per 1.00 EUR", "25 points"]"#,
            r#"[1]: "25 points" is for no money of the program's: expected an award such as "1 per 1.00 GBP" or "1 per 1.00 EUR""#,
        ),
    ];
    for (points, sentence) in table {
        assert_eq!(several(points), format!("small.toml:11: earn[0].points{sentence}"), "{points}");
    }
    let twice = small("").replace(r#"money = "GBP""#, r#"money = ["GBP", "GBP"]"#);
    let sentence = r#"small.toml:5: program.money[1]: "GBP" is named twice: expected each once"#;
    assert_eq!(meaning(&twice).err().unwrap_or_default(), sentence);
}

#[test]
fn more_rules_than_fit() {
    let rule = |i| format!("[[earn]]\nid = \"r{i}\"\non = \"order\"\npoints = 1\n");
    let rules: String = (0..=RULES_MAX).map(rule).collect();
    let sentence = r#"    521: earn[128].id: "r128" is one rule too many: expected at most 128"#;
    check("", &format!("{rules}{sentence}"));
}

#[test]
fn senseless_sections() {
    check(
        "",
        r#"
expiry = "12 months"
    8: points.expiry: "12 months" is not an expiry: expected "never" or a table such as { after = "12 months" }

expiry = {}
    8: points.expiry: "expiry" does not say when points end: expected exactly one of "after", "inactive", "yearly", "on" and, for all points, "by_tier"

expiry = { inactive = "1 year", round = "none" }
    8: points.expiry.round: "none" rounds nothing: expected round to stand beside after

expiry = { on = 2025-12-31 }
    8: points.expiry.on: "2025-12-31" is over when the program starts: expected a later day

pending = "2 months"
expiry = { after = "30 days", round = "none" }
    8: points.pending: "2 months" is no shorter than points live: expected a shorter wait

[[currency]]
id = "nights"
name = { one = "night", other = "nights" }
    9: currency[0].id: "nights" is a currency that no earn rule gives: expected a rule with it

[[group]]
id = "g"
mode = "maximum"
    9: group[0].id: "g" is a group without rules: expected a rule in it
    10: group[0].mode: "maximum" is not known: expected "sum", "max" or "first"

[[earn]]
id = "twice"
on = "order"
times = 2
    11: earn[0].times: "2" multiplies nothing: expected a rule that gives points for orders

[tiers]
measure = "spent"
levels = [{ id = "a", from = 0 }]
    9: tiers.measure: "spent" is not known: expected "spend", "orders" or "points"; did you mean "spend"?

[tiers]
measure = "spend"
levels = []
    9: tiers.measure: "spend" has no levels: expected at least one level, from 0

[tiers]
measure = "orders"
levels = [{ id = "a", from = 0 }, { id = "a", from = 1 }]
    10: tiers.levels[1].id: "a" is an id that is taken: expected an id of its own

[tiers]
measure = "orders"
levels = [{ id = "a", from = 1 }, { id = "b", from = 1 }]
    10: tiers.levels[0].from: "1" is not for everybody: expected 0 for the first level
    10: tiers.levels[1].from: "1" is not above the level before: expected more than 1

[tiers]
measure = "spend"
levels = [{ id = "a", from = 0 }, { id = "b", from = 100 }]
    10: tiers.levels[1].from: "100" is not an amount of money: expected an amount of money such as "300.00 GBP"
"#,
    );
}

#[test]
fn senseless_levels() {
    check(
        r#"[[currency]]
id = "nights"
name = { one = "night", other = "nights" }
[[earn]]
id = "night"
on = "order"
currency = "nights"
points = "1 per item"
"#,
        r#"
[tiers]
measure = "spend"
levels = [{ id = "a", from = 0 }, { id = "b", from = "5 miles" }]
    18: tiers.levels[1].from: "5 miles" asks for "miles", which nothing counts: expected "GBP", "orders", "points" or "nights" after the number, or a label

[tiers]
measure = "nights"
levels = [{ id = "a", from = 0 }, { id = "b", from = "5 nigths or 300.00 GBP" }]
    18: tiers.levels[1].from: "5 nigths or 300.00 GBP" asks for "nigths", which nothing counts: expected "GBP", "orders", "points" or "nights" after the number, or a label; did you mean "nights"?

[tiers]
measure = "orders"
levels = [{ id = "a", from = 0 }, { id = "b", from = "300.00 EUR and 3 orders" }]
    18: tiers.levels[1].from: "300.00 EUR and 3 orders" is other money than the program's: expected an amount in GBP

[tiers]
measure = "spend"
levels = [{ id = "a", from = 0 }, { id = "b", from = "label x or 0" }]
    18: tiers.levels[1].from: "label x or 0" asks nothing in one part: expected more than 0 in each

[tiers]
measure = "spend"
levels = [{ id = "a", from = 0 }, { id = "b", from = "by grant or 300.00 GBP" }]
    18: tiers.levels[1].from: "by grant or 300.00 GBP" mixes by grant with what can be reached: expected by grant alone: the shop may grant any level

[tiers]
measure = "spend"
levels = [{ id = "a", from = 0 }, { id = "b", from = "label store card" }]
    18: tiers.levels[1].from: "label store card" has a label of several words: expected labels of one word

[tiers]
measure = "spend"
levels = [{ id = "a", from = 0 }, { id = "b", from = "1.5 orders" }]
    18: tiers.levels[1].from: "1.5 orders" is not a whole number: expected a whole number such as "3"

[tiers]
measure = "spend"
levels = [{ id = "a", from = 0 }, { id = "b", from = "300.00 GBP" }, { id = "c", from = "over 200.00 GBP" }]
    18: tiers.levels[2].from: "over 200.00 GBP" is not above the level before: expected more than 300.00 GBP

[tiers]
measure = "spend"
valid = "lifetime"
grace = "1 month"
levels = [{ id = "a", from = "by grant" }]
    19: tiers.grace: "1 month" is for levels that never end: expected valid to be a time
    20: tiers.levels[0].from: "by grant" is not for everybody: expected 0 for the first level
"#,
    );
    let levels = r#"[tiers]
measure = "spend"
levels = [
  { id = "a", from = 0 },
  { id = "b", from = "500.00 GBP and label x or 3 orders" },
  { id = "c", from = "over 0" },
  { id = "d", from = "5 orders" },
  { id = "e", from = "by grant" },
]
"#;
    assert_eq!(meaning(&small(levels)).err(), None, "measures that cannot be compared");
}

#[test]
fn senseless_expiries() {
    check(
        r#"expiry = { "#,
        r#"
by_tier = { gold = "never" } }
    8: points.expiry: "gold" is not known: expected what this file defines, which is none

by_tier = { member = "never", golden = "never" } }
[tiers]
measure = "spend"
levels = [{ id = "member", from = 0 }, { id = "gold", from = "500.00 GBP" }]
    8: points.expiry: "golden" is not known: expected "member" or "gold"; did you mean "gold"?

by_tier = { member = { inactive = "6 months", by = "1 month" } }, after = "12 months" }
[tiers]
measure = "spend"
levels = [{ id = "member", from = 0 }]
    8: points.expiry: "expiry" says twice when points end: expected by_tier alone
    8: points.expiry.by_tier.member.inactive: "6 months" is not read here: expected "after", "yearly" or "on", and all else beside by_tier
    8: points.expiry.by_tier.member.by: "1 month" is not read here: expected "after", "yearly" or "on", and all else beside by_tier

by_tier = { member = "never" }, by = "1 month" }
[tiers]
measure = "spend"
levels = [{ id = "member", from = 0 }]
    8: points.expiry.by: "1 month" is for points that never end: expected points that end

after = "12 months", on_downgrade = "keep" }
    8: points.expiry.on_downgrade: "keep" is read by nothing: expected it to stand beside by_tier

after = "12 months", kept_alive_by = "order" }
    8: points.expiry.kept_alive_by: "order" keeps nothing alive: expected it to stand beside inactive, by or reinstated_within

inactive = "12 months", kept_alive_by = ["order", "Refund", "refund"] }
    8: points.expiry.kept_alive_by[1]: "Refund" is nothing that a member does: expected "order", "redemption" or a kind of activity such as "review"
    8: points.expiry.kept_alive_by[2]: "refund" is nothing that a member does: expected "order", "redemption" or a kind of activity such as "review"

inactive = "12 months" }
[[earn]]
id = "rule"
on = "order"
points = 1
expiry = "never"
    13: earn[0].expiry: "never" does not hold where inactivity ends all points: expected a date

after = "12 months" }
redenominated = 0
    9: points.redenominated: "0" is no sensible number of points: expected 2 to 1000000

after = "12 months" }
redenominated = 1
    9: points.redenominated: "1" changes nothing: expected 2 to 1000000
"#,
    );
}

#[test]
fn senseless_challenges() {
    check(
        r#"[[earn]]
id = "visit"
on = "order"
points = 1
[tiers]
measure = "orders"
levels = [{ id = "member", from = 0 }]
[[challenge]]
"#,
        r#"
id = "visit"
each = "month"
points = 5
step = [{ of = "order", count = 3 }]
    16: challenge[0].id: "visit" is an id that is taken: expected an id of its own

id = "three"
points = 5
step = [{ of = "order", count = 3 }]
    16: challenge[0].id: "three" has no span: expected from and to, or each

id = "three"
each = "month"
from = 2026-06-01
to = 2026-07-01
points = 5
step = [{ of = "order", count = 3 }]
    16: challenge[0].id: "three" has no span: expected from and to, or each

id = "three"
from = 2026-06-01
to = 2026-06-01
points = 5
step = [{ of = "order", count = 3 }]
    18: challenge[0].to: "2026-06-01" is not after from: expected a later time

id = "three"
each = "month"
step = [{ of = "order", count = 3 }]
    16: challenge[0].id: "three" gives nothing: expected points, for it or for a step, or a badge

id = "three"
each = "month"
points = 5
step = []
    16: challenge[0].id: "three" has no steps or too many: expected 1 to 32 steps

id = "three"
each = "month"
points = 5
when = { tier = "member", category = "coffee", from = 2026-06-01 }
step = [{ of = "order", count = 3, when = { tier = "member" } }]
    19: challenge[0].when.category: "coffee" is not about the member, and when says for whom a challenge is: expected tier and label here, and all else in the when of a step
    19: challenge[0].when.from: "2026-06-01" is not about the member, and when says for whom a challenge is: expected tier and label here, and all else in the when of a step
    20: challenge[0].step[0].when.tier: "member" is asked of the challenge and of its step: expected one of them to ask

id = "three"
each = "month"
points = 5
time_zone = "Europe/Paris"
joining = "activated before it starts"
synced = "before the end"
step = [{ of = "order", count = 3 }]
    19: challenge[0].time_zone: "Europe/Paris" is not read of a challenge that comes again and again: expected this beside from and to
    20: challenge[0].joining: "activated before it starts" is never in time for a challenge that comes again and again: expected this beside from and to
    21: challenge[0].synced: "before the end" is not read of a challenge that comes again and again: expected this beside from and to

id = "three"
each = "month"
points = 5
step = [{ of = "order" }, { of = "order", count = 3, spend = "5.00 GBP" }]
    19: challenge[0].step[0].of: "order" stands in a step that does not say what it counts: expected count (alone, with different or with in_a_row), spend, or quantity
    19: challenge[0].step[1].of: "order" stands in a step that does not say what it counts: expected count (alone, with different or with in_a_row), spend, or quantity

id = "three"
each = "month"
points = 5
step = [{ of = "order", count = 0 }, { of = "order", count = 65, different = "product" }]
    19: challenge[0].step[0].count: "0" counts nothing: expected at least 1
    19: challenge[0].step[1].count: "65" is too many: expected at most 64

id = "three"
each = "month"
points = 5
step = [{ of = "order", count = 3, different = "subject" }, { of = "run", count = 3, different = "brand" }]
    19: challenge[0].step[0].different: "subject" is nothing that orders have: expected "product", "category", "brand", "store" or "channel"
    19: challenge[0].step[1].different: "brand" is nothing that this activity has: expected "subject", "store" or "channel"

id = "three"
each = "year"
points = 5
step = [{ of = "order", count = 3, in_a_row = "quarter" }]
    19: challenge[0].step[0].in_a_row: "quarter" is too long to come in a row: expected "day", "week" or "month"

id = "three"
each = "year"
points = 5
step = [{ of = "order", count = 3, when = { subject = "x" } }, { of = "run", quantity = 0, unless = { brand = "x" } }]
    19: challenge[0].step[0].when.subject: "x" is asked of an activity, and this listens to orders: expected "product"
    19: challenge[0].step[1].quantity: "0" is not a quantity: expected a quantity such as "20" or "5.5"
    19: challenge[0].step[1].unless.brand: "x" is asked of an order, and this listens to "run": expected it on a rule on orders

id = "three"
each = "year"
points = 5
step = [{ id = "2", of = "order", count = 3 }, { of = "order", spend = "50.00 GBP" }]
    19: challenge[0].step[1].of: "2" is the id of two steps: expected an id of its own for each step

id = "three"
each = "year"
points = 5
needs = "3 steps"
repeat = "2 times"
step = [{ of = "order", count = 3 }, { of = "order", spend = "50.00 GBP" }]
    19: challenge[0].needs: "3 steps" needs more steps than it has: expected at most 2
    20: challenge[0].repeat: "2 times" repeats several steps: expected this on a challenge of one step

id = "three"
each = "fortnight"
points = 5
joining = "by hand"
credited = "at once"
repeat = "twice"
needs = "most"
step = [{ of = "order", count = 3 }]
    17: challenge[0].each: "fortnight" is not known: expected "day", "week", "month", "quarter", "year" or "lifetime"
    19: challenge[0].joining: "by hand" is not known: expected "automatic", "activated by the member" or "activated before it starts"
    20: challenge[0].credited: "at once" is not when it is credited: expected when it is credited such as "4 weeks later" or "1 day later"
    21: challenge[0].repeat: "twice" is not how often: expected how often such as "once" or "3 times"
    22: challenge[0].needs: "most" is not how many steps are needed: expected how many steps are needed such as "all steps", "any step" or "2 steps"
"#,
    );
}

#[test]
fn senseless_bonuses() {
    check(
        r#"[[earn]]
id = "visit"
on = "order"
points = 1
[[earn]]
id = "twice"
on = "order"
times = 2
[[bonus]]
id = "bonus"
each = "month"
of = "order"
"#,
        r#"
credited = "4 weeks later"
    17: bonus[0].id: "bonus" does not say what it gives: expected either total or share_of

total = [[2, 500], [2, 600]]
    17: bonus[0].id: "bonus" does not grow: expected ascending counts and points

total = [[0, 500], [65, 600]]
different = "subject"
    20: bonus[0].total[0][0]: "0" counts nothing: expected at least 1
    20: bonus[0].total[1][0]: "65" is too many: expected at most 64
    21: bonus[0].different: "subject" is nothing that orders have: expected "product", "category", "brand", "store" or "channel"

total = [[2, 500]]
percent = 10
spend = "5.00 GBP"
at_most = 5
    21: bonus[0].percent: "10" is not read beside total: expected it beside share_of
    22: bonus[0].spend: "5.00 GBP" is not read beside total: expected it beside share_of
    23: bonus[0].at_most: "5" is not read beside total: expected it beside share_of

total = [[2, 500]]
share_of = "visit"
    17: bonus[0].id: "bonus" does not say what it gives: expected either total or share_of

share_of = "visit"
    17: bonus[0].id: "bonus" shares without saying how much: expected percent and spend

share_of = ["visit", "visit"]
percent = 10
spend = "600.00 GBP"
different = "brand"
    20: bonus[0].share_of[1]: "visit" is named twice: expected each once
    23: bonus[0].different: "brand" is not read beside share_of: expected it beside total

share_of = ["twice", "nothing"]
percent = 10
spend = "600.00 GBP"
    20: bonus[0].share_of[0]: "twice" gives no points, of which there could be a share: expected a rule that gives points
    20: bonus[0].share_of[1]: "nothing" is not known: expected "visit" or "twice"

total = [[2, 500]]
[[challenge]]
id = "bonus"
each = "month"
points = 5
step = [{ of = "order", count = 3 }]
    17: bonus[0].id: "bonus" is an id that is taken: expected an id of its own
"#,
    );
}

#[test]
fn senseless_rewards() {
    check(
        r#"[[reward]]
id = "reward"
"#,
        r#"
kind = "free-product"
price = 1
    10: reward[0].kind: "free-product" is not known: expected "order credit", "free product", "benefit", "percent off", "delivery", "experience", "access", "prize draw" or "donation"; did you mean "free product"?

kind = "order credit"
price = 100
    11: reward[0].price: "100" does not say what it is worth, as this kind of reward does: expected a price such as "100 per 1.00 GBP" or "500 for 5.00 GBP"

kind = "order credit"
price = "100 per 0.00 GBP"
    11: reward[0].price: "100 per 0.00 GBP" is no money: expected more than zero

kind = "free product"
price = "100 per 1.00 GBP"
    11: reward[0].price: "100 per 1.00 GBP" is worth money, as this kind of reward is not: expected a number of points such as 800

kind = "benefit"
price = 1
limit = "50% of the basket"
    12: reward[0].limit: "50% of the basket" limits no money: expected this on an order credit

kind = "donation"
price = 100
    11: reward[0].price: "100" does not say what it is worth, as this kind of reward does: expected a price such as "100 per 1.00 GBP" or "500 for 5.00 GBP"

kind = "free product"
price = 100
limit = ["2 per month", "5 per month", "0 per year"]
    12: reward[0].limit[2]: "0 per year" is not a limit: expected a limit such as "50% of the basket", "1 per member" or "2 per month"

kind = "free product"
price = 100
limit = "2 per fortnight"
    12: reward[0].limit: "2 per fortnight" is not known: expected "member", "lifetime", "day", "week", "month", "quarter" or "year"

kind = "free product"
price = 100
when = { from = 2026-06-01, to = 2026-05-01 }
undone = "always"
    12: reward[0].when.to: "2026-05-01" is not after from: expected a later time
    13: reward[0].undone: "always" is not known: expected "points come back" or "never"

kind = "order credit"
price = "100 per 1.00 GBP"
worth_up_to = "5.00 GBP"
cost = "0.00 GBP"
    12: reward[0].worth_up_to: "5.00 GBP" is not read where the price says the worth: expected the price alone
    13: reward[0].cost: "0.00 GBP" is no money: expected more than zero

kind = "benefit"
price = 1
when = { tier = "gold" }
    12: reward[0].when.tier: "gold" is not known: expected what this file defines, which is none
"#,
    );
}
