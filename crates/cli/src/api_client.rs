//! The API as the command line asks it: that of a running server, or the same routes inside this process on the database
//! of a stopped one, so that a command is written once.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use http_body_util::{BodyExt, Full};
use moic::Problem;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use server::{AppState, Secret};
use store::Store;
use tokio::runtime::Runtime;
use tower::ServiceExt;
use ureq::Agent;
use ureq::http::{Method, Request};

use crate::commands::serve;
use crate::failure::Failure;
use crate::settings::{SettingArguments, Settings};
use crate::system_clock::SystemClock;
use crate::target::{Location, Target};

/// How long an answer may take.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);
/// Records asked for at a time; the most the API gives.
const PAGE_LENGTH: usize = 100;
/// Shown of the answer of something that is no Lotwise server: enough of a proxy's first line to know it by.
const FOREIGN_CHARACTERS_MAX: usize = 100;
/// Presented to the routes inside this process. It guards nothing: there is no socket through which anybody could ask.
const INSIDE_TOKEN: &str = "only-this-process-can-ask-its-own-routes";
/// What may stand in a segment of a path as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Asks the API.
pub struct ApiClient {
    /// What errors call the other side.
    place: String,
    authorization: Option<String>,
    transport: Transport,
}

type Inside = Box<dyn Fn(Request<Vec<u8>>) -> anyhow::Result<RawAnswer>>;

enum Transport {
    Network(Agent),
    Inside(Inside),
}

/// What is sent.
#[derive(Clone, Copy)]
enum Body<'b> {
    None,
    Json(&'b str),
    File(&'b [u8]),
}

impl Body<'_> {
    const fn media_type(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Json(_) => Some("application/json"),
            Self::File(_) => Some("application/octet-stream"),
        }
    }

    const fn bytes(&self) -> &[u8] {
        match self {
            Self::None => &[],
            Self::Json(text) => text.as_bytes(),
            Self::File(bytes) => bytes,
        }
    }
}

/// An answer as it came.
struct RawAnswer {
    status: u16,
    bytes: Vec<u8>,
}

impl RawAnswer {
    fn into_text(self) -> anyhow::Result<Answer> {
        let text = String::from_utf8(self.bytes).context("the answer is not UTF-8")?;
        Ok(Answer { status: self.status, text })
    }
}

/// What the API answered.
#[derive(Debug)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// The body as it came.
    pub text: String,
}

impl ApiClient {
    /// The API at the place that was named.
    pub fn at(target: &Target) -> Result<Self, Failure> {
        match target.location()? {
            Location::Server(address) => Self::of_server(&address, ANSWER_TIMEOUT),
            Location::Database(url) => Self::on_database(&url),
        }
    }

    /// The API of the running server at `address`, asked with `LOTWISE_TOKEN`.
    pub fn of_server(address: &str, timeout: Duration) -> Result<Self, Failure> {
        let token = std::env::var("LOTWISE_TOKEN").ok().filter(|token| !token.is_empty());
        let token = token.ok_or_else(|| {
            Failure::bad_input(
                "LOTWISE_TOKEN is not set",
                "set it to a token whose role allows this; lotwise token create makes one".to_owned(),
            )
        })?;
        Self::with_token(address, &token, timeout)
    }

    /// The API of the running server at `address`, asked with a token at hand.
    pub fn with_token(address: &str, token: &str, timeout: Duration) -> Result<Self, Failure> {
        let address = address.trim_end_matches('/');
        if !address.starts_with("http://") && !address.starts_with("https://") {
            let hint = "write it as https://lotwise.example.com or http://127.0.0.1:8080".to_owned();
            return Err(Failure::bad_input(format!("the server {address:?} is no http:// or https:// address"), hint));
        }
        Ok(Self {
            place: address.to_owned(),
            authorization: Some(format!("Bearer {token}")),
            transport: Transport::Network(server::agent(timeout)),
        })
    }

    /// The routes inside this process, on the database of a stopped server and with the settings of the environment.
    pub fn on_database(url: &str) -> Result<Self, Failure> {
        let settings = Settings::read(&SettingArguments::of_database(url))?;
        serve::must_exist(&settings.database.value)?;
        let store = serve::open(&settings)?;
        Self::inside(&settings, store)
    }

    /// The routes inside this process, on an open database.
    pub fn inside(settings: &Settings, store: Store) -> Result<Self, Failure> {
        let runtime = Runtime::new().context("cannot start the asynchronous runtime")?;
        let mut config = settings.config();
        config.command_line_token = Some(Secret::new(INSIDE_TOKEN));
        let state = AppState::new(config, store, Arc::new(SystemClock::start()));
        let router = server::router(runtime.block_on(state).context("cannot read the flags")?);
        let call = move |request: Request<Vec<u8>>| {
            runtime.block_on(async {
                let answer = router.clone().oneshot(request.map(Full::from)).await?;
                let status = answer.status().as_u16();
                let bytes = answer.into_body().collect().await.context("the answer broke off")?.to_bytes();
                Ok(RawAnswer { status, bytes: bytes.into() })
            })
        };
        Ok(Self {
            place: settings.database.value.to_string(),
            authorization: Some(format!("Bearer {INSIDE_TOKEN}")),
            transport: Transport::Inside(Box::new(call)),
        })
    }

