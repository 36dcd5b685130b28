//! How much of what members pay comes back to them at best.

use domain::{
    program::{
        Conditions, EarnRule, Effect, Formula, MultiplierMode, Price, Program, Reward, RewardKind,
        Trigger,
    },
    ratio::Ratio,
    time::Instant,
};

use super::{Checking, Code, compatible::exclusive, levels, rules};
use crate::words::{all_of, formulas::percent};

/// How many combinations of rules are looked at; the best of so many is good enough for a
/// warning.
const COMBINATIONS_MAX: u32 = 20_000;

pub(super) fn check(checking: &mut Checking<'_>) {
    let program = checking.program;
    let level_ids = levels::reachable(program);
    let levels: Vec<Option<&str>> = match level_ids.is_empty() {
        true => vec![None],
        false => level_ids.into_iter().map(Some).collect(),
    };
    let best: Vec<(Option<&str>, Best)> = levels
        .iter()
        .map(|level| {
            (*level, best_rate(program, *level, &|rule| is_on(program, rule, checking.at)))
        })
        .collect();
    for (at, reward) in program.rewards.iter().enumerate() {
        // Points come from any money: what another one is worth in the program's is not known.
        if reward.money != program.money {
            continue;
        }
        let Some(value) = value_per_unit(reward) else { continue };
        let may = |level: Option<&str>| {
            reward.tiers.is_empty() || level.is_some_and(|it| reward.tiers.iter().any(|t| t == it))
        };
        let back = best
            .iter()
            .filter(|(level, _)| may(*level))
            .filter_map(|(level, best)| Some((best.rate.checked_mul(value)?, *level, &best.rules)));
        let most = back.max_by(|a, b| a.0.cmp(&b.0)).filter(|(back, ..)| *back > Ratio::ONE);
        if let Some((back, level, rules)) = most {
            let by: Vec<&str> = rules.iter().map(|rule| program.earn[*rule].id.as_str()).collect();
            let on = level.map_or_else(String::new, |level| format!(" on the level {level}"));
            let sentence = format!(
                "is cheaper to earn than it is worth: {} of what is paid comes back{on} by {}",
                percent(back),
                all_of(&by)
            );
            checking.find_of(Code::GivesBackTooMuch, format!("reward[{at}]"), &reward.id, sentence);
        }
    }
}

/// Whether a rule may still give something.
pub(super) fn is_on(program: &Program, rule: &EarnRule, at: Instant) -> bool {
    rules::over_since(program, rule, at).is_none() && rules::why_never(program, rule).is_none()
}

/// What one smallest unit of points is worth in a reward, in minor units.
fn value_per_unit(reward: &Reward) -> Option<Ratio> {
    // What is given away does not come back to members.
    if reward.kind == RewardKind::Donation {
        return None;
    }
    let (value, points) = match reward.price {
        Price::Variable { points, value } => (value, points),
        Price::Fixed { points, value } => (value.or(reward.worth_up_to)?, points),
    };
    Ratio::new(u128::from(value.unsigned_abs()), u128::from(points.units()))
}

/// The most points for money, in smallest units for a minor unit.
#[derive(Clone, Debug)]
pub(super) struct Best {
    pub rate: Ratio,
    /// The rules that give it together.
    pub rules: Vec<usize>,
}

/// What a rule that is looked at does for an order line.
enum Part<'p> {
    Rate(Ratio),
    Share(&'p [usize], Ratio),
    Times(Ratio),
}

