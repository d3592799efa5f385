//! `lotwise flags` as its users meet it: the binary against running services, stopped databases and files.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod bad_input;
mod drill;
mod file;
#[path = "../../../store/tests/store/postgres_server.rs"]
#[expect(dead_code, reason = "each test of replicas has a server of its own")]
mod postgres_server;
mod service;
mod story;
