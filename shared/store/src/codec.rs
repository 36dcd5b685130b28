//! Rows as items and back: readable attributes for people and queries, compact binary
//! for the rest, and a hash that links each row to the one before it.

use domain::{
    account::Account,
    change::Change,
    key::{FactKey, Fingerprint},
    order_state::OrderState,
    points::Points,
    reason::Reason,
    row::{Chain, IndexEntry, Row, RowKind},
    time::Instant,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    item::{Item, Value},
    tables::Failure,
};

/// The layout of a row's body that this code writes. It reads all up to it.
pub const SCHEMA: u8 = 1;

/// A row's hash: over its content and the previous row's hash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowHash(pub [u8; 32]);

impl RowHash {
    /// The hash before the first row of a chain.
    pub const NONE: RowHash = RowHash([0; 32]);

    /// Its first 64 bits, which roll-ups sum.
    pub fn short(&self) -> u64 {
        let mut first = [0; 8];
        first.copy_from_slice(&self.0[..8]);
        u64::from_be_bytes(first)
    }

    /// In hexadecimal.
    pub fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A row as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRow {
    /// The row.
    pub row: Row,
    /// Its hash.
    pub hash: RowHash,
    /// The size of its item, in bytes as DynamoDB counts them.
    pub bytes: usize,
}

/// What is in the body, version 1. Fields are never added to it: a change is a new
/// version beside it.
#[derive(Serialize, Deserialize)]
struct BodyV1 {
    order_key: Option<String>,
    subject_key: Option<String>,
    fingerprint: Fingerprint,
    since_previous_millis: Option<u64>,
    key_ahead_hours: u32,
    note: Option<Reason>,
    changes: Vec<Change>,
    order: Option<OrderState>,
    index: Vec<IndexEntry>,
    account: Account,
}

/// Makes the item of a row that follows a row with the hash `previous`.
///
/// # Errors
///
/// [`Failure::Unreadable`] when the row cannot be written, which would be a bug.
pub fn encode(row: &Row, previous: &RowHash) -> Result<(Item, RowHash), Failure> {
    let item = content(row)?;
    let hash = hash_of(&item, previous);
    Ok((item.with("hash", Value::B(hash.0.to_vec())), hash))
}

fn content(row: &Row) -> Result<Item, Failure> {
    let previous = row.previous_at.map(|at| row.recorded_at.millis() - at.millis());
    let body = BodyV1 {
        order_key: row.order_key.as_ref().map(|key| key.as_str().to_owned()),
        subject_key: row.subject_key.as_ref().map(|key| key.as_str().to_owned()),
        fingerprint: row.fingerprint,
        since_previous_millis: previous.map(|millis| u64::try_from(millis).unwrap_or(0)),
        key_ahead_hours: row.key_ahead_hours,
        note: row.note,
        changes: row.changes.clone(),
        order: row.order.clone(),
        index: row.index.clone(),
        account: row.account.clone(),
    };
    let body = postcard::to_extend(&body, vec![SCHEMA])
        .map_err(|error| unreadable(&row.chain, row.sequence, error))?;
    let mut item = Item::default()
        .text("chain", row.chain.to_string())
        .number("sequence", row.sequence)
        .text("kind", row.kind.as_str())
        .number("recorded_at", row.recorded_at.millis())
        .number("version", row.program_version)
        .text("actor", &row.actor)
        .with("body", Value::B(body));
    if row.occurred_at != row.recorded_at {
        item = item.number("occurred_at", row.occurred_at.millis());
    }
    if let Some(key) = &row.key {
        item = item.text("key", key.as_str());
    }
    if let Some(tier) = &row.account.tier {
        item = item.text("tier", &tier.level);
    }
    let purse = row.account.purse(0);
    let amounts = [
        ("available", purse.available()),
        ("pending", purse.pending()),
        ("held", row.account.held(0)),
        ("debt", purse.debt),
    ];
    for (name, points) in amounts {
        if points != Points::ZERO {
            item = item.number(name, points.units());
        }
    }
    if row.moved() != 0 {
        item = item.number("moved", row.moved());
    }
    Ok(item)
}

fn hash_of(item: &Item, previous: &RowHash) -> RowHash {
    let mut hasher = Sha256::new();
    hasher.update(previous.0);
    let mut part = |tag: u8, bytes: &[u8]| {
        hasher.update([tag]);
        hasher.update((bytes.len() as u64).to_be_bytes());
        hasher.update(bytes);
    };
    for (name, value) in item.0.iter().filter(|(name, _)| *name != "hash") {
        part(b'k', name.as_bytes());
        match value {
            Value::S(text) => part(b's', text.as_bytes()),
            Value::N(number) => part(b'n', &number.to_be_bytes()),
            Value::B(bytes) => part(b'b', bytes),
        }
    }
    RowHash(hasher.finalize().into())
}

/// Reads a row back from its item.
///
/// # Errors
///
/// [`Failure::Newer`] for a later schema, [`Failure::Unreadable`] for anything that this
/// code did not write.
pub fn decode(item: &Item) -> Result<StoredRow, Failure> {
    let what = || {
        let chain = item.get_text("chain").unwrap_or("?");
        format!("row {} of {chain}", item.get_number("sequence").unwrap_or(0))
    };
    let bad = |why: &str| Failure::Unreadable { what: what(), why: why.to_owned() };
    let text = |name: &str| item.get_text(name).ok_or_else(|| bad(&format!("no {name}")));
    let number = |name: &str| {
        let found = item.get_number(name).ok_or_else(|| bad(&format!("no {name}")))?;
        i64::try_from(found).map_err(|_| bad(&format!("{name} is out of range")))
    };
    let (schema, body) = match item.get_bytes("body") {
        Some([schema, body @ ..]) => (*schema, body),
        _ => return Err(bad("no body")),
    };
    match schema {
        SCHEMA => {}
        newer if newer > SCHEMA => {
            return Err(Failure::Newer { found: newer, known: SCHEMA });
        }
        _ => return Err(bad("no schema has that number")),
    }
    let body: BodyV1 = postcard::from_bytes(body).map_err(|error| bad(&error.to_string()))?;
    let hash = item.get_bytes("hash").and_then(|hash| hash.try_into().ok());
    let chain: Chain = text("chain")?.parse().map_err(|_| bad("its chain is no id"))?;
    let kind = text("kind")?;
    let kind = RowKind::ALL.into_iter().find(|known| known.as_str() == kind);
    let recorded_at = Instant::from_millis(number("recorded_at")?);
    let occurred_at = match item.get_number("occurred_at") {
        Some(_) => Instant::from_millis(number("occurred_at")?),
        None => recorded_at,
    };
    let back = |millis: u64| recorded_at.plus_millis(-i64::try_from(millis).unwrap_or(0));
    let row = Row {
        chain,
        sequence: u64::try_from(number("sequence")?).map_err(|_| bad("its sequence"))?,
        kind: kind.ok_or_else(|| bad("its kind is unknown"))?,
        key: item.get_text("key").map(|key| FactKey::stored(key.to_owned())),
        order_key: body.order_key.map(FactKey::stored),
        subject_key: body.subject_key.map(FactKey::stored),
        fingerprint: body.fingerprint,
        recorded_at,
        occurred_at,
        program_version: u32::try_from(number("version")?).map_err(|_| bad("its version"))?,
        actor: text("actor")?.to_owned(),
        previous_at: body.since_previous_millis.map(back),
        key_ahead_hours: body.key_ahead_hours,
        note: body.note,
        changes: body.changes,
        order: body.order,
        index: body.index,
        account: body.account,
    };
    let hash = RowHash(hash.ok_or_else(|| bad("no hash"))?);
    Ok(StoredRow { row, hash, bytes: item.bytes() })
}

/// Whether an item is exactly what this code would write for its row after a row with
/// the hash `previous`.
///
/// # Errors
///
/// As [`decode`].
pub fn proves(item: &Item, previous: &RowHash) -> Result<bool, Failure> {
    let stored = decode(item)?;
    let (again, hash) = encode(&stored.row, previous)?;
    Ok(again == *item && hash == stored.hash)
}

fn unreadable(chain: &Chain, sequence: u64, error: postcard::Error) -> Failure {
    Failure::Unreadable { what: format!("row {sequence} of {chain}"), why: error.to_string() }
}
