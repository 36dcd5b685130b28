//! Deciding: `(program, account, fact, now) → row | refusal`.

mod activity;
mod clawback;
mod credit;
pub(crate) mod goals;
mod order;
mod redemption;
mod referral;
mod refund;
mod trial;

pub(crate) use clawback::Taking;
pub use trial::Trial;

#[cfg(feature = "planted")]
use crate::planted::{Bug, is_planted};
use crate::{
    account::Account,
    award::Shares,
    change::Change,
    draft::Draft,
    fact::{Adjustment, Enrolment, Fact, Grant, KeyedFact, LABELS_MAX, Marking},
    key::FactKey,
    order_state::OrderState,
    program::{Program, Rulebook},
    reason::Reason,
    refusal::Refusal,
    row::{Chain, Row, RowKind},
    settle::{be_active, forget, inactive_on, next_due, settle},
    tier,
    time::{Day, Instant},
    window::Hour,
};

/// Facts dated further ahead than this many days are refused.
pub const AHEAD_DAYS_MAX: i64 = 1;

/// What a decision stands on.
pub(crate) struct Deciding<'a> {
    /// All versions.
    pub rulebook: &'a Rulebook,
    /// The version in force when the fact happened.
    pub program: &'a Program,
    /// What is known of what the fact is about.
    pub prior: Prior<'a>,
    /// Whether awards are split over lines.
    pub shares: Shares,
    /// The key of the order or activity that the fact is about.
    pub about: Option<&'a FactKey>,
    /// Whether the chain is a guest's, who earns nothing yet.
    pub is_guest: bool,
    /// The sequence that the row will have.
    pub sequence: u64,
    /// Now.
    pub now: Instant,
    /// The program's day now.
    pub today: Day,
    /// When the fact happened, as the program dates it.
    pub occurred_at: Instant,
    /// The day of that.
    pub day: Day,
}

/// What the newest rows about them know of an order or activity, and of the thing that
/// an activity is about.
#[derive(Clone, Copy, Debug, Default)]
pub struct Prior<'a> {
    /// The order or activity.
    pub order: Option<&'a OrderState>,
    /// The newest activity about the same thing.
    pub subject: Option<&'a OrderState>,
    /// The redemption that is to be undone.
    pub redemption: Option<&'a Row>,
    /// What the budgets of rules have given to all members so far.
    pub spent: &'a [Spent],
}

/// What a rule with a budget has given to all members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spent {
    /// The rule.
    pub rule: String,
    /// The points, net of clawbacks.
    pub points: u64,
    /// How often it gave anything.
    pub times: u64,
}

impl<'a> From<Option<&'a OrderState>> for Prior<'a> {
    fn from(order: Option<&'a OrderState>) -> Prior<'a> {
        Prior { order, ..Prior::default() }
    }
}

/// What a fact did besides changing the account.
pub(crate) struct Outcome {
    pub kind: RowKind,
    pub note: Option<Reason>,
    pub order: Option<OrderState>,
}

impl Outcome {
    pub(crate) fn of(kind: RowKind) -> Outcome {
        Outcome { kind, note: None, order: None }
    }
}

/// Decides what a fact does to a member's account and returns the row that records it.
///
/// `head` is the newest row of the chain, `prior` the state of the order or activity that
/// the fact is about as the newest row about it carries it, and `now` the clock; the row
/// is recorded at the later of `now` and the head.
///
/// # Errors
///
/// A [`Refusal`] when the rules do not allow it.
pub fn decide<'a>(
    rulebook: &'a Rulebook,
    chain: &Chain,
    head: Option<&Row>,
    prior: impl Into<Prior<'a>>,
    fact: &'a KeyedFact,
    now: Instant,
) -> Result<Row, Refusal> {
    let now = head.map_or(now, |head| now.max(head.recorded_at));
    let before = head.map(|head| &head.account);
    let account = before.cloned().unwrap_or_default();
    let position = head.map(|head| (head.sequence, head.recorded_at));
    let mut draft = Draft::of(account);
    let (prior, how) = (prior.into(), (Shares::Split, chain.is_guest()));
    let (deciding, outcome) =
        happened(rulebook, (&mut draft, before), position, prior, fact, how, now)?;
    Ok(seal(&deciding, chain, head, fact, outcome, draft))
}

