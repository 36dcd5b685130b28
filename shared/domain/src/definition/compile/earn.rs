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
    sharing::Sharer,
};
use crate::{
    program::{
        Base, EarnRule, Effect, Expiry, Group, Limit, LimitPer, MultiplierMode, Pending, RULES_MAX,
        Trigger,
    },
    ratio::Ratio,
};

/// The groups, each used by rules of one currency.
pub fn groups(file: &Definition, known: &Known, mistakes: &mut Mistakes) -> Option<Vec<Group>> {
    let mut seen = BTreeSet::new();
    all(file.group.iter().map(|group| {
        let id = new_id(&group.id, &mut seen, known.points(), mistakes);
        let mode = mistakes.read(&group.mode, known.points());
        let currencies: BTreeSet<&str> = competing(&group.id.text, file).map(currency_of).collect();
        match currencies.len() {
            0 => mistakes.blame(&group.id, Wrong::new("is a group without rules", "a rule in it")),
            1 => {}
            _ => {
                let wrong = Wrong::new("is a group of several currencies", "rules of one currency");
                mistakes.blame(&group.id, wrong);
            }
        }
        let triggers: BTreeSet<&str> = competing(&group.id.text, file).map(triggered_by).collect();
        if triggers.len() > 1 {
            let complaint = "is a group of rules that listen to different things";
            mistakes.blame(&group.id, Wrong::new(complaint, "rules on one of them"));
        }
        Some(Group { id: id?, mode: mode? })
    }))
}

/// The rules of a group.
fn competing<'f>(group: &'f str, file: &'f Definition) -> impl Iterator<Item = &'f EarnSection> {
    let in_group =
        move |rule: &&EarnSection| rule.group.as_ref().is_some_and(|it| it.text == group);
    file.earn.iter().filter(in_group)
}

fn triggered_by(rule: &EarnSection) -> &str {
    &rule.on.text
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
    for rule in &file.earn {
        let gives = |other: &EarnSection| other.points.is_some() && other.on.text == rule.on.text;
        if let Some(times) = rule.times.as_ref().filter(|_| !file.earn.iter().any(gives)) {
            let expected = match rule.on.text.as_str() {
                "order" => "a rule that gives points for orders".to_owned(),
                kind => format!("a rule that gives points for {kind:?}"),
            };
            mistakes.blame(times, Wrong::new("multiplies nothing", expected));
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
    let (pending, expiry) = terms(rule, known, mistakes);
    fits(rule, &trigger, limits.as_deref().unwrap_or_default(), mistakes);
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

/// When a rule's points wait and end, where that is not as for all points.
fn terms(
    rule: &EarnSection,
    known: &Known,
    mistakes: &mut Mistakes,
) -> (Option<Option<Pending>>, Option<Option<Expiry>>) {
    let units = known.points();
    let pending = match &rule.pending {
        Some(pending) => mistakes.read(pending, units).map(Some),
        None => Some(None),
    };
    let expiry = match &rule.expiry {
        Some(expiry) => expiry::of_rule(expiry, units, known.in_force_from, mistakes).map(Some),
        None => Some(None),
    };
    if currency_of(rule) != POINTS {
        let complaint = format!("is not read for {}, which nobody can spend", currency_of(rule));
        nothing_of_terms(rule, &Wrong::new(complaint, "it on a rule that gives points"), mistakes);
    }
    let (all_wait, all_end) = &known.terms;
    if let (Some(mine), Some(all_wait), Some(ends), Some(all_end)) =
        (&pending, all_wait, expiry, all_end)
    {
        let waits = mine.as_ref().unwrap_or(all_wait);
        expiry::leaves_time(rule.pending.as_ref(), waits, ends.unwrap_or(*all_end), mistakes);
        if let (Some(Either::Short(never)), Expiry::Inactive { .. }) = (&rule.expiry, all_end) {
            let wrong = Wrong::new("does not hold where inactivity ends all points", "a date");
            mistakes.blame(never, wrong);
        }
    }
    (pending, expiry)
}

fn nothing_of_terms(rule: &EarnSection, wrong: &Wrong, mistakes: &mut Mistakes) {
    if let Some(pending) = &rule.pending {
        mistakes.blame(pending, wrong.clone());
    }
    match &rule.expiry {
        Some(Either::Long(_, at)) => mistakes.add(at.clone(), "expiry", wrong.clone()),
        Some(Either::Short(expiry)) => mistakes.blame(expiry, wrong.clone()),
        None => {}
    }
}

/// Notes what a rule has that is for another trigger.
fn fits(rule: &EarnSection, on: &Trigger, limits: &[Limit], mistakes: &mut Mistakes) {
    let written = rule.limit.as_ref().map(OneOrMany::all).unwrap_or_default();
    match on {
        Trigger::Order => {
            let wrong = Wrong::new(
                "limits what activities are about, and this listens to orders",
                "an order, a day, a week, a month, a quarter, a year or a lifetime",
            );
            let by_subject = limits.iter().zip(written);
            for (limit, written) in by_subject {
                match limit.per {
                    LimitPer::Subject => mistakes.blame(written, wrong.clone()),
                    LimitPer::GiverMonth => {
                        let complaint = "limits who gives, and nobody gives an order";
                        mistakes.blame(written, Wrong::new(complaint, "a rule on an activity"));
                    }
                    _ => {}
                }
            }
        }
        Trigger::Activity(kind) if rule.base.is_some() => {
            let wrong = Wrong::new(
                format!("has a base, and listens to {kind:?}, of which all counts"),
                "base on a rule on orders",
            );
            mistakes.blame(&rule.id, wrong);
        }
        Trigger::Activity(_) => {}
    }
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
            let sharer = Sharer::rule(rule);
            let units = units_of(rule, known);
            let formula = formula::formula(award, units, &sharer, known, mistakes);
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
    nothing_of_terms(rule, &wrong("pending and expiry"), mistakes);
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
