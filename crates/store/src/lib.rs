//! The keeper of Lotwise's data, and the only crate with SQL.
//!
//! All logic is written once, as synchronous functions over [`Transaction`], with one SQL text for SQLite and PostgreSQL.
//! [`Store::read`] and [`Store::write`] run such functions on dedicated database threads, so several of them compose in
//! one transaction: the business write, its idempotency record, its audit entry and the job it gives rise to are
//! committed together or not at all.
//!
//! Columns are TEXT and BIGINT only. Instants are microseconds since the Unix epoch, dates are `YYYY-MM-DD`, money is
//! integer cents, shares and prices are decimal text.

mod clock_floor;
mod connection;
mod database_id;
mod database_url;
mod document_check;
mod error;
mod flag_revision;
mod meter;
mod options;
mod page;
mod postgres_url;
mod row;
mod secret;
mod statements;
#[path = "store.rs"]
mod store_handle;
mod tls_settings;
mod transaction;
mod user_list;
mod words;

pub mod announcement;
pub mod audit;
pub mod backup;
pub mod companies;
pub mod events;
pub mod exit_cases;
pub mod feedback;
pub mod flag_book;
pub mod flag_changes;
pub mod flag_definitions;
pub mod flag_opt_outs;
pub mod flag_set;
pub mod flag_state;
pub mod flag_usage;
pub mod flag_users;
pub mod funds;
pub mod idempotency;
pub mod ids;
pub mod imports;
pub mod investments;
pub mod invitations;
pub mod jobs;
pub mod leases;
pub mod legacy_moic;
pub mod lots;
pub mod migrations;
pub mod people;
pub mod portfolio;
pub mod replicas;
pub mod rollout_evidence;
pub mod rollout_proof;
pub mod rollout_records;
pub mod rollouts;
pub mod segments;
pub mod sessions;
pub mod settings;
pub mod sign_in_attempts;
pub mod snapshot_results;
pub mod snapshots;
pub mod support_tickets;
pub mod tokens;

pub use moic::Problem;

pub use connection::CONCURRENCY;
pub use database_id::database_id;
pub use database_url::{DatabaseUrl, DatabaseUrlError};
pub use error::StoreError;
pub use ids::{
    CompanyId, EventId, FeedbackId, FlagChangeId, FundId, ImportId, InvestmentId, InvitationId, JobId, LotId, PersonId,
    RolloutId, RolloutRecordId, SnapshotId, SupportTicketId, TokenId,
};
pub use meter::{Access, Load, Meter, ThreadLoad};
pub use options::StoreOptions;
pub use page::{Cursor, CursorError, Limit, LimitError, Listing, Page};
pub use secret::Secret;
pub use store_handle::Store;
pub use transaction::{Transaction, prepare_all};
pub use user_list::UserHash;
pub use words::UnknownWord;
