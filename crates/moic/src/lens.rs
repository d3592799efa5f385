//! The lenses: what they are called, what they are made of, and why one may have no number (moic.md §3, §4).

use crate::quantity::{Cents, Ratio};

/// The seven lenses, the one beside them, and the two that exist only under the policy `separate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum LensKey {
    /// V(all) / C(all).
    CurrentMoic,
    /// V(I) / C(I).
    CurrentMoicInitial,
    /// V(D) / C(D).
    CurrentMoicDeployedReserves,
    /// (R(all) + E[X(all)] + E[Y]) / (C(all) + E[B]).
    ExitMoic,
    /// (R(I) + E[X(I)]) / C(I).
    ExitMoicInitial,
    /// (R(D) + E[X(D)] + E[Y]) / (C(D) + E[B]).
    ExitMoicFollowOns,
    /// E[Y] / E[B].
    ExitMoicPlannedReserves,
    /// (R(D) + E[X(D)]) / C(D); not counted among the seven.
    ExitMoicDeployedReserves,
    /// V(S) / C(S), only where secondaries are separate.
    CurrentMoicSecondary,
    /// (R(S) + E[X(S)]) / C(S), only where secondaries are separate.
    ExitMoicSecondary,
}

impl LensKey {
    /// Every key, in the order of the result document.
    pub const ALL: [Self; LENS_COUNT] = [
        Self::CurrentMoic,
        Self::CurrentMoicInitial,
        Self::CurrentMoicDeployedReserves,
        Self::ExitMoic,
        Self::ExitMoicInitial,
        Self::ExitMoicFollowOns,
        Self::ExitMoicPlannedReserves,
        Self::ExitMoicDeployedReserves,
        Self::CurrentMoicSecondary,
        Self::ExitMoicSecondary,
    ];

    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CurrentMoic => "current_moic",
            Self::CurrentMoicInitial => "current_moic_initial",
            Self::CurrentMoicDeployedReserves => "current_moic_deployed_reserves",
            Self::ExitMoic => "exit_moic",
            Self::ExitMoicInitial => "exit_moic_initial",
            Self::ExitMoicFollowOns => "exit_moic_follow_ons",
            Self::ExitMoicPlannedReserves => "exit_moic_planned_reserves",
            Self::ExitMoicDeployedReserves => "exit_moic_deployed_reserves",
            Self::CurrentMoicSecondary => "current_moic_secondary",
            Self::ExitMoicSecondary => "exit_moic_secondary",
        }
    }

    /// Whether the lens is about today; otherwise it is about the exit.
    #[must_use]
    pub const fn is_current(self) -> bool {
        matches!(
            self,
            Self::CurrentMoic
                | Self::CurrentMoicInitial
                | Self::CurrentMoicDeployedReserves
                | Self::CurrentMoicSecondary
        )
    }

    /// Whether lots of `bucket` are part of the lens.
    pub(crate) const fn covers(self, bucket: Bucket) -> bool {
        match self {
            Self::CurrentMoic | Self::ExitMoic => true,
            Self::CurrentMoicInitial | Self::ExitMoicInitial => matches!(bucket, Bucket::Initial),
            Self::CurrentMoicDeployedReserves | Self::ExitMoicFollowOns | Self::ExitMoicDeployedReserves => {
                matches!(bucket, Bucket::FollowOn)
            }
            Self::CurrentMoicSecondary | Self::ExitMoicSecondary => matches!(bucket, Bucket::Secondary),
            Self::ExitMoicPlannedReserves => false,
        }
    }
}

/// How many keys there are.
pub const LENS_COUNT: usize = 10;
/// How many of them every result has; the rest belong to the policy `separate`.
pub(crate) const LENSES_ALWAYS: usize = 8;

/// Which cheque a lot belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bucket {
    /// The first cheque.
    Initial,
    /// Follow-ons, out of reserves.
    FollowOn,
    /// Secondaries, where the policy keeps them separate.
    Secondary,
}

impl Bucket {
    /// The bucket's name: that of the lot type it is made of.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Initial => "initial",
            Self::FollowOn => "follow_on",
            Self::Secondary => "secondary",
        }
    }
}

/// Why a lens has no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No lots in the bucket.
    NoLots,
    /// Lots, but no cost.
    ZeroCost,
    /// A mark is missing while shares are held.
    Unpriced,
    /// No exit cases.
    NoExitCase,
    /// A case has no price or proceeds for a held lot or a planned reserve.
    ExitUnpriced,
    /// Nothing is planned.
    NoPlannedReserves,
}

impl Reason {
    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoLots => "no_lots",
            Self::ZeroCost => "zero_cost",
            Self::Unpriced => "unpriced",
            Self::NoExitCase => "no_exit_case",
            Self::ExitUnpriced => "exit_unpriced",
            Self::NoPlannedReserves => "no_planned_reserves",
        }
    }

    /// The reason in words, for people.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::NoLots => "no lots in this bucket",
            Self::ZeroCost => "lots without cost: a multiple of nothing",
            Self::Unpriced => "shares are held whose class has no mark",
            Self::NoExitCase => "no exit cases",
            Self::ExitUnpriced => "an exit case has no price for a held lot or a planned reserve",
            Self::NoPlannedReserves => "no planned reserves",
        }
    }
}

/// What a reader should know about a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// A SAFE or note is valued at its cost.
    pub at_cost: bool,
    /// A disposal's method chose the lots.
    pub allocation_derived: bool,
}

impl Flags {
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            at_cost: self.at_cost || other.at_cost,
            allocation_derived: self.allocation_derived || other.allocation_derived,
        }
    }

    /// The names on the wire.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let at_cost = self.at_cost.then_some("at_cost");
        at_cost.into_iter().chain(self.allocation_derived.then_some("allocation_derived"))
    }
}

/// One lens: a fraction, or the reason why there is none.
#[derive(Clone, Debug)]
pub struct Lens {
    pub(crate) numerator: Cents,
    pub(crate) denominator: Cents,
    pub(crate) reason: Option<Reason>,
    pub(crate) flags: Flags,
}

impl Lens {
    /// A lens whose numerator and denominator are known.
    pub(crate) fn known(numerator: Cents, denominator: Cents, reason: Option<Reason>, flags: Flags) -> Self {
        Self { numerator, denominator, reason, flags }
    }

    /// A lens whose numerator is not known.
    pub(crate) fn unknown(reason: Reason, denominator: Cents, flags: Flags) -> Self {
        Self { numerator: Cents::ZERO, denominator, reason: Some(reason), flags }
    }

    /// Why there is no number; `None` when there is one.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        self.reason
    }

    /// What a reader should know.
    #[must_use]
    pub fn flags(&self) -> Flags {
        self.flags
    }

    /// Value in cents, exact; `None` where it is not known.
    #[must_use]
    pub fn numerator(&self) -> Option<&Cents> {
        let unknown = matches!(self.reason, Some(Reason::Unpriced | Reason::NoExitCase | Reason::ExitUnpriced));
        (!unknown).then_some(&self.numerator)
    }

    /// Cost in cents, exact; `None` where it is not known, which is without exit cases.
    #[must_use]
    pub fn denominator(&self) -> Option<&Cents> {
        (self.reason != Some(Reason::NoExitCase)).then_some(&self.denominator)
    }

    /// The exact multiple; `None` where there is none. Ranking and thresholds use this, never the rounded text.
    #[must_use]
    pub fn multiple(&self) -> Option<Ratio> {
        if self.reason.is_some() {
            return None;
        }
        self.numerator.share_of(&self.denominator)
    }
}
