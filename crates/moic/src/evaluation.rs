//! From states to lenses: lots into buckets, buckets into lenses, companies into sectors and the fund.

mod aggregate;
pub(crate) mod buckets;

use rayon::prelude::*;

use self::aggregate::Aggregate;
use self::buckets::{Buckets, ValuedLot};
use crate::document::company::Company;
use crate::document::labels::LotIndex;
use crate::document::{COMPANIES_PER_TASK_MIN, Policy, Portfolio, SecondaryBucket};
use crate::lens::{Bucket, Flags, LENS_COUNT, LENSES_ALWAYS, Lens, LensKey, Reason};
use crate::quantity::{Cents, Ratio};
use crate::replay::State;

/// Every lens of a portfolio as of its date.
#[derive(Debug)]
pub struct Evaluation<'p> {
    pub(crate) portfolio: &'p Portfolio,
    pub(crate) companies: Vec<CompanyEvaluation<'p>>,
    pub(crate) sectors: Vec<(Option<&'p str>, Lenses)>,
    pub(crate) fund: Lenses,
    pub(crate) coverage: Option<Ratio>,
}

/// The lenses of a company, a sector or a fund.
#[derive(Clone, Debug)]
pub struct Lenses {
    by_key: [Lens; LENS_COUNT],
    separate_secondaries: bool,
}

/// The lenses of one company, of its lots and of its planned reserves.
#[derive(Debug)]
pub struct CompanyEvaluation<'p> {
    pub(crate) company: &'p Company,
    pub(crate) lenses: Lenses,
    pub(crate) lots: Vec<LotEvaluation>,
}

/// The two lenses of one lot.
#[derive(Debug)]
pub(crate) struct LotEvaluation {
    pub(crate) lot: LotIndex,
    pub(crate) bucket: Bucket,
    pub(crate) current: Lens,
    pub(crate) exit: Lens,
    /// In whole cents.
    pub(crate) relieved: Cents,
}

impl Portfolio {
    /// Evaluates every lens. The same portfolio gives the same result on any machine and any number of threads.
    #[must_use]
    pub fn evaluate(&self) -> Evaluation<'_> {
        let companies: Vec<CompanyEvaluation<'_>> = self
            .companies
            .par_iter()
            .with_min_len(COMPANIES_PER_TASK_MIN)
            .map_init(State::default, |state, company| {
                let mut lots = Vec::with_capacity(company.lots.len().saturating_add(company.new_lots.len()));
                let has_cases = company.outlook.is_some();
                let visit = |lot: &ValuedLot<'_>| lots.push(lot.evaluated(has_cases));
                let buckets = Buckets::of(company, state, &self.policy, self.as_of, visit);
                CompanyEvaluation { company, lenses: Lenses::of(company, &buckets, &self.policy), lots }
            })
            .collect();
        let sectors = aggregate::by_sector(&companies, &self.policy);
        let fund = sectors.iter().fold(Aggregate::default(), |sum, (_, sector)| sum.merged(sector));
        let separate = self.policy.secondary_bucket == SecondaryBucket::Separate;
        Evaluation {
            portfolio: self,
            coverage: fund.coverage(),
            fund: fund.lenses(separate),
            sectors: sectors.into_iter().map(|(name, sector)| (name, sector.lenses(separate))).collect(),
            companies,
        }
    }

    /// The lenses of every company in document order, without those of their lots: what a ranking or a benchmark of the
    /// engine needs, on the calling thread alone.
    pub fn for_each_company_lenses(&self, mut visit: impl FnMut(&Lenses)) {
        let mut state = State::default();
        for company in &self.companies {
            let buckets = Buckets::of(company, &mut state, &self.policy, self.as_of, |_| ());
            visit(&Lenses::of(company, &buckets, &self.policy));
        }
    }
}

impl<'p> Evaluation<'p> {
    /// The lenses of the whole fund: sums of numerators over sums of denominators.
    #[must_use]
    pub fn fund(&self) -> &Lenses {
        &self.fund
    }

