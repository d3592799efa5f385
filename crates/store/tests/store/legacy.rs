use store::{
    investments::{self, NewInvestment},
    legacy_moic::{self, LegacyInvestment},
};

use crate::{database::TestDatabase, story::*};

on_both! {
    async fn the_legacy_inputs_are_stake_latest_valuation_and_cash(database: TestDatabase) {
        let position = database.write(|tx| position(tx, at(0))).await;
        database.write(move |tx| {
            let later = NewInvestment {
                round: "Series A".to_owned(),
                investment_date: date("2023-06-30"),
                amount_cents: 100,
                ownership: None,
                post_money_valuation_cents: Some(5_000_000_000),
                ..new_investment(position.company)
            };
            investments::create(tx, position.fund, &later, at(1))?;
            // Later, but without a valuation: the one before stays the latest.
            let unvalued = NewInvestment {
                investment_date: date("2024-01-31"),
                post_money_valuation_cents: None,
                ..later
            };
            investments::create(tx, position.fund, &unvalued, at(2))?;
            lot(tx, position, at(3))?;
            let dividend = r#"{"type":"distribution","date":"2023-02-01","shareClass":"PS","amountCents":"7000"}"#;
            event(tx, position, dividend, at(4))?;
            let taken_back = event(tx, position, dividend, at(5))?;
            event(tx, position, &format!(r#"{{"type":"reversal","event":"{}"}}"#, taken_back.id), at(6))?;
            position_in(tx, position.fund, "BetaWorks", at(7)).map(|_| ())
        }).await;
        let fund = database.read(move |tx| legacy_moic::inputs(tx, position.fund)).await;
        let alpha = &fund.companies[0];
        assert_eq!(alpha.latest_valuation, Some((5_000_000_000, date("2023-06-30"))));
        assert_eq!(alpha.realised_cents, 7000);
        let amounts: Vec<i64> = alpha.investments.iter().map(|investment| investment.amount_cents).collect();
        assert_eq!(amounts, [150_000_000, 100, 100]);
        assert_eq!(
            alpha.investments[0],
            LegacyInvestment { amount_cents: 150_000_000, ownership: Some("0.15".to_owned()) }
        );
        assert_eq!(fund.companies[1].realised_cents, 0);
    }
}
