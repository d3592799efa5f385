//! The flags of this process, ready to be asked by every request without touching the database: what the database, a
//! watched file and the environment say, compiled, and the kills that act here at once.

mod document;
mod memory;
mod opt_outs;
mod state_file;
mod usage;

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use flags::{EnvironmentSwitch, FlagSet, LoadError, Loaded, OwnFlag, Problem, Switchboard};
use store::announcement::Announced;
use store::flag_book::FlagBook;
use store::rollouts::{ObservedRollout, Observes};
use tokio::sync::watch;

pub(crate) use document::{Document, FileFlags, Members, Source, members, unique_names, written};
pub(crate) use memory::{LastKnown, PendingKill};
pub(crate) use opt_outs::{OptOuts, Seen};
pub(crate) use state_file::StateFile;
pub use state_file::state_files;
pub(crate) use usage::UsageCounts;

use memory::Memory;

/// The environment switches of the server's own flags, by key.
pub(crate) type Switches = HashMap<&'static str, EnvironmentSwitch>;

/// What is known at one moment: what decides about flags, and the rollouts that requests are counted for. Together, so
/// that a request counts for the entry whose flag it was decided by.
#[derive(Debug)]
pub(crate) struct Published {
    board: Switchboard,
    rollouts: Vec<ObservedRollout>,
    announcement: Option<Announced>,
}

impl Published {
    /// The rollout of a flag that requests are counted for.
    pub(crate) fn observed(&self, flag_key: &str) -> Option<&ObservedRollout> {
        self.rollouts.iter().rev().find(|rollout| rollout.flag_key == flag_key && rollout.observes != Observes::Nothing)
    }

    /// What everyone is told beside their flags.
    pub(crate) fn announcement(&self) -> Option<&Announced> {
        self.announcement.as_ref()
    }

    /// Every rollout that is observed, or that replicas have to say about what they have.
    pub(crate) fn rollouts(&self) -> &[ObservedRollout] {
        &self.rollouts
    }
}

impl Deref for Published {
    type Target = Switchboard;

    fn deref(&self) -> &Switchboard {
        &self.board
    }
}

/// The flags of this process.
pub(crate) struct LiveFlags {
    board: ArcSwap<Published>,
    /// The revision of what is published; told at each publication.
    changes: watch::Sender<u64>,
    /// Held for moments only, so that a kill never waits for a compilation or a disk.
    memory: Mutex<Memory>,
    /// Held while definitions are compiled: one after the other, in the order they are published.
    compiling: Mutex<()>,
    /// What the state file holds, as a count of changes; held while it is written.
    saved: Mutex<u64>,
    switches: Switches,
    unsigned_opt_in: bool,
    state_file: Option<StateFile>,
    /// What is wrong with the last edit of the watched file.
    file_fault: Mutex<Option<String>>,
    /// Whether the database was away when the flags were last to be read.
    is_behind: AtomicBool,
    usage: UsageCounts,
}

impl LiveFlags {
    /// The flags of a process that knows nothing yet: its own are off.
    pub(crate) fn new(switches: Switches, unsigned_opt_in: bool, state_file: Option<StateFile>) -> Self {
        let nothing = Switchboard {
            set: Arc::new(FlagSet::empty(flags::Bucketing::default())),
            switches: switches.clone(),
            killed: Memory::default().killed(),
            segments: Arc::default(),
            unsigned_opt_in,
        };
        let live = Self {
            board: ArcSwap::from_pointee(Published { board: nothing, rollouts: Vec::new(), announcement: None }),
            changes: watch::Sender::new(0),
            memory: Mutex::default(),
            compiling: Mutex::new(()),
            saved: Mutex::new(0),
            switches,
            unsigned_opt_in,
            state_file,
            file_fault: Mutex::default(),
            is_behind: AtomicBool::new(false),
            usage: UsageCounts::default(),
        };
        live.compile(&mut live.memory());
        live
    }

    /// What is known now, for one decision or for many that shall agree.
    pub(crate) fn switchboard(&self) -> arc_swap::Guard<Arc<Published>> {
        self.board.load()
    }

