//! Legacy data as it is found: anything missing, negative, huge, repeated or contradictory.

use super::shares;
use jiff::civil::Date;
use moic::Price;
use moic::migration::{GivenTerms, LegacyInvestment, MigrationOptions};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Ids of investments; one of them now and then comes twice.
const IDS: std::ops::Range<i64> = 1..10;
const DAYS: [&str; 4] = ["2020-02-29", "2021-03-01", "2021-03-02", "2023-12-31"];

fn amount() -> impl Strategy<Value = i64> {
    prop_oneof![
        24 => 1_i64..10_000_000_000,
        1 => Just(0),
        1 => -1_000_000_i64..0,
        1 => any::<i64>(),
        1 => (0_i64..10).prop_map(|less| i64::MAX - less),
        1 => 1_i64..10
    ]
}

fn ownership() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        6 => (1_u32..10_000).prop_map(|part| Some(format!("0.{part:04}"))),
        2 => (0_u32..50, 1_u32..50).prop_map(|(part, whole)| Some(format!("{part}/{whole}"))),
        1 => Just(None),
        1 => prop::sample::select(vec!["", "15 %", "-0.1", "1.5", "100", "1/0", "NaN", "0"]).prop_map(|text| Some(text.to_owned()))
    ]
}

fn investment() -> impl Strategy<Value = LegacyInvestment> {
    let round = prop::sample::select(vec!["Seed", "Series A", "", "  ", "Ü"]);
    let post_money = prop_oneof![12 => (1_000_000_000_i64..1_000_000_000_000).prop_map(Some), 1 => Just(None), 2 => amount().prop_map(Some)];
    (IDS, 1_i64..4, round, 0_usize..DAYS.len(), amount(), ownership(), post_money, any::<bool>()).prop_map(
        |(id, company_id, round, day, amount_cents, ownership, post_money_cents, consistent)| {
            // Half of them say the ownership that the amount bought.
            let bought = post_money_cents.filter(|valuation| consistent && amount_cents > 0 && *valuation > 0);
            let short = |number: i64| number.to_string().len() <= 18;
            let bought = bought.filter(|valuation| short(*valuation) && short(amount_cents));
            LegacyInvestment {
                id,
                company_id,
                round: round.to_owned(),
                date: DAYS[day].parse::<Date>().expect("a date"),
                amount_cents,
                ownership: bought.map_or(ownership, |valuation| Some(format!("{amount_cents}/{valuation}"))),
                post_money_cents,
            }
        },
    )
}

fn count() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => (1_u64..1_000_000_000).prop_map(|count| count.to_string()),
        2 => (1_u64..1_000_000_000, 1_u64..100_000_000).prop_map(|(whole, part)| format!("{whole}.{part:08}")),
        1 => Just("0".to_owned()),
        1 => Just("0.00000001".to_owned()),
        1 => Just("1000000000000000000".to_owned())
    ]
}

fn given() -> impl Strategy<Value = GivenTerms> {
    let price = prop_oneof![Just("100".to_owned()), Just("10/3".to_owned()), Just("0".to_owned()), count()];
    (prop::option::of(count()), prop::option::of(price)).prop_map(|(count, price)| GivenTerms {
        shares: count.as_deref().map(shares),
        price: price.map(|price| Price::parse(&price).expect("a price")),
    })
}

fn options() -> impl Strategy<Value = MigrationOptions> {
    let by_investment = prop::collection::btree_map(IDS, count(), 0..9);
    let by_company =
        prop::collection::btree_map(1_i64..4, prop::collection::btree_map(0_usize..DAYS.len(), count(), 1..3), 1..4);
    let given = prop::collection::btree_map(IDS, given(), 0..2);
    let realised = prop::collection::btree_map(1_i64..4, prop_oneof![0_u64..1_000_000_000, any::<u64>()], 0..2);
    (by_investment, by_company, given, realised, prop::option::of(amount())).prop_map(
        |(by_investment, by_company, given_terms, realised_cents, review_above_cents)| MigrationOptions {
            fully_diluted_by_investment: by_investment.iter().map(|(id, count)| (*id, shares(count))).collect(),
            fully_diluted_by_company: by_company
                .into_iter()
                .map(|(company, counts)| (company, dated(&counts)))
                .collect(),
            given_terms,
            realised_cents,
            review_above_cents,
            ..MigrationOptions::default()
        },
    )
}

fn dated(counts: &BTreeMap<usize, String>) -> BTreeMap<Date, moic::Shares> {
    counts.iter().map(|(day, count)| (DAYS[*day].parse::<Date>().expect("a date"), shares(count))).collect()
}

/// Investments of three companies with whatever can be wrong with them, and what somebody has said about them.
pub fn found() -> impl Strategy<Value = (Vec<LegacyInvestment>, MigrationOptions)> {
    (prop::collection::vec(investment(), 0..9), options()).prop_map(|(mut investments, options)| {
        for (place, investment) in (1_i64..).zip(&mut investments) {
            // Nine ids for at most eight investments: those of the ninth are left as they are.
            if investment.id != IDS.end - 1 {
                investment.id = place;
            }
        }
        (investments, options)
    })
}
