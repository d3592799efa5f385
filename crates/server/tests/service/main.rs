//! The service as a client sees it: requests in, answers out, over a real SQLite file.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod app;

mod arbitrary;
mod authentication;
mod bad_input;
mod documentation;
mod guard;
mod idempotency;
mod lenses;
mod operation;
mod portfolio;
mod session;
mod snapshots;
