//! One module a command.

pub mod config;
pub mod demo;
pub mod doctor;
pub mod flags;
pub mod moic;
pub mod rollout;
pub mod serve;
pub mod token;
