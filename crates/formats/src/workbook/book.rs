//! What the sheets are about: the schedule of investments, numbered, with the sums that the formulas come to.

use std::collections::BTreeMap;

use moic::{
    Bucket, Cents, CompanyEvaluation, CompanySchedule, Evaluation, Lenses, Portfolio, Ratio, Reason, SecondaryBucket,
};

use super::error::WorkbookError;
use super::lenses::{LENSES, LensColumns, Part};
use super::number::money;
use super::sheet::{FIRST_ROW, ROWS_MAX};
use super::{cases, companies, events, lots};

/// The portfolio, company by company.
pub(super) struct Book<'p, 'e> {
    pub(super) portfolio: &'p Portfolio,
    pub(super) evaluation: &'e Evaluation<'p>,
    pub(super) companies: Vec<BookCompany<'p, 'e>>,
    /// The lenses there are: the last two only where secondaries are separate.
    pub(super) lenses: Vec<&'static LensColumns>,
    /// The parts there are, likewise.
    pub(super) parts: Vec<Part>,
}

/// A company with its numbers in the workbook. Names could differ only in case, or look like a comparison, and criteria
/// of SUMIFS would mix them up; whole numbers they cannot.
pub(super) struct BookCompany<'p, 'e> {
    /// Counted from 1.
    pub(super) number: u32,
    pub(super) sector_number: u32,
    pub(super) schedule: CompanySchedule<'p>,
    pub(super) evaluated: &'e CompanyEvaluation<'p>,
    /// The number of its first lot; the others follow.
    pub(super) first_lot: u32,
    /// The number of its first case; the others follow.
    pub(super) first_case: u32,
    pub(super) lots: Vec<LotFigures>,
    pub(super) reserves: Vec<ReserveFigures<'p>>,
    /// By [`Part::index`].
    pub(super) sums: [Sums; PARTS],
    /// E[B].
    pub(super) planned_cost: Cents,
    /// E[Y] of the reserves that have proceeds.
    pub(super) planned_proceeds: Cents,
    /// Reserves of a case without proceeds.
    pub(super) planned_unpriced: usize,
}

/// All, and each bucket.
const PARTS: usize = 4;

/// What the formulas of a lot come to, in cents.
pub(super) struct LotFigures {
    /// E[X]; `None` without cases or when one of them does not tell.
    pub(super) expected: Option<Cents>,
    /// V = U + R.
    pub(super) value: Option<Cents>,
    /// R + E[X].
    pub(super) exit_value: Option<Cents>,
}

/// A planned reserve over all cases of its company.
pub(super) struct ReserveFigures<'p> {
    pub(super) id: &'p str,
    /// Unique in the workbook.
    pub(super) number: u32,
    /// E[B] of the line.
    pub(super) cost: Cents,
    /// E[Y] of the line; `None` when a case does not tell.
    pub(super) proceeds: Option<Cents>,
}

/// Sums over some lots of a company. What is unknown is left out of its sum and counted.
#[derive(Clone, Debug)]
pub(super) struct Sums {
    pub(super) lots: usize,
    pub(super) unpriced: usize,
    pub(super) exit_unpriced: usize,
    pub(super) cost: Cents,
    pub(super) value: Cents,
    pub(super) exit_value: Cents,
}

impl Default for Sums {
    fn default() -> Self {
        let nothing = || Cents::ZERO;
        Self { lots: 0, unpriced: 0, exit_unpriced: 0, cost: nothing(), value: nothing(), exit_value: nothing() }
    }
}

/// What the columns of a lens come to.
pub(super) struct LensFigures {
    pub(super) multiple: Option<f64>,
    pub(super) reason: &'static str,
    /// In currency units; `None` where it is not known.
    pub(super) numerator: Option<f64>,
    /// In currency units.
    pub(super) denominator: f64,
}

/// The numbers that come next.
#[derive(Default)]
struct Numbers {
    lots: u32,
    cases: u32,
    reserves: u32,
}

impl<'p, 'e> Book<'p, 'e> {
    pub(super) fn of(portfolio: &'p Portfolio, evaluation: &'e Evaluation<'p>) -> Self {
        let sectors: BTreeMap<Option<&str>, u32> =
            evaluation.sectors().map(|(sector, _)| sector).zip(1_u32..).collect();
        let mut numbers = Numbers { lots: 1, cases: 1, reserves: 1 };
        let companies = (1_u32..).zip(portfolio.schedule()).zip(evaluation.companies());
        let companies = companies.map(|((number, schedule), evaluated)| {
            let sector_number = sectors.get(&schedule.sector).copied().unwrap_or(0);
            BookCompany::of(number, sector_number, schedule, evaluated, &mut numbers)
        });
        let separate = portfolio.policy().secondary_bucket == SecondaryBucket::Separate;
        let mut parts = vec![Part::All, Part::Of(Bucket::Initial), Part::Of(Bucket::FollowOn)];
        if separate {
            parts.push(Part::Of(Bucket::Secondary));
        }
        Self {
            portfolio,
            evaluation,
            companies: companies.collect(),
            lenses: LENSES.iter().filter(|lens| evaluation.fund().get(lens.key).is_some()).collect(),
            parts,
        }
    }

