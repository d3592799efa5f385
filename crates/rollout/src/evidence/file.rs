//! Recorded evidence: a JSON object a line and tick.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{ArmCounts, Measure, Shared, Source, Tick};
use crate::distinct;
use crate::latency::Latencies;
use crate::problem::{Problem, Problems};
use crate::reading::{self, Object};

/// Bytes of a line.
pub const LINE_BYTES_MAX: usize = 64 * 1024;
/// Ticks of a file: 60 days.
pub const TICKS_MAX: usize = 60 * 24 * 60 * 4;
/// Buckets of a histogram.
const BOUNDS_MAX: usize = 1_000;
/// Requests of a tick.
const REQUESTS_MAX: u64 = 1_000_000_000_000;

const SOURCES: [(&str, Source); 3] = [("ok", Source::Ok), ("missing", Source::Missing), ("error", Source::Error)];

/// A problem of one line of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineProblem {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: Problem,
}

/// Why recorded evidence was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// Lines that say what evidence cannot say; every problem found, as far as they are kept.
    #[error("{} problems in the evidence, the first at line {}: {}", .0.len(), .0.first().map_or(0, |first| first.line), .0.first().map_or(String::new(), |first| first.problem.to_string()))]
    Invalid(Vec<LineProblem>),
    /// More ticks than are read.
    #[error("the evidence has more than {TICKS_MAX} ticks, which is 60 days; replay it in parts")]
    TooLong,
}

/// Reads recorded evidence; empty lines are passed over. Ticks that come twice, late or out of order are the controller's
/// to refuse, one by one.
///
/// # Errors
/// With every problem of every line.
pub fn read_evidence(text: &str) -> Result<Vec<Tick>, EvidenceError> {
    let (mut ticks, mut found) = (Vec::new(), Vec::new());
    let mut bounds: Option<Arc<[f64]>> = None;
    // Spreadsheets and editors of some systems write one.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        if ticks.len() >= TICKS_MAX {
            return Err(EvidenceError::TooLong);
        }
        let mut problems = Problems::default();
        let tick = read_line(line, &mut bounds, &mut problems);
        if problems.is_empty() {
            ticks.extend(tick);
        } else {
            found.extend(problems.into_vec().into_iter().map(|problem| LineProblem { line: index + 1, problem }));
        }
        if found.len() >= crate::problem::PROBLEMS_KEPT_MAX {
            break;
        }
    }
    if found.is_empty() { Ok(ticks) } else { Err(EvidenceError::Invalid(found)) }
}

fn read_line(line: &str, bounds: &mut Option<Arc<[f64]>>, problems: &mut Problems) -> Option<Tick> {
    if line.len() > LINE_BYTES_MAX {
        problems.at("", format!("the line has {} bytes; at most {LINE_BYTES_MAX} are read", line.len()));
        return None;
    }
    let value = match distinct::read(line) {
        Ok(value) => value,
        Err(error) => {
            problems.at("", format!("cannot be read: {error}"));
            return None;
        }
    };
    if value.get("source").is_some_and(Value::is_null) {
        problems.at("source", "must be one of ok, missing, error; leave it out for ok");
    }
    let mut object = Object::of(&value, "", problems)?;
    let at = object.required("at", problems, instant);
    let control = read_arm("control", &mut object, bounds, problems);
    let treatment = read_arm("treatment", &mut object, bounds, problems);
    let shared = read_shared(&mut object, problems);
    let source = object.optional("source", problems, reading::word(&SOURCES));
    object.finish(problems);
    Some(Tick { at: at?, control, treatment, shared, source: source.unwrap_or(Source::Ok) })
}

fn instant(value: &Value) -> Result<Timestamp, String> {
    let text = value.as_str().ok_or("must be an instant, as in 2026-01-01T00:00:15Z")?;
    text.parse().map_err(|_| "must be an instant, as in 2026-01-01T00:00:15Z".to_owned())
}

