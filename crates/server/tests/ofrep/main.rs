//! OFREP as its clients see it: from a file alone, and from the running service.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../service/app/mod.rs"]
#[expect(dead_code, unused_imports, reason = "what the tests of the service need beyond these")]
mod app;

mod arbitrary;
mod bad_input;
mod bulk;
mod cross_origin;
mod file_server;
mod rate_limit;
mod service;
mod single;
mod watching;