/// The most points for money on a level, by rules that are `on` and can hold together.
pub(super) fn best_rate(
    program: &Program,
    level: Option<&str>,
    on: &dyn Fn(&EarnRule) -> bool,
) -> Best {
    let tiers = program.tiers.as_ref().zip(level);
    let level_times =
        tiers.map_or(Ratio::ONE, |(tiers, level)| tiers.levels[tiers.position(level)].earn_times);
    let mut parts: Vec<(usize, Part<'_>)> = program
        .earn
        .iter()
        .enumerate()
        .filter(|(_, rule)| holds_on(&rule.when, &rule.unless, level) && on(rule))
        .filter_map(|(at, rule)| Some((at, part(program, rule, level)?)))
        .collect();
    // The greatest first, so that good combinations are found early.
    parts.sort_by_key(|(_, part)| {
        std::cmp::Reverse(match part {
            Part::Rate(rate) => (2, *rate),
            Part::Share(_, share) => (1, *share),
            Part::Times(times) => (3, *times),
        })
    });
    let mut search = Search {
        program,
        parts,
        level_times,
        chosen: Vec::new(),
        best: Best { rate: Ratio::ZERO, rules: Vec::new() },
        left: COMBINATIONS_MAX,
    };
    search.go(0);
    search.best
}

fn holds_on(when: &Conditions, unless: &Conditions, level: Option<&str>) -> bool {
    let is = |tier: &String| Some(tier.as_str()) == level;
    (when.tiers.is_empty() || when.tiers.iter().any(is)) && !unless.tiers.iter().any(is)
}

fn part<'p>(program: &'p Program, rule: &'p EarnRule, level: Option<&str>) -> Option<Part<'p>> {
    if rule.on != Trigger::Order {
        return None;
    }
    match &rule.effect {
        Effect::Points { currency: 0, formula } => of_formula(program, rule, formula, level),
        Effect::Times(times) if *times > Ratio::ONE => Some(Part::Times(*times)),
        Effect::Points { .. } | Effect::Times(_) | Effect::Counts => None,
    }
}

fn of_formula<'p>(
    program: &Program,
    rule: &EarnRule,
    formula: &'p Formula,
    level: Option<&str>,
) -> Option<Part<'p>> {
    let per = |points: domain::points::Points, minor: i64| {
        Ratio::new(u128::from(points.units()), u128::from(minor.unsigned_abs().max(1)))
    };
    match formula {
        Formula::Rate { per_minor } => Some(Part::Rate(*per_minor)),
        Formula::Steps { points, step } => per(*points, *step).map(Part::Rate),
        // A band gives most to whoever is just in it; but small change earns no fortune.
        Formula::Bands { bands, above } => {
            let last = bands.last().map_or(1, |(up_to, _)| *up_to);
            let of_bands = bands.iter().filter_map(|(up_to, points)| per(*points, *up_to));
            of_bands.chain(per(*above, last)).max().map(Part::Rate)
        }
        // A number for an order is a rate only where the order must be of some size.
        Formula::Flat { points, .. } => {
            rule.when.order_at_least.and_then(|least| per(*points, least)).map(Part::Rate)
        }
        Formula::PerItem { .. } | Formula::Chance(_) => None,
        Formula::ShareOf { rules, share } => Some(Part::Share(rules, *share)),
        Formula::ByTier(by_tier) => {
            let found = by_tier.iter().find(|(tier, _)| Some(tier.as_str()) == level);
            found.and_then(|(_, formula)| of_formula(program, rule, formula, level))
        }
        Formula::ByMoney(by_money) => {
            let found = by_money.iter().find(|(money, _)| *money == program.money);
            found.and_then(|(_, formula)| of_formula(program, rule, formula, level))
        }
    }
}

/// All combinations of rules that can hold together, the best of them kept.
struct Search<'p> {
    program: &'p Program,
    parts: Vec<(usize, Part<'p>)>,
    level_times: Ratio,
    /// Positions in `parts`.
    chosen: Vec<usize>,
    best: Best,
    left: u32,
}

impl Search<'_> {
    fn go(&mut self, from: usize) {
        self.left = self.left.saturating_sub(1);
        if let Some(rate) = self.rate_of(&self.chosen).filter(|rate| *rate > self.best.rate) {
            let rules = self.chosen.iter().map(|at| self.parts[*at].0).collect();
            self.best = Best { rate, rules };
        }
        // All that is left, whether it fits together or not, bounds what can be gained.
        let all: Vec<usize> = self.chosen.iter().copied().chain(from..self.parts.len()).collect();
        let most = self.rate_of(&all);
        if self.left == 0 || most.is_some_and(|most| most <= self.best.rate) {
            return;
        }
        for at in from..self.parts.len() {
            let rule = &self.program.earn[self.parts[at].0];
            let mut chosen = self.chosen.iter().map(|at| &self.program.earn[self.parts[*at].0]);
            if !chosen.any(|other| exclusive(self.program, rule, other)) {
                self.chosen.push(at);
                self.go(at + 1);
                self.chosen.pop();
            }
        }
    }

    /// What some parts give together.
    fn rate_of(&self, chosen: &[usize]) -> Option<Ratio> {
        let parts = || chosen.iter().map(|at| &self.parts[*at]);
        let mut rate = Ratio::ZERO;
        for (_, part) in parts() {
            let of_part = match part {
                Part::Rate(rate) => *rate,
                Part::Share(rules, share) => {
                    let shared = parts().filter_map(|(rule, part)| match part {
                        Part::Rate(rate) if rules.contains(rule) => Some(*rate),
                        _ => None,
                    });
                    shared
                        .into_iter()
                        .try_fold(Ratio::ZERO, Ratio::checked_add)?
                        .checked_mul(*share)?
                }
                Part::Times(_) => Ratio::ZERO,
            };
            rate = rate.checked_add(of_part)?;
        }
        let times = parts().filter_map(|(_, part)| match part {
            Part::Times(times) => Some(*times),
            _ => None,
        });
        let factors = times.chain([self.level_times]);
        rate.checked_mul(combined(self.program.stacking.multipliers, factors)?)
    }
}

fn combined(mode: MultiplierMode, mut factors: impl Iterator<Item = Ratio>) -> Option<Ratio> {
    match mode {
        MultiplierMode::Multiply => factors.try_fold(Ratio::ONE, Ratio::checked_mul),
        MultiplierMode::Add => factors
            .try_fold(Ratio::ONE, |sum, factor| sum.checked_add(factor)?.checked_sub(Ratio::ONE)),
        MultiplierMode::Max => factors.max(),
    }
}
