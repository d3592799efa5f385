//! Typed ids. Numbers are given by the database, UUIDs (version 7: in order of creation) by the caller.

use std::{fmt, str::FromStr};

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

/// A new UUID v7 of the instant `now`, in milliseconds, with random bits from the operating system.
///
/// # Errors
/// `Internal` when the operating system gives no random bytes.
pub fn uuid_v7(now: Timestamp) -> Result<Uuid, StoreError> {
    let mut random = [0u8; 10];
    getrandom::fill(&mut random).map_err(|error| StoreError::Internal(format!("no random bytes: {error}")))?;
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
    Ok(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
}
