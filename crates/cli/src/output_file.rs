//! Files that commands write: whole, or not at all.

use std::io::Write;
use std::path::Path;

use anyhow::anyhow;

use crate::failure::Failure;

/// Writes a file beside its place first, so that a full disk or a kill leaves what was there.
pub fn write_whole(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::Failed(anyhow!("cannot write {}: {error}; nothing was changed there", file.display()))
    };
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut beside = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    beside.write_all(bytes).and_then(|()| beside.as_file().sync_all()).map_err(failed)?;
    beside.persist(file).map(|_| ()).map_err(|error| failed(error.error))
}
