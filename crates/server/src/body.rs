//! Request bodies, read strictly: type, size, syntax, then every problem of every field at once.

use std::borrow::Cow;
use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, IF_MATCH};
use moic::json::{self, Fields, Path, Problems, Value};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::error::ApiError;
use crate::idempotency::{HeaderKey, Key, KeyError};
use crate::paced_body::{self, NotReceived};
use crate::random;

/// Bytes a request body may have.
pub const BODY_BYTES_MAX: usize = 2 * 1024 * 1024;

/// A received body that is not looked at yet: before its fields count, the idempotency key does.
pub(crate) struct Submission {
    bytes: Bytes,
    media_type: Result<(), String>,
    if_match: Option<String>,
    header_key: HeaderKey,
    /// `POST /api/funds/1/companies`: part of what a key stands for.
    route: String,
}

impl<S: Send + Sync> FromRequest<S> for Submission {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let media_type = media_type(request.headers());
        let header_key = HeaderKey::of(request.headers());
        let if_match = if_match(request.headers());
        let route = format!("{} {}", request.method(), request.uri().path());
        let bytes = receive(request, BODY_BYTES_MAX).await?;
        Ok(Self { bytes, media_type, if_match, header_key, route })
    }
}

/// A body that is a file of any kind, read by its content.
pub(crate) struct FileUpload(Submission);

impl<S: Send + Sync> FromRequest<S> for FileUpload {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let header_key = HeaderKey::of(request.headers());
        // The query says how the file is read, so it belongs to what a key stands for.
        let route = format!("{} {}", request.method(), request.uri());
        let bytes = receive(request, formats::table::FILE_BYTES_MAX).await?;
        Ok(Self(Submission { bytes, media_type: Ok(()), if_match: None, header_key, route }))
    }
}

impl FileUpload {
    /// The file.
    pub(crate) fn bytes(&self) -> Bytes {
        self.0.bytes.clone()
    }

    /// SHA-256 of the file, in hexadecimal.
    pub(crate) fn content_hash(&self) -> String {
        random::hex(&Sha256::digest(&self.0.bytes))
    }

    /// The request, for its idempotency key.
    pub(crate) fn submission(&self) -> &Submission {
        &self.0
    }
}

/// A body that is one flagd document, read by the engine itself.
pub(crate) struct FlagDocument(pub(crate) Bytes);

impl<S: Send + Sync> FromRequest<S> for FlagDocument {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let media_type = media_type(request.headers());
        let bytes = receive(request, flags::DOCUMENT_BYTES_MAX).await?;
        media_type.map_err(|found| ApiError::UnsupportedMediaType { found })?;
        Ok(Self(bytes))
    }
}

async fn receive(request: Request, limit: usize) -> Result<Bytes, ApiError> {
    let too_large = || ApiError::TooLarge { limit };
    let unreadable = |message| ApiError::Malformed { message, details: Vec::new() };
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    paced_body::receive(&mut request.into_body(), limit).await.map_err(|why| match why {
        NotReceived::TooLarge => too_large(),
        // The client's doing: a 503 would count against what a rollout is watched by.
        NotReceived::TooSlow => unreadable("the body did not come fast enough; send it in one go".to_owned()),
        NotReceived::BrokeOff(error) => unreadable(format!("the body broke off: {error}")),
    })
}

/// JSON, in UTF-8, is what every body is.
fn media_type(headers: &HeaderMap) -> Result<(), String> {
    let Some(value) = headers.get(CONTENT_TYPE) else { return Err("a body without a Content-Type".to_owned()) };
    let text = value.to_str().map_err(|_| "an unreadable Content-Type".to_owned())?;
    let mut parts = text.split(';').map(str::trim);
    let essence = parts.next().unwrap_or("").to_ascii_lowercase();
    let is_json = essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"));
    let is_utf8 = parts.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    });
    if is_json && is_utf8 { Ok(()) } else { Err(text.to_owned()) }
}

/// A body's fields, or why there are none, and the idempotency key that came with it.
pub(crate) struct Reading<T> {
    pub(crate) value: Result<T, ApiError>,
    pub(crate) key: Option<Key>,
}

