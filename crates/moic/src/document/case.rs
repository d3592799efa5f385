//! Exit cases: futures with a probability, prices and planned reserves, and the expectation over them.

use super::event::text_of;
use super::labels::{ClassIndex, Classes, LotIndex, LotNames};
use super::text::identifier;
use crate::json::{Fields, Path, Problems, Value};
use crate::quantity::{Cents, Price, Ratio, Shares, shares_for};

/// Most exit cases of a company.
pub const CASES_PER_COMPANY_MAX: usize = 100;
/// Most planned reserves of a case.
pub const RESERVES_PER_CASE_MAX: usize = 1_000;

/// A checked exit case.
#[derive(Debug)]
pub(crate) struct ExitCase {
    pub(crate) id: Box<str>,
    pub(crate) probability: Ratio,
    /// Price per share at exit, by class.
    pub(crate) prices: Vec<(ClassIndex, Price)>,
    /// Proceeds given for single lots, in the order of their indices.
    pub(crate) lot_proceeds: Vec<(LotIndex, Cents)>,
    pub(crate) reserves: Vec<Reserve>,
}

/// A cheque that would be written on the way to the exit.
#[derive(Debug)]
pub(crate) struct Reserve {
    pub(crate) id: Box<str>,
    pub(crate) amount: Cents,
    pub(crate) class: Option<ClassIndex>,
    pub(crate) price: Option<Price>,
    pub(crate) exit_proceeds: Option<Cents>,
    pub(crate) deploy_probability: Ratio,
}

impl ExitCase {
    pub(crate) fn price_of(&self, class: ClassIndex) -> Option<&Price> {
        self.prices.iter().find(|(priced, _)| *priced == class).map(|(_, price)| price)
    }

    pub(crate) fn proceeds_of(&self, lot: LotIndex) -> Option<&Cents> {
        let found = self.lot_proceeds.binary_search_by_key(&lot, |(known, _)| *known).ok()?;
        self.lot_proceeds.get(found).map(|(_, proceeds)| proceeds)
    }

    /// What a reserve brings in this case, before probabilities; `None` when neither proceeds nor prices tell.
    pub(crate) fn proceeds_of_reserve(&self, reserve: &Reserve) -> Option<Cents> {
        if let Some(proceeds) = &reserve.exit_proceeds {
            return Some(proceeds.clone());
        }
        let exit_price = self.price_of(reserve.class?)?;
        let shares: Shares = shares_for(&reserve.amount, reserve.price.as_ref()?)?;
        Some(shares.at(exit_price))
    }
}

/// What the cases expect, as far as it does not depend on the state of the lots.
///
/// Proceeds of shares are linear in the exit price, so their expectation is the shares times the expected price.
#[derive(Debug)]
pub(crate) struct Outlook {
    /// E[price] by class; `None` where a case has no price.
    pub(crate) expected_prices: Vec<Option<Price>>,
    /// E[B].
    pub(crate) planned_cost: Cents,
    /// E[Y]; `None` when a reserve is unpriced in some case.
    pub(crate) planned_proceeds: Option<Cents>,
    /// Reserves by id, in the order in which the cases first name them.
    pub(crate) lines: Vec<ReserveLine>,
    /// Lots that some case gives proceeds for, in the order of their indices.
    pub(crate) lots_with_proceeds: Vec<LotIndex>,
}

/// One planned reserve over all cases.
#[derive(Debug)]
pub(crate) struct ReserveLine {
    pub(crate) id: Box<str>,
    pub(crate) cost: Cents,
    pub(crate) proceeds: Option<Cents>,
}

impl Outlook {
    /// The expectation over `cases`; `None` when there are none.
    pub(crate) fn over(cases: &[ExitCase], class_count: usize) -> Option<Self> {
        if cases.is_empty() {
            return None;
        }
        let expected_prices = (0..class_count)
            .map(|class| {
                let class = ClassIndex(u16::try_from(class).ok()?);
                let mut expected = Price::ZERO;
                for case in cases {
                    expected = expected.plus(&case.price_of(class)?.scaled(&case.probability));
                }
                Some(expected.reduced())
            })
            .collect();
        let mut lots_with_proceeds: Vec<LotIndex> =
            cases.iter().flat_map(|case| case.lot_proceeds.iter().map(|(lot, _)| *lot)).collect();
        lots_with_proceeds.sort_unstable();
        lots_with_proceeds.dedup();
        let lines = reserve_lines(cases);
        let planned_cost = lines.iter().fold(Cents::ZERO, |sum, line| sum.plus(&line.cost)).reduced();
        let planned_proceeds = lines
            .iter()
            .try_fold(Cents::ZERO, |sum, line| Some(sum.plus(line.proceeds.as_ref()?)))
            .map(|sum| sum.reduced());
        Some(Self { expected_prices, planned_cost, planned_proceeds, lines, lots_with_proceeds })
    }

    pub(crate) fn expected_price(&self, class: ClassIndex) -> Option<&Price> {
        self.expected_prices.get(class.position())?.as_ref()
    }
}

