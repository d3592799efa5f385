//! The fund's lots while a package is replayed: what each holds, and how it is cut, restated, converted and sold.
//!
//! A lot of the portfolio document has one history. Where a part of a lot goes its own way, as with the conversion of some
//! of its shares, the lot is cut in two from its purchase on, which changes no multiple.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use moic::EXACT_BITS_MAX;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};

use super::amounts::{half_even, shares_text, shown};
use super::record::Record;

/// The class that principal is sold in: a SAFE or note has no shares that a disposal could name.
pub(super) const PRINCIPAL: &str = "Principal of SAFEs and notes, sold unconverted";

/// What a lot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Instrument {
    Equity,
    Safe,
    Note,
    Warrant,
}

/// A change of class, of all shares of a lot.
#[derive(Clone)]
pub(super) struct Transition<'v> {
    pub(super) date: Date,
    /// The id of the new class.
    pub(super) to: &'v str,
    /// New shares for one old share.
    pub(super) ratio: BigRational,
    pub(super) record: Record<'v>,
}

/// The conversion of a SAFE or note.
#[derive(Clone)]
pub(super) struct LotConversion<'v> {
    pub(super) date: Date,
    pub(super) record: Record<'v>,
}

/// A lot with its history.
#[derive(Clone)]
pub(super) struct Lot<'v> {
    pub(super) id: String,
    pub(super) instrument: Instrument,
    /// Bought from another holder.
    pub(super) is_secondary: bool,
    /// The purchase, or the exercise that made the lot.
    pub(super) date: Date,
    /// The id of the class bought, or converted into; none for a SAFE or note before its conversion.
    pub(super) class: Option<&'v str>,
    /// Shares bought or converted into, or the principal of a SAFE or note in units of its currency.
    pub(super) acquired: BigRational,
    /// In whole cents; none while a question is open.
    pub(super) cost: Option<BigInt>,
    pub(super) price: Option<String>,
    pub(super) strike: Option<String>,
    pub(super) conversion: Option<LotConversion<'v>>,
    pub(super) transitions: Vec<Transition<'v>>,
    /// Shares now for one share acquired: the product of all splits and transitions.
    pub(super) factor: BigRational,
    /// What is left, in shares of now.
    pub(super) held: BigRational,
    /// When the last of it went.
    pub(super) emptied_on: Option<Date>,
    /// When something of it was sold last.
    pub(super) sold_on: Option<Date>,
    /// Whether an exercise made it: then it is no entry of `lots`.
    pub(super) is_exercised: bool,
    /// The issuance.
    pub(super) record: Record<'v>,
}

impl<'v> Lot<'v> {
    /// The class it is of now.
    pub(super) fn class_now(&self) -> Option<&'v str> {
        self.transitions.last().map(|transition| transition.to).or(self.class)
    }

    /// When it came into its first class.
    pub(super) fn entered(&self) -> Date {
        self.conversion.as_ref().map_or(self.date, |conversion| conversion.date)
    }

    fn restate(&mut self, ratio: &BigRational) -> Result<(), String> {
        self.factor *= ratio;
        self.held *= ratio;
        if self.factor.numer().bits().max(self.factor.denom().bits()) > EXACT_BITS_MAX {
            return Err(format!("the exact number of shares needs more than {EXACT_BITS_MAX} bits"));
        }
        Ok(())
    }
}

/// Shares of a lot, or principal, that a security stands for.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) lot: usize,
    pub(super) shares: BigRational,
}

/// The sum of parts.
pub(super) fn total(parts: &[Part]) -> BigRational {
    parts.iter().fold(BigRational::zero(), |sum, part| sum + &part.shares)
}

