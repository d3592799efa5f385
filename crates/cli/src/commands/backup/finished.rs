//! Files that have their name only when they are complete and on the disk.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use tempfile::NamedTempFile;

use crate::failure::Failure;

/// A file that is being made beside its place. Dropped, nothing of it is left; killed, a file `.lotwise-…` is.
pub struct Unfinished {
    file: NamedTempFile,
    path: PathBuf,
}

impl Unfinished {
    /// Begins a file whose place must be free.
    ///
    /// # Errors
    /// When something is at the place already, or its folder cannot be written.
    pub fn beside(path: &Path) -> Result<Self, Failure> {
        if fs::symlink_metadata(path).is_ok() {
            let hint =
                "nothing is overwritten: name a file that is not there yet, for example with the date in it".to_owned();
            return Err(Failure::bad_input(format!("{} is there already", path.display()), hint));
        }
        Self::in_place_of(path)
    }

    /// Begins a file that will be in the place of another.
    ///
    /// # Errors
    /// When its folder cannot be written.
    pub fn in_place_of(path: &Path) -> Result<Self, Failure> {
        let file = Self::temporary(path).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// A file in the folder of `path`, for its owner alone: a backup holds everything.
    pub fn temporary(path: &Path) -> io::Result<NamedTempFile> {
        tempfile::Builder::new().prefix(".lotwise-").tempfile_in(folder(path))
    }

    /// Where it is for the time being.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// The open file.
    pub fn as_file(&self) -> &File {
        self.file.as_file()
    }

    /// Gives it its name, once it is on the disk.
    ///
    /// # Errors
    /// When the disk does not take it, or somebody has made a file of this name meanwhile.
    pub fn keep(self) -> Result<(), Failure> {
        let Self { file, path } = self;
        let keep = || -> anyhow::Result<()> {
            file.as_file().sync_all()?;
            file.persist_noclobber(&path).map_err(|error| anyhow!(error.error))?;
            File::open(folder(&path))?.sync_all()?;
            Ok(())
        };
        keep().with_context(|| format!("cannot write {}", path.display())).map_err(Failure::Failed)
    }

    /// The same, in the place of what is there.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn keep_instead(self) -> Result<(), Failure> {
        let Self { file, path } = self;
        replace(file, &path).with_context(|| format!("cannot write {}", path.display())).map_err(Failure::Failed)
    }
}

/// Gives a complete file its name, in the place of what is there.
///
/// # Errors
/// When the disk does not take it.
pub fn replace(file: NamedTempFile, path: &Path) -> io::Result<()> {
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    File::open(folder(path))?.sync_all()
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
