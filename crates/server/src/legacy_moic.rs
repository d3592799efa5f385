//! The legacy MOIC: Σ(ownership × latest post-money valuation + realised) / Σ amount, exact, for a fund and each of its
//! companies. Where a valuation or an ownership is missing there is no number, and the reason says so.

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{Signed, Zero};
use serde::Serialize;
use store::legacy_moic::{LegacyCompany, LegacyFund};
use utoipa::ToSchema;

/// Decimals of a multiple's value, its display, and its numerator.
const VALUE_DECIMALS: u32 = 12;
const DISPLAY_DECIMALS: u32 = 2;
const CENTS_DECIMALS: u32 = 6;

const COMPANY_BASIS: &str = "ownership × latest post-money valuation + realised";
const FUND_BASIS: &str = "gross";

/// The legacy MOIC of a fund.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LegacyMoic)]
pub(crate) struct FundView {
    /// The fund.
    fund_id: i64,
    /// Gross of fund fees and carry.
    basis: &'static str,
    /// ISO 4217 code of all amounts.
    currency: String,
    /// Sums over all companies.
    fund: Amounts,
    /// Each company with its basis.
    companies: Vec<CompanyView>,
}

/// The legacy MOIC of a company.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LegacyCompanyMoic)]
struct CompanyView {
    /// The company.
    company_id: i64,
    /// Its name.
    name: String,
    /// Its sector.
    sector: Option<String>,
    /// Multiple and amounts.
    #[serde(flatten)]
    amounts: Amounts,
    /// How the numerator comes about.
    basis: &'static str,
}

/// A multiple and what it is made of.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LegacyAmounts)]
struct Amounts {
    /// The multiple.
    moic: Multiple,
    /// Σ amount, in cents.
    invested_cents: String,
    /// Distributions and disposal proceeds, in cents.
    realised_cents: String,
    /// Σ ownership × latest valuation, in cents; null where it is not known.
    unrealised_cents: Option<String>,
}

/// A multiple or the reason why there is none.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LegacyMultiple)]
struct Multiple {
    /// Half-even to 6 decimals.
    numerator_cents: Option<String>,
    /// Whole cents.
    denominator_cents: Option<String>,
    /// Half-even to 12 decimals.
    value: Option<String>,
    /// Half-even to 2 decimals.
    display: Option<String>,
    /// `no_investments`, `unvalued` or `zero_cost` where there is no multiple.
    reason: Option<&'static str>,
}

/// Exact sums of one company or of several.
struct Position {
    has_investments: bool,
    invested: BigInt,
    realised: BigInt,
    /// None where a valuation or an ownership is missing.
    unrealised: Option<BigRational>,
}

/// Computes a fund's legacy MOIC.
pub(crate) fn of(fund: LegacyFund) -> FundView {
    let mut sum = Position {
        has_investments: false,
        invested: BigInt::zero(),
        realised: BigInt::zero(),
        unrealised: Some(BigRational::zero()),
    };
    let mut companies = Vec::with_capacity(fund.companies.len());
    for company in fund.companies {
        let position = position(&company);
        companies.push(CompanyView {
            company_id: company.id.0,
            name: company.name,
            sector: company.sector,
            amounts: amounts(&position),
            basis: COMPANY_BASIS,
        });
        sum.has_investments |= position.has_investments;
        sum.invested += position.invested;
        sum.realised += position.realised;
        sum.unrealised = sum.unrealised.zip(position.unrealised).map(|(sum, part)| sum + part);
    }
    FundView { fund_id: fund.id.0, basis: FUND_BASIS, currency: fund.currency, fund: amounts(&sum), companies }
}

fn position(company: &LegacyCompany) -> Position {
    let invested = company.investments.iter().map(|investment| BigInt::from(investment.amount_cents)).sum();
    let unrealised = if company.investments.is_empty() {
        Some(BigRational::zero())
    } else {
        let ownership: Option<BigRational> =
            company.investments.iter().map(|investment| ratio(investment.ownership.as_deref()?)).sum();
        ownership.zip(company.latest_valuation).map(|(owned, (valuation, _))| owned * BigInt::from(valuation))
    };
    Position {
        has_investments: !company.investments.is_empty(),
        invested,
        realised: BigInt::from(company.realised_cents),
        unrealised,
    }
}

fn amounts(position: &Position) -> Amounts {
    let reason = if !position.has_investments {
        Some("no_investments")
    } else if position.unrealised.is_none() {
        Some("unvalued")
    } else if position.invested.is_zero() {
        Some("zero_cost")
    } else {
        None
    };
    let value = position.unrealised.as_ref().map(|unrealised| unrealised + &position.realised);
    let multiple = value.as_ref().filter(|_| reason.is_none()).map(|value| value / &position.invested);
    Amounts {
        moic: Multiple {
            numerator_cents: value.as_ref().map(|value| shortest(&decimal(value, CENTS_DECIMALS))),
            denominator_cents: Some(position.invested.to_string()),
            value: multiple.as_ref().map(|multiple| decimal(multiple, VALUE_DECIMALS)),
            display: multiple.as_ref().map(|multiple| format!("{}x", decimal(multiple, DISPLAY_DECIMALS))),
            reason,
        },
        invested_cents: position.invested.to_string(),
        realised_cents: position.realised.to_string(),
        unrealised_cents: position.unrealised.as_ref().map(|unrealised| shortest(&decimal(unrealised, CENTS_DECIMALS))),
    }
}

