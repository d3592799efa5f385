//! §6: what is refused. Every problem names its path and the value.

use crate::outcome::{event, initial, one_company, portfolio, problems, safe, warrant, with};
use moic::Portfolio;
use serde_json::{Value, json};

/// A valid document with an example of everything, to break one place of.
fn valid() -> Value {
    let line = json!({ "id": "b", "amountCents": "100", "shareClass": "PS", "sharePriceCents": "10",
                       "deployProbability": "1" });
    let cases = json!([{ "id": "base", "probability": "1", "exitPricesCents": { "PS": "20" },
                         "lotProceedsCents": { "safe": "5" }, "plannedReserves": [line] }]);
    let sale = json!({ "shares": "10", "proceedsCents": "5", "lots": { "seed": "10" } });
    let events = json!([
        event("mark", "2021-01-01", json!({ "shareClass": "PS", "sharePriceCents": "15", "fxRate": "1" })),
        event("lot_mark", "2021-01-01", json!({ "lot": "seed", "valueCents": "5" })),
        event("split", "2021-01-01", json!({ "shareClass": "PS", "numerator": 1, "denominator": 1 })),
        event("disposal", "2021-01-01", sale),
        event("receivable", "2021-01-01", json!({ "carryingCents": "5", "allocation": { "seed": "1" } })),
        event("distribution", "2021-01-01", json!({ "lot": "seed", "amountCents": "5" })),
        event("exercise", "2021-01-01", json!({ "lot": "w", "newLot": "wx", "lotType": "initial", "cashCents": "5" })),
        event("lot_conversion", "2021-01-01", json!({ "lot": "safe", "toClass": "PS", "shares": "5" })),
        event(
            "class_conversion",
            "2021-01-01",
            json!({ "fromClass": "CS", "toClass": "PS", "numerator": 1, "denominator": 1 })
        ),
    ]);
    let lots = json!([initial("seed", "2020-01-01", "100", "1000"), safe("safe", "7"), warrant("w", "5", "5", "5")]);
    let document = one_company(lots, events, cases);
    with(document, json!({ "policy": { "lotRelief": "specific", "excludeUnpriced": false } }))
}

/// Breaks one place, given as a JSON pointer, and returns the only problem's path and value.
fn broken(pointer: &str, value: Value) -> (String, String) {
    let mut document = valid();
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    let parent = document.pointer_mut(parent).unwrap_or_else(|| panic!("no {pointer}"));
    match parent {
        Value::Array(items) => items[key.parse::<usize>().expect("an index")] = value,
        parent => parent[key] = value,
    }
    let mut found = problems(&document);
    assert_eq!(found.len(), 1, "{pointer}: {found:?}");
    let problem = found.remove(0);
    assert!(!problem.message.is_empty(), "{problem:?}");
    (problem.path, problem.value)
}

#[track_caller]
fn refuses(pointer: &str, value: Value, path: &str) {
    let written = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let (found_path, found_value) = broken(pointer, value);
    assert_eq!(found_path, path);
    assert!(found_value.contains(&written), "{path}: {found_value:?} instead of {written:?}");
}

#[test]
fn the_document_to_break_is_valid() {
    assert!(Portfolio::from_json(valid().to_string().as_bytes()).is_ok());
}

#[test]
fn numbers_are_strings_and_not_json_numbers() {
    refuses("/companies/0/lots/0/costBasisCents", json!(1000), "companies[0].lots[0].costBasisCents");
    refuses("/companies/0/lots/0/sharesAcquired", json!(1.5), "companies[0].lots[0].sharesAcquired");
    refuses("/companies/0/events/0/sharePriceCents", json!(650.407), "companies[0].events[0].sharePriceCents");
    refuses("/companies/0/exitCases/0/probability", json!(1), "companies[0].exitCases[0].probability");
    refuses("/companies/0/exitCases/0/exitPricesCents/PS", json!(20), "companies[0].exitCases[0].exitPricesCents.PS");
}

#[test]
fn a_number_of_money_is_whole_cents() {
    for cents in ["", " 1", "1 ", "1.5", "1e3", "1_000", "1,000", "0x1", "NaN", "one", "1/2", "٣"] {
        refuses("/companies/0/lots/0/costBasisCents", json!(cents), "companies[0].lots[0].costBasisCents");
    }
}

