//! What answers carry beside their bodies, and how requests fail.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::{Method, StatusCode};
use utoipa::openapi::path::{Operation, Parameter};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{
    Content, ContentBuilder, Header, HeaderBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder, SecurityRequirement,
};

use super::operations;

/// Every way to fail that operations share, by its status.
const FAILURES: [(u16, &str, &str); 10] = [
    (400, "Malformed", "The path, the query, a header or the JSON cannot be read"),
    (401, "Unauthenticated", "No token or session, or one that is unknown, expired or revoked"),
    (403, "Forbidden", "The caller's role or funds do not allow this"),
    (404, "NotFound", "There is no such record, or it is one of a fund the caller may not see"),
    (409, "Conflict", "The record has changed since it was read, or a rule between records is broken"),
    (413, "TooLarge", "The body is larger than what is accepted"),
    (415, "UnsupportedMediaType", "The body is not application/json"),
    (422, "Unacceptable", "The body can be read and not accepted: each field at fault is named"),
    (429, "TooManyAttempts", "Too many attempts have failed"),
    (503, "Unavailable", "The feature is off, or the server or its database cannot answer now"),
];
const ANY_FAILURE: &str = "Failure";

/// Headers of answers, each described once.
const HEADERS: [(&str, &str); 8] = [
    ("X-Request-Id", "Id of the request, as the log has it"),
    ("ETag", "Version of the record, or tag of the answer"),
    ("Location", "Where the record is, or where to go on"),
    ("Retry-After", "Seconds after which to ask again"),
    ("Idempotent-Replayed", "`true` where this answer was given to the same key before"),
    ("WWW-Authenticate", "How to say who asks"),
    ("Set-Cookie", "The cookie of the session"),
    ("Content-Disposition", "Name of the file"),
];

/// Operations that answer 409 though they change nothing.
const READS_IN_CONFLICT: [&str; 2] = ["export_workbook", "get_faults"];
/// Answers with a record of which nobody says the version.
const WITHOUT_TAG: &str = "kill_flag";
/// Operations that begin or end a session.
const WITH_COOKIE: [&str; 5] = ["create_session", "end_session", "end_all_sessions", "begin_oidc", "finish_oidc"];

pub(super) fn complete(document: &mut OpenApi) {
    let records = Records::of(document);
    for (path, method, operation) in operations(document) {
        describe_answers(operation, &records);
        // OFREP fails in a form of its own, which its routes describe.
        let failures = if path.starts_with("/ofrep/") { Vec::new() } else { failures(path, &method, operation) };
        let responses = &mut operation.responses.responses;
        for (status, name) in failures {
            responses.entry(status.to_string()).or_insert_with(|| Ref::from_response_name(name).into());
        }
        responses.insert("default".to_owned(), Ref::from_response_name(ANY_FAILURE).into());
    }
    let components = document.components.get_or_insert_default();
    for (name, description) in HEADERS {
        components.headers.insert(name.to_owned(), RefOr::T(header(description)));
    }
    for (status, name, description) in FAILURES {
        components.responses.insert(name.to_owned(), RefOr::T(failure(status, description)));
    }
    components.responses.insert(ANY_FAILURE.to_owned(), RefOr::T(failure(0, "What went wrong")));
}

/// What the components tell of the bodies that are made of them.
struct Records {
    /// What it is, by reference.
    descriptions: BTreeMap<String, String>,
    /// References of those with a version.
    versioned: BTreeSet<String>,
}

impl Records {
    fn of(document: &OpenApi) -> Self {
        let (mut descriptions, mut versioned) = (BTreeMap::new(), BTreeSet::new());
        for (name, schema) in document.components.iter().flat_map(|components| &components.schemas) {
            let RefOr::T(Schema::Object(object)) = schema else { continue };
            let reference = Ref::from_schema_name(name).ref_location;
            if object.properties.contains_key("version") {
                versioned.insert(reference.clone());
            }
            if let Some(description) = &object.description {
                descriptions.insert(reference, description.clone());
            }
        }
        Self { descriptions, versioned }
    }
}

