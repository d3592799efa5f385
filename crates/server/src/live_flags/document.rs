//! One flagd document out of everything that defines flags: what the program is seeded with, what is stored, and a
//! watched file, each winning over the ones before.

use std::collections::BTreeMap;
use std::fmt;

use flags::{Bucketing, FlagSet, LoadError, Loaded};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use store::StoreError;
use store::flag_book::FlagBook;

/// The members of a JSON object with their values as they were written.
pub(crate) type Members = BTreeMap<String, Box<RawValue>>;

/// Where a flag's definition comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The program.
    Seeded,
    /// The database.
    Stored,
    /// The watched file.
    File,
}

impl Source {
    /// Name on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Seeded => "seeded",
            Self::Stored => "stored",
            Self::File => "file",
        }
    }
}

/// The parts of a flagd file, taken apart but not checked.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub(crate) struct FileFlags {
    /// By key.
    #[serde(default)]
    pub(crate) flags: Members,
    /// Rules that definitions refer to, by name.
    #[serde(default, rename = "$evaluators")]
    pub(crate) evaluators: Members,
    /// Of the whole set.
    #[serde(default)]
    pub(crate) metadata: Members,
}

impl PartialEq for FileFlags {
    fn eq(&self, other: &Self) -> bool {
        let same = |one: &Members, other: &Members| {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|((key, text), (other_key, other_text))| key == other_key && text.get() == other_text.get())
        };
        same(&self.flags, &other.flags)
            && same(&self.evaluators, &other.evaluators)
            && same(&self.metadata, &other.metadata)
    }
}

impl FileFlags {
    /// Takes a file apart. Of a name that comes twice the last counts, as the engine has it.
    ///
    /// # Errors
    /// [`LoadError::Syntax`] where it is not an object of this form.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, LoadError> {
        serde_json::from_slice(bytes).map_err(|error| not_of_this_form(&error))
    }

    /// Takes a document apart that somebody hands in: a name that comes twice is a mistake of theirs.
    ///
    /// # Errors
    /// [`LoadError::Syntax`] where it is not an object of this form, or a name comes twice.
    pub(crate) fn parse_strictly(bytes: &[u8]) -> Result<Self, LoadError> {
        let UniqueNames { flags, evaluators, metadata } =
            serde_json::from_slice(bytes).map_err(|error| not_of_this_form(&error))?;
        Ok(Self { flags, evaluators, metadata })
    }
}

fn not_of_this_form(error: &serde_json::Error) -> LoadError {
    let text = error.to_string();
    let message = text.split(" at line ").next().unwrap_or(&text).to_owned();
    LoadError::Syntax { line: error.line(), column: error.column(), message }
}

/// The parts of a flagd document in which no name comes twice. What its definitions repeat is the engine's to find.
#[derive(Deserialize)]
struct UniqueNames {
    #[serde(default, deserialize_with = "unique_names")]
    flags: Members,
    #[serde(default, rename = "$evaluators", deserialize_with = "unique_names")]
    evaluators: Members,
    #[serde(default, deserialize_with = "unique_names")]
    metadata: Members,
}

/// Reads an object whose names all differ.
///
/// # Errors
/// Naming the first name that comes twice.
pub(crate) fn unique_names<'de, D: Deserializer<'de>>(object: D) -> Result<Members, D::Error> {
    struct Names;

    impl<'de> Visitor<'de> for Names {
        type Value = Members;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a JSON object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Members, A::Error> {
            let mut members = Members::new();
            while let Some((name, value)) = object.next_entry::<String, Box<RawValue>>()? {
                if members.contains_key(&name) {
                    return Err(A::Error::custom(format!("the name {name:?} comes twice in one object")));
                }
                members.insert(name, value);
            }
            Ok(members)
        }
    }

    object.deserialize_map(Names)
}

/// A set of definitions before it is compiled. Cheap enough to build for a check, and changed by an edit to see what
/// would come of it.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    definitions: BTreeMap<String, (String, Source)>,
    evaluators: Members,
    metadata: Members,
    bucketing: Bucketing,
}

impl Document {
    /// What the program is seeded with, overlaid by what is stored and by the watched file.
    ///
    /// # Errors
    /// `Internal` for stored JSON that is none, which no check lets pass.
    pub(crate) fn new(book: Option<&FlagBook>, file: Option<&FileFlags>) -> Result<Self, StoreError> {
        let seeded = flags::SEEDED.into_iter().map(|own| (own.key.to_owned(), (own.definition(), Source::Seeded)));
        let mut document = Self {
            definitions: seeded.collect(),
            evaluators: Members::new(),
            metadata: Members::new(),
            bucketing: Bucketing::default(),
        };
        if let Some(book) = book {
            document.take_book(book)?;
        }
        if let Some(file) = file {
            let flags = file.flags.iter().map(|(key, text)| (key.clone(), (text.get().to_owned(), Source::File)));
            document.definitions.extend(flags);
            document.evaluators.extend(file.evaluators.clone());
            document.metadata.extend(file.metadata.clone());
        }
        Ok(document)
    }

