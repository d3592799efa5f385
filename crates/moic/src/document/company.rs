//! One company of the document.

use jiff::civil::Date;

use super::case::{self, CASES_PER_COMPANY_MAX, ExitCase, Outlook};
use super::event::{self, Event, Fact, Names};
use super::labels::{ClassIndex, Classes, LotIndex, LotNames};
use super::lot::{self, Instrument, Lot};
use super::text::{identifier, label};
use super::{EVENTS_PER_COMPANY_MAX, LOTS_PER_COMPANY_MAX, Policy};
use crate::json::{Fields, Path, Problems, Value};
use crate::problem::Problem;
use crate::replay;

/// A checked company with everything that can be prepared before the date of the evaluation is known.
#[derive(Debug)]
pub(crate) struct Company {
    pub(crate) id: Box<str>,
    pub(crate) name: Option<Box<str>>,
    pub(crate) sector: Option<Box<str>>,
    pub(crate) stage: Option<Box<str>>,
    pub(crate) classes: Vec<Box<str>>,
    pub(crate) lots: Vec<Lot>,
    /// Ids of the lots that exercises make, in document order.
    pub(crate) new_lots: Vec<Box<str>>,
    /// In document order.
    pub(crate) events: Vec<Event>,
    /// Purchases and events in the order of their effect.
    pub(crate) steps: Vec<Step>,
    pub(crate) cases: Vec<ExitCase>,
    pub(crate) outlook: Option<Outlook>,
    /// Whether all lots are equity, all events marks, and no case gives proceeds for a lot: then a lot is worth its
    /// shares times a price, and no state needs to be replayed.
    pub(crate) only_marks: bool,
}

/// A purchase or an event at its place in time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) date: Date,
    pub(crate) what: StepKind,
}

/// What happens in a step; the index is that of the lot or event in the document.
#[derive(Clone, Copy, Debug)]
pub(crate) enum StepKind {
    Purchase(LotIndex),
    Event(u32),
}

impl Company {
    /// What the company is called: its id where it has no name.
    pub(crate) fn title(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }

    /// The id of a lot, be it the document's or made by an exercise.
    pub(crate) fn lot_id(&self, lot: LotIndex) -> &str {
        match self.lots.get(lot.position()) {
            Some(lot) => &lot.id,
            None => lot
                .position()
                .checked_sub(self.lots.len())
                .and_then(|position| self.new_lots.get(position))
                .map_or("", |id| id),
        }
    }

    pub(crate) fn event(&self, index: u32) -> Option<&Event> {
        self.events.get(usize::try_from(index).ok()?)
    }
}

/// Reads one entry of `companies`; `None` when something was noted in `problems`.
pub(crate) fn read(
    value: &Value<'_>,
    path: &Path<'_>,
    policy: &Policy,
    problems: &mut Problems,
    warnings: &mut Vec<Problem>,
) -> Option<Company> {
    let before = problems.len();
    let mut fields = Fields::of(value, path, problems)?;
    let id = fields.required("id", problems, identifier);
    let name = fields.parsed("name", problems, label);
    let sector = fields.parsed("sector", problems, label);
    let stage = fields.parsed("stage", problems, label);
    if !fields.has("lots") {
        fields.missing("lots", problems);
    }
    let lot_values = fields.array("lots", LOTS_PER_COMPANY_MAX, problems);
    let event_values = fields.array("events", EVENTS_PER_COMPANY_MAX, problems);
    let case_values = fields.array("exitCases", CASES_PER_COMPANY_MAX, problems);
    fields.finish(problems);

    let mut classes = Classes::default();
    let lots = read_lots(lot_values, &path.field("lots"), &mut classes, problems, warnings);
    let names = lot_names(lot_values, event_values, path, problems);
    let events = read_events(event_values, &path.field("events"), &mut classes, &names, lot_values.len(), problems);
    let cases = case::read_all(case_values, &path.field("exitCases"), &mut classes, &names, problems);
    if problems.len() != before {
        return None;
    }
    let classes = classes.into_labels();
    let outlook = Outlook::over(&cases, classes.len());
    let new_lots = event_values.iter().filter_map(event::new_lot_id).map(Box::from).collect();
    let steps = steps_in_order(&lots, &events);
    note_marks_nobody_holds(&lots, &events, &classes, &path.field("events"), warnings);
    let only_marks = lots.iter().all(|lot| lot.instrument == Instrument::Equity)
        && events.iter().all(|event| matches!(event.fact, Fact::Mark { .. }))
        && cases.iter().all(|case| case.lot_proceeds.is_empty());
    let company =
        Company { id: id?, name, sector, stage, classes, lots, new_lots, events, steps, cases, outlook, only_marks };
    replay::check(&company, policy, path, problems);
    (problems.len() == before).then_some(company)
}

