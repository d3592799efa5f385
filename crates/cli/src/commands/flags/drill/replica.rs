//! One replica as a user, an operator and an OpenFeature client see it. Every look answers what it found, or why that is
//! not what it should be.

use std::fmt;
use std::time::Duration;

use flags::ENABLE_LOT_LEVEL_MOIC;
use serde_json::{Value, json};
use ureq::http::Method;

use crate::api_client::{Answer, ApiClient};
use crate::commands::flags::flag_path;
use crate::commands::flags::switches::Switch;
use crate::failure::Failure;

/// Status of a fund that its database does not have.
const NOT_FOUND: u16 = 404;
/// Requirement D3.
const BANNER: &str = "Lot-level MOIC temporarily unavailable";
/// What a fund has that must not get lost: the route below the fund, and the name of the list.
const RECORDS: [(&str, &str); 4] = [
    ("companies", "companies"),
    ("investments", "investments"),
    ("portfolio/lots", "lots"),
    ("portfolio/snapshots", "snapshots"),
];

/// A running server.
pub struct Replica {
    api: ApiClient,
}

/// What a refused caller is told, from the flag's definition.
pub struct Texts {
    message: String,
    endpoint: String,
    description: String,
}

/// How many records of each kind a fund has.
pub struct Counts([usize; RECORDS.len()]);

