//! `lotwise token`: tokens for services and people, and login links.

mod local;
mod remote;

use std::io::{self, Write};

use clap::Subcommand;
use serde_json::{Value, json};
use store::tokens::Role;

use crate::failure::{Failure, output_failure};
use crate::system_clock;
use crate::target::{Location, Target};

/// Create, list and revoke tokens; make a login link.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    target: Target,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Create a token; its secret is shown once
    Create(NewToken),
    /// List the tokens, without their secrets
    List,
    /// Refuse a token from now on
    Revoke {
        /// Id of the token
        id: i64,
    },
    /// Make a link that signs a person's browser in once (needs --database)
    Link {
        /// Name of the person; entered if there is none of that name
        #[arg(long)]
        name: String,
        /// viewer, analyst, approver, operator or admin
        #[arg(long, value_parser = role)]
        role: Role,
        /// Where the server will listen
        #[arg(long, default_value = "http://127.0.0.1:8080")]
        address: String,
        /// Hours during which the link works
        #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(i64).range(1..=24 * 30))]
        hours: i64,
    },
}

#[derive(clap::Args)]
struct NewToken {
    /// What it is for
    #[arg(long)]
    name: String,
    /// viewer, analyst, approver, operator, admin, or ofrep for the flag protocol alone
    #[arg(long, value_parser = role)]
    role: Role,
    /// Ids of the funds it may see, separated by commas; all when left out
    #[arg(long, value_delimiter = ',')]
    funds: Option<Vec<i64>>,
    /// Days until it expires; never when left out
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..=3650))]
    days: Option<i64>,
}

fn role(text: &str) -> Result<Role, String> {
    text.parse().map_err(|_| "must be viewer, analyst, approver, operator, admin or ofrep".to_owned())
}

/// Carries the command out and prints its answer.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Arguments { command, target, json } = arguments;
    let answer = match target.location()? {
        Location::Server(server) => remote::run(&server, command)?,
        Location::Database(database) => local::run(&database, command)?,
    };
    print(&answer, *json).map_err(output_failure)
}

fn print(answer: &Value, as_json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if as_json {
        return writeln!(out, "{answer}");
    }
    let list = answer.get("tokens").and_then(Value::as_array).cloned();
    for token in list.unwrap_or_else(|| vec![answer.clone()]) {
        if let Some(link) = token.get("link").and_then(Value::as_str) {
            writeln!(out, "{link}")?;
            continue;
        }
        let field = |name: &str| match token.get(name) {
            None | Some(Value::Null) => "-".to_owned(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        let funds =
            if token.get("fundIds").is_none_or(Value::is_null) { "all funds".to_owned() } else { field("fundIds") };
        let columns = [field("id"), field("name"), field("role"), funds, format!("expires {}", field("expiresAt"))];
        writeln!(out, "{}", columns.join("  "))?;
        if let Some(secret) = token.get("token").and_then(Value::as_str) {
            writeln!(out, "token (shown only now): {secret}")?;
        }
    }
    Ok(())
}

/// The body that creates a token, as the API takes it.
fn body(new: &NewToken, expires_at: Option<jiff::Timestamp>) -> Value {
    json!({ "name": new.name, "role": new.role.as_str(), "fundIds": new.funds, "expiresAt": expires_at.map(|at| at.to_string()) })
}

/// When a token of so many days expires.
fn expiry(days: Option<i64>) -> Option<jiff::Timestamp> {
    let now = system_clock::now();
    days.map(|days| system_clock::hours_after(now, days * 24))
}