impl Submission {
    /// Hash of route and body: what an idempotency key is bound to.
    pub(crate) fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.route.as_bytes());
        hash.update([0]);
        hash.update(&self.bytes);
        random::hex(&hash.finalize())
    }

    /// Reads the body of a change to an existing record, and the version the caller changes: `version` in the body or
    /// `If-Match`.
    ///
    /// # Errors
    /// 415, 400 and 422 of [`ApiError`].
    pub(crate) fn read_change<T>(
        &self,
        read: impl FnOnce(&mut Fields<'_, '_>, &mut Problems) -> Option<T>,
    ) -> Result<(i64, T), ApiError> {
        self.read(|fields, problems| {
            let version = self.version(fields, problems);
            let value = read(fields, problems);
            Some((version?, value?))
        })
    }

    /// Reads the version of a record that is to go: `version` in the body, or `If-Match` without a body.
    ///
    /// # Errors
    /// As [`Submission::read_change`].
    pub(crate) fn read_version(&self) -> Result<i64, ApiError> {
        match &self.if_match {
            Some(header) if self.bytes.is_empty() => version_of(header),
            None if self.bytes.is_empty() => Err(ApiError::invalid(
                "version",
                "(absent)",
                "is required: send the record's ETag as If-Match, or a body with its version",
            )),
            _ => self.read_change(|_, _| Some(())).map(|(version, ())| version),
        }
    }

    fn version(&self, fields: &mut Fields<'_, '_>, problems: &mut Problems) -> Option<i64> {
        let given = fields.has("version");
        let in_body = fields.integer("version", 0, i64::MAX, problems);
        let Some(header) = &self.if_match else {
            if !given {
                fields.missing("version", problems);
            }
            return in_body;
        };
        let path = Path::root();
        match (header_version(header), in_body) {
            (None, _) => {
                problems.push(&path.field("If-Match"), header, NO_VERSION);
                None
            }
            (Some(in_header), Some(version)) if in_header != version => {
                problems.push(
                    &path.field("version"),
                    version.to_string(),
                    "differs from If-Match; send one of the two",
                );
                None
            }
            (Some(version), _) => Some(version),
        }
    }

    /// Reads the body of a request that neither creates nor replaces a record.
    ///
    /// # Errors
    /// 415, 400 and 422 of [`ApiError`].
    pub(crate) fn read<T>(
        &self,
        read: impl FnOnce(&mut Fields<'_, '_>, &mut Problems) -> Option<T>,
    ) -> Result<T, ApiError> {
        self.parse(|fields, problems| (read(fields, problems), None)).value
    }

    /// Reads the body of a creation: `idempotencyKey` is a field of each, and counts even when other fields are wrong.
    ///
    /// # Errors
    /// 400 for an idempotency key that is none, 422 for a header and a field that differ.
    pub(crate) fn read_creation<T>(
        &self,
        read: impl FnOnce(&mut Fields<'_, '_>, &mut Problems) -> Option<T>,
    ) -> Result<Reading<T>, ApiError> {
        let reading = self.parse(|fields, problems| {
            let key = fields.parsed(IDEMPOTENCY_KEY_FIELD, problems, Key::parse);
            (read(fields, problems), key)
        });
        self.with_header_key(reading)
    }

    /// Reads the body of a creation whose fields are another's to check: the object without its `idempotencyKey`, as
    /// JSON text.
    ///
    /// # Errors
    /// As [`Submission::read_creation`].
    pub(crate) fn read_object(&self) -> Result<Reading<String>, ApiError> {
        let mut key = None;
        let value = self.json().and_then(|value| {
            let mut problems = Problems::default();
            let root = Path::root();
            let (Value::Object(object), Some(mut fields)) = (&value, Fields::of(&value, &root, &mut problems)) else {
                return Err(ApiError::Invalid(problems.into_vec()));
            };
            key = fields.parsed(IDEMPOTENCY_KEY_FIELD, &mut problems, Key::parse);
            if !problems.is_empty() {
                return Err(ApiError::Invalid(problems.into_vec()));
            }
            let rest = object.iter().filter(|(name, _)| *name != IDEMPOTENCY_KEY_FIELD);
            let rest: Vec<String> = rest.map(|(name, value)| format!("{}:{value}", Value::Str(name.into()))).collect();
            Ok(format!("{{{}}}", rest.join(",")))
        });
        self.with_header_key(Reading { value, key })
    }

    /// The value of a top-level field as it was written, with whatever it repeats: for another's reader to check.
    pub(crate) fn raw_member(&self, name: &str) -> Option<Box<RawValue>> {
        let mut members: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(&self.bytes).ok()?;
        members.remove(name)
    }

    /// What was read of the body elsewhere, with the idempotency key of the header.
    ///
    /// # Errors
    /// 400 for an idempotency key that is none.
    pub(crate) fn with_value<T>(&self, value: Result<T, ApiError>) -> Result<Reading<T>, ApiError> {
        self.with_header_key(Reading { value, key: None })
    }

    fn with_header_key<T>(&self, reading: Reading<T>) -> Result<Reading<T>, ApiError> {
        let header_key = match &self.header_key {
            HeaderKey::Absent => None,
            HeaderKey::Present(key) => Some(key.clone()),
            HeaderKey::Unreadable(value) => {
                return Err(ApiError::malformed("Idempotency-Key", value, KeyError.to_string()));
            }
        };
        match (header_key, reading.key) {
            (Some(header), Some(field)) if header != field => Err(ApiError::invalid(
                IDEMPOTENCY_KEY_FIELD,
                field.as_str(),
                "differs from the Idempotency-Key header; send one of the two",
            )),
            (Some(key), _) | (None, Some(key)) => Ok(Reading { value: reading.value, key: Some(key) }),
            (None, None) => Ok(Reading { value: reading.value, key: None }),
        }
    }

    fn json(&self) -> Result<Value<'_>, ApiError> {
        if let Err(found) = &self.media_type {
            return Err(ApiError::UnsupportedMediaType { found: found.clone() });
        }
        json::parse(&self.bytes).map_err(|error| not_json(&error))
    }

    fn parse<T>(
        &self,
        read: impl FnOnce(&mut Fields<'_, '_>, &mut Problems) -> (Option<T>, Option<Key>),
    ) -> Reading<T> {
        let value = match self.json() {
            Ok(value) => value,
            Err(error) => return Reading { value: Err(error), key: None },
        };
        let mut problems = Problems::default();
        let root = Path::root();
        let Some(mut fields) = Fields::of(&value, &root, &mut problems) else {
            return Reading { value: Err(ApiError::Invalid(problems.into_vec())), key: None };
        };
        let (found, key) = read(&mut fields, &mut problems);
        fields.finish(&mut problems);
        match found {
            Some(found) if problems.is_empty() => Reading { value: Ok(found), key },
            _ => Reading { value: Err(ApiError::Invalid(problems.into_vec())), key },
        }
    }
}

