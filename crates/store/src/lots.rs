//! Lots: one purchase of one security. A correction replaces the current row and leaves every version in history.

use jiff::{Timestamp, civil::Date};
use moic::LOTS_PER_COMPANY_MAX;

use crate::{
    CompanyId, FundId, InvestmentId, Listing, LotId, Page, StoreError, Transaction, clock_floor, companies,
    document_check::{self, NewFact},
    funds, investments,
    row::{Row, params},
    statements::statements,
    words::words,
};

words! {
    /// Why a lot was bought.
    LotType {
        /// The first purchase in a company.
        Initial = moic::LotType::Initial.name(),
        /// A later purchase from the company.
        FollowOn = moic::LotType::FollowOn.name(),
        /// A purchase from another holder.
        Secondary = moic::LotType::Secondary.name(),
    }
}

words! {
    /// How sure the price of a lot is that was made from a legacy investment.
    PricingConfidence {
        /// It follows from a valuation and a count of shares.
        Calculated = moic::migration::PricingConfidence::Calculated.name(),
        /// It does, and what the investment says of its ownership agrees; or a person has confirmed it.
        Verified = moic::migration::PricingConfidence::Verified.name(),
        /// A person gave it.
        Manual = moic::migration::PricingConfidence::Manual.name(),
    }
}

impl From<moic::LotType> for LotType {
    fn from(lot_type: moic::LotType) -> Self {
        match lot_type {
            moic::LotType::Initial => Self::Initial,
            moic::LotType::FollowOn => Self::FollowOn,
            moic::LotType::Secondary => Self::Secondary,
        }
    }
}

impl From<moic::migration::PricingConfidence> for PricingConfidence {
    fn from(confidence: moic::migration::PricingConfidence) -> Self {
        match confidence {
            moic::migration::PricingConfidence::Calculated => Self::Calculated,
            moic::migration::PricingConfidence::Verified => Self::Verified,
            moic::migration::PricingConfidence::Manual => Self::Manual,
        }
    }
}

words! {
    /// What was bought.
    Instrument {
        /// Shares.
        Equity = "equity",
        /// A simple agreement for future equity.
        Safe = "safe",
        /// A convertible note.
        Note = "note",
        /// A warrant.
        Warrant = "warrant",
    }
}

/// What a lot says, apart from where it belongs. The caller has completed shares, price and cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LotTerms {
    /// Why it was bought.
    pub lot_type: LotType,
    /// What was bought.
    pub instrument: Instrument,
    /// The share class; none for an unconverted SAFE or note.
    pub share_class: Option<String>,
    /// When it was bought.
    pub purchase_date: Date,
    /// Shares with up to 8 decimals, in shortest form; none for an unconverted SAFE or note.
    pub shares: Option<String>,
    /// Price per share in cents with up to 8 decimals, or an exact fraction.
    pub share_price_cents: Option<String>,
    /// What was paid, in cents.
    pub cost_cents: i64,
    /// A warrant's strike in cents.
    pub strike_cents: Option<String>,
}

/// A lot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot {
    /// Its id.
    pub id: LotId,
    /// The fund that holds it.
    pub fund_id: FundId,
    /// The company it is a stake in.
    pub company_id: CompanyId,
    /// The investment it was bought with.
    pub investment_id: InvestmentId,
    /// What it says.
    pub terms: LotTerms,
    /// How sure its price is; only lots made from legacy investments say it.
    pub pricing_confidence: Option<PricingConfidence>,
    /// Raised by every correction; from 1.
    pub version: i64,
    /// When this version was recorded.
    pub recorded_at: Timestamp,
    /// When the lot was created.
    pub created_at: Timestamp,
    /// When it was last corrected.
    pub updated_at: Timestamp,
}

/// What is needed to create a lot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLot {
    /// A new UUID v7, from [`crate::ids::uuid_v7`].
    pub id: LotId,
    /// The investment it was bought with; it decides the company.
    pub investment_id: InvestmentId,
    /// What it says.
    pub terms: LotTerms,
}

/// Which lots of a fund to list; all by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LotFilter {
    /// Those bought with this investment.
    pub investment_id: Option<InvestmentId>,
    /// Those of this company.
    pub company_id: Option<CompanyId>,
    /// Those of this type.
    pub lot_type: Option<LotType>,
}

