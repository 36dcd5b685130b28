//! A document that is replaced only as it was read.

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    item::{Item, Table, Value},
    registry::{self, Address},
    tables::{Condition, Consistency, Failure, Put, Query, Tables},
};

/// The number of times that the document was written.
const EDITION: &str = "edition";

/// A document, where it is, and which edition of it this is.
#[derive(Debug)]
pub struct Slot<D> {
    /// Where it is.
    pub address: Address,
    /// The document.
    pub document: D,
    edition: i128,
}

impl<D: Default + Serialize + DeserializeOwned> Slot<D> {
    /// A slot that nothing was ever written to.
    pub fn empty(address: Address) -> Slot<D> {
        Slot { address, document: D::default(), edition: 0 }
    }

    /// The document as it is now; the default one where there is none.
    ///
    /// # Errors
    ///
    /// The tables' [`Failure`], or a document of another shape.
    pub async fn read<T: Tables>(tables: &T, address: Address) -> Result<Slot<D>, Failure> {
        match tables.get(Table::Registry, &address.as_key(), Consistency::Strong).await? {
            Some(item) => Slot::of(address, &item),
            None => Ok(Slot::empty(address)),
        }
    }

    /// The documents of a partition whose sort keys lie between `from` and `to`.
    ///
    /// # Errors
    ///
    /// As [`Slot::read`].
    pub async fn list<T: Tables>(
        tables: &T,
        key: &str,
        from: Option<String>,
        to: Option<String>,
    ) -> Result<Vec<Slot<D>>, Failure> {
        let query = Query {
            table: Table::Registry,
            partition: key.to_owned(),
            from: from.map(Value::S),
            to: to.map(Value::S),
            descending: false,
            limit: usize::MAX,
            consistency: Consistency::Strong,
        };
        let items = tables.query(&query).await?;
        let address = |item: &Item| Address::new(key, item.get_text("sort").unwrap_or_default());
        items.iter().map(|item| Slot::of(address(item), item)).collect()
    }

    fn of(address: Address, item: &Item) -> Result<Slot<D>, Failure> {
        let document = registry::document(&address, item)?;
        Ok(Slot { address, document, edition: item.get_number(EDITION).unwrap_or(0) })
    }

    /// The put of the document as it is here, if nobody has written it since: editions
    /// only grow, by one, so the next one is free exactly as long as this is the last.
    ///
    /// # Errors
    ///
    /// As [`registry::put_of`].
    pub fn put(&self) -> Result<Put, Failure> {
        let condition = Condition::Grows(EDITION);
        let mut put = registry::put_of(&self.address, &self.document, condition)?;
        put.item = put.item.number(EDITION, self.edition + 1);
        Ok(put)
    }

    /// Its put has happened.
    pub fn written(&mut self) {
        self.edition += 1;
    }
}
