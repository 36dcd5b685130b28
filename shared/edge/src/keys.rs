//! API keys: shown once, kept as hashes.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{self, Duration},
};

use domain::{
    ids::{ProgramId, SourceId},
    time::Instant,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::{
    registry::{self, Address},
    tables::{Condition, Consistency, Failure, Tables},
};

use crate::limits::Limit;

/// How long a key is believed without asking again: one that ends before its time stops
/// within it.
const BELIEVED: Duration = Duration::from_secs(30);
/// The most keys that are remembered; unknown ones count too.
const REMEMBERED_MAX: usize = 10_000;
/// How many digits of its hash name a key.
const ID_DIGITS: usize = 12;

/// The secret that a caller sends.
pub struct ApiKey(String);

/// The machine gives no randomness.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("this machine gives no random numbers")]
pub struct NoRandomness;

impl ApiKey {
    /// The key as it came.
    pub fn new(secret: impl Into<String>) -> ApiKey {
        ApiKey(secret.into())
    }

    /// A new key of 256 random bits.
    ///
    /// # Errors
    ///
    /// [`NoRandomness`].
    pub fn generate() -> Result<ApiKey, NoRandomness> {
        let mut bits = [0_u8; 32];
        getrandom::fill(&mut bits).map_err(|_| NoRandomness)?;
        Ok(ApiKey(format!("gk_{}", hex(&bits))))
    }

    /// The secret itself, to be shown once.
    pub fn secret(&self) -> &str {
        &self.0
    }

    /// The name by which the key can be listed and ended. It opens nothing.
    pub fn id(&self) -> String {
        self.hash().chars().take(ID_DIGITS).collect()
    }

    pub(crate) fn hash(&self) -> String {
        hex(&Sha256::digest(self.0.as_bytes()))
    }

    /// Writes what the key may do; only the key's hash is kept.
    ///
    /// # Errors
    ///
    /// The tables' [`Failure`].
    pub async fn allow(&self, tables: &impl Tables, record: &KeyRecord) -> Result<(), Failure> {
        // Listed first: a key that works and is in no list could not be ended.
        let entry = Listed { hash: self.hash() };
        let address = listed(&record.program, &self.id());
        registry::write(tables, &address, &entry).await?;
        registry::write(tables, &address_of(&entry.hash), record).await
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn address_of(hash: &str) -> Address {
    Address::new(format!("key#{hash}"), "-")
}

fn listed(program: &ProgramId, id: &str) -> Address {
    Address::new(format!("keys#{program}"), id)
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
    /// When it was made.
    pub made_at: Instant,
    /// From when it opens nothing; none for a key that stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Instant>,
    /// How often it may call; none for what every key may ([`Limit::OF_KEYS`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
}

impl KeyRecord {
    /// Whether it opens anything at `now`.
    pub fn is_open(&self, now: Instant) -> bool {
        self.ends_at.is_none_or(|end| now < end)
    }
}

/// A key in the list of its program.
#[derive(Serialize, Deserialize)]
struct Listed {
    hash: String,
}

/// The keys of a program with their ids, by id; ended ones too.
///
/// # Errors
///
/// The tables' [`Failure`].
pub async fn all_keys(
    tables: &impl Tables,
    program: &ProgramId,
) -> Result<Vec<(String, KeyRecord)>, Failure> {
    let entries: Vec<(String, Listed)> =
        registry::list(tables, &format!("keys#{program}"), None, None).await?;
    let mut keys = Vec::with_capacity(entries.len());
    for (id, entry) in entries {
        let record = registry::read(tables, &address_of(&entry.hash), Consistency::Strong).await?;
        keys.extend(record.map(|record| (id, record)));
    }
    Ok(keys)
}

/// Lets a key of a program end at `at`, or sooner where it would have. Returns what it may
/// do until then; `None` when there is no such key.
///
/// # Errors
///
/// The tables' [`Failure`].
pub async fn end_key(
    tables: &impl Tables,
    program: &ProgramId,
    id: &str,
    at: Instant,
) -> Result<Option<KeyRecord>, Failure> {
    let entry: Option<Listed> =
        registry::read(tables, &listed(program, id), Consistency::Strong).await?;
    let Some(address) = entry.map(|entry| address_of(&entry.hash)) else { return Ok(None) };
    let record: Option<KeyRecord> = registry::read(tables, &address, Consistency::Strong).await?;
    let Some(record) = record else { return Ok(None) };
    let ends_at = record.ends_at.map_or(at, |end| end.min(at));
    let record = KeyRecord { ends_at: Some(ends_at), ..record };
    // Nothing but its end ever changes, and that only comes nearer.
    tables.put(registry::put_of(&address, &record, Condition::Any)?).await?;
    Ok(Some(record))
}

/// The keys that were asked for lately.
#[derive(Default)]
pub(crate) struct KeyCache {
    known: Mutex<HashMap<String, (time::Instant, Option<KeyRecord>)>>,
}

impl KeyCache {
    /// What a key may do while it is open; `None` for one that is unknown.
    /// Asked by the machine's clock: a local stack's may stand still, or jump.
    pub(crate) async fn find(
        &self,
        tables: &impl Tables,
        key: &ApiKey,
        asked_at: time::Instant,
    ) -> Result<Option<KeyRecord>, Failure> {
        let address = address_of(&key.hash());
        if let Some(known) = self.remembered(&address.key, asked_at) {
            return Ok(known);
        }
        let record = registry::read(tables, &address, Consistency::Eventual).await?;
        self.remember(address.key, asked_at, record.clone());
        Ok(record)
    }

    /// Whether a key was found here before, however long ago.
    pub(crate) fn knows(&self, key: &ApiKey) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&address_of(&key.hash()).key).is_some_and(|(_, record)| record.is_some())
    }

    fn remembered(&self, hash: &str, at: time::Instant) -> Option<Option<KeyRecord>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, record) = known.get(hash)?;
        (at.duration_since(*since) < BELIEVED).then(|| record.clone())
    }

    fn remember(&self, hash: String, at: time::Instant, record: Option<KeyRecord>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED_MAX {
            // Guesses go first: they must not make strangers of those who were found.
            known.retain(|_, (_, record)| record.is_some());
        }
        if known.len() >= REMEMBERED_MAX {
            known.clear();
        }
        known.insert(hash, (at, record));
    }
}

