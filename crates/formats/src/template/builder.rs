//! The document as it grows row by row.

use std::collections::BTreeMap;

use super::cases::CaseDraft;
use super::cells::{ABOVE, EMPTY_COMPANY, Findings, RowCells};
use super::lots::{self, PendingMark};
use crate::draft::{Answers, Company, Draft, Event, Lot, Reading};
use crate::place::{Place, Problem};
use crate::problems::Problems;

/// A company with what is only known of it once all rows are read.
#[derive(Default)]
pub(super) struct CompanyDraft {
    pub(super) company: Company,
    pub(super) lot_places: Vec<Place>,
    pub(super) event_places: Vec<Place>,
    pub(super) cases: Vec<CaseDraft>,
    pub(super) marks: Vec<PendingMark>,
    /// How often an id was derived from the same facts.
    pub(super) derived_ids: BTreeMap<String, u32>,
    place: Place,
}

/// Companies by the names that rows call them.
pub(super) struct Builder<'a> {
    pub(super) answers: &'a Answers,
    pub(super) companies: Vec<CompanyDraft>,
    /// Position by id and by name.
    positions: BTreeMap<String, usize>,
    pub(super) as_of: Option<String>,
    pub(super) policy: serde_json::Map<String, serde_json::Value>,
    pub(super) currency: Option<String>,
    pub(super) warnings: Problems,
    /// The company of the row above in the same sheet, as that row calls it.
    above: Option<String>,
    /// The first lot whose type the file does not tell.
    pub(super) untyped_lot: Option<Place>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(answers: &'a Answers, warnings: Problems) -> Self {
        Self {
            answers,
            companies: Vec::new(),
            positions: BTreeMap::new(),
            as_of: None,
            policy: serde_json::Map::new(),
            currency: None,
            warnings,
            above: None,
            untyped_lot: None,
        }
    }

    /// Another sheet begins.
    pub(super) fn next_table(&mut self) {
        self.above = None;
    }

    /// A row of the sheet of companies.
    pub(super) fn company_row(&mut self, row: &mut RowCells<'_, '_>) {
        self.company_of(row);
    }

    /// The company that a row is about, made where it is new; nothing, with a problem, where the row names none. Sums below
    /// a table are no company.
    pub(super) fn company_of(&mut self, row: &mut RowCells<'_, '_>) -> Option<usize> {
        let (id, name) = (row.text("companyId"), row.text("company"));
        let Some(key) = id.clone().or_else(|| name.clone()).or_else(|| self.company_above(row)) else {
            if !row.stands_alone() && self.above.is_some() {
                row.missing_company();
            } else {
                row.missing("company");
            }
            return None;
        };
        if is_sum(&key, row.has_text("purchaseDate")) {
            // What follows a sum belongs to no company above it.
            self.above = None;
            self.warnings.push(Problem::new(row.place.clone(), key, "is a sum of the table, and is not read"));
            return None;
        }
        if row.stands_alone() {
            let message = "stands alone in its row, so it is taken for a heading or a note, and is not read";
            self.warnings.push(Problem::new(row.place.clone(), key, message));
            return None;
        }
        self.above = Some(key.clone());
        let known = self.positions.get(&folded(&key)).copied();
        // A row without an id may call its company by either.
        let name = if id.is_none() && known.is_some() { None } else { name };
        let position = known.unwrap_or_else(|| {
            let company = Company { id: key.clone(), name: name.clone(), ..Company::default() };
            self.companies.push(CompanyDraft { company, place: row.place.clone(), ..CompanyDraft::default() });
            self.companies.len().saturating_sub(1)
        });
        for name in [&id, &name].into_iter().flatten() {
            self.positions.entry(folded(name)).or_insert(position);
        }
        let (sector, stage) = (row.text("sector"), row.text("stage"));
        let draft = self.companies.get_mut(position)?;
        for (key, own, read) in [
            ("company", &mut draft.company.name, name),
            ("sector", &mut draft.company.sector, sector),
            ("stage", &mut draft.company.stage, stage),
        ] {
            match (&own, read) {
                (_, None) => {}
                (None, read) => *own = read,
                (Some(earlier), Some(read))
                    if *earlier == read || (key == "company" && folded(earlier) == folded(&read)) => {}
                (Some(earlier), Some(read)) => {
                    let message =
                        format!("differs from {earlier:?} in an earlier row of the same company; make them the same");
                    row.refuse(key, &read, message);
                }
            }
        }
        Some(position)
    }

    /// The company of the row above, where it was answered that an empty cell means it.
    fn company_above(&self, row: &RowCells<'_, '_>) -> Option<String> {
        let is_meant = self.answers.get(EMPTY_COMPANY).is_some_and(|answer| answer == ABOVE);
        self.above.clone().filter(|_| is_meant && !row.stands_alone())
    }

    pub(super) fn add_lot(&mut self, company: usize, lot: Lot, place: Place) {
        if let Some(draft) = self.companies.get_mut(company) {
            draft.company.lots.push(lot);
            draft.lot_places.push(place);
        }
    }

    pub(super) fn add_event(&mut self, company: usize, event: Event, place: Place) {
        if let Some(draft) = self.companies.get_mut(company) {
            draft.company.events.push(event);
            draft.event_places.push(place);
        }
    }

    /// The document with the places of its parts.
    pub(super) fn finish(mut self, findings: &mut Findings) -> Reading {
        let questions = lots::settle(&mut self, findings);
        let mut reading = Reading { questions, columns: columns(), ..Reading::default() };
        reading.warn(std::mem::take(&mut self.warnings));
        reading.draft = Draft {
            as_of: self.as_of,
            currency: self.currency,
            policy: (!self.policy.is_empty()).then_some(self.policy),
            companies: Vec::with_capacity(self.companies.len()),
        };
        for (position, draft) in self.companies.into_iter().enumerate() {
            let path = format!("companies[{position}]");
            let mut company = draft.company;
            for (list, places) in [("lots", draft.lot_places), ("events", draft.event_places)] {
                for (index, place) in places.into_iter().enumerate() {
                    reading.places.insert(format!("{path}.{list}[{index}]"), place);
                }
            }
            if !draft.cases.is_empty() {
                if let Some(first) = draft.cases.first() {
                    reading.places.insert(format!("{path}.exitCases"), first.place.clone());
                }
                for (index, case) in draft.cases.iter().enumerate() {
                    reading.places.insert(format!("{path}.exitCases[{index}]"), case.place.clone());
                }
                company.exit_cases = Some(draft.cases.into_iter().map(CaseDraft::into_json).collect());
            }
            reading.places.insert(path, draft.place);
            reading.draft.companies.push(company);
        }
        reading
    }
}

