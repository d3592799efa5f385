//! `status`: how a rollout stands, once or as it goes on.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use super::standing::Standing;
use super::which::Which;
use crate::failure::{Failure, output_failure};
use crate::place::Place;
use crate::system_clock;

/// How often a live view asks.
const REFRESH_INTERVAL: Duration = Duration::from_secs(1);
/// Cursor to the first line and column, everything below erased.
const CLEAR: &str = "\x1b[H\x1b[2J";

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    which: Which,
    /// Go on until the rollout ends: a live view on a terminal, a line for each change elsewhere
    #[arg(long)]
    watch: bool,
    #[command(flatten)]
    place: Place,
}

impl Arguments {
    pub fn run(&self) -> Result<(), Failure> {
        let api = self.place.api()?;
        let rollout = self.which.find(&api)?;
        if !self.watch {
            let standing = Standing::of(&rollout)?;
            return self.place.print(&rollout, |_, out| standing.write(system_clock::now(), out));
        }
        // The same one to its end, even if another is started meanwhile.
        let path = super::which::path_of(&rollout, "")?;
        let mut view = View { is_live: io::stdout().is_terminal() && !self.place.is_json(), last: String::new() };
        loop {
            match api.get(&path).and_then(|answer| answer.json()) {
                Ok(rollout) => {
                    let standing = Standing::of(&rollout)?;
                    view.show(&standing, self.place.is_json().then(|| rollout.to_string())).map_err(output_failure)?;
                    if standing.has_ended() {
                        return Ok(());
                    }
                }
                // A server that restarts is waited for: who watches wants to see what becomes of it.
                Err(failure @ Failure::Refused { .. }) => view.complain(&failure).map_err(output_failure)?,
                Err(failure) => return Err(failure),
            }
            std::thread::sleep(REFRESH_INTERVAL);
        }
    }
}

struct View {
    /// Whether a terminal is drawn on again and again.
    is_live: bool,
    last: String,
}

impl View {
    fn show(&mut self, standing: &Standing, json: Option<String>) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if self.is_live {
            let mut text = Vec::new();
            standing.write(system_clock::now(), &mut text)?;
            out.write_all(CLEAR.as_bytes())?;
            out.write_all(&text)?;
            return out.flush();
        }
        let line = json.unwrap_or_else(|| standing.line());
        if line != self.last {
            writeln!(out, "{line}")?;
            out.flush()?;
            self.last = line;
        }
        Ok(())
    }

    /// Says once that nothing can be seen now.
    fn complain(&mut self, failure: &Failure) -> io::Result<()> {
        let message = failure.message();
        if self.is_live || message != self.last {
            writeln!(io::stderr().lock(), "\n{message}; asking again")?;
            self.last = message;
        }
        Ok(())
    }
}
