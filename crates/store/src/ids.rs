//! Typed ids. Numbers are given by the database, UUIDs (version 7: in order of creation) by the caller.

use std::{cell::Cell, fmt, str::FromStr};

use jiff::Timestamp;
use uuid::Uuid;

use crate::StoreError;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl FromStr for $name {
            type Err = <$inner as FromStr>::Err;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id!(/// A fund.
    FundId(i64));
id!(/// A company: one position of one fund.
    CompanyId(i64));
id!(/// An investment: one cheque in one round.
    InvestmentId(i64));
id!(/// A person.
    PersonId(i64));
id!(/// An API token.
    TokenId(i64));
id!(/// A durable job.
    JobId(i64));
id!(/// A lot, as a UUID v7.
    LotId(Uuid));
id!(/// An event, as a UUID v7.
    EventId(Uuid));
id!(/// An import, as a UUID v7.
    ImportId(Uuid));
id!(/// A snapshot, as a UUID v7.
    SnapshotId(Uuid));
id!(/// An invitation to a flag, as a UUID v7.
    InvitationId(Uuid));
id!(/// A change of a flag that waits, or waited, for a second person, as a UUID v7.
    FlagChangeId(Uuid));
id!(/// A rollout, as a UUID v7.
    RolloutId(Uuid));
id!(/// A record of phases done elsewhere, as a UUID v7.
    RolloutRecordId(Uuid));
id!(/// What a user said, as a UUID v7.
    FeedbackId(Uuid));
id!(/// A support ticket, as a UUID v7.
    SupportTicketId(Uuid));

impl PersonId {
    /// What a person is called by flags, logs and the audit trail: `person:7`.
    pub fn key(self) -> String {
        format!("person:{self}")
    }
}

/// New UUIDs v7 of one instant, each greater than the one before: records that are made together keep their order.
#[derive(Debug)]
pub(crate) struct UuidSequence {
    now: Timestamp,
    made: Cell<u32>,
}

impl UuidSequence {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self { now, made: Cell::new(0) }
    }

    /// The next one: a counter of 32 bits behind the time, as RFC 9562 §6.2 allows (its method 1), and random bits behind it.
    ///
    /// # Errors
    /// As [`uuid_v7`].
    pub(crate) fn next(&self) -> Result<Uuid, StoreError> {
        let mut bits = random_bits()?;
        let count = u128::from(self.made.get());
        self.made.set(self.made.get().saturating_add(1));
        // 12 bits follow the version, the other 20 the variant; 42 stay random.
        bits &= (1 << 42) - 1;
        bits |= count << 42;
        Ok(of(self.now, bits))
    }
}

/// A new UUID v7 of the instant `now`, in milliseconds, with random bits from the operating system.
///
/// # Errors
/// `Internal` when the operating system gives no random bytes.
pub fn uuid_v7(now: Timestamp) -> Result<Uuid, StoreError> {
    random_bits().map(|bits| of(now, bits))
}

fn random_bits() -> Result<u128, StoreError> {
    let mut random = [0u8; 16];
    getrandom::fill(&mut random).map_err(|error| StoreError::Internal(format!("no random bytes: {error}")))?;
    Ok(u128::from_be_bytes(random))
}

/// Version 7 (RFC 9562 §5.7): 48 bits of milliseconds, then the lowest 74 of `bits` around version and variant.
fn of(now: Timestamp, bits: u128) -> Uuid {
    let millis = u128::try_from(now.as_millisecond()).unwrap_or(0);
    let (high, low) = ((bits >> 62) & 0xfff, bits & ((1 << 62) - 1));
    Uuid::from_u128((millis << 80) | (7 << 76) | (high << 64) | (0b10 << 62) | low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_keeps_its_order_and_its_form() {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let sequence = UuidSequence::new(now);
        let made: Vec<Uuid> = (0..70_000).map(|_| sequence.next().unwrap()).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
        for uuid in [made[0], made[69_999], uuid_v7(now).unwrap()] {
            assert_eq!(uuid.get_version_num(), 7);
            assert_eq!(uuid.get_variant(), uuid::Variant::RFC4122);
            assert_eq!(uuid.get_timestamp().unwrap().to_unix().0, 1_700_000_000);
        }
    }
}
