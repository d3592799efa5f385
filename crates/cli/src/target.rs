//! Where a command acts: on a running server, or on the database of a stopped one.

use crate::failure::Failure;

/// Options that name the place.
#[derive(clap::Args)]
pub struct Target {
    /// A running server [env: LOTWISE_SERVER]; LOTWISE_TOKEN is the token presented to it
    #[arg(long, value_name = "URL", global = true, conflicts_with = "database")]
    server: Option<String>,
    /// The database of a stopped server: sqlite:PATH or postgres://…
    #[arg(long, value_name = "URL", global = true)]
    database: Option<String>,
}

/// The place a command acts on.
pub enum Location {
    /// The address of a running server.
    Server(String),
    /// The URL of a stopped server's database.
    Database(String),
}

impl Target {
    /// The place that was named, on the command line or by `LOTWISE_SERVER`.
    pub fn location(&self) -> Result<Location, Failure> {
        if let Some(database) = &self.database {
            return Ok(Location::Database(database.clone()));
        }
        let from_environment = || std::env::var("LOTWISE_SERVER").ok();
        self.server.clone().or_else(from_environment).map(Location::Server).ok_or_else(|| {
            Failure::bad_input(
                "neither a server nor a database is named",
                "add --server URL (with LOTWISE_TOKEN) for a running server, or --database URL for a stopped one"
                    .to_owned(),
            )
        })
    }
}
