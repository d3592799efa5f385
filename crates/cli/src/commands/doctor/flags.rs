//! What the doctor says about flags: the variables, the watched file, kills, and what lint finds.

use std::path::Path;

use ::flags::{Bucketing, ENABLE_LOT_LEVEL_MOIC, EnvironmentSwitch, FlagSet, LoadError};
use serde_json::Value;
use store::{DatabaseUrl, Store};

use super::Finding;
use crate::api_client::ApiClient;
use crate::failure::Failure;
use crate::settings::{CLIENT_FUND_STORE, CLIENT_LOT_LEVEL_MOIC, Settings};
use crate::terminal::shown;

/// Findings of one kind that are shown; further ones are counted.
const SHOWN_MAX: usize = 10;

/// What can be seen without a database.
pub fn without_database(settings: &Settings) -> Vec<Finding> {
    let mut findings = vec![variable(settings)];
    let client = &settings.client_settings;
    for (name, switch) in
        [(CLIENT_LOT_LEVEL_MOIC, &client.enable_lot_level_moic), (CLIENT_FUND_STORE, &client.use_fund_store)]
    {
        if let EnvironmentSwitch::Invalid(value) = switch {
            let finding = format!("{name} is {value:?}, which is neither true nor false");
            findings.push(Finding::warning("flag variable", finding, format!("set {name}=true or {name}=false")));
        }
    }
    findings.extend(watched_file(settings));
    findings.extend(state_files(settings));
    findings
}

/// The files that a start without a database relies on.
fn state_files(settings: &Settings) -> Vec<Finding> {
    let Settings { database, state_dir, .. } = settings;
    if let (DatabaseUrl::Postgres(_), None) = (&database.value, &state_dir.value) {
        return vec![Finding::warning(
            "state file",
            "there is no folder for the last known flags: a start without the database has every flag off",
            "name one with --state-dir",
        )];
    }
    let files = server::state_files(&database.value, state_dir.value.as_deref());
    files.iter().map(|file| state_file(file)).collect()
}

fn state_file(file: &Path) -> Finding {
    let shown = file.display();
    let content = std::fs::read(file).map_err(anyhow::Error::new);
    let known = match content.and_then(|bytes| Ok(serde_json::from_slice::<Value>(&bytes)?)) {
        Ok(known) => known,
        Err(error) => {
            return Finding::warning(
                "state file",
                format!("{shown} cannot be read: {error}"),
                "remove it while the database can be reached: a start then writes a new one; a kill that is only in it is lost",
            );
        }
    };
    let waiting = pending_kills(&known);
    if !waiting.is_empty() {
        return Finding::warning(
            "state file",
            format!("{shown}: a kill of {} made while the database was away is not stored yet", waiting.join(", ")),
            "keep the file, and the service running on it: it stores the kill as soon as it reaches the database; until \
             then repeat the kill at every replica",
        );
    }
    let age = std::fs::metadata(file).and_then(|metadata| metadata.modified());
    let age = age.ok().and_then(|modified| modified.elapsed().ok()).map_or(0, |age| age.as_secs());
    let kills = match stored_kills(&known) {
        kills if kills.is_empty() => "no flag is killed in it".to_owned(),
        kills => format!("killed in it: {}", kills.join(", ")),
    };
    Finding::good("state file", format!("{shown}: flags last changed {} ago; {kills}", hours_and_minutes(age)))
}

/// The flags with a kill that the database has not taken.
fn pending_kills(known: &Value) -> Vec<&str> {
    let kills = known.get("pendingKills").and_then(Value::as_object);
    kills.into_iter().flat_map(|kills| kills.keys()).map(String::as_str).collect()
}

/// The flags that were killed when the database was last heard.
fn stored_kills(known: &Value) -> Vec<&str> {
    let states = known.pointer("/book/states").and_then(Value::as_array);
    let killed = states.into_iter().flatten().filter(|state| state.get("killed") == Some(&Value::Bool(true)));
    killed.filter_map(|state| state.get("key").and_then(Value::as_str)).collect()
}

fn hours_and_minutes(seconds: u64) -> String {
    format!("{} h {} min", seconds / 3_600, seconds / 60 % 60)
}

fn variable(settings: &Settings) -> Finding {
    let name = ENABLE_LOT_LEVEL_MOIC.own().environment_variable;
    let switch = &settings.lot_level_moic;
    if let Some(warning) = switch.warning(name) {
        return Finding::warning("flag variable", warning, format!("set {name}=true or {name}=false"));
    }
    match switch {
        EnvironmentSwitch::On => Finding::good("flag variable", format!("{name}=true: the stored state decides")),
        other => Finding::warning(
            "flag variable",
            format!("{name} is {}: lot-level MOIC is off in this process", other.as_str()),
            format!("start the service with {name}=true to turn it on"),
        ),
    }
}

fn watched_file(settings: &Settings) -> Vec<Finding> {
    let Some(path) = &settings.flags_file.value else { return Vec::new() };
    let shown = path.display();
    let unusable = |why: String| {
        Finding::bad("flags file", format!("{shown}: {why}"), "mend the file, or start without --flags-file")
    };
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => return vec![unusable(error.to_string())],
    };
    match FlagSet::check(&bytes, Bucketing::default()) {
        Ok(set) => vec![Finding::good("flags file", format!("{shown}: {} flag(s)", set.iter().len()))],
        Err(LoadError::Invalid(problems)) => {
            let warning = |text: String| Finding::warning("flags file", text, "mend the flag: it answers PARSE_ERROR");
            limited(problems.iter().map(ToString::to_string), warning)
        }
        Err(error) => vec![unusable(error.to_string())],
    }
}

/// What a stopped server's database says.
pub fn in_database(settings: &Settings, store: Store) -> Result<Vec<Finding>, Failure> {
    let api = ApiClient::inside(settings, store)?;
    let flags = api.list("/api/flags", "flags")?;
    let is_killed = |flag: &&Value| flag.get("killed") == Some(&Value::Bool(true));
    let mut findings: Vec<Finding> = flags.iter().filter(is_killed).map(killed).collect();
    if findings.is_empty() {
        findings.push(Finding::good("kill switch", format!("none of {} flag(s) is killed", flags.len())));
    }
    let lint = api.get("/api/flags/lint")?.json()?;
    let lint = lint.get("findings").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let sentence = |finding: &Value| format!("{}: {}", shown(finding.get("flag")), shown(finding.get("message")));
    let warning = |text| Finding::warning("flags", text, "lotwise flags lint shows where; change or archive the flag");
    findings.extend(limited(lint.iter().map(sentence), warning));
    Ok(findings)
}

fn killed(flag: &Value) -> Finding {
    let key = shown(flag.get("key"));
    Finding::warning(
        "kill switch",
        format!("{key} is killed, reason: {}", shown(flag.get("reason"))),
        format!("when the cause is gone: lotwise flags restore {key} --reason …"),
    )
}

/// A finding for each of the first texts, and one that counts the others.
fn limited(texts: impl ExactSizeIterator<Item = String>, finding: impl Fn(String) -> Finding) -> Vec<Finding> {
    let more = texts.len().saturating_sub(SHOWN_MAX);
    let mut findings: Vec<Finding> = texts.take(SHOWN_MAX).map(&finding).collect();
    if more > 0 {
        findings.push(finding(format!("and {more} more")));
    }
    findings
}
