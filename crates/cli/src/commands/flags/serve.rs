//! `serve`: OFREP from a file alone, without a database.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use flags::Bucketing;
use server::{FlagFileError, FlagServer, FlagServerSettings};
use tokio::runtime::Runtime;

use crate::commands::serve::{listen, signal};
use crate::failure::Failure;
use crate::system_clock::SystemClock;

#[derive(clap::Args)]
pub struct Arguments {
    /// The flagd file, as JSON; it is watched for changes
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    /// What percentages are drawn by: v3, or v2 for files that were in use with older tools
    #[arg(long, value_name = "GENERATION", default_value_t)]
    bucketing: Bucketing,
    /// Port to listen on; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 8016)]
    port: u16,
    /// Address to listen on; anybody who reaches it may ask
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    listen: IpAddr,
    /// Requests a second that are answered; more are told to wait [default: no limit]
    #[arg(long, value_name = "N")]
    requests_per_second: Option<NonZeroU32>,
}

impl Arguments {
    /// Serves until it is told to stop by SIGINT or SIGTERM.
    pub fn run(&self) -> Result<(), Failure> {
        let settings = FlagServerSettings {
            file: self.file.clone(),
            bucketing: self.bucketing,
            requests_per_second: self.requests_per_second,
        };
        let runtime = Runtime::new().context("cannot start the asynchronous runtime")?;
        runtime.block_on(async {
            let server =
                FlagServer::open(&settings, Arc::new(SystemClock::start())).map_err(|error| refused(&error))?;
            let listener = listen(SocketAddr::new(self.listen, self.port)).await?;
            let address = listener.local_addr().context("the socket has no address")?;
            println!("Listening on http://{address}");
            let told = async {
                signal().await;
            };
            server::serve_flags(server, listener, told).await;
            Ok(())
        })
    }
}

fn refused(error: &FlagFileError) -> Failure {
    let hint = "lotwise flags lint --file names every problem; docs/reference/flags.md has the format".to_owned();
    Failure::bad_input(error.to_string(), hint)
}
