//! How members earn, rule by rule.

use domain::program::{
    EarnRule, Effect, Formula, Group, GroupMode, MultiplierMode, PartialRefund, Stacking, Trigger,
};

use super::{Teller, base::base_words, expiry::ends, waiting::waits};
use crate::words::{Words, all_of, spoken};

pub(super) fn tell(teller: &mut Teller<'_>) {
    let rules = teller.program().earn.iter();
    for (at, rule) in rules.enumerate() {
        if let Some(text) = rule_words(&teller.words, rule) {
            teller.tell_of(format!("earn[{at}]"), &rule.id, text);
            shrinking(teller, at, rule);
        }
    }
    for (at, group) in teller.program().groups.iter().enumerate() {
        let Group { id, mode } = group;
        let members = teller.program().earn.iter().filter(|rule| rule.group == Some(at));
        let members: Vec<&str> = members.map(|rule| rule.id.as_str()).collect();
        let counts = match mode {
            GroupMode::Sum => "all count",
            GroupMode::Max => "the one that gives most counts",
            GroupMode::First => "the first that gives anything counts",
        };
        let text = format!("of {} {counts}", all_of(&members));
        teller.note_of(format!("group[{at}]"), id, text);
    }
    let Stacking { multipliers } = teller.program().stacking;
    let six = match multipliers {
        MultiplierMode::Multiply => "6 times (they multiply)",
        MultiplierMode::Add => "4 times (what they add is added)",
        MultiplierMode::Max => "3 times (the strongest counts)",
    };
    teller.note("stacking.multipliers", format!("2 times and 3 times together are {six}"));
}

/// What a partial refund does to a flat award, where that could be said.
fn shrinking(teller: &mut Teller<'_>, at: usize, rule: &EarnRule) {
    let Effect::Points { formula: Formula::Flat { on_partial_refund, .. }, .. } = &rule.effect
    else {
        return;
    };
    let then = match on_partial_refund {
        PartialRefund::Keep => "stays while something is left",
        PartialRefund::Proportional => "shrinks with what is left",
    };
    let path = format!("earn[{at}].points.on_partial_refund");
    teller.note_of(path, &rule.id, format!("when some of it is given back, what it gave {then}"));
}

/// What a rule does; nothing for one that only counts for a goal.
pub(crate) fn rule_words(words: &Words<'_>, rule: &EarnRule) -> Option<String> {
    let EarnRule { id: _, on, effect, when, unless, base, group: _, limits, pending, expiry } =
        rule;
    let currency = match effect {
        Effect::Points { currency, .. } => *currency,
        Effect::Times(_) | Effect::Counts => 0,
    };
    let mut text = effect_words(words, on, effect)?;
    let clauses = words.conditions(when).into_iter().chain(words.exclusions(unless));
    for clause in clauses {
        text.push_str(&format!(", {clause}"));
    }
    for limit in limits {
        text.push_str(&format!(", {}", words.limit(currency, limit)));
    }
    if let Some(base) = words.program.bases.get(*base).filter(|_| *base > 0) {
        text.push_str(&format!("; what counts is {}", base_words(base)));
    }
    if let Some(pending) = pending {
        text.push_str(&format!("; they can be spent {}", waits(words, pending)));
    }
    if let Some(expiry) = expiry {
        text.push_str(&format!("; they {}", ends(words, expiry)));
    }
    Some(text)
}

fn effect_words(words: &Words<'_>, on: &Trigger, effect: &Effect) -> Option<String> {
    let who = words.who();
    let earned = match effect {
        Effect::Points { currency, formula } => {
            let spent = match (on, formula) {
                (Trigger::Order, Formula::Rate { .. } | Formula::Steps { .. }) => " spent",
                (Trigger::Order, Formula::Flat { .. } | Formula::Chance(_)) => " for an order",
                _ => "",
            };
            format!("{}{spent}", words.formula(*currency, formula, on))
        }
        Effect::Times(times) => format!("{times} times as much"),
        Effect::Counts => return None,
    };
    Some(match on {
        Trigger::Order => format!("{who} earn {earned}"),
        Trigger::Activity(kind) => format!("for each {} {who} earn {earned}", spoken(kind)),
    })
}
