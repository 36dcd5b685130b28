//! What each rule gave, or why nothing.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Because, order::Explaining, words};
use crate::{
    award::{Step, level_factor, multipliers, too_little},
    money::display_minor,
    order_state::Award,
    program::{EarnRule, Effect},
    ratio::Ratio,
    reason::Reason,
};

/// What one rule gave, or why nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExplainedRule {
    /// The rule's id.
    pub rule: String,
    /// The currency it gives; none for a rule that multiplies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The group it competes in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// What it does, in words.
    pub formula: String,
    /// What it counted, in minor units.
    pub eligible: i64,
    /// What the formula gives for that, exactly.
    pub formula_gives: String,
    /// What multiplies it.
    pub factors: Vec<Factor>,
    /// The same after the factors.
    pub after_multipliers: String,
    /// The same after its group and its limits.
    pub after_limits: String,
    /// Its limits, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<String>,
    /// Its part of the rounded total.
    pub points: u64,
    /// Why it gives nothing, or less than its formula.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Because>,
    /// The same in words.
    pub sentence: String,
}

/// What multiplies a rule's points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Factor {
    /// The level, where it is a level that does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// The rule, where it is a rule that does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// By how much.
    pub times: String,
    /// On which of the lines that the multiplied rule counted.
    pub lines: Lines,
}

/// All lines that a rule counted, or some.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Lines {
    /// All of them.
    All,
    /// Some of them.
    Some,
}

impl Explaining<'_> {
    /// A rule that gives points.
    pub(super) fn giving(&self, rule: &EarnRule, step: &Step, award: &Award) -> ExplainedRule {
        let pinned = &self.program.currencies[step.currency];
        let currency = self.currency(step.currency);
        let formula = match &rule.effect {
            Effect::Points { formula, .. } => {
                let of_order = formula.of(self.order, self.program.money).unwrap_or(formula);
                let what = if self.order.is_activity() { "activity" } else { "order" };
                words::formula(self.program, (what, self.money()), pinned, of_order)
            }
            Effect::Times(_) | Effect::Counts => String::new(),
        };
        let factors = self.factors(step);
        let reason = award.reason.map(Because::from);
        let gives = match &reason {
            Some(reason) if award.points.is_zero() => format!("nothing: {}", reason.sentence),
            Some(reason) => {
                format!("{}: {}", words::points(currency, award.points), reason.sentence)
            }
            None => words::points(currency, award.points),
        };
        let by: String = factors.iter().map(|factor| format!(" {}", factor.words())).collect();
        // An activity for which nothing was paid counts as one of the smallest coin, which
        // would only puzzle.
        let on = match self.order.is_activity() && step.eligible <= 1 {
            true => String::new(),
            false => format!(" on {}", display_minor(step.eligible, self.money())),
        };
        ExplainedRule {
            rule: rule.id.clone(),
            currency: Some(currency.id.clone()),
            group: self.group(rule),
            sentence: format!("{}: {formula}{on}{by} gives {gives}", rule.id),
            formula,
            eligible: step.eligible,
            formula_gives: step.formula_gives.to_string(),
            after_multipliers: step.multiplied.to_string(),
            after_limits: step.limited.to_string(),
            factors,
            limits: rule.limits.iter().map(|limit| words::limit(pinned, limit)).collect(),
            points: award.points.units(),
            reason,
        }
    }

    /// A rule that multiplies what others give.
    pub(super) fn multiplying(&self, at: usize, rule: &EarnRule) -> ExplainedRule {
        let times = match rule.effect {
            Effect::Times(times) => times,
            Effect::Points { .. } | Effect::Counts => Ratio::ONE,
        };
        let reason = self.why_not_multiplying(at, rule);
        let what = reason.map_or("applies".into(), |r| format!("does not apply: {}", r.sentence()));
        let formula = format!("times {times}");
        ExplainedRule {
            rule: rule.id.clone(),
            currency: None,
            group: self.group(rule),
            sentence: format!("{}: {formula} {what}", rule.id),
            formula,
            eligible: 0,
            formula_gives: Ratio::ZERO.to_string(),
            factors: Vec::new(),
            after_multipliers: Ratio::ZERO.to_string(),
            after_limits: Ratio::ZERO.to_string(),
            limits: Vec::new(),
            points: 0,
            reason: reason.map(Because::from),
        }
    }

    fn why_not_multiplying(&self, at: usize, rule: &EarnRule) -> Option<Reason> {
        let kept = self.order.awards.iter().find(|award| usize::from(award.rule) == at);
        kept.and_then(|award| award.reason).or_else(|| self.too_little(rule))
    }

    fn too_little(&self, rule: &EarnRule) -> Option<Reason> {
        too_little(self.program, self.order, rule, |base| self.order.remaining(base).into())
    }

    fn group(&self, rule: &EarnRule) -> Option<String> {
        rule.group.and_then(|group| self.program.groups.get(group)).map(|group| group.id.clone())
    }

    /// What multiplies the lines that a rule counted.
    fn factors(&self, step: &Step) -> Vec<Factor> {
        let remaining = self.order.remaining(self.program.earn[step.rule].base);
        let holds = |rule: usize, held: u128| held >> rule & 1 == 1;
        let lines = self.order.lines.iter().zip(remaining);
        let counted: Vec<u128> = lines
            .filter(|(line, left)| *left > 0 && holds(step.rule, line.held))
            .map(|(line, _)| line.held)
            .collect();
        if counted.is_empty() {
            return Vec::new();
        }
        let of_level = level_factor(self.program, self.order).filter(|times| *times != Ratio::ONE);
        let of_level = of_level.map(|times| Factor {
            tier: self.order.tier.clone(),
            rule: None,
            times: times.to_string(),
            lines: Lines::All,
        });
        let of_rules = multipliers(self.program).filter_map(|(at, times)| {
            let rule = &self.program.earn[at];
            let lines = counted.iter().filter(|held| holds(at, **held)).count();
            (lines > 0 && self.too_little(rule).is_none()).then(|| Factor {
                tier: None,
                rule: Some(rule.id.clone()),
                times: times.to_string(),
                lines: if lines == counted.len() { Lines::All } else { Lines::Some },
            })
        });
        of_level.into_iter().chain(of_rules).collect()
    }
}

impl Factor {
    fn words(&self) -> String {
        let by = self.tier.as_ref().or(self.rule.as_ref()).map_or("", String::as_str);
        match self.lines {
            Lines::All => format!("times {} ({by})", self.times),
            Lines::Some => format!("times {} on some lines ({by})", self.times),
        }
    }
}
