//! Challenges and bonuses: what several orders or activities together give.
//!
//! What a step counts becomes a rule of its own that gives nothing, so that conditions are
//! matched in one place.

use std::collections::BTreeSet;

use super::{
    super::{
        amounts::{Count, Money},
        file::{BonusSection, ChallengeSection, Definition, StepTable, WhenTable},
        problem::{Mistakes, Wrong, one_of},
        times::Moment,
        words::{Joined, Needs, On, Ranked, Repeat},
        written::{OneOrMany, Units, Written},
    },
    Known, all, conditions,
    currencies::POINTS,
    fitting, list, name, new_id,
    sharing::{Sharer, shared},
    tier_list,
};
use crate::{
    points::Points,
    program::{
        Conditions, EarnRule, Effect, GOALS_MAX, Gives, Goal, GoalKind, Joining, Leaderboard,
        LimitPer, MARKS_MAX, RULES_MAX, Span, Step, StepMeasure, Trigger, Word,
    },
    time::Instant,
};

/// The most steps of a goal.
const STEPS_MAX: usize = 32;

/// The goals, in the order of the file: challenges and then bonuses. Their steps' rules
/// are added to `rules`.
pub fn goals(
    file: &Definition,
    known: &Known,
    rules: &mut Vec<EarnRule>,
    mistakes: &mut Mistakes,
) -> Option<Vec<Goal>> {
    let ids = file.challenge.iter().map(|it| &it.id).chain(file.bonus.iter().map(|it| &it.id));
    if let Some(surplus) = ids.clone().nth(GOALS_MAX) {
        let most = format!("at most {GOALS_MAX}");
        mistakes.blame(surplus, Wrong::new("is one goal too many", most));
    }
    let mut seen = BTreeSet::new();
    let mut names = Vec::new();
    for id in ids {
        names.push(new_id(id, &mut seen, known.points(), mistakes));
        if known.rules.iter().any(|rule| rule.id == id.text) {
            mistakes.blame(id, Wrong::new("is an id that is taken", "an id of its own"));
        }
    }
    let challenges: Vec<Option<Goal>> =
        file.challenge.iter().map(|it| challenge(it, known, rules, mistakes)).collect();
    let bonuses: Vec<Option<Goal>> =
        file.bonus.iter().map(|it| bonus(it, known, rules, mistakes)).collect();
    let last = file.bonus.last().map(|it| &it.id).or(file.challenge.last().map(|it| &it.id));
    if let (Some(last), true) = (last, rules.len() > RULES_MAX) {
        let most = format!("at most {RULES_MAX} rules and steps");
        mistakes.blame(last, Wrong::new("is a step too many", most));
    }
    all(names
        .into_iter()
        .zip(challenges.into_iter().chain(bonuses))
        .map(|(id, goal)| Some(Goal { id: id?, ..goal? })))
}

