//! Every SQL text of the crate is a constant in one list, so that a test can prepare all of them on both databases.

/// A statement of one module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    /// Module and constant, as in `lots::INSERT`.
    pub(crate) name: &'static str,
    /// The text. Its parameters `$1`, `$2`, … appear for the first time in this order: SQLite numbers them by
    /// appearance, PostgreSQL by their digits.
    pub(crate) sql: &'static str,
}

/// Declares a module's statements and lists them in `STATEMENTS`.
macro_rules! statements {
    ($module:literal; $($name:ident = $sql:expr;)+) => {
        $(const $name: &str = $sql;)+
        pub(crate) const STATEMENTS: &[$crate::statements::Statement] = &[
            $($crate::statements::Statement { name: concat!($module, "::", stringify!($name)), sql: $name },)+
        ];
    };
}
pub(crate) use statements;

/// All statements of all modules.
pub(crate) fn all() -> impl Iterator<Item = Statement> {
    [
        crate::audit::STATEMENTS,
        crate::clock_floor::STATEMENTS,
        crate::companies::STATEMENTS,
        crate::events::STATEMENTS,
        crate::exit_cases::STATEMENTS,
        crate::feedback::STATEMENTS,
        crate::flag_changes::STATEMENTS,
        crate::flag_definitions::STATEMENTS,
        crate::flag_opt_outs::STATEMENTS,
        crate::flag_revision::STATEMENTS,
        crate::flag_set::STATEMENTS,
        crate::flag_state::STATEMENTS,
        crate::flag_usage::STATEMENTS,
        crate::flag_users::STATEMENTS,
        crate::funds::STATEMENTS,
        crate::idempotency::STATEMENTS,
        crate::investments::STATEMENTS,
        crate::invitations::STATEMENTS,
        crate::jobs::STATEMENTS,
        crate::leases::STATEMENTS,
        crate::legacy_moic::STATEMENTS,
        crate::lots::STATEMENTS,
        crate::migrations::STATEMENTS,
        crate::people::STATEMENTS,
        crate::portfolio::STATEMENTS,
        crate::replicas::STATEMENTS,
        crate::rollout_evidence::STATEMENTS,
        crate::rollout_proof::STATEMENTS,
        crate::rollout_records::STATEMENTS,
        crate::rollouts::STATEMENTS,
        crate::segments::STATEMENTS,
        crate::sessions::STATEMENTS,
        crate::settings::STATEMENTS,
        crate::sign_in_attempts::STATEMENTS,
        crate::snapshot_results::STATEMENTS,
        crate::snapshots::STATEMENTS,
        crate::support_tickets::STATEMENTS,
        crate::tokens::STATEMENTS,
    ]
    .into_iter()
    .chain(crate::imports::all_statements())
    .flatten()
    .copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{StoreOptions, connection::sqlite, migrations};

    /// Tables that are small, or read as a whole on purpose; and indexes of the few rows that a condition names.
    const MAY_BE_SCANNED: &[&str] = &[
        "rollouts::RUNNING",
        "rollouts::OBSERVED",
        "flag_users::COUNT",
        // What people have said in a month, by person.
        "feedback::COUNT",
        // A list that came with the statement.
        "flag_users::SEE",
        "rollout_evidence::SEE_USERS",
        // Jobs that are done are gone: there are as many as wait.
        "jobs::OLDEST",
        "flag_state::LIST",
        "flag_definitions::ALL",
        "flag_usage::ALL",
        "segments::EVERY_MEMBER",
        // All that are good, of few.
        "tokens::GOOD",
        "migrations::",
        "audit::LAST",
    ];

    /// The plan of an INSERT also lists what SQLite would look up if a foreign key had been violated before it in the same
    /// transaction, which immediate constraints exclude.
    const NEVER_REACHED: &[&str] = &["companies::INSERT", "people::INSERT"];

    /// Claiming and completing a snapshot, listing a page, reading a company: each costs the same however much is stored
    /// beside it.
    #[test]
    fn no_statement_reads_a_whole_table() {
        let folder = tempfile::tempdir().unwrap();
        let connection = sqlite::open_writer(&folder.path().join("plans.db"), &StoreOptions::default()).unwrap();
        migrations::on_sqlite(&connection, migrations::LATEST_VERSION).unwrap();
        let mut scans = Vec::new();
        let exempt =
            |name: &str| MAY_BE_SCANNED.iter().any(|exempt| name.starts_with(exempt)) || NEVER_REACHED.contains(&name);
        for statement in all().filter(|statement| !exempt(statement.name)) {
            let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", statement.sql)).unwrap();
            let steps = plan.raw_query().mapped(|row| row.get::<_, String>(3)).collect::<Result<Vec<_>, _>>().unwrap();
            if steps.iter().any(|step| step.starts_with("SCAN ") || step.contains("TEMP B-TREE")) {
                scans.push(format!("{}: {steps:?}", statement.name));
            }
        }
        assert!(scans.is_empty(), "{scans:#?}");
    }
}
