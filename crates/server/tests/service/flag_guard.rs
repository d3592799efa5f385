//! Who decides about the guarded routes, over HTTP: requirements A1, A2, A4, A5 and "Who decides" of the flags' design.

use axum::http::Method;
use serde_json::{Value, json};
use server::Environment;

use crate::app::{Answer, FLAG, Person, Setup, TestApp, own_flag};

/// One row of the table: a situation, and what a person is answered who wishes nothing, out, and in.
struct Row {
    variable: Option<&'static str>,
    environment: Environment,
    is_killed: bool,
    default: &'static str,
    client_override: &'static str,
    is_early_adopter: bool,
    expected: [(u16, &'static str); 3],
}

const NORMAL: Row = Row {
    variable: Some("true"),
    environment: Environment::Production,
    is_killed: false,
    default: "off",
    client_override: "opt-out",
    is_early_adopter: false,
    expected: [(503, "default"), (503, "opted_out"), (503, "default")],
};

fn table() -> Vec<Row> {
    let everywhere = |status: u16, reason| [(status, reason); 3];
    vec![
        Row { variable: None, default: "on", expected: everywhere(503, "not_configured"), ..NORMAL },
        Row { variable: Some("false"), default: "on", expected: everywhere(503, "killed_by_environment"), ..NORMAL },
        Row { variable: Some(""), default: "on", expected: everywhere(503, "killed_by_environment"), ..NORMAL },
        Row {
            is_killed: true,
            default: "on",
            client_override: "opt-in",
            is_early_adopter: true,
            expected: everywhere(503, "killed"),
            ..NORMAL
        },
        Row { default: "on", expected: [(200, "default"), (503, "opted_out"), (200, "default")], ..NORMAL },
        NORMAL,
        Row { client_override: "opt-in", ..NORMAL },
        Row { is_early_adopter: true, ..NORMAL },
        Row {
            client_override: "opt-in",
            is_early_adopter: true,
            expected: [(503, "default"), (503, "opted_out"), (200, "opted_in")],
            ..NORMAL
        },
        Row {
            environment: Environment::Staging,
            client_override: "opt-in",
            expected: [(503, "default"), (503, "opted_out"), (200, "opted_in")],
            ..NORMAL
        },
        Row {
            environment: Environment::Development,
            client_override: "none",
            default: "on",
            expected: [(200, "default"), (503, "opted_out"), (200, "default")],
            ..NORMAL
        },
    ]
}

/// A service in a row's situation, a person in it, and a guarded path.
async fn situation(row: &Row) -> (TestApp, Person, String) {
    let environment = row.environment;
    let setup = Setup::new().with_variable(row.variable).with_config(|config| config.environment = environment);
    let app = setup.start().await;
    let (fund, person) = (app.fund("Fund I").await.id, app.person("Ada", "viewer").await);
    app.define(FLAG, &own_flag(row.default, &json!({ "clientOverride": row.client_override }))).await.expect(200);
    if row.is_early_adopter {
        let member = format!("/api/segments/early-adopters/members/{}", person.key());
        app.request(Method::PUT, &member).send().await.expect(204);
    }
    if row.is_killed {
        app.kill("drill").await.expect(200);
    }
    (app, person, format!("/api/funds/{fund}/portfolio/lots/moic"))
}

async fn wishing(app: &TestApp, person: &Person, path: &str, wish: Option<&str>) -> Answer {
    let request = app.by(person, Method::GET, path);
    match wish {
        Some(wish) => request.header("x-feature-override", &format!("{FLAG}={wish}")).send().await,
        None => request.send().await,
    }
}

#[tokio::test]
async fn a1_a2_a4_a5_the_guard_and_the_client_state_decide_as_the_table_says() {
    for (number, row) in table().iter().enumerate() {
        let (app, person, path) = situation(row).await;
        for (wish, (status, reason)) in [None, Some("0"), Some("1")].into_iter().zip(row.expected) {
            let guarded = wishing(&app, &person, &path, wish).await;
            assert_eq!(guarded.status.as_u16(), status, "row {number}, wish {wish:?}: {}", guarded.raw);
            let state = wishing(&app, &person, "/api/client-state", wish).await.expect(200);
            let flag = &state.body["flags"][FLAG];
            assert_eq!(flag["reason"], reason, "row {number}, wish {wish:?}");
            assert_eq!(flag["enabled"], json!(status == 200), "row {number}, wish {wish:?}");
        }
    }
}

#[tokio::test]
async fn an_exposure_is_drawn_by_the_person_and_not_by_what_the_client_says() {
    let app = TestApp::start().await;
    let path = app.fund("Fund I").await.path("/portfolio/lots/moic");
    let person = app.person("Ada", "viewer").await;
    for (exposure, status) in [(100, 200), (0, 503)] {
        app.define(FLAG, &own_flag("off", &json!({ "exposure": exposure }))).await.expect(200);
        wishing(&app, &person, &path, None).await.expect(status);
        let shown = app.flag(FLAG).await;
        assert_eq!(shown["exposure"], exposure.to_string());
    }
}

#[tokio::test]
async fn a_rule_can_name_the_person_by_the_targeting_key_that_the_server_sets() {
    let app = TestApp::start().await;
    let path = app.fund("Fund I").await.path("/portfolio/lots/moic");
    let (ada, ben) = (app.person("Ada", "viewer").await, app.person("Ben", "viewer").await);
    let mut definition = own_flag("off", &json!({}));
    definition["targeting"] = json!({ "if": [{ "in": [{ "var": "targetingKey" }, [ada.key()]] }, "on", "off"] });
    app.define(FLAG, &definition).await.expect(200);
    wishing(&app, &ada, &path, None).await.expect(200);
    wishing(&app, &ben, &path, None).await.expect_problem(503, "feature_disabled");
}

#[tokio::test]
async fn a6_the_way_out_is_the_one_of_the_definition_in_force() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let metadata = json!({ "disabledMessage": "Back on Monday", "fallbackEndpoint": "/api/funds/{fundId}/moic",
        "fallbackDescription": "The simple multiple" });
    app.define(FLAG, &own_flag("off", &metadata)).await.expect(200);
    let answer = app.get(&fund.path("/portfolio/lots/moic")).await.expect_problem(503, "feature_disabled");
    assert_eq!(answer.body["message"], "Back on Monday");
    let fallback = json!({ "endpoint": format!("/api/funds/{}/moic", fund.id), "description": "The simple multiple" });
    assert_eq!(answer.body["fallback"], fallback);
}

#[tokio::test]
async fn wishes_that_say_nothing_are_named_in_the_answer() {
    let app = TestApp::start().await;
    let asked = async |wish: &str| {
        let request = app.request(Method::GET, "/api/client-state").header("x-feature-override", wish);
        request.send().await.expect(200).header("x-feature-override-ignored")
    };
    assert_eq!(asked("enableLotLevelMoic=0").await, "");
    assert_eq!(asked("enableLotlevelMoic=0, enableLotLevelMoic=1").await, "enableLotlevelMoic");
    assert_eq!(asked("enableLotLevelMoic=yes").await, "enableLotLevelMoic");
    assert_eq!(asked("nonsense,,useFundStore=0").await, "nonsense");
    assert!(asked(&"x=1,".repeat(1_000)).await.len() <= 200);
}

#[tokio::test]
async fn who_turns_the_flag_off_for_themselves_is_counted_once() {
    let app = TestApp::start().await;
    let path = app.fund("Fund I").await.path("/portfolio/lots/moic");
    let (ada, ben) = (app.person("Ada", "viewer").await, app.person("Ben", "viewer").await);
    for person in [&ada, &ada, &ben] {
        wishing(&app, person, &path, Some("0")).await.expect(503);
    }
    let opt_outs = |answer: &Answer| answer.body["optOuts"].clone();
    let flag = format!("/api/flags/{FLAG}");
    app.until(&flag, |answer| opt_outs(answer) == json!({ "current": 2, "lastHour": 2 })).await;
    let counted = r#"feature_flag_self_disabled_total{flag_name="enableLotLevelMoic"}"#;
    while app.metric(counted).await < 2.0 {
        tokio::task::yield_now().await;
    }
    wishing(&app, &ada, "/api/client-state", None).await.expect(200);
    app.until(&flag, |answer| opt_outs(answer) == json!({ "current": 1, "lastHour": 2 })).await;
    wishing(&app, &ada, &path, Some("0")).await.expect(503);
    app.until(&flag, |answer| opt_outs(answer) == json!({ "current": 2, "lastHour": 2 })).await;
    assert_eq!(app.metric(counted).await, 2.0, "to and fro within an hour counts once");
}

#[tokio::test]
async fn a2_a3_the_page_is_told_its_deploy_settings() {
    let of = async |lot_level: Option<&str>, fund_store: Option<&str>| {
        let setup = Setup::new().with_config(|config| {
            config.client_settings.enable_lot_level_moic = flags::EnvironmentSwitch::from_variable(lot_level);
            config.client_settings.use_fund_store = flags::EnvironmentSwitch::from_variable(fund_store);
        });
        setup.start().await.get("/api/client-state").await.expect(200).body
    };
    let unset = of(None, None).await;
    assert_eq!(unset["clientSettings"], json!({ "enableLotLevelMoic": Value::Null, "useFundStore": Value::Null }));
    assert_eq!(unset["useFundStore"], true);
    let set = of(Some("true"), Some("false")).await;
    assert_eq!(set["clientSettings"], json!({ "enableLotLevelMoic": true, "useFundStore": false }));
    assert_eq!(set["useFundStore"], false);
    let wrong = of(Some("1"), Some("no")).await;
    assert_eq!(wrong["clientSettings"], json!({ "enableLotLevelMoic": Value::Null, "useFundStore": Value::Null }));
    assert_eq!(wrong["useFundStore"], true, "only false turns it off");
}

#[tokio::test]
async fn a6_a_definition_without_texts_refuses_with_the_seeded_ones() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    app.define(FLAG, &own_flag("off", &json!({}))).await.expect(200);
    let refused = app.get(&fund.path("/portfolio/lots/moic")).await.expect_problem(503, "feature_disabled").body;
    assert_eq!(refused["message"], "The lot-level MOIC feature is currently disabled");
    assert_eq!(
        refused["fallback"],
        json!({ "endpoint": fund.path("/moic"), "description": "Use legacy MOIC endpoint for basic calculations" })
    );
}

#[tokio::test]
async fn a5_a_kill_is_a_metric_that_an_alert_can_watch() {
    let app = TestApp::start().await;
    let gauge = r#"feature_flag_killed{flag_name="enableLotLevelMoic"}"#;
    assert_eq!(app.metric(gauge).await, 0.0);
    app.kill("drill").await.expect(200);
    assert_eq!(app.metric(gauge).await, 1.0);
    app.restore("over").await.expect(200);
    assert_eq!(app.metric(gauge).await, 0.0);
}