fn challenge(
    section: &ChallengeSection,
    known: &Known,
    rules: &mut Vec<EarnRule>,
    mistakes: &mut Mistakes,
) -> Option<Goal> {
    let units = known.points();
    let name = name(section.name.as_ref(), &section.id, units, mistakes);
    let in_zone = match &section.time_zone {
        Some(zone) => Units { zone: mistakes.read(zone, units)?, ..units.clone() },
        None => units.clone(),
    };
    let span = span(section, &in_zone, mistakes);
    let joining = mistakes.read_or(section.joining.as_ref(), units, Joined(Joining::Automatic));
    if let Some(when) = &section.when {
        fitting::of_the_member(when, mistakes);
    }
    let audience = audience(section.when.as_ref(), known, mistakes);
    only_between(section, joining, mistakes);
    if section.step.is_empty() || section.step.len() > STEPS_MAX {
        let wrong = Wrong::new("has no steps or too many", format!("1 to {STEPS_MAX} steps"));
        mistakes.blame(&section.id, wrong);
    }
    let audience = audience?;
    let mut seen = BTreeSet::new();
    let steps = all(section.step.iter().enumerate().map(|(at, table)| {
        let step = step(&section.id, at, table, &audience, known, rules, mistakes)?;
        if !seen.insert(step.id.clone()) {
            let wrong = Wrong::new("is the id of two steps", "an id of its own for each step");
            let at = table.id.as_ref().map_or(table.of.at.clone(), |id| id.at.clone());
            mistakes.add(at, &step.id, wrong);
        }
        Some(step)
    }));
    let points = match &section.points {
        Some(points) => mistakes.read(points, units),
        None => Some(Points::ZERO),
    };
    let times = mistakes.read_or(section.repeat.as_ref(), units, Repeat(1));
    let badge = section.badge.as_ref().map(|badge| mistakes.read(badge, units));
    let credited = section.credited.as_ref().map(|late| mistakes.read(late, units));
    let first = section.first.as_ref().map(|first| mistakes.read(first, units));
    if let Some(written) = &section.first
        && (section.credited.is_some() || section.points.is_none())
    {
        let wrong = Wrong::new(
            "is for the first members without points at once",
            "points for completing it, and no credited",
        );
        mistakes.blame(written, wrong);
    }
    let synced_before_end = section.synced.as_ref().map(|synced| mistakes.read(synced, units));
    let nobody = Ranked(Leaderboard::None);
    let ranked = mistakes.read_or(section.leaderboard.as_ref(), units, nobody);
    let needs = mistakes.read_or(section.needs.as_ref(), units, Needs(None));
    let (steps, points, times) = (steps?, points?, times?.0);
    let needs = needs?.0.map_or(steps.len(), usize::from);
    let nothing = points.is_zero() && steps.iter().all(|step| step.points.is_zero());
    if nothing && section.badge.is_none() {
        let wrong = Wrong::new("gives nothing", "points, for it or for a step, or a badge");
        mistakes.blame(&section.id, wrong);
    }
    if needs > steps.len() {
        let wrong = Wrong::new("needs more steps than it has", format!("at most {}", steps.len()));
        section.needs.iter().for_each(|needs| mistakes.blame(needs, wrong.clone()));
    }
    if times > 1 && steps.len() > 1 {
        let wrong = Wrong::new("repeats several steps", "this on a challenge of one step");
        section.repeat.iter().for_each(|repeat| mistakes.blame(repeat, wrong.clone()));
    }
    Some(Goal {
        id: String::new(),
        name: name?,
        kind: GoalKind::Challenge,
        span: span?,
        joining: joining?.0,
        steps,
        needs,
        gives: Gives::Each { points, times },
        badge: transposed(badge)?,
        credited_after: transposed(credited)?.map(|late| late.0),
        synced_before_end: transposed(synced_before_end)?.is_some(),
        first: transposed(first)?.map(|first| first.0),
        leaderboard: ranked?.0,
    })
}

/// For whom a challenge is: levels and labels.
fn audience(
    when: Option<&WhenTable>,
    known: &Known,
    mistakes: &mut Mistakes,
) -> Option<Conditions> {
    let tiers = tier_list(when.and_then(|when| when.tier.as_ref()), known, mistakes);
    let labels = when.and_then(|when| when.label.as_ref());
    let labels = list(labels, known.points(), mistakes);
    Some(Conditions { tiers: tiers?, labels: labels?, ..Conditions::default() })
}

/// Notes what is read only of a challenge that comes once, between two times.
fn only_between(section: &ChallengeSection, joining: Option<Joined>, mistakes: &mut Mistakes) {
    if section.each.is_none() {
        return;
    }
    let wrong = |of: &str| Wrong::new(format!("is {of}"), "this beside from and to");
    if let Some(zone) = &section.time_zone {
        mistakes.blame(zone, wrong("not read of a challenge that comes again and again"));
    }
    if let Some(synced) = &section.synced {
        mistakes.blame(synced, wrong("not read of a challenge that comes again and again"));
    }
    if let (Some(joining), Some(Joined(Joining::ActivatedBeforeStart))) =
        (&section.joining, joining)
    {
        mistakes.blame(joining, wrong("never in time for a challenge that comes again and again"));
    }
}

fn transposed<T>(value: Option<Option<T>>) -> Option<Option<T>> {
    value.map_or(Some(None), |value| value.map(Some))
}

