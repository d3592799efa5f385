//! Tokens in the database of a stopped server.

use anyhow::Context;
use serde_json::{Value, json};
use store::tokens::{self, Grant, Token};
use store::{
    DatabaseUrl, FundId, Listing, Page, Store, StoreError, StoreOptions, TokenId, Transaction, people, sessions,
};
use tokio::runtime::Runtime;

use super::{Command, NewToken, expiry};
use crate::commands::serve::{login_link, must_exist, open_failure};
use crate::failure::Failure;
use crate::local_act;
use crate::system_clock;

/// Carries `command` out in `database`.
pub fn run(database: &str, command: &Command) -> Result<Value, Failure> {
    let url: DatabaseUrl = database.parse().map_err(|error| Failure::bad_input(format!("{error}"), None))?;
    must_exist(&url)?;
    let store = Store::open(&url, &StoreOptions::default()).map_err(|error| open_failure(&url.to_string(), error))?;
    let runtime = Runtime::new().context("cannot start the asynchronous runtime")?;
    let answer = match command {
        Command::Create(new) => runtime.block_on(create(&store, new)),
        Command::List => runtime.block_on(list(&store)),
        Command::Revoke { id } => runtime.block_on(revoke(&store, TokenId(*id))),
        Command::Link { name, role, address, hours } => {
            runtime.block_on(link(&store, name, Grant { role: *role, funds: None }, address, *hours))
        }
    };
    Ok(answer.with_context(|| format!("the database {url} refuses"))?)
}

async fn create(store: &Store, new: &NewToken) -> Result<Value, StoreError> {
    let funds = new.funds.as_ref().map(|ids| ids.iter().copied().map(FundId).collect());
    let grant = Grant { role: new.role, funds };
    let token = tokens::NewToken { name: new.name.clone(), person_id: None, grant, expires_at: expiry(new.days) };
    let now = system_clock::now();
    let (token, secret) = store
        .write(move |tx| {
            let (created, secret) = tokens::create(tx, &token, now)?;
            let details = json!({ "role": created.grant.role.as_str() });
            local_act::record(tx, "token.create", &format!("token:{}", created.id), &details, now)?;
            Ok((created, secret))
        })
        .await?;
    let mut shown = view(&token);
    shown["token"] = json!(secret.reveal());
    Ok(shown)
}

async fn list(store: &Store) -> Result<Value, StoreError> {
    let tokens = store.read(|tx| every(|page| tokens::list(tx, page))).await?;
    Ok(json!({ "tokens": tokens.iter().map(view).collect::<Vec<_>>() }))
}

async fn revoke(store: &Store, id: TokenId) -> Result<Value, StoreError> {
    let now = system_clock::now();
    let revoked = store
        .write(move |tx| {
            local_act::record(tx, "token.revoke", &format!("token:{id}"), &json!({}), now)?;
            tokens::revoke(tx, id, now)
        })
        .await?;
    Ok(view(&revoked))
}

async fn link(store: &Store, name: &str, grant: Grant, address: &str, hours: i64) -> Result<Value, StoreError> {
    let now = system_clock::now();
    let expires_at = system_clock::hours_after(now, hours);
    let name = name.to_owned();
    let secret = store
        .write(move |tx| {
            let person = match find_person(tx, &name)? {
                Some(person) => person,
                None => people::create(tx, &name, now)?,
            };
            let details = json!({ "role": grant.role.as_str() });
            local_act::record(tx, "login.create", &person.id.key(), &details, now)?;
            sessions::create_login(tx, person.id, &grant, expires_at, now)
        })
        .await?;
    Ok(json!({ "link": login_link(address.trim_end_matches('/'), secret.reveal()) }))
}

fn find_person(tx: &mut Transaction<'_>, name: &str) -> Result<Option<people::Person>, StoreError> {
    let people = every(|page| people::list(tx, page))?;
    Ok(people.into_iter().find(|person| person.name == name))
}

/// The records of every page of a list.
fn every<T>(mut list: impl FnMut(&Page) -> Result<Listing<T>, StoreError>) -> Result<Vec<T>, StoreError> {
    let (mut page, mut all) = (Page::default(), Vec::new());
    loop {
        let listed = list(&page)?;
        all.extend(listed.items);
        match listed.next {
            Some(next) => page.after = Some(next),
            None => return Ok(all),
        }
    }
}

fn view(token: &Token) -> Value {
    let funds = token.grant.funds.as_ref().map(|funds| funds.iter().map(|fund| fund.0).collect::<Vec<_>>());
    json!({
        "id": token.id.0,
        "name": token.name,
        "role": token.grant.role.as_str(),
        "personId": token.person_id.map(|id| id.0),
        "fundIds": funds,
        "createdAt": token.created_at.to_string(),
        "expiresAt": token.expires_at.map(|at| at.to_string()),
        "revokedAt": token.revoked_at.map(|at| at.to_string()),
    })
}
