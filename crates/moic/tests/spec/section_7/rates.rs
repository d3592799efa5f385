//! Rates of return: examples with known answers, the reasons for none, and random payments checked by discounting them.

use super::day_root::{Discount, decimal};
use crate::generate;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use moic::Cents;
use moic::analysis::{CashFlow, InternalRate, NoRate, xirr};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, Zero};
use proptest::prelude::*;
use std::sync::LazyLock;

const START: Date = date(2019, 1, 31);

/// Payments in cents by days after the start; received is positive.
fn flows(payments: &[(u64, i64)]) -> Vec<CashFlow> {
    payments
        .iter()
        .map(|(day, amount)| {
            let date = START.checked_add(i64::try_from(*day).expect("few days").days()).expect("a date");
            let cents = Cents::parse(&amount.unsigned_abs().to_string()).expect("cents");
            if *amount < 0 { CashFlow::paid(date, cents) } else { CashFlow::received(date, cents) }
        })
        .collect()
}

fn rate(payments: &[(u64, i64)]) -> String {
    found(payments).rate().value()
}

fn found(payments: &[(u64, i64)]) -> InternalRate {
    xirr(&flows(payments)).unwrap_or_else(|reason| panic!("{} for {payments:?}", reason.name()))
}

fn no_rate(payments: &[(u64, i64)]) -> &'static str {
    xirr(&flows(payments)).expect_err("no rate").name()
}

fn others(payments: &[(u64, i64)]) -> Vec<String> {
    found(payments).others().iter().map(moic::analysis::Rate::value).collect()
}

#[test]
fn the_example_of_the_spreadsheets_manual() {
    let flows = [
        CashFlow::paid(date(2008, 1, 1), Cents::parse("1000000").expect("cents")),
        CashFlow::received(date(2008, 3, 1), Cents::parse("275000").expect("cents")),
        CashFlow::received(date(2008, 10, 30), Cents::parse("425000").expect("cents")),
        CashFlow::received(date(2009, 2, 15), Cents::parse("325000").expect("cents")),
        CashFlow::received(date(2009, 4, 1), Cents::parse("275000").expect("cents")),
    ];
    let rate = xirr(&flows).expect("a rate");
    assert_eq!(rate.rate().value(), "0.373362533519");
    assert_eq!(rate.rate().percent(), "37.34%");
    assert!(!rate.has_several_roots());
    // The order of the payments has no meaning.
    let mut turned = flows;
    turned.reverse();
    assert_eq!(xirr(&turned), Ok(rate));
}

#[test]
fn whole_years_give_round_rates() {
    assert_eq!(rate(&[(0, -100), (365, 200)]), "1.000000000000");
    assert_eq!(rate(&[(0, -100), (365, 110)]), "0.100000000000");
    assert_eq!(rate(&[(0, -100), (730, 121)]), "0.100000000000");
    assert_eq!(rate(&[(0, -100), (365, 90)]), "-0.100000000000");
    assert_eq!(rate(&[(0, -100), (3650, 100)]), "0.000000000000");
    assert_eq!(found(&[(0, -100), (365, 90)]).rate().percent(), "-10.00%");
    // Received first and paid later is a loan, whose rate is what it costs.
    assert_eq!(rate(&[(0, 100), (365, -110)]), "0.100000000000");
}

#[test]
fn rates_reach_from_a_millionth_left_to_ten_to_the_sixty() {
    assert_eq!(rate(&[(0, -1_000_000), (365, 1)]), "-0.999999000000");
    assert_eq!(no_rate(&[(0, -1_000_001), (365, 1)]), "out_of_range");
    assert_eq!(rate(&[(0, -1), (365, 1_000_000_000_000_000_000)]), "999999999999999999.000000000000");
    // Twice the money within two days: the square root of 2^365, less one.
    let doubled = "8669103912675326981131202327536191238325431732342660563.150246372041";
    assert_eq!(rate(&[(0, -100), (2, 200)]), doubled);
    // Overnight it is a rate of 10^109.
    assert_eq!(no_rate(&[(0, -100), (1, 200)]), "out_of_range");
    assert_eq!(no_rate(&[(0, -1_000_000), (1, 1)]), "out_of_range");
}

