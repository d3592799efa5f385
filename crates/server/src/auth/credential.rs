//! What a request presents: a bearer token, a session cookie, or nothing.

use axum::http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderValue, Method};

/// Name of the cookie that carries a browser's session.
const SESSION_COOKIE: &str = "lotwise_session";

/// What a request presents.
pub(crate) enum Credential {
    /// `Authorization: Bearer …`.
    Bearer(String),
    /// The session cookie.
    Session(String),
    /// Nothing.
    Absent,
}

impl Credential {
    /// A bearer token counts before a cookie: whoever sets a header means it.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        if let Some(token) = bearer(headers) {
            return Self::Bearer(token.to_owned());
        }
        session_secret(headers).map_or(Self::Absent, |session| Self::Session(session.to_owned()))
    }

    /// As [`Credential::of`], with the header that OFREP's clients may bring a token in instead.
    pub(crate) fn with_api_key(headers: &HeaderMap) -> Self {
        let key = headers.get(X_API_KEY).and_then(|value| value.to_str().ok()).filter(|key| !key.is_empty());
        match (bearer(headers), key) {
            (None, Some(key)) => Self::Bearer(key.to_owned()),
            _ => Self::of(headers),
        }
    }
}

/// The key of a client that knows no bearer tokens.
const X_API_KEY: &str = "x-api-key";

/// The bearer token of a request.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()).filter(|token| !token.is_empty())
}

/// The session a browser presents.
pub(crate) fn session_secret(headers: &HeaderMap) -> Option<&str> {
    cookie_value(headers, SESSION_COOKIE)
}

/// The value of a cookie that a browser presents.
pub(crate) fn cookie_value<'h>(headers: &'h HeaderMap, wanted: &str) -> Option<&'h str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, value)| *name == wanted && !value.is_empty())
        .map(|(_, value)| value)
}

/// Whether a method can change something.
pub(crate) fn is_unsafe(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether a browser says that a page of ours sent the request. Another site can make a browser send our cookie's
/// requests, but not these headers.
pub(crate) fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |value: &HeaderValue| value.to_str().map(str::to_owned).unwrap_or_default();
    if let Some(site) = headers.get("sec-fetch-site") {
        return text(site) == "same-origin";
    }
    let (Some(origin), Some(host)) = (headers.get(ORIGIN), headers.get(HOST)) else { return false };
    text(origin).split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(&text(host)))
}

/// Whether a browser says that another site sent the request. Programs, which say nothing, are not browsers.
pub(crate) fn is_cross_origin(headers: &HeaderMap) -> bool {
    let says_anything = headers.contains_key("sec-fetch-site") || headers.contains_key(ORIGIN);
    says_anything && !is_same_origin(headers)
}

/// The header that gives a browser its session for `seconds`.
pub(crate) fn session_cookie(secret: &str, seconds: i64, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!("{SESSION_COOKIE}={secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}")
}

/// The header that takes it away.
pub(crate) fn clear_cookie(secure: bool) -> String {
    session_cookie("", 0, secure)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (axum::http::HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn a_bearer_token_counts_before_a_cookie() {
        let both = headers(&[("authorization", "bearer abc"), ("cookie", "a=1; lotwise_session=xyz")]);
        assert!(matches!(Credential::of(&both), Credential::Bearer(token) if token == "abc"));
        let cookie = headers(&[("cookie", "a=1; lotwise_session=xyz; b=2")]);
        assert!(matches!(Credential::of(&cookie), Credential::Session(session) if session == "xyz"));
        for none in [headers(&[]), headers(&[("authorization", "Basic abc")]), headers(&[("authorization", "Bearer ")])]
        {
            assert!(matches!(Credential::of(&none), Credential::Absent));
        }
    }

    #[test]
    fn an_api_key_is_a_token_where_it_is_taken() {
        let key = headers(&[("x-api-key", "abc"), ("cookie", "lotwise_session=xyz")]);
        assert!(matches!(Credential::with_api_key(&key), Credential::Bearer(token) if token == "abc"));
        assert!(matches!(Credential::of(&key), Credential::Session(_)));
        let both = headers(&[("x-api-key", "abc"), ("authorization", "Bearer def")]);
        assert!(matches!(Credential::with_api_key(&both), Credential::Bearer(token) if token == "def"));
        assert!(matches!(Credential::with_api_key(&headers(&[("x-api-key", "")])), Credential::Absent));
    }

    #[test]
    fn only_our_own_page_is_same_origin() {
        for (pairs, expected) in [
            (headers(&[("sec-fetch-site", "same-origin")]), true),
            (headers(&[("sec-fetch-site", "cross-site"), ("origin", "http://a"), ("host", "a")]), false),
            (headers(&[("sec-fetch-site", "same-site")]), false),
            (headers(&[("origin", "http://127.0.0.1:8080"), ("host", "127.0.0.1:8080")]), true),
            (headers(&[("origin", "http://evil.example"), ("host", "127.0.0.1:8080")]), false),
            (headers(&[("origin", "null"), ("host", "null")]), false),
            (headers(&[("host", "127.0.0.1:8080")]), false),
            (headers(&[]), false),
        ] {
            assert_eq!(is_same_origin(&pairs), expected, "{pairs:?}");
        }
    }

    #[test]
    fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
        let cookie = session_cookie("s", 60, true);
        for attribute in ["HttpOnly", "SameSite=Strict", "Secure", "Path=/", "Max-Age=60"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        assert!(!session_cookie("s", 60, false).contains("Secure"));
    }
}
