//! Snapshots: C2, and api.md's rules about them.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};
use server::Clock;
use store::jobs::LEASE_MAX;
use store::snapshots;

use crate::app::{Setup, TestApp};

#[tokio::test]
async fn c2_a_snapshot_is_accepted_calculated_and_holds_the_lenses() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let company = fund.company("AlphaTech").await;
    company.lot().await;
    company.mark("650.407").await;
    let body = json!({ "name": "Year end", "asOf": "2022-12-31" });
    let accepted = app.post(&fund.path("/portfolio/snapshots"), &body).await.expect(202);
    let id = accepted.text("snapshotId");
    assert_eq!(
        accepted.body,
        json!({ "snapshotId": id, "status": "pending", "statusUrl": format!("/api/snapshots/{id}"), "retryAfter": 1 })
    );
    assert_eq!(accepted.header("location"), format!("/api/snapshots/{id}"));
    assert_eq!(accepted.header("retry-after"), "1");

    let snapshot = app.finished(&id).await;
    assert_eq!(
        (&snapshot["status"], &snapshot["cached"], &snapshot["error"]),
        (&json!("complete"), &json!(false), &Value::Null)
    );
    assert_eq!(snapshot["progress"], json!({ "current": 1, "total": 1 }));
    let lenses = app.get(&fund.path("/portfolio/lots/moic?asOf=2022-12-31")).await.expect(200).body;
    assert_eq!(snapshot["result"], lenses);
    assert_eq!(snapshot["inputsHash"], lenses["inputsHash"]);
    assert_eq!(app.metric(r#"portfolio_snapshot_creation_duration_seconds_count{status="complete"}"#).await, 1.0);
}

#[tokio::test]
async fn c2_the_same_inputs_answer_from_the_cache_and_say_so() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    fund.company("AlphaTech").await.lot().await;
    let first = app.finished(&fund.snapshot("first").await).await;
    let second = app.finished(&fund.snapshot("second").await).await;
    assert_ne!(first["id"], second["id"]);
    assert_eq!((&first["cached"], &second["cached"]), (&json!(false), &json!(true)));
    assert_eq!((&first["inputsHash"], &first["result"]), (&second["inputsHash"], &second["result"]));
    // Calculations are more: by chance, a stored result is checked by another.
    for looked_up in ["hit", "miss"] {
        let line = format!(r#"snapshot_cache_lookups_total{{result="{looked_up}"}}"#);
        assert_eq!(app.metric(&line).await, 1.0, "{looked_up}");
    }
}

#[tokio::test]
async fn null_lenses_make_a_complete_snapshot() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let snapshot = app.finished(&fund.snapshot("empty").await).await;
    assert_eq!(snapshot["status"], "complete");
    assert_eq!(snapshot["result"]["fund"]["lenses"]["current_moic"]["reason"], "no_lots");
}

#[tokio::test]
async fn a_snapshot_shows_what_was_known_when_it_was_asked_for() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let company = fund.company("AlphaTech").await;
    company.lot().await;
    let snapshot = fund.snapshot("before the mark").await;
    company.mark("650.407").await;
    assert_eq!(app.finished(&snapshot).await["result"]["fund"]["lenses"]["current_moic"]["reason"], "unpriced");
}

#[tokio::test]
async fn progress_is_streamed_to_its_end() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    fund.company("AlphaTech").await.lot().await;
    let snapshot = fund.snapshot("streamed").await;
    let stream = app.get(&format!("/api/snapshots/{snapshot}/events")).await.expect(200);
    assert_eq!(stream.header("content-type"), "text/event-stream");
    let events: Vec<&str> = stream.raw.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    assert_eq!(events.last(), Some(&"complete"));
    assert!(events.iter().all(|event| ["pending", "calculating", "complete"].contains(event)), "{events:?}");
    let last = stream.raw.lines().filter_map(|line| line.strip_prefix("data: ")).next_back().unwrap();
    let last: Value = serde_json::from_str(last).unwrap();
    assert_eq!((&last["id"], &last["progress"]), (&json!(snapshot), &json!({ "current": 1, "total": 1 })));
    assert!(last.get("result").is_none());
}

