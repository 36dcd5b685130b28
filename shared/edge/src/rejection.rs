//! Rejections: facts from a queue that the rules do not allow. Nobody waits for an answer
//! there, so why is kept for a while for whoever looks.

use domain::{
    ids::{MemberId, ProgramId},
    time::{Day, Instant},
};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use store::{
    registry::{self, Address},
    tables::{Condition, Failure, Tables},
};

/// How long a rejection is kept.
const KEPT_DAYS: i64 = 30;

/// A fact that was not recorded and will not be. Ids and codes only, nothing of the
/// message itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// The reason code.
    pub code: String,
    /// The queue's id of the message, or a hash of what a shop sent.
    pub message: String,
    /// Whose fact, where that could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberId>,
    /// The fact's key, where that could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The connection that it came by, where it came from a shop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// What is wrong, in a sentence that names fields and never what they say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// When.
    pub rejected_at: Instant,
}

impl Rejection {
    /// The rejections of a program on a day (UTC); without one those that named none.
    fn partition(program: Option<&ProgramId>, day: Day) -> String {
        format!("rejected#{}#{day}", program.map_or("-", ProgramId::as_str))
    }

    /// Keeps it. The same message rejected again is the same rejection.
    ///
    /// # Errors
    ///
    /// The tables' [`Failure`].
    pub async fn keep(
        &self,
        tables: &impl Tables,
        program: Option<&ProgramId>,
    ) -> Result<(), Failure> {
        let day = Day::of(self.rejected_at, &TimeZone::UTC);
        let address = Address::new(Self::partition(program, day), &self.message);
        let mut put = registry::put_of(&address, self, Condition::Any)?;
        let expires = self.rejected_at.plus_days(KEPT_DAYS).millis() / 1000;
        put.item = put.item.number("expires", expires);
        tables.put(put).await.map(|_| ())
    }

    /// At most `limit` rejections of a program on a day (UTC), from the one of the message
    /// `from` on; without a program those that named none.
    ///
    /// # Errors
    ///
    /// The tables' [`Failure`].
    pub async fn page(
        tables: &impl Tables,
        program: Option<&ProgramId>,
        day: Day,
        from: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Rejection>, Failure> {
        let partition = Self::partition(program, day);
        let found = registry::page(tables, &partition, from, None, limit).await?;
        Ok(found.into_iter().map(|(_, rejection)| rejection).collect())
    }

    /// All rejections of a program on a day (UTC); without one those that named none.
    ///
    /// # Errors
    ///
    /// The tables' [`Failure`].
    pub async fn all(
        tables: &impl Tables,
        program: Option<&ProgramId>,
        day: Day,
    ) -> Result<Vec<Rejection>, Failure> {
        let found = registry::list(tables, &Self::partition(program, day), None, None).await?;
        Ok(found.into_iter().map(|(_, rejection)| rejection).collect())
    }
}