/// Takes `shares` from the front of `parts`, which hold at least so many.
pub(super) fn take(parts: &mut Vec<Part>, shares: &BigRational) -> Vec<Part> {
    let mut missing = shares.clone();
    let mut whole = 0;
    while let Some(part) = parts.get(whole).filter(|part| part.shares <= missing) {
        missing -= &part.shares;
        whole += 1;
    }
    let mut taken: Vec<Part> = parts.drain(..whole).collect();
    if !missing.is_zero()
        && let Some(cut) = parts.first_mut()
    {
        cut.shares -= &missing;
        taken.push(Part { lot: cut.lot, shares: missing });
    }
    taken
}

/// All lots.
pub(super) struct Holdings<'v> {
    pub(super) lots: Vec<Lot<'v>>,
    /// Ids that no new lot may have.
    taken: BTreeSet<String>,
    /// The number of the last cut, by the id of the lot that was cut.
    cuts: BTreeMap<String, usize>,
}

impl<'v> Holdings<'v> {
    /// No lots. No cut-off lot will have one of the ids `taken`.
    pub(super) fn new(taken: BTreeSet<String>) -> Self {
        Self { lots: Vec::new(), taken, cuts: BTreeMap::new() }
    }

    /// Adds a lot and returns the part that is all of it.
    pub(super) fn add(&mut self, lot: Lot<'v>) -> Part {
        let part = Part { lot: self.lots.len(), shares: lot.held.clone() };
        self.lots.push(lot);
        part
    }

    /// The lots of `parts`, without repetition.
    pub(super) fn lots_of(parts: &[Part]) -> BTreeSet<usize> {
        parts.iter().map(|part| part.lot).collect()
    }

    /// Multiplies everything in `class` by `ratio`; whether anything was there.
    ///
    /// # Errors
    /// When a number of shares becomes too long.
    pub(super) fn split(&mut self, class: &str, ratio: &BigRational) -> Result<bool, String> {
        let mut found = false;
        for lot in self.lots.iter_mut().filter(|lot| lot.class_now() == Some(class)) {
            found |= !lot.held.is_zero();
            lot.restate(ratio)?;
        }
        Ok(found)
    }

    /// Makes lots of their own of `parts`, so that what is done to the lots is done to nothing else. What was sold of them on
    /// `date` counts as something else too: in the portfolio document sales are the last of a day.
    ///
    /// # Errors
    /// Where a part cannot be written as shares of a lot.
    pub(super) fn isolate(&mut self, parts: &mut Vec<Part>, date: Date) -> Result<(), String> {
        // Parts of one lot are one part from here on.
        let mut merged: Vec<Part> = Vec::new();
        let mut at: BTreeMap<usize, usize> = BTreeMap::new();
        for part in parts.drain(..) {
            match at.get(&part.lot).and_then(|position| merged.get_mut(*position)) {
                Some(known) => known.shares += part.shares,
                None => {
                    at.insert(part.lot, merged.len());
                    merged.push(part);
                }
            }
        }
        for part in &mut merged {
            self.cut(part, date)?;
        }
        *parts = merged;
        Ok(())
    }

    fn cut(&mut self, part: &mut Part, date: Date) -> Result<(), String> {
        let next = self.lots.len();
        let Some(id) = self.lots.get(part.lot).map(|lot| lot.id.clone()) else { return Ok(()) };
        let new_id = self.cut_id(&id, part, date);
        let (Some(lot), Some(new_id)) = (self.lots.get_mut(part.lot), new_id) else { return Ok(()) };
        if lot.is_exercised {
            return Err(format!(
                "the lot {id} comes of an exercise, and a part of it ({} of {} shares) goes its own way, which the portfolio \
                 document cannot say yet",
                shown(&part.shares),
                shown(&lot.held)
            ));
        }
        let acquired = &part.shares / &lot.factor;
        if shares_text(&acquired).is_none() {
            return Err(format!(
                "{} shares of the lot {id} go their own way, which were {acquired} when they were bought: that has more than 8 \
                 decimals and no lot can be cut there",
                shown(&part.shares)
            ));
        }
        let cost = lot
            .cost
            .as_ref()
            .map(|cost| half_even(&(BigRational::from_integer(cost.clone()) * &acquired / &lot.acquired)));
        let mut new = Lot { id: new_id, held: part.shares.clone(), emptied_on: None, sold_on: None, ..lot.clone() };
        lot.acquired -= &acquired;
        lot.held -= &part.shares;
        lot.emptied_on = lot.held.is_zero().then_some(date);
        lot.cost = lot.cost.take().zip(cost.clone()).map(|(whole, part)| whole - part);
        new.acquired = acquired;
        new.cost = cost;
        part.lot = next;
        self.lots.push(new);
        Ok(())
    }

