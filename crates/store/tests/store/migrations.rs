use std::collections::BTreeMap;

use store::{
    DatabaseUrl, StoreError,
    migrations::{self, LATEST_VERSION},
};

use crate::{database::TestDatabase, story::*};

/// Rows for every table that a schema version brought, as a program of that time would have written them.
fn rows_of(version: i64) -> &'static [(&'static str, &'static str)] {
    match version {
        1 => &[
            (
                "funds",
                "INSERT INTO funds (name, currency, revision, version, created_at, updated_at) VALUES ('Old fund', 'USD', 1, 1, 5, 5)",
            ),
            (
                "fund_versions",
                "INSERT INTO fund_versions (fund_id, version, recorded_at, name, currency) VALUES (1, 1, 5, 'Old fund', 'USD')",
            ),
            (
                "companies",
                "INSERT INTO companies (fund_id, name, status, version, created_at, updated_at) VALUES (1, 'Old', 'active', 1, 5, 5)",
            ),
            (
                "company_versions",
                "INSERT INTO company_versions (company_id, version, fund_id, recorded_at, name, status) VALUES (1, 1, 1, 5, 'Old', 'active')",
            ),
            (
                "investments",
                "INSERT INTO investments (fund_id, company_id, round, investment_date, amount_cents, version, recorded_at, created_at, updated_at) VALUES (1, 1, 'Seed', '2020-01-01', 100, 1, 5, 5, 5)",
            ),
            (
                "lots",
                "INSERT INTO lots (id, fund_id, company_id, investment_id, lot_type, instrument, share_class, purchase_date, shares, share_price_cents, cost_cents, version, recorded_at, created_at, updated_at) VALUES ('01900000-0000-7000-8000-000000000001', 1, 1, 1, 'initial', 'equity', 'PS', '2020-01-01', '10', '10', 100, 1, 5, 5, 5)",
            ),
            (
                "lot_versions",
                "INSERT INTO lot_versions (fund_id, company_id, lot_id, version, recorded_at, lot_type, instrument, share_class, purchase_date, shares, share_price_cents, cost_cents) VALUES (1, 1, '01900000-0000-7000-8000-000000000001', 1, 5, 'initial', 'equity', 'PS', '2020-01-01', '10', '10', 100)",
            ),
            (
                "events",
                "INSERT INTO events (id, fund_id, company_id, effective_date, type, body, recorded_at) VALUES ('01900000-0000-7000-8000-000000000002', 1, 1, '2021-01-01', 'mark', '{\"type\":\"mark\",\"date\":\"2021-01-01\",\"shareClass\":\"PS\",\"sharePriceCents\":\"30\"}', 5)",
            ),
            (
                "exit_case_sets",
                "INSERT INTO exit_case_sets (fund_id, company_id, version, recorded_at, body) VALUES (1, 1, 1, 5, '[]')",
            ),
        ],
        2 => &[
            (
                "snapshots",
                "INSERT INTO snapshots (id, fund_id, name, as_of, known_at, status, progress_current, progress_total, inputs_hash, engine_version, cached, version, created_at, updated_at) VALUES ('01900000-0000-7000-8000-000000000003', 1, 'Old', '2022-01-01', 9, 'complete', 1, 1, 'sha256:x', '0', 0, 1, 9, 9)",
            ),
            (
                "snapshot_results",
                "INSERT INTO snapshot_results (inputs_hash, engine_version, body, created_at) VALUES ('sha256:x', '0', '{}', 9)",
            ),
            (
                "jobs",
                "INSERT INTO jobs (kind, subject, state, attempt, attempts_max, run_at, progress_current, progress_total, created_at, updated_at) VALUES ('snapshot', 'x', 'dead', 5, 5, 9, 0, 0, 9, 9)",
            ),
        ],
        3 => &[
            ("people", "INSERT INTO people (name, version, created_at, updated_at) VALUES ('Ada', 1, 5, 5)"),
            (
                "tokens",
                "INSERT INTO tokens (name, secret_hash, person_id, role, created_at) VALUES ('t', 'h', 1, 'viewer', 5)",
            ),
            (
                "login_tokens",
                "INSERT INTO login_tokens (secret_hash, person_id, role, created_at, expires_at) VALUES ('l', 1, 'viewer', 5, 6)",
            ),
            (
                "sessions",
                "INSERT INTO sessions (secret_hash, person_id, role, created_at, expires_at) VALUES ('s', 1, 'viewer', 5, 6)",
            ),
            (
                "idempotency_keys",
                "INSERT INTO idempotency_keys (scope, key, request_hash, status, body, created_at) VALUES ('s', 'k', 'h', 201, '{}', 5)",
            ),
        ],
        4 => &[
            ("flag_states", "INSERT INTO flag_states (key, killed, version) VALUES ('enableLotLevelMoic', 1, 1)"),
            ("settings", "INSERT INTO settings (key, value, version, updated_at) VALUES ('k', '1', 1, 5)"),
            (
                "audit_log",
                "INSERT INTO audit_log (sequence, at, actor, action, subject, details, previous_hash, hash) VALUES (1, 5, 'a', 'b', 'c', '{}', '', '')",
            ),
        ],
        6 => &[("tokens", "INSERT INTO tokens (name, secret_hash, role, created_at) VALUES ('o', 'oh', 'ofrep', 5)")],
        7 => &[
            (
                "flag_definitions",
                "INSERT INTO flag_definitions (key, definition, version, created_at, created_by, updated_at, updated_by) VALUES ('f', '{}', 1, 5, 'a', 5, 'a')",
            ),
            (
                "flag_definition_versions",
                "INSERT INTO flag_definition_versions (key, version, definition, archived, changed_at, changed_by) VALUES ('f', 1, '{}', 0, 5, 'a')",
            ),
            (
                "flag_set",
                "INSERT INTO flag_set (singleton, bucketing, version, updated_at, updated_by) VALUES (1, 'v2', 1, 5, 'a')",
            ),
            (
                "flag_set_versions",
                "INSERT INTO flag_set_versions (version, bucketing, changed_at, changed_by) VALUES (1, 'v2', 5, 'a')",
            ),
            (
                "segments",
                "INSERT INTO segments (key, name, version, created_at, created_by, updated_at, updated_by) VALUES ('s', 'S', 1, 5, 'a', 5, 'a')",
            ),
            (
                "segment_members",
                "INSERT INTO segment_members (segment_key, targeting_key, source, added_at, added_by) VALUES ('s', 'person:1', 'operator', 5, 'a')",
            ),
            (
                "flag_invitations",
                "INSERT INTO flag_invitations (id, flag_key, environment, expires_at, max_uses, uses, created_at, created_by) VALUES ('01900000-0000-7000-8000-000000000004', 'f', 'staging', 9, 1, 1, 5, 'a')",
            ),
            (
                "flag_invitation_redemptions",
                "INSERT INTO flag_invitation_redemptions (invitation_id, targeting_key, redeemed_at) VALUES ('01900000-0000-7000-8000-000000000004', 'person:1', 6)",
            ),
            (
                "flag_changes",
                "INSERT INTO flag_changes (id, flag_key, action, base_version, body, status, requested_at, requested_by) VALUES ('01900000-0000-7000-8000-000000000005', 'f', 'change', 1, '{}', 'pending', 5, 'a')",
            ),
            (
                "flag_usage",
                "INSERT INTO flag_usage (flag_key, variant, first_at, last_at, evaluations) VALUES ('f', 'on', 5, 6, 2)",
            ),
            (
                "flag_opt_outs",
                "INSERT INTO flag_opt_outs (flag_key, targeting_key, opted_out_at) VALUES ('f', 'person:1', 5)",
            ),
        ],
        12 => &[
            (
                "people",
                "INSERT INTO people (name, sign_in_name, role, funds, password_hash, password_changed_at, version, created_at, updated_at) VALUES ('Bob', 'bob', 'viewer', '1', '$argon2id$', 5, 1, 5, 5)",
            ),
            (
                "person_identities",
                "INSERT INTO person_identities (issuer, subject, person_id, created_at) VALUES ('https://a.example', 's', 1, 5)",
            ),
            (
                "sessions",
                "INSERT INTO sessions (secret_hash, person_id, role, method, created_at, expires_at, seen_at) VALUES ('s2', 1, 'viewer', 'password', 5, 6, 5)",
            ),
            (
                "sign_in_attempts",
                "INSERT INTO sign_in_attempts (key, failures, last_at, locked_until) VALUES ('k', 5, 5, 6)",
            ),
        ],
        _ => &[],
    }
}

