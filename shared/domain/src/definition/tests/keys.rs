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
program.guest_orders           | house     | guest_orders = "30 days"  | guest_orders = "60 days"
program.as_of                  | bonvoy    | 2026-11-22                | 2026-11-23
program.source                 | bonvoy    | "public pages of 2019     | "pages of 2019
notices.points                 | ikea_us   | "30 days", "7 days"       | "29 days", "7 days"
notices.tier                   | satchel_vip | tier = "30 days"        | tier = "29 days"
referral.link                  | lucy_yak  | "https://example.org/?by={code}" | "https://example.com/?by={code}"
referral.within                | lucy_yak  | "90 days"                 | "91 days"
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
points.expiry.kept_alive_by    | bonvoy    | "conversion"              | "gift"
points.expiry.by               | starbucks_2026 | "1 month"            | "2 months"
points.expiry.reinstated_within | furniture | "18 months"              | "18 months", reinstated_within = "1 month"
points.expiry.by_tier          | starbucks_2026 | reserve = "never" }  | reserve = { on = 2030-01-01 } }
points.expiry.on_downgrade     | starbucks_2026 | "rebase"             | "keep"
points.expiry.yearly           | coffee    | "never"                   | { yearly = "1 March" }
points.expiry.on               | coffee    | "never"                   | { on = 2030-01-01 }
points.rounding                | coffee    | rounding =                | #
points.rounding.mode           | coffee    | "half even"               | "half up"
points.rounding.scope          | coffee    | "line"                    | "order"
points.refund                  | coffee    | refund   =                | #
points.refund.clawback         | furniture | "write off"               | "pending only"
points.refund.returned_points_live_at_least | coffee | "2 weeks"       | "3 weeks"
points.redenominated           | gap_encore_2026 | = 5                 | = 6
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
earn.points.share_of           | bonvoy    | ["base", "base-long-stay", "base-executive"], percent = 10 | "base", percent = 10
earn.points.percent            | bonvoy    | percent = 10              | percent = 11
earn.points.chance              | race      | "1 in 10"                 | "1 in 20"
earn.points.by_tier            | starbucks_2026 | gold = "1.2 per      | gold = "1.3 per
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
earn.when.label                | race      | label = "friend"          | label = "staff"
earn.when.subject              | race      | subject = "instagram"     | subject = "tiktok"
earn.when.weekday              | product_types | ["Saturday", "Sunday"] | "Saturday"
earn.when.day                  | starbucks_2026 | 2026-05-01           | 2026-05-02
earn.when.only                 | product_types | , only = "the first order" |
earn.when.birthday             | race      | "in the month"            | "on the day"
earn.when.lines_at_most        | bonvoy    | lines_at_most = 1         | lines_at_most = 2
earn.when.cel                  | cause_only | order.hour >= 18         | order.hour >= 19
earn.when.from                 | house     | 2026-11-27                | 2026-11-26
earn.when.to                   | house     | 2026-12-01                | 2026-12-02
earn.when.order_at_least       | furniture | "50.00 EUR"               | "60.00 EUR"
earn.unless                    | house     | category = "clearance"    | category = "sale"
earn.base                      | furniture | base   = {                | # {
earn.group                     | coffee    | }⏎group  = "visit"        | }
earn.limit                     | house     | 100 points per month      | 100 points per week
earn.pending                   | product_types | 2027-01-15            | 2027-01-16
earn.expiry                    | product_types | 2027-07-01            | 2027-07-02
challenge.id                   | race      | "far"                     | "long"
challenge.name                 | race      | "Twenty and more"         | "Twenty"
challenge.from                 | race      | 2026-06-01                | 2026-06-02
challenge.to                   | race      | 2026-07-01                | 2026-07-02
challenge.each                 | employee_recognition | each   = "quarter" | each = "year"
challenge.time_zone            | race      | "Asia/Tokyo"              | "Asia/Kolkata"
challenge.joining              | race      | "activated before it starts" | "activated by the member"
challenge.when                 | race      | "runner"                  | "walker"
challenge.step.id              | race      | id = "run"                | id = "way"
challenge.step.of              | race      | of = "run"                | of = "walk"
challenge.step.when            | race      | "shoes"                   | "socks"
challenge.step.unless          | race      | "treadmill"               | "indoors"
challenge.step.count           | race      | count = 2                 | count = 3
challenge.step.different       | race      | different = "brand"       | different = "category"
challenge.step.in_a_row        | employee_recognition | "week"         | "month"
challenge.step.spend           | race      | "50.00 GBP"               | "51.00 GBP"
challenge.step.quantity        | race      | quantity = 20             | quantity = 21
challenge.step.points          | race      | points = 5                | points = 6
challenge.needs                | race      | "2 steps"                 | "any step"
challenge.points               | race      | points = 200              | points = 201
challenge.repeat               | employee_recognition | badge       | repeat = "2 times"⏎badge
challenge.badge                | employee_recognition | "Steady"       | "Always"
challenge.credited             | race      | "1 week later"            | "2 weeks later"
challenge.first                | nike      | "100 members"             | "99 members"
challenge.synced               | race      | synced = "before the end" |
challenge.leaderboard          | nike      | kilometres in June"⏎leaderboard = "opt in" | kilometres in June"
bonus.id                       | gap_good_rewards_2021 | id        = "brands" | id = "shops"
bonus.name                     | gap_good_rewards_2021 | "Several brands in a year" | "Brands"
bonus.each                     | gap_good_rewards_2021 | each      = "year" | each = "quarter"
bonus.of                       | race      | of = "order"⏎share_of     | of = "run"⏎share_of
bonus.when                     | race      | "web"                     | "app"
bonus.unless                   | race      | "outlet"                  | "online"
bonus.different                | gap_good_rewards_2021 | different = "brand" | different = "product"
bonus.total                    | gap_good_rewards_2021 | [2, 500]       | [2, 501]
bonus.share_of                 | race      | ["spend", "more"]         | "spend"
bonus.percent                  | race      | percent = 300             | percent = 200
bonus.spend                    | race      | "600.00 GBP"              | "601.00 GBP"
bonus.at_most                  | race      | at_most = 3_000           | at_most = 3_001
bonus.credited                 | race      | "4 weeks later"           | "5 weeks later"
group.id                       | coffee    | id   = "visit"            | id = "way"
group.mode                     | coffee    | mode = "max"              | mode = "first"
stacking                       | coffee    | multipliers = "add"       |
stacking.multipliers           | coffee    | "add"                     | "max"
tiers.measure                  | furniture | measure   = "stamps"      | measure = "orders"
tiers.window                   | house     | "calendar year"           | "lifetime"
tiers.valid                    | coffee    | "12 months"               | "13 months"
tiers.on_refund                | furniture | "recompute"               | "keep"
tiers.grace                    | satchel_vip | "1 month"               | "2 months"
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
reward.when.label              | product_types | "newsletter"          | "post"
reward.when.from               | satchel_vip | 2025-11-27T18:00:00     | 2025-11-27
reward.when.to                 | satchel_vip | 2025-12-01              | 2025-12-02
reward.when.basket_at_least    | house     | "10.00 GBP"               | "11.00 GBP"
reward.limit                   | house     | 50%                       | 49%
reward.worth_up_to             | starbucks_2026 | "1.00 USD"⏎          | "1.50 USD"⏎
reward.cost                    | house     | price = 800               | price = 800⏎cost = "4.00 GBP"
reward.undone                  | cause_only | "never"                  | "points come back"
targets                        | house     | in_reach     = "at least 60%" |
targets.cost                   | house     | "at most 3%"              | "at most 4%"
targets.in_reach               | house     | "at least 60%"            | "at least 70%"
targets.first_reward           | house     | "within 120 days"         | "within 90 days"
targets.liability              | house     | "at most 20000.00 GBP"    | "at most 9000.00 GBP"
"#;

