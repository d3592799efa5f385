//! What is inside a ZIP archive before anything of it is used: really unpacked and counted, since an archive that means
//! harm does not tell its sizes.

use std::io::{self, Read};

use super::FileError;
use crate::archive::{self, ArchiveError, DIRECTORY_BYTES_MAX, ENTRIES_MAX, UNPACKED_BYTES_MAX};

/// Texts that a workbook keeps once for all its cells.
const SHARED_STRINGS_MAX: u64 = 2_000_000;
/// The attribute by which a workbook says how many it has; a reader that believes it allocates as much.
const CLAIM: &[u8] = b"uniqueCount";
/// Bytes between two tags, and of a tag: no cell may have a hundredth of it, and a reader keeps as much in memory at once.
const RUN_BYTES_MAX: u64 = 1024 * 1024;
/// Bytes of a part that are looked at together with the next, so that nothing is missed between two of them.
const OVERLAP: usize = 64;

/// Watches a part go by: counts shared texts, those that are there and those that it claims to have, and measures the longest
/// run without a tag.
#[derive(Default)]
struct Watched {
    claimed: u64,
    found: u64,
    run: u64,
    longest_run: u64,
    tail: Vec<u8>,
}

impl io::Write for Watched {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for between_tags in bytes.split_inclusive(|byte| *byte == b'<') {
            self.run = self.run.saturating_add(u64::try_from(between_tags.len()).unwrap_or(u64::MAX));
            self.longest_run = self.longest_run.max(self.run);
            if between_tags.ends_with(b"<") {
                self.run = 0;
            }
        }
        let overlap = self.tail.len();
        let mut window = std::mem::take(&mut self.tail);
        window.extend_from_slice(bytes);
        for (position, part) in window.windows(4).enumerate() {
            // Seen with the bytes before already.
            let is_new = position.saturating_add(4) > overlap;
            if is_new && matches!(part, [b'<' | b':', b's', b'i', b'>' | b' ' | b'/']) {
                self.found = self.found.saturating_add(1);
            }
        }
        for position in
            window.windows(CLAIM.len()).enumerate().filter(|(_, part)| *part == CLAIM).map(|(position, _)| position)
        {
            let rest = window.get(position.saturating_add(CLAIM.len())..).unwrap_or_default();
            self.claimed = self.claimed.max(claimed(rest));
        }
        self.tail = window.split_off(window.len().saturating_sub(OVERLAP));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The number of `="12"`; as good as endless for a long one, and for what is no number.
fn claimed(attribute: &[u8]) -> u64 {
    let value = attribute
        .iter()
        .skip_while(|byte| byte.is_ascii_whitespace() || **byte == b'=' || **byte == b'"' || **byte == b'\'');
    let digits: Vec<u8> = value.take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'&').copied().collect();
    if digits.is_empty() {
        // Cut off here: the next part shows the rest.
        return 0;
    }
    std::str::from_utf8(&digits).ok().and_then(|digits| digits.parse().ok()).unwrap_or(u64::MAX)
}

/// The names of an archive's files, once it is known that all of them together stay within [`UNPACKED_BYTES_MAX`].
///
/// # Errors
/// [`FileError`] for what is no archive, is broken, encrypted or too large.
pub(super) fn checked_names(bytes: &[u8]) -> Result<Vec<String>, FileError> {
    let unreadable = |error: zip::result::ZipError| FileError::Unreadable(format!("its archive is broken ({error})"));
    let mut archive = archive::open(bytes).map_err(|error| match error {
        ArchiveError::TooManyEntries(_) => FileError::too_large("files in its archive", ENTRIES_MAX),
        ArchiveError::DirectoryTooLarge(_) => {
            FileError::TooLarge { what: "bytes in the directory of its archive", limit: DIRECTORY_BYTES_MAX }
        }
        ArchiveError::Unreadable(error) => unreadable(error),
    })?;
    let (mut names, mut unpacked) = (Vec::with_capacity(archive.len()), 0u64);
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(unreadable)?;
        names.push(entry.name().map_err(unreadable)?.into_owned());
        let allowed = UNPACKED_BYTES_MAX.saturating_sub(unpacked);
        let mut watched = Watched::default();
        let found = io::copy(&mut entry.take(allowed.saturating_add(1)), &mut watched)
            .map_err(|error| FileError::Unreadable(format!("its archive is broken ({error})")))?;
        if watched.claimed.max(watched.found) > SHARED_STRINGS_MAX {
            return Err(FileError::TooLarge { what: "shared texts", limit: SHARED_STRINGS_MAX });
        }
        // Pictures have no tags.
        if watched.longest_run > RUN_BYTES_MAX && is_xml(names.last()) {
            return Err(FileError::TooLarge { what: "bytes in one text", limit: RUN_BYTES_MAX });
        }
        unpacked = unpacked.saturating_add(found);
        if unpacked > UNPACKED_BYTES_MAX {
            return Err(FileError::TooLarge { what: "bytes once it is unpacked", limit: UNPACKED_BYTES_MAX });
        }
    }
    Ok(names)
}

fn is_xml(name: Option<&String>) -> bool {
    let ending = name.and_then(|name| name.rsplit('.').next());
    ending.is_some_and(|ending| ending.eq_ignore_ascii_case("xml") || ending.eq_ignore_ascii_case("rels"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Write};
    use zip::write::{SimpleFileOptions, ZipWriter};

    fn archive(content: &str) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file("xl/sharedStrings.xml", SimpleFileOptions::default()).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn a_workbook_that_claims_endless_texts_is_refused_before_anything_is_allocated() {
        for claim in ["1000000000000000", "99999999999999999999999999", "&#49;0"] {
            let refused = checked_names(&archive(&format!("<sst uniqueCount=\"{claim}\"></sst>")));
            assert!(matches!(refused, Err(FileError::TooLarge { what: "shared texts", .. })), "{claim}");
        }
        let spread = format!("<!--{}--><sst uniqueCount = '3000000'></sst>", "x".repeat(100_000));
        assert!(checked_names(&archive(&spread)).is_err());
        assert!(checked_names(&archive("<sst count=\"5\" uniqueCount=\"3\"><si><t>a</t></si></sst>")).is_ok());
    }

    #[test]
    fn a_text_that_would_fill_the_memory_is_refused() {
        let text = |length: usize| format!("<sst><si><t>{}</t></si></sst>", "x".repeat(length));
        assert!(checked_names(&archive(&text(1_000_000))).is_ok());
        let refused = checked_names(&archive(&text(3_000_000)));
        assert!(matches!(refused, Err(FileError::TooLarge { what: "bytes in one text", .. })));
    }

    #[test]
    fn more_shared_texts_than_cells_could_need_are_refused() {
        let text = format!("<sst>{}</sst>", "<si><t>a</t></si>".repeat(2_000_001));
        assert!(matches!(checked_names(&archive(&text)), Err(FileError::TooLarge { what: "shared texts", .. })));
    }
}
