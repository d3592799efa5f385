//! The files of a package, out of a ZIP file or a folder, within bounds.

use std::collections::BTreeSet;
use std::io::Read;

use crate::archive::{self, ArchiveError, DIRECTORY_BYTES_MAX};
pub use crate::archive::{ENTRIES_MAX as PACKAGE_FILES_MAX, FILE_BYTES_MAX, PACKAGE_BYTES_MAX};

/// Most characters that the name of a file may have.
pub const FILE_NAME_LENGTH_MAX: usize = 400;

/// A package that cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackageError {
    /// The bytes are no ZIP file, or a damaged one.
    #[error("is not a ZIP file that can be read: {0}")]
    NotAZip(String),
    /// One entry cannot be read: damaged, encrypted, or packed in a way that is not supported.
    #[error("{name} cannot be unpacked: {message}")]
    Entry {
        /// The entry's name.
        name: String,
        /// What stands in the way.
        message: String,
    },
    /// More than [`PACKAGE_FILES_MAX`] entries.
    #[error("has {0} files; at most {PACKAGE_FILES_MAX} are read")]
    TooManyFiles(usize),
    /// A directory of more than [`DIRECTORY_BYTES_MAX`].
    #[error("has a directory of {0} bytes; at most {DIRECTORY_BYTES_MAX} are read")]
    DirectoryTooLarge(u64),
    /// A file of more than [`FILE_BYTES_MAX`].
    #[error("{0} has more than {FILE_BYTES_MAX} bytes")]
    FileTooLarge(String),
    /// More than [`PACKAGE_BYTES_MAX`] in all.
    #[error("has more than {PACKAGE_BYTES_MAX} bytes of JSON")]
    TooLarge,
    /// Two files of one name.
    #[error("has two files named {0}")]
    DuplicateName(String),
}

/// The JSON files of an Open Cap Table package. Names only label what is said of a file: nothing is opened or written by them.
#[derive(Clone, Debug, Default)]
pub struct Package {
    files: Vec<PackageFile>,
}

/// A file of a package.
#[derive(Clone, Debug)]
pub(super) struct PackageFile {
    /// The path in the package, with `/`.
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

impl Package {
    /// Opens a ZIP file and inflates its JSON files. Sizes are counted while inflating, whatever the file declares.
    ///
    /// # Errors
    /// [`PackageError`] for anything but a ZIP file within the limits of this module.
    pub fn from_zip(bytes: &[u8]) -> Result<Self, PackageError> {
        let mut archive = archive::open(bytes).map_err(|error| match error {
            ArchiveError::TooManyEntries(entries) => {
                PackageError::TooManyFiles(usize::try_from(entries).unwrap_or(usize::MAX))
            }
            ArchiveError::DirectoryTooLarge(bytes) => PackageError::DirectoryTooLarge(bytes),
            ArchiveError::Unreadable(error) => PackageError::NotAZip(error.to_string()),
        })?;
        let mut adding = Adding::default();
        for index in 0..archive.len() {
            let unreadable = |name: &str, message: String| PackageError::Entry { name: shortened(name), message };
            let mut entry = archive
                .by_index(index)
                .map_err(|error| unreadable(&format!("entry {}", index.saturating_add(1)), error.to_string()))?;
            let name = entry.name().map_err(|error| unreadable("an entry", error.to_string()))?.into_owned();
            if entry.is_dir() || !is_json(&name) {
                continue;
            }
            let mut content = Vec::new();
            let limit = adding.left().min(FILE_BYTES_MAX).saturating_add(1);
            let read = entry.by_ref().take(limit).read_to_end(&mut content);
            read.map_err(|error| unreadable(&name, error.to_string()))?;
            adding.add(&name, content)?;
        }
        Ok(adding.package)
    }

