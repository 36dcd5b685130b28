//! The ledger: chains of rows, read from their newest end and extended by one row at a
//! time. Nothing here changes or removes a row.

use std::sync::Arc;

#[cfg(feature = "planted")]
use domain::planted::{Bug, is_planted};
use domain::{
    key::FactKey,
    row::{Chain, INDEX_EVERY, IndexEntry, Row},
    time::Instant,
    window::RowKeys,
};

use crate::{
    codec::{RowHash, StoredRow, decode, encode},
    item::{Key, Table, Value},
    remembered::Remembered,
    tables::{Condition, Consistency, Failure, Put, PutOutcome, Query, Tables, TransactOutcome},
};

/// The chains in some tables.
#[derive(Clone, Debug)]
pub struct Ledger<T> {
    tables: T,
    remembered: Option<Arc<Remembered>>,
}

/// What became of an append.
#[derive(Debug)]
pub enum Appended {
    /// The row is in the chain.
    Here(Box<StoredRow>),
    /// Another row has that sequence.
    Taken(Box<StoredRow>),
    /// The row was free, but a condition on something beside it did not hold: the
    /// position among the puts that were to happen with it.
    Beside(usize),
}

impl<T: Tables> Ledger<T> {
    /// The ledger in `tables`.
    pub fn new(tables: T) -> Ledger<T> {
        Ledger { tables, remembered: None }
    }

    /// The same ledger for one batch of facts: it remembers the rows that it reads and
    /// puts, so that a member with many facts in the batch is read once. Whoever keeps it longer than a batch
    /// only loses more races.
    #[must_use]
    pub fn for_batch(&self) -> Ledger<T>
    where
        T: Clone,
    {
        Ledger { tables: self.tables.clone(), remembered: Some(Arc::default()) }
    }

    /// The tables.
    pub fn tables(&self) -> &T {
        &self.tables
    }

    /// The newest row of a chain.
    ///
    /// # Errors
    ///
    /// The tables' [`Failure`], or a row that cannot be read.
    pub async fn head(
        &self,
        chain: &Chain,
        consistency: Consistency,
    ) -> Result<Option<StoredRow>, Failure> {
        if consistency == Consistency::Eventual
            && let Some(head) = self.remembered.as_ref().and_then(|known| known.head(chain))
        {
            return Ok(Some(head));
        }
        let query = Query {
            table: Table::Ledger,
            partition: chain.to_string(),
            from: None,
            to: None,
            descending: true,
            limit: 1,
            consistency,
        };
        let head = self.tables.query(&query).await?.first().map(decode).transpose()?;
        if let (Some(remembered), Some(head)) = (&self.remembered, &head) {
            remembered.keep_head(head);
        }
        Ok(head)
    }

    /// One row.
    ///
    /// # Errors
    ///
    /// As [`Ledger::head`].
    pub async fn row(
        &self,
        chain: &Chain,
        sequence: u64,
        consistency: Consistency,
    ) -> Result<Option<StoredRow>, Failure> {
        if let Some(row) = self.remembered.as_ref().and_then(|known| known.row(chain, sequence)) {
            return Ok(Some(row));
        }
        let sort = Value::N(i128::from(sequence));
        let key = Key { partition: chain.to_string(), sort };
        let found = self.tables.get(Table::Ledger, &key, consistency).await?;
        let row = found.as_ref().map(decode).transpose()?;
        if let (Some(remembered), Some(row)) = (&self.remembered, &row) {
            remembered.keep_row(row);
        }
        Ok(row)
    }

    /// Rows from `from` on in either direction, at most `limit`.
    ///
    /// # Errors
    ///
    /// As [`Ledger::head`].
    pub async fn rows(
        &self,
        chain: &Chain,
        from: u64,
        descending: bool,
        limit: usize,
    ) -> Result<Vec<StoredRow>, Failure> {
        let bound = Some(Value::N(i128::from(from)));
        let (from, to) = if descending { (None, bound) } else { (bound, None) };
        let query = Query {
            table: Table::Ledger,
            partition: chain.to_string(),
            from,
            to,
            descending,
            limit,
            consistency: Consistency::Eventual,
        };
        self.tables.query(&query).await?.iter().map(decode).collect()
    }

