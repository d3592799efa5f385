//! Dated facts about a company.

use jiff::civil::Date;

use super::labels::{ClassIndex, Classes, LotIndex, LotNames};
use super::lot::LotType;
use super::text::{identifier, label, one_of};
use crate::json::{Fields, Path, Problems, Value};
use crate::quantity::{Cents, Price, QuantityError, Ratio, Shares, parse_date};
use crate::replay::EXACT_BITS_MAX;

/// Largest side of a split or conversion ratio.
pub const RESTATEMENT_MAX: i64 = 1_000_000_000;

/// How a disposal finds the lots it sells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relief {
    /// The disposal names its lots.
    Specific,
    /// First in, first out, by purchase date.
    Fifo,
    /// Last in, first out, by purchase date.
    Lifo,
    /// Highest cost per split-adjusted share first.
    Hifo,
    /// The same part of every lot.
    ProRata,
}

impl Relief {
    /// The name used on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Specific => "specific",
            Self::Fifo => "fifo",
            Self::Lifo => "lifo",
            Self::Hifo => "hifo",
            Self::ProRata => "pro_rata",
        }
    }

    const NAMES: [(&'static str, Self); 5] = [
        (Self::Specific.name(), Self::Specific),
        (Self::Fifo.name(), Self::Fifo),
        (Self::Lifo.name(), Self::Lifo),
        (Self::Hifo.name(), Self::Hifo),
        (Self::ProRata.name(), Self::ProRata),
    ];

    /// Reads the name used on the wire.
    ///
    /// # Errors
    /// A message that lists the names.
    pub fn parse(text: &str) -> Result<Self, String> {
        one_of(&Self::NAMES, text)
    }
}

/// A checked event.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) date: Date,
    pub(crate) fact: Fact,
}

/// What an event says. Prices are in cents of the fund's currency.
#[derive(Debug)]
pub(crate) enum Fact {
    Mark { class: ClassIndex, price: Price, fx_rate: Ratio, value_per_share: Price },
    LotMark { lot: LotIndex, value: Cents },
    Split { class: ClassIndex, ratio: Ratio, inverse: Ratio },
    ClassConversion { from: ClassIndex, to: ClassIndex, ratio: Ratio, inverse: Ratio },
    LotConversion { lot: LotIndex, to: ClassIndex, shares: Shares },
    Exercise { lot: LotIndex, new_lot: LotIndex, lot_type: LotType, cash: Cents },
    Distribution { to: Recipients, amount: Cents },
    Disposal { class: Option<ClassIndex>, shares: Shares, proceeds: Cents, relief: ReliefChoice },
    Receivable { id: Option<Box<str>>, carrying: Cents, allocation: Vec<(LotIndex, Ratio)> },
}

/// Who gets a distribution.
#[derive(Debug)]
pub(crate) enum Recipients {
    Class(ClassIndex),
    Lot(LotIndex),
}

/// What a disposal says about the lots it sells.
#[derive(Debug)]
pub(crate) enum ReliefChoice {
    /// These lots, so many shares of each.
    Lots(Vec<(LotIndex, Shares)>),
    /// This method.
    Method(Relief),
    /// The policy's method.
    Policy,
}

/// The names that events refer to.
pub(crate) struct Names<'n, 'v> {
    pub(crate) classes: &'n mut Classes,
    pub(crate) lots: &'n LotNames<'v>,
    /// Index of the lot that the next exercise makes.
    pub(crate) next_new_lot: usize,
}

const TYPES: [(&str, Type); 9] = [
    ("mark", Type::Mark),
    ("lot_mark", Type::LotMark),
    ("split", Type::Split),
    ("class_conversion", Type::ClassConversion),
    ("lot_conversion", Type::LotConversion),
    ("exercise", Type::Exercise),
    ("distribution", Type::Distribution),
    ("disposal", Type::Disposal),
    ("receivable", Type::Receivable),
];

#[derive(Clone, Copy)]
enum Type {
    Mark,
    LotMark,
    Split,
    ClassConversion,
    LotConversion,
    Exercise,
    Distribution,
    Disposal,
    Receivable,
}

/// The id of the lot that the event `value` makes, if it is an exercise.
pub(crate) fn new_lot_id<'v>(value: &'v Value<'_>) -> Option<&'v str> {
    let object = value.as_object()?;
    let is_exercise = object.get("type").and_then(Value::as_str) == Some("exercise");
    // An exercise without a usable newLot still takes its index; the missing name is noted when it is read.
    is_exercise.then(|| object.get("newLot").and_then(Value::as_str).unwrap_or(""))
}

