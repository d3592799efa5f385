//! The choices a document makes where the rules leave one.

use super::event::Relief;
use super::text::one_of;
use crate::json::{Fields, Problems};

/// How secondary purchases are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecondaryBucket {
    /// Initial on the date of the fund's first purchase in the company, otherwise follow-on.
    #[default]
    ByPosition,
    /// Always follow-on.
    FollowOn,
    /// In neither bucket, with lenses of their own.
    Separate,
}

impl SecondaryBucket {
    /// The name used on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ByPosition => "by_position",
            Self::FollowOn => "follow_on",
            Self::Separate => "separate",
        }
    }
}

/// What an unconverted SAFE or note without a lot mark is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnpricedConvertible {
    /// Its cost, flagged `at_cost`.
    #[default]
    Cost,
    /// Nothing is known: the lot is unpriced.
    Null,
}

impl UnpricedConvertible {
    /// The name used on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cost => "cost",
            Self::Null => "null",
        }
    }
}

/// The `policy` of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Method of disposals that name neither lots nor method.
    pub lot_relief: Relief,
    /// Bucket of secondary purchases.
    pub secondary_bucket: SecondaryBucket,
    /// Value of unconverted SAFEs and notes.
    pub unpriced_convertible: UnpricedConvertible,
    /// Whether companies without a price are left out of the current lenses of sectors and fund.
    pub exclude_unpriced: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            lot_relief: Relief::Specific,
            secondary_bucket: SecondaryBucket::default(),
            unpriced_convertible: UnpricedConvertible::default(),
            exclude_unpriced: false,
        }
    }
}

const SECONDARY_BUCKETS: [(&str, SecondaryBucket); 3] = [
    (SecondaryBucket::ByPosition.name(), SecondaryBucket::ByPosition),
    (SecondaryBucket::FollowOn.name(), SecondaryBucket::FollowOn),
    (SecondaryBucket::Separate.name(), SecondaryBucket::Separate),
];
const UNPRICED_CONVERTIBLES: [(&str, UnpricedConvertible); 2] = [
    (UnpricedConvertible::Cost.name(), UnpricedConvertible::Cost),
    (UnpricedConvertible::Null.name(), UnpricedConvertible::Null),
];

/// Reads the field `policy` of the document; `None` when it is absent or when something was noted.
pub(super) fn read(document: &mut Fields<'_, '_>, problems: &mut Problems) -> Option<Policy> {
    let path = document.path().field("policy");
    let value = document.take("policy")?;
    let mut fields = Fields::of(value, &path, problems)?;
    let default = Policy::default();
    let policy = Policy {
        lot_relief: fields.parsed("lotRelief", problems, Relief::parse).unwrap_or(default.lot_relief),
        secondary_bucket: fields
            .parsed("secondaryBucket", problems, |text| one_of(&SECONDARY_BUCKETS, text))
            .unwrap_or(default.secondary_bucket),
        unpriced_convertible: fields
            .parsed("unpricedConvertible", problems, |text| one_of(&UNPRICED_CONVERTIBLES, text))
            .unwrap_or(default.unpriced_convertible),
        exclude_unpriced: fields.boolean("excludeUnpriced", problems).unwrap_or(default.exclude_unpriced),
    };
    fields.finish(problems);
    Some(policy)
}