impl fmt::Display for Counts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (count, (_, name))) in self.0.iter().zip(RECORDS).enumerate() {
            write!(out, "{}{count} {name}", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// What was found, or why it is not what it should be.
pub type Look = Result<String, String>;
/// Something to look at, again and again if need be.
pub type Check<'c> = (&'static str, &'c dyn Fn() -> Look);

impl Replica {
    /// The replica at `address`, each of whose answers may take this long.
    pub fn at(address: &str, answer_timeout: Duration) -> Result<Self, Failure> {
        Ok(Self { api: ApiClient::of_server(address, answer_timeout)? })
    }

    /// Its address.
    pub fn place(&self) -> &str {
        self.api.place()
    }

    fn ask(&self, path: &str) -> Result<Answer, String> {
        self.api.send(&Method::GET, path, None).map_err(|failure| failure.message())
    }

    fn read(&self, path: &str) -> Result<Value, String> {
        self.api.get(path).and_then(|answer| answer.json()).map_err(|failure| failure.message())
    }

    /// That the token can undo what it does: a kill is for every operator, a restore only for those who see all funds.
    /// Answers the targeting key of whoever has the token.
    pub fn may_kill_and_restore(&self) -> Result<(String, String), String> {
        let session = self.read("/api/session")?;
        let role = session.get("role").and_then(Value::as_str).unwrap_or_default();
        if role != "operator" && role != "admin" {
            return Err(format!("its role is {role}; the drill needs operator or admin"));
        }
        if !session.get("fundIds").is_none_or(Value::is_null) {
            return Err("it sees only some funds, so it could kill but not restore".to_owned());
        }
        if session.get("fourEyes") == Some(&Value::Bool(true)) {
            return Err(
                "restoring waits for a second person here (four eyes), so the drill could not undo its kill".to_owned()
            );
        }
        let key = session.get("key").and_then(Value::as_str).ok_or("the session has no key")?;
        Ok((format!("{key}, {role}"), key.to_owned()))
    }

    /// The first fund of the list.
    pub fn first_fund(&self) -> Result<i64, String> {
        let funds = self.read("/api/funds?limit=1")?;
        funds.pointer("/funds/0/id").and_then(Value::as_i64).ok_or_else(|| "there is no fund; create one".to_owned())
    }

    /// That nobody has killed the flag and it is on for whoever has the token; answers the texts of its refusal.
    pub fn is_on(&self) -> Result<(String, Texts), String> {
        let flag = self.read(&flag_path(ENABLE_LOT_LEVEL_MOIC.key(), ""))?;
        if flag.get("killed") == Some(&Value::Bool(true)) {
            let said = flag.get("reason").and_then(Value::as_str).unwrap_or("none given");
            return Err(format!("it is killed already, reason: {said}; the drill does not touch that kill"));
        }
        let rollouts = self.read(&format!("/api/rollouts?flag={}&limit=1", ENABLE_LOT_LEVEL_MOIC.key()))?;
        let newest =
            rollouts.pointer("/rollouts/0").filter(|rollout| rollout.get("endedAt").is_none_or(Value::is_null));
        if let Some(rollout) = newest {
            let stage = rollout.get("stage").and_then(Value::as_str).unwrap_or("going on");
            return Err(format!(
                "its rollout is {stage}, and a kill would roll that back; rehearse with lotwise rollout drill, which has a \
                 flag of its own"
            ));
        }
        let state = self.read("/api/client-state")?;
        let reason = state.pointer(&of_flag("reason")).and_then(Value::as_str).unwrap_or("unknown");
        if state.pointer(&of_flag("enabled")) != Some(&Value::Bool(true)) {
            return Err(format!("it is off for this token ({reason}), so killing it would show nothing"));
        }
        // What the definition leaves out is as it was seeded.
        let own = ENABLE_LOT_LEVEL_MOIC.own();
        let text = |name: &str, seeded: &str| {
            let found = flag.pointer(&format!("/definition/metadata/{name}")).and_then(Value::as_str);
            found.unwrap_or(seeded).to_owned()
        };
        let (endpoint, description) =
            own.fallback.map_or(("", ""), |fallback| (fallback.endpoint, fallback.description));
        let texts = Texts {
            message: text("disabledMessage", own.disabled_message),
            endpoint: text("fallbackEndpoint", endpoint),
            description: text("fallbackDescription", description),
        };
        Ok((format!("on ({reason})"), texts))
    }

    /// What tells its database from others: when the fund was made, to the microsecond, and the last switch of the flag.
    pub fn database_marks(&self, fund: i64) -> Result<Value, String> {
        let made = self.read(&format!("/api/funds/{fund}"))?;
        let flag = self.read(&flag_path(ENABLE_LOT_LEVEL_MOIC.key(), ""))?;
        Ok(json!([made.get("createdAt"), flag.get("version"), flag.get("changedAt")]))
    }

    /// That its database is the one with these marks.
    pub fn shares_database(&self, fund: i64, marks: &Value) -> Look {
        let has_fund = self.ask(&format!("/api/funds/{fund}"))?.status != NOT_FOUND;
        if has_fund && self.database_marks(fund)? == *marks {
            return Ok("the same fund and the same flag".to_owned());
        }
        Err("it has another database than the first server, so a kill there would not reach it; name replicas of one \
             installation"
            .to_owned())
    }

    /// That the seven lenses are there.
    pub fn guarded_route_answers(&self, fund: i64) -> Look {
        expect_status(&self.ask(&guarded_path(fund))?, 200)
    }

    /// That the seven lenses are refused as requirement A6 says.
    pub fn refuses(&self, fund: i64, texts: &Texts) -> Look {
        let answer = self.ask(&guarded_path(fund))?;
        expect_status(&answer, 503)?;
        let body = answer.json().map_err(|failure| failure.message())?;
        let endpoint = texts.endpoint_for(fund);
        let expected = [
            ("/error", "feature_disabled"),
            ("/message", &texts.message),
            ("/feature", ENABLE_LOT_LEVEL_MOIC.key()),
            ("/fallback/endpoint", &endpoint),
            ("/fallback/description", &texts.description),
        ];
        for (pointer, expected) in expected {
            expect_value(&body, pointer, &json!(expected))?;
        }
        Ok(format!("503, fallback {endpoint}"))
    }

    /// That the way out is open.
    pub fn legacy_route_answers(&self, fund: i64, texts: &Texts) -> Look {
        let answer = self.ask(&texts.endpoint_for(fund))?;
        expect_status(&answer, 200)?;
        expect_value(&answer.json().map_err(|failure| failure.message())?, "/fundId", &json!(fund))?;
        Ok("200".to_owned())
    }

    /// That the pages are told to turn the feature off and to say so.
    pub fn shows_banner(&self) -> Look {
        let state = self.read("/api/client-state")?;
        expect_value(&state, "/banner/text", &json!(BANNER))?;
        expect_value(&state, &of_flag("enabled"), &json!(false))?;
        expect_value(&state, &of_flag("killed"), &json!(true))?;
        Ok(format!("{BANNER:?}"))
    }

    /// That the pages are told that all is well.
    pub fn shows_no_banner(&self) -> Look {
        let state = self.read("/api/client-state")?;
        if state.pointer("/banner/text") == Some(&json!(BANNER)) {
            return Err("the banner still says that the feature is unavailable".to_owned());
        }
        expect_value(&state, &of_flag("enabled"), &json!(true))?;
        expect_value(&state, &of_flag("killed"), &json!(false))?;
        Ok("on".to_owned())
    }

    /// What OpenFeature clients are told while all is well.
    pub fn ofrep_value(&self, user: &str) -> Result<(String, Value), String> {
        let body = self.evaluate(user)?;
        if body.pointer("/metadata/killed") == Some(&Value::Bool(true)) {
            return Err("it says killed".to_owned());
        }
        let value = body.get("value").cloned().unwrap_or_default();
        Ok((format!("value {value}"), value))
    }

    /// That they are told of the kill.
    pub fn ofrep_answers_killed(&self, user: &str) -> Look {
        let body = self.evaluate(user)?;
        expect_value(&body, "/value", &json!(false))?;
        expect_value(&body, "/metadata/killed", &json!(true))?;
        Ok("value false, killed".to_owned())
    }

    /// That they are told what they were before.
    pub fn ofrep_answers_as_before(&self, user: &str, before: &Value) -> Look {
        let (detail, value) = self.ofrep_value(user)?;
        if value == *before { Ok(detail) } else { Err(format!("{detail}, which was {before} before")) }
    }

    fn evaluate(&self, user: &str) -> Result<Value, String> {
        let path = format!("/ofrep/v1/evaluate/flags/{}", ENABLE_LOT_LEVEL_MOIC.key());
        let context = json!({ "context": { "targetingKey": user } });
        self.api.post(&path, &context).and_then(|answer| answer.json()).map_err(|failure| failure.message())
    }

    /// How many records the fund has.
    pub fn counts(&self, fund: i64) -> Result<Counts, String> {
        let mut counts = [0; RECORDS.len()];
        for (count, (route, plural)) in counts.iter_mut().zip(RECORDS) {
            *count = self
                .api
                .list(&format!("/api/funds/{fund}/{route}"), plural)
                .map_err(|failure| failure.message())?
                .len();
        }
        Ok(Counts(counts))
    }

    /// That the fund has at least the records it had: somebody may have added to them meanwhile.
    pub fn has_kept(&self, fund: i64, before: &Counts) -> Look {
        let now = self.counts(fund)?;
        if now.0.iter().zip(&before.0).any(|(now, before)| now < before) {
            return Err(format!("there were {before}, now there are {now}"));
        }
        Ok(now.to_string())
    }

    /// Kills the flag for this reason.
    pub fn kill(&self, reason: &str) -> Look {
        let flag = self.switch(Switch::Kill, reason)?;
        expect_value(&flag, "/killed", &json!(true))?;
        if flag.get("killPending") == Some(&json!(true)) {
            return Err("the database is away, so the kill acts at this server only".to_owned());
        }
        Ok("killed".to_owned())
    }

    /// Whether the flag is killed.
    pub fn is_killed(&self) -> Result<bool, String> {
        let flag = self.read(&flag_path(ENABLE_LOT_LEVEL_MOIC.key(), ""))?;
        Ok(flag.get("killed") == Some(&json!(true)))
    }

    /// Whether the flag is killed for this reason.
    pub fn is_killed_for(&self, reason: &str) -> Result<bool, String> {
        let flag = self.read(&flag_path(ENABLE_LOT_LEVEL_MOIC.key(), ""))?;
        Ok(flag.get("killed") == Some(&json!(true)) && flag.get("reason") == Some(&json!(reason)))
    }

    /// That it is our kill that it obeys: a copy of the database may look the same and knows nothing of it.
    pub fn shows_kill_for(&self, reason: &str) -> Look {
        if self.is_killed_for(reason)? {
            return Ok("this drill's".to_owned());
        }
        Err("it does not know this drill's kill; is its database a copy of the first server's?".to_owned())
    }

    /// Lifts the kill.
    pub fn restore(&self, reason: &str) -> Look {
        let flag = self.switch(Switch::Restore, reason)?;
        expect_value(&flag, "/killed", &json!(false))?;
        Ok("not killed".to_owned())
    }

    fn switch(&self, switch: Switch, reason: &str) -> Result<Value, String> {
        let path = flag_path(ENABLE_LOT_LEVEL_MOIC.key(), switch.route());
        self.api
            .post(&path, &json!({ "reason": reason }))
            .and_then(|answer| answer.json())
            .map_err(|failure| failure.message())
    }

    /// Whether somebody else wants the flag killed: had killed it when the kill for `reason` came, or killed it since.
    pub fn foreign_kill(&self, reason: &str) -> Result<Option<String>, String> {
        let audit = self
            .api
            .list(&flag_path(ENABLE_LOT_LEVEL_MOIC.key(), "/audit"), "audit")
            .map_err(|failure| failure.message())?;
        Ok(foreign_kill(&audit, reason))
    }
}

fn foreign_kill(audit: &[Value], reason: &str) -> Option<String> {
    let kills = audit.iter().filter(|entry| entry.get("action") == Some(&json!("flag.kill")));
    let mut since_ours = kills.skip_while(|entry| entry.pointer("/details/reason") != Some(&json!(reason)));
    if since_ours.next()?.pointer("/details/changed") == Some(&Value::Bool(false)) {
        return Some("somebody had killed the flag just before the drill".to_owned());
    }
    let theirs = since_ours.next()?;
    let said = |pointer: &str| theirs.pointer(pointer).and_then(Value::as_str).unwrap_or("unknown").to_owned();
    Some(format!("{} has killed the flag during the drill, reason: {}", said("/actor"), said("/details/reason")))
}

impl Texts {
    fn endpoint_for(&self, fund: i64) -> String {
        self.endpoint.replace("{fundId}", &fund.to_string())
    }
}

fn guarded_path(fund: i64) -> String {
    format!("/api/funds/{fund}/portfolio/lots/moic")
}

/// Where the client's state has this about the flag.
fn of_flag(name: &str) -> String {
    format!("/flags/{}/{name}", ENABLE_LOT_LEVEL_MOIC.key())
}

fn expect_status(answer: &Answer, expected: u16) -> Look {
    if answer.status == expected {
        return Ok(expected.to_string());
    }
    let code = answer.json().ok().and_then(|body| Some(body.get("error")?.as_str()?.to_owned()));
    Err(format!("it answers {} {}, not {expected}", answer.status, code.unwrap_or_default()))
}

fn expect_value(body: &Value, pointer: &str, expected: &Value) -> Result<(), String> {
    match body.pointer(pointer) {
        Some(found) if found == expected => Ok(()),
        found => {
            let found = found.unwrap_or(&Value::Null);
            Err(format!("{} is {found}, not {expected}", pointer.trim_start_matches('/').replace('/', ".")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(action: &str, reason: &str, changed: bool) -> Value {
        json!({ "action": action, "actor": "person:1", "details": { "reason": reason, "changed": changed } })
    }

    #[test]
    fn b5_a_kill_that_others_want_is_told_from_our_own() {
        let old = entry("flag.kill", "last year", true);
        let ours = entry("flag.kill", "drill 1", true);
        assert_eq!(foreign_kill(&[old.clone(), ours.clone()], "drill 1"), None);
        assert_eq!(foreign_kill(&[old, entry("flag.restore", "over", true)], "drill 1"), None);
        let meanwhile = entry("flag.kill", "wrong numbers", false);
        let found = foreign_kill(&[ours, meanwhile], "drill 1").unwrap();
        assert!(found.contains("person:1") && found.contains("wrong numbers"), "{found}");
        assert!(foreign_kill(&[entry("flag.kill", "drill 1", false)], "drill 1").is_some());
    }
}