    /// The id of the lot that a cut makes; none where the part is all that is left of its lot and nothing is cut.
    fn cut_id(&mut self, id: &str, part: &Part, date: Date) -> Option<String> {
        self.lots.get(part.lot).filter(|lot| lot.held != part.shares || lot.sold_on == Some(date))?;
        let number = self.cuts.entry(id.to_owned()).or_insert(1);
        loop {
            *number += 1;
            let cut = format!("{id}/{number}");
            if self.taken.insert(cut.clone()) {
                return Some(cut);
            }
        }
    }

    /// Changes class and shares of `parts`.
    ///
    /// # Errors
    /// Where the portfolio document cannot say it.
    pub(super) fn convert(&mut self, parts: &mut Vec<Part>, transition: &Transition<'v>) -> Result<(), String> {
        let to_same = |lot: &Lot<'_>| lot.class_now() == Some(transition.to);
        if transition.ratio.is_one() && parts.iter().all(|part| self.lots.get(part.lot).is_none_or(to_same)) {
            return Ok(());
        }
        self.isolate(parts, transition.date)?;
        for part in parts {
            let Some(lot) = self.lots.get_mut(part.lot) else { continue };
            let date = transition.date;
            if lot.entered() == date && lot.transitions.is_empty() {
                if lot.is_exercised {
                    return Err(format!(
                        "the lot {} is exercised and converted on one day, which the portfolio document cannot say yet",
                        lot.id
                    ));
                }
                // Bought and converted on one day: what was bought is what came of it.
                lot.class = Some(transition.to);
                lot.acquired *= &transition.ratio;
                lot.held *= &transition.ratio;
                if shares_text(&lot.acquired).is_none() {
                    return Err(format!(
                        "{} shares come of the lot {}, which has more than 8 decimals",
                        lot.acquired, lot.id
                    ));
                }
                lot.price = None;
            } else {
                match lot.transitions.last_mut().filter(|last| last.date == date) {
                    Some(last) => {
                        last.to = transition.to;
                        last.ratio *= &transition.ratio;
                    }
                    None => lot.transitions.push(transition.clone()),
                }
                lot.restate(&transition.ratio)?;
            }
            part.shares = lot.held.clone();
        }
        Ok(())
    }

    /// Turns the principal of `parts`, which are lots of their own, into `shares` of a class.
    pub(super) fn convert_principal(
        &mut self,
        parts: &mut [Part],
        class: &'v str,
        shares: &[BigRational],
        conversion: &LotConversion<'v>,
    ) {
        for (part, shares) in parts.iter_mut().zip(shares) {
            let Some(lot) = self.lots.get_mut(part.lot) else { continue };
            lot.class = Some(class);
            if lot.date == conversion.date {
                // On its day a conversion comes before the purchases: what is converted then was shares from the start.
                lot.instrument = Instrument::Equity;
            } else {
                lot.conversion = Some(conversion.clone());
            }
            lot.acquired = shares.clone();
            lot.held = shares.clone();
            lot.factor = BigRational::one();
            part.shares = shares.clone();
        }
    }

    /// Takes `parts` out of their lots, on a date.
    pub(super) fn dispose(&mut self, parts: &[Part], date: Date) {
        for part in parts {
            let Some(lot) = self.lots.get_mut(part.lot) else { continue };
            lot.held -= &part.shares;
            lot.sold_on = Some(date);
            if lot.held.is_zero() {
                lot.emptied_on = Some(date);
            }
        }
    }
}
