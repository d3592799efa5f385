//! Every figure of the recalculated workbook is the engine's, and every cached value is the recalculated one.

use std::io::{Cursor, Read, Write};

use formats::workbook;
use moic::{Evaluation, Lens, LensKey, Lenses, Portfolio, Reason};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::generate::{self, Scale};
use crate::grid::{Grid, SHEETS, Shown};
use crate::soffice::recalculated;

/// The largest relative difference between a figure of the spreadsheet and the exact one.
const TOLERANCE: f64 = 1e-9;
/// Random funds in the run; `PROPTEST_CASES` and `PROPTEST_RNG_SEED` ask for more or others. LibreOffice takes about half
/// a second for each.
const RANDOM_FUNDS: u32 = 56;
/// Every so many of them has amounts far above what funds have.
const HUGE_EVERY: u32 = 7;
/// Every second is made of so many documents.
const DOCUMENTS_IN_ONE: usize = 3;

/// Headers of the lenses on the sheet Companies.
const TITLES: [(LensKey, &str); 10] = [
    (LensKey::CurrentMoic, "Current MOIC (gross)"),
    (LensKey::CurrentMoicInitial, "Current MOIC on initial (gross)"),
    (LensKey::CurrentMoicDeployedReserves, "Current MOIC on deployed reserves (gross)"),
    (LensKey::ExitMoic, "Exit MOIC (gross)"),
    (LensKey::ExitMoicInitial, "Exit MOIC on initial (gross)"),
    (LensKey::ExitMoicFollowOns, "Exit MOIC on follow-ons, deployed and planned (gross)"),
    (LensKey::ExitMoicPlannedReserves, "Exit MOIC on planned reserves (gross)"),
    (LensKey::ExitMoicDeployedReserves, "Exit MOIC on deployed reserves (gross)"),
    (LensKey::CurrentMoicSecondary, "Current MOIC on secondaries (gross)"),
    (LensKey::ExitMoicSecondary, "Exit MOIC on secondaries (gross)"),
];

const EXAMPLES: [(&str, &str); 3] = [
    ("demo-fund", include_str!("../../../../examples/demo-fund.json")),
    ("alphatech", include_str!("../../../../examples/alphatech.json")),
    ("early-stage", include_str!("../../../../examples/early-stage.json")),
];

fn accepted(document: &str) -> Portfolio {
    Portfolio::from_json(document.as_bytes()).unwrap_or_else(|error| panic!("{error:?}\n{document}"))
}

fn written(portfolio: &Portfolio) -> Vec<u8> {
    workbook::write(portfolio, &portfolio.evaluate()).expect("a workbook")
}

fn random_funds() -> Vec<(String, String)> {
    let config = generate::config(RANDOM_FUNDS);
    let count = config.cases;
    let mut runner = TestRunner::new(config);
    let mut document = |scale| generate::documents(scale).new_tree(&mut runner).expect("a document").current();
    let fund = |index: u32| {
        let scale = if index.is_multiple_of(HUGE_EVERY) { Scale::Huge } else { Scale::Fund };
        let documents: Vec<Value> = (0..DOCUMENTS_IN_ONE).map(|_| document(scale)).collect();
        let fund = if index.is_multiple_of(2) { documents[0].clone() } else { merged(&documents) };
        (format!("random fund {index}"), fund.to_string())
    };
    (0..count).map(fund).collect()
}

/// The companies of all documents under the policy and date of the first, as far as they are valid under these.
fn merged(documents: &[Value]) -> Value {
    let mut merged = documents[0].clone();
    for (number, document) in documents.iter().enumerate().skip(1) {
        for company in document["companies"].as_array().expect("companies") {
            let mut company = company.clone();
            company["id"] = json!(format!("{number}-{}", company["id"]));
            let before = merged.clone();
            merged["companies"].as_array_mut().expect("companies").push(company);
            if Portfolio::from_json(merged.to_string().as_bytes()).is_err() {
                merged = before;
            }
        }
    }
    merged
}

