//! What the shop wants of its program. Nothing is decided by it; a backtest says whether it
//! is met.

use crate::ratio::Ratio;

/// The shop's own targets; each may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Targets {
    /// The most that the program costs, as a share of the revenue.
    pub cost: Option<Ratio>,
    /// The least share of members who can have a reward some day.
    pub in_reach: Option<Ratio>,
    /// The most days from joining until half of those who can have a reward first could.
    pub first_reward_days: Option<u32>,
    /// The most that outstanding points cost at the end of any month, in minor units.
    pub liability: Option<i64>,
}

impl Targets {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        *self == Targets::default()
    }
}
