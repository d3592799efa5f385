//! `lotwise config check` and `doctor`: what applies, where it came from, and what to mend.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const SECRET: &str = "a-secret-of-more-than-thirty-two-characters";

/// The binary with these variables and no others.
fn lotwise(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lotwise"));
    command.args(arguments).current_dir(folder).env_clear().env("HOME", folder).env("LOTWISE_LOG", "error");
    command.envs(variables.iter().copied()).output().unwrap()
}

fn json(output: &Output) -> Vec<Value> {
    assert!(output.status.success() || !output.stdout.is_empty(), "{output:?}");
    serde_json::from_slice::<Value>(&output.stdout).unwrap().as_array().unwrap().clone()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Value and origin of a setting.
fn setting(rows: &[Value], name: &str) -> (String, String) {
    let row = rows.iter().find(|row| row["setting"] == name).unwrap();
    (row["value"].as_str().unwrap().to_owned(), row["origin"].as_str().unwrap().to_owned())
}

fn pair(value: &str, origin: &str) -> (String, String) {
    (value.to_owned(), origin.to_owned())
}

#[test]
fn every_setting_of_flags_is_shown_with_its_origin() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("lotwise.toml"), "four_eyes = true\nofrep_requests_per_second = 50\n").unwrap();
    let rows = json(&lotwise(
        folder.path(),
        &["config", "check", "--json", "--config", "lotwise.toml", "--flags-file", "flags.json"],
        &[
            ("LOTWISE_OFREP_REQUESTS_PER_SECOND", "70"),
            ("LOTWISE_INVITATION_SECRET", SECRET),
            ("VITE_USE_FUND_STORE", "false"),
        ],
    ));
    assert_eq!(setting(&rows, "four_eyes"), pair("true", "file, lotwise.toml"));
    assert_eq!(
        setting(&rows, "ofrep_requests_per_second"),
        pair("70", "environment, LOTWISE_OFREP_REQUESTS_PER_SECOND")
    );
    assert_eq!(setting(&rows, "flags_file"), pair("flags.json", "command line, --flags-file"));
    let state = folder.path().join(".local/state/lotwise");
    assert_eq!(setting(&rows, "state_dir"), pair(&state.display().to_string(), "default"));
    assert_eq!(setting(&rows, "client useFundStore"), pair("off", "environment, VITE_USE_FUND_STORE"));
    assert_eq!(setting(&rows, "invitation secret").0, "set (hidden)");
    assert!(!format!("{rows:?}").contains(SECRET));
}

#[test]
fn settings_that_cannot_be_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    for (variable, value, said) in [
        ("LOTWISE_FOUR_EYES", "yes", "true or false"),
        ("LOTWISE_OFREP_REQUESTS_PER_SECOND", "-1", "a whole number"),
        ("LOTWISE_INVITATION_SECRET", "short", "32"),
    ] {
        let output = lotwise(folder.path(), &["config", "check"], &[(variable, value)]);
        let err = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{err}");
        assert!(err.contains(variable) && err.contains(said), "{err}");
    }
    let output = lotwise(folder.path(), &["config", "check"], &[("LOTWISE_INVITATION_SECRET", "short-secret")]);
    assert!(!text(&output.stderr).contains("short-secret"));
}

#[test]
fn the_doctor_names_what_is_wrong_with_flags() {
    let folder = tempfile::tempdir().unwrap();
    let flags = r#"{"flags":{"broken":{"state":"ENABLED","variants":{"on":true},"defaultVariant":"of"}}}"#;
    std::fs::write(folder.path().join("flags.json"), flags).unwrap();
    let doctor = |variables: &[(&str, &str)]| {
        let arguments = ["doctor", "--json", "--listen", "127.0.0.1:0", "--flags-file", "flags.json"];
        json(&lotwise(folder.path(), &arguments, variables))
    };
    let said = |findings: &[Value], what: &str, verdict: &str| -> String {
        let of = |finding: &&Value| finding["what"] == what && finding["verdict"] == verdict;
        findings.iter().filter(of).map(|finding| finding["finding"].as_str().unwrap()).collect::<Vec<_>>().join("\n")
    };
    let findings = doctor(&[("VITE_ENABLE_LOT_LEVEL_MOIC", "on")]);
    assert!(said(&findings, "flags file", "warning").contains("flags.broken.defaultVariant"), "{findings:#?}");
    assert!(said(&findings, "flag variable", "warning").contains("VITE_ENABLE_LOT_LEVEL_MOIC"), "{findings:#?}");

    std::fs::write(folder.path().join("flags.json"), "{").unwrap();
    let findings = doctor(&[]);
    assert!(said(&findings, "flags file", "bad").contains("line 1"), "{findings:#?}");
}

