//! The result document (moic.md §6): the same inputs give the same bytes.
//!
//! A portfolio of 20,000 companies has 360,000 lenses, so their few fixed fields are appended as they are; only names
//! from the document, which need escaping, go through the JSON library.

use rayon::prelude::*;
use serde::Serialize;

use crate::ENGINE_VERSION;
use crate::evaluation::{CompanyEvaluation, Evaluation, Lenses, LotEvaluation, reserve_lens};
use crate::exact::{Decimal, Quotient};
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
/// Parts held in memory at once: what writing needs is proportional to this, not to the portfolio.
const PARTS_AT_ONCE: usize = 16;
/// About what a company of five lots takes.
const BYTES_PER_COMPANY: usize = 4_096;

impl Evaluation<'_> {
    /// The result document as JSON, without white space.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut json = Vec::with_capacity(self.companies.len().saturating_mul(BYTES_PER_COMPANY));
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
        sink(&self.head())?;
        let mut parts: Vec<Vec<u8>> = vec![Vec::new(); PARTS_AT_ONCE];
        let mut first = true;
        for batch in self.companies.chunks(COMPANIES_PER_PART.saturating_mul(PARTS_AT_ONCE)) {
            let written = batch.par_chunks(COMPANIES_PER_PART).zip(&mut parts).map(|(companies, part)| {
                part.clear();
                push_companies(part, companies);
            });
            let count = written.count();
            for part in parts.iter().take(count) {
                // The comma before the first company of a part is there for all parts but the first.
                sink(if std::mem::take(&mut first) { part.get(1..).unwrap_or(part) } else { part })?;
            }
        }
        sink(&self.tail())
    }

    fn head(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend_from_slice(br#"{"asOf":"#);
        push_json(&mut out, &self.portfolio.as_of.to_string());
        out.extend_from_slice(br#","inputsHash":"#);
        push_json(&mut out, &self.portfolio.inputs_hash());
        out.extend_from_slice(br#","engineVersion":"#);
        push_json(&mut out, ENGINE_VERSION);
        out.extend_from_slice(br#","fund":{"lenses":"#);
        let companies: Vec<&CompanyEvaluation<'_>> = self.companies.iter().collect();
        push_lenses(&mut out, &self.fund, &companies);
        out.extend_from_slice(br#","coverage":"#);
        match &self.coverage {
            Some(coverage) => push_quoted(&mut out, |out| coverage.rounded(VALUE_DECIMALS).push_shortest(out)),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(br#"},"companies":["#);
        out
    }

    fn tail(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend_from_slice(br#"],"sectors":["#);
        for (index, (sector, lenses)) in self.sectors.iter().enumerate() {
            out.extend_from_slice(if index == 0 { br#"{"sector":"# } else { br#",{"sector":"# });
            push_json(&mut out, sector);
            out.extend_from_slice(br#","lenses":"#);
            let companies: Vec<&CompanyEvaluation<'_>> =
                self.companies.iter().filter(|company| company.sector() == *sector).collect();
            push_lenses(&mut out, lenses, &companies);
            out.push(b'}');
        }
        out.extend_from_slice(br#"],"warnings":"#);
        push_json(&mut out, self.portfolio.warnings());
        out.push(b'}');
        out
    }
}

impl CompanyEvaluation<'_> {
    /// A lens of the company as the result document has it; `null` for one that the policy does not have.
    #[must_use]
    pub fn lens_json(&self, key: LensKey) -> String {
        lens_json(key, &self.lenses, &[self])
    }

    /// The company's planned reserves with their multiples, in the order in which its cases first name them: the id of
    /// each and its lens as the result document has it.
    pub fn planned_reserves_json(&self) -> impl Iterator<Item = (&str, String)> {
        self.company.outlook.iter().flat_map(|outlook| &outlook.lines).map(|line| {
            let mut out = Vec::new();
            push_lens(&mut out, &reserve_lens(&line.cost, line.proceeds.as_ref()), &[]);
            (&*line.id, text(out))
        })
    }
}

impl Evaluation<'_> {
    /// A lens of the fund as the result document has it; `null` for one that the policy does not have.
    #[must_use]
    pub fn lens_json(&self, key: LensKey) -> String {
        let companies: Vec<&CompanyEvaluation<'_>> = self.companies.iter().collect();
        lens_json(key, &self.fund, &companies)
    }
}

fn lens_json(key: LensKey, lenses: &Lenses, companies: &[&CompanyEvaluation<'_>]) -> String {
    let Some(lens) = lenses.get(key) else { return "null".to_owned() };
    let blocking = if names_lots(lens) { blocking_lots(key, lens, companies) } else { Vec::new() };
    let mut out = Vec::new();
    push_lens(&mut out, lens, &blocking);
    text(out)
}

/// What was written, which is JSON and so UTF-8.
fn text(written: Vec<u8>) -> String {
    String::from_utf8(written).unwrap_or_default()
}

fn push_json<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    // Serialising into memory fails only for maps whose keys are not text, and there are none.
    let _ = serde_json::to_writer(out, value);
}

fn push_quoted(out: &mut Vec<u8>, content: impl FnOnce(&mut Vec<u8>)) {
    out.push(b'"');
    content(out);
    out.push(b'"');
}

/// Each company with a comma before it.
fn push_companies(out: &mut Vec<u8>, companies: &[CompanyEvaluation<'_>]) {
    out.reserve(companies.len().saturating_mul(BYTES_PER_COMPANY));
    for evaluated in companies {
        out.extend_from_slice(br#",{"id":"#);
        push_json(out, evaluated.id());
        out.extend_from_slice(br#","lenses":"#);
        push_lenses(out, &evaluated.lenses, &[evaluated]);
        out.extend_from_slice(br#","lots":["#);
        for (index, lot) in evaluated.lots.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            push_lot(out, evaluated, lot);
        }
        out.extend_from_slice(br#"],"plannedReserves":["#);
        let lines = evaluated.company.outlook.iter().flat_map(|outlook| &outlook.lines);
        for (index, line) in lines.enumerate() {
            out.extend_from_slice(if index == 0 { br#"{"id":"# } else { br#",{"id":"# });
            push_json(out, &line.id);
            out.extend_from_slice(br#","exit_moic":"#);
            push_lens(out, &reserve_lens(&line.cost, line.proceeds.as_ref()), &[]);
            out.push(b'}');
        }
        out.extend_from_slice(b"]}");
    }
}

fn push_lot(out: &mut Vec<u8>, company: &CompanyEvaluation<'_>, lot: &LotEvaluation) {
    let id = company.company.lot_id(lot.lot);
    let itself = [BlockingLot { company: company.id(), lot: id }];
    out.extend_from_slice(br#"{"id":"#);
    push_json(out, id);
    out.extend_from_slice(br#","current_moic":"#);
    push_lens(out, &lot.current, &itself);
    out.extend_from_slice(br#","exit_moic":"#);
    push_lens(out, &lot.exit, &itself);
    out.extend_from_slice(br#","relievedCostCents":"#);
    push_quoted(out, |out| lot.relieved.rounded(0).push_shortest(out));
    out.push(b'}');
}

/// The lenses of a company, a sector or the fund; `companies` are those whose lots may leave one without a number.
fn push_lenses(out: &mut Vec<u8>, lenses: &Lenses, companies: &[&CompanyEvaluation<'_>]) {
    for (index, (key, lens)) in lenses.iter().enumerate() {
        out.push(if index == 0 { b'{' } else { b',' });
        push_quoted(out, |out| out.extend_from_slice(key.name().as_bytes()));
        out.push(b':');
        let blocking = if names_lots(lens) { blocking_lots(key, lens, companies) } else { Vec::new() };
        push_lens(out, lens, &blocking);
    }
    out.push(b'}');
}

fn push_lens(out: &mut Vec<u8>, lens: &Lens, blocking: &[BlockingLot<'_>]) {
    out.extend_from_slice(br#"{"numeratorCents":"#);
    push_cents(out, lens.numerator());
    out.extend_from_slice(br#","denominatorCents":"#);
    push_cents(out, lens.denominator());
    match lens.quotient() {
        Some(quotient) => {
            out.extend_from_slice(br#","value":""#);
            quotient.rounded(VALUE_DECIMALS).push_fixed(out);
            out.extend_from_slice(br#"","display":""#);
            quotient.rounded(DISPLAY_DECIMALS).push_fixed(out);
            out.extend_from_slice(br#"x","reason":null"#);
        }
        None => {
            out.extend_from_slice(br#","value":null,"display":null,"reason":"#);
            push_json(out, &lens.reason().map(Reason::name));
        }
    }
    out.extend_from_slice(br#","flags":["#);
    for (index, name) in lens.flags().names().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_quoted(out, |out| out.extend_from_slice(name.as_bytes()));
    }
    out.push(b']');
    if names_lots(lens) {
        out.extend_from_slice(br#","lots":["#);
        for (index, lot) in blocking.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            push_json(out, &format!("{}/{}", lot.company, lot.lot));
        }
        out.push(b']');
    }
    out.push(b'}');
}

fn push_cents(out: &mut Vec<u8>, cents: Option<&Cents>) {
    match cents {
        Some(cents) => push_quoted(out, |out| cents.rounded(CENTS_DECIMALS).push_shortest(out)),
        None => out.extend_from_slice(b"null"),
    }
}

fn names_lots(lens: &Lens) -> bool {
    matches!(lens.reason, Some(Reason::Unpriced | Reason::ExitUnpriced))
}

/// A lot that keeps a lens from having a number.
struct BlockingLot<'e> {
    company: &'e str,
    lot: &'e str,
}

fn blocking_lots<'e>(key: LensKey, lens: &Lens, companies: &[&'e CompanyEvaluation<'e>]) -> Vec<BlockingLot<'e>> {
    let mut lots = Vec::new();
    for company in companies {
        if company.lenses.get(key).is_some_and(|own| own.reason == lens.reason) {
            let own = company.lots_without_price(key);
            lots.extend(own.map(|lot| BlockingLot { company: company.id(), lot }));
        }
    }
    lots
}

impl Lens {
    fn quotient(&self) -> Option<Quotient> {
        let has_number = self.reason.is_none();
        has_number.then(|| self.numerator.0.quotient(&self.denominator.0, VALUE_DECIMALS))
    }

    fn rounded(&self, decimals: u32) -> Option<Decimal> {
        self.quotient().map(|quotient| quotient.rounded(decimals))
    }

    /// The exact multiple rounded half-even to 2 decimals, as in `1.75x`; `None` where there is no number.
    #[must_use]
    pub fn display(&self) -> Option<String> {
        self.rounded(DISPLAY_DECIMALS).map(|multiple| format!("{multiple}x"))
    }

    /// The exact multiple rounded half-even to 12 decimals; `None` where there is no number.
    #[must_use]
    pub fn value(&self) -> Option<String> {
        self.rounded(VALUE_DECIMALS).map(|multiple| multiple.to_string())
    }
}
