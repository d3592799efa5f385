//! Plans carried out: their lots and marks as a portfolio document, judged by the engine.

use super::odd_data;
use crate::generate;
use crate::oracle::number::rational;
use crate::outcome::accepted;
use moic::analysis::MultipleDifference;
use moic::migration::{
    DerivedLot, LegacyInvestment, MigrationComparison, MigrationOptions, MigrationPlan, PlannedInvestment,
    PricingConfidence, plan,
};
use moic::{LensKey, LotType, Price, Shares};
use num_rational::BigRational;
use num_traits::Zero;
use proptest::prelude::*;
use serde_json::{Value, json};

/// The lots and marks of a plan, and the proceeds, which a document knows as distributions.
fn document(plan: &MigrationPlan, options: &MigrationOptions) -> Value {
    let companies = plan.companies.iter().map(|company| {
        let id = company.company_id;
        let members: Vec<&PlannedInvestment> = plan.investments.iter().filter(|one| one.company_id == id).collect();
        let lots: Vec<Value> = members.iter().filter_map(|one| Some(lot(one.id, one.outcome.as_ref().ok()?))).collect();
        let marks = plan.marks.iter().filter(|mark| mark.company_id == id).map(|mark| {
            json!({ "type": "mark", "date": mark.date.to_string(), "shareClass": mark.share_class,
                    "sharePriceCents": mark.price.to_string() })
        });
        let realised = options.realised_cents.get(&id).filter(|realised| **realised <= i64::MAX as u64);
        let distributions = realised.zip(lots.first()).map(|(realised, lot)| {
            json!({ "type": "distribution", "date": "2024-01-01", "lot": lot["id"], "amountCents": realised.to_string() })
        });
        let events: Vec<Value> = marks.chain(distributions).collect();
        json!({ "id": id.to_string(), "lots": lots, "events": events })
    });
    json!({ "asOf": "2024-12-31", "companies": companies.collect::<Vec<_>>() })
}

fn lot(id: i64, lot: &DerivedLot) -> Value {
    let lot_type = match lot.lot_type {
        LotType::Initial => "initial",
        LotType::FollowOn => "follow_on",
        LotType::Secondary => panic!("no legacy investment is a secondary"),
    };
    json!({ "id": id.to_string(), "lotType": lot_type, "shareClass": lot.share_class,
            "purchaseDate": lot.purchase_date.to_string(), "sharesAcquired": lot.shares.to_string(),
            "sharePriceCents": lot.price.to_string(), "costBasisCents": lot.cost.to_string() })
}

/// The legacy multiple of some investments, from its definition.
fn legacy(investments: &[&LegacyInvestment], realised: u64) -> Option<BigRational> {
    let mut ordered = investments.to_vec();
    ordered.sort_by_key(|investment| (investment.date, investment.id));
    let latest = ordered.iter().rev().find_map(|investment| investment.post_money_cents)?;
    let whole = |cents: i64| BigRational::from_integer(cents.into());
    let owned: Option<BigRational> =
        ordered.iter().map(|one| one.ownership.as_deref().filter(|text| text.parse_ownership()).map(rational)).sum();
    let amount: BigRational = ordered.iter().map(|one| whole(one.amount_cents)).sum();
    (!amount.is_zero()).then_some(())?;
    Some((owned? * whole(latest) + BigRational::from_integer(realised.into())) / amount)
}

trait Ownership {
    fn parse_ownership(&self) -> bool;
}

impl Ownership for str {
    fn parse_ownership(&self) -> bool {
        moic::Ratio::parse(self).is_ok()
    }
}

