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
        let currency = self.currency(at);
        let steps = worth.steps.iter().filter(|step| step.currency == at);
        let mut exact = steps.map(|step| step.limited);
        let exact = exact.try_fold(Ratio::ZERO, Ratio::checked_add);
        let credits =
            || self.order.credits.iter().filter(move |credit| usize::from(credit.currency) == at);
        let credited = |of: fn(&Credit) -> Points| sum(credits().map(of)).units();
        let points = worth.totals[at];
        let today = Day::of(row.recorded_at, &self.program.time_zone);
        let waits = credits().filter(|credit| !credit.waiting.is_zero());
        let waits = waits.filter(|credit| credit.matures_on > today);
        // Where parts of it wait for different days, the last is shown.
        let last = waits.max_by_key(|credit| credit.matures_on);
        let pending_until = last.and_then(|credit| words::unless_never(credit.matures_on));
        let pending_until_status = last.filter(|credit| credit.matures_on == Day::NEVER);
        let pending_until_status = pending_until_status.and_then(|credit| self.status_of(credit));
        let expires_on = credits().map(|credit| credit.expires_on).min();
        let expires_on = expires_on.and_then(words::unless_never);
        let what = if self.order.is_activity() { "activity" } else { "order" };
        let mut sentence = format!("the {what} is worth {}", words::points(currency, points));
        if let Some(until) = pending_until.as_ref().or(pending_until_status.as_ref()) {
            sentence += &format!(", pending until {until}");
        }
        if let Some(until) = expires_on.as_ref().filter(|_| !points.is_zero()) {
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

impl Explaining<'_> {
    /// The status that points wait for.
    fn status_of(&self, credit: &Credit) -> Option<String> {
        let of_rule = credit.of_rule.and_then(|rule| self.program.earn.get(usize::from(rule)));
        let pending = of_rule.and_then(|rule| rule.pending.as_ref());
        let currency = self.program.currencies.get(usize::from(credit.currency))?;
        match pending.unwrap_or(&currency.pending) {
            Pending::UntilStatus { status, .. } => Some(status.clone()),
            _ => None,
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
