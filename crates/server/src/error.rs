//! Every error the API answers: one enum whose variants say their status, and the problem document made of them.
//!
//! A handler returns an [`ApiError`]; the response carries it as an extension until [`crate::context`] writes the
//! `application/problem+json` body, because only there the request's path and id are known.

use std::sync::Arc;

use axum::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use moic::Problem;
use serde::Serialize;
use store::StoreError;

/// Seconds after which a refused caller may try again.
const RETRY_AFTER_SECONDS: u32 = 1;

/// What went wrong, by status.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// 400: not JSON, or a query or path that cannot be read.
    #[error("{message}")]
    Malformed {
        /// What is wrong and what to do.
        message: String,
        /// The parts at fault.
        details: Vec<Problem>,
    },
    /// 401: no token, or one that is unknown, expired or revoked.
    #[error("{0}")]
    Unauthenticated(&'static str),
    /// 403: the caller's role or funds do not allow this.
    #[error("{0}")]
    Forbidden(String),
    /// 429: too many attempts to sign in have failed.
    #[error("too many attempts to sign in have failed; try again in {retry_after} seconds")]
    TooManyAttempts {
        /// Seconds after which the next may be made, at least 1.
        retry_after: u64,
    },
    /// 404: no such record, or one of a fund the caller may not see.
    #[error("there is no {what} {id}")]
    NotFound {
        /// Kind of record.
        what: &'static str,
        /// The id asked for.
        id: String,
    },
    /// 404: no such route.
    #[error("there is nothing at this path; see /docs for the routes")]
    RouteNotFound,
    /// 405.
    #[error("this path does not answer that method{}", .allow.as_ref().map(|allow| format!("; it answers {}", allow.to_str().unwrap_or(""))).unwrap_or_default())]
    MethodNotAllowed {
        /// The methods it answers.
        allow: Option<HeaderValue>,
    },
    /// 409: the record has changed since the caller read it.
    #[error(
        "the record has changed since you read it: it is at version {current} now; read it again and repeat your change"
    )]
    VersionConflict {
        /// Version the record has now.
        current: i64,
    },
    /// 409: the first request with this key is still running.
    #[error("a request with this idempotency key is still running; repeat it in a moment")]
    IdempotencyInProgress,
    /// 409: a rule between records.
    #[error("{0}")]
    Conflict(String),
    /// 413.
    #[error("the body is larger than the {limit} bytes accepted here")]
    TooLarge {
        /// Bytes accepted.
        limit: usize,
    },
    /// 415.
    #[error("the body must be application/json, not {found}")]
    UnsupportedMediaType {
        /// What the request named.
        found: String,
    },
    /// 422: readable, but not acceptable.
    #[error("{} of the request {} not acceptable: {}", count_of_fields(.0), if .0.len() == 1 { "is" } else { "are" }, summary(.0))]
    Invalid(Vec<Problem>),
    /// 422: the key came before with another body.
    #[error("this idempotency key was used before with another body; use a new key for a new request")]
    IdempotencyKeyReused,
    /// 422: an invitation that cannot be redeemed, by its code.
    #[error("{message}")]
    InvitationRefused {
        /// `invitation_malformed`, `invitation_elsewhere`, `invitation_expired`, `invitation_revoked` or
        /// `invitation_used_up`.
        code: &'static str,
        /// Why, and what to do.
        message: String,
    },
    /// 409: the flag is defined by the watched file.
    #[error("the flag {key} comes from the watched file and is changed there")]
    ManagedByFile {
        /// Key of the flag.
        key: String,
    },
    /// 409: somebody else changed flags while this change was checked.
    #[error("the flags were changed by others again and again meanwhile; send the request again")]
    FlagsMoved,
    /// 403: it takes another person.
    #[error("{0}")]
    SecondPerson(String),
    /// 503: the guard refused.
    #[error("{}", .0.message)]
    FeatureDisabled(Box<DisabledFeature>),
    /// 503: more requests than the database keeps up with.
    #[error("the server has more to do than it keeps up with; try again in a moment")]
    Overloaded,
    /// 503: the answer took too long.
    #[error("the server could not answer in time; try again in a moment")]
    TimedOut,
    /// 503: the database cannot be reached.
    #[error(
        "the database cannot be reached at the moment; try again in a moment, with the same idempotency key if you sent one"
    )]
    DatabaseUnavailable(String),
    /// 503: no room left.
    #[error("the storage is full; nothing was changed, and reading still works")]
    StorageFull(String),
    /// 500: our fault. The text goes to the log, never to the caller.
    #[error("the server made a mistake and has noted it; quote the correlation id when you report it")]
    Internal(String),
}

/// A feature that is off, and the way out offered to who asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisabledFeature {
    /// Key of the flag.
    pub(crate) key: &'static str,
    /// The sentence shown.
    pub(crate) message: String,
    /// Path that answers without the feature, if there is one.
    pub(crate) fallback_endpoint: Option<String>,
    /// What that path does.
    pub(crate) fallback_description: String,
}