#[test]
fn libreoffice_computes_what_the_engine_computes() {
    let examples = EXAMPLES.map(|(name, document)| (name.to_owned(), document.to_owned()));
    let documents: Vec<(String, String)> = examples.into_iter().chain(random_funds()).collect();
    let portfolios: Vec<Portfolio> = documents.iter().map(|(_, document)| accepted(document)).collect();
    let workbooks: Vec<Vec<u8>> = portfolios.iter().map(written).collect();
    let mut differences = Vec::new();
    for (((name, document), portfolio), (before, after)) in
        documents.iter().zip(&portfolios).zip(workbooks.iter().zip(recalculated(&workbooks)))
    {
        let (cached, computed) = (Grid::read(before), Grid::read(&after));
        let mut found = Vec::new();
        compare_with_engine(&computed, portfolio, &mut found);
        compare_cells(&cached, &computed, &mut found);
        if !found.is_empty() {
            differences.push(format!("{name}: {}\n{}", found.join("\n"), &document[..document.len().min(3_000)]));
        }
    }
    assert!(differences.is_empty(), "{} funds differ\n{}", differences.len(), differences.join("\n\n"));
}

#[test]
fn libreoffice_does_not_show_cached_values() {
    let portfolio = accepted(EXAMPLES[1].1);
    let planted = with_wrong_cached_values(&written(&portfolio));
    let column = |grid: &Grid| grid.at("Summary", 3, grid.column("Summary", "Multiple (gross)"));
    assert_eq!(column(&Grid::read(&planted)), Shown::Number(WRONG), "the wrong value is what a reader finds");
    let results = recalculated(&[planted]);
    let computed = Grid::read(&results[0]);
    let mut found = Vec::new();
    compare_with_engine(&computed, &portfolio, &mut found);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_changed_input_changes_every_figure_that_rests_on_it() {
    let (_, document) = EXAMPLES[1];
    let changed = document.replace("\"650.407\" }", "\"900.5\" }").replace("\"1300\"", "\"1250\"");
    assert_ne!(changed, document);
    // In the workbook, as a user would type them: the mark on Lots, the exit price on Cases, both in dollars.
    let typed = with_parts(&written(&accepted(document)), |name, text| match name {
        "xl/worksheets/sheet3.xml" => text.replace("<v>6.50407</v>", "<v>9.005</v>"),
        "xl/worksheets/sheet5.xml" => text.replace("<v>13</v>", "<v>12.5</v>"),
        _ => text,
    });
    let results = recalculated(&[typed]);
    let mut found = Vec::new();
    compare_with_engine(&Grid::read(&results[0]), &accepted(&changed), &mut found);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_value_of_the_replay_has_its_derivation_beside_it() {
    let grid = Grid::read(&written(&accepted(EXAMPLES[1].1)));
    let derivation = grid.column("Lots", "Where the value comes from");
    let expected = "518,138.294565 shares × 6.50407 mark of 2022-03-31";
    assert_eq!(grid.at("Lots", 3, derivation), Shown::Text(expected.to_owned()));
}

/// A value that no figure of the examples has.
const WRONG: f64 = 987_654.0;

/// The workbook with [`WRONG`] as the cached number of every formula.
fn with_wrong_cached_values(workbook: &[u8]) -> Vec<u8> {
    with_parts(workbook, |_, text| {
        let mut parts = text.split("</f><v>");
        let mut planted = parts.next().expect("a first part").to_owned();
        for part in parts {
            let (cached, rest) = part.split_once("</v>").expect("the end of a value");
            let value = if cached.parse::<f64>().is_ok() { WRONG.to_string() } else { cached.to_owned() };
            planted.push_str(&format!("</f><v>{value}</v>{rest}"));
        }
        planted
    })
}

/// The workbook with the text of its parts changed.
fn with_parts(workbook: &[u8], change: impl Fn(&str, String) -> String) -> Vec<u8> {
    let mut source = ZipArchive::new(Cursor::new(workbook)).expect("a package");
    let mut target = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..source.len() {
        let mut file = source.by_index(index).expect("a part");
        let name = file.name().expect("a name").into_owned();
        let mut text = String::new();
        file.read_to_string(&mut text).expect("all parts are XML");
        target.start_file(name.clone(), SimpleFileOptions::default()).expect("a part");
        target.write_all(change(&name, text).as_bytes()).expect("its bytes");
    }
    target.finish().expect("a package").into_inner()
}

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() <= TOLERANCE * one.abs().max(other.abs())
}

fn compare_cells(cached: &Grid, computed: &Grid, found: &mut Vec<String>) {
    for sheet in SHEETS {
        let (rows, columns) = cached.size(sheet);
        for row in 0..rows {
            for column in 0..columns {
                let (before, after) = (cached.at(sheet, row, column), computed.at(sheet, row, column));
                let same = match (&before, &after) {
                    (Shown::Number(one), Shown::Number(other)) => close(*one, *other),
                    _ => before == after,
                };
                if !same {
                    let head = cached.at(sheet, 2, column);
                    found.push(format!("{sheet} row {} {head:?}: cached {before:?}, computed {after:?}", row + 1));
                }
            }
        }
    }
}

fn compare_with_engine(computed: &Grid, portfolio: &Portfolio, found: &mut Vec<String>) {
    let evaluation = portfolio.evaluate();
    compare_companies(computed, &evaluation, found);
    compare_lots(computed, &evaluation, found);
    compare_summary(computed, &evaluation, found);
    let difference = computed.column("Checks", "Difference: must be 0");
    for row in computed.rows("Checks") {
        if computed.at("Checks", row, difference) != Shown::Number(0.0) {
            found.push(format!("Checks row {}: {:?}", row + 1, computed.at("Checks", row, difference)));
        }
    }
    if computed.choice("Checks that are not 0") != Shown::Number(0.0) {
        found.push("Summary counts checks that are not 0".to_owned());
    }
    let coverage = evaluation.coverage().map(nearest);
    match (coverage, computed.choice("Priced part of the cost")) {
        (None, Shown::Text(text)) if text == "n/a" => {}
        (Some(exact), Shown::Number(shown)) if close(exact, shown) => {}
        (exact, shown) => found.push(format!("coverage is {exact:?}, shown {shown:?}")),
    }
}

fn compare_companies(computed: &Grid, evaluation: &Evaluation<'_>, found: &mut Vec<String>) {
    let rows = computed.rows("Companies");
    assert_eq!(rows.len(), evaluation.companies().len());
    for (row, company) in rows.zip(evaluation.companies()) {
        for (key, lens) in company.lenses().iter() {
            let column = computed.column("Companies", title(key));
            let shown = (computed.at("Companies", row, column), computed.at("Companies", row, column + 1));
            compare_lens(&format!("company {} {}", company.id(), key.name()), lens, &shown, found);
        }
    }
}

fn compare_lots(computed: &Grid, evaluation: &Evaluation<'_>, found: &mut Vec<String>) {
    let lots = evaluation.companies().iter().flat_map(|company| company.lots().map(|lot| (company.id(), lot)));
    let (current, exit) =
        (computed.column("Lots", "Current MOIC (gross)"), computed.column("Lots", "Exit MOIC (gross)"));
    for (row, (company, (lot, current_lens, exit_lens))) in computed.rows("Lots").zip(lots) {
        for (column, lens) in [(current, current_lens), (exit, exit_lens)] {
            let shown = (computed.at("Lots", row, column), computed.at("Lots", row, column + 1));
            compare_lens(&format!("lot {company}/{lot}"), lens, &shown, found);
        }
    }
}

fn compare_summary(computed: &Grid, evaluation: &Evaluation<'_>, found: &mut Vec<String>) {
    let multiple = computed.column("Summary", "Multiple (gross)");
    let levels: Vec<(String, &Lenses)> = std::iter::once(("fund".to_owned(), evaluation.fund()))
        .chain(evaluation.sectors().map(|(sector, lenses)| (format!("sector {sector:?}"), lenses)))
        .collect();
    let figures = levels.iter().flat_map(|(level, lenses)| lenses.iter().map(move |figure| (level, figure)));
    for (row, (level, (key, lens))) in computed.rows("Summary").zip(figures) {
        let shown = (computed.at("Summary", row, multiple), computed.at("Summary", row, multiple + 1));
        compare_lens(&format!("{level} {}", key.name()), lens, &shown, found);
    }
}

fn compare_lens(path: &str, lens: &Lens, shown: &(Shown, Shown), found: &mut Vec<String>) {
    let same = match (lens.multiple(), lens.reason(), shown) {
        (Some(multiple), None, (Shown::Number(shown), Shown::Nothing)) => close(nearest(&multiple), *shown),
        (None, Some(reason), (Shown::Text(text), Shown::Text(shown))) => text == "n/a" && shown == Reason::name(reason),
        _ => false,
    };
    if !same {
        let multiple = lens.multiple().map(|multiple| nearest(&multiple));
        found.push(format!("{path}: the engine has {multiple:?} {:?}, the workbook {shown:?}", lens.reason()));
    }
}

/// Digits after the point are few where the multiple is small, so the fraction itself is taken.
fn nearest(multiple: &moic::Ratio) -> f64 {
    num_traits::ToPrimitive::to_f64(&multiple.to_rational()).expect("a number")
}

fn title(key: LensKey) -> &'static str {
    TITLES.iter().find(|(known, _)| *known == key).map(|(_, title)| *title).expect("every lens has a title")
}
