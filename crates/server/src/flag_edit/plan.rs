//! What an edit writes, once the set it would make has passed the check.

use std::collections::BTreeMap;

use flags::{FlagSet, LoadError, OwnFlag};
use moic::Problem;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::flag_book::{self, FlagBook};
use store::flag_definitions::{self, NewDefinition};
use store::flag_set::NewFlagSet;
use store::{StoreError, Transaction, flag_set, flag_state};
use utoipa::ToSchema;

use super::{Edit, Outcome, Shared, Way, What, waiting};
use crate::act::Act;
use crate::error::{ApiError, of_flags};
use crate::fields;
use crate::flag_switch;
use crate::live_flags::{Document, FileFlags, PendingKill, Source, members, written};

/// Name of the rule that flags have not changed since an edit was checked.
pub(crate) const FLAGS_MOVED: &str = "flags_moved";

/// The writes of an edit, good for one revision of the flags.
#[derive(Debug)]
pub(crate) struct Plan {
    edit: Edit,
    way: Way,
    revision: i64,
    /// The set that the edit makes.
    pub(crate) set: FlagSet,
    writes: Vec<Write>,
    /// What an import does to each flag.
    pub(crate) report: ImportReport,
}

#[derive(Debug, Clone)]
enum Write {
    Create { key: String, definition: String },
    Change { key: String, version: i64, definition: String, clears_default: bool },
    Archive { key: String, version: i64 },
    Restore { key: String, reason: String, kill: Option<PendingKill> },
    Set { version: i64, shared: Shared },
}

/// What an import does, or would do.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ImportReport {
    /// Keys of flags that are new.
    created: Vec<String>,
    /// Keys of flags with another definition.
    changed: Vec<String>,
    /// Keys of flags that are as they were.
    unchanged: Vec<String>,
    /// Whether `$evaluators` or metadata of the set change.
    set_changed: bool,
}

/// What an import replaces, as it was when the import was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Versions {
    /// Versions of the flags that there were, by key; 0 for one that was never stored.
    flags: BTreeMap<String, i64>,
    /// Version of the shared parts; none where the document has none.
    set: Option<i64>,
}

impl Versions {
    fn of(document: &FileFlags, book: &FlagBook, before: &Document) -> Self {
        let known = document.flags.keys().filter(|key| before.source(key).is_some());
        let has_shared = !document.evaluators.is_empty() || !document.metadata.is_empty();
        Self {
            flags: known.map(|key| (key.clone(), stored_version(book, key))).collect(),
            set: has_shared.then_some(book.set.version),
        }
    }
}

impl Plan {
    /// Plans an edit of the flags of `book`, beside those of the watched file.
    ///
    /// # Errors
    /// 404, 409 and 422 for what cannot be, with every problem.
    pub(super) fn new(
        book: &FlagBook,
        file: Option<&FileFlags>,
        edit: Edit,
        way: Way,
        kill: Option<PendingKill>,
    ) -> Result<Self, ApiError> {
        let before = Document::new(Some(book), file)?;
        let mut plan = Self {
            edit,
            way,
            revision: book.revision,
            set: FlagSet::empty(flags::Bucketing::default()),
            writes: Vec::new(),
            report: ImportReport::default(),
        };
        if let What::Restore { key, reason } = &plan.edit.what {
            plan.writes.push(Write::Restore { key: key.clone(), reason: reason.clone(), kill });
            return Ok(plan);
        }
        plan.take(book, &before)?;
        let mut after = before.clone();
        for write in &plan.writes {
            write.apply(&mut after, file);
        }
        let key = plan.edit.what.key();
        plan.set = checked(&before, &after, key)?;
        refuse_other_types(&plan.set, key)?;
        Ok(plan)
    }

    fn take(&mut self, book: &FlagBook, before: &Document) -> Result<(), ApiError> {
        let what = self.edit.what.clone();
        if let Some(key) = what.key().filter(|key| before.source(key) == Some(Source::File)) {
            return Err(ApiError::ManagedByFile { key: key.to_owned() });
        }
        match what {
            What::Restore { .. } => {}
            What::Create { key, .. } if before.source(&key).is_some() => {
                return Err(ApiError::Conflict(format!("there is a flag {key}: change it, or choose another key")));
            }
            What::Create { key, definition } => {
                self.writes.push(Write::Create { key, definition: definition.get().to_owned() });
            }
            What::Change { key, version, definition } => {
                self.writes.push(change(book, before, &key, Some(version), definition.get())?);
            }
            What::Archive { key, version } => self.writes.push(archive(book, before, key, version)?),
            What::ChangeSet { version, shared } if version == book.set.version => {
                self.writes.push(Write::Set { version, shared });
            }
            What::ChangeSet { .. } => return Err(ApiError::VersionConflict { current: book.set.version }),
            What::Import { document, versions } => {
                let now = Versions::of(&document, book, before);
                if versions.is_some_and(|asked| asked != now) {
                    let message = "flags of the document have changed since the import was asked for: ask again";
                    return Err(ApiError::Conflict(message.to_owned()));
                }
                self.take_import(&document, book, before)?;
                self.edit.what = What::Import { document, versions: Some(now) };
            }
        }
        Ok(())
    }

