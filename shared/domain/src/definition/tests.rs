//! The language from outside: text in, a program or sentences out.

mod keys;
mod refusals;

use super::*;
use crate::{program::Effect, ratio::Ratio};

const START: Instant = Instant::from_millis(1_767_225_600_000); // 2026-01-01

fn gallery(name: &str) -> String {
    let path = format!("{}/../programs/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).expect("a program of the gallery")
}

/// Everything that a text means, or the sentences that it is refused with.
fn meaning(text: &str) -> Result<String, String> {
    let program = parse(text, "small.toml", 1, START);
    program.map(|program| format!("{program:?}")).map_err(|refused| refused.to_string())
}

/// The seven lines of the smallest program, and what follows them.
fn small(rest: &str) -> String {
    let start = r#"[program]
id = "small"
name = "Small"
time_zone = "Europe/London"
money = "GBP"
[points]
cost = "0.01 GBP"
"#;
    format!("{start}{rest}")
}

#[test]
fn the_gallery_is_good() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../programs");
    let files = std::fs::read_dir(folder).expect("the gallery");
    let mut names: Vec<String> = files
        .map(|file| file.expect("a file").file_name().into_string().expect("a name"))
        .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
        .collect();
    names.sort_unstable();
    let refused = names.iter().filter_map(|name| meaning(&gallery(name)).err());
    let refused: Vec<String> = refused.collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    assert!(names.len() >= 3, "{names:?}");
}

#[test]
fn defaults_are_what_a_small_careful_shop_wants() {
    let spelt_out = r#"[program]
id = "small"
name = "Small"
time_zone = "Europe/London"
money = "GBP"
late_by_at_most = "12 months"
[points]
cost = "0.01 GBP"
name = { one = "point", other = "points" }
decimals = 0
pending = "at once"
expiry = { after = "12 months", round = "end of month" }
rounding = { mode = "down", scope = "order" }
refund = { clawback = "allow debt", returned_points_live_at_least = "30 days" }
[base]
discounts = "deducted"
with = []
without_categories = ["gift_card"]
without_tenders = ["points"]
[stacking]
multipliers = "multiply"
[[earn]]
id = "visit"
on = "order"
currency = "points"
points = { flat = 5, on_partial_refund = "keep" }
[tiers]
measure = "spend"
window = "calendar year"
valid = "rest of this year and all of next"
on_refund = "at review"
downgrade = "to the level earned"
levels = [{ id = "every-body", name = "Every body", from = 0, earn_times = 1 }]
"#;
    let short = small(
        r#"
[[earn]]
id = "visit"
on = "order"
points = 5
[tiers]
measure = "spend"
levels = [{ id = "every-body", from = 0 }]
"#,
    );
    assert_eq!(meaning(spelt_out).expect("good"), meaning(&short).expect("good"));
}

#[test]
fn a_number_means_what_is_written() {
    let rules = r#"
[[earn]]
id = "visit"
on = "order"
points = 1_000
[[earn]]
id = "tenth"
on = "order"
times = 0.1
"#;
    let program = parse(&small(rules), "small.toml", 1, START).expect("good");
    // As a double, 0.1 would be 0.1000000000000000055….
    let Effect::Times(tenth) = program.earn[1].effect else { panic!("a multiplier") };
    assert_eq!(Some(tenth), Ratio::new(1, 10));
}

#[test]
fn a_base_of_a_rule_starts_from_the_programs() {
    let rules = r#"
[base]
with = "tax"
[[earn]]
id = "a"
on = "order"
points = 1
base = { without_categories = [] }
[[earn]]
id = "b"
on = "order"
points = 1
base = { with = "tax" }
"#;
    let program = parse(&small(rules), "small.toml", 1, START).expect("good");
    assert_eq!(program.bases.len(), 2, "a base that says nothing new is none");
    assert!(program.bases[1].with_tax && program.bases[1].without_categories.is_empty());
    assert_eq!((program.earn[0].base, program.earn[1].base), (1, 0));
}

#[test]
fn only_where_multipliers_multiply_may_one_be_less_than_one() {
    let half = |multipliers: &str| {
        let rules = r#"
[[earn]]
id = "visit"
on = "order"
points = 1
[[earn]]
id = "half"
on = "order"
times = 0.5
"#;
        meaning(&small(&format!("[stacking]\nmultipliers = {multipliers:?}{rules}")))
    };
    assert_eq!(half("multiply").err(), None);
    assert!(half("add").is_err() && half("max").is_err());
}

#[test]
fn members_without_a_level_are_as_those_of_the_lowest_on_which_points_end() {
    let expiry = |by_tier: &str| {
        let tiers = r#"
[tiers]
measure = "spend"
levels = [{ id = "member", from = 0 }, { id = "gold", from = "500.00 GBP" }]
"#;
        let text = small(&format!("expiry = {{ by_tier = {by_tier} }}{tiers}"));
        let program = parse(&text, "small.toml", 1, START).expect("good");
        format!("{:?}", program.points().expiry)
    };
    let after = |months: u8, id| format!("{id} = {{ after = \"{months} months\" }}");
    let both = format!("{{ {}, {} }}", after(24, "gold"), after(6, "member"));
    assert!(expiry(&both).contains("Months(6)"), "{both}");
    assert_eq!(expiry("{ member = \"never\", gold = \"never\" }"), "Never");
}

#[test]
fn what_a_file_states_is_known_by_the_paths_of_problems() {
    let keys = stated_keys(&small("[tiers]\nlevels = [{ id = \"a\", from = 0 }]\n"));
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    assert!(keys.contains(&"points.cost") && keys.contains(&"tiers.levels[0].from"), "{keys:?}");
    assert_eq!((keys.len(), stated_keys("= no TOML").len()), (12, 0), "{keys:?}");
}
