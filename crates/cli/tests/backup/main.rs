//! `lotwise backup` and `lotwise restore` as their users meet them: the binary against running services and stopped
//! databases.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../../../store/tests/store/certificates.rs"]
#[expect(dead_code, reason = "other certificates are for the store's own tests")]
mod certificates;
mod damage;
#[path = "../../../store/tests/store/postgres_server.rs"]
#[expect(dead_code, reason = "other tests stop and start their servers")]
mod postgres_server;
#[path = "../service/mod.rs"]
#[expect(dead_code, reason = "other commands are tested with the same services")]
mod service;
mod story;
mod tls;