    fn take_import(&mut self, document: &FileFlags, book: &FlagBook, before: &Document) -> Result<(), ApiError> {
        let mut problems = Vec::new();
        for (key, text) in &document.flags {
            match before.source(key) {
                Some(Source::File) => return Err(ApiError::ManagedByFile { key: key.clone() }),
                Some(_) if before.definition(key).is_some_and(|known| is_same(known, text.get())) => {
                    self.report.unchanged.push(key.clone());
                }
                Some(_) => {
                    self.report.changed.push(key.clone());
                    self.writes.push(change(book, before, key, None, text.get())?);
                }
                None => {
                    if let Err(message) = fields::flag_key(key) {
                        problems.push(Problem::new(format!("flags.{key}"), key, message));
                    }
                    self.report.created.push(key.clone());
                    self.writes.push(Write::Create { key: key.clone(), definition: text.get().to_owned() });
                }
            }
        }
        if !problems.is_empty() {
            return Err(ApiError::Invalid(problems));
        }
        let mut shared = Shared {
            evaluators: members("$evaluators", book.set.evaluators.as_deref())?,
            metadata: members("metadata", book.set.metadata.as_deref())?,
            bucketing: book.set.bucketing,
        };
        let texts = |shared: &Shared| (written(&shared.evaluators), written(&shared.metadata));
        let known = texts(&shared);
        shared.evaluators.extend(document.evaluators.clone());
        shared.metadata.extend(document.metadata.clone());
        if texts(&shared) != known {
            self.report.set_changed = true;
            self.writes.push(Write::Set { version: book.set.version, shared });
        }
        Ok(())
    }

    /// The flag it is about; none for the whole set.
    pub(crate) fn key(&self) -> Option<&str> {
        self.edit.what.key()
    }

    /// Writes, or keeps the edit for a second person, and leaves the traces in the audit log.
    ///
    /// # Errors
    /// `Conflict` by [`FLAGS_MOVED`] when flags have changed since the plan was made; those of an approval; what the
    /// database answers.
    pub(crate) fn write(&self, tx: &mut Transaction<'_>, act: &Act) -> Result<Outcome, StoreError> {
        match &self.way {
            Way::Proposed => {
                return waiting::propose(tx, &self.edit, act).map(|change| Outcome::Waits(Box::new(change)));
            }
            Way::Approved(approval) => approval.write(tx)?,
            Way::AtOnce => {}
        }
        if flag_book::lock(tx)? != self.revision {
            let message = "flags have changed since the edit was checked".to_owned();
            return Err(StoreError::Conflict { constraint: FLAGS_MOVED.to_owned(), message });
        }
        self.writes.iter().try_for_each(|write| write.carry_out(tx, act, self.edit.comment.as_deref()))?;
        Ok(Outcome::Done)
    }
}

fn change(
    book: &FlagBook,
    before: &Document,
    key: &str,
    version: Option<i64>,
    definition: &str,
) -> Result<Write, ApiError> {
    let current = version_of(book, before, key)?;
    if version.is_some_and(|version| version != current) {
        return Err(ApiError::VersionConflict { current });
    }
    let clears_default = book.states.iter().any(|state| state.key == key && state.default_variant.is_some());
    Ok(Write::Change { key: key.to_owned(), version: current, definition: definition.to_owned(), clears_default })
}

fn archive(book: &FlagBook, before: &Document, key: String, version: i64) -> Result<Write, ApiError> {
    if OwnFlag::find(&key).is_some() {
        let message = format!("{key} is a flag of the server's own: disable or kill it instead");
        return Err(ApiError::Conflict(message));
    }
    let current = version_of(book, before, &key)?;
    if version != current {
        return Err(ApiError::VersionConflict { current });
    }
    Ok(Write::Archive { key, version })
}

/// The version of a flag; 0 for one that the program is seeded with and nobody has changed.
fn version_of(book: &FlagBook, before: &Document, key: &str) -> Result<i64, ApiError> {
    if before.source(key).is_none() {
        return Err(ApiError::NotFound { what: "flag", id: key.to_owned() });
    }
    Ok(stored_version(book, key))
}

fn stored_version(book: &FlagBook, key: &str) -> i64 {
    book.definitions.iter().find(|stored| stored.key == key).map_or(0, |stored| stored.version)
}

/// Whether two texts are the same JSON.
fn is_same(one: &str, other: &str) -> bool {
    let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    value(one) == value(other)
}

