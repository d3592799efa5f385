//! What one lot is worth: today, and at the exits that are expected (moic.md §2, §3).

use crate::document::case::{ExitCase, Outlook};
use crate::document::company::Company;
use crate::document::labels::LotIndex;
use crate::document::{Policy, UnpricedConvertible};
use crate::quantity::{Cents, Price};
use crate::replay::{Holding, Position, State};

/// U of a lot.
pub(crate) struct Present {
    /// `None` when a mark is missing.
    pub(crate) unrealised: Option<Cents>,
    pub(crate) at_cost: bool,
}

/// What the value of a lot today follows from. Receivables come on top of each.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Basis<'s> {
    LotMark(&'s Cents),
    /// A SAFE or note that nothing else values.
    Cost,
    NothingHeld,
    /// Fund-currency value per share.
    Mark(&'s Price),
    /// A mark is missing.
    Unpriced,
}

/// What values a lot: the first of its own mark, its cost, and its class's mark that applies.
#[inline]
pub(crate) fn basis<'s>(position: &'s Position, state: &'s State, policy: &Policy) -> Basis<'s> {
    if let Some(mark) = &position.lot_mark {
        return Basis::LotMark(mark);
    }
    if position.holding == Holding::Convertible {
        return match policy.unpriced_convertible {
            UnpricedConvertible::Null => Basis::Unpriced,
            UnpricedConvertible::Cost => Basis::Cost,
        };
    }
    if position.held.is_zero() {
        return Basis::NothingHeld;
    }
    position.class.and_then(|class| state.mark_of(class)).map_or(Basis::Unpriced, Basis::Mark)
}

/// Unrealised value of a lot: its receivable plus what is still held.
pub(crate) fn present(position: &Position, state: &State, policy: &Policy) -> Present {
    let basis = basis(position, state, policy);
    let held = match basis {
        Basis::LotMark(value) => Some(value.clone()),
        Basis::Cost => Some(position.cost.clone()),
        Basis::NothingHeld => Some(Cents::ZERO),
        Basis::Mark(mark) => Some(worth_at(position, mark)),
        Basis::Unpriced => None,
    };
    Present { unrealised: held.map(|held| plus_receivable(held, position)), at_cost: matches!(basis, Basis::Cost) }
}

/// X of a lot in one case, its receivable included; `None` when the case does not tell.
pub(crate) fn at_exit_in(position: &Position, lot: LotIndex, case: &ExitCase) -> Option<Cents> {
    case.proceeds_of(lot).cloned().or_else(|| in_case(position, case))
}

/// E[X] of a lot, its receivable included; `None` when a case does not tell.
pub(crate) fn at_exit(position: &Position, lot: LotIndex, company: &Company, outlook: &Outlook) -> Option<Cents> {
    if outlook.lots_with_proceeds.binary_search(&lot).is_ok() {
        return expected(company, |case| at_exit_in(position, lot, case));
    }
    match position.holding {
        Holding::Convertible => None,
        _ if position.held.is_zero() => Some(position.receivable.clone()),
        Holding::Equity => {
            let price = outlook.expected_price(position.class?)?;
            Some(plus_receivable(position.held.at(price), position))
        }
        // The gain over the strike is not linear in the price, so each case is taken by itself.
        Holding::Warrant => expected(company, |case| in_case(position, case)),
    }
}

fn expected(company: &Company, proceeds: impl Fn(&ExitCase) -> Option<Cents>) -> Option<Cents> {
    company.cases.iter().try_fold(Cents::ZERO, |sum, case| Some(sum.plus(&proceeds(case)?.scaled(&case.probability))))
}

/// X of a lot in one case that gives no proceeds for the lot itself; `None` when the case does not tell.
pub(crate) fn in_case(position: &Position, case: &ExitCase) -> Option<Cents> {
    if position.holding == Holding::Convertible {
        return None;
    }
    if position.held.is_zero() {
        return Some(position.receivable.clone());
    }
    let price = case.price_of(position.class?)?;
    Some(plus_receivable(worth_at(position, price), position))
}

/// The held shares at `price`; a warrant is worth what the price is above its strike.
fn worth_at(position: &Position, price: &Price) -> Cents {
    match position.holding {
        Holding::Warrant if *price <= position.strike => Cents::ZERO,
        Holding::Warrant => position.held.at(&price.minus(&position.strike)),
        Holding::Equity | Holding::Convertible => position.held.at(price),
    }
}

fn plus_receivable(value: Cents, position: &Position) -> Cents {
    if position.receivable.is_zero() { value } else { value.plus(&position.receivable) }
}
