//! The clock, read once per attempt at the edge of a handler.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use domain::time::Instant;

/// Where `now` comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's.
    System,
    /// A clock of its own that only moves forward, for the local stack.
    Settable(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `at` until it is moved.
    pub fn settable(at: Instant) -> Clock {
        Clock::Settable(Arc::new(AtomicI64::new(at.millis())))
    }

    /// The time.
    pub fn now(&self) -> Instant {
        match self {
            Clock::System => Instant::from_timestamp(jiff::Timestamp::now()),
            Clock::Settable(at) => Instant::from_millis(at.load(Ordering::SeqCst)),
        }
    }

    /// Moves a settable clock forward to `at`; it never moves back. Returns the time, or
    /// `None` for the machine's clock.
    pub fn move_to(&self, at: Instant) -> Option<Instant> {
        match self {
            Clock::System => None,
            Clock::Settable(now) => {
                let before = now.fetch_max(at.millis(), Ordering::SeqCst);
                Some(Instant::from_millis(before.max(at.millis())))
            }
        }
    }
}