fn span(section: &ChallengeSection, units: &Units, mistakes: &mut Mistakes) -> Option<Span> {
    let mut read = |moment: &Option<Written<Moment>>| {
        moment.as_ref().map(|moment| mistakes.read(moment, units))
    };
    let (from, to) = (read(&section.from), read(&section.to));
    match (from, to, &section.each) {
        (Some(from), Some(to), None) => {
            let (from, to): (Instant, Instant) = (from?, to?);
            if to <= from {
                let wrong = Wrong::new("is not after from", "a later time");
                section.to.iter().for_each(|to| mistakes.blame(to, wrong.clone()));
            }
            Some(Span::Between { from, to })
        }
        (None, None, Some(each)) => mistakes.read(each, units).map(|each| Span::Each(each.0)),
        _ => {
            let wrong = Wrong::new("has no span", "from and to, or each");
            mistakes.blame(&section.id, wrong);
            None
        }
    }
}

/// One step: the rule that counts for it is added to `rules`.
fn step(
    goal: &Written<super::super::names::Id>,
    at: usize,
    table: &StepTable,
    audience: &Conditions,
    known: &Known,
    rules: &mut Vec<EarnRule>,
    mistakes: &mut Mistakes,
) -> Option<Step> {
    let units = known.points();
    let on = mistakes.read(&table.of, units);
    let trigger = on.clone().unwrap_or(Trigger::Order);
    let when = conditions::conditions(table.when.as_ref(), &trigger, known, mistakes);
    let unless = conditions::conditions(table.unless.as_ref(), &trigger, known, mistakes);
    let measured = measured(table, known, mistakes);
    let points = match &table.points {
        Some(points) => mistakes.read(points, units),
        None => Some(Points::ZERO),
    };
    let id = match &table.id {
        Some(id) => mistakes.read(id, units).map(String::from)?,
        None => (at + 1).to_string(),
    };
    let (measure, at_least) = measured?;
    let rule = rules.len();
    let when = both(when?, audience, table, mistakes);
    rules.push(counts(format!("{}.{id}", goal.text), on?, when, unless?));
    Some(Step { id, rule, measure, at_least, points: points? })
}

/// The conditions of a step and of its goal, which speaks of the member only.
fn both(
    step: Conditions,
    audience: &Conditions,
    table: &StepTable,
    mistakes: &mut Mistakes,
) -> Conditions {
    let wrong = || Wrong::new("is asked of the challenge and of its step", "one of them to ask");
    let when = table.when.as_ref();
    if let Some(tier) = when.and_then(|when| when.tier.as_ref())
        && !audience.tiers.is_empty()
    {
        tier.all().iter().take(1).for_each(|tier| mistakes.blame(tier, wrong()));
    }
    if let Some(label) = when.and_then(|when| when.label.as_ref())
        && !audience.labels.is_empty()
    {
        label.all().iter().take(1).for_each(|label| mistakes.blame(label, wrong()));
    }
    let or = |of_step: Vec<String>, of_all: &Vec<String>| match of_step.is_empty() {
        true => of_all.clone(),
        false => of_step,
    };
    Conditions {
        tiers: or(step.tiers.clone(), &audience.tiers),
        labels: or(step.labels.clone(), &audience.labels),
        ..step
    }
}

