//! The last known flags in a file, kills included, so that a process that starts without its database stays safe.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use store::DatabaseUrl;

use super::memory::LastKnown;
use crate::random;

/// Processes on one machine that share a folder for their files, each with a file of its own.
const FILES_PER_FOLDER_MAX: u32 = 16;

/// The files with the last known flags of a database that are there: beside a SQLite file, in `folder` for PostgreSQL.
/// None of them is claimed.
#[must_use]
pub fn state_files(database: &DatabaseUrl, folder: Option<&Path>) -> Vec<PathBuf> {
    let mut files = match (database, folder) {
        (DatabaseUrl::Sqlite(file), _) => vec![beside(file)],
        (DatabaseUrl::Postgres(_), Some(folder)) => candidates(database, folder).collect(),
        (DatabaseUrl::Postgres(_), None) => Vec::new(),
    };
    files.retain(|file| file.exists());
    files
}

fn beside(database: &Path) -> PathBuf {
    let mut path = database.to_owned().into_os_string();
    path.push(".flags.json");
    path.into()
}

/// The files that processes on one machine may take for a database on PostgreSQL.
fn candidates(database: &DatabaseUrl, folder: &Path) -> impl Iterator<Item = PathBuf> {
    // The database's address tells files of different databases apart before any of them can be asked for its id.
    let digest = Sha256::digest(database.to_string().as_bytes());
    let name = random::hex(digest.get(..8).unwrap_or_default());
    (1..=FILES_PER_FOLDER_MAX).map(move |number| folder.join(format!("flags-{name}-{number}.json")))
}

/// The file of one process, which nobody else writes as long as this lives.
#[derive(Debug)]
pub(crate) struct StateFile {
    path: PathBuf,
    /// Held, not read: the lock goes with the process.
    _lock: Option<File>,
}

impl StateFile {
    /// The file for a database: beside a SQLite file, whose process is the only one; in `folder` for PostgreSQL, where
    /// the first free of several is taken. None without a folder.
    ///
    /// # Errors
    /// When the folder cannot be made or written.
    pub(crate) fn claim(database: &DatabaseUrl, folder: Option<&Path>) -> io::Result<Option<Self>> {
        let folder = match (database, folder) {
            (DatabaseUrl::Sqlite(file), _) => return Ok(Some(Self { path: beside(file), _lock: None })),
            (DatabaseUrl::Postgres(_), Some(folder)) => folder,
            (DatabaseUrl::Postgres(_), None) => return Ok(None),
        };
        fs::create_dir_all(folder)?;
        for path in candidates(database, folder) {
            let lock = File::create(path.with_extension("lock"))?;
            match lock.try_lock() {
                Ok(()) => return Ok(Some(Self { path, _lock: Some(lock) })),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        let taken = format!("{FILES_PER_FOLDER_MAX} processes keep their flags in {} already", folder.display());
        Err(io::Error::new(io::ErrorKind::ResourceBusy, taken))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What the last process knew; none where no process has written yet.
    ///
    /// # Errors
    /// When the file cannot be read, or is not one of ours.
    pub(crate) fn read(&self) -> io::Result<Option<LastKnown>> {
        match fs::read(&self.path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(io::Error::from),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes what is known now, whole or not at all: to a new file, onto the disk, then in the old one's place.
    ///
    /// # Errors
    /// When the disk does not take it; the old file is then still there.
    pub(crate) fn write(&self, known: &LastKnown) -> io::Result<()> {
        let fresh = self.path.with_extension("new");
        let mut file = File::create(&fresh)?;
        file.write_all(&serde_json::to_vec(known)?)?;
        file.sync_all()?;
        fs::rename(&fresh, &self.path)?;
        match self.path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            Some(folder) => File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    }
}
