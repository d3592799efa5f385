//! What an import would do: everything that comes in, compared with what is stored, and the portfolio that would result
//! judged by the engine. Nothing is written.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    Incoming, IncomingCompany, IncomingLot,
    merge::{comparable, comparable_text, number, with_lots_renamed},
    references::{NUMBER_PREFIX, References, references},
};
use crate::{
    CompanyId, EventId, FundId, LotId, Problem, StoreError, Transaction, document_check, ids,
    lots::LotTerms,
    portfolio::{self, CompanyFacts, Facts, Scope},
};

/// How a company of a file was found among those that are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchedBy {
    /// An earlier import called it the same.
    Reference,
    /// The file calls it by its number.
    Number,
    /// It has the same name, and no file has called it anything yet.
    Name,
}

/// What happens to a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is made.
    Created,
    /// It says the same already.
    Unchanged,
    /// It is corrected.
    Corrected(Vec<Difference>),
}

/// A field that changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The field, as in the portfolio document.
    pub field: &'static str,
    /// What is stored.
    pub before: Option<String>,
    /// What comes in.
    pub after: Option<String>,
}

/// What happens to a lot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LotPlan {
    /// Its id: a new one where it is created.
    pub id: LotId,
    /// What happens.
    pub change: Change,
    /// Of a new lot the stored one that the file leaves out and that differs from it only by its date or its class.
    pub resembles: Option<Resemblance>,
}

/// A stored lot that a new one may well be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resemblance {
    /// What files call it.
    pub reference: String,
    /// The field that differs, as in the portfolio document.
    pub field: &'static str,
}

/// A stored lot that the import leaves out; nothing happens to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AbsentLot {
    /// What files call it.
    pub reference: String,
    /// What it says.
    pub terms: LotTerms,
}

/// What happens to a company and its records; the lists are in the order of the import.
#[derive(Clone, Debug, PartialEq)]
pub struct CompanyPlan {
    /// Its id; none where it is created.
    pub id: Option<CompanyId>,
    /// How it was found.
    pub matched_by: Option<MatchedBy>,
    /// What happens to itself.
    pub change: Change,
    /// What happens to its lots.
    pub lots: Vec<LotPlan>,
    /// Its events: the new ones with lots named by id; none where the same event is stored already.
    pub events: Vec<Option<Map<String, Value>>>,
    /// The lots it has and the import leaves out.
    pub absent: Vec<AbsentLot>,
    /// Its exit cases as JSON, where they change.
    pub exit_cases: Option<String>,
    /// Its name, sector and stage as they will be.
    pub(super) terms: CompanyTerms,
    /// Whether the reference has to be kept.
    pub(super) names: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CompanyTerms {
    pub(super) name: String,
    pub(super) sector: Option<String>,
    pub(super) stage: Option<String>,
}

/// What an import would do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The companies, in the order of the import.
    pub companies: Vec<CompanyPlan>,
    /// What the engine has against the portfolio that would result, the first [`Plan::PROBLEMS_LISTED_MAX`] of it; nothing may
    /// be written while there is any.
    pub problems: Vec<Problem>,
    /// How many problems there are beyond those.
    pub more_problems: usize,
}

impl Plan {
    /// Problems that are listed one by one; the others are counted.
    pub const PROBLEMS_LISTED_MAX: usize = 200;

    fn note(&mut self, problem: Problem) {
        if self.problems.len() < Self::PROBLEMS_LISTED_MAX {
            self.problems.push(problem);
        } else {
            self.more_problems = self.more_problems.saturating_add(1);
        }
    }

    /// Whether everything is stored already.
    #[must_use]
    pub fn changes_nothing(&self) -> bool {
        self.companies.iter().all(|company| {
            company.change == Change::Unchanged
                && company.lots.iter().all(|lot| lot.change == Change::Unchanged)
                && company.events.iter().all(Option::is_none)
                && company.exit_cases.is_none()
        })
    }
}

