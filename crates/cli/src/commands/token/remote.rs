//! Tokens of a running server, through its API.

use anyhow::{Context, anyhow};
use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::Response;

use super::{Command, body, expiry};
use crate::failure::Failure;

/// Carries `command` out on the server at `address`.
pub fn run(address: &str, command: &Command) -> Result<Value, Failure> {
    let token = std::env::var("LOTWISE_TOKEN").map_err(|_| {
        Failure::bad_input("LOTWISE_TOKEN is not set", "set it to a token with the role admin".to_owned())
    })?;
    let agent: Agent = Agent::config_builder().http_status_as_error(false).build().into();
    let address = address.trim_end_matches('/');
    let bearer = format!("Bearer {token}");
    let answer = match command {
        Command::Create(new) => agent
            .post(format!("{address}/api/tokens"))
            .header("Authorization", &bearer)
            .send_json(body(new, expiry(new.days))),
        Command::List => return list(&agent, address, &bearer),
        Command::Revoke { id } => {
            agent.delete(format!("{address}/api/tokens/{id}")).header("Authorization", &bearer).call()
        }
        Command::Link { .. } => {
            return Err(Failure::bad_input(
                "a login link is made in the database of a stopped server",
                "stop the server and use --database URL".to_owned(),
            ));
        }
    };
    read(answer.with_context(|| format!("cannot reach the server at {address}"))?)
}

/// Every page of the list.
fn list(agent: &Agent, address: &str, bearer: &str) -> Result<Value, Failure> {
    let mut tokens = Vec::new();
    let mut cursor = String::new();
    loop {
        let url = format!("{address}/api/tokens?limit=100{cursor}");
        let answer = agent.get(url).header("Authorization", bearer).call();
        let mut page = read(answer.with_context(|| format!("cannot reach the server at {address}"))?)?;
        if let Some(listed) = page.get_mut("tokens").and_then(Value::as_array_mut) {
            tokens.append(listed);
        }
        match page.pointer("/pagination/nextCursor").and_then(Value::as_str) {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(json!({ "tokens": tokens })),
        }
    }
}

fn read(mut answer: Response<ureq::Body>) -> Result<Value, Failure> {
    let status = answer.status();
    let text = answer.body_mut().read_to_string().context("the server's answer cannot be read")?;
    if status.is_success() {
        return Ok(serde_json::from_str(&text).unwrap_or(Value::Null));
    }
    let problem: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
    let message = problem.get("message").and_then(Value::as_str).unwrap_or(&text).to_owned();
    Err(Failure::Failed(anyhow!("the server answered {status}: {message}")))
}