/// Whether the database may well take the same write in a moment.
pub(crate) fn is_passing(error: &StoreError) -> bool {
    matches!(error, StoreError::Unavailable(_) | StoreError::Full(_) | StoreError::Overloaded(_))
}

/// A problem of a flag document as the API tells it.
pub(crate) fn of_flags(problem: flags::Problem) -> Problem {
    Problem::new(problem.path, problem.value, problem.message)
}

fn count_of_fields(problems: &[Problem]) -> String {
    match problems.len() {
        1 => "1 field".to_owned(),
        count => format!("{count} fields"),
    }
}

fn summary(problems: &[Problem]) -> String {
    match problems.first() {
        Some(first) if first.path.is_empty() => first.message.clone(),
        Some(first) => format!("{}: {}", first.path, first.message),
        None => String::new(),
    }
}

impl ApiError {
    /// One unacceptable field.
    pub(crate) fn invalid(path: &str, value: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Problem::new(path, value, message)])
    }

    /// One unreadable part of path, query or header.
    pub(crate) fn malformed(path: &str, value: impl Into<String>, message: impl Into<String>) -> Self {
        let problem = Problem::new(path, value, message);
        Self::Malformed { message: format!("{} {}", problem.path, problem.message), details: vec![problem] }
    }

    /// A rule of the store, by its name. Rules of the database itself are named in the message.
    fn of_conflict(constraint: &str, message: String) -> Self {
        let refused = |code| Self::InvitationRefused { code, message: message.clone() };
        match constraint {
            "invitation_expired" => refused("invitation_expired"),
            "invitation_revoked" => refused("invitation_revoked"),
            "invitation_used_up" => refused("invitation_used_up"),
            crate::flag_edit::FLAGS_MOVED => Self::FlagsMoved,
            "second_person" => Self::SecondPerson(message),
            "flag_exists" | "segment_exists" | "rollout_running" | crate::routes::people::NO_ROLE => {
                Self::Conflict(message)
            }
            other => Self::Conflict(format!("the database refuses the write by {other}: {message}")),
        }
    }

    /// The status this error answers.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Malformed { .. } => StatusCode::BAD_REQUEST,
            Self::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) | Self::SecondPerson(_) => StatusCode::FORBIDDEN,
            Self::TooManyAttempts { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::NotFound { .. } | Self::RouteNotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::VersionConflict { .. }
            | Self::IdempotencyInProgress
            | Self::Conflict(_)
            | Self::FlagsMoved
            | Self::ManagedByFile { .. } => StatusCode::CONFLICT,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType { .. } => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid(_) | Self::IdempotencyKeyReused | Self::InvitationRefused { .. } => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::FeatureDisabled(_)
            | Self::Overloaded
            | Self::TimedOut
            | Self::DatabaseUnavailable(_)
            | Self::StorageFull(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The code at the top level of the problem document.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "malformed",
            Self::Unauthenticated(_) => "unauthenticated",
            Self::Forbidden(_) => "forbidden",
            Self::TooManyAttempts { .. } => "too_many_attempts",
            Self::NotFound { .. } | Self::RouteNotFound => "not_found",
            Self::MethodNotAllowed { .. } => "method_not_allowed",
            Self::VersionConflict { .. } => "version_conflict",
            Self::IdempotencyInProgress => "idempotency_in_progress",
            Self::Conflict(_) | Self::FlagsMoved => "conflict",
            Self::TooLarge { .. } => "payload_too_large",
            Self::UnsupportedMediaType { .. } => "unsupported_media_type",
            Self::Invalid(_) => "validation_failed",
            Self::IdempotencyKeyReused => "idempotency_key_reused",
            Self::InvitationRefused { code, .. } => code,
            Self::ManagedByFile { .. } => "managed_by_file",
            Self::SecondPerson(_) => "second_person_required",
            Self::FeatureDisabled(_) => "feature_disabled",
            Self::Overloaded => "overloaded",
            Self::TimedOut => "timed_out",
            Self::DatabaseUnavailable(_) => "database_unavailable",
            Self::StorageFull(_) => "storage_full",
            Self::Internal(_) => "internal",
        }
    }

    /// What the log says beyond the problem document.
    pub(crate) fn cause(&self) -> Option<&str> {
        match self {
            Self::Internal(cause) | Self::DatabaseUnavailable(cause) | Self::StorageFull(cause) => Some(cause),
            _ => None,
        }
    }

    fn details(&self) -> &[Problem] {
        match self {
            Self::Malformed { details, .. } | Self::Invalid(details) => details,
            _ => &[],
        }
    }

    /// The problem document for a request to `instance` with id `correlation_id`.
    pub(crate) fn document<'a>(&'a self, instance: &'a str, correlation_id: &'a str) -> ProblemDocument<'a> {
        let status = self.status();
        let message = self.to_string();
        let mut document = ProblemDocument {
            kind: format!("urn:lotwise:error:{}", self.code()),
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: message.clone(),
            instance,
            error: self.code(),
            message,
            feature: None,
            fallback: None,
            details: self.details(),
            current_version: None,
            correlation_id,
        };
        match self {
            Self::FeatureDisabled(feature) => {
                document.feature = Some(feature.key);
                document.fallback = feature
                    .fallback_endpoint
                    .as_deref()
                    .map(|endpoint| Fallback { endpoint, description: &feature.fallback_description });
            }
            Self::VersionConflict { current } => document.current_version = Some(*current),
            _ => {}
        }
        document
    }
}

