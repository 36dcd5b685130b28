//! How an order came to its points, rule by rule and line by line.

use schemars::JsonSchema;
use serde::Serialize;

use super::{ExplainedRule, ExplainedTotal, Unexplained};
use crate::{
    award::worth,
    money::Currency,
    order_state::OrderState,
    program::{Effect, PointsCurrency, Program},
    reason::Reason,
    row::Row,
};

/// An order and what it is worth, under the version and the context of its first
/// decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExplainedOrder {
    /// What was done, where this is an activity and no order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activity: Option<String>,
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
    /// What a member would have had of the program's first currency, where a guest bought.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub would_earn: Option<u64>,
    /// Its lines.
    pub lines: Vec<ExplainedLine>,
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
    #[serde(default, skip_serializing_if = "is_zero")]
    pub refunded_quantity: u32,
    /// Its share of the program's first currency.
    pub points: u64,
}

fn is_zero(quantity: &u32) -> bool {
    *quantity == 0
}

pub(super) fn explain(
    program: &Program,
    present: &Program,
    row: &Row,
    order: &OrderState,
) -> Result<ExplainedOrder, Unexplained> {
    let worth = worth(program, order)?;
    let eligible = order.remaining(0);
    let explaining = Explaining { program, order, present, default_amount: eligible.iter().sum() };
    let rules = program.earn.iter().enumerate();
    let rules = rules.filter(|(_, rule)| rule.on.hears(order.activity.as_deref()));
    let rules = rules.filter(|(_, rule)| !matches!(rule.effect, Effect::Counts));
    let rules = rules.map(|(at, rule)| {
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
        activity: order.activity.clone(),
        program_version: order.program_version,
        placed_on: order.placed_on.to_string(),
        tier: order.tier.clone(),
        eligible: explaining.default_amount,
        rules: rules.collect(),
        totals: totals.collect(),
        would_earn: would_earn(program, order)?,
        lines: lines.collect(),
    })
}

fn would_earn(program: &Program, order: &OrderState) -> Result<Option<u64>, Unexplained> {
    if order.barred != Some(Reason::Guest) {
        return Ok(None);
    }
    let of_member = OrderState { barred: None, ..order.clone() };
    let worth = worth(program, &of_member)?;
    Ok(worth.totals.first().map(|points| points.units()))
}

/// An order that is being explained, and the version that decides it.
pub(super) struct Explaining<'a> {
    pub program: &'a Program,
    pub order: &'a OrderState,
    /// The version in force when the row was recorded, in whose points it counts.
    pub present: &'a Program,
    /// What of the order counts by the default base, after refunds.
    pub default_amount: i64,
}

impl Explaining<'_> {
    /// A currency, as amounts of it are shown.
    pub fn currency(&self, at: usize) -> &PointsCurrency {
        self.present.currencies.get(at).unwrap_or(&self.program.currencies[at])
    }

    /// The money that the order was paid in.
    pub fn money(&self) -> Currency {
        self.order.money.unwrap_or(self.program.money)
    }
}
