//! `lint`, `explain` and `serve` of a flag file, without a server or a database.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::service::{Service, binary, flags};

const FILE: &str = r#"{
  "flags": {
    "headerColour": {
      "state": "ENABLED",
      "variants": { "clubs": "black", "hearts": "red" },
      "defaultVariant": "clubs",
      "targeting": { "if": [
        { "in": ["@cedar.example", { "var": "email" }] }, "hearts",
        { "fractional": [["clubs", 50], ["hearts", 50]] }
      ] }
    },
    "early": {
      "state": "ENABLED",
      "variants": { "on": true, "off": false },
      "defaultVariant": "off",
      "metadata": { "exposure": 10 }
    }
  }
}"#;

struct File {
    folder: tempfile::TempDir,
}

impl File {
    fn with(contents: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("flags.json"), contents).unwrap();
        Self { folder }
    }

    fn path(&self) -> String {
        self.folder.path().join("flags.json").display().to_string()
    }

    fn explain(&self, key: &str, context: &str) -> Value {
        flags(&["explain", key, "--file", &self.path(), "--context", context, "--json"]).json()
    }
}

#[test]
fn a_rule_of_a_file_is_explained_step_by_step() {
    let file = File::with(FILE);
    let colleague = r#"{"targetingKey":"jack","email":"jack@cedar.example"}"#;
    let out = flags(&["explain", "headerColour", "--file", &file.path(), "--context", colleague]).done();
    for word in ["headerColour", "hearts", "red", "TARGETING_MATCH", "in"] {
        assert!(out.contains(word), "{word}: {out}");
    }
    assert_eq!(file.explain("headerColour", colleague)["variant"], "hearts");
    let stranger = file.explain("headerColour", r#"{"targetingKey":"jack"}"#);
    assert_eq!(stranger["reason"], "TARGETING_MATCH");
    assert_eq!(file.explain("early", "{}")["errorCode"], "TARGETING_KEY_MISSING");
}

#[test]
fn contexts_and_keys_that_cannot_be_read_are_refused() {
    let file = File::with(FILE);
    let explain = |arguments: &[&str]| flags(&[&["explain"], arguments, &["--file", &file.path()]].concat());
    assert!(explain(&["nothing"]).failed(1).contains("nothing"));
    for context in ["{", "[]", "1", r#"{"targetingKey":7}"#] {
        let refused = explain(&["early", "--context", context]).failed(2);
        assert!(refused.contains("context") && refused.contains("hint: "), "{refused}");
    }
}

#[test]
fn a_good_file_has_no_findings_and_a_doubtful_one_says_which() {
    let good = File::with(FILE);
    assert!(flags(&["lint", "--file", &good.path()]).done().contains("nothing to mend"));
    let doubtful = File::with(&FILE.replace("[\"hearts\", 50]", "[\"hearts\", 40]"));
    let out = flags(&["lint", "--file", &doubtful.path()]).done();
    assert!(out.contains("headerColour") && out.contains("100"), "{out}");
    let findings = flags(&["lint", "--file", &doubtful.path(), "--json"]).json();
    assert_eq!(findings["findings"][0]["flag"], "headerColour");
    assert!(flags(&["lint", "--file", &doubtful.path(), "--strict"]).failed(1).contains("1 finding"));
}

#[test]
fn a_broken_file_is_refused_with_every_problem() {
    let broken = File::with(&FILE.replace("\"fractional\"", "\"fractionall\"").replace("\"off\",", "\"of\","));
    let refused = flags(&["lint", "--file", &broken.path()]).failed(2);
    assert!(refused.contains("fractionall") && refused.contains("early") && refused.contains("hint: "), "{refused}");
    let cut = File::with("{\"flags\": {");
    let refused = flags(&["lint", "--file", &cut.path()]).failed(2);
    assert!(refused.contains("line 1"), "{refused}");
    assert!(flags(&["lint", "--file", "/no/such/file"]).failed(2).contains("/no/such/file"));
    assert!(flags(&["serve", "--file", &cut.path()]).failed(2).contains("line 1"));
    assert!(flags(&["serve", "--file", "/no/such/file"]).failed(2).contains("/no/such/file"));
}

#[test]
fn a_file_is_served_over_ofrep_without_database_or_key() {
    let file = File::with(FILE);
    let child = binary()
        .args(["flags", "serve", "--file", &file.path(), "--port", "0", "--bucketing", "v2"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let service = Service::listening(child, file.folder);
    assert!(service.address.starts_with("http://127.0.0.1:"), "{}", service.address);
    let body = json!({ "context": { "targetingKey": "jack", "email": "jack@cedar.example" } });
    let (status, answer) = service.ask("POST", "/ofrep/v1/evaluate/flags/headerColour", Some(&body));
    assert_eq!((status, &answer["value"], &answer["reason"]), (200, &json!("red"), &json!("TARGETING_MATCH")));
    let (status, answer) = service.ask("POST", "/ofrep/v1/evaluate/flags/nothing", Some(&body));
    assert_eq!((status, &answer["errorCode"]), (404, &json!("FLAG_NOT_FOUND")));
}
