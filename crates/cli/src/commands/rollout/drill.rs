//! `drill`: a rollback rehearsed on a live service, with a flag of its own that nothing depends on, and timed.
//!
//! It starts a rollout of that flag at half of the users, waits until every replica has it, rolls it back, looks at every
//! replica until each sampled user has what they had before, waits for the proof, and takes the flag out of use again.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::time::Duration;

use serde_json::{Value, json};
use server::Clock;
use ureq::http::Method;

use super::history;
use super::standing::Standing;
use super::which::REHEARSAL_FLAG_PREFIX;
use crate::api_client::{ApiClient, segment, unexpected};
use crate::failure::{Failure, output_failure};
use crate::system_clock::{self, SystemClock};
use crate::terminal::printable;

/// How long one answer may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// How often something that is not there yet is looked for again.
const POLL_INTERVAL: Duration = Duration::from_millis(20);
/// Users that are asked about: of so many, half and half, none or all have the treatment once in 2^63 drills.
const USERS: usize = 64;

#[derive(clap::Args)]
pub struct Arguments {
    /// A running server [env: LOTWISE_SERVER]; give it once for every replica: the first is told, all must obey
    #[arg(long = "server", value_name = "URL")]
    servers: Vec<String>,
    /// Seconds that a step may take
    #[arg(long, value_name = "S", default_value_t = 90, value_parser = clap::value_parser!(u64).range(1..=600))]
    within: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Arguments {
    pub fn run(&self) -> Result<(), Failure> {
        let mut servers = self.servers.clone();
        if servers.is_empty() {
            servers.extend(std::env::var("LOTWISE_SERVER").ok());
        }
        let replicas: Vec<ApiClient> =
            servers.iter().map(|address| ApiClient::of_server(address, ANSWER_TIMEOUT)).collect::<Result<_, _>>()?;
        let Some(first) = replicas.first() else {
            let hint = "add --server URL, once for every replica, and set LOTWISE_TOKEN".to_owned();
            return Err(Failure::bad_input("no server is named", hint));
        };
        let environment = begins_in(first)?;
        let flag = format!("{REHEARSAL_FLAG_PREFIX}{}", system_clock::now().as_microsecond());
        let mut drill = Drill {
            first,
            replicas: &replicas,
            within: Duration::from_secs(self.within),
            clock: SystemClock::start(),
            steps: Vec::new(),
            as_json: self.json,
        };
        let body = json!({ "key": flag, "definition": definition(), "comment": "a rehearsal of a rollback" });
        first.post("/api/flags", &body)?;
        let rehearsed = drill.rehearse(&flag, &environment);
        let cleared = drill.clear(&flag, rehearsed.is_err());
        drill.print_json(rehearsed.is_ok() && cleared.is_ok()).map_err(output_failure)?;
        rehearsed.and(cleared)
    }
}

/// The environment that a rollout begins in; refuses where the drill could not succeed.
fn begins_in(first: &ApiClient) -> Result<String, Failure> {
    let session = first.get("/api/session")?.json()?;
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let role = text(session.get("role"));
    let refused =
        |why: String, hint: &str| Err(Failure::refused(format!("the drill does not begin: {why}"), hint.to_owned()));
    if role != "operator" && role != "admin" {
        return refused(format!("its token's role is {role}"), "use a token of an operator or an administrator");
    }
    if session.get("fourEyes") == Some(&Value::Bool(true)) {
        let hint = "rehearse on a staging service without four eyes";
        return refused("a start waits for a second person here (four eyes)".to_owned(), hint);
    }
    let state = first.get("/api/client-state")?.json()?;
    let environment = text(state.get("environment"));
    if environment.is_empty() { Err(unexpected("environment")) } else { Ok(environment) }
}

fn definition() -> Value {
    json!({
        "state": "ENABLED",
        "variants": { "on": true, "off": false },
        "defaultVariant": "off",
        "metadata": { "owner": "lotwise rollout drill", "description": "A rehearsal of a rollback; nothing depends on it" },
    })
}

/// Half of the users, no evidence asked for: the drill rolls back long before the shortest soak is over.
fn policy(flag: &str, environment: &str) -> String {
    format!(
        r#"name = "drill"
flag = "{flag}"
no_data = "1h"
[triggers.rehearsal]
class = "manual"
[criteria.pool]
metric = "poolInUse"
at_most = 0.99
[[phases]]
name = "half"
environment = "{environment}"
percent = 50
min_soak = "1h"
max_soak = "4h"
criteria = ["pool"]
triggers = ["rehearsal"]
"#
    )
}

struct Drill<'d> {
    first: &'d ApiClient,
    replicas: &'d [ApiClient],
    within: Duration,
    clock: SystemClock,
    steps: Vec<Value>,
    as_json: bool,
}

