//! Earn rules, and the groups in which they compete.

use std::collections::BTreeSet;

use super::{
    super::{
        amounts::Times,
        file::{Definition, EarnSection},
        problem::{Mistakes, Wrong},
        written::{Either, OneOrMany, Units, Written},
    },
    Known, all, base, conditions,
    currencies::POINTS,
    expiry, formula, list, new_id, position,
};
use crate::{
    program::{Base, EarnRule, Effect, Group, Limit, MultiplierMode, RULES_MAX, Trigger},
    ratio::Ratio,
};

/// The groups, each used by rules of one currency.
pub fn groups(file: &Definition, known: &Known, mistakes: &mut Mistakes) -> Option<Vec<Group>> {
    let mut seen = BTreeSet::new();
    all(file.group.iter().map(|group| {
        let id = new_id(&group.id, &mut seen, known.points(), mistakes);
        let mode = mistakes.read(&group.mode, known.points());
        let currencies: BTreeSet<&str> = currencies_in(&group.id.text, file).collect();
        match currencies.len() {
            0 => mistakes.blame(&group.id, Wrong::new("is a group without rules", "a rule in it")),
            1 => {}
            _ => {
                let wrong = Wrong::new("is a group of several currencies", "rules of one currency");
                mistakes.blame(&group.id, wrong);
            }
        }
        Some(Group { id: id?, mode: mode? })
    }))
}

/// The currencies that the rules of a group give.
fn currencies_in<'f>(group: &'f str, file: &'f Definition) -> impl Iterator<Item = &'f str> {
    let rules = file.earn.iter();
    let competing =
        rules.filter(move |rule| rule.group.as_ref().is_some_and(|it| it.text == group));
    competing.map(currency_of)
}

/// The id of the currency that a rule gives.
fn currency_of(rule: &EarnSection) -> &str {
    rule.currency.as_ref().map_or(POINTS, |currency| &currency.text)
}

/// The rules, in the order of the file. Bases of their own are added to those known.
pub fn rules(
    file: &Definition,
    known: &mut Known,
    mistakes: &mut Mistakes,
) -> Option<Vec<EarnRule>> {
    if let Some(surplus) = file.earn.get(RULES_MAX) {
        let most = format!("at most {RULES_MAX}");
        mistakes.blame(&surplus.id, Wrong::new("is one rule too many", most));
    }
    if file.earn.iter().all(|rule| rule.points.is_none()) {
        for times in file.earn.iter().filter_map(|rule| rule.times.as_ref()) {
            mistakes.blame(times, Wrong::new("multiplies nothing", "a rule that gives points"));
        }
    }
    let mut seen = BTreeSet::new();
    all(file.earn.iter().map(|rule| {
        let id = new_id(&rule.id, &mut seen, known.points(), mistakes);
        let compiled = compiled(rule, known, mistakes)?;
        Some(EarnRule { id: id?, ..compiled })
    }))
}

fn compiled(rule: &EarnSection, known: &mut Known, mistakes: &mut Mistakes) -> Option<EarnRule> {
    let on = mistakes.read(&rule.on, known.points());
    let effect = effect(rule, known, mistakes);
    let base = match &rule.base {
        None => Some(0),
        Some(table) => base::changed(&known.bases[0].clone(), table, known.points(), mistakes)
            .map(|base| index_of(base, &mut known.bases)),
    };
    let trigger = on.clone().unwrap_or(Trigger::Order);
    let when = conditions::conditions(rule.when.as_ref(), &trigger, known, mistakes);
    let unless = conditions::conditions(rule.unless.as_ref(), &trigger, known, mistakes);
    let group = match &rule.group {
        Some(group) => position(group, &known.groups, mistakes).map(Some),
        None => Some(None),
    };
    let limits = limits(rule, known, mistakes);
    let pending = match &rule.pending {
        Some(pending) => mistakes.read(pending, known.points()).map(Some),
        None => Some(None),
    };
    let expiry = match &rule.expiry {
        Some(written) => {
            expiry::expiry(Some(written), known.points(), known.in_force_from, mistakes).map(Some)
        }
        None => Some(None),
    };
    conditions::can_hold(rule, &known.bases[base?].without_categories, mistakes);
    Some(EarnRule {
        id: String::new(),
        on: on?,
        effect: effect?,
        when: when?,
        unless: unless?,
        base: base?,
        group: group?,
        limits: limits?,
        pending: pending?,
        expiry: expiry?,
    })
}

