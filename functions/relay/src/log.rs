//! The log of deliveries: what became of each attempt, kept for a while for whoever looks.

use domain::{
    ids::ProgramId,
    time::{Day, Instant},
};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use store::{
    item::{Item, Table},
    registry::{self, Address},
    tables::{Condition, Consistency, Failure, Query, Tables},
};

/// How long an attempt is kept.
const KEPT_DAYS: i64 = 30;

/// An attempt to deliver an event. Ids and codes only: nothing of what was sent or answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// The event's id.
    pub event: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Which attempt it was, by how often the queue handed the message out.
    pub attempt: u32,
    /// What became of it.
    pub outcome: Outcome,
    /// The recipient's HTTP status, where there was an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When.
    pub at: Instant,
}

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The recipient has it.
    Delivered,
    /// It failed and will be tried again.
    Waiting,
    /// It went to the dead letters.
    Dead,
    /// It is not for the recipient any more: disabled, or the member agrees no longer.
    Dropped,
}

impl Outcome {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Delivered => "delivered",
            Outcome::Waiting => "waiting",
            Outcome::Dead => "dead",
            Outcome::Dropped => "dropped",
        }
    }
}

impl Attempt {
    /// The attempts for a subscriber on a day (UTC).
    fn partition(program: &ProgramId, subscriber: &str, day: Day) -> String {
        format!("deliveries#{program}#{subscriber}#{day}")
    }

    /// Keeps it.
    ///
    /// # Errors
    ///
    /// The tables' [`Failure`].
    pub async fn keep(
        &self,
        tables: &impl Tables,
        program: &ProgramId,
        subscriber: &str,
    ) -> Result<(), Failure> {
        let day = Day::of(self.at, &TimeZone::UTC);
        let sort = format!("{:015}#{}#{}", self.at.millis(), self.event, self.attempt);
        let address = Address::new(Self::partition(program, subscriber, day), sort);
        let mut put = registry::put_of(&address, self, Condition::Any)?;
        let expires = self.at.plus_days(KEPT_DAYS).millis() / 1_000;
        put.item = put.item.number("expires", expires);
        tables.put(put).await.map(|_| ())
    }

    /// The last attempts for a subscriber on a day (UTC), at most `limit`, newest first.
    ///
    /// # Errors
    ///
    /// The tables' [`Failure`].
    pub async fn last(
        tables: &impl Tables,
        program: &ProgramId,
        subscriber: &str,
        day: Day,
        limit: usize,
    ) -> Result<Vec<Attempt>, Failure> {
        let query = Query {
            table: Table::Registry,
            partition: Self::partition(program, subscriber, day),
            from: None,
            to: None,
            descending: true,
            limit,
            consistency: Consistency::Strong,
        };
        let attempt = |item: Item| {
            let json = item.get_text("json").unwrap_or_default();
            serde_json::from_str(json).map_err(|error| Failure::Unreadable {
                what: query.partition.clone(),
                why: error.to_string(),
            })
        };
        tables.query(&query).await?.into_iter().map(attempt).collect()
    }
}
