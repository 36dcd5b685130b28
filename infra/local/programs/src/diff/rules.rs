//! The earn rules, their groups, and how they combine.

use std::cmp::Ordering;

use domain::program::{EarnRule, Effect, Group, Limit, Program, Stacking, Trigger};

use super::{Comparing, Place, better};
use crate::{
    explain::{base_words, ends, rule_words, waits},
    words::{Words, choices, spoken},
};

pub(super) fn compare(comparing: &mut Comparing<'_>) {
    let (a, b) = (rules(comparing.a.program), rules(comparing.b.program));
    comparing.things(
        "earn",
        (&a, &b),
        |rule| &rule.id,
        &|words, rule| rule_words(words, rule).unwrap_or_default(),
        &mut rule,
    );
    let order = |rules: &[EarnRule], others: &[EarnRule]| {
        let known = rules.iter().filter(|rule| others.iter().any(|other| other.id == rule.id));
        known.map(|rule| rule.id.clone()).collect::<Vec<_>>().join(", ")
    };
    let place = Place { section: "earn", id: None };
    let orders = (order(&a, &b), order(&b, &a));
    comparing.text(place, "order", orders, "in groups the first may be another");
    let (a, b) = (comparing.a.program, comparing.b.program);
    comparing.things(
        "group",
        (&a.groups, &b.groups),
        |group| &group.id,
        &|_, group| mode(group),
        &mut |comparing, a, b| {
            let place = Place { section: "group", id: Some(&a.id) };
            comparing.text(place, "mode", (mode(a), mode(b)), "other rules of it count");
        },
    );
    let stacking = |stacking: Stacking| {
        let Stacking { multipliers } = stacking;
        choices::multipliers(multipliers).to_owned()
    };
    let place = Place { section: "stacking", id: None };
    let texts = (stacking(a.stacking), stacking(b.stacking));
    let effect = "orders on which several multipliers hold earn otherwise";
    comparing.text(place, "multipliers", texts, effect);
}

fn mode(group: &Group) -> String {
    let Group { id: _, mode } = group;
    choices::group_mode(*mode).to_owned()
}

/// The rules of the file: those that only count for goals belong to these.
fn rules(program: &Program) -> Vec<EarnRule> {
    let rules = program.earn.iter().filter(|rule| !matches!(rule.effect, Effect::Counts));
    rules.cloned().collect()
}