proptest! {
    #![proptest_config(generate::config(1_500))]

    #[test]
    fn every_lot_is_accepted_by_the_engine_and_has_the_multiple_that_was_promised((investments, options) in odd_data::found()) {
        let plan = plan(&investments, &options);
        prop_assert_eq!(plan.investments.len(), investments.len());
        let document = document(&plan, &options);
        let portfolio = accepted(&document);
        let evaluation = portfolio.evaluate();
        for (company, evaluated) in plan.companies.iter().zip(evaluation.companies()) {
            let id = company.company_id;
            let MigrationComparison::Compared { legacy: promised_legacy, lots, difference, parts } = &company.comparison else {
                continue;
            };
            let realised = options.realised_cents.get(&id).copied().unwrap_or(0);
            let members: Vec<&LegacyInvestment> = investments.iter().filter(|one| one.company_id == id).collect();
            let repeated = members.iter().any(|one| members.iter().filter(|other| other.id == one.id).count() > 1);
            if !repeated {
                let expected = legacy(&members, realised).expect("a legacy multiple");
                prop_assert_eq!(promised_legacy.to_decimal(9), crate::oracle::number::fixed(&expected, 9));
            }
            prop_assert_eq!(difference, &MultipleDifference::between(lots, promised_legacy));
            let nothing = MultipleDifference::between(lots, lots);
            prop_assert_eq!(&parts.iter().fold(nothing, |sum, part| sum.plus(&part.difference)), difference);
            if realised <= i64::MAX as u64 {
                let lens = evaluated.lenses().get(LensKey::CurrentMoic).expect("always there");
                prop_assert_eq!(lens.multiple(), Some(lots.clone()), "{}", document);
            }
        }
    }

    #[test]
    fn terms_follow_from_the_round_exactly((investments, options) in odd_data::found()) {
        let plan = plan(&investments, &options);
        for planned in &plan.investments {
            let Ok(lot) = &planned.outcome else { continue };
            prop_assert!(Shares::parse(&lot.shares.to_string()).is_ok_and(|read| read == lot.shares));
            prop_assert!(Price::parse(&lot.price.to_string()).is_ok_and(|read| read == lot.price));
            if lot.confidence == PricingConfidence::Manual {
                continue;
            }
            let candidates: Vec<&LegacyInvestment> = investments.iter().filter(|one| one.id == planned.id).collect();
            let [investment] = candidates[..] else { continue };
            // shares = amount × count / valuation, so shares × valuation is amount × count up to half of 10^-8 share.
            let count = options.fully_diluted_by_investment.get(&planned.id).or_else(|| {
                let counts = options.fully_diluted_by_company.get(&planned.company_id)?;
                counts.iter().rev().find(|(from, _)| **from <= investment.date).map(|(_, count)| count)
            });
            let count = rational(&count.expect("a confirmed count").to_string());
            let valuation = BigRational::from_integer(investment.post_money_cents.expect("a valuation").into());
            let amount = BigRational::from_integer(investment.amount_cents.into());
            let half_unit = BigRational::new(1.into(), 200_000_000.into());
            let off = |written: &str, exact: &BigRational| {
                let difference = rational(written) - exact;
                difference > half_unit || -difference > half_unit
            };
            prop_assert!(!off(&lot.price.to_string(), &(&valuation / &count)));
            prop_assert!(!off(&lot.shares.to_string(), &(&amount * &count / &valuation)));
        }
    }

    #[test]
    fn the_order_of_the_investments_has_no_meaning((investments, options) in odd_data::found(), turn in 0_usize..9) {
        let mut turned = investments.clone();
        turned.reverse();
        let middle = turn.min(turned.len());
        turned.rotate_left(middle);
        prop_assert_eq!(plan(&investments, &options), plan(&turned, &options));
    }

    #[test]
    fn nothing_is_ever_assumed_in_place_of_a_count((investments, options) in odd_data::found()) {
        let unconfirmed = MigrationOptions {
            fully_diluted_by_investment: Default::default(),
            fully_diluted_by_company: Default::default(),
            ..options
        };
        let plan = plan(&investments, &unconfirmed);
        let migrated = plan.investments.iter().filter_map(|planned| planned.outcome.as_ref().ok());
        prop_assert!(migrated.clone().all(|lot| lot.confidence == PricingConfidence::Manual));
    }
}
