//! How an order came to its points, rule by rule and line by line.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Because, Unexplained, words};
use crate::{
    account::sum,
    award::{Step, Worth, is_large_enough, level_factor, multipliers, worth},
    change::Place,
    money::display_minor,
    order_state::{Award, Credit, OrderState},
    points::Points,
    program::{EarnRule, Effect, Pending, Program},
    ratio::Ratio,
    reason::Reason,
    row::Row,
    time::Day,
};

/// An order and what it is worth, under the version and the context of its first
/// decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExplainedOrder {
    /// The program version that decides it for ever.
    pub program_version: u32,
    /// The day that dates its points.
    pub placed_on: String,
    /// The member's level when it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// What of it counts by the program's default base, after refunds, in minor units.
    pub eligible: i64,
    /// Every rule of the version, in the order of the file.
    pub rules: Vec<ExplainedRule>,
    /// What that comes to, by currency.
    pub totals: Vec<ExplainedTotal>,
    /// Its lines.
    pub lines: Vec<ExplainedLine>,
}

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
    #[serde(skip_serializing_if = "Vec::is_empty")]
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

/// What an order comes to in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExplainedTotal {
    /// The currency's id.
    pub currency: String,
    /// The sum of the rules after limits, exactly.
    pub exact: String,
    /// How it is rounded: `floor`, `ceil`, `half_up` or `half_even`.
    pub rounding: String,
    /// What is rounded as one: the `order` or each `line`.
    pub rounded_by: String,
    /// What the order is worth now.
    pub points: u64,
    /// All that it was given so far.
    pub awarded: u64,
    /// All that was taken back of it so far; `points` is what was given less this.
    pub clawed_back: u64,
    /// What of its points this row used to repay debt.
    pub repaid_debt: u64,
    /// The day on which its points become spendable, where they wait for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending_until: Option<String>,
    /// The status of the order that its points wait for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending_until_status: Option<String>,
    /// The day at whose start its points end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<String>,
    /// The same in words.
    pub sentence: String,
}

/// A line and its share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExplainedLine {
    /// The source's id, or the position from 1.
    pub line: String,
    /// How many were bought.
    pub quantity: u32,
    /// What was paid for it, in minor units.
    pub paid: i64,
    /// What of that counts by the program's default base, after refunds.
    pub eligible: i64,
    /// How many were given back.
    #[serde(skip_serializing_if = "is_zero")]
    pub refunded_quantity: u32,
    /// Its share of the program's first currency.
    pub points: u64,
}

fn is_zero(quantity: &u32) -> bool {
    *quantity == 0
}

pub(super) fn explain(
    program: &Program,
    row: &Row,
    order: &OrderState,
) -> Result<ExplainedOrder, Unexplained> {
    let worth = worth(program, order)?;
    let eligible = order.remaining(0);
    let explaining = Explaining { program, order, default_amount: eligible.iter().sum() };
    let rules = program.earn.iter().enumerate().map(|(at, rule)| {
        let mut steps = worth.steps.iter().zip(&worth.awards);
        match steps.find(|(step, _)| step.rule == at) {
            Some((step, award)) => explaining.giving(rule, step, award),
            None => explaining.multiplying(at, rule),
        }
    });
    let totals = (0..program.currencies.len()).map(|at| explaining.total(row, &worth, at));
    let lines = order.lines.iter().zip(&eligible).enumerate();
    let lines = lines.map(|(at, (line, eligible))| ExplainedLine {
        line: line.name(at),
        quantity: line.quantity,
        paid: line.paid,
        eligible: *eligible,
        refunded_quantity: line.refunded_quantity,
        points: line.share.units(),
    });
    Ok(ExplainedOrder {
        program_version: order.program_version,
        placed_on: order.placed_on.to_string(),
        tier: order.tier.clone(),
        eligible: explaining.default_amount,
        rules: rules.collect(),
        totals: totals.collect(),
        lines: lines.collect(),
    })
}

struct Explaining<'a> {
    program: &'a Program,
    order: &'a OrderState,
    /// What of the order counts by the default base, after refunds.
    default_amount: i64,
}