/// Reads one entry of `events`; `None` when something was noted in `problems`.
pub(crate) fn read(
    value: &Value<'_>,
    path: &Path<'_>,
    names: &mut Names<'_, '_>,
    problems: &mut Problems,
) -> Option<Event> {
    let before = problems.len();
    let mut fields = Fields::of(value, path, problems)?;
    let event_type = fields.required("type", problems, |text| one_of(&TYPES, text));
    let date = fields.required("date", problems, parse_date);
    let mut reader = Reader { fields, names, problems };
    let fact = match event_type? {
        Type::Mark => reader.mark(),
        Type::LotMark => reader.lot_mark(),
        Type::Split => reader.split(),
        Type::ClassConversion => reader.class_conversion(),
        Type::LotConversion => reader.lot_conversion(),
        Type::Exercise => reader.exercise(),
        Type::Distribution => reader.distribution(),
        Type::Disposal => reader.disposal(),
        Type::Receivable => reader.receivable(),
    };
    reader.fields.finish(reader.problems);
    let event = Event { date: date?, fact: fact? };
    (problems.len() == before).then_some(event)
}

struct Reader<'r, 'v, 'a, 'n, 'l> {
    fields: Fields<'v, 'a>,
    names: &'r mut Names<'n, 'l>,
    problems: &'r mut Problems,
}

