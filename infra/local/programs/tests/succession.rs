//! Which definition may follow another.

mod common;

use common::{START, gallery, small};
use domain::{definition, program::Program, time::Instant};
use programs::succession::{Code, Version, objections};

const DAY: i64 = 86_400_000;

fn version(text: &str, number: u32, from: Instant) -> Program {
    let program = definition::parse(text, "test.toml", number, from);
    program.unwrap_or_else(|refused| panic!("{refused}\n{text}"))
}

/// What speaks against `next` on the 11th of January after versions of the 1st, 2nd …
fn against(published: &[&str], next: &str) -> Vec<(Code, String)> {
    let start = |at: usize| START.plus_days(i64::try_from(at).expect("few"));
    let programs: Vec<Program> = published
        .iter()
        .enumerate()
        .map(|(at, text)| version(text, u32::try_from(at).expect("few") + 1, start(at)))
        .collect();
    let known: Vec<Version<'_>> =
        programs.iter().zip(published).map(|(program, text)| Version { program, text }).collect();
    let next_program = version(next, u32::try_from(published.len()).expect("few") + 1, start(10));
    let found = objections(&known, &next_program, next, start(10));
    found.into_iter().map(|objection| (objection.code, objection.sentence)).collect()
}

const BASE: &str = r#"[[currency]]
id = "nights"
name = { one = "night", other = "nights" }
[[currency]]
id = "stays"
name = { one = "stay", other = "stays" }
[[earn]]
id = "spend"
on = "order"
points = "1 per 1.00 GBP"
[[earn]]
id = "night"
on = "order"
points = 1
currency = "nights"
[[earn]]
id = "stay"
on = "order"
points = 1
currency = "stays"
[[challenge]]
id = "three"
each = "month"
points = 5
step = [{ of = "order", count = 3 }]
[tiers]
measure = "spend"
levels = [{ id = "a", from = 0 }, { id = "b", from = "5.00 GBP" }, { id = "c", from = "9.00 GBP" }]
[[reward]]
id = "tote"
kind = "free product"
price = 100
"#;

/// Texts of the definition and what stands there instead.
type Changes<'a> = &'a [(&'a str, &'a str)];