macro_rules! columns {
    () => {
        "id, fund_id, company_id, investment_id, lot_type, instrument, share_class, purchase_date, shares, \
         share_price_cents, cost_cents, strike_cents, version, recorded_at, created_at, updated_at, pricing_confidence"
    };
}

macro_rules! page {
    ($next:literal, $last:literal) => {
        concat!(" AND id > $", $next, " AND withdrawn_at IS NULL ORDER BY id LIMIT $", $last)
    };
}

statements! { "lots";
    INSERT = concat!("INSERT INTO lots (", columns!(), ") \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13, $14, $15, $16)");
    INSERT_VERSION = "INSERT INTO lot_versions (fund_id, company_id, lot_id, version, recorded_at, lot_type, \
        instrument, share_class, purchase_date, shares, share_price_cents, cost_cents, strike_cents) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    GET = concat!("SELECT ", columns!(), " FROM lots WHERE id = $1 AND withdrawn_at IS NULL");
    LIST = concat!("SELECT ", columns!(), " FROM lots WHERE fund_id = $1 \
        AND (CAST($2 AS TEXT) IS NULL OR lot_type = CAST($2 AS TEXT))", page!("3", "4"));
    LIST_OF_COMPANY = concat!("SELECT ", columns!(), " FROM lots WHERE company_id = $1 AND fund_id = $2 \
        AND (CAST($3 AS TEXT) IS NULL OR lot_type = CAST($3 AS TEXT))", page!("4", "5"));
    LIST_OF_INVESTMENT = concat!("SELECT ", columns!(), " FROM lots WHERE investment_id = $1 AND fund_id = $2 \
        AND (CAST($3 AS TEXT) IS NULL OR lot_type = CAST($3 AS TEXT)) \
        AND (CAST($4 AS BIGINT) IS NULL OR company_id = CAST($4 AS BIGINT))", page!("5", "6"));
    UPDATE = concat!("UPDATE lots SET company_id = $1, investment_id = $2, lot_type = $3, instrument = $4, \
        share_class = $5, purchase_date = $6, shares = $7, share_price_cents = $8, cost_cents = $9, \
        strike_cents = $10, version = version + 1, recorded_at = $11, updated_at = $12, \
        pricing_confidence = CASE WHEN pricing_confidence IS NULL THEN NULL ELSE 'manual' END \
        WHERE id = $13 AND version = $14 RETURNING ", columns!());
    HAS_CLASS = "SELECT CAST(1 AS BIGINT) FROM lots WHERE company_id = $1 AND share_class = $2 \
        AND withdrawn_at IS NULL LIMIT 1";
}

/// Creates a lot. A further lot of a known share class cannot make the rest of its company invalid, so only the lot itself
/// is checked then, whatever the size of the company.
///
/// # Errors
/// `Invalid` with paths into the lot, also at `investmentId` when the fund has no such investment.
pub fn create(tx: &mut Transaction<'_>, fund_id: FundId, new: &NewLot, now: Timestamp) -> Result<Lot, StoreError> {
    document_check::lot(new.id, &new.terms)?;
    let recorded_at = clock_floor::next(tx, now)?;
    let company_id = company_of(tx, fund_id, new.investment_id)?;
    if !companies::count_lots(tx, company_id, 1)? {
        let message = format!("its company {company_id} has {LOTS_PER_COMPANY_MAX} lots, and can have no more");
        return Err(StoreError::invalid("investmentId", &new.investment_id, message));
    }
    let terms = &new.terms;
    let known_class =
        terms.share_class.is_none() || tx.row(HAS_CLASS, params![company_id, terms.share_class.as_ref()])?.is_some();
    let place = (fund_id, company_id, new.investment_id);
    let lot = insert(tx, new.id, place, terms, None, (recorded_at, now))?;
    funds::raise_revision(tx, fund_id)?;
    if !known_class {
        document_check::company(tx, fund_id, company_id, now, &NewFact::Lot(new.id))?;
    }
    Ok(lot)
}