/// The counts of an arm; one that is absent had no requests.
fn read_arm(
    name: &'static str,
    line: &mut Object<'_>,
    bounds: &mut Option<Arc<[f64]>>,
    problems: &mut Problems,
) -> ArmCounts {
    let path = line.path(name);
    let Some(value) = line.get(name) else { return ArmCounts::default() };
    let Some(mut object) = Object::of(value, path, problems) else { return ArmCounts::default() };
    let requests = object.required("requests", problems, reading::count).unwrap_or(0);
    let failures = object.optional("failures", problems, reading::count).unwrap_or(0);
    let users = object.optional("users", problems, reading::count);
    // Where nobody counts users, every request is another user's.
    let otherwise = if users.is_none() { failures } else { 0 };
    let first_failures = object.optional("firstFailures", problems, reading::count).unwrap_or(otherwise);
    let users = users.unwrap_or(0);
    let latency = read_latency(&mut object, requests, bounds, problems);
    let must_not_exceed = [
        ("requests", requests, "the most a tick can have", REQUESTS_MAX),
        ("failures", failures, "requests", requests),
        ("users", users, "requests", requests),
        ("firstFailures", first_failures, "failures", failures),
    ];
    for (field, count, other, most) in must_not_exceed {
        if count > most {
            problems.wrong(object.path(field), &json!(count), format!("must not exceed {other} ({most})"));
        }
    }
    object.finish(problems);
    ArmCounts { requests, failures, users, first_failures, latency }
}

fn read_latency(
    arm: &mut Object<'_>,
    requests: u64,
    known: &mut Option<Arc<[f64]>>,
    problems: &mut Problems,
) -> Option<Latencies> {
    let path = arm.path("latency");
    let members = match arm.get("latency")? {
        Value::Object(members) => members,
        other => {
            problems.wrong(path, other, "must be an object of cumulative counts by bound in seconds");
            return None;
        }
    };
    let (bounds, cumulative) = read_buckets(members, &path, problems)?;
    let total = cumulative.last().copied().unwrap_or(0);
    if total != requests {
        problems.wrong(format!("{path}.+Inf"), &json!(total), format!("must be the number of requests ({requests})"));
        return None;
    }
    let counts = cumulative.iter().scan(0_u64, |before, seen| {
        let count = seen.checked_sub(*before);
        *before = *seen;
        Some(count)
    });
    let Some(counts) = counts.collect::<Option<Vec<u64>>>() else {
        problems.at(path, "must be cumulative: the count of a bound is at least that of the bound before");
        return None;
    };
    let bounds = match known {
        Some(known) if **known == *bounds => Arc::clone(known),
        Some(_) => {
            problems.at(path, "must have the bounds of the lines before");
            return None;
        }
        None => Arc::clone(known.insert(bounds.into())),
    };
    Latencies::new(bounds, counts)
}

/// The finite bounds, rising, and the cumulative counts, that of `+Inf` last.
fn read_buckets(members: &Map<String, Value>, path: &str, problems: &mut Problems) -> Option<(Vec<f64>, Vec<u64>)> {
    if members.len() > BOUNDS_MAX {
        problems.at(path, format!("has {} bounds; at most {BOUNDS_MAX} are read", members.len()));
        return None;
    }
    let (mut buckets, mut total, mut is_good) = (Vec::with_capacity(members.len()), None, true);
    for (name, value) in members {
        let place = format!("{path}.{name}");
        let Ok(count) = reading::count(value) else {
            problems.wrong(place, value, "must be a whole number from 0");
            is_good = false;
            continue;
        };
        match name.parse::<f64>() {
            _ if name == "+Inf" => total = Some(count),
            Ok(bound) if bound.is_finite() && bound > 0.0 => buckets.push((bound, count)),
            _ => {
                problems.at(place, "must be named by a bound in seconds above 0, or +Inf");
                is_good = false;
            }
        }
    }
    buckets.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    if buckets.windows(2).any(|pair| matches!(pair, [(low, _), (high, _)] if low >= high)) {
        problems.at(path, "has a bound twice");
        is_good = false;
    }
    let Some(total) = total else {
        problems.at(format!("{path}.+Inf"), "is missing: the number of all requests");
        return None;
    };
    let (bounds, mut cumulative): (Vec<f64>, Vec<u64>) = buckets.into_iter().unzip();
    cumulative.push(total);
    is_good.then_some((bounds, cumulative))
}

fn read_shared(line: &mut Object<'_>, problems: &mut Problems) -> Shared {
    let path = line.path("shared");
    let Some(value) = line.get("shared") else { return Shared::default() };
    let Some(mut object) = Object::of(value, path, problems) else { return Shared::default() };
    let mut level = |measure: Measure| object.optional(measure.as_str(), problems, reading::level);
    let shared = Shared {
        pool_in_use: level(Measure::PoolInUse),
        queue_depth: level(Measure::QueueDepth),
        snapshot_seconds: level(Measure::SnapshotSeconds),
        worker_memory_bytes: level(Measure::WorkerMemoryBytes),
        deadlocks: level(Measure::Deadlocks),
        integrity_violations: object.optional("integrityViolations", problems, reading::count),
    };
    object.finish(problems);
    shared
}

