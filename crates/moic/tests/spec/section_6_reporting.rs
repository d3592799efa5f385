//! §6: all problems of a file are reported at once, and input that is no document at all is refused.

use crate::outcome::{event, exit_at, initial, one_company, portfolio, problems, with};
use moic::{DocumentError, Portfolio};
use serde_json::json;

#[test]
fn all_problems_of_a_file_are_reported_at_once() {
    let bad = json!({
        "asOf": "2024-02-30",
        "currency": "USD",
        "policy": { "lotRelief": "best" },
        "surprise": 1,
        "companies": [
            { "id": "a", "lots": [with(initial("x", "2020-01-01", "1.123456789", "-5"), json!({ "lotType": "big" }))] },
            { "id": "a", "lots": [], "events": [event("mark", "2020-99-01", json!({ "shareClass": "PS" }))] },
            { "id": "b", "lots": [], "exitCases": [{ "id": "x", "probability": "0.4" }] },
        ],
    });
    let paths: Vec<String> = problems(&bad).into_iter().map(|problem| problem.path).collect();
    for expected in [
        "asOf",
        "policy.lotRelief",
        "surprise",
        "companies[0].lots[0].sharesAcquired",
        "companies[0].lots[0].costBasisCents",
        "companies[0].lots[0].lotType",
        "companies[1].id",
        "companies[1].events[0].date",
        "companies[1].events[0].sharePriceCents",
    ] {
        assert!(paths.iter().any(|path| path == expected), "{expected} is not among {paths:?}");
    }
    assert!(paths.iter().any(|path| path.starts_with("companies[2].exitCases")), "{paths:?}");
}

#[test]
fn problems_of_several_companies_replays_are_reported_at_once() {
    let company = |id: &str| {
        let sale = json!({ "shares": "2", "proceedsCents": "1", "lots": { "seed": "2" } });
        json!({ "id": id, "lots": [initial("seed", "2020-01-01", "1", "1")],
                "events": [event("disposal", "2021-01-01", sale)] })
    };
    let found = problems(&portfolio(json!([company("a"), company("b")])));
    let paths: Vec<&str> = found.iter().map(|problem| problem.path.split(".events").next().expect("a path")).collect();
    assert_eq!(paths, ["companies[0]", "companies[1]"]);
}

#[test]
fn broken_json_is_a_syntax_error_with_its_place() {
    for (bytes, line) in
        [(&b""[..], 1), (b"{", 1), (b"{\n \"asOf\": }", 2), (b"{} {}", 1), (b"\xff\xfe", 1), (b"nul", 1)]
    {
        match Portfolio::from_json(bytes) {
            Err(DocumentError::Syntax(error)) => {
                assert_eq!(error.line, line, "{}", String::from_utf8_lossy(bytes));
                assert!(!error.message.is_empty());
            }
            other => panic!("{}: {:?}", String::from_utf8_lossy(bytes), other.err()),
        }
    }
}

#[test]
fn a_document_that_is_not_an_object_is_refused() {
    for bytes in ["[]", "7", "\"text\"", "null", "true"] {
        assert!(Portfolio::from_json(bytes.as_bytes()).is_err(), "{bytes}");
    }
}

#[test]
fn a_deeply_nested_document_is_refused_without_exhausting_the_stack() {
    for depth in [200, 1_000_000] {
        assert!(Portfolio::from_json("[".repeat(depth).as_bytes()).is_err());
        let objects = format!("{}1{}", "{\"companies\":".repeat(depth), "}".repeat(depth));
        assert!(Portfolio::from_json(objects.as_bytes()).is_err());
    }
}

#[test]
fn a_price_in_an_exit_of_the_document_may_be_any_decimal() {
    assert!(
        Portfolio::from_json(one_company(json!([]), json!([]), exit_at("0.00000001")).to_string().as_bytes()).is_ok()
    );
}
