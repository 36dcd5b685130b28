//! A member's profile: personal data lives in the registry and nowhere else.

use domain::{birthday::Birthday, row::Chain, time::Day};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{
    Slot, boards,
    registry::{self, Address},
    tables::{Condition, Consistency, Failure, Put, Tables, TransactOutcome},
};

use crate::{Problem, api::NewConsent};

/// The purpose that lets others see on leaderboards how far a member is.
pub const LEADERBOARD: &str = "leaderboard";
/// How often a profile is changed that others change too.
const ATTEMPTS_MAX: usize = 8;

/// What is kept of a member besides the chain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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

    /// Whether the member agreed to a purpose: what was said last counts.
    pub fn agrees_to(&self, purpose: &str) -> bool {
        let said = self.consents.iter().rev().find(|consent| consent.purpose == purpose);
        said.is_some_and(|consent| consent.granted)
    }

    /// The puts of the profile of somebody who joins.
    ///
    /// # Errors
    ///
    /// As [`registry::put_of`].
    pub fn puts_of_new(self, chain: &Chain) -> Result<Vec<Put>, Failure> {
        let seen = self.agrees_to(LEADERBOARD);
        let mut profile = Slot::empty(Address::profile(chain));
        profile.document = self;
        let mut puts = vec![Put { condition: Condition::Any, ..profile.put()? }];
        if seen {
            puts.push(boards::put_of_seen(chain, true)?);
        }
        Ok(puts)
    }

    /// Changes a member's profile as it is at this moment: of two changes at once none is
    /// lost. Whether the member is seen on leaderboards changes with it.
    ///
    /// # Errors
    ///
    /// What `change` refuses, or the tables' [`Failure`].
    pub async fn change<T: Tables>(
        tables: &T,
        chain: &Chain,
        change: impl Fn(&mut Profile) -> Result<(), Problem> + Send + Sync,
    ) -> Result<(), Problem> {
        for _ in 0..ATTEMPTS_MAX {
            let mut slot = Slot::<Profile>::read(tables, Address::profile(chain)).await?;
            let before = slot.document.clone();
            change(&mut slot.document)?;
            if slot.document == before {
                return Ok(());
            }
            let mut puts = vec![slot.put()?];
            let seen = slot.document.agrees_to(LEADERBOARD);
            if seen != before.agrees_to(LEADERBOARD) {
                puts.push(boards::put_of_seen(chain, seen)?);
            }
            match tables.transact(puts).await {
                Ok(TransactOutcome::Done) => return Ok(()),
                Ok(TransactOutcome::Refused(_)) | Err(Failure::Conflict) => {}
                Err(failure) => return Err(failure.into()),
            }
        }
        Err(Failure::Conflict.into())
    }
}