#[test]
fn what_changes_its_meaning_cannot_follow() {
    let table: [(Changes<'_>, Code, &str); 12] = [
        (
            &[(
                "\"spend\"\non = \"order\"\npoints = \"1 per 1.00 GBP\"",
                "\"spend\"\non = \"review\"\npoints = 1",
            )],
            Code::IdReused,
            "rule or goal spend gives points for \"review\", and in version 1 it gives points for \
             orders: histories and reports speak of it, so what means something else needs an id of \
             its own",
        ),
        (
            &[(
                "id = \"night\"\non = \"order\"\npoints = 1\ncurrency = \"nights\"",
                "id = \"night\"\non = \"order\"\npoints = 1\n[[earn]]\nid = \"n\"\non = \"order\"\npoints = 1\ncurrency = \"nights\"",
            )],
            Code::IdReused,
            "rule or goal night gives points for orders, and in version 1 it gives nights for orders",
        ),
        (
            &[(
                "points = \"1 per 1.00 GBP\"",
                "times = 2\n[[earn]]\nid = \"s\"\non = \"order\"\npoints = 1",
            )],
            Code::IdReused,
            "rule or goal spend multiplies for orders, and in version 1 it gives points for orders",
        ),
        (
            &[(
                "[[challenge]]\nid = \"three\"\neach = \"month\"\npoints = 5\nstep = [{ of = \"order\", count = 3 }]",
                "[[bonus]]\nid = \"three\"\neach = \"month\"\nof = \"order\"\ntotal = [[3, 5]]",
            )],
            Code::IdReused,
            "rule or goal three is a bonus, and in version 1 it is a challenge",
        ),
        (
            &[("count = 3", "spend = \"30.00 GBP\"")],
            Code::IdReused,
            "step three.1 counts what is spent, and in version 1 it counts how often",
        ),
        (
            &[("\"free product\"", "\"benefit\"")],
            Code::IdReused,
            "reward tote is of the kind \"benefit\", and in version 1 it is of the kind \"free \
             product\"",
        ),
        (
            &[
                ("id = \"b\"", "id = \"x\""),
                ("id = \"c\"", "id = \"b\""),
                ("id = \"x\"", "id = \"c\""),
            ],
            Code::LevelsReordered,
            "the level c would be below b, which it was above",
        ),
        (&[("GBP", "EUR")], Code::Money, "it counts EUR and the version before GBP"),
        (
            &[("cost =", "decimals = 0\ncost ="), ("decimals = 2\n", "")],
            Code::Decimals,
            "points keep 0 decimals and kept 2 before: what members have is kept in the finer ones",
        ),
        (
            &[("id = \"nights\"", "id = \"nights\"\ndecimals = 1")],
            Code::Decimals,
            "nights keep 1 decimals and kept 0 before: what members have is kept in the old ones",
        ),
        (
            &[
                (
                    "[[currency]]\nid = \"stays\"\nname = { one = \"stay\", other = \"stays\" }\n",
                    "",
                ),
                ("[[earn]]\nid = \"stay\"\non = \"order\"\npoints = 1\ncurrency = \"stays\"\n", ""),
            ],
            Code::Currencies,
            "stays is gone: what is counted of a currency is kept under its place",
        ),
        (
            &[("\"nights\"", "\"x\""), ("\"stays\"", "\"nights\""), ("\"x\"", "\"stays\"")],
            Code::Currencies,
            "stays stands where nights stood",
        ),
    ];
    for (changes, code, sentence) in table {
        let fine = changes.iter().any(|(from, _)| from.starts_with("decimals"));
        let before = match fine {
            true => small(BASE).replace("cost =", "decimals = 2\ncost ="),
            false => small(BASE),
        };
        let next = changes.iter().fold(before.clone(), |text, (from, to)| text.replace(from, to));
        let found = against(&[&before], &next);
        assert!(
            found.iter().any(|(is, told)| *is == code && told.starts_with(sentence)),
            "{code:?}: {found:?}"
        );
    }
}

#[test]
fn an_id_keeps_its_meaning_even_where_a_version_did_without_it() {
    let first = small(BASE);
    let without = first.replace("id = \"tote\"", "id = \"bag\"");
    let again = first.replace("\"free product\"", "\"benefit\"");
    let found = against(&[&first, &without], &again);
    assert_eq!(found.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [Code::IdReused]);
    assert!(found[0].1.contains("in version 1"), "{found:?}");
}

#[test]
fn new_numbers_new_things_and_finer_points_can_follow() {
    let before = small(BASE);
    let changes = [
        ("1 per 1.00 GBP", "2 per 1.00 GBP"),
        ("9.00 GBP", "19.00 GBP"),
        ("price = 100", "price = 150"),
        ("cost =", "decimals = 2\ncost ="),
        ("count = 3", "count = 5"),
        ("[tiers]", "[[earn]]\nid = \"new\"\non = \"review\"\npoints = 5\n[tiers]"),
        ("Europe/London", "Europe/Paris"),
    ];
    let next = changes.iter().fold(before.clone(), |text, (from, to)| text.replace(from, to));
    assert_eq!(against(&[&before], &next), []);
    assert_eq!(against(&[], &gallery("house")), [], "the first follows nothing");
}

#[test]
fn a_text_does_not_follow_itself_and_multiplies_points_once() {
    let text = small(BASE);
    let codes = |published: &[&str], next: &str| -> Vec<Code> {
        against(published, next).into_iter().map(|(code, _)| code).collect()
    };
    assert_eq!(codes(&[&text], &text), [Code::Identical]);
    let five = text.replace("cost =", "redenominated = 5\ncost =");
    assert_eq!(codes(&[&text], &five), []);
    let more = five.replace("price = 100", "price = 500");
    assert_eq!(codes(&[&text, &five], &more), [Code::RedenominatedAgain]);
    assert_eq!(codes(&[&text, &five], &text), [], "back to an older text");
}

#[test]
fn versions_start_in_order_and_not_in_the_past() {
    let (text, other) = (small(BASE), small(&BASE.replace("price = 100", "price = 101")));
    let first = version(&text, 1, START);
    let at = |millis: i64, now: i64| {
        let next = version(&other, 2, START.plus_millis(millis));
        let known = [Version { program: &first, text: &text }];
        let found = objections(&known, &next, &other, START.plus_millis(now));
        found.into_iter().map(|objection| objection.code).collect::<Vec<_>>()
    };
    assert_eq!(at(DAY, 0), []);
    assert_eq!(at(DAY, DAY + 60_000), [], "a clock may be wrong by a minute");
    assert_eq!(at(DAY, DAY + 60_001), [Code::InThePast]);
    assert_eq!(at(-1, -1), [Code::BeforeTheLast]);
    assert_eq!(at(0, 0), [], "of two of one instant the later one counts");
}
