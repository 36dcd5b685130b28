//! What a shop says of a member by hand, and what a member takes up, as callers send it.

use domain::{
    fact::{Fact, Grant, Marking},
    ids::ExternalId,
    time::Day,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::id;
use crate::Problem;

/// Labels that a member has from now on, and others that they have no longer; 1 to 16 of
/// both together.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMarking {
    /// Those that they have: `store_card`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<String>,
    /// Those that they have no longer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
}

/// A level given by hand.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGrant {
    /// Which: the level's id.
    pub tier: String,
    /// The last day of it, such as `2026-06-30`; unless said, it lasts as if it had been
    /// reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Why: a short code of the shop's own.
    pub reason: String,
}

/// A challenge that a member takes up.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewJoining {
    /// Which: the challenge's id.
    pub challenge: String,
}

impl NewMarking {
    /// The labels as a fact.
    ///
    /// # Errors
    ///
    /// A problem when a label would be put on and taken away at once.
    pub fn into_fact(self) -> Result<Fact, Problem> {
        let NewMarking { with, without } = self;
        if let Some(label) = with.iter().find(|label| without.contains(label)) {
            let detail = format!("{label:?} stands both in with and in without");
            return Err(Problem::unprocessable("LABELS", detail));
        }
        Ok(Fact::Marking(Marking { with, without }))
    }
}

impl NewGrant {
    /// The level as a fact: what ends with a day is reviewed at the start of the next.
    ///
    /// # Errors
    ///
    /// A problem when the last day is none.
    pub fn into_fact(self) -> Result<Fact, Problem> {
        let until = self.until.map(|text| day("until", &text)).transpose()?;
        let until = until.map(|last| last.plus_days(1));
        Ok(Fact::Grant(Grant { level: self.tier, until, reason: self.reason }))
    }
}

impl NewJoining {
    /// The taking up as a fact.
    ///
    /// # Errors
    ///
    /// A problem when that can be no challenge.
    pub fn into_fact(self) -> Result<Fact, Problem> {
        let challenge: ExternalId = id("challenge", self.challenge)?;
        Ok(Fact::Joining { challenge: challenge.into() })
    }
}

/// Reads a day.
///
/// # Errors
///
/// A problem that names `field` when it is none, or one beyond the calendar of programs.
pub fn day(field: &str, text: &str) -> Result<Day, Problem> {
    let date = text.parse::<jiff::civil::Date>().ok().filter(|_| text.len() == 10);
    let known = date.map(Day::from_date).filter(|day| Some(day.date()) == date);
    known.ok_or_else(|| {
        let detail = format!("{field} is not a day such as 2026-11-22");
        Problem::bad_request("DAY", detail).with("path", field)
    })
}
