//! The state of a company as of a date: purchases and events replayed in order (moic.md §2).

mod disposal;

use jiff::civil::Date;

use crate::document::company::{Company, Step, StepKind};
use crate::document::event::{Event, Fact, Recipients};
use crate::document::labels::{ClassIndex, LotIndex};
use crate::document::lot::{Lot, LotType};
use crate::document::{Instrument, Policy};
use crate::json::{Path, Problems};
use crate::quantity::{Cents, Price, Ratio, Shares};

/// Bits that the exact value of a lot's shares may take. Splits, conversions and pro-rata sales make exact fractions
/// longer; a history that passes this limit is refused rather than computed ever more slowly.
pub const EXACT_BITS_MAX: u64 = 2_048;

/// What a lot is at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holding {
    /// Shares of a class.
    Equity,
    /// The right to buy shares of a class; without shares once it was exercised.
    Warrant,
    /// A SAFE or a note before its conversion.
    Convertible,
}

/// One lot at a moment.
#[derive(Clone, Debug)]
pub(crate) struct Position {
    /// Whether the lot has been acquired by now.
    pub(crate) acquired: bool,
    pub(crate) lot_type: LotType,
    pub(crate) purchase_date: Date,
    pub(crate) holding: Holding,
    /// Class held now; `None` before the conversion of a SAFE or note.
    pub(crate) class: Option<ClassIndex>,
    /// Shares held now, restated for splits and conversions.
    pub(crate) held: Shares,
    /// All shares ever acquired in this lot, restated in the same way.
    pub(crate) bought: Shares,
    pub(crate) strike: Price,
    /// C: the original cost, also after sales; 0 once a warrant was exercised, since its cost moved on.
    pub(crate) cost: Cents,
    /// R.
    pub(crate) realised: Cents,
    pub(crate) receivable: Cents,
    pub(crate) lot_mark: Option<Cents>,
    /// Relieved cost of the sales before an exercise moved the cost on, in whole cents.
    relieved_before_exercise: Cents,
    /// Whether a disposal derived which of this lot's shares were sold.
    pub(crate) allocation_derived: bool,
}

impl Position {
    fn of(lot: &Lot) -> Self {
        let holding = match lot.instrument {
            Instrument::Equity => Holding::Equity,
            Instrument::Warrant => Holding::Warrant,
            Instrument::Safe | Instrument::Note => Holding::Convertible,
        };
        Self {
            lot_type: lot.lot_type,
            purchase_date: lot.purchase_date,
            holding,
            class: lot.class,
            held: lot.shares.clone(),
            bought: lot.shares.clone(),
            strike: lot.strike.clone().unwrap_or(Price::ZERO),
            cost: lot.cost.clone(),
            ..Self::not_yet_made()
        }
    }

    /// The place of a lot that an exercise will make.
    fn not_yet_made() -> Self {
        Self {
            acquired: false,
            lot_type: LotType::FollowOn,
            purchase_date: Date::MAX,
            holding: Holding::Equity,
            class: None,
            held: Shares::ZERO,
            bought: Shares::ZERO,
            strike: Price::ZERO,
            cost: Cents::ZERO,
            realised: Cents::ZERO,
            receivable: Cents::ZERO,
            lot_mark: None,
            relieved_before_exercise: Cents::ZERO,
            allocation_derived: false,
        }
    }

    fn is_equity_of(&self, class: ClassIndex) -> bool {
        self.acquired && self.holding == Holding::Equity && self.class == Some(class)
    }

    /// Relieved cost of all sales so far, in whole cents: cost × sold / bought, rounded half-even. What each single sale
    /// relieves is the difference to the sale before.
    pub(crate) fn relieved(&self) -> Cents {
        let sold = self.bought.minus(&self.held);
        match sold.share_of(&self.bought) {
            Some(part) if !part.is_zero() && !self.cost.is_zero() => self.cost.scaled(&part).rounded_to_cents(),
            _ => self.relieved_before_exercise.clone(),
        }
    }

    fn restate(&mut self, ratio: &Ratio, inverse: &Ratio) {
        self.held = self.held.scaled(ratio).reduced();
        self.bought = self.bought.scaled(ratio).reduced();
        if !self.strike.is_zero() {
            self.strike = self.strike.scaled(inverse).reduced();
        }
    }
}

/// The state of one company. Reused from company to company, so that replaying allocates nothing.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// By lot index, also of lots not acquired yet.
    pub(crate) positions: Vec<Position>,
    /// Fund-currency value per share, by class.
    marks: Vec<Option<Price>>,
    /// Receivables in force, as indices of their events.
    receivables: Vec<u32>,
}

impl State {
    /// Replays `company` up to and including `as_of`.
    pub(crate) fn replay(&mut self, company: &Company, policy: &Policy, as_of: Date) {
        self.replay_watched(company, policy, as_of, |_, _| ());
    }

