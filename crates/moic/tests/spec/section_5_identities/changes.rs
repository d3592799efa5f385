//! Changes to a portfolio document under which an identity says that (some) figures stay.

use crate::determinism::drop_nulls;
use crate::generate::amount::wire_shares;
use crate::oracle::number::rational;
use crate::oracle::replay::{Kind, State};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Zero;
use serde_json::{Value, json};

/// After every generated fact.
const YEAR_END: &str = "2024-01-01";
const LAST_DAY: &str = "2023-12-31";
const MARK_DAY: &str = "2023-12-30";
/// Between two generated days.
const SPLIT_DAY: &str = "2020-06-15";

pub fn companies_mut(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    document["companies"].as_array_mut().expect("companies").iter_mut()
}

pub fn list_mut<'a>(object: &'a mut Value, key: &str) -> &'a mut Vec<Value> {
    if !object[key].is_array() {
        object[key] = json!([]);
    }
    object[key].as_array_mut().expect("a list")
}

fn date_of(fact: &Value) -> &str {
    fact["date"].as_str().or(fact["purchaseDate"].as_str()).expect("a date")
}

/// Multiplies a number in its wire form, or all numbers of a map; leaves an absent one alone.
pub fn scale(number: &mut Value, factor: &BigRational) {
    match number {
        Value::String(text) => *text = (rational(text) * factor).to_string(),
        Value::Object(numbers) => numbers.values_mut().for_each(|number| scale(number, factor)),
        _ => {}
    }
}

/// As `scale`, for shares, which have decimals on the wire and no fractions.
pub fn scale_shares(shares: &mut Value, factor: &BigRational) {
    match shares {
        Value::String(text) => *text = wire_shares(&(rational(text) * factor)).expect("some shares"),
        Value::Object(by_lot) => by_lot.values_mut().for_each(|shares| scale_shares(shares, factor)),
        _ => {}
    }
}

pub fn whole(number: u32) -> BigRational {
    BigRational::from(BigInt::from(number))
}

pub fn half() -> BigRational {
    whole(1) / whole(2)
}

pub fn as_of_year_end(mut document: Value) -> Value {
    document["asOf"] = json!(YEAR_END);
    document
}

/// At least one cent in every planned reserve that may be deployed.
pub fn with_amounts_of_reserves(mut document: Value) -> Value {
    for company in companies_mut(&mut document) {
        for case in list_mut(company, "exitCases") {
            for reserve in list_mut(case, "plannedReserves").iter_mut().filter(|line| line["amountCents"] == "0") {
                reserve["amountCents"] = json!("1");
            }
        }
    }
    document
}

/// A split of one class after all facts; the prices of its exits and reserves restated.
pub fn with_split(mut document: Value, class: &str, numerator: u32, denominator: u32) -> Value {
    let restated = whole(denominator) / whole(numerator);
    for company in companies_mut(&mut document) {
        list_mut(company, "events").push(json!({
            "type": "split", "date": LAST_DAY, "shareClass": class, "numerator": numerator, "denominator": denominator,
        }));
        for case in list_mut(company, "exitCases") {
            if let Some(price) = case["exitPricesCents"].get_mut(class) {
                scale(price, &restated);
            }
            for reserve in list_mut(case, "plannedReserves").iter_mut().filter(|line| line["shareClass"] == class) {
                scale(&mut reserve["sharePriceCents"], &restated);
            }
        }
    }
    document
}

/// A split of all classes among the facts, with everything after it in post-split shares and prices.
pub fn with_early_split(mut document: Value, factor: u32) -> Value {
    let more = whole(factor);
    let less = whole(1) / &more;
    for company in companies_mut(&mut document) {
        for lot in list_mut(company, "lots").iter_mut().filter(|lot| date_of(lot) > SPLIT_DAY) {
            scale_shares(&mut lot["sharesAcquired"], &more);
            scale(&mut lot["strikeCents"], &less);
            scale(&mut lot["sharePriceCents"], &less);
        }
        for event in list_mut(company, "events").iter_mut().filter(|event| date_of(event) > SPLIT_DAY) {
            match event["type"].as_str() {
                Some("mark") => scale(&mut event["sharePriceCents"], &less),
                Some("lot_conversion") => scale_shares(&mut event["shares"], &more),
                Some("disposal") => {
                    scale_shares(&mut event["shares"], &more);
                    if event["lots"].is_object() {
                        scale_shares(&mut event["lots"], &more);
                    }
                }
                _ => {}
            }
        }
        for class in ["PS", "CS", "A-1"] {
            list_mut(company, "events").push(json!({
                "type": "split", "date": SPLIT_DAY, "shareClass": class, "numerator": factor, "denominator": 1,
            }));
        }
        for case in list_mut(company, "exitCases") {
            scale(&mut case["exitPricesCents"], &less);
            for reserve in list_mut(case, "plannedReserves") {
                scale(&mut reserve["sharePriceCents"], &less);
            }
        }
    }
    drop_nulls(&mut document);
    document
}

