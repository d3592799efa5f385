use crate::database::TestDatabase;

on_both! {
    async fn every_statement_of_the_crate_is_prepared(database: TestDatabase) {
        let count = database.read(store::prepare_all).await;
        assert!(count > 120, "only {count} statements are registered");
    }
}
