//! The threads that own the connections, and the requests they run.

pub(crate) mod postgres;
pub(crate) mod postgres_listener;
pub(crate) mod postgres_session;
mod postgres_tls;
mod postgres_tls_error;
mod postgres_values;
pub(crate) mod request;
pub(crate) mod sqlite;

pub use postgres_values::CONCURRENCY;