impl Explaining<'_> {
    /// A rule that gives points.
    fn giving(&self, rule: &EarnRule, step: &Step, award: &Award) -> ExplainedRule {
        let currency = &self.program.currencies[step.currency];
        let formula = match &rule.effect {
            Effect::Points { formula, .. } => words::formula(self.program, currency, formula),
            Effect::Times(_) => String::new(),
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
        let eligible = display_minor(step.eligible, self.program.money);
        ExplainedRule {
            rule: rule.id.clone(),
            currency: Some(currency.id.clone()),
            group: self.group(rule),
            sentence: format!("{}: {formula} on {eligible}{by} gives {gives}", rule.id),
            formula,
            eligible: step.eligible,
            formula_gives: step.formula_gives.to_string(),
            after_multipliers: step.multiplied.to_string(),
            after_limits: step.limited.to_string(),
            factors,
            limits: rule.limits.iter().map(|limit| words::limit(currency, limit)).collect(),
            points: award.points.units(),
            reason,
        }
    }

    /// A rule that multiplies what others give.
    fn multiplying(&self, at: usize, rule: &EarnRule) -> ExplainedRule {
        let times = match rule.effect {
            Effect::Times(times) => times,
            Effect::Points { .. } => Ratio::ONE,
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
        let too_small = !is_large_enough(rule, self.default_amount);
        kept.and_then(|award| award.reason).or(too_small.then_some(Reason::OrderTooSmall))
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
            (lines > 0 && is_large_enough(rule, self.default_amount)).then(|| Factor {
                tier: None,
                rule: Some(rule.id.clone()),
                times: times.to_string(),
                lines: if lines == counted.len() { Lines::All } else { Lines::Some },
            })
        });
        of_level.into_iter().chain(of_rules).collect()
    }

    fn total(&self, row: &Row, worth: &Worth, at: usize) -> ExplainedTotal {
        let currency = &self.program.currencies[at];
        let steps = worth.steps.iter().filter(|step| step.currency == at);
        let mut exact = steps.map(|step| step.limited);
        let exact = exact.try_fold(Ratio::ZERO, Ratio::checked_add);
        let credit = self.order.credits.iter().find(|credit| usize::from(credit.currency) == at);
        let credited = |of: fn(&Credit) -> Points| credit.map_or(0, |credit| of(credit).units());
        let points = worth.totals[at];
        let today = Day::of(row.recorded_at, &self.program.time_zone);
        let waits = credit.filter(|credit| !credit.waiting.is_zero());
        let matures_on = waits.map(|credit| credit.matures_on).filter(|on| *on > today);
        let pending_until = matures_on.and_then(words::unless_never);
        let pending_until_status = match &currency.pending {
            Pending::UntilStatus(status) if matures_on == Some(Day::NEVER) => Some(status.clone()),
            _ => None,
        };
        let expires_on = credit.and_then(|credit| words::unless_never(credit.expires_on));
        let mut sentence = format!("the order is worth {}", words::points(currency, points));
        if let Some(until) = pending_until.as_ref().or(pending_until_status.as_ref()) {
            sentence += &format!(", pending until {until}");
        }
        if let Some(until) = &expires_on {
            sentence += &format!(", to be spent before {until}");
        }
        ExplainedTotal {
            currency: currency.id.clone(),
            exact: exact.map_or("beyond what is shown".into(), |exact| exact.to_string()),
            rounding: words::rounding_mode(currency.rounding.mode).to_owned(),
            rounded_by: words::rounding_scope(currency.rounding.scope).to_owned(),
            points: points.units(),
            awarded: credited(|credit| credit.awarded),
            clawed_back: credited(|credit| credit.clawed_back),
            repaid_debt: repaid_debt(row, at).units(),
            pending_until,
            pending_until_status,
            expires_on,
            sentence,
        }
    }
}

/// The points that the row gave for the order and that repaid debt.
fn repaid_debt(row: &Row, currency: usize) -> Points {
    let repaid = row.movements().filter(|movement| {
        usize::from(movement.currency) == currency
            && (movement.from, movement.to) == (Place::Issued, Place::Debt)
    });
    sum(repaid.map(|movement| movement.points))
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
