//! The fund table, and the legacy MOIC beside the lot-level one.

use crate::generate::{self, Scale};
use crate::outcome::{accepted, event, follow_on, initial, mark, portfolio, safe, with};
use moic::analysis::{DifferenceCause, FundTable, FundTableRow, LegacyDifference, LegacyPosition, MultipleDifference};
use moic::{Cents, LensKey, Ratio, Reason};
use proptest::prelude::*;
use serde_json::{Value, json};

fn legacy(company: &str, amount: u64, stake: Option<(&str, u64)>, realised: u64) -> LegacyPosition {
    LegacyPosition {
        company: company.to_owned(),
        amount: amount.into(),
        ownership: stake.map(|(ownership, _)| Ratio::parse(ownership).expect("an ownership")),
        latest_valuation: stake.map(|(_, valuation)| valuation.into()),
        realised: realised.into(),
    }
}

fn table(companies: Value, legacy: &[LegacyPosition]) -> FundTable {
    accepted(&portfolio(companies)).analyse().fund_table(legacy)
}

fn parts(row: &FundTableRow) -> Vec<(DifferenceCause, String)> {
    match &row.difference {
        LegacyDifference::Explained { parts, .. } => {
            parts.iter().map(|part| (part.cause, part.difference.value())).collect()
        }
        LegacyDifference::NotComparable { .. } => panic!("{}", row.difference.explanation()),
    }
}

#[test]
fn a_row_has_invested_realised_unrealised_and_total_over_cost() {
    let lots = json!([initial("a", "2020-01-01", "100", "1000"), follow_on("b", "2021-01-01", "100", "3000")]);
    let events = json!([
        mark("2022-01-01", "40"),
        event("distribution", "2022-02-01", json!({ "shareClass": "PS", "amountCents": "500" }))
    ]);
    let company = json!({ "id": "c", "name": "Company", "lots": lots, "events": events });
    let table = table(json!([company]), &[]);
    let row = &table.companies[0];
    assert_eq!((row.id.as_str(), row.name.as_str()), ("c", "Company"));
    let amounts = [
        Some(row.lots.invested().clone()),
        Some(row.lots.realised().clone()),
        row.lots.unrealised(),
        row.lots.total_value(),
    ];
    assert_eq!(
        amounts.map(|cents| cents.map(|cents| cents.to_string())),
        ["4000", "500", "8000", "8500"].map(|cents| Some(cents.to_owned()))
    );
    assert_eq!(row.lots.total_value_over_cost().map(|multiple| multiple.to_decimal(3)), Ok("2.125".to_owned()));
    assert_eq!(table.fund.lots, row.lots);
    assert_eq!(
        row.difference.explanation(),
        "Nothing can be compared. There is no legacy multiple: no investments are recorded."
    );
}

#[test]
fn the_difference_to_legacy_is_explained_part_by_part() {
    let lots = json!([initial("a", "2020-01-01", "100", "1000")]);
    let events = json!([
        mark("2022-01-01", "15"),
        event("distribution", "2022-02-01", json!({ "shareClass": "PS", "amountCents": "300" })),
        event("receivable", "2022-03-01", json!({ "carryingCents": "50", "allocation": { "a": "1" } }))
    ]);
    let companies = json!([{ "id": "c", "lots": lots, "events": events }]);
    // Legacy: (10 % of 20,000 + 200) / 1,250 = 1.76x; lot-level: (1,500 + 50 + 300) / 1,000 = 1.85x.
    let table = table(companies, &[legacy("c", 1_250, Some(("0.1", 20_000)), 200)]);
    let row = &table.companies[0];
    assert_eq!(
        parts(row),
        [
            (DifferenceCause::Cost, "0.440000000000".to_owned()),
            (DifferenceCause::Realised, "0.100000000000".to_owned()),
            (DifferenceCause::Valuation, "-0.500000000000".to_owned()),
            (DifferenceCause::Receivables, "0.050000000000".to_owned()),
        ]
    );
    assert_eq!(
        row.difference.explanation(),
        "Lot-level differs from legacy by +0.09x. \
         +0.44x: the lots cost 1000 cents, the investments 1250 cents. \
         +0.10x: the lots realised 300 cents, the legacy records 200 cents. \
         -0.50x: what is held is worth 1500 cents at its marks, and ownership × latest post-money valuation is 2000 cents. \
         +0.05x: 50 cents are still to be received, which legacy leaves out."
    );
    assert_eq!(parts(&table.fund), parts(row), "a fund of one company is that company");
}

#[test]
fn what_is_valued_otherwise_than_by_class_is_named() {
    let lots = json!([initial("a", "2020-01-01", "100", "1000"), with(safe("s", "200"), json!({}))]);
    let events = json!([event("lot_mark", "2022-01-01", json!({ "lot": "a", "valueCents": "900" }))]);
    let table =
        table(json!([{ "id": "c", "lots": lots, "events": events }]), &[legacy("c", 1_200, Some(("0.1", 12_000)), 0)]);
    assert_eq!(
        table.fund.difference.explanation(),
        "Lot-level differs from legacy by -0.08x. -0.08x: what is held is worth 1100 cents at its marks, and ownership × \
         latest post-money valuation is 1200 cents; 900 cents of it are lots with a mark of their own; 200 cents of it are \
         SAFEs and notes at cost."
    );
}

