//! Connections of shops: one address that one shop sends one kind of webhook to.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{self, Duration},
};

use connectors::{Connection, Connector, Misconfigured};
use domain::{
    ids::{ProgramId, SourceId},
    time::Instant,
};
use serde::{Deserialize, Serialize};
use store::{
    registry::{self, Address},
    tables::{Consistency, Failure, Tables},
};

/// How long a connection is believed without asking again.
const BELIEVED: Duration = Duration::from_secs(30);
/// The most connections that are remembered; unknown ones count too.
const REMEMBERED_MAX: usize = 1_000;

/// A connection as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ConnectionRecord {
    /// The one program that its facts are for.
    pub program: ProgramId,
    /// Where its facts come from. Connections of one shop share it, so that a refund finds
    /// its order.
    pub source: SourceId,
    /// Which shop software sends, and what.
    pub connector: Connector,
    /// What the shop signs with.
    pub secret: Secret,
    /// What it signed with before the last change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Previous>,
    /// Whether who has an account at the shop is a member by that.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub enrols: bool,
    /// Whether the shop has seen that an account's email address is its owner's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub emails_verified: bool,
    /// When it was made.
    pub made_at: Instant,
    /// From when it takes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Instant>,
}

/// What a shop signs with. Printing it prints nothing of it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
    }
}

/// A secret that was changed: shops go on signing with it for a while.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Previous {
    /// The secret.
    pub secret: Secret,
    /// Until when it counts.
    pub until: Instant,
}

impl ConnectionRecord {
    /// The connection as it checks signatures at `now`.
    ///
    /// # Errors
    ///
    /// [`Misconfigured`] when a secret cannot be one of its connector.
    pub fn at(&self, now: Instant) -> Result<Connection, Misconfigured> {
        let previous = self.previous.as_ref().filter(|previous| now < previous.until);
        let previous = previous.map(|previous| previous.secret.0.as_str());
        let (source, connector) = (self.source.clone(), self.connector.clone());
        Connection::new(source, connector, &self.secret.0, previous)
    }

    /// Whether it takes anything at `now`.
    pub fn is_open(&self, now: Instant) -> bool {
        self.ended_at.is_none_or(|end| now < end)
    }

    /// Reads a connection.
    ///
    /// # Errors
    ///
    /// The tables' [`Failure`].
    pub async fn read(
        tables: &impl Tables,
        id: &SourceId,
        consistency: Consistency,
    ) -> Result<Option<ConnectionRecord>, Failure> {
        registry::read(tables, &address(id), consistency).await
    }

    /// Writes it, and lists it among its program's: first the list, so that none works that
    /// is in no list.
    ///
    /// # Errors
    ///
    /// The tables' [`Failure`].
    pub async fn write(&self, tables: &impl Tables, id: &SourceId) -> Result<(), Failure> {
        registry::write(tables, &listed(&self.program, id), &self.connector).await?;
        registry::write(tables, &address(id), self).await
    }

    /// The connections of a program by their ids, ended ones too.
    ///
    /// # Errors
    ///
    /// The tables' [`Failure`].
    pub async fn all(
        tables: &impl Tables,
        program: &ProgramId,
    ) -> Result<Vec<(SourceId, ConnectionRecord)>, Failure> {
        let partition = format!("connections#{program}");
        let listed: Vec<(String, Connector)> =
            registry::list(tables, &partition, None, None).await?;
        let mut all = Vec::with_capacity(listed.len());
        for (id, _) in listed {
            let Ok(id) = id.parse::<SourceId>() else { continue };
            let record = ConnectionRecord::read(tables, &id, Consistency::Strong).await?;
            all.extend(record.map(|record| (id, record)));
        }
        Ok(all)
    }
}

fn address(id: &SourceId) -> Address {
    Address::new(format!("connection#{id}"), "-")
}

fn listed(program: &ProgramId, id: &SourceId) -> Address {
    Address::new(format!("connections#{program}"), id.as_str())
}

/// The connections that were asked for lately.
#[derive(Clone, Default)]
pub(crate) struct Connections {
    known: Arc<Mutex<HashMap<SourceId, Remembered>>>,
}

type Remembered = (time::Instant, Option<Arc<ConnectionRecord>>);

impl Connections {
    /// A connection that takes something at `now`.
    pub async fn find(
        &self,
        tables: &impl Tables,
        id: &SourceId,
        now: Instant,
    ) -> Result<Option<Arc<ConnectionRecord>>, Failure> {
        // By the machine's clock: a local stack's may stand still, or jump.
        let asked_at = time::Instant::now();
        let known = self.remembered(id, asked_at);
        let record = match known {
            Some(record) => record,
            None => {
                let record = ConnectionRecord::read(tables, id, Consistency::Eventual).await?;
                let record = record.map(Arc::new);
                self.remember(id.clone(), (asked_at, record.clone()));
                record
            }
        };
        Ok(record.filter(|record| record.is_open(now)))
    }

    fn remembered(
        &self,
        id: &SourceId,
        at: time::Instant,
    ) -> Option<Option<Arc<ConnectionRecord>>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, record) = known.get(id)?;
        (at.duration_since(*since) < BELIEVED).then(|| record.clone())
    }

    fn remember(&self, id: SourceId, found: Remembered) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED_MAX {
            known.clear();
        }
        known.insert(id, found);
    }
}