#[cfg(test)]
mod tests {
    use store::simulated::{Faults, SimulatedTables, workers::run_alone};

    use super::*;

    #[test]
    fn a_key_is_believed_for_half_a_minute() {
        let (cache, asked_at) = (KeyCache::default(), time::Instant::now());
        cache.remember("0123".to_owned(), asked_at, None);
        let after = |seconds| cache.remembered("0123", asked_at + Duration::from_secs(seconds));
        assert_eq!((after(0), after(29)), (Some(None), Some(None)));
        assert_eq!(after(30), None, "it is asked about again");
        assert_eq!(cache.remembered("4567", asked_at), None);
    }

    #[test]
    fn failure_25_a_key_that_was_just_used_ends_everywhere_within_a_minute() {
        let now = Instant::from_millis(1_780_000_000_000);
        let tables = SimulatedTables::new(0, Faults::NONE, now);
        let (cache, key) = (KeyCache::default(), ApiKey::new("stolen"));
        let record = KeyRecord {
            name: "till".to_owned(),
            program: "house".parse().expect("a slug"),
            source: "shop".parse().expect("a slug"),
            scopes: vec!["earn".to_owned()],
            has_key_times: false,
            made_at: now,
            ends_at: None,
            limit: Limit::new(5, 1),
        };
        run_alone(key.allow(&tables, &record)).expect("tables");
        let start = time::Instant::now();
        let found = |cache: &KeyCache, seconds: u64| {
            let asked_at = start + Duration::from_secs(seconds);
            run_alone(cache.find(&tables, &key, asked_at)).expect("tables").expect("a key")
        };
        assert_eq!(found(&cache, 0), record);
        let revoked = run_alone(end_key(&tables, &record.program, &key.id(), now));
        assert!(revoked.expect("tables").is_some());
        let opens = |cache: &KeyCache, seconds| found(cache, seconds).is_open(now);
        assert!(opens(&cache, 29), "it is believed for a while, and no longer");
        assert!(!opens(&cache, 30) && !opens(&cache, 60));
        assert!(!opens(&KeyCache::default(), 0), "another instance asks at once");
        assert!(cache.knows(&key) && !cache.knows(&ApiKey::new("other")));
        assert_eq!(found(&cache, 60).limit, record.limit, "only its end has changed");
    }

    #[test]
    fn guesses_do_not_make_strangers_of_keys_that_were_found() {
        let (cache, now) = (KeyCache::default(), time::Instant::now());
        let key = ApiKey::new("till");
        let record: KeyRecord = serde_json::from_str(
            r#"{ "name": "till", "program": "house", "source": "shop", "scopes": [],
                 "has_key_times": false, "made_at": "2026-06-01T09:00:00Z" }"#,
        )
        .expect("a record of before there were limits");
        cache.remember(address_of(&key.hash()).key, now, Some(record));
        for n in 0..2 * REMEMBERED_MAX {
            cache.remember(n.to_string(), now, None);
        }
        assert!(cache.knows(&key));
        assert!(cache.known.lock().expect("no panic").len() <= REMEMBERED_MAX);
    }
}
