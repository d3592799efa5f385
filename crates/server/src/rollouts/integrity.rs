//! Whether a completed snapshot agrees with itself: the identities of `moic.md` §5 on the numbers as they are stored, with
//! integers and nothing of the engine that computed them. One that does not is proof, and rolls back.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_traits::{Signed, Zero};
use serde::Deserialize;

/// Decimals of a numerator or denominator.
const DECIMALS: usize = 6;

/// Identities that the lenses of a company, a sector and a fund satisfy: the whole, and its parts. A part that is not there
/// is 0; under the policy `separate` secondary lots are a part of their own.
const IDENTITIES: [(&str, [&str; 3]); 2] = [
    ("current_moic", ["current_moic_initial", "current_moic_deployed_reserves", "current_moic_secondary"]),
    ("exit_moic", ["exit_moic_initial", "exit_moic_follow_ons", "exit_moic_secondary"]),
];

#[derive(Deserialize)]
struct Stored {
    fund: Lenses,
    #[serde(default)]
    sectors: Vec<Lenses>,
    companies: Vec<Company>,
}

#[derive(Deserialize)]
struct Company {
    id: String,
    #[serde(flatten)]
    lenses: Lenses,
}

#[derive(Deserialize)]
struct Lenses {
    lenses: BTreeMap<String, Lens>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Lens {
    numerator_cents: Option<String>,
    denominator_cents: Option<String>,
    value: Option<String>,
    reason: Option<String>,
}

/// What is wrong with a result, if anything is. Sums of a fund are not compared where its policy leaves companies out.
pub(crate) fn violation(result: &str) -> Option<String> {
    let result: Stored = match serde_json::from_str(result) {
        Ok(result) => result,
        Err(error) => return Some(format!("the result cannot be read: {error}")),
    };
    let of_company =
        |company: &Company| parts(&company.lenses).map(|identity| format!("{identity} of the company {}", company.id));
    let of_fund = || parts(&result.fund).map(|identity| format!("{identity} of the fund"));
    let of_sectors = || result.sectors.iter().find_map(parts).map(|identity| format!("{identity} of a sector"));
    let of_sums = || {
        sums(&result.fund, &result.companies).map(|lens| format!("{lens} of the fund is not the sum of its companies"))
    };
    result.companies.iter().find_map(of_company).or_else(of_fund).or_else(of_sectors).or_else(of_sums)
}

/// A whole whose parts do not add up to it.
fn parts(of: &Lenses) -> Option<String> {
    IDENTITIES.iter().find_map(|(whole, parts)| {
        let whole_lens = of.lenses.get(*whole)?;
        // Null lenses have sides that say something else, such as what is priced so far.
        whole_lens.value.as_ref()?;
        let parts: Vec<&Lens> = parts.iter().filter_map(|part| of.lenses.get(*part)).collect();
        if parts.iter().any(|part| part.is_unknown()) {
            return None;
        }
        let is_sum = |side: fn(&Lens) -> Option<&String>| {
            let sum: Option<BigInt> = parts.iter().map(|part| micro(side(part).map_or("0", String::as_str))).sum();
            let whole = side(whole_lens).and_then(|text| micro(text));
            matches!((sum, whole), (Some(sum), Some(whole)) if is_close(&sum, &whole, parts.len()))
        };
        let agrees = is_sum(|lens| lens.numerator_cents.as_ref()) && is_sum(|lens| lens.denominator_cents.as_ref());
        (!agrees).then(|| (*whole).to_owned())
    })
}

/// A lens of the fund that is not the sum of its companies'.
fn sums(fund: &Lenses, companies: &[Company]) -> Option<String> {
    fund.lenses.iter().find_map(|(name, lens)| {
        lens.value.as_ref()?;
        let of_companies: Vec<&Lens> = companies.iter().filter_map(|company| company.lenses.lenses.get(name)).collect();
        if of_companies.len() != companies.len() || of_companies.iter().any(|lens| lens.is_unknown()) {
            return None;
        }
        let sum: Option<BigInt> =
            of_companies.iter().map(|lens| micro(lens.denominator_cents.as_deref().unwrap_or("0"))).sum();
        let whole = lens.denominator_cents.as_deref().and_then(micro);
        let agrees = matches!((sum, whole), (Some(sum), Some(whole)) if is_close(&sum, &whole, companies.len()));
        (!agrees).then(|| name.clone())
    })
}

impl Lens {
    /// Whether its sides are not known, so that nothing follows from them.
    fn is_unknown(&self) -> bool {
        matches!(self.reason.as_deref(), Some("unpriced" | "exit_unpriced" | "no_exit_case"))
    }
}

/// Each term was rounded by itself, by half a unit of its last decimal at most.
fn is_close(sum: &BigInt, whole: &BigInt, terms: usize) -> bool {
    (sum - whole).abs() <= BigInt::from(terms + 1)
}

/// A decimal with up to 6 decimals in units of the last one.
fn micro(text: &str) -> Option<BigInt> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    if part.len() > DECIMALS {
        return None;
    }
    let number: BigInt = format!("{whole}{part:0<DECIMALS$}").parse().ok()?;
    Some(if number.is_zero() { number } else { number * sign })
}

#[cfg(test)]
mod tests {
    use super::*;
    use moic::Portfolio;

    fn result() -> String {
        let document = include_str!("../../../../examples/demo-fund.json");
        let portfolio = Portfolio::from_json(document.as_bytes()).unwrap();
        String::from_utf8(portfolio.evaluate().to_json()).unwrap()
    }

    #[test]
    fn a_real_result_agrees_with_itself() {
        assert_eq!(violation(&result()), None);
    }

    #[test]
    fn one_number_that_is_changed_is_found() {
        let mut value: serde_json::Value = serde_json::from_str(&result()).unwrap();
        let companies = value["companies"].as_array_mut().unwrap();
        let lens = companies
            .iter_mut()
            .map(|company| &mut company["lenses"]["current_moic"])
            .find(|lens| !lens["value"].is_null())
            .unwrap();
        lens["numeratorCents"] = "1".into();
        assert!(violation(&value.to_string()).unwrap().starts_with("current_moic of the company"));
        let mut value: serde_json::Value = serde_json::from_str(&result()).unwrap();
        value["fund"]["lenses"]["current_moic"]["denominatorCents"] = "1".into();
        assert!(violation(&value.to_string()).unwrap().contains("of the fund"));
        assert!(violation("{").unwrap().contains("cannot be read"));
    }

    #[test]
    fn decimals_are_read_exactly() {
        assert_eq!(micro("437000850.003138"), Some(BigInt::from(437_000_850_003_138_i64)));
        assert_eq!(micro("-0.5"), Some(BigInt::from(-500_000)));
        assert_eq!(micro("1.0000001"), None);
        assert_eq!(micro("x"), None);
    }
}
