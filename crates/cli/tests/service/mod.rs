//! A `lotwise serve` of its own for a test, and the command line that asks it.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_lotwise");
/// Half of the users, and nothing that acts by itself.
pub const WATCHED_POLICY: &str = r#"
name = "watched"
flag = "enableLotLevelMoic"
no_data = "10m"
[criteria.errors]
metric = "errors"
success = 0.005
limit = 0.01
[triggers.critical-report]
class = "manual"
[[phases]]
name = "half"
environment = "staging"
percent = 50
min_soak = "30m"
max_soak = "4h"
criteria = ["errors"]
triggers = ["critical-report"]
"#;
pub const ADMIN_TOKEN: &str = "test-admin-token-with-32-or-more-characters";
/// Of services whose metrics are not open.
pub const METRICS_TOKEN: &str = "metrics-token-of-a-test";
/// Variables that the developer's own shell may have.
const VARIABLES: [&str; 10] = [
    "ENABLE_LOT_LEVEL_MOIC",
    "VITE_ENABLE_LOT_LEVEL_MOIC",
    "LOTWISE_SERVER",
    "LOTWISE_FOUR_EYES",
    "LOTWISE_ENVIRONMENT",
    "LOTWISE_FLAGS_FILE",
    "LOTWISE_FAULTS",
    "LOTWISE_ROLLOUT_CONTROLLER",
    "LOTWISE_ROLLOUT_SECRET",
    "LOTWISE_METRICS_TOKEN",
];

/// The binary, without the settings of whoever runs the tests.
pub fn binary() -> Command {
    let mut command = Command::new(BINARY);
    for variable in VARIABLES {
        command.env_remove(variable);
    }
    command.env("LOTWISE_TOKEN", ADMIN_TOKEN).env("LOTWISE_LOG", "off").stdin(Stdio::null());
    command
}

/// What a command printed and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The output of a command that did what it was asked.
    pub fn done(self) -> String {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self.out
    }

    /// The same as JSON.
    pub fn json(self) -> Value {
        serde_json::from_str(&self.done()).unwrap()
    }

    /// What a command said that ended with this exit code.
    pub fn failed(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{self:#?}");
        assert!(self.err.starts_with("error: "), "{self:#?}");
        self.err
    }
}

/// `lotwise flags …` without a server.
pub fn flags(arguments: &[&str]) -> Ran {
    lotwise("flags", arguments)
}

/// `lotwise COMMAND …` without a server.
pub fn lotwise(command: &str, arguments: &[&str]) -> Ran {
    Ran::of(binary().arg(command).args(arguments).output().unwrap())
}

/// `lotwise doctor` of this database.
pub fn doctor(database: &str) -> Ran {
    doctor_with(database, &[])
}

/// The same with further options.
pub fn doctor_with(database: &str, more: &[&str]) -> Ran {
    let mut command = binary();
    command.args(["doctor", "--listen", "127.0.0.1:0", "--database", database]).args(more);
    Ran::of(command.output().unwrap())
}

/// `lotwise flags …` with this on standard input.
pub fn flags_reading(arguments: &[&str], input: &str) -> Ran {
    let mut command = binary();
    command.arg("flags").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that refuses before it reads closes the pipe.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    Ran::of(child.wait_with_output().unwrap())
}

/// How a service is started.
pub struct Setup {
    variable: Option<&'static str>,
    database: Option<String>,
    state_dir: Option<PathBuf>,
    arguments: Vec<String>,
    metrics_token: Option<&'static str>,
}

impl Setup {
    pub fn new() -> Self {
        Self { variable: Some("true"), database: None, state_dir: None, arguments: Vec::new(), metrics_token: None }
    }

    /// `ENABLE_LOT_LEVEL_MOIC` has this value.
    pub fn with_variable(mut self, value: Option<&'static str>) -> Self {
        self.variable = value;
        self
    }

    /// On this database instead of a file of its own.
    pub fn on_database(mut self, url: &str) -> Self {
        self.database = Some(url.to_owned());
        self
    }

    /// On the database that another service left behind.
    pub fn on(self, folder: &Path) -> Self {
        self.on_database(&sqlite_in(folder))
    }

    /// Remembers its flags here instead of in a folder that goes with the test.
    pub fn remembering_in(mut self, folder: &Path) -> Self {
        self.state_dir = Some(folder.to_owned());
        self
    }

    /// With these options of `lotwise serve`.
    pub fn with(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(|&argument| argument.to_owned()));
        self
    }

    /// Its metrics need [`METRICS_TOKEN`].
    pub fn with_metrics_token(mut self) -> Self {
        self.metrics_token = Some(METRICS_TOKEN);
        self
    }

    pub fn start(self) -> Service {
        let folder = tempfile::tempdir().unwrap();
        let database = self.database.unwrap_or_else(|| sqlite_in(folder.path()));
        let mut command = binary();
        // What is told to end ends at once, unless the test is about that.
        command.args(["serve", "--listen", "127.0.0.1:0", "--database", &database]).env("LOTWISE_DRAIN_SECONDS", "0");
        let state_dir = self.state_dir.as_deref().unwrap_or(folder.path());
        command.args(self.arguments).arg("--state-dir").arg(state_dir);
        command.env("LOTWISE_ADMIN_TOKEN", ADMIN_TOKEN);
        if let Some(value) = self.variable {
            command.env("ENABLE_LOT_LEVEL_MOIC", value);
        }
        if let Some(token) = self.metrics_token {
            command.env("LOTWISE_METRICS_TOKEN", token);
        }
        let child = command.stdout(Stdio::piped()).spawn().unwrap();
        Service::listening(child, folder)
    }
}

