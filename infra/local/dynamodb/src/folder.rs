//! One process at a time has a data folder.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;

use crate::OpenError;

const LOCK_FILE: &str = "in-use.lock";

/// A folder that no other process uses while this value lives.
///
/// The operating system holds the lock, so it ends with the process however that ends; the empty
/// file may stay behind.
pub struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Takes `folder`, made if it is not there.
    pub fn take(folder: &Path) -> Result<Self, OpenError> {
        let unusable = |reason: io::Error| OpenError::Folder { folder: folder.to_owned(), reason };
        fs::create_dir_all(folder).map_err(unusable)?;
        let file = File::create(folder.join(LOCK_FILE)).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(OpenError::Locked { folder: folder.to_owned() }),
            Err(TryLockError::Error(reason)) => Err(unusable(reason)),
        }
    }
}
