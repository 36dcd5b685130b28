//! API keys: shown once, kept as hashes.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use domain::ids::{ProgramId, SourceId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::{
    registry::{self, Address},
    tables::{Consistency, Failure, Tables},
};

/// How long a key is believed without asking again: a revoked one stops within it.
const BELIEVED: Duration = Duration::from_secs(30);
/// The most keys that are remembered; unknown ones count too.
const REMEMBERED_MAX: usize = 10_000;

/// The secret that a caller sends.
pub struct ApiKey(String);

impl ApiKey {
    /// The key as it came.
    pub fn new(secret: impl Into<String>) -> ApiKey {
        ApiKey(secret.into())
    }

    fn address(&self) -> Address {
        let digest = Sha256::digest(self.0.as_bytes());
        let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Address::new(format!("key#{hash}"), "-")
    }

    /// Writes what the key may do; only the key's hash is kept.
    ///
    /// # Errors
    ///
    /// The tables' [`Failure`].
    pub async fn allow(&self, tables: &impl Tables, record: &KeyRecord) -> Result<(), Failure> {
        registry::write(tables, &self.address(), record).await
    }
}

/// What a key may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRecord {
    /// Its name, which rows and logs speak of.
    pub name: String,
    /// The one program it is for.
    pub program: ProgramId,
    /// The source that its facts come from.
    pub source: SourceId,
    /// `earn`, `redeem`, `read`, `admin`.
    pub scopes: Vec<String>,
    /// Whether its source sends an order or a refund always with the same time.
    pub has_key_times: bool,
    /// Whether it was revoked.
    pub revoked: bool,
}

/// The keys that were asked for lately.
#[derive(Default)]
pub(crate) struct KeyCache {
    known: Mutex<HashMap<String, (Instant, Option<KeyRecord>)>>,
}

impl KeyCache {
    /// What a key may do; `None` for an unknown or revoked one.
    pub(crate) async fn find(
        &self,
        tables: &impl Tables,
        key: &ApiKey,
    ) -> Result<Option<KeyRecord>, Failure> {
        let address = key.address();
        if let Some(known) = self.remembered(&address.key) {
            return Ok(known);
        }
        let record: Option<KeyRecord> =
            registry::read(tables, &address, Consistency::Eventual).await?;
        let record = record.filter(|record| !record.revoked);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED_MAX {
            known.clear();
        }
        known.insert(address.key, (Instant::now(), record.clone()));
        Ok(record)
    }

    fn remembered(&self, hash: &str) -> Option<Option<KeyRecord>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, record) = known.get(hash)?;
        (since.elapsed() < BELIEVED).then(|| record.clone())
    }
}
