//! Which files of a package are read, and the objects in them by kind.

use std::collections::BTreeMap;

use moic::json::Value;

use super::package::{PACKAGE_FILES_MAX, base_name, normalized};
use super::record::{Notes, Record, Source, field};
use crate::place::Place;

/// Most objects that the files of a package may have together.
pub const OBJECTS_MAX: usize = 100_000;

const MANIFEST: &str = "OCF_MANIFEST_FILE";
/// Lists of the manifest whose files hold facts about the fund's securities: one that is missing is a problem.
const NEEDED_LISTS: [&str; 3] = ["stakeholders_files", "stock_classes_files", "transactions_files"];

/// What a package holds.
#[derive(Default)]
pub(super) struct Contents<'v> {
    pub(super) issuer: Option<Record<'v>>,
    pub(super) stakeholders: Vec<Record<'v>>,
    pub(super) classes: Vec<Record<'v>>,
    pub(super) valuations: Vec<Record<'v>>,
    pub(super) financings: Vec<Record<'v>>,
    /// Every other object, in file order: the transactions, and what the reader does not know.
    pub(super) transactions: Vec<Record<'v>>,
}

impl<'v> Contents<'v> {
    /// Sorts the objects of the files that the manifest names; nothing without a manifest, which is noted.
    pub(super) fn of(sources: &'v [Source<'v>], notes: &mut Notes) -> Self {
        let mut contents = Self::default();
        let Some(manifest) = manifest(sources, notes) else { return contents };
        contents.issuer = field(&manifest.value, "issuer").map(|issuer| Record::new(manifest.name, issuer, 0));
        if contents.issuer.is_none() {
            let message = "is required: the company is read from the manifest's issuer";
            notes.problem(
                Place { column: Some("issuer".to_owned()), ..of_file(manifest.name) },
                moic::json::ABSENT,
                message,
            );
        }
        let mut objects = 0_usize;
        for source in listed(manifest, sources, notes) {
            contents.take(source, &mut objects, notes);
        }
        contents.check_ids(notes);
        contents
    }

    fn take(&mut self, source: &'v Source<'v>, objects: &mut usize, notes: &mut Notes) {
        if !source.file_type().starts_with("OCF_") {
            let place = Place { column: Some("file_type".to_owned()), ..of_file(source.name) };
            notes.warn(
                place,
                source.file_type(),
                "is no file type of this format; its objects are read by their object_type",
            );
        }
        let Some(items) = field(&source.value, "items").and_then(Value::as_array) else {
            let place = Place { column: Some("items".to_owned()), ..of_file(source.name) };
            return notes.problem(place, moic::json::ABSENT, "is required: an array of objects");
        };
        for (position, value) in items.iter().enumerate() {
            let record = Record::new(source.name, value, position);
            *objects = objects.saturating_add(1);
            if *objects > OBJECTS_MAX {
                let message =
                    format!("the package has more than {OBJECTS_MAX} objects; from this one on nothing is read");
                return notes.problem(record.place(""), "", message);
            }
            let kind = match record.object_type() {
                "STAKEHOLDER" => &mut self.stakeholders,
                "STOCK_CLASS" => &mut self.classes,
                "VALUATION" => &mut self.valuations,
                "FINANCING" => &mut self.financings,
                // Texts, plans, schedules and papers: nothing of them is in the document.
                "ISSUER"
                | "STOCK_LEGEND_TEMPLATE"
                | "STOCK_PLAN"
                | "VESTING_TERMS"
                | "VESTING_SCHEDULE"
                | "DOCUMENT" => continue,
                _ => &mut self.transactions,
            };
            kind.push(record);
        }
    }

    /// The names of rounds by the ids of the issuances in them.
    pub(super) fn rounds(&self) -> BTreeMap<&'v str, &'v str> {
        let of_one = |financing: &Record<'v>| {
            let name = financing.text("name");
            let issuances = financing.texts("issuance_ids");
            issuances.into_iter().filter_map(move |issuance| Some((issuance, name?))).collect::<Vec<_>>()
        };
        self.financings.iter().flat_map(of_one).collect()
    }

    /// Notes ids that two objects of one kind share.
    fn check_ids(&self, notes: &mut Notes) {
        for kind in [&self.stakeholders, &self.classes, &self.valuations, &self.financings, &self.transactions] {
            let mut seen: BTreeMap<&str, &Record<'_>> = BTreeMap::new();
            for record in kind {
                let Some(id) = record.text("id") else { continue };
                if let Some(first) = seen.insert(id, record) {
                    let message =
                        format!("two objects have this id, the other one in {}; ids are unique", first.place(""));
                    notes.problem(record.place("id"), id, message);
                }
            }
        }
    }
}

