use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use super::{Answer, FLAG, Fund, Person, Setup, TestApp};

/// Two phases of two ticks for the environment of the services under test.
pub const POLICY: &str = r#"
name = "stories"
flag = "enableLotLevelMoic"
no_data = "2m"
[deadlines]
verify = "2m"
[criteria.errors]
metric = "errors"
success = 0.25
limit = 0.5
[triggers.worse-than-control]
class = "causal"
metric = "errors"
success = 0.005
[triggers.critical-report]
class = "manual"
[triggers.integrity]
class = "integrity"
[[phases]]
name = "canary"
environment = "staging"
percent = 50
opt_in = true
min_soak = "30s"
max_soak = "10m"
criteria = ["errors"]
triggers = ["worse-than-control", "critical-report", "integrity"]
[[phases]]
name = "expanded"
environment = "staging"
percent = 80
min_soak = "30s"
max_soak = "10m"
checks = ["support-tickets"]
criteria = ["errors"]
triggers = ["worse-than-control", "critical-report", "integrity"]
"#;

/// A rollout in a service with a crowd.
pub struct Story<'a> {
    pub app: &'a TestApp,
    pub people: Vec<Person>,
    pub fund: Fund<'a>,
    pub id: String,
}

impl Setup {
    /// A service that lets faults in on purpose.
    pub fn with_faults(self) -> Self {
        self.with_config(|config| config.offers_faults = true)
    }
}

impl TestApp {
    /// Starts a rollout.
    pub async fn start_rollout(&self, policy: &str) -> Answer {
        self.post("/api/rollouts", &json!({ "policy": policy })).await
    }

    pub async fn rollout(&self, id: &str) -> Value {
        self.get(&format!("/api/rollouts/{id}")).await.expect(200).body
    }

    /// Waits until a rollout stands there.
    pub async fn until_stage(&self, id: &str, stage: &str) -> Value {
        let path = format!("/api/rollouts/{id}");
        self.until(&path, |answer| answer.body["stage"] == stage).await.body
    }

    pub async fn faults(&self, treatment_error_rate: f64, control_error_rate: f64) {
        let arm = |error_rate: f64| json!({ "errorRate": error_rate, "delayMs": 0, "delaySigma": 0 });
        let body = json!({ "treatment": arm(treatment_error_rate), "control": arm(control_error_rate) });
        self.put("/api/faults", &body).await.expect(200);
    }
}

impl<'a> Story<'a> {
    /// A crowd, a fund, and a rollout that is in force everywhere.
    pub async fn begin(app: &'a TestApp, policy: &str) -> Self {
        let mut people = Vec::new();
        for number in 0..24 {
            people.push(app.person(&format!("Person {number}"), "viewer").await);
        }
        let fund = app.fund("Fund I").await;
        let id = app.start_rollout(policy).await.expect(201).text("id");
        app.until_stage(&id, "WarmUp").await;
        Self { app, people, fund, id }
    }

    pub fn path(&self, rest: &str) -> String {
        format!("/api/rollouts/{}{rest}", self.id)
    }

    /// Everybody asks for the legacy MOIC once; the statuses.
    pub async fn everybody_asks(&self) -> Vec<u16> {
        let mut statuses = Vec::new();
        for person in &self.people {
            let answer = self.app.by(person, Method::GET, &self.fund.path("/moic")).send().await;
            statuses.push(answer.status.as_u16());
        }
        statuses
    }

    /// Everybody asks, and the tick ends.
    pub async fn tick(&self) -> Value {
        self.everybody_asks().await;
        self.end_tick().await
    }

    /// The tick ends and is decided about, or nobody decides any more.
    pub async fn end_tick(&self) -> Value {
        let before = self.app.rollout(&self.id).await;
        self.app.clock.advance(Duration::from_secs(15));
        let path = self.path("");
        let is_live = |stage: &Value| !matches!(stage.as_str(), Some("RolledBack" | "Completed" | "Verifying"));
        let told = |answer: &Answer| !is_live(&answer.body["stage"]) || answer.body["version"] != before["version"];
        self.app.until(&path, told).await.body
    }

    /// Ticks pass until the rollout is in the phase.
    pub async fn until_phase(&self, phase: &str) -> Value {
        for _ in 0..8 {
            let rollout = self.tick().await;
            if rollout["phase"] == phase {
                return rollout;
            }
        }
        panic!("the rollout never gets to {phase}: {}", self.app.rollout(&self.id).await)
    }

    /// Who of the crowd gets the lot level.
    pub async fn with_feature(&self) -> usize {
        let mut count = 0;
        for person in &self.people {
            let answer = self.app.by(person, Method::GET, &self.fund.path("/portfolio/lots/moic")).send().await;
            count += usize::from(answer.status.as_u16() == 200);
        }
        count
    }

    pub async fn command(&self, verb: &str, body: &Value) -> Answer {
        self.app.post(&self.path(&format!("/{verb}")), body).await
    }

    /// The flag's exposure and default variant.
    pub async fn audience(&self) -> (Value, Value) {
        let flag = self.app.flag(FLAG).await;
        (flag["exposure"].clone(), flag["defaultVariant"].clone())
    }
}
