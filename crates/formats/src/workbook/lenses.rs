//! The lenses as a workbook needs them: titles, definitions, and what each is made of.

use moic::{Bucket, LensKey};

/// The lots a lens is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    All,
    Of(Bucket),
    /// Planned reserves alone.
    Nothing,
}

impl Part {
    /// The end of the keys of a part's columns, as in `cost_initial`.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::All | Self::Nothing => "all",
            Self::Of(bucket) => bucket.name(),
        }
    }

    /// Its place among the sums of a company.
    pub(super) const fn index(self) -> usize {
        match self {
            Self::All | Self::Nothing => 0,
            Self::Of(bucket) => 1 + bucket as usize,
        }
    }
}

/// A lens: what it is called and what it is made of.
#[derive(Debug)]
pub(super) struct LensColumns {
    pub(super) key: LensKey,
    /// Without "gross", which the headers add.
    pub(super) title: &'static str,
    /// The note on its header.
    pub(super) definition: &'static str,
    pub(super) part: Part,
    /// Whether planned reserves are added, E[Y] above and E[B] below.
    pub(super) with_planned: bool,
}

const INITIAL: Part = Part::Of(Bucket::Initial);
const FOLLOW_ON: Part = Part::Of(Bucket::FollowOn);
const SECONDARY: Part = Part::Of(Bucket::Secondary);

/// Every lens, in the order of [`LensKey::ALL`].
pub(super) const LENSES: [LensColumns; moic::LENS_COUNT] = [
    LensColumns {
        key: LensKey::CurrentMoic,
        title: "Current MOIC",
        definition: "V(all) / C(all): unrealised and realised value of all lots over their cost. Gross of fund fees and carry.",
        part: Part::All,
        with_planned: false,
    },
    LensColumns {
        key: LensKey::CurrentMoicInitial,
        title: "Current MOIC on initial",
        definition: "V(I) / C(I): unrealised and realised value of the first cheque's lots over their cost. Gross of fund fees and carry.",
        part: INITIAL,
        with_planned: false,
    },
    LensColumns {
        key: LensKey::CurrentMoicDeployedReserves,
        title: "Current MOIC on deployed reserves",
        definition: "V(D) / C(D): unrealised and realised value of the follow-on lots over their cost. Gross of fund fees and carry.",
        part: FOLLOW_ON,
        with_planned: false,
    },
    LensColumns {
        key: LensKey::ExitMoic,
        title: "Exit MOIC",
        definition: "(R(all) + E[X(all)] + E[Y]) / (C(all) + E[B]): realised value, expected exit proceeds of what is held, and of planned reserves, over all cost, planned cheques included. Gross of fund fees and carry.",
        part: Part::All,
        with_planned: true,
    },
    LensColumns {
        key: LensKey::ExitMoicInitial,
        title: "Exit MOIC on initial",
        definition: "(R(I) + E[X(I)]) / C(I): realised value and expected exit proceeds of the first cheque's lots over their cost. Gross of fund fees and carry.",
        part: INITIAL,
        with_planned: false,
    },
    LensColumns {
        key: LensKey::ExitMoicFollowOns,
        title: "Exit MOIC on follow-ons, deployed and planned",
        definition: "(R(D) + E[X(D)] + E[Y]) / (C(D) + E[B]): the same for follow-on lots and planned reserves together. Gross of fund fees and carry.",
        part: FOLLOW_ON,
        with_planned: true,
    },
    LensColumns {
        key: LensKey::ExitMoicPlannedReserves,
        title: "Exit MOIC on planned reserves",
        definition: "E[Y] / E[B]: expected proceeds of planned reserves over their expected cost, both weighted with the probabilities of the case and of the deployment. What the next dollar brings. Gross of fund fees and carry.",
        part: Part::Nothing,
        with_planned: true,
    },
    LensColumns {
        key: LensKey::ExitMoicDeployedReserves,
        title: "Exit MOIC on deployed reserves",
        definition: "(R(D) + E[X(D)]) / C(D): follow-on lots without planned reserves; beside the seven lenses, not one of them. Gross of fund fees and carry.",
        part: FOLLOW_ON,
        with_planned: false,
    },
    LensColumns {
        key: LensKey::CurrentMoicSecondary,
        title: "Current MOIC on secondaries",
        definition: "V(S) / C(S): secondary purchases, where the policy keeps them separate. Gross of fund fees and carry.",
        part: SECONDARY,
        with_planned: false,
    },
    LensColumns {
        key: LensKey::ExitMoicSecondary,
        title: "Exit MOIC on secondaries",
        definition: "(R(S) + E[X(S)]) / C(S): secondary purchases, where the policy keeps them separate. Gross of fund fees and carry.",
        part: SECONDARY,
        with_planned: false,
    },
];