pub(super) fn of_file(name: &str) -> Place {
    Place { sheet: Some(name.to_owned()), ..Place::default() }
}

/// The manifest: of several, the one that is nearest to the top.
fn manifest<'v>(sources: &'v [Source<'v>], notes: &mut Notes) -> Option<&'v Source<'v>> {
    let depth = |source: &Source<'_>| source.name.matches('/').count();
    let mut manifests: Vec<&Source<'_>> = sources.iter().filter(|source| source.file_type() == MANIFEST).collect();
    manifests.sort_by_key(|source| depth(source));
    let mut others = manifests.iter();
    let first = *others.next()?;
    for other in others {
        if depth(other) == depth(first) {
            let message =
                format!("is a second manifest beside {}; a package is one company, so give one of them", first.name);
            notes.problem(of_file(other.name), "", message);
        } else {
            notes.warn(of_file(other.name), "", "is the manifest of another package in a folder of this one: not read");
        }
    }
    Some(first)
}

/// The files that the manifest names, in its order. A manifest that names none stands for all files of its folder.
fn listed<'v>(manifest: &'v Source<'v>, sources: &'v [Source<'v>], notes: &mut Notes) -> Vec<&'v Source<'v>> {
    let folder = manifest.name.rfind('/').and_then(|end| manifest.name.get(..=end)).unwrap_or_default();
    let mut left: Vec<&Source<'_>> = sources
        .iter()
        .filter(|source| source.name != manifest.name && source.name.starts_with(folder))
        .filter(|source| source.file_type() != MANIFEST)
        .collect();
    let mut found: Vec<&Source<'_>> = Vec::new();
    let mut names = 0_usize;
    let Some(fields) = manifest.value.as_object() else { return left };
    for (list, files) in fields.iter().filter(|(name, _)| name.ends_with("_files")) {
        for file in files.as_array().unwrap_or_default() {
            names = names.saturating_add(1);
            if names > PACKAGE_FILES_MAX {
                let message = format!("the manifest names more than {PACKAGE_FILES_MAX} files");
                notes.problem(of_file(manifest.name), "", message);
                return found;
            }
            let Some(path) = field(file, "filepath").and_then(Value::as_str) else {
                let place = Place { column: Some(list.to_owned()), ..of_file(manifest.name) };
                notes.problem(place, moic::json::shown(file), "must have a filepath");
                continue;
            };
            let wanted = normalized(path);
            if let Some(position) = position_of(&wanted, folder, &left) {
                found.push(left.remove(position));
            } else if !found.iter().any(|source| is_named(source, &wanted, folder)) {
                missing(manifest, list, path, notes);
            }
        }
    }
    if names == 0 {
        return left;
    }
    for source in left {
        if source.name.get(folder.len()..).is_some_and(|rest| !rest.contains('/')) {
            notes.warn(of_file(source.name), "", "is not named in the manifest: not read");
        }
    }
    found
}

fn missing(manifest: &Source<'_>, list: &str, path: &str, notes: &mut Notes) {
    let place = Place { column: Some(list.to_owned()), ..of_file(manifest.name) };
    if NEEDED_LISTS.contains(&list) {
        notes.problem(
            place,
            path,
            "is named in the manifest and not a file of the package that can be read; without it facts are missing",
        );
    } else {
        notes.warn(
            place,
            path,
            "is named in the manifest and not a file of the package that can be read; nothing of it is needed",
        );
    }
}

fn position_of(wanted: &str, folder: &str, sources: &[&Source<'_>]) -> Option<usize> {
    sources.iter().position(|source| source.name.strip_prefix(folder) == Some(wanted)).or_else(|| {
        let mut alike = sources.iter().enumerate().filter(|(_, source)| is_named(source, wanted, folder));
        alike.next().filter(|_| alike.next().is_none()).map(|(position, _)| position)
    })
}

/// Whether a file is the one that is meant: manifests are known that write `Stakeholders.json` for
/// `Stakeholders.ocf.json`, or a path of the machine that made them.
fn is_named(source: &Source<'_>, wanted: &str, folder: &str) -> bool {
    let plain = |name: &str| base_name(name).to_lowercase().replace(".ocf.", ".");
    source.name.starts_with(folder) && plain(source.name) == plain(wanted)
}

/// Notes that there is no manifest, saying what there is.
pub(super) fn no_manifest(sources: &[Source<'_>], notes: &mut Notes) {
    if sources.iter().any(|source| source.file_type() == MANIFEST) {
        return;
    }
    let names: Vec<&str> = sources.iter().map(|source| source.name).take(10).collect();
    let message =
        format!("no file has the file_type {MANIFEST}; a package needs one, which names its company and its files");
    notes.problem(Place::default(), names.join(", "), message);
}
