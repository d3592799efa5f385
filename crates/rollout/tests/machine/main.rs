//! The state machine of rollouts.md §2: its invariants over random sequences of events, and over an exhaustive walk of the
//! (bounded) state space; then its rules one by one.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken fixture fails the test")]

mod invariants;
mod random;
mod rules;
mod walk;
mod world;
