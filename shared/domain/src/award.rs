//! What an order is worth: from which rules held to points, exactly.
//!
//! The order of evaluation is fixed: eligible amount per line, base rules, groups,
//! multipliers, limits, one rounding, and the split over rules and lines. It depends on
//! the pinned program version and the kept order alone, so a refund, an explanation and
//! a proof compute the same as the first decision did.

use crate::{
    order_state::{Award, OrderState},
    points::Points,
    program::{
        EarnRule, Effect, Formula, GroupMode, LimitPer, MultiplierMode, PartialRefund, Program,
        Rounding, RoundingScope,
    },
    ratio::{Ratio, split_by_largest_remainder},
    reason::Reason,
};

/// Amounts too large to compute with.
#[derive(Debug, PartialEq, Eq)]
pub struct Overflow;

/// What an order is worth now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worth {
    /// The points of each currency, by its position.
    pub totals: Vec<Points>,
    /// What each rule that gives points gives of them.
    pub awards: Vec<Award>,
    /// Each line's share of the first currency.
    pub shares: Vec<Points>,
    /// How each rule came to its points.
    pub steps: Vec<Step>,
}

/// How one rule came to its points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The position of the rule.
    pub rule: usize,
    /// The currency it gives.
    pub currency: usize,
    /// What it counted, in minor units.
    pub eligible: i64,
    /// What its formula gives for that, exactly.
    pub formula_gives: Ratio,
    /// The same after multipliers.
    pub multiplied: Ratio,
    /// The same after limits.
    pub limited: Ratio,
    /// Why it gives nothing or less.
    pub reason: Option<Reason>,
    /// Each line's part of `limited`.
    by_line: Vec<Ratio>,
}

/// What an order is worth under its pinned version.
///
/// # Errors
///
/// [`Overflow`] when an amount exceeds what can be computed exactly, or
/// [`Points::MAX`].
pub fn worth(program: &Program, order: &OrderState) -> Result<Worth, Overflow> {
    let factors = line_factors(program, order)?;
    let remaining: Vec<Vec<i64>> =
        (0..program.bases.len()).map(|base| order.remaining(base)).collect();
    let mut steps = Vec::with_capacity(program.earn.len());
    for (at, rule) in program.earn.iter().enumerate() {
        if let Effect::Points { currency, formula } = &rule.effect {
            let eligible = &remaining[rule.base];
            steps.push(step(at, rule, *currency, formula, order, eligible, &factors)?);
        }
    }
    choose_in_groups(program, &mut steps);
    for step in &mut steps {
        limit(step, &program.earn[step.rule], order)?;
    }
    round(program, order, steps)
}

/// What multiplies each line: the level's factor and the multipliers that hold for it.
fn line_factors(program: &Program, order: &OrderState) -> Result<Vec<Ratio>, Overflow> {
    let tiers = program.tiers.as_ref();
    let level = tiers.zip(order.tier.as_deref()).map(|(tiers, tier)| {
        let at = tiers.position(tier);
        tiers.levels[at].earn_times
    });
    let multipliers: Vec<(usize, Ratio)> = program
        .earn
        .iter()
        .enumerate()
        .filter_map(|(at, rule)| match rule.effect {
            Effect::Times(times) => Some((at, times)),
            Effect::Points { .. } => None,
        })
        .collect();
    let of_line = |held: u128| {
        let holding = multipliers.iter().filter(|(at, _)| held >> at & 1 == 1);
        combine(program.stacking.multipliers, level.into_iter().chain(holding.map(|(_, t)| *t)))
    };
    order.lines.iter().map(|line| of_line(line.held).ok_or(Overflow)).collect()
}

