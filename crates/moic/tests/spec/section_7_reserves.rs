//! §7: the reserves ranking, and what it would be with another plan.

use crate::outcome::{accepted, initial, portfolio, with};
use moic::quantity::{Cents, Ratio};
use moic::{LensKey, PlanChange, PlannedAmount, Portfolio, UnknownTarget, parse_factor};
use serde_json::{Value, json};

/// A company whose planned reserves of class PS, bought at 10, exit at `price`.
fn company(id: &str, price: &str, reserves: Value) -> Value {
    let case =
        json!({ "id": "base", "probability": "1", "exitPricesCents": { "PS": price }, "plannedReserves": reserves });
    json!({ "id": id, "lots": [initial("seed", "2020-01-01", "100", "1000")], "exitCases": [case] })
}

fn reserve(id: &str, amount: &str) -> Value {
    json!({ "id": id, "amountCents": amount, "shareClass": "PS", "sharePriceCents": "10" })
}

/// Each company's rank, id and exact multiple, in order.
fn ranking(portfolio: &Portfolio) -> Vec<(Option<usize>, String, String)> {
    let evaluation = portfolio.evaluate();
    let shown = |ranked: &moic::RankedCompany<'_, '_>| {
        let lens = ranked.company.lenses().get(LensKey::ExitMoicPlannedReserves).unwrap();
        (ranked.rank, ranked.company.id().to_owned(), lens.value().unwrap_or_default())
    };
    evaluation.reserve_ranking().iter().map(shown).collect()
}

fn named(ranking: &[(Option<usize>, String, String)]) -> Vec<(Option<usize>, &str)> {
    ranking.iter().map(|(rank, id, _)| (*rank, id.as_str())).collect()
}

fn ratio(text: &str) -> Option<Ratio> {
    Some(Ratio::parse(text).unwrap())
}

/// The planned lens of a company: exact value, numerator and denominator in cents.
fn planned(portfolio: &Portfolio, id: &str) -> Value {
    let evaluation = portfolio.evaluate();
    let company = evaluation.companies().iter().find(|company| company.id() == id).unwrap();
    serde_json::from_str(&company.lens_json(LensKey::ExitMoicPlannedReserves)).unwrap()
}

fn three() -> Portfolio {
    accepted(&portfolio(json!([
        company("a", "20", json!([reserve("r", "500")])),
        company("b", "30", json!([reserve("r", "500")])),
        company("none", "90", json!([])),
    ])))
}

#[test]
fn the_greatest_multiple_is_first_and_none_is_last_without_a_rank() {
    assert_eq!(named(&ranking(&three())), [(Some(1), "b"), (Some(2), "a"), (None, "none")]);
}

#[test]
fn equal_multiples_share_a_rank_and_the_exact_ones_are_compared() {
    let portfolio = accepted(&portfolio(json!([
        company("third", "20.00000001", json!([reserve("r", "7")])),
        company("a", "20", json!([reserve("r", "9")])),
        company("b", "20", json!([reserve("r", "1")])),
        company("first", "200000000000.00000001", json!([reserve("r", "1")])),
        company("second", "200000000000", json!([reserve("r", "1")])),
    ])));
    let ranks = ranking(&portfolio);
    let expected = [(Some(1), "first"), (Some(2), "second"), (Some(3), "third"), (Some(4), "a"), (Some(4), "b")];
    assert_eq!(named(&ranks), expected);
}

#[test]
fn a_factor_on_the_exit_price_changes_the_order_and_nothing_of_others() {
    let change = PlanChange { company_id: "a".to_owned(), exit_price_factor: ratio("2"), ..PlanChange::default() };
    let before = three();
    let (b, hash) = (planned(&before, "b"), before.inputs_hash());
    let after = before.with_plan(&[change]).unwrap();
    assert_eq!(named(&ranking(&after)), [(Some(1), "a"), (Some(2), "b"), (None, "none")]);
    assert_eq!(planned(&after, "a")["display"], "4.00x");
    assert_eq!(planned(&after, "b"), b);
    assert_ne!(after.inputs_hash(), hash, "another plan is another input");
}

#[test]
fn amounts_and_probabilities_weigh_exactly() {
    let change = PlanChange {
        company_id: "a".to_owned(),
        amount: Some(PlannedAmount::Factor(Ratio::parse("1/3").unwrap())),
        deploy_probability: ratio("0.3"),
        ..PlanChange::default()
    };
    let lens = planned(&three().with_plan(&[change]).unwrap(), "a");
    // 500 × 1/3 × 0.3 = 50.
    assert_eq!((&lens["denominatorCents"], &lens["numeratorCents"]), (&json!("50"), &json!("100")));
}

#[test]
fn what_is_said_of_a_reserve_counts_instead_of_what_is_said_of_its_company() {
    let document = portfolio(json!([company("a", "20", json!([reserve("x", "100"), reserve("y", "100")]))]));
    let whole = PlanChange {
        company_id: "a".to_owned(),
        amount: Some(PlannedAmount::Factor(Ratio::parse("3").unwrap())),
        ..PlanChange::default()
    };
    let own = PlanChange {
        reserve_id: Some("y".to_owned()),
        amount: Some(PlannedAmount::Cents(Cents::parse("7").unwrap())),
        ..whole.clone()
    };
    for changes in [[whole.clone(), own.clone()], [own, whole]] {
        let portfolio = accepted(&document).with_plan(&changes).unwrap();
        assert_eq!(planned(&portfolio, "a")["denominatorCents"], "307");
    }
}

#[test]
fn given_proceeds_follow_the_amount_and_the_exit() {
    let given =
        with(reserve("r", "200"), json!({ "exitProceedsCents": "500", "shareClass": null, "sharePriceCents": null }));
    let document = portfolio(json!([company("a", "20", json!([given]))]));
    let ask = |change: PlanChange| planned(&accepted(&document).with_plan(&[change]).unwrap(), "a");
    let of = PlanChange { company_id: "a".to_owned(), ..PlanChange::default() };
    let doubled = ask(PlanChange { amount: Some(PlannedAmount::Factor(Ratio::parse("2").unwrap())), ..of.clone() });
    assert_eq!((&doubled["numeratorCents"], &doubled["display"]), (&json!("1000"), &json!("2.50x")));
    let better = ask(PlanChange { exit_price_factor: ratio("1.2"), ..of.clone() });
    assert_eq!((&better["numeratorCents"], &better["display"]), (&json!("600"), &json!("3.00x")));
    let nothing = ask(PlanChange { deploy_probability: ratio("0"), ..of });
    assert_eq!(nothing["reason"], "no_planned_reserves");
}

#[test]
fn a_change_of_what_is_not_there_is_named() {
    let of = |company_id: &str, reserve: Option<&str>| PlanChange {
        company_id: company_id.to_owned(),
        reserve_id: reserve.map(str::to_owned),
        deploy_probability: ratio("1"),
        ..PlanChange::default()
    };
    let unknown = three().with_plan(&[of("a", Some("r")), of("z", None), of("b", Some("q"))]).unwrap_err();
    let reserve = UnknownTarget::Reserve { change: 2, company_id: "b".to_owned(), id: "q".to_owned() };
    assert_eq!(unknown, [UnknownTarget::Company { change: 1, id: "z".to_owned() }, reserve]);
}

#[test]
fn a_factor_has_its_bounds() {
    assert!(["0", "1000", "2/3", "0.000000000000000001"].iter().all(|text| parse_factor(text).is_ok()));
    assert!(["-1", "1000.1", "1e3", "", "x"].iter().all(|text| parse_factor(text).is_err()));
}
