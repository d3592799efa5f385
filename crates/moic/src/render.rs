//! The result document (moic.md §6): the same inputs give the same bytes.

use std::fmt::{self, Write as _};

use rayon::prelude::*;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, SerializeStruct, Serializer};

use crate::ENGINE_VERSION;
use crate::evaluation::{CompanyEvaluation, Evaluation, Lenses, LotEvaluation, reserve_lens};
use crate::exact::Decimal;
use crate::lens::{Lens, LensKey, Reason};
use crate::quantity::Cents;

/// Decimals of `value`.
const VALUE_DECIMALS: u32 = 12;
/// Decimals of numerators and denominators, before trailing zeros are cut.
const CENTS_DECIMALS: u32 = 6;
/// Decimals of `display`.
const DISPLAY_DECIMALS: u32 = 2;
/// Companies written by one task.
const COMPANIES_PER_PART: usize = 256;
/// Parts held in memory at once; what is written is proportional to this, not to the portfolio.
const PARTS_AT_ONCE: usize = 64;

impl Evaluation<'_> {
    /// The result document as JSON, without white space.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut json = Vec::new();
        let Ok(()) = self.write_json(|part| {
            json.extend_from_slice(part);
            Ok::<(), std::convert::Infallible>(())
        });
        json
    }

    /// Hands the result document to `sink` piece by piece, so that it need not fit into memory.
    ///
    /// # Errors
    /// Whatever `sink` answers; nothing is handed over after that.
    pub fn write_json<E>(&self, mut sink: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        let portfolio = self.portfolio;
        let mut head = String::from("{");
        push_field(&mut head, "asOf", &Shown(portfolio.as_of));
        push_field(&mut head, "inputsHash", &portfolio.inputs_hash());
        push_field(&mut head, "engineVersion", ENGINE_VERSION);
        push_field(&mut head, "fund", &FundView(self));
        head.push_str(r#""companies":["#);
        sink(head.as_bytes())?;
        let mut first = true;
        for batch in self.companies.chunks(COMPANIES_PER_PART.saturating_mul(PARTS_AT_ONCE)) {
            let parts: Vec<Vec<u8>> = batch.par_chunks(COMPANIES_PER_PART).map(companies_json).collect();
            for part in parts {
                if !std::mem::take(&mut first) {
                    sink(b",")?;
                }
                sink(&part)?;
            }
        }
        let mut tail = String::from("],");
        push_field(&mut tail, "sectors", &SectorsView(self));
        push_field(&mut tail, "warnings", portfolio.warnings());
        tail.truncate(tail.trim_end_matches(',').len());
        tail.push('}');
        sink(tail.as_bytes())
    }
}

fn push_field<T: Serialize + ?Sized>(out: &mut String, name: &str, value: &T) {
    // Serialising to memory fails only for maps with keys that are not text, and there are none.
    let value = serde_json::to_string(value).unwrap_or_default();
    let _ = write!(out, "\"{name}\":{value},");
}

fn companies_json(companies: &[CompanyEvaluation<'_>]) -> Vec<u8> {
    let mut json = Vec::with_capacity(companies.len().saturating_mul(BYTES_PER_COMPANY));
    for company in companies {
        if !json.is_empty() {
            json.push(b',');
        }
        // See push_field: this cannot fail.
        let _ = serde_json::to_writer(&mut json, &CompanyView(company));
    }
    json
}

/// About what a company of five lots takes.
const BYTES_PER_COMPANY: usize = 4_096;

/// Text made by `Display`.
struct Shown<T>(T);

impl<T: fmt::Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

struct FundView<'e>(&'e Evaluation<'e>);

impl Serialize for FundView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let evaluation = self.0;
        let mut fund = serializer.serialize_struct("fund", 2)?;
        let companies: Vec<&CompanyEvaluation<'_>> = evaluation.companies.iter().collect();
        fund.serialize_field("lenses", &LensesView { lenses: &evaluation.fund, companies: &companies })?;
        let coverage = evaluation.coverage.as_ref().map(|ratio| {
            let mut text = String::new();
            // Writing into a String cannot fail.
            let _ = ratio.rounded(VALUE_DECIMALS).write_shortest(&mut text);
            text
        });
        fund.serialize_field("coverage", &coverage)?;
        fund.end()
    }
}

struct SectorsView<'e>(&'e Evaluation<'e>);

impl Serialize for SectorsView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let evaluation = self.0;
        let mut sectors = serializer.serialize_seq(Some(evaluation.sectors.len()))?;
        for (sector, lenses) in &evaluation.sectors {
            let companies = evaluation.companies.iter().filter(|company| company.sector() == *sector).collect();
            sectors.serialize_element(&SectorView { sector: *sector, lenses, companies })?;
        }
        sectors.end()
    }
}

struct SectorView<'e> {
    sector: Option<&'e str>,
    lenses: &'e Lenses,
    companies: Vec<&'e CompanyEvaluation<'e>>,
}

impl Serialize for SectorView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sector = serializer.serialize_struct("sector", 2)?;
        sector.serialize_field("sector", &self.sector)?;
        sector.serialize_field("lenses", &LensesView { lenses: self.lenses, companies: &self.companies })?;
        sector.end()
    }
}

struct CompanyView<'e>(&'e CompanyEvaluation<'e>);

impl Serialize for CompanyView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let evaluated = self.0;
        let mut company = serializer.serialize_struct("company", 4)?;
        company.serialize_field("id", &*evaluated.company.id)?;
        company.serialize_field("lenses", &LensesView { lenses: &evaluated.lenses, companies: &[evaluated] })?;
        company.serialize_field("lots", &LotsView(evaluated))?;
        company.serialize_field("plannedReserves", &ReservesView(evaluated))?;
        company.end()
    }
}

