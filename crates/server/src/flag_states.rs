//! What this process knows about its flags: the switch it was started with and the stored state, ready to be asked by
//! every request without touching the database.

use flags::{Decision, EnvironmentSwitch, Flag, Override, StoredState, decide};
use tokio::sync::watch;

/// The state of the flags in this process. A kill or restore made here counts from the next request on; one made by
/// another replica from the next poll on.
pub(crate) struct FlagStates {
    lot_level_moic: EnvironmentSwitch,
    stored: watch::Sender<Stored>,
}

/// The stored state of `enableLotLevelMoic` with its version: an older reading never replaces a newer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) state: StoredState,
    pub(crate) version: i64,
}

impl FlagStates {
    pub(crate) fn new(lot_level_moic: EnvironmentSwitch, stored: Stored) -> Self {
        Self { lot_level_moic, stored: watch::Sender::new(stored) }
    }

    /// The environment switch of a flag in this process.
    pub(crate) fn switch(&self, flag: Flag<bool>) -> &EnvironmentSwitch {
        // There is one flag so far; the argument keeps callers honest about which one they ask for.
        debug_assert_eq!(flag.key(), flags::ENABLE_LOT_LEVEL_MOIC.key());
        &self.lot_level_moic
    }

    /// Kills at once, before the database has heard of it: a kill must not wait in the writer's queue or for a disk that
    /// is full. The next newer stored state takes its place.
    pub(crate) fn kill_here(&self) {
        self.stored.send_modify(|known| known.state.killed = true);
    }

    /// Takes over what the database says, unless something newer is known.
    pub(crate) fn learn(&self, stored: Stored) {
        self.stored.send_if_modified(|known| {
            let newer = stored.version > known.version;
            if newer {
                *known = stored;
            }
            newer
        });
    }

    /// Takes over what this process has just written, unless something newer is known: a restore that found nothing to
    /// change still ends a kill that was never stored.
    pub(crate) fn learn_written(&self, stored: Stored) {
        self.stored.send_modify(|known| {
            if stored.version >= known.version {
                *known = stored;
            }
        });
    }

    /// Decides about a flag for a caller with this wish.
    pub(crate) fn decide(&self, flag: Flag<bool>, wish: Override) -> Decision {
        decide(self.switch(flag), self.stored.borrow().state, wish)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(killed: bool, version: i64) -> Stored {
        Stored { state: StoredState { killed, default_value: true }, version }
    }

    #[test]
    fn a5_a_kill_in_this_process_waits_for_nobody_and_ends_with_the_next_stored_state() {
        let states = FlagStates::new(EnvironmentSwitch::On, stored(false, 1));
        states.kill_here();
        assert!(!states.decide(flags::ENABLE_LOT_LEVEL_MOIC, Override::None).enabled);
        states.learn(stored(false, 1));
        assert!(!states.decide(flags::ENABLE_LOT_LEVEL_MOIC, Override::None).enabled);
        states.learn(stored(false, 2));
        assert!(states.decide(flags::ENABLE_LOT_LEVEL_MOIC, Override::None).enabled);
        states.kill_here();
        states.learn_written(stored(false, 2));
        assert!(states.decide(flags::ENABLE_LOT_LEVEL_MOIC, Override::None).enabled);
    }

    #[test]
    fn a5_a_kill_counts_at_once_and_a_late_reading_does_not_undo_it() {
        let states = FlagStates::new(EnvironmentSwitch::On, stored(false, 1));
        assert!(states.decide(flags::ENABLE_LOT_LEVEL_MOIC, Override::None).enabled);
        states.learn(stored(true, 2));
        assert!(!states.decide(flags::ENABLE_LOT_LEVEL_MOIC, Override::None).enabled);
        states.learn(stored(false, 1));
        assert!(!states.decide(flags::ENABLE_LOT_LEVEL_MOIC, Override::None).enabled);
        states.learn(stored(false, 3));
        assert!(states.decide(flags::ENABLE_LOT_LEVEL_MOIC, Override::None).enabled);
    }
}
