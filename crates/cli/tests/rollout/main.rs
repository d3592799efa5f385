//! `lotwise rollout` as its users meet it: the binary against running services, stopped databases and files.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod bad_input;
mod crash;
mod paper;
#[path = "../service/mod.rs"]
#[expect(dead_code, reason = "other commands are tested with the same services")]
mod service;
mod story;