impl Write {
    fn apply(&self, document: &mut Document, file: Option<&FileFlags>) {
        match self {
            Self::Create { key, definition } | Self::Change { key, definition, .. } => document.put(key, definition),
            Self::Archive { key, .. } => document.remove(key),
            Self::Restore { .. } => {}
            Self::Set { shared, .. } => {
                let (mut evaluators, mut metadata) = (shared.evaluators.clone(), shared.metadata.clone());
                if let Some(file) = file {
                    evaluators.extend(file.evaluators.clone());
                    metadata.extend(file.metadata.clone());
                }
                document.put_shared(evaluators, metadata, shared.bucketing);
            }
        }
    }

    fn carry_out(&self, tx: &mut Transaction<'_>, act: &Act, comment: Option<&str>) -> Result<(), StoreError> {
        let (action, subject, version) = match self {
            Self::Create { key, definition } => {
                let new = NewDefinition { key, definition, comment };
                let stored = flag_definitions::create(tx, &new, &act.actor, act.now)?;
                ("flag.create", format!("flag:{key}"), stored.version)
            }
            Self::Change { key, version, definition, clears_default } => {
                if *clears_default {
                    flag_state::set_default_variant(tx, key, None, &act.actor, act.now)?;
                }
                let stored = flag_definitions::change(tx, key, *version, definition, comment, &act.actor, act.now)?;
                ("flag.change", format!("flag:{key}"), stored.version)
            }
            Self::Archive { key, version } => {
                let stored = flag_definitions::archive(tx, key, *version, &act.actor, act.now)?;
                ("flag.archive", format!("flag:{key}"), stored.version)
            }
            Self::Restore { key, reason, kill } => {
                if let Some(kill) = kill {
                    flag_switch::write_kill(tx, key, kill, act.now)?;
                }
                return flag_switch::write_restore(tx, act, key, reason);
            }
            Self::Set { version, shared } => {
                let (evaluators, metadata) = (written(&shared.evaluators), written(&shared.metadata));
                let new = NewFlagSet {
                    evaluators: Some(&evaluators),
                    metadata: Some(&metadata),
                    bucketing: shared.bucketing,
                    comment,
                };
                let stored = flag_set::change(tx, *version, &new, &act.actor, act.now)?;
                ("flag_set.change", "flag_set".to_owned(), stored.version)
            }
        };
        act.record(tx, action, &subject, &json!({ "version": version, "comment": comment }))
    }
}

/// The set after an edit. What was wrong before and is not the edit's fault does not refuse it: otherwise one of two
/// broken flags could never be mended.
fn checked(before: &Document, after: &Document, key: Option<&str>) -> Result<FlagSet, ApiError> {
    let problems = match after.check() {
        Ok(set) => return Ok(set),
        Err(LoadError::Invalid(problems)) => problems,
        Err(LoadError::TooLarge { .. }) => return Err(ApiError::TooLarge { limit: flags::DOCUMENT_BYTES_MAX }),
        Err(error) => return Err(ApiError::Internal(format!("a document of checked parts: {error}"))),
    };
    let known = match before.check() {
        Err(LoadError::Invalid(known)) => known,
        _ => Vec::new(),
    };
    let own = key.map(|key| format!("flags.{key}"));
    let is_own = |path: &str| {
        let rest = own.as_deref().and_then(|own| path.strip_prefix(own));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let fresh = problems.into_iter().filter(|problem| is_own(&problem.path) || !known.contains(problem));
    let fresh: Vec<Problem> = fresh
        .map(|mut problem| {
            problem.path = match own.as_deref().filter(|_| is_own(&problem.path)) {
                Some(own) => format!("definition{}", problem.path.get(own.len()..).unwrap_or_default()),
                None => problem.path.trim_start_matches('$').to_owned(),
            };
            of_flags(problem)
        })
        .collect();
    if !fresh.is_empty() {
        return Err(ApiError::Invalid(fresh));
    }
    let loaded = after.load().map_err(|error| ApiError::Internal(format!("a checked document: {error}")))?;
    Ok(loaded.set)
}

/// The server's own flags are typed: their variants are true and false, and nothing else.
fn refuse_other_types(set: &FlagSet, key: Option<&str>) -> Result<(), ApiError> {
    let mut problems = Vec::new();
    for own in flags::SEEDED {
        let variants = set.get(own.key).into_iter().flat_map(flags::Definition::variants);
        for (name, value) in variants.filter(|(_, value)| !matches!(*value, "true" | "false")) {
            let root = if key == Some(own.key) { "definition".to_owned() } else { format!("flags.{}", own.key) };
            let message = "must be true or false: the server asks for this flag as a boolean";
            problems.push(Problem::new(format!("{root}.variants.{name}"), value, message));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(ApiError::Invalid(problems)) }
}
