//! `lotwise flags` as its users meet it: the binary against running services, stopped databases and files.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod bad_input;
#[path = "../../../store/tests/store/certificates.rs"]
#[expect(dead_code, reason = "other certificates are for the store's own tests")]
mod certificates;
mod drill;
mod file;
mod gate;
mod https;
mod outage;
#[path = "../../../store/tests/store/postgres_server.rs"]
#[expect(dead_code, reason = "each test has a server of its own, to stop and start")]
mod postgres_server;
#[path = "../service/mod.rs"]
#[expect(dead_code, reason = "other commands are tested with the same services")]
mod service;
mod story;
