//! `/api/audit`: the whole audit log, for administrators.

use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::audit_trail::{self, AuditList};
use crate::auth::Caller;
use crate::error::ApiError;
use crate::query::QueryFields;

pub(crate) fn administration() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_audit))
}

/// Everything that was done, the oldest first: each entry with the hash of the one before. Sign-ins are among it.
#[utoipa::path(get, path = "/api/audit", operation_id = "list_audit", tag = "audit",
    params(("subject" = Option<String>, Query, description = "As in person:1 or sign_in:password; all by default"),
        ("limit" = Option<i64>, Query), ("cursor" = Option<i64>, Query, description = "The last sequence seen")),
    responses((status = 200, body = AuditList)))]
async fn list_audit(
    State(state): State<AppState>,
    caller: Caller,
    mut query: QueryFields,
) -> Result<Json<AuditList>, ApiError> {
    caller.must_see_all_funds("read the audit log")?;
    let subject = query.text("subject");
    audit_trail::list(&state, subject, query).await
}
