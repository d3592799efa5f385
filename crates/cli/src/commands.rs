//! One module a command.

pub mod moic;
