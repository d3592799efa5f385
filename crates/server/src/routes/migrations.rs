//! `/api/funds/{fundId}/migrations/lots`: legacy investments into lots (C7). Looked at first, carried out as an import of
//! the fund's own records, and taken back like one.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use moic::json::{Fields, Problems, Value};
use moic::migration::{GivenTerms, MigrationOptions};
use moic::quantity::{Price, Ratio, Shares, parse_date};
use serde_json::json;
use store::imports::{self, ImportSource, Origin};
use store::{StoreError, investments, legacy_moic};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::imports::view as import_view;
use crate::AppState;
use crate::answer::{self, Created};
use crate::auth::{Caller, FundScope};
use crate::body::Submission;
use crate::error::ApiError;
use crate::fields;
use crate::idempotency;
use crate::migration::{self, Migration, MigrationReport};

/// Counts or terms that one request may give.
const GIVEN_MAX: usize = 100_000;

pub(crate) fn guarded_writes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(migrate_lots))
}

/// What a client sends to migrate legacy investments, or to see what would become of them.
#[derive(ToSchema)]
#[schema(as = LotMigration, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the body that `read` takes apart")]
struct MigrationBody {
    /// `true`: nothing is written, and the answer tells what would become of each investment.
    dry_run: bool,
    /// Fully diluted shares right after the round, by investment: given or confirmed by you.
    fully_diluted_by_investment: Option<BTreeMap<String, String>>,
    /// Fully diluted shares by company and the date they are in force from.
    fully_diluted_by_company: Option<BTreeMap<String, BTreeMap<String, String>>>,
    /// Terms you know, by investment: `{"shares": "1000"}` or `{"priceCents": "650.407"}`.
    given_terms: Option<BTreeMap<String, GivenTermsBody>>,
    /// Share class by name of the round; otherwise the class is called like the round.
    share_class_by_round: Option<BTreeMap<String, String>>,
    /// Investments above this amount are listed for review, in cents.
    review_above_cents: Option<String>,
    /// By which part of itself an amount may differ from ownership × valuation: 0.01 by default.
    tolerance: Option<String>,
}

/// Terms of one investment that are known.
#[derive(ToSchema)]
#[schema(as = GivenTerms, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the body that `read` takes apart")]
struct GivenTermsBody {
    /// Shares acquired.
    shares: Option<String>,
    /// Price per share in cents.
    price_cents: Option<String>,
}

/// A request as it was read.
#[derive(Clone)]
struct Asked {
    is_dry_run: bool,
    options: MigrationOptions,
}

fn read(fields: &mut Fields<'_, '_>, problems: &mut Problems) -> Option<Asked> {
    let before = problems.len();
    if !fields.has("dryRun") {
        fields.missing("dryRun", problems);
    }
    let is_dry_run = fields.boolean("dryRun", problems);
    let mut options = MigrationOptions {
        fully_diluted_by_investment: by_id(fields, "fullyDilutedByInvestment", problems, Shares::parse),
        share_class_by_round: classes(fields, problems),
        review_above_cents: fields.parsed("reviewAboveCents", problems, fields::cents),
        ..MigrationOptions::default()
    };
    if let Some(tolerance) = fields.parsed("tolerance", problems, Ratio::parse_probability) {
        options.tolerance = tolerance;
    }
    read_counts_of_companies(fields, &mut options, problems);
    read_given_terms(fields, &mut options, problems);
    (problems.len() == before).then_some(Asked { is_dry_run: is_dry_run?, options })
}

const NOT_AN_ID: &str = "must be the number of a record";
const NOT_A_TEXT: &str = "must be a text";

fn by_id<T, E: std::fmt::Display>(
    fields: &mut Fields<'_, '_>,
    name: &'static str,
    problems: &mut Problems,
    parse: impl Fn(&str) -> Result<T, E>,
) -> BTreeMap<i64, T> {
    let path = fields.path().field(name);
    let mut read = BTreeMap::new();
    for (key, value) in fields.map(name, GIVEN_MAX, problems) {
        let outcome = match (key.parse::<i64>(), value) {
            (Err(_), _) => Err(NOT_AN_ID.to_owned()),
            (Ok(id), Value::Str(text)) => parse(text).map(|value| (id, value)).map_err(|error| error.to_string()),
            (Ok(_), _) => Err(NOT_A_TEXT.to_owned()),
        };
        match outcome {
            Ok((id, value)) => {
                read.insert(id, value);
            }
            Err(message) => problems.push(&path.field(key), moic::json::shown(value), message),
        }
    }
    read
}

fn classes(fields: &mut Fields<'_, '_>, problems: &mut Problems) -> BTreeMap<String, String> {
    const NAME: &str = "shareClassByRound";
    let path = fields.path().field(NAME);
    let mut classes = BTreeMap::new();
    for (round, value) in fields.map(NAME, GIVEN_MAX, problems) {
        let class = match value {
            Value::Str(text) => fields::name(text),
            _ => Err(NOT_A_TEXT.to_owned()),
        };
        match class {
            Ok(class) => {
                classes.insert(round.to_owned(), class);
            }
            Err(message) => problems.push(&path.field(round), moic::json::shown(value), message),
        }
    }
    classes
}

