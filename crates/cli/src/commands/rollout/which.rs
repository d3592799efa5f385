//! Which rollout a command is about.

use serde_json::Value;

use crate::api_client::{ApiClient, segment, unexpected};
use crate::failure::Failure;
use crate::terminal::shown;

/// Stages after which nothing happens any more.
const ENDS: [&str; 4] = ["Completed", "RolledBack", "Aborted", "Superseded"];

/// What the flags of `lotwise rollout drill` begin with.
pub const REHEARSAL_FLAG_PREFIX: &str = "rolloutDrill-";

/// Whether a rollout has come to its end.
pub fn has_ended(stage: &str) -> bool {
    ENDS.contains(&stage)
}

/// Names a rollout.
#[derive(clap::Args)]
pub struct Which {
    /// Id of the rollout, or the key of its flag for the last rollout of it [default: the one that goes on, if there is one only]
    #[arg(value_name = "ROLLOUT")]
    rollout: Option<String>,
}

impl Which {
    /// The rollout that is meant.
    pub fn find(&self, api: &ApiClient) -> Result<Value, Failure> {
        let Some(name) = &self.rollout else { return only_running(api) };
        if is_id(name) {
            return api.get(&format!("/api/rollouts/{}", segment(name)))?.json();
        }
        let path = format!("/api/rollouts?flag={}&limit=1", segment(name));
        let found = api.get(&path)?.json()?;
        found.pointer("/rollouts/0").cloned().ok_or_else(|| {
            let hint = "lotwise rollout list shows every rollout there was".to_owned();
            Failure::refused(format!("the flag {name:?} has no rollout"), hint)
        })
    }

    /// The path of the rollout that is meant, or of what belongs to it.
    pub fn path(&self, api: &ApiClient, rest: &str) -> Result<String, Failure> {
        match self.rollout.as_deref().filter(|name| is_id(name)) {
            Some(id) => Ok(format!("/api/rollouts/{id}{rest}")),
            None => path_of(&self.find(api)?, rest),
        }
    }
}

/// The path of a rollout, or of what belongs to it.
pub fn path_of(rollout: &Value, rest: &str) -> Result<String, Failure> {
    let id = rollout.get("id").and_then(Value::as_str).ok_or_else(|| unexpected("id"))?;
    Ok(format!("/api/rollouts/{}{rest}", segment(id)))
}

fn is_id(name: &str) -> bool {
    name.len() == 36 && name.bytes().all(|letter| letter.is_ascii_hexdigit() || letter == b'-')
}

/// The only one that goes on; where none does, the last one. A rehearsal that is over is never meant.
fn only_running(api: &ApiClient) -> Result<Value, Failure> {
    let mut listed = api.list("/api/rollouts", "rollouts")?;
    let goes_on =
        |rollout: &&Value| rollout.get("stage").and_then(Value::as_str).is_some_and(|stage| !has_ended(stage));
    let is_rehearsal = |rollout: &Value| {
        rollout.get("flag").and_then(Value::as_str).is_some_and(|flag| flag.starts_with(REHEARSAL_FLAG_PREFIX))
    };
    listed.retain(|rollout| goes_on(&rollout) || !is_rehearsal(rollout));
    let running: Vec<&Value> = listed.iter().filter(goes_on).collect();
    match (running.as_slice(), listed.first()) {
        ([one], _) => Ok((*one).clone()),
        ([], Some(last)) => Ok(last.clone()),
        ([], None) => Err(Failure::refused("there is no rollout", "lotwise rollout start begins one".to_owned())),
        (several, _) => {
            let flags: Vec<String> = several.iter().map(|one| shown(one.get("flag"))).collect();
            let message = format!("{} rollouts go on: {}", several.len(), flags.join(", "));
            Err(Failure::bad_input(message, "name one of them by its flag or its id".to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_from_keys() {
        assert!(is_id("0198c3a0-0000-7000-8000-000000000000"));
        assert!(!is_id("enableLotLevelMoic") && !is_id("0198c3a0-0000-7000-8000-00000000000g") && !is_id(""));
    }
}
