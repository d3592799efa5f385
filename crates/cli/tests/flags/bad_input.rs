//! Bad input of every command ends with exit code 2 or 1, a message that names what is wrong, and a hint; nothing changes.

use crate::service::{Service, binary, flags};

#[test]
fn a_broken_definition_is_refused_with_every_problem_and_nothing_changes() {
    let service = Service::start();
    let broken = service.file(
        "broken.json",
        r#"{"state":"MAYBE","variants":{"on":true},"defaultVariant":"off","targeting":{"no_such_operator":[1]}}"#,
    );
    let before = service.flags(&["export"]).done();
    let refused = service.flags(&["create", "broken", "--definition", &broken]).failed(2);
    for problem in ["state", "MAYBE", "defaultVariant", "no_such_operator", "hint: "] {
        assert!(refused.contains(problem), "{problem}: {refused}");
    }
    let document = service.file("set.json", r#"{"flags":{"good":{"state":"ENABLED","variants":{"on":true},"defaultVariant":"on"},"bad":{"state":"ENABLED","variants":{"on":true},"defaultVariant":"off"}}}"#);
    let refused = service.flags(&["import", &document]).failed(2);
    assert!(refused.contains("bad") && refused.contains("defaultVariant"), "{refused}");
    assert_eq!(service.flags(&["export"]).done(), before);
}

#[test]
fn files_that_are_missing_or_not_json_are_named() {
    let service = Service::start();
    let not_json = service.file("not.json", "{\"state\": ");
    for arguments in [
        ["create", "x", "--definition", "missing.json"],
        ["create", "x", "--definition", &not_json],
        ["set", "enableLotLevelMoic", "--definition", "missing.json"],
    ] {
        let refused = service.flags(&arguments).failed(2);
        assert!(refused.contains("not.json") || refused.contains("missing.json"), "{refused}");
        assert!(refused.contains("hint: "), "{refused}");
    }
    service.flags(&["import", "missing.json"]).failed(2);
    service.flags(&["import", &not_json]).failed(2);
    service.flags(&["export", "--output", "/no/such/folder/flags.json"]).failed(1);
}

#[test]
fn unknown_flags_segments_invitations_and_changes_are_not_found() {
    let service = Service::start();
    for arguments in [
        &["get", "no/such flag"][..],
        &["set", "nothing", "--default", "on"],
        &["archive", "nothing"],
        &["kill", "nothing", "--reason", "x"],
        &["restore", "nothing", "--reason", "x"],
        &["explain", "nothing"],
        &["history", "nothing"],
        &["segments", "members", "nothing"],
        &["invite", "list", "nothing"],
        &["changes", "withdraw", "0198c0de-0000-7000-8000-000000000000"],
    ] {
        let refused = service.flags(arguments).failed(1);
        assert!(refused.contains("404") && refused.contains("hint: "), "{arguments:?}: {refused}");
    }
}

#[test]
fn values_out_of_range_are_refused_before_anything_is_asked() {
    for arguments in [
        &["set", "x", "--exposure", "101"][..],
        &["set", "x", "--exposure", "ten"],
        &["set", "x", "--exposure", "1.234"],
        &["set", "x", "--client-override", "perhaps"],
        &["set", "x", "--state", "on"],
        &["set", "x"],
        &["set", "x", "--definition", "f", "--default", "on"],
        &["invite", "create", "x", "--days", "0"],
        &["invite", "create", "x", "--max-uses", "0"],
        &["drill", "--within", "0"],
        &["serve"],
        &["serve", "--file", "f", "--bucketing", "v1"],
        &["serve", "--file", "f", "--port", "70000"],
        &["serve", "--file", "f", "--listen", "nowhere"],
        &["kill", "x"],
        &["kill", "x", "--reason", "y", "--server", "http://a", "--database", "sqlite:b"],
    ] {
        let ran = flags(arguments);
        assert_eq!(ran.code, Some(2), "{arguments:?}: {ran:?}");
        assert!(ran.out.is_empty() && ran.err.starts_with("error: "), "{arguments:?}: {ran:?}");
    }
}

#[test]
fn a_place_that_is_not_there_is_said_with_what_to_do() {
    assert!(flags(&["list"]).failed(2).contains("--server URL"));
    assert!(flags(&["drill", "--yes"]).failed(2).contains("--server URL"));
    assert!(flags(&["list", "--server", "localhost:8080"]).failed(2).contains("http://"));
    assert!(flags(&["list", "--server", "http://127.0.0.1:1"]).failed(1).contains("hint: "));
    assert!(flags(&["list", "--database", "sqlite:/no/such/file.db"]).failed(2).contains("there is no database"));
    assert!(flags(&["list", "--database", "mysql://x"]).failed(2).contains("sqlite:PATH"));
}

#[test]
fn a_token_that_may_not_is_told_so() {
    let service = Service::start();
    let refused = service.flags_as("lotwise_nobody", &["list"]).failed(1);
    assert!(refused.contains("401") && refused.contains("hint: LOTWISE_TOKEN"), "{refused}");
    let body = serde_json::json!({ "name": "reader", "role": "viewer" });
    let (_, token) = service.ask("POST", "/api/tokens", Some(&body));
    let viewer = token["token"].as_str().unwrap();
    service.flags_as(viewer, &["list"]).done();
    let refused = service.flags_as(viewer, &["kill", "enableLotLevelMoic", "--reason", "x"]).failed(1);
    assert!(refused.contains("403") && refused.contains("higher role"), "{refused}");
}

#[test]
fn a_flags_file_that_is_none_keeps_the_service_from_starting_before_it_says_that_it_listens() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flags.json");
    std::fs::write(&file, r#"{"flags": {"a" }"#).unwrap();
    let database = format!("sqlite:{}", folder.path().join("lotwise.db").display());
    let mut command = binary();
    command.args(["serve", "--listen", "127.0.0.1:0", "--database", &database, "--flags-file"]).arg(&file);
    let output = command.output().unwrap();
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!((output.status.code(), out.as_str()), (Some(1), ""), "{err}");
    assert_eq!(err.matches("line 1, column 16").count(), 1, "{err}");
    assert!(err.contains("hint: mend the file"), "{err}");
}
