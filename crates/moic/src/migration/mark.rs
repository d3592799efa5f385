//! The mark that a migration assumes: the price of the latest round with a valuation, for every class of the company.
//!
//! Legacy values every stake at ownership × the latest post-money valuation, whatever its class. Its counterpart per share
//! is the latest post-money valuation over the fully diluted shares right after that round. With it, lot-level and legacy
//! differ only by what legacy leaves out, which above all is dilution.

use jiff::civil::Date;

use super::derivation::PricingConfidence;
use super::{LegacyInvestment, MigrationOptions, PlannedInvestment, fully_diluted};
use crate::quantity::{Cents, Price, price_of};

/// A mark that the migration creates. It has to be stored with its origin: nobody valued these shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssumedMark {
    /// The company.
    pub company_id: i64,
    /// The share class.
    pub share_class: String,
    /// The day of the round it is taken from.
    pub date: Date,
    /// Price per share in cents, to 8 decimals unless it was given as a fraction.
    pub price: Price,
    /// The investment whose round it is taken from.
    pub investment_id: i64,
}

/// The price of a company's latest round with a valuation.
pub(super) struct AssumedPrice {
    pub(super) date: Date,
    pub(super) investment_id: i64,
    /// Before rounding.
    pub(super) exact: Price,
    /// As it will be stored.
    pub(super) price: Price,
}

/// The investment whose valuation legacy takes: the latest by date, then id, that has one.
pub(super) fn latest_valued<'i>(members: &[&'i LegacyInvestment]) -> Option<&'i LegacyInvestment> {
    members.iter().rev().find(|member| member.post_money_cents.is_some()).copied()
}

/// `None` where no investment has a valuation above zero, or the fully diluted shares of the latest are not known.
pub(super) fn assumed(
    members: &[&LegacyInvestment],
    planned: &[PlannedInvestment],
    options: &MigrationOptions,
) -> Option<AssumedPrice> {
    let latest = latest_valued(members)?;
    let lot = planned.iter().find(|planned| planned.id == latest.id).and_then(|planned| planned.outcome.as_ref().ok());
    let (exact, price) = match lot.filter(|lot| lot.confidence == PricingConfidence::Manual) {
        Some(lot) => (lot.exact_price.clone(), lot.price.clone()),
        None => {
            let valuation = u64::try_from(latest.post_money_cents?).ok().map(Cents::from)?;
            let (count, _) = fully_diluted(latest, options)?;
            let exact = price_of(&valuation, count)?;
            let price = exact.rounded_to_decimals();
            (exact, price)
        }
    };
    let can_be_written = !price.is_zero() && Price::parse(&price.to_string()).is_ok();
    can_be_written.then_some(AssumedPrice { date: latest.date, investment_id: latest.id, exact, price })
}

/// A mark for each class of the company's lots, by its name.
pub(super) fn of_classes(
    company_id: i64,
    assumed: Option<&AssumedPrice>,
    planned: &[PlannedInvestment],
) -> Vec<AssumedMark> {
    let Some(assumed) = assumed else { return Vec::new() };
    let mut classes: Vec<&str> = planned
        .iter()
        .filter_map(|planned| planned.outcome.as_ref().ok())
        .map(|lot| lot.share_class.as_str())
        .collect();
    classes.sort_unstable();
    classes.dedup();
    classes
        .into_iter()
        .map(|class| AssumedMark {
            company_id,
            share_class: class.to_owned(),
            date: assumed.date,
            price: assumed.price.clone(),
            investment_id: assumed.investment_id,
        })
        .collect()
}