fn read_counts_of_companies(fields: &mut Fields<'_, '_>, options: &mut MigrationOptions, problems: &mut Problems) {
    const NAME: &str = "fullyDilutedByCompany";
    let path = fields.path().field(NAME);
    for (company, value) in fields.map(NAME, GIVEN_MAX, problems) {
        let path = path.field(company);
        let (Ok(company), Value::Object(counts)) = (company.parse::<i64>(), value) else {
            problems.push(
                &path,
                moic::json::shown(value),
                "must be the number of a company with an object of counts by date",
            );
            continue;
        };
        for (date, count) in counts.iter() {
            let read = match count {
                Value::Str(text) => parse_date(date)
                    .and_then(|date| Ok((date, Shares::parse(text)?)))
                    .map_err(|error| error.to_string()),
                _ => Err(NOT_A_TEXT.to_owned()),
            };
            match read {
                Ok((date, count)) => {
                    options.fully_diluted_by_company.entry(company).or_default().insert(date, count);
                }
                Err(message) => problems.push(&path.field(date), moic::json::shown(count), message),
            }
        }
    }
}

fn read_given_terms(fields: &mut Fields<'_, '_>, options: &mut MigrationOptions, problems: &mut Problems) {
    const NAME: &str = "givenTerms";
    let path = fields.path().field(NAME);
    for (investment, value) in fields.map(NAME, GIVEN_MAX, problems) {
        let path = path.field(investment);
        let Ok(id) = investment.parse::<i64>() else {
            problems.push(&path, investment, NOT_AN_ID);
            continue;
        };
        let Some(mut given) = Fields::of(value, &path, problems) else { continue };
        let shares = given.parsed("shares", problems, Shares::parse);
        let price = given.parsed("priceCents", problems, Price::parse);
        given.finish(problems);
        options.given_terms.insert(id, GivenTerms { shares, price });
    }
}

/// Migrates the legacy investments that no lot belongs to yet. Shares and price follow from the post-money valuation and
/// the fully diluted shares that you give; nothing is assumed in their place. With `"dryRun": true` the answer tells what
/// becomes of each investment, what should be looked at, and legacy and lot-level MOIC side by side. Without, what can be
/// migrated is written in one transaction: the legacy records stay as they are, and `…/imports/{importId}/undo` takes the
/// lots back.
#[utoipa::path(post, path = "/api/funds/{fundId}/migrations/lots", operation_id = "migrate_lots", tag = "imports",
    params(("fundId" = i64, Path), ("Idempotency-Key" = Option<String>, Header)), request_body = MigrationBody,
    responses((status = 200, body = MigrationReport), (status = 201, body = super::imports::ImportView)))]
async fn migrate_lots(
    State(state): State<AppState>,
    caller: Caller,
    scope: FundScope,
    submission: Submission,
) -> Result<Response, ApiError> {
    let fund_id = scope.fund_id;
    let reading = submission.read_creation(read)?;
    if let Ok(Asked { is_dry_run: true, options }) = &reading.value {
        let options = options.clone();
        let migration = state.store().read(move |tx| planned(tx, fund_id, &options)).await?;
        return answer::plain(StatusCode::OK, &migration.report());
    }
    let actor = caller.key();
    idempotency::create_from(&state, &caller, Some(fund_id), &submission, reading, move |tx, act, asked| {
        let migration = planned(tx, fund_id, &asked.options)?;
        let incoming = migration.incoming();
        if incoming.companies.is_empty() {
            let message = "no investment can be migrated: a dry run tells what each needs";
            return Err(StoreError::Invalid(vec![moic::Problem::new("", "", message)]));
        }
        let plan = imports::plan(tx, fund_id, &incoming, act.now)?;
        let counts = crate::imports::Counts::of(&plan);
        let kept = serde_json::to_string(&counts).map_err(|error| StoreError::Internal(error.to_string()))?;
        let origin = Origin {
            source: ImportSource::Legacy,
            name: "Legacy investments".to_owned(),
            content_hash: migration.fingerprint(),
            actor: actor.clone(),
        };
        let import = imports::apply(tx, fund_id, &incoming, &plan, (origin, kept), act.now)?;
        act.record(tx, "migration.apply", &format!("import:{}", import.id), &json!({ "counts": counts }))?;
        Created::record(format!("/api/funds/{fund_id}/imports/{}", import.id), &import_view(import))
    })
    .await
}

fn planned(
    tx: &mut store::Transaction<'_>,
    fund_id: store::FundId,
    options: &MigrationOptions,
) -> Result<Migration, StoreError> {
    let investments = investments::without_lots(tx, fund_id)?;
    let legacy = legacy_moic::inputs(tx, fund_id)?;
    let references = imports::references(tx, fund_id)?;
    Ok(migration::plan(investments, legacy, references, options))
}