#[test]
fn shares_have_at_most_eight_decimals() {
    let shares = json!("100.123456789");
    refuses("/companies/0/lots/0/sharesAcquired", shares, "companies[0].lots[0].sharesAcquired");
    for shares in ["", "1e3", ".5", "5.", "1.2.3", "-", "inf"] {
        refuses("/companies/0/lots/0/sharesAcquired", json!(shares), "companies[0].lots[0].sharesAcquired");
    }
}

#[test]
fn prices_have_at_most_eight_decimals() {
    let price = json!("15.123456789");
    refuses("/companies/0/events/0/sharePriceCents", price, "companies[0].events[0].sharePriceCents");
    for price in ["", "1e3", "1/0", "1/-2", "1/2/3", "/2", "1/"] {
        refuses("/companies/0/events/0/sharePriceCents", json!(price), "companies[0].events[0].sharePriceCents");
    }
}

#[test]
fn values_too_large_are_refused_and_never_wrapped_or_capped() {
    for (pointer, path) in [
        ("/companies/0/lots/0/costBasisCents", "companies[0].lots[0].costBasisCents"),
        ("/companies/0/lots/0/sharesAcquired", "companies[0].lots[0].sharesAcquired"),
        ("/companies/0/events/0/sharePriceCents", "companies[0].events[0].sharePriceCents"),
        ("/companies/0/exitCases/0/exitPricesCents/PS", "companies[0].exitCases[0].exitPricesCents.PS"),
    ] {
        refuses(pointer, json!("340282366920938463463374607431768211456"), path);
    }
    refuses("/companies/0/lots/0/costBasisCents", json!("9223372036854775808"), "companies[0].lots[0].costBasisCents");
}

#[test]
fn amounts_are_not_negative() {
    for (pointer, path) in [
        ("/companies/0/lots/0/costBasisCents", "companies[0].lots[0].costBasisCents"),
        ("/companies/0/lots/0/sharesAcquired", "companies[0].lots[0].sharesAcquired"),
        ("/companies/0/lots/2/strikeCents", "companies[0].lots[2].strikeCents"),
        ("/companies/0/events/0/sharePriceCents", "companies[0].events[0].sharePriceCents"),
        ("/companies/0/events/0/fxRate", "companies[0].events[0].fxRate"),
        ("/companies/0/events/1/valueCents", "companies[0].events[1].valueCents"),
        ("/companies/0/events/3/proceedsCents", "companies[0].events[3].proceedsCents"),
        ("/companies/0/events/3/shares", "companies[0].events[3].shares"),
        ("/companies/0/events/3/lots/seed", "companies[0].events[3].lots.seed"),
        ("/companies/0/events/4/carryingCents", "companies[0].events[4].carryingCents"),
        ("/companies/0/events/4/allocation/seed", "companies[0].events[4].allocation.seed"),
        ("/companies/0/events/5/amountCents", "companies[0].events[5].amountCents"),
        ("/companies/0/events/6/cashCents", "companies[0].events[6].cashCents"),
        ("/companies/0/events/7/shares", "companies[0].events[7].shares"),
        ("/companies/0/exitCases/0/exitPricesCents/PS", "companies[0].exitCases[0].exitPricesCents.PS"),
        ("/companies/0/exitCases/0/lotProceedsCents/safe", "companies[0].exitCases[0].lotProceedsCents.safe"),
        (
            "/companies/0/exitCases/0/plannedReserves/0/amountCents",
            "companies[0].exitCases[0].plannedReserves[0].amountCents",
        ),
        (
            "/companies/0/exitCases/0/plannedReserves/0/sharePriceCents",
            "companies[0].exitCases[0].plannedReserves[0].sharePriceCents",
        ),
    ] {
        refuses(pointer, json!("-1"), path);
    }
}

#[test]
fn a_deploy_probability_is_between_zero_and_one() {
    for probability in ["-0.1", "1.1", "3/2"] {
        refuses(
            "/companies/0/exitCases/0/plannedReserves/0/deployProbability",
            json!(probability),
            "companies[0].exitCases[0].plannedReserves[0].deployProbability",
        );
    }
}

#[test]
fn a_reserve_cannot_buy_at_no_price() {
    refuses(
        "/companies/0/exitCases/0/plannedReserves/0/sharePriceCents",
        json!("0"),
        "companies[0].exitCases[0].plannedReserves[0].sharePriceCents",
    );
}

