//! §2: disposals, relief methods and relieved cost.

use crate::outcome::{Outcome, event, follow_on, initial, is, mark, one_company, problems, warrant, with};
use serde_json::{Value, json};

/// Three lots of 100 shares with different dates and costs, all of one class, marked at 10.
fn three_lots(events: Vec<Value>) -> Value {
    let mut events = events;
    events.push(mark("2023-01-01", "10"));
    one_company(
        json!([
            initial("old-cheap", "2020-01-01", "100", "500"),
            follow_on("mid-dear", "2021-01-01", "100", "2000"),
            follow_on("new-middle", "2022-01-01", "100", "1000"),
        ]),
        Value::Array(events),
        json!([]),
    )
}

fn sale(shares: &str, proceeds: &str, how: Value) -> Value {
    let terms = json!({ "shareClass": "PS", "shares": shares, "proceedsCents": proceeds });
    event("disposal", "2022-06-01", with(terms, how))
}

fn numerators(document: &Value, ids: [&str; 3]) -> [String; 3] {
    let outcome = Outcome::of(document);
    ids.map(|id| outcome.lot_lens(id, "current_moic")["numeratorCents"].as_str().expect("known").to_owned())
}

const IDS: [&str; 3] = ["old-cheap", "mid-dear", "new-middle"];

#[test]
fn specific_takes_the_named_lots_and_proceeds_follow_the_shares() {
    let named = json!({ "lots": { "old-cheap": "40", "new-middle": "60" } });
    let document = three_lots(vec![sale("100", "2000", named)]);
    assert_eq!(numerators(&document, IDS), ["1400", "1000", "1600"]);
    let outcome = Outcome::of(&document);
    is(outcome.company("current_moic"), "4000/3500");
}

#[test]
fn fifo_takes_the_oldest_first() {
    let document = three_lots(vec![sale("150", "3000", json!({ "relief": "fifo" }))]);
    assert_eq!(numerators(&document, IDS), ["2000", "1500", "1000"]);
}

#[test]
fn lifo_takes_the_newest_first() {
    let document = three_lots(vec![sale("150", "3000", json!({ "relief": "lifo" }))]);
    assert_eq!(numerators(&document, IDS), ["1000", "1500", "2000"]);
}

#[test]
fn hifo_takes_the_highest_cost_per_share_first() {
    let document = three_lots(vec![sale("150", "3000", json!({ "relief": "hifo" }))]);
    assert_eq!(numerators(&document, IDS), ["1000", "2000", "1500"]);
}

#[test]
fn pro_rata_takes_from_each_lot_by_shares_held() {
    let first = sale("100", "0", json!({ "lots": { "mid-dear": "100" } }));
    let document = three_lots(vec![first, sale("100", "3000", json!({ "relief": "pro_rata" }))]);
    assert_eq!(numerators(&document, IDS), ["2000", "0", "2000"]);
}

#[test]
fn hifo_compares_cost_per_split_adjusted_share() {
    // 500 for 10 shares is the dearest until a 10:1 split makes it 500 for 100; then 700 for 100 is.
    let split = event("split", "2021-01-01", json!({ "shareClass": "PS", "numerator": 10, "denominator": 1 }));
    let document = one_company(
        json!([initial("a", "2020-01-01", "10", "500"), follow_on("b", "2021-06-01", "100", "700")]),
        json!([split, sale("100", "900", json!({ "relief": "hifo" })), mark("2023-01-01", "0")]),
        json!([]),
    );
    is(Outcome::of(&document).lot_lens("b", "current_moic"), "900/700");
}

#[test]
fn hifo_compares_the_original_cost_of_a_partly_sold_lot() {
    let first = sale("90", "0", json!({ "lots": { "mid-dear": "90" } }));
    let document = three_lots(vec![first, sale("10", "100", json!({ "relief": "hifo" }))]);
    assert_eq!(numerators(&document, IDS), ["1000", "100", "1000"]);
}

#[test]
fn equal_lots_are_taken_by_purchase_date_then_id() {
    let lots = |b_date: &str| {
        json!([
            initial("b", b_date, "100", "1000"),
            initial("a", "2020-01-01", "100", "1000"),
            initial("c", "2020-01-01", "100", "1000"),
        ])
    };
    let sold = |lots: Value, relief: &str, id: &str| {
        let events = json!([sale("100", "700", json!({ "relief": relief })), mark("2023-01-01", "0")]);
        let outcome = Outcome::of(&one_company(lots, events, json!([])));
        is(outcome.lot_lens(id, "current_moic"), "700/1000");
    };
    sold(lots("2020-01-01"), "fifo", "a");
    sold(lots("2020-01-01"), "hifo", "a");
    sold(lots("2019-01-01"), "hifo", "b");
    sold(lots("2019-01-01"), "lifo", "a");
}

#[test]
fn derived_methods_leave_warrants_and_other_classes_alone() {
    let common = with(initial("common", "2019-01-01", "100", "9000"), json!({ "shareClass": "CS" }));
    for relief in ["fifo", "lifo", "hifo", "pro_rata"] {
        let common_mark = event("mark", "2023-01-01", json!({ "shareClass": "CS", "sharePriceCents": "0" }));
        let document = one_company(
            json!([common, warrant("w", "100", "3", "5000"), initial("seed", "2020-06-01", "100", "1000")]),
            json!([sale("100", "700", json!({ "relief": relief })), mark("2023-01-01", "0"), common_mark]),
            json!([]),
        );
        is(Outcome::of(&document).lot_lens("seed", "current_moic"), "700/1000");
    }
}

#[test]
fn without_lots_and_relief_the_policy_decides() {
    let mut document = three_lots(vec![sale("100", "3000", json!({}))]);
    document["policy"] = json!({ "lotRelief": "lifo" });
    assert_eq!(numerators(&document, IDS), ["1000", "1000", "3000"]);
}

