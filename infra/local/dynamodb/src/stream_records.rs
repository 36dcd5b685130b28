//! The table dynoxide keeps stream records in, reached by a connection of our own.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, params};

use crate::Reason;

/// How long to wait for a write of dynoxide's to end. Its writes take about a millisecond.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Records removed at a time. Requests wait while a batch is removed, so this bounds how long.
const BATCH_MAX: usize = 500;

/// What is added to a record's stored number to make the sequence number the API shows.
const SEQUENCE_OFFSET: u128 = 100_000_000_000_000_000_000;

/// The indexes answer dynoxide's own statements, which compare a text column as a number: without
/// them each write and each read looks at every record. The trigger is for a table deleted and made
/// again under the same name.
const SCHEMA: &str = "
    CREATE INDEX IF NOT EXISTS stream_records_by_table
        ON _stream_records (table_name, CAST(sequence_number AS INTEGER));
    CREATE INDEX IF NOT EXISTS stream_records_by_shard
        ON _stream_records (table_name, shard_id, CAST(sequence_number AS INTEGER));
    CREATE TRIGGER IF NOT EXISTS stream_records_end_with_their_table
        AFTER DELETE ON _tables
        BEGIN DELETE FROM _stream_records WHERE table_name = OLD.table_name; END;
";

const NEWEST: &str = "
    SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0)
    FROM _stream_records WHERE table_name = ?1
";

const REMOVE_BATCH: &str = "
    DELETE FROM _stream_records WHERE id IN (
        SELECT id FROM _stream_records
        WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) <= ?2
        ORDER BY CAST(sequence_number AS INTEGER)
        LIMIT ?3)
";

/// The stream records of every table in one file.
pub struct StreamRecords {
    connection: Mutex<Connection>,
}

impl StreamRecords {
    /// Connects to a file that dynoxide has opened, so that its tables are there, and adds to them
    /// what is missing.
    pub fn open(file: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(file)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self { connection: Mutex::new(connection) })
    }

    /// Removes the records of `table` up to and including `up_to`, except the newest, and counts
    /// them.
    pub fn trim(&self, table: &str, up_to: &str) -> Result<usize, Reason> {
        let up_to =
            stored_number(up_to).ok_or_else(|| format!("{up_to:?} is no sequence number"))?;
        // A panic elsewhere cannot have left a statement half done: SQLite has rolled it back.
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let newest: i64 = connection.query_row(NEWEST, [table], |row| row.get(0))?;
        let up_to = up_to.min(newest - 1);
        let mut removed = 0;
        loop {
            let batch =
                connection.execute(REMOVE_BATCH, params![table, up_to, BATCH_MAX as i64])?;
            removed += batch;
            if batch < BATCH_MAX {
                break;
            }
        }
        tracing::debug!(table, removed, "stream trimmed");
        Ok(removed)
    }
}

/// The number a record is stored under, from the sequence number the API shows.
fn stored_number(sequence: &str) -> Option<i64> {
    let number: u128 = sequence.parse().ok()?;
    number.checked_sub(SEQUENCE_OFFSET)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What dynoxide asks at each write and at each `GetRecords`.
    const NEXT_NUMBER: &str = "
        SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1
        FROM _stream_records WHERE table_name = ?1";
    const RECORDS: &str = "
        SELECT event_name FROM _stream_records
        WHERE table_name = ?1 AND shard_id = ?2 AND CAST(sequence_number AS INTEGER) > ?3
        ORDER BY CAST(sequence_number AS INTEGER) ASC LIMIT ?4";

    #[test]
    fn every_statement_about_records_uses_an_index() -> Result<(), Reason> {
        let connection = Connection::open_in_memory()?;
        connection.execute_batch(
            "CREATE TABLE _tables (table_name TEXT);
             CREATE TABLE _stream_records (id INTEGER PRIMARY KEY, table_name TEXT, event_name TEXT,
                 sequence_number TEXT, shard_id TEXT);",
        )?;
        connection.execute_batch(SCHEMA)?;
        for statement in [NEXT_NUMBER, RECORDS, NEWEST, REMOVE_BATCH] {
            let plan = plan(&connection, statement)?;
            assert!(plan.contains("INDEX stream_records_by_"), "{plan}");
            assert!(!plan.contains("SCAN"), "{plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{plan}");
        }
        Ok(())
    }

    fn plan(connection: &Connection, statement: &str) -> rusqlite::Result<String> {
        let mut explained = connection.prepare(&format!("EXPLAIN QUERY PLAN {statement}"))?;
        let steps = explained.raw_query().mapped(|row| row.get::<_, String>("detail"));
        Ok(steps.collect::<Result<Vec<_>, _>>()?.join("\n"))
    }

    #[test]
    fn a_sequence_number_is_21_digits_or_none() {
        for (sequence, stored) in [
            ("100000000000000000007", Some(7)),
            ("101761000000000000000", Some(1_761_000_000_000_000_000)),
            ("7", None),
            ("", None),
            ("x", None),
            ("999999999999999999999999999999999999999", None),
        ] {
            assert_eq!(stored_number(sequence), stored, "{sequence}");
        }
    }
}