/// Decides what a fact does to the account of a draft without changes. `head` is the
/// sequence and the time of the newest row, `before` its account where there is a copy.
fn happened<'a>(
    rulebook: &'a Rulebook,
    (draft, before): (&mut Draft, Option<&Account>),
    head: Option<(u64, Instant)>,
    prior: Prior<'a>,
    fact: &'a KeyedFact,
    (shares, is_guest): (Shares, bool),
    now: Instant,
) -> Result<(Deciding<'a>, Outcome), Refusal> {
    let present = rulebook.in_force(now);
    let settled_on = Day::of(now, &present.time_zone);
    let occurred_at = dated(rulebook, fact, now)?;
    let program: &Program = rulebook.in_force(occurred_at);
    let today = match program.version == present.version {
        true => settled_on,
        false => Day::of(now, &program.time_zone),
    };
    let deciding = Deciding {
        rulebook,
        program,
        prior,
        shares,
        about: fact.about_order(),
        is_guest,
        sequence: head.map_or(1, |(sequence, _)| sequence + 1),
        now,
        today,
        occurred_at,
        day: if occurred_at == now { today } else { Day::of(occurred_at, &program.time_zone) },
    };
    let since = head.map(|(_, recorded_at)| recorded_at);
    settle_before(rulebook, draft, since, (now, settled_on))?;
    let outcome = deciding.happen(draft, &fact.fact, before, fact)?;
    // A late fact may have brought what time has already decided about.
    settle(rulebook, draft, None, (now, settled_on))?;
    let due = next_due(rulebook, present, &draft.account);
    if outcome.kind == RowKind::Settled && draft.changes.is_empty() {
        return Err(Refusal::NothingDue { next_due: due });
    }
    if due != draft.account.next_due {
        draft.make(Change::NextDue { at: due })?;
    }
    forget(rulebook, draft, (now, deciding.today))?;
    Ok((deciding, outcome))
}

/// Brings the account up to `now` before the fact happens.
fn settle_before(
    rulebook: &Rulebook,
    draft: &mut Draft,
    since: Option<Instant>,
    now: (Instant, Day),
) -> Result<(), Refusal> {
    #[cfg(feature = "planted")]
    if is_planted(Bug::NotSettled) {
        return Ok(());
    }
    Ok(settle(rulebook, draft, since, now)?)
}

/// When the fact happened, as the program dates it: never ahead of now, and no further
/// back than the program allows.
fn dated(rulebook: &Rulebook, fact: &KeyedFact, now: Instant) -> Result<Instant, Refusal> {
    let Some(occurred_at) = fact.fact.occurred_at().or(fact.accepted_at) else {
        return Ok(now);
    };
    if occurred_at > now.plus_days(AHEAD_DAYS_MAX) {
        return Err(Refusal::InTheFuture { occurred_at });
    }
    if occurred_at >= now {
        return Ok(now);
    }
    let program = rulebook.in_force(now);
    let today = Day::of(now, &program.time_zone);
    let earliest = program.late_by_at_most.window_start(today);
    if Day::of(occurred_at, &program.time_zone) >= earliest {
        return Ok(occurred_at);
    }
    Ok(earliest.starts_at(&program.time_zone))
}