struct LotsView<'e>(&'e CompanyEvaluation<'e>);

impl Serialize for LotsView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.lots.iter().map(|lot| LotView { company: self.0, lot }))
    }
}

struct LotView<'e> {
    company: &'e CompanyEvaluation<'e>,
    lot: &'e LotEvaluation,
}

impl Serialize for LotView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let id = self.company.company.lot_id(self.lot.lot);
        let itself = [BlockingLot { company: self.company.id(), lot: id }];
        let mut lot = serializer.serialize_struct("lot", 4)?;
        lot.serialize_field("id", id)?;
        lot.serialize_field("current_moic", &LensView { lens: &self.lot.current, blocking: &itself })?;
        lot.serialize_field("exit_moic", &LensView { lens: &self.lot.exit, blocking: &itself })?;
        lot.serialize_field("relievedCostCents", &Shown(CentsText(&self.lot.relieved)))?;
        lot.end()
    }
}

struct ReservesView<'e>(&'e CompanyEvaluation<'e>);

impl Serialize for ReservesView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let lines = self.0.company.outlook.iter().flat_map(|outlook| &outlook.lines);
        serializer.collect_seq(
            lines.map(|line| ReserveView { id: &line.id, lens: reserve_lens(&line.cost, line.proceeds.as_ref()) }),
        )
    }
}

struct ReserveView<'e> {
    id: &'e str,
    lens: Lens,
}

impl Serialize for ReserveView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut reserve = serializer.serialize_struct("reserve", 2)?;
        reserve.serialize_field("id", self.id)?;
        reserve.serialize_field("exit_moic", &LensView { lens: &self.lens, blocking: &[] })?;
        reserve.end()
    }
}

struct LensesView<'e> {
    lenses: &'e Lenses,
    /// Whose lots may be the reason that a lens has no number.
    companies: &'e [&'e CompanyEvaluation<'e>],
}

impl Serialize for LensesView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut lenses = serializer.serialize_map(None)?;
        for (key, lens) in self.lenses.iter() {
            let blocking = if names_lots(lens) { blocking_lots(key, lens, self.companies) } else { Vec::new() };
            lenses.serialize_entry(key.name(), &LensView { lens, blocking: &blocking })?;
        }
        lenses.end()
    }
}

fn names_lots(lens: &Lens) -> bool {
    matches!(lens.reason, Some(Reason::Unpriced | Reason::ExitUnpriced))
}

/// The lots that keep `lens` from having a number.
fn blocking_lots<'e>(key: LensKey, lens: &Lens, companies: &'e [&'e CompanyEvaluation<'e>]) -> Vec<BlockingLot<'e>> {
    let without_number =
        companies.iter().filter(|company| company.lenses.get(key).is_some_and(|own| own.reason == lens.reason));
    without_number
        .flat_map(|company| company.lots_without_price(key).map(|lot| BlockingLot { company: company.id(), lot }))
        .collect()
}

struct BlockingLot<'e> {
    company: &'e str,
    lot: &'e str,
}

impl Serialize for BlockingLot<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}/{}", self.company, self.lot))
    }
}

struct LensView<'e> {
    lens: &'e Lens,
    blocking: &'e [BlockingLot<'e>],
}

impl Serialize for LensView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let lens = self.lens;
        let figures = Figures::of(lens);
        let mut view = serializer.serialize_map(None)?;
        view.serialize_entry("numeratorCents", &lens.numerator().map(|cents| Shown(CentsText(cents))))?;
        view.serialize_entry("denominatorCents", &lens.denominator().map(|cents| Shown(CentsText(cents))))?;
        view.serialize_entry("value", &figures.as_ref().map(|figures| Shown(&figures.value)))?;
        view.serialize_entry("display", &figures.as_ref().map(|figures| Shown(Display(&figures.display))))?;
        view.serialize_entry("reason", &lens.reason().map(Reason::name))?;
        view.serialize_entry("flags", &FlagNames(lens))?;
        if names_lots(lens) {
            view.serialize_entry("lots", self.blocking)?;
        }
        view.end()
    }
}

struct FlagNames<'e>(&'e Lens);

impl Serialize for FlagNames<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut flags = serializer.serialize_seq(None)?;
        for name in self.0.flags().names() {
            flags.serialize_element(name)?;
        }
        flags.end()
    }
}

/// Cents with up to 6 decimals, trailing zeros cut.
struct CentsText<'c>(&'c Cents);

impl fmt::Display for CentsText<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.rounded(CENTS_DECIMALS).write_shortest(out)
    }
}

/// The two roundings of a multiple, both of the exact value.
pub(crate) struct Figures {
    value: Decimal,
    display: Decimal,
}

impl Figures {
    fn of(lens: &Lens) -> Option<Self> {
        if lens.reason.is_some() {
            return None;
        }
        let quotient = lens.numerator.0.quotient(&lens.denominator.0, VALUE_DECIMALS);
        Some(Self { value: quotient.rounded(VALUE_DECIMALS), display: quotient.rounded(DISPLAY_DECIMALS) })
    }
}

/// A multiple as people read it: `1.75x`.
struct Display<'d>(&'d Decimal);

impl fmt::Display for Display<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}x", self.0)
    }
}

impl Lens {
    /// The exact multiple rounded half-even to 2 decimals, as in `1.75x`; `None` where there is no number.
    #[must_use]
    pub fn display(&self) -> Option<String> {
        Figures::of(self).map(|figures| Display(&figures.display).to_string())
    }

    /// The exact multiple rounded half-even to 12 decimals; `None` where there is no number.
    #[must_use]
    pub fn value(&self) -> Option<String> {
        Figures::of(self).map(|figures| figures.value.to_string())
    }
}
