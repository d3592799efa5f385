//! §5: the identities, each on random documents. They compare the engine with itself; the oracle only says what is held.

mod changes;
mod cutting;

use crate::generate::{self, Scale};
use crate::oracle::number::rational;
use crate::outcome::accepted;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Signed;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Documents tried for each identity.
const DOCUMENTS: u32 = 150;

/// Any document whose planned reserves have an amount: proceeds of nothing are in no bucket of their own.
fn any_document() -> impl Strategy<Value = Value> {
    generate::documents(Scale::Fund).prop_map(changes::with_amounts_of_reserves)
}

fn evaluate(document: &Value) -> Value {
    serde_json::from_slice(&accepted(document).evaluate().to_json()).expect("the result is JSON")
}

fn companies(result: &Value) -> &[Value] {
    result["companies"].as_array().expect("companies")
}

/// Numerator or denominator of a figure; `None` where it is not known.
fn amount(figure: &Value, key: &str) -> Option<BigRational> {
    figure[key].as_str().map(rational)
}

/// Whether a figure is part of a total of companies or funds, where nothing to measure adds 0/0.
fn is_counted(figure: &&Value) -> bool {
    !matches!(figure["reason"].as_str(), Some("no_lots" | "no_planned_reserves"))
}

/// Whether the sum of `parts` is `whole`, up to the rounding of each figure to 6 decimals.
/// A part or whole that is not known decides nothing.
fn adds_up<'a>(whole: &Value, parts: impl IntoIterator<Item = &'a Value>) -> bool {
    let parts: Vec<&Value> = parts.into_iter().collect();
    let half_units = BigInt::from(parts.len() + 1);
    let tolerance = BigRational::new(half_units, BigInt::from(2_000_000));
    ["numeratorCents", "denominatorCents"].into_iter().all(|key| {
        let sum: Option<BigRational> = parts.iter().map(|part| amount(part, key)).sum();
        match (amount(whole, key), sum) {
            (Some(whole), Some(sum)) => (whole - sum).abs() <= tolerance,
            _ => true,
        }
    })
}

/// Everything in the result that depends on the figures alone, without names of lots.
fn figures_of_companies(result: &Value) -> Value {
    let lenses = |owner: &Value| {
        let mut lenses = owner["lenses"].clone();
        for lens in lenses.as_object_mut().expect("lenses").values_mut() {
            lens.as_object_mut().expect("a figure").remove("lots");
        }
        lenses
    };
    json!([lenses(&result["fund"]), companies(result).iter().map(lenses).collect::<Vec<_>>()])
}

/// Value, display and reason of every lens of fund and companies: what a change of unit leaves alone.
fn multiples(result: &Value) -> Value {
    let mut figures = figures_of_companies(result);
    strip(&mut figures, &["numeratorCents", "denominatorCents"]);
    figures
}

fn strip(value: &mut Value, keys: &[&str]) {
    match value {
        Value::Object(fields) => {
            fields.retain(|key, _| !keys.contains(&key.as_str()));
            fields.values_mut().for_each(|field| strip(field, keys));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| strip(item, keys)),
        _ => {}
    }
}

/// The whole result without what tells of the document instead of the state: its hash and its warnings.
fn state_of(mut result: Value) -> Value {
    strip(&mut result, &["inputsHash", "warnings"]);
    result
}

