//! Signing in at a provider of OpenID Connect, which is a stub here that signs with real keys and can misbehave.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use openidconnect::core::{CoreEdDsaPrivateSigningKey, CoreJwsSigningAlgorithm};
use openidconnect::url::{Url, form_urlencoded};
use openidconnect::{JsonWebKeyId, PrivateSigningKey};
use serde_json::{Value, json};
use server::{Clock, GroupRole, OidcSettings, OidcTexts};
use sha2::{Digest, Sha256};
use store::FundId;
use store::tokens::Role;
use tokio::net::TcpListener;

use crate::app::{Answer, Setup, TestApp};
use crate::sign_in::{ask, cookie_of};

const CLIENT: &str = "lotwise-at-example";

/// What the stub says next.
struct Stub {
    issuer: String,
    /// Number of the key it signs with; each has its own id.
    key: u8,
    /// Numbers of the keys it publishes.
    published: Vec<u8>,
    /// Claims of the next ID token over the right ones.
    claims: Value,
    header: Option<Value>,
    now: i64,
    nonce: String,
    challenge: String,
    is_down: bool,
    asked_for_keys: usize,
}

type Shared = Arc<Mutex<Stub>>;

fn signing_key(number: u8) -> CoreEdDsaPrivateSigningKey {
    // PKCS #8 of a key whose seed is this number again and again.
    let mut der = vec![0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    der.extend([number; 32]);
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", BASE64_STANDARD.encode(der));
    CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, Some(JsonWebKeyId::new(format!("key-{number}")))).unwrap()
}

impl Stub {
    fn token(&self) -> String {
        let mut claims = json!({ "iss": self.issuer, "aud": CLIENT, "sub": "subject-1", "name": "Ada Lovelace",
            "nonce": self.nonce, "iat": self.now, "exp": self.now + 300, "groups": ["analysts"] });
        for (name, value) in self.claims.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let header = json!({ "alg": "EdDSA", "kid": format!("key-{}", self.key) });
        let header = self.header.clone().unwrap_or(header);
        let encoded = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", encoded(&header), encoded(&claims));
        if header["alg"] == "none" {
            return format!("{message}.");
        }
        let signature = signing_key(self.key).sign(&CoreJwsSigningAlgorithm::EdDsa, message.as_bytes()).unwrap();
        format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }
}

