//! Rules that never hold, that another always beats, and whose time is over.

use domain::{
    program::{EarnRule, Effect, Formula, GroupMode, Program},
    time::{Day, Instant},
};

use super::{
    Checking, Code,
    compatible::{asks_no_more, left_out},
    levels,
};
use crate::words::any_of;

pub(super) fn check(checking: &mut Checking<'_>) {
    for (at, rule) in checking.program.earn.iter().enumerate() {
        if matches!(rule.effect, Effect::Counts) {
            continue;
        }
        if let Some((key, why)) = why_never(checking.program, rule) {
            let path = format!("earn[{at}].{key}");
            let sentence = format!("never gives anything: {why}");
            checking.find_of(Code::RuleNeverHolds, path, &rule.id, sentence);
        } else if let Some(by) = shadowed_by(checking.program, at, rule) {
            let path = format!("earn[{at}].group");
            let sentence = format!("never counts: {by} counts wherever it could");
            checking.find_of(Code::RuleShadowed, path, &rule.id, sentence);
        } else if let Some(since) = over_since(checking.program, rule, checking.at) {
            let path = format!("earn[{at}].when");
            let since = checking.words.day(since);
            let sentence = format!("gives nothing any more: its time was over on {since}");
            checking.find_of(Code::RuleOver, path, &rule.id, sentence);
        }
    }
}

/// The key by which a rule never holds, and why.
pub(super) fn why_never(program: &Program, rule: &EarnRule) -> Option<(&'static str, String)> {
    let EarnRule { when, unless, base, effect, .. } = rule;
    let levels: Vec<&str> = levels::reachable(program);
    let asked: Vec<&str> = match when.tiers.is_empty() {
        true => levels.clone(),
        false => when.tiers.iter().map(String::as_str).filter(|it| levels.contains(it)).collect(),
    };
    if program.tiers.is_some() && asked.is_empty() {
        let levels = any_of(&when.tiers);
        return Some(("when.tier", format!("nobody comes to the level {levels}")));
    }
    let left = |level: &&&str| !unless.tiers.iter().any(|tier| tier == **level);
    if program.tiers.is_some() && !asked.iter().any(|level| left(&level)) {
        return Some(("unless.tier", "every level is left out".into()));
    }
    if let Effect::Points { formula: Formula::ByTier(by_tier), .. } = effect
        && !by_tier.iter().any(|(tier, _)| asked.contains(&tier.as_str()))
    {
        return Some(("points.by_tier", "it has an award for none of its levels".into()));
    }
    if left_out(when, unless) || unless.weekdays.len() == 7 {
        return Some(("unless", "everything that it asks for is left out".into()));
    }
    let base = &program.bases[*base];
    let counts = |tender: &String| {
        base.only_tenders.as_ref().is_none_or(|only| only.contains(tender))
            && !base.without_tenders.contains(tender)
    };
    if !when.sole_tenders.is_empty() && !when.sole_tenders.iter().any(counts) {
        let tenders = any_of(&when.sole_tenders);
        let why = format!("what is paid with {tenders} does not count");
        return Some(("when.paid_only_with", why));
    }
    if !when.days.is_empty() && !when.days.iter().any(|day| is_in_time(program, rule, *day)) {
        return Some(("when.day", "none of its days lies in its time".into()));
    }
    if !when.weekdays.is_empty() && !has_weekday(program, rule) {
        return Some(("when.weekday", "its time is over before that day of the week".into()));
    }
    None
}

fn is_in_time(program: &Program, rule: &EarnRule, day: Day) -> bool {
    let zone = &program.time_zone;
    let (starts, ends) = (day.starts_at(zone), day.plus_days(1).starts_at(zone));
    rule.when.to.is_none_or(|to| starts < to)
        && rule.when.from.is_none_or(|from| ends > from)
        && is_weekday(rule, day)
}

fn is_weekday(rule: &EarnRule, day: Day) -> bool {
    let weekday = day.date().weekday().to_monday_one_offset().unsigned_abs();
    rule.when.weekdays.is_empty() || rule.when.weekdays.contains(&weekday)
}

fn has_weekday(program: &Program, rule: &EarnRule) -> bool {
    let Some(from) = rule.when.from else { return true };
    let first = Day::of(from, &program.time_zone);
    (0..7).any(|days| is_in_time(program, rule, first.plus_days(days)))
}

/// The rule of the same group that counts wherever this one holds.
fn shadowed_by(program: &Program, at: usize, rule: &EarnRule) -> Option<String> {
    let group = rule.group?;
    let mode = program.groups[group].mode;
    let beats = |(other_at, other): &(usize, &EarnRule)| {
        let covers = other.group == Some(group)
            && *other_at != at
            && other.base == rule.base
            && other.limits.is_empty()
            && other.unless.is_empty()
            && asks_no_more(&other.when, &rule.when);
        covers
            && match (mode, formula(other), formula(rule)) {
                (GroupMode::First, Some(Formula::Rate { .. } | Formula::Flat { .. }), _) => {
                    *other_at < at
                }
                (
                    GroupMode::Max,
                    Some(Formula::Rate { per_minor: other }),
                    Some(Formula::Rate { per_minor }),
                ) => other > per_minor || (other == per_minor && *other_at < at),
                _ => false,
            }
    };
    program.earn.iter().enumerate().find(beats).map(|(_, other)| other.id.clone())
}

fn formula(rule: &EarnRule) -> Option<&Formula> {
    match &rule.effect {
        Effect::Points { formula, .. } => Some(formula),
        Effect::Times(_) | Effect::Counts => None,
    }
}

/// The first day on which a rule gives nothing any more, where that is past.
pub(super) fn over_since(program: &Program, rule: &EarnRule, at: Instant) -> Option<Day> {
    let today = Day::of(at, &program.time_zone);
    let last = rule.when.days.iter().max().map(|day| day.plus_days(1));
    let to = rule.when.to.filter(|to| *to <= at).map(|to| Day::of(to, &program.time_zone));
    to.or(last.filter(|last| *last <= today))
}