fn reserve_lines(cases: &[ExitCase]) -> Vec<ReserveLine> {
    let mut lines: Vec<ReserveLine> = Vec::new();
    for case in cases {
        for reserve in &case.reserves {
            let weight = case.probability.scaled(&reserve.deploy_probability);
            let cost = reserve.amount.scaled(&weight);
            let proceeds = case.proceeds_of_reserve(reserve).map(|proceeds| proceeds.scaled(&weight));
            match lines.iter_mut().find(|line| line.id == reserve.id) {
                Some(line) => {
                    line.cost = line.cost.plus(&cost);
                    line.proceeds = line.proceeds.take().zip(proceeds).map(|(sum, more)| sum.plus(&more));
                }
                None => lines.push(ReserveLine { id: reserve.id.clone(), cost, proceeds }),
            }
        }
    }
    for line in &mut lines {
        line.cost = line.cost.reduced();
        line.proceeds = line.proceeds.take().map(|proceeds| proceeds.reduced());
    }
    lines
}

/// Reads the `exitCases` of a company and checks that their probabilities sum to one.
pub(crate) fn read_all(
    values: &[Value<'_>],
    path: &Path<'_>,
    classes: &mut Classes,
    lots: &LotNames<'_>,
    problems: &mut Problems,
) -> Vec<ExitCase> {
    let before = problems.len();
    let mut cases: Vec<ExitCase> = Vec::with_capacity(values.len());
    for (index, value) in values.iter().enumerate() {
        let path = path.index(index);
        let Some(case) = read(value, &path, classes, lots, problems) else { continue };
        if cases.iter().any(|known| known.id == case.id) {
            problems.push(&path.field("id"), &*case.id, "is already the id of another exit case of this company");
        }
        cases.push(case);
    }
    let sum = cases.iter().fold(Ratio::ZERO, |sum, case| sum.plus(&case.probability));
    if problems.len() == before && !cases.is_empty() && sum != Ratio::ONE {
        let sum = sum.written();
        let message = format!("the probabilities of the exit cases sum to {sum}; they must sum to exactly 1");
        problems.push(path, sum, message);
    }
    cases
}

fn read(
    value: &Value<'_>,
    path: &Path<'_>,
    classes: &mut Classes,
    lots: &LotNames<'_>,
    problems: &mut Problems,
) -> Option<ExitCase> {
    let before = problems.len();
    let mut fields = Fields::of(value, path, problems)?;
    let id = fields.required("id", problems, identifier);
    let probability = fields.required("probability", problems, Ratio::parse_probability);
    let prices_path = path.field("exitPricesCents");
    let mut prices = Vec::new();
    for (label, value) in fields.map("exitPricesCents", super::labels::CLASSES_PER_COMPANY_MAX, problems) {
        let path = prices_path.field(label);
        let class = classes.index_of(label, &path, problems);
        let price = text_of(value, &path, problems, Price::parse);
        prices.extend(class.zip(price));
    }
    let proceeds_path = path.field("lotProceedsCents");
    let mut lot_proceeds = Vec::new();
    for (lot, value) in fields.map("lotProceedsCents", super::LOTS_PER_COMPANY_MAX, problems) {
        let path = proceeds_path.field(lot);
        let index = lots.resolve(lot, &path, problems);
        let proceeds = text_of(value, &path, problems, Cents::parse);
        lot_proceeds.extend(index.zip(proceeds));
    }
    lot_proceeds.sort_unstable_by_key(|(lot, _)| *lot);
    let reserves = read_reserves(&mut fields, path, classes, problems);
    fields.finish(problems);
    let case = ExitCase { id: id?, probability: probability?, prices, lot_proceeds, reserves };
    (problems.len() == before).then_some(case)
}

fn read_reserves(
    fields: &mut Fields<'_, '_>,
    path: &Path<'_>,
    classes: &mut Classes,
    problems: &mut Problems,
) -> Vec<Reserve> {
    let path = path.field("plannedReserves");
    let mut reserves: Vec<Reserve> = Vec::new();
    for (index, value) in fields.array("plannedReserves", RESERVES_PER_CASE_MAX, problems).iter().enumerate() {
        let path = path.index(index);
        let Some(reserve) = read_reserve(value, &path, classes, problems) else { continue };
        if reserves.iter().any(|known| known.id == reserve.id) {
            problems.push(&path.field("id"), &*reserve.id, "is already the id of another planned reserve of this case");
        }
        reserves.push(reserve);
    }
    reserves
}

fn read_reserve(value: &Value<'_>, path: &Path<'_>, classes: &mut Classes, problems: &mut Problems) -> Option<Reserve> {
    let before = problems.len();
    let mut fields = Fields::of(value, path, problems)?;
    let id = fields.required("id", problems, identifier);
    let amount = fields.required("amountCents", problems, Cents::parse);
    let label = fields.text("shareClass", problems);
    let class = label.and_then(|label| classes.index_of(label, &path.field("shareClass"), problems));
    let price = fields.parsed("sharePriceCents", problems, Price::parse);
    if price.as_ref().is_some_and(Price::is_zero) {
        let message = "must be above 0: the reserve's shares are its amount divided by this price";
        problems.push(&path.field("sharePriceCents"), "0", message);
    }
    let exit_proceeds = fields.parsed("exitProceedsCents", problems, Cents::parse);
    let deploy_probability = fields.parsed("deployProbability", problems, Ratio::parse_probability);
    fields.finish(problems);
    let deploy_probability = deploy_probability.unwrap_or(Ratio::ONE);
    let reserve = Reserve { id: id?, amount: amount?, class, price, exit_proceeds, deploy_probability };
    (problems.len() == before).then_some(reserve)
}
