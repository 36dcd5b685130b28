//! The laptop's DynamoDB: dynoxide on a file, inside our own process, with its gaps closed.
//!
//! The unmodified AWS SDK talks to it by `endpoint_url`; the same address serves items and streams.
//! Tables are made by whoever uses it: on-demand billing with any stream view works, and
//! `CreateTable` answers with the table ready to use.
//!
//! Closed here: stream records are found by index however many there are, consumed ones can be
//! trimmed, a table made anew does not inherit its predecessor's stream, and one process has the
//! data folder to itself.
//!
//! Different from AWS, and left so:
//!
//! - A stream has one shard, for ever. `DescribeStream` names its newest record as
//!   `EndingSequenceNumber` although the shard is open; its first and last sequence number are all
//!   that is counted, so it costs time in proportion to the records not yet trimmed. An iterator of
//!   type `LATEST` costs the same.
//! - `GetRecords` answers at once, with nothing if there is nothing; it gives up to 1,000 records
//!   whatever their size. Iterators never expire, and one that stands before the trimmed point goes
//!   on at the oldest record there is.
//! - A put that changes nothing leaves a `MODIFY` record all the same.
//! - Writes happen one after another, so nothing is throttled and no transaction conflicts. The
//!   tokens that make a transaction idempotent are forgotten at a restart.
//! - Expired items go only when [`EmbeddedDynamoDb::sweep_ttl`] is called, by the machine's clock.
//! - There is no access control of any kind: any credentials do, and pages in a browser are let in.

mod folder;
mod stream_records;

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dynoxide::{Database, server};
use tokio::net::TcpListener;
use tokio::task;

use folder::FolderLock;
use stream_records::StreamRecords;

/// What went wrong, for a person to read: nobody branches on it.
type Reason = Box<dyn Error + Send + Sync>;

/// A DynamoDB with streams, kept in one file. Clones share it.
///
/// The file and the lock on its folder are given up when the last clone is gone and
/// [`serve`](Self::serve) has returned.
#[derive(Clone)]
pub struct EmbeddedDynamoDb {
    // Dropped from top to bottom: the folder is free only once the file is closed.
    database: Database,
    stream_records: Arc<StreamRecords>,
    _folder: Arc<FolderLock>,
}

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has the folder, or this one has it already.
    #[error(
        "the data in {} is in use by another process: stop that one, or choose another folder",
        folder.display()
    )]
    Locked {
        /// The folder that holds the database.
        folder: PathBuf,
    },
    /// The folder cannot be made, or its lock file cannot.
    #[error("the folder {} cannot be used: {reason}", folder.display())]
    Folder {
        /// The folder that should hold the database.
        folder: PathBuf,
        /// What the file system said.
        reason: io::Error,
    },
    /// The file is not a database of ours, or a newer one.
    #[error("the database {} cannot be opened: {reason}", file.display())]
    Database {
        /// The database's file.
        file: PathBuf,
        /// What the database said.
        reason: Reason,
    },
}

/// Something an open database could not do.
#[derive(Debug, thiserror::Error)]
#[error("the local DynamoDB could not {task}: {reason}")]
pub struct Failure {
    task: &'static str,
    reason: Reason,
}

impl EmbeddedDynamoDb {
    /// Opens the database in `file`, made with its folder if it is not there, and locks the folder.
    ///
    /// The lock is on the folder, not the file: one folder, one process. It does not outlive a
    /// process that dies.
    pub fn open(file: &Path) -> Result<Self, OpenError> {
        let folder = FolderLock::take(folder_of(file))?;
        let (database, stream_records) = connect(file)
            .map_err(|reason| OpenError::Database { file: file.to_owned(), reason })?;
        Ok(Self { database, stream_records: Arc::new(stream_records), _folder: Arc::new(folder) })
    }

    /// Answers the SDK's requests on `listener` until `shutdown` is ready, then finishes those
    /// under way.
    ///
    /// A client that has sent half a request holds up the end, so callers bound how long they wait.
    ///
    /// # Errors
    ///
    /// A listener that other machines can reach is refused: nothing here asks who is calling.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), Failure> {
        answer(listener, self.database, shutdown).await.map_err(Failure::to("serve"))
    }

    /// Removes the stream records of `table` up to and including `up_to_sequence`, and says how
    /// many those were.
    ///
    /// Call it with what *every* reader of the stream has dealt with. Requests are served
    /// meanwhile. The newest record always stays: the next sequence number is counted from it, so
    /// numbers never go back, even if the clock does.
    ///
    /// # Errors
    ///
    /// `up_to_sequence` must have the form of a sequence number, 21 digits.
    pub async fn trim_stream(&self, table: &str, up_to_sequence: &str) -> Result<usize, Failure> {
        let (records, table, up_to) =
            (Arc::clone(&self.stream_records), table.to_owned(), up_to_sequence.to_owned());
        aside("trim a stream", move || records.trim(&table, &up_to)).await
    }

    /// Deletes the items whose time to live has passed, and says how many those were.
    ///
    /// Each deletion is in the stream with a `userIdentity`, by which it differs from a deletion
    /// that somebody asked for. (The SDK finds the identity but not its fields, which dynoxide
    /// spells differently.)
    pub async fn sweep_ttl(&self) -> Result<usize, Failure> {
        let database = self.database.clone();
        aside("sweep expired items", move || database.sweep_ttl().map_err(Into::into)).await
    }
}

impl Failure {
    fn to<E: Into<Reason>>(task: &'static str) -> impl FnOnce(E) -> Self {
        move |reason| Self { task, reason: reason.into() }
    }
}

fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if folder != "" => folder,
        _ => Path::new("."),
    }
}

fn connect(file: &Path) -> Result<(Database, StreamRecords), Reason> {
    let name = file.to_str().ok_or("its path is not valid Unicode")?;
    let database = Database::new(name)?;
    // The only way in to SQLite's `synchronous = NORMAL`: it does not wait for the disk at each
    // write. A crash of this process loses nothing; a crash of the machine may lose the last
    // moments but never leaves half a write.
    database.disable_bulk_loading()?;
    let stream_records = StreamRecords::open(file)?;
    Ok((database, stream_records))
}

async fn answer(
    listener: TcpListener,
    database: Database,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Reason> {
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() {
        return Err(format!("{address} is not a loopback address").into());
    }
    Ok(server::serve_with_shutdown(listener, database, shutdown).await?)
}

/// Runs `work`, which waits for the disk and for other writers, where it holds up no other task.
async fn aside<T: Send + 'static>(
    task: &'static str,
    work: impl FnOnce() -> Result<T, Reason> + Send + 'static,
) -> Result<T, Failure> {
    task::spawn_blocking(work).await.map_err(Failure::to(task))?.map_err(Failure::to(task))
}
