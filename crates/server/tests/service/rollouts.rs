//! Guarded rollouts as operators see them: requirements B1 to B6 and A9, rollouts.md §2 to §6.

use std::time::Duration;

use axum::http::Method;
use flags::EnvironmentSwitch;
use serde_json::{Value, json};
use server::{ROLLOUT_SECRET_VARIABLE, SigningSecret};

use crate::app::{FLAG, POLICY, Setup, Story, TestApp, boolean_flag, own_flag};

async fn app() -> TestApp {
    Setup::new().with_faults().start().await
}

fn said(reason: &str) -> Value {
    json!({ "reason": reason })
}

#[tokio::test]
async fn b1_a_good_version_goes_through_its_phases_by_itself_and_is_on_for_everyone() {
    let app = app().await;
    let story = Story::begin(&app, POLICY).await;
    assert_eq!(story.audience().await, (json!("50"), json!("off")));
    let drawn = story.with_feature().await;
    assert!((4..=20).contains(&drawn), "{drawn} of 24 at 50 %");
    assert_eq!(story.tick().await["stage"], "Soaking");
    let entered = story.tick().await;
    assert_eq!((&entered["phase"], &entered["exposure"]), (&json!("expanded"), &json!(80.0)));
    app.until_stage(&story.id, "WarmUp").await;
    assert_eq!(story.audience().await, (json!("80"), json!("off")));
    assert!(story.with_feature().await >= drawn, "a higher exposure only adds people");
    story.tick().await;
    assert_eq!(story.tick().await["stage"], "GateWait");
    let check = json!({ "name": "support-tickets", "passed": true, "evidence": "https://tracker.example/none" });
    let signed = story.command("checks", &check).await.expect(200);
    assert_eq!(signed.body["assessment"]["checks"][0]["isGood"], true);
    assert_eq!(story.tick().await["stage"], "Completed");
    assert_eq!(story.audience().await, (Value::Null, json!("on")));
    assert_eq!(story.with_feature().await, 24);
    let decisions = app.get(&story.path("/decisions")).await.expect(200).body;
    let verdicts: Vec<&Value> = decisions["decisions"].as_array().unwrap().iter().map(|one| &one["verdict"]).collect();
    assert_eq!(verdicts, ["promote", "promote"]);
}

#[tokio::test]
async fn b4_a_regression_is_rolled_back_by_itself_with_proof() {
    let app = app().await;
    let story = Story::begin(&app, POLICY).await;
    story.tick().await;
    app.faults(1.0, 0.0).await;
    story.tick().await;
    app.delete("/api/faults").await.expect(200);
    let rolled_back = app.until_stage(&story.id, "RolledBack").await;
    assert_eq!(story.with_feature().await, 0);
    let times = &rolled_back["rollback"];
    for stage in ["decideSeconds", "commitSeconds", "drainSeconds"] {
        assert!(times[stage].as_f64().is_some_and(|seconds| seconds >= 0.0), "{stage}: {times}");
    }
    assert_eq!(story.audience().await, (Value::Null, json!("off")), "on for everyone goes back with the default off");
    for stage in ["decide", "commit", "drain"] {
        let line = format!("rollout_rollback_duration_seconds_count{{stage=\"{stage}\"}}");
        assert!((app.metric(&line).await - 1.0).abs() < f64::EPSILON);
    }
    let explained = app.get(&story.path("/explain")).await.expect(200).text("text");
    for part in ["was rolled back", "by the rule worse-than-control", "The treatment fails more often than the control"]
    {
        assert!(explained.contains(part), "{part} is not in {explained}");
    }
}

