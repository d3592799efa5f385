//! The checksum beside a backup, as `sha256sum` writes and checks it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use sha2::{Digest, Sha256};

use super::finished::{self, Unfinished};
use crate::failure::Failure;

/// Bytes that are read at a time.
const BLOCK_BYTES: usize = 256 * 1024;

/// SHA-256 and length of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checksum {
    /// Hexadecimal SHA-256.
    pub sha256: String,
    /// Length in bytes.
    pub bytes: u64,
}

impl Checksum {
    /// Of a file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of(path: &Path) -> io::Result<Self> {
        Self::of_copy(File::open(path)?, &mut io::sink())
    }

    /// Of what is copied.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn of_copy(mut from: impl Read, to: &mut dyn Write) -> io::Result<Self> {
        let (mut hasher, mut bytes) = (Sha256::new(), 0);
        let mut block = vec![0; BLOCK_BYTES];
        loop {
            let length = from.read(&mut block)?;
            let Some(read) = block.get(..length).filter(|read| !read.is_empty()) else { break };
            hasher.update(read);
            to.write_all(read)?;
            bytes += length as u64;
        }
        let sha256 = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { sha256, bytes })
    }

    /// Writes the checksum of the file that will be at `path`, before it is there: a backup is never without its checksum.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn write_beside(&self, path: &Path) -> Result<(), Failure> {
        let beside = beside(path);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let write = || -> io::Result<()> {
            let mut file = Unfinished::temporary(&beside)?;
            writeln!(file.as_file_mut(), "{}  {name}", self.sha256)?;
            finished::replace(file, &beside)
        };
        write().with_context(|| format!("cannot write {}", beside.display())).map_err(Failure::Failed)
    }

    /// Compares with what was written beside the backup at `path` when it was made.
    ///
    /// # Errors
    /// When it is another one, and when there is none.
    pub fn must_match(&self, path: &Path) -> Result<(), Failure> {
        let beside = beside(path);
        let written = fs::read_to_string(&beside).map_err(|error| {
            Failure::refused(
                format!("{} has no checksum: {}: {error}", path.display(), beside.display()),
                "put the .sha256 file of the backup beside it again; --without-checksum restores what is readable, right or not"
                    .to_owned(),
            )
        })?;
        if written.split_whitespace().next() == Some(self.sha256.as_str()) {
            return Ok(());
        }
        Err(Failure::refused(
            format!("{} is not as it was written: it has another checksum than {}", path.display(), beside.display()),
            "the file was damaged or cut short on its way: take another copy, or an earlier backup".to_owned(),
        ))
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut beside = OsString::from(path);
    beside.push(".sha256");
    PathBuf::from(beside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_what_everybody_else_computes() {
        let mut copy = Vec::new();
        let sum = Checksum::of_copy(&b"abc"[..], &mut copy).unwrap();
        assert_eq!(sum.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!((sum.bytes, copy.as_slice()), (3, &b"abc"[..]));
    }

    #[test]
    fn a_changed_a_short_and_a_lonely_file_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lotwise.backup");
        fs::write(&path, b"all of it").unwrap();
        let lonely = Checksum::of(&path).unwrap().must_match(&path).unwrap_err();
        assert!(lonely.message().contains("has no checksum"));
        Checksum::of(&path).unwrap().write_beside(&path).unwrap();
        Checksum::of(&path).unwrap().must_match(&path).unwrap();
        for other in [&b"all of iu"[..], b"all of"] {
            fs::write(&path, other).unwrap();
            let refused = Checksum::of(&path).unwrap().must_match(&path).unwrap_err();
            assert!(refused.message().contains("is not as it was written"));
        }
    }
}