impl Deciding<'_> {
    fn happen(
        &self,
        draft: &mut Draft,
        fact: &Fact,
        before: Option<&Account>,
        keyed: &KeyedFact,
    ) -> Result<Outcome, Refusal> {
        if let Some(to) = draft.account.moved_to() {
            return Err(Refusal::MovedOn { to: to.clone() });
        }
        match fact {
            Fact::Enrolled(enrolment) if !self.is_guest => self.enrol(draft, enrolment),
            Fact::MovedOn { to } if self.is_guest => {
                draft.make(Change::MovedOn { to: to.clone() })?;
                Ok(Outcome::of(RowKind::MovedOn))
            }
            Fact::Order(order) if self.is_guest => self.order(draft, order, keyed),
            Fact::Refund(refund) if self.is_guest => self.refund(draft, refund, keyed),
            Fact::Passing => {
                before.ok_or(Refusal::MemberUnknown)?;
                Ok(Outcome::of(RowKind::Settled))
            }
            _ if !draft.account.is_member() => Err(Refusal::MemberUnknown),
            Fact::Enrolled(_) | Fact::MovedOn { .. } => Err(Refusal::MemberUnknown),
            Fact::Order(order) => self.order(draft, order, keyed),
            Fact::Claimed(order) => self.claim(draft, order),
            Fact::Referred(claim) => self.referred(draft, claim),
            Fact::Activity(activity) => self.activity(draft, activity, keyed),
            Fact::Marking(marking) => self.mark(draft, marking),
            Fact::Grant(grant) => self.grant(draft, grant),
            Fact::Joining { challenge } => self.take_up(draft, challenge),
            Fact::Refund(refund) => self.refund(draft, refund, keyed),
            Fact::Redemption(redemption) => self.redeem(draft, redemption),
            Fact::Capture(capture) => self.capture(draft, capture, before),
            Fact::Release { hold } => self.release(draft, *hold, before),
            Fact::Undoing { redemption } => self.undo(draft, *redemption),
            Fact::Adjustment(adjustment) => self.adjust(draft, adjustment),
        }
    }

    fn enrol(&self, draft: &mut Draft, enrolment: &Enrolment) -> Result<Outcome, Refusal> {
        draft.make(Change::Joined { since: self.day })?;
        tier::join(self.program, draft, self.day)?;
        if let Some(claim) = &enrolment.referral {
            self.claim_referral(draft, claim)?;
        }
        Ok(Outcome::of(RowKind::Enrolled))
    }

    fn adjust(&self, draft: &mut Draft, adjustment: &Adjustment) -> Result<Outcome, Refusal> {
        use crate::change::Place;
        draft.make(Change::Because { reason: adjustment.reason.clone() })?;
        if adjustment.takes {
            let available = draft.purse(0).available();
            let missing = draft.spend(0, |_| Place::Adjusted, adjustment.points)?;
            if !missing.is_zero() {
                return Err(Refusal::Insufficient { requested: adjustment.points, available });
            }
        } else {
            let expires_on =
                self.program.expiry(0, tier::level(self.program, &draft.account)).of_lot(self.day);
            draft.give(0, Place::Adjusted, expires_on, adjustment.points)?;
            if inactive_on(self.program, &draft.account, 0).is_some_and(|end| end <= self.today) {
                // A gift to a member who was away for long starts their time again.
                be_active(self.program, draft, self.today)?;
            }
        }
        Ok(Outcome::of(RowKind::Adjusted))
    }

    fn grant(&self, draft: &mut Draft, grant: &Grant) -> Result<Outcome, Refusal> {
        draft.make(Change::Because { reason: grant.reason.clone() })?;
        tier::grant(self.program, draft, grant, self.day)?;
        Ok(Outcome::of(RowKind::Granted))
    }

    /// Marks the member, and looks at the level again: some levels ask for a mark.
    fn mark(&self, draft: &mut Draft, marking: &Marking) -> Result<Outcome, Refusal> {
        let before = tier::support(self.program, &draft.account, self.today);
        for label in &marking.without {
            if draft.account.labels.contains(label) {
                draft.make(Change::Unlabelled { label: label.clone() })?;
            }
        }
        for label in &marking.with {
            if !draft.account.labels.contains(label) {
                draft.make(Change::Labelled { label: label.clone() })?;
            }
        }
        if draft.account.labels.len() > LABELS_MAX {
            return Err(Refusal::TooManyLabels { max: LABELS_MAX });
        }
        tier::after_refund(self.program, draft, before, self.today)?;
        tier::raise(self.program, draft, self.today, self.today)?;
        Ok(Outcome::of(RowKind::Marked))
    }

    /// The version that decided an order.
    pub(crate) fn pinned(&self, order: &OrderState) -> Result<&Program, Refusal> {
        let version = order.program_version;
        #[cfg(feature = "planted")]
        if is_planted(Bug::RefundUnderToday) {
            return Ok(self.rulebook.in_force(self.now));
        }
        let found = self.rulebook.version(version).map(AsRef::as_ref);
        found.ok_or(Refusal::VersionNotLoaded { version })
    }
}

fn seal(
    deciding: &Deciding<'_>,
    chain: &Chain,
    head: Option<&Row>,
    fact: &KeyedFact,
    outcome: Outcome,
    draft: Draft,
) -> Row {
    let recorded = Hour::at_or_after(deciding.now);
    let key_hour = fact.key_time.map_or(recorded, Hour::at_or_after);
    let mut row = Row {
        chain: chain.clone(),
        sequence: deciding.sequence,
        kind: outcome.kind,
        key: fact.key.clone(),
        order_key: fact.order_key.clone(),
        subject_key: fact.subject_key.clone(),
        fingerprint: fact.fingerprint,
        recorded_at: deciding.now,
        occurred_at: deciding.occurred_at,
        program_version: deciding.program.version,
        actor: fact.actor.clone(),
        previous_at: head.map(|head| head.recorded_at),
        key_ahead_hours: key_hour.since(recorded),
        note: outcome.note,
        changes: draft.changes,
        order: outcome.order,
        index: Vec::new(),
        account: draft.account,
    };
    let (keys, hour) = (row.keys(), row.key_hour());
    row.account.window.push(keys, hour, deciding.rulebook.window_rows);
    row
}