#[tokio::test]
async fn a_fault_in_both_arms_rolls_nothing_back() {
    let app = app().await;
    let story = Story::begin(&app, POLICY).await;
    app.faults(1.0, 1.0).await;
    for _ in 0..3 {
        story.tick().await;
    }
    let rollout = app.rollout(&story.id).await;
    assert_eq!((&rollout["stage"], &rollout["phase"]), (&json!("Soaking"), &json!("canary")));
    assert_eq!(rollout["numbers"]["estimates"]["treatmentErrorRate"], 1.0);
    let decisions = app.get(&story.path("/decisions")).await.expect(200).body;
    assert_eq!(decisions["decisions"], json!([]));
    assert!(rollout["assessment"]["waitingFor"].as_str().unwrap().contains("errors: 100.00 %"), "{rollout}");
}

#[tokio::test]
async fn each_user_counts_once_and_people_who_chose_are_left_out() {
    let app = app().await;
    let story = Story::begin(&app, POLICY).await;
    app.faults(1.0, 1.0).await;
    story.everybody_asks().await;
    let ada = &story.people[0];
    for wish in ["enableLotLevelMoic=1", "enableLotLevelMoic=0"] {
        let asked = app.by(ada, Method::GET, &story.fund.path("/moic")).header("x-feature-override", wish);
        asked.send().await;
    }
    let numbers = story.tick().await["numbers"].clone();
    let sum = |field: &str| numbers["treatment"][field].as_u64().unwrap() + numbers["control"][field].as_u64().unwrap();
    assert_eq!((sum("requests"), sum("failures"), sum("users"), sum("failedUsers")), (48, 48, 24, 24));
    let compared = app.get(&story.path("/comparison")).await.expect(200).body;
    let phase = &compared["phases"][0];
    assert_eq!((&phase["optedIn"], &phase["optedOut"], &phase["phase"]), (&json!(1), &json!(1), &json!("canary")));
    assert_eq!(phase["treatment"]["requests"], numbers["treatment"]["requests"], "A9: the arms side by side");
    assert!(phase["control"]["errorRate"]["lower"].as_f64().unwrap() > 0.7);
}

#[tokio::test]
async fn a_refusal_because_the_flag_is_off_is_no_evidence() {
    let app = app().await;
    let story = Story::begin(&app, POLICY).await;
    let with_feature = story.with_feature().await;
    let rollout = story.end_tick().await;
    let numbers = &rollout["numbers"];
    assert_eq!(numbers["treatment"]["requests"], with_feature);
    assert_eq!(numbers["control"]["requests"], 0, "503 feature_disabled says nothing about the control");
}

#[tokio::test]
async fn a5_a_kill_ends_the_rollout_too() {
    let app = app().await;
    let story = Story::begin(&app, POLICY).await;
    app.kill("numbers look wrong").await.expect(200);
    let rolled_back = app.until_stage(&story.id, "RolledBack").await;
    assert!(rolled_back["endedAt"].is_string());
    assert_eq!(app.flag(FLAG).await["killed"], true, "restoring is a separate act");
    app.restore("mended").await.expect(200);
    assert_eq!(story.audience().await, (Value::Null, json!("off")));
    assert_eq!(story.with_feature().await, 0, "after a rollback the flag stays off until somebody changes it");
}

#[tokio::test]
async fn an_edit_from_outside_holds_the_rollout_until_it_is_resumed() {
    let app = app().await;
    let story = Story::begin(&app, POLICY).await;
    app.define(FLAG, &own_flag("off", &json!({ "owner": "somebody else", "exposure": 5 }))).await.expect(200);
    app.until_stage(&story.id, "Held(ExternalEdit)").await;
    story.command("resume", &said("the owner has changed")).await.expect(200);
    app.until_stage(&story.id, "WarmUp").await;
    assert_eq!(story.audience().await, (json!("50"), json!("off")));
    assert_eq!(app.flag(FLAG).await["owner"], "somebody else", "the rest of the edit stays");
}