#[test]
fn there_is_no_rate_without_a_reason() {
    assert_eq!(no_rate(&[]), "no_cash_flows");
    assert_eq!(no_rate(&[(0, 0)]), "no_cash_flows");
    assert_eq!(no_rate(&[(7, -100), (7, 200)]), "one_day");
    assert_eq!(no_rate(&[(0, -100), (365, -100)]), "no_sign_change");
    assert_eq!(no_rate(&[(0, 100), (365, 100)]), "no_sign_change");
    // A total loss: nothing ever came back.
    assert_eq!(no_rate(&[(0, -100), (365, 0), (730, -1)]), "no_sign_change");
    // What is paid and received on one day is one payment.
    assert_eq!(no_rate(&[(0, -100), (0, 100), (365, 50)]), "no_sign_change");
    // −1000g² + 2000g − 1500 has no real root.
    assert_eq!(no_rate(&[(0, -1_000), (365, 2_000), (730, -1_500)]), "no_root");
    for reason in [NoRate::NoCashFlows, NoRate::Unpriced(Vec::new()), NoRate::OneDay, NoRate::NoRoot] {
        assert!(!reason.description().is_empty());
    }
}

#[test]
fn of_several_roots_the_one_that_a_spreadsheet_reaches_is_reported_with_the_others() {
    // −4000g² + 25000g − 25000: 25 % and 400 %.
    let pump = [(0, -4_000), (365, 25_000), (730, -25_000)];
    assert_eq!((rate(&pump), others(&pump)), ("0.250000000000".to_owned(), vec!["4.000000000000".to_owned()]));
    assert!(found(&pump).has_several_roots());
    // (g − 0.5)(g − 1)(g − 1.5), in eighths: −50 %, 0 % and 50 %.
    let three = [(0, -8), (365, 24), (730, -22), (1095, 6)];
    assert_eq!(rate(&three), "0.000000000000");
    assert_eq!(others(&three), ["-0.500000000000", "0.500000000000"]);
}

#[test]
fn a_sum_that_only_touches_zero_has_one_root() {
    // −(1.1 − g)²
    assert_eq!(rate(&[(0, -1_000_000), (365, 2_200_000), (730, -1_210_000)]), "0.100000000000");
    assert!(others(&[(0, -1_000_000), (365, 2_200_000), (730, -1_210_000)]).is_empty());
    assert_eq!(rate(&[(0, -100), (365, 180), (730, -81)]), "-0.100000000000");
}

#[test]
fn roots_close_to_each_other_are_told_apart() {
    // (g − 1.1)(g − 1.1001), in ten-thousandths.
    let close = [(0, -1_000_000), (365, 2_200_100), (730, -1_210_110)];
    assert_eq!((rate(&close), others(&close)), ("0.100000000000".to_owned(), vec!["0.100100000000".to_owned()]));
}

#[test]
fn long_and_dense_histories_are_solved_too() {
    // A purchase and a distribution in turn, every third day for thirty years, and a little gain at the end.
    let mut payments: Vec<(u64, i64)> =
        (0..3_650).map(|step| (step * 3, if step % 2 == 0 { -1_000_000 } else { 1_000_500 })).collect();
    payments.push((11_000, 5_000_000));
    let rate = found(&payments);
    assert_root(&payments, &rate);
    // Payments five thousand years apart.
    let millennia = [(0, -1), (1_825_000, 1), (1_825_365, 1_000_000)];
    assert_root(&millennia, &found(&millennia));
}

