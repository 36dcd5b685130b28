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
