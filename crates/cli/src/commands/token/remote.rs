//! Tokens of a running server, through its API.

use serde_json::{Value, json};

use super::{Command, body, expiry};
use crate::api_client::{ANSWER_TIMEOUT, ApiClient};
use crate::failure::Failure;

/// Carries `command` out on the server at `address`.
pub fn run(address: &str, command: &Command) -> Result<Value, Failure> {
    let server = ApiClient::of_server(address, ANSWER_TIMEOUT)?;
    match command {
        Command::Create(new) => server.post("/api/tokens", &body(new, expiry(new.days)))?.json(),
        Command::List => Ok(json!({ "tokens": server.list("/api/tokens", "tokens")? })),
        Command::Revoke { id } => server.delete(&format!("/api/tokens/{id}"), None)?.json(),
        Command::Link { .. } => Err(Failure::bad_input(
            "a login link is made in the database of a stopped server",
            "stop the server and use --database URL".to_owned(),
        )),
    }
}
