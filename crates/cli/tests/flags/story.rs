//! From a new flag to its archive, at a running service, on a stopped one's database, and from one database to another.

use serde_json::{Value, json};

use crate::service::{Service, Setup, binary, doctor, flags, flags_reading};

const NEW_DASHBOARD: &str = r#"{
  "state": "ENABLED",
  "variants": { "on": true, "off": false },
  "defaultVariant": "off",
  "targeting": { "if": [{ "ends_with": [{ "var": "email" }, "@cedar.example"] }, "on"] },
  "metadata": { "owner": "portfolio", "kind": "release" }
}"#;
const KEY: &str = "newDashboard";

/// A service with the flag of this story.
fn with_new_dashboard() -> Service {
    let service = Service::start();
    let definition = service.file("new-dashboard.json", NEW_DASHBOARD);
    service.flags(&["create", KEY, "--definition", &definition, "--comment", "first idea"]).done();
    service
}

fn get(service: &Service, key: &str) -> Value {
    service.flags(&["get", key, "--json"]).json()
}

#[test]
fn a_flag_is_created_changed_explained_killed_restored_and_archived() {
    let service = with_new_dashboard();
    let listed = service.flags(&["list"]).done();
    assert!(listed.contains("enableLotLevelMoic") && listed.contains(KEY), "{listed}");
    assert!(service.flags(&["get", KEY]).done().contains("\"defaultVariant\": \"off\""));

    let context = r#"{"targetingKey":"person:1","email":"ada@cedar.example"}"#;
    let explained = service.flags(&["explain", KEY, "--context", context]).done();
    assert!(explained.contains("TARGETING_MATCH") && explained.contains("ends_with"), "{explained}");

    service.flags(&["set", KEY, "--default", "on", "--comment", "for everyone"]).done();
    let flag = get(&service, KEY);
    assert_eq!((&flag["version"], &flag["definition"]["defaultVariant"]), (&json!(2), &json!("on")));
    assert_eq!(flag["definition"]["targeting"], serde_json::from_str::<Value>(NEW_DASHBOARD).unwrap()["targeting"]);

    let history = service.flags(&["history", KEY]).done();
    assert!(
        history.contains("version 2") && history.contains("for everyone") && history.contains("first idea"),
        "{history}"
    );
    assert!(history.contains("defaultVariant: \"off\" → \"on\""), "{history}");

    service.flags(&["kill", KEY, "--reason", "wrong colours"]).done();
    assert!(service.flags(&["get", KEY]).done().contains("wrong colours"));
    let killed = service.flags(&["explain", KEY]).done();
    assert!(killed.to_lowercase().contains("kill"), "{killed}");
    let again = service.flags(&["kill", KEY, "--reason", "too slow"]).done();
    assert!(again.contains("was already killed, by service:admin: wrong colours"), "{again}");
    let restored = service.flags(&["restore", KEY, "--reason", "painted", "--json"]).json();
    assert_eq!(restored["killed"], false);

    let history = service.flags(&["history", KEY]).done();
    let order = ["restored  ", "painted", "wrong colours", "version 2", "version 1"];
    let places = order.map(|text| history.find(text).unwrap_or_else(|| panic!("{text}: {history}")));
    assert!(places.is_sorted(), "newest first: {history}");

    service.flags(&["archive", KEY]).done();
    assert!(!service.flags(&["list"]).done().contains(KEY));
    assert!(service.flags(&["history", KEY]).done().contains("first idea"), "the history stays");
}

