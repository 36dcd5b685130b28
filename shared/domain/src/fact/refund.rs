//! A refund.

use serde::{Deserialize, Serialize};

use super::{LINES_MAX, Malformed, QUANTITY_MAX, check_amount};
use crate::{ids::ExternalId, time::Instant};

/// Some or all of an order was paid back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refund {
    /// The source's name for it.
    pub id: ExternalId,
    /// The order, as its source names it.
    pub order: ExternalId,
    /// When, if not now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refunded_at: Option<Instant>,
    /// What was paid back.
    #[serde(flatten)]
    pub what: RefundedWhat,
}

/// What was paid back. Amounts are minor units of the order's currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundedWhat {
    /// These lines, by quantity or by amount.
    Lines(Vec<RefundLine>),
    /// This much of the order, whatever it was for.
    Amount(i64),
    /// This much of the order in all refunds so far.
    AmountToDate(i64),
    /// All that is left.
    Everything,
}

/// What was paid back of one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundLine {
    /// The line's id, or its position from 1.
    pub line: String,
    /// How many of it.
    pub quantity: u32,
    /// How much beyond the price of those, in minor units (a price adjustment is a
    /// quantity of 0 and an amount).
    pub amount: i64,
}

impl Refund {
    pub(super) fn check(&self) -> Result<(), Malformed> {
        match &self.what {
            RefundedWhat::Everything => Ok(()),
            RefundedWhat::Amount(amount) => check_amount("amount", *amount),
            RefundedWhat::AmountToDate(amount) => check_amount("amount_to_date", *amount),
            RefundedWhat::Lines(lines) => {
                if !(1..=LINES_MAX).contains(&lines.len()) {
                    let lines = lines.len();
                    return Err(Malformed::Lines { what: "a refund", lines, max: LINES_MAX });
                }
                lines.iter().enumerate().try_for_each(|(at, line)| line.check(at))
            }
        }
    }
}

impl RefundLine {
    fn check(&self, at: usize) -> Result<(), Malformed> {
        check_amount(format!("lines[{at}].amount"), self.amount)?;
        let nothing = self.quantity == 0 && self.amount == 0;
        if nothing || self.quantity > QUANTITY_MAX {
            return Err(Malformed::Quantity {
                field: format!("lines[{at}].quantity"),
                quantity: u64::from(self.quantity),
                max: u64::from(QUANTITY_MAX),
            });
        }
        Ok(())
    }
}