    /// Replays as [`State::replay`] does and shows the lots to `watch` after each step.
    pub(crate) fn replay_watched(
        &mut self,
        company: &Company,
        policy: &Policy,
        as_of: Date,
        mut watch: impl FnMut(Step, &[Position]),
    ) {
        self.begin(company);
        for step in company.steps.iter().take_while(|step| step.date <= as_of) {
            // The document was checked by the same replay, so no step fails here.
            let _ = self.apply(company, policy, *step);
            watch(*step, &self.positions);
        }
        self.carry_receivables(company);
    }

    /// Only the marks of `company` up to and including `as_of`: all there is to replay where nothing else happened.
    pub(crate) fn mark(&mut self, company: &Company, as_of: Date) {
        self.marks.clear();
        self.marks.resize(company.classes.len(), None);
        for step in company.steps.iter().take_while(|step| step.date <= as_of) {
            if let StepKind::Event(index) = step.what
                && let Some(Fact::Mark { class, value_per_share, .. }) = company.event(index).map(|event| &event.fact)
                && let Some(mark) = self.marks.get_mut(class.position())
            {
                *mark = Some(value_per_share.clone());
            }
        }
    }

    /// Fund-currency value per share of a class, if it has a mark.
    pub(crate) fn mark_of(&self, class: ClassIndex) -> Option<&Price> {
        self.marks.get(class.position())?.as_ref()
    }

    fn begin(&mut self, company: &Company) {
        self.positions.clear();
        self.positions.extend(company.lots.iter().map(Position::of));
        self.positions.extend(company.new_lots.iter().map(|_| Position::not_yet_made()));
        self.marks.clear();
        self.marks.resize(company.classes.len(), None);
        self.receivables.clear();
    }

    fn apply(&mut self, company: &Company, policy: &Policy, step: Step) -> Result<(), Refusal> {
        let index = match step.what {
            StepKind::Purchase(lot) => {
                if let Some(position) = self.positions.get_mut(lot.position()) {
                    position.acquired = true;
                }
                return Ok(());
            }
            StepKind::Event(index) => index,
        };
        let Some(event) = company.event(index) else { return Ok(()) };
        self.apply_event(company, policy, event, index)
    }

    fn apply_event(&mut self, company: &Company, policy: &Policy, event: &Event, index: u32) -> Result<(), Refusal> {
        match &event.fact {
            Fact::Mark { class, value_per_share, .. } => {
                if let Some(mark) = self.marks.get_mut(class.position()) {
                    *mark = Some(value_per_share.clone());
                }
                Ok(())
            }
            Fact::LotMark { lot, value } => {
                self.owned(*lot, company, "lot")?.lot_mark = Some(value.clone());
                Ok(())
            }
            Fact::Split { class, ratio, inverse } => self.split(*class, ratio, inverse),
            Fact::ClassConversion { from, to, ratio, inverse } => self.convert_class(*from, *to, ratio, inverse),
            Fact::LotConversion { lot, to, shares } => self.convert_lot(company, *lot, *to, shares),
            Fact::Exercise { lot, new_lot, lot_type, cash } => {
                let made = self.exercise(company, *lot, cash)?;
                if let Some(position) = self.positions.get_mut(new_lot.position()) {
                    *position = Position { lot_type: *lot_type, purchase_date: event.date, ..made };
                }
                Ok(())
            }
            Fact::Distribution { to, amount } => self.distribute(company, to, amount),
            Fact::Disposal { class, shares, proceeds, relief } => {
                let sale = disposal::Sale { class: *class, shares, proceeds, relief };
                sale.apply(&mut self.positions, company, policy)
            }
            Fact::Receivable { id, allocation, .. } => {
                for (lot, _) in allocation {
                    self.owned(*lot, company, "allocation")?;
                }
                if let Some(id) = id {
                    let is_replaced = |earlier: &u32| {
                        matches!(company.event(*earlier).map(|event| &event.fact),
                            Some(Fact::Receivable { id: Some(known), .. }) if known == id)
                    };
                    self.receivables.retain(|earlier| !is_replaced(earlier));
                }
                self.receivables.push(index);
                Ok(())
            }
        }
    }

    /// The position of a lot that is there by now.
    fn owned(&mut self, lot: LotIndex, company: &Company, field: &'static str) -> Result<&mut Position, Refusal> {
        let position = self.positions.get_mut(lot.position()).filter(|position| position.acquired);
        position.ok_or_else(|| {
            let id = company.lot_id(lot);
            let message = format!("the lot {id} is not yet acquired at this point; correct the date or the lot");
            Refusal { field, value: id.to_owned(), message }
        })
    }

    fn split(&mut self, class: ClassIndex, ratio: &Ratio, inverse: &Ratio) -> Result<(), Refusal> {
        for position in &mut self.positions {
            if position.acquired && position.class == Some(class) {
                position.restate(ratio, inverse);
                check_size(position)?;
            }
        }
        if let Some(Some(mark)) = self.marks.get_mut(class.position()) {
            *mark = mark.scaled(inverse).reduced();
        }
        Ok(())
    }

