//! Prometheus and Alertmanager with the deployed files, each on a free port, gone with the test.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::hurried::{deployed, write};
use crate::receiver::{RECEIVER_TOKEN, Receiver};
use crate::service::{METRICS_TOKEN, Service};

/// Debian's name, and the project's own.
const ALERTMANAGER: [&str; 2] = ["prometheus-alertmanager", "alertmanager"];
const PROMETHEUS: [&str; 1] = ["prometheus"];

/// What watches a service and tells a receiver.
pub struct Watch {
    _prometheus: Program,
    _alertmanager: Program,
    _folder: TempDir,
}

impl Watch {
    /// Watches `service`, and tells `receiver`.
    pub fn over(service: &Service, receiver: &Receiver) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let alertmanager = alertmanager(folder.path(), receiver);
        let prometheus = prometheus(folder.path(), service, &alertmanager.address);
        Self { _prometheus: prometheus, _alertmanager: alertmanager, _folder: folder }
    }
}

fn alertmanager(folder: &Path, receiver: &Receiver) -> Program {
    let token = folder.join("receiver-token");
    std::fs::write(&token, RECEIVER_TOKEN).unwrap();
    let mut config = deployed("alertmanager/alertmanager.yml");
    for to in config["receivers"].as_array_mut().unwrap() {
        let name = to["name"].as_str().unwrap().to_owned();
        let webhook = &mut to["webhook_configs"][0];
        webhook["url"] = json!(format!("http://{}/{name}", receiver.address));
        webhook["http_config"]["authorization"]["credentials_file"] = json!(token);
    }
    write(folder, "alertmanager.yml", &config);
    // Without a listen address for its peers, of which there are none.
    let arguments = ["--config.file=alertmanager.yml", "--storage.path=alertmanager", "--cluster.listen-address="];
    Program::start(&ALERTMANAGER, folder, &arguments)
}

fn prometheus(folder: &Path, service: &Service, alertmanager: &str) -> Program {
    let token = folder.join("metrics-token");
    std::fs::write(&token, METRICS_TOKEN).unwrap();
    write(folder, "lotwise.rules.yml", &deployed("prometheus/lotwise.rules.yml"));
    let mut config = deployed("prometheus/prometheus.yml");
    let targets = |address: &str| -> Value { json!([{ "targets": [address] }]) };
    config["alerting"]["alertmanagers"][0]["static_configs"] = targets(alertmanager);
    let scrape = &mut config["scrape_configs"][0];
    scrape["authorization"]["credentials_file"] = json!(token);
    scrape["static_configs"] = targets(service.address.trim_start_matches("http://"));
    Program::prometheus(folder, &config)
}

/// A running program that listens.
pub struct Program {
    child: Child,
    /// Host and port, as its log names them.
    pub address: String,
}

impl Program {
    /// A Prometheus with this configuration.
    pub fn prometheus(folder: &Path, config: &Value) -> Self {
        write(folder, "prometheus.yml", config);
        Self::start(&PROMETHEUS, folder, &["--config.file=prometheus.yml", "--storage.tsdb.path=prometheus"])
    }

    /// Starts the first of `names` that is installed.
    fn start(names: &[&str], folder: &Path, arguments: &[&str]) -> Self {
        let started = names.iter().find_map(|name| {
            let mut command = Command::new(name);
            command
                .current_dir(folder)
                .args(arguments)
                .arg("--web.listen-address=127.0.0.1:0")
                .arg("--log.format=json");
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().ok()
        });
        let Some(mut child) = started else {
            panic!("none of {names:?} is installed: sudo apt-get install prometheus prometheus-alertmanager");
        };
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut seen = Vec::new();
        let address = log.by_ref().find_map(|line| {
            let line = line.unwrap();
            let entry: Value = serde_json::from_str(&line).unwrap_or_default();
            seen.push(line);
            (entry["msg"] == "Listening on").then(|| entry["address"].as_str().unwrap().to_owned())
        });
        let Some(address) = address else {
            panic!("{} does not listen:\n{}", names[0], seen.join("\n"));
        };
        // Nobody reads its log any more; a full pipe would stop it.
        std::thread::spawn(move || log.for_each(drop));
        Self { child, address }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Nothing can be done about a child that is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
