//! The service as a client sees it: requests in, answers out, over a real SQLite file.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod analysis;
mod app;

mod access_matrix;
mod announcement;
mod arbitrary;
mod authentication;
mod bad_input;
mod documentation;
mod first_evaluation;
mod flag_guard;
mod flag_management;
mod flag_sources;
mod four_eyes;
mod guard;
mod idempotency;
mod imports;
mod invitations;
mod lenses;
mod metrics;
mod migration;
mod monitoring;
mod oidc;
mod operation;
mod portfolio;
#[path = "../../../store/tests/store/postgres_server.rs"]
#[expect(dead_code, reason = "each test of replicas has a server of its own to crash")]
mod postgres_server;
mod replicas;
mod reserves;
mod rollout_plans;
mod rollout_prometheus;
mod rollout_replicas;
mod rollouts;
mod segments;
mod session;
mod sign_in;
mod snapshots;