impl Reader<'_, '_, '_, '_, '_> {
    fn mark(&mut self) -> Option<Fact> {
        let class = self.class("shareClass");
        let price = self.fields.required("sharePriceCents", self.problems, Price::parse);
        let has_rate = self.fields.has("fxRate");
        let fx_rate = self.fields.parsed("fxRate", self.problems, Ratio::parse);
        let fx_rate = fx_rate.or((!has_rate).then_some(Ratio::ONE));
        let (price, fx_rate) = (price?, fx_rate?);
        let value_per_share = if fx_rate == Ratio::ONE { price.clone() } else { price.scaled(&fx_rate).reduced() };
        Some(Fact::Mark { class: class?, price, fx_rate, value_per_share })
    }

    fn lot_mark(&mut self) -> Option<Fact> {
        let lot = self.lot("lot");
        let value = self.cents("valueCents");
        Some(Fact::LotMark { lot: lot?, value: value? })
    }

    fn split(&mut self) -> Option<Fact> {
        let class = self.class("shareClass");
        let (ratio, inverse) = self.restatement()?;
        Some(Fact::Split { class: class?, ratio, inverse })
    }

    fn class_conversion(&mut self) -> Option<Fact> {
        let (from, to) = (self.class("fromClass"), self.class("toClass"));
        let (ratio, inverse) = self.restatement()?;
        Some(Fact::ClassConversion { from: from?, to: to?, ratio, inverse })
    }

    fn lot_conversion(&mut self) -> Option<Fact> {
        let lot = self.lot("lot");
        let to = self.class("toClass");
        let shares = self.shares_above_zero();
        Some(Fact::LotConversion { lot: lot?, to: to?, shares: shares? })
    }

    fn exercise(&mut self) -> Option<Fact> {
        let new_lot = LotIndex::at(self.names.next_new_lot);
        self.names.next_new_lot = self.names.next_new_lot.saturating_add(1);
        let lot = self.lot("lot");
        let id = self.fields.required("newLot", self.problems, identifier);
        let lot_type = self.fields.required("lotType", self.problems, LotType::parse);
        let cash = self.cents("cashCents");
        id?;
        Some(Fact::Exercise { lot: lot?, new_lot, lot_type: lot_type?, cash: cash? })
    }

    fn distribution(&mut self) -> Option<Fact> {
        let (by_class, by_lot) = (self.fields.has("shareClass"), self.fields.has("lot"));
        let amount = self.cents("amountCents");
        if by_class && by_lot {
            self.refuse(
                "lot",
                "stands beside shareClass; a distribution goes to a class or to one lot, so leave one out",
            );
        }
        let to = if by_lot {
            let lot = self.lot("lot");
            self.fields.take("shareClass");
            lot.map(Recipients::Lot)
        } else {
            self.class("shareClass").map(Recipients::Class)
        };
        Some(Fact::Distribution { to: to?, amount: amount? })
    }

    fn disposal(&mut self) -> Option<Fact> {
        let class = if self.fields.has("shareClass") { self.class("shareClass").map(Some) } else { Some(None) };
        let shares = self.shares_above_zero();
        let proceeds = self.cents("proceedsCents");
        let names_lots = self.fields.has("lots");
        let names_relief = self.fields.has("relief");
        let relief = self.fields.parsed("relief", self.problems, Relief::parse);
        let lots = self.lots_sold(shares.as_ref());
        if names_lots && names_relief {
            self.refuse("relief", "stands beside lots; name the lots or the method, not both");
        }
        if relief == Some(Relief::Specific) && !names_lots {
            self.refuse("relief", "is specific, so name the lots: \"lots\": {\"<lot>\": \"<shares>\"}");
        }
        if !names_lots && !self.fields.has("shareClass") {
            self.fields.missing("shareClass", self.problems);
        }
        let relief = match (names_lots, names_relief) {
            (true, _) => ReliefChoice::Lots(lots?),
            (false, true) => ReliefChoice::Method(relief?),
            (false, false) => ReliefChoice::Policy,
        };
        Some(Fact::Disposal { class: class?, shares: shares?, proceeds: proceeds?, relief })
    }

    fn lots_sold(&mut self, shares: Option<&Shares>) -> Option<Vec<(LotIndex, Shares)>> {
        const LOTS: &str = "lots";
        if !self.fields.has(LOTS) {
            return None;
        }
        let mut sum = Shares::ZERO;
        let sold = self.by_lot(LOTS, Shares::parse, |part| {
            sum = sum.plus(part);
            Ok(())
        })?;
        if let Some(shares) = shares
            && sum != *shares
        {
            let message = format!("the lots sum to {sum} shares, but \"shares\" is {shares}; make them equal");
            self.problems.push(&self.fields.path().field(LOTS), sum.to_string(), message);
            return None;
        }
        Some(sold)
    }

    fn receivable(&mut self) -> Option<Fact> {
        let has_id = self.fields.has("id");
        let id = self.fields.parsed("id", self.problems, label);
        let carrying = self.cents("carryingCents");
        let allocation = self.allocation();
        if has_id && id.is_none() {
            return None;
        }
        Some(Fact::Receivable { id, carrying: carrying?, allocation: allocation? })
    }

    /// Weights divided by their sum, so that they add up to one.
    fn allocation(&mut self) -> Option<Vec<(LotIndex, Ratio)>> {
        const ALLOCATION: &str = "allocation";
        let mut sum = Ratio::ZERO;
        let weights = self.by_lot(ALLOCATION, Ratio::parse, |weight| {
            sum = sum.plus(weight);
            if sum.0.bits() <= EXACT_BITS_MAX {
                return Ok(());
            }
            Err(format!("the exact sum of the weights needs more than {EXACT_BITS_MAX} bits; use decimals"))
        })?;
        if sum.is_zero() {
            let message = "must give at least one lot a weight above 0, as in {\"seed\": \"1\"}";
            self.problems.push(&self.fields.path().field(ALLOCATION), sum.written(), message);
            return None;
        }
        weights.into_iter().map(|(lot, weight)| Some((lot, weight.share_of(&sum)?))).collect()
    }

    /// The object `name` of quantities by lot, in the order of the lots' indices. Each quantity is shown to `add`, which
    /// may refuse it and end the reading. `None` when something was noted.
    fn by_lot<T>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Result<T, QuantityError>,
        mut add: impl FnMut(&T) -> Result<(), String>,
    ) -> Option<Vec<(LotIndex, T)>> {
        let path = self.fields.path().field(name);
        let before = self.problems.len();
        let mut quantities = Vec::new();
        for (id, value) in self.fields.map(name, super::LOTS_PER_COMPANY_MAX, self.problems) {
            let lot = self.names.lots.resolve(id, &path.field(id), self.problems);
            let quantity = text_of(value, &path.field(id), self.problems, &parse);
            let Some((lot, quantity)) = lot.zip(quantity) else { continue };
            if let Err(message) = add(&quantity) {
                self.problems.push(&path, id, message);
                break;
            }
            quantities.push((lot, quantity));
        }
        quantities.sort_unstable_by_key(|(lot, _)| *lot);
        (self.problems.len() == before).then_some(quantities)
    }

    fn class(&mut self, name: &str) -> Option<ClassIndex> {
        if !self.fields.has(name) {
            self.fields.missing(name, self.problems);
        }
        let label = self.fields.text(name, self.problems)?;
        self.names.classes.index_of(label, &self.fields.path().field(name), self.problems)
    }

    fn lot(&mut self, name: &str) -> Option<LotIndex> {
        if !self.fields.has(name) {
            self.fields.missing(name, self.problems);
        }
        let id = self.fields.text(name, self.problems)?;
        self.names.lots.resolve(id, &self.fields.path().field(name), self.problems)
    }

    fn cents(&mut self, name: &str) -> Option<Cents> {
        self.fields.required(name, self.problems, Cents::parse)
    }

    fn shares_above_zero(&mut self) -> Option<Shares> {
        let shares = self.fields.required("shares", self.problems, Shares::parse)?;
        if shares.is_zero() {
            self.refuse("shares", "must be above 0");
            return None;
        }
        Some(shares)
    }

    /// The ratio `numerator / denominator` and its inverse.
    fn restatement(&mut self) -> Option<(Ratio, Ratio)> {
        let mut side = |name: &str| {
            if !self.fields.has(name) {
                self.fields.missing(name, self.problems);
            }
            self.fields.integer(name, 1, RESTATEMENT_MAX, self.problems)
        };
        let (numerator, denominator) = (side("numerator"), side("denominator"));
        let (numerator, denominator) = (numerator?, denominator?);
        Ratio::of(numerator, denominator).zip(Ratio::of(denominator, numerator))
    }

    fn refuse(&mut self, name: &str, message: &str) {
        let shown = self.fields.shown(name);
        self.problems.push(&self.fields.path().field(name), shown, message);
    }
}

/// Reads a value of a map, which must be text that `parse` understands.
pub(crate) fn text_of<T, E: std::fmt::Display>(
    value: &Value<'_>,
    path: &Path<'_>,
    problems: &mut Problems,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Option<T> {
    let Value::Str(text) = value else {
        problems.push(path, crate::json::shown(value), "must be a string");
        return None;
    };
    match parse(text) {
        Ok(parsed) => Some(parsed),
        Err(error) => {
            problems.push(path, text.as_ref(), error.to_string());
            None
        }
    }
}
