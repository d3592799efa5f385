//! The objects of a package as they stand in its files.

use moic::json::Value;

use super::package::PackageFile;
use crate::place::{Place, Problem};

/// Most values that the files of a package may hold together, counted by their commas before anything is read.
pub const JSON_VALUES_MAX: usize = 3_000_000;
/// Deepest nesting of arrays and objects in a file.
pub const JSON_DEPTH_MAX: usize = 32;
/// Most problems, and most warnings, that are kept of a package: enough to mend it by, few enough to read.
pub const NOTES_MAX: usize = 1_000;

/// What was found wrong or worth knowing so far.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) problems: Vec<Problem>,
    pub(super) warnings: Vec<Problem>,
}

impl Notes {
    pub(super) fn problem(&mut self, place: Place, value: impl Into<String>, message: impl Into<String>) {
        if self.problems.len() < NOTES_MAX {
            self.problems.push(Problem::new(place, value, message));
        }
    }

    pub(super) fn warn(&mut self, place: Place, value: impl Into<String>, message: impl Into<String>) {
        if self.warnings.len() < NOTES_MAX {
            self.warnings.push(Problem::new(place, value, message));
        }
    }
}

/// A file as JSON.
pub(super) struct Source<'p> {
    pub(super) name: &'p str,
    pub(super) value: Value<'p>,
}

impl Source<'_> {
    /// The field `file_type`, empty where there is none.
    pub(super) fn file_type(&self) -> &str {
        field(&self.value, "file_type").and_then(Value::as_str).unwrap_or_default()
    }
}

/// Parses every file; what is not JSON is noted with its line and left out.
pub(super) fn parse<'p>(files: &'p [PackageFile], notes: &mut Notes) -> Vec<Source<'p>> {
    let mut values = 0_usize;
    let mut sources = Vec::new();
    for file in files {
        let place = Place { sheet: Some(file.name.clone()), ..Place::default() };
        let bytes = file.bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&file.bytes);
        values = values.saturating_add(bytes.iter().filter(|byte| **byte == b',').count());
        if values > JSON_VALUES_MAX {
            let message =
                format!("the package has more than {JSON_VALUES_MAX} values; from this file on nothing is read");
            notes.problem(place, format!("{values} values"), message);
            break;
        }
        if bytes.starts_with(&[0xff, 0xfe])
            || bytes.starts_with(&[0xfe, 0xff])
            || bytes.iter().take(4).any(|byte| *byte == 0)
        {
            notes.problem(
                place,
                "",
                "looks like UTF-16 or UTF-32; a file of this format is UTF-8, so save it as UTF-8",
            );
            continue;
        }
        match moic::json::parse(bytes) {
            Ok(value) => {
                check(&value, 1, &place, notes);
                sources.push(Source { name: &file.name, value });
            }
            Err(error) => notes.problem(place, "", error.to_string()),
        }
    }
    sources
}

/// Notes keys that are given twice and values that are nested too deeply.
fn check(value: &Value<'_>, depth: usize, place: &Place, notes: &mut Notes) {
    if depth > JSON_DEPTH_MAX {
        let message = format!("is nested more than {JSON_DEPTH_MAX} levels deep; nothing of this format is");
        return notes.problem(place.clone(), "", message);
    }
    let deeper = depth.saturating_add(1);
    match value {
        Value::Array(items) => items.iter().for_each(|item| check(item, deeper, place, notes)),
        Value::Object(object) => {
            let id = object.get("id").and_then(Value::as_str).map(str::to_owned);
            let place = Place { object: id.or_else(|| place.object.clone()), ..place.clone() };
            let mut keys: Vec<&str> = object.keys().collect();
            keys.sort_unstable();
            for pair in keys.windows(2) {
                if let [one, other] = pair
                    && one == other
                {
                    notes.problem(place.in_column(one), *one, "is given twice in one object; only one can be meant");
                }
            }
            object.iter().for_each(|(_, item)| check(item, deeper, &place, notes));
        }
        _ => {}
    }
}

/// The field `name` of an object; none where it is absent or null.
pub(super) fn field<'v>(value: &'v Value<'v>, name: &str) -> Option<&'v Value<'v>> {
    value.as_object()?.get(name).filter(|field| !field.is_null())
}

/// An object of a file.
#[derive(Clone, Copy)]
pub(super) struct Record<'v> {
    file: &'v str,
    value: &'v Value<'v>,
    /// Its position in the file's `items`.
    position: usize,
}

impl<'v> Record<'v> {
    pub(super) fn new(file: &'v str, value: &'v Value<'v>, position: usize) -> Self {
        Self { file, value, position }
    }

    pub(super) fn field(&self, name: &str) -> Option<&'v Value<'v>> {
        field(self.value, name)
    }

    /// A field that is text and not empty.
    pub(super) fn text(&self, name: &str) -> Option<&'v str> {
        self.field(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// The texts of an array; nothing for anything else.
    pub(super) fn texts(&self, name: &str) -> Vec<&'v str> {
        let items = self.field(name).and_then(Value::as_array).unwrap_or_default();
        items.iter().filter_map(Value::as_str).collect()
    }

    pub(super) fn object_type(&self) -> &'v str {
        self.text("object_type").unwrap_or_default()
    }

    /// Its id, or its position where it has none.
    pub(super) fn label(&self) -> String {
        self.text("id").map_or_else(|| format!("items[{}]", self.position), str::to_owned)
    }

    /// The part of a question's id that names this object: its id, or its place in the package where it has none.
    pub(super) fn key(&self) -> String {
        self.text("id").map_or_else(|| format!("{}.items[{}]", self.file, self.position), str::to_owned)
    }

    pub(super) fn place(&self, column: &str) -> Place {
        let column = (!column.is_empty()).then(|| column.to_owned());
        Place { sheet: Some(self.file.to_owned()), row: None, object: Some(self.label()), column }
    }

    /// What stands in a field, for a problem.
    pub(super) fn shown(&self, name: &str) -> String {
        self.field(name).map_or_else(|| moic::json::ABSENT.to_owned(), moic::json::shown)
    }
}
