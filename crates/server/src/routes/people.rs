//! `/api/people`: who tokens and sessions belong to.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use moic::json::{Fields, Problems};
use serde::Serialize;
use serde_json::json;
use store::people::{self, Person};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::answer::{Created, Pagination};
use crate::auth::Caller;
use crate::body::Submission;
use crate::error::ApiError;
use crate::fields;
use crate::idempotency;
use crate::query::QueryFields;

pub(crate) fn administration() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_people, create_person))
}

/// What a client sends to enter a person.
#[derive(ToSchema)]
#[schema(as = NewPerson)]
#[expect(dead_code, reason = "documents the body that `read` takes apart")]
struct PersonBody {
    /// Name, up to 200 characters.
    name: String,
}

/// A person.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Person)]
struct PersonView {
    /// Id; the targeting key is `person:<id>`.
    id: i64,
    /// Name.
    name: String,
    /// Version.
    version: i64,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// A page of people.
#[derive(Serialize, ToSchema)]
struct PersonList {
    people: Vec<PersonView>,
    pagination: Pagination,
}

fn view(person: Person) -> PersonView {
    PersonView {
        id: person.id.0,
        name: person.name,
        version: person.version,
        created_at: person.created_at,
        updated_at: person.updated_at,
    }
}

fn read(fields: &mut Fields<'_, '_>, problems: &mut Problems) -> Option<String> {
    fields.required("name", problems, fields::name)
}

/// Everybody.
#[utoipa::path(get, path = "/api/people", operation_id = "list_people", tag = "people",
    params(("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)), responses((status = 200, body = PersonList)))]
async fn list_people(State(state): State<AppState>, mut query: QueryFields) -> Result<Json<PersonList>, ApiError> {
    let page = query.page();
    query.finish()?;
    let listing = state.store().read(move |tx| people::list(tx, &page)).await?;
    let pagination = Pagination::of(&listing);
    Ok(Json(PersonList { people: listing.items.into_iter().map(view).collect(), pagination }))
}

/// Enters a person.
#[utoipa::path(post, path = "/api/people", operation_id = "create_person", tag = "people",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = PersonBody, responses((status = 201, body = PersonView)))]
async fn create_person(
    State(state): State<AppState>,
    caller: Caller,
    submission: Submission,
) -> Result<Response, ApiError> {
    idempotency::create(&state, &caller, None, &submission, read, |tx, act, name| {
        let person = people::create(tx, name, act.now)?;
        act.record(tx, "person.create", &format!("person:{}", person.id), &json!({}))?;
        Created::record("/api/people".to_owned(), &view(person))
    })
    .await
}
