//! Amounts with their currency, and what is asked where they do not help.

use std::collections::BTreeSet;

use moic::json::Value;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Signed;

use super::amounts::{self, number};
use super::asking::{self, Asking};
use super::chain::{Chain, Kind};
use super::record::{Notes, Record, field};
use crate::draft::Question;

/// The question for the fund's currency.
pub(super) const CURRENCY: &str = "ocf.currency";
/// Fields that hold amounts of the fund's own securities and of what ends them.
const MONETARY_FIELDS: [&str; 6] =
    ["share_price", "cost_basis", "investment_amount", "purchase_price", "exercise_price", "price"];

/// An amount ≥ 0 in units of a currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Monetary<'v> {
    pub(super) amount: BigRational,
    pub(super) currency: &'v str,
}

impl Monetary<'_> {
    /// The amount in cents, not rounded.
    pub(super) fn in_cents(&self) -> BigRational {
        in_cents(&self.amount)
    }
}

/// Units of a currency in cents, not rounded.
pub(super) fn in_cents(units: &BigRational) -> BigRational {
    units * BigRational::from_integer(BigInt::from(100))
}

/// The monetary field `name` of an object; none where it is absent.
///
/// # Errors
/// What is wrong with it, and the part of the field that is.
pub(super) fn monetary<'v>(record: &Record<'v>, name: &str) -> Result<Option<Monetary<'v>>, (String, String)> {
    let Some(value) = record.field(name) else { return Ok(None) };
    let wrong = |part: &str, message: String| (format!("{name}.{part}"), message);
    let amount = field(value, "amount").ok_or_else(|| wrong("amount", "is required".to_owned()))?;
    let amount = number(amount).map_err(|message| wrong("amount", message))?;
    if amount.is_negative() {
        return Err(wrong("amount", "must not be negative".to_owned()));
    }
    let currency = field(value, "currency").and_then(Value::as_str).filter(|code| is_currency(code));
    let currency =
        currency.ok_or_else(|| wrong("currency", "must be a currency's code of three letters".to_owned()))?;
    Ok(Some(Monetary { amount, currency }))
}

fn is_currency(code: &str) -> bool {
    code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// The currency of the fund: the answer, or the only one that its securities are priced in.
pub(super) fn currency(
    chain: &Chain<'_>,
    vehicles: &BTreeSet<&str>,
    asking: &mut Asking<'_>,
    notes: &mut Notes,
) -> Option<String> {
    let issuances = chain.issuances.values().filter(|issuance| vehicles.contains(issuance.holder));
    let own: Vec<_> = issuances.filter(|issuance| issuance.kind != Kind::Compensation).collect();
    let ended = own.iter().flat_map(|issuance| chain.closed_by.get(issuance.security).into_iter().flatten());
    let closings = ended.filter_map(|index| chain.closings.get(*index)).map(|closing| closing.record);
    let records: Vec<Record<'_>> = own.iter().map(|issuance| issuance.record).chain(closings).collect();
    let mut found = BTreeSet::new();
    for record in &records {
        let fields = MONETARY_FIELDS.iter().filter_map(|name| record.field(name));
        found.extend(fields.filter_map(|value| field(value, "currency")?.as_str()).filter(|code| is_currency(code)));
    }
    if found.is_empty() && own.is_empty() {
        return None;
    }
    let only = found.first().filter(|_| found.len() == 1).map(|code| (*code).to_owned());
    let listed: Vec<&str> = found.iter().copied().collect();
    let question = Question {
        example: Some(listed.first().map_or("USD", |code| code).to_owned()),
        optional: only.is_some(),
        ..asking::question(
            CURRENCY.to_owned(),
            format!(
                "Which currency does the fund keep its accounts in? The amounts of its securities are in {}",
                if listed.is_empty() { "none".to_owned() } else { listed.join(", ") }
            ),
        )
    };
    let answered = asking.ask(question, notes, |answer| {
        if is_currency(answer) {
            Ok(answer.to_owned())
        } else {
            Err("must be a code of three capitals, as USD".to_owned())
        }
    });
    answered.or(only)
}

/// Whole cents of an exact amount, with a warning where they had to be rounded.
pub(super) fn whole_cents(amount: &BigRational, record: &Record<'_>, column: &str, notes: &mut Notes) -> BigInt {
    let (cents, is_exact) = amounts::cents(amount);
    if !is_exact {
        let message = format!("is no whole number of cents; rounded half-even to {cents} cents");
        notes.warn(record.place(column), amounts::shown(amount), message);
    }
    cents
}