    /// What errors call the other side: the server's address, or the database.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Asks, and answers whatever comes back; fails when nothing does.
    pub fn send(&self, method: &Method, path: &str, body: Option<&str>) -> Result<Answer, Failure> {
        self.exchange(method, path, body.map_or(Body::None, Body::Json))?.into_text().map_err(Failure::Failed)
    }

    /// Sends a file.
    pub fn send_file(&self, path: &str, bytes: &[u8]) -> Result<Answer, Failure> {
        self.exchange(&Method::POST, path, Body::File(bytes))?.into_text().map_err(Failure::Failed)
    }

    /// Asks for a file.
    pub fn download(&self, path: &str) -> Result<Vec<u8>, Failure> {
        let answer = self.exchange(&Method::GET, path, Body::None)?;
        if (200..300).contains(&answer.status) {
            return Ok(answer.bytes);
        }
        Err(answer.into_text().map_err(Failure::Failed)?.refusal())
    }

    /// Asks a running server for a file that may be larger than the memory; its bytes.
    pub fn download_to(&self, path: &str, to: &mut dyn Write) -> Result<u64, Failure> {
        let Transport::Network(agent) = &self.transport else {
            return Err(Failure::Failed(anyhow!("only a running server is asked for such a file")));
        };
        let url = format!("{}{path}", self.place);
        let mut answer =
            self.authorized(agent.post(url)).send_empty().map_err(|error| self.unreachable(&error.into()))?;
        if !answer.status().is_success() {
            return Err(read(answer).and_then(RawAnswer::into_text).map_err(Failure::Failed)?.refusal());
        }
        let mut body = answer.body_mut().with_config().limit(u64::MAX).reader();
        io::copy(&mut body, to).context("the answer broke off, or cannot be written").map_err(Failure::Failed)
    }

    fn unreachable(&self, error: &anyhow::Error) -> Failure {
        Failure::refused(
            format!("cannot ask {}: {error:#}", self.place),
            "is the server running, and is its address right? lotwise doctor looks at the set-up".to_owned(),
        )
    }

    fn exchange(&self, method: &Method, path: &str, body: Body<'_>) -> Result<RawAnswer, Failure> {
        let answer = match &self.transport {
            Transport::Network(agent) => self.over_network(agent, method, path, body),
            Transport::Inside(call) => {
                let mut request = Request::builder().method(method).uri(path);
                if let Some(authorization) = &self.authorization {
                    request = request.header("Authorization", authorization);
                }
                if let Some(media_type) = body.media_type() {
                    request = request.header("Content-Type", media_type);
                }
                request.body(body.bytes().to_vec()).map_err(anyhow::Error::new).and_then(call)
            }
        };
        answer.map_err(|error| self.unreachable(&error))
    }

    fn over_network(&self, agent: &Agent, method: &Method, path: &str, body: Body<'_>) -> anyhow::Result<RawAnswer> {
        let url = format!("{}{path}", self.place);
        let request = match *method {
            Method::GET => return read(self.authorized(agent.get(url)).call()?),
            Method::DELETE => self.authorized(agent.delete(url)).force_send_body(),
            Method::PUT => self.authorized(agent.put(url)),
            _ => self.authorized(agent.post(url)),
        };
        match body.media_type() {
            Some(media_type) => read(request.content_type(media_type).send(body.bytes())?),
            None => read(request.send_empty()?),
        }
    }

    fn authorized<B>(&self, request: ureq::RequestBuilder<B>) -> ureq::RequestBuilder<B> {
        match &self.authorization {
            Some(authorization) => request.header("Authorization", authorization),
            None => request,
        }
    }

    /// Asks for a record.
    pub fn get(&self, path: &str) -> Result<Answer, Failure> {
        self.send(&Method::GET, path, None)?.successful()
    }

    /// Sends a body and expects that it is accepted.
    pub fn post(&self, path: &str, body: &Value) -> Result<Answer, Failure> {
        self.send(&Method::POST, path, Some(&body.to_string()))?.successful()
    }

    /// Takes a record away and expects that it is accepted.
    pub fn delete(&self, path: &str, body: Option<&Value>) -> Result<Answer, Failure> {
        self.send(&Method::DELETE, path, body.map(Value::to_string).as_deref())?.successful()
    }