    /// The files of a folder: their paths in it and their bytes. Files that are no JSON are left out.
    ///
    /// # Errors
    /// [`PackageError`] beyond the limits of this module.
    pub fn from_files(files: Vec<(String, Vec<u8>)>) -> Result<Self, PackageError> {
        if files.len() > PACKAGE_FILES_MAX {
            return Err(PackageError::TooManyFiles(files.len()));
        }
        let mut adding = Adding::default();
        for (name, bytes) in files {
            if is_json(&name) {
                adding.add(&name, bytes)?;
            }
        }
        Ok(adding.package)
    }

    pub(super) fn files(&self) -> &[PackageFile] {
        &self.files
    }
}

/// A package that grows file by file.
#[derive(Default)]
struct Adding {
    package: Package,
    names: BTreeSet<String>,
    bytes: u64,
}

impl Adding {
    fn left(&self) -> u64 {
        PACKAGE_BYTES_MAX.saturating_sub(self.bytes)
    }

    fn add(&mut self, name: &str, bytes: Vec<u8>) -> Result<(), PackageError> {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if size > FILE_BYTES_MAX {
            return Err(PackageError::FileTooLarge(shortened(name)));
        }
        if size > self.left() {
            return Err(PackageError::TooLarge);
        }
        let name = normalized(name);
        if !self.names.insert(name.clone()) {
            return Err(PackageError::DuplicateName(name));
        }
        self.bytes = self.bytes.saturating_add(size);
        self.package.files.push(PackageFile { name, bytes });
        Ok(())
    }
}

/// Archivers of one system put files of their own beside the others.
fn is_json(name: &str) -> bool {
    let base = base_name(name);
    let is_foreign = name.contains("__MACOSX/") || base.starts_with("._");
    let ends = base.len().checked_sub(".json".len()).and_then(|start| base.get(start..));
    !is_foreign && ends.is_some_and(|end| end.eq_ignore_ascii_case(".json"))
}

/// The path with `/`, without a leading `./` or `/`.
pub(super) fn normalized(name: &str) -> String {
    let mut path = shortened(name).replace('\\', "/");
    while let Some(rest) = path.strip_prefix("./").or_else(|| path.strip_prefix('/')) {
        path = rest.to_owned();
    }
    path
}

/// The part behind the last `/`.
pub(super) fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

fn shortened(name: &str) -> String {
    name.chars().filter(|letter| !letter.is_control()).take(FILE_NAME_LENGTH_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_labels_whatever_they_say() {
        let names = ["./a.json", "/b.json", "..\\..\\c.json", "d\u{1b}[31m.json"];
        let files = names.iter().map(|name| ((*name).to_owned(), b"{}".to_vec())).collect();
        let package = Package::from_files(files).unwrap();
        let read: Vec<&str> = package.files().iter().map(|file| file.name.as_str()).collect();
        assert_eq!(read, ["a.json", "b.json", "../../c.json", "d[31m.json"]);
    }

    #[test]
    fn what_is_no_json_is_left_out() {
        let files = ["a.pdf", "__MACOSX/._a.json", "._b.json", "C.JSON", "json"];
        let files = files.iter().map(|name| ((*name).to_owned(), Vec::new())).collect();
        let package = Package::from_files(files).unwrap();
        assert_eq!(package.files().len(), 1);
    }

    #[test]
    fn one_name_twice_and_too_many_files_are_refused() {
        let twice = vec![("./a.json".to_owned(), Vec::new()), ("a.json".to_owned(), Vec::new())];
        assert_eq!(Package::from_files(twice).unwrap_err(), PackageError::DuplicateName("a.json".to_owned()));
        let many = (0..=PACKAGE_FILES_MAX).map(|index| (format!("{index}.json"), Vec::new())).collect();
        assert_eq!(Package::from_files(many).unwrap_err(), PackageError::TooManyFiles(PACKAGE_FILES_MAX + 1));
        assert!(matches!(Package::from_zip(b"PK no"), Err(PackageError::NotAZip(_))));
    }
}
