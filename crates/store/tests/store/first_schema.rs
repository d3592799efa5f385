//! A database of the first schema, kept as a program of that time left it, and the program of today.

use std::collections::BTreeMap;

use store::{
    CompanyId, DatabaseUrl, FundId, LotId, Page, StoreError, audit, companies, flag_state, funds,
    lots::{self, LotFilter},
    migrations::{self, LATEST_VERSION},
    portfolio::{self, Scope},
    snapshots, tokens,
};

use crate::{database::TestDatabase, story::*};

/// Version of the kept databases.
const FIRST_VERSION: i64 = 4;

/// The tables of that time and how many rows the kept database has in each.
const ROWS: [(&str, i64); 20] = [
    ("funds", 1),
    ("fund_versions", 2),
    ("companies", 2),
    ("company_versions", 2),
    ("investments", 3),
    ("lots", 3),
    ("lot_versions", 4),
    ("events", 3),
    ("exit_case_sets", 2),
    ("snapshots", 1),
    ("snapshot_results", 1),
    ("jobs", 1),
    ("people", 1),
    ("tokens", 1),
    ("login_tokens", 1),
    ("sessions", 1),
    ("idempotency_keys", 1),
    ("flag_states", 1),
    ("audit_log", 3),
    ("clock_floor", 1),
];

async fn keep(database: &mut TestDatabase) {
    let kept = match database.url() {
        DatabaseUrl::Sqlite(_) => include_str!("first_schema/sqlite.sql"),
        DatabaseUrl::Postgres(_) => include_str!("first_schema/postgres.sql"),
    };
    database.behind_the_back(kept).await.expect("the kept database is made");
}

async fn rows(database: &mut TestDatabase) -> BTreeMap<&'static str, i64> {
    let mut rows = BTreeMap::new();
    for (table, _) in ROWS {
        rows.insert(table, database.count(&format!("SELECT COUNT(*) FROM {table}")).await);
    }
    rows
}

/// The document of the kept fund, and what the engine makes of it.
async fn evaluated(database: &mut TestDatabase) -> String {
    let document = database
        .read(|tx| portfolio::document(tx, FundId(1), Scope::Fund, date("2022-12-31"), at(i64::from(u32::MAX))))
        .await;
    let portfolio = moic::Portfolio::from_json(&document).expect("the engine reads what is exported");
    String::from_utf8(portfolio.evaluate().to_json()).expect("UTF-8")
}

async fn migrate(database: &mut TestDatabase, version: i64) -> Result<(), StoreError> {
    let (url, options) = (database.url().clone(), database.options().clone());
    tokio::task::spawn_blocking(move || migrations::migrate_up_to(&url, &options, version)).await.expect("it ends")
}

