//! The store's tests: every story on SQLite and on PostgreSQL.
//!
//! PostgreSQL is the server that `LOTWISE_TEST_POSTGRES` names (a URL of somebody who may create databases), otherwise one
//! that the tests start from Debian's binaries and stop at their end.

#![expect(clippy::expect_used, clippy::panic, reason = "a test says what must hold by failing where it does not")]

#[macro_use]
mod database;
mod certificates;
mod postgres_server;
mod story;

mod access;
mod audit;
mod durability;
mod events;
mod first_schema;
mod flag_book;
mod flag_changes;
mod flag_definitions;
mod flag_notices;
mod flag_usage;
mod flags;
mod idempotency;
mod imports;
mod invitations;
mod jobs;
mod late_server;
mod leases;
mod legacy;
mod lots;
mod migrations;
mod outages;
mod portfolio;
mod reactions;
mod records;
mod rollouts;
mod segments;
mod snapshots;
mod statements;
mod tls;
