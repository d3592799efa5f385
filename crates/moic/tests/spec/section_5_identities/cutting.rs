//! One lot cut in two, in a document made so that all of it can be halved exactly.

use super::changes::{companies_mut, half, list_mut, scale, scale_shares, whole};
use crate::determinism::drop_nulls;
use serde_json::{Map, Value, json};

/// Keeps only disposals that name their lots, or only those that do not (and then no lot marks, whose scaling depends
/// on how a sale falls on the lots).
pub fn with_one_kind_of_disposal(mut document: Value, derived: bool) -> Value {
    for company in companies_mut(&mut document) {
        list_mut(company, "events").retain(|event| match event["type"].as_str() {
            Some("disposal") => derived != event["lots"].is_object(),
            Some("lot_mark") => !derived,
            _ => true,
        });
    }
    document
}

/// Twice the shares and twice the money, so that both can be halved exactly.
pub fn with_even_amounts(mut document: Value) -> Value {
    let two = whole(2);
    for company in companies_mut(&mut document) {
        for lot in list_mut(company, "lots") {
            scale_shares(&mut lot["sharesAcquired"], &two);
            scale(&mut lot["costBasisCents"], &two);
        }
        for event in list_mut(company, "events") {
            for shares in ["shares", "lots"] {
                scale_shares(&mut event[shares], &two);
            }
            for money in ["cashCents", "valueCents", "amountCents", "proceedsCents", "carryingCents"] {
                scale(&mut event[money], &two);
            }
        }
        for case in list_mut(company, "exitCases") {
            scale(&mut case["lotProceedsCents"], &two);
        }
    }
    drop_nulls(&mut document);
    document
}

/// One lot of the document, and what an exercise makes of it, as two lots of half its shares and cost.
pub fn with_lot_cut_in_two(mut document: Value, choice: usize) -> Value {
    let lots_of = |company: &Value| company["lots"].as_array().map_or(0, Vec::len);
    let total: usize = companies_mut(&mut document).map(|company| lots_of(company)).sum();
    let mut index = choice.checked_rem(total).unwrap_or(0);
    for company in companies_mut(&mut document) {
        if index < lots_of(company) {
            cut(company, index);
            break;
        }
        index -= lots_of(company);
    }
    document
}

fn cut(company: &mut Value, index: usize) {
    let mut ids = vec![company["lots"][index]["id"].clone()];
    let exercises: Vec<Value> = list_mut(company, "events")
        .iter()
        .filter(|event| event["type"] == "exercise" && event["lot"] == ids[0])
        .map(|event| event["newLot"].clone())
        .collect();
    ids.extend(exercises);
    let is_cut = |id: &Value| ids.contains(id);
    let halves = |fact: &Value| -> Vec<Value> {
        let part = |suffix: &str| {
            let mut part = fact.clone();
            for id in ["id", "lot", "newLot"].iter().filter(|key| is_cut(&fact[**key])) {
                part[*id] = json!(format!("{}{suffix}", fact[*id].as_str().expect("an id")));
            }
            for shares in ["sharesAcquired", "shares"] {
                scale_shares(&mut part[shares], &half());
            }
            for money in ["costBasisCents", "cashCents", "valueCents", "amountCents"] {
                scale(&mut part[money], &half());
            }
            drop_nulls(&mut part);
            part
        };
        vec![part("-a"), part("-b")]
    };
    let cut_map = |map: &mut Value, shares: bool| {
        let Some(entries) = map.as_object() else { return };
        let mut parts = Map::new();
        for (id, amount) in entries {
            if !is_cut(&json!(id)) {
                parts.insert(id.clone(), amount.clone());
                continue;
            }
            let mut amount = amount.clone();
            if shares {
                scale_shares(&mut amount, &half());
            } else {
                scale(&mut amount, &half());
            }
            parts.insert(format!("{id}-a"), amount.clone());
            parts.insert(format!("{id}-b"), amount);
        }
        *map = Value::Object(parts);
    };
    let cut_facts = |facts: &mut Vec<Value>, key: &str| {
        let whole = std::mem::take(facts);
        *facts =
            whole.iter().flat_map(|fact| if is_cut(&fact[key]) { halves(fact) } else { vec![fact.clone()] }).collect();
    };
    cut_facts(list_mut(company, "lots"), "id");
    cut_facts(list_mut(company, "events"), "lot");
    for event in list_mut(company, "events") {
        cut_map(&mut event["lots"], true);
        cut_map(&mut event["allocation"], false);
    }
    for case in list_mut(company, "exitCases") {
        cut_map(&mut case["lotProceedsCents"], false);
    }
    drop_nulls(company);
}