#[test]
fn the_doctor_leaves_databases_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let (empty, early) = (folder.path().join("empty.db"), folder.path().join("early.db"));
    std::fs::write(&empty, "").unwrap();
    let url = |path: &Path| format!("sqlite:{}", path.display());
    let found = |path: &Path| {
        let arguments = ["doctor", "--json", "--listen", "127.0.0.1:0", "--database", &url(path)];
        let findings = json(&lotwise(folder.path(), &arguments, &[]));
        let finding = findings.iter().find(|finding| finding["what"] == "database").unwrap().clone();
        (finding["verdict"].as_str().unwrap().to_owned(), finding["finding"].as_str().unwrap().to_owned())
    };
    assert_eq!(found(&empty), ("warning".to_owned(), format!("{} is empty", url(&empty))));
    assert_eq!(std::fs::metadata(&empty).unwrap().len(), 0);

    store::migrations::migrate_up_to(&url(&early).parse().unwrap(), &store::StoreOptions::default(), 3).unwrap();
    for _ in 0..2 {
        let (verdict, finding) = found(&early);
        assert!(verdict == "warning" && finding.contains("has schema version 3; this program has"), "{finding}");
    }
}

#[test]
fn a_secret_comes_from_its_variable_or_from_the_file_of_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let secret_file = folder.path().join("admin-token");
    std::fs::write(&secret_file, format!("{SECRET}\n")).unwrap();
    let path = secret_file.to_str().unwrap();
    let rows = json(&lotwise(
        folder.path(),
        &["config", "check", "--json"],
        &[("LOTWISE_ADMIN_TOKEN_FILE", path), ("LOTWISE_METRICS_TOKEN_FILE", path), ("LOTWISE_ROLLOUT_SECRET", SECRET)],
    ));
    let of_file = |variable: &str| pair("set (hidden)", &format!("file, {path} ({variable}_FILE)"));
    assert_eq!(setting(&rows, "admin token"), of_file("LOTWISE_ADMIN_TOKEN"));
    assert_eq!(setting(&rows, "metrics token"), of_file("LOTWISE_METRICS_TOKEN"));
    assert_eq!(setting(&rows, "rollout secret"), pair("set (hidden)", "environment, LOTWISE_ROLLOUT_SECRET"));
    assert_eq!(setting(&rows, "OIDC client secret").0, "not set");
    assert!(!format!("{rows:?}").contains(SECRET));

    std::fs::write(folder.path().join("empty"), "").unwrap();
    let empty = folder.path().join("empty");
    for (variables, said) in [
        (vec![("LOTWISE_ADMIN_TOKEN_FILE", path), ("LOTWISE_ADMIN_TOKEN", SECRET)], "both set"),
        (vec![("LOTWISE_ADMIN_TOKEN_FILE", "/nowhere/token")], "cannot read /nowhere/token"),
        (vec![("LOTWISE_ADMIN_TOKEN_FILE", empty.to_str().unwrap())], "is empty"),
    ] {
        let output = lotwise(folder.path(), &["config", "check"], &variables);
        let err = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{err}");
        assert!(err.contains("LOTWISE_ADMIN_TOKEN") && err.contains(said), "{err}");
        assert!(!err.contains(SECRET), "{err}");
    }
}

#[test]
fn the_database_with_its_password_may_come_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("database-url");
    std::fs::write(&file, "postgres://lotwise:s3cret@db.example/lotwise\n").unwrap();
    let path = file.to_str().unwrap();
    let rows = json(&lotwise(folder.path(), &["config", "check", "--json"], &[("LOTWISE_DATABASE_FILE", path)]));
    assert_eq!(setting(&rows, "database").1, format!("file, {path}"));
    assert!(!format!("{rows:?}").contains("s3cret"), "{rows:?}");
}

#[test]
fn the_provider_of_identities_is_whole_or_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = "public_url = \"https://lotwise.example.com\"\n[oidc]\nissuer = \"https://login.example.com\"\n\
        client_id = \"lotwise\"\n[[oidc.roles]]\ngroup = \"analysts\"\nrole = \"analyst\"\nfunds = [1]\n";
    std::fs::write(folder.path().join("lotwise.toml"), file).unwrap();
    let check = |variables: &[(&str, &str)]| {
        lotwise(folder.path(), &["config", "check", "--json", "--config", "lotwise.toml"], variables)
    };
    let rows = json(&check(&[("LOTWISE_OIDC_CLIENT_SECRET", SECRET), ("LOTWISE_TRUSTED_PROXIES", "1")]));
    assert_eq!(setting(&rows, "oidc").0, "https://login.example.com");
    assert_eq!(setting(&rows, "trusted_proxies").0, "1");
    assert_eq!(setting(&rows, "OIDC client secret").0, "set (hidden)");
    assert!(!format!("{rows:?}").contains(SECRET));
    let refused = |variables: &[(&str, &str)], said: &str| {
        let err = text(&check(variables).stderr);
        assert!(err.contains(said), "{err}");
    };
    refused(&[("LOTWISE_OIDC_ISSUER", "http://login.example.com")], "must begin with https://");
    std::fs::write(folder.path().join("lotwise.toml"), "[oidc]\nissuer = \"https://login.example.com\"\n").unwrap();
    refused(&[], "needs an issuer and a client id");
    refused(&[("LOTWISE_OIDC_CLIENT_ID", "lotwise")], "needs the public URL");
}
