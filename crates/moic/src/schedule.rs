//! The schedule of investments: what each lot is, what it cost and brought, and what its value follows from.
//!
//! The lenses say how much; the schedule says why, in exact numbers, for those who show a derivation, rebuild the figures
//! elsewhere, or need the dated cash flows. It is computed anew, company by company, when it is asked for, so that
//! evaluating lenses does not pay for it.

mod history;

use jiff::civil::Date;

use self::history::History;
use crate::document::case::{ExitCase, Reserve};
use crate::document::company::Company;
use crate::document::labels::{ClassIndex, LotIndex};
use crate::document::{Instrument, LotType, Policy, Portfolio, Relief};
use crate::evaluation::buckets::{bucket_of, first_purchase};
use crate::lens::Bucket;
use crate::quantity::{Cents, Price, Ratio, Shares};
use crate::replay::{Holding, Position, State};
use crate::valuation::{self, Basis};

/// One company of the schedule, as of the document's date. Lots and events after that date are left out.
#[derive(Clone, Debug)]
pub struct CompanySchedule<'p> {
    /// The company's id.
    pub id: &'p str,
    /// The company's name; its id where it has none.
    pub name: &'p str,
    /// The company's sector.
    pub sector: Option<&'p str>,
    /// The company's stage.
    pub stage: Option<&'p str>,
    /// The lots acquired so far, in document order; those that exercises made come last.
    pub lots: Vec<ScheduledLot<'p>>,
    /// Purchases and events in the order of their effect.
    pub events: Vec<ScheduledEvent<'p>>,
    /// The exit cases, in document order.
    pub cases: Vec<ScheduledCase<'p>>,
}

/// One lot. Amounts are in cents and prices in cents per share, both of the fund's currency, exact. Shares and the strike
/// are restated for every split and conversion so far.
#[derive(Clone, Debug)]
pub struct ScheduledLot<'p> {
    /// The lot's id.
    pub id: &'p str,
    /// How the fund came by it.
    pub lot_type: LotType,
    /// What it was bought as; equity for a lot that an exercise made.
    pub instrument: Instrument,
    /// What it is now: a converted SAFE is equity.
    pub holding: Holding,
    /// The class held now; `None` for a SAFE or a note before its conversion.
    pub share_class: Option<&'p str>,
    /// The day of the purchase, or of the exercise that made the lot.
    pub purchase_date: Date,
    /// Where the document's policy counts the lot.
    pub bucket: Bucket,
    /// All shares ever acquired in the lot.
    pub shares_acquired: Shares,
    /// Shares held now.
    pub shares_held: Shares,
    /// A warrant's strike.
    pub strike: Option<Price>,
    /// C: the original cost, also after sales; 0 for a warrant that was exercised, since its cost moved on.
    pub cost: Cents,
    /// R: what sales and distributions have brought.
    pub realised: Cents,
    /// What is still to be received, such as an escrow; part of U.
    pub receivable: Cents,
    /// The lot's own mark, as far as shares sold since then left it, and the day it was set.
    pub lot_mark: Option<(Cents, Date)>,
    /// The mark of the lot's class per share, restated for splits since then, and the day it was set. It may be there
    /// also where something else values the lot.
    pub mark: Option<(Price, Date)>,
    /// What values the lot.
    pub basis: ValueBasis,
    /// U: the receivable and what is still held; `None` when a mark is missing.
    pub unrealised: Option<Cents>,
    /// Relieved cost of the shares sold, in whole cents; beside the lenses and used in none of them.
    pub relieved_cost: Cents,
    /// Whether the method of a disposal chose that shares of this lot were sold.
    pub allocation_derived: bool,
}

/// What the value of a lot today follows from; its receivable comes on top of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueBasis {
    /// Its own mark, which overrides its class's and its cost.
    LotMark,
    /// Its cost: a SAFE or a note that nothing else values.
    AtCost,
    /// It holds nothing.
    NothingHeld,
    /// Shares × its class's mark, for a warrant above the strike.
    Mark,
    /// Nothing: a mark is missing.
    Unpriced,
}