fn sqlite_in(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("lotwise.db").display())
}

/// A running service; it ends with the test.
pub struct Service {
    child: Child,
    pub address: String,
    folder: TempDir,
}

impl Service {
    pub fn start() -> Self {
        Setup::new().start()
    }

    /// A service whose first line on standard output names its address.
    pub fn listening(mut child: Child, folder: TempDir) -> Self {
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split_whitespace().find(|word| word.starts_with("http"));
        let address = address.unwrap_or_else(|| panic!("no address in {line:?}")).to_owned();
        Self { child, address, folder }
    }

    /// `lotwise flags …` at this service.
    pub fn flags(&self, arguments: &[&str]) -> Ran {
        flags(&[arguments, &["--server", &self.address]].concat())
    }

    /// `lotwise rollout …` at this service.
    pub fn rollout(&self, arguments: &[&str]) -> Ran {
        lotwise("rollout", &[arguments, &["--server", &self.address]].concat())
    }

    /// The same with the rights of this token.
    pub fn flags_as(&self, token: &str, arguments: &[&str]) -> Ran {
        let mut command = binary();
        command.env("LOTWISE_TOKEN", token).arg("flags").args(arguments).args(["--server", &self.address]);
        Ran::of(command.output().unwrap())
    }

    /// A file beside the database.
    pub fn file(&self, name: &str, contents: &str) -> String {
        let path: PathBuf = self.folder.path().join(name);
        std::fs::write(&path, contents).unwrap();
        path.display().to_string()
    }

    /// Ends the service; the URL of its database and the folder that holds it.
    pub fn stop(mut self) -> (String, TempDir) {
        self.end();
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap());
        (sqlite_in(folder.path()), folder)
    }

    /// Kills the service as a power failure does; the folder that holds its database.
    pub fn crash(mut self) -> TempDir {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap())
    }

    /// The URL of its own database.
    pub fn database(&self) -> String {
        sqlite_in(self.folder.path())
    }

    /// Id of its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    fn end(&mut self) {
        // SIGTERM, so that the database is closed in order.
        let told = Command::new("kill").arg(self.child.id().to_string()).status();
        assert!(told.is_ok_and(|status| status.success()), "the service cannot be told to end");
        self.child.wait().unwrap();
    }

    /// Asks the API as the administrator and answers status and body.
    pub fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        self.ask_as(ADMIN_TOKEN, method, path, body)
    }

    /// The same with the rights of this token.
    pub fn ask_as(&self, token: &str, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(30)))
            .build()
            .into();
        let url = format!("{}{path}", self.address);
        let bearer = format!("Bearer {token}");
        let answer = match (method, body) {
            ("GET", _) => agent.get(url).header("Authorization", bearer).call(),
            ("PUT", Some(body)) => agent.put(url).header("Authorization", bearer).send_json(body),
            (_, Some(body)) => agent.post(url).header("Authorization", bearer).send_json(body),
            (_, None) => agent.post(url).header("Authorization", bearer).send_empty(),
        };
        let mut answer = answer.unwrap();
        (answer.status().as_u16(), answer.body_mut().read_json().unwrap_or(Value::Null))
    }

    /// A fund with a company, an investment and a lot; its id.
    pub fn fund(&self) -> i64 {
        let post = |path: &str, body: Value| {
            let (status, answer) = self.ask("POST", path, Some(&body));
            assert_eq!(status, 201, "{path}: {answer}");
            answer["id"].clone()
        };
        let fund = post("/api/funds", json!({ "name": "Fund I", "currency": "USD" })).as_i64().unwrap();
        let company = post(&format!("/api/funds/{fund}/companies"), json!({ "name": "AlphaTech" }));
        let investment = post(
            &format!("/api/funds/{fund}/investments"),
            json!({ "companyId": company, "round": "Seed", "investmentDate": "2022-01-31", "amountCents": "250000000" }),
        );
        post(
            &format!("/api/funds/{fund}/portfolio/lots"),
            json!({ "investmentId": investment, "lotType": "initial", "purchaseDate": "2022-01-31",
                    "sharesAcquired": "1000", "costBasisCents": "250000000" }),
        );
        fund
    }

    /// The lot-level flag as the API shows it.
    pub fn flag(&self) -> Value {
        let (status, flag) = self.ask("GET", "/api/flags/enableLotLevelMoic", None);
        assert_eq!(status, 200, "{flag}");
        flag
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Nothing can be done about a child that is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