proptest! {
    #![proptest_config(generate::config(DOCUMENTS))]

    #[test]
    fn a_company_is_the_cost_weighted_mean_of_its_lots_with_realisations_too(document in any_document()) {
        for company in companies(&evaluate(&document)) {
            let lots = company["lots"].as_array().expect("lots");
            let lines = company["plannedReserves"].as_array().expect("lines");
            let current = lots.iter().map(|lot| &lot["current_moic"]);
            prop_assert!(adds_up(&company["lenses"]["current_moic"], current), "{company}");
            let exit = lots.iter().map(|lot| &lot["exit_moic"]).chain(lines.iter().map(|line| &line["exit_moic"]));
            prop_assert!(adds_up(&company["lenses"]["exit_moic"], exit), "{company}");
        }
    }

    #[test]
    fn current_is_recombined_from_initial_and_deployed(document in any_document()) {
        for company in companies(&evaluate(&document)) {
            let lenses = &company["lenses"];
            let parts = ["current_moic_initial", "current_moic_deployed_reserves", "current_moic_secondary"];
            let parts = parts.iter().filter_map(|key| lenses.get(key));
            prop_assert!(adds_up(&lenses["current_moic"], parts), "{company}");
        }
    }

    #[test]
    fn exit_is_recombined_from_initial_and_follow_ons(document in any_document()) {
        for company in companies(&evaluate(&document)) {
            let lenses = &company["lenses"];
            let parts = ["exit_moic_initial", "exit_moic_follow_ons", "exit_moic_secondary"];
            let parts = parts.iter().filter_map(|key| lenses.get(key));
            prop_assert!(adds_up(&lenses["exit_moic"], parts), "{company}");
        }
    }

    #[test]
    fn follow_ons_are_recombined_from_deployed_and_planned(document in any_document()) {
        for company in companies(&evaluate(&document)) {
            let lenses = &company["lenses"];
            let parts = ["exit_moic_deployed_reserves", "exit_moic_planned_reserves"].map(|key| &lenses[key]);
            prop_assert!(adds_up(&lenses["exit_moic_follow_ons"], parts), "{company}");
        }
    }

    #[test]
    fn a_split_with_restated_exit_prices_changes_nothing(
        document in any_document(), class in 0..3usize, numerator in 1..9u32, denominator in 1..9u32,
    ) {
        let document = changes::as_of_year_end(document);
        let class = ["PS", "CS", "A-1"][class];
        let split = changes::with_split(document.clone(), class, numerator, denominator);
        prop_assert_eq!(state_of(evaluate(&document)), state_of(evaluate(&split)));
    }

    #[test]
    fn a_split_with_everything_after_it_restated_changes_nothing(document in any_document(), factor in 2..20u32) {
        let document = changes::as_of_year_end(document);
        let split = changes::with_early_split(document.clone(), factor);
        prop_assert_eq!(state_of(evaluate(&document)), state_of(evaluate(&split)));
    }

    #[test]
    fn a_change_of_currency_unit_changes_no_multiple(document in any_document(), factor in 2..1000u32) {
        let other_unit = changes::in_other_unit(document.clone(), factor);
        prop_assert_eq!(multiples(&evaluate(&document)), multiples(&evaluate(&other_unit)));
    }

    #[test]
    fn cutting_one_lot_in_two_changes_nothing(document in any_document(), lot in any::<usize>(), derived: bool) {
        let whole = cutting::with_even_amounts(cutting::with_one_kind_of_disposal(document, derived));
        let cut = cutting::with_lot_cut_in_two(whole.clone(), lot);
        prop_assert_eq!(figures_of_companies(&evaluate(&whole)), figures_of_companies(&evaluate(&cut)));
    }

    #[test]
    fn doubling_a_case_at_half_its_probability_changes_nothing(document in any_document()) {
        let doubled = changes::with_doubled_cases(document.clone());
        prop_assert_eq!(state_of(evaluate(&document)), state_of(evaluate(&doubled)));
    }

    #[test]
    fn current_and_exit_do_not_depend_on_the_relief_method_for_one_class(document in generate::one_class_documents()) {
        let totals = |relief: &str| -> Value {
            let result = evaluate(&changes::with_relief(document.clone(), relief));
            let mut totals: Value = companies(&result)
                .iter()
                .map(|company| json!([company["lenses"]["current_moic"], company["lenses"]["exit_moic"]]))
                .collect();
            strip(&mut totals, &["lots"]);
            totals
        };
        let fifo = totals("fifo");
        for relief in ["lifo", "hifo", "pro_rata"] {
            prop_assert_eq!(&fifo, &totals(relief), "{}", relief);
        }
    }

    #[test]
    fn selling_at_the_mark_changes_no_current_lens(document in any_document(), relief in 0..5usize) {
        let marked = changes::marked_at_year_end(document);
        let relief = ["specific", "fifo", "lifo", "hifo", "pro_rata"][relief];
        let sold = changes::with_sales_at_the_mark(marked.clone(), relief);
        let current = |document: &Value| {
            let mut lenses = figures_of_companies(&evaluate(document));
            for owner in lenses.as_array_mut().expect("owners").iter_mut().flat_map(owners) {
                owner.retain(|key, _| key.starts_with("current"));
            }
            strip(&mut lenses, &["flags"]);
            lenses
        };
        prop_assert_eq!(current(&marked), current(&sold));
    }

    #[test]
    fn one_certain_case_at_the_mark_with_nothing_planned_makes_exit_current(document in any_document()) {
        let result = evaluate(&changes::with_exit_at_the_mark(document));
        for company in companies(&result) {
            for (current, exit) in [
                ("current_moic", "exit_moic"),
                ("current_moic_initial", "exit_moic_initial"),
                ("current_moic_deployed_reserves", "exit_moic_deployed_reserves"),
                ("current_moic_deployed_reserves", "exit_moic_follow_ons"),
            ] {
                for key in ["value", "display", "numeratorCents"] {
                    prop_assert_eq!(&company["lenses"][current][key], &company["lenses"][exit][key], "{}", company);
                }
            }
        }
    }

    #[test]
    fn a_fund_is_additive_over_companies(document in any_document()) {
        let mut document = document;
        strip(&mut document, &["excludeUnpriced"]);
        let result = evaluate(&document);
        for (key, total) in result["fund"]["lenses"].as_object().expect("lenses") {
            let parts = companies(&result).iter().map(|company| &company["lenses"][key]).filter(is_counted);
            prop_assert!(adds_up(total, parts), "{} of {}", key, result);
        }
    }

    #[test]
    fn several_funds_are_additive(document in any_document()) {
        let mut document = document;
        strip(&mut document, &["excludeUnpriced"]);
        let [one, other] = changes::parted(&document).map(|part| evaluate(&part));
        for (key, total) in evaluate(&document)["fund"]["lenses"].as_object().expect("lenses") {
            let parts = [&one["fund"]["lenses"][key], &other["fund"]["lenses"][key]];
            prop_assert!(adds_up(total, parts.into_iter().filter(is_counted)), "{} of {} and {}", key, one, other);
        }
    }

    #[test]
    fn the_state_as_of_a_date_is_the_state_without_later_events(document in any_document()) {
        let known = changes::without_later_facts(document.clone());
        prop_assert_eq!(state_of(evaluate(&document)), state_of(evaluate(&known)));
    }

    #[test]
    fn evaluating_as_of_another_date_is_evaluating_a_document_of_that_date(document in any_document()) {
        let date = "2021-12-31";
        let mut dated = document.clone();
        dated["asOf"] = json!(date);
        let moved = accepted(&document).with_as_of(date.parse().expect("a date"));
        prop_assert_eq!(moved.inputs_hash(), accepted(&dated).inputs_hash());
        prop_assert_eq!(moved.evaluate().to_json(), accepted(&dated).evaluate().to_json());
    }
}

/// The lens maps in what `figures_of_companies` gives: that of the fund, or those of all companies.
fn owners(part: &mut Value) -> Vec<&mut serde_json::Map<String, Value>> {
    match part {
        Value::Object(lenses) => vec![lenses],
        Value::Array(companies) => companies.iter_mut().filter_map(Value::as_object_mut).collect(),
        _ => Vec::new(),
    }
}