impl ValueBasis {
    /// A name in the manner of the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LotMark => "lot_mark",
            Self::AtCost => "at_cost",
            Self::NothingHeld => "nothing_held",
            Self::Mark => "mark",
            Self::Unpriced => "unpriced",
        }
    }
}

/// A purchase or an event, and what it did to single lots.
#[derive(Clone, Debug)]
pub struct ScheduledEvent<'p> {
    /// When it took effect.
    pub date: Date,
    /// What happened.
    pub what: Occurrence<'p>,
    /// What a distribution or a disposal came to, lot by lot.
    pub effects: Vec<LotEffect>,
}

/// What happened. A `lot` is an index into [`CompanySchedule::lots`]; amounts are in cents and prices in cents per share,
/// both of the fund's currency unless said otherwise.
#[derive(Clone, Debug)]
pub enum Occurrence<'p> {
    /// A lot was bought for `cost`.
    Purchase {
        /// The lot.
        lot: usize,
        /// What was paid.
        cost: &'p Cents,
    },
    /// A class was valued.
    Mark {
        /// The class.
        share_class: &'p str,
        /// Per share, in the security's currency.
        price: &'p Price,
        /// Fund currency per unit of the security's currency.
        fx_rate: &'p Ratio,
        /// Price × rate.
        value_per_share: &'p Price,
    },
    /// A lot was valued by itself.
    LotMark {
        /// The lot.
        lot: usize,
        /// The whole lot's value.
        value: &'p Cents,
    },
    /// The shares of a class were multiplied.
    Split {
        /// The class.
        share_class: &'p str,
        /// New shares for each old one.
        ratio: &'p Ratio,
    },
    /// The shares of a class became shares of another.
    ClassConversion {
        /// The class before.
        from_class: &'p str,
        /// The class after.
        to_class: &'p str,
        /// New shares for each old one.
        ratio: &'p Ratio,
    },
    /// A SAFE or a note became shares.
    LotConversion {
        /// The lot.
        lot: usize,
        /// The class it became.
        to_class: &'p str,
        /// The shares it became.
        shares: &'p Shares,
    },
    /// A warrant was exercised.
    Exercise {
        /// The warrant.
        lot: usize,
        /// The lot that came of it.
        new_lot: usize,
        /// What was paid.
        cash: &'p Cents,
    },
    /// Cash was received: by the holders of a class, or for one lot.
    Distribution {
        /// The class, where it went to all who held it.
        share_class: Option<&'p str>,
        /// What was received.
        amount: &'p Cents,
    },
    /// Shares were sold.
    Disposal {
        /// The class, where the document names it.
        share_class: Option<&'p str>,
        /// How many.
        shares: &'p Shares,
        /// What was received.
        proceeds: &'p Cents,
        /// The method that chose the lots; `None` where the document names them.
        relief: Option<Relief>,
    },
    /// Cash is still to be received.
    Receivable {
        /// The name under which a later one replaces it.
        id: Option<&'p str>,
        /// How much it is carried at.
        carrying: &'p Cents,
        /// The lots it belongs to, with their parts, which sum to one.
        allocation: Vec<(usize, &'p Ratio)>,
    },
}

/// What a distribution or a disposal came to for one lot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LotEffect {
    /// Index into [`CompanySchedule::lots`].
    pub lot: usize,
    /// Shares sold, in the shares of that day.
    pub sold: Shares,
    /// Cents received, exact.
    pub received: Cents,
}

/// One exit case.
#[derive(Clone, Debug)]
pub struct ScheduledCase<'p> {
    /// The case's id.
    pub id: &'p str,
    /// π. The probabilities of a company's cases sum to exactly 1.
    pub probability: &'p Ratio,
    /// Every lot of the company in this case, in the order of [`CompanySchedule::lots`].
    pub lots: Vec<ScheduledExit<'p>>,
    /// The reserves that would be deployed, in document order.
    pub reserves: Vec<ScheduledReserve<'p>>,
}