/// What the template calls the fields of the document.
fn columns() -> BTreeMap<String, String> {
    [
        ("lotType", "Lot type"),
        ("instrument", "Instrument"),
        ("shareClass", "Share class"),
        ("fromClass", "Share class"),
        ("toClass", "To class"),
        ("purchaseDate", "Purchase date"),
        ("sharesAcquired", "Shares"),
        ("shares", "Shares"),
        ("sharePriceCents", "Price per share"),
        ("costBasisCents", "Cost"),
        ("strikeCents", "Strike"),
        ("date", "Date"),
        ("type", "Type"),
        ("amountCents", "Amount"),
        ("proceedsCents", "Amount"),
        ("valueCents", "Amount"),
        ("cashCents", "Amount"),
        ("carryingCents", "Amount"),
        ("fxRate", "FX rate"),
        ("lot", "Lot ID"),
        ("lots", "Lots"),
        ("allocation", "Lots"),
        ("newLot", "New lot ID"),
        ("relief", "Relief"),
        ("probability", "Probability"),
        ("exitPricesCents", "Exit price per share"),
        ("lotProceedsCents", "Lot proceeds"),
    ]
    .map(|(field, column)| (field.to_owned(), column.to_owned()))
    .into()
}

/// Names that differ only in capitals and white space are one company.
fn folded(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// A name that says it is a sum. A company may well be called `Total Energies`, and has a purchase date.
fn is_sum(name: &str, is_dated: bool) -> bool {
    const WORDS: [&str; 7] = ["total", "totals", "subtotal", "sub-total", "sum", "summe", "gesamt"];
    let name = folded(name);
    let words: Vec<&str> = name.split(' ').map(|word| word.trim_end_matches(':')).collect();
    let says_so = |word: &&str| WORDS.contains(word);
    match words.as_slice() {
        [only] => says_so(only),
        ["grand" | "fund" | "portfolio", second, ..] if says_so(second) => true,
        [first, ..] => !is_dated && says_so(first),
        [] => false,
    }
}
