//! What an order comes to in one currency.

use schemars::JsonSchema;
use serde::Serialize;

use super::{order::Explaining, words};
use crate::{
    account::sum, award::Worth, change::Place, order_state::Credit, points::Points,
    program::Pending, ratio::Ratio, row::Row, time::Day,
};

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

impl Explaining<'_> {
    pub(super) fn total(&self, row: &Row, worth: &Worth, at: usize) -> ExplainedTotal {
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
