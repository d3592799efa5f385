//! The fund's part of a package, replayed day by day: purchases, splits and the ends of securities, in the order in which
//! securities come from each other.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use moic::RESTATEMENT_MAX;
use moic::quantity::parse_date;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive};

use super::amounts::{number, shown};
use super::asking::Asking;
use super::chain::{Chain, Issuance, Kind};
use super::classes::Classes;
use super::holdings::{Holdings, Instrument, Lot, Part};
use super::record::{Notes, Record, field};

/// Most splits of classes that the fund holds.
pub const SPLITS_MAX: usize = 200;

/// Something that happened to lots, beside their conversions.
pub(super) struct Event<'v> {
    pub(super) date: Date,
    pub(super) fact: Fact<'v>,
    pub(super) record: Record<'v>,
}

/// What happened.
pub(super) enum Fact<'v> {
    Split {
        class: &'v str,
        ratio: BigRational,
    },
    Exercise {
        lot: usize,
        new_lot: usize,
        cash: Option<BigInt>,
    },
    /// Shares by lot; the proceeds in whole cents, none while a question is open.
    Disposal {
        lots: Vec<Part>,
        proceeds: Option<BigInt>,
    },
}

/// A security of the fund that has not ended yet.
pub(super) struct Live<'v> {
    pub(super) parts: Vec<Part>,
    /// The id of its class; none for a SAFE or note.
    pub(super) class: Option<&'v str>,
}

/// What is to be done on a day, in this order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Task<'v> {
    Split(usize),
    Buy(&'v str),
    Close(usize),
}

impl Task<'_> {
    /// Splits come before everything else of their day, as in the portfolio document.
    fn phase(self) -> u8 {
        match self {
            Self::Split(_) => 0,
            Self::Buy(_) | Self::Close(_) => 1,
        }
    }
}

/// How the fund came by a security.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// From the company.
    Primary,
    /// From another holder, by the closing of this index.
    Secondary(usize),
    /// From a security of the fund itself: no purchase.
    Own,
}

/// The replay.
pub(super) struct Ledger<'v, 'a, 'q> {
    pub(super) chain: &'a Chain<'v>,
    pub(super) vehicles: &'a BTreeSet<&'v str>,
    pub(super) classes: &'a Classes<'v>,
    /// The fund's currency, where it is known.
    pub(super) currency: Option<&'a str>,
    pub(super) asking: Asking<'q>,
    pub(super) notes: Notes,
    pub(super) holdings: Holdings<'v>,
    pub(super) events: Vec<Event<'v>>,
    /// By the security's id.
    pub(super) live: BTreeMap<&'v str, Live<'v>>,
    came_about: BTreeSet<&'v str>,
    agenda: BTreeSet<(Date, u8, usize, Task<'v>)>,
    splits: usize,
}

impl<'v, 'a, 'q> Ledger<'v, 'a, 'q> {
    /// A replay that has not begun.
    pub(super) fn new(
        chain: &'a Chain<'v>,
        vehicles: &'a BTreeSet<&'v str>,
        classes: &'a Classes<'v>,
        currency: Option<&'a str>,
        asking: Asking<'q>,
        notes: Notes,
    ) -> Self {
        let taken = chain.issuances.keys().map(|id| (*id).to_owned()).collect();
        Self {
            chain,
            vehicles,
            classes,
            currency,
            asking,
            notes,
            holdings: Holdings::new(taken),
            events: Vec::new(),
            live: BTreeMap::new(),
            came_about: BTreeSet::new(),
            agenda: BTreeSet::new(),
            splits: 0,
        }
    }

    /// Replays everything that touches the fund.
    pub(super) fn replay(&mut self) {
        self.check_issuances();
        let own: Vec<Issuance<'v>> = self.own().copied().collect();
        for issuance in own {
            self.plan_purchase(&issuance);
        }
        for (index, (record, order)) in self.chain.splits.iter().enumerate() {
            match record.text("date").map(parse_date) {
                Some(Ok(date)) => self.plan(date, *order, Task::Split(index)),
                _ if self.holds_ever(record.text("stock_class_id")) => {
                    self.notes.problem(record.place("date"), record.shown("date"), NO_DATE);
                }
                _ => {}
            }
        }
        while let Some((date, _, _, task)) = self.agenda.pop_first() {
            match task {
                Task::Split(index) => self.split(index, date),
                Task::Buy(security) => self.buy(security, date),
                Task::Close(index) => self.close(index, date),
            }
        }
        self.check_all_came_about();
    }

