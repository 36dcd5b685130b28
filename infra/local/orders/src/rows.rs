//! The rows of a csv text, one at a time.

use std::io::Read;

use csv::{Reader, ReaderBuilder, StringRecord, Trim};

use crate::error::Fault;

/// Ten times the largest file in use: beyond it, split the file by time.
const ROWS_MAX: usize = 10_000_000;

/// Reads into one record again and again: a row is borrowed until the next.
pub(crate) struct Rows<R> {
    reader: Reader<R>,
    columns: StringRecord,
    record: StringRecord,
    read: usize,
}

impl<R: Read> Rows<R> {
    pub fn new(text: R) -> Result<Rows<R>, Fault> {
        let mut reader =
            ReaderBuilder::new().trim(Trim::All).buffer_capacity(1 << 16).from_reader(text);
        let columns = reader.headers()?.clone();
        Ok(Rows { reader, columns, record: StringRecord::new(), read: 0 })
    }

    pub fn columns(&self) -> &StringRecord {
        &self.columns
    }

    /// How many rows were read, the columns' names aside.
    pub fn read(&self) -> usize {
        self.read
    }

    /// The next row and the number of the line it begins on.
    pub fn advance(&mut self) -> Result<Option<(u64, &StringRecord)>, Fault> {
        if !self.reader.read_record(&mut self.record)? {
            return Ok(None);
        }
        let line = self.record.position().map_or(0, csv::Position::line);
        self.read += 1;
        if self.read > ROWS_MAX {
            return Err(Fault::at(line, format!("more than {ROWS_MAX} rows")));
        }
        Ok(Some((line, &self.record)))
    }
}
