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
        crate::flag_state::STATEMENTS,
        crate::funds::STATEMENTS,
        crate::idempotency::STATEMENTS,
        crate::investments::STATEMENTS,
        crate::jobs::STATEMENTS,
        crate::legacy_moic::STATEMENTS,
        crate::lots::STATEMENTS,
        crate::migrations::STATEMENTS,
        crate::people::STATEMENTS,
        crate::portfolio::STATEMENTS,
        crate::sessions::STATEMENTS,
        crate::settings::STATEMENTS,
        crate::snapshot_results::STATEMENTS,
        crate::snapshots::STATEMENTS,
        crate::tokens::STATEMENTS,
    ]
    .into_iter()
    .flatten()
    .copied()
}
