//! Towards goals: what an order or activity adds to them, taking them up, and crediting
//! what they give.

use super::{Deciding, Outcome, Taking, clawback::claw_back, credit::give, order::Deed};
use crate::{
    account::{Progress, Tally, signed},
    award::Worth,
    change::{Change, Impossible},
    draft::Draft,
    fact::KeyedFact,
    goal,
    order_state::{Credit, Gathered, OrderState},
    program::{DebtPolicy, Goal, GoalKind, Joining, Program, Rulebook, Span, StepMeasure, Word},
    reason::Reason,
    refusal::Refusal,
    row::RowKind,
    tier,
    time::Day,
};

impl Deciding<'_> {
    /// Moves what an order has added to goals to what it adds now.
    pub(super) fn gather(
        &self,
        draft: &mut Draft,
        program: &Program,
        state: &mut OrderState,
        worth: &Worth,
        taking: Taking,
    ) -> Result<(), Refusal> {
        if program.goals.is_empty() {
            return Ok(());
        }
        let mut fresh = goal::gathered(program, state, worth);
        fresh.retain(|added| state.uncounted.iter().all(|(goal, _)| *goal != added.goal));
        let mut touched: Vec<(String, Day)> = Vec::new();
        let mut kept = Vec::with_capacity(fresh.len());
        for added in fresh {
            let known = state.gathered.iter().find(|known| same(known, &added));
            let before = known.map_or(0, |known| known.tally.amount);
            if self.add(draft, program, state, &added, added.tally.amount - before, &mut touched)? {
                kept.push(added);
            }
        }
        for gone in &state.gathered {
            if !kept.iter().any(|added| same(added, gone)) {
                self.add(draft, program, state, gone, -gone.tally.amount, &mut touched)?;
            }
        }
        state.gathered = kept;
        for (goal, start) in touched {
            if self.may_be_first(draft, &goal, start) {
                credit_goal(self.rulebook, draft, (&goal, start), self.today, taking)?;
            }
        }
        Ok(())
    }

    /// Whether a goal that only the first members are given anything for may still be
    /// credited to this one: who was given something stays among the first.
    fn may_be_first(&self, draft: &Draft, goal: &str, start: Day) -> bool {
        let Some(progress) = draft.account.progress(goal, start) else { return true };
        let found = deciding_goal(self.rulebook, progress);
        let Some((_, goal, _)) = found else { return true };
        let among = progress.credit.as_ref().is_some_and(|credit| !credit.net().is_zero());
        let counted = self.prior.spent.iter().find(|spent| spent.rule == goal.counted_as());
        let others = counted.map_or(0, |spent| spent.times);
        goal.first.is_none_or(|first| among || progress.won || others < u64::from(first))
    }

    /// Adds to one tally; a tally that has no room for another mark takes nothing in.
    fn add(
        &self,
        draft: &mut Draft,
        program: &Program,
        state: &OrderState,
        added: &Gathered,
        amount: i64,
        touched: &mut Vec<(String, Day)>,
    ) -> Result<bool, Refusal> {
        let Some(goal) = program.goals.get(usize::from(added.goal)) else { return Ok(false) };
        let progress = draft.account.progress(&goal.id, added.start);
        let program_version = progress.map_or(state.program_version, |p| p.program_version);
        let Some(step) = self.step_in(program_version, goal, added.tally.step) else {
            return Ok(false);
        };
        let tally = Tally { step, amount, ..added.tally.clone() };
        if amount > 0 && !goal::has_room(progress, &tally) {
            return Ok(false);
        }
        // A span that was dropped can take nothing back.
        if amount != 0 && (amount > 0 || progress.is_some()) {
            let (goal, start) = (goal.id.clone(), added.start);
            if !touched.contains(&(goal.clone(), start)) {
                touched.push((goal.clone(), start));
            }
            let denomination = self.rulebook.denomination_since(program_version, self.now);
            draft.make(Change::Tallied { goal, start, program_version, denomination, tally })?;
        }
        Ok(true)
    }

    /// A step's position in the version that decides a goal's progress.
    fn step_in(&self, version: u32, goal: &Goal, step: u8) -> Option<u8> {
        let id = &goal.steps.get(usize::from(step))?.id;
        let decides = self.rulebook.version(version)?.goal(&goal.id)?;
        u8::try_from(decides.steps.iter().position(|known| known.id == *id)?).ok()
    }

    /// The goals of a version that what is done now does not count for, although its lines
    /// would: not taken up, or handed over too late.
    pub(super) fn uncounted(
        &self,
        draft: &Draft,
        deed: &Deed<'_>,
        keyed: &KeyedFact,
    ) -> Vec<(u8, Reason)> {
        let synced_at = deed.activity.and_then(|activity| activity.synced_at);
        let came_at = keyed.accepted_at.unwrap_or(self.now).min(self.now);
        let (when, now) = ((self.occurred_at, self.day), came_at);
        let goals = (0_u8..).zip(&self.program.goals);
        let out = goals.filter_map(|(at, goal)| {
            let why = goal::why_uncounted(goal, &draft.account, when, (synced_at, now))?;
            Some((at, why))
        });
        out.collect()
    }

    pub(super) fn take_up(&self, draft: &mut Draft, challenge: &str) -> Result<Outcome, Refusal> {
        let goal = self.program.goal(challenge).filter(|goal| goal.kind == GoalKind::Challenge);
        let unknown = || Refusal::ChallengeUnknown { challenge: challenge.to_owned() };
        let goal = goal.ok_or_else(unknown)?;
        let closed = |why| Err(Refusal::ChallengeClosed { why });
        let start = match (goal.joining, goal.span) {
            (Joining::Automatic, _) => return closed("every member is in it"),
            (Joining::ActivatedBeforeStart, Span::Between { from, .. }) if self.now >= from => {
                return closed("it has begun");
            }
            (_, Span::Between { to, .. }) if self.now >= to => return closed("it is over"),
            (_, Span::Between { .. }) => Day::FIRST,
            (_, Span::Each(per)) => per.start(self.today),
        };
        let progress = draft.account.progress(&goal.id, start);
        if progress.is_some_and(|progress| progress.taken_up_at.is_some()) {
            return closed("it was taken up before");
        }
        let program_version = self.program.version;
        let goal = goal.id.clone();
        draft.make(Change::TakenUp { goal, start, program_version, at: self.now })?;
        Ok(Outcome::of(RowKind::TakenUp))
    }
}

