//! `/api/funds/{fundId}/import` and `…/imports`: files into a fund, compared first, applied as a whole, and taken back.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use formats::draft::{Draft, Reading};
use formats::file;
use formats::table::FileError;
use formats::template::{self, Mapping};
use serde::Serialize;
use serde_json::json;
use store::imports::{self, Import, ImportSource, Incoming, Origin};
use store::{ImportId, StoreError};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::AppState;
use crate::act::Act;
use crate::answer::{self, Created, Pagination};
use crate::auth::{Caller, FundScope};
use crate::body::{FileUpload, Submission};
use crate::clock::today;
use crate::error::ApiError;
use crate::evaluation::off_thread;
use crate::idempotency;
use crate::imports::{Compared, Counts, ImportReport, answers, files_of, incoming, obstacles, read_mapping, report};
use crate::query::QueryFields;

/// Media type of a workbook.
pub(crate) const XLSX: HeaderValue =
    HeaderValue::from_static("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");

/// Characters of a file's name that are kept.
const NAME_LENGTH_MAX: usize = 200;

pub(crate) fn reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_imports))
        .routes(routes!(get_import))
        .routes(routes!(get_import_mapping))
        .routes(routes!(get_import_template))
}

pub(crate) fn guarded_writes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(import_file))
}

/// Taking back must work also while the feature is off.
pub(crate) fn writes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(undo_import)).routes(routes!(put_import_mapping))
}

/// An import that was carried out.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Import)]
pub(crate) struct ImportView {
    /// UUID v7.
    id: Uuid,
    /// The fund.
    fund_id: i64,
    /// `file`, or `legacy` for the migration of legacy investments.
    source: &'static str,
    /// Name of the file.
    name: String,
    /// SHA-256 of the file, in hexadecimal.
    content_hash: String,
    /// Targeting key of who imported.
    actor: String,
    /// What it made and changed.
    counts: Counts,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    created_at: jiff::Timestamp,
    /// When it was taken back. RFC 3339.
    #[schema(value_type = Option<String>, format = DateTime)]
    undone_at: Option<jiff::Timestamp>,
    /// Who took it back.
    undone_by: Option<String>,
}

/// A page of imports.
#[derive(Serialize, ToSchema)]
struct ImportList {
    imports: Vec<ImportView>,
    pagination: Pagination,
}

pub(crate) fn view(import: Import) -> ImportView {
    let (undone_at, undone_by) = import.undone.unzip();
    ImportView {
        id: import.id.0,
        fund_id: import.fund_id.0,
        source: import.origin.source.as_str(),
        name: import.origin.name,
        content_hash: import.origin.content_hash,
        actor: import.origin.actor,
        counts: serde_json::from_str(&import.counts).unwrap_or_default(),
        created_at: import.recorded_at,
        undone_at,
        undone_by,
    }
}

/// Imports a file: CSV, XLSX, a portfolio document in JSON, or an Open Cap Table package. With `dryRun=true` nothing is
/// written, and the answer tells every problem at its row and what would change. Without it everything is written in one
/// transaction, or nothing.
#[utoipa::path(post, path = "/api/funds/{fundId}/import", operation_id = "import_file", tag = "imports",
    params(("fundId" = i64, Path), ("dryRun" = Option<bool>, Query), ("name" = Option<String>, Query),
        ("answers" = Option<String>, Query), ("Idempotency-Key" = Option<String>, Header)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = ImportReport), (status = 201, body = ImportView)))]