#[tokio::test]
async fn operators_go_before_the_controller() {
    let app = app().await;
    let story = Story::begin(&app, POLICY).await;
    story.command("hold", &said("lunch")).await.expect(200);
    let refused = story.command("hold", &said("lunch")).await.expect_problem(409, "conflict");
    assert!(refused.text("message").starts_with("the rollout is Held(Manual): it is held already"));
    for _ in 0..3 {
        assert_eq!(story.tick().await["phase"], "canary");
    }
    story.command("resume", &said("back")).await.expect(200);
    story.tick().await;
    story.tick().await;
    app.until_stage(&story.id, "WarmUp").await;
    let back = story.command("step-back", &json!({ "reason": "too early", "to": "canary" })).await.expect(200);
    assert_eq!((&back.body["stage"], &back.body["phase"]), (&json!("SteppingBack"), &json!("canary")));
    assert_eq!(story.audience().await.0, json!("50"));
    app.until_stage(&story.id, "WarmUp").await;
    story.command("step-back", &json!({ "reason": "?", "to": "moon" })).await.expect_problem(409, "conflict");
    let aborted = story.command("abort", &said("enough")).await.expect(200);
    assert_eq!(aborted.body["stage"], "Aborted");
    assert_eq!(story.audience().await, (json!("50"), json!("off")), "the flag stays as it is");
    story.command("rollback", &said("?")).await.expect_problem(409, "conflict");
}

#[tokio::test]
async fn b4_a_manual_trigger_and_an_operator_roll_back_at_once() {
    let app = app().await;
    let story = Story::begin(&app, POLICY).await;
    story
        .command("rollback", &json!({ "reason": "?", "trigger": "worse-than-control" }))
        .await
        .expect_problem(409, "conflict");
    let body = json!({ "reason": "marks are doubled", "trigger": "critical-report" });
    let answer = story.command("rollback", &body).await.expect(200);
    assert_eq!(answer.body["stage"], "Verifying", "the flag is back before the answer");
    assert_eq!(story.with_feature().await, 0);
    app.until_stage(&story.id, "RolledBack").await;
    let decision = app.get(&story.path("/decisions")).await.expect(200).body["decisions"][0].clone();
    assert_eq!((&decision["rule"], &decision["actor"]), (&json!("critical-report"), &json!("service:admin")));
}

#[tokio::test]
async fn b3_checks_are_signed_by_approvers_with_evidence_and_expiry() {
    let app = app().await;
    let story = Story::begin(&app, POLICY).await;
    let check = |name: &str| {
        json!({ "name": name, "phase": "expanded", "passed": true, "evidence": "run 7",
        "expiresAt": "2026-01-06T00:00:00Z" })
    };
    let (ada, vera) = (app.person("Ada", "approver").await, app.person("Vera", "viewer").await);
    let path = story.path("/checks");
    app.by(&vera, Method::POST, &path).json(&check("support-tickets")).send().await.expect_problem(403, "forbidden");
    let unknown = app.by(&ada, Method::POST, &path).json(&check("feelings")).send().await;
    assert!(unknown.expect_problem(409, "conflict").text("message").contains("there are: support-tickets"));
    app.by(&ada, Method::POST, &path).json(&check("support-tickets")).send().await.expect(200);
    let entries = app.get(&story.path("/audit?limit=100")).await.expect(200).body["audit"].clone();
    let kept = entries.as_array().unwrap().iter().find(|entry| entry["action"] == "rollout.check");
    assert_eq!(kept.unwrap()["details"]["event"]["check"]["evidence"], "run 7");
    let past =
        json!({ "name": "support-tickets", "passed": true, "evidence": "run 7", "expiresAt": "2020-01-01T00:00:00Z" });
    app.by(&ada, Method::POST, &path).json(&past).send().await.expect(422).naming("expiresAt");
    app.by(&ada, Method::POST, &path).json(&json!({})).send().await.expect(422).naming("evidence");
}