/// One lot in one exit case.
#[derive(Clone, Debug)]
pub struct ScheduledExit<'p> {
    /// Proceeds that the case gives for the lot as a whole, in cents; they replace everything else.
    pub proceeds_given: Option<&'p Cents>,
    /// The case's price of the lot's class, in cents per share.
    pub price: Option<&'p Price>,
    /// X in cents, the receivable included, before the probability; `None` when the case does not tell.
    pub proceeds: Option<Cents>,
}

/// One planned reserve in one exit case. The same id in several cases is one line.
#[derive(Clone, Debug)]
pub struct ScheduledReserve<'p> {
    /// The reserve's id.
    pub id: &'p str,
    /// B in cents, before probabilities.
    pub amount: &'p Cents,
    /// The probability that it is deployed when the case comes.
    pub deploy_probability: &'p Ratio,
    /// The class it would buy.
    pub share_class: Option<&'p str>,
    /// What it would pay per share, in cents.
    pub share_price: Option<&'p Price>,
    /// The case's price of that class, in cents per share.
    pub exit_price: Option<&'p Price>,
    /// Proceeds that the case gives for the reserve, in cents; they replace the prices.
    pub proceeds_given: Option<&'p Cents>,
    /// Y in cents, before probabilities; `None` when neither proceeds nor prices tell.
    pub proceeds: Option<Cents>,
}

impl ScheduledEvent<'_> {
    /// Cents that the fund paid.
    #[must_use]
    pub fn paid(&self) -> Option<&Cents> {
        match &self.what {
            Occurrence::Purchase { cost: paid, .. } | Occurrence::Exercise { cash: paid, .. } => Some(paid),
            _ => None,
        }
    }

    /// Cents that the fund received.
    #[must_use]
    pub fn received(&self) -> Option<&Cents> {
        match &self.what {
            Occurrence::Distribution { amount: received, .. } | Occurrence::Disposal { proceeds: received, .. } => {
                Some(received)
            }
            _ => None,
        }
    }
}

impl Occurrence<'_> {
    /// A name in the manner of the wire: that of the event's type, or `purchase`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Purchase { .. } => "purchase",
            Self::Mark { .. } => "mark",
            Self::LotMark { .. } => "lot_mark",
            Self::Split { .. } => "split",
            Self::ClassConversion { .. } => "class_conversion",
            Self::LotConversion { .. } => "lot_conversion",
            Self::Exercise { .. } => "exercise",
            Self::Distribution { .. } => "distribution",
            Self::Disposal { .. } => "disposal",
            Self::Receivable { .. } => "receivable",
        }
    }
}

impl Portfolio {
    /// The schedule of investments as of the document's date, in document order. Each company is replayed when it is
    /// asked for.
    pub fn schedule(&self) -> impl Iterator<Item = CompanySchedule<'_>> {
        let mut state = State::default();
        self.companies.iter().map(move |company| {
            let mut history = History::of(company);
            state.replay_watched(company, &self.policy, self.as_of, |step, positions| history.add(step, positions));
            let places = Places::of(&state.positions);
            let scheduling = Scheduling { company, policy: &self.policy, state: &state, places: &places };
            CompanySchedule {
                id: &company.id,
                name: company.title(),
                sector: company.sector.as_deref(),
                stage: company.stage.as_deref(),
                lots: scheduling.lots(&history),
                cases: company.cases.iter().map(|case| scheduling.case(case)).collect(),
                events: history.events(&self.policy, &places),
            }
        })
    }
}

/// Where a lot of the document stands in the schedule, which leaves out those that are not acquired yet.
struct Places(Vec<Option<usize>>);

impl Places {
    fn of(positions: &[Position]) -> Self {
        let mut next = 0_usize;
        let place = |position: &Position| {
            position.acquired.then(|| {
                let place = next;
                next = next.saturating_add(1);
                place
            })
        };
        Self(positions.iter().map(place).collect())
    }

