//! Which part of an order counts.

use super::{
    super::{
        file::BaseTable,
        names::Word,
        problem::{Mistakes, Wrong},
        words::{Discounts, Part},
        written::{Kind, OneOrMany, Units},
    },
    list,
};
use crate::program::Base;

/// What the program measures spend by, and rules unless they say otherwise.
pub fn program_base(
    table: Option<&BaseTable>,
    units: &Units,
    mistakes: &mut Mistakes,
) -> Option<Base> {
    match table {
        Some(table) => changed(&Base::default(), table, units, mistakes),
        None => Some(Base::default()),
    }
}

/// `base` with what a table says about it.
pub fn changed(
    base: &Base,
    table: &BaseTable,
    units: &Units,
    mistakes: &mut Mistakes,
) -> Option<Base> {
    let discounts = mistakes.read_or(
        table.discounts.as_ref(),
        units,
        if base.before_discounts { Discounts::Ignored } else { Discounts::Deducted },
    );
    let with = list_or_none(table.with.as_ref(), units, mistakes);
    let categories = words_or(&base.without_categories, &table.without_categories, units, mistakes);
    let without_tenders = words_or(&base.without_tenders, &table.without_tenders, units, mistakes);
    let only_tenders = match &table.only_tenders {
        Some(_) => list(table.only_tenders.as_ref(), units, mistakes).map(Some),
        None => Some(base.only_tenders.clone()),
    };
    let (with, without_tenders, only_tenders) = (with?, without_tenders?, only_tenders?);
    no_contradiction(table, &only_tenders, &without_tenders, mistakes);
    let counts = |part: Part, so_far: bool| match table.with {
        Some(_) => with.contains(&part),
        None => so_far,
    };
    Some(Base {
        before_discounts: discounts? == Discounts::Ignored,
        with_tax: counts(Part::Tax, base.with_tax),
        with_shipping: counts(Part::Shipping, base.with_shipping),
        with_tip: counts(Part::Tip, base.with_tip),
        without_categories: categories?,
        only_tenders,
        without_tenders,
    })
}

/// The words of a list, or those so far.
fn words_or(
    so_far: &[String],
    words: &Option<OneOrMany<Word>>,
    units: &Units,
    mistakes: &mut Mistakes,
) -> Option<Vec<String>> {
    match words {
        None => Some(so_far.to_vec()),
        some => list_or_none(some.as_ref(), units, mistakes),
    }
}

/// The values of a list, where an empty one is "none of them".
fn list_or_none<K: Kind>(
    written: Option<&OneOrMany<K>>,
    units: &Units,
    mistakes: &mut Mistakes,
) -> Option<Vec<K::Value>> {
    match written {
        Some(OneOrMany::Long(many, _)) if many.is_empty() => Some(Vec::new()),
        written => list(written, units, mistakes),
    }
}

/// A tender cannot be both the only one that counts and one that does not.
fn no_contradiction(
    table: &BaseTable,
    only: &Option<Vec<String>>,
    without: &[String],
    mistakes: &mut Mistakes,
) {
    let written = table.only_tenders.as_ref().or(table.without_tenders.as_ref());
    for tender in written.map(OneOrMany::all).unwrap_or_default() {
        let only_this = only.as_ref().is_some_and(|only| only.contains(&tender.text));
        if only_this && without.contains(&tender.text) {
            let wrong = Wrong::new(
                "is in only_tenders and in without_tenders",
                "a tender to be in one of them",
            );
            mistakes.blame(tender, wrong);
        }
    }
}
