//! What the shop says of a member by hand: labels and levels.

use serde::Serialize;

use super::{Malformed, order::check_text};
use crate::time::Day;

/// The most labels that one member has.
pub const LABELS_MAX: usize = 16;

/// Labels that the member has from now on, and others that they have no longer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Marking {
    /// Those that they have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<String>,
    /// Those that they have no longer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
}

/// A level that the shop gives, whatever the member has gathered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Grant {
    /// Which.
    pub level: String,
    /// The day at whose start it is reviewed; by default as if it had been reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
    /// Why: a short code of the shop's, kept for ever.
    pub reason: String,
}

impl Marking {
    pub(super) fn check(&self) -> Result<(), Malformed> {
        let labels = self.with.len() + self.without.len();
        if !(1..=LABELS_MAX).contains(&labels) {
            return Err(Malformed::Labels { max: LABELS_MAX });
        }
        let mut all = self.with.iter().chain(&self.without);
        all.try_for_each(|label| check_text("labels", Some(label)))
    }
}

impl Grant {
    pub(super) fn check(&self) -> Result<(), Malformed> {
        check_text("tier", Some(&self.level))?;
        check_text("reason", Some(&self.reason))
    }
}