#[test]
fn dates_are_real_days() {
    for date in ["2021-02-29", "2021-13-01", "2021-00-10", "2021-1-1", "01.02.2021", "20210101", "", "yesterday"] {
        refuses("/companies/0/events/0/date", json!(date), "companies[0].events[0].date");
        refuses("/asOf", json!(date), "asOf");
    }
    refuses("/companies/0/lots/1/purchaseDate", json!("2021-04-31"), "companies[0].lots[1].purchaseDate");
    refuses("/asOf", json!("2021-01-01T00:00:00Z"), "asOf");
}

#[test]
fn ratios_of_splits_and_conversions_are_integers_of_at_least_one() {
    for ratio in [json!(0), json!(-1), json!(1.5), json!("2"), json!(true)] {
        refuses("/companies/0/events/2/numerator", ratio.clone(), "companies[0].events[2].numerator");
        refuses("/companies/0/events/8/denominator", ratio, "companies[0].events[8].denominator");
    }
}

#[test]
fn words_come_from_their_lists() {
    refuses("/companies/0/lots/0/lotType", json!("seed"), "companies[0].lots[0].lotType");
    refuses("/companies/0/lots/0/instrument", json!("option"), "companies[0].lots[0].instrument");
    refuses("/companies/0/events/0/type", json!("merger"), "companies[0].events[0].type");
    refuses("/companies/0/events/6/lotType", json!("Initial"), "companies[0].events[6].lotType");
    refuses("/policy/lotRelief", json!("average"), "policy.lotRelief");
    refuses("/policy/secondaryBucket", json!("initial"), "policy.secondaryBucket");
    refuses("/policy/unpricedConvertible", json!("zero"), "policy.unpricedConvertible");
    refuses("/policy/excludeUnpriced", json!("true"), "policy.excludeUnpriced");
}

#[test]
fn unknown_fields_are_refused_wherever_they_are() {
    for (pointer, path) in [
        ("/as_of", "as_of"),
        ("/policy/relief", "policy.relief"),
        ("/companies/0/lot", "companies[0].lot"),
        ("/companies/0/lots/0/cost", "companies[0].lots[0].cost"),
        ("/companies/0/events/0/price", "companies[0].events[0].price"),
        ("/companies/0/events/0/valueCents", "companies[0].events[0].valueCents"),
        ("/companies/0/exitCases/0/weight", "companies[0].exitCases[0].weight"),
        ("/companies/0/exitCases/0/plannedReserves/0/round", "companies[0].exitCases[0].plannedReserves[0].round"),
    ] {
        refuses(pointer, json!("7"), path);
    }
}

#[test]
fn lots_that_are_not_there_cannot_be_referred_to() {
    refuses("/companies/0/events/1/lot", json!("nobody"), "companies[0].events[1].lot");
    refuses("/companies/0/events/5/lot", json!("nobody"), "companies[0].events[5].lot");
    refuses("/companies/0/events/6/lot", json!("nobody"), "companies[0].events[6].lot");
    refuses("/companies/0/events/7/lot", json!("nobody"), "companies[0].events[7].lot");
    let path = broken("/companies/0/events/3/lots", json!({ "nobody": "10" })).0;
    assert_eq!(path, "companies[0].events[3].lots.nobody");
    let path = broken("/companies/0/events/4/allocation", json!({ "nobody": "1" })).0;
    assert_eq!(path, "companies[0].events[4].allocation.nobody");
    let path = broken("/companies/0/exitCases/0/lotProceedsCents", json!({ "nobody": "1" })).0;
    assert_eq!(path, "companies[0].exitCases[0].lotProceedsCents.nobody");
}

#[test]
fn required_fields_must_be_there() {
    for pointer in [
        "/asOf",
        "/companies/0/id",
        "/companies/0/lots/0/id",
        "/companies/0/lots/0/lotType",
        "/companies/0/lots/0/purchaseDate",
        "/companies/0/lots/0/costBasisCents",
        "/companies/0/lots/0/shareClass",
        "/companies/0/lots/0/sharesAcquired",
        "/companies/0/lots/2/strikeCents",
        "/companies/0/lots/2/shareClass",
        "/companies/0/events/0/date",
        "/companies/0/events/0/sharePriceCents",
        "/companies/0/exitCases/0/probability",
        "/companies/0/exitCases/0/plannedReserves/0/amountCents",
    ] {
        let mut document = valid();
        document.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")).take();
        let found = problems(&document);
        let field = pointer.rsplit('/').next().expect("a field");
        assert!(found.iter().any(|problem| problem.path.ends_with(field)), "{pointer}: {found:?}");
    }
    assert_eq!(problems(&portfolio(json!([{ "id": "c" }])))[0].path, "companies[0].lots");
}

