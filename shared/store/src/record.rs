//! The one loop: read the head, let the domain decide, append.

#[cfg(feature = "planted")]
use domain::planted::{Bug, is_planted};
use domain::{
    Prior, decide,
    fact::{Activity, Fact, KeyedFact},
    order_state::OrderState,
    program::Rulebook,
    refusal::Refusal,
    row::{Chain, INDEX_EVERY, Row},
    time::{Day, Instant},
};
use jiff::tz::TimeZone;
use thiserror::Error;

use crate::{
    budgets::{self, Budgets},
    codec::{RowHash, StoredRow},
    ledger::{Appended, Ledger},
    markers,
    tables::{Consistency, Failure, Put, Tables},
};

/// How often a fact is decided anew because somebody else appended in between.
pub const ATTEMPTS_MAX: usize = 16;

/// A fact that is in the chain.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The row, as it is stored.
    pub stored: StoredRow,
    /// Whether it had been recorded before.
    pub replayed: bool,
}

/// Why a fact is not in the chain, as far as anybody can tell.
#[derive(Debug, Error)]
pub enum RecordError {
    /// The rules do not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The key was used for another fact.
    #[error("the key was used before, for other content, in row {sequence}")]
    KeyReused {
        /// The row that has it.
        sequence: u64,
    },
    /// Something that was to be written with it is not free.
    #[error("number {0} of what was to be written with it is taken")]
    Beside(usize),
    /// Others appended faster all the time.
    #[error("decided {ATTEMPTS_MAX} times, and each time another row came first")]
    Contended,
    /// The world's fault.
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// Whether to append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Append the row.
    Record,
    /// Only decide.
    DryRun,
}

/// What one attempt came to.
enum Attempt {
    Done(Box<Recorded>),
    /// Somebody appended in between, or nobody knows.
    Again,
}

/// What earlier attempts found out about the fact and its order.
#[derive(Default)]
struct Searched {
    /// The row up to which the fact's key is known not to be in the chain.
    up_to: u64,
    /// The order's state as of that row.
    order: Option<OrderState>,
    /// The state of the newest activity about the same thing as of that row.
    subject: Option<OrderState>,
}

/// Records a fact on a member's chain.
///
/// Reads the head, looks whether the fact was recorded before, lets the domain decide,
/// and appends; decides anew when somebody else appended in between. Whatever is
/// answered comes from the stored row.
///
/// # Errors
///
/// [`RecordError`]. After [`RecordError::Failed`] or [`RecordError::Contended`] the same
/// call again is safe and gives the original outcome if there is one.
pub async fn record<T: Tables>(
    ledger: &Ledger<T>,
    rulebook: &Rulebook,
    chain: &Chain,
    fact: &KeyedFact,
    now: Instant,
    mode: Mode,
) -> Result<Recorded, RecordError> {
    record_beside(ledger, rulebook, chain, fact, now, mode, &[]).await
}

/// As [`record`], with further puts in the same transaction as the row.
///
/// # Errors
///
/// As [`record`], and [`RecordError::Beside`].
pub async fn record_beside<T: Tables>(
    ledger: &Ledger<T>,
    rulebook: &Rulebook,
    chain: &Chain,
    fact: &KeyedFact,
    now: Instant,
    mode: Mode,
    beside: &[Put],
) -> Result<Recorded, RecordError> {
    let recording = Recording { ledger, rulebook, chain, fact, now, mode, beside };
    let mut searched = Searched::default();
    let mut consistency = match fact.fact.spends() {
        true => Consistency::Strong,
        false => Consistency::Eventual,
    };
    for _ in 0..ATTEMPTS_MAX {
        match recording.attempt(consistency, &mut searched).await {
            Ok(Attempt::Done(recorded)) => return Ok(*recorded),
            Ok(Attempt::Again) => {}
            // A stale head may lead to an append or a replay, never to a refusal.
            Err(error) if may_be_stale(consistency) && error.depends_on_head() => {}
            Err(error) => return Err(error),
        }
        consistency = Consistency::Strong;
    }
    Err(RecordError::Contended)
}

fn may_be_stale(consistency: Consistency) -> bool {
    #[cfg(feature = "planted")]
    if is_planted(Bug::StaleRefusal) {
        return false;
    }
    consistency == Consistency::Eventual
}

