use store::flag_state::{self, FlagState};

use crate::{database::TestDatabase, story::*};

const FLAG: &str = "enableLotLevelMoic";

on_both! {
    async fn a_kill_is_recorded_and_survives_a_restart(database: TestDatabase) {
        assert_eq!(database.read(|tx| flag_state::get(tx, FLAG)).await, FlagState::untouched(FLAG));
        let killed = database.write(|tx| flag_state::kill(tx, FLAG, "person:1", "wrong numbers", at(1))).await;
        assert!(killed.changed && killed.state.killed);
        database.reopen().expect("the database opens again");
        let stored = database.read(|tx| flag_state::get(tx, FLAG)).await;
        assert_eq!(stored, killed.state);
        assert_eq!(
            (stored.reason.as_deref(), stored.changed_by.as_deref(), stored.changed_at),
            (Some("wrong numbers"), Some("person:1"), Some(at(1)))
        );
    }

    async fn repeating_a_kill_or_a_restore_changes_nothing(database: TestDatabase) {
        assert!(!database.write(|tx| flag_state::restore(tx, FLAG, "person:1", "?", at(0))).await.changed);
        let first = database.write(|tx| flag_state::kill(tx, FLAG, "person:1", "a", at(1))).await;
        let second = database.write(|tx| flag_state::kill(tx, FLAG, "person:2", "b", at(2))).await;
        assert!(!second.changed);
        assert_eq!(second.state, first.state, "the first kill's reason stays");
        let restored = database.write(|tx| flag_state::restore(tx, FLAG, "person:2", "mended", at(3))).await;
        assert!(restored.changed && !restored.state.killed);
        assert_eq!(restored.state.version, 2);
    }

    async fn the_default_variant_is_kept_beside_the_kill(database: TestDatabase) {
        database.write(|tx| flag_state::kill(tx, FLAG, "person:1", "a", at(1)).map(|_| ())).await;
        let set = database.write(|tx| flag_state::set_default_variant(tx, FLAG, Some("off"), "rollout:7", at(2))).await;
        assert!(set.killed);
        assert_eq!((set.changed_by.as_deref(), set.changed_at), (Some("person:1"), Some(at(1))), "who killed it");
        assert_eq!(set.default_variant.as_deref(), Some("off"));
        assert_eq!(database.read(flag_state::all).await, [set]);
    }
}
