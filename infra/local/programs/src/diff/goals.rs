//! Challenges and bonuses.

use domain::program::{Goal, GoalKind};

use super::{Comparing, Place};
use crate::{
    explain::{board_words, gives_words, goal_words, span_words, step_words},
    words::{Words, choices},
};

pub(super) fn compare(comparing: &mut Comparing<'_>) {
    let (a, b) = (&comparing.a.program.goals, &comparing.b.program.goals);
    comparing.things("goal", (a, b), |goal| &goal.id, &goal_words, &mut goal);
}

fn goal(comparing: &mut Comparing<'_>, a: &Goal, b: &Goal) {
    let Goal {
        id,
        name,
        kind,
        span,
        joining,
        steps: _,
        needs,
        gives: _,
        badge,
        credited_after,
        synced_before_end,
        first,
        leaderboard,
    } = a;
    let section = match kind {
        GoalKind::Challenge => "challenge",
        GoalKind::Bonus => "bonus",
    };
    let place = Place { section, id: Some(id) };
    let (wa, wb) = (comparing.a, comparing.b);
    comparing.text(place, "name", (name.clone(), b.name.clone()), "");
    let spans = (span_words(&wa, span), span_words(&wb, &b.span));
    comparing.text(place, "span", spans, "it counts over another time");
    let joined = choices::joining;
    let joined = (joined(*joining).to_owned(), joined(b.joining).to_owned());
    comparing.text(place, "joining", joined, "members join it otherwise");
    let all = |words: &Words<'_>, goal: &Goal| {
        let steps: Vec<String> = goal.steps.iter().map(|step| step_words(words, step)).collect();
        steps.join(", ")
    };
    comparing.text(place, "step", (all(&wa, a), all(&wb, b)), "members must do something else");
    let needed = (needs.to_string(), b.needs.to_string());
    comparing.text(place, "needs", needed, "another number of steps completes it");
    let given = (gives_words(&wa, a), gives_words(&wb, b));
    comparing.text(place, "gives", given, "whoever reaches it earns otherwise");
    let badges = |badge: &Option<String>| badge.clone().unwrap_or_else(|| "no badge".to_owned());
    comparing.text(place, "badge", (badges(badge), badges(&b.badge)), "");
    let only = |first: &Option<u32>| {
        first.map_or_else(|| "all".to_owned(), |first| format!("{first} members"))
    };
    let effect = "it is given to another number of members, those who complete it first";
    comparing.text(place, "first", (only(first), only(&b.first)), effect);
    let late = |after: &Option<domain::time::Period>| {
        after.map_or_else(|| "at once".to_owned(), |after| format!("{after} after its end"))
    };
    let credited = (late(credited_after), late(&b.credited_after));
    comparing.text(place, "credited", credited, "what it gives comes at another time");
    let synced = |before: bool| if before { "before the end" } else { "at any time" }.to_owned();
    let handed = (synced(*synced_before_end), synced(b.synced_before_end));
    comparing.text(place, "synced", handed, "");
    let boards = (board_words(*leaderboard).to_owned(), board_words(b.leaderboard).to_owned());
    comparing.text(place, "leaderboard", boards, "");
}
