//! What a request is about, read from its path: the record whose fund the caller must be allowed to see.

use axum::extract::RawPathParams;
use flags::Definition;
use moic::Problem;
use store::{CompanyId, FundId, LotId, SnapshotId, StoreError, Transaction, companies, funds, lots, snapshots};

use super::caller::{Caller, FundScope};
use crate::error::ApiError;

/// The record a path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subject {
    /// Nothing that belongs to a fund.
    Nothing,
    /// `{fundId}`
    Fund(FundId),
    /// `{fundId}` and `{companyId}`
    Company(FundId, CompanyId),
    /// `{lotId}`
    Lot(LotId),
    /// `{snapshotId}`
    Snapshot(SnapshotId),
    /// `{a}` and `{b}`
    Snapshots(SnapshotId, SnapshotId),
}

impl Subject {
    /// Reads the parameters of a path.
    ///
    /// # Errors
    /// [`ApiError::Malformed`] for an id that is none; [`ApiError::NotFound`] for a flag that was never defined.
    pub(crate) fn of(path: &RawPathParams) -> Result<Self, ApiError> {
        let value = |wanted: &str| path.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value);
        if let Some(key) = value("key") {
            return match Definition::find(key) {
                Some(_) => Ok(Self::Nothing),
                None => Err(ApiError::NotFound { what: "flag", id: shortened(key) }),
            };
        }
        let number = |name: &'static str| value(name).map(|text| number(name, text)).transpose();
        let uuid = |name: &'static str| value(name).map(|text| uuid(name, text)).transpose();
        for name in ["investmentId", "tokenId", "personId"] {
            number(name)?;
        }
        uuid("eventId")?;
        if let Some(lot) = uuid("lotId")? {
            return Ok(Self::Lot(LotId(lot)));
        }
        if let Some(snapshot) = uuid("snapshotId")? {
            return Ok(Self::Snapshot(SnapshotId(snapshot)));
        }
        if let (Some(first), Some(second)) = (uuid("a")?, uuid("b")?) {
            return Ok(Self::Snapshots(SnapshotId(first), SnapshotId(second)));
        }
        Ok(match (number("fundId")?, number("companyId")?) {
            (None, _) => Self::Nothing,
            (Some(fund), None) => Self::Fund(FundId(fund)),
            (Some(fund), Some(company)) => Self::Company(FundId(fund), CompanyId(company)),
        })
    }

    /// The fund of the record, if there is the record and the caller may see its fund. A record of a fund out of sight
    /// does not exist for the caller.
    ///
    /// # Errors
    /// `NotFound`, and what the database answers.
    pub(crate) fn visible_to(
        &self,
        caller: &Caller,
        tx: &mut Transaction<'_>,
    ) -> Result<Option<FundScope>, StoreError> {
        let fund = match self {
            Self::Nothing => return Ok(None),
            Self::Fund(id) => seen(caller, *id, "fund", id)?,
            Self::Company(fund, company) => {
                let fund = seen(caller, *fund, "fund", fund)?;
                companies::get(tx, fund, *company)?;
                fund
            }
            Self::Lot(id) => seen(caller, lots::get(tx, *id)?.fund_id, "lot", id)?,
            Self::Snapshot(id) => seen(caller, snapshots::get(tx, *id)?.fund_id, "snapshot", id)?,
            Self::Snapshots(first, second) => {
                seen(caller, snapshots::get(tx, *second)?.fund_id, "snapshot", second)?;
                seen(caller, snapshots::get(tx, *first)?.fund_id, "snapshot", first)?
            }
        };
        let revision = funds::get(tx, fund)?.revision;
        Ok(Some(FundScope { fund_id: fund, revision }))
    }
}

fn seen(caller: &Caller, fund: FundId, what: &'static str, id: &impl ToString) -> Result<FundId, StoreError> {
    if caller.may_see(fund) { Ok(fund) } else { Err(StoreError::NotFound { what, id: id.to_string() }) }
}

fn number(name: &'static str, text: &str) -> Result<i64, ApiError> {
    let wrong = || ApiError::malformed(name, text, "must be an id: a whole number from 1");
    text.parse::<i64>().ok().filter(|id| *id > 0).ok_or_else(wrong)
}

fn uuid(name: &'static str, text: &str) -> Result<uuid::Uuid, ApiError> {
    uuid::Uuid::try_parse(text).map_err(|_| ApiError::malformed(name, text, "must be an id: a UUID"))
}

fn shortened(text: &str) -> String {
    text.chars().take(Problem::VALUE_LENGTH_MAX).collect()
}
