//! What is inside a ZIP archive before anything of it is used: really unpacked and counted, since an archive that means
//! harm does not tell its sizes.

use std::io::{self, Cursor, Read};

use zip::ZipArchive;

use super::{FileError, UNPACKED_BYTES_MAX};

/// Files of an archive.
const ENTRIES_MAX: usize = 1_000;

/// The names of an archive's files, once it is known that all of them together stay within [`UNPACKED_BYTES_MAX`].
///
/// # Errors
/// [`FileError`] for what is no archive, is broken, encrypted or too large.
pub(super) fn checked_names(bytes: &[u8]) -> Result<Vec<String>, FileError> {
    let unreadable = |error: zip::result::ZipError| FileError::Unreadable(format!("its archive is broken ({error})"));
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(unreadable)?;
    if archive.len() > ENTRIES_MAX {
        return Err(FileError::too_large("files in its archive", ENTRIES_MAX));
    }
    let (mut names, mut unpacked) = (Vec::with_capacity(archive.len()), 0u64);
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(unreadable)?;
        names.push(entry.name().map_err(unreadable)?.into_owned());
        let allowed = UNPACKED_BYTES_MAX.saturating_sub(unpacked);
        let found = io::copy(&mut entry.take(allowed.saturating_add(1)), &mut io::sink())
            .map_err(|error| FileError::Unreadable(format!("its archive is broken ({error})")))?;
        unpacked = unpacked.saturating_add(found);
        if unpacked > UNPACKED_BYTES_MAX {
            return Err(FileError::TooLarge { what: "bytes once it is unpacked", limit: UNPACKED_BYTES_MAX });
        }
    }
    Ok(names)
}