    fn of_lot(&self, lot: LotIndex) -> Option<usize> {
        self.0.get(lot.position()).copied().flatten()
    }
}

/// A company whose state is known.
struct Scheduling<'p, 's> {
    company: &'p Company,
    policy: &'p Policy,
    state: &'s State,
    places: &'s Places,
}

impl<'p> Scheduling<'p, '_> {
    /// The lots acquired so far, each with its place in the document.
    fn acquired(&self) -> impl Iterator<Item = (LotIndex, &Position)> {
        let indexed = self.state.positions.iter().enumerate().map(|(index, position)| (LotIndex::at(index), position));
        indexed.filter(|(lot, _)| self.places.of_lot(*lot).is_some())
    }

    fn lots(&self, history: &History<'_>) -> Vec<ScheduledLot<'p>> {
        let first_purchase = first_purchase(&self.state.positions);
        let scheduled = |(lot, position): (LotIndex, &Position)| ScheduledLot {
            id: self.company.lot_id(lot),
            lot_type: position.lot_type,
            instrument: self.company.lots.get(lot.position()).map_or(Instrument::Equity, |lot| lot.instrument),
            holding: position.holding,
            share_class: position.class.map(|class| label_of(self.company, class)),
            purchase_date: position.purchase_date,
            bucket: bucket_of(position.lot_type, position.purchase_date, first_purchase, self.policy),
            shares_acquired: position.bought.clone(),
            shares_held: position.held.clone(),
            strike: (position.holding == Holding::Warrant).then(|| position.strike.clone()),
            cost: position.cost.clone(),
            realised: position.realised.clone(),
            receivable: position.receivable.clone(),
            lot_mark: position.lot_mark.clone().zip(history.lot_marked_on(lot)),
            mark: position
                .class
                .and_then(|class| self.state.mark_of(class).cloned().zip(history.class_marked_on(class))),
            basis: match valuation::basis(position, self.state, self.policy) {
                Basis::LotMark(_) => ValueBasis::LotMark,
                Basis::Cost => ValueBasis::AtCost,
                Basis::NothingHeld => ValueBasis::NothingHeld,
                Basis::Mark(_) => ValueBasis::Mark,
                Basis::Unpriced => ValueBasis::Unpriced,
            },
            unrealised: valuation::present(position, self.state, self.policy).unrealised,
            relieved_cost: position.relieved(),
            allocation_derived: position.allocation_derived,
        };
        self.acquired().map(scheduled).collect()
    }

    fn case(&self, case: &'p ExitCase) -> ScheduledCase<'p> {
        let exit = |(lot, position): (LotIndex, &Position)| {
            let proceeds_given = case.proceeds_of(lot);
            ScheduledExit {
                proceeds_given,
                price: position.class.and_then(|class| case.price_of(class)),
                proceeds: proceeds_given.cloned().or_else(|| valuation::in_case(position, case)),
            }
        };
        ScheduledCase {
            id: &case.id,
            probability: &case.probability,
            lots: self.acquired().map(exit).collect(),
            reserves: case.reserves.iter().map(|reserve| self.reserve(case, reserve)).collect(),
        }
    }

    fn reserve(&self, case: &'p ExitCase, reserve: &'p Reserve) -> ScheduledReserve<'p> {
        ScheduledReserve {
            id: &reserve.id,
            amount: &reserve.amount,
            deploy_probability: &reserve.deploy_probability,
            share_class: reserve.class.map(|class| label_of(self.company, class)),
            share_price: reserve.price.as_ref(),
            exit_price: reserve.class.and_then(|class| case.price_of(class)),
            proceeds_given: reserve.exit_proceeds.as_ref(),
            proceeds: case.proceeds_of_reserve(reserve),
        }
    }
}

fn label_of(company: &Company, class: ClassIndex) -> &str {
    company.classes.get(class.position()).map_or("", |label| label)
}