/// Rows that the schema itself brings into a table.
fn seeded_rows(table: &str) -> i64 {
    // The database's id; the early adopters.
    i64::from(["settings", "segments"].contains(&table))
}

/// From the empty database to `version`, filling each schema with the rows of its time; then to the newest.
async fn upgrade_from(mut database: TestDatabase, version: i64) {
    let url = database.url().clone();
    let options = database.options().clone();
    let mut tables: BTreeMap<&str, i64> = BTreeMap::new();
    for (table, _) in (1..=version).flat_map(rows_of) {
        *tables.entry(table).or_insert_with(|| seeded_rows(table)) += 1;
    }
    for step in 1..=version {
        migrate(&url, &options, step).await.expect("the earlier schema");
        for (table, insert) in rows_of(step) {
            database.behind_the_back(insert).await.unwrap_or_else(|error| panic!("{table} of version {step}: {error}"));
        }
    }
    database.reopen().expect("the newest program opens it");
    assert_eq!(database.read(migrations::stored_version).await, LATEST_VERSION);
    for (table, rows) in tables {
        let stored = database.count(&format!("SELECT COUNT(*) FROM {table}")).await;
        assert_eq!(stored, rows, "{table} from version {version}");
    }
    if version >= 1 {
        let document = database
            .read(|tx| {
                let scope = store::portfolio::Scope::Fund;
                store::portfolio::document(tx, store::FundId(1), scope, date("2022-12-31"), at(0))
            })
            .await;
        let evaluation = moic::Portfolio::from_json(&document).expect("the engine reads it").evaluate().to_json();
        assert!(String::from_utf8_lossy(&evaluation).contains("3.00x"));
    }
}

