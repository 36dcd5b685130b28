//! Lines that no rule of a program tells apart.
//!
//! What an order earns depends on such lines only through their sums, as long as nothing
//! names one of them. So they can be decided as if they were one, which is much faster:
//! real orders have twenty lines.

use std::collections::{BTreeSet, HashSet};

use domain::{
    eligible::GIFT_CARD,
    fact::Line,
    program::{Conditions, Effect, Formula, Program, RoundingScope},
};

/// What the rules of a program ask of lines, where they ask for names alone.
pub(super) struct Alike<'a> {
    products: BTreeSet<&'a str>,
    categories: BTreeSet<&'a str>,
    brands: BTreeSet<&'a str>,
}

impl<'a> Alike<'a> {
    /// `None` where a rule may ask for more: how many lines or pieces there are, or
    /// whatever an expression asks.
    pub fn of(program: &'a Program) -> Option<Alike<'a>> {
        let by_line = |scope: RoundingScope| scope == RoundingScope::Line;
        let rounds = program.currencies.iter().any(|currency| by_line(currency.rounding.scope));
        let counts = program.earn.iter().any(|rule| match &rule.effect {
            Effect::Points { formula, .. } => counts_pieces(formula),
            Effect::Times(_) | Effect::Counts => false,
        });
        if rounds || counts || program.draws() || !program.goals.is_empty() {
            return None;
        }
        let mut alike = Alike {
            products: BTreeSet::new(),
            categories: BTreeSet::from([GIFT_CARD]),
            brands: BTreeSet::new(),
        };
        for base in &program.bases {
            alike.categories.extend(base.without_categories.iter().map(String::as_str));
        }
        for rule in &program.earn {
            alike.asks(&rule.when)?;
            alike.asks(&rule.unless)?;
        }
        Some(alike)
    }

    fn asks(&mut self, conditions: &'a Conditions) -> Option<()> {
        if conditions.lines_at_most.is_some() || conditions.expression.is_some() {
            return None;
        }
        self.products.extend(conditions.products.iter().map(String::as_str));
        self.categories.extend(conditions.categories.iter().map(String::as_str));
        self.brands.extend(conditions.brands.iter().map(String::as_str));
        Some(())
    }

    /// The lines with those taken together that are alike, if all are that no refund names.
    /// Lines that a refund names stay as they are, and keep the names that they have.
    pub fn together(&self, lines: &[Line], refunded: &HashSet<&str>) -> Option<Vec<Line>> {
        let named = lines.iter().enumerate().map(|(at, line)| (line.id_at(at), line));
        let (mut kept, rest): (Vec<_>, Vec<_>) =
            named.partition(|(name, _)| refunded.contains(name.as_str()));
        let ((name, first), others) = rest.split_first().filter(|(_, more)| !more.is_empty())?;
        let of_first = self.asked_for(first);
        if !others.iter().all(|(_, line)| self.asked_for(line) == of_first) {
            return None;
        }
        let sum = |amount: fn(&Line) -> i64| {
            rest.iter().try_fold(0_i64, |sum, (_, line)| sum.checked_add(amount(line)))
        };
        let one = Line {
            quantity: 1,
            unit_price: sum(Line::gross)?,
            discount: sum(|line| line.discount)?,
            tax: sum(|line| line.tax)?,
            ..(*first).clone()
        };
        if kept.is_empty() {
            return Some(vec![self.without_names(&one)]);
        }
        kept.push((name.clone(), &one));
        let named = |(name, line)| Line { id: Some(name), ..self.without_names(line) };
        Some(kept.into_iter().map(named).collect())
    }

    /// The line with those names alone that some rule asks for.
    pub fn without_names(&self, line: &Line) -> Line {
        let [product, category, brand] = self.asked_for(line).map(|name| name.map(str::to_owned));
        Line { id: line.id.clone(), product, category, brand, ..*line }
    }

    /// The names of a line that some rule asks for.
    fn asked_for<'l>(&self, line: &'l Line) -> [Option<&'l str>; 3] {
        let known = |names: &BTreeSet<&str>, name: &'l Option<String>| {
            name.as_deref().filter(|name| names.contains(name))
        };
        [
            known(&self.products, &line.product),
            known(&self.categories, &line.category),
            known(&self.brands, &line.brand),
        ]
    }
}

fn counts_pieces(formula: &Formula) -> bool {
    match formula {
        Formula::Rate { .. }
        | Formula::Steps { .. }
        | Formula::Bands { .. }
        | Formula::Flat { .. }
        | Formula::ShareOf { .. } => false,
        Formula::PerItem { .. } | Formula::Chance(_) => true,
        Formula::ByTier(formulas) => formulas.iter().any(|(_, formula)| counts_pieces(formula)),
        Formula::ByMoney(formulas) => formulas.iter().any(|(_, formula)| counts_pieces(formula)),
    }
}
