//! Redemptions and adjustments as callers send them.

use domain::{
    fact::{Adjustment, Capture, Redemption},
    ids::MemberId,
    money::Currency,
    points::Points,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Money, member_id};
use crate::Problem;

/// A wish for a reward.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRedemption {
    /// Which.
    pub reward: String,
    /// How many points to spend, for a reward of variable price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<u64>,
    /// The basket it is used on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basket: Option<Money>,
    /// Set the points aside for this many minutes (at most a week) instead of spending
    /// them at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_minutes: Option<u32>,
}

/// How much of a hold to spend.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCapture {
    /// How many points; all unless said. The rest goes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<u64>,
}

/// Points given or taken by hand.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAdjustment {
    /// Whose.
    pub member: String,
    /// How many; less than zero takes them.
    pub points: i64,
    /// Why: a short code of the shop's own.
    pub reason: String,
}

fn points(field: &str, units: u64) -> Result<Points, Problem> {
    Points::new(units).ok_or_else(|| {
        let detail = format!("{field} must be between 1 and 9007199254740991");
        Problem::unprocessable("POINTS", detail)
    })
}

impl NewRedemption {
    /// The redemption as a fact, in the reward's money.
    ///
    /// # Errors
    ///
    /// A problem that names the field.
    pub fn into_fact(self, currency: Currency) -> Result<Redemption, Problem> {
        let basket = self.basket.map(|basket| basket.minor("basket", currency)).transpose()?;
        let points = self.points.map(|units| points("points", units)).transpose()?;
        Ok(Redemption { reward: self.reward, points, basket, hold_minutes: self.hold_minutes })
    }
}

impl NewCapture {
    /// The capture of a hold as a fact.
    ///
    /// # Errors
    ///
    /// A problem that names the field.
    pub fn into_fact(self, hold: u64) -> Result<Capture, Problem> {
        let points = self.points.map(|units| points("points", units)).transpose()?;
        Ok(Capture { hold, points })
    }
}

impl NewAdjustment {
    /// The member and the adjustment as a fact.
    ///
    /// # Errors
    ///
    /// A problem that names the field.
    pub fn into_fact(self) -> Result<(MemberId, Adjustment), Problem> {
        let points = points("points", self.points.unsigned_abs())?;
        let adjustment = Adjustment { points, takes: self.points < 0, reason: self.reason };
        Ok((member_id(self.member)?, adjustment))
    }
}
