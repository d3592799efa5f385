//! Invitations: signed links that make a person an early adopter.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};
use server::{Environment, SigningSecret};

use crate::app::{Answer, FLAG, Person, Setup, TestApp, own_flag};

/// A production with the flag off, and an opt-in for whom it is offered.
async fn canary() -> TestApp {
    let app = in_environment(Environment::Production).await;
    app.define(FLAG, &own_flag("off", &json!({ "clientOverride": "opt-in" }))).await.expect(200);
    app
}

async fn in_environment(environment: Environment) -> TestApp {
    let secret =
        SigningSecret::new(server::INVITATION_SECRET_VARIABLE, "a secret that several environments share").unwrap();
    let setup = Setup::new().with_config(|config| {
        config.environment = environment;
        config.invitation_secret = Some(secret);
    });
    setup.start().await
}

/// An hour after the tests' clock starts.
const SOON: &str = "2026-01-05T01:00:00Z";

async fn invitation(app: &TestApp, max_uses: i64) -> Value {
    let body = json!({ "expiresAt": SOON, "maxUses": max_uses });
    app.post(&format!("/api/flags/{FLAG}/invitations"), &body).await.expect(201).body
}

/// The signed text of a link.
fn invite(invitation: &Value) -> String {
    let url = invitation["url"].as_str().unwrap();
    url.strip_prefix("/?ff_enableLotLevelMoic=1&ff_invite=").unwrap_or_else(|| panic!("{url}")).to_owned()
}

async fn redeem(app: &TestApp, person: &Person, invite: &str) -> Answer {
    let path = format!("/api/flags/{FLAG}/invitations/redeem");
    app.by(person, Method::POST, &path).json(&json!({ "invite": invite })).send().await
}

async fn enabled(app: &TestApp, person: &Person) -> Value {
    let request = app.by(person, Method::GET, "/api/client-state").header("x-feature-override", "enableLotLevelMoic=1");
    request.send().await.expect(200).body["flags"][FLAG]["enabled"].clone()
}

#[tokio::test]
async fn whoever_redeems_an_invitation_may_opt_in_from_then_on() {
    let app = canary().await;
    let (ada, ben) = (app.person("Ada", "viewer").await, app.person("Ben", "viewer").await);
    let invitation = invitation(&app, 1).await;
    assert_eq!(enabled(&app, &ada).await, false);
    let redeemed = redeem(&app, &ada, &invite(&invitation)).await.expect(200);
    assert_eq!(redeemed.body, json!({ "flag": FLAG, "segment": "early-adopters", "first": true }));
    assert_eq!((enabled(&app, &ada).await, enabled(&app, &ben).await), (json!(true), json!(false)));
    // Membership is no opt-in: who wishes nothing has what everyone has.
    let plain = app.by(&ada, Method::GET, "/api/client-state").send().await.expect(200);
    assert_eq!(plain.body["flags"][FLAG]["enabled"], false);

    assert_eq!(redeem(&app, &ada, &invite(&invitation)).await.expect(200).body["first"], false);
    app.clock.advance(Duration::from_secs(2 * 60 * 60));
    assert_eq!(enabled(&app, &ada).await, true, "the link's end is not the membership's");
    let members = app.get("/api/segments/early-adopters/members").await.expect(200);
    assert_eq!(members.body["members"][0]["targetingKey"], ada.key());
    assert_eq!(members.body["members"][0]["source"], "invitation");
}

#[tokio::test]
async fn a_link_that_was_changed_or_cut_off_is_refused() {
    let app = canary().await;
    let ada = app.person("Ada", "viewer").await;
    let good = invite(&invitation(&app, 1).await);
    let (payload, signature) = good.split_once('.').unwrap();
    let stretched = format!("{}.{signature}", payload.replace(&payload[..4], "eyJp"));
    for wrong in
        ["", "x", payload, &format!("{payload}."), &good[1..], &format!("A{good}"), &stretched[..stretched.len() - 1]]
    {
        redeem(&app, &ada, wrong).await.expect_problem(422, "invitation_malformed");
    }
    assert_eq!(enabled(&app, &ada).await, false);
    let path = format!("/api/flags/{FLAG}/invitations/redeem");
    app.by(&ada, Method::POST, &path)
        .json(&json!({ "invite": 7 }))
        .send()
        .await
        .expect_problem(422, "validation_failed");
}

