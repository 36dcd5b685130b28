//! What is kept of an order: only what deciding about it again needs.

use serde::{Deserialize, Serialize};

use crate::{
    account::Tally,
    change::Place,
    fact::{LINES_MAX, RefundLine, RefundedWhat},
    ids::MemberId,
    money::Currency,
    points::Points,
    program::{LimitPer, Program},
    reason::Reason,
    time::{Day, Instant},
};

/// An order as the newest row about it knows it. Amounts are minor units.
///
/// Names of products, channels and stores are not kept: which of the pinned version's
/// rules held is (a bit each per line), and that is all a later decision asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderState {
    /// What was done, where this is an activity; orders have none.
    pub activity: Option<String>,
    /// The money it was paid in, where that is not the program's own.
    pub money: Option<Currency>,
    /// The source's version, where it counts them.
    pub version: Option<u64>,
    /// The program version that decides it for ever.
    pub program_version: u32,
    /// When it was placed, as the program dates it: what its rules are matched at.
    pub placed_at: Instant,
    /// The day of that, which dates its points and its qualifying amount.
    pub placed_on: Day,
    /// What its draws follow from; 0 where the program draws nothing.
    pub seed: u64,
    /// How many of the points now one point of the deciding version is.
    pub denomination: u64,
    /// The member's level when it came.
    pub tier: Option<String>,
    /// What the shop had marked the member with when it came, as far as some rule asks.
    pub labels: Vec<String>,
    /// Whether it was the member's first order.
    pub first_order: bool,
    /// Why it earns nothing at all, if that is so.
    pub barred: Option<Reason>,
    /// Whether its newest version is cancelled.
    pub cancelled: bool,
    /// Whether all that was left of it was given back at once.
    pub returned: bool,
    /// Whether the status that its points wait for has come, with whatever version.
    pub status_reached: bool,
    /// What was paid in all, tax, shipping and tip included.
    pub total: i64,
    /// What was left of it before this row; `None` on the first row about the order.
    pub left_before: Option<i64>,
    /// Its lines, and after them lines that only refunds have named so far.
    pub lines: Vec<LineState>,
    /// What was paid back that names no line; more than `total` where a later version is
    /// to come.
    pub refunded: i64,
    /// What was paid back in all, where the source says it so.
    pub refunded_to_date: i64,
    /// What it gave, by currency.
    pub credits: Vec<Credit>,
    /// What each rule gave, or why nothing.
    pub awards: Vec<Award>,
    /// What limited rules could still give when it came or last changed.
    pub caps: Vec<Cap>,
    /// What it adds to the measures of the tiers, by their numbers.
    pub qualified: Vec<(u8, i64)>,
    /// The words by which goals count different things: the rule that says what counts,
    /// the line, the word.
    pub words: Vec<(u8, u16, String)>,
    /// What it has added to goals.
    pub gathered: Vec<Gathered>,
    /// The goals that it does not count for, although its lines may, and why.
    pub uncounted: Vec<(u8, Reason)>,
    /// The member who gave it, where this is an activity that somebody gives.
    pub given_by: Option<MemberId>,
    /// How often each limited rule has given anything for the same thing, this included.
    pub for_subject: Vec<(String, u32)>,
}

/// A line of an order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// How many were given back; more than were bought where a later version is to come.
    pub refunded_quantity: u32,
    /// What else of it was paid back.
    pub refunded_amount: i64,
    /// Its share of the award in the first currency.
    pub share: Points,
}

/// What an order gave in one currency, on one condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// Which of the program's currencies.
    pub currency: u8,
    /// The first of the rules that share a wait or an end of their own; none for what
    /// waits and ends as the currency does.
    pub of_rule: Option<u8>,
    /// All that was given.
    pub awarded: Points,
    /// All that was taken back, at most what was given.
    pub clawed_back: Points,
    /// What of it went to wait and was not taken back while it did. Time alone makes it
    /// spendable: once `matures_on` has come, none of it waits any more.
    pub waiting: Points,
    /// The part of what was taken back that was not there and is not owed.
    pub written_off: Points,
    /// When it becomes spendable; [`Day::FIRST`] when it was so at once.
    pub matures_on: Day,
    /// The end that it waits under: that of its lot, unless it waits for a status and is
    /// cancelled sooner.
    pub waits_until: Day,
    /// The end of its lot.
    pub expires_on: Day,
}

/// What an order or activity has added to a goal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gathered {
    /// The position of the goal in the pinned version.
    pub goal: u8,
    /// The day the goal's span began.
    pub start: Day,
    /// Which step, which part of it, and how much.
    pub tally: Tally,
}

