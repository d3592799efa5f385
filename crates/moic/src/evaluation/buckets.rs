//! Lots of one company summed into initial, follow-on and separate secondaries, and the lenses of such sums.

use jiff::civil::Date;

use super::{LotEvaluation, reserve_lens};
use crate::document::case::Outlook;
use crate::document::company::Company;
use crate::document::labels::LotIndex;
use crate::document::lot::Lot;
use crate::document::{LotType, Policy, SecondaryBucket};
use crate::lens::{Bucket, Flags, Lens, Reason};
use crate::quantity::{Cents, Price};
use crate::replay::{Position, State};
use crate::valuation;

/// The sums of a company's lots.
#[derive(Debug, Default)]
pub(super) struct Buckets {
    pub(super) initial: Sums,
    pub(super) follow_on: Sums,
    pub(super) secondary: Sums,
}

/// Sums over some lots. What is unknown is left out of its sum and noted.
#[derive(Clone, Debug)]
pub(super) struct Sums {
    has_lots: bool,
    /// C.
    cost: Cents,
    /// V = U + R.
    value: Cents,
    /// R + E[X].
    exit_value: Cents,
    unpriced: bool,
    exit_unpriced: bool,
    at_cost: bool,
    allocation_derived: bool,
}

impl Default for Sums {
    fn default() -> Self {
        Self {
            has_lots: false,
            cost: Cents::ZERO,
            value: Cents::ZERO,
            exit_value: Cents::ZERO,
            unpriced: false,
            exit_unpriced: false,
            at_cost: false,
            allocation_derived: false,
        }
    }
}

/// One lot, valued.
pub(super) struct ValuedLot<'s> {
    lot: LotIndex,
    bucket: Bucket,
    /// C.
    cost: &'s Cents,
    /// The replayed lot; `None` where nothing but marks ever happened to it.
    position: Option<&'s Position>,
    /// V = U + R; `None` when a mark is missing.
    value: Option<Cents>,
    at_cost: bool,
    /// R + E[X]; `None` without cases or when one of them does not tell.
    exit_value: Option<Cents>,
}

