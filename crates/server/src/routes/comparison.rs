//! `/api/snapshots/{a}/compare/{b}`: what changed between two snapshots of a fund, and why.

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use serde_json::Value;
use store::portfolio::{self, Scope};
use store::snapshots::{self, Snapshot};
use store::{SnapshotId, StoreError, Transaction};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::snapshots::{SnapshotView, view};
use crate::AppState;
use crate::comparison::{Changes, Side, compare};
use crate::error::ApiError;

pub(crate) fn guarded_reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(compare_snapshots))
}

/// Two snapshots and what changed from the first to the second.
#[derive(Serialize, ToSchema)]
#[schema(as = SnapshotComparison)]
struct ComparisonView {
    /// The first.
    a: SnapshotView,
    /// The second.
    b: SnapshotView,
    /// Lens by lens, and why.
    #[serde(flatten)]
    changes: Changes,
}

/// What changed between two complete snapshots of one fund: lens by lens, and why (lots, marks, cases).
#[utoipa::path(get, path = "/api/snapshots/{a}/compare/{b}", operation_id = "compare_snapshots", tag = "snapshots",
    params(("a" = Uuid, Path), ("b" = Uuid, Path)), responses((status = 200, body = ComparisonView)))]
async fn compare_snapshots(
    State(state): State<AppState>,
    path: Path<(Uuid, Uuid)>,
) -> Result<Json<ComparisonView>, ApiError> {
    let Path((a, b)) = path;
    let (a, b) = state.store().read(move |tx| Ok((load(tx, SnapshotId(a))?, load(tx, SnapshotId(b))?))).await?;
    if a.snapshot.fund_id != b.snapshot.fund_id {
        let message = "belongs to another fund than the first; compare snapshots of one fund";
        return Err(ApiError::invalid("b", b.snapshot.id.to_string(), message));
    }
    let (snapshot_a, side_a) = a.parse()?;
    let (snapshot_b, side_b) = b.parse()?;
    let changes = compare(&side_a, &side_b);
    Ok(Json(ComparisonView { a: view(snapshot_a), b: view(snapshot_b), changes }))
}

struct Loaded {
    snapshot: Snapshot,
    result: Option<String>,
    document: Vec<u8>,
}

/// A snapshot with its result, and the document it was made of: the facts of its instant, read again.
fn load(tx: &mut Transaction<'_>, id: SnapshotId) -> Result<Loaded, StoreError> {
    let snapshot = snapshots::get(tx, id)?;
    let result = snapshots::result(tx, &snapshot)?;
    let document = portfolio::document(tx, snapshot.fund_id, Scope::Fund, snapshot.as_of, snapshot.known_at)?;
    Ok(Loaded { snapshot, result, document })
}

impl Loaded {
    fn parse(self) -> Result<(Snapshot, Side), ApiError> {
        let Some(result) = self.result else {
            let message = format!(
                "snapshot {} is {}: only complete ones can be compared",
                self.snapshot.id, self.snapshot.status
            );
            return Err(ApiError::Conflict(message));
        };
        let parse = |bytes: &[u8]| {
            serde_json::from_slice::<Value>(bytes)
                .map_err(|error| ApiError::Internal(format!("snapshot {}: {error}", self.snapshot.id)))
        };
        let side = Side { result: parse(result.as_bytes())?, document: parse(&self.document)? };
        Ok((self.snapshot, side))
    }
}