on_both! {
    async fn everything_of_a_database_of_the_first_schema_is_there_today(database: TestDatabase) {
        keep(&mut database).await;
        database.reopen().expect("the program of today opens it");
        assert_eq!(database.read(migrations::stored_version).await, LATEST_VERSION);
        assert_eq!(rows(&mut database).await, BTreeMap::from(ROWS));
        let fund = database.read(|tx| funds::get(tx, FundId(1))).await;
        assert_eq!((fund.name.as_str(), fund.version, fund.committed_cents), ("Cedar Ridge Ventures I", 2, Some(12_500_000_000)));
        let company = database.read(|tx| companies::get(tx, FundId(1), CompanyId(2))).await;
        assert_eq!(company.name, "Müller & Söhne's Bäckerei");
        let lots = database.read(|tx| lots::list(tx, FundId(1), &LotFilter::default(), &Page::default())).await.items;
        let note = lots.iter().find(|lot| lot.terms.instrument == lots::Instrument::Note).expect("the note");
        assert_eq!((lots.len(), note.terms.cost_cents), (3, 25_000_000));
        assert_eq!(database.read(audit::verify).await, None, "the audit log is as it was written");
        let killed = database.read(|tx| flag_state::get(tx, "enableLotLevelMoic")).await;
        assert!(killed.killed, "what was killed stays killed");
        let token = database.read(|tx| tokens::authenticate(tx, "an old secret", at(0))).await;
        assert_eq!(token.map(|token| token.grant.funds), Some(Some(vec![FundId(1)])), "an old token still opens");
        let snapshots = database.read(|tx| snapshots::list(tx, FundId(1), None, &Page::default())).await;
        assert_eq!(snapshots.items[0].name, "Year end 2022");
        // The example of the specification, AlphaTech: the corrected lot, the corrected mark, the second set of cases.
        let lenses = evaluated(&mut database).await;
        assert!(lenses.contains("\"1.75x\""), "{lenses}");

        // And it is written to like any other.
        let lot: LotId = "0199f1a0-0000-7000-8000-000000000001".parse().expect("an id");
        let investment = database.read(move |tx| lots::get(tx, lot)).await.investment_id;
        database.write(move |tx| lots::create(tx, FundId(1), &new_lot(investment, equity(), at(0))?, at(0)).map(|_| ())).await;
        database.write(|tx| {
            let entry = audit::NewEntry { actor: "a", action: "b", subject: "c", fund_id: None, details: "{}" };
            audit::append(tx, &entry, at(0)).map(|_| ())
        }).await;
        assert_eq!(database.read(audit::verify).await, None);
    }

    async fn a_migration_that_fails_half_way_changes_nothing_and_says_what_to_do(database: TestDatabase) {
        keep(&mut database).await;
        // Somebody's own table has the name of one of the middle of a later step.
        database.behind_the_back("CREATE TABLE segments (theirs TEXT)").await.expect("a table of somebody else");
        let failed = database.reopen().expect_err("the step cannot be taken");
        let StoreError::Unusable(message) = &failed else { panic!("{failed:?}") };
        for part in ["stays at schema version 4", "step 7 (flags)", "segments", "start again"] {
            assert!(message.contains(part), "{part}: {message}");
        }
        // Not even the tables that came before the failure are there; the program of that time goes on with its data.
        assert_eq!(database.count("SELECT MAX(version) FROM schema_migrations").await, FIRST_VERSION);
        assert_eq!(rows(&mut database).await, BTreeMap::from(ROWS));
        assert!(database.behind_the_back("SELECT * FROM flag_definitions").await.is_err(), "nothing of the step is there");
        migrate(&mut database, FIRST_VERSION).await.expect("the program of that time opens it");
        database.behind_the_back("UPDATE funds SET name = 'Still writable'").await.expect("and writes");

        database.behind_the_back("DROP TABLE segments").await.expect("what was in the way is mended");
        database.reopen().expect("the second attempt succeeds");
        assert_eq!(database.read(|tx| funds::get(tx, FundId(1))).await.name, "Still writable");
        assert_eq!(rows(&mut database).await, BTreeMap::from(ROWS));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_is_full_during_the_migration_leaves_sqlite_as_it_was() {
    let mut database = TestDatabase::sqlite();
    keep(&mut database).await;
    let pages = database.count("PRAGMA page_count").await;
    database.options().sqlite_pages_max = Some(u32::try_from(pages).expect("a small file") + 3);
    let full = database.reopen().expect_err("there is no room for the new schema");
    assert!(matches!(&full, StoreError::Full(message) if message.contains("stays at schema version 4")), "{full}");
    assert_eq!(rows(&mut database).await, BTreeMap::from(ROWS));
    migrate(&mut database, FIRST_VERSION).await.expect("the program of that time opens it");
    database.options().sqlite_pages_max = None;
    database.reopen().expect("with more room it goes on");
    assert_eq!(rows(&mut database).await, BTreeMap::from(ROWS));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_is_full_during_the_migration_leaves_postgres_as_it_was() {
    let mut database = TestDatabase::postgres().await;
    keep(&mut database).await;
    // What a server says whose disk is full, at the fifth step.
    let full = "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS \
        $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$; \
        CREATE TRIGGER full_disk BEFORE INSERT ON schema_migrations FOR EACH ROW WHEN (NEW.version > 8) EXECUTE FUNCTION full_disk()";
    database.behind_the_back(full).await.expect("the trigger is made");
    let refused = database.reopen().expect_err("there is no room for the new schema");
    assert!(
        matches!(&refused, StoreError::Full(message) if message.contains("stays at schema version 4")),
        "{refused}"
    );
    assert_eq!(database.count("SELECT MAX(version) FROM schema_migrations").await, FIRST_VERSION);
    assert_eq!(rows(&mut database).await, BTreeMap::from(ROWS));
    database.behind_the_back("DROP TRIGGER full_disk ON schema_migrations").await.expect("the disk has room again");
    database.reopen().expect("it goes on");
}
