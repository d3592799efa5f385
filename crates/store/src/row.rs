//! Values on their way to and from the database: null, integer or text, nothing else.

use std::borrow::Cow;

use jiff::{Timestamp, civil::Date};
use uuid::Uuid;

use crate::{
    StoreError,
    ids::{
        CompanyId, EventId, FeedbackId, FlagChangeId, FundId, ImportId, InvestmentId, InvitationId, JobId, LotId,
        PersonId, RolloutId, RolloutRecordId, SnapshotId, SupportTicketId, TokenId,
    },
};

/// A value to be bound to a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Parameter<'a> {
    Null,
    Integer(i64),
    Text(Cow<'a, str>),
}

/// A value that the database answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Integer(i64),
    Text(String),
}

/// Binds the parameters of a statement: `params![fund_id, &name, now]`.
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::row::Parameter::from($value)),*] };
}
pub(crate) use params;

impl From<i64> for Parameter<'_> {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<bool> for Parameter<'_> {
    fn from(value: bool) -> Self {
        Self::Integer(i64::from(value))
    }
}

impl<'a> From<&'a str> for Parameter<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(Cow::Borrowed(value))
    }
}

impl<'a> From<&'a String> for Parameter<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(Cow::Borrowed(value))
    }
}

impl From<String> for Parameter<'_> {
    fn from(value: String) -> Self {
        Self::Text(Cow::Owned(value))
    }
}

impl From<Timestamp> for Parameter<'_> {
    fn from(value: Timestamp) -> Self {
        Self::Integer(value.as_microsecond())
    }
}

impl From<Date> for Parameter<'_> {
    fn from(value: Date) -> Self {
        Self::Text(Cow::Owned(value.to_string()))
    }
}

impl From<Uuid> for Parameter<'_> {
    fn from(value: Uuid) -> Self {
        Self::Text(Cow::Owned(value.to_string()))
    }
}

macro_rules! id_parameters {
    ($($id:ident)*) => { $(impl From<$id> for Parameter<'_> {
        fn from(id: $id) -> Self {
            id.0.into()
        }
    })* };
}
id_parameters!(FundId CompanyId ImportId InvestmentId PersonId TokenId JobId LotId EventId SnapshotId InvitationId FlagChangeId
    RolloutId RolloutRecordId FeedbackId SupportTicketId);

impl<'a, T: Into<Parameter<'a>>> From<Option<T>> for Parameter<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// One row of an answer; columns by position, from 0.
#[derive(Clone, Debug)]
pub(crate) struct Row(pub(crate) Vec<Value>);

impl Row {
    pub(crate) fn integer(&self, column: usize) -> Result<i64, StoreError> {
        self.optional_integer(column)?.ok_or_else(|| self.unexpected(column, "an integer"))
    }

    pub(crate) fn optional_integer(&self, column: usize) -> Result<Option<i64>, StoreError> {
        match self.0.get(column) {
            Some(Value::Integer(value)) => Ok(Some(*value)),
            Some(Value::Null) => Ok(None),
            _ => Err(self.unexpected(column, "an integer or null")),
        }
    }

    pub(crate) fn boolean(&self, column: usize) -> Result<bool, StoreError> {
        Ok(self.integer(column)? != 0)
    }

    pub(crate) fn str(&self, column: usize) -> Result<&str, StoreError> {
        match self.0.get(column) {
            Some(Value::Text(text)) => Ok(text),
            _ => Err(self.unexpected(column, "a text")),
        }
    }

    pub(crate) fn text(&self, column: usize) -> Result<String, StoreError> {
        self.str(column).map(str::to_owned)
    }

    pub(crate) fn optional_text(&self, column: usize) -> Result<Option<String>, StoreError> {
        match self.0.get(column) {
            Some(Value::Null) => Ok(None),
            _ => self.text(column).map(Some),
        }
    }

    pub(crate) fn timestamp(&self, column: usize) -> Result<Timestamp, StoreError> {
        Timestamp::from_microsecond(self.integer(column)?).map_err(|_| self.unexpected(column, "an instant"))
    }

    pub(crate) fn optional_timestamp(&self, column: usize) -> Result<Option<Timestamp>, StoreError> {
        match self.optional_integer(column)? {
            None => Ok(None),
            Some(_) => self.timestamp(column).map(Some),
        }
    }

    /// A text that parses: dates, UUIDs, the words of an enumeration.
    pub(crate) fn parsed<T: std::str::FromStr>(&self, column: usize) -> Result<T, StoreError> {
        self.str(column)?.parse().map_err(|_| self.unexpected(column, "a well-formed value"))
    }

    pub(crate) fn date(&self, column: usize) -> Result<Date, StoreError> {
        self.parsed(column)
    }

    fn unexpected(&self, column: usize, expected: &str) -> StoreError {
        StoreError::Internal(format!("column {column} should be {expected} but is {:?}", self.0.get(column)))
    }
}