async fn import_file(
    State(state): State<AppState>,
    caller: Caller,
    scope: FundScope,
    mut query: QueryFields,
    request: Request,
) -> Result<Response, ApiError> {
    let is_dry_run = query.parsed("dryRun", |text| text.parse::<bool>().map_err(|_| "must be true or false"));
    let name = query.parsed("name", file_name);
    let answers = query.parsed("answers", answers).unwrap_or_default();
    query.finish()?;
    let fund_id = scope.fund_id;
    // Two at once, so that many large files cannot take all the memory: before their bytes are received, and until the
    // reading has ended, also where nobody waits for it any more.
    let permit = Arc::clone(state.importing()).try_acquire_owned().map_err(|_| ApiError::Overloaded)?;
    let permit = Arc::new(permit);
    let upload = FileUpload::from_request(request, &state).await?;
    let files = files_of(&state, fund_id).await?;
    let (today, now) = (today(state.clock()), state.clock().now());
    let (bytes, content_hash) = (upload.bytes(), upload.content_hash());
    let held = Arc::clone(&permit);
    let (mut file, incoming) = off_thread(move || {
        let _held = held;
        let file = file::read(&bytes, &files.mapping, &answers, Some(&files.currency), today);
        let mut file = file.map_err(|error| unreadable(&error))?;
        // Unanswered questions leave gaps that are no faults of the file.
        let incoming = if is_readable(&file.reading) { incoming(&mut file.reading) } else { Incoming::default() };
        Ok::<_, ApiError>((file, incoming))
    })
    .await??;
    let incoming = Arc::new(incoming);
    let plan = if is_readable(&file.reading) {
        let incoming = Arc::clone(&incoming);
        state.store().read(move |tx| imports::plan(tx, fund_id, &incoming, now)).await?
    } else {
        imports::Plan::default()
    };
    file.reading.questions.sort_by(|one, other| (one.optional, &one.id).cmp(&(other.optional, &other.id)));
    let compared = Compared { file, incoming: Arc::unwrap_or_clone(incoming), plan };
    if is_dry_run == Some(true) {
        return answer::plain(StatusCode::OK, &report(&compared, content_hash));
    }
    let problems = obstacles(&compared);
    let name = name.unwrap_or_else(|| compared.file.format.as_str().to_owned());
    let Compared { file, incoming, plan } = compared;
    // What is written is planned once more: a large file must not lie in memory three times meanwhile.
    drop((file, plan));
    let origin = Origin { source: ImportSource::File, name, content_hash, actor: caller.key() };
    let value = if problems.is_empty() { Ok(incoming) } else { Err(ApiError::Invalid(problems)) };
    let reading = upload.submission().with_value(value)?;
    idempotency::create_from(&state, &caller, Some(fund_id), upload.submission(), reading, move |tx, act, incoming| {
        // Once more, in the transaction that writes: somebody may have changed the fund in between.
        let plan = imports::plan(tx, fund_id, incoming, act.now)?;
        let counts = Counts::of(&plan);
        let kept = serde_json::to_string(&counts).map_err(|error| StoreError::Internal(error.to_string()))?;
        let import = imports::apply(tx, fund_id, incoming, &plan, (origin.clone(), kept), act.now)?;
        let details = json!({ "name": origin.name, "contentHash": origin.content_hash, "counts": counts });
        act.record(tx, "import.apply", &format!("import:{}", import.id), &details)?;
        Created::record(format!("/api/funds/{fund_id}/imports/{}", import.id), &view(import))
    })
    .await
}

/// Whether nothing is wrong with a file, and nothing has to be answered first.
fn is_readable(reading: &Reading) -> bool {
    reading.problems.is_empty() && reading.questions.iter().all(|question| question.optional)
}

fn file_name(text: &str) -> Result<String, String> {
    let length = text.chars().count();
    if (1..=NAME_LENGTH_MAX).contains(&length) && !text.chars().any(char::is_control) {
        return Ok(text.to_owned());
    }
    Err(format!("must be a file's name of 1 to {NAME_LENGTH_MAX} characters"))
}

fn unreadable(error: &FileError) -> ApiError {
    ApiError::invalid("file", "", error.to_string())
}

/// The imports of a fund, the latest first.
#[utoipa::path(get, path = "/api/funds/{fundId}/imports", operation_id = "list_imports", tag = "imports",
    params(("fundId" = i64, Path), ("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = ImportList)))]
async fn list_imports(
    State(state): State<AppState>,
    scope: FundScope,
    mut query: QueryFields,
) -> Result<Json<ImportList>, ApiError> {
    let page = query.page();
    query.finish()?;
    let listing = state.store().read(move |tx| imports::list(tx, scope.fund_id, &page)).await?;
    let pagination = Pagination::of(&listing);
    Ok(Json(ImportList { imports: listing.items.into_iter().map(view).collect(), pagination }))
}

/// One import.
#[utoipa::path(get, path = "/api/funds/{fundId}/imports/{importId}", operation_id = "get_import", tag = "imports",
    params(("fundId" = i64, Path), ("importId" = Uuid, Path)), responses((status = 200, body = ImportView)))]
