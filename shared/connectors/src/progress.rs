//! How far a paid order is.

use domain::time::Instant;

/// How far a paid order is, in the order in which it gets there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Paid, and not shipped yet.
    Paid,
    /// All of it was shipped, or handed over.
    Shipped,
    /// Called off, whatever it was before.
    Cancelled,
}

impl Progress {
    /// Our word, whatever the shop's is, so that programs wait for the same everywhere.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Progress::Paid => "paid",
            Progress::Shipped => "shipped",
            Progress::Cancelled => "cancelled",
        }
    }

    /// The version of an order that the shop changed at `at`. Shops count in whole seconds:
    /// within one, what is further is newer, so that a cancellation is not taken for a copy.
    pub(crate) fn version(self, at: Instant) -> Option<u64> {
        let rank = match self {
            Progress::Paid => 0,
            Progress::Shipped => 1,
            Progress::Cancelled => 2,
        };
        u64::try_from(at.millis()).ok()?.checked_mul(4)?.checked_add(rank)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cancelled_order_is_newer_than_a_paid_one_of_the_same_second() {
        let at = |millis| Instant::from_millis(millis);
        let (first, next) = (at(1_767_225_600_000), at(1_767_225_600_001));
        assert!(Progress::Paid.version(first) < Progress::Shipped.version(first));
        assert!(Progress::Shipped.version(first) < Progress::Cancelled.version(first));
        assert!(Progress::Cancelled.version(first) < Progress::Paid.version(next));
        assert_eq!(Progress::Paid.version(at(-1)), None);
    }
}
