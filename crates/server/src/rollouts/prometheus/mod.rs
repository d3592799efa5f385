//! Evidence from a Prometheus-compatible server (`rollouts.md` §4): a policy's queries, asked once a tick. A missing series, a
//! value that is no number, a warning and an error are four different answers, and none of them is success or failure.

mod client;
mod rise;

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use rollout::{ArmCounts, ArmQueries, Measure, Queries, Shared};
use store::rollout_evidence::Counts;

pub use client::PrometheusServer;
use client::{Series, Unread};

/// Stands in the place of a replica's id beside what the replicas hand in.
pub(crate) const ASKED: &str = "prometheus";

/// What the server says of the tick that ends at `end`. Blocks until every query is answered; all are asked at once.
pub(crate) fn ask(server: &PrometheusServer, queries: &Queries, end: Timestamp) -> Counts {
    let answers = Answers::of(server, queries, end);
    let mut problems = Vec::new();
    let mut shared = Shared::default();
    for (measure, query) in &queries.shared {
        match answers.to(query).and_then(|series| rise::level(&series)) {
            Ok(level) => measure.set(&mut shared, level),
            // A level that cannot be read was not measured.
            Err(unread) => problems.push(format!("{}: {unread}", measure.as_str())),
        }
    }
    let arm = |name: &str, queries: &ArmQueries| {
        arm_counts(&answers, queries).map_err(|(field, unread)| (format!("{name}.{field}: {unread}"), unread))
    };
    let arms = arm("treatment", &queries.treatment).and_then(|treatment| {
        let control = queries.control.as_ref().map(|queries| arm("control", queries)).transpose()?;
        Ok((treatment, control.unwrap_or_default()))
    });
    let counts = match arms {
        Ok((treatment, control)) => Counts { treatment, control, ..Counts::default() },
        Err((problem, unread)) => {
            problems.insert(0, problem);
            let is_unseen = unread == Unread::Missing;
            Counts { is_unseen, has_failed: !is_unseen, ..Counts::default() }
        }
    };
    Counts { shared, problem: (!problems.is_empty()).then(|| problems.join("; ")), ..counts }
}

fn arm_counts(answers: &Answers<'_>, queries: &ArmQueries) -> Result<ArmCounts, (&'static str, Unread)> {
    let ask = |field: &'static str, query: &str| answers.to(query).map_err(|unread| (field, unread));
    let count = |field: &'static str, query: &str| rise::count(&ask(field, query)?).map_err(|unread| (field, unread));
    let requests = count("requests", &queries.requests)?;
    // The two are not read at the same instant of the service.
    let failures = count("failures", &queries.failures)?.min(requests);
    let latency = match &queries.latency {
        Some(query) => {
            let buckets = rise::latencies(&ask("latency", query)?).map_err(|unread| ("latency", unread))?;
            Some(buckets)
        }
        None => None,
    };
    let optional = |field: &'static str, query: Option<&String>| query.map_or(Ok(0), |query| count(field, query));
    Ok(ArmCounts {
        requests,
        failures,
        users: optional("users", queries.users.as_ref())?,
        first_failures: optional("first_failures", queries.first_failures.as_ref())?,
        latency,
    })
}

/// What a server answered to each query of a policy.
struct Answers<'q>(HashMap<&'q str, Result<Vec<Series>, Unread>>);

impl<'q> Answers<'q> {
    fn of(server: &PrometheusServer, queries: &'q Queries, end: Timestamp) -> Self {
        let arms = [Some(&queries.treatment), queries.control.as_ref()];
        let of_arms = arms.into_iter().flatten().flat_map(of_arm);
        let asked = of_arms.chain(queries.shared.values().map(String::as_str)).collect::<HashSet<_>>();
        std::thread::scope(|scope| {
            let asking: Vec<_> =
                asked.into_iter().map(|query| (query, scope.spawn(move || server.ask(query, end)))).collect();
            let broke_off = |_| Err(Unread::Failed("asking broke off".to_owned()));
            Self(asking.into_iter().map(|(query, answer)| (query, answer.join().unwrap_or_else(broke_off))).collect())
        })
    }

    fn to(&self, query: &str) -> Result<Vec<Series>, Unread> {
        self.0.get(query).cloned().unwrap_or(Err(Unread::Missing))
    }
}

fn of_arm(queries: &ArmQueries) -> impl Iterator<Item = &str> {
    let optional = [&queries.users, &queries.first_failures, &queries.latency];
    [&queries.requests, &queries.failures].into_iter().chain(optional.into_iter().flatten()).map(String::as_str)
}

/// What a tick is decided by where a server is asked: its arms, and its levels before those the replicas measured. Whether an
/// identity is broken only the replicas know. Without an answer nothing was seen.
pub(crate) fn together(own: &Counts, asked: Option<&Counts>) -> Counts {
    let Some(asked) = asked else {
        let problem = Some("no process has asked in time".to_owned());
        return Counts { shared: own.shared, is_unseen: true, problem, ..Counts::default() };
    };
    let mut shared = own.shared;
    for measure in Measure::ALL {
        if let Some(level) = measure.of(&asked.shared) {
            measure.set(&mut shared, level);
        }
    }
    Counts { shared, ..asked.clone() }
}
