//! The exercise of warrants.

use jiff::civil::Date;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::amounts::{self, shown};
use super::asking::question;
use super::chain::{Closing, Kind};
use super::closing::{Made, Refusal, sum_of};
use super::holdings::{Instrument, Lot, Part, take, total};
use super::ledger::{Event, Fact, Ledger};
use crate::draft::Question;

impl<'v> Ledger<'v, '_, '_> {
    /// A warrant becomes shares; what it does not become is given up.
    pub(super) fn exercise(
        &mut self,
        closing: &Closing<'v>,
        mut parts: Vec<Part>,
        class: Option<&'v str>,
        date: Date,
    ) -> Result<(), Refusal> {
        const RESULTS: &str = "resulting_security_ids";
        let made = self.made(closing, Kind::Stock)?;
        let to = self.only_class(&made)?;
        let (size, held) = (sum_of(&made), total(&parts));
        if let Some(stranger) = made.iter().find(|made| !made.is_own) {
            return Err((
                RESULTS,
                format!("{} goes to another holder; only a transfer does that", stranger.issuance.security),
            ));
        }
        if size > held {
            return Err((RESULTS, format!("have {} shares, and the warrant is for {}", shown(&size), shown(&held))));
        }
        if class != Some(to) {
            self.change_class(closing, &mut parts, to, BigRational::one(), date)?;
        }
        self.holdings.isolate(&mut parts, date).map_err(|message| ("security_id", message))?;
        let cash = self.cash(closing, &parts, &size, &held, date);
        let mut kept = self.exercised(closing, &parts, &made, cash, date);
        let lost = &held - &size;
        if lost.is_positive() {
            let message = format!(
                "{} of {} shares result: the rest of the warrant is read as given up for nothing",
                shown(&size),
                shown(&held)
            );
            self.notes.warn(closing.record.place(RESULTS), shown(&size), message);
            let given_up = take(&mut kept, &lost);
            self.sell(closing, given_up, Some(BigInt::zero()), date)?;
        }
        self.hand_over(closing, kept, made, Some(to), date).map(drop)
    }

    /// Cash paid by lot: strike times shares where the whole warrant becomes shares; otherwise it is asked for, since an
    /// exercise without cash gives fewer shares.
    fn cash(
        &mut self,
        closing: &Closing<'v>,
        parts: &[Part],
        size: &BigRational,
        held: &BigRational,
        date: Date,
    ) -> Vec<Option<BigInt>> {
        if size == held {
            let by_strike = |part: &Part| {
                let lot = self.holdings.lots.get(part.lot)?;
                let strike = price_of(lot.strike.as_deref()?)?;
                Some(amounts::half_even(&(strike * &lot.acquired)))
            };
            // An unanswered question about the strike leaves the cash open as well.
            return parts.iter().map(by_strike).collect();
        }
        let text = format!(
            "What did the fund pay, in {}, to exercise the warrant {} on {date}? {} of {} shares result; 0 for an exercise without cash",
            self.currency.unwrap_or("the fund's currency"),
            closing.sources.join(", "),
            shown(size),
            shown(held)
        );
        let asked =
            Question { example: Some("0".to_owned()), ..question(format!("ocf.cash.{}", closing.record.key()), text) };
        let paid = self.asking.cents(asked, &mut self.notes);
        let mut left = paid.clone();
        let last = parts.len().saturating_sub(1);
        let share = |(position, part): (usize, &Part)| {
            let whole = paid.clone()?;
            let cents = if position == last {
                left.clone()?
            } else {
                amounts::half_even(&(BigRational::from_integer(whole) * &part.shares / held))
            };
            left = left.take().map(|left| left - &cents);
            Some(cents)
        };
        parts.iter().enumerate().map(share).collect()
    }

    /// Empties the warrants and makes the lots that come of them.
    fn exercised(
        &mut self,
        closing: &Closing<'v>,
        parts: &[Part],
        made: &[Made<'v>],
        cash: Vec<Option<BigInt>>,
        date: Date,
    ) -> Vec<Part> {
        let mut kept = Vec::new();
        for (position, (part, cash)) in parts.iter().zip(cash).enumerate() {
            let Some(warrant) = self.holdings.lots.get_mut(part.lot) else { continue };
            let id = made.first().map_or_else(|| warrant.id.clone(), |made| made.issuance.security.to_owned());
            let id = if position == 0 { id } else { format!("{id}/{}", warrant.id) };
            let new = Lot {
                id,
                instrument: Instrument::Equity,
                is_secondary: false,
                date,
                class: warrant.class_now(),
                acquired: part.shares.clone(),
                held: part.shares.clone(),
                cost: None,
                price: None,
                strike: None,
                conversion: None,
                transitions: Vec::new(),
                factor: BigRational::one(),
                emptied_on: None,
                sold_on: None,
                is_exercised: true,
                record: closing.record,
            };
            warrant.held = BigRational::zero();
            warrant.emptied_on = Some(date);
            let new = self.holdings.add(new);
            self.events.push(Event {
                date,
                fact: Fact::Exercise { lot: part.lot, new_lot: new.lot, cash },
                record: closing.record,
            });
            kept.push(new);
        }
        kept
    }
}

/// A price as the document has it: a decimal or a fraction of cents.
fn price_of(text: &str) -> Option<BigRational> {
    match text.split_once('/') {
        Some((numerator, denominator)) => {
            let (numerator, denominator) = (numerator.parse().ok()?, denominator.parse::<BigInt>().ok()?);
            (!denominator.is_zero()).then(|| BigRational::new(numerator, denominator))
        }
        None => amounts::decimal(text).ok(),
    }
}
