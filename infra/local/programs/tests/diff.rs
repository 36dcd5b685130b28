//! What a new version changes, and for whom.

mod common;

use common::{gallery, golden, names, program};
use domain::definition;
use programs::diff::diff;

fn told(before: &str, after: &str) -> Vec<String> {
    diff(&program(before), &program(after)).iter().map(ToString::to_string).collect()
}

#[test]
fn the_same_is_no_difference() {
    for name in names() {
        let text = gallery(&name);
        assert_eq!(told(&text, &text), [""; 0], "{name}");
    }
}

#[test]
fn a_changed_house_program_is_told_thing_by_thing() {
    let changes = [
        ("points = \"1 per 1.00 GBP\"       #", "points = \"2 per 1.00 GBP\"       #"),
        (
            "limit  = [\"100 points per month\"]",
            "limit  = [\"50 points per month\", \"5 per week\"]",
        ),
        ("to = 2026-12-01", "to = 2026-12-02"),
        ("pending = \"14 days\"", "pending = \"30 days\""),
        ("\"12 months\"", "\"6 months\""),
        ("\"allow debt\"", "\"write off\""),
        ("\"900.00 GBP\", earn_times = 1.5", "\"1200.00 GBP\", earn_times = 2"),
        ("\"at review\"", "\"recompute\""),
        ("price = 800", "price = 900"),
        ("\"50% of the basket\"", "\"25% of the basket\", \"1 per week\""),
        (
            "[[reward]]\nid    = \"tasting-evening\"",
            "[[reward]]\nid    = \"mug\"\nkind  = \"free product\"\nprice = 300\n\n\
             [[reward]]\nid    = \"evening\"",
        ),
        (
            "[[earn]]\nid     = \"black-friday\"",
            "[[earn]]\nid     = \"review\"\non     = \"review\"\npoints = 25\n\n\
             [[earn]]\nid     = \"black-friday\"",
        ),
    ];
    let before = gallery("house");
    let after = changes.iter().fold(before.clone(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text.replace(from, to)
    });
    golden("house.diff.txt", &format!("{}\n", told(&before, &after).join("\n")));
    golden("house.diff.back.txt", &format!("{}\n", told(&after, &before).join("\n")));
}

#[test]
fn rates_shrink_to_what_changed() {
    let with = |points: &str| {
        common::small(&format!("[[earn]]\nid = \"spend\"\non = \"order\"\npoints = {points}\n"))
    };
    let table = [
        (
            "\"1 per 1.00 GBP\"",
            "\"2 per 1.00 GBP\"",
            "spend: 1 → 2 points for each 1.00 GBP: every order earns more",
        ),
        (
            "\"2 per full 5.00 GBP\"",
            "\"1 per full 5.00 GBP\"",
            "spend: 2 → 1 point for each full 5.00 GBP: every order earns less",
        ),
        (
            "\"1 per 1.00 GBP\"",
            "25",
            "spend: 1 point for each 1.00 GBP → 25 points: every order earns otherwise",
        ),
    ];
    for (before, after, sentence) in table {
        assert_eq!(told(&with(before), &with(after)), [sentence]);
    }
}

/// Every number of every program of the gallery, one more: whatever still is a program
/// must differ.
#[test]
fn no_number_changes_unseen() {
    let mut changed = 0;
    for name in names() {
        let text = gallery(&name);
        let before = program(&text);
        for (at, end) in numbers(&text) {
            let number: u64 = text[at..end].parse().expect("digits");
            let after = format!("{}{}{}", &text[..at], number + 1, &text[end..]);
            let Ok(after) = definition::parse(&after, "after.toml", 1, common::START) else {
                continue;
            };
            let line = text[..at].matches('\n').count() + 1;
            changed += 1;
            assert!(!diff(&before, &after).is_empty(), "{name}:{line}: {}", number + 1);
        }
    }
    assert!(changed > 500, "{changed}");
}

/// Where whole numbers stand that mean something.
fn numbers(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let stated = line.split('#').next().unwrap_or_default();
        let key = stated.split('=').next().unwrap_or_default().trim();
        let said = ["as_of", "source", "name", "id"].contains(&key) || stated.contains("name =");
        let mut digits = None;
        for (at, char) in stated.char_indices().filter(|_| !said) {
            match (char.is_ascii_digit(), digits) {
                (true, None) => digits = Some(at),
                (false, Some(from)) => {
                    found.push((start + from, start + at));
                    digits = None;
                }
                _ => {}
            }
        }
        start += line.len();
    }
    found
}
