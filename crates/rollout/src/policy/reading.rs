//! Reads and checks a policy; every problem is named with its path.

use std::collections::BTreeSet;

use flags::Exposure;
use jiff::{SignedDuration, Span, SpanRelativeTo};
use serde_json::Value;

use super::queries;
use super::{
    Action, Audience, Class, Condition, Criterion, Deadlines, Environment, NAME_LENGTH_MAX, PHASES_MAX, Phase, Policy,
    PolicyError, Proof, RULES_MAX, Trigger,
};
use crate::evidence::{Measure, TICK};
use crate::problem::Problems;
use crate::reading::{Object, between, boolean, level, text, word};

/// The longest a phase may last.
const SOAK_MAX: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How far weights may miss 1: they are written as decimals.
const WEIGHT_TOLERANCE: f64 = 1e-9;
/// Name of the check that `approval = true` stands for: what a phase is approved with.
pub const APPROVAL: &str = "approval";
/// Name of the phase that `[general_availability]` stands for.
const GENERAL_AVAILABILITY: &str = "general-availability";

/// Percent of the users that a holdback may have.
const HOLDBACK_PERCENT: std::ops::RangeInclusive<f64> = 1.0..=5.0;

const ENVIRONMENTS: [(&str, Environment); 3] = [
    ("development", Environment::Development),
    ("staging", Environment::Staging),
    ("production", Environment::Production),
];
const CLASSES: [(&str, Class); 5] = [
    ("causal", Class::Causal),
    ("absolute", Class::Absolute),
    ("shared_resource", Class::SharedResource),
    ("integrity", Class::Integrity),
    ("manual", Class::Manual),
];
const ACTIONS: [(&str, Action); 4] = [
    ("rollback", Action::Rollback),
    ("step_back", Action::StepBack),
    ("hold", Action::Hold),
    ("notify", Action::Notify),
];

#[derive(Clone, Copy)]
enum Metric {
    Errors,
    Latency,
    Level(Measure),
}

pub(super) fn read(source: &str, hash: String) -> Result<Policy, PolicyError> {
    let table: toml::Value = toml::from_str(source).map_err(|error| PolicyError::Syntax(error.to_string()))?;
    let mut problems = Problems::default();
    let value = as_json("", &table, &mut problems);
    let policy = Object::of(&value, "", &mut problems).and_then(|root| read_policy(root, hash, &mut problems));
    match policy {
        Some(policy) if problems.is_empty() => Ok(policy),
        _ => Err(PolicyError::Invalid(problems.into_vec())),
    }
}

/// The value as JSON has it, which has neither dates nor numbers that are none: each is a problem.
fn as_json(path: &str, value: &toml::Value, problems: &mut Problems) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text.clone()),
        toml::Value::Integer(number) => (*number).into(),
        toml::Value::Float(number) if number.is_finite() => (*number).into(),
        toml::Value::Float(number) => {
            problems.wrong(path, &Value::String(number.to_string()), "must be a finite number");
            Value::Null
        }
        toml::Value::Boolean(answer) => Value::Bool(*answer),
        toml::Value::Datetime(instant) => {
            problems.wrong(path, &Value::String(instant.to_string()), "must not be a date");
            Value::Null
        }
        toml::Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(position, item)| as_json(&format!("{path}[{position}]"), item, problems))
            .collect(),
        toml::Value::Table(members) => {
            let separator = if path.is_empty() { "" } else { "." };
            let member = |(name, member): (&String, &toml::Value)| {
                (name.clone(), as_json(&format!("{path}{separator}{name}"), member, problems))
            };
            Value::Object(members.iter().map(member).collect())
        }
    }
}

