//! What share classes are called in the portfolio document.
//!
//! A class conversion of the portfolio document is one of all shares of a class. Where the fund converts some of its shares
//! of a class and keeps others, those that convert are of a class with a name of its own from their purchase on.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use moic::{CLASSES_PER_COMPANY_MAX, EVENTS_PER_COMPANY_MAX};
use num_rational::BigRational;

use super::classes::Classes;
use super::holdings::Lot;
use super::ledger::{Event, Fact};
use super::record::Record;

/// A lot in one class, from one change of class to the next. An exercised warrant and its shares are one.
struct Stage<'v> {
    class: &'v str,
    start: Date,
    /// Whether a class conversion brought the lot here; those come before purchases on a day.
    is_converted_into: bool,
    /// The class conversion that ends it, and the stage that follows.
    end: Option<(Date, BigRational, usize, Record<'v>)>,
    /// When the last share was sold.
    gone: Option<Date>,
    /// The label's index.
    label: Option<usize>,
}

impl Stage<'_> {
    /// Whether a class conversion on `date` would touch it.
    fn is_there(&self, date: Date) -> bool {
        let has_begun = self.start < date || (self.is_converted_into && self.start == date);
        has_begun && self.end.as_ref().is_none_or(|end| end.0 >= date) && self.gone.is_none_or(|gone| gone >= date)
    }
}

/// A class conversion of the document, by its day, the label it leads to and its ratio.
type Change = (Date, usize, BigRational);

struct Label<'v> {
    class: &'v str,
    name: String,
    members: Vec<usize>,
    changes: BTreeMap<Change, Record<'v>>,
}

/// The names of all classes that lots are ever in.
pub(super) struct Labels<'v> {
    stages: Vec<Stage<'v>>,
    /// Stages of each lot in order.
    of_lot: Vec<Vec<usize>>,
    labels: Vec<Label<'v>>,
}

/// A class conversion as the document has it.
pub(super) struct Conversion<'v> {
    pub(super) date: Date,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) ratio: BigRational,
    pub(super) record: Record<'v>,
}

impl<'v> Labels<'v> {
    /// Names the classes.
    ///
    /// # Errors
    /// A message where the document cannot have so many classes or conversions.
    pub(super) fn of(lots: &[Lot<'v>], events: &[Event<'v>], classes: &Classes<'v>) -> Result<Self, String> {
        let mut labels = Self { stages: Vec::new(), of_lot: vec![Vec::new(); lots.len()], labels: Vec::new() };
        let made_from: BTreeMap<usize, usize> = events
            .iter()
            .filter_map(|event| match event.fact {
                Fact::Exercise { lot, new_lot, .. } => Some((new_lot, lot)),
                _ => None,
            })
            .collect();
        for (index, lot) in lots.iter().enumerate() {
            labels.add_stages(index, lot, made_from.get(&index).copied());
        }
        let mut order: Vec<usize> = (0..labels.stages.len()).collect();
        // The last first, since a change of class is known by where it leads; those that stay get the plain name.
        order.sort_by_key(|stage| {
            let end = labels.stages.get(*stage).and_then(|stage| stage.end.as_ref()).map_or(Date::MAX, |end| end.0);
            (std::cmp::Reverse(end), *stage)
        });
        let mut names: BTreeSet<String> = BTreeSet::new();
        let mut changes = 0_usize;
        for stage in order {
            labels.name(stage, classes, &mut names, &mut changes)?;
        }
        Ok(labels)
    }

    fn add_stages(&mut self, index: usize, lot: &Lot<'v>, warrant: Option<usize>) {
        let Some(first) = lot.class else { return };
        let mut class = first;
        let mut start = lot.entered();
        // The shares of an exercised warrant go on where the warrant was.
        let shared = warrant.and_then(|warrant| self.of_lot.get(warrant)?.last().copied());
        let mut current = shared.unwrap_or(self.stages.len());
        if shared.is_none() {
            self.stages.push(Stage {
                class,
                start,
                is_converted_into: false,
                end: None,
                gone: lot.emptied_on,
                label: None,
            });
        } else if let Some(stage) = self.stages.get_mut(current) {
            stage.gone = lot.emptied_on;
        }
        let mut own = vec![current];
        for transition in &lot.transitions {
            let next = self.stages.len();
            if let Some(stage) = self.stages.get_mut(current) {
                stage.end = Some((transition.date, transition.ratio.clone(), next, transition.record));
            }
            (class, start, current) = (transition.to, transition.date, next);
            self.stages.push(Stage {
                class,
                start,
                is_converted_into: true,
                end: None,
                gone: lot.emptied_on,
                label: None,
            });
            own.push(next);
        }
        if let Some(stages) = self.of_lot.get_mut(index) {
            *stages = own;
        }
    }

