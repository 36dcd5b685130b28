//! Levels to which nobody comes.

use domain::program::{Measure, Program, Requirement, Tiers};

use super::{Checking, Code, reach::most_in};
use crate::{
    explain::window_words,
    words::{Audience, Words},
};

pub(super) fn check(checking: &mut Checking<'_>) {
    let Some(tiers) = &checking.program.tiers else { return };
    for (at, level) in tiers.levels.iter().enumerate() {
        if let Some(why) = why_never(checking.program, tiers, at) {
            let path = format!("tiers.levels[{at}].from");
            let sentence = format!("is a level that nobody is on: {why}");
            checking.find_of(Code::LevelUnreachable, path, &level.id, sentence);
        }
    }
}

/// The levels that somebody may be on.
pub(super) fn reachable(program: &Program) -> Vec<&str> {
    let Some(tiers) = &program.tiers else { return Vec::new() };
    let levels = tiers.levels.iter().enumerate();
    let levels = levels.filter(|(at, _)| why_never(program, tiers, *at).is_none());
    levels.map(|(_, level)| level.id.as_str()).collect()
}

fn why_never(program: &Program, tiers: &Tiers, at: usize) -> Option<String> {
    let from = &tiers.levels[at].from;
    let higher = tiers.levels.iter().skip(at + 1);
    let mut passed = higher.filter(|level| implies(from, &level.from));
    if let Some(level) = passed.next() {
        return Some(format!("whoever reaches it reaches {} as well", level.id));
    }
    never_met(program, tiers, from)
}

/// Why a requirement is never met.
fn never_met(program: &Program, tiers: &Tiers, requirement: &Requirement) -> Option<String> {
    let of = |part: &Requirement| never_met(program, tiers, part);
    match requirement {
        Requirement::AtLeast { measure: Measure::Points(currency), amount } => {
            let most = most_in(program, *currency, &tiers.window)?;
            let too_much = amount.unsigned_abs() > most.units();
            let words = Words { program, audience: Audience::Staff };
            let most = words.points(*currency, most);
            let window = window_words(&tiers.window);
            too_much.then(|| format!("at most {most} can be earned {window}"))
        }
        Requirement::All(parts) => parts.iter().find_map(of).or_else(|| contradiction(parts)),
        Requirement::Any(parts) => {
            let why: Option<Vec<String>> = parts.iter().map(of).collect();
            why.map(|why| why.join(", and "))
        }
        // What the shop decides, and what members spend, has no bound.
        Requirement::Nothing
        | Requirement::AtLeast { measure: Measure::Spend | Measure::Orders, .. }
        | Requirement::Label(_)
        | Requirement::NoLabel(_)
        | Requirement::Grant => None,
    }
}

fn contradiction(parts: &[Requirement]) -> Option<String> {
    let both = parts.iter().find_map(|part| match part {
        Requirement::Label(label) if parts.contains(&Requirement::NoLabel(label.clone())) => {
            Some(label)
        }
        _ => None,
    });
    both.map(|label| format!("it asks for the label {label} and for its absence"))
}

/// Whether whoever meets one requirement meets the other: certainly, where true.
fn implies(met: &Requirement, other: &Requirement) -> bool {
    match (met, other) {
        (Requirement::Grant, _) | (_, Requirement::Grant) => false,
        (_, Requirement::Nothing) => true,
        (Requirement::Any(any), _) => any.iter().all(|part| implies(part, other)),
        (_, Requirement::All(all)) => all.iter().all(|part| implies(met, part)),
        (_, Requirement::Any(any)) if any.iter().any(|part| implies(met, part)) => true,
        (Requirement::All(all), _) => all.iter().any(|part| implies(part, other)),
        (
            Requirement::AtLeast { measure, amount },
            Requirement::AtLeast { measure: of, amount: least },
        ) => measure == of && amount >= least,
        (met, other) => met == other,
    }
}