#[tokio::test]
async fn an_expired_a_revoked_and_a_used_up_link_say_which() {
    let app = canary().await;
    let (ada, ben) = (app.person("Ada", "viewer").await, app.person("Ben", "viewer").await);
    let list = format!("/api/flags/{FLAG}/invitations");

    let used_up = invitation(&app, 1).await;
    redeem(&app, &ada, &invite(&used_up)).await.expect(200);
    redeem(&app, &ben, &invite(&used_up)).await.expect_problem(422, "invitation_used_up");

    let revoked = invitation(&app, 5).await;
    let one = format!("{list}/{}", revoked["id"].as_str().unwrap());
    assert_eq!(app.delete(&one).await.expect(200).body["status"], "revoked");
    app.delete(&one).await.expect(200);
    redeem(&app, &ben, &invite(&revoked)).await.expect_problem(422, "invitation_revoked");

    let expired = invitation(&app, 5).await;
    app.clock.advance(Duration::from_secs(60 * 60));
    redeem(&app, &ben, &invite(&expired)).await.expect_problem(422, "invitation_expired");
    assert_eq!(enabled(&app, &ben).await, false);

    let listed = app.get(&list).await.expect(200).body["invitations"].clone();
    let status_of = |invitation: &Value| {
        let found = listed.as_array().unwrap().iter().find(|one| one["id"] == invitation["id"]);
        found.unwrap()["status"].clone()
    };
    // What has expired is expired, however often it was used.
    assert_eq!([&used_up, &revoked, &expired].map(status_of), ["expired", "revoked", "expired"]);
}

#[tokio::test]
async fn a_link_for_another_environment_or_another_flag_is_refused() {
    let production = canary().await;
    let staging = in_environment(Environment::Staging).await;
    let elsewhere = invite(&invitation(&staging, 1).await);
    let ada = production.person("Ada", "viewer").await;
    redeem(&production, &ada, &elsewhere).await.expect_problem(422, "invitation_elsewhere");

    let good = invite(&invitation(&production, 1).await);
    let other = production.by(&ada, Method::POST, "/api/flags/useFundStore/invitations/redeem");
    other.json(&json!({ "invite": good })).send().await.expect_problem(422, "invitation_elsewhere");

    // Another database of the same environment, with the same secret.
    let twin = canary().await;
    let bea = twin.person("Bea", "viewer").await;
    redeem(&twin, &bea, &good).await.expect_problem(422, "invitation_elsewhere");
}

#[tokio::test]
async fn a_service_redeems_nothing_and_an_invitation_needs_its_fields() {
    let app = canary().await;
    let good = invite(&invitation(&app, 1).await);
    let path = format!("/api/flags/{FLAG}/invitations");
    app.post(&format!("{path}/redeem"), &json!({ "invite": good })).await.expect_problem(403, "forbidden");
    for (body, field) in [
        (json!({}), "expiresAt"),
        (json!({ "expiresAt": "2026-01-04T00:00:00Z" }), "expiresAt"),
        (json!({ "expiresAt": "tomorrow" }), "expiresAt"),
        (json!({ "expiresAt": SOON, "maxUses": 0 }), "maxUses"),
        (json!({ "expiresAt": SOON, "uses": 1 }), "uses"),
    ] {
        app.post(&path, &body).await.expect_problem(422, "validation_failed").naming(field);
    }
    let viewer = app.person("Vera", "viewer").await;
    app.by(&viewer, Method::GET, &path).send().await.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn a_generated_secret_survives_a_restart() {
    let app = TestApp::start().await;
    let ada = app.person("Ada", "viewer").await;
    let good = invite(&invitation(&app, 1).await);
    let app = Setup::new().on(app.stop().await).start().await;
    redeem(&app, &ada, &good).await.expect(200);
}

#[tokio::test]
async fn repeating_a_creation_under_its_key_gives_the_same_link() {
    let app = canary().await;
    let body = json!({ "expiresAt": SOON, "maxUses": 3 });
    let path = format!("/api/flags/{FLAG}/invitations");
    let post = || app.request(Method::POST, &path).key("k").json(&body).send();
    let (first, again) = (post().await.expect(201), post().await.expect(201));
    assert_eq!(first.raw, again.raw);
    assert_eq!(app.get(&first.header("location")).await.expect(200).body, first.body);
}
