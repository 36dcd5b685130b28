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
        RoundingScope,
    },
    ratio::{Ratio, RoundingMode, split_by_largest_remainder},
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
    /// What each rule that gives points gives of them, in the order of `steps`.
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
    /// The same after its group and its limits.
    pub limited: Ratio,
    /// Why it gives nothing or less.
    pub reason: Option<Reason>,
    /// The least of its limits, which no rounding lifts it beyond.
    pub most: Option<Points>,
    /// How much each line has to do with it: what splits it over the lines.
    weights: Vec<u64>,
}

/// What an order is worth under its pinned version.
///
/// Never more than it was worth before any refund: where a refund leaves the order with
/// the lines that are multiplied most, it takes nothing back but gives nothing either.
///
/// # Errors
///
/// [`Overflow`] when an amount exceeds what can be computed exactly, or
/// [`Points::MAX`].
pub fn worth(program: &Program, order: &OrderState) -> Result<Worth, Overflow> {
    let left = Measured::new(program, order, |base| order.remaining(base));
    let mut worth = left.worth()?;
    if !order.is_whole() && !order.is_gone() {
        let whole = Measured::new(program, order, |base| order.originally(base)).worth()?;
        worth.cut_to(&whole);
    }
    Ok(worth)
}

/// An order with the amounts that count.
struct Measured<'a> {
    program: &'a Program,
    order: &'a OrderState,
    /// By base, each line's amount.
    amounts: Vec<Vec<i64>>,
}

impl<'a> Measured<'a> {
    fn new(
        program: &'a Program,
        order: &'a OrderState,
        amounts: impl Fn(usize) -> Vec<i64>,
    ) -> Measured<'a> {
        let amounts = (0..program.bases.len()).map(amounts).collect();
        Measured { program, order, amounts }
    }

    fn worth(&self) -> Result<Worth, Overflow> {
        let factors = self.line_factors()?;
        let mut steps = Vec::with_capacity(self.program.earn.len());
        for (at, rule) in self.program.earn.iter().enumerate() {
            if let Effect::Points { currency, formula } = &rule.effect {
                steps.push(self.step(at, rule, *currency, formula, &factors)?);
            }
        }
        choose_in_groups(self.program, &mut steps);
        for step in &mut steps {
            limit(step, &self.program.earn[step.rule], self.order);
        }
        self.round(steps)
    }

    /// Whether the order is, with what is left of it, as large as a rule asks. (All else
    /// that a rule asks was answered when the order came.)
    fn is_large_enough(&self, rule: &EarnRule) -> bool {
        let default = self.amounts.first().map_or(0, |amounts| amounts.iter().sum());
        is_large_enough(rule, default)
    }

    /// What multiplies each line: the level's factor and the multipliers that hold for it.
    fn line_factors(&self) -> Result<Vec<Ratio>, Overflow> {
        let level = level_factor(self.program, self.order);
        let multipliers: Vec<(usize, Ratio)> = multipliers(self.program)
            .filter(|(at, _)| self.is_large_enough(&self.program.earn[*at]))
            .collect();
        let of_line = |held: u128| {
            let holding = multipliers.iter().filter(|(at, _)| held >> at & 1 == 1);
            let factors = level.into_iter().chain(holding.map(|(_, times)| *times));
            combine(self.program.stacking.multipliers, factors)
        };
        self.order.lines.iter().map(|line| of_line(line.held).ok_or(Overflow)).collect()
    }

    fn step(
        &self,
        at: usize,
        rule: &EarnRule,
        currency: usize,
        formula: &Formula,
        factors: &[Ratio],
    ) -> Result<Step, Overflow> {
        let counted = counted(at, self.order, &self.amounts[rule.base]);
        let eligible: i64 = counted.iter().sum();
        let reason = self.why_nothing(at, rule, eligible);
        let originally = || originally(at, rule, self.order);
        let (gives, below) = match reason {
            Some(_) => (Some(Ratio::ZERO), None),
            None => formula_gives(formula, eligible, originally),
        };
        let gives = gives.ok_or(Overflow)?;
        let multiplied = multiplied(gives, &counted, eligible, factors).ok_or(Overflow)?;
        Ok(Step {
            rule: at,
            currency,
            eligible,
            formula_gives: gives,
            multiplied,
            limited: multiplied,
            reason: reason.or(below),
            most: None,
            weights: weights(&counted, factors),
        })
    }

    /// Why a rule has nothing to count.
    fn why_nothing(&self, at: usize, rule: &EarnRule, eligible: i64) -> Option<Reason> {
        if !self.order.lines.iter().any(|line| line.held >> at & 1 == 1) {
            // The recorded reason of the first decision says which condition failed.
            recorded_reason(self.order, at)
        } else if eligible > 0 {
            (!self.is_large_enough(rule)).then_some(Reason::OrderTooSmall)
        } else if self.order.cancelled {
            Some(Reason::Cancelled)
        } else if originally(at, rule, self.order) > 0 {
            Some(Reason::Refunded)
        } else {
            Some(Reason::NothingEligible)
        }
    }

    fn round(&self, steps: Vec<Step>) -> Result<Worth, Overflow> {
        let mut worth = Worth {
            totals: vec![Points::ZERO; self.program.currencies.len()],
            awards: steps.iter().map(Step::award).collect::<Result<_, _>>()?,
            shares: vec![Points::ZERO; self.order.lines.len()],
            steps,
        };
        for (currency, of) in self.program.currencies.iter().enumerate() {
            let mine: Vec<usize> =
                (0..worth.steps.len()).filter(|&at| worth.steps[at].currency == currency).collect();
            let steps: Vec<&Step> = mine.iter().map(|&at| &worth.steps[at]).collect();
            let units = match of.rounding.scope {
                RoundingScope::Order => by_order(&steps, of.rounding.mode)?,
                RoundingScope::Line => by_line(&steps, self.order.lines.len(), of.rounding.mode)?,
            };
            for (&at, units) in mine.iter().zip(&units) {
                worth.awards[at].points = checked_total(units)?;
            }
            worth.totals[currency] = checked_total(units.iter().flatten())?;
            if currency == 0 {
                for (line, share) in worth.shares.iter_mut().enumerate() {
                    *share = checked_total(units.iter().map(|units| &units[line]))?;
                }
            }
        }
        worth.name_zeros();
        Ok(worth)
    }
}