/// A program with what no program of the gallery has.
const RACE: &str = r#"
[program]
id = "race"
name = "Race"
time_zone = "Europe/London"
money = "GBP"
[points]
cost = "0.01 GBP"
[[earn]]
id = "spend"
on = "order"
points = "1 per 1.00 GBP"
[[earn]]
id = "more"
on = "order"
points = "2 per 1.00 GBP"
when = { label = "friend" }
[[earn]]
id = "follow"
on = "follow"
points = 20
when = { subject = "instagram" }
[[earn]]
id = "present"
on = "order"
points = { chance = [["1 in 10", 100], ["1 in 1", 1]] }
when = { birthday = "in the month" }
[[challenge]]
id = "far"
name = "Twenty and more"
from = 2026-06-01
to = 2026-07-01
time_zone = "Asia/Tokyo"
joining = "activated before it starts"
when = { label = "runner" }
step = [
  { id = "run", of = "run", quantity = 20, unless = { subject = "treadmill" }, points = 5 },
  { of = "order", spend = "50.00 GBP", when = { category = "shoes" } },
  { of = "order", count = 2, different = "brand" },
]
needs = "2 steps"
points = 200
credited = "1 week later"
synced = "before the end"
[[bonus]]
id = "month"
each = "month"
of = "order"
share_of = ["spend", "more"]
percent = 300
spend = "600.00 GBP"
at_most = 3_000
credited = "4 weeks later"
when = { channel = "web" }
unless = { store = "outlet" }
"#;

/// Sections and lists are read when a key in them is. Tables of conditions have the shape
/// of a rule's `when`, and bases and expiries that of the program's; each is read by the
/// same code.
fn counted_otherwise(key: &str) -> bool {
    let lists = [
        "program",
        "points",
        "currency",
        "earn",
        "group",
        "tiers",
        "tiers.levels",
        "challenge",
        "challenge.step",
        "bonus",
        "notices",
        "referral",
        "referral.when",
        "referral.unless",
        "reward",
    ];
    let same = [
        "earn.unless.",
        "earn.base.",
        "earn.expiry.",
        "challenge.when.",
        "challenge.step.when.",
        "challenge.step.unless.",
        "bonus.when.",
        "bonus.unless.",
        "referral.when.",
        "referral.unless.",
    ];
    lists.contains(&key) || same.iter().any(|table| key.starts_with(table))
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
        let text = if name == "race" { RACE.to_owned() } else { gallery(&name) };
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
