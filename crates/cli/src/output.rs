//! Where a result goes: to standard output, or to a file that is there as a whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::Context;

use crate::failure::{Failure, output_failure};

/// Hands the place to `write`. A file is written beside its place and renamed when it is complete, so that whoever reads
/// it never finds half of it; what is no file, such as a pipe, is written to as it is.
///
/// # Errors
/// When writing fails; a file that was there before is left as it was.
pub fn write(to: Option<&Path>, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let Some(path) = to else {
        let mut out = io::stdout().lock();
        return write(&mut out).and_then(|()| out.flush()).map_err(output_failure);
    };
    let written = match fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(io::Error::from(io::ErrorKind::IsADirectory)),
        Ok(found) if !found.is_file() => buffered(File::options().write(true).open(path), write),
        _ => replace(path, write),
    };
    written.with_context(|| format!("cannot write {}", path.display())).map_err(Failure::Failed)
}

fn replace(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    // Through a link to the file itself, so that the link stays one.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = readable_by_others(&mut tempfile::Builder::new()).tempfile_in(folder)?;
    buffered(Ok(file.as_file()), write)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn buffered<W: Write>(file: io::Result<W>, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::new(file?);
    write(&mut out)?;
    out.flush()
}

/// Temporary files are for their owner alone; a result is like any other file, as far as the user's mask lets it.
#[cfg(unix)]
fn readable_by_others<'b, 'p, 's>(builder: &'b mut tempfile::Builder<'p, 's>) -> &'b mut tempfile::Builder<'p, 's> {
    use std::os::unix::fs::PermissionsExt;
    const READ_AND_WRITE: u32 = 0o666;
    builder.permissions(fs::Permissions::from_mode(READ_AND_WRITE))
}

/// Elsewhere a temporary file is like any other.
#[cfg(not(unix))]
fn readable_by_others<'b, 'p, 's>(builder: &'b mut tempfile::Builder<'p, 's>) -> &'b mut tempfile::Builder<'p, 's> {
    builder
}
