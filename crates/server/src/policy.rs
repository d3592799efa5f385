//! The `policy` object of a fund: the one of the portfolio document, checked by the engine itself.

use moic::json::{Fields, Path, Problems};
use moic::{DocumentError, Portfolio};
use utoipa::ToSchema;

use crate::fields;

/// How a fund's lots are relieved, bucketed and priced.
#[derive(ToSchema)]
#[schema(as = Policy, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the object that the engine checks")]
pub(crate) struct PolicyBody {
    /// specific (default), fifo, lifo, hifo or `pro_rata`.
    lot_relief: Option<String>,
    /// `by_position` (default), `follow_on` or separate.
    secondary_bucket: Option<String>,
    /// cost (default) or "null".
    unpriced_convertible: Option<String>,
    /// Whether unpriced companies are left out of the current lenses; false by default.
    exclude_unpriced: Option<bool>,
}

/// Takes `policy`; the JSON text to store, or none for the defaults.
pub(crate) fn read(fields: &mut Fields<'_, '_>, problems: &mut Problems) -> Option<String> {
    let policy = fields::object(fields, "policy", problems)?.to_string();
    let document = format!("{{\"asOf\":\"2000-01-01\",\"policy\":{policy},\"companies\":[]}}");
    match Portfolio::from_json(document.as_bytes()) {
        Ok(_) => return Some(policy),
        Err(DocumentError::Invalid(found)) => found.into_iter().for_each(|problem| problems.add(problem)),
        Err(DocumentError::Syntax(error)) => problems.push(&Path::root().field("policy"), policy, error.message),
    }
    None
}