    /// Tells when flags may answer differently. The value is the database's revision, the same on all replicas.
    pub(crate) fn changed(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Counts an evaluation at `now_s` that gave this variant, or none.
    pub(crate) fn note_usage(&self, key: &str, variant: Option<&str>, now_s: i64) {
        self.usage.note(key, variant, now_s);
    }

    pub(crate) fn usage(&self) -> &UsageCounts {
        &self.usage
    }

    /// The revision the database has confirmed in this process; none before.
    pub(crate) fn confirmed_revision(&self) -> Option<i64> {
        let memory = self.memory();
        memory.is_confirmed.then(|| memory.revision())
    }

    /// What the database last said, and the watched file's flags.
    pub(crate) fn sources(&self) -> (Option<FlagBook>, Option<Arc<FileFlags>>) {
        let memory = self.memory();
        (memory.known.book.clone(), memory.file.clone())
    }

    /// The watched file's flags.
    pub(crate) fn file(&self) -> Option<Arc<FileFlags>> {
        self.memory().file.clone()
    }

    /// The kills that the database has not taken yet.
    pub(crate) fn pending_kills(&self) -> Vec<(String, PendingKill)> {
        self.memory().known.pending_kills.iter().map(|(key, kill)| (key.clone(), kill.clone())).collect()
    }

    /// The kill of a flag that the database has not taken yet.
    pub(crate) fn pending_kill(&self, key: &str) -> Option<PendingKill> {
        self.memory().known.pending_kills.get(key).cloned()
    }

    /// Kills at once, before the database has heard of it: a kill must not wait in the writer's queue or for a disk that
    /// is full. Of several that wait, the last one is stored: a rehearsal that lifts its own kill must not lift one that
    /// somebody meant meanwhile.
    pub(crate) fn kill_here(&self, key: &str, kill: PendingKill) {
        let mut memory = self.memory();
        memory.known.pending_kills.insert(key.to_owned(), kill);
        self.publish(&mut memory, None);
    }

    /// Forgets a kill that waits: the database has it, or it was taken back. Another kill that waits stays.
    pub(crate) fn settle_kill(&self, key: &str, kill: &PendingKill) {
        let mut memory = self.memory();
        if memory.known.pending_kills.get(key) == Some(kill) {
            memory.known.pending_kills.remove(key);
            self.publish(&mut memory, None);
        }
    }

    /// Takes over what the database says, unless something newer is known. Compiles definitions that have changed, so it
    /// may take a while.
    pub(crate) fn learn(&self, book: FlagBook) {
        let _turn = self.compiling.lock().unwrap_or_else(PoisonError::into_inner);
        let file = {
            let mut memory = self.memory();
            if !memory.is_older_than(&book) {
                return;
            }
            if memory.known.book.as_ref().is_some_and(|known| is_same_set(known, &book)) {
                memory.learn(book);
                return self.publish(&mut memory, None);
            }
            memory.file.clone()
        };
        let set = loaded(Some(&book), file.as_deref());
        let mut memory = self.memory();
        memory.learn(book);
        self.publish(&mut memory, set);
    }

    /// Takes over what the last process on this database knew, until the database says more.
    pub(crate) fn remember(&self, known: LastKnown) {
        let _turn = self.compiling.lock().unwrap_or_else(PoisonError::into_inner);
        let mut memory = self.memory();
        memory.remember(known);
        self.compile(&mut memory);
    }

    /// Takes over the flags of the watched file, however broken single ones are; all that is wrong is answered.
    ///
    /// # Errors
    /// When the file is no flagd document, and nothing changes.
    pub(crate) fn take_file(&self, bytes: &[u8]) -> Result<Vec<Problem>, LoadError> {
        let Loaded { problems, .. } = FlagSet::load(bytes, flags::Bucketing::default())?;
        self.put_file(FileFlags::parse(bytes)?);
        Ok(problems)
    }

    /// Takes over the flags of the watched file if nothing is wrong with them, nor with the whole set they make. False
    /// when they are the ones that are there.
    ///
    /// # Errors
    /// What is wrong; the last good flags stay.
    pub(crate) fn reload_file(&self, bytes: &[u8]) -> Result<bool, LoadError> {
        let file = FileFlags::parse(bytes)?;
        let (book, known) = self.sources();
        if known.is_some_and(|known| *known == file) {
            return Ok(false);
        }
        FlagSet::check(bytes, flags::Bucketing::default())?;
        // What is wrong with stored parts is no fault of the file, and is logged where they are loaded.
        if let Ok(document) = Document::new(book.as_ref(), Some(&file)) {
            document.check()?;
        }
        self.put_file(file);
        Ok(true)
    }

    fn put_file(&self, file: FileFlags) {
        let _turn = self.compiling.lock().unwrap_or_else(PoisonError::into_inner);
        let file = Arc::new(file);
        let (book, _) = self.sources();
        let set = loaded(book.as_ref(), Some(&file));
        let mut memory = self.memory();
        memory.file = Some(file);
        self.publish(&mut memory, set);
    }

    /// Keeps what is wrong with the last edit of the watched file, for whoever asks how the service is doing.
    pub(crate) fn set_file_fault(&self, fault: Option<String>) {
        *self.file_fault.lock().unwrap_or_else(PoisonError::into_inner) = fault;
    }

    /// What is wrong with the last edit of the watched file; none for a good one.
    pub(crate) fn file_fault(&self) -> Option<String> {
        self.file_fault.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes whether the flags could not be read from the database.
    pub(crate) fn set_behind(&self, is_behind: bool) {
        self.is_behind.store(is_behind, Ordering::Relaxed);
    }

    /// Whether the database was away when the flags were last to be read.
    pub(crate) fn is_behind(&self) -> bool {
        self.is_behind.load(Ordering::Relaxed)
    }

    /// What somebody should do about the server's own flags: kills that wait, and definitions that are broken.
    pub(crate) fn troubles(&self) -> Vec<String> {
        let waiting = self.pending_kills().into_iter().map(|(key, PendingKill { actor, at, .. })| {
            format!(
                "the kill of {key} by {actor} at {at} acts in this process only until the database is back: kill it at the \
                 other replicas, too"
            )
        });
        let board = self.switchboard();
        let is_broken = |own: &&&OwnFlag| board.set.get(own.key).is_some_and(flags::Definition::is_broken);
        let broken = flags::SEEDED.iter().filter(is_broken);
        let broken = broken.map(|own| format!("the definition of {} is broken, so it is off: mend it", own.key));
        waiting.chain(broken).collect()
    }

    /// Writes what is known to the state file, if it has changed since it was last written. Waits for the disk.
    pub(crate) fn save(&self) -> std::io::Result<()> {
        let Some(file) = &self.state_file else { return Ok(()) };
        let mut saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, known) = {
            let memory = self.memory();
            if *saved == memory.changes || memory.known == LastKnown::default() {
                return Ok(());
            }
            (memory.changes, memory.known.clone())
        };
        file.write(&known)?;
        *saved = count;
        Ok(())
    }

    /// Where the state file is.
    pub(crate) fn state_file(&self) -> Option<&StateFile> {
        self.state_file.as_ref()
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn compile(&self, memory: &mut Memory) {
        let set = loaded(memory.known.book.as_ref(), memory.file.as_deref());
        self.publish(memory, set);
    }

    /// Publishes what is known, with these definitions or with those that were published before.
    fn publish(&self, memory: &mut Memory, set: Option<FlagSet>) {
        memory.changes += 1;
        let before = self.board.load();
        let killed = memory.killed();
        for key in killed.difference(&before.killed) {
            tracing::warn!(flag = key, revision = memory.revision(), "the flag is killed in this process");
        }
        // Until the first flags are known everything is off, which is no kill that ends.
        for key in before.killed.difference(&killed).filter(|_| memory.changes > FIRST_CHANGES) {
            tracing::warn!(flag = key, revision = memory.revision(), "the flag is no longer killed in this process");
        }
        let board = Switchboard {
            set: set.map_or_else(|| Arc::clone(&before.set), Arc::new),
            switches: self.switches.clone(),
            killed,
            segments: Arc::clone(&memory.segments),
            unsigned_opt_in: self.unsigned_opt_in,
        };
        let rollouts = memory.known.book.as_ref().map(|book| book.rollouts.clone()).unwrap_or_default();
        let announcement = memory.known.book.as_ref().and_then(|book| book.announcement.clone());
        self.board.store(Arc::new(Published { board, rollouts, announcement }));
        self.changes.send_replace(u64::try_from(memory.revision()).unwrap_or(0));
    }
}

/// Publications until the flags are known: of nothing, then of what was read at the start.
const FIRST_CHANGES: u64 = 2;

fn is_same_set(known: &FlagBook, book: &FlagBook) -> bool {
    let defaults = |book: &FlagBook| -> Vec<(String, Option<String>)> {
        book.states.iter().map(|state| (state.key.clone(), state.default_variant.clone())).collect()
    };
    known.definitions == book.definitions && known.set == book.set && defaults(known) == defaults(book)
}

/// The compiled set; what is broken in it is logged. None for what makes no document, and for one that is too large:
/// neither can come from an edit.
fn loaded(book: Option<&FlagBook>, file: Option<&FileFlags>) -> Option<FlagSet> {
    let document = Document::new(book, file).map_err(|error| error.to_string());
    match document.and_then(|document| document.load().map_err(|error| error.to_string())) {
        Ok(Loaded { set, problems }) => {
            for problem in problems {
                tracing::error!(%problem, "a flag is broken and answers PARSE_ERROR");
            }
            Some(set)
        }
        Err(error) => {
            tracing::error!(error, "the flags cannot be loaded; the last good ones hold");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flags::{Asker, Decision};
    use jiff::Timestamp;
    use store::flag_set;
    use store::flag_state::FlagState;
    use uuid::Uuid;

    const FLAG: flags::Flag<bool> = flags::ENABLE_LOT_LEVEL_MOIC;

    fn live() -> LiveFlags {
        let switches = Switches::from([(FLAG.key(), EnvironmentSwitch::On)]);
        LiveFlags::new(switches, false, None)
    }

    fn book(revision: i64, killed: bool) -> FlagBook {
        let state = FlagState { killed, ..FlagState::untouched(FLAG.key()) };
        FlagBook {
            database_id: Uuid::from_u128(1),
            revision,
            definitions: Vec::new(),
            set: flag_set::FlagSet::untouched(),
            states: vec![state],
            segments: Vec::new(),
            rollouts: Vec::new(),
            announcement: None,
        }
    }

    fn kill() -> PendingKill {
        PendingKill { actor: "person:1".to_owned(), reason: "drill".to_owned(), at: Timestamp::UNIX_EPOCH }
    }

    fn decide(live: &LiveFlags) -> Decision {
        live.switchboard().decide(FLAG, Asker::default(), 0)
    }

    #[test]
    fn without_any_knowledge_the_servers_own_flags_are_off() {
        let live = live();
        assert!(!decide(&live).enabled && decide(&live).reason.is_kill());
        live.learn(book(1, false));
        assert!(decide(&live).enabled);
    }

    #[test]
    fn a5_a_kill_counts_at_once_and_a_late_reading_does_not_undo_it() {
        let live = live();
        live.learn(book(1, false));
        live.learn(book(3, true));
        assert!(!decide(&live).enabled);
        live.learn(book(2, false));
        assert!(!decide(&live).enabled);
        live.learn(book(4, false));
        assert!(decide(&live).enabled);
    }

    #[test]
    fn a5_a_kill_in_this_process_waits_for_nobody_and_ends_when_it_is_settled() {
        let live = live();
        live.learn(book(1, false));
        live.kill_here(FLAG.key(), kill());
        assert!(!decide(&live).enabled);
        live.learn(book(2, false));
        assert!(!decide(&live).enabled, "the database has not heard of it yet");
        let other = PendingKill { reason: "another drill".to_owned(), ..kill() };
        live.settle_kill(FLAG.key(), &other);
        assert!(!decide(&live).enabled, "that was another kill");
        live.settle_kill(FLAG.key(), &kill());
        assert!(decide(&live).enabled);
    }

    #[test]
    fn what_the_last_process_knew_holds_until_this_database_says_otherwise() {
        let known = |book| LastKnown { book: Some(book), pending_kills: [(FLAG.key().to_owned(), kill())].into() };
        let live = live();
        live.remember(known(book(9, false)));
        assert!(!decide(&live).enabled);
        live.learn(book(2, false));
        assert!(!decide(&live).enabled, "a kill that waits is this database's too, whatever its revision");
        let other = FlagBook { database_id: Uuid::from_u128(2), ..book(1, false) };
        live.remember(known(book(9, false)));
        live.learn(other);
        assert!(decide(&live).enabled && live.pending_kills().is_empty());
    }

    #[test]
    fn each_publication_is_told_with_the_databases_revision() {
        let live = live();
        let mut changed = live.changed();
        live.learn(book(7, false));
        assert!(changed.has_changed().unwrap());
        assert_eq!(*changed.borrow_and_update(), 7);
        live.kill_here(FLAG.key(), kill());
        assert!(changed.has_changed().unwrap());
        assert_eq!(*changed.borrow_and_update(), 7);
    }

    #[test]
    fn an_edit_of_the_file_that_is_broken_changes_nothing() {
        let file = |default: &str| {
            let flag =
                format!(r#"{{"state":"ENABLED","variants":{{"on":true,"off":false}},"defaultVariant":"{default}"}}"#);
            format!(r#"{{"flags":{{"checkout":{flag}}}}}"#)
        };
        let live = live();
        live.learn(book(1, false));
        let value = |live: &LiveFlags| {
            let board = live.switchboard();
            board.set.evaluate("checkout", &flags::Context::EMPTY, 0).result.unwrap().value.map(str::to_owned)
        };
        assert_eq!(live.take_file(file("off").as_bytes()), Ok(Vec::new()));
        for broken in [file("blue"), "{".to_owned(), "[]".to_owned(), r#"{"flags":3}"#.to_owned()] {
            assert!(live.reload_file(broken.as_bytes()).is_err(), "{broken}");
            assert_eq!(value(&live).as_deref(), Some("false"));
        }
        assert_eq!(live.reload_file(file("on").as_bytes()), Ok(true));
        assert_eq!(live.reload_file(file("on").as_bytes()), Ok(false));
        assert_eq!(value(&live).as_deref(), Some("true"));
    }
}