/// What a step counts, and how much of it is asked for.
fn measured(
    table: &StepTable,
    known: &Known,
    mistakes: &mut Mistakes,
) -> Option<(StepMeasure, i64)> {
    let units = known.points();
    let count = table.count.as_ref().map(|count| mistakes.read(count, units));
    let spend = table.spend.as_ref().map(|spend| mistakes.read(spend, units));
    let quantity = table.quantity.as_ref().map(|quantity| mistakes.read(quantity, units));
    let different = table.different.as_ref().map(|field| mistakes.read(field, units));
    let in_a_row = table.in_a_row.as_ref().map(|span| mistakes.read(span, units));
    if let (Some(Some(count)), Some(written)) = (count, &table.count) {
        countable(count, different.is_some() || in_a_row.is_some(), written, mistakes);
    }
    if let (Some(Some(field)), Some(written)) = (different, &table.different) {
        has_word(field, &table.of, written, mistakes);
    }
    if let (Some(Some(span)), Some(written)) = (in_a_row, &table.in_a_row)
        && !matches!(span.0, LimitPer::Day | LimitPer::Week | LimitPer::Month)
    {
        let wrong = Wrong::new("is too long to come in a row", one_of(["day", "week", "month"]));
        mistakes.blame(written, wrong);
    }
    match (count, spend, quantity, different, in_a_row) {
        (count, None, None, None, None) if count.is_some() => {
            Some((StepMeasure::Times, i64::from(count??)))
        }
        (None, Some(spend), None, None, None) => Some((StepMeasure::Spend, spend?)),
        (None, None, Some(quantity), None, None) => Some((StepMeasure::Quantity, quantity?)),
        (Some(count), None, None, Some(field), None) => {
            Some((StepMeasure::Different(field?), i64::from(count?)))
        }
        (Some(count), None, None, None, Some(span)) => {
            Some((StepMeasure::InARow(span?.0), i64::from(count?)))
        }
        _ => {
            let wrong = Wrong::new(
                "stands in a step that does not say what it counts",
                "count (alone, with different or with in_a_row), spend, or quantity",
            );
            mistakes.blame(&table.of, wrong);
            None
        }
    }
}

/// Notes a number that is none, or that asks for more marks than are kept.
fn countable(count: u32, of_marks: bool, written: &Written<Count>, mistakes: &mut Mistakes) {
    if count == 0 {
        mistakes.blame(written, Wrong::new("counts nothing", "at least 1"));
    } else if of_marks && usize::try_from(count).is_ok_and(|count| count > MARKS_MAX) {
        mistakes.blame(written, Wrong::new("is too many", format!("at most {MARKS_MAX}")));
    }
}

/// Notes a word that what is listened to does not have.
fn has_word(field: Word, of: &Written<On>, written: &Written<Word>, mistakes: &mut Mistakes) {
    let known: &[&str] = match of.text.as_str() {
        "order" => &["product", "category", "brand", "store", "channel"],
        _ => &["subject", "store", "channel"],
    };
    let fits = match field {
        Word::Store | Word::Channel => true,
        Word::Product | Word::Category | Word::Brand => of.text == "order",
        Word::Subject => of.text != "order",
    };
    if !fits {
        let what = if of.text == "order" { "orders have" } else { "this activity has" };
        let complaint = format!("is nothing that {what}");
        mistakes.blame(written, Wrong::new(complaint, one_of(known.iter().copied())));
    }
}

fn bonus(
    section: &BonusSection,
    known: &Known,
    rules: &mut Vec<EarnRule>,
    mistakes: &mut Mistakes,
) -> Option<Goal> {
    let units = known.points();
    let name = name(section.name.as_ref(), &section.id, units, mistakes);
    let each = mistakes.read(&section.each, units);
    let credited = section.credited.as_ref().map(|late| mistakes.read(late, units));
    let (steps, gives) = match (&section.total, &section.share_of) {
        (Some(_), None) => totals(section, known, rules, mistakes)?,
        (None, Some(share_of)) => share(section, share_of, known, rules, mistakes)?,
        _ => {
            let wrong = Wrong::new("does not say what it gives", "either total or share_of");
            mistakes.blame(&section.id, wrong);
            return None;
        }
    };
    Some(Goal {
        id: String::new(),
        name: name?,
        kind: GoalKind::Bonus,
        span: Span::Each(each?.0),
        joining: Joining::Automatic,
        needs: steps.len(),
        steps,
        gives,
        badge: None,
        credited_after: transposed(credited)?.map(|late| late.0),
        synced_before_end: false,
        first: None,
        leaderboard: Leaderboard::None,
    })
}

/// Adds the rule that says what a bonus counts, and says where it stands.
fn counted(
    section: &BonusSection,
    known: &Known,
    rules: &mut Vec<EarnRule>,
    mistakes: &mut Mistakes,
) -> Option<usize> {
    let units = known.points();
    let on = mistakes.read(&section.of, units);
    let trigger = on.clone().unwrap_or(Trigger::Order);
    let when = conditions::conditions(section.when.as_ref(), &trigger, known, mistakes);
    let unless = conditions::conditions(section.unless.as_ref(), &trigger, known, mistakes);
    rules.push(counts(format!("{}.{}", section.id.text, rules.len()), on?, when?, unless?));
    Some(rules.len() - 1)
}

