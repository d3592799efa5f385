//! The body of a mapping, read strictly: roles and columns that do not exist are named.

use std::collections::BTreeMap;

use formats::template::{IGNORED, Mapping, Role};
use moic::json::{Fields, Path, Problems, Value, shown};

/// Sheets, columns of a sheet, or answers that a mapping may name.
const NAMES_MAX: usize = 500;

/// Reads `sheets`, `columns` and `answers`.
pub(crate) fn read_mapping(fields: &mut Fields<'_, '_>, problems: &mut Problems) -> Option<Mapping> {
    let before = problems.len();
    let sheets = texts(fields, "sheets", problems);
    for (sheet, role) in &sheets {
        if role != IGNORED && Role::named(role).is_none() {
            let known = Role::ALL.map(Role::as_str).join(", ");
            let message = format!("must be one of {known}, {IGNORED}");
            problems.push(&fields.path().field("sheets").field(sheet), role, message);
        }
    }
    let columns = columns(fields, &sheets, problems);
    let answers = texts(fields, "answers", problems);
    (problems.len() == before).then_some(Mapping { sheets, columns, answers })
}

fn texts(fields: &mut Fields<'_, '_>, name: &'static str, problems: &mut Problems) -> BTreeMap<String, String> {
    let path = fields.path().field(name);
    fields.map(name, NAMES_MAX, problems).filter_map(|(key, value)| text(key, value, &path, problems)).collect()
}

fn text(key: &str, value: &Value<'_>, path: &Path<'_>, problems: &mut Problems) -> Option<(String, String)> {
    match value {
        Value::Str(text) => Some((key.to_owned(), text.to_string())),
        other => {
            problems.push(&path.field(key), shown(other), "must be a text");
            None
        }
    }
}

fn columns(
    fields: &mut Fields<'_, '_>,
    sheets: &BTreeMap<String, String>,
    problems: &mut Problems,
) -> BTreeMap<String, BTreeMap<String, String>> {
    let path = fields.path().field("columns");
    let mut columns = BTreeMap::new();
    for (sheet, value) in fields.map("columns", NAMES_MAX, problems) {
        let path = path.field(sheet);
        let Value::Object(object) = value else {
            problems.push(&path, shown(value), "must be an object of columns by header");
            continue;
        };
        if object.len() > NAMES_MAX {
            problems.push(&path, format!("{} keys", object.len()), format!("must have at most {NAMES_MAX} keys"));
            continue;
        }
        let roles: Vec<Role> = match sheets.get(sheet).and_then(|role| Role::named(role)) {
            Some(role) => vec![role],
            None => Role::ALL.to_vec(),
        };
        let is_known =
            |key: &str| key == IGNORED || roles.iter().any(|role| role.fields().iter().any(|field| field.key == key));
        let mut own = BTreeMap::new();
        for (header, value) in object.iter() {
            if let Some((header, key)) = text(header, value, &path, problems) {
                if !is_known(&key) {
                    let known: Vec<&str> = roles.iter().flat_map(|role| role.fields()).map(|field| field.key).collect();
                    problems.push(
                        &path.field(&header),
                        &key,
                        format!("must be one of {}, {IGNORED}", known.join(", ")),
                    );
                }
                own.insert(header, key);
            }
        }
        columns.insert(sheet.to_owned(), own);
    }
    columns
}
