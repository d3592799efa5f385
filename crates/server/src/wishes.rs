//! What callers want for themselves: the header `X-Feature-Override`, a list of `key=0` and `key=1` with commas between.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use flags::{FlagSet, Override};

use crate::AppState;

/// Request header with what the caller wants for themselves, as in `enableLotLevelMoic=0`.
const X_FEATURE_OVERRIDE: &str = "x-feature-override";

/// Response header with the wishes of the request that say nothing: unknown flags, and values that are neither 0 nor 1.
const X_FEATURE_OVERRIDE_IGNORED: HeaderName = HeaderName::from_static("x-feature-override-ignored");

/// Characters of ignored wishes that are repeated.
const IGNORED_LENGTH_MAX: usize = 200;

/// One entry of the header.
struct Wish<'h> {
    /// The flag's key as it was written, which need not be text.
    key: &'h [u8],
    /// None for a value that is neither 0 nor 1.
    wanted: Option<Override>,
}

/// The entries of a request, of however many headers.
fn wishes(headers: &HeaderMap) -> impl Iterator<Item = Wish<'_>> {
    let entries = headers.get_all(X_FEATURE_OVERRIDE).into_iter().flat_map(|value| value.as_bytes().split(is(b',')));
    entries.map(<[u8]>::trim_ascii).filter(|entry| !entry.is_empty()).map(|entry| {
        let mut parts = entry.splitn(2, is(b'=')).map(<[u8]>::trim_ascii);
        let key = parts.next().unwrap_or_default();
        let wanted = match parts.next() {
            Some(b"0") => Some(Override::Off),
            Some(b"1") => Some(Override::On),
            _ => None,
        };
        Wish { key, wanted }
    })
}

fn is(wanted: u8) -> impl Fn(&u8) -> bool {
    move |byte| *byte == wanted
}

/// What a request says its caller wants of a flag. When both are said, leaving wins over entering.
pub(crate) fn wish(key: &str, headers: &HeaderMap) -> Override {
    let mut known = Override::None;
    for Wish { wanted, .. } in wishes(headers).filter(|wish| wish.key == key.as_bytes()) {
        match wanted {
            Some(Override::Off) => return Override::Off,
            Some(wanted) => known = wanted,
            None => {}
        }
    }
    known
}

/// Names in the answer the wishes of a request that were ignored, so that a typing error is not a riddle.
pub(crate) async fn name_ignored_wishes(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let ignored = match request.headers().contains_key(X_FEATURE_OVERRIDE) {
        true => ignored(&state.live_flags().switchboard().set, request.headers()),
        false => None,
    };
    let mut response = next.run(request).await;
    if let Some(ignored) = ignored {
        response.headers_mut().insert(X_FEATURE_OVERRIDE_IGNORED, ignored);
    }
    response
}

fn ignored(set: &FlagSet, headers: &HeaderMap) -> Option<HeaderValue> {
    let is_known = |key: &[u8]| std::str::from_utf8(key).is_ok_and(|key| set.get(key).is_some());
    let mut ignored = String::new();
    for Wish { key, .. } in wishes(headers).filter(|wish| wish.wanted.is_none() || !is_known(wish.key)) {
        if !ignored.is_empty() {
            ignored.push_str(", ");
        }
        ignored.extend(key.iter().map(|byte| if byte.is_ascii_graphic() { char::from(*byte) } else { '?' }));
    }
    if ignored.is_empty() {
        return None;
    }
    tracing::debug!(ignored, "wishes for unknown flags, or with values that are neither 0 nor 1");
    ignored.truncate(IGNORED_LENGTH_MAX);
    HeaderValue::from_str(&ignored).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[&[u8]]) -> HeaderMap {
        let value = |line: &&[u8]| HeaderValue::from_bytes(line).unwrap();
        lines.iter().map(|line| (HeaderName::from_static(X_FEATURE_OVERRIDE), value(line))).collect()
    }

    #[test]
    fn a4_the_header_is_read_for_the_flag_asked_about() {
        let cases: [(&[&[u8]], Override); 13] = [
            (&[b"enableLotLevelMoic=0"], Override::Off),
            (&[b"enableLotLevelMoic=1"], Override::On),
            (&[b"useFundStore=0, enableLotLevelMoic=1"], Override::On),
            (&[b"useFundStore=0", b"enableLotLevelMoic=1"], Override::On),
            (&[b" enableLotLevelMoic = 0 "], Override::Off),
            (&[b"enableLotLevelMoic=1,enableLotLevelMoic=0"], Override::Off),
            (&[b"enableLotLevelMoic=0", b"enableLotLevelMoic=1"], Override::Off),
            (&[b"\xff=1,enableLotLevelMoic=1"], Override::On),
            (&[b"enableLotLevelMoic=true"], Override::None),
            (&[b"enableLotLevelMoic=1=1"], Override::None),
            (&[b"enableLotLevelMoic"], Override::None),
            (&[b"other=0"], Override::None),
            (&[b""], Override::None),
        ];
        for (lines, expected) in cases {
            assert_eq!(wish("enableLotLevelMoic", &headers(lines)), expected, "{lines:?}");
        }
    }

    #[test]
    fn what_says_nothing_is_named_as_far_as_it_can_be_written() {
        let document = br#"{"flags":{"known":{"state":"ENABLED","variants":{"on":true},"defaultVariant":"on"}}}"#;
        let set = FlagSet::check(document, flags::Bucketing::default()).unwrap();
        let named = |line: &[u8]| ignored(&set, &headers(&[line])).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(named(b"known=0,,known=1"), None);
        assert_eq!(named(b"known=yes, other=1, \xffa\tb=1").as_deref(), Some("known, other, ?a?b"));
        assert_eq!(named("x".repeat(1000).as_bytes()).unwrap().len(), IGNORED_LENGTH_MAX);
    }
}