struct Recording<'a, T> {
    ledger: &'a Ledger<T>,
    rulebook: &'a Rulebook,
    chain: &'a Chain,
    fact: &'a KeyedFact,
    now: Instant,
    mode: Mode,
    beside: &'a [Put],
}

impl<T: Tables> Recording<'_, T> {
    async fn attempt(
        &self,
        consistency: Consistency,
        searched: &mut Searched,
    ) -> Result<Attempt, RecordError> {
        let head = self.ledger.head(self.chain, consistency).await?;
        if let Some(head) = &head {
            if let Some(found) = self.recorded_before(head, searched.up_to).await? {
                return self.replay(found).map(Attempt::Done);
            }
            if let Some(order) = self.order_state(head, searched.up_to).await? {
                searched.order = Some(order);
            }
            if let Some(subject) = self.subject_state(head, searched.up_to).await? {
                searched.subject = Some(subject);
            }
            searched.up_to = head.row.sequence;
        }
        let head_row = head.as_ref().map(|head| &head.row);
        let redemption = self.redemption(head.as_ref()).await?;
        let budgets = self.budgets(searched.order.as_ref()).await?;
        let prior = Prior {
            order: searched.order.as_ref(),
            subject: searched.subject.as_ref(),
            redemption: redemption.as_ref().map(|stored| &stored.row),
            spent: &budgets.spent,
        };
        let decided = decide(self.rulebook, self.chain, head_row, prior, self.fact, self.now);
        if let Err(Refusal::NothingDue { next_due: Some(due) }) = decided {
            self.mark_visit(due).await?;
        }
        let mut row = decided?;
        if let (Some(head), 0) = (&head, row.sequence % INDEX_EVERY) {
            row.index = self.ledger.index_after(head, &row).await?;
        }
        let previous = head.as_ref().map_or(RowHash::NONE, |head| head.hash);
        if self.mode == Mode::DryRun {
            let stored = StoredRow { row, hash: previous, bytes: 0 };
            return Ok(Attempt::Done(Box::new(Recorded { stored, replayed: false })));
        }
        let due_before = head_row.and_then(|head| head.account.next_due);
        let marker = markers::needed(self.zone_at(row.recorded_at), due_before, &row);
        #[cfg(feature = "planted")]
        if is_planted(Bug::MarkerAfterRow) {
            let attempt = self.append(row, previous, Vec::new()).await?;
            return self.mark(marker).await.map(|()| attempt);
        }
        self.mark(marker).await?;
        let counters = budgets.puts(&row);
        self.append(row, previous, counters).await
    }

    /// The counters of the budgets that the fact may use or give back to.
    async fn budgets(&self, order: Option<&OrderState>) -> Result<Budgets, Failure> {
        let activity = match &self.fact.fact {
            Fact::Order(_) | Fact::Claimed(_) => None,
            Fact::Activity(activity) => Some(activity.activity.as_str()),
            Fact::Refund(_) => order.and_then(|order| order.activity.as_deref()),
            _ => return Ok(Budgets::default()),
        };
        let given = match (&self.fact.fact, order) {
            (_, Some(OrderState { given_by: Some(by), placed_on, .. })) => Some((by, *placed_on)),
            (Fact::Activity(Activity { given_by: Some(by), .. }), None) => {
                let told = self.fact.fact.occurred_at().or(self.fact.accepted_at);
                let at = told.map_or(self.now, |at| at.min(self.now));
                Some((by, Day::of(at, self.zone_at(at))))
            }
            _ => None,
        };
        let versions = self.rulebook.versions().map(AsRef::as_ref);
        budgets::read(self.ledger.tables(), versions, activity, given).await
    }

    fn zone_at(&self, now: Instant) -> &TimeZone {
        &self.rulebook.in_force(now).time_zone
    }

    /// The marker that led here is used up: the next visit needs one, although no row is
    /// written.
    async fn mark_visit(&self, due: Instant) -> Result<(), RecordError> {
        #[cfg(feature = "planted")]
        if is_planted(Bug::VisitWithoutMarker) {
            return Ok(());
        }
        match self.mode {
            Mode::Record => {
                self.mark(Some(markers::marker(self.zone_at(self.now), self.chain, due))).await
            }
            Mode::DryRun => Ok(()),
        }
    }

    async fn mark(&self, marker: Option<Put>) -> Result<(), RecordError> {
        if let Some(marker) = marker {
            self.ledger.tables().put(marker).await?;
        }
        Ok(())
    }

    async fn append(
        &self,
        row: Row,
        previous: RowHash,
        counters: Vec<Put>,
    ) -> Result<Attempt, RecordError> {
        let beside = self.beside.iter().cloned().chain(counters).collect();
        let outcome = self.ledger.append(&row, &previous, beside).await;
        match outcome {
            Ok(Appended::Here(stored)) => {
                Ok(Attempt::Done(Box::new(Recorded { stored: *stored, replayed: false })))
            }
            Ok(Appended::Taken(there)) => match self.is_this_fact(&there.row) {
                true => self.replay(*there).map(Attempt::Done),
                false => Ok(Attempt::Again),
            },
            // Somebody else has used a budget in between: what it leaves is read anew.
            Ok(Appended::Beside(at)) if at >= self.beside.len() => Ok(Attempt::Again),
            Ok(Appended::Beside(at)) => Err(RecordError::Beside(at)),
            // Whether it happened shows in the next head.
            Err(Failure::Unavailable(_) | Failure::Conflict) => Ok(Attempt::Again),
            Err(failure) => Err(failure.into()),
        }
    }

    fn is_this_fact(&self, row: &Row) -> bool {
        self.fact.key.as_ref().is_some_and(|key| row.records(key))
    }

    async fn recorded_before(
        &self,
        head: &StoredRow,
        above: u64,
    ) -> Result<Option<StoredRow>, Failure> {
        let Some(key) = &self.fact.key else { return Ok(None) };
        #[cfg(feature = "planted")]
        if above > 0 && is_planted(Bug::SearchNotContinued) {
            return Ok(None);
        }
        #[cfg(feature = "planted")]
        if self.fact.accepted_at.is_some() && is_planted(Bug::QueuedNotSearched) {
            return Ok(None);
        }
        let time = self.fact.key_time;
        self.ledger.find(head, key, time, above, |row| row.records(key)).await
    }

    async fn order_state(
        &self,
        head: &StoredRow,
        above: u64,
    ) -> Result<Option<OrderState>, Failure> {
        let Some(order) = self.fact.about_order() else { return Ok(None) };
        // An order's key has the order's own time; a refund knows nothing of it.
        let time = match self.fact.fact {
            Fact::Order(_) | Fact::Activity(_) => self.fact.key_time,
            _ => None,
        };
        let found = self.ledger.find(head, order, time, above, |row| row.is_about(order)).await?;
        Ok(found.and_then(|found| found.row.order))
    }

    /// What activities about the same thing have come to. The thing has no time of its own
    /// that could prove it new, so the whole chain is searched.
    async fn subject_state(
        &self,
        head: &StoredRow,
        above: u64,
    ) -> Result<Option<OrderState>, Failure> {
        let Some(subject) = &self.fact.subject_key else { return Ok(None) };
        let holds = |row: &Row| row.is_about_subject(subject);
        let found = self.ledger.find(head, subject, None, above, holds).await?;
        Ok(found.and_then(|found| found.row.order))
    }

    /// The row of the redemption that is to be undone.
    async fn redemption(&self, head: Option<&StoredRow>) -> Result<Option<StoredRow>, Failure> {
        let (Fact::Undoing { redemption }, Some(head)) = (&self.fact.fact, head) else {
            return Ok(None);
        };
        match head.row.sequence == *redemption {
            true => Ok(Some(head.clone())),
            false => self.ledger.row(self.chain, *redemption, Consistency::Strong).await,
        }
    }

    fn replay(&self, found: StoredRow) -> Result<Box<Recorded>, RecordError> {
        if found.row.fingerprint != self.fact.fingerprint {
            return Err(RecordError::KeyReused { sequence: found.row.sequence });
        }
        Ok(Box::new(Recorded { stored: found, replayed: true }))
    }
}

impl RecordError {
    /// Whether a newer head might have led elsewhere.
    fn depends_on_head(&self) -> bool {
        matches!(self, RecordError::Refused(_) | RecordError::KeyReused { .. })
    }
}
