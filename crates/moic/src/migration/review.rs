//! What somebody should look at before a migration is carried out.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::derivation::{agrees_with_amount, agrees_with_shares};
use super::{DerivedLot, LegacyInvestment, MigrationOptions, Obstacle, fully_diluted, ownership_of};
use crate::analysis::CentsDifference;
use crate::quantity::{Cents, Ratio};

/// What a review is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReviewCause {
    /// The amount is above the threshold.
    AboveThreshold,
    /// Ownership × post-money valuation is not the amount.
    OwnershipAgainstAmount,
    /// Ownership × fully diluted shares are not the shares.
    OwnershipAgainstShares,
    /// The ownership is no number.
    OwnershipUnreadable,
    /// The ownership is above 1.
    OwnershipAboveOne,
    /// One count of fully diluted shares serves investments of different days.
    OneCountForSeveralDates,
    /// The company has already returned money.
    ProceedsRecorded,
}

impl ReviewCause {
    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AboveThreshold => "above_threshold",
            Self::OwnershipAgainstAmount => "ownership_against_amount",
            Self::OwnershipAgainstShares => "ownership_against_shares",
            Self::OwnershipUnreadable => "ownership_unreadable",
            Self::OwnershipAboveOne => "ownership_above_one",
            Self::OneCountForSeveralDates => "one_count_for_several_dates",
            Self::ProceedsRecorded => "proceeds_recorded",
        }
    }
}

/// One thing to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// What it is about.
    pub cause: ReviewCause,
    /// It in words, with its numbers and what to do.
    pub message: String,
}

/// On how many days the migrated investments are that each count of a company serves, by the date the count is in force
/// from.
pub(super) fn dates_of_counts(
    members: &[&LegacyInvestment],
    outcomes: &[Result<DerivedLot, Obstacle>],
    options: &MigrationOptions,
) -> BTreeMap<Date, Vec<Date>> {
    let mut dates: BTreeMap<Date, Vec<Date>> = BTreeMap::new();
    for (member, outcome) in members.iter().zip(outcomes) {
        if outcome.is_ok()
            && let Some((_, Some(from))) = fully_diluted(member, options)
        {
            let served = dates.entry(from).or_default();
            if !served.contains(&member.date) {
                served.push(member.date);
            }
        }
    }
    dates
}

/// What to look at about one investment.
pub(super) fn of(
    investment: &LegacyInvestment,
    outcome: &Result<DerivedLot, Obstacle>,
    options: &MigrationOptions,
    dates_of_counts: &BTreeMap<Date, Vec<Date>>,
) -> Vec<Review> {
    let mut found = Vec::new();
    let mut note = |cause, message| found.push(Review { cause, message });
    if let Some(threshold) = options.review_above_cents
        && investment.amount_cents > threshold
    {
        let amount = investment.amount_cents;
        let message = format!("the amount of {amount} cents is above {threshold} cents: confirm the terms");
        note(ReviewCause::AboveThreshold, message);
    }
    let ownership = ownership_of(investment);
    match (&investment.ownership, &ownership) {
        (Some(text), None) => {
            let message = format!("the ownership {text:?} is not a number: correct it");
            note(ReviewCause::OwnershipUnreadable, message);
        }
        (_, Some(ownership)) if *ownership > Ratio::ONE => {
            let message = format!("the ownership {} is above 1, the whole company: correct it", ownership.written());
            note(ReviewCause::OwnershipAboveOne, message);
        }
        _ => {}
    }
    let Ok(lot) = outcome else { return found };
    if let Some(ownership) = &ownership {
        found.extend(against_ownership(investment, lot, ownership, options));
    }
    if let Some((count, Some(from))) = fully_diluted(investment, options)
        && let Some([_, _, ..]) = dates_of_counts.get(&from).map(Vec::as_slice)
    {
        let message = format!(
            "{count} fully diluted shares serve investments of different days, and a round issues new shares: confirm a \
             count for each"
        );
        found.push(Review { cause: ReviewCause::OneCountForSeveralDates, message });
    }
    if let Some(realised) = options.realised_cents.get(&investment.company_id).filter(|realised| **realised > 0) {
        let message = format!(
            "the company has returned {realised} cents, and the lot holds all its shares: enter what was sold as a disposal"
        );
        found.push(Review { cause: ReviewCause::ProceedsRecorded, message });
    }
    found
}

fn against_ownership(
    investment: &LegacyInvestment,
    lot: &DerivedLot,
    ownership: &Ratio,
    options: &MigrationOptions,
) -> Vec<Review> {
    let mut found = Vec::new();
    let valuation = investment.post_money_cents.and_then(|cents| u64::try_from(cents).ok()).map(Cents::from);
    if let Some(valuation) = valuation
        && !agrees_with_amount(ownership, &valuation, &lot.cost, &options.tolerance)
    {
        let bought = valuation.scaled(ownership);
        let difference = CentsDifference::between(&bought, &lot.cost);
        let message = format!(
            "ownership × post-money valuation is {bought} cents and the amount {} cents, a difference of {difference} \
             cents: correct one of the three",
            lot.cost
        );
        found.push(Review { cause: ReviewCause::OwnershipAgainstAmount, message });
    }
    if let Some((count, _)) = fully_diluted(investment, options)
        && !agrees_with_shares(ownership, count, &lot.shares, &options.tolerance)
    {
        let message = format!(
            "ownership × fully diluted shares are {} shares and the lot has {}: correct the ownership or the count",
            count.scaled(ownership),
            lot.shares
        );
        found.push(Review { cause: ReviewCause::OwnershipAgainstShares, message });
    }
    found
}