fn rule(comparing: &mut Comparing<'_>, a: &EarnRule, b: &EarnRule) {
    let EarnRule { id, on, effect, when, unless, base, group, limits, pending, expiry } = a;
    let place = Place { section: "earn", id: Some(id) };
    let (wa, wb) = (comparing.a, comparing.b);
    let triggers = (trigger(on), trigger(&b.on));
    comparing.text(place, "on", triggers, "it listens to something else");
    let who = whom(&wb, b);
    let more = match compared(effect, &b.effect) {
        Some(Ordering::Greater) => format!("{who} earns more"),
        Some(Ordering::Less) => format!("{who} earns less"),
        _ => format!("{who} earns otherwise"),
    };
    let effects = (effect_words(&wa, on, effect), effect_words(&wb, &b.on, &b.effect));
    comparing.text(place, "", shortened(effects), &more);
    let asks = |clauses: Vec<String>| {
        if clauses.is_empty() { "anything".to_owned() } else { clauses.join(", ") }
    };
    let asked = (asks(wa.conditions(when)), asks(wb.conditions(&b.when)));
    comparing.text(place, "when", asked, "it holds for others");
    let none = |clauses: Vec<String>| {
        if clauses.is_empty() { "nothing left out".to_owned() } else { clauses.join(", ") }
    };
    let left_out = (none(wa.exclusions(unless)), none(wb.exclusions(&b.unless)));
    comparing.text(place, "unless", left_out, "it leaves others out");
    let of = |program: &Program, base: usize| {
        if base == 0 { "as in [base]".to_owned() } else { base_words(&program.bases[base]) }
    };
    let bases = (of(wa.program, *base), of(wb.program, b.base));
    comparing.text(place, "base", bases, "it counts another part of orders");
    let group_of = |program: &Program, group: Option<usize>| {
        group.map_or_else(|| "none".to_owned(), |group| program.groups[group].id.clone())
    };
    let groups = (group_of(wa.program, *group), group_of(wb.program, b.group));
    comparing.text(place, "group", groups, "it competes with others");
    let all = |words: &Words<'_>, effect: &Effect, limits: &[Limit]| {
        let currency = match effect {
            Effect::Points { currency, .. } => *currency,
            Effect::Times(_) | Effect::Counts => 0,
        };
        let limits: Vec<String> = limits.iter().map(|it| words.limit(currency, it)).collect();
        if limits.is_empty() { "no limit".to_owned() } else { limits.join(", ") }
    };
    let limits = (all(&wa, effect, limits), all(&wb, &b.effect, &b.limits));
    comparing.text(place, "limit", limits, "members may earn another amount by it");
    let wait = |words: &Words<'_>, pending: &Option<_>| {
        pending.as_ref().map_or_else(|| "as all points".to_owned(), |it| waits(words, it))
    };
    let waiting = (wait(&wa, pending), wait(&wb, &b.pending));
    comparing.text(place, "pending", waiting, "its points of new orders wait otherwise");
    let end = |words: &Words<'_>, expiry: &Option<_>| {
        expiry.as_ref().map_or_else(|| "as all points".to_owned(), |it| ends(words, it))
    };
    let ending = (end(&wa, expiry), end(&wb, &b.expiry));
    comparing.text(place, "expiry", ending, "its points of new orders end otherwise");
}

fn trigger(on: &Trigger) -> String {
    match on {
        Trigger::Order => "order".to_owned(),
        Trigger::Activity(kind) => kind.clone(),
    }
}

fn effect_words(words: &Words<'_>, on: &Trigger, effect: &Effect) -> String {
    match effect {
        Effect::Points { currency, formula } => words.formula(*currency, formula, on),
        Effect::Times(times) => format!("{times} times as much"),
        Effect::Counts => String::new(),
    }
}

/// `1 → 2 points for each 1.00 GBP`: what both texts end with is said once.
fn shortened((before, after): (String, String)) -> (String, String) {
    let ends =
        |text: &str| text.split_once(' ').map(|(first, rest)| (first.to_owned(), rest.to_owned()));
    match (ends(&before), ends(&after)) {
        (Some((first, rest)), Some((_, new_rest)))
            if first.parse::<domain::ratio::Ratio>().is_ok() && unit(&rest) == unit(&new_rest) =>
        {
            if before == after {
                (before, after)
            } else {
                (first, after)
            }
        }
        _ => (before, after),
    }
}

/// What a number is of, whether it is one or several.
fn unit(text: &str) -> String {
    let (name, rest) = text.split_once(' ').unwrap_or((text, ""));
    format!("{} {rest}", name.trim_end_matches('s'))
}

fn compared(before: &Effect, after: &Effect) -> Option<Ordering> {
    match (before, after) {
        (
            Effect::Points { currency, formula: before },
            Effect::Points { currency: now, formula: after },
        ) if currency == now => better::formulas(before, after),
        (Effect::Times(before), Effect::Times(after)) => Some(after.cmp(before)),
        _ => None,
    }
}

/// Whose orders or activities a rule is for.
fn whom(words: &Words<'_>, rule: &EarnRule) -> String {
    let each = match &rule.on {
        Trigger::Order => "order".to_owned(),
        Trigger::Activity(kind) => spoken(kind),
    };
    let mut clauses = words.conditions(&rule.when);
    clauses.extend(words.exclusions(&rule.unless));
    let a = if each.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    match clauses.is_empty() {
        true => format!("every {each}"),
        false => format!("{a} {each} {}", clauses.join(", ")),
    }
}
