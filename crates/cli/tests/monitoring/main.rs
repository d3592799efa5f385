//! The deployed alert rules and notifications, with a real Prometheus and a real Alertmanager, against a running service.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod documents;
mod evidence;
mod hurried;
mod programs;
mod receiver;
#[path = "../service/mod.rs"]
#[expect(dead_code, reason = "other commands are tested with the same services")]
mod service;
mod story;
mod traffic;