    fn take_book(&mut self, book: &FlagBook) -> Result<(), StoreError> {
        for stored in &book.definitions {
            self.definitions.insert(stored.key.clone(), (stored.definition.clone(), Source::Stored));
        }
        for state in &book.states {
            if let (Some(variant), Some((text, _))) = (&state.default_variant, self.definitions.get_mut(&state.key)) {
                *text = with_default_variant(&state.key, text, variant)?;
            }
        }
        self.evaluators = members("$evaluators", book.set.evaluators.as_deref())?;
        self.metadata = members("metadata", book.set.metadata.as_deref())?;
        self.bucketing = book.set.bucketing;
        Ok(())
    }

    /// Where a flag comes from; none for an unknown one.
    pub(crate) fn source(&self, key: &str) -> Option<Source> {
        self.definitions.get(key).map(|(_, source)| *source)
    }

    /// The JSON text of a flag's definition.
    pub(crate) fn definition(&self, key: &str) -> Option<&str> {
        self.definitions.get(key).map(|(text, _)| text.as_str())
    }

    /// Every key, in order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.definitions.keys().map(String::as_str)
    }

    /// Puts a stored definition in place.
    pub(crate) fn put(&mut self, key: &str, definition: &str) {
        self.definitions.insert(key.to_owned(), (definition.to_owned(), Source::Stored));
    }

    pub(crate) fn remove(&mut self, key: &str) {
        self.definitions.remove(key);
    }

    /// Puts what all definitions share in place.
    pub(crate) fn put_shared(&mut self, evaluators: Members, metadata: Members, bucketing: Bucketing) {
        self.evaluators = evaluators;
        self.metadata = metadata;
        self.bucketing = bucketing;
    }

    /// The flagd document.
    pub(crate) fn text(&self) -> String {
        let flags = self.definitions.iter().map(|(key, (text, _))| (key.as_str(), text.as_str()));
        let object = |members: &Members| (!members.is_empty()).then(|| written(members));
        flags::document(flags, object(&self.evaluators).as_deref(), object(&self.metadata).as_deref())
    }

    /// Compiles the set; definitions that are broken answer PARSE_ERROR, and are named.
    ///
    /// # Errors
    /// When the document is too large. Its parts are JSON each, so the whole is.
    pub(crate) fn load(&self) -> Result<Loaded, LoadError> {
        FlagSet::load(self.text().as_bytes(), self.bucketing)
    }

    /// Compiles the set, and refuses it for any problem.
    ///
    /// # Errors
    /// With every problem.
    pub(crate) fn check(&self) -> Result<FlagSet, LoadError> {
        FlagSet::check(self.text().as_bytes(), self.bucketing)
    }
}

/// The members of a stored object; nothing stored is the empty object.
///
/// # Errors
/// `Internal` for what is no JSON object, which no check lets pass.
pub(crate) fn members(what: &str, text: Option<&str>) -> Result<Members, StoreError> {
    let Some(text) = text else { return Ok(Members::new()) };
    serde_json::from_str(text).map_err(|error| StoreError::Internal(format!("the stored {what} is no object: {error}")))
}

/// An object out of its members.
pub(crate) fn written(members: &Members) -> String {
    serde_json::to_string(members).unwrap_or_else(|_| "{}".to_owned())
}

/// The definition with another default variant, which a rollout has stored.
fn with_default_variant(key: &str, definition: &str, variant: &str) -> Result<String, StoreError> {
    let mut members = members(&format!("definition of {key}"), Some(definition))?;
    let text = serde_json::to_string(variant).and_then(RawValue::from_string);
    let text = text.map_err(|error| StoreError::Internal(format!("the default variant of {key}: {error}")))?;
    members.insert("defaultVariant".to_owned(), text);
    Ok(written(&members))
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::flag_set;
    use store::flag_state::FlagState;

    fn book(metadata: &str) -> FlagBook {
        FlagBook {
            database_id: uuid::Uuid::nil(),
            revision: 1,
            definitions: Vec::new(),
            set: flag_set::FlagSet { metadata: Some(metadata.to_owned()), ..flag_set::FlagSet::untouched() },
            states: vec![FlagState { default_variant: Some("on".to_owned()), ..FlagState::untouched("useFundStore") }],
            segments: Vec::new(),
            rollouts: Vec::new(),
            announcement: None,
        }
    }

    #[test]
    fn stored_json_that_is_none_is_no_empty_object() {
        let document = Document::new(Some(&book(r#"{"team":"growth"}"#)), None).unwrap();
        assert!(document.text().contains("growth"));
        assert!(document.definition("useFundStore").unwrap().contains(r#""defaultVariant":"on""#));
        for broken in ["", "{", "[]", "null"] {
            let error = Document::new(Some(&book(broken)), None).unwrap_err();
            assert!(matches!(&error, StoreError::Internal(cause) if cause.contains("metadata")), "{error}");
        }
    }
}
