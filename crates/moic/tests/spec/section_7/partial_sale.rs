//! The minimum valuation of a partial sale.

use crate::generate::{self, Scale};
use crate::oracle::number::rational;
use crate::outcome::{accepted, exit_at, initial, one_company, with};
use jiff::civil::date;
use moic::analysis::{ExitTime, PartialSale, PartialSaleError, Rate};
use moic::{LensKey, Portfolio, Ratio};
use num_rational::BigRational;
use num_traits::One;
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;

fn asked(irr: &str, ownership: &str, years: &str) -> PartialSale {
    PartialSale {
        company: "c".to_owned(),
        irr: Rate::parse(irr).expect("a rate"),
        ownership: Ratio::parse(ownership).expect("an ownership"),
        time: Some(ExitTime::InYears(Ratio::parse(years).expect("years"))),
        times_by_case: BTreeMap::new(),
    }
}

/// 1,000 shares that exit at 1,000 cents each.
fn certain() -> Portfolio {
    let document = one_company(json!([initial("a", "2020-01-01", "1000", "1000")]), json!([]), exit_at("1000"));
    accepted(&document)
}

fn valuation(asked: &PartialSale) -> String {
    certain().partial_sale(asked).expect("a valuation").valuation.to_string()
}

#[test]
fn a_certain_exit_is_discounted_and_divided_by_the_ownership() {
    // 1.25⁵ = 3.0517578125, and 1,000,000 / 3.0517578125 = 327,680.
    assert_eq!(valuation(&asked("0.25", "0.1", "5")), "3276800");
    assert_eq!(valuation(&asked("0.25", "1", "5")), "327680");
    assert_eq!(valuation(&asked("0", "1/3", "5")), "3000000");
    assert_eq!(valuation(&asked("0.21", "1", "1/2")), "909090.90909091");
    assert_eq!(valuation(&asked("-0.5", "1", "2")), "4000000");
    assert_eq!(valuation(&asked("-0.75", "1", "0.5")), "2000000");
    assert_eq!(valuation(&asked("0.25", "1", "0")), "1000000");
}

#[test]
fn an_exit_on_a_day_counts_days_over_365() {
    // As of 2024-12-31.
    let mut sale = asked("0.1", "1", "0");
    sale.time = Some(ExitTime::On(date(2026, 12, 31)));
    assert_eq!(valuation(&sale), "826446.28099174");
    sale.time = Some(ExitTime::On(date(2024, 12, 31)));
    assert_eq!(valuation(&sale), "1000000");
}

#[test]
fn every_case_has_its_own_time_and_probability() {
    let cases = json!([
        { "id": "good", "probability": "1/4", "exitPricesCents": { "PS": "4000" } },
        { "id": "poor", "probability": "3/4", "exitPricesCents": { "PS": "100" },
          "plannedReserves": [{ "id": "r", "amountCents": "5", "exitProceedsCents": "1000000" }] }
    ]);
    let portfolio = accepted(&one_company(json!([initial("a", "2020-01-01", "1000", "1000")]), json!([]), cases));
    let mut sale = asked("1", "0.5", "2");
    sale.times_by_case.insert("good".to_owned(), ExitTime::InYears(Ratio::parse("3").expect("years")));
    let valued = portfolio.partial_sale(&sale).expect("a valuation");
    // 4,000,000 / 8 / 4 + 100,000 / 4 × 3/4; planned reserves are not held.
    assert_eq!(valued.present_value.to_string(), "143750");
    assert_eq!(valued.valuation.to_string(), "287500");
    assert_eq!(valued.expected_proceeds.to_string(), "1075000");
    let parts: Vec<_> = valued
        .cases
        .iter()
        .map(|case| {
            (case.id.as_str(), case.proceeds.to_string(), case.years.to_decimal(1), case.present_value.to_string())
        })
        .collect();
    assert_eq!(
        parts,
        [
            ("good", "4000000".to_owned(), "3.0".to_owned(), "500000".to_owned()),
            ("poor", "100000".to_owned(), "2.0".to_owned(), "25000".to_owned()),
        ]
    );
    sale.time = None;
    assert_eq!(portfolio.partial_sale(&sale), Err(PartialSaleError::NoTime("poor".to_owned())));
}

#[test]
fn what_cannot_be_valued_says_why() {
    let refused = |change: fn(&mut PartialSale)| {
        let mut sale = asked("0.25", "0.1", "5");
        change(&mut sale);
        certain().partial_sale(&sale).expect_err("refused").to_string()
    };
    assert_eq!(refused(|sale| sale.company = "z".to_owned()), "there is no company z in this portfolio");
    let out_of_range = "the ownership must be above 0 and at most 1";
    assert_eq!(refused(|sale| sale.ownership = Ratio::ZERO), out_of_range);
    assert_eq!(refused(|sale| sale.ownership = Ratio::parse("1.01").expect("a ratio")), out_of_range);
    assert_eq!(
        refused(|sale| {
            sale.times_by_case.insert("z".to_owned(), ExitTime::InYears(Ratio::ONE));
        }),
        "the company has no exit case z"
    );
    assert_eq!(
        refused(|sale| sale.time = Some(ExitTime::On(date(2024, 12, 30)))),
        "the exit of the case base on 2024-12-30 lies before the date of the portfolio"
    );
    assert_eq!(
        refused(|sale| sale.time = Some(ExitTime::InYears(Ratio::parse("200.1").expect("years")))),
        "the exit of the case base is more than 200 years away"
    );
    assert_eq!(
        refused(|sale| sale.time = Some(ExitTime::InYears(Ratio::ZERO.minus(&Ratio::ONE)))),
        "the years to the exit of the case base must not be negative"
    );
}

