//! The format of stories: what is refused, and what a failing story says.

use crate::{definitions::with, file::Story, teller::tell};

#[test]
fn a_badly_written_story_is_refused_with_all_its_lines() {
    let text = "
        2026-01-01  join | 0
        program house
        yesterday  order A $5
        2026-01-02
        2026-01-03  - | {keep: 1 | recompute: 2}
        with a.b
        then other
    ";
    let wrong = Story::read(text).expect_err("five mistakes");
    let said: Vec<&str> = wrong.iter().filter_map(|wrong| wrong.split(':').next()).collect();
    assert_eq!(said, ["4", "5", "7", "8", "6"], "{wrong:#?}");
}

#[test]
fn every_alternative_must_be_told() {
    let text = "
        program house
        with tiers.on_refund = \"keep\" | \"at review\"
        2026-01-01  join | 0 tier={keep: member}
        2026-01-02  -    | {keep: 1 | at review: 2} tier={keep: a|at review: b}
    ";
    let wrong = Story::read(text).expect_err("a missing alternative");
    assert_eq!(wrong, ["4: {keep: member} does not say what at review gives"]);
    let text = text.replace("{keep: member}", "member");
    let story = Story::read(&text).expect("a story");
    let lines = story.variants().into_iter().map(|v| story.lines[1].expected_for(v.as_ref()));
    let lines: Vec<String> = lines.map(|line| line.expect("every alternative")).collect();
    assert_eq!(lines, ["1 tier=a", "2 tier=b"]);
}

#[test]
fn a_key_is_changed_where_it_stands() {
    let text = "[tiers] # levels\non_refund = \"keep\" # or not\n\
                [[earn]]\nid = \"a\"\npoints = 1\n[[earn]]\nid = \"b\"\npoints = { flat = 2 }\n";
    let changed = with(text, "tiers.on_refund", "\"recompute\"").expect("the key");
    assert_eq!(changed, text.replace("\"keep\"", "\"recompute\""));
    let changed = with(text, "earn.b.points.flat", "3").expect("the key");
    assert_eq!(changed, text.replace("flat = 2", "flat = 3"));
    assert_eq!(with(text, "tiers.window", "1"), None);
    assert_eq!(with(text, "earn.c.points", "1"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_story_says_what_was_found_and_why() {
    let told = tell(
        "program house
         2026-06-01  join              | 0
         2026-06-02  order A £80.00    | 0     pending=81 coffee-corner=CHANNEL
         2026-06-03  redeem R 100 reward=money-off basket=£50 | 5
         2026-06-03  dance             | 0
         2026-06-01  -                 | 0
         2026-06-20  -                 | 79",
    )
    .await;
    let expected = [
        ("3: 2026-06-02", "pending: expected 81, found 80"),
        ("3: 2026-06-02", "coffee-corner: expected CHANNEL, found CATEGORY"),
        ("3: 2026-06-02", "spend: 1 point per"),
        ("4: 2026-06-03", "expected 5, found INSUFFICIENT_POINTS"),
        ("4: 2026-06-03", "100 points requested but only 0 available"),
        ("5: 2026-06-03", "\"dance\" is no fact"),
        ("6: 2026-06-01", "time only moves forward"),
        ("7: 2026-06-20", "expected 79, found 80"),
    ];
    for (line, says) in expected {
        let found = told.iter().any(|wrong| wrong.starts_with(line) && wrong.contains(says));
        assert!(found, "{line} … {says} is not in\n{}", told.join("\n"));
    }
    assert_eq!(told.len(), 5, "{told:#?}");
}