    /// Cost of the companies that are priced over the cost of all; `None` when nothing has a cost.
    #[must_use]
    pub fn coverage(&self) -> Option<&Ratio> {
        self.coverage.as_ref()
    }

    /// The companies, in document order.
    pub fn companies(&self) -> &[CompanyEvaluation<'p>] {
        &self.companies
    }

    /// The lenses by sector, sorted by name; companies without one come last.
    pub fn sectors(&self) -> impl Iterator<Item = (Option<&'p str>, &Lenses)> {
        self.sectors.iter().map(|(name, lenses)| (*name, lenses))
    }
}

impl CompanyEvaluation<'_> {
    /// The company's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.company.id
    }

    /// The company's name; its id where it has none.
    #[must_use]
    pub fn name(&self) -> &str {
        self.company.title()
    }

    /// The company's sector.
    #[must_use]
    pub fn sector(&self) -> Option<&str> {
        self.company.sector.as_deref()
    }

    /// The company's lenses.
    #[must_use]
    pub fn lenses(&self) -> &Lenses {
        &self.lenses
    }

    /// Each lot's id with its current and its exit lens, in the order of [`crate::CompanySchedule::lots`].
    pub fn lots(&self) -> impl Iterator<Item = (&str, &Lens, &Lens)> {
        self.lots.iter().map(|lot| (self.company.lot_id(lot.lot), &lot.current, &lot.exit))
    }

    /// Ids of the lots that keep the lens `key` from having a number.
    pub fn lots_without_price(&self, key: LensKey) -> impl Iterator<Item = &str> {
        let blocking = self.lots.iter().filter(move |lot| {
            let own = if key.is_current() { &lot.current } else { &lot.exit };
            key.covers(lot.bucket) && matches!(own.reason, Some(Reason::Unpriced | Reason::ExitUnpriced))
        });
        blocking.map(|lot| self.company.lot_id(lot.lot))
    }
}

impl Lenses {
    /// The lens called `key`; `None` for the two of the policy `separate` under any other policy.
    #[must_use]
    pub fn get(&self, key: LensKey) -> Option<&Lens> {
        self.iter().find(|(known, _)| *known == key).map(|(_, lens)| lens)
    }

    /// The lenses there are, in the order of the result document.
    pub fn iter(&self) -> impl Iterator<Item = (LensKey, &Lens)> {
        let count = if self.separate_secondaries { LENS_COUNT } else { LENSES_ALWAYS };
        LensKey::ALL.into_iter().zip(&self.by_key).take(count)
    }

    fn of(company: &Company, buckets: &Buckets, policy: &Policy) -> Self {
        let outlook = company.outlook.as_ref();
        let separate = policy.secondary_bucket == SecondaryBucket::Separate;
        let all = buckets.all(separate);
        let (initial, follow_on, secondary) = (&buckets.initial, &buckets.follow_on, &buckets.secondary);
        let by_key = [
            all.current(),
            initial.current(),
            follow_on.current(),
            all.exit(outlook, true),
            initial.exit(outlook, false),
            follow_on.exit(outlook, true),
            buckets::planned_reserves(outlook),
            follow_on.exit(outlook, false),
            secondary.current(),
            secondary.exit(outlook, false),
        ];
        Self { by_key, separate_secondaries: separate }
    }
}

/// The lens of a planned reserve line: E[Y]/E[B].
pub(crate) fn reserve_lens(cost: &Cents, proceeds: Option<&Cents>) -> Lens {
    match proceeds {
        None => Lens::unknown(Reason::ExitUnpriced, cost.clone(), Flags::default()),
        Some(proceeds) => {
            let reason = cost.is_zero().then_some(Reason::NoPlannedReserves);
            Lens::known(proceeds.clone(), cost.clone(), reason, Flags::default())
        }
    }
}