/// Compares what comes in with what a fund has.
///
/// # Errors
/// `NotFound` without the fund; what the database answers.
pub fn plan(
    tx: &mut Transaction<'_>,
    fund_id: FundId,
    incoming: &Incoming,
    now: Timestamp,
) -> Result<Plan, StoreError> {
    let mut facts = portfolio::facts(tx, fund_id, Scope::Fund, Timestamp::MAX)?;
    let references = references(tx, fund_id)?;
    let known = Known::new(&facts, &references);
    let new_ids = ids::UuidSequence::new(now);
    let mut plan = Plan::default();
    let mut matched: HashMap<CompanyId, usize> = HashMap::new();
    for (position, company) in incoming.companies.iter().enumerate() {
        let found = known.find(company);
        if let Some((id, _)) = found
            && let Some(earlier) = matched.insert(id, position)
        {
            let earlier = incoming.companies.get(earlier).map_or("", |company| &company.reference);
            let message =
                format!("is the same company of the fund as {earlier:?}; give both one name, or rename one of them");
            plan.note(Problem::new(format!("companies[{position}].id"), &company.reference, message));
        }
        let stored = found.and_then(|(id, _)| facts.companies.get(position_of(&facts.companies, id)?));
        let mut company_plan = company_plan(company, stored, &references, &new_ids)?;
        let mut seen = HashMap::new();
        for (index, lot) in company_plan.lots.iter().enumerate() {
            let called = company.lots.get(index).map_or("", |lot| &lot.reference);
            if let Some(earlier) = seen.insert(lot.id, called) {
                let message = format!("is the same lot of the fund as {earlier:?}; leave one of the two out");
                plan.note(Problem::new(format!("companies[{position}].lots[{index}].id"), called, message));
            }
        }
        company_plan.matched_by = found.map(|(_, by)| by);
        // Its own number is no name that would have to be kept.
        company_plan.names =
            !stored.is_some_and(|stored| references.has_name(stored.id) || stored.id.to_string() == company.reference);
        plan.companies.push(company_plan);
    }
    if plan.problems.is_empty() && !plan.changes_nothing() {
        merge(&mut facts, incoming, &plan, &new_ids)?;
        document_check::fund(&facts, now)?.into_iter().for_each(|problem| plan.note(problem));
    }
    Ok(plan)
}

/// The companies that are stored, by everything a file may call them.
struct Known<'f> {
    facts: &'f Facts,
    references: &'f References,
    by_name: HashMap<String, Vec<CompanyId>>,
    /// What files call companies, capitals and white space aside.
    by_reference: HashMap<String, Vec<CompanyId>>,
}

impl<'f> Known<'f> {
    fn new(facts: &'f Facts, references: &'f References) -> Self {
        let mut by_name: HashMap<String, Vec<CompanyId>> = HashMap::new();
        for company in &facts.companies {
            if !references.has_name(company.id) {
                by_name.entry(folded(&company.name)).or_default().push(company.id);
            }
        }
        let mut by_reference: HashMap<String, Vec<CompanyId>> = HashMap::new();
        for (reference, id) in &references.companies {
            by_reference.entry(folded(reference)).or_default().push(*id);
        }
        Self { facts, references, by_name, by_reference }
    }

    /// A file may number its companies by itself: the number counts only where the name does not speak against it.
    fn is_called_so(&self, id: CompanyId, company: &IncomingCompany) -> bool {
        let stored = position_of(&self.facts.companies, id).and_then(|position| self.facts.companies.get(position));
        company.name.as_ref().is_none_or(|name| stored.is_some_and(|stored| folded(&stored.name) == folded(name)))
    }

