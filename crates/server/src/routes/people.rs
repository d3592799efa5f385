//! `/api/people`: who tokens and sessions belong to, how they sign in, and what they may do then.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use moic::json::{Fields, Problems};
use serde::Serialize;
use serde_json::json;
use store::people::{self, Person, PersonChange};
use store::tokens::{Grant, Role};
use store::{PersonId, StoreError, sessions};
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, SchemaType, Type};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::tokens::{missing_funds, read_funds};
use crate::AppState;
use crate::act::Act;
use crate::answer::{self, Created, Pagination};
use crate::auth::Caller;
use crate::body::{Change, Submission};
use crate::error::ApiError;
use crate::fields;
use crate::idempotency;
use crate::query::QueryFields;
use crate::sign_in;

/// How long a link that an administrator makes can be opened.
const LINK_LENGTH: SignedDuration = SignedDuration::from_hours(24);

pub(crate) fn administration() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_people, create_person))
        .routes(routes!(get_person, change_person))
        .routes(routes!(set_person_password))
        .routes(routes!(create_sign_in_link))
        .routes(routes!(end_person_sessions))
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
    /// What they sign in as; null without such a name.
    sign_in_name: Option<String>,
    /// What they may do once signed in with a password, at a provider, or with a link made for them: viewer, analyst,
    /// approver, operator or admin. Null for somebody who cannot sign in so.
    role: Option<&'static str>,
    /// Funds they may see then; null for all.
    fund_ids: Option<Vec<i64>>,
    /// When their password was set; null without one. RFC 3339.
    #[schema(value_type = Option<String>, format = DateTime)]
    password_changed_at: Option<Timestamp>,
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
        sign_in_name: person.sign_in_name,
        role: person.access.as_ref().map(|access| access.role.as_str()),
        fund_ids: person
            .access
            .and_then(|access| access.funds)
            .map(|funds| funds.into_iter().map(|fund| fund.0).collect()),
        password_changed_at: person.password_changed_at,
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
async fn list_people(
    State(state): State<AppState>,
    caller: Caller,
    mut query: QueryFields,
) -> Result<Json<PersonList>, ApiError> {
    caller.must_see_all_funds("administer people")?;
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
    caller.must_see_all_funds("administer people")?;
    idempotency::create(&state, &caller, None, &submission, read, |tx, act, name| {
        let person = people::create(tx, name, act.now)?;
        act.record(tx, "person.create", &person.id.key(), &json!({}))?;
        Created::record("/api/people".to_owned(), &view(person))
    })
    .await
}

/// One person.
#[utoipa::path(get, path = "/api/people/{personId}", operation_id = "get_person", tag = "people",
    params(("personId" = i64, Path)), responses((status = 200, body = PersonView)))]
async fn get_person(State(state): State<AppState>, caller: Caller, Path(id): Path<i64>) -> Result<Response, ApiError> {
    caller.must_see_all_funds("administer people")?;
    let person = state.store().read(move |tx| people::get(tx, PersonId(id))).await?;
    answer::record(person.version, &view(person))
}

/// What a client sends to change a person.
#[derive(ToSchema)]
#[schema(as = PersonFields, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the body that `read_person` takes apart")]
struct PersonFields {
    /// Name, up to 200 characters.
    name: String,
    /// What they sign in as, such as an e-mail address: one word of up to 200 characters. Capitals do not matter.
    sign_in_name: Option<String>,
    /// viewer, analyst, approver, operator or admin; without a role they cannot sign in with a password.
    #[schema(schema_with = role_schema)]
    role: Option<String>,
    /// Funds they may see; all by default.
    fund_ids: Option<Vec<i64>>,
}

/// Roles that people can have: the one of flag clients is for services.
/// What a person may be, or nothing.
fn role_schema() -> Object {
    let words = ROLES.iter().map(|role| Some(role.as_str())).chain([None]);
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .description(Some("Without a role they cannot sign in with a password."))
        .enum_values(Some(words))
        .build()
}

const ROLES: [Role; 5] = [Role::Viewer, Role::Analyst, Role::Approver, Role::Operator, Role::Admin];

fn read_person(fields: &mut Fields<'_, '_>, problems: &mut Problems) -> Option<PersonChange> {
    let name = fields.required("name", problems, fields::name);
    let sign_in_name = fields.parsed("signInName", problems, sign_in::sign_in_name);
    let role = fields.parsed("role", problems, |text| fields::one_of(&ROLES, text));
    let names_funds = fields.has("fundIds");
    let funds = read_funds(fields, problems);
    let access = role.map(|role| Grant { role, funds: names_funds.then_some(funds) });
    Some(PersonChange { name: name?, sign_in_name, access })
}

/// Changes a person. Where what they may do changes, their sessions end, so that none goes on with more than it should; but
/// the one that makes the change.
#[utoipa::path(put, path = "/api/people/{personId}", operation_id = "change_person", tag = "people",
    params(("personId" = i64, Path), ("If-Match" = Option<String>, Header)),
    request_body = Change<PersonFields>, responses((status = 200, body = PersonView)))]
