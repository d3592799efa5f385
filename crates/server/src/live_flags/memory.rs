//! What a process knows about its flags, and what of it survives the process.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::flag_book::FlagBook;

use super::document::FileFlags;

/// A kill that acts here and that the database has not taken yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PendingKill {
    /// Who killed.
    pub(crate) actor: String,
    /// Why.
    pub(crate) reason: String,
    /// When.
    pub(crate) at: Timestamp,
}

/// What survives the process: the state file's content.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LastKnown {
    /// What the database last said; none if it never did.
    pub(crate) book: Option<FlagBook>,
    /// By flag.
    pub(crate) pending_kills: BTreeMap<String, PendingKill>,
}

/// Everything known now.
#[derive(Debug, Default)]
pub(super) struct Memory {
    pub(super) known: LastKnown,
    /// Whether the book is the database's own word in this process, not only the state file's.
    pub(super) is_confirmed: bool,
    /// Counts what was published: tells whether the state file is up to date.
    pub(super) changes: u64,
    /// Targeting keys by segment, as the book has them.
    pub(super) segments: Arc<BTreeMap<String, HashSet<String>>>,
    /// The watched file's flags.
    pub(super) file: Option<Arc<FileFlags>>,
}

impl Memory {
    /// Whether `book` says more than what is known. The database wins over the state file, whatever the revisions.
    pub(super) fn is_older_than(&self, book: &FlagBook) -> bool {
        match &self.known.book {
            Some(known) if self.is_confirmed && known.database_id == book.database_id => known.revision < book.revision,
            _ => true,
        }
    }

    /// Takes over what the database says. Kills that another database never took are not this one's.
    pub(super) fn learn(&mut self, book: FlagBook) {
        let is_other = self.known.book.as_ref().is_some_and(|known| known.database_id != book.database_id);
        if is_other {
            self.known.pending_kills.clear();
        }
        self.is_confirmed = true;
        self.segments = Arc::new(members(&book));
        self.known.book = Some(book);
    }

    /// Takes over what the last process knew.
    pub(super) fn remember(&mut self, known: LastKnown) {
        self.segments = Arc::new(known.book.as_ref().map(members).unwrap_or_default());
        self.known = known;
    }

    /// The flags that are off by a kill. Without any knowledge the server's own flags are off: nobody can say that they
    /// were not killed.
    pub(super) fn killed(&self) -> BTreeSet<String> {
        let pending = self.known.pending_kills.keys().cloned();
        match &self.known.book {
            Some(book) => {
                let stored = book.states.iter().filter(|state| state.killed).map(|state| state.key.clone());
                pending.chain(stored).collect()
            }
            None => pending.chain(flags::SEEDED.into_iter().map(|own| own.key.to_owned())).collect(),
        }
    }

    /// The revision of what is known; 0 without a book.
    pub(super) fn revision(&self) -> i64 {
        self.known.book.as_ref().map_or(0, |book| book.revision)
    }
}

fn members(book: &FlagBook) -> BTreeMap<String, HashSet<String>> {
    let segments = book.segments.iter();
    segments.map(|one| (one.segment.clone(), one.targeting_keys.iter().cloned().collect())).collect()
}
