//! Sales: which lots the shares come from and what each lot gets (moic.md §2, *Disposal*).

use std::cmp::Ordering;

use super::{Position, Refusal, check_size};
use crate::document::company::Company;
use crate::document::event::ReliefChoice;
use crate::document::labels::{ClassIndex, LotIndex};
use crate::document::{Policy, Relief};
use crate::quantity::{Cents, Shares, price_of};

/// A disposal about to be applied.
pub(super) struct Sale<'s> {
    pub(super) class: Option<ClassIndex>,
    pub(super) shares: &'s Shares,
    pub(super) proceeds: &'s Cents,
    pub(super) relief: &'s ReliefChoice,
}

impl Sale<'_> {
    /// Takes the shares from their lots and gives the lots their part of the proceeds. Changes nothing when refused.
    pub(super) fn apply(&self, positions: &mut [Position], company: &Company, policy: &Policy) -> Result<(), Refusal> {
        let (derived, parts) = match self.relief {
            ReliefChoice::Lots(lots) => {
                self.check_named(lots, positions, company)?;
                (false, lots.clone())
            }
            ReliefChoice::Method(method) => (true, self.derive(*method, positions, company)?),
            ReliefChoice::Policy if policy.lot_relief == Relief::Specific => {
                let message = "the policy's lotRelief is specific, so name the lots, or name a method in relief";
                return Err(Refusal {
                    field: "lots",
                    value: crate::json::ABSENT.to_owned(),
                    message: message.to_owned(),
                });
            }
            ReliefChoice::Policy => (true, self.derive(policy.lot_relief, positions, company)?),
        };
        for (lot, sold) in &parts {
            if let Some(position) = positions.get_mut(lot.position()) {
                self.take(position, sold);
                position.allocation_derived |= derived;
                check_size(position)?;
            }
        }
        Ok(())
    }

    fn check_named(
        &self,
        lots: &[(LotIndex, Shares)],
        positions: &[Position],
        company: &Company,
    ) -> Result<(), Refusal> {
        let refuse = |lot: LotIndex, message: String| {
            Err(Refusal { field: "lots", value: company.lot_id(lot).to_owned(), message })
        };
        for (lot, sold) in lots {
            let id = company.lot_id(*lot);
            let Some(position) = positions.get(lot.position()).filter(|position| position.acquired) else {
                return refuse(*lot, format!("the lot {id} is not yet acquired when this sale happens"));
            };
            if self.class.is_some() && position.class != self.class {
                return refuse(*lot, format!("the lot {id} is not of the disposal's shareClass; leave shareClass out"));
            }
            if *sold > position.held {
                let held = &position.held;
                return refuse(*lot, format!("{sold} shares of the lot {id} are sold, but only {held} are held"));
            }
        }
        Ok(())
    }

    /// The lots and shares that `method` sells.
    fn derive(
        &self,
        method: Relief,
        positions: &[Position],
        company: &Company,
    ) -> Result<Vec<(LotIndex, Shares)>, Refusal> {
        let Some(class) = self.class else { return Ok(Vec::new()) };
        let mut candidates: Vec<(LotIndex, &Position)> = positions
            .iter()
            .enumerate()
            .filter(|(_, position)| position.is_equity_of(class) && !position.held.is_zero())
            .map(|(index, position)| (LotIndex::at(index), position))
            .collect();
        let held = candidates.iter().fold(Shares::ZERO, |sum, (_, position)| sum.plus(&position.held));
        if *self.shares > held {
            let message =
                format!("{} shares are sold, but only {held} are held in equity lots of the class", self.shares);
            return Err(Refusal { field: "shares", value: self.shares.to_string(), message });
        }
        if method == Relief::ProRata {
            return Ok(self.pro_rata(&candidates, &held));
        }
        candidates.sort_by(|(one, first), (other, second)| {
            let by_method = match method {
                Relief::Lifo => second.purchase_date.cmp(&first.purchase_date),
                Relief::Hifo => by_cost_per_share(second, first),
                Relief::Fifo | Relief::Specific | Relief::ProRata => Ordering::Equal,
            };
            let by_date = || first.purchase_date.cmp(&second.purchase_date);
            by_method.then_with(by_date).then_with(|| company.lot_id(*one).cmp(company.lot_id(*other)))
        });
        Ok(self.in_order(&candidates))
    }

    fn pro_rata(&self, candidates: &[(LotIndex, &Position)], held: &Shares) -> Vec<(LotIndex, Shares)> {
        let Some(part) = self.shares.share_of(held) else { return Vec::new() };
        candidates.iter().map(|(lot, position)| (*lot, position.held.scaled(&part).reduced())).collect()
    }

    fn in_order(&self, candidates: &[(LotIndex, &Position)]) -> Vec<(LotIndex, Shares)> {
        let mut missing = self.shares.clone();
        let mut parts = Vec::new();
        for (lot, position) in candidates {
            if missing.is_zero() {
                break;
            }
            let sold = if position.held < missing { &position.held } else { &missing }.clone();
            missing = missing.minus(&sold);
            parts.push((*lot, sold));
        }
        parts
    }

    /// Takes `sold` shares out of a lot. Proceeds follow the shares; a lot mark shrinks with them.
    fn take(&self, position: &mut Position, sold: &Shares) {
        let remaining = position.held.minus(sold).reduced();
        if let Some(mark) = &position.lot_mark
            && let Some(kept) = remaining.share_of(&position.held)
        {
            position.lot_mark = Some(mark.scaled(&kept).reduced());
        }
        position.held = remaining;
        if sold == self.shares {
            position.realised = position.realised.plus(self.proceeds);
        } else if let Some(part) = sold.share_of(self.shares) {
            position.realised = position.realised.plus(&self.proceeds.scaled(&part)).reduced();
        }
    }
}

fn by_cost_per_share(one: &Position, other: &Position) -> Ordering {
    price_of(&one.cost, &one.bought).cmp(&price_of(&other.cost, &other.bought))
}
