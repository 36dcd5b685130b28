//! Spending points, and giving or taking them by hand.

use serde::Serialize;

use super::{Malformed, check_amount};
use crate::points::Points;

/// How long a hold lasts unless the caller says.
pub const HOLD_MINUTES_DEFAULT: u32 = 30;
/// The longest hold: a week.
pub const HOLD_MINUTES_MAX: u32 = 7 * 24 * 60;

/// A member wants a reward.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Redemption {
    /// Which.
    pub reward: String,
    /// How many points to spend, for a reward of variable price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<Points>,
    /// The basket it is used on, in minor units of the reward's money.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basket: Option<i64>,
    /// For how many minutes to hold the points; `None` spends them at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_minutes: Option<u32>,
}

/// A held reward is spent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Capture {
    /// The hold: the sequence of the row that made it.
    pub hold: u64,
    /// How much of it; `None` is all. The rest goes back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<Points>,
}

/// A person of the shop gives or takes points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Adjustment {
    /// How many.
    pub points: Points,
    /// Whether they are taken.
    pub takes: bool,
    /// Why: a short code of the shop's, kept for ever.
    pub reason: String,
}

impl Redemption {
    pub(super) fn check(&self) -> Result<(), Malformed> {
        if self.points.is_some_and(Points::is_zero) {
            return Err(Malformed::Points { field: "points".into() });
        }
        check_amount("basket", self.basket.unwrap_or(0))?;
        match self.hold_minutes {
            Some(minutes) if !(1..=HOLD_MINUTES_MAX).contains(&minutes) => {
                Err(Malformed::HoldMinutes { minutes, max: HOLD_MINUTES_MAX })
            }
            _ => Ok(()),
        }
    }
}

impl Capture {
    pub(super) fn check(&self) -> Result<(), Malformed> {
        match self.points {
            Some(points) if points.is_zero() => Err(Malformed::Points { field: "points".into() }),
            _ => Ok(()),
        }
    }
}

impl Adjustment {
    pub(super) fn check(&self) -> Result<(), Malformed> {
        if self.points.is_zero() {
            return Err(Malformed::Points { field: "points".into() });
        }
        let field = || "reason".to_owned();
        self.reason
            .parse::<crate::ids::ExternalId>()
            .map(|_| ())
            .map_err(|problem| Malformed::Text { field: field(), problem })
    }
}
