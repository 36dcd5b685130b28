//! Why a file could not be read, and where.

use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a file could not be read: its name, the line if it is one line's fault,
/// and the reason for a person.
#[derive(Debug, Error)]
#[error("{}{}: {reason}", path.display(), line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct ReadError {
    /// The file.
    pub path: PathBuf,
    /// The line the bad row begins on, counted from one.
    pub line: Option<u64>,
    /// What is wrong.
    pub reason: String,
}

/// A [`ReadError`] before it is known which file was being read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub line: Option<u64>,
    pub reason: String,
}

impl Fault {
    pub fn at(line: u64, reason: impl Into<String>) -> Fault {
        Fault { line: Some(line), reason: reason.into() }
    }

    pub fn of(self, path: &Path) -> ReadError {
        ReadError { path: path.to_owned(), line: self.line, reason: self.reason }
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Fault {
        Fault { line: None, reason: error.to_string() }
    }
}

impl From<csv::Error> for Fault {
    fn from(error: csv::Error) -> Fault {
        let line = error.position().map(csv::Position::line);
        // The csv crate's own text repeats the position and calls the header "the previous record".
        let reason = match error.kind() {
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                format!("{len} fields, but the first line names {expected_len} columns")
            }
            csv::ErrorKind::Utf8 { .. } => "the text is not UTF-8".to_owned(),
            csv::ErrorKind::Deserialize { err, .. } => err.to_string(),
            csv::ErrorKind::Io(error) => error.to_string(),
            _ => error.to_string(),
        };
        Fault { line, reason }
    }
}