async fn configuration(State(stub): State<Shared>) -> Result<Json<Value>, StatusCode> {
    let stub = stub.lock().unwrap();
    if stub.is_down {
        return Err(StatusCode::BAD_GATEWAY);
    }
    let at = |path: &str| format!("{}{path}", stub.issuer);
    Ok(Json(json!({ "issuer": stub.issuer, "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"),
        "jwks_uri": at("/jwks"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA", "RS256"] })))
}

async fn keys(State(stub): State<Shared>) -> Json<Value> {
    let mut stub = stub.lock().unwrap();
    stub.asked_for_keys += 1;
    let keys: Vec<_> = stub.published.iter().map(|number| signing_key(*number).as_verification_key()).collect();
    Json(json!({ "keys": keys }))
}

async fn token(State(stub): State<Shared>, body: String) -> (StatusCode, Json<Value>) {
    let stub = stub.lock().unwrap();
    let fields: HashMap<_, _> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(fields["code_verifier"].as_bytes()));
    if fields["code"] != "good-code" || challenge != stub.challenge {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" })));
    }
    (StatusCode::OK, Json(json!({ "access_token": "unused", "token_type": "Bearer", "id_token": stub.token() })))
}

struct World {
    app: TestApp,
    stub: Shared,
}

/// A browser on its way.
struct Browser {
    cookie: String,
    state: String,
}

impl World {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let stub = Stub {
            issuer: issuer.clone(),
            key: 1,
            published: vec![1],
            claims: json!({}),
            header: None,
            now: 0,
            nonce: String::new(),
            challenge: String::new(),
            is_down: false,
            asked_for_keys: 0,
        };
        let stub = Arc::new(Mutex::new(stub));
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(configuration))
            .route("/jwks", get(keys))
            .route("/token", post(token))
            .with_state(Arc::clone(&stub));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let texts = OidcTexts {
            issuer,
            client_id: CLIENT.to_owned(),
            public_url: "https://lotwise.example.com".to_owned(),
            label: Some("Example login".to_owned()),
            ..OidcTexts::default()
        };
        let rule = |group: &str, role, funds: Option<Vec<i64>>| GroupRole {
            group: group.to_owned(),
            role,
            funds: funds.map(|funds| funds.into_iter().map(FundId).collect()),
        };
        let roles = vec![rule("analysts", Role::Analyst, Some(vec![1])), rule("operators", Role::Operator, None)];
        let oidc = OidcSettings::new(texts, Some("client secret".to_owned()), roles).unwrap();
        let app = Setup::new().with_config(|config| config.oidc = Some(oidc)).start().await;
        stub.lock().unwrap().now = app.clock.now().as_second();
        Self { app, stub }
    }

    fn stub(&self, change: impl FnOnce(&mut Stub)) {
        change(&mut self.stub.lock().unwrap());
    }

    /// A browser that is sent to the provider.
    async fn begin(&self) -> Browser {
        let sent = self.app.anonymous(Method::GET, "/api/session/oidc").send().await.expect(303);
        let cookie = sent.header("set-cookie");
        for attribute in ["HttpOnly", "SameSite=Lax", "Path=/api/session/oidc", "Max-Age=600"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        let url = Url::parse(&sent.header("location")).unwrap();
        let asked: HashMap<_, _> = url.query_pairs().into_owned().collect();
        assert_eq!((asked["response_type"].as_str(), asked["client_id"].as_str()), ("code", CLIENT));
        assert_eq!(asked["code_challenge_method"], "S256");
        assert_eq!(asked["redirect_uri"], "https://lotwise.example.com/api/session/oidc/callback");
        assert_eq!(asked["scope"], "openid profile");
        self.stub(|stub| {
            stub.nonce.clone_from(&asked["nonce"]);
            stub.challenge.clone_from(&asked["code_challenge"]);
        });
        Browser { cookie: cookie_of(&sent), state: asked["state"].clone() }
    }

    /// The browser comes back with a code.
    async fn finish(&self, browser: &Browser, code: &str) -> Answer {
        let path = format!("/api/session/oidc/callback?code={code}&state={}&iss=ignored", browser.state);
        // The way back begins at another site.
        let request = self.app.anonymous(Method::GET, &path).header("sec-fetch-site", "cross-site");
        request.header("cookie", &browser.cookie).send().await.expect(303)
    }

    /// Signs in, and returns what the page is told where it fails.
    async fn outcome(&self) -> Result<String, String> {
        let browser = self.begin().await;
        outcome(&self.finish(&browser, "good-code").await)
    }
}

/// The session's cookie, or why there is none.
fn outcome(answer: &Answer) -> Result<String, String> {
    match answer.header("location").strip_prefix("/?signInFailed=") {
        Some(failure) => Err(failure.to_owned()),
        None => Ok(cookie_of(answer)),
    }
}

#[tokio::test]
async fn somebody_the_provider_knows_is_entered_with_what_their_groups_may_do() {
    let world = World::start().await;
    let methods = world.app.anonymous(Method::GET, "/api/session/methods").send().await.expect(200);
    assert_eq!(methods.body["oidc"], json!({ "label": "Example login", "path": "/api/session/oidc" }));
    let browser = world.begin().await;
    let answer = world.finish(&browser, "good-code").await;
    assert_eq!(answer.header("location"), "/");
    let cookie = outcome(&answer).unwrap();
    let session = ask(&world.app, &cookie, Method::GET, "/api/session", None).await.expect(200);
    assert_eq!((&session.body["name"], &session.body["method"]), (&json!("Ada Lovelace"), &json!("oidc")));
    assert_eq!((&session.body["role"], &session.body["fundIds"]), (&json!("analyst"), &json!([1])));
    assert_eq!(world.app.metric("sign_ins_total{method=\"oidc\",outcome=\"ok\"}").await, 1.0);

    // The same person again, under another name, with more to do: what they had before ends.
    world.stub(|stub| stub.claims = json!({ "groups": ["operators", "others"], "name": "Ada King" }));
    let again = world.outcome().await.unwrap();
    let now = ask(&world.app, &again, Method::GET, "/api/session", None).await.expect(200);
    assert_eq!((&now.body["key"], &now.body["role"]), (&session.body["key"], &json!("operator")));
    ask(&world.app, &cookie, Method::GET, "/api/session", None).await.expect(401);
    assert_eq!(world.app.get("/api/people").await.expect(200).body["people"].as_array().unwrap().len(), 1);

    // Without a group they are out.
    world.stub(|stub| stub.claims = json!({ "groups": [] }));
    assert_eq!(world.outcome().await, Err("no_role".to_owned()));
    ask(&world.app, &again, Method::GET, "/api/session", None).await.expect(401);
}

#[tokio::test]
async fn a_person_is_found_by_subject_and_never_by_an_address_of_e_mail() {
    let world = World::start().await;
    world.stub(|stub| stub.claims = json!({ "email": "ada@example.com", "email_verified": true }));
    world.outcome().await.unwrap();
    world.stub(|stub| stub.claims = json!({ "email": "ada@example.com", "email_verified": true, "sub": "subject-2" }));
    world.outcome().await.unwrap();
    assert_eq!(world.app.get("/api/people").await.expect(200).body["people"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_proves_nothing_signs_nobody_in() {
    let world = World::start().await;
    let now = world.app.clock.now().as_second();
    for (what, claims) in [
        ("another's nonce", json!({ "nonce": "another" })),
        ("no nonce", json!({ "nonce": null })),
        ("another audience", json!({ "aud": "another client" })),
        ("one audience more", json!({ "aud": [CLIENT, "another client"] })),
        ("another issuer", json!({ "iss": "https://evil.example" })),
        ("an expired token", json!({ "exp": now - 1 })),
    ] {
        world.stub(|stub| stub.claims = claims);
        assert_eq!(world.outcome().await, Err("refused".to_owned()), "{what}");
    }
    world.stub(|stub| stub.claims = json!({}));
    for algorithm in ["none", "HS256"] {
        world.stub(|stub| stub.header = Some(json!({ "alg": algorithm })));
        assert_eq!(world.outcome().await, Err("refused".to_owned()), "{algorithm}");
    }
    world.stub(|stub| {
        stub.header = Some(json!({ "alg": "EdDSA", "kid": "key-1" }));
        stub.key = 2;
    });
    assert_eq!(world.outcome().await, Err("refused".to_owned()), "another key under a known id");
    let people = world.app.get("/api/people").await.expect(200);
    assert_eq!(people.body["people"], json!([]));
    let log = world.app.get("/api/audit?subject=sign_in:oidc").await.expect(200);
    assert_eq!(log.body["audit"].as_array().unwrap().len(), 9);
}

#[tokio::test]
async fn only_the_browser_that_began_comes_back() {
    let world = World::start().await;
    let browser = world.begin().await;
    let other_state = Browser { state: "another".to_owned(), cookie: browser.cookie.clone() };
    assert_eq!(outcome(&world.finish(&other_state, "good-code").await), Err("expired".to_owned()));
    let no_cookie = Browser { state: browser.state.clone(), cookie: "other=1".to_owned() };
    assert_eq!(outcome(&world.finish(&no_cookie, "good-code").await), Err("expired".to_owned()));
    assert_eq!(outcome(&world.finish(&browser, "bad-code").await), Err("refused".to_owned()));
    // The verifier of one journey does not redeem the code of another.
    let second = world.begin().await;
    let mixed = Browser { state: browser.state.clone(), cookie: browser.cookie.clone() };
    assert_eq!(outcome(&world.finish(&mixed, "good-code").await), Err("refused".to_owned()));
    let answer = world.finish(&second, "good-code").await;
    outcome(&answer).unwrap();
    let ended: Vec<_> = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    assert!(ended.iter().any(|cookie| cookie.starts_with("lotwise_oidc=;")), "{ended:?}");

    let path = "/api/session/oidc/callback?error=access_denied&state=x";
    let denied = world.app.anonymous(Method::GET, path).header("cookie", &second.cookie).send().await.expect(303);
    assert_eq!(outcome(&denied), Err("refused".to_owned()));
}

#[tokio::test]
async fn a_key_that_came_into_use_since_is_fetched() {
    let world = World::start().await;
    world.outcome().await.unwrap();
    world.stub(|stub| {
        stub.key = 2;
        stub.published = vec![1, 2];
    });
    world.outcome().await.unwrap();
    assert_eq!(world.stub.lock().unwrap().asked_for_keys, 2);
    world.outcome().await.unwrap();
    assert_eq!(world.stub.lock().unwrap().asked_for_keys, 2, "what is known is not asked again");
}

#[tokio::test]
async fn a_provider_that_is_away_is_told_as_such_and_found_when_it_is_back() {
    let world = World::start().await;
    world.stub(|stub| stub.is_down = true);
    let sent = world.app.anonymous(Method::GET, "/api/session/oidc").send().await.expect(303);
    assert_eq!(outcome(&sent), Err("unavailable".to_owned()));
    world.stub(|stub| stub.is_down = false);
    world.outcome().await.unwrap();
    world.app.clock.advance(Duration::from_secs(2 * 60 * 60));
    world.stub(|stub| stub.now += 2 * 60 * 60);
    world.outcome().await.unwrap();
    assert_eq!(world.stub.lock().unwrap().asked_for_keys, 2, "what was discovered is believed for an hour");
}

#[tokio::test]
async fn without_a_provider_there_is_none() {
    let app = TestApp::start().await;
    let methods = app.anonymous(Method::GET, "/api/session/methods").send().await.expect(200);
    assert_eq!(methods.body, json!({ "password": true, "oidc": null }));
    for path in ["/api/session/oidc", "/api/session/oidc/callback"] {
        app.anonymous(Method::GET, path).send().await.expect_problem(404, "not_found");
    }
}