    /// The fund's securities, options and the like left aside.
    pub(super) fn own(&self) -> impl Iterator<Item = &'a Issuance<'v>> + use<'v, 'a, 'q> {
        let vehicles = self.vehicles;
        let held = self.chain.issuances.values().filter(|issuance| vehicles.contains(issuance.holder));
        held.filter(|issuance| issuance.kind != Kind::Compensation)
    }

    /// The issuance of a security of the fund.
    pub(super) fn own_issuance(&self, security: &str) -> Option<&'a Issuance<'v>> {
        let issuance = self.chain.issuances.get(security)?;
        (self.vehicles.contains(issuance.holder) && issuance.kind != Kind::Compensation).then_some(issuance)
    }

    /// Whether a security of the fund is or was of a class, as far as the issuances say it.
    fn holds_ever(&self, class: Option<&str>) -> bool {
        class.is_some_and(|class| self.own().any(|issuance| issuance.record.text("stock_class_id") == Some(class)))
    }

    fn plan(&mut self, date: Date, order: usize, task: Task<'v>) {
        self.agenda.insert((date, task.phase(), order, task));
    }

    /// Notes issuances of the fund that cannot be one security's.
    fn check_issuances(&mut self) {
        for repeated in &self.chain.repeated {
            let first = self.chain.issuances.get(repeated.security);
            let holders = [Some(repeated.holder), first.map(|first| first.holder)];
            if holders.into_iter().flatten().any(|holder| self.vehicles.contains(holder)) {
                let other = first.map(|first| first.record.place("").to_string()).unwrap_or_default();
                let message = format!("this security has been issued already, by {other}; a security is issued once");
                self.notes.problem(repeated.record.place("security_id"), repeated.security, message);
            }
        }
        for issuance in self.chain.nameless.iter().filter(|issuance| self.vehicles.contains(issuance.holder)) {
            let message = "is required: without it nothing can be followed";
            self.notes.problem(issuance.record.place("security_id"), moic::json::ABSENT, message);
        }
    }

    fn plan_purchase(&mut self, issuance: &Issuance<'v>) {
        if let Some(retraction) = self.chain.retractions.get(issuance.security) {
            let place = retraction.place("security_id");
            let is_linked =
                [&self.chain.made_by, &self.chain.closed_by].iter().any(|by| by.contains_key(issuance.security));
            if is_linked {
                let message =
                    "this security is retracted, and yet it comes from another one or has ended; take one of them back";
                self.notes.problem(place, issuance.security, message);
            } else {
                self.notes.warn(place, issuance.security, "its issuance is retracted: read as if it had never been");
            }
            return;
        }
        if self.origin(issuance).is_some_and(|origin| origin != Origin::Own)
            && let Some(date) = self.date(&issuance.record)
        {
            self.plan(date, issuance.order, Task::Buy(issuance.security));
        }
    }

    /// How the fund came by a security; none where that cannot be said, which is noted.
    pub(super) fn origin(&mut self, issuance: &Issuance<'v>) -> Option<Origin> {
        let makers = self.chain.made_by.get(issuance.security).map_or(&[][..], Vec::as_slice);
        let place = issuance.record.place("security_id");
        let index = match makers {
            [] => return Some(Origin::Primary),
            [index] => *index,
            [first, second, ..] => {
                let [first, second] = [first, second].map(|index| self.chain.closings.get(*index));
                let named = [first, second].into_iter().flatten().map(|closing| closing.record.place("").to_string());
                let message = format!(
                    "comes from more than one transaction ({}); a security comes about once",
                    named.collect::<Vec<_>>().join("; ")
                );
                self.notes.problem(place, issuance.security, message);
                return None;
            }
        };
        let closing = self.chain.closings.get(index)?;
        let mut origin = Origin::Secondary(index);
        for source in &closing.sources {
            match self.chain.issuances.get(source) {
                None => {
                    let message = format!(
                        "comes from the security {source} by {}, and the package has no issuance of that: it cannot be told \
                         whether it was bought or was the fund's before",
                        closing.record.place("")
                    );
                    self.notes.problem(place, issuance.security, message);
                    return None;
                }
                Some(source) if source.kind == Kind::Compensation => return Some(Origin::Primary),
                Some(source) if self.vehicles.contains(source.holder) => origin = Origin::Own,
                Some(_) => {}
            }
        }
        Some(origin)
    }

    /// The date of an object of the fund; a missing or wrong one is noted.
    pub(super) fn date(&mut self, record: &Record<'v>) -> Option<Date> {
        let date = record.text("date").map(parse_date);
        let Some(Ok(date)) = date else {
            self.notes.problem(record.place("date"), record.shown("date"), NO_DATE);
            return None;
        };
        Some(date)
    }

    /// Makes a security one that the fund has, and plans its end.
    pub(super) fn come_about(&mut self, issuance: &Issuance<'v>, parts: Vec<Part>, class: Option<&'v str>, date: Date) {
        self.came_about.insert(issuance.security);
        self.live.insert(issuance.security, Live { parts, class });
        let ends = self.chain.closed_by.get(issuance.security).map_or(&[][..], Vec::as_slice);
        let index = match ends {
            [] => return,
            [index] => *index,
            [first, rest @ ..] => {
                let first = self.chain.closings.get(*first).map(|closing| closing.record.place("").to_string());
                for record in rest.iter().filter_map(|index| Some(self.chain.closings.get(*index)?.record)) {
                    let message = format!(
                        "the security {} has ended already, by {}; what was left of it has a security of its own, its balance",
                        issuance.security,
                        first.clone().unwrap_or_default()
                    );
                    self.notes.problem(record.place("security_id"), issuance.security, message);
                }
                return;
            }
        };
        let Some(closing) = self.chain.closings.get(index) else { return };
        let Some(ends_on) = self.date(&closing.record) else { return };
        if ends_on < date {
            let message = format!(
                "the security {} is {} before it comes about, on {date}",
                issuance.security,
                closing.action.past()
            );
            return self.notes.problem(closing.record.place("date"), ends_on.to_string(), message);
        }
        if closing.kind != issuance.kind {
            let message = format!(
                "ends a security of another kind: {} was issued by {}",
                issuance.security,
                issuance.record.object_type()
            );
            return self.notes.problem(closing.record.place("object_type"), closing.record.object_type(), message);
        }
        let is_there = |source: &&str| self.live.contains_key(*source) || self.own_issuance(source).is_none();
        if closing.sources.iter().all(is_there) {
            self.plan(ends_on, closing.order, Task::Close(index));
        }
    }

    fn split(&mut self, index: usize, date: Date) {
        let Some((record, _)) = self.chain.splits.get(index).copied() else { return };
        let Some(class) = record.text("stock_class_id") else {
            return self.notes.warn(
                record.place("stock_class_id"),
                moic::json::ABSENT,
                "the split names no class: not read",
            );
        };
        let is_held = |lot: &Lot<'_>| lot.class_now() == Some(class) && lot.emptied_on.is_none();
        if !self.holdings.lots.iter().any(is_held) {
            return;
        }
        let ratio = match split_ratio(&record) {
            Ok(ratio) => ratio,
            Err((column, message)) => {
                return self.notes.problem(record.place(&column), record.shown("split_ratio"), message);
            }
        };
        self.splits = self.splits.saturating_add(1);
        if self.splits > SPLITS_MAX {
            let message = format!("is one of more than {SPLITS_MAX} splits of classes that the fund holds");
            return self.notes.problem(record.place(""), "", message);
        }
        let warrants = |lot: &Lot<'_>| is_held(lot) && lot.instrument == Instrument::Warrant;
        if self.holdings.lots.iter().any(warrants) {
            let message = "the fund has warrants for this class: their shares and strike are restated with the split";
            self.notes.warn(record.place("stock_class_id"), self.classes.label(class), message);
        }
        if let Err(message) = self.holdings.split(class, &ratio) {
            return self.notes.problem(record.place("split_ratio"), shown(&ratio), message);
        }
        for live in self.live.values_mut().filter(|live| live.class == Some(class)) {
            live.parts.iter_mut().for_each(|part| part.shares *= &ratio);
        }
        self.events.push(Event { date, fact: Fact::Split { class, ratio }, record });
    }

    /// Notes securities of the fund that never came about although nothing else is wrong or open: they come from each other.
    fn check_all_came_about(&mut self) {
        if !self.notes.problems.is_empty() || self.asking.open.iter().any(|question| !question.optional) {
            return;
        }
        let left: Vec<Issuance<'v>> = self
            .own()
            .filter(|issuance| !self.came_about.contains(issuance.security))
            .filter(|issuance| !self.chain.retractions.contains_key(issuance.security))
            .copied()
            .collect();
        for issuance in left {
            let message = "never comes about: the securities that it comes from come from each other in a circle, or are not all \
                           the fund's";
            self.notes.problem(issuance.record.place("security_id"), issuance.security, message);
        }
    }
}