fn read_policy(mut root: Object<'_>, hash: String, problems: &mut Problems) -> Option<Policy> {
    let name = root.required("name", problems, text(NAME_LENGTH_MAX));
    let flag = root.required("flag", problems, text(flags::KEY_LENGTH_MAX));
    let alpha = root.optional("alpha", problems, between(0.0, 1.0)).unwrap_or(0.02);
    let beta = root.optional("beta", problems, between(0.0, 1.0)).unwrap_or(0.05);
    let no_data = root.optional("no_data", problems, duration).unwrap_or(SignedDuration::from_mins(15));
    let metrics_error = root.optional("metrics_error", problems, duration).unwrap_or(SignedDuration::from_mins(5));
    let deadlines = read_deadlines(&mut root, problems);
    let criteria = read_named(&mut root, "criteria", problems, read_criterion);
    let triggers = read_named(&mut root, "triggers", problems, read_trigger);
    let mut rules = Rules { criteria, triggers, used: BTreeSet::new() };
    let mut phases = read_phases(&mut root, &mut rules, problems);
    phases.extend(read_general_availability(&mut root, &mut rules, problems));
    let queries = queries::read(&mut root, &phases, problems);
    root.finish(problems);
    rules.name_unused(problems);
    check_order(&phases, problems);
    let (name, flag) = (name?, flag?);
    Some(Policy { name, flag, alpha, beta, no_data, metrics_error, deadlines, queries, phases, hash })
}

fn read_deadlines(root: &mut Object<'_>, problems: &mut Problems) -> Deadlines {
    let mut deadlines = Deadlines {
        enter: SignedDuration::from_mins(5),
        gate: SignedDuration::from_hours(3 * 24),
        held: SignedDuration::from_hours(4),
        verify: SignedDuration::from_mins(2),
    };
    let path = root.path("deadlines");
    let Some(mut object) = root.get("deadlines").and_then(|value| Object::of(value, path, problems)) else {
        return deadlines;
    };
    for (name, deadline) in [
        ("enter", &mut deadlines.enter),
        ("gate", &mut deadlines.gate),
        ("held", &mut deadlines.held),
        ("verify", &mut deadlines.verify),
    ] {
        *deadline = object.optional(name, problems, duration).unwrap_or(*deadline);
    }
    object.finish(problems);
    deadlines
}

