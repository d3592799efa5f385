//! What is deployed to watch the service asks for series that the service has, and every alert says what to do.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use axum::http::Method;
use promql_parser::parser::{self, Expr, VectorSelector};
use promql_parser::util::{ExprVisitor, walk_expr};
use serde_json::Value;

use crate::app::{POLICY, Story, TestApp};

/// What Prometheus itself adds to every scrape, and what it knows about its alerts.
const PROMETHEUS_OWN: [&str; 2] = ["up", "ALERTS"];
/// Who is told: woken, written to, or nobody in particular.
const SEVERITIES: [&str; 3] = ["page", "chat", "info"];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    let path = repository().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every rule of the rule file, the recording ones and the alerts.
fn rules() -> Vec<Value> {
    let file: Value = serde_saphyr::from_str(&read("deploy/prometheus/lotwise.rules.yml")).unwrap();
    let groups = file["groups"].as_array().unwrap();
    groups.iter().flat_map(|group| group["rules"].as_array().unwrap().clone()).collect()
}

/// The queries of the dashboard: of its panels, also of those in collapsed rows, and of its variables.
fn dashboard_queries() -> Vec<String> {
    let dashboard: Value = serde_json::from_str(&read("deploy/grafana/lotwise.json")).unwrap();
    let mut queries = Vec::new();
    collect(&dashboard["panels"], &mut queries);
    assert!(queries.len() > 30, "only {} queries are found in the dashboard", queries.len());
    let variables = dashboard["templating"]["list"].as_array().unwrap();
    let asked = variables.iter().filter_map(|variable| variable["query"]["query"].as_str());
    // `label_values(SELECTOR, label)` is Grafana's own and no PromQL.
    queries
        .extend(asked.filter_map(|query| query.strip_prefix("label_values(")?.rsplit_once(',')).map(|(s, _)| s.into()));
    queries
}

fn collect(value: &Value, queries: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match (name.as_str(), field) {
                    ("expr", Value::String(query)) => queries.push(query.clone()),
                    _ => collect(field, queries),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, queries)),
        _ => {}
    }
}

/// The series that a query selects. Grafana's variables are put in first.
fn selectors(query: &str) -> Vec<VectorSelector> {
    struct Selectors(Vec<VectorSelector>);
    impl ExprVisitor for Selectors {
        type Error = ();

        fn pre_visit(&mut self, expr: &Expr) -> Result<bool, ()> {
            match expr {
                Expr::VectorSelector(selector) => self.0.push(selector.clone()),
                Expr::MatrixSelector(selector) => self.0.push(selector.vs.clone()),
                _ => {}
            }
            Ok(true)
        }
    }
    let query = query.replace("$__rate_interval", "5m").replace("$__range", "1h");
    let expr = parser::parse(&query).unwrap_or_else(|error| panic!("{query}: {error}"));
    let mut found = Selectors(Vec::new());
    walk_expr(&mut found, &expr).unwrap();
    found.0
}

/// The samples of an exposition: each line's series, as `name{labels}`.
fn samples(page: &str) -> Vec<&str> {
    page.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.rsplit_once(' '))
        .map(|(s, _)| s)
        .collect()
}

fn name_of(sample: &str) -> &str {
    sample.split('{').next().unwrap_or_default()
}

/// Whether one of the samples has this name and all labels that the selector asks to be equal to something, which Grafana's
/// variables and what Prometheus adds by itself are not.
fn exists(selector: &VectorSelector, samples: &[&str]) -> bool {
    let name = selector.name.as_deref().unwrap_or_default();
    let wanted: Vec<String> = (selector.matchers.matchers.iter())
        .filter(|matcher| matcher.op == promql_parser::label::MatchOp::Equal)
        .filter(|matcher| !["job", "instance"].contains(&matcher.name.as_str()))
        .map(|matcher| format!("{}=\"{}\"", matcher.name, matcher.value))
        .collect();
    samples.iter().any(|sample| name_of(sample) == name && wanted.iter().all(|label| sample.contains(label)))
}

#[tokio::test]
async fn e3_every_series_of_the_rules_and_of_the_dashboard_is_one_that_the_service_has() {
    let app = TestApp::start().await;
    // Some series exist only while a rollout goes on.
    let story = Story::begin(&app, POLICY).await;
    let page = app.anonymous(Method::GET, "/metrics").send().await.expect(200).raw;
    drop(story);
    let samples = samples(&page);
    let recorded: BTreeSet<String> =
        rules().iter().filter_map(|rule| rule["record"].as_str().map(str::to_owned)).collect();
    let of_rules = rules().into_iter().map(|rule| rule["expr"].as_str().unwrap().to_owned());
    let mut unknown = BTreeSet::new();
    for query in of_rules.chain(dashboard_queries()) {
        for selector in selectors(&query) {
            let name = selector.name.clone().unwrap_or_default();
            let is_known = PROMETHEUS_OWN.contains(&name.as_str()) || recorded.contains(&name);
            if !is_known && !exists(&selector, &samples) {
                unknown.insert(format!("{selector} in {}", query.trim()));
            }
        }
    }
    assert!(unknown.is_empty(), "the service has no such series:\n{unknown:#?}\nin\n{page}");
}

#[tokio::test]
async fn e3_the_dashboard_shows_every_metric_of_the_service() {
    let app = TestApp::start().await;
    let page = app.anonymous(Method::GET, "/metrics").send().await.expect(200).raw;
    let shown: BTreeSet<String> = (rules().into_iter().map(|rule| rule["expr"].as_str().unwrap().to_owned()))
        .chain(dashboard_queries())
        .flat_map(|query| selectors(&query))
        .filter_map(|selector| selector.name)
        .collect();
    // A histogram is shown by any one of its parts.
    let family = |name: &str| -> String {
        let parts = ["_bucket", "_sum", "_count"];
        parts.iter().find_map(|part| name.strip_suffix(part)).unwrap_or(name).to_owned()
    };
    let shown: BTreeSet<String> = shown.iter().map(|name| family(name)).collect();
    let forgotten: BTreeSet<String> =
        samples(&page).into_iter().map(|sample| family(name_of(sample))).filter(|name| !shown.contains(name)).collect();
    assert!(forgotten.is_empty(), "neither a rule nor a panel shows {forgotten:#?}");
}

#[test]
fn e2_every_alert_says_whom_it_is_for_and_what_to_do() {
    let mut pages = BTreeSet::new();
    for alert in rules().iter().filter(|rule| rule["alert"].is_string()) {
        let name = alert["alert"].as_str().unwrap();
        let severity = alert["labels"]["severity"].as_str().unwrap_or_else(|| panic!("{name} has no severity"));
        assert!(SEVERITIES.contains(&severity), "{name}: {severity}");
        for annotation in ["summary", "description", "runbook_url"] {
            assert!(alert["annotations"][annotation].is_string(), "{name} has no {annotation}");
        }
        let page = alert["annotations"]["runbook_url"].as_str().unwrap();
        assert!(read(page).contains(name), "{page} does not name {name}");
        pages.insert(page.rsplit('/').next().unwrap().to_owned());
    }
    let folder = repository().join("docs/runbooks");
    let there: BTreeSet<String> = (std::fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "README.md")
        .collect();
    assert_eq!(there, pages, "runbooks, and those that an alert leads to");
}
