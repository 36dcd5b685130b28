//! What is refused, and with which sentences.

use super::*;
use crate::program::RULES_MAX;

/// Checks that the cases of a table are refused. A case is the end of a small program
/// and then, indented, every sentence without the file's name; a blank line ends it.
fn check(start: &str, table: &str) {
    for case in table.trim_matches('\n').split("\n\n") {
        let (sentences, text): (Vec<&str>, Vec<&str>) =
            case.lines().partition(|line| line.starts_with("    "));
        let expected: Vec<String> =
            sentences.iter().map(|line| format!("small.toml:{}", line.trim())).collect();
        let refused = meaning(&small(&format!("{start}{}", text.join("\n"))));
        assert_eq!(refused.expect_err(case), expected.join("\n"), "{case}");
    }
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
[[challenge]]
id = "three"
[tiers]
measure = "spend"
levels = "gold"
    11: earn[0].pionts: "pionts" is not known: expected "id", "on", "points", "times", "currency", "when", "unless", "base", "group" or "limit"; did you mean "points"?
    12: earn[0].limits: "limits" is not known: expected "id", "on", "points", "times", "currency", "when", "unless", "base", "group" or "limit"; did you mean "limit"?
    13: earn[1]: "id" is missing: expected it in this table
    15: earn[1].when.colour: "colour" is not known: expected "product", "category", "brand", "channel", "store", "paid_only_with", "tier", "from", "to" or "order_at_least"
    15: earn[1].when.category: "true" does not belong here: expected a word that the shop uses in its orders such as "gift_card"
    16: challenge: "challenge" is not known: expected "program", "points", "currency", "base", "earn", "group", "stacking", "tiers" or "reward"
    20: tiers.levels: "gold" does not belong here: expected a list

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
on = "review"
points = 1
    14: earn[1].on: "review" is not known: expected "order"

on = "order"
    13: earn[1].id: "rule" gives nothing: expected either points or times

on = "order"
points = "1 per 5"
    15: earn[1].points: "1 per 5" is not an award: expected an award such as "1 per 1.00 GBP", "1 per full 5.00 GBP" or "25 points"

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
    15: earn[1].points: "points" is not an award: expected either "flat", with "on_partial_refund" if need be, or "bands" and "above"

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
    8: points.expiry: "expiry" does not say when points end: expected exactly one of "after", "inactive", "yearly" and "on"

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
    11: earn[0].times: "2" multiplies nothing: expected a rule that gives points

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
fn senseless_rewards() {
    check(
        r#"[[reward]]
id = "reward"
"#,
        r#"
kind = "free-product"
price = 1
    10: reward[0].kind: "free-product" is not known: expected "order credit", "free product" or "benefit"; did you mean "free product"?

kind = "order credit"
price = 100
    11: reward[0].price: "100" does not say what the credit is worth: expected a price such as "100 per 1.00 GBP" or "500 for 5.00 GBP"

kind = "order credit"
price = "100 per 0.00 GBP"
    11: reward[0].price: "100 per 0.00 GBP" is no money: expected more than zero

kind = "free product"
price = "100 per 1.00 GBP"
    11: reward[0].price: "100 per 1.00 GBP" is worth money, as only an order credit is: expected a number of points such as 800

kind = "benefit"
price = 1
limit = "50% of the basket"
    12: reward[0].limit: "50% of the basket" limits no money: expected this on an order credit

kind = "benefit"
price = 1
when = { tier = "gold" }
    12: reward[0].when.tier: "gold" is not known: expected what this file defines, which is none
"#,
    );
}
