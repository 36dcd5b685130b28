//! An order: a new one, or a later version of one that is known.

use super::{Deciding, Outcome, Taking};
use crate::{
    account::{Account, LimitUse, signed},
    award::{Worth, worth},
    change::Change,
    draft::Draft,
    eligible::measure,
    fact::{KeyedFact, Order},
    matching::{Context, match_rules},
    order_state::{Award, Cap, OrderState},
    points::Points,
    program::{EarnRule, Limit, LimitPer, Pending, Program},
    reason::Reason,
    refusal::Refusal,
    row::RowKind,
    tier,
    time::{Day, Instant},
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
            Some(known) if order.version <= known.version => self.stale(draft, order, known),
            Some(known) => self.later_version(draft, order, known),
        }
    }

    fn new_order(
        &self,
        draft: &mut Draft,
        order: &Order,
        keyed: &KeyedFact,
    ) -> Result<Outcome, Refusal> {
        let tier = tier::level(self.program, &draft.account).map(str::to_owned);
        let mut state = self.taken_in(self.program, order, tier, (self.occurred_at, self.day));
        state.caps = caps(self.program, &draft.account, &state);
        draft.make(Change::Active { on: self.day })?;
        let worth = worth(self.program, &state)?;
        self.award(draft, self.program, &mut state, worth, Taking::Back)?;
        self.take_parked_refunds(draft, &mut state, keyed)?;
        Ok(outcome(state))
    }

    /// The order is known in a newer version. All that an older one may bring is the
    /// status that its points wait for, which a newer status does not undo.
    fn stale(
        &self,
        draft: &mut Draft,
        order: &Order,
        known: &OrderState,
    ) -> Result<Outcome, Refusal> {
        let program = self.pinned(known)?;
        let mut state = OrderState { left_before: Some(known.left()), ..known.clone() };
        self.reach_status(draft, &mut state, status_reached(program, order.status.as_deref()))?;
        Ok(Outcome { note: Some(Reason::Stale), ..outcome(state) })
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
        let fresh =
            self.taken_in(program, order, known.tier.clone(), (known.placed_at, known.placed_on));
        let mut state = OrderState {
            version: fresh.version,
            barred: fresh.barred,
            cancelled: fresh.cancelled,
            total: fresh.total,
            left_before: Some(known.left()),
            lines: OrderState::with_refunds_of(fresh.lines, &known.lines),
            awards: with_points_of(fresh.awards, &known.awards),
            ..known.clone()
        };
        state.caps = caps(program, &draft.account, &state);
        self.reach_status(draft, &mut state, fresh.status_reached)?;
        let worth = worth(program, &state)?;
        self.award(draft, program, &mut state, worth, Taking::Back)?;
        Ok(outcome(state))
    }

    /// The order as it is kept: measured, and matched against the rules of `program`.
    fn taken_in(
        &self,
        program: &Program,
        order: &Order,
        tier: Option<String>,
        (placed_at, placed_on): (Instant, Day),
    ) -> OrderState {
        let (mut lines, total) = measure(order, &program.bases);
        let eligible = lines.iter().map(|line| line.eligible(0)).sum();
        let context = Context { tier: tier.as_deref(), placed_at, eligible };
        let reasons = match_rules(program, order, &context, &mut lines);
        let barred = order.test.then_some(Reason::TestOrder);
        if barred.is_some() {
            lines.iter_mut().for_each(|line| line.held = 0);
        }
        OrderState {
            version: order.version,
            program_version: program.version,
            placed_at,
            placed_on,
            tier,
            barred,
            cancelled: order.status.as_deref() == Some(CANCELLED),
            returned: false,
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
        taking: Taking,
    ) -> Result<(), Refusal> {
        for (currency, total) in worth.totals.iter().enumerate() {
            let debt = taking.debt(program.currencies[currency].debt);
            self.credit_to(draft, program, state, (currency, debt), *total)?;
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

fn outcome(state: OrderState) -> Outcome {
    let note = state.barred.or(state.cancelled.then_some(Reason::Cancelled));
    Outcome { kind: RowKind::Order, note, order: Some(state) }
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
    let of_rule = |at: usize| {
        let reason = Some(barred.or(reasons[at])?);
        Some(Award { rule: u8::try_from(at).ok()?, points: Points::ZERO, reason })
    };
    (0..program.earn.len()).filter_map(of_rule).collect()
}

/// The reasons of a later version with the points that the rules have given so far.
fn with_points_of(mut fresh: Vec<Award>, known: &[Award]) -> Vec<Award> {
    for before in known.iter().filter(|award| !award.points.is_zero()) {
        match fresh.iter_mut().find(|award| award.rule == before.rule) {
            Some(award) => award.points = before.points,
            None => fresh.push(*before),
        }
    }
    fresh
}

/// What the limits of each limited rule leave to an order, besides what other orders
/// have had of them. An order keeps what it has.
fn caps(program: &Program, account: &Account, order: &OrderState) -> Vec<Cap> {
    let of_rule = |(at, rule): (usize, &EarnRule)| {
        let index = u8::try_from(at).ok()?;
        let own = order.awards.iter().find(|award| award.rule == index);
        let own = own.map_or(Points::ZERO, |award| award.points);
        let left = beyond_the_order(rule).map(|limit| {
            let used = used(account, rule, limit.per, limit.per.start(order.placed_on));
            let left = limit.points.saturating_sub(used.saturating_sub(own)).max(own);
            Cap { rule: index, left, per: limit.per }
        });
        left.min_by_key(|cap| cap.left)
    };
    program.earn.iter().enumerate().filter_map(of_rule).collect()
}

fn beyond_the_order(rule: &EarnRule) -> impl Iterator<Item = &Limit> {
    rule.limits.iter().filter(|limit| limit.per != LimitPer::Order)
}

/// What a rule has given in a span; nothing where that is forgotten.
fn used(account: &Account, rule: &EarnRule, per: LimitPer, start: Day) -> Points {
    let same = |used: &&LimitUse| used.rule == rule.id && used.per == per && used.start == start;
    account.used.iter().find(same).map_or(Points::ZERO, |used| used.points)
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
        let before = state.awards.iter().find(|kept| kept.rule == award.rule);
        let before = before.map_or(0, |kept| signed(kept.points));
        for limit in beyond_the_order(rule) {
            let (per, start) = (limit.per, limit.per.start(state.placed_on));
            // A span that is over and forgotten has nothing to give back to.
            let used = signed(used(&draft.account, rule, per, start));
            let points = (signed(award.points) - before).max(-used);
            if points != 0 {
                draft.make(Change::LimitUsed { rule: rule.id.clone(), per, start, points })?;
            }
        }
    }
    Ok(())
}