/// A mark of a class that no lot is or becomes of has no effect; mostly its name was mistyped.
fn note_marks_nobody_holds(
    lots: &[Lot],
    events: &[Event],
    classes: &[Box<str>],
    path: &Path<'_>,
    warnings: &mut Vec<Problem>,
) {
    let becomes = |event: &Event| match event.fact {
        Fact::ClassConversion { to, .. } | Fact::LotConversion { to, .. } => Some(to),
        _ => None,
    };
    let held: Vec<ClassIndex> =
        lots.iter().filter_map(|lot| lot.class).chain(events.iter().filter_map(becomes)).collect();
    for (index, event) in events.iter().enumerate() {
        if let Fact::Mark { class, .. } = &event.fact
            && !held.contains(class)
        {
            let label = classes.get(class.position()).map_or("", |label| label);
            let path = path.index(index);
            let message = "no lot is or becomes of this share class, so the mark has no effect; check the name";
            warnings.push(Problem::new(path.field("shareClass").to_string(), label, message));
        }
    }
}

fn read_lots(
    values: &[Value<'_>],
    path: &Path<'_>,
    classes: &mut Classes,
    problems: &mut Problems,
    warnings: &mut Vec<Problem>,
) -> Vec<Lot> {
    let mut lots = Vec::with_capacity(values.len());
    for (index, value) in values.iter().enumerate() {
        lots.extend(lot::read(value, &path.index(index), classes, problems, warnings));
    }
    lots
}

/// Indexes the ids of all lots, also of those that could not be read, so that references to them are not problems too.
fn lot_names<'v>(
    lots: &'v [Value<'_>],
    events: &'v [Value<'_>],
    path: &Path<'_>,
    problems: &mut Problems,
) -> LotNames<'v> {
    let id_of = |value: &'v Value<'_>| value.as_object().and_then(|lot| lot.get("id")).and_then(Value::as_str);
    let ids_of_lots: Vec<&str> = lots.iter().map(|value| id_of(value).unwrap_or("")).collect();
    let new_lots: Vec<(usize, &str)> =
        events.iter().enumerate().filter_map(|(index, value)| event::new_lot_id(value).map(|id| (index, id))).collect();
    let names = LotNames::new(ids_of_lots.iter().copied().chain(new_lots.iter().map(|(_, id)| *id)));
    let mut repeated: Vec<LotIndex> = names.repeated().collect();
    repeated.sort_unstable();
    for lot in repeated {
        let position = lot.position();
        let message = "is already the id of another lot of this company";
        let Some(new_lot) = position.checked_sub(lots.len()) else {
            let id = ids_of_lots.get(position).copied().unwrap_or("");
            if !id.is_empty() {
                problems.push(&path.field("lots").index(position).field("id"), id, message);
            }
            continue;
        };
        if let Some((event, id)) = new_lots.get(new_lot)
            && !id.is_empty()
        {
            problems.push(&path.field("events").index(*event).field("newLot"), *id, message);
        }
    }
    names
}

fn read_events(
    values: &[Value<'_>],
    path: &Path<'_>,
    classes: &mut Classes,
    lots: &LotNames<'_>,
    lot_count: usize,
    problems: &mut Problems,
) -> Vec<Event> {
    let mut names = Names { classes, lots, next_new_lot: lot_count };
    let mut events = Vec::with_capacity(values.len());
    for (index, value) in values.iter().enumerate() {
        events.extend(event::read(value, &path.index(index), &mut names, problems));
    }
    events
}

/// Sorts purchases and events by date, and within a day by the order of moic.md §2; ties keep the document's order.
fn steps_in_order(lots: &[Lot], events: &[Event]) -> Vec<Step> {
    let purchases = lots.iter().enumerate().map(|(position, lot)| {
        let step = Step { date: lot.purchase_date, what: StepKind::Purchase(LotIndex::at(position)) };
        (order_within_day(None), step)
    });
    let facts = events.iter().enumerate().map(|(position, event)| {
        let index = u32::try_from(position).unwrap_or(u32::MAX);
        (order_within_day(Some(&event.fact)), Step { date: event.date, what: StepKind::Event(index) })
    });
    let mut steps: Vec<(u8, Step)> = purchases.chain(facts).collect();
    steps.sort_by_key(|(order, step)| (step.date, *order));
    steps.into_iter().map(|(_, step)| step).collect()
}

/// The place of a fact within its day; `None` stands for a purchase.
fn order_within_day(fact: Option<&Fact>) -> u8 {
    match fact {
        Some(Fact::Split { .. } | Fact::ClassConversion { .. }) => 0,
        Some(Fact::LotConversion { .. }) => 1,
        None | Some(Fact::Exercise { .. }) => 2,
        Some(Fact::Distribution { .. }) => 3,
        Some(Fact::Disposal { .. }) => 4,
        Some(Fact::Mark { .. } | Fact::LotMark { .. } | Fact::Receivable { .. }) => 5,
    }
}
