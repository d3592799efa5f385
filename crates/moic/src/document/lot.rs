//! Lots as they stand in the document.

use jiff::civil::Date;

use super::labels::{ClassIndex, Classes};
use super::text::{identifier, one_of};
use crate::json::{ABSENT, Fields, Path, Problems, Value};
use crate::lot_terms::{PriceDifference, PriceVerdict};
use crate::problem::Problem;
use crate::quantity::{Cents, Price, Shares, parse_date};

/// How the fund came by a lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LotType {
    /// The first cheque.
    Initial,
    /// A later cheque, out of reserves.
    FollowOn,
    /// Bought from another holder.
    Secondary,
}

impl LotType {
    /// The name used on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Initial => "initial",
            Self::FollowOn => "follow_on",
            Self::Secondary => "secondary",
        }
    }

    const NAMES: [(&'static str, Self); 3] = [
        (Self::Initial.name(), Self::Initial),
        (Self::FollowOn.name(), Self::FollowOn),
        (Self::Secondary.name(), Self::Secondary),
    ];

    /// Reads the name used on the wire.
    ///
    /// # Errors
    /// A message that lists the names.
    pub fn parse(text: &str) -> Result<Self, String> {
        one_of(&Self::NAMES, text)
    }
}

/// What kind of security a lot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instrument {
    /// Shares of a class.
    Equity,
    /// A simple agreement for future equity: no class and no shares before its conversion.
    Safe,
    /// A convertible note: likewise.
    Note,
    /// The right to buy shares of a class at a strike price.
    Warrant,
}

impl Instrument {
    /// The name used on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Equity => "equity",
            Self::Safe => "safe",
            Self::Note => "note",
            Self::Warrant => "warrant",
        }
    }

    const NAMES: [(&'static str, Self); 4] = [
        (Self::Equity.name(), Self::Equity),
        (Self::Safe.name(), Self::Safe),
        (Self::Note.name(), Self::Note),
        (Self::Warrant.name(), Self::Warrant),
    ];

    /// Reads the name used on the wire.
    ///
    /// # Errors
    /// A message that lists the names.
    pub fn parse(text: &str) -> Result<Self, String> {
        one_of(&Self::NAMES, text)
    }

    /// Whether the security becomes shares only by a lot conversion.
    #[must_use]
    pub const fn is_convertible(self) -> bool {
        matches!(self, Self::Safe | Self::Note)
    }
}

/// One purchase of one security, checked.
#[derive(Debug)]
pub(crate) struct Lot {
    pub(crate) id: Box<str>,
    pub(crate) lot_type: LotType,
    pub(crate) instrument: Instrument,
    /// `None` for a SAFE or a note.
    pub(crate) class: Option<ClassIndex>,
    pub(crate) purchase_date: Date,
    pub(crate) shares: Shares,
    pub(crate) price: Option<Price>,
    pub(crate) cost: Cents,
    pub(crate) strike: Option<Price>,
}

/// Reads one entry of `lots`; `None` when something was noted in `problems`.
pub(crate) fn read(
    value: &Value<'_>,
    path: &Path<'_>,
    classes: &mut Classes,
    problems: &mut Problems,
    warnings: &mut Vec<Problem>,
) -> Option<Lot> {
    let before = problems.len();
    let mut fields = Fields::of(value, path, problems)?;
    let id = fields.required("id", problems, identifier);
    let lot_type = fields.required("lotType", problems, LotType::parse);
    let has_instrument = fields.has("instrument");
    let instrument = fields.parsed("instrument", problems, Instrument::parse);
    // An instrument that was written wrongly is one problem, not also a missing share class.
    let known_instrument = instrument.or((!has_instrument).then_some(Instrument::Equity));
    let label = fields.text("shareClass", problems);
    let class = label.and_then(|label| classes.index_of(label, &path.field("shareClass"), problems));
    let purchase_date = fields.required("purchaseDate", problems, parse_date);
    let shares = fields.parsed("sharesAcquired", problems, Shares::parse);
    let half_unit = fields.peek_text("sharePriceCents").map(Price::half_unit_of);
    let price = fields.parsed("sharePriceCents", problems, Price::parse);
    let cost = fields.required("costBasisCents", problems, Cents::parse);
    let strike = fields.parsed("strikeCents", problems, Price::parse);
    if let Some(instrument) = known_instrument {
        check_fields_of(instrument, &mut fields, problems);
    }
    fields.finish(problems);
    if problems.len() != before {
        return None;
    }
    let shares = shares.unwrap_or(Shares::ZERO);
    let cost = cost?;
    if let (Some(price), Some(half_unit)) = (&price, &half_unit) {
        let difference = PriceDifference::of(&shares, price, half_unit, &cost);
        let path = path.field("sharePriceCents");
        match difference.verdict {
            PriceVerdict::Explained => {}
            PriceVerdict::Notable => {
                warnings.push(Problem::new(path.to_string(), price.to_string(), difference.described));
            }
            PriceVerdict::Contradicts => problems.push(&path, price.to_string(), difference.described),
        }
    }
    let lot = Lot {
        id: id?,
        lot_type: lot_type?,
        instrument: known_instrument?,
        class,
        purchase_date: purchase_date?,
        shares,
        price,
        cost,
        strike,
    };
    (problems.len() == before).then_some(lot)
}

/// Which fields an instrument needs and which it cannot have.
fn check_fields_of(instrument: Instrument, fields: &mut Fields<'_, '_>, problems: &mut Problems) {
    let (needed, impossible): (&[&str], &[&str]) = match instrument {
        Instrument::Equity => (&["shareClass", "sharesAcquired"], &["strikeCents"]),
        Instrument::Warrant => (&["shareClass", "sharesAcquired", "strikeCents"], &[]),
        Instrument::Safe | Instrument::Note => {
            (&[], &["shareClass", "sharesAcquired", "sharePriceCents", "strikeCents"])
        }
    };
    for name in needed {
        if !fields.has(name) {
            let message = format!("is required for {}", instrument.described());
            problems.push(&fields.path().field(name), ABSENT, message);
        }
    }
    for name in impossible {
        if fields.has(name) {
            let message = format!("must be left out: {} has none{}", instrument.described(), instrument.remedy());
            problems.push(&fields.path().field(name), fields.shown(name), message);
        }
    }
}

impl Instrument {
    fn described(self) -> &'static str {
        match self {
            Self::Equity => "equity",
            Self::Safe => "a SAFE",
            Self::Note => "a note",
            Self::Warrant => "a warrant",
        }
    }

    fn remedy(self) -> &'static str {
        if self.is_convertible() { " before its conversion, which is an event of type lot_conversion" } else { "" }
    }
}
