//! Where the next dollar goes (moic.md §7): companies by the multiple that is expected of their planned reserves.

use std::cmp::Ordering;

use crate::evaluation::{CompanyEvaluation, Evaluation};
use crate::lens::LensKey;
use crate::quantity::Ratio;

/// A company in the ranking.
#[derive(Debug)]
pub struct RankedCompany<'e, 'p> {
    /// 1 for the best; equal multiples share a rank. None without a multiple.
    pub rank: Option<usize>,
    /// The company.
    pub company: &'e CompanyEvaluation<'p>,
}

impl<'p> Evaluation<'p> {
    /// The companies by their exact `exit_moic_planned_reserves`, the greatest first, those without one last; equal ones by
    /// name, then by id.
    #[must_use]
    pub fn reserve_ranking(&self) -> Vec<RankedCompany<'_, 'p>> {
        let mut companies: Vec<(Option<Ratio>, &CompanyEvaluation<'p>)> =
            self.companies().iter().map(|company| (multiple(company), company)).collect();
        companies.sort_by(|(left, one), (right, other)| {
            greatest_first(left.as_ref(), right.as_ref())
                .then_with(|| (one.name(), one.id()).cmp(&(other.name(), other.id())))
        });
        let mut ranking: Vec<RankedCompany<'_, 'p>> = Vec::with_capacity(companies.len());
        let mut before: Option<(Ratio, usize)> = None;
        for (position, (multiple, company)) in companies.into_iter().enumerate() {
            let rank = multiple.map(|multiple| {
                let rank = match &before {
                    Some((known, rank)) if *known == multiple => *rank,
                    _ => position.saturating_add(1),
                };
                before = Some((multiple, rank));
                rank
            });
            ranking.push(RankedCompany { rank, company });
        }
        ranking
    }
}

fn multiple(company: &CompanyEvaluation<'_>) -> Option<Ratio> {
    company.lenses().get(LensKey::ExitMoicPlannedReserves)?.multiple()
}

fn greatest_first(left: Option<&Ratio>, right: Option<&Ratio>) -> Ordering {
    match (left, right) {
        (Some(left), Some(right)) => right.cmp(left),
        (left, right) => right.is_some().cmp(&left.is_some()),
    }
}