pub(crate) fn is_large_enough(rule: &EarnRule, default_amount: i64) -> bool {
    rule.when.order_at_least.is_none_or(|least| default_amount >= least)
}

impl Step {
    fn award(&self) -> Result<Award, Overflow> {
        let rule = u8::try_from(self.rule).map_err(|_| Overflow)?;
        Ok(Award { rule, points: Points::ZERO, reason: self.reason })
    }
}

impl Worth {
    /// Cuts each currency to what the whole order is worth.
    fn cut_to(&mut self, whole: &Worth) {
        for (currency, most) in whole.totals.iter().enumerate() {
            if self.totals[currency] <= *most {
                continue;
            }
            self.totals[currency] = *most;
            let mine = self.steps.iter().zip(&mut self.awards);
            let mine = mine.filter(|(step, _)| step.currency == currency);
            cut(mine.map(|(_, award)| &mut award.points).collect(), *most);
            if currency == 0 {
                cut(self.shares.iter_mut().collect(), *most);
            }
        }
        self.name_zeros();
    }

    /// Every zero has a reason; this one is left when nothing else was.
    fn name_zeros(&mut self) {
        for award in self.awards.iter_mut().filter(|award| award.points.is_zero()) {
            award.reason = award.reason.or(Some(Reason::RoundedToZero));
        }
    }
}

/// Shrinks parts to a smaller sum, in proportion.
fn cut(parts: Vec<&mut Points>, to: Points) {
    let weights: Vec<u64> = parts.iter().map(|part| part.units()).collect();
    for (part, units) in parts.into_iter().zip(split_by_largest_remainder(to.units(), &weights)) {
        *part = Points::new(units).unwrap_or_default();
    }
}

