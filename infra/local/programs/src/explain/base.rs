//! Which part of an order counts.

use domain::program::Base;

use super::Teller;
use crate::words::{all_of, any_of, spoken};

pub(super) fn tell(teller: &mut Teller<'_>) {
    let Some(base) = teller.program().bases.first() else { return };
    if !teller.is_for_staff() {
        let counts = base_words(base);
        teller.tell("base", format!("what counts of an order is {counts}"));
        return;
    }
    let Base {
        before_discounts,
        with_tax: _,
        with_shipping: _,
        with_tip: _,
        without_categories,
        only_tenders,
        without_tenders,
    } = base;
    let discounts = if *before_discounts { "ignored" } else { "deducted" };
    teller.note("base.discounts", format!("discounts are {discounts}"));
    let with = with(base);
    let with = if with.is_empty() { "nothing".to_owned() } else { all_of(&with) };
    teller.note("base.with", format!("beside the goods this counts: {with}"));
    let without = |words: &[String]| match words {
        [] => "none".to_owned(),
        words => words.join(", "),
    };
    let categories = without(without_categories);
    teller.note("base.without_categories", format!("categories that never count: {categories}"));
    if let Some(only) = only_tenders {
        let only = any_of(only);
        teller.note("base.only_tenders", format!("only the part counts that is paid with {only}"));
    }
    let tenders = without(without_tenders);
    teller.note("base.without_tenders", format!("tenders that never count: {tenders}"));
}

/// What counts beside the goods.
fn with(base: &Base) -> Vec<&'static str> {
    let Base { with_tax, with_shipping, with_tip, .. } = base;
    let parts = [("tax", *with_tax), ("shipping", *with_shipping), ("a tip", *with_tip)];
    parts.into_iter().filter(|(_, counts)| *counts).map(|(part, _)| part).collect()
}

/// `what is paid for goods after discounts, without tax, …`.
pub(crate) fn base_words(base: &Base) -> String {
    let Base {
        before_discounts,
        with_tax,
        with_shipping,
        with_tip,
        without_categories,
        only_tenders,
        without_tenders,
    } = base;
    let what = match before_discounts {
        true => "what the goods cost before discounts",
        false => "what is paid for goods after discounts",
    };
    let parts = [("tax", *with_tax), ("shipping", *with_shipping), ("tips", *with_tip)];
    let of = |counts: bool| {
        let parts = parts.iter().filter(|(_, it)| *it == counts).map(|(part, _)| *part);
        parts.collect::<Vec<_>>()
    };
    let spoken = |list: &[String]| {
        let list: Vec<String> = list.iter().map(|word| spoken(word)).collect();
        any_of(&list)
    };
    let mut clauses = vec![what.to_owned()];
    let (with, without) = (of(true), of(false));
    if !with.is_empty() {
        clauses.push(format!("with {}", all_of(&with)));
    }
    if !without.is_empty() {
        clauses.push(format!("without {}", any_of(&without)));
    }
    if !without_categories.is_empty() {
        clauses.push(format!("except for {}", spoken(without_categories)));
    }
    if let Some(only) = only_tenders {
        clauses.push(format!("of that the part paid with {}", spoken(only)));
    }
    if !without_tenders.is_empty() {
        clauses.push(format!("and not the part paid with {}", spoken(without_tenders)));
    }
    clauses.join(", ")
}