/// What is sent as `If-Match`; several of them are read as one list, which is no version.
fn if_match(headers: &HeaderMap) -> Option<String> {
    let values = headers.get_all(IF_MATCH).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    values.map(Cow::into_owned).reduce(|one, other| format!("{one}, {other}"))
}

/// The version of a record that a request without a body is about; none where it does not say.
///
/// # Errors
/// 422 for an `If-Match` that is none.
pub(crate) fn wanted_version(headers: &HeaderMap) -> Result<Option<i64>, ApiError> {
    if_match(headers).as_deref().map(version_of).transpose()
}

const NO_VERSION: &str = "must be one version, as in the ETag of the record";

fn version_of(header: &str) -> Result<i64, ApiError> {
    header_version(header).ok_or_else(|| ApiError::invalid("If-Match", header, NO_VERSION))
}

/// The version in an `If-Match` header.
fn header_version(header: &str) -> Option<i64> {
    let digits = header.trim().trim_start_matches("W/").trim_matches('"');
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

const IDEMPOTENCY_KEY_FIELD: &str = "idempotencyKey";

fn not_json(error: &json::SyntaxError) -> ApiError {
    ApiError::Malformed { message: format!("the body is {error}"), details: Vec::new() }
}

/// The body of a PUT: the version the caller has read, and the record as it shall be.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "documents the body that `read_change` takes apart")]
pub(crate) struct Change<T> {
    /// Version the change is made to; `If-Match` can carry it instead, and one of the two must.
    #[schema(minimum = 0)]
    version: Option<i64>,
    #[serde(flatten)]
    record: T,
}
