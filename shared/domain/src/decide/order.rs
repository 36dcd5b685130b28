//! An order: a new one, or a later version of one that is known.

use super::{Deciding, Outcome};
use crate::{
    account::Account,
    award::{Worth, worth},
    change::Change,
    draft::Draft,
    eligible::measure,
    fact::{KeyedFact, Order},
    matching::{Context, match_rules},
    order_state::{Award, LineState, OrderState},
    points::Points,
    program::{Effect, LimitPer, Pending, Program},
    reason::Reason,
    refusal::Refusal,
    row::RowKind,
    time::Day,
};

/// The status of an order that will not be delivered.
const CANCELLED: &str = "cancelled";

impl Deciding<'_> {
    pub(super) fn order(
        &self,
        draft: &mut Draft,
        order: &Order,
        keyed: &KeyedFact,
    ) -> Result<Outcome, Refusal> {
        if order.currency != self.program.money {
            let expected = self.program.money;
            return Err(Refusal::Currency { given: order.currency, expected });
        }
        match self.prior {
            None => self.new_order(draft, order, keyed),
            Some(known) if order.version <= known.version => {
                let note = Some(Reason::Stale);
                let state = OrderState { left_before: Some(known.left()), ..known.clone() };
                Ok(Outcome { kind: RowKind::Order, note, order: Some(state) })
            }
            Some(known) => self.later_version(draft, order, known),
        }
    }

    fn new_order(
        &self,
        draft: &mut Draft,
        order: &Order,
        keyed: &KeyedFact,
    ) -> Result<Outcome, Refusal> {
        let tier = draft.account.tier.as_ref().map(|tier| tier.level.clone());
        let mut state = self.taken_in(self.program, order, tier);
        state.placed_on = self.day;
        state.caps = caps(self.program, &draft.account, self.day);
        draft.make(Change::Active { on: self.day })?;
        let worth = worth(self.program, &state)?;
        self.award(draft, self.program, &mut state, worth)?;
        self.take_parked_refunds(draft, &mut state, keyed)?;
        Ok(Outcome { kind: RowKind::Order, note: state.barred, order: Some(state) })
    }

    /// The order changed: what it was awarded moves to what it is worth now, under the
    /// version and the context of its first decision.
    fn later_version(
        &self,
        draft: &mut Draft,
        order: &Order,
        known: &OrderState,
    ) -> Result<Outcome, Refusal> {
        let program = self.pinned(known)?;
        let fresh = self.taken_in(program, order, known.tier.clone());
        let mut state = OrderState {
            version: fresh.version,
            barred: fresh.barred,
            cancelled: known.cancelled || fresh.cancelled,
            status_reached: known.status_reached || fresh.status_reached,
            total: fresh.total,
            left_before: Some(known.left()),
            lines: carry_refunds(fresh.lines, &known.lines),
            awards: fresh.awards,
            ..known.clone()
        };
        if state.status_reached && !known.status_reached {
            self.status_reached(draft, &mut state)?;
        }
        let worth = worth(program, &state)?;
        self.award(draft, program, &mut state, worth)?;
        Ok(Outcome { kind: RowKind::Order, note: state.barred, order: Some(state) })
    }

    /// The order as it is kept: measured, and matched against the rules of `program`.
    fn taken_in(&self, program: &Program, order: &Order, tier: Option<String>) -> OrderState {
        let (mut lines, total) = measure(order, &program.bases);
        let eligible = |line: &LineState| line.eligible.first().copied().unwrap_or(line.paid);
        let context = Context {
            tier: tier.as_deref(),
            placed_at: self.occurred_at,
            eligible: lines.iter().map(eligible).sum(),
        };
        let reasons = match_rules(program, order, &context, &mut lines);
        let barred = order.test.then_some(Reason::TestOrder);
        if barred.is_some() {
            lines.iter_mut().for_each(|line| line.held = 0);
        }
        OrderState {
            version: order.version,
            program_version: program.version,
            placed_on: self.day,
            tier,
            barred,
            cancelled: order.status.as_deref() == Some(CANCELLED),
            status_reached: status_reached(program, order.status.as_deref()),
            total,
            left_before: None,
            lines,
            refunded: 0,
            refunded_to_date: 0,
            credits: Vec::new(),
            awards: reasons_kept(program, &reasons, barred),
            caps: Vec::new(),
            qualified: 0,
        }
    }

    /// Moves what the order was awarded to what it is worth.
    pub(super) fn award(
        &self,
        draft: &mut Draft,
        program: &Program,
        state: &mut OrderState,
        worth: Worth,
    ) -> Result<(), Refusal> {
        for (currency, total) in worth.totals.iter().enumerate() {
            self.credit_to(draft, program, state, currency, *total)?;
        }
        use_limits(draft, program, state, &worth.awards)?;
        self.qualify(draft, program, state)?;
        for award in worth.awards {
            match state.awards.iter_mut().find(|kept| kept.rule == award.rule) {
                Some(kept) => *kept = award,
                None => state.awards.push(award),
            }
        }
        for (line, share) in state.lines.iter_mut().zip(worth.shares) {
            line.share = share;
        }
        Ok(())
    }
}

