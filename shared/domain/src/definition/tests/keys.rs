//! Every key of the language is read by something.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;

/// Every key, and a change of the program of the gallery that stands beside it: a text
/// that it contains once, and another in its place (`⏎` is a new line).
const KEYS: &str = r#"
program.id                     | house     | "house"                   | "home"
program.name                   | house     | name      = "House Rewards" | name = "Home"
program.time_zone              | house     | Europe/London             | Europe/Paris
program.money                  | house     | money     = "GBP"         | money = "EUR"
program.late_by_at_most        | coffee    | "2 months"                | "3 months"
points.name                    | coffee    | name     = {              | # {
points.name.one                | coffee    | "Bean"                    | "Crumb"
points.name.other              | house     | other = "points"          | other = "Points"
points.decimals                | coffee    | decimals = 3              | decimals = 2
points.cost                    | house     | "0.01 GBP"                | "0.02 GBP"
points.pending                 | house     | "14 days"                 | "15 days"
points.expiry                  | coffee    | expiry   = "never"        |
points.expiry.after            | house     | "12 months"               | "13 months"
points.expiry.round            | house     | "end of month"            | "none"
points.expiry.inactive         | furniture | "18 months"               | "19 months"
points.expiry.yearly           | coffee    | "never"                   | { yearly = "1 March" }
points.expiry.on               | coffee    | "never"                   | { on = 2030-01-01 }
points.rounding                | coffee    | rounding =                | #
points.rounding.mode           | coffee    | "half even"               | "half up"
points.rounding.scope          | coffee    | "line"                    | "order"
points.refund                  | coffee    | refund   =                | #
points.refund.clawback         | furniture | "write off"               | "pending only"
points.refund.returned_points_live_at_least | coffee | "2 weeks"       | "3 weeks"
currency.id                    | furniture | id   = "stamps"           | id = "coins"
currency.name                  | furniture | name = { one = "stamp"    | name = { one = "mark"
currency.name.one              | furniture | one = "stamp"             | one = "mark"
currency.name.other            | furniture | other = "stamps"          | other = "marks"
currency.decimals              | furniture | id   = "stamps"           | id = "stamps"⏎decimals = 1
currency.rounding              | furniture | id   = "stamps"           | id = "stamps"⏎rounding = { mode = "up" }
currency.rounding.mode         | furniture | id   = "stamps"           | id = "stamps"⏎rounding = { mode = "up" }
currency.rounding.scope        | furniture | id   = "stamps"           | id = "stamps"⏎rounding = { scope = "line" }
base                           | coffee    | discounts          = "ignored" |
base.discounts                 | coffee    | "ignored"                 | "deducted"
base.with                      | furniture | with = "tax"              | with = []
base.without_categories        | coffee    | "donation",               |
base.only_tenders              | coffee    | "app_balance"]            | "wallet"]
base.without_tenders           | coffee    | "points", "gift_card"     | "points"
earn.id                        | house     | id     = "spend"          | id = "paid"
earn.on                        | house     | "spend"⏎on     = "order"  | "spend"⏎on = "review"
earn.points                    | house     | "1 per 1.00 GBP"       #  | "2 per 1.00 GBP" #
earn.points.flat               | coffee    | flat = 2.5                | flat = 3
earn.points.on_partial_refund  | coffee    | "proportional"            | "keep"
earn.points.bands              | furniture | "30.00 EUR"               | "31.00 EUR"
earn.points.above              | furniture | above = 80                | above = 90
earn.times                     | house     | times  = 2                | times = 3
earn.currency                  | furniture | currency = "stamps"       | currency = "points"
earn.when                      | house     | when   = { category = "coffee" } |
earn.when.product              | coffee    | "own-cup-discount"        | "cup"
earn.when.category             | house     | category = "coffee"       | category = "tea"
earn.when.brand                | furniture | "own"                     | "other"
earn.when.channel              | furniture | channel = "store"         | channel = "app"
earn.when.store                | coffee    | "station",                |
earn.when.paid_only_with       | furniture | "shop_card"               | "card"
earn.when.tier                 | coffee    | tier = "gold"             | tier = "green"
earn.when.from                 | house     | 2026-11-27                | 2026-11-26
earn.when.to                   | house     | 2026-12-01                | 2026-12-02
earn.when.order_at_least       | furniture | "50.00 EUR"               | "60.00 EUR"
earn.unless                    | house     | category = "clearance"    | category = "sale"
earn.base                      | furniture | base   = {                | # {
earn.group                     | coffee    | }⏎group  = "visit"        | }
earn.limit                     | house     | 100 points per month      | 100 points per week
group.id                       | coffee    | id   = "visit"            | id = "way"
group.mode                     | coffee    | mode = "max"              | mode = "first"
stacking                       | coffee    | multipliers = "add"       |
stacking.multipliers           | coffee    | "add"                     | "max"
tiers.measure                  | furniture | measure   = "stamps"      | measure = "orders"
tiers.window                   | house     | "calendar year"           | "lifetime"
tiers.valid                    | coffee    | "12 months"               | "13 months"
tiers.on_refund                | furniture | "recompute"               | "keep"
tiers.downgrade                | coffee    | one level at most         | to the level earned
tiers.levels.id                | furniture | "guest"                   | "visitor"
tiers.levels.name              | furniture | "Family member"           | "Relative"
tiers.levels.from              | house     | "300.00 GBP"              | "301.00 GBP"
tiers.levels.earn_times        | house     | 1.25                      | 1.3
tiers.levels.benefits          | house     | "free-shipping",          |
reward.id                      | house     | "tote-bag"                | "bag"
reward.name                    | house     | "Tote bag"                | "Bag"
reward.kind                    | house     | "free product"            | "benefit"
reward.price                   | house     | price = 800               | price = 801
reward.when                    | house     | when  = { basket          | # {
reward.when.tier               | house     | ["silver", "gold"]        | ["gold"]
reward.when.basket_at_least    | house     | "10.00 GBP"               | "11.00 GBP"
reward.limit                   | house     | 50%                       | 49%
"#;

/// Sections and lists are read when a key in them is. Rules' `unless` and `base` have the
/// shape of `when` and `[base]` and are read by the same code.
fn counted_otherwise(key: &str) -> bool {
    let lists =
        ["program", "points", "currency", "earn", "group", "tiers", "tiers.levels", "reward"];
    lists.contains(&key) || key.starts_with("earn.unless.") || key.starts_with("earn.base.")
}

/// Adds the keys that a schema allows below `path`.
fn add_keys(root: &Value, schema: &Value, path: &str, keys: &mut BTreeSet<String>) {
    if let Some(name) = schema["$ref"].as_str().and_then(|it| it.strip_prefix("#/$defs/")) {
        add_keys(root, &root["$defs"][name], path, keys);
    }
    let forms = schema["anyOf"].as_array().into_iter().flatten();
    for form in forms.chain(schema.get("items")) {
        add_keys(root, form, path, keys);
    }
    for (key, value) in schema["properties"].as_object().into_iter().flatten() {
        let key = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        add_keys(root, value, &key, keys);
        keys.insert(key);
    }
}

#[test]
fn every_key_of_the_schema_is_read() {
    let (schema, mut keys) = (schema(), BTreeSet::new());
    add_keys(&schema, &schema, "", &mut keys);
    keys.retain(|key| !counted_otherwise(key));
    for line in KEYS.trim().lines() {
        let mut cells = line.split('|').map(|cell| cell.trim().replace('⏎', "\n"));
        let [key, name, from, to] = std::array::from_fn(|_| cells.next().unwrap_or_default());
        assert!(keys.remove(&key), "{key} is no key, or is twice in the table");
        let text = gallery(&name);
        assert_eq!(text.matches(&from).count(), 1, "{key}: {from} stands once in {name}.toml");
        let changed = meaning(&text.replace(&from, &to));
        assert_ne!(meaning(&text), changed, "{key} is read by nothing");
    }
    assert_eq!(keys, BTreeSet::new(), "keys that are not in the table");
}

#[test]
fn the_schema_speaks_to_editors() {
    let schema = schema();
    assert!(!schema.to_string().contains("null"), "TOML has no null");
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["required"], serde_json::json!(["program", "points"]));
    for (name, table) in schema["$defs"].as_object().expect("definitions") {
        assert_eq!(table["additionalProperties"], false, "{name}");
        for (key, value) in table["properties"].as_object().expect("keys") {
            assert!(value["description"].is_string(), "{name}.{key} is not described");
        }
    }
}
