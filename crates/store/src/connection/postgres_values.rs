//! PostgreSQL's values and errors as ours.

use std::error::Error as _;

use tokio_postgres::{
    error::SqlState,
    types::{FromSql, IsNull, ToSql, Type, private::BytesMut, to_sql_checked},
};

use crate::{
    StoreError,
    row::{Parameter, Value},
};

/// The "constraint" of a `Conflict` that is a deadlock or a serialization failure: the same may well succeed in a moment.
pub const CONCURRENCY: &str = "concurrency";

/// How the driver begins what it says of a URL that the server's wishes cannot be met with; it has no test for that.
const INVALID_CONFIGURATION: &str = "invalid configuration";

/// PostgreSQL's error as one of ours.
pub(super) fn failure(error: &tokio_postgres::Error) -> StoreError {
    let Some(answer) = error.as_db_error() else {
        // The driver's own words are often only "db error" or "error connecting to server"; the cause says more.
        let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
        let message = format!("{error}{}", if error.to_string().contains(&cause) { "" } else { &cause });
        // What the URL lacks comes back by no waiting: the server asked for a password, say, and there is none.
        if error.to_string().starts_with(INVALID_CONFIGURATION) {
            return StoreError::Unusable(format!("the database's URL does not do: {message}"));
        }
        return if error.is_closed() || error.to_string().contains("connect") || is_io(error) {
            StoreError::Unavailable(message)
        } else {
            StoreError::Internal(message)
        };
    };
    let message = match answer.detail() {
        Some(detail) => format!("{} ({detail})", answer.message()),
        None => answer.message().to_owned(),
    };
    let code = answer.code();
    match code {
        _ if [SqlState::T_R_DEADLOCK_DETECTED, SqlState::T_R_SERIALIZATION_FAILURE].contains(code) => {
            StoreError::Conflict { constraint: CONCURRENCY.to_owned(), message }
        }
        _ if *code == SqlState::DISK_FULL => StoreError::Full(message),
        _ if *code == SqlState::LOCK_NOT_AVAILABLE => StoreError::Overloaded(message),
        _ if code.code().starts_with("23") => {
            StoreError::Conflict { constraint: answer.constraint().unwrap_or("unnamed").to_owned(), message }
        }
        // Connection exceptions, insufficient resources, operator intervention, system errors.
        _ if ["08", "53", "57", "58"].iter().any(|class| code.code().starts_with(class)) => {
            StoreError::Unavailable(message)
        }
        // Wrong password, unknown role or database.
        _ if code.code().starts_with("28") || *code == SqlState::INVALID_CATALOG_NAME => StoreError::Unusable(message),
        _ => StoreError::Internal(message),
    }
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    error.source().is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
}

impl ToSql for Parameter<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Integer(integer) => integer.to_sql_checked(ty, out),
            Self::Text(text) => text.as_ref().to_sql_checked(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        <i64 as ToSql>::accepts(ty) || <&str as ToSql>::accepts(ty)
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        match *ty {
            Type::INT8 => i64::from_sql(ty, raw).map(Self::Integer),
            Type::INT4 => i32::from_sql(ty, raw).map(|integer| Self::Integer(i64::from(integer))),
            _ => String::from_sql(ty, raw).map(Self::Text),
        }
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self::Null)
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT8 | Type::INT4) || <String as FromSql>::accepts(ty)
    }
}