/// Writes a lot that the caller has checked and counted.
pub(crate) fn insert(
    tx: &mut Transaction<'_>,
    id: LotId,
    (fund_id, company_id, investment_id): (FundId, CompanyId, InvestmentId),
    terms: &LotTerms,
    pricing_confidence: Option<PricingConfidence>,
    (recorded_at, now): (Timestamp, Timestamp),
) -> Result<Lot, StoreError> {
    let values = params![
        id,
        fund_id,
        company_id,
        investment_id,
        terms.lot_type.as_str(),
        terms.instrument.as_str(),
        terms.share_class.as_ref(),
        terms.purchase_date,
        terms.shares.as_ref(),
        terms.share_price_cents.as_ref(),
        terms.cost_cents,
        terms.strike_cents.as_ref(),
        recorded_at,
        now,
        now,
        pricing_confidence.map(PricingConfidence::as_str),
    ];
    tx.execute(INSERT, values)?;
    let lot = Lot {
        id,
        fund_id,
        company_id,
        investment_id,
        terms: terms.clone(),
        pricing_confidence,
        version: 1,
        recorded_at,
        created_at: now,
        updated_at: now,
    };
    record_version(tx, &lot)?;
    Ok(lot)
}

/// Reads a lot of any fund: the caller decides whether its fund may be seen.
///
/// # Errors
/// `NotFound`.
pub fn get(tx: &mut Transaction<'_>, id: LotId) -> Result<Lot, StoreError> {
    match tx.row(GET, params![id])? {
        Some(row) => lot(&row),
        None => Err(StoreError::not_found("lot", &id)),
    }
}

/// Lists a fund's lots in the order of their creation.
///
/// # Errors
/// What the database answers.
pub fn list(
    tx: &mut Transaction<'_>,
    fund_id: FundId,
    filter: &LotFilter,
    page: &Page,
) -> Result<Listing<Lot>, StoreError> {
    let (after, fetch) = (page.after_text(), page.fetch());
    let lot_type = filter.lot_type.map(LotType::as_str);
    let lots = match (filter.investment_id, filter.company_id) {
        (Some(investment), company) => {
            let values = params![investment, fund_id, lot_type, company, after, fetch];
            tx.list(LIST_OF_INVESTMENT, values, lot)?
        }
        (None, Some(company)) => tx.list(LIST_OF_COMPANY, params![company, fund_id, lot_type, after, fetch], lot)?,
        (None, None) => tx.list(LIST, params![fund_id, lot_type, after, fetch], lot)?,
    };
    Ok(Listing::cut(lots, page, |lot| lot.id.to_string()))
}

/// Corrects a lot that still has `version`; it may move to another investment of the same company. The company's whole
/// document is checked again.
///
/// # Errors
/// `NotFound`; `VersionConflict`; `Invalid` with paths into the lot, or into the company's document where the correction
/// contradicts something else.
pub fn correct(tx: &mut Transaction<'_>, version: i64, new: &NewLot, now: Timestamp) -> Result<Lot, StoreError> {
    let recorded_at = clock_floor::next(tx, now)?;
    let current = get(tx, new.id)?;
    if current.version != version {
        return Err(StoreError::VersionConflict { current: current.version });
    }
    if company_of(tx, current.fund_id, new.investment_id)? != current.company_id {
        let message = format!("the lot belongs to company {}: name an investment in it", current.company_id);
        return Err(StoreError::invalid("investmentId", &new.investment_id, message));
    }
    document_check::lot(new.id, &new.terms)?;
    let moved = Lot { investment_id: new.investment_id, ..current };
    let corrected = replace(tx, &moved, &new.terms, (recorded_at, now))?;
    funds::raise_revision(tx, corrected.fund_id)?;
    document_check::company(tx, corrected.fund_id, corrected.company_id, now, &NewFact::Lot(new.id))?;
    Ok(corrected)
}

/// Writes what a lot says from now on, where it still has the version of `current`; the caller has checked it.
pub(crate) fn replace(
    tx: &mut Transaction<'_>,
    current: &Lot,
    terms: &LotTerms,
    (recorded_at, now): (Timestamp, Timestamp),
) -> Result<Lot, StoreError> {
    let values = params![
        current.company_id,
        current.investment_id,
        terms.lot_type.as_str(),
        terms.instrument.as_str(),
        terms.share_class.as_ref(),
        terms.purchase_date,
        terms.shares.as_ref(),
        terms.share_price_cents.as_ref(),
        terms.cost_cents,
        terms.strike_cents.as_ref(),
        recorded_at,
        now,
        current.id,
        current.version,
    ];
    let row = tx.row(UPDATE, values)?.ok_or(StoreError::VersionConflict { current: current.version })?;
    let corrected = lot(&row)?;
    record_version(tx, &corrected)?;
    Ok(corrected)
}