#[test]
fn one_thing_about_a_flag_can_be_changed_by_itself() {
    let service = Service::start();
    let key = "enableLotLevelMoic";
    service.flags(&["set", key, "--exposure", "10", "--client-override", "opt-in", "--default", "off"]).done();
    let metadata = get(&service, key)["definition"]["metadata"].clone();
    assert_eq!((&metadata["exposure"], &metadata["clientOverride"]), (&json!(10), &json!("opt-in")));
    assert_eq!(metadata["fallbackEndpoint"], "/api/funds/{fundId}/moic");
    assert!(service.flags(&["list"]).done().contains("10 %"));
    let shown = service.flags(&["get", key]).done();
    assert!(shown.contains("by user: 10 %") && !shown.contains("targeting_key_missing"), "{shown}");
    service.flags(&["set", key, "--exposure", "none", "--default", "on"]).done();
    let flag = get(&service, key);
    assert_eq!(flag["definition"]["metadata"]["exposure"], Value::Null);
    let late = service.flags(&["set", key, "--default", "off", "--version", "1"]).failed(1);
    assert!(late.contains("version_conflict") && late.contains("hint: "), "{late}");
    assert_eq!(get(&service, key)["version"], flag["version"]);
}

#[test]
fn what_is_exported_is_what_another_service_imports() {
    let (first, second) = (with_new_dashboard(), Service::start());
    first.flags(&["set", KEY, "--state", "disabled"]).done();
    let exported = first.flags(&["export"]).done();
    let document: Value = serde_json::from_str(&exported).unwrap();
    assert_eq!(document["flags"][KEY]["state"], "DISABLED");
    let file = second.file("flags.json", &exported);

    let before = second.flags(&["export"]).done();
    let report = second.flags(&["import", &file, "--dry-run"]).done();
    assert!(report.contains(KEY) && report.contains("nothing was changed"), "{report}");
    assert_eq!(second.flags(&["export"]).done(), before);

    second.flags(&["import", &file]).done();
    assert_eq!(second.flags(&["export"]).done(), exported);
    let into = second.file("again.json", "");
    second.flags(&["export", "--output", &into]).done();
    assert_eq!(std::fs::read_to_string(into).unwrap(), exported);
    let unchanged = second.flags(&["import", &file, "--json"]).json();
    assert_eq!((&unchanged["created"], &unchanged["changed"]), (&json!([]), &json!([])));
    assert_eq!(get(&second, KEY)["version"], 1);
}

#[test]
fn the_same_commands_act_on_the_database_of_a_stopped_service() {
    let service = with_new_dashboard();
    let running = service.flags(&["export"]).done();
    let (database, folder) = service.stop();
    let on_database = |arguments: &[&str]| flags(&[arguments, &["--database", &database]].concat());
    assert_eq!(on_database(&["export"]).done(), running);
    on_database(&["kill", "enableLotLevelMoic", "--reason", "found at night"]).done();
    on_database(&["set", KEY, "--default", "on"]).done();
    let history = on_database(&["history", KEY]).done();
    assert!(history.contains("version 2") && history.contains("by local:command-line"), "{history}");

    let again = Setup::new().on_database(&database).start();
    let flag = again.flag();
    assert_eq!((&flag["killed"], flag["reason"].as_str()), (&json!(true), Some("found at night")));
    assert_eq!(get(&again, KEY)["definition"]["defaultVariant"], "on");
    let busy = on_database(&["list"]).failed(1);
    assert!(busy.contains("--server"), "{busy}");
    drop(again.stop());
    let found = doctor(&database).done();
    for what in ["every entry is as it was written", "enableLotLevelMoic is killed", "lotwise.db.flags.json"] {
        assert!(found.contains(what), "{what}: {found}");
    }
    drop(folder);
}

#[test]
fn a_definition_can_come_from_standard_input() {
    let service = Service::start();
    let arguments = ["create", KEY, "--definition", "-", "--server", &service.address];
    flags_reading(&arguments, NEW_DASHBOARD).done();
    assert_eq!(get(&service, KEY)["version"], 1);
}

