//! What a spreadsheet cannot hold is an error that says so, never a broken file; and the same inputs give the same bytes.

use formats::workbook::{self, WorkbookError};
use moic::Portfolio;
use serde_json::{Value, json};

use crate::grid::{Grid, Shown};

fn written(document: &Value) -> Result<Vec<u8>, WorkbookError> {
    let portfolio = Portfolio::from_json(document.to_string().as_bytes()).expect("a portfolio");
    workbook::write(&portfolio, &portfolio.evaluate())
}

fn company(lot: Value, events: Value) -> Value {
    json!({ "asOf": "2021-01-31", "companies": [{ "id": "acme", "lots": [lot], "events": events }] })
}

fn lot(date: &str) -> Value {
    json!({ "id": "seed", "lotType": "initial", "shareClass": "PS", "purchaseDate": date, "sharesAcquired": "1",
            "costBasisCents": "100" })
}

#[test]
fn an_empty_portfolio_is_a_workbook() {
    let workbook = written(&json!({ "asOf": "2021-01-31", "companies": [] })).expect("a workbook");
    let grid = Grid::read(&workbook);
    assert_eq!(grid.at("Summary", 3, grid.column("Summary", "Multiple (gross)")), Shown::Text("n/a".to_owned()));
    assert_eq!(grid.at("Summary", 3, grid.column("Summary", "Why n/a")), Shown::Text("no_lots".to_owned()));
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let document: Value = serde_json::from_str(include_str!("../../../../examples/demo-fund.json")).expect("JSON");
    assert_eq!(written(&document).expect("a workbook"), written(&document).expect("a workbook"));
}

#[test]
fn dates_before_those_of_spreadsheets_are_refused() {
    let error = written(&company(lot("1899-12-31"), json!([]))).expect_err("too early");
    assert!(matches!(error, WorkbookError::DateTooEarly { sheet: "Lots", .. }), "{error}");
    assert!(error.to_string().contains("1899-12-31"), "{error}");
    assert!(written(&company(lot("1900-03-01"), json!([]))).is_ok());
}

#[test]
fn numbers_that_no_cell_holds_are_refused() {
    let splits: Vec<Value> = (1..=28)
        .flat_map(|day| (0..2).map(move |_| day))
        .map(|day| {
            json!({ "type": "split", "date": format!("2020-12-{day:02}"), "shareClass": "PS",
                    "numerator": 1_000_000_000, "denominator": 1 })
        })
        .collect();
    let error = written(&company(lot("2020-01-31"), json!(splits))).expect_err("too large");
    assert!(matches!(error, WorkbookError::NumberTooLarge { sheet: "Lots", row: 4, .. }), "{error}");
}

#[test]
fn a_portfolio_with_more_rows_than_a_sheet_is_refused() {
    let lots: Vec<Value> = (0..10_600)
        .map(|index| {
            let mut lot = lot("2020-01-31");
            lot["id"] = json!(index.to_string());
            lot
        })
        .collect();
    let probability = |index: usize| if index == 0 { "1" } else { "0" };
    let cases: Vec<Value> = (0..100)
        .map(|index| json!({ "id": index.to_string(), "probability": probability(index), "exitPricesCents": {} }))
        .collect();
    let document = json!({ "asOf": "2021-01-31", "companies": [{ "id": "acme", "lots": lots, "exitCases": cases }] });
    let error = written(&document).expect_err("too many");
    assert!(matches!(error, WorkbookError::TooManyRows { sheet: "Cases" }), "{error}");
}
