//! Texts of a portfolio stay texts, whatever they look like.

use std::io::{Cursor, Read};

use formats::workbook;
use moic::Portfolio;
use serde_json::json;
use zip::ZipArchive;

use crate::grid::{Grid, Shown};
use crate::soffice::recalculated;

/// Beginnings that spreadsheets take for formulas, characters that XML forbids or reserves, and criteria of SUMIFS.
const TEXTS: [&str; 14] = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "=HYPERLINK(\"http://example.invalid\",\"x\")",
    "=cmd|' /C calc'!A0",
    "<v>&amp;]]>",
    "a\u{0}b\u{1f}c",
    "_x0041_",
    ">0",
    "*",
    "\u{fffe}\u{1f600}",
];

fn portfolio() -> Portfolio {
    let companies: Vec<_> = TEXTS
        .iter()
        .map(|text| {
            json!({ "id": text, "name": text, "sector": text, "stage": text,
                "lots": [{ "id": text, "lotType": "initial", "shareClass": text, "purchaseDate": "2020-01-31",
                           "sharesAcquired": "10", "costBasisCents": "1000" }],
                "events": [{ "type": "mark", "date": "2020-12-31", "shareClass": text, "sharePriceCents": "200" }],
                "exitCases": [{ "id": text, "probability": "1", "exitPricesCents": { *text: "300" },
                    "plannedReserves": [{ "id": text, "amountCents": "1", "exitProceedsCents": "2" }] }] })
        })
        .collect();
    let document = json!({ "asOf": "2021-01-31", "companies": companies });
    Portfolio::from_json(document.to_string().as_bytes()).expect("a portfolio")
}

/// The text of a part of the workbook.
fn part(workbook: &[u8], name: &str) -> String {
    let mut package = ZipArchive::new(Cursor::new(workbook)).expect("a package");
    let mut text = String::new();
    package.by_name(name).expect("the part").read_to_string(&mut text).expect("UTF-8");
    text
}

#[test]
fn no_text_becomes_a_formula() {
    let portfolio = portfolio();
    let workbook = workbook::write(&portfolio, &portfolio.evaluate()).expect("a workbook");
    for sheet in 1..=6 {
        let xml = part(&workbook, &format!("xl/worksheets/sheet{sheet}.xml"));
        let formulas = xml.split("<f>").skip(1).map(|rest| rest.split_once("</f>").expect("an end").0);
        for formula in formulas {
            let suspicious = ["HYPERLINK", "cmd|", "1+1", "A1)"];
            assert!(!suspicious.iter().any(|text| formula.contains(text)), "{formula}");
        }
    }
    assert!(part(&workbook, "xl/styles.xml").contains("quotePrefix=\"1\""), "an edited cell stays a text");
    let results = recalculated(std::slice::from_ref(&workbook));
    let computed = Grid::read(&results[0]);
    let (name, multiple) =
        (computed.column("Companies", "Company"), computed.column("Companies", "Current MOIC (gross)"));
    for (row, text) in computed.rows("Companies").zip(TEXTS) {
        assert_eq!(computed.at("Companies", row, multiple), Shown::Number(2.0), "{text:?}");
        let shown = computed.at("Companies", row, name);
        assert!(matches!(shown, Shown::Text(_)), "{text:?} became {shown:?}");
        if text.chars().all(|letter| !letter.is_control() && letter != '\u{fffe}') {
            assert_eq!(shown, Shown::Text(text.to_owned()));
        }
    }
    assert_eq!(computed.choice("Checks that are not 0"), Shown::Number(0.0));
}

#[test]
fn companies_that_criteria_would_mix_up_stay_apart() {
    let companies: Vec<_> = [("a", "100"), ("A", "300"), ("1", "500"), ("01", "700"), ("?", "900")]
        .iter()
        .map(|(id, price)| {
            json!({ "id": id, "sector": id, "lots": [{ "id": "seed", "lotType": "initial", "shareClass": "PS",
                    "purchaseDate": "2020-01-31", "sharesAcquired": "1", "costBasisCents": "100" }],
                "events": [{ "type": "mark", "date": "2020-12-31", "shareClass": "PS", "sharePriceCents": price }] })
        })
        .collect();
    let document = json!({ "asOf": "2021-01-31", "companies": companies });
    let portfolio = Portfolio::from_json(document.to_string().as_bytes()).expect("a portfolio");
    let results = recalculated(&[workbook::write(&portfolio, &portfolio.evaluate()).expect("a workbook")]);
    let computed = Grid::read(&results[0]);
    let multiple = computed.column("Companies", "Current MOIC (gross)");
    let shown: Vec<Shown> = computed.rows("Companies").map(|row| computed.at("Companies", row, multiple)).collect();
    assert_eq!(shown, [1.0, 3.0, 5.0, 7.0, 9.0].map(Shown::Number));
}
