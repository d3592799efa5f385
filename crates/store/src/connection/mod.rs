//! The threads that own the connections, and the requests they run.

pub(crate) mod postgres;
pub(crate) mod request;
pub(crate) mod sqlite;