    /// The newest row that was recorded at or before `at`, found by halving the chain.
    ///
    /// # Errors
    ///
    /// As [`Ledger::head`].
    pub async fn row_at(&self, head: StoredRow, at: Instant) -> Result<Option<StoredRow>, Failure> {
        if head.row.recorded_at <= at {
            return Ok(Some(head));
        }
        let chain = head.row.chain.clone();
        let (mut known, mut below, mut above) = (None, 0, head.row.sequence);
        while above - below > 1 {
            let middle = below + (above - below) / 2;
            let row = self.must_row(&chain, middle).await?;
            if row.row.recorded_at <= at {
                below = middle;
                known = Some(row);
            } else {
                above = middle;
            }
        }
        Ok(known)
    }

    /// Puts a row at the end of its chain, if nothing is there, together with `beside`
    /// in one transaction where there is something beside it.
    ///
    /// # Errors
    ///
    /// As [`Ledger::head`]. After [`Failure::Unavailable`] the row may be there.
    pub async fn append(
        &self,
        row: &Row,
        previous: &RowHash,
        beside: Vec<Put>,
    ) -> Result<Appended, Failure> {
        let Some(known) = &self.remembered else { return self.put(row, previous, beside).await };
        // Also where nobody waits for the put any more.
        known.forget_head(&row.chain);
        let outcome = self.put(row, previous, beside).await;
        if let Ok(Appended::Here(stored)) = &outcome {
            known.keep_head(stored);
        }
        outcome
    }

    async fn put(
        &self,
        row: &Row,
        previous: &RowHash,
        beside: Vec<Put>,
    ) -> Result<Appended, Failure> {
        let (item, hash) = encode(row, previous)?;
        let bytes = item.bytes();
        let here = || Appended::Here(Box::new(StoredRow { row: row.clone(), hash, bytes }));
        let condition = Condition::Absent;
        #[cfg(feature = "planted")]
        let condition = match is_planted(Bug::AppendWithoutCondition) {
            true => Condition::Any,
            false => condition,
        };
        let put = Put { table: Table::Ledger, item, condition };
        if beside.is_empty() {
            return match self.tables.put(put).await? {
                PutOutcome::Done => Ok(here()),
                PutOutcome::Refused(there) => self.taken(row, there).await,
            };
        }
        let puts = std::iter::once(put).chain(beside).collect();
        match self.tables.transact(puts).await? {
            TransactOutcome::Done => Ok(here()),
            TransactOutcome::Refused(mut reasons) => {
                let first = if reasons.is_empty() { None } else { reasons.remove(0) };
                match (first, reasons.iter().position(Option::is_some)) {
                    (Some(there), _) => self.taken(row, there).await,
                    (None, Some(at)) => Ok(Appended::Beside(at)),
                    (None, None) => Err(Failure::Conflict),
                }
            }
        }
    }

    async fn taken(
        &self,
        row: &Row,
        there: Option<crate::item::Item>,
    ) -> Result<Appended, Failure> {
        let stored = match there {
            Some(item) => decode(&item)?,
            None => self.must_row(&row.chain, row.sequence).await?,
        };
        Ok(Appended::Taken(Box::new(stored)))
    }

    /// Finds the newest row above `above` that holds a key, given the newest row of the
    /// chain. `key_time` is the key's own time, where its source has such times.
    ///
    /// A hash in the window names rows, which are read; a key time above the floor proves
    /// that no row below the window holds the key; otherwise the chain is searched by the
    /// indexes of every 64th row.
    ///
    /// # Errors
    ///
    /// As [`Ledger::head`].
    pub async fn find(
        &self,
        head: &StoredRow,
        key: &FactKey,
        key_time: Option<Instant>,
        above: u64,
        holds: impl Fn(&Row) -> bool + Send,
    ) -> Result<Option<StoredRow>, Failure> {
        let (hash, chain) = (key.hash(), &head.row.chain);
        let window = &head.row.account.window;
        for sequence in window.may_hold(hash, head.row.sequence) {
            if sequence <= above {
                return Ok(None);
            }
            let row = self.row_below(head, sequence).await?;
            if holds(&row.row) {
                return Ok(Some(row));
            }
        }
        let mut at = head.row.sequence.saturating_sub(window.rows() as u64);
        #[cfg(feature = "planted")]
        if is_planted(Bug::FloorIgnored) {
            return Ok(None);
        }
        if key_time.is_some_and(|time| time > window.floor()) {
            return Ok(None);
        }
        while at > above {
            let row = self.row_below(head, at).await?;
            let (next, named) = look_below(&row.row, |keys| keys.may_hold(hash));
            for sequence in named.into_iter().filter(|sequence| *sequence > above) {
                let named = match sequence == at {
                    true => row.clone(),
                    false => self.must_row(chain, sequence).await?,
                };
                if holds(&named.row) {
                    return Ok(Some(named));
                }
            }
            at = next;
        }
        Ok(None)
    }

