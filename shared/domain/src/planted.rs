//! Bugs on purpose: the simulation must find each of them, or it proves nothing.
//!
//! Only with the feature `planted`, never in a release build, and even then none is
//! there until a test plants it in its own thread.

use std::cell::Cell;

#[cfg(not(debug_assertions))]
compile_error!("the feature `planted` has bugs on purpose: it must not be in a release build");

/// A bug that can be planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A row is put whatever is there.
    AppendWithoutCondition,
    /// A key that is not in the window is taken for new.
    FloorIgnored,
    /// After a lost race nobody looks whether the winner recorded the same fact.
    SearchNotContinued,
    /// A refusal stands although a stale head led to it.
    StaleRefusal,
    /// A due marker is put after its row.
    MarkerAfterRow,
    /// A visit that finds nothing due leaves no marker of when something will be.
    VisitWithoutMarker,
    /// An index holds only the keys of the facts, not those of their orders.
    IndexWithoutOrders,
    /// A refund is decided under today's version.
    RefundUnderToday,
    /// A decision stands on an account as it was, not as it is now.
    NotSettled,
    /// The key of what comes by a queue is not looked for.
    QueuedNotSearched,
    /// A counter of a budget is written whatever is there.
    BudgetWithoutCondition,
    /// The checkpoint of roll-ups is written after the sums, not with them.
    CheckpointApart,
    /// A route leads elsewhere as soon as somebody says so.
    RouteOverwritten,
    /// A refund whose order has no route yet is let go.
    RefundNotKept,
    /// A guest's orders are taken over before the guest's chain ends.
    TakeoverBeforeTheEnd,
    /// What is taken over gets a key of its own.
    ClaimRenamed,
    /// A guest's order is recorded and nobody asks whether its guest has joined.
    GuestNotAskedFor,
    /// Who dies between an enrolment and the guest's orders leaves these behind.
    EnrolmentHalfDone,
    /// Messages that the queue of deliveries did not take are let go.
    LossNotTold,
}

impl Bug {
    /// Every one of them.
    pub const ALL: [Bug; 19] = [
        Bug::AppendWithoutCondition,
        Bug::FloorIgnored,
        Bug::SearchNotContinued,
        Bug::StaleRefusal,
        Bug::MarkerAfterRow,
        Bug::VisitWithoutMarker,
        Bug::IndexWithoutOrders,
        Bug::RefundUnderToday,
        Bug::NotSettled,
        Bug::QueuedNotSearched,
        Bug::BudgetWithoutCondition,
        Bug::CheckpointApart,
        Bug::RouteOverwritten,
        Bug::RefundNotKept,
        Bug::TakeoverBeforeTheEnd,
        Bug::ClaimRenamed,
        Bug::GuestNotAskedFor,
        Bug::EnrolmentHalfDone,
        Bug::LossNotTold,
    ];
}

thread_local! {
    static PLANTED: Cell<Option<Bug>> = const { Cell::new(None) };
}

/// Plants a bug in this thread, or none.
pub fn plant(bug: Option<Bug>) {
    PLANTED.set(bug);
}

/// Whether a bug is planted in this thread.
pub fn is_planted(bug: Bug) -> bool {
    PLANTED.get() == Some(bug)
}