#[tokio::test]
async fn snapshots_are_listed_newest_first_renamed_and_deleted() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let first = fund.snapshot("first").await;
    app.finished(&first).await;
    app.clock.advance(Duration::from_secs(1));
    let second = fund.snapshot("second").await;
    app.finished(&second).await;
    let names = |list: &Value| -> Vec<String> {
        list["snapshots"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    let list = fund.path("/portfolio/snapshots");
    assert_eq!(names(&app.get(&list).await.expect(200).body), ["second", "first"]);
    assert_eq!(names(&app.get(&format!("{list}?status=complete&limit=1")).await.expect(200).body), ["second"]);
    assert_eq!(names(&app.get(&format!("{list}?status=error")).await.expect(200).body), [""; 0]);

    let path = format!("/api/snapshots/{first}");
    app.put(&path, &json!({ "name": "renamed", "version": 1 })).await.expect(200);
    assert_eq!(names(&app.get(&list).await.expect(200).body), ["second", "renamed"]);
    app.delete(&path).await.expect(204);
    app.get(&path).await.expect_problem(404, "not_found");
    assert_eq!(names(&app.get(&list).await.expect(200).body), ["second"]);
}

#[tokio::test]
async fn a_comparison_says_what_changed_and_why() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let company = fund.company("AlphaTech").await;
    company.lot().await;
    company.mark("650.407").await;
    let before = fund.snapshot("before").await;
    app.finished(&before).await;
    company.mark("1300.814").await;
    let after = fund.snapshot("after").await;
    app.finished(&after).await;
    let compared = app.get(&format!("/api/snapshots/{before}/compare/{after}")).await.expect(200).body;
    let change = &compared["fund"]["current_moic"];
    assert_eq!(change["a"].as_str().unwrap().get(..4), Some("2.24"));
    assert_eq!(change["change"].as_str().unwrap().get(..4), Some("2.24"));
    assert_eq!(compared["companies"][0]["name"], "AlphaTech");
    assert_eq!(
        compared["companies"][0]["causes"],
        json!([{ "kind": "mark", "change": "added", "subject": "mark 2022-03-31 PS" }])
    );
    let same = app.get(&format!("/api/snapshots/{after}/compare/{after}")).await.expect(200).body;
    assert_eq!(same["companies"], json!([]));
}

#[tokio::test]
async fn what_cannot_be_compared_or_retried_says_so() {
    let app = Setup::new().without_workers().start().await;
    let (fund, other) = (app.fund("Fund I").await, app.fund("Fund II").await);
    let (mine, theirs) = (fund.snapshot("mine").await, other.snapshot("theirs").await);
    app.get(&format!("/api/snapshots/{mine}/compare/{mine}")).await.expect_problem(409, "conflict");
    app.get(&format!("/api/snapshots/{mine}/compare/{theirs}"))
        .await
        .expect_problem(422, "validation_failed")
        .naming("b");
    let retry = app.request(Method::POST, &format!("/api/snapshots/{mine}/retry")).send().await;
    retry.expect_problem(409, "conflict");
}

#[tokio::test]
async fn a_snapshot_in_error_says_why_and_can_be_retried() {
    let app = Setup::new().without_workers().start().await;
    let fund = app.fund("Fund I").await;
    let snapshot = fund.snapshot("unlucky").await;
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let (lease, _) = snapshots::claim(tx, "a worker", LEASE_MAX, now)?.expect("a snapshot waits");
            snapshots::fail(tx, &lease, "the disk caught fire", false, now)
        })
        .await
        .unwrap();
    let failed = app.finished(&snapshot).await;
    assert_eq!((&failed["status"], &failed["error"]), (&json!("error"), &json!("the disk caught fire")));
    let folder = app.stop().await;

    let app = Setup::new().on(folder).start().await;
    let path = format!("/api/snapshots/{snapshot}/retry");
    let retried = app.request(Method::POST, &path).send().await.expect(202);
    assert_eq!(retried.body["status"], "pending");
    assert_eq!(app.finished(&snapshot).await["status"], "complete");
}

#[tokio::test]
async fn a_snapshot_whose_worker_died_goes_on_after_the_restart() {
    let app = Setup::new().without_workers().start().await;
    let fund = app.fund("Fund I").await;
    fund.company("AlphaTech").await.lot().await;
    let snapshot = fund.snapshot("orphan").await;
    let now = app.clock.now();
    app.store
        .write(move |tx| snapshots::claim(tx, "a worker that dies", LEASE_MAX, now))
        .await
        .unwrap()
        .expect("a snapshot waits");
    let folder = app.stop().await;

    let app = Setup::new().on(folder).start().await;
    app.clock.advance(LEASE_MAX + Duration::from_secs(1));
    assert_eq!(app.finished(&snapshot).await["status"], "complete");
}

#[tokio::test]
async fn twenty_snapshots_at_once_all_complete() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    fund.company("AlphaTech").await.lot().await;
    let mut accepted = Vec::new();
    for number in 0..20 {
        accepted.push(fund.snapshot(&format!("number {number}")).await);
    }
    for snapshot in accepted {
        assert_eq!(app.finished(&snapshot).await["status"], "complete");
    }
}

#[tokio::test]
async fn a_snapshot_goes_only_in_the_version_that_was_meant() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let id = fund.snapshot("Q1").await;
    let path = format!("/api/snapshots/{id}");
    app.finished(&id).await;
    let delete = |tag: &str| app.request(Method::DELETE, &path).header("if-match", tag).send();
    delete("\"77\"").await.expect_problem(409, "version_conflict");
    for tag in ["+1", "\"01x\"", "\"1\", \"2\"", "*"] {
        delete(tag).await.expect_problem(422, "validation_failed");
    }
    let current = app.get(&path).await.expect(200).header("etag");
    delete(&current).await.expect(204);
    app.get(&path).await.expect(404);
}
