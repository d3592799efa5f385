//! What a request is about, read from its path: the records whose fund the caller must be allowed to see.

use axum::extract::RawPathParams;
use moic::Problem;
use store::{
    CompanyId, FundId, LotId, SnapshotId, StoreError, Transaction, companies, flag_definitions, funds, lots, snapshots,
};

use crate::AppState;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::fields;

/// A record that a path names and that belongs to a fund.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    /// `{fundId}`
    Fund(FundId),
    /// `{fundId}` and `{companyId}`
    Company(FundId, CompanyId),
    /// `{lotId}`
    Lot(LotId),
    /// `{snapshotId}`, `{a}` and `{b}`
    Snapshot(SnapshotId),
}

impl Subject {
    /// Reads the parameters of a path: no record, one, or two snapshots.
    ///
    /// # Errors
    /// [`ApiError::Malformed`] for an id that is none.
    pub(crate) fn of(path: &RawPathParams) -> Result<Vec<Self>, ApiError> {
        let value = |wanted: &str| path.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value);
        let number = |name: &'static str| value(name).map(|text| number(name, text)).transpose();
        let uuid = |name: &'static str| value(name).map(|text| uuid(name, text)).transpose();
        for name in ["investmentId", "tokenId", "personId"] {
            number(name)?;
        }
        for name in ["eventId", "invitationId", "changeId", "rolloutId"] {
            uuid(name)?;
        }
        if let Some(lot) = uuid("lotId")? {
            return Ok(vec![Self::Lot(LotId(lot))]);
        }
        if let Some(snapshot) = uuid("snapshotId")? {
            return Ok(vec![Self::Snapshot(SnapshotId(snapshot))]);
        }
        if let (Some(first), Some(second)) = (uuid("a")?, uuid("b")?) {
            return Ok(vec![Self::Snapshot(SnapshotId(first)), Self::Snapshot(SnapshotId(second))]);
        }
        Ok(match (number("fundId")?, number("companyId")?) {
            (None, _) => Vec::new(),
            (Some(fund), None) => vec![Self::Fund(FundId(fund))],
            (Some(fund), Some(company)) => vec![Self::Company(FundId(fund), CompanyId(company))],
        })
    }

    /// The fund of the record. Where a record belongs never changes.
    ///
    /// # Errors
    /// `NotFound` without the record; what the database answers.
    pub(crate) fn fund(&self, tx: &mut Transaction<'_>) -> Result<FundId, StoreError> {
        Ok(match self {
            Self::Fund(id) => funds::get(tx, *id)?.id,
            Self::Company(fund, company) => {
                funds::get(tx, *fund)?;
                companies::get(tx, *fund, *company)?.fund_id
            }
            Self::Lot(id) => lots::get(tx, *id)?.fund_id,
            Self::Snapshot(id) => snapshots::get(tx, *id)?.fund_id,
        })
    }

    /// Whether the path alone says that the caller may not see the record.
    pub(crate) fn is_hidden_from(&self, caller: &Caller) -> bool {
        match self {
            Self::Fund(fund) | Self::Company(fund, _) => !caller.may_see(*fund),
            Self::Lot(_) | Self::Snapshot(_) => false,
        }
    }

    /// What a caller is told for whom the record does not exist.
    pub(crate) fn not_found(&self) -> ApiError {
        let (what, id) = match self {
            Self::Fund(id) | Self::Company(id, _) => ("fund", id.to_string()),
            Self::Lot(id) => ("lot", id.to_string()),
            Self::Snapshot(id) => ("snapshot", id.to_string()),
        };
        ApiError::NotFound { what, id }
    }
}

fn number(name: &'static str, text: &str) -> Result<i64, ApiError> {
    let wrong = || ApiError::malformed(name, text, "must be an id: a whole number from 1");
    fields::id(text).ok_or_else(wrong)
}

fn uuid(name: &'static str, text: &str) -> Result<uuid::Uuid, ApiError> {
    uuid::Uuid::try_parse(text).map_err(|_| ApiError::malformed(name, text, "must be an id: a UUID"))
}

/// The flag that a path names must be one: known here, or stored, archived ones included.
///
/// # Errors
/// [`ApiError::NotFound`] for a flag that was never defined; what the database answers, where it has to be asked.
pub(crate) async fn refuse_unknown_flag(state: &AppState, path: &RawPathParams) -> Result<(), ApiError> {
    let Some((_, key)) = path.iter().find(|(name, _)| *name == "key") else { return Ok(()) };
    if state.live_flags().switchboard().set.get(key).is_some() {
        return Ok(());
    }
    let asked = key.to_owned();
    match state.store().read(move |tx| flag_definitions::get(tx, &asked)).await? {
        Some(_) => Ok(()),
        None => Err(ApiError::NotFound { what: "flag", id: key.chars().take(Problem::VALUE_LENGTH_MAX).collect() }),
    }
}
