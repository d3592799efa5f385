//! rollouts.md §4: evidence from a Prometheus-compatible server, and its four answers that are none. The server here answers as
//! the HTTP API does; a real one is asked in the tests of the command line.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use server::PrometheusServer;
use tokio::net::TcpListener;

use crate::app::{POLICY, Setup, Story, TestApp};

const EVIDENCE: &str = r#"
[evidence]
source = "prometheus"
[evidence.treatment]
requests = "treatment_requests"
failures = "treatment_failures"
users = "treatment_users"
first_failures = "treatment_first_failures"
[evidence.control]
requests = "control_requests"
failures = "control_failures"
users = "control_users"
first_failures = "control_first_failures"
[evidence.shared]
poolInUse = "pool"
"#;

/// What a query is answered.
#[derive(Clone)]
enum Said {
    /// A counter that rises by so much in every tick.
    Rises(u32),
    /// This value at the end of the tick.
    Is(&'static str),
    /// No series.
    Nothing,
    /// A counter, with a warning.
    Warns,
    /// This status, and no JSON.
    Fails(u16),
}

/// A server that answers queries as it is told.
#[derive(Clone)]
struct Stub {
    answers: Arc<Mutex<HashMap<String, Said>>>,
    address: String,
}

impl Stub {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let stub = Self { answers: Arc::default(), address };
        for (query, rise) in [
            ("treatment_requests", 40),
            ("treatment_failures", 0),
            ("treatment_users", 12),
            ("treatment_first_failures", 0),
            ("control_requests", 40),
            ("control_failures", 0),
            ("control_users", 12),
            ("control_first_failures", 0),
        ] {
            stub.says(query, Said::Rises(rise));
        }
        stub.says("pool", Said::Is("0.25"));
        let routes = Router::new().route("/api/v1/query_range", get(answer)).with_state(stub.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        stub
    }

    fn says(&self, query: &str, said: Said) {
        self.answers.lock().unwrap().insert(query.to_owned(), said);
    }
}

async fn answer(
    State(stub): State<Stub>,
    Query(asked): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    assert_eq!(headers["authorization"], "Bearer of-prometheus");
    let seconds = |name: &str| asked[name].parse::<jiff::Timestamp>().unwrap().as_second();
    let (start, end) = (seconds("start"), seconds("end"));
    assert_eq!((end - start, end % 15), (15, 0), "a tick");
    let said = stub.answers.lock().unwrap()[&asked["query"]].clone();
    let matrix = |values: Value, warnings: Value| {
        let series = json!([{ "metric": { "instance": "a" }, "values": values }]);
        let data = json!({ "resultType": "matrix", "result": series });
        axum::Json(json!({ "status": "success", "data": data, "warnings": warnings })).into_response()
    };
    match said {
        Said::Rises(by) => matrix(json!([[start, "1000"], [end, (1000 + by).to_string()]]), json!([])),
        Said::Is(value) => matrix(json!([[start, value], [end, value]]), json!([])),
        Said::Warns => matrix(json!([[start, "1000"], [end, "1001"]]), json!(["one store did not answer"])),
        Said::Nothing => axum::Json(json!({ "status": "success", "data": { "result": [] } })).into_response(),
        Said::Fails(status) => (StatusCode::from_u16(status).unwrap(), "<html>").into_response(),
    }
}

async fn service(stub: &Stub) -> TestApp {
    let server = PrometheusServer::new(&stub.address, Some("of-prometheus".to_owned()));
    Setup::new().with_config(|config| config.prometheus = Some(server)).start().await
}

async fn begin<'a>(app: &'a TestApp, policy: &str) -> Story<'a> {
    let story = Story::begin(app, &format!("{policy}{EVIDENCE}")).await;
    // Ticks are asked for a moment after their end, when what was scraped is stored.
    app.clock.advance(Duration::from_secs(3));
    story
}

#[tokio::test(flavor = "multi_thread")]
async fn what_prometheus_counted_promotes_and_what_the_service_counts_does_not() {
    let stub = Stub::start().await;
    let app = service(&stub).await;
    let story = begin(&app, POLICY).await;
    let seen = story.end_tick().await;
    assert_eq!(seen["evidenceSource"], "prometheus");
    assert_eq!(seen["evidenceProblem"], Value::Null);
    assert_eq!(seen["numbers"]["treatment"]["requests"], 40);
    assert_eq!(seen["numbers"]["control"]["users"], 12);
    for _ in 0..6 {
        if story.end_tick().await["phase"] == "expanded" {
            return;
        }
    }
    panic!("it is never promoted: {}", app.rollout(&story.id).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn b4_failures_that_prometheus_counted_roll_back() {
    let stub = Stub::start().await;
    stub.says("treatment_failures", Said::Rises(40));
    stub.says("treatment_first_failures", Said::Rises(12));
    let app = service(&stub).await;
    let story = begin(&app, POLICY).await;
    for _ in 0..3 {
        story.end_tick().await;
    }
    app.until_stage(&story.id, "RolledBack").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_answer_neither_promotes_nor_rolls_back_and_is_told_apart() {
    let stub = Stub::start().await;
    let app = service(&stub).await;
    let story = begin(&app, POLICY).await;
    for (said, problem, source) in [
        (Said::Nothing, "treatment.failures: there is no such series", "missing"),
        (Said::Is("NaN"), "treatment.failures: a value is NaN", "error"),
        (Said::Warns, "treatment.failures: the server warns: one store did not answer", "error"),
        (Said::Fails(503), "treatment.failures: the server failed: it answered 503", "error"),
    ] {
        stub.says("treatment_failures", said);
        let seen = story.end_tick().await;
        assert!(seen["evidenceProblem"].as_str().unwrap().starts_with(problem), "{seen}");
        assert_eq!(seen["phase"], "canary");
        assert_eq!(seen["numbers"]["treatment"]["requests"], 0);
        let evidence = app.get(&story.path("/evidence")).await.expect(200).raw;
        let last: Value = serde_json::from_str(evidence.lines().last().unwrap()).unwrap();
        assert_eq!(last["source"], source, "{last}");
    }
    // A level that cannot be read was not measured; the arms count.
    stub.says("treatment_failures", Said::Rises(0));
    stub.says("pool", Said::Is("NaN"));
    let seen = story.end_tick().await;
    assert_eq!(seen["evidenceProblem"], "poolInUse: a value is NaN");
    assert_eq!(seen["numbers"]["treatment"]["requests"], 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_server_to_ask_such_a_policy_is_refused() {
    let app = TestApp::start().await;
    let refused = app.start_rollout(&format!("{POLICY}{EVIDENCE}")).await.expect_problem(422, "validation_failed");
    assert!(refused.raw.contains("LOTWISE_PROMETHEUS_URL"), "{}", refused.raw);
}
