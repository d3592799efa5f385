//! The deployed files, with time running [`HURRY`] times as fast: every duration in them is divided by it (the scrapes, the
//! windows of the rates, how long a condition must last, how notifications are gathered), and nothing else about rules, routes
//! or inhibitions is changed. Limits are ratios and counts and stay as they are; `> 5` seconds of latency, too.

use std::path::Path;

use serde_json::{Value, json};

/// Minutes become 2 s. Faster, and a scrape would have to answer within less than a busy machine promises.
const HURRY: u64 = 30;

/// The fields of the three files that hold a duration.
const DURATIONS: [&str; 7] = [
    "for",
    "scrape_interval",
    "scrape_timeout",
    "evaluation_interval",
    "group_wait",
    "group_interval",
    "repeat_interval",
];

/// A file of `deploy/` with its durations divided.
pub fn deployed(path: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy").join(path);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut file = serde_saphyr::from_str(&text).unwrap();
    hurry(&mut file);
    file
}

/// Writes a configuration. JSON is YAML.
pub fn write(folder: &Path, name: &str, contents: &Value) {
    std::fs::write(folder.join(name), contents.to_string()).unwrap();
}

fn hurry(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(hurry),
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text) if DURATIONS.contains(&name.as_str()) => *field = json!(shortened(text)),
                    Value::String(text) if name == "expr" => *field = json!(with_shorter_windows(text)),
                    _ => hurry(field),
                }
            }
        }
        _ => {}
    }
}

/// `5m` divided, in milliseconds.
fn shortened(duration: &str) -> String {
    let (number, unit) = duration.split_at(duration.len() - 1);
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => panic!("{duration} is not one number with s, m, h or d"),
    };
    let number: u64 = number.parse().unwrap_or_else(|_| panic!("{duration} is not one number with a unit"));
    format!("{}ms", number * seconds * 1_000 / HURRY)
}

/// A query whose windows, as in `[5m]`, are divided.
fn with_shorter_windows(query: &str) -> String {
    let mut parts = query.split('[');
    let mut shorter = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (window, rest) = part.split_once(']').unwrap();
        shorter.push_str(&format!("[{}]{rest}", shortened(window)));
    }
    shorter
}

#[test]
fn durations_are_divided_and_nothing_else() {
    let mut rule = json!({ "expr": "rate(a{b=\"1m\"}[5m]) > 0.01", "for": "10m", "labels": { "burn_rate": "6" } });
    hurry(&mut rule);
    let expected =
        json!({ "expr": "rate(a{b=\"1m\"}[10000ms]) > 0.01", "for": "20000ms", "labels": { "burn_rate": "6" } });
    assert_eq!(rule, expected);
}