/// The entries of a table, each with its name. One with a problem is there without what could not be read.
fn read_named<T>(
    root: &mut Object<'_>,
    table: &'static str,
    problems: &mut Problems,
    read: impl Fn(&str, Object<'_>, &mut Problems) -> Option<T>,
) -> Vec<(String, Option<T>)> {
    let path = root.path(table);
    let entries = root.table(table, problems);
    if entries.len() > RULES_MAX {
        problems.at(&path, format!("has {} entries; at most {RULES_MAX} are read", entries.len()));
    }
    let entries = entries.into_iter().take(RULES_MAX);
    let entry = |(name, value): (&str, &Value)| {
        let place = format!("{path}.{name}");
        if !is_name(name) {
            problems.at(&place, format!("must be named by 1 to {NAME_LENGTH_MAX} letters, digits, - and _"));
        }
        let object = Object::of(value, place, problems);
        (name.to_owned(), object.and_then(|object| read(name, object, problems)))
    };
    entries.map(entry).collect()
}

fn read_criterion(name: &str, mut object: Object<'_>, problems: &mut Problems) -> Option<Criterion> {
    let metric = object.required("metric", problems, metric);
    let proof = match metric {
        Some(Metric::Errors) => {
            read_limits(&mut object, problems).map(|(success, limit)| Proof::Errors { success, limit })
        }
        Some(Metric::Latency) => read_latency(&mut object, problems)
            .map(|(seconds, quantile, success, limit)| Proof::Latency { seconds, quantile, success, limit }),
        Some(Metric::Level(measure)) => {
            object.required("at_most", problems, level).map(|at_most| Proof::Level { measure, at_most })
        }
        None => return None,
    };
    object.finish(problems);
    Some(Criterion { name: name.to_owned(), proof: proof? })
}

fn read_trigger(name: &str, mut object: Object<'_>, problems: &mut Problems) -> Option<Trigger> {
    let class = object.required("class", problems, word(&CLASSES));
    let action = object.optional("action", problems, word(&ACTIONS));
    let weight = object.optional("weight", problems, between(0.0, 1.0 + WEIGHT_TOLERANCE));
    let alpha = object.optional("alpha", problems, between(0.0, 1.0));
    let condition = match class? {
        Class::Integrity => Some(Condition::Integrity),
        Class::Manual => Some(Condition::Manual),
        Class::SharedResource => read_shared(&mut object, problems),
        class @ (Class::Causal | Class::Absolute) => read_test(class, &mut object, problems),
    };
    let usual = if class == Some(Class::SharedResource) { Action::StepBack } else { Action::Rollback };
    if class == Some(Class::Integrity) && action.is_some_and(|action| action != Action::Rollback) {
        problems.at(object.path("action"), "must be rollback: a broken identity is proof");
    }
    if weight.is_some() && alpha.is_some() {
        problems
            .at(object.path("weight"), "is a share of the policy's alpha; a trigger with an alpha of its own has none");
    }
    let is_test = condition.is_some_and(|condition| condition.test().is_some());
    if condition.is_some() && !is_test && (weight.is_some() || alpha.is_some()) {
        let field = if weight.is_some() { "weight" } else { "alpha" };
        problems.at(object.path(field), "is for tests; this trigger is no test and spends no alpha");
    }
    object.finish(problems);
    Some(Trigger { name: name.to_owned(), condition: condition?, action: action.unwrap_or(usual), weight, alpha })
}

fn read_test(class: Class, object: &mut Object<'_>, problems: &mut Problems) -> Option<Condition> {
    let metric = object.required("metric", problems, metric)?;
    let slower_by = object.optional("slower_by", problems, between(0.0, 10.0));
    match (metric, class, slower_by) {
        (Metric::Errors, Class::Causal, _) => {
            let tolerance = object.optional("tolerance", problems, tolerance).unwrap_or(1.0);
            let success = object.required("success", problems, between(0.0, 1.0))?;
            Some(Condition::WorseThanControl { tolerance, success })
        }
        (Metric::Errors, ..) => {
            read_limits(object, problems).map(|(success, limit)| Condition::Errors { success, limit })
        }
        (Metric::Latency, Class::Causal, Some(by)) => Some(Condition::SlowerThanControl { by }),
        (Metric::Latency, Class::Causal, None) => {
            problems.at(object.path("slower_by"), "is missing: the tolerated share, as in 0.2 for 20 %");
            None
        }
        (Metric::Latency, _, Some(by)) => Some(Condition::SlowerThanBaseline { by }),
        (Metric::Latency, _, None) => read_latency(object, problems)
            .map(|(seconds, quantile, success, limit)| Condition::Latency { seconds, quantile, success, limit }),
        (Metric::Level(measure), ..) => {
            let message = format!("{} belongs to both arms: its class is shared_resource", measure.as_str());
            problems.at(object.path("class"), message);
            None
        }
    }
}

fn read_shared(object: &mut Object<'_>, problems: &mut Problems) -> Option<Condition> {
    let metric_path = object.path("metric");
    let metric = object.required("metric", problems, metric);
    let above = object.required("above", problems, level);
    let clear = object.required("clear", problems, level);
    let lasting = object.required("for", problems, duration);
    let recover_within = object.required("recover_within", problems, duration);
    let measure = match metric? {
        Metric::Level(measure) => measure,
        Metric::Errors | Metric::Latency => {
            problems.at(metric_path, "is not shared by the arms; its class is causal or absolute");
            return None;
        }
    };
    let (above, clear) = (above?, clear?);
    if clear > above {
        problems.at(object.path("clear"), format!("must not be above {above}, the level that trips it"));
    }
    Some(Condition::Shared { measure, above, clear, lasting: lasting?, recover_within: recover_within? })
}

/// Success and rollback limit.
fn read_limits(object: &mut Object<'_>, problems: &mut Problems) -> Option<(f64, f64)> {
    let success = object.required("success", problems, between(0.0, 1.0));
    let limit = object.required("limit", problems, between(0.0, 1.0));
    let (success, limit) = (success?, limit?);
    must_be_below(object, success, limit, problems);
    Some((success, limit))
}

/// Seconds, quantile, success limit and rollback limit of the share of slower requests.
fn read_latency(object: &mut Object<'_>, problems: &mut Problems) -> Option<(f64, f64, f64, f64)> {
    let seconds = object.required("seconds", problems, between(0.0, 3_600.0));
    let quantile = object.required("quantile", problems, between(0.0, 1.0));
    let success = object.optional("success", problems, between(0.0, 1.0));
    let (seconds, quantile) = (seconds?, quantile?);
    // To a billionth, so that 1 − 0.95 is 0.05 as people mean it.
    let limit = ((1.0 - quantile) * 1e9).round() / 1e9;
    let success = success.unwrap_or(limit / 2.0);
    must_be_below(object, success, limit, problems);
    if !crate::latency::bounds().iter().any(|bound| (bound / seconds - 1.0).abs() < 1e-9) {
        problems
            .at(object.path("seconds"), "must be a bound of the latency buckets: 3, 10, or 0.005·1.2^(j/2) up to 60");
    }
    Some((seconds, quantile, success, limit))
}

fn must_be_below(object: &Object<'_>, success: f64, limit: f64, problems: &mut Problems) {
    if success >= limit {
        let message =
            format!("must be below the rollback limit ({limit}): between them lies what is neither shown nor excluded");
        problems.wrong(object.path("success"), &success.into(), message);
    }
}

/// The criteria and triggers of a policy, and which of them a phase asks for.
struct Rules {
    criteria: Vec<(String, Option<Criterion>)>,
    triggers: Vec<(String, Option<Trigger>)>,
    used: BTreeSet<String>,
}

impl Rules {
    fn criteria(&mut self, phase: &mut Object<'_>, problems: &mut Problems) -> Vec<Criterion> {
        let path = phase.path("criteria");
        pick(&self.criteria, &mut self.used, "criteria", &path, phase.list("criteria", problems), problems)
    }

    fn triggers(&mut self, phase: &mut Object<'_>, problems: &mut Problems) -> Vec<Trigger> {
        let path = phase.path("triggers");
        pick(&self.triggers, &mut self.used, "triggers", &path, phase.list("triggers", problems), problems)
    }

    fn name_unused(&self, problems: &mut Problems) {
        let criteria = self.criteria.iter().map(|(name, _)| format!("criteria.{name}"));
        let triggers = self.triggers.iter().map(|(name, _)| format!("triggers.{name}"));
        for path in criteria.chain(triggers).filter(|path| !self.used.contains(path)) {
            problems.at(path, "is asked for by no phase: name it in one, or remove it");
        }
    }
}

fn pick<T: Clone>(
    rules: &[(String, Option<T>)],
    used: &mut BTreeSet<String>,
    table: &str,
    path: &str,
    names: &[Value],
    problems: &mut Problems,
) -> Vec<T> {
    let mut picked = Vec::new();
    let mut seen = BTreeSet::new();
    for (position, value) in names.iter().enumerate() {
        let found = rules.iter().find(|(name, _)| Some(name.as_str()) == value.as_str());
        match found {
            None => {
                let known: Vec<&str> = rules.iter().map(|(name, _)| name.as_str()).collect();
                let message = format!("must be the name of an entry of [{table}]: {}", known.join(", "));
                problems.wrong(format!("{path}[{position}]"), value, message);
            }
            Some((name, _)) if !seen.insert(name) => {
                problems.wrong(format!("{path}[{position}]"), value, "comes twice");
            }
            Some((name, rule)) => {
                used.insert(format!("{table}.{name}"));
                picked.extend(rule.clone());
            }
        }
    }
    picked
}

fn read_phases(root: &mut Object<'_>, rules: &mut Rules, problems: &mut Problems) -> Vec<Phase> {
    let phases = root.list("phases", problems);
    if phases.is_empty() {
        problems.at("phases", "is missing: a policy has at least one phase");
    }
    if phases.len() > PHASES_MAX {
        problems.at("phases", format!("has {} phases; at most {PHASES_MAX} are read", phases.len()));
    }
    let read = |(position, value): (usize, &Value)| {
        let mut object = Object::of(value, format!("phases[{position}]"), problems)?;
        let name = object.required("name", problems, |value| {
            value
                .as_str()
                .filter(|text| is_name(text))
                .map(str::to_owned)
                .ok_or_else(|| format!("must be a name of 1 to {NAME_LENGTH_MAX} letters, digits, - and _"))
        });
        let environment = object.required("environment", problems, word(&ENVIRONMENTS));
        let percent = object.optional("percent", problems, percent);
        let opt_in = object.optional("opt_in", problems, boolean).unwrap_or(false);
        if object.get("percent").is_none() && !opt_in {
            problems
                .at(object.path("percent"), "is missing: a phase has a percent of the users, opt_in = true, or both");
        }
        let audience = Audience { percent, opt_in };
        let phase = read_rest(object, audience, false, rules, problems);
        Some(Phase { name: name?, environment: environment?, ..phase? })
    };
    phases.iter().take(PHASES_MAX).enumerate().filter_map(read).collect()
}

fn read_general_availability(root: &mut Object<'_>, rules: &mut Rules, problems: &mut Problems) -> Option<Phase> {
    let path = root.path("general_availability");
    let mut object = Object::of(root.get("general_availability")?, path, problems)?;
    let held_back = object.required("holdback", problems, |value| {
        let percent = value.as_f64().filter(|percent| HOLDBACK_PERCENT.contains(percent));
        let exposure = percent.and_then(|percent| Exposure::from_percent(&(100.0 - percent).to_string()));
        exposure.ok_or_else(|| "must be a percent of the users from 1 to 5 with at most two decimals".to_owned())
    });
    let audience = Audience { percent: held_back, opt_in: false };
    let phase = read_rest(object, audience, true, rules, problems)?;
    Some(Phase { name: GENERAL_AVAILABILITY.to_owned(), ..phase })
}

/// What all phases have; the caller puts the name and the environment in.
fn read_rest(
    mut object: Object<'_>,
    audience: Audience,
    is_general_availability: bool,
    rules: &mut Rules,
    problems: &mut Problems,
) -> Option<Phase> {
    let min_soak = object.required("min_soak", problems, duration);
    let max_soak = object.required("max_soak", problems, duration);
    let approval = object.optional("approval", problems, boolean).unwrap_or(false);
    let mut checks = read_checks(&mut object, problems);
    if approval && !checks.iter().any(|check| check == APPROVAL) {
        checks.push(APPROVAL.to_owned());
    }
    let criteria = rules.criteria(&mut object, problems);
    let triggers = rules.triggers(&mut object, problems);
    let is_empty = |value: Option<&Value>| value.and_then(Value::as_array).is_none_or(Vec::is_empty);
    if is_empty(object.get("criteria")) && checks.is_empty() {
        problems.at(
            object.path("criteria"),
            "is missing: without a criterion or a check nothing is shown, only time passes",
        );
    }
    if let (Some(min), Some(max)) = (min_soak, max_soak)
        && max < min
    {
        problems.at(object.path("max_soak"), "must not be shorter than min_soak");
    }
    if min_soak.is_some_and(|min| min < TICK) {
        problems.at(object.path("min_soak"), "must be at least 15s, the length of a tick");
    }
    check_triggers(&object, audience.design().is_controlled(), &triggers, problems);
    check_tests(&object, &criteria, problems);
    object.finish(problems);
    Some(Phase {
        name: String::new(),
        environment: Environment::Production,
        audience,
        min_soak: min_soak?,
        max_soak: max_soak?,
        checks,
        criteria,
        triggers,
        is_general_availability,
    })
}

fn read_checks(object: &mut Object<'_>, problems: &mut Problems) -> Vec<String> {
    let path = object.path("checks");
    let mut checks: Vec<String> = Vec::new();
    for (position, value) in object.list("checks", problems).iter().enumerate() {
        match value.as_str().filter(|name| is_name(name)) {
            None => {
                let message = format!("must be a name of 1 to {NAME_LENGTH_MAX} letters, digits, - and _");
                problems.wrong(format!("{path}[{position}]"), value, message);
            }
            Some(name) if checks.iter().any(|known| known == name) => {
                problems.wrong(format!("{path}[{position}]"), value, "comes twice");
            }
            Some(name) => checks.push(name.to_owned()),
        }
    }
    checks
}

/// What the triggers of one phase must have together.
fn check_triggers(phase: &Object<'_>, is_controlled: bool, triggers: &[Trigger], problems: &mut Problems) {
    let path = phase.path("triggers");
    let mut tests = BTreeSet::new();
    for Trigger { name, condition, .. } in triggers {
        if condition.class() == Class::Causal && !is_controlled {
            problems.at(&path, format!("{name} compares two arms, and at 100 percent there is only one"));
        }
        if matches!(condition, Condition::SlowerThanBaseline { .. }) && is_controlled {
            let message = format!("{name} compares with a recorded baseline; with a control arm make its class causal");
            problems.at(&path, message);
        }
        if let Some(test) = condition.test()
            && !tests.insert(test.clone())
        {
            problems.at(&path, format!("{name} is a second test called {test} in one phase"));
        }
    }
    let sharing: Vec<&Trigger> =
        triggers.iter().filter(|trigger| trigger.condition.test().is_some() && trigger.alpha.is_none()).collect();
    let weights: Vec<f64> = sharing.iter().filter_map(|trigger| trigger.weight).collect();
    let sum: f64 = weights.iter().sum();
    if !weights.is_empty() && (weights.len() != sharing.len() || (sum - 1.0).abs() > WEIGHT_TOLERANCE) {
        let unweighted = sharing.len() - weights.len();
        let message = format!(
            "the weights of the tests must add up to 1, and each test must have one: they add up to {sum}, and {unweighted} have none"
        );
        problems.at(&path, message);
    }
}

fn check_tests(phase: &Object<'_>, criteria: &[Criterion], problems: &mut Problems) {
    let mut tests = BTreeSet::new();
    for Criterion { name, proof } in criteria {
        if let Some(test) = proof.test()
            && !tests.insert(test.clone())
        {
            problems.at(phase.path("criteria"), format!("{name} is a second test called {test} in one phase"));
        }
    }
}

/// What the phases must be to each other: no name twice, no environment again after a later one, no exposure that falls.
fn check_order(phases: &[Phase], problems: &mut Problems) {
    let path = |position: usize| match phases.get(position) {
        Some(phase) if phase.is_general_availability => "general_availability".to_owned(),
        _ => format!("phases[{position}]"),
    };
    let mut names = BTreeSet::new();
    for (position, phase) in phases.iter().enumerate() {
        if !names.insert(&phase.name) {
            problems.wrong(format!("{}.name", path(position)), &phase.name.clone().into(), "comes twice");
        }
    }
    for (position, pair) in phases.windows(2).enumerate() {
        let [before, phase] = pair else { continue };
        let place = path(position + 1);
        if phase.environment < before.environment {
            let message = format!("must not come before {}, which an earlier phase has", before.environment);
            problems.wrong(format!("{place}.environment"), &phase.environment.as_str().into(), message);
        }
        let (share, share_before) = (phase.audience.percent(), before.audience.percent());
        if phase.environment == before.environment && share < share_before {
            let message = format!("must not fall: {} has {share_before}", before.name);
            problems.wrong(format!("{place}.percent"), &share.into(), message);
        }
    }
}

fn metric(value: &Value) -> Result<Metric, String> {
    let measures = Measure::ALL.map(|measure| (measure.as_str(), Metric::Level(measure)));
    let all: Vec<_> = [("errors", Metric::Errors), ("latency", Metric::Latency)].into_iter().chain(measures).collect();
    word(&all)(value)
}

fn tolerance(value: &Value) -> Result<f64, String> {
    let number = value.as_f64().filter(|number| (1.0..=10.0).contains(number));
    number.ok_or_else(|| "must be a ratio from 1 to 10".to_owned())
}

fn percent(value: &Value) -> Result<Exposure, String> {
    let exposure = match value {
        Value::Number(number) => Exposure::from_percent(number.to_string().trim_end_matches(".0")),
        _ => None,
    };
    let exposure = exposure.filter(|share| share.hundredths_of_percent() > 0);
    exposure.ok_or_else(|| "must be a percent of the users above 0, up to 100, with at most two decimals".to_owned())
}

/// A duration above 0, such as `30m` or `2d`, in days of 24 hours.
fn duration(value: &Value) -> Result<SignedDuration, String> {
    let is_plain = |text: &&str| text.bytes().all(|byte| byte.is_ascii_digit() || b"smhd".contains(&byte));
    let parse = |text: &str| -> Option<SignedDuration> {
        let span: Span = text.parse().ok()?;
        span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()
    };
    let duration = value
        .as_str()
        .filter(is_plain)
        .and_then(parse)
        .filter(|duration| duration.is_positive() && *duration <= SOAK_MAX);
    duration.ok_or_else(|| "must be a duration above 0 and up to 90 days, as in \"30m\", \"4h\" or \"2d\"".to_owned())
}

fn is_name(text: &str) -> bool {
    (1..=NAME_LENGTH_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}