/// An RFC 9457 problem document with the top-level members of the API.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem)]
pub(crate) struct ProblemDocument<'a> {
    /// URN of the error code.
    #[serde(rename = "type")]
    kind: String,
    /// The status in words.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// What happened here.
    detail: String,
    /// Path of the request.
    instance: &'a str,
    /// Code to branch on.
    error: &'a str,
    /// What happened and what to do.
    message: String,
    /// The flag that is off.
    #[serde(skip_serializing_if = "Option::is_none")]
    feature: Option<&'a str>,
    /// Where to go instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    fallback: Option<Fallback<'a>>,
    /// The fields at fault.
    #[serde(skip_serializing_if = "<[Problem]>::is_empty")]
    #[schema(value_type = Vec<FieldProblem>, required = false)]
    details: &'a [Problem],
    /// Version the record has now.
    #[serde(skip_serializing_if = "Option::is_none")]
    current_version: Option<i64>,
    /// Id of the request, also in `X-Request-Id` and in the log.
    correlation_id: &'a str,
}

/// Where a refused caller can go.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Fallback<'a> {
    /// Path that answers without the feature.
    endpoint: &'a str,
    /// What it does.
    description: &'a str,
}

/// One field at fault.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct FieldProblem {
    /// Path of the field.
    path: String,
    /// The offending value as it was written.
    value: String,
    /// What is wrong and what would be right.
    message: String,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        let headers = response.headers_mut();
        match &self {
            Self::Unauthenticated(_) => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"lotwise\""));
            }
            Self::TooManyAttempts { retry_after } => {
                headers.insert(RETRY_AFTER, (*retry_after).into());
            }
            Self::MethodNotAllowed { allow: Some(allow) } => {
                headers.insert(ALLOW, allow.clone());
            }
            Self::Overloaded | Self::TimedOut | Self::DatabaseUnavailable(_) | Self::IdempotencyInProgress => {
                headers.insert(RETRY_AFTER, RETRY_AFTER_SECONDS.into());
            }
            _ => {}
        }
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound { what, id } => Self::NotFound { what, id },
            StoreError::VersionConflict { current } => Self::VersionConflict { current },
            StoreError::Invalid(problems) => Self::Invalid(problems),
            StoreError::IdempotencyKeyReused => Self::IdempotencyKeyReused,
            StoreError::IdempotencyInProgress => Self::IdempotencyInProgress,
            StoreError::Conflict { constraint, message } => Self::of_conflict(&constraint, message),
            StoreError::WrongState { .. } => Self::Conflict(error.to_string()),
            StoreError::Overloaded(_) => Self::Overloaded,
            StoreError::Unavailable(cause) => Self::DatabaseUnavailable(cause),
            StoreError::Full(cause) => Self::StorageFull(cause),
            StoreError::LeaseLost { .. } | StoreError::Unusable(_) | StoreError::Internal(_) => {
                Self::Internal(error.to_string())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_wrong_in_the_store_has_its_status() {
        let text = || "cause".to_owned();
        for (error, status, code) in [
            (StoreError::NotFound { what: "lot", id: text() }, 404, "not_found"),
            (StoreError::VersionConflict { current: 3 }, 409, "version_conflict"),
            (StoreError::Invalid(vec![Problem::new("a", "b", "c")]), 422, "validation_failed"),
            (StoreError::IdempotencyKeyReused, 422, "idempotency_key_reused"),
            (StoreError::IdempotencyInProgress, 409, "idempotency_in_progress"),
            (StoreError::Conflict { constraint: text(), message: text() }, 409, "conflict"),
            (StoreError::Overloaded(text()), 503, "overloaded"),
            (StoreError::Unavailable(text()), 503, "database_unavailable"),
            (StoreError::Full(text()), 503, "storage_full"),
            (StoreError::Unusable(text()), 500, "internal"),
            (StoreError::Internal(text()), 500, "internal"),
        ] {
            let error = ApiError::from(error);
            assert_eq!((error.status().as_u16(), error.code()), (status, code));
            assert!(status < 500 || !error.to_string().contains("cause"), "a cause is for the log only");
        }
    }

    #[test]
    fn who_may_try_again_is_told_when() {
        for error in [ApiError::Overloaded, ApiError::TimedOut, ApiError::DatabaseUnavailable(String::new())] {
            assert!(error.into_response().headers().contains_key(RETRY_AFTER));
        }
    }
}