impl Drill<'_> {
    fn rehearse(&mut self, flag: &str, environment: &str) -> Result<(), Failure> {
        let before = self.timed("every replica answers for the new flag", |drill| {
            let off = vec![false; USERS];
            drill.until_each(flag, |values| *values == off)?;
            Ok((format!("off for {USERS} sampled users"), off))
        })?;
        let body = json!({ "policy": policy(flag, environment) });
        let id = self.timed("the rollout starts", |drill| {
            let rollout = drill.first.post("/api/rollouts", &body)?.json()?;
            let id = rollout.get("id").and_then(Value::as_str).ok_or_else(|| unexpected("id"))?.to_owned();
            Ok((format!("rollout {id}"), id))
        })?;
        let path = format!("/api/rollouts/{}", segment(&id));
        self.timed("half of the users have it, at every replica", |drill| {
            drill.until_stage(&path, "WarmUp")?;
            let values = drill.until_each(flag, |values| values.contains(&true) && values.contains(&false))?;
            let on = values.iter().filter(|on| **on).count();
            Ok((format!("on for {on} of {USERS} sampled users"), ()))
        })?;
        self.timed("told to roll back", |drill| {
            let body = json!({ "reason": "a rehearsal", "trigger": "rehearsal" });
            drill.first.post(&format!("{path}/rollback"), &body)?;
            Ok((String::new(), ()))
        })?;
        self.timed("every sampled user has what they had, at every replica", |drill| {
            drill.until_each(flag, |values| *values == before)?;
            Ok((format!("off for {USERS} of {USERS}"), ()))
        })?;
        self.timed("the rollback is proved", |drill| {
            let standing = drill.until_stage(&path, "RolledBack")?;
            Ok((standing.rollback().map(|times| times.text()).unwrap_or_default(), ()))
        })?;
        self.timed("every decision comes out the same again, and the audit log is intact", |drill| {
            let replayed = drill.first.get(&format!("{path}/replay"))?.json()?;
            if replayed.get("isSame") != Some(&Value::Bool(true)) {
                return Err(Failure::refused("a decision does not come out as it was recorded", None));
            }
            history::verify(drill.first)?;
            Ok((String::new(), ()))
        })
    }

    /// Takes the flag out of use again; after a failure the rollout, too, as far as it came.
    fn clear(&mut self, flag: &str, has_failed: bool) -> Result<(), Failure> {
        self.timed("the drill's flag is taken out of use", |drill| {
            let path = format!("/api/flags/{}", segment(flag));
            if has_failed {
                let found = drill.first.get(&format!("/api/rollouts?flag={}", segment(flag)))?.json()?;
                if let Some(id) = found.pointer("/rollouts/0/id").and_then(Value::as_str) {
                    let reason = json!({ "reason": "the rehearsal has failed" });
                    // Refused where it has come to its end already.
                    let _ = drill.first.send(
                        &Method::POST,
                        &format!("/api/rollouts/{}/abort", segment(id)),
                        Some(&reason.to_string()),
                    )?;
                }
            }
            let version = drill.first.get(&path)?.json()?.get("version").cloned().unwrap_or_default();
            drill.first.delete(&path, Some(&json!({ "version": version })))?;
            Ok((String::new(), ()))
        })
    }

    /// A step, with its time; a step that fails ends the rehearsal.
    fn timed<T>(&mut self, what: &str, step: impl FnOnce(&Self) -> Result<(String, T), Failure>) -> Result<T, Failure> {
        let began = self.clock.monotonic();
        let outcome = step(self);
        let took = self.clock.monotonic().saturating_sub(began);
        let (is_good, detail) = match &outcome {
            Ok((detail, _)) => (true, detail.clone()),
            Err(failure) => (false, failure.message()),
        };
        self.note(what, took, is_good, &detail).map_err(output_failure)?;
        Ok(outcome?.1)
    }

    fn note(&mut self, what: &str, took: Duration, is_good: bool, detail: &str) -> io::Result<()> {
        self.steps.push(json!({ "step": what, "seconds": took.as_secs_f64(), "passed": is_good, "detail": detail }));
        if self.as_json {
            return Ok(());
        }
        let mut line = format!("{:>8.3} s  {} {what}", took.as_secs_f64(), if is_good { "✓" } else { "✗" });
        if !detail.is_empty() {
            // Writing to a string cannot fail.
            let _ = write!(line, ": {}", printable(detail));
        }
        writeln!(io::stdout().lock(), "{line}")
    }

    fn print_json(&self, passed: bool) -> io::Result<()> {
        if !self.as_json {
            return Ok(());
        }
        writeln!(io::stdout().lock(), "{:#}", json!({ "passed": passed, "steps": self.steps }))
    }

    /// What each sampled user gets at every replica, as soon as that is as wanted; what the last replica said.
    fn until_each(&self, flag: &str, is_wanted: impl Fn(&Vec<bool>) -> bool) -> Result<Vec<bool>, Failure> {
        let mut last = Vec::new();
        for replica in self.replicas {
            last = self.until(|| {
                let values = values(replica, flag)?;
                let is_there = values.len() == USERS && is_wanted(&values);
                let said = || format!("{} does not get there", replica.place());
                if is_there { Ok(Some(values)) } else { Err(said()) }
            })?;
        }
        Ok(last)
    }

    fn until_stage(&self, path: &str, stage: &str) -> Result<Standing, Failure> {
        self.until(|| {
            let rollout = self.first.get(path).and_then(|answer| answer.json()).map_err(|failure| failure.message())?;
            let standing = Standing::of(&rollout).map_err(|failure| failure.message())?;
            if standing.stage == stage { Ok(Some(standing)) } else { Err(format!("the rollout is {}", standing.stage)) }
        })
    }

    /// Asks until there is an answer, or the time is over.
    fn until<T>(&self, look: impl Fn() -> Result<Option<T>, String>) -> Result<T, Failure> {
        let began = self.clock.monotonic();
        loop {
            let why = match look() {
                Ok(Some(found)) => return Ok(found),
                Ok(None) => "it is not there".to_owned(),
                Err(why) => why,
            };
            if self.clock.monotonic().saturating_sub(began) >= self.within {
                let hint = "lotwise rollout status and the servers' logs say what is missing".to_owned();
                return Err(Failure::refused(format!("after {} s: {why}", self.within.as_secs()), hint));
            }
            std::thread::sleep(POLL_INTERVAL);
        }
    }
}

/// What the sampled users get at a replica; users that it gives nothing yet are left out.
fn values(replica: &ApiClient, flag: &str) -> Result<Vec<bool>, String> {
    let mut values = Vec::with_capacity(USERS);
    for user in 0..USERS {
        let body = json!({ "context": { "targetingKey": format!("rehearsal:{user}") } });
        let path = format!("/ofrep/v1/evaluate/flags/{}", segment(flag));
        let answer =
            replica.post(&path, &body).and_then(|answer| answer.json()).map_err(|failure| failure.message())?;
        values.extend(answer.get("value").and_then(Value::as_bool));
    }
    Ok(values)
}
