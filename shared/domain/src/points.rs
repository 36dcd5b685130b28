//! Points: what a member earns, in the program's smallest unit.

use serde::{Deserialize, Serialize};

/// A non-negative amount in the program's smallest unit (a program with three
/// decimals keeps 1.5 Stars as 1500).
///
/// There is deliberately no `Add` or `Sub`: every sum is checked, and points leave a
/// place only through [`Points::checked_sub`], so an overdraft is a value that the
/// caller must handle.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Points(u64);

impl Points {
    /// No points at all.
    pub const ZERO: Points = Points(0);
    /// The largest amount: numbers above 2^53 − 1 do not survive JSON readers that
    /// keep numbers as doubles (RFC 8259 section 6).
    pub const MAX: Points = Points((1 << 53) - 1);

    /// Points from a number of smallest units, or `None` above [`Points::MAX`].
    pub const fn new(units: u64) -> Option<Points> {
        if units <= Self::MAX.0 { Some(Points(units)) } else { None }
    }

    /// The number of smallest units.
    pub const fn units(self) -> u64 {
        self.0
    }

    /// Whether this is nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum, or `None` above [`Points::MAX`].
    pub fn checked_add(self, other: Points) -> Option<Points> {
        self.0.checked_add(other.0).and_then(Points::new)
    }

    /// The difference, or `None` when `other` is more than there is.
    pub fn checked_sub(self, other: Points) -> Option<Points> {
        self.0.checked_sub(other.0).map(Points)
    }

    /// The difference, or nothing when `other` is more than there is.
    #[must_use]
    pub fn saturating_sub(self, other: Points) -> Points {
        Points(self.0.saturating_sub(other.0))
    }

    /// The sum of many, or `None` above [`Points::MAX`].
    pub fn checked_sum(many: impl IntoIterator<Item = Points>) -> Option<Points> {
        many.into_iter().try_fold(Points::ZERO, Points::checked_add)
    }

    /// The amount as a person reads it, with the program's `decimals`: `1500` at three
    /// decimals is `1.5`.
    pub fn display(self, decimals: u8) -> String {
        let scale = 10_u64.pow(u32::from(decimals));
        let (whole, rest) = (self.0 / scale, self.0 % scale);
        if rest == 0 {
            return whole.to_string();
        }
        let fraction = format!("{rest:0width$}", width = usize::from(decimals));
        format!("{whole}.{}", fraction.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_above_the_limit_is_refused() {
        assert_eq!(Points::MAX.checked_add(Points(1)), None);
        assert_eq!(Points::new(1 << 53), None);
        assert_eq!(Points(3).checked_sub(Points(4)), None);
    }

    #[test]
    fn decimals_are_shown_without_trailing_zeros() {
        assert_eq!(Points(10_965).display(3), "10.965");
        assert_eq!(Points(12_500).display(3), "12.5");
        assert_eq!(Points(80).display(0), "80");
    }
}
