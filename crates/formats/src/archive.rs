//! ZIP archives, workbooks and packages alike: how much of them is read, looked at before anything is allocated for it.

use std::io::Cursor;

use zip::ZipArchive;
use zip::result::ZipError;

/// Entries of an archive, folders included.
pub const ENTRIES_MAX: usize = 2_000;
/// Bytes of an archive's directory, which names the entries: some 2,000 for each.
pub const DIRECTORY_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Bytes of everything in a workbook once it is unpacked: XML is some ten times larger than its archive, and 200,000 lots
/// have some 100 MiB.
pub const UNPACKED_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Bytes that one file of a package may have, unpacked.
pub const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Bytes that the JSON files of a package may have together, unpacked.
pub const PACKAGE_BYTES_MAX: u64 = 128 * 1024 * 1024;

/// Why an archive is not opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ArchiveError {
    /// It says that it has more than [`ENTRIES_MAX`] entries.
    #[error("it has {0} entries; at most {ENTRIES_MAX} are read")]
    TooManyEntries(u64),
    /// It says that its directory has more than [`DIRECTORY_BYTES_MAX`].
    #[error("its directory has {0} bytes; at most {DIRECTORY_BYTES_MAX} are read")]
    DirectoryTooLarge(u64),
    /// It is no archive, or a broken one.
    #[error(transparent)]
    Unreadable(#[from] ZipError),
}

/// Opens an archive that declares no more than is read of one. What it declares is looked at first: opening it makes a
/// record of every entry, and 32 MiB can name 600,000.
pub(crate) fn open(bytes: &[u8]) -> Result<ZipArchive<Cursor<&[u8]>>, ArchiveError> {
    const END: &[u8] = b"PK\x05\x06";
    const END_64: &[u8] = b"PK\x06\x06";
    // An archive may have several ends, of which the reader takes the last that is in order: each is within the limits.
    for declared in positions(bytes, END_64).filter_map(|position| Declared::of_64(bytes.get(position..)?)) {
        declared.within_limits()?;
    }
    for declared in positions(bytes, END).filter_map(|position| Declared::of_32(bytes, position)) {
        declared.within_limits()?;
    }
    Ok(ZipArchive::new(Cursor::new(bytes))?)
}

fn positions<'b>(bytes: &'b [u8], signature: &'static [u8]) -> impl Iterator<Item = usize> + 'b {
    bytes.windows(signature.len()).enumerate().filter(move |(_, window)| *window == signature).map(|(start, _)| start)
}

/// What the end of an archive says of its directory.
struct Declared {
    entries: u64,
    directory_bytes: u64,
}

impl Declared {
    /// Of the record at `position`, which every archive ends with; nothing where the bytes only look like one, or where its
    /// numbers stand in the record for large archives.
    fn of_32(bytes: &[u8], position: usize) -> Option<Self> {
        const LOCATOR: &[u8] = b"PK\x06\x07";
        const LOCATOR_BYTES: usize = 20;
        let record = bytes.get(position..)?;
        let short = |at: usize| Some(u64::from(u16::from_le_bytes(*record.get(at..)?.first_chunk()?)));
        let long = |at: usize| Some(u64::from(u32::from_le_bytes(*record.get(at..)?.first_chunk()?)));
        let (disk, on_disk, entries) = (short(4)?, short(8)?, short(10)?);
        let (directory_bytes, start) = (long(12)?, long(16)?);
        let has_locator = || {
            let before = position.checked_sub(LOCATOR_BYTES).and_then(|start| bytes.get(start..));
            before.is_some_and(|before| before.starts_with(LOCATOR))
        };
        let (short_max, long_max) = (u64::from(u16::MAX), u64::from(u32::MAX));
        let is_elsewhere = (entries == short_max || directory_bytes == long_max || start == long_max) && has_locator();
        let is_whole = disk == 0 && on_disk == entries && usize::try_from(start).is_ok_and(|start| start <= position);
        (is_whole && !is_elsewhere).then_some(Self { entries, directory_bytes })
    }

    /// Of the record that large archives have besides; nothing where the bytes only look like one.
    fn of_64(record: &[u8]) -> Option<Self> {
        let short = |at: usize| Some(u32::from_le_bytes(*record.get(at..)?.first_chunk()?));
        let long = |at: usize| Some(u64::from_le_bytes(*record.get(at..)?.first_chunk()?));
        let (disk, on_disk, entries) = (short(16)?, long(24)?, long(32)?);
        let is_whole = disk == 0 && on_disk == entries;
        is_whole.then_some(Self { entries, directory_bytes: long(40)? })
    }

    fn within_limits(self) -> Result<(), ArchiveError> {
        let entries_max = u64::try_from(ENTRIES_MAX).unwrap_or(u64::MAX);
        if self.entries > entries_max {
            return Err(ArchiveError::TooManyEntries(self.entries));
        }
        if self.directory_bytes > DIRECTORY_BYTES_MAX {
            return Err(ArchiveError::DirectoryTooLarge(self.directory_bytes));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;

    fn archive(entries: usize) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for entry in 0..entries {
            writer.start_file(format!("{entry}"), SimpleFileOptions::default()).unwrap();
            writer.write_all(b"x").unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn what_declares_too_many_entries_is_not_opened() {
        assert_eq!(open(&archive(ENTRIES_MAX)).unwrap().len(), ENTRIES_MAX);
        assert!(matches!(open(&archive(ENTRIES_MAX + 1)), Err(ArchiveError::TooManyEntries(2_001))));
        // So many that their number stands in the record for large archives.
        let mut large = vec![0; 56];
        large[..4].copy_from_slice(b"PK\x06\x06");
        for number in [24, 32] {
            large[number..number + 8].copy_from_slice(&600_000u64.to_le_bytes());
        }
        assert!(matches!(open(&large), Err(ArchiveError::TooManyEntries(600_000))));
    }

    #[test]
    fn a_second_end_hides_nothing() {
        let mut hidden = archive(ENTRIES_MAX + 1);
        hidden.extend(archive(1));
        assert!(matches!(open(&hidden), Err(ArchiveError::TooManyEntries(2_001))));
    }

    #[test]
    fn a_directory_that_claims_to_be_huge_is_not_opened() {
        let mut claims = archive(1);
        let end = claims.len() - 22;
        claims[end + 12..end + 16].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(matches!(open(&claims), Err(ArchiveError::DirectoryTooLarge(_))));
    }

    #[test]
    fn what_is_no_archive_is_unreadable() {
        for bytes in [&b""[..], b"PK", b"PK\x05\x06", b"PK\x03\x04broken", b"PK\x06\x06PK\x06\x07PK\x05\x06"] {
            assert!(matches!(open(bytes), Err(ArchiveError::Unreadable(_))));
        }
    }
}