fn combine(mode: MultiplierMode, factors: impl Iterator<Item = Ratio>) -> Option<Ratio> {
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

fn step(
    at: usize,
    rule: &EarnRule,
    currency: usize,
    formula: &Formula,
    order: &OrderState,
    remaining: &[i64],
    factors: &[Ratio],
) -> Result<Step, Overflow> {
    let counts = |line: usize| order.lines[line].held >> at & 1 == 1;
    let amounts: Vec<i64> =
        remaining.iter().enumerate().map(|(i, &left)| if counts(i) { left } else { 0 }).collect();
    let eligible: i64 = amounts.iter().sum();
    let held = (0..amounts.len()).any(counts);
    let (gives, mut reason) = formula_gives(formula, eligible, || originally(at, rule, order));
    if !held {
        // The recorded reason of the first decision says which condition failed.
        reason = recorded_reason(order, at);
    } else if reason == Some(Reason::NothingEligible) && !order.is_whole() {
        reason = Some(Reason::Refunded);
    }
    let gives = gives.ok_or(Overflow)?;
    let mut by_line = Vec::with_capacity(amounts.len());
    let mut multiplied = Ratio::ZERO;
    for (amount, factor) in amounts.iter().zip(factors) {
        let part = if *amount == 0 || gives.is_zero() {
            Ratio::ZERO
        } else {
            part_of(gives, *amount, eligible)
                .and_then(|p| p.checked_mul(*factor))
                .ok_or(Overflow)?
        };
        multiplied = multiplied.checked_add(part).ok_or(Overflow)?;
        by_line.push(part);
    }
    Ok(Step {
        rule: at,
        currency,
        eligible,
        formula_gives: gives,
        multiplied,
        limited: multiplied,
        reason,
        by_line,
    })
}

fn part_of(whole: Ratio, amount: i64, of: i64) -> Option<Ratio> {
    let share = Ratio::new(u128::try_from(amount).ok()?, u128::try_from(of).ok()?)?;
    whole.checked_mul(share)
}

fn recorded_reason(order: &OrderState, rule: usize) -> Option<Reason> {
    let found = order.awards.iter().find(|award| usize::from(award.rule) == rule);
    found.and_then(|award| award.reason).or(Some(Reason::NothingEligible))
}

/// The eligible amount of a rule before any refund.
fn originally(at: usize, rule: &EarnRule, order: &OrderState) -> i64 {
    let lines = order.lines.iter().filter(|line| line.held >> at & 1 == 1);
    lines.map(|line| line.eligible.get(rule.base).copied().unwrap_or(line.paid)).sum()
}

/// What a formula gives for an eligible amount, and why that is nothing.
fn formula_gives(
    formula: &Formula,
    eligible: i64,
    originally: impl Fn() -> i64,
) -> (Option<Ratio>, Option<Reason>) {
    if eligible <= 0 {
        return (Some(Ratio::ZERO), Some(Reason::NothingEligible));
    }
    let amount = eligible.unsigned_abs();
    match formula {
        Formula::Rate { per_minor } => (per_minor.checked_mul(Ratio::whole(amount)), None),
        Formula::Steps { points, step } => {
            let steps = eligible / (*step).max(1);
            let gives =
                Ratio::whole(points.units()).checked_mul(Ratio::whole(steps.unsigned_abs()));
            (gives, (steps == 0).then_some(Reason::BelowStep))
        }
        Formula::Bands { bands, above } => {
            let band = bands.iter().find(|(up_to, _)| eligible <= *up_to);
            let points = band.map_or(*above, |(_, points)| *points);
            (Some(Ratio::whole(points.units())), points.is_zero().then_some(Reason::BelowStep))
        }
        Formula::Flat { points, on_partial_refund } => {
            let whole = Ratio::whole(points.units());
            let gives = match on_partial_refund {
                PartialRefund::Keep => Some(whole),
                PartialRefund::Proportional => part_of(whole, eligible, originally().max(eligible)),
            };
            (gives, None)
        }
    }
}

fn choose_in_groups(program: &Program, steps: &mut [Step]) {
    for (at, group) in program.groups.iter().enumerate() {
        let of_group = |step: &Step| program.earn[step.rule].group == Some(at);
        let giving = |step: &&Step| of_group(step) && !step.multiplied.is_zero();
        let winner = match group.mode {
            GroupMode::Sum => continue,
            GroupMode::First => steps.iter().find(giving).map(|step| step.rule),
            GroupMode::Max => {
                // `max_by` keeps the last of equals; the first in the file is to win.
                let best = steps.iter().filter(giving).rev();
                best.max_by(|a, b| a.multiplied.cmp(&b.multiplied)).map(|step| step.rule)
            }
        };
        let losing = |step: &&mut Step| {
            program.earn[step.rule].group == Some(at)
                && Some(step.rule) != winner
                && !step.multiplied.is_zero()
        };
        for step in steps.iter_mut().filter(losing) {
            step.limited = Ratio::ZERO;
            step.reason = Some(Reason::OtherRuleCounts);
        }
    }
}

/// Cuts what a rule gives to what its limits leave. The kept order says what limits
/// beyond the order itself left when it came.
fn limit(step: &mut Step, rule: &EarnRule, order: &OrderState) -> Result<(), Overflow> {
    let of_order = rule.limits.iter().filter(|limit| limit.per == LimitPer::Order);
    let of_order = of_order.map(|limit| (limit.points, Reason::OrderCap));
    let kept = order.caps.iter().filter(|(at, _)| usize::from(*at) == step.rule);
    let kept = kept.map(|(_, left)| (*left, longest_cap(rule)));
    for (left, reason) in of_order.chain(kept) {
        let left = Ratio::whole(left.units());
        if step.limited > left {
            step.limited = left;
            step.reason = Some(reason);
        }
    }
    if step.limited == step.multiplied {
        return Ok(());
    }
    for part in &mut step.by_line {
        let share = part.checked_mul(step.limited).ok_or(Overflow)?;
        *part = share.checked_div(step.multiplied).ok_or(Overflow)?;
    }
    Ok(())
}

/// The reason that names a rule's limit over a span; the shortest span where it has
/// several.
fn longest_cap(rule: &EarnRule) -> Reason {
    let reason = |per: LimitPer| match per {
        LimitPer::Order => None,
        LimitPer::Day => Some(Reason::DailyCap),
        LimitPer::Week => Some(Reason::WeeklyCap),
        LimitPer::Month => Some(Reason::MonthlyCap),
        LimitPer::Year => Some(Reason::YearlyCap),
        LimitPer::Lifetime => Some(Reason::LifetimeCap),
    };
    rule.limits.iter().find_map(|limit| reason(limit.per)).unwrap_or(Reason::LifetimeCap)
}

fn round(program: &Program, order: &OrderState, steps: Vec<Step>) -> Result<Worth, Overflow> {
    let mut totals = vec![Points::ZERO; program.currencies.len()];
    let mut shares = vec![Points::ZERO; order.lines.len()];
    let mut awards: Vec<Award> = Vec::with_capacity(steps.len());
    for step in &steps {
        let rule = u8::try_from(step.rule).map_err(|_| Overflow)?;
        awards.push(Award { rule, points: Points::ZERO, reason: step.reason });
    }
    for (currency, total) in totals.iter_mut().enumerate() {
        let of_currency: Vec<usize> =
            (0..steps.len()).filter(|&at| steps[at].currency == currency).collect();
        let by_line = lines_of(&steps, &of_currency, order.lines.len())?;
        let rounding = program.currencies[currency].rounding;
        let (points, line_points) = rounded(rounding, &by_line)?;
        *total = Points::new(points).ok_or(Overflow)?;
        if currency == 0 {
            shares = line_points.into_iter().map(|p| Points::new(p).unwrap_or_default()).collect();
        }
        let weights: Vec<Ratio> = of_currency.iter().map(|&at| steps[at].limited).collect();
        for (&at, points) in of_currency.iter().zip(split(points, &weights)) {
            awards[at].points = Points::new(points).ok_or(Overflow)?;
            let rounded_away = points == 0 && !steps[at].limited.is_zero();
            if rounded_away && awards[at].reason.is_none() {
                awards[at].reason = Some(Reason::RoundedToZero);
            }
        }
    }
    Ok(Worth { totals, awards, shares, steps })
}

fn lines_of(steps: &[Step], which: &[usize], lines: usize) -> Result<Vec<Ratio>, Overflow> {
    let mut sums = vec![Ratio::ZERO; lines];
    for &at in which {
        for (sum, part) in sums.iter_mut().zip(&steps[at].by_line) {
            *sum = sum.checked_add(*part).ok_or(Overflow)?;
        }
    }
    Ok(sums)
}

/// The whole units of an order and of each line of it.
fn rounded(rounding: Rounding, by_line: &[Ratio]) -> Result<(u64, Vec<u64>), Overflow> {
    match rounding.scope {
        RoundingScope::Order => {
            let add = |sum: Ratio, line: &Ratio| sum.checked_add(*line);
            let exact = by_line.iter().try_fold(Ratio::ZERO, add).ok_or(Overflow)?;
            let total = exact.round(rounding.mode).ok_or(Overflow)?;
            Ok((total, split(total, by_line)))
        }
        RoundingScope::Line => {
            let lines: Option<Vec<u64>> =
                by_line.iter().map(|line| line.round(rounding.mode)).collect();
            let lines = lines.ok_or(Overflow)?;
            let total = lines.iter().try_fold(0_u64, |sum, line| sum.checked_add(*line));
            Ok((total.ok_or(Overflow)?, lines))
        }
    }
}

/// Splits whole units by exact weights, measured to a millionth of a unit.
fn split(total: u64, weights: &[Ratio]) -> Vec<u64> {
    if let [_] = weights {
        return vec![total];
    }
    let million = Ratio::whole(1_000_000);
    let measured = |weight: &Ratio| {
        let scaled = weight.checked_mul(million).unwrap_or(*weight);
        scaled.round(crate::ratio::RoundingMode::Floor).unwrap_or(u64::MAX)
    };
    split_by_largest_remainder(total, &weights.iter().map(measured).collect::<Vec<_>>())
}