/// What the member's level multiplied by, when the order came.
pub(crate) fn level_factor(program: &Program, order: &OrderState) -> Option<Ratio> {
    let tiers = program.tiers.as_ref()?;
    let level = tiers.position(order.tier.as_deref()?);
    Some(tiers.levels[level].earn_times)
}

/// The rules that multiply, by their positions.
pub(crate) fn multipliers(program: &Program) -> impl Iterator<Item = (usize, Ratio)> + '_ {
    program.earn.iter().enumerate().filter_map(|(at, rule)| match rule.effect {
        Effect::Times(times) => Some((at, times)),
        Effect::Points { .. } => None,
    })
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

/// Each line's amount where the rule holds for it.
fn counted(rule: usize, order: &OrderState, amounts: &[i64]) -> Vec<i64> {
    let lines = order.lines.iter().zip(amounts);
    lines.map(|(line, amount)| if line.held >> rule & 1 == 1 { *amount } else { 0 }).collect()
}

/// What a formula gives, each line's part of it times the line's factor.
fn multiplied(gives: Ratio, counted: &[i64], eligible: i64, factors: &[Ratio]) -> Option<Ratio> {
    if gives.is_zero() {
        return Some(Ratio::ZERO);
    }
    // Lines of one factor are taken together, so most orders need no division at all.
    let mut by_factor: Vec<(Ratio, i64)> = Vec::new();
    for (&amount, &factor) in counted.iter().zip(factors).filter(|(amount, _)| **amount > 0) {
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
fn weights(counted: &[i64], factors: &[Ratio]) -> Vec<u64> {
    let amounts = || counted.iter().map(|amount| amount.unsigned_abs()).collect();
    if factors.windows(2).all(|pair| pair[0] == pair[1]) {
        return amounts();
    }
    let weight = |(&amount, &factor): (&i64, &Ratio)| {
        let thousandths = Ratio::whole(amount.unsigned_abs().saturating_mul(1000));
        let weighed = thousandths.checked_mul(factor).and_then(|w| w.round(RoundingMode::Floor));
        weighed.unwrap_or(u64::MAX)
    };
    let weights: Vec<u64> = counted.iter().zip(factors).map(weight).collect();
    if weights.iter().all(|weight| *weight == 0) { amounts() } else { weights }
}

fn part_of(whole: Ratio, amount: u64, of: u64) -> Option<Ratio> {
    whole.checked_mul(Ratio::new(u128::from(amount), u128::from(of))?)
}

fn recorded_reason(order: &OrderState, rule: usize) -> Option<Reason> {
    let found = order.awards.iter().find(|award| usize::from(award.rule) == rule);
    found.and_then(|award| award.reason).or(Some(Reason::NothingEligible))
}

/// The eligible amount of a rule before any refund.
fn originally(at: usize, rule: &EarnRule, order: &OrderState) -> i64 {
    let lines = order.lines.iter().filter(|line| line.held >> at & 1 == 1);
    lines.map(|line| line.eligible(rule.base)).sum()
}

/// What a formula gives for an eligible amount of at least 1, and why that is nothing.
fn formula_gives(
    formula: &Formula,
    eligible: i64,
    originally: impl Fn() -> i64,
) -> (Option<Ratio>, Option<Reason>) {
    let amount = eligible.unsigned_abs();
    let unless_zero = |points: Points| points.is_zero().then_some(Reason::BelowStep);
    match formula {
        Formula::Rate { per_minor } => (per_minor.checked_mul(Ratio::whole(amount)), None),
        Formula::Steps { points, step } => {
            let steps = amount / step.unsigned_abs().max(1);
            let gives = Ratio::whole(points.units()).checked_mul(Ratio::whole(steps));
            (gives, (steps == 0).then_some(Reason::BelowStep))
        }
        Formula::Bands { bands, above } => {
            let band = bands.iter().find(|(up_to, _)| eligible <= *up_to);
            let points = band.map_or(*above, |(_, points)| *points);
            (Some(Ratio::whole(points.units())), unless_zero(points))
        }
        Formula::Flat { points, on_partial_refund } => {
            let whole = Ratio::whole(points.units());
            let gives = match on_partial_refund {
                PartialRefund::Keep => Some(whole),
                PartialRefund::Proportional => {
                    part_of(whole, amount, originally().max(eligible).unsigned_abs())
                }
            };
            (gives, None)
        }
    }
}

/// Lets the winner of each group count alone. What the formulas give decides, before
/// multipliers.
fn choose_in_groups(program: &Program, steps: &mut [Step]) {
    for (at, group) in program.groups.iter().enumerate() {
        let giving = |step: &&Step| {
            program.earn[step.rule].group == Some(at) && !step.formula_gives.is_zero()
        };
        let winner = match group.mode {
            GroupMode::Sum => continue,
            GroupMode::First => steps.iter().find(giving).map(|step| step.rule),
            GroupMode::Max => {
                // `max_by` keeps the last of equals; the first in the file is to win.
                let best = steps.iter().filter(giving).rev();
                best.max_by_key(|step| step.formula_gives).map(|step| step.rule)
            }
        };
        let losing = |step: &&mut Step| giving(&&**step) && Some(step.rule) != winner;
        for step in steps.iter_mut().filter(losing) {
            step.limited = Ratio::ZERO;
            step.reason = Some(Reason::OtherRuleCounts);
        }
    }
}

/// Cuts what a rule gives to what its limits leave. The kept order says what limits
/// beyond the order itself left when it came.
fn limit(step: &mut Step, rule: &EarnRule, order: &OrderState) {
    let of_order = rule.limits.iter().filter(|limit| limit.per == LimitPer::Order);
    let of_order = of_order.map(|limit| (limit.points, limit.per));
    let beyond = order.caps.iter().filter(|cap| usize::from(cap.rule) == step.rule);
    let beyond = beyond.map(|cap| (cap.left, cap.per));
    for (left, per) in of_order.chain(beyond) {
        step.most = Some(step.most.map_or(left, |most| most.min(left)));
        let left = Ratio::whole(left.units());
        if step.limited > left {
            step.limited = left;
            step.reason = Some(cap_reason(per));
        }
    }
}

fn cap_reason(per: LimitPer) -> Reason {
    match per {
        LimitPer::Order => Reason::OrderCap,
        LimitPer::Day => Reason::DailyCap,
        LimitPer::Week => Reason::WeeklyCap,
        LimitPer::Month => Reason::MonthlyCap,
        LimitPer::Year => Reason::YearlyCap,
        LimitPer::Lifetime => Reason::LifetimeCap,
    }
}

/// Each rule's whole units for each line: the order is rounded once, then split over the
/// rules and over the lines of each.
fn by_order(steps: &[&Step], mode: RoundingMode) -> Result<Vec<Vec<u64>>, Overflow> {
    let exact: Vec<Ratio> = steps.iter().map(|step| step.limited).collect();
    let units = rounded_together(&exact, mode)?;
    let over_lines =
        |(units, step): (u64, &&Step)| split_by_largest_remainder(units, &step.weights);
    Ok(units.into_iter().zip(steps).map(over_lines).collect())
}

/// Each rule's whole units for each line, where each line is rounded by itself, but no
/// rule is rounded up beyond its limits.
fn by_line(steps: &[&Step], lines: usize, mode: RoundingMode) -> Result<Vec<Vec<u64>>, Overflow> {
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

fn checked_total<'a>(units: impl IntoIterator<Item = &'a u64>) -> Result<Points, Overflow> {
    let sum = units.into_iter().try_fold(0_u64, |sum, part| sum.checked_add(*part));
    sum.and_then(Points::new).ok_or(Overflow)
}
