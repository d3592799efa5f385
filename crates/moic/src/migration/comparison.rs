//! Legacy MOIC beside the lot-level current MOIC that a migration would give, and the difference in parts.
//!
//! With aᵢ, oᵢ, Vᵢ for amount, ownership and post-money valuation of an investment, V for the latest valuation, pᵢ and p for
//! the exact prices of its round and of the latest, S for the proceeds, and sums over the migrated investments where not
//! said otherwise, C = Σ aᵢ:
//!
//! ```text
//! not migrated   (Σ oᵢ·V + S)/C − (Σ over all oᵢ·V + S)/(Σ over all aᵢ)
//! ownership      Σ (aᵢ/Vᵢ − oᵢ)·V / C
//! dilution       Σ (aᵢ·p/pᵢ − aᵢ·V/Vᵢ) / C
//! given terms    Σ (sharesᵢ·p − oᵢ·V) / C, of investments whose shares or price were given; they have no part in the two above
//! rounding       what shares and mark to 8 decimals add
//! ```
//!
//! They sum exactly to (Σ sharesᵢ·mark + S)/C − legacy.

use super::derivation::{DerivedLot, PricingConfidence};
use super::mark::{AssumedPrice, latest_valued};
use super::{LegacyInvestment, PlannedInvestment, ownership_of};
use crate::analysis::{LegacyReason, MultipleDifference};
use crate::exact::Exact;
use crate::quantity::{Cents, Ratio};

/// What makes the two multiples differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrationCause {
    /// Investments without a lot, which legacy counts.
    NotMigrated,
    /// Ownership × post-money valuation was not the amount.
    Ownership,
    /// Later rounds issued shares: lots keep their shares, legacy keeps the ownership once bought.
    Dilution,
    /// Given shares or prices.
    GivenTerms,
    /// Shares and mark have 8 decimals.
    Rounding,
}

impl MigrationCause {
    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotMigrated => "not_migrated",
            Self::Ownership => "ownership",
            Self::Dilution => "dilution",
            Self::GivenTerms => "given_terms",
            Self::Rounding => "rounding",
        }
    }

    const fn description(self) -> &'static str {
        match self {
            Self::NotMigrated => "investments that cannot be migrated count in legacy only",
            Self::Ownership => "the recorded ownership is not what the amount bought of the post-money valuation",
            Self::Dilution => {
                "rounds in between changed the number of shares: lots keep their shares, legacy the ownership once bought"
            }
            Self::GivenTerms => "shares or prices were given, and are not what the ownership says",
            Self::Rounding => "shares and the assumed mark have 8 decimals",
        }
    }
}

/// One part of a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationPart {
    /// What it comes from.
    pub cause: MigrationCause,
    /// How much of the difference it is, exact.
    pub difference: MultipleDifference,
    /// The cause in words.
    pub explanation: &'static str,
}

/// Why there is nothing to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComparisonGap {
    /// No investment can be migrated.
    NoLots,
    /// No mark can be assumed: the latest valuation is 0, or the fully diluted shares after its round are not known.
    NoMark,
    /// An amount or a valuation is negative.
    NegativeAmount,
    /// There is no legacy multiple.
    Legacy(LegacyReason),
}

impl ComparisonGap {
    /// The gap in words, with what to do.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::NoLots => "no investment can be migrated: see what each needs",
            Self::NoMark => {
                "no mark can be assumed: the latest round needs a valuation above 0 and confirmed fully diluted shares"
            }
            Self::NegativeAmount => "an amount or a valuation is negative: correct it",
            Self::Legacy(reason) => reason.description(),
        }
    }
}

/// The two multiples side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MigrationComparison {
    /// Both exist.
    Compared {
        /// (Σ ownership × latest valuation + realised) / Σ amount, over all investments.
        legacy: Ratio,
        /// (Σ shares × assumed mark + realised) / Σ cost, over the lots: their current MOIC once the marks are stored.
        lots: Ratio,
        /// Lot-level less legacy.
        difference: MultipleDifference,
        /// What the difference consists of; they sum to it exactly, and those of nothing are left out.
        parts: Vec<MigrationPart>,
    },
    /// One of them does not.
    NotComparable(ComparisonGap),
}

/// A company's comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanyComparison {
    /// The company.
    pub company_id: i64,
    /// Its multiples.
    pub comparison: MigrationComparison,
}

/// The numerators and denominators of one company or of several, in the raw unit of cents.
#[derive(Clone, Debug)]
pub(super) struct Sums {
    has_lots: bool,
    /// Σ amount of all investments.
    amount: Exact,
    /// Σ over all ownership × V, plus the proceeds.
    legacy: Exact,
    /// C.
    cost: Exact,
    /// What the migrated investments have in legacy: Σ ownership × V, plus the proceeds.
    legacy_of_lots: Exact,
    ownership: Exact,
    dilution: Exact,
    given_terms: Exact,
    rounding: Exact,
}

impl Default for Sums {
    fn default() -> Self {
        let zero = || Exact::ZERO;
        Self {
            has_lots: false,
            amount: zero(),
            legacy: zero(),
            cost: zero(),
            legacy_of_lots: zero(),
            ownership: zero(),
            dilution: zero(),
            given_terms: zero(),
            rounding: zero(),
        }
    }
}

/// One company, compared.
pub(super) struct Compared(Result<Sums, ComparisonGap>);

/// Companies summed up.
#[derive(Default)]
pub(super) struct FundSums {
    sums: Sums,
    gap: Option<ComparisonGap>,
}

impl Compared {
    pub(super) fn comparison(&self) -> MigrationComparison {
        match &self.0 {
            Ok(sums) => sums.comparison(),
            Err(gap) => MigrationComparison::NotComparable(*gap),
        }
    }
}