#[test]
fn a_company_without_lots_cases_or_prices_has_no_valuation() {
    let sale = asked("0.25", "0.1", "5");
    let refused =
        |lots, cases| accepted(&one_company(lots, json!([]), cases)).partial_sale(&sale).expect_err("refused");
    assert_eq!(refused(json!([]), exit_at("1")), PartialSaleError::NoLots);
    let held = json!([initial("a", "2020-01-01", "1000", "1000")]);
    assert_eq!(refused(held.clone(), json!([])), PartialSaleError::NoExitCase);
    let later = json!([initial("a", "2025-01-01", "1000", "1000")]);
    assert_eq!(refused(later, exit_at("1")), PartialSaleError::NoLots);
    let other_class = json!([with(exit_at("1")[0].clone(), json!({ "exitPricesCents": { "CS": "1" } }))]);
    let unpriced = PartialSaleError::ExitUnpriced { case: "base".to_owned(), lots: vec!["a".to_owned()] };
    assert_eq!(refused(held, other_class), unpriced);
}

#[test]
fn a_rate_is_a_signed_number_within_limits() {
    for (text, value) in [("0.25", "0.250000000000"), ("-1/3", "-0.333333333333"), ("-0", "0.000000000000")] {
        assert_eq!(Rate::parse(text).map(|rate| rate.value()), Ok(value.to_owned()));
    }
    for text in ["-1", "-0.9999991", "1000000000000000001/1", "", "-", "--1", "x", "1e3", "1.", "+1"] {
        assert!(Rate::parse(text).is_err(), "{text}");
    }
}

/// A decimal as text.
fn thousandths() -> impl Strategy<Value = String> {
    (-999_i64..5_000)
        .prop_map(|rate| format!("{}{}.{:03}", if rate < 0 { "-" } else { "" }, rate.abs() / 1_000, rate.abs() % 1_000))
}

proptest! {
    #![proptest_config(generate::config(150))]

    #[test]
    fn raising_the_discount_to_whole_powers_gives_the_growth_back(rate in thousandths(), p in 0_i32..40, q in 1_i32..24) {
        let sale = asked(&rate, "1", &format!("{p}/{q}"));
        let portfolio = accepted(&one_company(
            json!([initial("a", "2020-01-01", "1000", "1000")]),
            json!([]),
            exit_at("1000000000000000000"),
        ));
        let discounted = rational(&portfolio.partial_sale(&sale).expect("a valuation").present_value.to_string());
        // Shown with 8 decimals of a cent: half a unit of the last.
        let half_unit = BigRational::new(1.into(), 200_000_000.into());
        let growth = match rate.strip_prefix('-') {
            Some(magnitude) => BigRational::one() - rational(magnitude),
            None => BigRational::one() + rational(&rate),
        };
        // present value = proceeds/growth^(p/q), so proceeds^q = growth^p · (present value)^q.
        let proceeds = rational("1000000000000000000000").pow(q);
        let bound = |value: BigRational| growth.pow(p) * value.pow(q);
        let lower = if discounted > half_unit { &discounted - &half_unit } else { rational("0") };
        prop_assert!(bound(lower) <= proceeds && proceeds <= bound(&discounted + &half_unit));
    }

    #[test]
    fn expected_proceeds_are_those_of_the_exit_lens(document in generate::documents(Scale::Fund)) {
        let portfolio = accepted(&document);
        let (analysis, evaluation) = (portfolio.analyse(), portfolio.evaluate());
        for (standing, company) in analysis.companies().iter().zip(evaluation.companies()) {
            let mut sale = asked("0", "1", "3");
            company.id().clone_into(&mut sale.company);
            let lens = |key| company.lenses().get(key).expect("always there");
            let planned = lens(LensKey::ExitMoicPlannedReserves).numerator();
            let exit = lens(LensKey::ExitMoic).numerator();
            match portfolio.partial_sale(&sale) {
                Ok(valued) => {
                    prop_assert_eq!(&valued.present_value, &valued.expected_proceeds);
                    prop_assert_eq!(&valued.valuation, &valued.expected_proceeds);
                    if let (Some(planned), Some(exit)) = (planned, exit) {
                        let held = valued.expected_proceeds.plus(standing.standing().realised());
                        prop_assert_eq!(&held.plus(planned), exit);
                    }
                }
                Err(PartialSaleError::NoLots | PartialSaleError::NoExitCase) => {}
                Err(PartialSaleError::ExitUnpriced { .. }) => prop_assert!(exit.is_none(), "{:?}", exit),
                Err(other) => prop_assert!(false, "{other}"),
            }
        }
    }
}