    /// Every page of a list whose records are under the name `plural`.
    pub fn list(&self, path: &str, plural: &str) -> Result<Vec<Value>, Failure> {
        let mut records = Vec::new();
        let mut cursor = String::new();
        let separator = if path.contains('?') { '&' } else { '?' };
        loop {
            let mut page = self.get(&format!("{path}{separator}limit={PAGE_LENGTH}{cursor}"))?.json()?;
            if let Some(listed) = page.get_mut(plural).and_then(Value::as_array_mut) {
                records.append(listed);
            }
            match page.pointer("/pagination/nextCursor").and_then(Value::as_str) {
                Some(next) => cursor = format!("&cursor={}", segment(next)),
                None => return Ok(records),
            }
        }
    }
}

fn read(mut answer: ureq::http::Response<ureq::Body>) -> anyhow::Result<RawAnswer> {
    let status = answer.status().as_u16();
    // A document of all flags may have ten megabytes, ureq's own limit.
    let bytes = answer.body_mut().with_config().limit(u64::MAX).read_to_vec().context("the answer broke off")?;
    Ok(RawAnswer { status, bytes })
}

/// `text` as one segment of a path or one value of a query.
pub fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Result<Value, Failure> {
        serde_json::from_str(&self.text)
            .with_context(|| format!("the answer (status {}) is not JSON; is this a Lotwise server?", self.status))
            .map_err(Failure::Failed)
    }

    /// The answer if it was a yes, otherwise the failure it tells of.
    pub fn successful(self) -> Result<Self, Failure> {
        if (200..300).contains(&self.status) { Ok(self) } else { Err(self.refusal()) }
    }

    /// What a problem document says: bad input (exit code 2) where the request is at fault, a refusal otherwise.
    fn refusal(&self) -> Failure {
        let Ok(problem) = serde_json::from_str::<Value>(&self.text) else { return self.foreign() };
        let said = problem.get("message").and_then(Value::as_str).unwrap_or(self.text.trim());
        let code = problem.get("error").and_then(Value::as_str).unwrap_or("");
        let details = problem.get("details").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let problems: Vec<Problem> = details.iter().map(detail).collect();
        // The sentence repeats the first detail.
        let said = match problems.len() {
            0 => said.to_owned(),
            1 => "1 problem".to_owned(),
            count => format!("{count} problems"),
        };
        let message = format!("the server answered {} {code}", self.status).trim_end().to_owned() + ": " + &said;
        let hint = hint(self.status, code).map(str::to_owned);
        match self.status {
            400 | 413 | 415 | 422 => Failure::BadInput { message, problems, hint },
            _ => Failure::Refused { message, problems, hint },
        }
    }

    /// A refusal of something else at that address: a proxy, or a port that speaks another protocol.
    fn foreign(&self) -> Failure {
        let said = self.text.trim().lines().next().unwrap_or_default();
        let said: String = said.chars().take(FOREIGN_CHARACTERS_MAX).collect();
        Failure::refused(
            format!("the server answered {}, and not as a Lotwise server does: {said:?}", self.status),
            "is it the address of a Lotwise server, with the right one of http:// and https://?".to_owned(),
        )
    }
}

fn detail(detail: &Value) -> Problem {
    let field = |name: &str| detail.get(name).and_then(Value::as_str).unwrap_or_default();
    Problem::new(field("path"), field("value"), field("message"))
}

fn hint(status: u16, code: &str) -> Option<&'static str> {
    Some(match (status, code) {
        (400 | 422, _) => "correct what the message names and run the command again",
        (401, _) => "LOTWISE_TOKEN is unknown, expired or revoked: lotwise token list shows the valid ones",
        (403, _) => "use a token with a higher role; docs/reference/settings.md says what each role may do",
        (404, _) => {
            "the matching list command shows what there is; funds are listed by GET /api/funds and made by POST /api/funds"
        }
        (409, "version_conflict") => "somebody changed it meanwhile: look at it again, then repeat the command",
        (409, "managed_by_file") => "the flag stands in the watched file: change it there",
        (409, _) => "what stands in the way is named above; the matching get or list command shows it",
        (413, _) => "docs/reference/ has the limits of flags and imports",
        (429, _) => "wait a moment and repeat the command",
        (503, "feature_disabled") => {
            "the flag is off for whom this command asks, or for everyone: lotwise flags explain shows why; on the database of \
             a stopped server ENABLE_LOT_LEVEL_MOIC=true turns it on for this command"
        }
        (503, "database_unavailable" | "overloaded" | "timed_out") => "wait a moment and repeat the command",
        (500.., _) => "the server's log has the cause, under the correlation id of its answer",
        _ => return None,
    })
}

/// A body that cannot be understood is the other side's fault.
pub fn unexpected(what: &str) -> Failure {
    Failure::Failed(anyhow!("the server's answer has no {what}; is it of the same version as this command?"))
}
