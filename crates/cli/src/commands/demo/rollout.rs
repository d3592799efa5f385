//! The demo's rollout: the flag in its canary, with simulated users, so that a visitor can let a fault in and watch.

use anyhow::Context;
use jiff::Timestamp;
use serde_json::{Value, json};
use store::tokens::{Grant, NewToken, Role};
use store::{StoreError, Transaction, people, tokens};

use super::traffic::{Plan, Traffic};
use crate::api_client::{ANSWER_TIMEOUT, ApiClient, unexpected};
use crate::failure::Failure;

const POLICY: &str = include_str!("rollout.toml");
const FLAG: &str = "enableLotLevelMoic";
/// Simulated users.
const USERS: usize = 400;
/// Requests a second of all of them together: enough for a decision within minutes, and hardly any work.
const RPS: f64 = 20.0;
const CONNECTIONS: usize = 24;
const SEED: u64 = 1;

/// Writes the simulated users; the tokens they ask with.
pub fn users(tx: &mut Transaction<'_>, expires_at: Timestamp, now: Timestamp) -> Result<Vec<String>, StoreError> {
    (1..=USERS)
        .map(|number| {
            let person = people::create(tx, &format!("Simulated user {number}"), now)?;
            let token = NewToken {
                name: format!("simulated user {number}"),
                person_id: Some(person.id),
                grant: Grant { role: Role::Viewer, funds: None },
                expires_at: Some(expires_at),
            };
            let (_, secret) = tokens::create(tx, &token, now)?;
            Ok(secret.reveal().to_owned())
        })
        .collect()
}

/// Starts the rollout on the running server, and the users; what is to be put behind the visitor's link, so that the visitor
/// is an early adopter and sees the feature in its canary.
pub fn begin(
    origin: &str,
    token: &str,
    users: Vec<String>,
    expires_at: Timestamp,
) -> Result<(String, Traffic), Failure> {
    let api = ApiClient::with_token(origin, token, ANSWER_TIMEOUT)?;
    api.post("/api/rollouts", &json!({ "policy": POLICY }))?.successful()?;
    let invitation = json!({ "expiresAt": expires_at, "maxUses": USERS });
    let invitation = api.post(&format!("/api/flags/{FLAG}/invitations"), &invitation)?.successful()?.json()?;
    let url = invitation.get("url").and_then(Value::as_str).ok_or_else(|| unexpected("an invitation"))?;
    let (_, query) = url.split_once('?').context("an invitation's link has a query")?;
    let fund = api.list("/api/funds", "funds")?.first().and_then(|fund| fund.get("id").cloned());
    let fund = fund.ok_or_else(|| unexpected("funds"))?;
    let traffic = Traffic::start(Plan {
        url: format!("{origin}/api/funds/{fund}/moic"),
        tokens: users,
        rps: RPS,
        connections: CONNECTIONS,
        seed: SEED,
    });
    Ok((query.to_owned(), traffic))
}
