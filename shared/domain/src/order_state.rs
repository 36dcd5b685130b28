//! What is kept of an order: only what deciding about it again needs.

use serde::{Deserialize, Serialize};

use crate::{
    fact::{LINES_MAX, RefundedWhat},
    points::Points,
    reason::Reason,
    time::Day,
};

/// An order as the newest row about it knows it. Amounts are minor units.
///
/// Names of products, channels and stores are not kept: which of the pinned version's
/// rules held is (a bit each per line), and that is all a later decision asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderState {
    /// The source's version, where it counts them.
    pub version: Option<u64>,
    /// The program version that decides it for ever.
    pub program_version: u32,
    /// The day that dates its points and its qualifying amount.
    pub placed_on: Day,
    /// The member's level when it came.
    pub tier: Option<String>,
    /// Why it earns nothing at all, if that is so.
    pub barred: Option<Reason>,
    /// Whether it was cancelled.
    pub cancelled: bool,
    /// Whether the status that its points wait for has come.
    pub status_reached: bool,
    /// What was paid in all, tax, shipping and tip included.
    pub total: i64,
    /// What was left of it before this row; `None` on the first row about the order.
    pub left_before: Option<i64>,
    /// Its lines.
    pub lines: Vec<LineState>,
    /// What was paid back that names no line.
    pub refunded: i64,
    /// What was paid back in all, where the source says it so.
    pub refunded_to_date: i64,
    /// What it gave, by currency.
    pub credits: Vec<Credit>,
    /// What each rule gave, or why nothing.
    pub awards: Vec<Award>,
    /// What limited rules could still give when it came.
    pub caps: Vec<(u8, Points)>,
    /// What it adds to the tier's measure.
    pub qualified: i64,
}

/// A line of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineState {
    /// The source's id; `None` is the position from 1.
    pub id: Option<String>,
    /// How many were bought.
    pub quantity: u32,
    /// What was paid for it.
    pub paid: i64,
    /// Its eligible amount by each of the pinned version's bases; empty when every one of
    /// them is what was paid.
    pub eligible: Vec<i64>,
    /// Which of the pinned version's rules held for it, one bit a rule.
    pub held: u128,
    /// How many were given back, at most those bought.
    pub refunded_quantity: u32,
    /// What else of it was paid back.
    pub refunded_amount: i64,
    /// Its share of the award in the first currency.
    pub share: Points,
}

/// What an order gave in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// Which of the program's currencies.
    pub currency: u8,
    /// All that was given.
    pub awarded: Points,
    /// The part of it that repaid debt at once.
    pub repaid: Points,
    /// All that was taken back, at most what was given.
    pub clawed_back: Points,
    /// When it becomes spendable; [`Day::FIRST`] when it was so at once.
    pub matures_on: Day,
    /// The end of its lot.
    pub expires_on: Day,
}

/// What one rule gave, or the reason for giving nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Award {
    /// The position of the rule in the pinned version.
    pub rule: u8,
    /// The points.
    pub points: Points,
    /// Why there are none, or fewer than the formula gives.
    pub reason: Option<Reason>,
}

impl OrderState {
    /// What the order holds now in a currency.
    pub fn net(&self, currency: u8) -> Points {
        let of = self.credits.iter().find(|credit| credit.currency == currency);
        of.map_or(Points::ZERO, Credit::net)
    }

    /// Takes in a refund. More than was bought is cut to what is left.
    ///
    /// The result is the same in whatever order several refunds come: quantities and
    /// amounts are sums cut at what was bought, amounts to date are a maximum.
    pub fn refund(&mut self, what: &RefundedWhat) -> Refunded {
        let before = self.refunds_so_far();
        let clipped = match what {
            RefundedWhat::Everything => {
                self.cancelled = true;
                false
            }
            RefundedWhat::Amount(amount) => {
                let sum = self.refunded.saturating_add(*amount);
                self.refunded = sum.min(self.total);
                sum > self.total
            }
            RefundedWhat::AmountToDate(amount) => {
                self.refunded_to_date = self.refunded_to_date.max((*amount).min(self.total));
                *amount > self.total
            }
            RefundedWhat::Lines(lines) => {
                let mut clipped = false;
                for refund in lines.iter().take(LINES_MAX) {
                    clipped |= self.refund_line(&refund.line, refund.quantity, refund.amount);
                }
                clipped
            }
        };
        if clipped {
            Refunded::Clipped
        } else if self.refunds_so_far() == before {
            Refunded::Nothing
        } else {
            Refunded::Whole
        }
    }