fn index_of(base: Base, bases: &mut Vec<Base>) -> usize {
    bases.iter().position(|known| *known == base).unwrap_or_else(|| {
        bases.push(base);
        bases.len() - 1
    })
}

/// The units of what a rule gives.
fn units_of<'k>(rule: &EarnSection, known: &'k Known) -> &'k Units {
    let index = known.currencies.iter().position(|known| known == currency_of(rule));
    &known.units[index.unwrap_or(0)]
}

fn effect(rule: &EarnSection, known: &Known, mistakes: &mut Mistakes) -> Option<Effect> {
    match (&rule.points, &rule.times) {
        (Some(award), None) => {
            let currency = match &rule.currency {
                Some(currency) => position(currency, &known.currencies, mistakes),
                None => Some(0),
            };
            let formula = formula::formula(award, units_of(rule, known), known, mistakes);
            Some(Effect::Points { currency: currency?, formula: formula? })
        }
        (None, Some(times)) => {
            nothing_unread(rule, mistakes);
            multiplier(times, known, mistakes).map(Effect::Times)
        }
        (Some(_), Some(times)) => {
            let wrong = Wrong::new("stands beside points", "a rule of its own for times");
            mistakes.blame(times, wrong);
            None
        }
        (None, None) => {
            let wrong = Wrong::new("gives nothing", "either points or times");
            mistakes.blame(&rule.id, wrong);
            None
        }
    }
}

fn multiplier(times: &Written<Times>, known: &Known, mistakes: &mut Mistakes) -> Option<Ratio> {
    let ratio = mistakes.read(times, known.points())?;
    if ratio == Ratio::ONE {
        mistakes.blame(times, Wrong::new("changes nothing", "another number than 1"));
    }
    at_least_one_or_multiplied(ratio, times, known, mistakes);
    Some(ratio)
}

/// Only where multipliers multiply can one of them take something away.
pub fn at_least_one_or_multiplied(
    ratio: Ratio,
    times: &Written<Times>,
    known: &Known,
    mistakes: &mut Mistakes,
) {
    if ratio < Ratio::ONE && known.multipliers != MultiplierMode::Multiply {
        let wrong = Wrong::new(
            "is less than 1 where multipliers do not multiply",
            "more than 1, or stacking = { multipliers = \"multiply\" }",
        );
        mistakes.blame(times, wrong);
    }
}

/// A multiplier has no amount, currency, group or cap of its own.
fn nothing_unread(rule: &EarnSection, mistakes: &mut Mistakes) {
    let wrong = |key: &str| {
        Wrong::new("is not read by a multiplier", format!("{key} on the rules that it multiplies"))
    };
    if let Some(currency) = &rule.currency {
        mistakes.blame(currency, wrong("currency"));
    }
    if let Some(group) = &rule.group {
        mistakes.blame(group, wrong("group"));
    }
    for cap in rule.limit.as_ref().map(OneOrMany::all).unwrap_or_default() {
        mistakes.blame(cap, wrong("limit"));
    }
    if rule.base.is_some() {
        mistakes.blame(&rule.id, Wrong::new("is a multiplier with a base", wrong("base").expected));
    }
    if let Some(pending) = &rule.pending {
        mistakes.blame(pending, wrong("pending"));
    }
    if let Some(Either::Long(_, at)) = &rule.expiry {
        mistakes.add(at.clone(), "expiry", wrong("expiry"));
    }
    if let Some(Either::Short(expiry)) = &rule.expiry {
        mistakes.blame(expiry, wrong("expiry"));
    }
}

fn limits(rule: &EarnSection, known: &Known, mistakes: &mut Mistakes) -> Option<Vec<Limit>> {
    let limits: Vec<Limit> = list(rule.limit.as_ref(), units_of(rule, known), mistakes)?;
    let written = rule.limit.as_ref().map(OneOrMany::all).unwrap_or_default();
    for (i, (limit, written)) in limits.iter().zip(written).enumerate() {
        let of = |limit: &Limit| (limit.per, limit.counts());
        if limits[..i].iter().any(|earlier| of(earlier) == of(limit)) {
            let wrong = Wrong::new("limits the same span again", "one limit for each span");
            mistakes.blame(written, wrong);
        }
    }
    Some(limits)
}
