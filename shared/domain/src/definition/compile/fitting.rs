//! Conditions on what a rule cannot see: an activity has no lines, an order no subject.

use super::super::{
    file::WhenTable,
    problem::{Mistakes, Wrong, one_of},
    written::{OneOrMany, Written},
};
use crate::program::Trigger;

/// Notes keys of a table that ask about something else than what is listened to.
pub fn fits(table: &WhenTable, on: &Trigger, mistakes: &mut Mistakes) {
    match on {
        Trigger::Order => no_subject(table, mistakes),
        Trigger::Activity(kind) => no_order(table, kind, mistakes),
    }
}

fn no_subject(table: &WhenTable, mistakes: &mut Mistakes) {
    let wrong =
        Wrong::new("is asked of an activity, and this listens to orders", one_of(["product"]));
    blame_first(&table.subject, &wrong, mistakes);
}

fn no_order(table: &WhenTable, kind: &str, mistakes: &mut Mistakes) {
    let WhenTable { product, category, brand, paid_only_with, only, lines_at_most, .. } = table;
    let complaint = format!("is asked of an order, and this listens to {kind:?}");
    let wrong = Wrong::new(complaint.clone(), "\"subject\", which is what the activity is about");
    blame_first(product, &wrong, mistakes);
    let wrong = Wrong::new(complaint, "it on a rule on orders");
    blame_first(category, &wrong, mistakes);
    blame_first(brand, &wrong, mistakes);
    blame_first(paid_only_with, &wrong, mistakes);
    blame_first(only, &wrong, mistakes);
    blame(lines_at_most, &wrong, mistakes);
}

/// Notes keys of a challenge's table that speak of anything but the member. What counts
/// is for its steps to say.
pub fn of_the_member(table: &WhenTable, mistakes: &mut Mistakes) {
    let WhenTable {
        product,
        category,
        brand,
        channel,
        store,
        paid_only_with,
        tier: _,
        label: _,
        subject,
        weekday,
        day,
        only,
        birthday,
        lines_at_most,
        cel,
        from,
        to,
        order_at_least,
    } = table;
    let wrong = Wrong::new(
        "is not about the member, and when says for whom a challenge is",
        "tier and label here, and all else in the when of a step",
    );
    for words in [product, category, brand, channel, store, paid_only_with, subject] {
        blame_first(words, &wrong, mistakes);
    }
    blame_first(weekday, &wrong, mistakes);
    blame_first(day, &wrong, mistakes);
    blame_first(only, &wrong, mistakes);
    blame(birthday, &wrong, mistakes);
    blame(lines_at_most, &wrong, mistakes);
    blame(cel, &wrong, mistakes);
    for moment in [from, to] {
        blame(moment, &wrong, mistakes);
    }
    blame(order_at_least, &wrong, mistakes);
}

fn blame_first<K>(list: &Option<OneOrMany<K>>, wrong: &Wrong, mistakes: &mut Mistakes) {
    if let Some(first) = list.as_ref().and_then(|list| list.all().first()) {
        mistakes.blame(first, wrong.clone());
    }
}

fn blame<K>(written: &Option<Written<K>>, wrong: &Wrong, mistakes: &mut Mistakes) {
    if let Some(written) = written {
        mistakes.blame(written, wrong.clone());
    }
}
