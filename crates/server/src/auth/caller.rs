//! The settled facts about a request: its caller and its fund. Handlers take them as arguments.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use jiff::Timestamp;
use store::people::Person;
use store::sessions::{Session, SignInMethod};
use store::tokens::{Grant, Role, Token};
use store::{FundId, PersonId, TokenId};

use crate::error::ApiError;

/// Who calls, once their token or session is accepted.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// What the credential belongs to.
    pub(crate) identity: Identity,
    /// What it allows.
    pub(crate) grant: Grant,
    /// The session it is; none for a token.
    pub(crate) session: Option<CurrentSession>,
}

/// The session of a browser that calls.
#[derive(Debug, Clone)]
pub(crate) struct CurrentSession {
    /// What it is called in lists.
    pub(crate) id: String,
    /// How it began.
    pub(crate) method: SignInMethod,
    /// When it began.
    pub(crate) began_at: Timestamp,
}

impl CurrentSession {
    pub(crate) fn of(session: &Session) -> Self {
        Self { id: session.id.clone(), method: session.method, began_at: session.created_at }
    }

    /// Whether its person has to prove that they know the password in order to change it: not where there is none, nor
    /// where a link has brought them here to set one, until they have.
    pub(crate) fn needs_old_password(&self, person: &Person) -> bool {
        let is_before = |changed_at| self.method == SignInMethod::Link && changed_at < self.began_at;
        person.password_changed_at.is_some_and(|changed_at| !is_before(changed_at))
    }
}

/// What a credential belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Identity {
    /// A person, by a session or a token of theirs.
    Person(PersonId),
    /// A service, by its token.
    Service(TokenId),
    /// `LOTWISE_ADMIN_TOKEN`.
    Administrator,
    /// Somebody with access to the database, through the command line.
    CommandLine,
}

impl Caller {
    pub(crate) fn administrator() -> Self {
        Self { identity: Identity::Administrator, grant: Grant { role: Role::Admin, funds: None }, session: None }
    }

    pub(crate) fn command_line() -> Self {
        Self { identity: Identity::CommandLine, ..Self::administrator() }
    }

    pub(crate) fn of_token(token: Token) -> Self {
        let identity = token.person_id.map_or(Identity::Service(token.id), Identity::Person);
        Self { identity, grant: token.grant, session: None }
    }

    pub(crate) fn of_session(session: Session) -> Self {
        let current = CurrentSession::of(&session);
        Self { identity: Identity::Person(session.person_id), grant: session.grant, session: Some(current) }
    }

    /// The targeting key: how audit, idempotency keys and flags name the caller.
    pub(crate) fn key(&self) -> String {
        match self.identity {
            Identity::Person(id) => id.key(),
            Identity::Service(id) => format!("token:{id}"),
            Identity::Administrator => "service:admin".to_owned(),
            Identity::CommandLine => "local:command-line".to_owned(),
        }
    }

    /// The funds the caller may see; none for all.
    pub(crate) fn visible_funds(&self) -> Option<Vec<FundId>> {
        self.grant.funds.clone()
    }

    /// The person who calls, and their session.
    ///
    /// # Errors
    /// 403 for a token: what somebody does about how they sign in, they do signed in.
    pub(crate) fn signed_in(&self) -> Result<(PersonId, &CurrentSession), ApiError> {
        match (self.identity, &self.session) {
            (Identity::Person(person), Some(session)) => Ok((person, session)),
            _ => Err(ApiError::Forbidden("this is for a person with a session, not for a token".to_owned())),
        }
    }

    /// # Errors
    /// 403 for a caller who is limited to some funds: `what` is about all of them.
    pub(crate) fn must_see_all_funds(&self, what: &str) -> Result<(), ApiError> {
        match self.grant.funds {
            None => Ok(()),
            Some(_) => Err(ApiError::Forbidden(format!("only a caller who sees all funds may {what}"))),
        }
    }

    pub(crate) fn may_see(&self, fund: FundId) -> bool {
        self.grant.funds.as_ref().is_none_or(|funds| funds.contains(&fund))
    }
}

/// The fund a request is about, which the caller may see.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FundScope {
    /// The fund.
    pub(crate) fund_id: FundId,
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts
            .extensions
            .get()
            .cloned()
            .ok_or_else(|| ApiError::Internal("a route without admission asks for its caller".to_owned()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for FundScope {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts
            .extensions
            .get()
            .copied()
            .ok_or_else(|| ApiError::Internal("a route about no fund asks for its fund".to_owned()))
    }
}
