//! One rounding, and the split of whole units over rules and lines.

use super::{Overflow, Step};
use crate::{
    points::Points,
    ratio::{Ratio, RoundingMode, split_by_largest_remainder},
};

/// Each rule's whole units for each line: the order is rounded once, then split over the
/// rules and over the lines of each.
pub(super) fn by_order(steps: &[&Step], mode: RoundingMode) -> Result<Vec<Vec<u64>>, Overflow> {
    let exact: Vec<Ratio> = steps.iter().map(|step| step.limited).collect();
    let units = rounded_together(&exact, mode)?;
    let over_lines =
        |(units, step): (u64, &&Step)| split_by_largest_remainder(units, &step.weights);
    Ok(units.into_iter().zip(steps).map(over_lines).collect())
}

/// Each rule's whole units for each line, where each line is rounded by itself, but no
/// rule is rounded up beyond its limits.
pub(super) fn by_line(
    steps: &[&Step],
    lines: usize,
    mode: RoundingMode,
) -> Result<Vec<Vec<u64>>, Overflow> {
    let sums: Vec<u128> =
        steps.iter().map(|step| step.weights.iter().map(|&w| u128::from(w)).sum()).collect();
    let of_line = |line: usize| {
        let part = |(step, &sum): (&&Step, &u128)| {
            let share = Ratio::new(u128::from(step.weights[line]), sum.max(1));
            share.and_then(|share| step.limited.checked_mul(share)).ok_or(Overflow)
        };
        let exact = steps.iter().zip(&sums).map(part).collect::<Result<Vec<_>, _>>()?;
        rounded_together(&exact, mode)
    };
    let by_line: Vec<Vec<u64>> = (0..lines).map(of_line).collect::<Result<_, _>>()?;
    let of_step = |step: usize| by_line.iter().map(|units| units[step]).collect();
    let mut units: Vec<Vec<u64>> = (0..steps.len()).map(of_step).collect();
    for (step, units) in steps.iter().zip(&mut units) {
        let most = step.most.map_or(u64::MAX, Points::units);
        let sum = units.iter().fold(0, |sum: u64, units| sum.saturating_add(*units));
        let mut over = sum.saturating_sub(most);
        for of_line in units.iter_mut().rev() {
            let less = over.min(*of_line);
            *of_line -= less;
            over -= less;
        }
    }
    Ok(units)
}

/// Rounds a sum once and gives each part its own whole units; what is left goes to the
/// parts with the largest fractions, the first of equals, so none gets more than it
/// would by itself rounded up.
fn rounded_together(exact: &[Ratio], mode: RoundingMode) -> Result<Vec<u64>, Overflow> {
    let add = |sum: Ratio, part: &Ratio| sum.checked_add(*part);
    let sum = exact.iter().try_fold(Ratio::ZERO, add).ok_or(Overflow)?;
    let total = sum.round(mode).ok_or(Overflow)?;
    let whole = exact.iter().map(|part| part.round(RoundingMode::Floor));
    let mut units: Vec<u64> = whole.collect::<Option<_>>().ok_or(Overflow)?;
    let of_parts = units.iter().try_fold(0_u64, |sum, part| sum.checked_add(*part));
    let left = total.checked_sub(of_parts.ok_or(Overflow)?).ok_or(Overflow)?;
    if left > 0 {
        let mut order: Vec<usize> = (0..exact.len()).collect();
        order.sort_by_key(|&at| std::cmp::Reverse(exact[at].fraction()));
        for at in order.into_iter().take(usize::try_from(left).unwrap_or(usize::MAX)) {
            units[at] += 1;
        }
    }
    Ok(units)
}

pub(super) fn checked_total<'a>(
    units: impl IntoIterator<Item = &'a u64>,
) -> Result<Points, Overflow> {
    let sum = units.into_iter().try_fold(0_u64, |sum, part| sum.checked_add(*part));
    sum.and_then(Points::new).ok_or(Overflow)
}
