//! One module a command.

pub mod backup;
pub mod config;
pub mod demo;
pub mod doctor;
pub mod export;
pub mod flags;
pub mod import;
pub mod migrate;
pub mod moic;
pub mod restore;
pub mod rollout;
pub mod serve;
pub mod token;