    /// The keys of the 64 rows that end with the row after `head`, which carries them.
    ///
    /// # Errors
    ///
    /// As [`Ledger::head`].
    pub async fn index_after(
        &self,
        head: &StoredRow,
        row: &Row,
    ) -> Result<Vec<IndexEntry>, Failure> {
        let first = row.sequence + 1 - INDEX_EVERY;
        let mut rows: Vec<(u64, RowKeys)> = vec![(row.sequence, row.keys())];
        let mut at = head.row.sequence;
        let mut known = Some(head.clone());
        while at >= first && at > 0 {
            let stored = match known.take() {
                Some(stored) => stored,
                None => self.must_row(&head.row.chain, at).await?,
            };
            let covered = covered_by(&stored.row);
            at = covered.last().map_or(0, |(sequence, _)| sequence.saturating_sub(1));
            rows.extend(covered);
        }
        rows.retain(|(sequence, _)| *sequence >= first);
        let entries = rows.iter().flat_map(|(sequence, keys)| {
            let back = u8::try_from(row.sequence - sequence).unwrap_or(u8::MAX);
            #[cfg(feature = "planted")]
            let keys = &match *keys {
                RowKeys::OwnAndOrder(own, _) if is_planted(Bug::IndexWithoutOrders) => {
                    RowKeys::Own(own)
                }
                keys => keys,
            };
            keys.hashes().map(move |hash| IndexEntry { back, hash })
        });
        Ok(entries.collect())
    }

    /// A row that must be there, because a row above it is.
    async fn must_row(&self, chain: &Chain, sequence: u64) -> Result<StoredRow, Failure> {
        let row = self.row(chain, sequence, Consistency::Strong).await?;
        row.ok_or_else(|| Failure::Unreadable {
            what: format!("row {sequence} of {chain}"),
            why: "it is missing".to_owned(),
        })
    }

    /// A row at or below the head. A row never changes, so a cheap read is enough where
    /// it finds it.
    async fn row_below(&self, head: &StoredRow, sequence: u64) -> Result<StoredRow, Failure> {
        if sequence == head.row.sequence {
            return Ok(head.clone());
        }
        match self.row(&head.row.chain, sequence, Consistency::Eventual).await? {
            Some(row) => Ok(row),
            None => self.must_row(&head.row.chain, sequence).await,
        }
    }
}

/// The rows whose keys `row` knows, itself first, newest first.
fn covered_by(row: &Row) -> Vec<(u64, RowKeys)> {
    let window = row.account.window.keys(row.sequence);
    let covered: Vec<(u64, RowKeys)> = window.filter(|(sequence, _)| *sequence > 0).collect();
    if covered.is_empty() { vec![(row.sequence, row.keys())] } else { covered }
}

/// The sequences that may hold a key according to `row`, newest first, and the first
/// sequence that it knows nothing of.
fn look_below(row: &Row, may_hold: impl Fn(&RowKeys) -> bool) -> (u64, Vec<u64>) {
    if !row.index.is_empty() {
        let mut named: Vec<u64> = row
            .index
            .iter()
            .filter(|entry| may_hold(&RowKeys::Own(entry.hash)))
            .map(|entry| row.sequence - u64::from(entry.back))
            .collect();
        named.dedup();
        return (row.sequence - INDEX_EVERY.min(row.sequence), named);
    }
    // Between indexes a row's own window leads down, but never past the next index.
    let index_at = row.sequence / INDEX_EVERY * INDEX_EVERY;
    let covered = covered_by(row);
    let lowest = covered.last().map_or(row.sequence, |(sequence, _)| *sequence);
    let named = covered.into_iter().filter(|(_, keys)| may_hold(keys)).map(|(at, _)| at);
    (index_at.max(lowest.saturating_sub(1)), named.collect())
}
