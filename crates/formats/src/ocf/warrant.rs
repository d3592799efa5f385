//! Warrants that the fund bought: their class, shares and strike, which packages say in several places or not at all.

use moic::json::Value;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Signed;

use super::amounts::{self, price_text, shares_text, shown};
use super::asking::{self, question};
use super::chain::{Action, Issuance};
use super::holdings::Instrument;
use super::ledger::Ledger;
use super::money::whole_cents;
use super::purchase::Bought;
use super::record::{Record, field};
use crate::draft::Question;

impl<'v> Ledger<'v, '_, '_> {
    pub(super) fn bought_warrant(&mut self, issuance: &Issuance<'v>, is_secondary: bool) -> Option<Bought<'v>> {
        let record = issuance.record;
        let class = self.class_of_warrant(issuance);
        let acquired = self.warrant_shares(issuance);
        let what = format!("the warrant {}", record.text("custom_id").unwrap_or(issuance.security));
        let strike = self.strike(issuance, &what);
        let paid = self.money(&record, "purchase_price");
        let cost = match paid {
            _ if is_secondary => self.secondary_cost(issuance, &what),
            Some(paid) if self.is_in_funds_currency(&paid) => {
                Some(whole_cents(&paid.amount, &record, "purchase_price", &mut self.notes))
            }
            Some(paid) => {
                self.asked_cost(issuance, &format!("{what}, issued for {} {}", shown(&paid.amount), paid.currency))
            }
            None => self.asked_cost(issuance, &what),
        };
        // Without class or shares nothing can follow; an unanswered question about them keeps the reading open.
        Some(Bought {
            instrument: Instrument::Warrant,
            class: Some(class?),
            acquired: acquired?,
            cost,
            price: None,
            strike,
        })
    }

    /// The strike price in cents per share.
    fn strike(&mut self, issuance: &Issuance<'v>, what: &str) -> Option<String> {
        let record = issuance.record;
        let price = self.money(&record, "exercise_price");
        if let Some(price) = price.as_ref().filter(|price| self.is_in_funds_currency(price)) {
            let text = price_text(&price.in_cents());
            if text.is_none() {
                self.notes.problem(
                    record.place("exercise_price"),
                    record.shown("exercise_price"),
                    "has too many decimals",
                );
            }
            return text;
        }
        let stated = price.map(|price| format!(" (the package says {} {})", shown(&price.amount), price.currency));
        let text = format!(
            "What is the strike price per share, in {}, of {what}{}? Security {}",
            self.currency_shown(),
            stated.unwrap_or_default(),
            issuance.security
        );
        let asked = Question {
            example: Some("1.25".to_owned()),
            ..question(format!("ocf.strike.{}", issuance.security), text)
        };
        self.asking.ask(asked, &mut self.notes, |answer| {
            let strike = asking::amount(answer)? * BigRational::from_integer(BigInt::from(100));
            price_text(&strike).ok_or_else(|| "has too many decimals".to_owned())
        })
    }

    /// The shares that a warrant buys: its quantity, or the only fixed amount that its triggers name.
    fn warrant_shares(&mut self, issuance: &Issuance<'v>) -> Option<BigRational> {
        let record = issuance.record;
        let fixed = fixed_amounts(&record);
        let only = fixed.first().filter(|first| fixed.iter().all(|other| other == *first)).cloned();
        if record.field("quantity").is_some() {
            let shares = self.shares(&record, "quantity")?;
            if let Some(other) = fixed.iter().find(|fixed| **fixed != shares) {
                let message = format!("a trigger converts to {} shares instead; the quantity is read", shown(other));
                self.notes.warn(record.place("quantity"), shown(&shares), message);
            }
            return Some(shares);
        }
        let is_usable = |shares: &BigRational| shares.is_positive() && shares_text(shares).is_some();
        if let Some(only) = only.filter(is_usable) {
            return Some(only);
        }
        let text = format!("For how many shares is the warrant {}? The package does not say it", issuance.security);
        let asked = Question {
            example: Some("10000".to_owned()),
            ..question(format!("ocf.shares.{}", issuance.security), text)
        };
        self.asking.ask(asked, &mut self.notes, |answer| {
            let shares = asking::amount(answer)?;
            if is_usable(&shares) { Ok(shares) } else { Err("must be above 0 and have at most 8 decimals".to_owned()) }
        })
    }

    /// The class that a warrant buys shares of: the only one that its triggers name, or the one that its exercise gave.
    fn class_of_warrant(&mut self, issuance: &Issuance<'v>) -> Option<&'v str> {
        let record = issuance.record;
        let mut named: Vec<&'v str> =
            rights(&record).filter_map(|right| field(right, "converts_to_stock_class_id")?.as_str()).collect();
        named.sort_unstable();
        named.dedup();
        let exercised = self.chain.closed_by.get(issuance.security).into_iter().flatten();
        let exercised = exercised.filter_map(|index| self.chain.closings.get(*index));
        let mut results =
            exercised.filter(|closing| closing.action == Action::Exercise).flat_map(|closing| &closing.results);
        let given = results.find_map(|result| self.chain.issuances.get(result)?.record.text("stock_class_id"));
        let class = match named.as_slice() {
            [only] => Some(*only),
            _ => given,
        };
        if class.is_some() {
            return class;
        }
        let text = format!(
            "Which class does the warrant {} buy shares of? The package names {}",
            issuance.security,
            if named.is_empty() { "none".to_owned() } else { named.join(", ") }
        );
        let asked =
            Question { choices: self.classes.choices(), ..question(format!("ocf.class.{}", issuance.security), text) };
        let chosen = self.asking.choice(asked, &mut self.notes)?;
        self.classes.id(&chosen)
    }
}

/// The conversion rights of a warrant's triggers.
fn rights<'v>(record: &Record<'v>) -> impl Iterator<Item = &'v Value<'v>> {
    let triggers = record.field("exercise_triggers").and_then(Value::as_array).unwrap_or_default();
    triggers.iter().filter_map(|trigger| field(trigger, "conversion_right"))
}

/// The fixed numbers of shares that a warrant's triggers name.
fn fixed_amounts(record: &Record<'_>) -> Vec<BigRational> {
    let mechanisms = rights(record).filter_map(|right| field(right, "conversion_mechanism"));
    let amounts = mechanisms.filter_map(|mechanism| field(mechanism, "converts_to_quantity"));
    amounts.filter_map(|amount| amounts::number(amount).ok()).collect()
}
