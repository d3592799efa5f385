//! What a browser takes along to the provider and has to bring back: so that nobody can finish a sign-in that somebody else
//! began. It is kept in a cookie of the browser's own, which any replica can read.

use axum::http::HeaderMap;
use openidconnect::{CsrfToken, Nonce, PkceCodeVerifier};

use crate::auth::{Secret, cookie_value};

const COOKIE: &str = "lotwise_oidc";
/// Where the cookie is sent to.
const PATH: &str = "/api/session/oidc";
/// How long signing in at the provider may take.
const LENGTH_S: u32 = 600;

/// State, nonce and PKCE verifier of one sign-in.
pub(crate) struct Journey {
    pub(super) state: CsrfToken,
    pub(super) nonce: Nonce,
    pub(super) verifier: PkceCodeVerifier,
}

impl Journey {
    /// The journey that a browser is on.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let mut parts = cookie_value(headers, COOKIE)?.split('.').map(str::to_owned);
        let (state, nonce, verifier) = (parts.next()?, parts.next()?, parts.next()?);
        let is_whole = parts.next().is_none() && !state.is_empty() && !nonce.is_empty() && !verifier.is_empty();
        is_whole.then(|| Self {
            state: CsrfToken::new(state),
            nonce: Nonce::new(nonce),
            verifier: PkceCodeVerifier::new(verifier),
        })
    }

    /// Whether the provider sends back what it was given.
    pub(super) fn is_of(&self, state: &str) -> bool {
        Secret::new(self.state.secret()).matches(&Secret::new(state))
    }

    /// The header that the browser keeps it by. Lax, because the way back begins at the provider's page.
    pub(crate) fn cookie(&self, secure: bool) -> String {
        let value = [self.state.secret(), self.nonce.secret(), self.verifier.secret()].map(String::as_str).join(".");
        cookie(&value, LENGTH_S, secure)
    }

    /// The header that takes it away.
    pub(crate) fn end(secure: bool) -> String {
        cookie("", 0, secure)
    }
}

fn cookie(value: &str, seconds: u32, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!("{COOKIE}={value}; Path={PATH}; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}