#[test]
fn ids_are_unique() {
    let company = |id: &str| json!({ "id": id, "lots": [] });
    let found = problems(&portfolio(json!([company("a"), company("b"), company("a")])));
    assert_eq!((found.len(), found[0].path.as_str()), (1, "companies[2].id"));
    assert_eq!(found[0].value, "a");
    let mut document = valid();
    document["companies"][0]["lots"][1]["id"] = json!("seed");
    assert_eq!(problems(&document)[0].path, "companies[0].lots[1].id");
    refuses("/companies/0/events/6/newLot", json!("seed"), "companies[0].events[6].newLot");
    let mut document = valid();
    let line = document["companies"][0]["exitCases"][0]["plannedReserves"][0].clone();
    document["companies"][0]["exitCases"][0]["plannedReserves"] = json!([line, line]);
    assert_eq!(problems(&document)[0].path, "companies[0].exitCases[0].plannedReserves[1].id");
    let mut document = valid();
    document["companies"][0]["exitCases"] = json!([
        { "id": "base", "probability": "0.5" },
        { "id": "base", "probability": "0.5" },
    ]);
    assert_eq!(problems(&document)[0].path, "companies[0].exitCases[1].id");
}

#[test]
fn the_same_lot_id_in_two_companies_is_fine() {
    let company = |id: &str| json!({ "id": id, "lots": [initial("seed", "2020-01-01", "1", "1")] });
    assert!(Portfolio::from_json(portfolio(json!([company("a"), company("b")])).to_string().as_bytes()).is_ok());
}

#[test]
fn safes_and_notes_have_neither_class_nor_shares_before_conversion() {
    refuses("/companies/0/lots/1/shareClass", json!("PS"), "companies[0].lots[1].shareClass");
    refuses("/companies/0/lots/1/sharesAcquired", json!("5"), "companies[0].lots[1].sharesAcquired");
}

#[test]
fn events_fit_the_lot_they_name() {
    let path = broken("/companies/0/events/7/lot", json!("seed")).0;
    assert!(path.starts_with("companies[0].events[7]"), "only a SAFE or note is converted: {path}");
    let path = broken("/companies/0/events/6/lot", json!("seed")).0;
    assert!(path.starts_with("companies[0].events[6]"), "only a warrant is exercised: {path}");
}

#[test]
fn events_before_the_purchase_are_refused() {
    for (index, event) in [(1, "lot_mark"), (4, "receivable"), (5, "distribution"), (6, "exercise"), (7, "conversion")]
    {
        let path = broken(&format!("/companies/0/events/{index}/date"), json!("2019-01-01")).0;
        assert!(path.starts_with(&format!("companies[0].events[{index}]")), "{event}: {path}");
    }
}

#[test]
fn a_warrant_is_exercised_and_a_safe_converted_once() {
    for index in [6, 7] {
        let mut document = valid();
        let mut again = document["companies"][0]["events"][index].clone();
        again["date"] = json!("2022-01-01");
        if index == 6 {
            again["newLot"] = json!("another");
        }
        document["companies"][0]["events"].as_array_mut().expect("events").push(again);
        let found = problems(&document);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].path.starts_with("companies[0].events[9]"), "{found:?}");
    }
}

#[test]
fn a_distribution_names_a_class_or_a_lot() {
    let neither = event("distribution", "2021-01-01", json!({ "amountCents": "5" }));
    let both = event("distribution", "2021-01-01", json!({ "amountCents": "5", "lot": "seed", "shareClass": "PS" }));
    for wrong in [neither, both] {
        assert!(broken("/companies/0/events/5", wrong).0.starts_with("companies[0].events[5]"));
    }
}

#[test]
fn containers_have_their_types() {
    for (pointer, value, path) in [
        ("/companies", json!({}), "companies"),
        ("/companies/0", json!("c"), "companies[0]"),
        ("/companies/0/events", json!("none"), "companies[0].events"),
        ("/companies/0/exitCases", json!({}), "companies[0].exitCases"),
        ("/policy", json!([]), "policy"),
        ("/companies/0/id", json!(7), "companies[0].id"),
        ("/companies/0/events/4/allocation", json!(["seed"]), "companies[0].events[4].allocation"),
    ] {
        assert_eq!(broken(pointer, value).0, path);
    }
}