/// What one limited rule may give to the order, beyond a limit per order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cap {
    /// The position of the rule in the pinned version.
    pub rule: u8,
    /// The points.
    pub left: Points,
    /// The span of the limit that leaves least.
    pub per: LimitPer,
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
        let of = self.credits.iter().filter(|credit| credit.currency == currency);
        crate::account::sum(of.map(Credit::net))
    }

    /// Counts everything in the points of today, of which one of `program`, the deciding
    /// version, is `denomination`.
    pub fn redenominate(&mut self, program: &Program, denomination: u64) -> Option<()> {
        let times = denomination / self.denomination.max(1);
        if times <= 1 {
            return Some(());
        }
        let many = |points: &mut Points| {
            *points = Points::new(points.units().checked_mul(times)?)?;
            Some(())
        };
        self.credits
            .iter_mut()
            .filter(|credit| credit.currency == 0)
            .try_for_each(|credit| credit.redenominate(times))?;
        let gives_them = |award: &&mut Award| program.gives(usize::from(award.rule)) == Some(0);
        self.awards.iter_mut().filter(gives_them).try_for_each(|award| many(&mut award.points))?;
        self.lines.iter_mut().try_for_each(|line| many(&mut line.share))?;
        // The measure of the first currency's points has the number 2.
        for (_, amount) in self.qualified.iter_mut().filter(|(number, _)| *number == 2) {
            *amount = amount.checked_mul(i64::try_from(times).ok()?)?;
        }
        self.denomination = denomination;
        Some(())
    }

    /// The member had ordered before, which was not known when the order came: rules that are
    /// for first orders do not hold.
    pub(crate) fn is_no_first_order(&mut self, program: &Program) {
        self.first_order = false;
        let rules = program.earn.iter().enumerate();
        let of_first = rules.filter(|(_, rule)| rule.when.first_order);
        let held = of_first.fold(0_u128, |held, (at, _)| held | 1 << at);
        self.lines.iter_mut().for_each(|line| line.held &= !held);
    }

    /// Whether this is an activity and no order.
    pub fn is_activity(&self) -> bool {
        self.activity.is_some()
    }

    /// Takes in a refund.
    ///
    /// What is kept are plain sums, and for amounts to date the greatest, so the result
    /// is the same in whatever order refunds come, and later versions of the order too:
    /// only reading them cuts them at what was bought.
    pub fn refund(&mut self, what: &RefundedWhat) -> Refunded {
        let before = self.taken_back();
        let over = match what {
            RefundedWhat::Everything => {
                self.returned = true;
                false
            }
            RefundedWhat::Amount(amount) => {
                self.refunded = self.refunded.saturating_add(*amount);
                self.refunded > self.total
            }
            RefundedWhat::AmountToDate(amount) => {
                self.refunded_to_date = self.refunded_to_date.max(*amount);
                *amount > self.total
            }
            RefundedWhat::Lines(lines) => {
                let lines = lines.iter().take(LINES_MAX);
                lines.filter(|refund| self.refund_line(refund)).count() > 0
            }
        };
        if self.taken_back() == before {
            Refunded::Nothing
        } else if over {
            Refunded::Clipped
        } else {
            Refunded::Whole
        }
    }

    /// The first line of a refund that this order does not have and never will: a later
    /// version, where the source counts versions, may still bring it.
    pub fn line_unknown_to<'a>(&self, what: &'a RefundedWhat) -> Option<&'a str> {
        let RefundedWhat::Lines(lines) = what else { return None };
        let named = |name: &str| (0..self.lines.len()).any(|at| self.lines[at].is_named(name, at));
        let unknown = lines.iter().map(|line| line.line.as_str()).find(|name| !named(name));
        unknown.filter(|_| self.version.is_none())
    }

    /// Returns whether more was given back than was bought.
    fn refund_line(&mut self, refund: &RefundLine) -> bool {
        let Some(line) = self.line_named(&refund.line) else {
            return true;
        };
        line.refunded_quantity = line.refunded_quantity.saturating_add(refund.quantity);
        line.refunded_amount = line.refunded_amount.saturating_add(refund.amount);
        line.refunded_quantity > line.quantity || line.refunded_amount > line.paid
    }

    /// The line with this name. One that no version has had yet is remembered, within
    /// bounds, for the version that brings it.
    fn line_named(&mut self, name: &str) -> Option<&mut LineState> {
        let found = (0..self.lines.len()).find(|&at| self.lines[at].is_named(name, at));
        if let Some(at) = found {
            return self.lines.get_mut(at);
        }
        if self.lines.len() >= 2 * LINES_MAX {
            return None;
        }
        self.lines.push(LineState { id: Some(name.to_owned()), ..LineState::default() });
        self.lines.last_mut()
    }

    /// The lines of a later version, with what was given back so far.
    pub fn with_refunds_of(mut fresh: Vec<LineState>, known: &[LineState]) -> Vec<LineState> {
        for (at, before) in known.iter().enumerate().filter(|(_, line)| line.is_given_back()) {
            let name = before.name(at);
            let found = (0..fresh.len()).find(|&at| fresh[at].is_named(&name, at));
            let at = found.unwrap_or_else(|| {
                fresh.push(LineState { id: Some(name), ..LineState::default() });
                fresh.len() - 1
            });
            fresh[at].refunded_quantity = before.refunded_quantity;
            fresh[at].refunded_amount = before.refunded_amount;
        }
        fresh
    }

    /// What was given back of what was bought; `None` where nothing is left to give back.
    fn taken_back(&self) -> Option<(i64, i64, u64, i64)> {
        if self.is_gone() || self.left_of_total().0 == 0 {
            return None;
        }
        let quantities = self.lines.iter().map(|line| u64::from(line.quantity_back()));
        let amounts = self.lines.iter().map(|line| line.refunded_amount.min(line.paid));
        Some((
            self.refunded.min(self.total),
            self.refunded_to_date.min(self.total),
            quantities.sum(),
            amounts.sum(),
        ))
    }

    /// Whether nothing of it counts any more.
    pub fn is_gone(&self) -> bool {
        self.cancelled || self.returned
    }

    /// What was paid and not paid back, tax, shipping and tip included; nothing of an
    /// order that earns nothing at all.
    pub fn left(&self) -> i64 {
        let gone = self.is_gone() || self.barred.is_some();
        if gone { 0 } else { self.left_of_total().0 }
    }

    /// Whether nothing was paid back yet.
    pub fn is_whole(&self) -> bool {
        let lines_whole = self.lines.iter().all(|line| !line.is_given_back());
        !self.is_gone() && self.refunded == 0 && self.refunded_to_date == 0 && lines_whole
    }

    /// The eligible amount of each line by one of the pinned bases, before any refund.
    pub fn originally(&self, base: usize) -> Vec<i64> {
        self.lines.iter().map(|line| line.eligible(base)).collect()
    }

    /// The eligible amount that is left of each line by one of the pinned bases.
    pub fn remaining(&self, base: usize) -> Vec<i64> {
        if self.is_gone() {
            return vec![0; self.lines.len()];
        }
        if self.is_whole() {
            return self.originally(base);
        }
        let (left, paid) = self.left_of_total();
        let kept = |line: &LineState| scaled(line.eligible_left(base), left, paid);
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
    /// What the line is known by when it stands at `at`, counted from 0.
    pub fn name(&self, at: usize) -> String {
        self.id.clone().unwrap_or_else(|| (at + 1).to_string())
    }

    fn is_named(&self, name: &str, at: usize) -> bool {
        match &self.id {
            Some(id) => id == name,
            // A number written plainly: no sign and no zero before it.
            None => !name.starts_with(['0', '+']) && name.parse() == Ok(at + 1),
        }
    }

    fn is_given_back(&self) -> bool {
        self.refunded_quantity > 0 || self.refunded_amount > 0
    }

    /// The eligible amount by one of the pinned bases, before any refund.
    pub fn eligible(&self, base: usize) -> i64 {
        self.eligible.get(base).copied().unwrap_or(self.paid)
    }

    /// The same after the refunds that name this line.
    fn eligible_left(&self, base: usize) -> i64 {
        if self.paid > 0 {
            return scaled(self.eligible(base), self.paid_left(), self.paid);
        }
        // A free line has no amount to be measured by.
        scaled(self.eligible(base), self.quantity_left(), i64::from(self.quantity))
    }

    fn quantity_back(&self) -> u32 {
        self.refunded_quantity.min(self.quantity)
    }

    fn quantity_left(&self) -> i64 {
        i64::from(self.quantity - self.quantity_back())
    }

    /// How many pieces are left, in thousandths; an activity states its own so.
    pub fn pieces_left(&self, of_activity: bool) -> u64 {
        let left = self.quantity_left().unsigned_abs();
        if of_activity { left } else { left.saturating_mul(1_000) }
    }

    fn paid_left(&self) -> i64 {
        let by_quantity = scaled(self.paid, self.quantity_left(), i64::from(self.quantity));
        (by_quantity - self.refunded_amount).max(0)
    }
}

impl Credit {
    /// Nothing yet, of points that wait until `matures_on`, give up waiting on
    /// `waits_until` and end on `expires_on`.
    pub fn nothing(
        (currency, of_rule): (u8, Option<u8>),
        matures_on: Day,
        waits_until: Day,
        expires_on: Day,
    ) -> Credit {
        Credit {
            currency,
            of_rule,
            awarded: Points::ZERO,
            clawed_back: Points::ZERO,
            waiting: Points::ZERO,
            written_off: Points::ZERO,
            matures_on,
            waits_until,
            expires_on,
        }
    }

    /// Counts everything in points of which one before is `times`.
    pub fn redenominate(&mut self, times: u64) -> Option<()> {
        let all =
            [&mut self.awarded, &mut self.clawed_back, &mut self.waiting, &mut self.written_off];
        for points in all {
            *points = Points::new(points.units().checked_mul(times)?)?;
        }
        Some(())
    }

    /// Where it waits.
    pub fn waiting_place(&self) -> Place {
        Place::Pending { matures_on: self.matures_on, expires_on: self.waits_until }
    }

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
