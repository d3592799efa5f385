//! Small documents and what the engine says about them.

use crate::agreement;
use crate::oracle::number::{fixed, rational};
use moic::{DocumentError, Portfolio, Problem};
use serde_json::{Value, json};

/// A document of one company "c" as of 2024-12-31.
pub fn one_company(lots: Value, events: Value, exit_cases: Value) -> Value {
    portfolio(json!([{ "id": "c", "lots": lots, "events": events, "exitCases": exit_cases }]))
}

/// A document as of 2024-12-31.
pub fn portfolio(companies: Value) -> Value {
    json!({ "asOf": "2024-12-31", "currency": "USD", "companies": companies })
}

/// An initial equity lot of class PS.
pub fn initial(id: &str, date: &str, shares: &str, cost: &str) -> Value {
    json!({ "id": id, "lotType": "initial", "purchaseDate": date, "shareClass": "PS", "sharesAcquired": shares,
            "costBasisCents": cost })
}

/// A follow-on equity lot of class PS.
pub fn follow_on(id: &str, date: &str, shares: &str, cost: &str) -> Value {
    with(initial(id, date, shares, cost), json!({ "lotType": "follow_on" }))
}

/// A follow-on warrant on class PS, bought on 2020-01-01.
pub fn warrant(id: &str, shares: &str, strike: &str, cost: &str) -> Value {
    with(follow_on(id, "2020-01-01", shares, cost), json!({ "instrument": "warrant", "strikeCents": strike }))
}

/// An initial SAFE bought on 2020-01-01.
pub fn safe(id: &str, cost: &str) -> Value {
    json!({ "id": id, "lotType": "initial", "instrument": "safe", "purchaseDate": "2020-01-01", "costBasisCents": cost })
}

/// A mark of class PS.
pub fn mark(date: &str, price: &str) -> Value {
    event("mark", date, json!({ "shareClass": "PS", "sharePriceCents": price }))
}

/// An event.
pub fn event(kind: &str, date: &str, fields: Value) -> Value {
    with(json!({ "type": kind, "date": date }), fields)
}

/// A certain exit case at `price` for class PS.
pub fn exit_at(price: &str) -> Value {
    json!([{ "id": "base", "probability": "1", "exitPricesCents": { "PS": price } }])
}

/// `object` with the fields of `change` set; null removes a field.
pub fn with(mut object: Value, change: Value) -> Value {
    let fields = object.as_object_mut().expect("an object");
    for (key, value) in change.as_object().expect("an object") {
        if value.is_null() {
            fields.remove(key);
        } else {
            fields.insert(key.clone(), value.clone());
        }
    }
    object
}

/// The engine's result for a valid document.
pub struct Outcome(Value);

impl Outcome {
    /// Evaluates the document, and checks on the way that the oracle says the same.
    pub fn of(document: &Value) -> Outcome {
        let portfolio = accepted(document);
        let result: Value = serde_json::from_slice(&portfolio.evaluate().to_json()).expect("the result is JSON");
        agreement::assert_agreement(document, &result);
        Outcome(result)
    }

    /// A lens of the fund.
    pub fn fund(&self, lens: &str) -> &Value {
        &self.0["fund"]["lenses"][lens]
    }

    /// A lens of the first company.
    pub fn company(&self, lens: &str) -> &Value {
        &self.0["companies"][0]["lenses"][lens]
    }

    /// A lot of the first company.
    pub fn lot(&self, id: &str) -> &Value {
        let lots = self.0["companies"][0]["lots"].as_array().expect("lots");
        let found = lots.iter().find(|lot| lot["id"] == id);
        found.unwrap_or_else(|| panic!("no lot {id} in {lots:?}"))
    }

    /// A lens of one lot of the first company.
    pub fn lot_lens(&self, id: &str, lens: &str) -> &Value {
        &self.lot(id)[lens]
    }

    /// The whole document.
    pub fn json(&self) -> &Value {
        &self.0
    }
}

/// Asserts a number from its exact numerator and denominator in cents, written as `"300/200"`.
pub fn is(lens: &Value, fraction: &str) {
    let (numerator, denominator) = fraction.split_once('/').expect("a fraction");
    let expected = json!({
        "numeratorCents": numerator,
        "denominatorCents": denominator,
        "reason": null,
        "value": fixed(&rational(fraction), 12),
        "display": format!("{}x", fixed(&rational(fraction), 2)),
    });
    for (key, value) in expected.as_object().expect("an object") {
        assert_eq!(&lens[key], value, "{key} of {lens}");
    }
}

/// Asserts that there is no number, and why.
pub fn is_null(lens: &Value, reason: &str) {
    assert_eq!(lens["reason"], reason, "{lens}");
    for key in ["value", "display"] {
        assert!(lens.get(key).is_some_and(Value::is_null), "{key} of {lens}");
    }
}

/// Asserts that there is no number for want of a price of these lots.
pub fn is_unpriced(lens: &Value, reason: &str, lots: &[&str]) {
    is_null(lens, reason);
    assert_eq!(lens["lots"], json!(lots), "{lens}");
}

/// The checked portfolio of a valid document.
pub fn accepted(document: &Value) -> Portfolio {
    match Portfolio::from_json(document.to_string().as_bytes()) {
        Ok(portfolio) => portfolio,
        Err(error) => panic!("refused: {error:?}\n{document}"),
    }
}

/// All problems of a document that must be refused.
pub fn problems(document: &Value) -> Vec<Problem> {
    match Portfolio::from_json(document.to_string().as_bytes()) {
        Err(DocumentError::Invalid(problems)) => problems,
        Err(other) => panic!("not checked: {other:?}\n{document}"),
        Ok(_) => panic!("accepted: {document}"),
    }
}
