//! A file whose changes are noticed. Its content is compared, not its times: an edit within a clock's tick counts, a
//! touch does not, and it works on every file system, for files replaced as a whole too.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often the file is looked at.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

/// A file, and what was last seen of it.
#[derive(Debug)]
pub(crate) struct WatchedFile {
    path: PathBuf,
    seen: Seen,
}

#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Content(Vec<u8>),
    Unreadable(io::ErrorKind),
}

impl WatchedFile {
    /// Reads a file for the first time.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let content = std::fs::read(path)?;
        Ok(Self { path: path.to_owned(), seen: Seen::Content(content) })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What was last read; nothing while the file cannot be read.
    pub(crate) fn content(&self) -> &[u8] {
        match &self.seen {
            Seen::Content(content) => content,
            Seen::Unreadable(_) => &[],
        }
    }

    /// Waits until the file has other content than when it was last read, and reads it.
    ///
    /// # Errors
    /// When it cannot be read any more, once: the next call waits until it can, or cannot for another reason.
    pub(crate) async fn changed(&mut self) -> io::Result<&[u8]> {
        loop {
            tokio::time::sleep(POLL_INTERVAL).await;
            let path = self.path.clone();
            let read = tokio::task::spawn_blocking(move || std::fs::read(path)).await.map_err(io::Error::other)?;
            let (now, failure) = match read {
                Ok(content) => (Seen::Content(content), None),
                Err(error) => (Seen::Unreadable(error.kind()), Some(error)),
            };
            if now == self.seen {
                continue;
            }
            self.seen = now;
            return match failure {
                None => Ok(self.content()),
                Some(error) => Err(error),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_change_is_noticed_once_whatever_way_it_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("flags.json");
        std::fs::write(&path, "1").unwrap();
        let mut file = WatchedFile::open(&path).unwrap();
        assert_eq!((file.path(), file.content()), (path.as_path(), &b"1"[..]));

        std::fs::write(&path, "2").unwrap();
        assert_eq!(file.changed().await.unwrap(), b"2");

        let replacement = folder.path().join("new");
        std::fs::write(&replacement, "3").unwrap();
        std::fs::rename(&replacement, &path).unwrap();
        assert_eq!(file.changed().await.unwrap(), b"3");

        std::fs::remove_file(&path).unwrap();
        assert_eq!(file.changed().await.unwrap_err().kind(), io::ErrorKind::NotFound);
        std::fs::write(&path, "3").unwrap();
        assert_eq!(file.changed().await.unwrap(), b"3");
    }
}
