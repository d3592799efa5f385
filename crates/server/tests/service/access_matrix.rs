//! Who may do what: every documented operation, asked by everybody there is. The table is reviewed as a snapshot, so that a
//! route which is new, or lets in somebody else than before, fails here until somebody has looked at it.

use std::fmt::Write as _;

use axum::http::Method;
use serde_json::json;

use crate::app::{Answer, TestApp};
use crate::sign_in::{PASSWORD, cookie_of, person, sign_in};

/// Who asks; `foreign` is a token of an analyst for another fund, `limited` one of an administrator for that one, `no-csrf` an administrator's browser that another site
/// has made ask.
const CALLERS: [&str; 11] = [
    "nobody", "ofrep", "viewer", "analyst", "approver", "operator", "admin", "foreign", "limited", "session", "no-csrf",
];

/// Stands for a snapshot that is made when it is asked about.
const SOME_SNAPSHOT: &str = "some-snapshot";

/// Something that no record has as its id.
const NOWHERE: &str = "01980000-0000-7000-8000-00000000ffff";

struct World<'a> {
    app: &'a TestApp,
    tokens: Vec<String>,
    foreign: String,
    limited: String,
    paths: Vec<(&'static str, String)>,
}

impl World<'_> {
    fn path(&self, template: &str) -> String {
        self.paths.iter().fold(template.to_owned(), |path, (name, value)| path.replace(name, value))
    }

    /// Each request of a browser has a session of its own: some of them end theirs.
    async fn cookie(&self) -> String {
        // The limit of attempts is not what is looked at here.
        self.app.clock.advance(std::time::Duration::from_secs(60));
        cookie_of(&sign_in(self.app, "root@example.com", PASSWORD).await.expect(200))
    }

    async fn ask(&self, caller: &str, method: &Method, path: &str) -> Answer {
        let request = self.app.anonymous(method.clone(), path);
        let request = match caller {
            "nobody" => request,
            "foreign" => request.bearer(&self.foreign),
            "limited" => request.bearer(&self.limited),
            "session" => request.header("cookie", &self.cookie().await).header("sec-fetch-site", "same-origin"),
            "no-csrf" => request.header("cookie", &self.cookie().await).header("sec-fetch-site", "cross-site"),
            role => {
                let rank = CALLERS.iter().position(|caller| *caller == role).unwrap();
                request.bearer(&self.tokens[rank - 1])
            }
        };
        // A body that no route takes: who is let in is told so, and nothing changes.
        request.json(&json!({ "notAField": 1 })).send_for_head().await
    }
}

/// What an answer says about who asks, and no more: `in` for whoever got as far as the route's own affair.
fn class(answer: &Answer) -> String {
    match answer.status.as_u16() {
        status @ (401 | 403) => status.to_string(),
        404 if answer.body["message"].as_str().is_some_and(|text| text.starts_with("there is no fund")) => {
            "404".to_owned()
        }
        404 if answer.body["message"].as_str().is_some_and(|text| text.starts_with("there is no lot")) => {
            "404".to_owned()
        }
        404 if answer.body["message"].as_str().is_some_and(|text| text.starts_with("there is no snap")) => {
            "404".to_owned()
        }
        500 => "500!".to_owned(),
        _ => "in".to_owned(),
    }
}

#[tokio::test]
async fn who_may_do_what_is_as_reviewed() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let other = app.fund("Fund II").await;
    let company = fund.company("AlphaTech").await;
    let (lot, snapshot) = (company.lot().await, fund.snapshot("s").await);
    app.finished(&snapshot).await;
    person(&app, "Root", "admin", None).await;
    let mut tokens = Vec::new();
    for role in ["ofrep", "viewer", "analyst", "approver", "operator", "admin"] {
        tokens.push(app.token(role, None).await);
    }
    let foreign = app.token("analyst", Some(&[other.id])).await;
    let limited = app.token("admin", Some(&[other.id])).await;
    let paths = vec![
        ("{fundId}", fund.id.to_string()),
        ("{companyId}", company.id.to_string()),
        ("{investmentId}", company.investment.to_string()),
        ("{lotId}", lot),
        ("{snapshotId}", SOME_SNAPSHOT.to_owned()),
        ("{a}", snapshot.clone()),
        ("{b}", snapshot),
        // What would go on working for somebody else: nothing of this is there.
        ("{tokenId}", "999".to_owned()),
        ("{personId}", "999".to_owned()),
        ("{sessionId}", "none".to_owned()),
        ("{eventId}", NOWHERE.to_owned()),
        ("{importId}", NOWHERE.to_owned()),
        ("{invitationId}", NOWHERE.to_owned()),
        ("{changeId}", NOWHERE.to_owned()),
        ("{rolloutId}", NOWHERE.to_owned()),
        ("{segmentKey}", "no-segment".to_owned()),
        ("{targetingKey}", "person:999".to_owned()),
        ("{key}", "enableLotLevelMoic".to_owned()),
    ];
    let world = World { app: &app, tokens, foreign, limited, paths };
    let document = app.anonymous(Method::GET, "/api/openapi.json").send().await.expect(200).body;
    let mut table = format!("{:<7}{:<64}", "", "");
    CALLERS.iter().for_each(|caller| write!(table, "{caller:<9}").unwrap());
    for (template, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let path = world.path(template);
            write!(table, "\n{:<7}{template:<64}", method.as_str()).unwrap();
            for caller in CALLERS {
                // Whoever may delete a snapshot does: the next is asked about another.
                let path = match path.contains(SOME_SNAPSHOT) {
                    true => path.replace(SOME_SNAPSHOT, &fund.snapshot("s").await),
                    false => path.clone(),
                };
                let class = class(&world.ask(caller, &method, &path).await);
                write!(table, "{class:<9}").unwrap();
            }
        }
    }
    let table: Vec<&str> = table.lines().map(str::trim_end).collect();
    assert!(!table.iter().any(|line| line.contains("500!")), "{}", table.join("\n"));
    insta::assert_snapshot!("who_may_do_what", table.join("\n"));
}
