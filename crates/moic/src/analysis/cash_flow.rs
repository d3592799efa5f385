//! What was paid and received, and when.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::document::company::Company;
use crate::document::event::Fact;
use crate::exact::Exact;
use crate::quantity::Cents;

/// Which way money went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the fund into a company.
    Paid,
    /// From a company to the fund; the value of what is still held counts as received on the last day.
    Received,
}

/// One dated payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CashFlow {
    /// The day it happened.
    pub date: Date,
    /// Which way it went.
    pub direction: Direction,
    /// How much, in cents of the fund's currency.
    pub amount: Cents,
}

impl CashFlow {
    /// Money that went from the fund into a company.
    #[must_use]
    pub fn paid(date: Date, amount: Cents) -> Self {
        Self { date, direction: Direction::Paid, amount }
    }

    /// Money that the fund received.
    #[must_use]
    pub fn received(date: Date, amount: Cents) -> Self {
        Self { date, direction: Direction::Received, amount }
    }

    fn signed(&self) -> Exact {
        match self.direction {
            Direction::Paid => Exact::ZERO.minus(&self.amount.0),
            Direction::Received => self.amount.0.clone(),
        }
    }
}

/// What was paid and received up to and including `as_of`, without the value of what is still held, in the order of
/// purchases, then events, as in the document. Amounts of nothing are left out.
pub(super) fn until(company: &Company, as_of: Date) -> Vec<CashFlow> {
    let purchases = company.lots.iter().map(|lot| CashFlow::paid(lot.purchase_date, lot.cost.clone()));
    let events = company.events.iter().filter_map(|event| match &event.fact {
        Fact::Exercise { cash, .. } => Some(CashFlow::paid(event.date, cash.clone())),
        Fact::Distribution { amount, .. } => Some(CashFlow::received(event.date, amount.clone())),
        Fact::Disposal { proceeds, .. } => Some(CashFlow::received(event.date, proceeds.clone())),
        Fact::Mark { .. }
        | Fact::LotMark { .. }
        | Fact::Split { .. }
        | Fact::ClassConversion { .. }
        | Fact::LotConversion { .. }
        | Fact::Receivable { .. } => None,
    });
    purchases.chain(events).filter(|flow| flow.date <= as_of && !flow.amount.is_zero()).collect()
}

/// What each day comes to, received less paid, in the raw unit of [`Cents`]; days that come to nothing are left out.
pub(super) fn net_by_day(flows: &[CashFlow]) -> Vec<(Date, Exact)> {
    let mut days: BTreeMap<Date, Exact> = BTreeMap::new();
    for flow in flows {
        let day = days.entry(flow.date).or_insert(Exact::ZERO);
        *day = day.plus(&flow.signed()).reduced();
    }
    days.into_iter().filter(|(_, net)| !net.is_zero()).collect()
}

/// Whole days from `first` to `date`; 0 where it is earlier.
pub(super) fn days_between(first: Date, date: Date) -> u64 {
    // A civil day has no daylight saving: every one has 24 hours.
    let hours = u64::try_from(first.duration_until(date).as_hours()).unwrap_or(0);
    hours.checked_div(24).unwrap_or(0)
}
