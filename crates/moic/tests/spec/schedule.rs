//! The schedule of investments is what the lenses are made of, on random documents and in one written out.

use crate::generate::{self, Scale};
use crate::outcome::accepted;
use moic::{Cents, CompanySchedule, LensKey, Occurrence, Ratio, ValueBasis};
use proptest::prelude::*;
use serde_json::json;

fn sum<'a>(amounts: impl IntoIterator<Item = &'a Cents>) -> Cents {
    amounts.into_iter().fold(Cents::ZERO, |sum, amount| sum.plus(amount))
}

/// E[X] of a lot; `None` when a case does not tell.
fn expected_proceeds(company: &CompanySchedule<'_>, lot: usize) -> Option<Cents> {
    company
        .cases
        .iter()
        .try_fold(Cents::ZERO, |sum, case| Some(sum.plus(&case.lots[lot].proceeds.as_ref()?.scaled(case.probability))))
}

proptest! {
    #![proptest_config(generate::config(300))]

    #[test]
    fn lots_of_the_schedule_make_the_lenses_of_lots(document in generate::documents(Scale::Fund)) {
        let portfolio = accepted(&document);
        let evaluation = portfolio.evaluate();
        for (company, evaluated) in portfolio.schedule().zip(evaluation.companies()) {
            prop_assert_eq!(company.id, evaluated.id());
            prop_assert_eq!(company.lots.len(), evaluated.lots().count());
            for (index, (lot, (id, current, exit))) in company.lots.iter().zip(evaluated.lots()).enumerate() {
                prop_assert_eq!(lot.id, id);
                prop_assert_eq!(Some(&lot.cost), current.denominator());
                let value = lot.unrealised.as_ref().map(|unrealised| unrealised.plus(&lot.realised));
                prop_assert_eq!(value.as_ref(), current.numerator());
                prop_assert_eq!(lot.unrealised.is_none(), lot.basis == ValueBasis::Unpriced);
                let expected = (!company.cases.is_empty()).then(|| expected_proceeds(&company, index)).flatten();
                let exit_value = expected.map(|proceeds| proceeds.plus(&lot.realised));
                prop_assert_eq!(exit_value.as_ref(), exit.numerator());
            }
        }
    }

    #[test]
    fn cash_of_events_is_cost_and_proceeds_of_lots(document in generate::documents(Scale::Fund)) {
        for company in accepted(&document).schedule() {
            let cost = sum(company.lots.iter().map(|lot| &lot.cost));
            prop_assert_eq!(sum(company.events.iter().filter_map(|event| event.paid())), cost);
            let realised = sum(company.lots.iter().map(|lot| &lot.realised));
            prop_assert_eq!(sum(company.events.iter().filter_map(|event| event.received())), realised);
            for (index, lot) in company.lots.iter().enumerate() {
                let effects = company.events.iter().flat_map(|event| &event.effects);
                let received = sum(effects.filter(|effect| effect.lot == index).map(|effect| &effect.received));
                prop_assert_eq!(&received, &lot.realised);
            }
        }
    }

    #[test]
    fn reserves_of_the_cases_make_the_planned_lens(document in generate::documents(Scale::Fund)) {
        let portfolio = accepted(&document);
        let evaluation = portfolio.evaluate();
        for (company, evaluated) in portfolio.schedule().zip(evaluation.companies()) {
            let lens = evaluated.lenses().get(LensKey::ExitMoicPlannedReserves).expect("always there");
            let reserves = || company.cases.iter().flat_map(|case| {
                case.reserves.iter().map(|reserve| (case.probability, reserve))
            });
            let weighted = |amount: &Cents, probability: &Ratio, deployed: &Ratio| {
                amount.scaled(probability).scaled(deployed)
            };
            if let Some(planned) = lens.denominator() {
                let cost = reserves().map(|(probability, reserve)| {
                    weighted(reserve.amount, probability, reserve.deploy_probability)
                });
                prop_assert_eq!(&sum(&cost.collect::<Vec<_>>()), planned);
            }
            if let Some(expected) = lens.numerator() {
                let proceeds = reserves().map(|(probability, reserve)| {
                    let proceeds = reserve.proceeds.as_ref().expect("the lens has a numerator");
                    weighted(proceeds, probability, reserve.deploy_probability)
                });
                prop_assert_eq!(&sum(&proceeds.collect::<Vec<_>>()), expected);
            }
        }
    }
}

#[test]
fn a_history_is_told_with_days_and_restated_numbers() {
    let portfolio = accepted(&json!({ "asOf": "2023-12-31", "companies": [{ "id": "acme", "name": "Acme",
        "lots": [
            { "id": "seed", "lotType": "initial", "shareClass": "PS", "purchaseDate": "2020-01-31",
              "sharesAcquired": "1000", "costBasisCents": "100000" },
            { "id": "later", "lotType": "follow_on", "shareClass": "PS", "purchaseDate": "2024-01-31",
              "sharesAcquired": "1", "costBasisCents": "1" },
            { "id": "warrant", "lotType": "follow_on", "instrument": "warrant", "shareClass": "PS",
              "purchaseDate": "2020-01-31", "sharesAcquired": "30", "strikeCents": "60", "costBasisCents": "0" }],
        "events": [
            { "type": "mark", "date": "2021-03-31", "shareClass": "PS", "sharePriceCents": "300", "fxRate": "1.5" },
            { "type": "split", "date": "2021-06-30", "shareClass": "PS", "numerator": 3, "denominator": 1 },
            { "type": "disposal", "date": "2022-06-30", "shareClass": "PS", "shares": "750", "proceedsCents": "90000",
              "relief": "fifo" }],
        "exitCases": [{ "id": "base", "probability": "1", "exitPricesCents": { "PS": "200" } }] }] }));
    let company = portfolio.schedule().next().expect("a company");
    assert_eq!(
        company.lots.iter().map(|lot| lot.id).collect::<Vec<_>>(),
        ["seed", "warrant"],
        "what comes later is not there"
    );
    let seed = &company.lots[0];
    assert_eq!((seed.shares_acquired.to_string(), seed.shares_held.to_string()), ("3000".into(), "2250".into()));
    let (mark, day) = seed.mark.clone().expect("a mark");
    assert_eq!((mark.to_string(), day.to_string()), ("150".into(), "2021-03-31".into()));
    assert_eq!((seed.basis.name(), seed.allocation_derived), ("mark", true));
    assert_eq!(seed.relieved_cost.to_string(), "25000");
    assert_eq!(company.lots[1].strike.as_ref().map(ToString::to_string).as_deref(), Some("20"));
    assert_eq!(company.lots[1].unrealised.as_ref().map(ToString::to_string).as_deref(), Some("11700"));
    let names: Vec<&str> = company.events.iter().map(|event| event.what.name()).collect();
    assert_eq!(names, ["purchase", "purchase", "mark", "split", "disposal"]);
    let effect = &company.events[4].effects[0];
    assert_eq!((effect.lot, effect.sold.to_string(), effect.received.to_string()), (0, "750".into(), "90000".into()));
    assert!(matches!(company.events[4].what, Occurrence::Disposal { relief: Some(moic::Relief::Fifo), .. }));
    assert_eq!(company.cases[0].lots[1].proceeds.as_ref().map(ToString::to_string).as_deref(), Some("16200"));
}