    fn name(
        &mut self,
        stage_index: usize,
        classes: &Classes<'v>,
        names: &mut BTreeSet<String>,
        changes: &mut usize,
    ) -> Result<(), String> {
        let Some(stage) = self.stages.get(stage_index) else { return Ok(()) };
        let change = stage.end.as_ref().and_then(|(date, ratio, next, record)| {
            let to = self.stages.get(*next)?.label?;
            Some(((*date, to, ratio.clone()), *record))
        });
        let own = change.as_ref().map(|(change, _)| change);
        let fitting = self.labels.iter().position(|label| label.class == stage.class && self.fits(own, label));
        let index = match fitting {
            Some(index) => index,
            None if self.labels.len() >= CLASSES_PER_COMPANY_MAX => {
                return Err(format!(
                    "the fund's shares of a class go so many ways of their own that the document would need more than \
                     {CLASSES_PER_COMPANY_MAX} classes"
                ));
            }
            None => {
                let name = free_name(&classes.label(stage.class), own.map(|change| change.0), names);
                self.labels.push(Label { class: stage.class, name, members: Vec::new(), changes: BTreeMap::new() });
                self.labels.len().saturating_sub(1)
            }
        };
        if let Some(label) = self.labels.get_mut(index) {
            label.members.push(stage_index);
            if let Some((change, record)) = change
                && label.changes.insert(change, record).is_none()
            {
                *changes = changes.saturating_add(1);
            }
        }
        if let Some(stage) = self.stages.get_mut(stage_index) {
            stage.label = Some(index);
        }
        if *changes > EVENTS_PER_COMPANY_MAX {
            return Err(format!("the fund's shares change their class in more than {EVENTS_PER_COMPANY_MAX} ways"));
        }
        Ok(())
    }

    /// Whether a stage can be under a label: its change must touch no other member. What the label has of changes already
    /// touches the stage in no case, since stages are named from the last change to the first.
    fn fits(&self, own: Option<&Change>, label: &Label<'v>) -> bool {
        let Some(own) = own.filter(|own| !label.changes.contains_key(*own)) else { return true };
        let mut members = label.members.iter().filter_map(|member| self.stages.get(*member));
        !members.any(|member| member.is_there(own.0))
    }

    /// The name of the class that a lot is bought in or converted into.
    pub(super) fn first(&self, lot: usize) -> Option<&str> {
        self.name_of(*self.of_lot.get(lot)?.first()?)
    }

    /// The name of the class that a lot is of in the end.
    pub(super) fn last(&self, lot: usize) -> Option<&str> {
        self.name_of(*self.of_lot.get(lot)?.last()?)
    }

    fn name_of(&self, stage: usize) -> Option<&str> {
        let label = self.stages.get(stage)?.label?;
        self.labels.get(label).map(|label| label.name.as_str())
    }

    /// All class conversions.
    pub(super) fn conversions(&self) -> Vec<Conversion<'v>> {
        let of_label = |label: &Label<'v>| -> Vec<Conversion<'v>> {
            let made = label.changes.iter().filter_map(|((date, to, ratio), record)| {
                let to = self.labels.get(*to)?.name.clone();
                Some(Conversion { date: *date, from: label.name.clone(), to, ratio: ratio.clone(), record: *record })
            });
            made.collect()
        };
        self.labels.iter().flat_map(of_label).collect()
    }

    /// The names under which the fund has shares of a class at the start of a day.
    pub(super) fn on(&self, class: &str, date: Date) -> Vec<&str> {
        let is_there =
            |stage: &usize| self.stages.get(*stage).is_some_and(|stage| stage.start < date && stage.is_there(date));
        let labels = self.labels.iter().filter(|label| label.class == class);
        labels.filter(|label| label.members.iter().any(is_there)).map(|label| label.name.as_str()).collect()
    }
}

/// A name that nothing else has: the class's own where it is free.
fn free_name(plain: &str, converts_on: Option<Date>, names: &mut BTreeSet<String>) -> String {
    if names.insert(plain.to_owned()) {
        return plain.to_owned();
    }
    let described = converts_on.map_or_else(|| plain.to_owned(), |date| format!("{plain}, until {date}"));
    let mut name = described.clone();
    let mut number = 1_usize;
    while !names.insert(name.clone()) {
        number = number.saturating_add(1);
        name = format!("{described} ({number})");
    }
    name
}