    fn convert_class(
        &mut self,
        from: ClassIndex,
        to: ClassIndex,
        ratio: &Ratio,
        inverse: &Ratio,
    ) -> Result<(), Refusal> {
        for position in &mut self.positions {
            if position.acquired && position.class == Some(from) {
                position.restate(ratio, inverse);
                position.class = Some(to);
                check_size(position)?;
            }
        }
        Ok(())
    }

    fn convert_lot(
        &mut self,
        company: &Company,
        lot: LotIndex,
        to: ClassIndex,
        shares: &Shares,
    ) -> Result<(), Refusal> {
        let position = self.owned(lot, company, "lot")?;
        if position.holding != Holding::Convertible {
            let message = "only a SAFE or note that has not been converted yet can be converted by a lot_conversion";
            return Err(Refusal::of_lot(company, lot, message));
        }
        position.holding = Holding::Equity;
        position.class = Some(to);
        position.held = shares.clone();
        position.bought = shares.clone();
        position.lot_mark = None;
        Ok(())
    }

    /// Empties the warrant and returns the equity lot that comes of it.
    fn exercise(&mut self, company: &Company, lot: LotIndex, cash: &Cents) -> Result<Position, Refusal> {
        let warrant = self.owned(lot, company, "lot")?;
        if warrant.holding != Holding::Warrant || warrant.held.is_zero() {
            return Err(Refusal::of_lot(company, lot, "only a warrant that still has shares can be exercised"));
        }
        warrant.relieved_before_exercise = warrant.relieved();
        let held = std::mem::replace(&mut warrant.held, Shares::ZERO);
        let cost = std::mem::replace(&mut warrant.cost, Cents::ZERO);
        warrant.lot_mark = None;
        Ok(Position {
            acquired: true,
            class: warrant.class,
            bought: held.clone(),
            held,
            cost: cost.plus(cash),
            ..Position::not_yet_made()
        })
    }

    fn distribute(&mut self, company: &Company, to: &Recipients, amount: &Cents) -> Result<(), Refusal> {
        let class = match to {
            Recipients::Lot(lot) => {
                let position = self.owned(*lot, company, "lot")?;
                position.realised = position.realised.plus(amount);
                return Ok(());
            }
            Recipients::Class(class) => *class,
        };
        let receiving = |position: &Position| position.is_equity_of(class) && !position.held.is_zero();
        let total = self
            .positions
            .iter()
            .filter(|position| receiving(position))
            .fold(Shares::ZERO, |sum, position| sum.plus(&position.held));
        for position in self.positions.iter_mut().filter(|position| receiving(position)) {
            if let Some(part) = position.held.share_of(&total) {
                position.realised = position.realised.plus(&amount.scaled(&part)).reduced();
            }
        }
        if total.is_zero() {
            let label = company.classes.get(class.position()).map_or("", |label| label);
            let message = format!("nobody holds {label} on the record date, so the distribution has no recipient");
            return Err(Refusal { field: "shareClass", value: label.to_owned(), message });
        }
        Ok(())
    }

    /// Adds what is still to be received to the lots.
    fn carry_receivables(&mut self, company: &Company) {
        let Self { positions, receivables, .. } = self;
        for index in receivables.iter() {
            let Some(Fact::Receivable { carrying, allocation, .. }) = company.event(*index).map(|event| &event.fact)
            else {
                continue;
            };
            for (lot, weight) in allocation {
                if let Some(position) = positions.get_mut(lot.position()) {
                    position.receivable = position.receivable.plus(&carrying.scaled(weight).reduced());
                }
            }
        }
    }
}

fn check_size(position: &Position) -> Result<(), Refusal> {
    if position.held.0.bits().max(position.bought.0.bits()) <= EXACT_BITS_MAX {
        return Ok(());
    }
    let message = format!("the exact number of shares needs more than {EXACT_BITS_MAX} bits after this event");
    Err(Refusal { field: WHOLE_EVENT, value: "(the whole event)".to_owned(), message })
}

/// In place of a field: the event as a whole is refused, and with it whatever follows.
const WHOLE_EVENT: &str = "";

/// Why an event cannot have happened, and which of its fields says so.
pub(crate) struct Refusal {
    field: &'static str,
    value: String,
    message: String,
}

impl Refusal {
    fn of_lot(company: &Company, lot: LotIndex, message: &str) -> Self {
        Self { field: "lot", value: company.lot_id(lot).to_owned(), message: message.to_owned() }
    }
}

/// Replays the whole history and notes every event that cannot have happened.
pub(crate) fn check(company: &Company, policy: &Policy, path: &Path<'_>, problems: &mut Problems) {
    if company.only_marks {
        // Marks cannot fail.
        return;
    }
    let mut state = State::default();
    state.begin(company);
    for step in &company.steps {
        if let Err(refusal) = state.apply(company, policy, *step)
            && let StepKind::Event(index) = step.what
        {
            let events = path.field("events");
            let event = events.index(usize::try_from(index).unwrap_or(usize::MAX));
            if refusal.field == WHOLE_EVENT {
                problems.push(&event, refusal.value, refusal.message);
                return;
            }
            problems.push(&event.field(refusal.field), refusal.value, refusal.message);
        }
    }
}
