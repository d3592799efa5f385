//! Lots: `/api/funds/{fundId}/portfolio/lots` and `/api/lots/{lotId}`.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use moic::json::{Fields, Problems};
use moic::quantity::parse_date;
use moic::{lot_terms, quantity::Price};
use serde::Serialize;
use serde_json::json;
use store::lots::{self, Instrument, Lot, LotFilter, LotTerms, LotType, NewLot, PricingConfidence};
use store::{CompanyId, InvestmentId, LotId};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::AppState;
use crate::act::Act;
use crate::answer::{self, Created, Pagination};
use crate::auth::{Caller, FundScope};
use crate::body::{Change, Submission};
use crate::error::ApiError;
use crate::fields;
use crate::idempotency;
use crate::query::QueryFields;

const SHARE_CLASS_DEFAULT: &str = "COMMON";

pub(crate) fn reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_lots)).routes(routes!(get_lot))
}

pub(crate) fn guarded_writes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(create_lot)).routes(routes!(correct_lot))
}

/// What a client sends to create or correct a lot. Of shares, price and cost any two give the third.
#[derive(ToSchema)]
#[schema(as = NewLot, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the body that `read` takes apart")]
struct LotBody {
    /// Investment the lot was bought with; it decides the company.
    investment_id: i64,
    /// `initial`, `follow_on` or `secondary`.
    #[schema(example = "initial")]
    lot_type: String,
    /// `equity` (default), `safe`, `note` or `warrant`.
    instrument: Option<String>,
    /// Share class; `COMMON` by default, none for an unconverted SAFE or note.
    share_class: Option<String>,
    /// Date of the purchase.
    #[schema(example = "2022-01-31")]
    purchase_date: String,
    /// Shares, up to 8 decimals.
    #[schema(example = "518138.294565")]
    shares_acquired: Option<String>,
    /// Price per share in cents, up to 8 decimals.
    #[schema(example = "289.498")]
    share_price_cents: Option<String>,
    /// Cost in cents.
    #[schema(example = "150000000")]
    cost_basis_cents: Option<String>,
    /// Strike in cents: required for a warrant, none for anything else.
    strike_cents: Option<String>,
}

/// A lot.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Lot)]
struct LotView {
    /// UUID v7.
    id: Uuid,
    /// The fund that holds it.
    fund_id: i64,
    /// The company it is a stake in.
    company_id: i64,
    /// The investment it was bought with.
    investment_id: i64,
    /// `initial`, `follow_on` or `secondary`.
    lot_type: &'static str,
    /// `equity`, `safe`, `note` or `warrant`.
    instrument: &'static str,
    /// Share class.
    share_class: Option<String>,
    /// Date of the purchase.
    #[schema(value_type = String, format = Date)]
    purchase_date: jiff::civil::Date,
    /// Shares in shortest form.
    shares_acquired: Option<String>,
    /// Price per share in cents, in shortest form.
    share_price_cents: Option<String>,
    /// Cost in cents.
    cost_basis_cents: String,
    /// Strike in cents.
    strike_cents: Option<String>,
    /// How sure the price is of a lot made from a legacy investment: `calculated`, `verified` or `manual`.
    pricing_confidence: Option<&'static str>,
    /// Raised by every correction; send it with a PUT.
    version: i64,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    created_at: jiff::Timestamp,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    updated_at: jiff::Timestamp,
}

/// A page of lots.
#[derive(Serialize, ToSchema)]
struct LotList {
    lots: Vec<LotView>,
    pagination: Pagination,
}

fn view(lot: Lot) -> LotView {
    LotView {
        id: lot.id.0,
        fund_id: lot.fund_id.0,
        company_id: lot.company_id.0,
        investment_id: lot.investment_id.0,
        lot_type: lot.terms.lot_type.as_str(),
        instrument: lot.terms.instrument.as_str(),
        share_class: lot.terms.share_class,
        purchase_date: lot.terms.purchase_date,
        shares_acquired: lot.terms.shares,
        share_price_cents: lot.terms.share_price_cents,
        cost_basis_cents: lot.terms.cost_cents.to_string(),
        strike_cents: lot.terms.strike_cents,
        pricing_confidence: lot.pricing_confidence.map(PricingConfidence::as_str),
        version: lot.version,
        created_at: lot.created_at,
        updated_at: lot.updated_at,
    }
}

/// A lot as a request describes it, before it has an id.
#[derive(Clone)]
struct Purchase {
    investment_id: InvestmentId,
    terms: LotTerms,
}

impl Purchase {
    fn into_lot(self, id: LotId) -> NewLot {
        NewLot { id, investment_id: self.investment_id, terms: self.terms }
    }
}

fn read(fields: &mut Fields<'_, '_>, problems: &mut Problems) -> Option<Purchase> {
    let investment_id = fields::required_id(fields, "investmentId", problems);
    let lot_type = fields.required("lotType", problems, |text| fields::one_of(LotType::ALL, text));
    let instrument = fields
        .parsed("instrument", problems, |text| fields::one_of(Instrument::ALL, text))
        .unwrap_or(Instrument::Equity);
    let purchase_date = fields.required("purchaseDate", problems, parse_date);
    let amounts = match instrument {
        Instrument::Equity | Instrument::Warrant => read_shares(fields, problems),
        Instrument::Safe | Instrument::Note => read_promise(fields, problems),
    };
    let strike_cents = read_strike(fields, instrument, problems);
    let amounts = amounts?;
    Some(Purchase {
        investment_id: InvestmentId(investment_id?),
        terms: LotTerms {
            lot_type: lot_type?,
            instrument,
            share_class: amounts.share_class,
            purchase_date: purchase_date?,
            shares: amounts.shares,
            share_price_cents: amounts.price,
            cost_cents: amounts.cost_cents,
            strike_cents,
        },
    })
}

