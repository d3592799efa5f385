//! Positions and their payments: what was paid sums to the cost, what came back to the realised proceeds, and both to
//! the lenses.

use crate::generate::{self, Scale};
use crate::outcome::accepted;
use moic::analysis::{Direction, NoRate};
use moic::{Cents, LensKey, Portfolio, Reason};
use proptest::prelude::*;
use serde_json::{Value, json};

fn one_company(lots: Value, events: Value) -> Portfolio {
    accepted(&json!({ "asOf": "2022-01-01", "companies": [{ "id": "c", "lots": lots, "events": events }] }))
}

fn lot(date: &str, shares: &str, cost: &str) -> Value {
    json!({ "id": date, "lotType": "initial", "purchaseDate": date, "shareClass": "PS", "sharesAcquired": shares,
            "costBasisCents": cost })
}

fn rate(portfolio: &Portfolio) -> Result<String, NoRate> {
    let analysis = portfolio.analyse();
    let company = analysis.companies()[0].xirr().map(|found| found.rate().value());
    assert_eq!(analysis.xirr().map(|found| found.rate().value()), company, "a fund of one company is that company");
    company
}

#[test]
fn a_purchase_and_a_mark_a_year_later() {
    let mark = json!({ "type": "mark", "date": "2022-01-01", "shareClass": "PS", "sharePriceCents": "150" });
    let portfolio = one_company(json!([lot("2021-01-01", "100", "10000")]), json!([mark]));
    assert_eq!(rate(&portfolio), Ok("0.500000000000".to_owned()));
    let analysis = portfolio.analyse();
    let standing = analysis.fund();
    assert_eq!((standing.invested().to_string(), standing.realised().to_string()), ("10000".into(), "0".into()));
    assert_eq!(standing.total_value().map(|value| value.to_string()), Some("15000".to_owned()));
    assert_eq!(standing.total_value_over_cost().map(|multiple| multiple.to_decimal(2)), Ok("1.50".to_owned()));
}

#[test]
fn every_kind_of_payment_has_its_date() {
    let warrant = json!({ "id": "w", "lotType": "follow_on", "instrument": "warrant", "purchaseDate": "2020-01-01",
                          "shareClass": "PS", "sharesAcquired": "10", "strikeCents": "50", "costBasisCents": "100" });
    let portfolio = one_company(
        json!([lot("2020-01-01", "100", "10000"), warrant, lot("2023-01-01", "1", "1")]),
        json!([
            { "type": "exercise", "date": "2020-06-01", "lot": "w", "newLot": "wx", "lotType": "follow_on", "cashCents": "500" },
            { "type": "distribution", "date": "2020-07-01", "shareClass": "PS", "amountCents": "330" },
            { "type": "disposal", "date": "2020-08-01", "lots": { "wx": "5" }, "shares": "5", "proceedsCents": "700" },
            { "type": "receivable", "date": "2020-09-01", "carryingCents": "40", "allocation": { "wx": "1" } },
            { "type": "mark", "date": "2021-12-31", "shareClass": "PS", "sharePriceCents": "120" },
            { "type": "distribution", "date": "2022-07-01", "lot": "wx", "amountCents": "9" }
        ]),
    );
    let analysis = portfolio.analyse();
    let company = &analysis.companies()[0];
    let flows: Vec<(String, Direction, String)> = company
        .cash_flows()
        .iter()
        .map(|flow| (flow.date.to_string(), flow.direction, flow.amount.to_string()))
        .collect();
    let flow = |date: &str, direction, amount: &str| (date.to_owned(), direction, amount.to_owned());
    assert_eq!(
        flows,
        [
            flow("2020-01-01", Direction::Paid, "10000"),
            flow("2020-01-01", Direction::Paid, "100"),
            flow("2020-06-01", Direction::Paid, "500"),
            flow("2020-07-01", Direction::Received, "330"),
            flow("2020-08-01", Direction::Received, "700"),
        ]
    );
    assert_eq!(company.standing().unrealised().map(|value| value.to_string()), Some("12640".to_owned()));
    assert_eq!(company.standing().invested().to_string(), "10600");
}

#[test]
fn a_lot_without_a_price_leaves_company_and_fund_without_a_rate() {
    let portfolio = one_company(json!([lot("2021-01-01", "100", "10000")]), json!([]));
    assert_eq!(rate(&portfolio), Err(NoRate::Unpriced(vec!["c/2021-01-01".to_owned()])));
    let analysis = portfolio.analyse();
    assert_eq!(analysis.fund().unrealised(), None);
    assert_eq!(analysis.fund().total_value_over_cost(), Err(Reason::Unpriced));
    assert_eq!(analysis.fund().unpriced_lots(), ["c/2021-01-01"]);
}

#[test]
fn nothing_held_and_nothing_paid_has_no_rate() {
    assert_eq!(rate(&one_company(json!([]), json!([]))), Err(NoRate::NoCashFlows));
    let written_off = json!({ "type": "mark", "date": "2021-06-01", "shareClass": "PS", "sharePriceCents": "0" });
    let portfolio = one_company(json!([lot("2021-01-01", "100", "10000")]), json!([written_off]));
    assert_eq!(rate(&portfolio), Err(NoRate::NoSignChange));
    let mark = json!({ "type": "mark", "date": "2022-01-01", "shareClass": "PS", "sharePriceCents": "150" });
    let portfolio = one_company(json!([lot("2022-01-01", "100", "10000")]), json!([mark]));
    assert_eq!(rate(&portfolio), Err(NoRate::OneDay));
}

proptest! {
    #![proptest_config(generate::config(600))]

    #[test]
    fn positions_are_the_current_lens_and_their_payments(document in generate::documents(Scale::Fund)) {
        let portfolio = accepted(&document);
        let (analysis, evaluation) = (portfolio.analyse(), portfolio.evaluate());
        for (company, lenses) in analysis.companies().iter().zip(evaluation.companies()) {
            let (standing, lens) = (company.standing(), lenses.lenses().get(LensKey::CurrentMoic).expect("always there"));
            prop_assert_eq!(Some(standing.invested()), lens.denominator());
            prop_assert_eq!(standing.total_value(), lens.numerator().cloned());
            prop_assert_eq!(standing.total_value_over_cost().ok(), lens.multiple());
            prop_assert_eq!(standing.total_value_over_cost().err(), lens.reason());
            let blocking: Vec<String> = lenses
                .lots_without_price(LensKey::CurrentMoic)
                .map(|lot| format!("{}/{lot}", company.id()))
                .collect();
            prop_assert_eq!(standing.unpriced_lots(), &blocking[..]);
            let sum = |direction| {
                let flows = company.cash_flows().iter().filter(|flow| flow.direction == direction);
                flows.fold(Cents::ZERO, |sum, flow| sum.plus(&flow.amount))
            };
            prop_assert_eq!(&sum(Direction::Paid), standing.invested());
            prop_assert_eq!(&sum(Direction::Received), standing.realised());
        }
        let invested = analysis.companies().iter().fold(Cents::ZERO, |sum, one| sum.plus(one.standing().invested()));
        prop_assert_eq!(&invested, analysis.fund().invested());
        prop_assert_eq!(analysis.company_rates().len(), analysis.companies().len());
    }
}
