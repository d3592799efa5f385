//! Asks a Prometheus-compatible server over its HTTP API, for what its series were at the two ends of a tick.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use rollout::TICK;
use serde::Deserialize;

use crate::outgoing;

/// How long an answer may take. All queries are asked at once: this, and storing what came, fits between a tick's end and
/// the time it is waited for.
const TIMEOUT: Duration = Duration::from_secs(3);
/// Bytes of an answer.
const ANSWER_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// A Prometheus-compatible server.
#[derive(Clone)]
pub struct PrometheusServer {
    /// Address without the path of the API.
    url: String,
    token: Option<String>,
    agent: ureq::Agent,
}

impl PrometheusServer {
    /// The server at `url`, as in `http://prometheus:9090`; `token` is presented as a bearer token.
    #[must_use]
    pub fn new(url: &str, token: Option<String>) -> Self {
        Self { url: url.trim_end_matches('/').to_owned(), token, agent: outgoing::agent(TIMEOUT) }
    }

    /// The values of a query's series at the beginning and the end of the tick that ends at `end`. Blocks until the answer.
    ///
    /// # Errors
    /// [`Unread`]: four different answers that are none.
    pub(super) fn ask(&self, query: &str, end: Timestamp) -> Result<Vec<Series>, Unread> {
        let start = end.checked_sub(TICK).map_err(|error| Unread::Failed(error.to_string()))?;
        let request = self
            .agent
            .get(format!("{}/api/v1/query_range", self.url))
            .query("query", query)
            .query("start", start.to_string())
            .query("end", end.to_string())
            .query("step", TICK.as_secs().to_string());
        let request = match &self.token {
            Some(token) => request.header("authorization", format!("Bearer {token}")),
            None => request,
        };
        let failed = |error: ureq::Error| Unread::Failed(error.to_string());
        let mut response = request.call().map_err(failed)?;
        let status = response.status();
        let text = response.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_string().map_err(failed)?;
        let answer: Answer =
            serde_json::from_str(&text).map_err(|_| Unread::Failed(format!("it answered {status}, and no JSON")))?;
        answer.read(end)
    }
}

impl fmt::Debug for PrometheusServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PrometheusServer({})", self.url)
    }
}

/// A series at the two ends of a tick.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series {
    pub(super) labels: BTreeMap<String, String>,
    /// None where it was not there yet.
    pub(super) before: Option<f64>,
    /// None where it is not there any more.
    pub(super) after: Option<f64>,
}

/// Why a query says nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unread {
    /// There is no such series at the end of the tick.
    #[error("there is no such series")]
    Missing,
    /// A value that is no number, or none that can be counted with.
    #[error("a value is {0}")]
    NotANumber(String),
    /// An answer that its server does not vouch for: a part of it may be missing.
    #[error("the server warns: {0}")]
    Warned(String),
    /// No answer, or a refusal.
    #[error("the server failed: {0}")]
    Failed(String),
}

/// What the HTTP API answers.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status: String,
    data: Option<Data>,
    error: Option<String>,
    #[serde(default)]
    warnings: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    result: Vec<Sampled>,
}

#[derive(Deserialize)]
struct Sampled {
    metric: BTreeMap<String, String>,
    /// Seconds since 1970, and the value as text.
    values: Vec<(f64, String)>,
}

impl Answer {
    fn read(self, end: Timestamp) -> Result<Vec<Series>, Unread> {
        if self.status != "success" {
            return Err(Unread::Failed(self.error.unwrap_or_else(|| "it does not say why".to_owned())));
        }
        if let Some(warning) = self.warnings.first() {
            return Err(Unread::Warned(warning.clone()));
        }
        let sampled = self.data.map(|data| data.result).unwrap_or_default();
        let series: Vec<Series> =
            sampled.into_iter().map(|sampled| sampled.at_the_ends(end)).collect::<Result<_, Unread>>()?;
        if series.iter().any(|series| series.after.is_some()) { Ok(series) } else { Err(Unread::Missing) }
    }
}

impl Sampled {
    fn at_the_ends(self, end: Timestamp) -> Result<Series, Unread> {
        // Steps are answered to the millisecond.
        let end_s = end.as_duration().as_secs_f64() - 0.5;
        let (mut before, mut after) = (None, None);
        for (at_s, text) in &self.values {
            let value = text.parse().ok().filter(|value: &f64| value.is_finite());
            let value = value.ok_or_else(|| Unread::NotANumber(text.clone()))?;
            if *at_s < end_s { before = Some(value) } else { after = Some(value) }
        }
        Ok(Series { labels: self.metric, before, after })
    }
}
