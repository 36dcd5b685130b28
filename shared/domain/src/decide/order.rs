//! An order: a new one, or a later version of one that is known.

use super::{Deciding, Outcome, Spent, Taking, credit::Terms, goals};
use crate::{
    account::Account,
    award::{Worth, worth_with},
    change::Change,
    draft::Draft,
    eligible::measure,
    fact::{Activity, KeyedFact, Order},
    matching::{Birthdays, Context, match_rules},
    order_state::{Award, Cap, OrderState},
    points::Points,
    program::{Conditions, Counts, EarnRule, Effect, Limit, LimitPer, Most, Pending, Program},
    ratio::Ratio,
    reason::Reason,
    refusal::Refusal,
    row::RowKind,
    settle::be_active,
    tier,
    time::{Day, Instant},
};

/// The status of an order that will not be delivered.
const CANCELLED: &str = "cancelled";

/// What was done: an order, or an activity that is taken for one.
pub(super) struct Deed<'a> {
    pub order: &'a Order,
    pub activity: Option<&'a Activity>,
}

impl Deed<'_> {
    /// The word for it.
    fn word(&self) -> &str {
        self.activity.map_or("order", |activity| &activity.activity)
    }
}

/// What rules ask about the member, as it was before the order.
struct Member<'a> {
    tier: Option<String>,
    labels: &'a [String],
    first_order: bool,
    since: Option<Day>,
    birthday: Birthdays<'a>,
    referred: bool,
}

