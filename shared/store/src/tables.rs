//! The port: what is asked of DynamoDB, and nothing more.

use std::future::Future;

use thiserror::Error;

use crate::item::{Item, Key, Table, Value};

/// Whether a read must see every write that was acknowledged before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consistency {
    /// It may miss recent writes; half the price.
    Eventual,
    /// It sees them all.
    Strong,
}

/// What must be true of the item that is there for a put to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Nothing is there.
    Absent,
    /// Nothing is there, or this number of it is less than the new item's.
    Grows(&'static str),
    /// Whatever is there. Never in the ledger.
    Any,
}

/// A put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Put {
    /// Where.
    pub table: Table,
    /// What.
    pub item: Item,
    /// When.
    pub condition: Condition,
}

impl Put {
    /// Whether the item is small enough for any table.
    ///
    /// # Errors
    ///
    /// [`Failure::TooLarge`] when it is not.
    pub fn check_size(&self) -> Result<(), Failure> {
        let bytes = self.item.bytes();
        if bytes > ITEM_BYTES_MAX { Err(Failure::TooLarge { bytes }) } else { Ok(()) }
    }
}

/// What became of a put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PutOutcome {
    /// It happened.
    Done,
    /// Its condition did not hold; what is there instead.
    Refused(Option<Item>),
}

/// What became of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransactOutcome {
    /// All of it happened.
    Done,
    /// None of it happened. By position: what is there where a condition did not hold.
    Refused(Vec<Option<Option<Item>>>),
}

/// A range of items of one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Where.
    pub table: Table,
    /// The partition key's value.
    pub partition: String,
    /// The first sort key, inclusive.
    pub from: Option<Value>,
    /// The last sort key, inclusive.
    pub to: Option<Value>,
    /// Last first.
    pub descending: bool,
    /// The most items to return.
    pub limit: usize,
    /// How recent.
    pub consistency: Consistency,
}

impl Query {
    /// Whether nothing can be in it: such a range is answered without asking.
    pub fn is_empty(&self) -> bool {
        let reversed = self.from.is_some() && self.to.is_some() && self.from > self.to;
        self.limit == 0 || reversed
    }
}

/// The world's fault. Nobody can tell whether a failed write happened, unless the
/// variant says so.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Failure {
    /// Too many requests; the write did not happen. Try again later.
    #[error("the table is throttled")]
    Throttled,
    /// Another transaction on the same items; the write did not happen.
    #[error("another transaction was faster")]
    Conflict,
    /// A time-out, a broken connection, an internal error: a write may have happened.
    #[error("the table did not answer: {0}")]
    Unavailable(String),
    /// The item exceeds what an item may have.
    #[error("an item of {bytes} bytes is too large")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// Code of this version must not touch what a newer one wrote.
    #[error("written by a newer version: schema {found}, this is {known}")]
    Newer {
        /// What the item says.
        found: u8,
        /// What this code knows.
        known: u8,
    },
    /// An item that cannot be read: it was not written by this code, or was altered.
    #[error("{what} cannot be read: {why}")]
    Unreadable {
        /// Which item.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// A request that AWS refuses for what it is: permissions, names, a bug.
    #[error("the table refused the request: {0}")]
    Refused(String),
}

impl Failure {
    /// Whether trying again later may help.
    pub fn is_passing(&self) -> bool {
        matches!(self, Failure::Throttled | Failure::Conflict | Failure::Unavailable(_))
    }
}

/// The most items of one transaction (Amazon DynamoDB quotas: 100).
pub const TRANSACTION_ITEMS_MAX: usize = 100;
/// The largest item (Amazon DynamoDB quotas: 400 KB).
pub const ITEM_BYTES_MAX: usize = 400 * 1024;

/// What is asked of DynamoDB.
pub trait Tables: Send + Sync {
    /// Reads one item.
    fn get(
        &self,
        table: Table,
        key: &Key,
        consistency: Consistency,
    ) -> impl Future<Output = Result<Option<Item>, Failure>> + Send;

    /// Reads a range of one partition in order.
    fn query(&self, query: &Query) -> impl Future<Output = Result<Vec<Item>, Failure>> + Send;

    /// Writes one item on a condition.
    fn put(&self, put: Put) -> impl Future<Output = Result<PutOutcome, Failure>> + Send;

    /// Writes several items, all or none.
    fn transact(
        &self,
        puts: Vec<Put>,
    ) -> impl Future<Output = Result<TransactOutcome, Failure>> + Send;

    /// Reads a page of a whole table after a key, in the table's own order: for proofs
    /// and repairs, never for a request.
    fn scan(
        &self,
        table: Table,
        after: Option<Key>,
    ) -> impl Future<Output = Result<Page, Failure>> + Send;
}

/// A page of a table.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Its items.
    pub items: Vec<Item>,
    /// Where to go on; `None` at the end.
    pub next: Option<Key>,
}

impl<T: Tables> Tables for std::sync::Arc<T> {
    async fn get(
        &self,
        table: Table,
        key: &Key,
        consistency: Consistency,
    ) -> Result<Option<Item>, Failure> {
        T::get(self, table, key, consistency).await
    }

    async fn query(&self, query: &Query) -> Result<Vec<Item>, Failure> {
        T::query(self, query).await
    }

    async fn put(&self, put: Put) -> Result<PutOutcome, Failure> {
        T::put(self, put).await
    }

    async fn transact(&self, puts: Vec<Put>) -> Result<TransactOutcome, Failure> {
        T::transact(self, puts).await
    }

    async fn scan(&self, table: Table, after: Option<Key>) -> Result<Page, Failure> {
        T::scan(self, table, after).await
    }
}
