//! What an order is worth: from which rules held to points, exactly.
//!
//! The order of evaluation is fixed: eligible amount per line, base rules, groups,
//! multipliers, limits, one rounding, and the split over rules and lines. It depends on
//! the pinned program version and the kept order alone, so a refund, an explanation and
//! a proof compute the same as the first decision did.

mod chance;
mod factors;
mod formula;
mod rounding;
mod selection;

use std::borrow::Cow;

pub(crate) use factors::{level_factor, multipliers};

use self::{
    factors::{Factors, combine, multiplied, weights},
    formula::{Counting, formula_gives},
    rounding::{by_line, checked_total, rounded_together},
    selection::{choose_in_groups, limit},
};
use crate::{
    order_state::{Award, LineState, OrderState},
    points::Points,
    program::{EarnRule, Effect, Formula, Prize, Program, RoundingScope},
    ratio::{Ratio, split_by_largest_remainder},
    reason::Reason,
    referral::is_enough_for_a_friend,
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
}

/// Whether an order's award is split over its lines, which explains it and decides
/// nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shares {
    Split,
    LeftOut,
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
    worth_with(program, order, Shares::Split)
}

/// What an order is worth, with each line's share of it or without: shares that are left
/// out are none.
pub(crate) fn worth_with(
    program: &Program,
    order: &OrderState,
    shares: Shares,
) -> Result<Worth, Overflow> {
    let left = Measured::new(program, order, |base| order.remaining(base));
    let mut worth = left.worth(shares)?;
    if !order.is_whole() && !order.is_gone() {
        let whole = Measured::new(program, order, |base| order.originally(base));
        worth.cut_to(&whole.worth(Shares::LeftOut)?);
    }
    if order.denomination > 1 {
        worth.redenominate(order.denomination).ok_or(Overflow)?;
    }
    if order.barred == Some(Reason::Guest) {
        worth.withhold();
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

    fn worth(&self, shares: Shares) -> Result<Worth, Overflow> {
        let factors = self.line_factors()?;
        let mut steps = Vec::with_capacity(self.program.earn.len());
        for (at, rule) in self.program.earn.iter().enumerate() {
            if let Effect::Points { currency, formula } = &rule.effect
                && rule.on.hears(self.order.activity.as_deref())
            {
                steps.push(self.step(at, rule, *currency, formula, &factors)?);
            }
        }
        choose_in_groups(self.program, &mut steps);
        self.add_shares(&mut steps, &factors)?;
        for step in &mut steps {
            limit(step, &self.program.earn[step.rule], self.order);
        }
        self.round(steps, &factors, shares)
    }

    /// Each line's amount where the rule holds for it.
    fn counted(&self, rule: usize) -> impl Iterator<Item = i64> + Clone {
        let amounts = &self.amounts[self.program.earn[rule].base];
        let counts = move |(line, amount): (&LineState, &i64)| match line.held >> rule & 1 {
            1 => *amount,
            _ => 0,
        };
        self.order.lines.iter().zip(amounts).map(counts)
    }

    /// Why the order is, with what is left of it, less than a rule asks. (All else that a
    /// rule asks was answered when the order came.)
    fn too_little(&self, rule: &EarnRule) -> Option<Reason> {
        let amounts = |base: usize| self.amounts.get(base).map_or(&[][..], Vec::as_slice).into();
        too_little(self.program, self.order, rule, amounts)
    }

    /// What multiplies each line: the level's factor and the multipliers that hold for it.
    fn line_factors(&self) -> Result<Factors, Overflow> {
        let level = level_factor(self.program, self.order);
        let multipliers = || {
            multipliers(self.program)
                .filter(|(at, _)| self.too_little(&self.program.earn[*at]).is_none())
        };
        let of_line = |held: u128| {
            let holding = multipliers().filter(|(at, _)| held >> at & 1 == 1);
            let factors = level.into_iter().chain(holding.map(|(_, times)| times));
            combine(self.program.stacking.multipliers, factors).ok_or(Overflow)
        };
        let any = multipliers().fold(0_u128, |any, (at, _)| any | 1 << at);
        let mut held = self.order.lines.iter().map(|line| line.held & any);
        let first = held.next().unwrap_or(0);
        if held.all(|held| held == first) {
            return of_line(first).map(Factors::Same);
        }
        let by_line = self.order.lines.iter().map(|line| of_line(line.held));
        by_line.collect::<Result<_, _>>().map(Factors::ByLine)
    }

    fn step(
        &self,
        at: usize,
        rule: &EarnRule,
        currency: usize,
        formula: &Formula,
        factors: &Factors,
    ) -> Result<Step, Overflow> {
        if !self.order.lines.iter().any(|line| line.held >> at & 1 == 1) {
            return Ok(self.step_of_nothing(at, currency));
        }
        let eligible: i64 = self.counted(at).sum();
        let formula = formula.of(self.order, self.program.money);
        let reason = self.why_nothing(at, rule, eligible).or(formula.err());
        let counting = Counting {
            eligible,
            items: || items(self.counted(at), self.order),
            originally: || originally(at, rule, self.order),
            drawn: |prizes: &[Prize]| chance::drawn(prizes, &rule.id, self.order.seed),
        };
        let (gives, below) = match (reason, formula) {
            (None, Ok(formula)) => formula_gives(formula, &counting),
            _ => (Some(Ratio::ZERO), None),
        };
        let gives = gives.ok_or(Overflow)?;
        let multiplied = multiplied(gives, self.counted(at), eligible, factors);
        let multiplied = multiplied.ok_or(Overflow)?;
        Ok(Step {
            rule: at,
            currency,
            eligible,
            formula_gives: gives,
            multiplied,
            limited: multiplied,
            reason: reason.or(below),
            most: None,
        })
    }

    /// A rule that holds for no line. The recorded reason of the first decision says which
    /// condition failed.
    fn step_of_nothing(&self, at: usize, currency: usize) -> Step {
        Step {
            rule: at,
            currency,
            eligible: 0,
            formula_gives: Ratio::ZERO,
            multiplied: Ratio::ZERO,
            limited: Ratio::ZERO,
            reason: recorded_reason(self.order, at),
            most: None,
        }
    }

    /// Rules that give a share of what others give, once it is known which of those
    /// count. A rule's part on lines for which the sharing rule does not hold is left out.
    fn add_shares(&self, steps: &mut [Step], factors: &Factors) -> Result<(), Overflow> {
        for at in 0..steps.len() {
            let rule = &self.program.earn[steps[at].rule];
            let Effect::Points { formula, .. } = &rule.effect else { continue };
            let Ok(Formula::ShareOf { rules, share }) = formula.of(self.order, self.program.money)
            else {
                continue;
            };
            if steps[at].reason.is_some() {
                continue;
            }
            let mut gives = Ratio::ZERO;
            for shared in steps.iter().filter(|step| rules.contains(&step.rule)) {
                let part = self.common_part(steps[at].rule, shared).ok_or(Overflow)?;
                gives = gives.checked_add(part).ok_or(Overflow)?;
            }
            let gives = gives.checked_mul(*share).ok_or(Overflow)?;
            let step = &mut steps[at];
            step.formula_gives = gives;
            let counted = self.counted(step.rule);
            step.multiplied = multiplied(gives, counted, step.eligible, factors).ok_or(Overflow)?;
            step.limited = step.multiplied;
            step.reason = gives.is_zero().then_some(Reason::NothingToShare);
        }
        Ok(())
    }

    /// What a rule that counts gives, before multipliers, on lines for which `rule` holds.
    fn common_part(&self, rule: usize, shared: &Step) -> Option<Ratio> {
        let common = self.order.lines.iter().zip(self.counted(shared.rule));
        let common = common.filter(|(line, _)| line.held >> rule & 1 == 1);
        let common: i64 = common.map(|(_, amount)| amount).sum();
        if shared.limited.is_zero() || common == shared.eligible {
            return Some(if shared.limited.is_zero() { Ratio::ZERO } else { shared.formula_gives });
        }
        let part = Ratio::new(
            u128::from(common.unsigned_abs()),
            u128::from(shared.eligible.unsigned_abs().max(1)),
        )?;
        shared.formula_gives.checked_mul(part)
    }

    /// Why a rule that holds for some lines has nothing to count.
    fn why_nothing(&self, at: usize, rule: &EarnRule, eligible: i64) -> Option<Reason> {
        if eligible > 0 {
            self.too_little(rule)
        } else if self.order.cancelled && self.order.is_activity() {
            Some(Reason::Withdrawn)
        } else if self.order.cancelled {
            Some(Reason::Cancelled)
        } else if originally(at, rule, self.order) > 0 {
            Some(Reason::Refunded)
        } else {
            Some(Reason::NothingEligible)
        }
    }

    fn round(
        &self,
        steps: Vec<Step>,
        factors: &Factors,
        shares: Shares,
    ) -> Result<Worth, Overflow> {
        let lines = if shares == Shares::Split { self.order.lines.len() } else { 0 };
        let mut worth = Worth {
            totals: vec![Points::ZERO; self.program.currencies.len()],
            awards: steps.iter().map(Step::award).collect::<Result<_, _>>()?,
            shares: vec![Points::ZERO; lines],
            steps,
        };
        for (currency, of) in self.program.currencies.iter().enumerate() {
            let mine = || worth.steps.iter().filter(|step| step.currency == currency);
            let weighed = |step: &Step| weights(self.counted(step.rule), factors);
            let exact: Vec<Ratio> = mine().map(|step| step.limited).collect();
            let (units, of_lines) = match of.rounding.scope {
                RoundingScope::Order => {
                    let units = rounded_together(&exact, of.rounding.mode)?;
                    let split = |(step, &units)| split_by_largest_remainder(units, &weighed(step));
                    let wanted = shares == Shares::Split && currency == 0;
                    let of_lines = mine().zip(&units).filter(|_| wanted).map(split).collect();
                    (units, of_lines)
                }
                RoundingScope::Line => {
                    let weights: Vec<Vec<u64>> = mine().map(weighed).collect();
                    let most: Vec<Option<Points>> = mine().map(|step| step.most).collect();
                    let of_lines = by_line(&exact, &weights, &most, of.rounding.mode)?;
                    let units = of_lines.iter().map(checked_total);
                    let units = units.map(|sum| sum.map(Points::units)).collect::<Result<_, _>>();
                    (units?, of_lines)
                }
            };
            let awards = worth.steps.iter().zip(&mut worth.awards);
            let awards = awards.filter(|(step, _)| step.currency == currency);
            for ((_, award), units) in awards.zip(&units) {
                award.points = checked_total([units])?;
            }
            worth.totals[currency] = checked_total(&units)?;
            if currency == 0 {
                for (line, share) in worth.shares.iter_mut().enumerate() {
                    *share = checked_total(of_lines.iter().map(|units: &Vec<u64>| &units[line]))?;
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

/// Why an order, of which by base so much of each line counts, is less than a rule asks: a
/// rule on a friend's order gives for what counts as one.
pub(crate) fn too_little<'a>(
    program: &Program,
    order: &OrderState,
    rule: &EarnRule,
    amounts: impl Fn(usize) -> Cow<'a, [i64]>,
) -> Option<Reason> {
    let least = rule.when.order_at_least;
    if least.is_some() && !is_large_enough(rule, amounts(0).iter().sum()) {
        return Some(Reason::OrderTooSmall);
    }
    let is_less = rule.when.referred && !is_enough_for_a_friend(program, order, amounts);
    is_less.then_some(Reason::NotReferred)
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

    /// Counts the first currency in points of which one of the deciding version is `times`.
    fn redenominate(&mut self, times: u64) -> Option<()> {
        let many = |points: &mut Points| {
            *points = Points::new(points.units().checked_mul(times)?)?;
            Some(())
        };
        many(self.totals.first_mut()?)?;
        let mine = self.steps.iter().zip(&mut self.awards).filter(|(step, _)| step.currency == 0);
        mine.map(|(_, award)| award).try_for_each(|award| many(&mut award.points))?;
        self.shares.iter_mut().try_for_each(many)
    }

    /// A guest earns nothing yet. What the rules gave stays in `steps`.
    fn withhold(&mut self) {
        self.totals.fill(Points::ZERO);
        self.shares.fill(Points::ZERO);
        for award in self.awards.iter_mut().filter(|award| !award.points.is_zero()) {
            *award = Award { points: Points::ZERO, reason: Some(Reason::Guest), ..*award };
        }
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

/// How many pieces are left of the lines that count, in thousandths.
fn items(counted: impl Iterator<Item = i64>, order: &OrderState) -> u64 {
    let lines = order.lines.iter().zip(counted).filter(|(_, amount)| *amount > 0);
    lines.map(|(line, _)| line.pieces_left(order.is_activity())).sum()
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