async fn migrate(url: &DatabaseUrl, options: &store::StoreOptions, version: i64) -> Result<(), StoreError> {
    let (url, options) = (url.clone(), options.clone());
    tokio::task::spawn_blocking(move || migrations::migrate_up_to(&url, &options, version)).await.expect("it ends")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_is_upgraded_from_every_earlier_version_without_losing_a_row() {
    for version in 0..=LATEST_VERSION {
        upgrade_from(TestDatabase::sqlite(), version).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_is_upgraded_from_every_earlier_version_without_losing_a_row() {
    for version in 0..=LATEST_VERSION {
        upgrade_from(TestDatabase::postgres().await, version).await;
    }
}

on_both! {
    async fn opening_again_changes_nothing(database: TestDatabase) {
        database.write(|tx| position(tx, at(0)).map(|_| ())).await;
        database.reopen().expect("the database opens again");
        assert_eq!(database.count("SELECT COUNT(*) FROM funds").await, 1);
        assert_eq!(database.count("SELECT COUNT(*) FROM schema_migrations").await, LATEST_VERSION);
    }

    async fn a_newer_database_is_refused(database: TestDatabase) {
        database.reopen().expect("the database opens");
        database.close();
        let newer = "INSERT INTO schema_migrations (version, name, checksum) VALUES (99, 'from_the_future', 'x')";
        database.behind_the_back(newer).await.expect("a row of a newer program");
        let refused = database.reopen().expect_err("a newer schema is refused");
        assert!(matches!(&refused, StoreError::Unusable(message) if message.contains("from_the_future")), "{refused}");
    }

    async fn a_changed_migration_is_refused(database: TestDatabase) {
        database.reopen().expect("the database opens");
        database.close();
        let changed = "UPDATE schema_migrations SET checksum = 'x' WHERE version = 2";
        database.behind_the_back(changed).await.expect("the row of another program");
        let refused = database.reopen().expect_err("a changed schema is refused");
        assert!(matches!(&refused, StoreError::Unusable(message) if message.contains("version 2")), "{refused}");
    }

    async fn replicas_that_start_together_migrate_once(database: TestDatabase) {
        if matches!(database.url(), DatabaseUrl::Sqlite(_)) {
            // One process a file, and one store: there is nobody to start together with.
            return;
        }
        let (url, options) = (database.url().clone(), database.options().clone());
        let starts: Vec<_> = (0..4).map(|_| {
            let (url, options) = (url.clone(), options.clone());
            tokio::spawn(async move { migrate(&url, &options, LATEST_VERSION).await })
        }).collect();
        for start in starts {
            start.await.expect("the task ends").expect("the replica migrates or finds it done");
        }
        assert_eq!(database.count("SELECT COUNT(*) FROM schema_migrations").await, LATEST_VERSION);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn analysts_find_typed_views_on_postgres() {
    let mut database = TestDatabase::postgres().await;
    database
        .write(|tx| {
            let position = position(tx, at(0))?;
            lot(tx, position, at(1))?;
            event(tx, position, &mark("300", "2023-01-01"), at(2))?;
            snapshot(tx, position.fund, at(3)).map(|_| ())
        })
        .await;
    for view in ["funds", "companies", "investments", "lots", "events", "snapshots"] {
        assert_eq!(database.count(&format!("SELECT COUNT(*) FROM report_{view}")).await, 1, "report_{view}");
    }
    let typed = "SELECT COUNT(*) FROM report_lots WHERE cost = 2500.00 AND shares = 1000 AND pg_typeof(id) = 'uuid'::regtype \
        AND pg_typeof(created_at) = 'timestamptz'::regtype AND created_at = '2024-06-01T12:00:01Z'";
    assert_eq!(database.count(typed).await, 1);
}
