//! `lotwise doctor`: looks at configuration, database, clock and flags, and says what to do.

mod flags;

use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;
use store::{DatabaseUrl, Store, StoreError, StoreOptions, audit, migrations};
use tokio::runtime::Runtime;

use crate::failure::{Failure, output_failure};
use crate::settings::{SettingArguments, Settings};
use crate::system_clock;

/// A clock before this day was never set: the product did not exist.
const EARLIEST_PLAUSIBLE: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// Check configuration, database, clock and flags, and say what to do.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    settings: SettingArguments,
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Good,
    Warning,
    Bad,
}

#[derive(Serialize)]
struct Finding {
    what: &'static str,
    verdict: Verdict,
    finding: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

impl Finding {
    fn good(what: &'static str, finding: impl Into<String>) -> Self {
        Self { what, verdict: Verdict::Good, finding: finding.into(), remedy: None }
    }

    fn warning(what: &'static str, finding: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what, verdict: Verdict::Warning, finding: finding.into(), remedy: Some(remedy.into()) }
    }

    fn bad(what: &'static str, finding: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what, verdict: Verdict::Bad, finding: finding.into(), remedy: Some(remedy.into()) }
    }
}

/// Prints the findings; fails when one of them is bad.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let findings = match Settings::read(&arguments.settings) {
        Ok(settings) => findings(&settings)?,
        Err(Failure::BadInput { message, hint, .. }) => {
            let remedy = hint.unwrap_or_else(|| "correct it and run lotwise doctor again".to_owned());
            vec![Finding::bad("configuration", message, remedy)]
        }
        Err(other) => return Err(other),
    };
    let bad = findings.iter().filter(|finding| finding.verdict == Verdict::Bad).count();
    print(&findings, arguments.json).map_err(output_failure)?;
    match bad {
        0 => Ok(()),
        count => Err(Failure::refused(format!("{count} bad finding(s)"), "each says what to do".to_owned())),
    }
}

fn findings(settings: &Settings) -> Result<Vec<Finding>, Failure> {
    let configuration = format!(
        "{}, listening on {}, {} snapshot worker(s)",
        settings.environment.value, settings.listen.value, settings.snapshot_workers.value
    );
    let mut findings = vec![Finding::good("configuration", configuration), clock(system_clock::now())];
    findings.push(port(settings));
    if let DatabaseUrl::Sqlite(path) = &settings.database.value
        && !path.exists()
    {
        findings.push(Finding::warning(
            "database",
            format!("{} does not exist yet", path.display()),
            "lotwise serve creates it; if it should exist, name it with --database",
        ));
        findings.extend(flags::without_database(settings));
        return Ok(findings);
    }
    let (url, options) = (&settings.database.value, StoreOptions::default());
    // Opening it brings the schema up to date: a program that is only tried must not do that to those that are running.
    let opened = migrations::version_at_rest(url, &options).and_then(|version| match version {
        migrations::LATEST_VERSION => Store::open(url, &options).map(Ok),
        earlier => Ok(Err(earlier)),
    });
    match opened {
        Ok(Ok(store)) => {
            findings.extend(database(settings, &store)?);
            findings.extend(flags::in_database(settings, store)?);
        }
        Ok(Err(0)) => findings.push(Finding::warning(
            "database",
            format!("{url} is empty"),
            "lotwise serve sets it up; if something should be in it, name another with --database",
        )),
        Ok(Err(version)) => findings.push(Finding::warning(
            "database",
            format!("{url} has schema version {version}; this program has {}", migrations::LATEST_VERSION),
            "lotwise serve brings it up to date: make a backup before",
        )),
        Err(StoreError::Unavailable(why)) => findings.push(Finding::bad(
            "database",
            format!(
                "{} cannot be reached: {why}; the service starts all the same, with the last known flags, and answers 503 \
                 to what needs data",
                settings.database.value
            ),
            "start the database; the service goes on by itself once it is there",
        )),
        Err(error) => {
            let remedy = match url {
                DatabaseUrl::Sqlite(_) => {
                    "mend what the message says; a file in use means that the service runs: ask it at /readyz instead"
                }
                DatabaseUrl::Postgres(_) => "mend what the message says, or correct --database (LOTWISE_DATABASE)",
            };
            findings.push(Finding::bad("database", format!("{url}: {error}"), remedy));
        }
    }
    findings.extend(flags::without_database(settings));
    Ok(findings)
}

fn clock(now: Timestamp) -> Finding {
    if now < EARLIEST_PLAUSIBLE {
        return Finding::bad("clock", format!("the clock says {now}"), "set the machine's clock and keep it with NTP");
    }
    Finding::good("clock", format!("{now}"))
}

fn port(settings: &Settings) -> Finding {
    let address = settings.listen.value;
    match std::net::TcpListener::bind(address) {
        Ok(_) => Finding::good("port", format!("{address} is free")),
        Err(error) => Finding::warning(
            "port",
            format!("{address} cannot be taken: {error}"),
            "if it is not the service itself that has it, choose another with --listen",
        ),
    }
}

fn database(settings: &Settings, store: &Store) -> Result<Vec<Finding>, Failure> {
    let runtime = Runtime::new().map_err(anyhow::Error::new)?;
    let read = runtime.block_on(store.read(move |tx| Ok((migrations::stored_version(tx)?, audit::verify(tx)?))));
    let (version, wrong_entry) = match read {
        Ok(read) => read,
        Err(error) => {
            return Ok(vec![Finding::bad("database", error.to_string(), "mend what the message says")]);
        }
    };
    let audit = match wrong_entry {
        None => Finding::good("audit log", "every entry is as it was written"),
        Some(entry) => Finding::bad(
            "audit log",
            format!("entry {entry} was changed after it was written, or one before it is missing"),
            "find out who had access to the database; a backup has the entries as they were",
        ),
    };
    Ok(vec![Finding::good("database", format!("{}, schema version {version}", settings.database.value)), audit])
}

fn print(findings: &[Finding], json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut out, findings)?;
        return writeln!(out);
    }
    for finding in findings {
        let verdict = match finding.verdict {
            Verdict::Good => "good   ",
            Verdict::Warning => "warning",
            Verdict::Bad => "bad    ",
        };
        writeln!(out, "{verdict}  {}: {}", finding.what, finding.finding)?;
        if let Some(remedy) = &finding.remedy {
            writeln!(out, "         what to do: {remedy}")?;
        }
    }
    Ok(())
}