    fn find(&self, company: &IncomingCompany) -> Option<(CompanyId, MatchedBy)> {
        let is_stored = |id: &CompanyId| position_of(&self.facts.companies, *id).is_some();
        if let Some(id) = self.references.companies.get(&company.reference).filter(|id| is_stored(id)) {
            return Some((*id, MatchedBy::Reference));
        }
        if let Some([only]) = self.by_reference.get(&folded(&company.reference)).map(Vec::as_slice)
            && is_stored(only)
        {
            return Some((*only, MatchedBy::Reference));
        }
        let number = company.reference.strip_prefix(NUMBER_PREFIX).unwrap_or(&company.reference);
        if let Some(id) =
            number.parse().ok().map(CompanyId).filter(|id| is_stored(id) && !self.references.has_name(*id))
            && self.is_called_so(id, company)
        {
            return Some((id, MatchedBy::Number));
        }
        let name = company.name.as_deref().unwrap_or(&company.reference);
        match self.by_name.get(&folded(name)).map(Vec::as_slice) {
            Some([only]) => Some((*only, MatchedBy::Name)),
            _ => None,
        }
    }
}

/// Companies are in the order of their ids.
fn position_of(companies: &[CompanyFacts], id: CompanyId) -> Option<usize> {
    companies.binary_search_by_key(&id, |company| company.id).ok()
}

