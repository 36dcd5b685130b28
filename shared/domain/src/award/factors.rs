//! What multiplies a rule's points: the level and the rules that say so.

use crate::{
    order_state::OrderState,
    program::{Effect, MultiplierMode, Program},
    ratio::{Ratio, RoundingMode},
};

/// What the member's level multiplied by, when the order came; activities earn the same
/// on every level.
pub(crate) fn level_factor(program: &Program, order: &OrderState) -> Option<Ratio> {
    let tiers = program.tiers.as_ref().filter(|_| !order.is_activity())?;
    let level = tiers.position(order.tier.as_deref()?);
    Some(tiers.levels[level].earn_times)
}

/// The rules that multiply, by their positions.
pub(crate) fn multipliers(program: &Program) -> impl Iterator<Item = (usize, Ratio)> + '_ {
    program.earn.iter().enumerate().filter_map(|(at, rule)| match rule.effect {
        Effect::Times(times) => Some((at, times)),
        Effect::Points { .. } | Effect::Counts => None,
    })
}

pub(super) fn combine(mode: MultiplierMode, factors: impl Iterator<Item = Ratio>) -> Option<Ratio> {
    let mut combined = Ratio::ONE;
    match mode {
        MultiplierMode::Multiply => {
            for factor in factors {
                combined = combined.checked_mul(factor)?;
            }
        }
        MultiplierMode::Add => {
            for factor in factors {
                combined = combined.checked_add(factor)?.checked_sub(Ratio::ONE)?;
            }
        }
        // The strongest alone; a factor below one counts only where it stands alone.
        MultiplierMode::Max => combined = factors.max().unwrap_or(Ratio::ONE),
    }
    Some(combined)
}

/// What multiplies the lines of an order.
pub(super) enum Factors {
    /// All of them alike.
    Same(Ratio),
    /// Each by its own.
    ByLine(Vec<Ratio>),
}

/// What a formula gives, each line's part of it times the line's factor.
pub(super) fn multiplied(
    gives: Ratio,
    counted: impl Iterator<Item = i64>,
    eligible: i64,
    factors: &Factors,
) -> Option<Ratio> {
    if gives.is_zero() {
        return Some(Ratio::ZERO);
    }
    let factors = match factors {
        Factors::Same(factor) => return gives.checked_mul(*factor),
        Factors::ByLine(factors) => factors,
    };
    // Lines of one factor are taken together, so most orders need no division at all.
    let mut by_factor: Vec<(Ratio, i64)> = Vec::new();
    for (amount, &factor) in counted.zip(factors).filter(|(amount, _)| *amount > 0) {
        match by_factor.iter_mut().find(|(known, _)| *known == factor) {
            Some((_, sum)) => *sum += amount,
            None => by_factor.push((factor, amount)),
        }
    }
    if let [(factor, _)] = by_factor[..] {
        return gives.checked_mul(factor);
    }
    let mut sum = Ratio::ZERO;
    for (factor, amount) in by_factor {
        sum = sum.checked_add(Ratio::whole(amount.unsigned_abs()).checked_mul(factor)?)?;
    }
    sum.checked_div(Ratio::whole(eligible.unsigned_abs()))?.checked_mul(gives)
}

/// The line's amounts times their factors, to a thousandth where factors differ.
pub(super) fn weights(counted: impl Iterator<Item = i64> + Clone, factors: &Factors) -> Vec<u64> {
    let amounts = || counted.clone().map(i64::unsigned_abs).collect();
    let factors = match factors {
        Factors::Same(_) => return amounts(),
        Factors::ByLine(factors) => factors,
    };
    if factors.windows(2).all(|pair| pair[0] == pair[1]) {
        return amounts();
    }
    let weight = |(amount, &factor): (i64, &Ratio)| {
        let thousandths = Ratio::whole(amount.unsigned_abs().saturating_mul(1000));
        let weighed = thousandths.checked_mul(factor).and_then(|w| w.round(RoundingMode::Floor));
        weighed.unwrap_or(u64::MAX)
    };
    let weights: Vec<u64> = counted.clone().zip(factors).map(weight).collect();
    if weights.iter().all(|weight| *weight == 0) { amounts() } else { weights }
}