#[tokio::test]
async fn a_decision_can_be_made_again_and_the_log_is_intact() {
    let app = app().await;
    let story = Story::begin(&app, POLICY).await;
    story.tick().await;
    app.faults(1.0, 0.0).await;
    story.tick().await;
    app.until_stage(&story.id, "RolledBack").await;
    let replayed = app.get(&story.path("/replay")).await.expect(200).body;
    assert_eq!(replayed["isSame"], true, "{replayed}");
    assert!(
        replayed["records"].as_array().unwrap().iter().any(|one| one["outcome"] == "roll_back by worse-than-control")
    );
    let verified = app.get("/api/audit/verify").await.expect(200).body;
    assert_eq!(verified, json!({ "isIntact": true, "firstBroken": null }));
    let evidence = app.get(&story.path("/evidence")).await.expect(200);
    assert_eq!(evidence.header("content-type"), "application/x-ndjson");
    let ticks = rollout::read_evidence(&evidence.raw).unwrap();
    assert_eq!(ticks.len(), 2);
    assert_eq!(ticks[1].treatment.failures, ticks[1].treatment.requests);
}

#[tokio::test]
async fn a_policy_is_refused_with_every_problem() {
    let app = app().await;
    let broken = POLICY.replace("percent = 50", "percent = 0").replace("limit = 0.5", "limit = 0.1");
    let refused = app.start_rollout(&broken).await.expect_problem(422, "validation_failed");
    refused.naming("policy.phases[0].percent").naming("policy.criteria.errors.success");
    app.start_rollout("name = ").await.expect_problem(422, "validation_failed").naming("policy");
    let unknown = POLICY.replace("flag = \"enableLotLevelMoic\"", "flag = \"checkout\"");
    app.start_rollout(&unknown).await.expect_problem(422, "validation_failed").naming("policy.flag");
    let elsewhere = POLICY.replace("environment = \"staging\"", "environment = \"production\"");
    app.start_rollout(&elsewhere).await.expect_problem(422, "validation_failed").naming("policy.phases");
    let body = json!({ "policy": POLICY, "colour": "blue" });
    app.post("/api/rollouts", &body).await.expect_problem(422, "validation_failed").naming("colour");
    let compares = POLICY
        .replace(
            "[triggers.integrity]",
            "[triggers.slower]\nclass = \"absolute\"\nmetric = \"latency\"\nslower_by = 0.2\n[triggers.integrity]",
        )
        .replace("percent = 50\nopt_in = true", "percent = 100")
        .replace("percent = 80", "percent = 100")
        .replace("\"worse-than-control\", ", "\"slower\", ")
        .replace("[triggers.worse-than-control]\nclass = \"causal\"\nmetric = \"errors\"\nsuccess = 0.005\n", "");
    app.start_rollout(&compares).await.expect_problem(422, "validation_failed").naming("latencyBaseline");
    assert_eq!(app.get("/api/rollouts").await.expect(200).body["rollouts"], json!([]));
    for path in ["/api/rollouts/7", "/api/rollouts/x/hold"] {
        let method = if path.ends_with("hold") { Method::POST } else { Method::GET };
        app.request(method, path).send().await.expect_problem(400, "malformed");
    }
    let missing = "/api/rollouts/0198c3a0-0000-7000-8000-000000000000";
    app.get(missing).await.expect_problem(404, "not_found");
    app.post(&format!("{missing}/rollback"), &said("?")).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_flag_has_one_rollout_and_a_new_one_takes_its_place_only_when_asked() {
    let app = app().await;
    let first = Story::begin(&app, POLICY).await;
    let refused = app.start_rollout(POLICY).await.expect_problem(409, "conflict");
    assert!(refused.text("message").contains("\"supersede\": true"));
    let second =
        app.post("/api/rollouts", &json!({ "policy": POLICY, "supersede": true })).await.expect(201).text("id");
    app.until_stage(&first.id, "Superseded").await;
    app.until_stage(&second, "WarmUp").await;
    app.post(&format!("/api/rollouts/{second}/rollback"), &said("both were bad")).await.expect(200);
    app.until_stage(&second, "RolledBack").await;
    assert_eq!(first.audience().await, (Value::Null, json!("off")), "back to what was before the first");
    let listed = app.get("/api/rollouts?flag=enableLotLevelMoic").await.expect(200).body["rollouts"].clone();
    let stages: Vec<&Value> = listed.as_array().unwrap().iter().map(|one| &one["stage"]).collect();
    assert!(stages.len() == 2 && stages.contains(&&json!("Superseded")), "{stages:?}");
}

#[tokio::test]
async fn a_rollout_after_one_that_completed_has_evidence_of_its_own() {
    let app = app().await;
    let first = Story::begin(&app, POLICY).await;
    first.until_phase("expanded").await;
    let check = json!({ "name": "support-tickets", "passed": true, "evidence": "none" });
    first.command("checks", &check).await.expect(200);
    for _ in 0..3 {
        first.tick().await;
    }
    app.until_stage(&first.id, "Completed").await;
    app.start_rollout(POLICY).await.expect(201);
    let listed = app.get("/api/rollouts?limit=1").await.expect(200).body;
    let second = Story { id: listed["rollouts"][0]["id"].as_str().unwrap().to_owned(), ..first };
    app.until_stage(&second.id, "WarmUp").await;
    let seen = second.tick().await;
    assert!(seen["numbers"]["treatment"]["requests"].as_u64().unwrap() > 0, "{seen}");
}

#[tokio::test]
async fn a_kill_ends_what_has_not_begun_and_a_killed_flag_starts_nothing() {
    let app = Setup::new().with_config(|config| config.four_eyes = true).start().await;
    let id = app.start_rollout(POLICY).await.expect(201).text("id");
    app.kill("numbers look wrong").await;
    app.until_stage(&id, "Aborted").await;
    let refused = app.start_rollout(POLICY).await.expect_problem(409, "conflict");
    assert!(refused.text("message").contains("restore it first"), "{}", refused.body);
}

#[tokio::test]
async fn nothing_starts_where_the_environment_keeps_the_feature_off() {
    let app = Setup::new().with_config(|config| config.lot_level_moic = EnvironmentSwitch::Unset).start().await;
    let refused = app.start_rollout(POLICY).await.expect_problem(409, "conflict");
    assert!(refused.text("message").contains("ENABLE_LOT_LEVEL_MOIC is not true"), "{}", refused.body);
}

#[tokio::test]
async fn a_rollout_that_cannot_start_yet_does_not_end_the_one_that_guards_the_flag() {
    let app = app().await;
    let first = Story::begin(&app, POLICY).await;
    let earlier = POLICY.replacen("[[phases]]", "[[phases]]\nname = \"laptop\"\nenvironment = \"development\"\npercent = 100\nmin_soak = \"1h\"\nmax_soak = \"2h\"\ncriteria = [\"errors\"]\ntriggers = [\"integrity\"]\n[[phases]]", 1);
    let refused = app.post("/api/rollouts", &json!({ "policy": earlier, "supersede": true })).await;
    let refused = refused.expect_problem(409, "conflict");
    assert!(refused.text("message").contains("guards the flag"), "{}", refused.body);
    assert_eq!(app.rollout(&first.id).await["stage"], "WarmUp");
}

#[tokio::test]
async fn an_approval_is_of_the_phase_that_was_looked_at() {
    let app = app().await;
    let story = Story::begin(&app, POLICY).await;
    let late = json!({ "evidence": "looked at it yesterday", "phase": "laptop" });
    let refused = story.command("approve", &late).await.expect_problem(409, "conflict");
    assert!(refused.text("message").contains("is in the phase canary"), "{}", refused.body);
}

#[tokio::test]
async fn an_operators_step_back_wins_over_an_edit_from_outside() {
    let app = app().await;
    let story = Story::begin(&app, POLICY).await;
    story.until_phase("expanded").await;
    app.until_stage(&story.id, "WarmUp").await;
    app.define(FLAG, &own_flag("off", &json!({ "owner": "somebody else", "exposure": 5 }))).await.expect(200);
    app.until_stage(&story.id, "Held(ExternalEdit)").await;
    let back = story.command("step-back", &said("whatever it was")).await.expect(200);
    assert_eq!((&back.body["phase"], &back.body["stage"]), (&json!("canary"), &json!("SteppingBack")));
    app.until_stage(&story.id, "WarmUp").await;
    assert_eq!(story.audience().await, (json!("50"), json!("off")));
}

#[tokio::test]
async fn a_baseline_must_be_one_that_can_be_compared_with() {
    let app = app().await;
    let start = async |baseline: Value| {
        app.post("/api/rollouts", &json!({ "policy": POLICY, "latencyBaseline": baseline })).await
    };
    start(json!({ "counts": [] })).await.expect(422).naming("latencyBaseline.counts");
    let empty = start(json!({})).await.expect(422).naming("latencyBaseline");
    assert!(empty.raw.contains("lotwise rollout baseline") && !empty.raw.contains("line 1"), "{}", empty.raw);
    start(json!({ "bounds": [1.0, 2.0], "counts": [[0, 2_000]] })).await.expect(422).naming("latencyBaseline.bounds");
    start(json!({ "bounds": [2.0, 1.0], "counts": [[0, 2_000]] })).await.expect(422).naming("latencyBaseline");
    start(json!({ "counts": [[0, u64::MAX], [1, 1]] })).await.expect(201);
}

#[tokio::test]
async fn of_a_repeated_start_one_rollout_comes() {
    let app = app().await;
    let start = || app.request(Method::POST, "/api/rollouts").key("one").json(&json!({ "policy": POLICY })).send();
    let (first, second) = (start().await.expect(201), start().await.expect(201));
    assert_eq!((first.text("id"), second.header("idempotent-replayed")), (second.text("id"), "true".to_owned()));
}

#[tokio::test]
async fn four_eyes_start_with_a_second_persons_word() {
    let app = Setup::new().with_config(|config| config.four_eyes = true).start().await;
    let (ada, ben) = (app.person("Ada", "operator").await, app.person("Ben", "approver").await);
    let body = json!({ "policy": POLICY });
    let asked = app.by(&ada, Method::POST, "/api/rollouts").json(&body).send().await.expect(201);
    assert_eq!(asked.body["stage"], "AwaitingStart");
    assert_eq!(asked.body["missing"], json!(["a second person must agree to the start (four eyes)"]));
    let approve = format!("/api/rollouts/{}/approve", asked.text("id"));
    let word = json!({ "evidence": "looked at the plan" });
    app.by(&ada, Method::POST, &approve).json(&word).send().await.expect_problem(403, "second_person_required");
    app.request(Method::POST, &approve).json(&word).send().await.expect_problem(403, "second_person_required");
    app.by(&ben, Method::POST, &approve).json(&word).send().await.expect(200);
    app.until_stage(&asked.text("id"), "WarmUp").await;
}

#[tokio::test]
async fn earlier_environments_count_through_their_signed_record() {
    let secret = || SigningSecret::new(ROLLOUT_SECRET_VARIABLE, "a secret that both environments share").unwrap();
    let both = POLICY.replacen("[[phases]]", "[[phases]]\nname = \"development\"\nenvironment = \"development\"\npercent = 100\nmin_soak = \"15s\"\nmax_soak = \"10m\"\ncriteria = [\"errors\"]\ntriggers = [\"integrity\"]\n[[phases]]", 1);
    let before = Setup::new().with_config(|config| {
        config.environment = server::Environment::Development;
        config.rollout_secret = Some(secret());
    });
    let before = before.start().await;
    let story = Story::begin(&before, &both).await;
    before.get(&story.path("/record")).await.expect_problem(409, "conflict");
    while story.tick().await["stage"] != "Completed" {}
    let record = before.get(&story.path("/record")).await.expect(200).body;

    let after = Setup::new().with_config(|config| config.rollout_secret = Some(secret())).start().await;
    let waiting = after.start_rollout(&both).await.expect(201);
    assert_eq!(waiting.body["missing"], json!(["the signed record of the phase development from development"]));
    let mut forged = record.clone();
    forged["phases"] = json!(["development", "staging"]);
    after.post("/api/rollout-records", &forged).await.expect_problem(422, "validation_failed").naming("signature");
    assert_eq!(after.rollout(&waiting.text("id")).await["stage"], "AwaitingStart");
    after.post("/api/rollout-records", &record).await.expect(201);
    let started = after.until_stage(&waiting.text("id"), "WarmUp").await;
    assert_eq!(started["phase"], "canary");
}

#[tokio::test]
async fn b6_reports_are_made_of_what_was_seen() {
    let app = app().await;
    let story = Story::begin(&app, POLICY).await;
    story.tick().await;
    story.tick().await;
    for (person, useful) in [(0, true), (1, true), (2, true), (2, false)] {
        let said = json!({ "useful": useful, "comment": "the next dollar is clear" });
        app.clock.advance(Duration::from_millis(10));
        app.by(&story.people[person], Method::POST, "/api/feedback").json(&said).send().await.expect(201);
    }
    app.post("/api/support-tickets", &json!({ "summary": "a lens is n/a", "severity": "low" })).await.expect(201);
    app.post("/api/support-tickets", &json!({ "summary": "?", "severity": "dreadful" }))
        .await
        .expect(422)
        .naming("severity");
    let report =
        async |kind: &str| app.get(&story.path(&format!("/reports/{kind}?date=2026-01-05"))).await.expect(200).body;
    let daily = report("daily").await;
    assert_eq!((&daily["from"], &daily["until"]), (&json!("2026-01-05"), &json!("2026-01-06")));
    let requests = |arm: &str| daily["figures"][arm]["requests"].as_u64().unwrap();
    assert_eq!(requests("withFeature") + requests("withoutFeature"), 48);
    assert!(daily["markdown"].as_str().unwrap().contains("| with the feature |"));
    let weekly = report("weekly").await;
    assert_eq!((&weekly["from"], &weekly["until"]), (&json!("2026-01-05"), &json!("2026-01-12")));
    assert!(weekly["figures"]["shared"]["workerMemoryBytes"].as_f64().unwrap() > 1e6);
    let monthly = report("monthly").await["figures"].clone();
    assert_eq!(
        (&monthly["useful"], &monthly["notUseful"], &monthly["supportTickets"]),
        (&json!(2), &json!(1), &json!(1))
    );
    let quarterly = report("quarterly").await["figures"].clone();
    assert_eq!(quarterly["all"], 24);
    app.get(&story.path("/reports/hourly")).await.expect_problem(400, "malformed");
}

#[tokio::test]
async fn snapshots_in_flight_are_neither_lost_nor_half_done() {
    let app = Setup::new().with_faults().without_workers().start().await;
    let story = Story::begin(&app, POLICY).await;
    let company = story.fund.company("AlphaTech").await;
    assert!(company.id > 0);
    let wish = ("x-feature-override", "enableLotLevelMoic=1");
    let body = json!({ "name": "before", "asOf": "2022-12-31" });
    let post = app.request(Method::POST, &story.fund.path("/portfolio/snapshots")).header(wish.0, wish.1).json(&body);
    let snapshot = post.send().await.expect(202).text("snapshotId");
    story.command("rollback", &said("?")).await.expect(200);
    app.until_stage(&story.id, "RolledBack").await;
    let path = format!("/api/snapshots/{snapshot}");
    assert_eq!(app.get(&path).await.expect(200).body["status"], "pending");
    drop(story);
    let folder = app.stop().await;
    let app = Setup::new().on(folder).start().await;
    let finished = app.until(&path, |answer| answer.body["status"] == "complete").await;
    assert_eq!(finished.body["resultWithheld"], "feature_disabled");
    app.stop().await;
}

#[tokio::test]
async fn a_rollout_goes_on_after_a_restart() {
    let app = app().await;
    let story = Story::begin(&app, POLICY).await;
    story.tick().await;
    let (id, soak) = (story.id.clone(), app.rollout(&story.id).await["numbers"]["soakSeconds"].clone());
    drop(story);
    let folder = app.stop().await;
    let app = Setup::new().with_faults().on(folder).start().await;
    let rollout = app.rollout(&id).await;
    assert_eq!((&rollout["stage"], &rollout["numbers"]["soakSeconds"]), (&json!("Soaking"), &soak));
    app.post(&format!("/api/rollouts/{id}/rollback"), &said("still there?")).await.expect(200);
    app.until_stage(&id, "RolledBack").await;
    app.stop().await;
}

#[tokio::test]
async fn faults_on_purpose_are_only_where_they_were_asked_for() {
    let app = TestApp::start().await;
    let arm = json!({ "errorRate": 0.5, "delayMs": 0.0, "delaySigma": 0.0 });
    let body = json!({ "treatment": arm, "control": arm });
    app.put("/api/faults", &body).await.expect_problem(409, "conflict");
    let app = Setup::new().with_faults().start().await;
    let too_much = json!({ "treatment": { "errorRate": 1.5, "delayMs": 0, "delaySigma": 0 }, "control": arm });
    app.put("/api/faults", &too_much).await.expect(422).naming("treatment.errorRate");
    app.put("/api/faults", &json!({ "treatment": arm })).await.expect(422).naming("control");
    let half = json!({ "treatment": arm, "control": { "errorRate": 0.1, "delayMs": "1" } });
    let refused = app.put("/api/faults", &half).await.expect(422).naming("control.delayMs");
    assert!(!refused.raw.contains("line 1"), "{}", refused.raw);
    refused.naming("control.delaySigma");
    app.put("/api/faults", &body).await.expect(200);
    assert_eq!(app.get("/api/faults").await.expect(200).body["faults"], body);
}

#[tokio::test]
async fn a_flag_of_other_values_or_of_a_file_cannot_be_rolled_out() {
    let app = app().await;
    let three = json!({ "state": "ENABLED", "variants": { "a": "x", "b": "y" }, "defaultVariant": "a" });
    app.post("/api/flags", &json!({ "key": "banner", "definition": three })).await.expect(201);
    let banner = POLICY.replace("flag = \"enableLotLevelMoic\"", "flag = \"banner\"");
    app.start_rollout(&banner).await.expect_problem(422, "validation_failed").naming("policy.flag");
}

#[tokio::test]
async fn a_flag_that_decides_about_no_counted_requests_is_rolled_out_by_hand_only() {
    let app = app().await;
    app.post("/api/flags", &json!({ "key": "checkout", "definition": boolean_flag("off") })).await.expect(201);
    let checkout = POLICY.replace("flag = \"enableLotLevelMoic\"", "flag = \"checkout\"");
    app.start_rollout(&checkout).await.expect_problem(422, "validation_failed").naming("policy.flag");
    let by_hand = r#"
name = "by-hand"
flag = "checkout"
[triggers.report]
class = "manual"
[criteria.pool]
metric = "poolInUse"
at_most = 0.99
[[phases]]
name = "half"
environment = "staging"
percent = 50
min_soak = "1h"
max_soak = "2h"
criteria = ["pool"]
triggers = ["report"]
"#;
    let id = app.start_rollout(by_hand).await.expect(201).text("id");
    app.until_stage(&id, "WarmUp").await;
    assert_eq!(app.flag("checkout").await["exposure"], "50");
    let version = json!({ "version": app.flag("checkout").await["version"] });
    let archived = app.request(Method::DELETE, "/api/flags/checkout").json(&version).send().await;
    assert!(archived.expect_problem(409, "conflict").text("message").contains("end it before you archive the flag"));
}
