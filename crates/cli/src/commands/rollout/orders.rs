//! `hold`, `resume`, `step-back`, `rollback`, `abort`: what an operator says wins over the controller.

use std::time::Duration;

use serde_json::{Value, json};

use super::standing::Standing;
use super::tell;
use super::which::{Which, path_of};
use crate::failure::Failure;
use crate::place::Place;
use crate::system_clock;

/// How often it is asked whether a rollback is proved, and how often at most: for a minute and a half.
const PROOF_POLL_INTERVAL: Duration = Duration::from_millis(300);
const PROOF_POLLS_MAX: usize = 300;

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    which: Which,
    /// Why; kept in the audit log
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    place: Place,
}

#[derive(clap::Args)]
pub struct StepBack {
    #[command(flatten)]
    arguments: Arguments,
    /// The phase to go back to [default: the one below]
    #[arg(long, value_name = "PHASE")]
    to: Option<String>,
}

#[derive(clap::Args)]
pub struct RollBack {
    #[command(flatten)]
    arguments: Arguments,
    /// A manual trigger of the present phase that has come true: what the policy says of it is done
    #[arg(long, value_name = "NAME")]
    trigger: Option<String>,
    /// Do not wait until it is proved that everything is as before
    #[arg(long)]
    no_wait: bool,
}

/// What is said.
#[derive(Clone, Copy)]
pub enum Order {
    /// Stay as it is.
    Hold,
    /// Go on.
    Resume,
    /// Let go of the flag.
    Abort,
}

impl Order {
    const fn route(self) -> &'static str {
        match self {
            Self::Hold => "/hold",
            Self::Resume => "/resume",
            Self::Abort => "/abort",
        }
    }
}

impl Arguments {
    pub fn run(&self, order: Order) -> Result<(), Failure> {
        self.give(order.route(), &json!({ "reason": self.reason }))
    }

    fn give(&self, route: &str, body: &Value) -> Result<(), Failure> {
        tell(&self.place, &self.which, route, body)
    }
}

impl StepBack {
    pub fn run(&self) -> Result<(), Failure> {
        let mut body = json!({ "reason": self.arguments.reason });
        if let Some(phase) = &self.to {
            body["to"] = phase.as_str().into();
        }
        self.arguments.give("/step-back", &body)
    }
}

impl RollBack {
    pub fn run(&self) -> Result<(), Failure> {
        let Arguments { which, reason, place } = &self.arguments;
        let mut body = json!({ "reason": reason });
        if let Some(trigger) = &self.trigger {
            body["trigger"] = trigger.as_str().into();
        }
        let api = place.api()?;
        let mut rollout = api.post(&which.path(&api, "/rollback")?, &body)?.json()?;
        let mut standing = Standing::of(&rollout)?;
        // A stopped server's database has nobody to prove anything.
        if !self.no_wait && !place.is_database()? {
            let path = path_of(&rollout, "")?;
            for _ in 0..PROOF_POLLS_MAX {
                if !standing.is_rolling_back() {
                    break;
                }
                std::thread::sleep(PROOF_POLL_INTERVAL);
                rollout = api.get(&path)?.json()?;
                standing = Standing::of(&rollout)?;
            }
        }
        place.print(&rollout, |_, out| standing.write(system_clock::now(), out))?;
        if standing.is_rolling_back() && !self.no_wait && !place.is_database()? {
            let hint =
                "lotwise rollout status --watch follows it; lotwise flags kill turns the flag off at once".to_owned();
            return Err(Failure::refused("the flag is back, but not every replica has said so yet", hint));
        }
        Ok(())
    }
}
