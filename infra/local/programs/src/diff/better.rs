//! Whether something became more or less.

use std::cmp::Ordering;

use domain::{
    program::{Expiry, Formula, Pending},
    time::{Day, Period},
};

/// How what a formula gives compares with before; nothing where that depends on the order.
pub fn formulas(before: &Formula, after: &Formula) -> Option<Ordering> {
    match (before, after) {
        (Formula::Rate { per_minor: before }, Formula::Rate { per_minor: after }) => {
            Some(after.cmp(before))
        }
        (
            Formula::Steps { points: before, step },
            Formula::Steps { points: after, step: new_step },
        ) if step == new_step => Some(after.cmp(before)),
        (Formula::Flat { points: before, .. }, Formula::Flat { points: after, .. }) => {
            Some(after.cmp(before))
        }
        (Formula::PerItem { points: before }, Formula::PerItem { points: after }) => {
            Some(after.cmp(before))
        }
        (
            Formula::ShareOf { rules: of, share: before },
            Formula::ShareOf { rules, share: after },
        ) if of == rules => Some(after.cmp(before)),
        _ => None,
    }
}

/// Whether points live longer.
pub fn expiries(before: Expiry, after: Expiry) -> Option<Ordering> {
    let lives = |expiry| match expiry {
        Expiry::Never => Some(u16::MAX),
        Expiry::After { .. } => Some(expiry.of_lot(day()).number()),
        Expiry::Inactive { .. } | Expiry::Yearly { .. } | Expiry::On(_) => None,
    };
    match (before, after) {
        (Expiry::Inactive { period: before }, Expiry::Inactive { period: after }) => {
            Some(length(after).cmp(&length(before)))
        }
        (Expiry::On(before), Expiry::On(after)) => Some(after.cmp(&before)),
        _ => Some(lives(after)?.cmp(&lives(before)?)),
    }
}

/// Whether points wait longer.
pub fn waits(before: &Pending, after: &Pending) -> Option<Ordering> {
    let wait = |pending: &Pending| match pending {
        Pending::Never => Some(0),
        Pending::For(period) => Some(length(*period)),
        Pending::Until(_) | Pending::UntilStatus { .. } => None,
    };
    Some(wait(after)?.cmp(&wait(before)?))
}

/// A first of March: no month after it is short.
fn day() -> Day {
    Day::from_date(jiff::civil::date(2026, 3, 1))
}

fn length(period: Period) -> u16 {
    period.after(day()).number() - day().number()
}