struct Amounts {
    share_class: Option<String>,
    shares: Option<String>,
    price: Option<String>,
    cost_cents: i64,
}

/// Shares: a class, and two of shares, price and cost.
fn read_shares(fields: &mut Fields<'_, '_>, problems: &mut Problems) -> Option<Amounts> {
    let share_class = fields.parsed("shareClass", problems, fields::name);
    let before = problems.len();
    let shares = fields.text("sharesAcquired", problems);
    let price = fields.text("sharePriceCents", problems);
    let cost = fields.text("costBasisCents", problems);
    if problems.len() > before {
        return None;
    }
    let terms = match lot_terms::complete(shares, price, cost) {
        Ok(terms) => terms,
        Err(found) => {
            found.into_iter().for_each(|problem| problems.add(problem));
            return None;
        }
    };
    Some(Amounts {
        share_class: Some(share_class.unwrap_or_else(|| SHARE_CLASS_DEFAULT.to_owned())),
        shares: Some(terms.shares.to_string()),
        price: Some(terms.price.to_string()),
        cost_cents: terms.cost.as_whole().and_then(|cents| i64::try_from(cents).ok())?,
    })
}

/// A SAFE or note: money for shares to come, so neither class nor shares nor price.
fn read_promise(fields: &mut Fields<'_, '_>, problems: &mut Problems) -> Option<Amounts> {
    for name in ["shareClass", "sharesAcquired", "sharePriceCents"] {
        if let Some(text) = fields.text(name, problems) {
            let path = fields.path().field(name);
            problems.push(&path, text, "does not belong to a SAFE or note before its conversion");
        }
    }
    let cost_cents = fields.required("costBasisCents", problems, fields::cents)?;
    Some(Amounts { share_class: None, shares: None, price: None, cost_cents })
}

fn read_strike(fields: &mut Fields<'_, '_>, instrument: Instrument, problems: &mut Problems) -> Option<String> {
    let parse = |text: &str| Price::parse(text).map(|price| price.to_string());
    if instrument == Instrument::Warrant {
        return fields.required("strikeCents", problems, parse);
    }
    let text = fields.text("strikeCents", problems)?;
    problems.push(&fields.path().field("strikeCents"), text, "belongs to a warrant only");
    None
}

/// The lots of a fund, in the order of their creation.
#[utoipa::path(get, path = "/api/funds/{fundId}/portfolio/lots", operation_id = "list_lots", tag = "lots",
    params(("fundId" = i64, Path), ("investmentId" = Option<i64>, Query), ("companyId" = Option<i64>, Query),
        ("lotType" = Option<String>, Query), ("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = LotList)))]
async fn list_lots(
    State(state): State<AppState>,
    scope: FundScope,
    mut query: QueryFields,
) -> Result<Json<LotList>, ApiError> {
    let page = query.page();
    let filter = LotFilter {
        investment_id: query.id("investmentId").map(InvestmentId),
        company_id: query.id("companyId").map(CompanyId),
        lot_type: query.parsed("lotType", |text| fields::one_of(LotType::ALL, text)),
    };
    query.finish()?;
    let listing = state.store().read(move |tx| lots::list(tx, scope.fund_id, &filter, &page)).await?;
    let pagination = Pagination::of(&listing);
    Ok(Json(LotList { lots: listing.items.into_iter().map(view).collect(), pagination }))
}

/// Creates a lot.
#[utoipa::path(post, path = "/api/funds/{fundId}/portfolio/lots", operation_id = "create_lot", tag = "lots",
    params(("fundId" = i64, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = LotBody, responses((status = 201, body = LotView)))]
async fn create_lot(
    State(state): State<AppState>,
    caller: Caller,
    scope: FundScope,
    submission: Submission,
) -> Result<Response, ApiError> {
    let fund_id = scope.fund_id;
    idempotency::create(&state, &caller, Some(fund_id), &submission, read, move |tx, act, new| {
        let id = LotId(store::ids::uuid_v7(act.now)?);
        let lot = lots::create(tx, fund_id, &new.clone().into_lot(id), act.now)?;
        act.record(tx, "lot.create", &format!("lot:{id}"), &json!({}))?;
        Created::record(format!("/api/lots/{id}"), &view(lot))
    })
    .await
}

/// One lot.
#[utoipa::path(get, path = "/api/lots/{lotId}", operation_id = "get_lot", tag = "lots",
    params(("lotId" = Uuid, Path)), responses((status = 200, body = LotView)))]
async fn get_lot(State(state): State<AppState>, Path(id): Path<Uuid>) -> Result<Response, ApiError> {
    let lot = state.store().read(move |tx| lots::get(tx, LotId(id))).await?;
    answer::record(lot.version, &view(lot))
}

/// Corrects a lot. The state before stays in history.
#[utoipa::path(put, path = "/api/lots/{lotId}", operation_id = "correct_lot", tag = "lots",
    params(("lotId" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    request_body = Change<LotBody>, responses((status = 200, body = LotView)))]
async fn correct_lot(
    State(state): State<AppState>,
    caller: Caller,
    scope: FundScope,
    Path(id): Path<Uuid>,
    submission: Submission,
) -> Result<Response, ApiError> {
    let (version, purchase) = submission.read_change(read)?;
    let new = purchase.into_lot(LotId(id));
    let act = Act::new(&state, &caller, Some(scope.fund_id));
    let lot = state
        .store()
        .write(move |tx| {
            let lot = lots::correct(tx, version, &new, act.now)?;
            act.record(tx, "lot.correct", &format!("lot:{id}"), &json!({ "version": lot.version }))?;
            Ok(lot)
        })
        .await?;
    answer::record(lot.version, &view(lot))
}