async fn get_import(
    State(state): State<AppState>,
    scope: FundScope,
    path: Path<(i64, Uuid)>,
) -> Result<Json<ImportView>, ApiError> {
    let Path((_, id)) = path;
    let import = state.store().read(move |tx| imports::get(tx, scope.fund_id, ImportId(id))).await?;
    Ok(Json(view(import)))
}

/// Takes an import back: what it made is withdrawn, what it changed is as before. What was recorded since and needs it is
/// named, and nothing is taken back then.
#[utoipa::path(post, path = "/api/funds/{fundId}/imports/{importId}/undo", operation_id = "undo_import", tag = "imports",
    params(("fundId" = i64, Path), ("importId" = Uuid, Path)), responses((status = 200, body = ImportView)))]
async fn undo_import(
    State(state): State<AppState>,
    caller: Caller,
    scope: FundScope,
    path: Path<(i64, Uuid)>,
) -> Result<Json<ImportView>, ApiError> {
    let Path((_, id)) = path;
    let act = Act::new(&state, &caller, Some(scope.fund_id));
    let undone = state
        .store()
        .write(move |tx| {
            let import = imports::undo(tx, scope.fund_id, ImportId(id), &act.actor, act.now)?;
            act.record(tx, "import.undo", &format!("import:{id}"), &json!({ "name": import.origin.name }))?;
            Ok(import)
        })
        .await?;
    Ok(Json(view(undone)))
}

/// What a fund has said about its spreadsheets.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ImportMapping)]
struct MappingView {
    /// Role by name of the sheet: `settings`, `companies`, `lots`, `events`, `cases` or `ignore`. A CSV file's table is
    /// called "".
    sheets: BTreeMap<String, String>,
    /// For each sheet: column by header, or `ignore`.
    columns: BTreeMap<String, BTreeMap<String, String>>,
    /// Answers that hold for all files.
    answers: BTreeMap<String, String>,
    /// Send it with a PUT.
    version: i64,
}

fn mapping_view(mapping: Mapping, version: i64) -> Result<Response, ApiError> {
    let Mapping { sheets, columns, answers } = mapping;
    answer::record(version, &MappingView { sheets, columns, answers, version })
}

/// What the fund has said about its spreadsheets; empty, with version 0, when it has said nothing yet.
#[utoipa::path(get, path = "/api/funds/{fundId}/import-mapping", operation_id = "get_import_mapping", tag = "imports",
    params(("fundId" = i64, Path)), responses((status = 200, body = MappingView)))]
async fn get_import_mapping(State(state): State<AppState>, scope: FundScope) -> Result<Response, ApiError> {
    let (body, version) = state.store().read(move |tx| imports::mapping(tx, scope.fund_id)).await?;
    let mapping = body.and_then(|body| serde_json::from_str(&body).ok()).unwrap_or_default();
    mapping_view(mapping, version)
}

/// Says what the sheets and columns of a fund's spreadsheets mean, for this and all later imports.
#[utoipa::path(put, path = "/api/funds/{fundId}/import-mapping", operation_id = "put_import_mapping", tag = "imports",
    params(("fundId" = i64, Path), ("If-Match" = Option<String>, Header)),
    request_body = MappingView, responses((status = 200, body = MappingView)))]
async fn put_import_mapping(
    State(state): State<AppState>,
    caller: Caller,
    scope: FundScope,
    submission: Submission,
) -> Result<Response, ApiError> {
    let (version, mapping) = submission.read_change(read_mapping)?;
    let act = Act::new(&state, &caller, Some(scope.fund_id));
    let body = serde_json::to_string(&mapping).map_err(|error| ApiError::Internal(error.to_string()))?;
    let version = state
        .store()
        .write(move |tx| {
            let version = imports::put_mapping(tx, scope.fund_id, version, &body, act.now)?;
            act.record(tx, "import.map", &format!("fund:{}", scope.fund_id), &json!({ "version": version }))?;
            Ok(version)
        })
        .await?;
    mapping_view(mapping, version)
}

/// The template that spreadsheets are imported from, empty.
#[utoipa::path(get, path = "/api/funds/{fundId}/import-template.xlsx", operation_id = "get_import_template", tag = "imports",
    params(("fundId" = i64, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
async fn get_import_template(_: FundScope) -> Result<Response, ApiError> {
    let body = template::write(&Draft::default()).map_err(|error| ApiError::Internal(error.to_string()))?;
    Ok(answer::file(XLSX, "lotwise-import-template.xlsx", body))
}