/// Payments by day, none on one day twice.
fn payments() -> impl Strategy<Value = Vec<(u64, i64)>> {
    let amount = prop_oneof![-2_000_000_i64..2_000_000, -50_i64..50, -1_000_000_000_000_i64..1_000_000_000_000];
    let day = prop_oneof![0_u64..4_000, (0_u64..12).prop_map(|quarter| quarter * 91), 0_u64..40];
    proptest::collection::btree_map(day, amount, 2..14).prop_map(|days| days.into_iter().collect())
}

fn in_cents(payments: &[(u64, i64)]) -> Vec<(u64, BigInt)> {
    payments.iter().map(|(day, amount)| (*day, BigInt::from(*amount))).collect()
}

/// Discounting with a rate a little lower and a little higher gives values of opposite signs, or one that hardly
/// differs from nothing where the sum only touches zero.
fn assert_root(payments: &[(u64, i64)], found: &InternalRate) {
    let cents = in_cents(payments);
    for rate in std::iter::once(found.rate()).chain(found.others()) {
        let middle = decimal(&rate.value());
        let nudge = BigRational::new(1.into(), BigInt::from(10).pow(12));
        let worth = |rate| Discount::at(&rate).worth(&cents);
        let (lower, higher) = (worth(&middle - &nudge), worth(&middle + &nudge));
        let crosses = lower.is_zero() || higher.is_zero() || lower.is_negative() != higher.is_negative();
        let turnover: BigInt = cents.iter().map(|(_, amount)| amount.abs()).sum();
        // In units of 10^-60 cents: less than 10^-20 of everything that moved.
        let touches = lower.abs() < turnover * BigInt::from(10).pow(40);
        assert!(crosses || touches, "{} is no root of {payments:?}", rate.value());
    }
}

/// Rates from −99 % to 1000 %, close to each other around 0.
static GRID: LazyLock<Vec<Discount>> = LazyLock::new(|| {
    let rates = (-12_i64..=26).map(|step| BigRational::new((step * step * step).into(), 1_750.into()));
    rates.map(|rate| Discount::at(&rate)).collect()
});

/// Changes of sign of what the payments are worth on the grid.
fn sign_changes_on_grid(payments: &[(u64, i64)]) -> usize {
    let cents = in_cents(payments);
    // On both sides of 0 the worth has the same sign, though it is taken on different days.
    let worths = GRID.iter().map(|discount| discount.worth(&cents)).filter(|worth| !worth.is_zero());
    let signs: Vec<bool> = worths.map(|worth| worth.is_negative()).collect();
    signs.windows(2).filter(|pair| pair[0] != pair[1]).count()
}

proptest! {
    #![proptest_config(generate::config(150))]

    #[test]
    fn every_rate_makes_random_payments_worth_nothing(payments in payments()) {
        let seen = sign_changes_on_grid(&payments);
        match xirr(&flows(&payments)) {
            Ok(found) => {
                assert_root(&payments, &found);
                prop_assert!(seen <= 1 + found.others().len(), "a root of {payments:?} was missed");
            }
            Err(reason) => prop_assert!(seen == 0, "{} for {payments:?}", reason.name()),
        }
    }

    #[test]
    fn scaling_and_moving_payments_changes_nothing(payments in payments(), factor in 1_i64..1_000, later in 0_u64..3_000) {
        let moved: Vec<(u64, i64)> = payments.iter().map(|(day, amount)| (day + later, amount * factor)).collect();
        prop_assert_eq!(
            xirr(&flows(&payments)).map(|found| found.rate().value()),
            xirr(&flows(&moved)).map(|found| found.rate().value())
        );
    }

    #[test]
    fn cutting_a_payment_in_two_changes_nothing(payments in payments(), part in 1_i64..100) {
        let cut: Vec<(u64, i64)> = payments
            .iter()
            .flat_map(|(day, amount)| [(*day, amount * part / 100), (*day, amount - amount * part / 100)])
            .collect();
        prop_assert_eq!(xirr(&flows(&payments)), xirr(&flows(&cut)));
    }
}