/// All money in a unit of which `factor` make one.
pub fn in_other_unit(mut document: Value, factor: u32) -> Value {
    fn rescale(value: &mut Value, factor: &BigRational) {
        match value {
            Value::Object(fields) => {
                for (key, field) in fields {
                    if key.ends_with("Cents") {
                        scale(field, factor);
                    } else {
                        rescale(field, factor);
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| rescale(item, factor)),
            _ => {}
        }
    }
    rescale(&mut document, &whole(factor));
    document
}

/// Each case twice, at half its probability.
pub fn with_doubled_cases(mut document: Value) -> Value {
    for company in companies_mut(&mut document) {
        let cases = std::mem::take(list_mut(company, "exitCases"));
        for mut case in cases {
            scale(&mut case["probability"], &half());
            let mut again = case.clone();
            again["id"] = json!(format!("{}-again", case["id"].as_str().expect("an id")));
            list_mut(company, "exitCases").extend([case, again]);
        }
    }
    document
}

/// All sales by one relief method; without lot marks and lot proceeds, and without sales of warrants, which have none.
pub fn with_relief(mut document: Value, relief: &str) -> Value {
    for company in companies_mut(&mut document) {
        let lots = list_mut(company, "lots").iter().filter(|lot| lot["instrument"] == "warrant");
        let warrants: Vec<String> = lots.map(|lot| lot["id"].as_str().expect("an id").to_owned()).collect();
        let events = list_mut(company, "events");
        events
            .retain(|event| event["type"] != "lot_mark" && !warrants.iter().any(|id| event["lots"].get(id).is_some()));
        for sale in events.iter_mut().filter(|event| event["type"] == "disposal") {
            sale["lots"] = Value::Null;
            sale["shareClass"] = json!("PS");
            sale["relief"] = json!(relief);
        }
        for case in list_mut(company, "exitCases") {
            case["lotProceedsCents"] = Value::Null;
        }
    }
    document
}

const YEAR_END_MARKS: [(&str, u32); 3] = [("PS", 300), ("CS", 7), ("A-1", 12_345)];

/// Every class with a mark in whole cents at the end, and no lot marks.
pub fn marked_at_year_end(document: Value) -> Value {
    let mut document = as_of_year_end(document);
    for company in companies_mut(&mut document) {
        let events = list_mut(company, "events");
        events.retain(|event| event["type"] != "lot_mark");
        for (class, price) in YEAR_END_MARKS {
            let price = price.to_string();
            events.push(json!({ "type": "mark", "date": MARK_DAY, "shareClass": class, "sharePriceCents": price }));
        }
    }
    document
}

fn state(document: &Value, company: &Value) -> State {
    let relief = document["policy"]["lotRelief"].as_str().unwrap_or("specific");
    State::as_of(company, document["asOf"].as_str().expect("asOf"), relief)
}

/// After `marked_at_year_end`: all whole shares sold at the mark, lot by lot or by a method that chooses the lots.
pub fn with_sales_at_the_mark(mut document: Value, relief: &str) -> Value {
    let before = document.clone();
    for company in companies_mut(&mut document) {
        let held = state(&before, company).lots.into_iter().filter(|lot| lot.kind == Kind::Equity);
        let held: Vec<_> = held.collect();
        for (class, price) in YEAR_END_MARKS {
            let of_class = held.iter().filter(|lot| lot.class.as_deref() == Some(class));
            let mut sell = |shares: BigRational, how: (&str, Value)| {
                let shares = shares.floor().to_integer();
                if !shares.is_zero() {
                    let proceeds = &shares * BigInt::from(price);
                    let mut sale = json!({
                        "type": "disposal", "date": LAST_DAY, "shareClass": class,
                        "shares": shares.to_string(), "proceedsCents": proceeds.to_string(),
                    });
                    sale[how.0] = how.1;
                    list_mut(company, "events").push(sale);
                }
            };
            if relief == "specific" {
                for lot in of_class {
                    let shares = lot.held.floor();
                    sell(shares.clone(), ("lots", json!({ &lot.id: shares.to_string() })));
                }
            } else {
                sell(of_class.map(|lot| &lot.held).sum(), ("relief", json!(relief)));
            }
        }
    }
    document
}

/// Whether a price can be written exactly: a fraction on the wire has at most 18 digits above and below.
fn can_be_written(price: &BigRational) -> bool {
    price.numer().to_string().len() <= 18 && price.denom().to_string().len() <= 18
}

/// One certain case at today's marks, nothing planned; without lot marks and companies with unconverted SAFEs or notes.
pub fn with_exit_at_the_mark(mut document: Value) -> Value {
    for company in companies_mut(&mut document) {
        list_mut(company, "events").retain(|event| event["type"] != "lot_mark");
    }
    let before = document.clone();
    let companies = list_mut(&mut document, "companies");
    companies.retain(|company| {
        let state = state(&before, company);
        state.lots.iter().all(|lot| lot.kind != Kind::Convertible) && state.marks.values().all(can_be_written)
    });
    for company in companies {
        let marks = state(&before, company).marks.into_iter().map(|(class, price)| (class, json!(price.to_string())));
        let prices = Value::Object(marks.collect());
        company["exitCases"] = json!([{ "id": "mark", "probability": "1", "exitPricesCents": prices }]);
    }
    document
}

/// Two documents with the companies of one, on the same terms.
pub fn parted(document: &Value) -> [Value; 2] {
    let companies = document["companies"].as_array().expect("companies");
    let (one, other) = companies.split_at(companies.len() / 2);
    [one, other].map(|companies| {
        let mut part = document.clone();
        part["companies"] = json!(companies);
        part
    })
}

/// The document without lots and events after its date, and without mention of such lots.
pub fn without_later_facts(mut document: Value) -> Value {
    let as_of = document["asOf"].as_str().expect("asOf").to_owned();
    for company in companies_mut(&mut document) {
        list_mut(company, "lots").retain(|lot| date_of(lot) <= as_of.as_str());
        list_mut(company, "events").retain(|event| date_of(event) <= as_of.as_str());
        let bought = company["lots"].as_array().into_iter().flatten().map(|lot| lot["id"].clone());
        let exercised = company["events"].as_array().into_iter().flatten().map(|event| event["newLot"].clone());
        let known: Vec<Value> = bought.chain(exercised).collect();
        for case in list_mut(company, "exitCases") {
            if let Some(proceeds) = case["lotProceedsCents"].as_object_mut() {
                proceeds.retain(|lot, _| known.contains(&json!(lot)));
            }
        }
    }
    document
}