/// What a lot says as JSON with sorted keys: the same terms have one text.
#[must_use]
pub fn terms_to_json(terms: &LotTerms) -> String {
    serde_json::json!({
        "lotType": terms.lot_type,
        "instrument": terms.instrument,
        "shareClass": terms.share_class,
        "purchaseDate": terms.purchase_date.to_string(),
        "shares": terms.shares,
        "sharePriceCents": terms.share_price_cents,
        "costCents": terms.cost_cents,
        "strikeCents": terms.strike_cents,
    })
    .to_string()
}

/// Reads what [`terms_to_json`] has written.
///
/// # Errors
/// `Internal` for anything else.
pub(crate) fn terms_from_json(text: &str) -> Result<LotTerms, StoreError> {
    let read = || -> Option<LotTerms> {
        let json: serde_json::Value = serde_json::from_str(text).ok()?;
        let word = |field: &str| json.get(field).and_then(serde_json::Value::as_str);
        let optional = |field: &str| word(field).map(str::to_owned);
        Some(LotTerms {
            lot_type: word("lotType")?.parse().ok()?,
            instrument: word("instrument")?.parse().ok()?,
            share_class: optional("shareClass"),
            purchase_date: word("purchaseDate")?.parse().ok()?,
            shares: optional("shares"),
            share_price_cents: optional("sharePriceCents"),
            cost_cents: json.get("costCents")?.as_i64()?,
            strike_cents: optional("strikeCents"),
        })
    };
    read().ok_or_else(|| StoreError::Internal(format!("the kept terms of a lot cannot be read: {text}")))
}

fn company_of(tx: &mut Transaction<'_>, fund_id: FundId, investment_id: InvestmentId) -> Result<CompanyId, StoreError> {
    investments::company_of(tx, fund_id, investment_id)?.ok_or_else(|| {
        StoreError::invalid("investmentId", &investment_id, format!("fund {fund_id} has no such investment"))
    })
}

fn record_version(tx: &mut Transaction<'_>, lot: &Lot) -> Result<(), StoreError> {
    let terms = &lot.terms;
    let values = params![
        lot.fund_id,
        lot.company_id,
        lot.id,
        lot.version,
        lot.recorded_at,
        terms.lot_type.as_str(),
        terms.instrument.as_str(),
        terms.share_class.as_ref(),
        terms.purchase_date,
        terms.shares.as_ref(),
        terms.share_price_cents.as_ref(),
        terms.cost_cents,
        terms.strike_cents.as_ref(),
    ];
    tx.execute(INSERT_VERSION, values).map(|_| ())
}

fn lot(row: &Row) -> Result<Lot, StoreError> {
    Ok(Lot {
        id: row.parsed(0)?,
        fund_id: FundId(row.integer(1)?),
        company_id: CompanyId(row.integer(2)?),
        investment_id: InvestmentId(row.integer(3)?),
        terms: terms(row, 4)?,
        version: row.integer(12)?,
        recorded_at: row.timestamp(13)?,
        created_at: row.timestamp(14)?,
        updated_at: row.timestamp(15)?,
        pricing_confidence: row.optional_text(16)?.and_then(|word| word.parse().ok()),
    })
}

/// The eight columns of a lot's terms, from column `at` on.
pub(crate) fn terms(row: &Row, at: usize) -> Result<LotTerms, StoreError> {
    Ok(LotTerms {
        lot_type: row.parsed(at)?,
        instrument: row.parsed(at + 1)?,
        share_class: row.optional_text(at + 2)?,
        purchase_date: row.date(at + 3)?,
        shares: row.optional_text(at + 4)?,
        share_price_cents: row.optional_text(at + 5)?,
        cost_cents: row.integer(at + 6)?,
        strike_cents: row.optional_text(at + 7)?,
    })
}