async fn change_person(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    submission: Submission,
) -> Result<Response, ApiError> {
    caller.must_see_all_funds("administer people")?;
    let (version, new) = submission.read_change(read_person)?;
    let act = Act::new(&state, &caller, None);
    let id = PersonId(id);
    // Whoever changes themselves stays: the first administrator has only the link that brought them.
    let kept = caller.signed_in().ok().filter(|(person, _)| *person == id).map(|(_, session)| session.id.clone());
    let changed = state.store().write(move |tx| {
        let before = people::get(tx, id)?;
        let missing = new.access.as_ref().map(|access| missing_funds(tx, access)).unwrap_or_default();
        if !missing.is_empty() {
            return Err(StoreError::Invalid(missing));
        }
        let person = people::change(tx, id, version, &new, act.now)?;
        let ended = if before.access == person.access { 0 } else { sessions::end_all(tx, id, kept.as_deref())? };
        let details = json!({ "before": access_of(&before), "after": access_of(&person), "sessionsEnded": ended });
        act.record(tx, "person.change", &id.key(), &details)?;
        Ok(person)
    });
    let person = changed.await?;
    state.memory().forget_callers();
    answer::record(person.version, &view(person))
}

fn access_of(person: &Person) -> serde_json::Value {
    let access = person.access.as_ref();
    json!({ "signInName": person.sign_in_name, "role": access.map(|access| access.role),
        "funds": access.and_then(|access| access.funds.as_ref()).map(|funds| funds.iter().map(|fund| fund.0).collect::<Vec<_>>()) })
}

/// A password for somebody else.
#[derive(ToSchema)]
#[schema(as = PersonPassword)]
#[expect(dead_code, reason = "documents the body that the handler takes apart")]
struct PasswordBody {
    /// At least 12 characters, at most 256 bytes, and not easily guessed.
    #[schema(min_length = 12)]
    password: String,
}

/// Sets a person's password; their sessions end. Better give them a link, with which they set their own.
#[utoipa::path(put, path = "/api/people/{personId}/password", operation_id = "set_person_password", tag = "people",
    params(("personId" = i64, Path)), request_body = PasswordBody, responses((status = 204)))]
async fn set_person_password(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    submission: Submission,
) -> Result<StatusCode, ApiError> {
    caller.must_see_all_funds("administer people")?;
    let id = PersonId(id);
    let person = state.store().read(move |tx| people::get(tx, id)).await?;
    let password = submission
        .read(|fields, problems| fields.required("password", problems, |text| Ok::<_, String>(text.to_owned())))?;
    let hash = sign_in::hash_of_new(&state, &person, &password).await?;
    let act = Act::new(&state, &caller, None);
    state
        .store()
        .write(move |tx| {
            people::set_password(tx, id, &hash, act.now)?;
            let ended = sessions::end_all(tx, id, None)?;
            act.record(tx, "password.set", &id.key(), &json!({ "sessionsEnded": ended }))
        })
        .await?;
    state.memory().forget_callers();
    Ok(StatusCode::NO_CONTENT)
}

/// A link that signs a person in once.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignInLink)]
struct LinkView {
    /// Path and query to open in a browser, shown this once.
    path: String,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Makes a link that signs a person in once, within a day, with their role. Signed in so, they can set a password without
/// the old one. A repeated request makes another link.
#[utoipa::path(post, path = "/api/people/{personId}/sign-in-links", operation_id = "create_sign_in_link", tag = "people",
    params(("personId" = i64, Path)), responses((status = 201, body = LinkView)))]
async fn create_sign_in_link(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<Response, ApiError> {
    caller.must_see_all_funds("administer people")?;
    let (id, act) = (PersonId(id), Act::new(&state, &caller, None));
    let expires_at = act.now.checked_add(LINK_LENGTH).unwrap_or(Timestamp::MAX);
    let secret = state
        .store()
        .write(move |tx| {
            let Some(access) = people::get(tx, id)?.access else {
                let message = "this person has no role: give them one, so that a link can bring it".to_owned();
                return Err(StoreError::Conflict { constraint: NO_ROLE.to_owned(), message });
            };
            let secret = sessions::create_login(tx, id, &access, expires_at, act.now)?;
            act.record(tx, "sign_in_link.create", &id.key(), &json!({ "role": access.role }))?;
            Ok(secret)
        })
        .await?;
    let view = LinkView { path: format!("/?token={}", secret.reveal()), expires_at };
    answer::plain(StatusCode::CREATED, &view)
}

/// Rule that a link brings a role.
pub(crate) const NO_ROLE: &str = "person_without_role";

/// Signs a person out everywhere.
#[utoipa::path(delete, path = "/api/people/{personId}/sessions", operation_id = "end_person_sessions", tag = "people",
    params(("personId" = i64, Path)), responses((status = 204)))]
async fn end_person_sessions(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<StatusCode, ApiError> {
    caller.must_see_all_funds("administer people")?;
    sign_in::end_everywhere(&state, &caller, PersonId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
