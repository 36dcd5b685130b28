//! The registry: what is mutable or looked up, as documents under a key.

use domain::row::Chain;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    item::{Item, Key, Table, Value},
    tables::{Condition, Consistency, Failure, Put, PutOutcome, Query, Tables},
};

/// Where a document is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The partition: what kind of thing, and whose.
    pub key: String,
    /// Which of them.
    pub sort: String,
}

impl Address {
    /// An address.
    pub fn new(key: impl Into<String>, sort: impl Into<String>) -> Address {
        Address { key: key.into(), sort: sort.into() }
    }

    /// Where the member is found that has an identity: `kind` is its word, `hash` the
    /// keyed hash of its value.
    pub fn identity(program: &domain::ids::ProgramId, kind: &str, hash: &str) -> Address {
        Address::new(format!("identity#{program}#{kind}#{hash}"), "-")
    }

    /// Where a member's profile is: personal data lives here only.
    pub fn profile(chain: &Chain) -> Address {
        Address::new(format!("member#{chain}"), "profile")
    }

    /// Its key in the registry table.
    pub fn as_key(&self) -> Key {
        Key { partition: self.key.clone(), sort: Value::S(self.sort.clone()) }
    }
}

/// The put of a document.
///
/// # Errors
///
/// [`Failure::Unreadable`] when it cannot be written as JSON, which would be a bug.
pub fn put_of<D: Serialize>(
    address: &Address,
    document: &D,
    condition: Condition,
) -> Result<Put, Failure> {
    let json = serde_json::to_string(document).map_err(|error| unreadable(address, &error))?;
    let item =
        Item::default().text("key", &address.key).text("sort", &address.sort).text("json", json);
    Ok(Put { table: Table::Registry, item, condition })
}

/// Reads a document.
///
/// # Errors
///
/// The tables' [`Failure`], or a document of another shape.
pub async fn read<T: Tables, D: DeserializeOwned>(
    tables: &T,
    address: &Address,
    consistency: Consistency,
) -> Result<Option<D>, Failure> {
    let item = tables.get(Table::Registry, &address.as_key(), consistency).await?;
    item.map(|item| document(address, &item)).transpose()
}

/// Writes a document, whatever was there.
///
/// # Errors
///
/// The tables' [`Failure`].
pub async fn write<T: Tables, D: Serialize>(
    tables: &T,
    address: &Address,
    document: &D,
) -> Result<(), Failure> {
    tables.put(put_of(address, document, Condition::Any)?).await.map(|_| ())
}

/// Writes a document where nothing is; returns what is there instead.
///
/// # Errors
///
/// The tables' [`Failure`], or a document of another shape.
pub async fn write_new<T: Tables, D: Serialize + DeserializeOwned>(
    tables: &T,
    address: &Address,
    document: &D,
) -> Result<Option<D>, Failure> {
    match tables.put(put_of(address, document, Condition::Absent)?).await? {
        PutOutcome::Done => Ok(None),
        PutOutcome::Refused(Some(item)) => self::document(address, &item).map(Some),
        PutOutcome::Refused(None) => read(tables, address, Consistency::Strong).await,
    }
}

/// Reads the documents of a partition whose sort keys lie between `from` and `to`.
///
/// # Errors
///
/// The tables' [`Failure`], or a document of another shape.
pub async fn list<T: Tables, D: DeserializeOwned>(
    tables: &T,
    key: &str,
    from: Option<&str>,
    to: Option<&str>,
) -> Result<Vec<(String, D)>, Failure> {
    page(tables, key, from, to, usize::MAX).await
}

/// Reads at most `limit` documents of a partition whose sort keys lie between `from` and
/// `to`, the first of them.
///
/// # Errors
///
/// The tables' [`Failure`], or a document of another shape.
pub async fn page<T: Tables, D: DeserializeOwned>(
    tables: &T,
    key: &str,
    from: Option<&str>,
    to: Option<&str>,
    limit: usize,
) -> Result<Vec<(String, D)>, Failure> {
    let bound = |text: Option<&str>| text.map(|text| Value::S(text.to_owned()));
    let query = Query {
        table: Table::Registry,
        partition: key.to_owned(),
        from: bound(from),
        to: bound(to),
        descending: false,
        limit,
        consistency: Consistency::Strong,
    };
    let items = tables.query(&query).await?;
    let entry = |item: &Item| {
        let sort = item.get_text("sort").unwrap_or_default().to_owned();
        let address = Address::new(key, &sort);
        document(&address, item).map(|document| (sort, document))
    };
    items.iter().map(entry).collect()
}

pub(crate) fn document<D: DeserializeOwned>(address: &Address, item: &Item) -> Result<D, Failure> {
    let json = item.get_text("json").unwrap_or_default();
    serde_json::from_str(json).map_err(|error| unreadable(address, &error))
}

fn unreadable(address: &Address, error: &serde_json::Error) -> Failure {
    let what = format!("{} {}", address.key, address.sort);
    Failure::Unreadable { what, why: error.to_string() }
}