/// A tick as a line of a file, which [`read_evidence`] reads.
#[must_use]
pub fn write_tick(tick: &Tick) -> String {
    let source = SOURCES.iter().find(|(_, source)| *source == tick.source).map_or("ok", |(name, _)| name);
    json!({
        "at": tick.at,
        "control": written_arm(&tick.control),
        "treatment": written_arm(&tick.treatment),
        "shared": tick.shared,
        "source": source,
    })
    .to_string()
}

fn written_arm(arm: &ArmCounts) -> Value {
    let mut written = json!({
        "requests": arm.requests,
        "failures": arm.failures,
        "users": arm.users,
        "firstFailures": arm.first_failures,
    });
    if let Some(latency) = &arm.latency {
        let names = latency.bounds().iter().map(ToString::to_string).chain(["+Inf".to_owned()]);
        let cumulative = latency.counts().iter().scan(0_u64, |seen, count| {
            *seen = seen.saturating_add(*count);
            Some(Value::from(*seen))
        });
        written["latency"] = names.zip(cumulative).collect::<Map<String, Value>>().into();
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"at":"2026-01-01T00:00:15Z","control":{"requests":675,"failures":2,"users":540,"firstFailures":2,"latency":{"0.05":10,"3":672,"10":675,"+Inf":675}},"treatment":{"requests":0},"shared":{"poolInUse":0.4,"queueDepth":3},"source":"ok"}"#;

    fn problems(line: &str) -> Vec<String> {
        match read_evidence(line) {
            Ok(ticks) => panic!("{line} gives {ticks:?}"),
            Err(EvidenceError::Invalid(found)) => {
                found.into_iter().map(|found| format!("{}: {}", found.line, found.problem)).collect()
            }
            Err(error) => vec![error.to_string()],
        }
    }

    #[test]
    fn the_specifications_line_is_read_and_written_again() {
        let ticks = read_evidence(LINE).unwrap();
        assert_eq!(ticks[0].control.latency.as_ref().unwrap().beyond(3.0), Some(3));
        assert_eq!((ticks[0].shared.pool_in_use, ticks[0].shared.deadlocks), (Some(0.4), None));
        assert_eq!(read_evidence(&write_tick(&ticks[0])).unwrap(), ticks);
    }

    #[test]
    fn every_problem_of_every_line_is_named_with_its_path() {
        let broken = [
            LINE.replace("\"failures\":2", "\"failures\":676"),
            LINE.replace("\"users\":540", "\"users\":-1"),
            LINE.replace("\"+Inf\":675", "\"+Inf\":674"),
            LINE.replace("\"3\":672", "\"3\":676"),
            LINE.replace("\"0.05\":10", "\"fast\":10"),
            LINE.replace("\"source\":\"ok\"", "\"source\":\"fine\",\"color\":1"),
            LINE.replace("2026-01-01", "2026-02-30"),
            "[]".to_owned(),
            "{".to_owned(),
        ];
        let found = problems(&broken.join("\n"));
        for expected in [
            "1: control.failures must not exceed requests (675) (found: 676)",
            "2: control.users must be a whole number from 0 (found: -1)",
            "3: control.latency.+Inf must be the number of requests (675) (found: 674)",
            "4: control.latency must be cumulative",
            "5: control.latency.fast must be named by a bound",
            "6: source must be one of ok, missing, error (found: fine)",
            "6: color is not a field here",
            "7: at must be an instant",
            "8: must be an object",
            "9: cannot be read",
        ] {
            assert!(found.iter().any(|problem| problem.starts_with(expected)), "{expected} is not in {found:#?}");
        }
    }

    #[test]
    fn bounds_that_change_are_refused() {
        let other = LINE.replace("0.05", "0.06");
        assert_eq!(
            problems(&format!("{LINE}\n\n{other}")),
            ["3: control.latency must have the bounds of the lines before"]
        );
    }

    #[test]
    fn a_tick_of_several_replicas_is_the_sum_and_the_worse_level() {
        let mut tick = read_evidence(LINE).unwrap().remove(0);
        let other = tick.clone();
        tick.control.add(&other.control);
        tick.shared.add(&Shared { pool_in_use: Some(0.9), deadlocks: Some(1.0), ..Shared::default() });
        assert_eq!((tick.control.requests, tick.control.latency.unwrap().total()), (1_350, 1_350));
        assert_eq!(
            (tick.shared.pool_in_use, tick.shared.queue_depth, tick.shared.deadlocks),
            (Some(0.9), Some(3.0), Some(1.0))
        );
    }
}