#[test]
fn the_relief_of_the_event_beats_the_policy() {
    let mut document = three_lots(vec![sale("100", "3000", json!({ "relief": "fifo" }))]);
    document["policy"] = json!({ "lotRelief": "lifo" });
    assert_eq!(numerators(&document, IDS), ["3000", "1000", "1000"]);
}

#[test]
fn named_lots_beat_the_policy() {
    let mut document = three_lots(vec![sale("100", "3000", json!({ "lots": { "mid-dear": "100" } }))]);
    document["policy"] = json!({ "lotRelief": "lifo" });
    assert_eq!(numerators(&document, IDS), ["1000", "3000", "1000"]);
}

#[test]
fn derived_allocations_set_a_flag_and_named_lots_do_not() {
    let flags = |how: Value| {
        let outcome = Outcome::of(&three_lots(vec![sale("100", "3000", how)]));
        outcome.company("current_moic")["flags"].clone()
    };
    assert_eq!(flags(json!({ "relief": "pro_rata" })), json!(["allocation_derived"]));
    assert_eq!(flags(json!({ "lots": { "mid-dear": "100" } })), json!([]));
}

#[test]
fn one_sale_may_name_lots_of_several_classes_without_a_class() {
    let common = with(initial("common", "2020-01-01", "300", "1000"), json!({ "shareClass": "CS" }));
    let terms = json!({ "shares": "400", "proceedsCents": "800", "lots": { "seed": "100", "common": "300" } });
    let document = one_company(
        json!([initial("seed", "2020-01-01", "100", "1000"), common]),
        json!([event("disposal", "2021-01-01", terms)]),
        json!([]),
    );
    let outcome = Outcome::of(&document);
    is(outcome.lot_lens("seed", "current_moic"), "200/1000");
    is(outcome.lot_lens("common", "current_moic"), "600/1000");
}

/// The one problem of a document with one disposal.
fn refused(how: Value) -> String {
    let found = problems(&three_lots(vec![sale("100", "3000", how)]));
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].path.clone()
}

#[test]
fn neither_lots_nor_relief_under_the_specific_policy_is_refused() {
    assert!(refused(json!({})).starts_with("companies[0].events[0]"));
}

#[test]
fn lots_and_relief_together_are_refused() {
    let both = json!({ "lots": { "mid-dear": "100" }, "relief": "fifo" });
    assert!(refused(both).starts_with("companies[0].events[0]"));
}

#[test]
fn named_lots_that_do_not_sum_to_the_shares_are_refused() {
    assert!(refused(json!({ "lots": { "mid-dear": "99" } })).starts_with("companies[0].events[0]"));
}

#[test]
fn selling_more_than_is_held_is_refused() {
    let too_many = json!({ "shares": "101", "lots": { "mid-dear": "101" } });
    assert!(refused(too_many).starts_with("companies[0].events[0]"));
    let too_many = json!({ "shares": "300.00000001", "relief": "fifo" });
    assert!(refused(too_many).starts_with("companies[0].events[0]"));
}

#[test]
fn selling_before_the_purchase_is_refused() {
    let early = json!({ "date": "2020-06-01", "lots": { "mid-dear": "100" } });
    assert!(refused(early).starts_with("companies[0].events[0]"));
}

#[test]
fn cost_is_all_of_the_cost_also_after_sales() {
    let everything = sale("300", "7000", json!({ "relief": "fifo" }));
    is(Outcome::of(&three_lots(vec![everything])).company("current_moic"), "7000/3500");
}

fn relieved(sales: &[&str], shares: &str, cost: &str) -> String {
    let mut events: Vec<Value> = Vec::new();
    for sold in sales {
        let terms = json!({ "shares": sold, "proceedsCents": "1", "lots": { "seed": sold } });
        events.push(event("disposal", "2021-01-01", terms));
    }
    let document = one_company(json!([initial("seed", "2020-01-01", shares, cost)]), json!(events), json!([]));
    let outcome = Outcome::of(&with(document, json!({ "policy": { "excludeUnpriced": true } })));
    outcome.lot("seed")["relievedCostCents"].as_str().expect("cents").to_owned()
}

#[test]
fn relieved_cost_is_zero_without_a_sale() {
    assert_eq!(relieved(&[], "100", "1000"), "0");
}

#[test]
fn relieved_cost_is_rounded_half_even() {
    assert_eq!(relieved(&["1"], "4", "10"), "2"); // 2.5
    assert_eq!(relieved(&["1"], "4", "14"), "4"); // 3.5
    assert_eq!(relieved(&["1"], "3", "100"), "33"); // 33.33…
}

#[test]
fn relieved_cost_is_rounded_cumulatively_so_that_all_of_it_is_relieved_in_the_end() {
    assert_eq!(relieved(&["1", "1"], "3", "100"), "67");
    assert_eq!(relieved(&["1", "1", "1"], "3", "100"), "100");
}

#[test]
fn relieved_cost_follows_splits() {
    let split = event("split", "2021-06-01", json!({ "shareClass": "PS", "numerator": 2, "denominator": 1 }));
    let terms = json!({ "shares": "50", "proceedsCents": "1", "lots": { "seed": "50" } });
    let later = json!({ "shares": "50", "proceedsCents": "1", "lots": { "seed": "50" } });
    let document = one_company(
        json!([initial("seed", "2020-01-01", "100", "1000")]),
        json!([event("disposal", "2021-01-01", terms), split, event("disposal", "2022-01-01", later)]),
        json!([]),
    );
    assert_eq!(Outcome::of(&document).lot("seed")["relievedCostCents"], "750");
}