/// Whether the status that points wait for has come with this one. A status the program
/// does not wait for is none.
fn status_reached(program: &Program, status: Option<&str>) -> bool {
    let waits = |awaited: &Pending| match awaited {
        Pending::UntilStatus(awaited) => status == Some(awaited.as_str()),
        Pending::Never | Pending::For(_) => false,
    };
    program.currencies.iter().any(|currency| waits(&currency.pending))
}

/// Rules that hold for no line, with the reason, which cannot be found again later.
fn reasons_kept(
    program: &Program,
    reasons: &[Option<Reason>],
    barred: Option<Reason>,
) -> Vec<Award> {
    let mut kept = Vec::new();
    for (at, rule) in program.earn.iter().enumerate() {
        let reason = barred.or(reasons[at]);
        let gives = matches!(rule.effect, Effect::Points { .. });
        if let (Some(_), Ok(rule)) =
            (reason.filter(|_| gives || reason.is_some()), u8::try_from(at))
        {
            kept.push(Award { rule, points: Points::ZERO, reason });
        }
    }
    kept
}

/// What the limits of each limited rule leave on the day of an order.
fn caps(program: &Program, account: &Account, day: Day) -> Vec<(u8, Points)> {
    let mut caps = Vec::new();
    for (at, rule) in program.earn.iter().enumerate() {
        let beyond_the_order = rule.limits.iter().filter(|limit| limit.per != LimitPer::Order);
        let left = beyond_the_order.map(|limit| {
            let start = limit.per.start(day);
            let same = |used: &&crate::account::LimitUse| {
                used.rule == rule.id && used.per == limit.per && used.start == start
            };
            let used = account.used.iter().find(same).map_or(Points::ZERO, |used| used.points);
            limit.points.saturating_sub(used)
        });
        if let (Some(left), Ok(rule)) = (left.min(), u8::try_from(at)) {
            caps.push((rule, left));
        }
    }
    caps
}

/// Counts what limited rules gave, or gave less than before.
fn use_limits(
    draft: &mut Draft,
    program: &Program,
    state: &OrderState,
    awards: &[Award],
) -> Result<(), Refusal> {
    for award in awards {
        let rule = &program.earn[usize::from(award.rule)];
        if rule.limits.iter().all(|limit| limit.per == LimitPer::Order) {
            continue;
        }
        let before = state.awards.iter().find(|kept| kept.rule == award.rule);
        let before = before.map_or(Points::ZERO, |kept| kept.points);
        let points = crate::account::signed(award.points) - crate::account::signed(before);
        for limit in rule.limits.iter().filter(|limit| limit.per != LimitPer::Order) {
            let start = limit.per.start(state.placed_on);
            let used =
                draft.account.used.iter().find(|used| {
                    used.rule == rule.id && used.per == limit.per && used.start == start
                });
            // A span that is over and forgotten has nothing to give back to.
            let used = used.map_or(0, |used| crate::account::signed(used.points));
            let points = points.max(-used);
            if points != 0 {
                let (rule, per) = (rule.id.clone(), limit.per);
                draft.make(Change::LimitUsed { rule, per, start, points })?;
            }
        }
    }
    Ok(())
}

/// The lines of a later version with what was already given back of them.
fn carry_refunds(mut fresh: Vec<LineState>, known: &[LineState]) -> Vec<LineState> {
    for (at, line) in fresh.iter_mut().enumerate() {
        let same = |(position, before): &(usize, &LineState)| match &line.id {
            Some(id) => before.id.as_ref() == Some(id),
            None => before.id.is_none() && *position == at,
        };
        if let Some((_, before)) = known.iter().enumerate().find(same) {
            line.refunded_quantity = before.refunded_quantity.min(line.quantity);
            line.refunded_amount = before.refunded_amount.min(line.paid);
        }
    }
    fresh
}
