//! What several orders or activities together give.

use domain::points::Points;
use domain::program::{
    Gives, Goal, GoalKind, Joining, Leaderboard, LimitPer, Span, Step, StepMeasure, Trigger, Word,
};

use super::Teller;
use crate::words::{Words, all_of, any_of, each, formulas::percent, spoken};

pub(super) fn tell(teller: &mut Teller<'_>) {
    let (mut challenges, mut bonuses) = (0, 0);
    for goal in &teller.program().goals {
        let (section, count) = match goal.kind {
            GoalKind::Challenge => ("challenge", &mut challenges),
            GoalKind::Bonus => ("bonus", &mut bonuses),
        };
        let path = format!("{section}[{count}]");
        *count += 1;
        told(teller, &path, goal);
    }
}

fn told(teller: &mut Teller<'_>, path: &str, goal: &Goal) {
    let Goal { id, kind, joining, credited_after, synced_before_end, leaderboard, .. } = goal;
    teller.tell_of(path, id, goal_words(&teller.words, goal));
    if let Gives::Each { times, .. } = goal.gives {
        let often = if times == 1 { "once".to_owned() } else { format!("{times} times") };
        teller.note_of(format!("{path}.repeat"), id, format!("it can be completed {often}"));
    }
    let joining = match joining {
        Joining::Automatic => "everybody takes part",
        Joining::Activated => "what is done counts from when a member takes it up",
        Joining::ActivatedBeforeStart => "members must take it up before it starts",
    };
    if *kind == GoalKind::Challenge {
        teller.tell_of(format!("{path}.joining"), id, joining);
    }
    let credited = match credited_after {
        None => "what it gives comes at once".to_owned(),
        Some(after) => format!("what it gives comes {after} after its end"),
    };
    if credited_after.is_some() || teller.is_for_staff() {
        teller.tell_of(format!("{path}.credited"), id, credited);
    }
    if *synced_before_end {
        let text = "what was done must be handed over before its end";
        teller.tell_of(format!("{path}.synced"), id, text);
    }
    if *leaderboard != Leaderboard::None {
        teller.tell_of(format!("{path}.leaderboard"), id, board_words(*leaderboard));
    }
}

/// Whom it ranks.
pub(crate) fn board_words(leaderboard: Leaderboard) -> &'static str {
    match leaderboard {
        Leaderboard::None => "nobody is ranked",
        Leaderboard::OptIn => "members who agreed to it are ranked",
    }
}

/// What is to be done, when, and what that gives.
pub(crate) fn goal_words(words: &Words<'_>, goal: &Goal) -> String {
    // How members join, and when they are credited, is told beside it.
    let Goal {
        id: _,
        name,
        kind: _,
        span,
        joining: _,
        steps,
        needs,
        gives,
        badge,
        credited_after: _,
        synced_before_end: _,
        first,
        leaderboard: _,
    } = goal;
    let done = match gives {
        Gives::Each { .. } => {
            let steps: Vec<String> = steps.iter().map(|step| step_words(words, step)).collect();
            let of = match (*needs, steps.len()) {
                (needs, all) if needs == all => all_of(&steps),
                (1, _) => any_of(&steps),
                (needs, _) => format!("{needs} of these: {}", steps.join(", ")),
            };
            format!(": {of}")
        }
        Gives::Total(_) | Gives::Share { .. } => String::new(),
    };
    let badge = badge.as_ref().map(|badge| format!(", and the badge {badge:?}"));
    let gives = gives_words(words, goal);
    let only = match first {
        None => String::new(),
        Some(1) => ", for the member who completes it first".to_owned(),
        Some(first) => format!(", for the {first} members who complete it first"),
    };
    let (span, badge) = (span_words(words, span), badge.unwrap_or_default());
    format!("{name}, {span}{done}: {gives}{badge}{only}")
}

