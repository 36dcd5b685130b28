//! Which rules can hold for the same line of the same order.

use domain::program::{Base, Conditions, EarnRule, GroupMode, Program};

/// Whether two rules can never count together.
pub fn exclusive(program: &Program, a: &EarnRule, b: &EarnRule) -> bool {
    let compete = a.group.is_some()
        && a.group == b.group
        && a.group.is_some_and(|group| program.groups[group].mode != GroupMode::Sum);
    compete
        || apart(&a.when, &b.when)
        || left_out(&a.when, &b.unless)
        || left_out(&b.when, &a.unless)
        || paid_apart(&program.bases[a.base], &program.bases[b.base])
}

/// Whether two tables ask for different things.
fn apart(a: &Conditions, b: &Conditions) -> bool {
    // Members can have several labels, and orders several kinds of tender.
    disjoint(&a.products, &b.products)
        || disjoint(&a.categories, &b.categories)
        || disjoint(&a.brands, &b.brands)
        || disjoint(&a.channels, &b.channels)
        || disjoint(&a.stores, &b.stores)
        || disjoint(&a.sole_tenders, &b.sole_tenders)
        || disjoint(&a.tiers, &b.tiers)
        || disjoint(&a.weekdays, &b.weekdays)
        || disjoint(&a.days, &b.days)
        || matches!((a.to, b.from), (Some(to), Some(from)) if to <= from)
        || matches!((b.to, a.from), (Some(to), Some(from)) if to <= from)
}

/// Whether all that `when` asks for is left out by `unless`.
pub fn left_out(when: &Conditions, unless: &Conditions) -> bool {
    within(&when.products, &unless.products)
        || within(&when.categories, &unless.categories)
        || within(&when.brands, &unless.brands)
        || within(&when.channels, &unless.channels)
        || within(&when.stores, &unless.stores)
        || within(&when.sole_tenders, &unless.sole_tenders)
        || within(&when.tiers, &unless.tiers)
        || within(&when.labels, &unless.labels)
        || within(&when.subjects, &unless.subjects)
        || within(&when.weekdays, &unless.weekdays)
        || within(&when.days, &unless.days)
        || (when.first_order && unless.first_order)
        || (when.referred && unless.referred)
        || matches!((when.order_at_least, unless.order_at_least), (Some(a), Some(b)) if a >= b)
        || spans(unless, when)
}

/// Whether the time of `outer` contains that of `inner`.
fn spans(outer: &Conditions, inner: &Conditions) -> bool {
    let dated = outer.from.is_some() || outer.to.is_some();
    let from = outer.from.is_none_or(|outer| inner.from.is_some_and(|inner| outer <= inner));
    let to = outer.to.is_none_or(|outer| inner.to.is_some_and(|inner| inner <= outer));
    dated && from && to
}

/// Whether one base counts only tenders that the other leaves out.
fn paid_apart(a: &Base, b: &Base) -> bool {
    let only = |base: &Base| base.only_tenders.clone().unwrap_or_default();
    let (only_a, only_b) = (only(a), only(b));
    disjoint(&only_a, &only_b)
        || within(&only_a, &b.without_tenders)
        || within(&only_b, &a.without_tenders)
}

fn disjoint<T: PartialEq>(a: &[T], b: &[T]) -> bool {
    !a.is_empty() && !b.is_empty() && !a.iter().any(|each| b.contains(each))
}

fn within<T: PartialEq>(a: &[T], b: &[T]) -> bool {
    !a.is_empty() && a.iter().all(|each| b.contains(each))
}

/// Whether whatever `narrow` asks for is enough for `wide`.
pub fn asks_no_more(wide: &Conditions, narrow: &Conditions) -> bool {
    fn fewer<T: PartialEq>(wide: &[T], narrow: &[T]) -> bool {
        wide.is_empty() || within(narrow, wide)
    }
    let Conditions {
        products,
        categories,
        brands,
        channels,
        stores,
        sole_tenders,
        tiers,
        labels,
        subjects,
        weekdays,
        days,
        first_order,
        referred,
        birthday,
        lines_at_most,
        expression,
        from,
        to,
        order_at_least,
    } = wide;
    fewer(products, &narrow.products)
        && fewer(categories, &narrow.categories)
        && fewer(brands, &narrow.brands)
        && fewer(channels, &narrow.channels)
        && fewer(stores, &narrow.stores)
        && fewer(sole_tenders, &narrow.sole_tenders)
        && fewer(tiers, &narrow.tiers)
        && fewer(labels, &narrow.labels)
        && fewer(subjects, &narrow.subjects)
        && fewer(weekdays, &narrow.weekdays)
        && fewer(days, &narrow.days)
        && (!first_order || narrow.first_order)
        && (!referred || narrow.referred)
        && (birthday.is_none() || *birthday == narrow.birthday)
        && (lines_at_most.is_none() || *lines_at_most == narrow.lines_at_most)
        && expression.is_none()
        && from.is_none_or(|from| narrow.from.is_some_and(|narrow| narrow >= from))
        && to.is_none_or(|to| narrow.to.is_some_and(|narrow| narrow <= to))
        && order_at_least.is_none_or(|least| narrow.order_at_least.is_some_and(|it| it >= least))
}
