//! A member's profile: personal data lives in the registry and nowhere else.

use domain::{birthday::Birthday, row::Chain, time::Day};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{
    registry::{self, Address},
    tables::{Consistency, Failure, Tables},
};

use crate::{Problem, api::NewConsent};

/// What is kept of a member besides the chain.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Profile {
    /// What they agreed to.
    pub consents: Vec<NewConsent>,
    /// When they were born, without the year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birthday: Option<KeptBirthday>,
}

/// A birthday as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptBirthday {
    month: i8,
    day: i8,
    told_on: Day,
}

/// A birthday as callers send it: `02-29`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct NewBirthday(String);

impl NewBirthday {
    /// The birthday, told on that day.
    ///
    /// # Errors
    ///
    /// A problem when the text is no day of a year.
    pub fn kept(&self, told_on: Day) -> Result<KeptBirthday, Problem> {
        let wrong = || {
            let detail = "birthday is a month and a day such as \"02-29\"";
            Problem::unprocessable("BIRTHDAY", detail.to_owned())
        };
        let (month, day) = self.0.split_once('-').ok_or_else(wrong)?;
        if (month.len(), day.len()) != (2, 2) {
            return Err(wrong());
        }
        let (month, day) = (month.parse().map_err(|_| wrong())?, day.parse().map_err(|_| wrong())?);
        // 2024 is a leap year: 29 February is a birthday.
        jiff::civil::Date::new(2024, month, day).map_err(|_| wrong())?;
        Ok(KeptBirthday { month, day, told_on })
    }
}

impl KeptBirthday {
    /// The same as rules ask about it.
    pub fn asked(&self) -> Birthday {
        Birthday { month: self.month, day: self.day, told_on: self.told_on }
    }

    /// Whether it is the same day of the year.
    pub fn is_same_day(&self, other: &KeptBirthday) -> bool {
        (self.month, self.day) == (other.month, other.day)
    }
}

impl Profile {
    /// The profile of a member; an empty one where nothing is kept.
    ///
    /// # Errors
    ///
    /// The tables' [`Failure`].
    pub async fn of<T: Tables>(tables: &T, chain: &Chain) -> Result<Profile, Failure> {
        let found = registry::read(tables, &Address::profile(chain), Consistency::Eventual).await?;
        Ok(found.unwrap_or_default())
    }
}
