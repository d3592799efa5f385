//! Guarded rollouts in the service: what is counted, how a decision is carried out, and how it is proven.
//!
//! The decisions are the `rollout` crate's. Here a step is taken in one transaction with everything that follows from it
//! (the flag, the audit log, the rollout's own row), so that a process that is killed leaves either all of it or nothing.

/// The lease of whoever controls rollouts.
pub(crate) const LEASE: &str = "rollout-controller";

pub(crate) mod act;
pub(crate) mod comparison;
pub(crate) mod due;
pub(crate) mod evidence;
pub(crate) mod faults;
pub(crate) mod flag_config;
pub(crate) mod integrity;
pub(crate) mod observation;
pub(crate) mod prometheus;
pub(crate) mod reading;
pub(crate) mod record;
pub(crate) mod replayed;
pub(crate) mod report;
pub(crate) mod start;
pub(crate) mod step;
pub(crate) mod view;
