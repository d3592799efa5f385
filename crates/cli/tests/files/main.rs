//! `lotwise import` and `lotwise export` as their users meet them: the binary against running services and stopped
//! databases.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod crash;
#[path = "../service/mod.rs"]
#[expect(dead_code, reason = "other commands are tested with the same services")]
mod service;
mod story;