    /// Refuses what has more rows than a sheet before anything is written.
    pub(super) fn check_rows(&self) -> Result<(), WorkbookError> {
        let rows = |of: fn(&BookCompany<'_, '_>) -> usize| self.companies.iter().map(of).fold(0, usize::saturating_add);
        let room = usize::try_from(ROWS_MAX.saturating_sub(FIRST_ROW)).unwrap_or(usize::MAX);
        let needed = [
            (companies::SHEET, self.companies.len()),
            (lots::SHEET, rows(|company| company.lots.len())),
            (
                events::SHEET,
                rows(|company| company.schedule.events.iter().map(|event| event.effects.len().max(1)).sum()),
            ),
            (
                cases::SHEET,
                rows(|company| {
                    let cases = company.schedule.cases.iter();
                    cases.map(|case| 1_usize.saturating_add(case.lots.len()).saturating_add(case.reserves.len())).sum()
                }),
            ),
        ];
        match needed.into_iter().find(|(_, rows)| *rows > room) {
            Some((sheet, _)) => Err(WorkbookError::TooManyRows { sheet }),
            None => Ok(()),
        }
    }

    /// The currency, as far as the document names it.
    pub(super) fn currency(&self) -> &str {
        self.portfolio.currency().unwrap_or("currency units")
    }
}

impl<'p, 'e> BookCompany<'p, 'e> {
    fn of(
        number: u32,
        sector_number: u32,
        schedule: CompanySchedule<'p>,
        evaluated: &'e CompanyEvaluation<'p>,
        numbers: &mut Numbers,
    ) -> Self {
        let lots: Vec<LotFigures> = (0..schedule.lots.len()).map(|lot| LotFigures::of(&schedule, lot)).collect();
        let mut sums: [Sums; PARTS] = std::array::from_fn(|_| Sums::default());
        for (lot, figures) in schedule.lots.iter().zip(&lots) {
            for part in [Part::All, Part::Of(lot.bucket)] {
                if let Some(sum) = sums.get_mut(part.index()) {
                    sum.add(&lot.cost, figures);
                }
            }
        }
        let (first_lot, first_case) = (numbers.lots, numbers.cases);
        numbers.lots = first_lot.saturating_add(number_of(schedule.lots.len()));
        numbers.cases = first_case.saturating_add(number_of(schedule.cases.len()));
        let reserves = reserves_of(&schedule, numbers);
        let planned = schedule.cases.iter().flat_map(|case| &case.reserves);
        let planned_unpriced = planned.filter(|reserve| reserve.proceeds.is_none()).count();
        let mut company = Self {
            number,
            sector_number,
            evaluated,
            first_lot,
            first_case,
            lots,
            reserves,
            sums,
            planned_cost: Cents::ZERO,
            planned_proceeds: Cents::ZERO,
            planned_unpriced,
            schedule,
        };
        company.sum_planned();
        company
    }

    fn sum_planned(&mut self) {
        for case in &self.schedule.cases {
            for reserve in &case.reserves {
                let weight = case.probability.scaled(reserve.deploy_probability);
                self.planned_cost = self.planned_cost.plus(&reserve.amount.scaled(&weight));
                if let Some(proceeds) = &reserve.proceeds {
                    self.planned_proceeds = self.planned_proceeds.plus(&proceeds.scaled(&weight));
                }
            }
        }
    }

    pub(super) fn sums(&self, part: Part) -> &Sums {
        let [all, ..] = &self.sums;
        self.sums.get(part.index()).unwrap_or(all)
    }

    /// The number of a lot by its place in the schedule.
    pub(super) fn lot_number(&self, place: usize) -> f64 {
        f64::from(self.first_lot.saturating_add(number_of(place)))
    }

    /// Whether the sums of sector and fund have the company in their current lenses.
    pub(super) fn is_counted(&self, portfolio: &Portfolio) -> bool {
        let current = self.evaluated.lenses().get(moic::LensKey::CurrentMoic);
        let unpriced = current.is_some_and(|lens| lens.reason() == Some(Reason::Unpriced));
        !(portfolio.policy().exclude_unpriced && unpriced)
    }

