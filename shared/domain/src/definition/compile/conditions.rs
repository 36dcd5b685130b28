//! What must and must not hold.

use super::{
    super::{
        file::{EarnSection, WhenTable},
        names::{Cel, Word},
        problem::{Mistakes, Wrong},
        words::Only,
        written::{OneOrMany, Written},
    },
    Known, fitting, list, tier_list,
};
use crate::{
    expression::{Environment, Expression},
    program::{Conditions, Trigger},
};

/// The conditions of a table; none without one.
pub fn conditions(
    table: Option<&WhenTable>,
    on: &Trigger,
    known: &Known,
    mistakes: &mut Mistakes,
) -> Option<Conditions> {
    let Some(table) = table else { return Some(Conditions::default()) };
    fitting::fits(table, on, mistakes);
    let units = known.points();
    let mut words = |words: &Option<OneOrMany<Word>>| list(words.as_ref(), units, mistakes);
    let products = words(&table.product);
    let categories = words(&table.category);
    let brands = words(&table.brand);
    let channels = words(&table.channel);
    let stores = words(&table.store);
    let sole_tenders = words(&table.paid_only_with);
    let tiers = tier_list(table.tier.as_ref(), known, mistakes);
    let expression = table.cel.as_ref().map(|cel| expression(cel, on, mistakes));
    let labels = list(table.label.as_ref(), units, mistakes);
    let subjects = list(table.subject.as_ref(), units, mistakes);
    let weekdays = list(table.weekday.as_ref(), units, mistakes);
    let days = list(table.day.as_ref(), units, mistakes);
    let birthday = table.birthday.as_ref().map(|near| mistakes.read(near, units));
    let only = list(table.only.as_ref(), units, mistakes);
    let lines = table.lines_at_most.as_ref().map(|lines| mistakes.read(lines, units));
    if let (Some(Some(0)), Some(written)) = (lines, &table.lines_at_most) {
        mistakes.blame(written, Wrong::new("leaves no line", "at least 1"));
    }
    let from = table.from.as_ref().map(|from| mistakes.read(from, units));
    let to = table.to.as_ref().map(|to| mistakes.read(to, units));
    let at_least = table.order_at_least.as_ref().map(|least| mistakes.read(least, units));
    if let (Some(Some(start)), Some(Some(end)), Some(to)) = (from, to, &table.to)
        && end <= start
    {
        mistakes.blame(to, Wrong::new("is not after from", "a later time"));
    }
    Some(Conditions {
        products: products?,
        categories: categories?,
        brands: brands?,
        channels: channels?,
        stores: stores?,
        sole_tenders: sole_tenders?,
        tiers: tiers?,
        labels: labels?,
        subjects: subjects?,
        weekdays: weekdays?.into_iter().map(|weekday| weekday.0).collect(),
        days: days?,
        birthday: required(birthday)?,
        first_order: only.as_ref()?.contains(&Only::FirstOrder),
        referred: only?.contains(&Only::FriendsOrder),
        expression: required(expression)?,
        lines_at_most: required(lines)?.map(|lines| u16::try_from(lines).unwrap_or(u16::MAX)),
        from: required(from)?,
        to: required(to)?,
        order_at_least: required(at_least)?,
    })
}

/// A condition in CEL that was found good.
fn expression(cel: &Written<Cel>, on: &Trigger, mistakes: &mut Mistakes) -> Option<Expression> {
    let environment = match on {
        Trigger::Order => &Environment::ORDER,
        Trigger::Activity(_) => &Environment::ACTIVITY,
    };
    match Expression::compile(&cel.text, environment) {
        Ok(expression) => Some(expression),
        Err(wrong) => {
            let read = wrong.read.clone();
            let at = wrong.at.map(|at| format!(" (character {at} of the condition)"));
            let complaint = format!("{}{}", wrong.complaint, at.unwrap_or_default());
            let nearest = wrong.nearest.clone();
            mistakes.add(
                cel.at.clone(),
                &read,
                Wrong { nearest, ..Wrong::new(complaint, wrong.expected) },
            );
            None
        }
    }
}

/// What may be left out, but not be wrong.
fn required<T>(value: Option<Option<T>>) -> Option<Option<T>> {
    match value {
        Some(value) => value.map(Some),
        None => Some(None),
    }
}

/// Notes conditions that contradict each other or the base, by which a rule never gives
/// anything.
pub fn can_hold(rule: &EarnSection, never_count: &[String], mistakes: &mut Mistakes) {
    let Some(when) = &rule.when else { return };
    if rule.points.is_some() {
        some_left(&when.category, never_count, "the base", mistakes);
    }
    let by_line = when.product.is_some() || when.category.is_some() || when.brand.is_some();
    let with = rule.base.as_ref().and_then(|base| base.with.as_ref());
    for part in with.map(OneOrMany::all).unwrap_or_default() {
        if by_line && part.text != "tax" {
            let wrong = Wrong::new(
                "has no product, category or brand, for which the rule asks",
                "parts that can count",
            );
            mistakes.blame(part, wrong);
        }
    }
    let Some(unless) = &rule.unless else { return };
    some_left(&when.product, &texts(&unless.product), "unless", mistakes);
    some_left(&when.category, &texts(&unless.category), "unless", mistakes);
    some_left(&when.brand, &texts(&unless.brand), "unless", mistakes);
    some_left(&when.channel, &texts(&unless.channel), "unless", mistakes);
    some_left(&when.store, &texts(&unless.store), "unless", mistakes);
    some_left(&when.paid_only_with, &texts(&unless.paid_only_with), "unless", mistakes);
    some_left(&when.tier, &texts(&unless.tier), "unless", mistakes);
    some_left(&when.label, &texts(&unless.label), "unless", mistakes);
    some_left(&when.subject, &texts(&unless.subject), "unless", mistakes);
    some_left(&when.weekday, &texts(&unless.weekday), "unless", mistakes);
    some_left(&when.day, &texts(&unless.day), "unless", mistakes);
}

fn texts<K>(list: &Option<OneOrMany<K>>) -> Vec<String> {
    let all = list.as_ref().map(OneOrMany::all).unwrap_or_default();
    all.iter().map(|word| word.text.clone()).collect()
}

/// Notes a list of which everything is left out.
fn some_left<K>(
    asked: &Option<OneOrMany<K>>,
    left_out: &[String],
    by: &str,
    mistakes: &mut Mistakes,
) {
    let asked = asked.as_ref().map(OneOrMany::all).unwrap_or_default();
    if let Some(first) = asked.first()
        && asked.iter().all(|word| left_out.contains(&word.text))
    {
        let wrong = Wrong::new(
            format!("is left out by {by}, so the rule never gives anything"),
            "something that can hold",
        );
        mistakes.blame(first, wrong);
    }
}