/// Points in all by how many times, or how many different words.
fn totals(
    section: &BonusSection,
    known: &Known,
    rules: &mut Vec<EarnRule>,
    mistakes: &mut Mistakes,
) -> Option<(Vec<Step>, Gives)> {
    let units = known.points();
    let written = section.total.as_ref()?;
    let different = section.different.as_ref().map(|field| mistakes.read(field, units));
    let table = all(written.iter().map(|(written, points)| {
        let count = mistakes.read(written, units);
        let points = mistakes.read(points, units);
        let count = count?;
        countable(count, different.is_some(), written, mistakes);
        Some((i64::from(count), points?))
    }));
    if let (Some(Some(field)), Some(written)) = (different, &section.different) {
        has_word(field, &section.of, written, mistakes);
    }
    let unread = Wrong::new("is not read beside total", "it beside share_of");
    if let Some(percent) = &section.percent {
        mistakes.blame(percent, unread.clone());
    }
    if let Some(spend) = &section.spend {
        mistakes.blame(spend, unread.clone());
    }
    if let Some(at_most) = &section.at_most {
        mistakes.blame(at_most, unread);
    }
    let rule = counted(section, known, rules, mistakes)?;
    let table = table?;
    if table.is_empty() || !table.is_sorted_by(|a, b| a.0 < b.0 && a.1 < b.1) {
        let wrong = Wrong::new("does not grow", "ascending counts and points");
        mistakes.blame(&section.id, wrong);
    }
    let measure = match different {
        Some(field) => StepMeasure::Different(field?),
        None => StepMeasure::Times,
    };
    let at_least = table.first().map_or(1, |(count, _)| *count);
    let step = Step { id: "1".into(), rule, measure, at_least, points: Points::ZERO };
    Some((vec![step], Gives::Total(table)))
}

/// A share of what other rules gave in the span, once enough was spent.
fn share(
    section: &BonusSection,
    share_of: &OneOrMany<super::super::names::Reference>,
    known: &Known,
    rules: &mut Vec<EarnRule>,
    mistakes: &mut Mistakes,
) -> Option<(Vec<Step>, Gives)> {
    let units = known.points();
    list(Some(share_of), units, mistakes)?;
    let sharer = Sharer { rule: None, on: &section.of.text, currency: POINTS };
    let of = all(share_of.all().iter().map(|id| shared(id, &sharer, known, mistakes)));
    if let Some(different) = &section.different {
        let wrong = Wrong::new("is not read beside share_of", "it beside total");
        mistakes.blame(different, wrong);
    }
    let percent = section.percent.as_ref().map(|percent| mistakes.read(percent, units));
    let at_most = section.at_most.as_ref().map(|most| mistakes.read(most, units));
    let spend = section.spend.as_ref().map(|spend: &Written<Money>| mistakes.read(spend, units));
    let rule = counted(section, known, rules, mistakes)?;
    let (Some(percent), Some(spend)) = (percent, spend) else {
        let wrong = Wrong::new("shares without saying how much", "percent and spend");
        mistakes.blame(&section.id, wrong);
        return None;
    };
    let nothing = Points::ZERO;
    let steps = vec![
        Step {
            id: "1".into(),
            rule,
            measure: StepMeasure::Spend,
            at_least: spend?,
            points: nothing,
        },
        Step {
            id: "2".into(),
            rule,
            measure: StepMeasure::PointsOf(of?),
            at_least: 0,
            points: nothing,
        },
    ];
    Some((steps, Gives::Share { share: percent?, at_most: transposed(at_most)? }))
}

/// A rule that gives nothing and says what a goal counts.
pub(super) fn counts(id: String, on: Trigger, when: Conditions, unless: Conditions) -> EarnRule {
    EarnRule {
        id,
        on,
        effect: Effect::Counts,
        when,
        unless,
        base: 0,
        group: None,
        limits: Vec::new(),
        pending: None,
        expiry: None,
    }
}
