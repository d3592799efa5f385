//! `start` and `list`.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::policy_file::{Choice, Shipped};
use super::standing::Standing;
use crate::api_client::segment;
use crate::failure::Failure;
use crate::place::Place;
use crate::system_clock;
use crate::terminal::{shown, shown_second, write_table};

/// Start a rollout. Without --policy it is the default policy of lot-level MOIC.
#[derive(clap::Args)]
pub struct Start {
    /// The policy, in TOML
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// How long the same work took before, as `lotwise rollout baseline` prints it
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// End the flag's rollout that goes on, and begin with the first phase; a rollback goes back to before both
    #[arg(long)]
    supersede: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(clap::Args)]
pub struct List {
    /// Key of the flag whose rollouts are listed
    #[arg(long, value_name = "KEY")]
    flag: Option<String>,
    #[command(flatten)]
    place: Place,
}

impl Start {
    pub fn run(&self) -> Result<(), Failure> {
        let choice = Choice::of_file(self.policy.clone());
        // Faults are named here, with the file, before a server is asked.
        choice.read(Shipped::Default)?;
        let mut body = json!({ "policy": choice.text(Shipped::Default)?, "supersede": self.supersede });
        if let Some(file) = &self.baseline {
            body["latencyBaseline"] = baseline(file)?;
        }
        let rollout = self.place.api()?.post("/api/rollouts", &body)?.json()?;
        let standing = Standing::of(&rollout)?;
        self.place.print(&rollout, |_, out| standing.write(system_clock::now(), out))
    }
}

/// The baseline in a file: as it is sent, or inside of what `lotwise rollout baseline` prints.
fn baseline(file: &PathBuf) -> Result<Value, Failure> {
    let hint = "lotwise rollout baseline > FILE writes one from an earlier rollout".to_owned();
    let text = std::fs::read_to_string(file).map_err(|error| {
        Failure::bad_input(format!("cannot read the baseline {}: {error}", file.display()), hint.clone())
    })?;
    let found: Value = serde_json::from_str(&text)
        .map_err(|error| Failure::bad_input(format!("{} is not JSON: {error}", file.display()), hint))?;
    Ok(found.get("latencyBaseline").cloned().unwrap_or(found))
}

impl List {
    pub fn run(&self) -> Result<(), Failure> {
        let filter = self.flag.as_ref().map_or_else(String::new, |flag| format!("?flag={}", segment(flag)));
        let rollouts = self.place.api()?.list(&format!("/api/rollouts{filter}"), "rollouts")?;
        self.place.print(&json!({ "rollouts": rollouts }), |_, out| {
            let row = |rollout: &Value| {
                let field = |name: &str| shown(rollout.get(name));
                vec![
                    field("id"),
                    field("flag"),
                    field("stage"),
                    field("phase"),
                    if rollout.get("endedAt").is_some_and(Value::is_string) {
                        "–".to_owned()
                    } else {
                        field("exposure")
                    },
                    shown_second(rollout.get("since")),
                ]
            };
            write_table(&["Rollout", "Flag", "Stage", "Phase", "Percent", "Since"], rollouts.iter().map(row), out)
        })
    }
}
