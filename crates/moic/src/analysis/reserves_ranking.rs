//! Where the next dollar goes: companies by what their planned reserves are expected to return (moic.md §7).

use std::cmp::Ordering;

use crate::evaluation::{CompanyEvaluation, Evaluation};
use crate::lens::{Lens, LensKey};
use crate::quantity::{Cents, Ratio};

/// A company's place in the ranking of reserves.
#[derive(Clone, Debug)]
pub struct RankedReserves<'e, 'p> {
    /// The company with all its lenses.
    pub company: &'e CompanyEvaluation<'p>,
    /// Its lens `exit_moic_planned_reserves`, with the reason where there is no multiple.
    pub planned: &'e Lens,
    /// E[B] in cents; `None` without exit cases.
    pub planned_cost: Option<Cents>,
    /// C(D) in cents: what follow-ons have cost so far.
    pub deployed_cost: Cents,
}

impl<'p> Evaluation<'p> {
    /// The companies by `exit_moic_planned_reserves`, the highest exact multiple first; those without one come last.
    /// Companies with the same multiple, and those without one, are in the order of their ids.
    #[must_use]
    pub fn reserves_ranking(&self) -> Vec<RankedReserves<'_, 'p>> {
        let mut ranked: Vec<(Option<Ratio>, RankedReserves<'_, 'p>)> = self
            .companies()
            .iter()
            .filter_map(|company| Some((company.planned()?.multiple(), company.ranked()?)))
            .collect();
        ranked.sort_by(|(one, left), (other, right)| {
            let by_multiple = match (one, other) {
                (Some(one), Some(other)) => other.cmp(one),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => Ordering::Equal,
            };
            by_multiple.then_with(|| left.company.id().cmp(right.company.id()))
        });
        ranked.into_iter().map(|(_, company)| company).collect()
    }
}

impl<'p> CompanyEvaluation<'p> {
    /// Always there.
    fn planned(&self) -> Option<&Lens> {
        self.lenses().get(LensKey::ExitMoicPlannedReserves)
    }

    fn ranked(&self) -> Option<RankedReserves<'_, 'p>> {
        let planned = self.planned()?;
        let deployed = self.lenses().get(LensKey::CurrentMoicDeployedReserves)?;
        Some(RankedReserves {
            company: self,
            planned,
            planned_cost: planned.denominator().cloned(),
            deployed_cost: deployed.denominator().cloned().unwrap_or(Cents::ZERO),
        })
    }
}
