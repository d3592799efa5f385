//! Companies into sectors and the fund: sums of numerators over sums of denominators, never a mean of ratios (moic.md §3, §4).

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{CompanyEvaluation, Lenses};
use crate::document::Policy;
use crate::lens::{Flags, LENS_COUNT, Lens, LensKey, Reason};
use crate::quantity::{Cents, Ratio};

/// Companies summed by one task.
const COMPANIES_PER_SUM: usize = 256;

/// The sums of some companies.
#[derive(Clone, Debug)]
pub(super) struct Aggregate {
    sums: [LensSum; LENS_COUNT],
    priced_cost: Cents,
    total_cost: Cents,
}

/// One lens summed over companies.
#[derive(Clone, Debug)]
struct LensSum {
    numerator: Cents,
    denominator: Cents,
    unpriced: bool,
    no_exit_case: bool,
    exit_unpriced: bool,
    /// Whether some company has lots in the bucket, if only without cost.
    has_lots: bool,
    flags: Flags,
}

impl Default for LensSum {
    fn default() -> Self {
        Self {
            numerator: Cents::ZERO,
            denominator: Cents::ZERO,
            unpriced: false,
            no_exit_case: false,
            exit_unpriced: false,
            has_lots: false,
            flags: Flags::default(),
        }
    }
}

impl Default for Aggregate {
    fn default() -> Self {
        Self { sums: std::array::from_fn(|_| LensSum::default()), priced_cost: Cents::ZERO, total_cost: Cents::ZERO }
    }
}

/// Sums the companies of each sector; sectors are sorted by name, companies without one come last.
pub(super) fn by_sector<'p>(companies: &[CompanyEvaluation<'p>], policy: &Policy) -> Vec<(Option<&'p str>, Aggregate)> {
    let mut members: BTreeMap<(bool, Option<&'p str>), Vec<&CompanyEvaluation<'p>>> = BTreeMap::new();
    for evaluated in companies {
        let sector = evaluated.company.sector.as_deref();
        members.entry((sector.is_none(), sector)).or_default().push(evaluated);
    }
    members.into_iter().map(|((_, sector), companies)| (sector, Aggregate::of(&companies, policy))).collect()
}

impl Aggregate {
    fn of(companies: &[&CompanyEvaluation<'_>], policy: &Policy) -> Self {
        companies
            .par_chunks(COMPANIES_PER_SUM)
            .map(|chunk| {
                let mut sum = Self::default();
                for evaluated in chunk {
                    sum.add(&evaluated.lenses, policy);
                }
                sum
            })
            // Pairs of equal size keep the exact sums of many denominators short for as long as possible.
            .reduce(Self::default, |one, other| one.merged(&other))
    }

    fn add(&mut self, lenses: &Lenses, policy: &Policy) {
        let [current, ..] = &lenses.by_key;
        let unpriced = current.reason == Some(Reason::Unpriced);
        self.total_cost = self.total_cost.plus(&current.denominator);
        if !unpriced {
            self.priced_cost = self.priced_cost.plus(&current.denominator);
        }
        for ((key, lens), sum) in LensKey::ALL.iter().zip(&lenses.by_key).zip(&mut self.sums) {
            if !(policy.exclude_unpriced && unpriced && key.is_current()) {
                sum.add(lens);
            }
        }
    }

    pub(super) fn merged(&self, other: &Self) -> Self {
        let mut merged = self.clone();
        for (sum, more) in merged.sums.iter_mut().zip(&other.sums) {
            sum.merge(more);
        }
        merged.priced_cost = merged.priced_cost.plus(&other.priced_cost);
        merged.total_cost = merged.total_cost.plus(&other.total_cost);
        merged
    }

    pub(super) fn lenses(&self, separate_secondaries: bool) -> Lenses {
        let by_key = std::array::from_fn(|index| match (self.sums.get(index), LensKey::ALL.get(index)) {
            (Some(sum), Some(key)) => sum.lens(*key),
            // Both arrays have LENS_COUNT entries.
            _ => Lens::unknown(Reason::NoLots, Cents::ZERO, Flags::default()),
        });
        Lenses { by_key, separate_secondaries }
    }

    /// Cost of the priced companies over the cost of all; `None` when nothing has a cost.
    pub(super) fn coverage(&self) -> Option<Ratio> {
        self.priced_cost.share_of(&self.total_cost)
    }
}

impl LensSum {
    fn add(&mut self, lens: &Lens) {
        self.flags = self.flags.or(lens.flags);
        match lens.reason {
            Some(Reason::NoLots | Reason::NoPlannedReserves) => {}
            Some(Reason::Unpriced) => self.unpriced = true,
            Some(Reason::NoExitCase) => self.no_exit_case = true,
            Some(Reason::ExitUnpriced) => self.exit_unpriced = true,
            Some(Reason::ZeroCost) | None => self.has_lots = true,
        }
        if matches!(lens.reason, None | Some(Reason::ZeroCost)) {
            self.numerator = self.numerator.plus(&lens.numerator);
        }
        if !matches!(lens.reason, Some(Reason::NoExitCase)) {
            self.denominator = self.denominator.plus(&lens.denominator);
        }
    }

    fn merge(&mut self, other: &Self) {
        self.numerator = self.numerator.plus(&other.numerator);
        self.denominator = self.denominator.plus(&other.denominator);
        self.unpriced |= other.unpriced;
        self.no_exit_case |= other.no_exit_case;
        self.exit_unpriced |= other.exit_unpriced;
        self.has_lots |= other.has_lots;
        self.flags = self.flags.or(other.flags);
    }

    fn lens(&self, key: LensKey) -> Lens {
        let denominator = self.denominator.clone();
        if self.unpriced {
            return Lens::unknown(Reason::Unpriced, denominator, self.flags);
        }
        if self.no_exit_case {
            return Lens::unknown(Reason::NoExitCase, Cents::ZERO, self.flags);
        }
        if self.exit_unpriced {
            return Lens::unknown(Reason::ExitUnpriced, denominator, self.flags);
        }
        let reason = denominator.is_zero().then_some(match key {
            LensKey::ExitMoicPlannedReserves => Reason::NoPlannedReserves,
            _ if self.has_lots => Reason::ZeroCost,
            _ => Reason::NoLots,
        });
        Lens::known(self.numerator.clone(), denominator, reason, self.flags)
    }
}
