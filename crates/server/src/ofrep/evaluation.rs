//! One flag, and all flags, for a context.

use std::borrow::Cow;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, ETAG};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use flags::{Arena, Budget, Context, read_request};
use percent_encoding::percent_decode_str;

use super::answer::{self, FLAG_BYTES};
use super::body;
use super::etag::ETag;
use super::events;
use super::json;
use super::refused::{JSON, Refused, failure, status_of};
use super::source::{Admitted, Flags, Pass, Source};

/// Parameter of the query with what the event said that makes a client ask again.
const ANNOUNCED: &str = "flagConfigEtag";

/// Answers for the flag that the path names.
pub(super) async fn one<S: Source>(source: S, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let key = key_of(parts.uri.path());
    let admitted = match source.admit(&parts).await {
        Ok(admitted) => admitted,
        Err(answered) => return answered,
    };
    let answered = match body::receive(&parts.headers, body).await {
        Ok(body) => evaluate_one(&source, &key, &admitted, &parts.headers, &body),
        Err(refused) => Err(refused),
    };
    answered.unwrap_or_else(|refused| refused.answer(Some(&key)))
}

/// Answers for all flags, or that nothing has changed for the caller.
pub(super) async fn all<S: Source>(source: S, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let admitted = match source.admit(&parts).await {
        Ok(admitted) => admitted,
        Err(answered) => return answered,
    };
    if let Some(configuration) = events::parameter(&parts, ANNOUNCED).and_then(|number| number.parse().ok()) {
        source.caught_up(configuration).await;
    }
    let answered = match body::receive(&parts.headers, body).await {
        Ok(body) => evaluate_all(&source, &admitted, &source.pass().await, &parts, &body),
        Err(refused) => Err(refused),
    };
    answered.unwrap_or_else(IntoResponse::into_response)
}

fn evaluate_one<S: Source>(
    source: &S,
    key: &str,
    admitted: &Admitted,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response, Refused> {
    let arena = Arena::new();
    let context = context_of(body, &arena, admitted)?;
    let flags = source.flags();
    let evaluation = flags.evaluate(key, &context, headers, source.now().as_second());
    let mut out = Vec::with_capacity(FLAG_BYTES.saturating_add(evaluation.metadata.len()));
    answer::write_flag(&mut out, key, &evaluation);
    source.evaluated(key, &evaluation);
    Ok(match evaluation.result {
        Ok(_) => success(out),
        Err(refusal) => failure(status_of(refusal.code), out),
    })
}

fn evaluate_all<S: Source>(
    source: &S,
    admitted: &Admitted,
    pass: &Pass,
    parts: &Parts,
    body: &[u8],
) -> Result<Response, Refused> {
    let (arena, budget) = (Arena::new(), Budget::of_request());
    let context = context_of(body, &arena, admitted)?.with_budget(&budget);
    // Before the flags: should they change in between, the reader of events is told once too often, never too seldom.
    let configuration = source.configuration();
    let flags = source.flags();
    let now_s = source.now().as_second();
    let mut out = Vec::with_capacity(flags.set().iter().len().saturating_mul(FLAG_BYTES).saturating_add(FLAG_BYTES));
    out.extend_from_slice(b"{\"flags\":[");
    for (index, definition) in flags.set().iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        let key = definition.key();
        let evaluation = flags.evaluate_definition(definition, &context, &parts.headers, now_s);
        answer::write_flag(&mut out, key, &evaluation);
        source.evaluated(key, &evaluation);
    }
    out.extend_from_slice(b"],\"metadata\":");
    write_metadata(&mut out, flags.set().metadata(), &context);
    events::write_streams(&mut out, configuration, pass);
    out.push(b'}');

    let tag = ETag::of(&out);
    let mut response =
        if tag.is_known_to(&parts.headers) { StatusCode::NOT_MODIFIED.into_response() } else { success(out) };
    response.headers_mut().insert(ETAG, tag.header());
    Ok(response)
}

/// The set's metadata, `flagSetId` and `version` among it where they are known, and whom the answer is for.
fn write_metadata(out: &mut Vec<u8>, metadata: &str, context: &Context<'_>) {
    match context.targeting_key() {
        Some(targeting_key) => json::write_object_with(out, metadata, &[("contextId", &json::text(targeting_key))]),
        None => out.extend_from_slice(metadata.as_bytes()),
    }
}

fn context_of<'a>(body: &'a [u8], arena: &'a Arena, admitted: &'a Admitted) -> Result<Context<'a>, Refused> {
    let context = read_request(body, arena)?;
    Ok(match &admitted.targeting_key {
        Some(forced) => context.with_targeting_key(Some(forced)),
        None => context,
    })
}

fn success(body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

/// The flag's key: the path's last part.
fn key_of(path: &str) -> Cow<'_, str> {
    let last = path.rsplit_once('/').map_or(path, |(_, last)| last);
    percent_decode_str(last).decode_utf8_lossy()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_last_part_of_the_path_decoded() {
        for (path, key) in [
            ("/ofrep/v1/evaluate/flags/plain-key", "plain-key"),
            ("/ofrep/v1/evaluate/flags/a%2Fb%20c", "a/b c"),
            ("/ofrep/v1/evaluate/flags/gr%C3%BCn", "grün"),
            ("/ofrep/v1/evaluate/flags/%FF", "\u{fffd}"),
        ] {
            assert_eq!(key_of(path), key);
        }
    }

    #[test]
    fn the_answers_metadata_says_whom_it_is_for() {
        let written = |metadata, context: &Context<'_>| {
            let mut out = Vec::new();
            write_metadata(&mut out, metadata, context);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(written("{\"version\":\"1\"}", &Context::EMPTY), "{\"version\":\"1\"}");
        assert_eq!(written("{}", &Context::of(Some("a\"b"))), r#"{"contextId":"a\"b"}"#);
    }
}
