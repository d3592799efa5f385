//! Three replicas of the service on one PostgreSQL database, under load: killed, cut off from their database, and restarted.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "whether a request keeps its deadline is told by a clock")]

mod bad_days;
mod broken;
mod fault_proxy;
mod load;
#[path = "../../../store/tests/store/postgres_server.rs"]
#[expect(dead_code, reason = "other tests stop and start their servers")]
mod postgres_server;
mod rolling;
#[path = "../service/mod.rs"]
#[expect(dead_code, reason = "other commands are tested with the same services")]
mod service;
