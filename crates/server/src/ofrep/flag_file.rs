//! Flags from a file, which may change while they are served.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use axum::http::HeaderMap;
use flags::{Bucketing, Context, Definition, Evaluation, FlagSet, LoadError};
use tokio::sync::watch;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::source::Flags;
use crate::watched_file::WatchedFile;

/// Why a file's flags are not served.
#[derive(Debug, thiserror::Error)]
pub enum FlagFileError {
    /// The file cannot be read.
    #[error("{}: {error}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// What it says are not flags.
    #[error("{}: {error}", .path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        error: LoadError,
    },
}

/// The flags of a file as they were last usable.
pub(super) struct FlagFile {
    flags: ArcSwap<FileFlags>,
    changes: watch::Sender<u64>,
    bucketing: Bucketing,
}

/// The flags of one content of a file.
pub(super) struct FileFlags(FlagSet);

impl Flags for FileFlags {
    fn set(&self) -> &FlagSet {
        &self.0
    }

    fn evaluate<'s>(&'s self, key: &str, context: &Context<'_>, _: &HeaderMap, now_s: i64) -> Evaluation<'s> {
        self.0.evaluate(key, context, now_s)
    }

    fn evaluate_definition<'s>(
        &'s self,
        definition: &'s Definition,
        context: &Context<'_>,
        _: &HeaderMap,
        now_s: i64,
    ) -> Evaluation<'s> {
        self.0.evaluate_definition(definition, context, now_s)
    }
}

impl FlagFile {
    /// Loads the flags of a file. Single flags that are not usable are logged and answer an error.
    ///
    /// # Errors
    /// [`FlagFileError`] for a file that cannot be read or is not well-formed.
    pub(super) fn open(path: &Path, bucketing: Bucketing) -> Result<(Self, WatchedFile), FlagFileError> {
        let file =
            WatchedFile::open(path).map_err(|error| FlagFileError::Unreadable { path: path.to_owned(), error })?;
        let loaded = FlagSet::load(file.content(), bucketing)
            .map_err(|error| FlagFileError::Unusable { path: path.to_owned(), error })?;
        for problem in &loaded.problems {
            let breaks_flag = problem.breaks_flag;
            tracing::warn!(file = %path.display(), %problem, breaks_flag, "a flag is not as it should be; broken ones answer PARSE_ERROR");
        }
        let changes = watch::Sender::new(number_of(file.content(), bucketing));
        Ok((Self { flags: ArcSwap::from_pointee(FileFlags(loaded.set)), changes, bucketing }, file))
    }

    pub(super) fn flags(&self) -> Guard<Arc<FileFlags>> {
        self.flags.load()
    }

    pub(super) fn configuration(&self) -> u64 {
        *self.changes.borrow()
    }

    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Takes over each new content of the file, for ever. One with any problem is refused as a whole.
    pub(super) async fn follow(&self, mut file: WatchedFile) {
        loop {
            let path = file.path().display().to_string();
            match file.changed().await {
                Ok(content) => self.take_over(&path, content),
                Err(error) => {
                    tracing::warn!(file = path, %error, "the flags cannot be read any more; the last good ones stay");
                }
            }
        }
    }

    fn take_over(&self, path: &str, content: &[u8]) {
        match FlagSet::check(content, self.bucketing) {
            Ok(set) => {
                self.flags.store(Arc::new(FileFlags(set)));
                self.changes.send_replace(number_of(content, self.bucketing));
                tracing::info!(file = path, "the flags have changed");
            }
            Err(LoadError::Invalid(problems)) => problems.iter().for_each(|problem| refused(path, problem)),
            Err(error) => refused(path, &error),
        }
    }
}

fn refused(path: &str, problem: &dyn fmt::Display) {
    tracing::error!(file = path, %problem, "the changed flags are refused; the last good ones stay");
}

/// The same flags have the same number in every process.
fn number_of(content: &[u8], bucketing: Bucketing) -> u64 {
    xxh3_64_with_seed(content, bucketing as u64)
}