/// Over which time a goal counts.
pub(crate) fn span_words(words: &Words<'_>, span: &Span) -> String {
    match span {
        Span::Each(LimitPer::Lifetime) => "once and for ever".to_owned(),
        Span::Each(per) => format!("in each {}", each(*per)),
        Span::Between { from, to } => words.span(Some(*from), Some(*to)).unwrap_or_default(),
    }
}

/// What is to be done in a step.
pub(crate) fn step_words(words: &Words<'_>, step: &Step) -> String {
    let mut text = format!("{}{}", measured(words, step, step.at_least), asked(words, step));
    if !step.points.is_zero() {
        text.push_str(&format!(" (which alone gives {})", words.points(0, step.points)));
    }
    text
}

/// How much of what is asked for, without its conditions.
fn measured(words: &Words<'_>, step: &Step, at_least: i64) -> String {
    let Step { id: _, rule, measure, at_least: _, points: _ } = step;
    let Some(rule) = words.program.earn.get(*rule) else { return String::new() };
    let (one, many) = match &rule.on {
        Trigger::Order => ("order".to_owned(), "orders".to_owned()),
        Trigger::Activity(kind) => (spoken(kind), format!("times {}", spoken(kind))),
    };
    match measure {
        StepMeasure::Times if at_least == 1 => one,
        StepMeasure::Times => format!("{at_least} {many}"),
        StepMeasure::Spend => format!("{} spent", words.money(at_least)),
        StepMeasure::Quantity => {
            let of = if rule.on == Trigger::Order { "items" } else { &one };
            format!("{} {of}", thousandths(at_least))
        }
        StepMeasure::Different(word) => format!("{at_least} different {}", plural(*word)),
        StepMeasure::InARow(per) => {
            let per = each(*per);
            format!("{at_least} {per}s in a row with at least one {one}")
        }
        StepMeasure::PointsOf(rules) => format!("what {}", words.rules_give(rules)),
    }
}

/// The conditions of a step.
fn asked(words: &Words<'_>, step: &Step) -> String {
    let Some(rule) = words.program.earn.get(step.rule) else { return String::new() };
    let clauses = words.conditions(&rule.when).into_iter().chain(words.exclusions(&rule.unless));
    clauses.map(|clause| format!(" {clause}")).collect()
}

fn thousandths(amount: i64) -> String {
    let text = format!("{}.{:03}", amount / 1_000, amount % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn plural(word: Word) -> &'static str {
    match word {
        Word::Product => "products",
        Word::Category => "categories",
        Word::Brand => "brands",
        Word::Store => "stores",
        Word::Channel => "channels",
        Word::Subject => "things",
    }
}

/// What a goal gives.
pub(crate) fn gives_words(words: &Words<'_>, goal: &Goal) -> String {
    match &goal.gives {
        Gives::Each { points, .. } if points.is_zero() => "done".to_owned(),
        Gives::Each { points, times: 1 } => words.points(0, *points),
        Gives::Each { points, times } => {
            format!("{}, up to {times} times", words.points(0, *points))
        }
        Gives::Total(table) => {
            let Some(step) = goal.steps.first() else { return String::new() };
            let row = |(at, (at_least, points)): (usize, &(i64, Points))| {
                let of = match at {
                    0 => measured(words, step, *at_least),
                    _ => at_least.to_string(),
                };
                format!("{} for {of}", words.points(0, *points))
            };
            let rows: Vec<String> = table.iter().enumerate().map(row).collect();
            format!("in all {}{}", all_of(&rows), asked(words, step))
        }
        Gives::Share { share, at_most } => {
            let [spent, of] = goal.steps.as_slice() else { return String::new() };
            let (spent, of) = (step_words(words, spent), measured(words, of, 0));
            let most = at_most.map(|most| format!(", at most {}", words.points(0, most)));
            let share = percent(*share);
            format!("{share} of {of} for {spent}{}", most.unwrap_or_default())
        }
    }
}