fn describe_answers(operation: &mut Operation, records: &Records) {
    let id = operation.operation_id.as_deref().unwrap_or_default();
    let is_creation = has_parameter(operation, "Idempotency-Key");
    for (status, response) in &mut operation.responses.responses {
        let (RefOr::T(response), Ok(status)) = (response, status.parse::<u16>()) else { continue };
        let body = response.content.values().find_map(|content| match content {
            RefOr::T(Content { schema: Some(RefOr::Ref(body)), .. }) => Some(body.ref_location.clone()),
            _ => None,
        });
        let is_record = body.as_ref().is_some_and(|body| records.versioned.contains(body));
        if response.description.is_empty() {
            let of_body = body.as_ref().and_then(|body| records.descriptions.get(body));
            response.description = of_body.cloned().unwrap_or_else(|| in_words(status));
        }
        let is_file = response.content.keys().any(|kind| !kind.contains("json") && !kind.starts_with("text/event"))
            && id != "get_metrics";
        let headers = [
            ("X-Request-Id", true),
            ("ETag", status == 200 && is_record && id != WITHOUT_TAG || id == "evaluate_flags" && status < 400),
            ("Location", matches!(status, 201 | 303) || status == 202 && id != WITHOUT_TAG),
            ("Retry-After", status == 429 || status == 202 && id.ends_with("_snapshot")),
            ("Idempotent-Replayed", is_creation && matches!(status, 201 | 202)),
            ("Set-Cookie", WITH_COOKIE.contains(&id) && status < 400),
            ("Content-Disposition", status == 200 && (is_file || id == "export_portfolio")),
        ];
        for (name, _) in headers.into_iter().filter(|(_, is_sent)| *is_sent) {
            response.headers.entry(name.to_owned()).or_insert_with(|| header_reference(name));
        }
    }
}

/// How an operation can fail, by what it reads and who may ask.
fn failures(path: &str, method: &Method, operation: &Operation) -> Vec<(u16, &'static str)> {
    let id = operation.operation_id.as_deref().unwrap_or_default();
    // Of those who are nobody nothing is asked but, where they sign in, who they are.
    let is_open = operation.security.as_ref().is_some_and(|needed| needed.contains(&SecurityRequirement::default()));
    let has_body = operation.request_body.is_some();
    let is_json = has_body && id != "import_file";
    let is_asked = operation.parameters.as_ref().is_some_and(|parameters| !parameters.is_empty());
    let is_write = *method != Method::GET;
    let applies = |status| match status {
        400 => has_body || is_asked,
        401 | 403 => !is_open || id == "create_session",
        404 => path.contains('{'),
        409 => is_write && !is_open || READS_IN_CONFLICT.contains(&id),
        413 => has_body,
        415 => is_json,
        422 => has_body || has_parameter(operation, "If-Match"),
        429 => id == "create_session",
        _ => true,
    };
    FAILURES.into_iter().filter(|(status, ..)| applies(*status)).map(|(status, name, _)| (status, name)).collect()
}

fn has_parameter(operation: &Operation, name: &str) -> bool {
    let is_it = |parameter: &RefOr<_>| matches!(parameter, RefOr::T(Parameter { name: its, .. }) if its == name);
    operation.parameters.iter().flatten().any(is_it)
}

/// A problem document.
fn failure(status: u16, description: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let mut response =
        ResponseBuilder::new().description(description).content("application/problem+json", content).build();
    let of_status = match status {
        401 => Some("WWW-Authenticate"),
        429 | 503 => Some("Retry-After"),
        _ => None,
    };
    for name in ["X-Request-Id"].into_iter().chain(of_status) {
        response.headers.insert(name.to_owned(), header_reference(name));
    }
    response
}

fn header(description: &str) -> Header {
    let text = Schema::Object(ObjectBuilder::new().schema_type(Type::String).build());
    HeaderBuilder::new().schema(Some(text)).description(Some(description)).build()
}

fn header_reference(name: &str) -> RefOr<Header> {
    RefOr::Ref(Ref::new(format!("#/components/headers/{name}")))
}

/// What a status says by itself.
fn in_words(status: u16) -> String {
    match status {
        200 => "Done, or what was asked for".to_owned(),
        204 => "Done; there is nothing to say".to_owned(),
        other => {
            StatusCode::from_u16(other).ok().and_then(|status| status.canonical_reason()).unwrap_or("Done").to_owned()
        }
    }
}