    /// Returns whether less was left than was given back.
    fn refund_line(&mut self, id: &str, quantity: u32, amount: i64) -> bool {
        let position = id.parse::<usize>().ok().and_then(|from_1| from_1.checked_sub(1));
        let by_id = self.lines.iter().position(|line| line.id.as_deref() == Some(id));
        let by_position = position.filter(|at| self.lines.get(*at).is_some_and(|l| l.id.is_none()));
        let Some(line) = by_id.or(by_position).and_then(|at| self.lines.get_mut(at)) else {
            return true;
        };
        let quantities = line.refunded_quantity.saturating_add(quantity);
        let amounts = line.refunded_amount.saturating_add(amount);
        line.refunded_quantity = quantities.min(line.quantity);
        line.refunded_amount = amounts.min(line.paid);
        quantities > line.quantity || amounts > line.paid
    }

    fn refunds_so_far(&self) -> (bool, i64, i64, u64, i64) {
        let quantities = self.lines.iter().map(|line| u64::from(line.refunded_quantity)).sum();
        let amounts = self.lines.iter().map(|line| line.refunded_amount).sum();
        (self.cancelled, self.refunded, self.refunded_to_date, quantities, amounts)
    }

    /// What was paid and not paid back, tax, shipping and tip included; nothing of an
    /// order that earns nothing at all.
    pub fn left(&self) -> i64 {
        let gone = self.cancelled || self.barred.is_some();
        if gone { 0 } else { self.left_of_total().0 }
    }

    /// Whether nothing was paid back yet.
    pub fn is_whole(&self) -> bool {
        self.refunds_so_far() == (false, 0, 0, 0, 0)
    }

    /// The eligible amount that is left of each line by one of the pinned bases.
    pub fn remaining(&self, base: usize) -> Vec<i64> {
        let eligible = |line: &LineState| line.eligible.get(base).copied().unwrap_or(line.paid);
        if self.cancelled {
            return vec![0; self.lines.len()];
        }
        if self.is_whole() {
            return self.lines.iter().map(eligible).collect();
        }
        let (left, paid) = self.left_of_total();
        let kept = |line: &LineState| {
            let of_line = if line.paid > 0 {
                scaled(eligible(line), line.paid_left(), line.paid)
            } else {
                // A free line has no amount to be measured by.
                scaled(eligible(line), line.quantity_left(), i64::from(line.quantity))
            };
            scaled(of_line, left, paid)
        };
        self.lines.iter().map(kept).collect()
    }

    /// What is left of what was paid, after refunds that name a line: less those that
    /// name none, and before.
    fn left_of_total(&self) -> (i64, i64) {
        let of_lines: i64 = self.lines.iter().map(|line| line.paid).sum();
        let extras = self.total - of_lines;
        let left_of_lines: i64 = self.lines.iter().map(LineState::paid_left).sum();
        let paid = left_of_lines + extras;
        // An amount to date covers every refund so far, those of lines included.
        let unnamed = self.refunded.max(self.refunded_to_date - (of_lines - left_of_lines));
        ((paid - unnamed).max(0), paid)
    }
}

impl LineState {
    fn quantity_left(&self) -> i64 {
        i64::from(self.quantity.saturating_sub(self.refunded_quantity))
    }

    fn paid_left(&self) -> i64 {
        let by_quantity = scaled(self.paid, self.quantity_left(), i64::from(self.quantity));
        (by_quantity - self.refunded_amount).max(0)
    }
}

impl Credit {
    /// What was given and not taken back.
    pub fn net(&self) -> Points {
        self.awarded.saturating_sub(self.clawed_back)
    }
}

/// How much of a refund the order could take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refunded {
    /// All of it.
    Whole,
    /// Only what was left.
    Clipped,
    /// None of it was new.
    Nothing,
}

/// `amount * left / of`, rounded down; all of it where `of` is nothing.
fn scaled(amount: i64, left: i64, of: i64) -> i64 {
    if left >= of {
        return amount;
    }
    let exact = i128::from(amount) * i128::from(left.max(0)) / i128::from(of.max(1));
    i64::try_from(exact).unwrap_or(0)
}