#[test]
fn segments_and_invitations_say_who_may_enter() {
    let service = Service::start();
    assert!(service.flags(&["segments", "list"]).done().contains("early-adopters"));
    service.flags(&["segments", "create", "friends", "--name", "Friends of the house"]).done();
    service.flags(&["segments", "add", "friends", "person:1", "person:2"]).done();
    service.flags(&["segments", "remove", "friends", "person:1"]).done();
    let members = service.flags(&["segments", "members", "friends"]).done();
    assert!(members.contains("person:2") && !members.contains("person:1"), "{members}");

    let key = "enableLotLevelMoic";
    let made = service.flags(&["invite", "create", key, "--days", "3", "--max-uses", "5"]).done();
    assert!(made.starts_with(&format!("{}/?ff_{key}=1&ff_invite=", service.address)), "{made}");
    let listed = service.flags(&["invite", "list", key, "--json"]).json();
    let id = listed["invitations"][0]["id"].as_str().unwrap().to_owned();
    service.flags(&["invite", "revoke", key, &id]).done();
    let listed = service.flags(&["invite", "list", key, "--json"]).json();
    assert_ne!(listed["invitations"][0]["revokedAt"], Value::Null);
}

#[test]
fn under_four_eyes_a_change_waits_for_a_second_person_and_a_kill_does_not() {
    let service = Setup::new().with(&["--four-eyes", "true"]).start();
    service.fund();
    let key = "enableLotLevelMoic";
    let asked = service.flags(&["set", key, "--exposure", "50", "--comment", "half"]).done();
    assert!(asked.contains("waits for a second person"), "{asked}");
    assert_eq!(get(&service, key)["definition"]["metadata"]["exposure"], Value::Null);
    let changes = service.flags(&["changes", "list", "--status", "pending", "--json"]).json();
    let id = changes["flagChanges"][0]["id"]
        .as_str()
        .map_or_else(|| changes["flagChanges"][0]["id"].to_string(), str::to_owned);
    service.flags(&["changes", "approve", &id]).failed(1);
    service.flags(&["changes", "withdraw", &id]).done();
    let refused = service.flags(&["drill", "--yes"]).failed(1);
    assert!(refused.contains("four eyes"), "{refused}");
    let killed = service.flags(&["kill", key, "--reason", "now", "--json"]).json();
    assert_eq!(killed["killed"], true);
}

#[test]
fn a_key_for_openfeature_clients_is_good_for_ofrep_alone() {
    let service = Service::start();
    let mut create = binary();
    create.args(["token", "create", "--name", "checkout", "--role", "ofrep", "--json", "--server", &service.address]);
    let token: Value = serde_json::from_slice(&create.output().unwrap().stdout).unwrap();
    let token = token["token"].as_str().unwrap();
    let path = "/ofrep/v1/evaluate/flags/enableLotLevelMoic";
    let (status, answer) = service.ask_as(token, "POST", path, Some(&json!({ "context": {} })));
    assert_eq!((status, &answer["value"]), (200, &json!(true)), "{answer}");
    assert!(service.flags_as(token, &["list"]).failed(1).contains("403"));
}

#[test]
fn an_explanation_says_what_it_supposes_about_the_one_who_asks() {
    let service = Service::start();
    let explain = |more: &[&str]| service.flags(&[&["explain", "enableLotLevelMoic"], more].concat());
    let supposed = explain(&["--targeting-key", "person:1"]);
    assert!(supposed.err.is_empty(), "{supposed:?}");
    assert_eq!(supposed.done().matches("as if no override was sent; pass --override 0 or 1").count(), 2);
    assert!(!explain(&["--targeting-key", "person:1", "--override", "0"]).done().contains("as if no override"));
    assert!(explain(&["--targeting-key", "service:admin"]).err.is_empty());
    let slip = explain(&["--targeting-key", "persn:1"]);
    assert!(slip.err.contains("warning: no user of this server has the targeting key \"persn:1\""), "{slip:?}");
}

#[test]
fn a_restore_that_the_environment_outweighs_is_not_called_done() {
    let service = Setup::new().with_variable(Some("false")).start();
    let restored = service.flags(&["restore", "enableLotLevelMoic", "--reason", "right again"]);
    assert!(restored.out.contains("note: ENABLE_LOT_LEVEL_MOIC"), "{restored:?}");
    let refused = restored.failed(1);
    assert!(refused.contains("stays off at this server") && refused.contains("hint: "), "{refused}");
}
