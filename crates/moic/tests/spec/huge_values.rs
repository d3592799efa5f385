//! Products of shares, prices, rates and probabilities that no 128-bit integer holds stay exact.

use crate::agreement::differences;
use crate::generate::{self, Scale};
use crate::oracle;
use crate::outcome::{Outcome, accepted, event, initial, one_company, with};
use proptest::prelude::*;
use serde_json::{Value, json};

proptest! {
    #![proptest_config(generate::config(150))]

    #[test]
    fn huge_documents_stay_exact(document in generate::documents(Scale::Huge)) {
        let result: Value = serde_json::from_slice(&accepted(&document).evaluate().to_json()).expect("JSON");
        let differences = differences(&oracle::evaluate(&document), &result);
        prop_assert!(differences.is_empty(), "{document}\n{}", differences.join("\n"));
    }
}

#[test]
fn a_product_beyond_128_bits_is_exact() {
    // 10¹² shares of 8 decimals, a price of 10¹⁰ and 8 decimals, a rate with 8: 10⁴⁸ in the smallest unit.
    let rate = json!({ "shareClass": "PS", "sharePriceCents": "9999999999.99999999", "fxRate": "123456.78901234" });
    let lots = json!([initial("seed", "2020-01-01", "999999999999.99999999", "9000000000000000")]);
    let third = |id: &str, price: &str| json!({ "id": id, "probability": "1/3", "exitPricesCents": { "PS": price } });
    let cases = json!([third("a", "9999999999.99999999"), third("b", "1/7"), third("c", "0.00000001")]);
    let document = one_company(lots, json!([event("mark", "2021-01-01", rate)]), cases);
    let outcome = Outcome::of(&document);
    assert_eq!(outcome.company("current_moic")["numeratorCents"], "1234567890123399998753086430.975366");
    assert_eq!(outcome.company("current_moic")["display"], "137174210013.71x");
}

#[test]
fn sums_of_costs_beyond_64_bits_are_exact() {
    let lot = |index: usize| initial(&format!("lot-{index}"), "2020-01-01", "1", "9000000000000000");
    let lots: Vec<Value> = (0..2_000).map(lot).collect();
    let value = json!({ "shareClass": "PS", "sharePriceCents": "9000000000" });
    let document = one_company(json!(lots), json!([event("mark", "2021-01-01", value)]), json!([]));
    let outcome = Outcome::of(&with(document, json!({ "currency": "JPY" })));
    assert_eq!(outcome.company("current_moic")["denominatorCents"], "18000000000000000000");
    assert_eq!(outcome.company("current_moic")["value"], "0.000001000000");
}