fn folded(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn company_plan(
    incoming: &IncomingCompany,
    stored: Option<&CompanyFacts>,
    all_references: &References,
    new_ids: &ids::UuidSequence,
) -> Result<CompanyPlan, StoreError> {
    let references = stored.and_then(|stored| all_references.lots.get(&stored.id));
    let (terms, change) = company_terms(incoming, stored);
    let stored_lots: HashMap<LotId, &LotTerms> =
        stored.map(|stored| stored.lots.iter().map(|(id, terms)| (*id, terms)).collect()).unwrap_or_default();
    let mut lot_ids: HashMap<&str, LotId> = HashMap::with_capacity(incoming.lots.len());
    let mut lots = Vec::with_capacity(incoming.lots.len());
    for lot in &incoming.lots {
        let named = references.and_then(|references| references.get(&lot.reference)).copied();
        let found = named.or_else(|| lot.reference.parse().ok()).filter(|id| stored_lots.contains_key(id));
        let plan = match found.and_then(|id| stored_lots.get(&id).map(|terms| (id, *terms))) {
            Some((id, terms)) => LotPlan { id, change: lot_change(terms, lot), resembles: None },
            None => LotPlan { id: LotId(new_ids.next()?), change: Change::Created, resembles: None },
        };
        lot_ids.insert(&lot.reference, plan.id);
        lots.push(plan);
    }
    let absent = absent_lots(stored, &lots, all_references);
    note_resemblances(incoming, &mut lots, &absent);
    let rename = |name: &str| {
        let known = lot_ids.get(name).or_else(|| references.and_then(|references| references.get(name)));
        known.map_or_else(|| name.to_owned(), LotId::to_string)
    };
    let renamed = |event: &Map<String, Value>| with_lots_renamed(event, rename);
    let exit_cases = incoming.exit_cases.as_ref().map(|cases| {
        let cases = cases.iter().map(|case| match case {
            Value::Object(fields) => Value::Object(renamed(fields)),
            other => other.clone(),
        });
        Value::Array(cases.collect()).to_string()
    });
    let stored_cases = stored.and_then(|stored| stored.exit_cases.as_deref()).and_then(comparable_text);
    let exit_cases = exit_cases
        .filter(|cases| comparable_text(cases) != Some(stored_cases.unwrap_or_else(|| Value::Array(Vec::new()))));
    Ok(CompanyPlan {
        id: stored.map(|stored| stored.id),
        matched_by: None,
        change,
        lots,
        events: new_events(incoming.events.iter().map(renamed), stored),
        absent,
        exit_cases,
        terms,
        names: false,
    })
}

fn company_terms(incoming: &IncomingCompany, stored: Option<&CompanyFacts>) -> (CompanyTerms, Change) {
    let name = incoming.name.clone();
    let Some(stored) = stored else {
        let name = name.unwrap_or_else(|| incoming.reference.clone());
        let terms = CompanyTerms { name, sector: incoming.sector.clone(), stage: incoming.stage.clone() };
        return (terms, Change::Created);
    };
    let terms = CompanyTerms {
        name: name.unwrap_or_else(|| stored.name.clone()),
        sector: incoming.sector.clone().or_else(|| stored.sector.clone()),
        stage: incoming.stage.clone().or_else(|| stored.stage.clone()),
    };
    let fields = [
        ("name", Some(stored.name.clone()), Some(terms.name.clone())),
        ("sector", stored.sector.clone(), terms.sector.clone()),
        ("stage", stored.stage.clone(), terms.stage.clone()),
    ];
    (terms, corrected(fields))
}

fn corrected<const N: usize>(fields: [(&'static str, Option<String>, Option<String>); N]) -> Change {
    let differing = fields.into_iter().filter(|(_, before, after)| before != after);
    let differences: Vec<Difference> =
        differing.map(|(field, before, after)| Difference { field, before, after }).collect();
    if differences.is_empty() { Change::Unchanged } else { Change::Corrected(differences) }
}

fn lot_change(stored: &LotTerms, incoming: &IncomingLot) -> Change {
    let fields = |terms: &LotTerms| {
        [
            Some(terms.lot_type.to_string()),
            Some(terms.instrument.to_string()),
            terms.share_class.clone(),
            Some(terms.purchase_date.to_string()),
            terms.shares.as_deref().map(number),
            terms.share_price_cents.as_deref().map(number),
            Some(terms.cost_cents.to_string()),
            terms.strike_cents.as_deref().map(number),
        ]
    };
    const NAMES: [&str; 8] = [
        "lotType",
        "instrument",
        "shareClass",
        "purchaseDate",
        "sharesAcquired",
        "sharePriceCents",
        "costBasisCents",
        "strikeCents",
    ];
    let (before, after) = (fields(stored), fields(&incoming.terms));
    let mut differences = NAMES.into_iter().zip(before).zip(after);
    corrected(std::array::from_fn::<_, 8, _>(|_| {
        differences.next().map_or(("", None, None), |((name, before), after)| (name, before, after))
    }))
}

/// The lots that a company has and an import leaves out.
fn absent_lots(stored: Option<&CompanyFacts>, lots: &[LotPlan], references: &References) -> Vec<AbsentLot> {
    let named: HashSet<LotId> = lots.iter().map(|lot| lot.id).collect();
    let stored = stored.map(|stored| stored.lots.as_slice()).unwrap_or_default();
    let absent = stored.iter().filter(|(id, _)| !named.contains(id));
    absent.map(|(id, terms)| AbsentLot { reference: references.lot(*id), terms: terms.clone() }).collect()
}

/// Finds new lots that are the same purchase as a stored one that is left out, but for the date or the class: a file whose lots
/// have no ids calls them by these.
fn note_resemblances(incoming: &IncomingCompany, lots: &mut [LotPlan], absent: &[AbsentLot]) {
    let sums = |terms: &LotTerms| {
        let numbers = [&terms.shares, &terms.share_price_cents, &terms.strike_cents];
        (terms.cost_cents, terms.instrument, numbers.map(|text| text.as_deref().map(number)))
    };
    let mut by_sums: HashMap<_, Vec<&AbsentLot>> = HashMap::new();
    for lot in absent {
        by_sums.entry(sums(&lot.terms)).or_default().push(lot);
    }
    for (lot, plan) in incoming.lots.iter().zip(lots).filter(|(_, plan)| plan.change == Change::Created) {
        let alike = by_sums.get(&sums(&lot.terms)).map(Vec::as_slice).unwrap_or_default();
        plan.resembles = alike.iter().find_map(|stored| {
            let is_same_day = stored.terms.purchase_date == lot.terms.purchase_date;
            let is_same_class = stored.terms.share_class == lot.terms.share_class;
            let field = match (is_same_day, is_same_class) {
                (true, false) => "shareClass",
                (false, true) => "purchaseDate",
                _ => return None,
            };
            Some(Resemblance { reference: stored.reference.clone(), field })
        });
    }
}

/// What a mark is of: of several on one day the last one counts, so only that one can stand for one that comes in.
fn marked(event: &Map<String, Value>) -> Option<(String, String, String)> {
    let text = |field: &str| event.get(field).and_then(Value::as_str).map(str::to_owned);
    let (kind, date) = (text("type")?, text("date")?);
    match kind.as_str() {
        "mark" => Some((kind, date, text("shareClass")?)),
        "lot_mark" => Some((kind, date, text("lot")?)),
        _ => None,
    }
}

/// The events that are not stored yet. Each stored one stands for one that comes in: two equal dividends stay two.
fn new_events(
    incoming: impl Iterator<Item = Map<String, Value>>,
    stored: Option<&CompanyFacts>,
) -> Vec<Option<Map<String, Value>>> {
    let mut present: HashMap<String, usize> = HashMap::new();
    let mut last_marks: HashMap<(String, String, String), String> = HashMap::new();
    for (_, _, body) in stored.map(|stored| stored.events.as_slice()).unwrap_or_default() {
        let Ok(Value::Object(fields)) = serde_json::from_str(body) else { continue };
        let mark = marked(&fields);
        let text = comparable(&fields).to_string();
        if let Some(mark) = mark
            && let Some(earlier) = last_marks.insert(mark, text.clone())
        {
            // Overtaken on its own day: it says nothing any more.
            present.remove(&earlier);
        }
        *present.entry(text).or_insert(0) += 1;
    }
    incoming
        .map(|event| match present.get_mut(&comparable(&event).to_string()) {
            Some(count) if *count > 0 => {
                *count -= 1;
                None
            }
            _ => Some(event),
        })
        .collect()
}

/// The facts as they would be afterwards. New companies stand behind the stored ones, under numbers that none has yet.
fn merge(facts: &mut Facts, incoming: &Incoming, plan: &Plan, new_ids: &ids::UuidSequence) -> Result<(), StoreError> {
    let mut next = facts.companies.last().map_or(1, |company| company.id.0.saturating_add(1));
    for (company, plan) in incoming.companies.iter().zip(&plan.companies) {
        let position = match plan.id {
            Some(id) => position_of(&facts.companies, id),
            None => None,
        };
        let position = position.unwrap_or_else(|| {
            facts.companies.push(CompanyFacts {
                id: CompanyId(next),
                name: String::new(),
                sector: None,
                stage: None,
                lots: Vec::new(),
                events: Vec::new(),
                exit_cases: None,
            });
            next = next.saturating_add(1);
            facts.companies.len().saturating_sub(1)
        });
        let Some(merged) = facts.companies.get_mut(position) else { continue };
        merged.name.clone_from(&plan.terms.name);
        merged.sector.clone_from(&plan.terms.sector);
        merged.stage.clone_from(&plan.terms.stage);
        let positions: HashMap<LotId, usize> =
            merged.lots.iter().enumerate().map(|(position, (id, _))| (*id, position)).collect();
        for (lot, lot_plan) in company.lots.iter().zip(&plan.lots) {
            match positions.get(&lot_plan.id).and_then(|position| merged.lots.get_mut(*position)) {
                Some((_, terms)) => terms.clone_from(&lot.terms),
                None => merged.lots.push((lot_plan.id, lot.terms.clone())),
            }
        }
        for event in plan.events.iter().flatten() {
            let date = event.get("date").and_then(Value::as_str).and_then(|date| date.parse().ok()).unwrap_or_default();
            let id = EventId(new_ids.next()?);
            merged.events.push((id, date, Value::Object(event.clone()).to_string()));
        }
        if let Some(cases) = &plan.exit_cases {
            merged.exit_cases = Some(cases.clone());
        }
    }
    Ok(())
}
