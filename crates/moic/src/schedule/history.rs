//! What a replay did to single lots, step by step.

use jiff::civil::Date;

use super::{LotEffect, Occurrence, Places, ScheduledEvent, label_of};
use crate::document::Policy;
use crate::document::company::{Company, Step, StepKind};
use crate::document::event::{Fact, Recipients, ReliefChoice};
use crate::document::labels::{ClassIndex, LotIndex};
use crate::quantity::{Cents, Shares};
use crate::replay::Position;

/// Collected while a company is replayed.
pub(super) struct History<'p> {
    company: &'p Company,
    steps: Vec<Happened>,
    class_marked_on: Vec<Option<Date>>,
    lot_marked_on: Vec<Option<Date>>,
    /// Shares held and proceeds realised before the next step, by lot index.
    before: Vec<(Shares, Cents)>,
}

struct Happened {
    step: Step,
    effects: Vec<(LotIndex, Shares, Cents)>,
}

impl<'p> History<'p> {
    pub(super) fn of(company: &'p Company) -> Self {
        Self {
            company,
            steps: Vec::with_capacity(company.steps.len()),
            class_marked_on: vec![None; company.classes.len()],
            lot_marked_on: vec![None; company.lots.len().saturating_add(company.new_lots.len())],
            before: Vec::new(),
        }
    }

    /// Takes note of a step, given the lots after it.
    pub(super) fn add(&mut self, step: Step, after: &[Position]) {
        let fact = match step.what {
            StepKind::Purchase(_) => None,
            StepKind::Event(index) => self.company.event(index).map(|event| &event.fact),
        };
        let mut effects = Vec::new();
        match fact {
            Some(Fact::Mark { class, .. }) => note(&mut self.class_marked_on, class.position(), step.date),
            Some(Fact::LotMark { lot, .. }) => note(&mut self.lot_marked_on, lot.position(), step.date),
            Some(Fact::Distribution { .. } | Fact::Disposal { .. }) => effects = self.differences(after),
            _ => {}
        }
        // A mark changes neither shares nor proceeds, and most events are marks.
        if !matches!(fact, Some(Fact::Mark { .. } | Fact::LotMark { .. } | Fact::Receivable { .. })) {
            self.before.clear();
            self.before.extend(after.iter().map(|position| (position.held.clone(), position.realised.clone())));
        }
        self.steps.push(Happened { step, effects });
    }

    fn differences(&self, after: &[Position]) -> Vec<(LotIndex, Shares, Cents)> {
        let pairs = self.before.iter().zip(after).enumerate();
        let differences = pairs.map(|(index, ((held, realised), position))| {
            let (sold, received) = (held.minus(&position.held), position.realised.minus(realised));
            (LotIndex::at(index), sold.reduced(), received.reduced())
        });
        differences.filter(|(_, sold, received)| !(sold.is_zero() && received.is_zero())).collect()
    }

    pub(super) fn class_marked_on(&self, class: ClassIndex) -> Option<Date> {
        self.class_marked_on.get(class.position()).copied().flatten()
    }

    pub(super) fn lot_marked_on(&self, lot: LotIndex) -> Option<Date> {
        self.lot_marked_on.get(lot.position()).copied().flatten()
    }

    /// The steps as the schedule shows them.
    pub(super) fn events(self, policy: &Policy, places: &Places) -> Vec<ScheduledEvent<'p>> {
        let company = self.company;
        let scheduled = |happened: Happened| {
            let effects = happened
                .effects
                .into_iter()
                .filter_map(|(lot, sold, received)| Some(LotEffect { lot: places.of_lot(lot)?, sold, received }));
            let what = match happened.step.what {
                StepKind::Purchase(lot) => {
                    Occurrence::Purchase { lot: places.of_lot(lot)?, cost: &company.lots.get(lot.position())?.cost }
                }
                StepKind::Event(index) => occurrence(company, &company.event(index)?.fact, policy, places)?,
            };
            Some(ScheduledEvent { date: happened.step.date, what, effects: effects.collect() })
        };
        self.steps.into_iter().filter_map(scheduled).collect()
    }
}

fn note(dates: &mut [Option<Date>], position: usize, date: Date) {
    if let Some(noted) = dates.get_mut(position) {
        *noted = Some(date);
    }
}

/// The fact with names for its indices; `None` never comes, since a replayed event refers to lots that are there.
fn occurrence<'p>(company: &'p Company, fact: &'p Fact, policy: &Policy, places: &Places) -> Option<Occurrence<'p>> {
    let label = |class: ClassIndex| label_of(company, class);
    Some(match fact {
        Fact::Mark { class, price, fx_rate, value_per_share } => {
            Occurrence::Mark { share_class: label(*class), price, fx_rate, value_per_share }
        }
        Fact::LotMark { lot, value } => Occurrence::LotMark { lot: places.of_lot(*lot)?, value },
        Fact::Split { class, ratio, .. } => Occurrence::Split { share_class: label(*class), ratio },
        Fact::ClassConversion { from, to, ratio, .. } => {
            Occurrence::ClassConversion { from_class: label(*from), to_class: label(*to), ratio }
        }
        Fact::LotConversion { lot, to, shares } => {
            Occurrence::LotConversion { lot: places.of_lot(*lot)?, to_class: label(*to), shares }
        }
        Fact::Exercise { lot, new_lot, cash, .. } => {
            Occurrence::Exercise { lot: places.of_lot(*lot)?, new_lot: places.of_lot(*new_lot)?, cash }
        }
        Fact::Distribution { to, amount } => {
            let share_class = match to {
                Recipients::Class(class) => Some(label(*class)),
                Recipients::Lot(_) => None,
            };
            Occurrence::Distribution { share_class, amount }
        }
        Fact::Disposal { class, shares, proceeds, relief } => {
            let relief = match relief {
                ReliefChoice::Lots(_) => None,
                ReliefChoice::Method(method) => Some(*method),
                ReliefChoice::Policy => Some(policy.lot_relief),
            };
            Occurrence::Disposal { share_class: class.map(label), shares, proceeds, relief }
        }
        Fact::Receivable { id, carrying, allocation } => Occurrence::Receivable {
            id: id.as_deref(),
            carrying,
            allocation: allocation.iter().filter_map(|(lot, part)| Some((places.of_lot(*lot)?, part))).collect(),
        },
    })
}