fn same(a: &Gathered, b: &Gathered) -> bool {
    (a.goal, a.start, a.tally.step, &a.tally.mark) == (b.goal, b.start, b.tally.step, &b.tally.mark)
}

/// The words by which the goals of a version count different things.
pub(super) fn words(
    program: &Program,
    deed: &Deed<'_>,
    state: &OrderState,
) -> Vec<(u8, u16, String)> {
    let steps = program.goals.iter().flat_map(|goal| &goal.steps);
    let mut words = Vec::new();
    for step in steps {
        let StepMeasure::Different(field) = step.measure else { continue };
        let Ok(rule) = u8::try_from(step.rule) else { continue };
        for (at, line) in (0_u16..).zip(&state.lines) {
            let holds = line.held >> step.rule & 1 == 1;
            if let Some(word) = word_of(field, deed, usize::from(at)).filter(|_| holds) {
                words.push((rule, at, word.to_owned()));
            }
        }
    }
    words
}

fn word_of<'d>(field: Word, deed: &Deed<'d>, line: usize) -> Option<&'d str> {
    let of_line = deed.order.lines.get(line);
    match field {
        Word::Product => of_line?.product.as_deref(),
        Word::Category => of_line?.category.as_deref(),
        Word::Brand => of_line?.brand.as_deref(),
        Word::Store => deed.order.store.as_deref(),
        Word::Channel => deed.order.channel.as_deref(),
        Word::Subject => deed.activity?.subject.as_deref(),
    }
}

/// The goal that decides what was gathered, and the day on which that is credited; none
/// at once.
pub(crate) fn deciding_goal<'r>(
    rulebook: &'r Rulebook,
    progress: &Progress,
) -> Option<(&'r Program, &'r Goal, Option<Day>)> {
    let program = rulebook.version(progress.program_version)?;
    let goal = program.goal(&progress.goal)?;
    Some((program, goal, goal.credited_on(progress.start, &program.time_zone)))
}

/// Moves what a goal has given to what it is worth on `today`.
pub(crate) fn credit_goal(
    rulebook: &Rulebook,
    draft: &mut Draft,
    (goal, start): (&str, Day),
    today: Day,
    taking: Taking,
) -> Result<(), Impossible> {
    let Some(progress) = draft.account.progress(goal, start).cloned() else { return Ok(()) };
    let Some((program, goal, on)) = deciding_goal(rulebook, &progress) else { return Ok(()) };
    if on.is_some_and(|on| on > today) {
        if progress.is_empty() {
            draft.make(Change::ProgressForgotten { goal: goal.id.clone(), start })?;
        }
        return Ok(());
    }
    let worth = goal::worth_of(goal, &progress);
    let mut credit = progress.credit.clone().unwrap_or_else(|| new_credit(program, draft, today));
    let net = credit.net();
    if let Some(more) = worth.checked_sub(net).filter(|more| !more.is_zero()) {
        give(draft, &mut credit, more, today)?;
    } else if let Some(less) = net.checked_sub(worth).filter(|less| !less.is_zero()) {
        let policy = match taking.debt(program.points().debt) {
            // What a goal gave never waits for an order: so all of it would be kept.
            DebtPolicy::PendingOnly => DebtPolicy::WriteOff,
            policy => policy,
        };
        claw_back(draft, &mut credit, policy, start, less)?;
    }
    if goal.first.is_some() && credit.net().is_zero() != net.is_zero() {
        let (rule, times) = (goal.counted_as(), if net.is_zero() { 1 } else { -1 });
        draft.make(Change::BudgetUsed { rule, points: 0, times })?;
    }
    if credit.net() != net {
        let points = signed(credit.net()) - signed(net);
        draft.make(Change::GoalCredited { goal: goal.id.clone(), start, credit, points })?;
    }
    if goal.badge.is_some() {
        let won = goal::completed(goal, &progress) > 0;
        if won != progress.won {
            draft.make(Change::Badge { goal: goal.id.clone(), start, won })?;
        }
    }
    // What came to nothing and never gave anything leaves no trace.
    if draft.account.progress(&goal.id, start).is_some_and(Progress::is_empty) {
        draft.make(Change::ProgressForgotten { goal: goal.id.clone(), start })?;
    }
    Ok(())
}

fn new_credit(program: &Program, draft: &Draft, today: Day) -> Credit {
    let expires_on = program.expiry(0, tier::level(program, &draft.account)).of_lot(today);
    Credit::nothing((0, None), Day::FIRST, expires_on, expires_on)
}
