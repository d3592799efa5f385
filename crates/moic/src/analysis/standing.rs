//! What a position comes to: invested, realised, unrealised.

use jiff::civil::Date;

use super::cash_flow::CashFlow;
use super::xirr::NoRate;
use crate::document::Policy;
use crate::document::company::Company;
use crate::document::labels::LotIndex;
use crate::lens::Reason;
use crate::quantity::{Cents, Ratio};
use crate::replay::{Position, State};
use crate::valuation;

/// Sums over the lots of a company, or over companies. Amounts are exact cents of the fund's currency, gross.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    has_lots: bool,
    /// C.
    invested: Cents,
    /// R.
    realised: Cents,
    /// The parts of U, what is unknown left out.
    held: HeldValue,
    /// Lots without a price, as `company/lot`.
    unpriced: Vec<String>,
}

/// U by where it comes from; the parts sum to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HeldValue {
    /// Shares × mark, a warrant's over its strike.
    pub(super) at_marks: Cents,
    /// Lots with a mark of their own.
    pub(super) at_lot_marks: Cents,
    /// SAFEs and notes at their cost.
    pub(super) at_cost: Cents,
    /// Escrows and holdbacks.
    pub(super) receivables: Cents,
}

impl HeldValue {
    const NOTHING: Self =
        Self { at_marks: Cents::ZERO, at_lot_marks: Cents::ZERO, at_cost: Cents::ZERO, receivables: Cents::ZERO };

    fn add(&mut self, position: &Position, unrealised: &Cents, at_cost: bool) {
        self.receivables = self.receivables.plus(&position.receivable);
        let held = unrealised.minus(&position.receivable);
        let part = if position.lot_mark.is_some() {
            &mut self.at_lot_marks
        } else if at_cost {
            &mut self.at_cost
        } else {
            &mut self.at_marks
        };
        *part = part.plus(&held);
    }

    /// The sums in lowest terms.
    fn plus(&self, other: &Self) -> Self {
        Self {
            at_marks: self.at_marks.plus(&other.at_marks).reduced(),
            at_lot_marks: self.at_lot_marks.plus(&other.at_lot_marks).reduced(),
            at_cost: self.at_cost.plus(&other.at_cost).reduced(),
            receivables: self.receivables.plus(&other.receivables).reduced(),
        }
    }

    /// U without what is still to be received: what the shares and papers themselves are worth.
    pub(super) fn without_receivables(&self) -> Cents {
        self.at_marks.plus(&self.at_lot_marks).plus(&self.at_cost)
    }
}

impl Default for Standing {
    fn default() -> Self {
        Self {
            has_lots: false,
            invested: Cents::ZERO,
            realised: Cents::ZERO,
            held: HeldValue::NOTHING,
            unpriced: Vec::new(),
        }
    }
}

impl Standing {
    /// The lots of a company, `state` being its replay.
    pub(super) fn of(company: &Company, state: &State, policy: &Policy) -> Self {
        let mut standing = Self::default();
        for (index, position) in state.positions.iter().enumerate().filter(|(_, position)| position.acquired) {
            standing.has_lots = true;
            standing.invested = standing.invested.plus(&position.cost);
            standing.realised = standing.realised.plus(&position.realised);
            let present = valuation::present(position, state, policy);
            match &present.unrealised {
                Some(unrealised) => standing.held.add(position, unrealised, present.at_cost),
                None => standing.unpriced.push(format!("{}/{}", company.id, company.lot_id(LotIndex::at(index)))),
            }
        }
        // Allocations of whole cents sum to whole cents again.
        Self { realised: standing.realised.reduced(), held: standing.held.plus(&HeldValue::NOTHING), ..standing }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.has_lots |= other.has_lots;
        self.invested = self.invested.plus(&other.invested);
        self.realised = self.realised.plus(&other.realised);
        self.held = self.held.plus(&other.held);
        self.unpriced.extend_from_slice(&other.unpriced);
    }

    /// C: the original cost of all lots, also after sales.
    #[must_use]
    pub fn invested(&self) -> &Cents {
        &self.invested
    }

    /// R: distributions and net proceeds of sales.
    #[must_use]
    pub fn realised(&self) -> &Cents {
        &self.realised
    }

    /// U: what is still held at its marks, receivables included; `None` while a lot has no price.
    #[must_use]
    pub fn unrealised(&self) -> Option<Cents> {
        self.unpriced.is_empty().then(|| self.held.without_receivables().plus(&self.held.receivables))
    }

    /// V = U + R; `None` while a lot has no price.
    #[must_use]
    pub fn total_value(&self) -> Option<Cents> {
        self.unrealised().map(|unrealised| unrealised.plus(&self.realised))
    }

    /// The lots that have no price, as `company/lot`.
    #[must_use]
    pub fn unpriced_lots(&self) -> &[String] {
        &self.unpriced
    }

    /// V / C, the gross total value over cost: the current MOIC of these lots. (TVPI proper is net, over paid-in
    /// capital.)
    ///
    /// # Errors
    /// `no_lots`, `unpriced` or `zero_cost`, the first that applies.
    pub fn total_value_over_cost(&self) -> Result<Ratio, Reason> {
        if !self.has_lots {
            return Err(Reason::NoLots);
        }
        let value = self.total_value().ok_or(Reason::Unpriced)?;
        value.share_of(&self.invested).ok_or(Reason::ZeroCost)
    }

    pub(super) fn held(&self) -> &HeldValue {
        &self.held
    }

    /// The value of what is held, as if it were received on `date`.
    pub(super) fn as_received(&self, date: Date) -> Result<CashFlow, NoRate> {
        let value = self.unrealised().ok_or_else(|| NoRate::Unpriced(self.unpriced.clone()))?;
        Ok(CashFlow::received(date, value))
    }
}