const NO_DATE: &str = "must be a date of the calendar, written YYYY-MM-DD";

/// New shares for one old share.
///
/// # Errors
/// The field that is wrong, and what would be right.
fn split_ratio(record: &Record<'_>) -> Result<BigRational, (String, String)> {
    let ratio = record.field("split_ratio");
    let side = |name: &str| {
        let wrong = |message: String| (format!("split_ratio.{name}"), message);
        let value = ratio.and_then(|ratio| field(ratio, name)).ok_or_else(|| wrong("is required".to_owned()))?;
        let value = number(value).map_err(wrong)?;
        if value.is_positive() { Ok(value) } else { Err(wrong("must be above 0".to_owned())) }
    };
    let ratio = side("numerator")? / side("denominator")?;
    if is_restatement(&ratio) {
        Ok(ratio)
    } else {
        Err((
            "split_ratio".to_owned(),
            format!("is {ratio} in lowest terms; neither side may be above {RESTATEMENT_MAX}"),
        ))
    }
}

/// Whether a ratio can stand in the portfolio document.
pub(super) fn is_restatement(ratio: &BigRational) -> bool {
    let fits = |side: &BigInt| side.to_i64().is_some_and(|side| (1..=RESTATEMENT_MAX).contains(&side));
    fits(ratio.numer()) && fits(ratio.denom())
}
