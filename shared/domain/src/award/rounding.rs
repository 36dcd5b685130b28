//! One rounding, and the split of whole units over rules.

use super::Overflow;
use crate::{
    points::Points,
    ratio::{Ratio, RoundingMode},
};

/// Each rule's whole units for each line, where each line is rounded by itself, but no
/// rule is rounded up beyond `most`.
pub(super) fn by_line(
    exact: &[Ratio],
    weights: &[Vec<u64>],
    most: &[Option<Points>],
    mode: RoundingMode,
) -> Result<Vec<Vec<u64>>, Overflow> {
    let sums: Vec<u128> =
        weights.iter().map(|weights| weights.iter().map(|&w| u128::from(w)).sum()).collect();
    let of_line = |line: usize| {
        let part = |((exact, weights), &sum): ((&Ratio, &Vec<u64>), &u128)| {
            let share = Ratio::new(u128::from(weights[line]), sum.max(1));
            share.and_then(|share| exact.checked_mul(share)).ok_or(Overflow)
        };
        let parts = exact.iter().zip(weights).zip(&sums).map(part);
        rounded_together(&parts.collect::<Result<Vec<_>, _>>()?, mode)
    };
    let lines = weights.first().map_or(0, Vec::len);
    let by_line: Vec<Vec<u64>> = (0..lines).map(of_line).collect::<Result<_, _>>()?;
    let of_step = |step: usize| by_line.iter().map(|units| units[step]).collect();
    let mut units: Vec<Vec<u64>> = (0..exact.len()).map(of_step).collect();
    for (most, units) in most.iter().zip(&mut units) {
        let most = most.map_or(u64::MAX, Points::units);
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
pub(super) fn rounded_together(exact: &[Ratio], mode: RoundingMode) -> Result<Vec<u64>, Overflow> {
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