impl FundSums {
    pub(super) fn add(&mut self, company: Compared) {
        match company.0 {
            Ok(sums) => self.sums.add(&sums),
            Err(gap) => self.gap = self.gap.or(Some(gap)),
        }
    }

    /// As for a company; without a number as soon as one company has none, for the first one's reason.
    pub(super) fn comparison(&self) -> MigrationComparison {
        match self.gap {
            Some(gap) => MigrationComparison::NotComparable(gap),
            None => self.sums.comparison(),
        }
    }
}

/// Compares one company; `members` and `planned` are the same investments.
pub(super) fn compare(
    members: &[&LegacyInvestment],
    planned: &[PlannedInvestment],
    assumed: Option<&AssumedPrice>,
    realised_cents: u64,
) -> Compared {
    Compared(sums_of(members, planned, assumed, &Cents::from(realised_cents)))
}

fn sums_of(
    members: &[&LegacyInvestment],
    planned: &[PlannedInvestment],
    assumed: Option<&AssumedPrice>,
    realised: &Cents,
) -> Result<Sums, ComparisonGap> {
    let unvalued = ComparisonGap::Legacy(LegacyReason::Unvalued);
    let latest = latest_valued(members).and_then(|latest| latest.post_money_cents).ok_or(unvalued)?;
    let latest = cents(latest)?;
    let mut sums = Sums { legacy: realised.0.clone(), ..Sums::default() };
    for (member, planned) in members.iter().zip(planned) {
        let stake = latest.scaled(&ownership_of(member).ok_or(unvalued)?);
        sums.amount = sums.amount.plus(&cents(member.amount_cents)?.0);
        sums.legacy = sums.legacy.plus(&stake.0);
        if let Ok(lot) = &planned.outcome {
            let assumed = assumed.ok_or(ComparisonGap::NoMark)?;
            sums.add_lot(member, lot, &stake, &latest, assumed).ok_or(ComparisonGap::NoMark)?;
        }
    }
    if sums.has_lots {
        sums.legacy_of_lots = sums.legacy_of_lots.plus(&realised.0);
    }
    Ok(sums)
}

fn cents(value: i64) -> Result<Cents, ComparisonGap> {
    u64::try_from(value).map(Cents::from).map_err(|_| ComparisonGap::NegativeAmount)
}

impl Sums {
    /// `stake` is ownership × latest valuation. `None` only for prices and valuations of zero, which no lot has.
    fn add_lot(
        &mut self,
        member: &LegacyInvestment,
        lot: &DerivedLot,
        stake: &Cents,
        latest: &Cents,
        assumed: &AssumedPrice,
    ) -> Option<()> {
        self.has_lots = true;
        self.cost = self.cost.plus(&lot.cost.0);
        self.legacy_of_lots = self.legacy_of_lots.plus(&stake.0);
        let value = lot.shares.at(&assumed.price);
        let exact_value = if lot.confidence == PricingConfidence::Manual {
            let exact_value = lot.shares.at(&assumed.exact);
            self.given_terms = self.given_terms.plus(&exact_value.minus(stake).0);
            exact_value
        } else {
            let own_valuation = Cents::from(u64::try_from(member.post_money_cents?).ok()?);
            let undiluted = lot.cost.scaled(&latest.share_of(&own_valuation)?);
            let exact_value = lot.cost.scaled(&assumed.exact.share_of(&lot.exact_price)?);
            self.ownership = self.ownership.plus(&undiluted.minus(stake).0);
            self.dilution = self.dilution.plus(&exact_value.minus(&undiluted).0);
            exact_value
        };
        self.rounding = self.rounding.plus(&value.minus(&exact_value).0);
        Some(())
    }

    fn add(&mut self, other: &Self) {
        let Self { has_lots, amount, legacy, cost, legacy_of_lots, ownership, dilution, given_terms, rounding } = self;
        *has_lots |= other.has_lots;
        for (sum, more) in [
            (amount, &other.amount),
            (legacy, &other.legacy),
            (cost, &other.cost),
            (legacy_of_lots, &other.legacy_of_lots),
            (ownership, &other.ownership),
            (dilution, &other.dilution),
            (given_terms, &other.given_terms),
            (rounding, &other.rounding),
        ] {
            *sum = sum.plus(more);
        }
    }

    fn comparison(&self) -> MigrationComparison {
        self.compared().unwrap_or_else(|| {
            let gap = if self.amount.is_zero() {
                ComparisonGap::Legacy(LegacyReason::ZeroCost)
            } else {
                ComparisonGap::NoLots
            };
            MigrationComparison::NotComparable(gap)
        })
    }

    fn compared(&self) -> Option<MigrationComparison> {
        let legacy = self.legacy.over(&self.amount)?;
        let legacy_of_lots = self.legacy_of_lots.over(&self.cost)?;
        let mut parts = vec![(MigrationCause::NotMigrated, legacy_of_lots.minus(&legacy))];
        for (cause, sum) in [
            (MigrationCause::Ownership, &self.ownership),
            (MigrationCause::Dilution, &self.dilution),
            (MigrationCause::GivenTerms, &self.given_terms),
            (MigrationCause::Rounding, &self.rounding),
        ] {
            parts.push((cause, sum.over(&self.cost)?));
        }
        let difference = parts.iter().fold(Exact::ZERO, |sum, (_, part)| sum.plus(part));
        Some(MigrationComparison::Compared {
            lots: Ratio(legacy.plus(&difference)),
            legacy: Ratio(legacy),
            difference: MultipleDifference(difference),
            parts: parts
                .into_iter()
                .filter(|(_, part)| !part.is_zero())
                .map(|(cause, part)| MigrationPart {
                    cause,
                    difference: MultipleDifference(part),
                    explanation: cause.description(),
                })
                .collect(),
        })
    }
}