/// A stored ownership: a decimal or a fraction, checked when it was stored.
fn ratio(text: &str) -> Option<BigRational> {
    if let Some((numerator, denominator)) = text.split_once('/') {
        let denominator: BigInt = denominator.parse().ok()?;
        return if denominator.is_zero() { None } else { Some(BigRational::new(numerator.parse().ok()?, denominator)) };
    }
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits: BigInt = format!("{whole}{part}").parse().ok()?;
    Some(BigRational::new(digits, power_of_ten(u32::try_from(part.len()).ok()?)))
}

fn power_of_ten(exponent: u32) -> BigInt {
    BigInt::from(10).pow(exponent)
}

/// `value` rounded half-even to `decimals` decimals.
fn decimal(value: &BigRational, decimals: u32) -> String {
    let scaled = value * power_of_ten(decimals);
    let (floor, remainder) = scaled.numer().div_mod_floor(scaled.denom());
    let doubled: BigInt = remainder * 2;
    let up = doubled > *scaled.denom() || (doubled == *scaled.denom() && floor.is_odd());
    let rounded = if up { floor + 1 } else { floor };
    let sign = if rounded.is_negative() { "-" } else { "" };
    let (whole, part) = rounded.abs().div_rem(&power_of_ten(decimals));
    let width = usize::try_from(decimals).unwrap_or(0);
    format!("{sign}{whole}.{:0>width$}", part.to_string())
}

fn shortest(decimal: &str) -> String {
    decimal.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::legacy_moic::LegacyInvestment;
    use store::{CompanyId, FundId};

    fn company(id: i64, investments: &[(i64, Option<&str>)], valuation: Option<i64>, realised: i128) -> LegacyCompany {
        LegacyCompany {
            id: CompanyId(id),
            name: format!("Company {id}"),
            sector: None,
            investments: investments
                .iter()
                .map(|(amount_cents, ownership)| LegacyInvestment {
                    amount_cents: *amount_cents,
                    ownership: ownership.map(str::to_owned),
                })
                .collect(),
            latest_valuation: valuation.map(|valuation| (valuation, jiff::civil::date(2024, 1, 1))),
            realised_cents: realised,
        }
    }

    fn fund(companies: Vec<LegacyCompany>) -> FundView {
        of(LegacyFund { id: FundId(7), currency: "USD".to_owned(), revision: 1, companies })
    }

    #[test]
    fn c3_ownership_times_latest_valuation_plus_realised_over_amount() {
        let view = fund(vec![company(
            1,
            &[(250_000_000, Some("0.15")), (100_000_000, Some("0.05"))],
            Some(2_000_000_000),
            50_000_000,
        )]);
        let moic = &view.companies[0].amounts.moic;
        assert_eq!(moic.numerator_cents.as_deref(), Some("450000000"));
        assert_eq!(moic.denominator_cents.as_deref(), Some("350000000"));
        assert_eq!(moic.value.as_deref(), Some("1.285714285714"));
        assert_eq!(moic.display.as_deref(), Some("1.29x"));
        assert_eq!(view.fund.moic.display.as_deref(), Some("1.29x"));
    }

    #[test]
    fn c3_the_fund_is_sum_over_sum_and_not_a_mean_of_ratios() {
        let view =
            fund(vec![company(1, &[(100, Some("1"))], Some(300), 0), company(2, &[(900, Some("1"))], Some(900), 0)]);
        assert_eq!(view.fund.moic.value.as_deref(), Some("1.200000000000"));
    }

    #[test]
    fn a_missing_valuation_or_ownership_is_unvalued_and_not_zero() {
        for companies in
            [vec![company(1, &[(100, Some("0.1"))], None, 0)], vec![company(1, &[(100, None)], Some(5), 0)]]
        {
            let view = fund(companies);
            assert_eq!((view.fund.moic.reason, &view.fund.moic.value), (Some("unvalued"), &None));
            assert_eq!(view.fund.unrealised_cents, None);
        }
    }

    #[test]
    fn an_empty_fund_has_no_investments() {
        assert_eq!(fund(Vec::new()).fund.moic.reason, Some("no_investments"));
        assert_eq!(fund(vec![company(1, &[], None, 0)]).companies[0].amounts.moic.reason, Some("no_investments"));
        assert_eq!(fund(vec![company(1, &[(0, Some("0.1"))], Some(9), 0)]).fund.moic.reason, Some("zero_cost"));
    }

    #[test]
    fn fractions_are_exact_and_halves_go_to_even() {
        let view = fund(vec![company(1, &[(200, Some("1/3"))], Some(603), 0)]);
        assert_eq!(view.fund.moic.display.as_deref(), Some("1.00x"));
        assert_eq!(view.fund.moic.value.as_deref(), Some("1.005000000000"));
        let view = fund(vec![company(1, &[(200, Some("1"))], Some(203), 0)]);
        assert_eq!(view.fund.moic.display.as_deref(), Some("1.02x"));
    }
}
