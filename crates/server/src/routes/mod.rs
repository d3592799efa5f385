//! One file a resource. Each offers its routes in groups by what they need; [`crate::router`] puts the layers on.

pub(crate) mod client_state;
pub(crate) mod companies;
pub(crate) mod comparison;
pub(crate) mod events;
pub(crate) mod exit_cases;
pub(crate) mod export;
pub(crate) mod flag_changes;
pub(crate) mod flag_explanation;
pub(crate) mod flag_history;
pub(crate) mod flag_set;
pub(crate) mod flags;
pub(crate) mod funds;
pub(crate) mod health;
pub(crate) mod investments;
pub(crate) mod invitations;
pub(crate) mod legacy_moic;
pub(crate) mod lenses;
pub(crate) mod lots;
pub(crate) mod people;
pub(crate) mod segments;
pub(crate) mod session;
pub(crate) mod snapshot_events;
pub(crate) mod snapshots;
pub(crate) mod tokens;