impl Deciding<'_> {
    pub(super) fn order(
        &self,
        draft: &mut Draft,
        order: &Order,
        keyed: &KeyedFact,
    ) -> Result<Outcome, Refusal> {
        if !self.program.takes(order.currency) {
            let expected = self.program.money;
            return Err(Refusal::Currency { given: order.currency, expected });
        }
        self.earn(draft, &Deed { order, activity: None }, keyed)
    }

    /// What an order or an activity earns, or a later version of it.
    pub(super) fn earn(
        &self,
        draft: &mut Draft,
        deed: &Deed<'_>,
        keyed: &KeyedFact,
    ) -> Result<Outcome, Refusal> {
        match self.prior.order {
            None => self.first_version(draft, deed, keyed),
            Some(known) if deed.order.version <= known.version => self.stale(draft, deed, known),
            Some(known) => self.later_version(draft, deed, known),
        }
    }

    fn first_version(
        &self,
        draft: &mut Draft,
        deed: &Deed<'_>,
        keyed: &KeyedFact,
    ) -> Result<Outcome, Refusal> {
        let tier = tier::level(self.program, &draft.account).map(str::to_owned);
        let first_order = !draft.account.has_ordered;
        let when = (self.occurred_at, self.day);
        let since = draft.account.since();
        let birthday = Birthdays::Of(keyed.birthday);
        let labels = &draft.account.labels;
        let referred = self.is_friends_order(draft, self.program);
        let member = Member { tier, labels, first_order, since, birthday, referred };
        let mut state = self.taken_in(self.program, deed, member, when);
        state.seed = if self.program.draws() { keyed.seed } else { 0 };
        state.denomination = self.rulebook.denomination_since(self.program.version, self.now);
        state.caps = self.caps(self.program, &draft.account, &state);
        state.uncounted = self.uncounted(draft, deed, keyed);
        state.words = goals::words(self.program, deed, &state);
        if self.program.keeps_alive(deed.word()) {
            be_active(self.program, draft, self.day)?;
        }
        if first_order && deed.activity.is_none() {
            draft.make(Change::FirstOrdered)?;
        }
        let worth = worth_with(self.program, &state, self.shares)?;
        self.within_allowance(&state, &worth)?;
        self.award(draft, self.program, &mut state, worth, Taking::Back)?;
        self.take_parked_refunds(draft, &mut state, keyed)?;
        Ok(outcome(self.program, state))
    }

    /// What somebody gives is given whole, to somebody else, out of what they may give.
    fn within_allowance(&self, state: &OrderState, worth: &Worth) -> Result<(), Refusal> {
        for step in worth.steps.iter().filter(|step| !step.formula_gives.is_zero()) {
            let rule = &self.program.earn[step.rule];
            if !rule.limits.iter().any(|limit| limit.per == LimitPer::GiverMonth) {
                continue;
            }
            let giver = state.given_by.as_ref().ok_or(Refusal::GiverRequired)?;
            if Some(giver) == self.member {
                return Err(Refusal::GivenToSelf);
            }
            let of_rule = state
                .caps
                .iter()
                .find(|cap| usize::from(cap.rule) == step.rule && cap.per == LimitPer::GiverMonth);
            if let Some(cap) =
                of_rule.filter(|cap| step.multiplied > Ratio::whole(cap.left.units()))
            {
                return Err(Refusal::Allowance { left: cap.left });
            }
        }
        Ok(())
    }

    /// The order is known in a newer version. All that an older one may bring is the
    /// status that its points wait for, which a newer status does not undo.
    fn stale(
        &self,
        draft: &mut Draft,
        deed: &Deed<'_>,
        known: &OrderState,
    ) -> Result<Outcome, Refusal> {
        let order = deed.order;
        let program = self.pinned(known)?;
        let mut state = self.as_of_now(known)?;
        self.reach_status(draft, &mut state, status_reached(program, order.status.as_deref()))?;
        Ok(Outcome { note: Some(Reason::Stale), ..outcome(program, state) })
    }

    /// The order changed: what it was awarded moves to what it is worth now, under the
    /// version and the context of its first decision.
    fn later_version(
        &self,
        draft: &mut Draft,
        deed: &Deed<'_>,
        known: &OrderState,
    ) -> Result<Outcome, Refusal> {
        let program = self.pinned(known)?;
        let known = &self.as_of_now(known)?;
        let when = (known.placed_at, known.placed_on);
        let tier = known.tier.clone();
        let (labels, first_order) = (&known.labels, known.first_order);
        let (since, birthday) = (draft.account.since(), Birthdays::AsBefore(known));
        let referred = self.is_friends_order(draft, program);
        let member = Member { tier, labels, first_order, since, birthday, referred };
        let fresh = self.taken_in(program, deed, member, when);
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
        state.words = goals::words(program, deed, &state);
        state.caps = self.caps(program, &draft.account, &state);
        self.reach_status(draft, &mut state, fresh.status_reached)?;
        let worth = worth_with(program, &state, self.shares)?;
        self.award(draft, program, &mut state, worth, Taking::Back)?;
        Ok(outcome(program, state))
    }

    /// An order that the member placed as a guest counts as it stands now, under the version
    /// and the context of its first decision.
    pub(super) fn claim(
        &self,
        draft: &mut Draft,
        claimed: &OrderState,
    ) -> Result<Outcome, Refusal> {
        if let Some(known) = self.prior.order {
            let state = self.as_of_now(known)?;
            let (kind, note) = (RowKind::Claimed, Some(Reason::Stale));
            return Ok(Outcome { kind, note, order: Some(state) });
        }
        let program = self.pinned(claimed)?;
        let mut state = OrderState { left_before: None, ..claimed.clone() };
        state.barred = state.barred.filter(|why| *why != Reason::Guest);
        state.awards.retain(|award| award.reason != Some(Reason::Guest));
        state.denomination = self.rulebook.denomination_since(state.program_version, self.now);
        if draft.account.has_ordered {
            state.is_no_first_order(program);
        } else {
            draft.make(Change::FirstOrdered)?;
        }
        state.caps = self.caps(program, &draft.account, &state);
        if program.keeps_alive("order") {
            be_active(program, draft, state.placed_on)?;
        }
        let worth = worth_with(program, &state, self.shares)?;
        self.award(draft, program, &mut state, worth, Taking::Back)?;
        Ok(Outcome { kind: RowKind::Claimed, ..outcome(program, state) })
    }

    /// A known order before what happens to it now, in the points of today.
    pub(super) fn as_of_now(&self, known: &OrderState) -> Result<OrderState, Refusal> {
        let mut state = OrderState { left_before: Some(known.left()), ..known.clone() };
        let factor = self.rulebook.denomination_since(known.program_version, self.now);
        let program = self.pinned(known)?;
        state.redenominate(program, factor).ok_or(Refusal::TooManyPoints)?;
        // Other activities about the same thing may have come since.
        if let Some(newest) = self.prior.subject {
            state.for_subject.clone_from(&newest.for_subject);
        }
        Ok(state)
    }

    /// The order as it is kept: measured, and matched against the rules of `program`.
    fn taken_in(
        &self,
        program: &Program,
        deed: &Deed<'_>,
        member: Member<'_>,
        (placed_at, placed_on): (Instant, Day),
    ) -> OrderState {
        let order = deed.order;
        let (mut lines, total) = measure(order, &program.bases);
        if let (Some(activity), Some(line)) = (deed.activity, lines.first_mut()) {
            line.quantity = activity.units.unwrap_or(1_000);
        }
        let eligible = lines.iter().map(|line| line.eligible(0)).sum();
        let context = Context {
            tier: member.tier.as_deref(),
            placed_at,
            placed_on,
            eligible,
            activity: deed.activity.map(|done| (done.activity.as_str(), done.subject.as_deref())),
            labels: member.labels,
            first_order: member.first_order,
            referred: member.referred,
            since: member.since,
            zone: &program.time_zone,
            birthday: member.birthday,
        };
        let reasons = match_rules(program, order, &context, &mut lines);
        let guest = self.is_guest.then_some(Reason::Guest);
        let barred = order.test.then_some(Reason::TestOrder).or(guest);
        let withdrawn = deed.activity.is_some_and(|activity| activity.withdrawn);
        if barred == Some(Reason::TestOrder) {
            lines.iter_mut().for_each(|line| line.held = 0);
        }
        OrderState {
            activity: deed.activity.map(|activity| activity.activity.clone()),
            money: Some(order.currency).filter(|paid| *paid != program.money),
            version: order.version,
            program_version: program.version,
            placed_at,
            placed_on,
            seed: 0,
            denomination: 1,
            tier: member.tier,
            labels: labels_kept(program, member.labels),
            first_order: member.first_order,
            barred,
            cancelled: withdrawn || order.status.as_deref() == Some(CANCELLED),
            returned: false,
            status_reached: status_reached(program, order.status.as_deref()),
            total,
            left_before: None,
            lines,
            refunded: 0,
            refunded_to_date: 0,
            credits: Vec::new(),
            // What a guest's rules are told by is kept: the order may be claimed.
            awards: reasons_kept(program, &reasons, barred.filter(|_| guest.is_none())),
            caps: Vec::new(),
            qualified: Vec::new(),
            words: Vec::new(),
            gathered: Vec::new(),
            uncounted: Vec::new(),
            given_by: deed.activity.and_then(|activity| activity.given_by.clone()),
            for_subject: self.prior.subject.map_or(Vec::new(), |known| known.for_subject.clone()),
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
        for (terms, total) in by_terms(program, state, &worth) {
            let debt = taking.debt(program.currencies[usize::from(terms.currency)].debt);
            self.credit_to(draft, program, state, (terms, debt), total)?;
        }
        use_limits(draft, program, state, &worth.awards)?;
        count_for_subject(program, state, &worth.awards);
        self.qualify(draft, program, state)?;
        self.gather(draft, program, state, &worth, taking)?;
        self.refer(draft, program, state)?;
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

/// The member's labels that some rule asks for, which a later version is judged by.
fn labels_kept(program: &Program, labels: &[String]) -> Vec<String> {
    let asked = |label: &&String| {
        let in_rule = |rule: &EarnRule| {
            let of = |conditions: &Conditions| {
                conditions.labels.contains(label) || conditions.expression.is_some()
            };
            of(&rule.when) || of(&rule.unless)
        };
        program.earn.iter().any(in_rule)
    };
    labels.iter().filter(asked).cloned().collect()
}

/// What the awards come to for each wait and end that points have, in a fixed order;
/// what was given before and is no more comes to nothing.
fn by_terms(program: &Program, state: &OrderState, worth: &Worth) -> Vec<(Terms, Points)> {
    let known = state.credits.iter().map(|credit| (Terms::of(credit), Points::ZERO));
    let mut totals: Vec<(Terms, Points)> = known.collect();
    for (step, award) in worth.steps.iter().zip(&worth.awards) {
        let currency = u8::try_from(step.currency).unwrap_or(u8::MAX);
        let terms = Terms { currency, of_rule: program.terms_of(step.rule) };
        match totals.iter_mut().find(|(of, _)| *of == terms) {
            // All of them together are no more than the total of the currency.
            Some((_, total)) => *total = total.checked_add(award.points).unwrap_or(Points::MAX),
            None => totals.push((terms, award.points)),
        }
    }
    totals.sort_unstable_by_key(|(terms, _)| *terms);
    totals
}

fn outcome(program: &Program, state: OrderState) -> Outcome {
    let gone = if state.is_activity() { Reason::Withdrawn } else { Reason::Cancelled };
    let heard = program.earn.iter().any(|rule| rule.on.hears(state.activity.as_deref()));
    let unheard = state.is_activity() && !heard;
    let note = state.barred.or(state.cancelled.then_some(gone));
    let note = note.or(unheard.then_some(Reason::ExcludedActivity));
    let kind = if state.is_activity() { RowKind::Activity } else { RowKind::Order };
    Outcome { kind, note, order: Some(state) }
}

/// Whether the status that points wait for has come with this one. A status the program
/// does not wait for is none.
fn status_reached(program: &Program, status: Option<&str>) -> bool {
    let waits = |awaited: &Pending| match awaited {
        Pending::UntilStatus { status: awaited, .. } => status == Some(awaited.as_str()),
        Pending::Never | Pending::For(_) | Pending::Until(_) => false,
    };
    let of_rules = program.earn.iter().filter_map(|rule| rule.pending.as_ref());
    program.currencies.iter().map(|currency| &currency.pending).chain(of_rules).any(waits)
}

/// Rules that hold for no line, with the reason, which cannot be found again later.
fn reasons_kept(
    program: &Program,
    reasons: &[Option<Reason>],
    barred: Option<Reason>,
) -> Vec<Award> {
    let of_rule = |at: usize| {
        let gives = !matches!(program.earn[at].effect, Effect::Counts);
        let reason = Some(barred.or(reasons[at]).filter(|_| gives)?);
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

impl Deciding<'_> {
    /// What the limits of each limited rule leave to an order, besides what other orders
    /// have had of them. An order keeps what it has.
    fn caps(&self, program: &Program, account: &Account, order: &OrderState) -> Vec<Cap> {
        // A limit leaves nothing to a rule that holds for no line.
        let held = order.lines.iter().fold(0, |held, line| held | line.held);
        let rules = program.earn.iter().enumerate().filter(|(at, _)| held >> at & 1 == 1);
        rules.filter_map(|(at, rule)| cap(at, rule, account, order, self.prior.spent)).collect()
    }
}

/// The least that the limits of the rule at `at` leave to an order.
fn cap(
    at: usize,
    rule: &EarnRule,
    account: &Account,
    order: &OrderState,
    spent: &[Spent],
) -> Option<Cap> {
    let index = u8::try_from(at).ok()?;
    let own = order.awards.iter().find(|award| award.rule == index);
    let own = own.map_or(Points::ZERO, |award| award.points);
    let left = beyond_the_order(rule).filter_map(|limit| {
        let used = account.used(&rule.id, limit.counts(), limit.per, order.placed_on);
        // A limit is in points of the deciding version, what was used in those of today.
        let used = match limit.most {
            Most::Points(_) => used / order.denomination.max(1),
            Most::Times(_) => used,
        };
        let own = Points::new(own.units() / order.denomination.max(1)).unwrap_or_default();
        let left = match limit.most {
            Most::Points(most) => {
                let others = Points::new(used).unwrap_or(Points::MAX).saturating_sub(own);
                most.saturating_sub(others).max(own)
            }
            Most::Times(most) if used < u64::from(most) || !own.is_zero() => return None,
            Most::Times(_) => Points::ZERO,
        };
        Some(Cap { rule: index, left, per: limit.per })
    });
    let for_subject = rule.limits.iter().filter(|limit| limit.per == LimitPer::Subject);
    let for_subject = for_subject.filter(|limit| {
        let given = order.for_subject.iter().find(|(id, _)| *id == rule.id);
        let given = given.map_or(0, |(_, times)| *times);
        own.is_zero() && matches!(limit.most, Most::Times(most) if given >= most)
    });
    let for_subject =
        for_subject.map(|limit| Cap { rule: index, left: Points::ZERO, per: limit.per });
    let of_budget = budget_left(rule, (spent, &rule.id), LimitPer::Everybody, own, order);
    let of_budget = of_budget.map(|left| Cap { rule: index, left, per: LimitPer::Everybody });
    let allowance = order.given_by.as_ref().and_then(|by| rule.allowance(by, order.placed_on));
    let allowed = allowance
        .and_then(|name| budget_left(rule, (spent, &name), LimitPer::GiverMonth, own, order));
    let allowed = allowed.map(|left| Cap { rule: index, left, per: LimitPer::GiverMonth });
    left.chain(for_subject).chain(of_budget).chain(allowed).min_by_key(|cap| cap.left)
}

/// What the budget of a rule leaves to an order that has `own` of it, in points of the
/// deciding version.
fn budget_left(
    rule: &EarnRule,
    (spent, counted_as): (&[Spent], &str),
    per: LimitPer,
    own: Points,
    order: &OrderState,
) -> Option<Points> {
    let denomination = order.denomination;
    let limits = rule.limits.iter().filter(|limit| limit.per == per);
    let spent = spent.iter().find(|spent| spent.rule == counted_as);
    let (points, times) = spent.map_or((0, 0), |spent| (spent.points, spent.times));
    let left = limits.filter_map(|limit| match limit.most {
        Most::Points(most) => {
            let others = (points / denomination.max(1)).saturating_sub(own.units());
            Points::new(most.units().saturating_sub(others)).map(|left| left.max(own))
        }
        Most::Times(most) => (times >= u64::from(most) && own.is_zero()).then_some(Points::ZERO),
    });
    left.min()
}

/// Counts how often rules that are limited for each thing have given anything for this
/// one.
fn count_for_subject(program: &Program, state: &mut OrderState, awards: &[Award]) {
    let limited = |rule: &EarnRule| rule.limits.iter().any(|limit| limit.per == LimitPer::Subject);
    for award in awards {
        let rule = &program.earn[usize::from(award.rule)];
        if !limited(rule) {
            continue;
        }
        let before = state.awards.iter().find(|kept| kept.rule == award.rule);
        let before = before.is_some_and(|kept| !kept.points.is_zero());
        let at = state.for_subject.iter().position(|(id, _)| *id == rule.id);
        let at = at.unwrap_or_else(|| {
            state.for_subject.push((rule.id.clone(), 0));
            state.for_subject.len() - 1
        });
        let times = &mut state.for_subject[at].1;
        match (before, !award.points.is_zero()) {
            (false, true) => *times += 1,
            (true, false) => *times = times.saturating_sub(1),
            _ => {}
        }
    }
    state.for_subject.retain(|(_, times)| *times > 0);
}

fn beyond_the_order(rule: &EarnRule) -> impl Iterator<Item = &Limit> {
    rule.limits.iter().filter(|limit| limit.is_kept())
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
        let before = before.map_or(Points::ZERO, |kept| kept.points);
        if award.points == before {
            continue;
        }
        if rule.limits.iter().any(|limit| limit.per == LimitPer::Everybody) {
            let more = |counts: Counts| counts.of(award.points) - counts.of(before);
            let (points, times) = (more(Counts::Points), more(Counts::Times));
            if points != 0 {
                draft.make(Change::BudgetUsed { rule: rule.id.clone(), points, times })?;
            }
        }
        let allowance = state.given_by.as_ref().and_then(|by| rule.allowance(by, state.placed_on));
        if let Some(rule) = allowance {
            let more = |counts: Counts| counts.of(award.points) - counts.of(before);
            let (points, times) = (more(Counts::Points), more(Counts::Times));
            draft.make(Change::BudgetUsed { rule, points, times })?;
        }
        for limit in beyond_the_order(rule) {
            let (per, start) = (limit.per, limit.per.kept_under(state.placed_on));
            let counts = limit.counts();
            // A span that is over and forgotten has nothing to give back to.
            let used = draft.account.used_under(&rule.id, counts, per, start);
            let used = i64::try_from(used).unwrap_or(i64::MAX);
            let amount = (counts.of(award.points) - counts.of(before)).max(-used);
            if amount != 0 {
                let rule = rule.id.clone();
                draft.make(Change::LimitUsed { rule, counts, per, start, amount })?;
            }
        }
    }
    Ok(())
}