    /// C(part), and E[B] where the lens adds planned reserves.
    pub(super) fn denominator(&self, lens: &LensColumns) -> Cents {
        let cost = if lens.part == Part::Nothing { Cents::ZERO } else { self.sums(lens.part).cost.clone() };
        if lens.with_planned { cost.plus(&self.planned_cost) } else { cost }
    }

    /// The numerator as the column shows it; `None` where it is not known.
    pub(super) fn numerator(&self, lens: &LensColumns) -> Option<Cents> {
        let own = self.evaluated.lenses().get(lens.key)?;
        match own.reason() {
            Some(Reason::NoLots | Reason::NoPlannedReserves) => Some(Cents::ZERO),
            _ => own.numerator().cloned(),
        }
    }

    pub(super) fn lens(&self, lens: &LensColumns) -> LensFigures {
        let (numerator, denominator) = (self.numerator(lens), self.denominator(lens));
        LensFigures::of(self.evaluated.lenses(), lens, numerator.as_ref(), &denominator)
    }

    /// The figures of a reserve by its id.
    pub(super) fn reserve(&self, id: &str) -> Option<&ReserveFigures<'p>> {
        self.reserves.iter().find(|reserve| reserve.id == id)
    }
}

impl LensFigures {
    /// The figures of one of `lenses`, whose numerator and denominator are summed already.
    pub(super) fn of(lenses: &Lenses, lens: &LensColumns, numerator: Option<&Cents>, denominator: &Cents) -> Self {
        let found = lenses.get(lens.key);
        Self {
            multiple: found.and_then(moic::Lens::multiple).as_ref().map(super::number::ratio),
            reason: found.and_then(moic::Lens::reason).map_or("", Reason::name),
            numerator: numerator.map(money),
            denominator: money(denominator),
        }
    }
}

impl LotFigures {
    fn of(schedule: &CompanySchedule<'_>, place: usize) -> Self {
        let expected = if schedule.cases.is_empty() {
            None
        } else {
            schedule.cases.iter().try_fold(Cents::ZERO, |sum, case| {
                let proceeds = case.lots.get(place)?.proceeds.as_ref()?;
                Some(sum.plus(&proceeds.scaled(case.probability)))
            })
        };
        let lot = schedule.lots.get(place);
        let plus_realised = |value: &Cents| Some(value.plus(&lot?.realised));
        Self {
            value: lot.and_then(|lot| lot.unrealised.as_ref()).and_then(plus_realised),
            exit_value: expected.as_ref().and_then(plus_realised),
            expected,
        }
    }
}

impl Sums {
    fn add(&mut self, cost: &Cents, lot: &LotFigures) {
        self.lots = self.lots.saturating_add(1);
        self.cost = self.cost.plus(cost);
        match &lot.value {
            Some(value) => self.value = self.value.plus(value),
            None => self.unpriced = self.unpriced.saturating_add(1),
        }
        match &lot.exit_value {
            Some(value) => self.exit_value = self.exit_value.plus(value),
            None => self.exit_unpriced = self.exit_unpriced.saturating_add(1),
        }
    }
}

fn reserves_of<'p>(schedule: &CompanySchedule<'p>, numbers: &mut Numbers) -> Vec<ReserveFigures<'p>> {
    let mut lines: Vec<ReserveFigures<'p>> = Vec::new();
    for case in &schedule.cases {
        for reserve in &case.reserves {
            let weight: Ratio = case.probability.scaled(reserve.deploy_probability);
            let cost = reserve.amount.scaled(&weight);
            let proceeds = reserve.proceeds.as_ref().map(|proceeds| proceeds.scaled(&weight));
            if let Some(line) = lines.iter_mut().find(|line| line.id == reserve.id) {
                line.cost = line.cost.plus(&cost);
                line.proceeds = line.proceeds.take().zip(proceeds).map(|(sum, more)| sum.plus(&more));
            } else {
                lines.push(ReserveFigures { id: reserve.id, number: numbers.reserves, cost, proceeds });
                numbers.reserves = numbers.reserves.saturating_add(1);
            }
        }
    }
    lines
}

/// A count as a number of the workbook; no sheet has rows for more than fit.
pub(super) fn number_of(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The exact sum.
pub(super) fn sum<'c>(amounts: impl IntoIterator<Item = &'c Cents>) -> Cents {
    amounts.into_iter().fold(Cents::ZERO, |sum, amount| sum.plus(amount))
}