impl Buckets {
    /// Values the lots held as of `as_of`, shows each to `visit`, and sums them up. `state` is room to work in.
    pub(super) fn of(
        company: &Company,
        state: &mut State,
        policy: &Policy,
        as_of: Date,
        visit: impl FnMut(&ValuedLot<'_>),
    ) -> Self {
        if company.only_marks {
            state.mark(company, as_of);
            return Self::of_marked_lots(company, state, policy, as_of, visit);
        }
        state.replay(company, policy, as_of);
        Self::of_positions(company, state, policy, visit)
    }

    /// Most companies: shares and marks, to which nothing else happened. What [`Buckets::of_positions`] finds for them
    /// is found here without building positions.
    fn of_marked_lots(
        company: &Company,
        state: &State,
        policy: &Policy,
        as_of: Date,
        mut visit: impl FnMut(&ValuedLot<'_>),
    ) -> Self {
        let mut buckets = Self::default();
        let outlook = company.outlook.as_ref();
        let owned = |lot: &&Lot| lot.purchase_date <= as_of;
        let first_purchase = company.lots.iter().filter(owned).map(|lot| lot.purchase_date).min();
        for (index, lot) in company.lots.iter().enumerate() {
            if lot.purchase_date > as_of {
                continue;
            }
            let bucket = bucket_of(lot.lot_type, lot.purchase_date, first_purchase, policy);
            let worth_at = |price: Option<&Price>| match price {
                Some(price) => Some(lot.shares.at(price)),
                None => lot.shares.is_zero().then_some(Cents::ZERO),
            };
            let valued = ValuedLot {
                lot: LotIndex::at(index),
                bucket,
                cost: &lot.cost,
                position: None,
                value: worth_at(lot.class.and_then(|class| state.mark_of(class))),
                at_cost: false,
                exit_value: outlook
                    .and_then(|outlook| worth_at(lot.class.and_then(|class| outlook.expected_price(class)))),
            };
            buckets.sums_of(bucket).add(&valued);
            visit(&valued);
        }
        buckets
    }

    fn of_positions(company: &Company, state: &State, policy: &Policy, mut visit: impl FnMut(&ValuedLot<'_>)) -> Self {
        let mut buckets = Self::default();
        let first_purchase = first_purchase(&state.positions);
        for (index, position) in state.positions.iter().enumerate() {
            if !position.acquired {
                continue;
            }
            let bucket = bucket_of(position.lot_type, position.purchase_date, first_purchase, policy);
            let valued = ValuedLot::of(LotIndex::at(index), bucket, position, company, state, policy);
            buckets.sums_of(bucket).add(&valued);
            visit(&valued);
        }
        buckets
    }

    fn sums_of(&mut self, bucket: Bucket) -> &mut Sums {
        match bucket {
            Bucket::Initial => &mut self.initial,
            Bucket::FollowOn => &mut self.follow_on,
            Bucket::Secondary => &mut self.secondary,
        }
    }

    /// All lots of the company.
    pub(super) fn all(&self, separate_secondaries: bool) -> Sums {
        let both = self.initial.merged(&self.follow_on);
        if separate_secondaries { both.merged(&self.secondary) } else { both }
    }
}

/// The date of the fund's first purchase in the company.
pub(crate) fn first_purchase(positions: &[Position]) -> Option<Date> {
    let acquired = positions.iter().filter(|position| position.acquired);
    acquired.map(|position| position.purchase_date).min()
}

/// The bucket of a lot, given the date of the fund's first purchase in the company.
pub(crate) fn bucket_of(
    lot_type: LotType,
    purchase_date: Date,
    first_purchase: Option<Date>,
    policy: &Policy,
) -> Bucket {
    match (lot_type, policy.secondary_bucket) {
        (LotType::Initial, _) => Bucket::Initial,
        (LotType::FollowOn, _) | (LotType::Secondary, SecondaryBucket::FollowOn) => Bucket::FollowOn,
        (LotType::Secondary, SecondaryBucket::Separate) => Bucket::Secondary,
        (LotType::Secondary, SecondaryBucket::ByPosition) => {
            if Some(purchase_date) == first_purchase {
                Bucket::Initial
            } else {
                Bucket::FollowOn
            }
        }
    }
}

impl<'s> ValuedLot<'s> {
    fn of(
        lot: LotIndex,
        bucket: Bucket,
        position: &'s Position,
        company: &Company,
        state: &State,
        policy: &Policy,
    ) -> Self {
        let present = valuation::present(position, state, policy);
        let outlook = company.outlook.as_ref();
        let exit = outlook.and_then(|outlook| valuation::at_exit(position, lot, company, outlook));
        let plus_realised = |value: Cents| {
            if position.realised.is_zero() { value } else { value.plus(&position.realised) }
        };
        Self {
            lot,
            bucket,
            cost: &position.cost,
            position: Some(position),
            value: present.unrealised.map(plus_realised),
            at_cost: present.at_cost,
            exit_value: exit.map(plus_realised),
        }
    }

    fn allocation_derived(&self) -> bool {
        self.position.is_some_and(|position| position.allocation_derived)
    }

    fn flags(&self, at_cost: bool) -> Flags {
        Flags { at_cost, allocation_derived: self.allocation_derived() }
    }

    /// The lenses of the lot itself.
    pub(super) fn evaluated(&self, has_cases: bool) -> LotEvaluation {
        let cost = self.cost;
        let lens = |value: Option<&Cents>, missing: Reason, flags: Flags| match value {
            None => Lens::unknown(missing, cost.clone(), flags),
            Some(value) => Lens::known(value.clone(), cost.clone(), cost.is_zero().then_some(Reason::ZeroCost), flags),
        };
        let no_exit = if has_cases { Reason::ExitUnpriced } else { Reason::NoExitCase };
        LotEvaluation {
            lot: self.lot,
            bucket: self.bucket,
            current: lens(self.value.as_ref(), Reason::Unpriced, self.flags(self.at_cost)),
            exit: lens(self.exit_value.as_ref(), no_exit, self.flags(false)),
            relieved: self.position.map_or(Cents::ZERO, Position::relieved),
        }
    }
}

impl Sums {
    fn add(&mut self, lot: &ValuedLot<'_>) {
        self.has_lots = true;
        self.cost = self.cost.plus(lot.cost);
        match &lot.value {
            Some(value) => self.value = self.value.plus(value),
            None => self.unpriced = true,
        }
        match &lot.exit_value {
            Some(value) => self.exit_value = self.exit_value.plus(value),
            None => self.exit_unpriced = true,
        }
        self.at_cost |= lot.at_cost;
        self.allocation_derived |= lot.allocation_derived();
    }

    fn merged(&self, other: &Self) -> Self {
        Self {
            has_lots: self.has_lots || other.has_lots,
            cost: self.cost.plus(&other.cost),
            value: self.value.plus(&other.value),
            exit_value: self.exit_value.plus(&other.exit_value),
            unpriced: self.unpriced || other.unpriced,
            exit_unpriced: self.exit_unpriced || other.exit_unpriced,
            at_cost: self.at_cost || other.at_cost,
            allocation_derived: self.allocation_derived || other.allocation_derived,
        }
    }

    /// V / C. The first reason that applies wins: `no_lots`, `unpriced`, `zero_cost`.
    pub(super) fn current(&self) -> Lens {
        let flags = Flags { at_cost: self.at_cost, allocation_derived: self.allocation_derived };
        if self.has_lots && self.unpriced {
            return Lens::unknown(Reason::Unpriced, self.cost.clone(), flags);
        }
        let reason =
            if !self.has_lots { Some(Reason::NoLots) } else { self.cost.is_zero().then_some(Reason::ZeroCost) };
        Lens::known(self.value.clone(), self.cost.clone(), reason, flags)
    }

    /// (R + E[X]) / C, with E[Y] and E[B] added where the lens is also about planned reserves. The first reason that
    /// applies wins: `no_exit_case`, `no_lots`, `exit_unpriced`, `zero_cost`.
    pub(super) fn exit(&self, outlook: Option<&Outlook>, with_planned: bool) -> Lens {
        let flags = Flags { at_cost: false, allocation_derived: self.allocation_derived };
        let Some(outlook) = outlook else { return Lens::unknown(Reason::NoExitCase, Cents::ZERO, flags) };
        let nothing = Some(&Cents::ZERO);
        let (planned_cost, planned_proceeds) = if with_planned {
            (&outlook.planned_cost, outlook.planned_proceeds.as_ref())
        } else {
            (&Cents::ZERO, nothing)
        };
        if !self.has_lots && planned_cost.is_zero() {
            return Lens::known(Cents::ZERO, Cents::ZERO, Some(Reason::NoLots), flags);
        }
        let denominator = self.cost.plus(planned_cost);
        match planned_proceeds {
            Some(proceeds) if !(self.has_lots && self.exit_unpriced) => {
                let reason = denominator.is_zero().then_some(Reason::ZeroCost);
                Lens::known(self.exit_value.plus(proceeds), denominator, reason, flags)
            }
            _ => Lens::unknown(Reason::ExitUnpriced, denominator, flags),
        }
    }
}

/// E[Y] / E[B]. The first reason that applies wins: `no_exit_case`, `exit_unpriced`, `no_planned_reserves`.
pub(super) fn planned_reserves(outlook: Option<&Outlook>) -> Lens {
    match outlook {
        None => Lens::unknown(Reason::NoExitCase, Cents::ZERO, Flags::default()),
        Some(outlook) => reserve_lens(&outlook.planned_cost, outlook.planned_proceeds.as_ref()),
    }
}