#[test]
fn agreement_is_said_too() {
    let company =
        json!({ "id": "c", "lots": [initial("a", "2020-01-01", "100", "1000")], "events": [mark("2022-01-01", "15")] });
    let table = table(json!([company]), &[legacy("c", 1_000, Some(("3/20", 10_000)), 0)]);
    assert_eq!(table.fund.difference.explanation(), "Lot-level and legacy agree (0.00x).");
}

#[test]
fn what_has_no_multiple_is_not_compared() {
    let companies = json!([
        { "id": "unpriced", "lots": [initial("a", "2020-01-01", "100", "1000")] },
        { "id": "unvalued", "lots": [initial("a", "2020-01-01", "100", "1000")], "events": [mark("2022-01-01", "15")] }
    ]);
    let records = [
        legacy("legacy-only", 100, Some(("0.5", 300)), 0),
        legacy("unpriced", 1_000, Some(("0.1", 20_000)), 0),
        legacy("unvalued", 1_000, None, 0),
        legacy("free", 0, Some(("0.1", 20_000)), 0),
    ];
    let table = table(companies, &records);
    let rows: Vec<(&str, String)> =
        table.companies.iter().map(|row| (row.id.as_str(), row.difference.explanation())).collect();
    let nothing = |reasons: &str| format!("Nothing can be compared. {reasons}");
    assert_eq!(
        rows,
        [
            ("unpriced", nothing("There is no lot-level multiple: shares are held whose class has no mark.")),
            (
                "unvalued",
                nothing("There is no legacy multiple: an investment has no ownership, or the company no valuation.")
            ),
            (
                "free",
                nothing(
                    "There is no lot-level multiple: no lots in this bucket. There is no legacy multiple: investments without an amount: a multiple of nothing."
                )
            ),
            ("legacy-only", nothing("There is no lot-level multiple: no lots in this bucket.")),
        ]
    );
    assert_eq!(table.companies[3].legacy.multiple().map(|multiple| multiple.to_decimal(2)), Ok("1.50".to_owned()));
    // The fund is sum over sum: one company without a number leaves it without.
    assert_eq!(table.fund.lots.total_value_over_cost(), Err(Reason::Unpriced));
    assert_eq!(table.fund.legacy.multiple().map_err(moic::analysis::LegacyReason::name), Err("unvalued"));
    assert_eq!(table.fund.legacy.amount(), &Cents::from(2_100));
}

/// Legacy records for the companies of a generated document.
fn records() -> impl Strategy<Value = Vec<LegacyPosition>> {
    let ownership = prop_oneof![
        Just(None),
        (0_u32..=1_000, 1_u32..1_000).prop_map(|(part, whole)| Some(format!("{part}/{whole}")))
    ];
    let amount = prop_oneof![0_u64..10, 1_u64..10_000_000_000_000];
    let record = (ownership, amount.clone(), amount.clone(), amount);
    proptest::collection::vec(record, 0..5).prop_map(|records| {
        let with_id = |(index, (ownership, amount, valuation, realised)): (usize, (Option<String>, u64, u64, u64))| {
            legacy(&format!("c{index}"), amount, ownership.as_deref().map(|ownership| (ownership, valuation)), realised)
        };
        records.into_iter().enumerate().map(with_id).collect()
    })
}

proptest! {
    #![proptest_config(generate::config(400))]

    #[test]
    fn the_parts_sum_to_the_difference_exactly(document in generate::documents(Scale::Fund), mut records in records()) {
        let portfolio = accepted(&document);
        // The records belong to the document's companies as far as it has any.
        for (record, company) in records.iter_mut().zip(document["companies"].as_array().expect("companies")) {
            company["id"].as_str().expect("id").clone_into(&mut record.company);
        }
        let table = portfolio.analyse().fund_table(&records);
        for row in table.companies.iter().chain([&table.fund]) {
            let (ours, theirs) = (row.lots.total_value_over_cost(), row.legacy.multiple());
            match &row.difference {
                LegacyDifference::Explained { difference, parts } => {
                    let (ours, theirs) = (ours.expect("a multiple"), theirs.expect("a multiple"));
                    prop_assert_eq!(difference, &MultipleDifference::between(&ours, &theirs));
                    let nothing = MultipleDifference::between(&ours, &ours);
                    prop_assert_eq!(&parts.iter().fold(nothing, |sum, part| sum.plus(&part.difference)), difference);
                    prop_assert!(!row.difference.explanation().is_empty());
                }
                LegacyDifference::NotComparable { lots, legacy } => {
                    prop_assert_eq!((*lots, *legacy), (ours.err(), theirs.err()));
                    prop_assert!(lots.is_some() || legacy.is_some());
                }
            }
        }
        // Without `excludeUnpriced` the fund's total over cost is its lens.
        let evaluation = portfolio.evaluate();
        if document["policy"]["excludeUnpriced"] != json!(true) {
            let lens = evaluation.fund().get(LensKey::CurrentMoic).expect("always there");
            prop_assert_eq!(table.fund.lots.total_value_over_cost().ok(), lens.multiple());
        }
    }
}
