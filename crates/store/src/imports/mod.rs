//! Imports: companies with lots, events and exit cases from elsewhere, compared with what is there, written in one
//! transaction, and taken back as a whole.
//!
//! Files name their records in their own way; these names are kept as *references*, by which the same file is found again
//! when it comes a second time, so that nothing is counted twice.

mod apply;
mod merge;
mod plan;
mod references;
mod undo;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{
    FundId, ImportId, InvestmentId, Listing, Page, StoreError, Transaction,
    lots::{LotTerms, PricingConfidence},
    row::{Row, params},
    statements::{Statement, statements},
    words::words,
};

pub use apply::apply;
pub use merge::with_lots_renamed;
pub use plan::{AbsentLot, Change, CompanyPlan, Difference, LotPlan, MatchedBy, Plan, Resemblance, plan};
pub use references::{References, references};
pub use undo::undo;

words! {
    /// Where an import comes from.
    ImportSource {
        /// A file that somebody handed in.
        File = "file",
        /// The fund's own legacy investments.
        Legacy = "legacy",
    }
}

/// What is to be imported into a fund. The caller has checked it as a portfolio document by itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Incoming {
    /// The companies, in the order of the file.
    pub companies: Vec<IncomingCompany>,
}

/// A company of an import.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IncomingCompany {
    /// What the file calls it.
    pub reference: String,
    /// Its name.
    pub name: Option<String>,
    /// Its sector; none leaves the one that is stored.
    pub sector: Option<String>,
    /// Its stage; none leaves the one that is stored.
    pub stage: Option<String>,
    /// Its lots.
    pub lots: Vec<IncomingLot>,
    /// Its events as objects of the portfolio document, with lots named by their references.
    pub events: Vec<Map<String, Value>>,
    /// Its exit cases as in the portfolio document, with lots named by their references; none leaves those that are stored.
    pub exit_cases: Option<Vec<Value>>,
}

/// A lot of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncomingLot {
    /// What the file calls it.
    pub reference: String,
    /// What it says.
    pub terms: LotTerms,
    /// How sure its price is, where that is known.
    pub pricing_confidence: Option<PricingConfidence>,
    /// The cheque it was bought with.
    pub investment: IncomingInvestment,
}

/// The investment that an imported lot belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IncomingInvestment {
    /// One that is stored already.
    Stored(InvestmentId),
    /// One that is made with the lot: its amount is the lot's cost, its date the lot's.
    New {
        /// The round.
        round: String,
        /// The stake it bought, a decimal from 0 to 1 in shortest form.
        ownership: Option<String>,
        /// The company's value after the round, in cents.
        post_money_valuation_cents: Option<i64>,
    },
}

/// Where an import came from, for its record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// What kind of source.
    pub source: ImportSource,
    /// The file's name, or what else tells people what it was.
    pub name: String,
    /// SHA-256 of what was handed in, in hexadecimal.
    pub content_hash: String,
    /// Targeting key of who imports.
    pub actor: String,
}

/// An import that was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// The fund.
    pub fund_id: FundId,
    /// Where it came from.
    pub origin: Origin,
    /// What it made and changed, as JSON.
    pub counts: String,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// When it was taken back, and by whom.
    pub undone: Option<(Timestamp, String)>,
}

macro_rules! columns {
    () => {
        "id, fund_id, source, name, content_hash, counts, actor, recorded_at, undone_at, undone_by"
    };
}

statements! { "imports";
    INSERT = "INSERT INTO imports (id, fund_id, source, name, content_hash, counts, actor, recorded_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    GET = concat!("SELECT ", columns!(), " FROM imports WHERE id = $1 AND fund_id = $2");
    LIST = concat!("SELECT ", columns!(), " FROM imports WHERE fund_id = $1 \
        AND (CAST($2 AS TEXT) IS NULL OR id < CAST($2 AS TEXT)) ORDER BY id DESC LIMIT $3");
    MAPPING = "SELECT body, version FROM import_mappings WHERE fund_id = $1";
    INSERT_MAPPING = "INSERT INTO import_mappings (fund_id, body, version, updated_at) VALUES ($1, $2, 1, $3) \
        ON CONFLICT DO NOTHING";
    UPDATE_MAPPING = "UPDATE import_mappings SET body = $1, version = version + 1, updated_at = $2 \
        WHERE fund_id = $3 AND version = $4";
}

/// All statements of this module.
pub(crate) fn all_statements() -> impl Iterator<Item = &'static [Statement]> {
    [STATEMENTS, apply::STATEMENTS, references::STATEMENTS, undo::STATEMENTS].into_iter()
}

/// Reads an import of a fund.
///
/// # Errors
/// `NotFound`, also for an import of another fund.
pub fn get(tx: &mut Transaction<'_>, fund_id: FundId, id: ImportId) -> Result<Import, StoreError> {
    match tx.row(GET, params![id, fund_id])? {
        Some(row) => import(&row),
        None => Err(StoreError::not_found("import", &id)),
    }
}

/// Lists a fund's imports, the latest first.
///
/// # Errors
/// What the database answers.
pub fn list(tx: &mut Transaction<'_>, fund_id: FundId, page: &Page) -> Result<Listing<Import>, StoreError> {
    let after = Some(page.after_text()).filter(|after| !after.is_empty());
    let imports = tx.list(LIST, params![fund_id, after, page.fetch()], import)?;
    Ok(Listing::cut(imports, page, |import| import.id.to_string()))
}

/// The mapping of a fund's spreadsheets as JSON, with its version; version 0 when none was ever stored.
///
/// # Errors
/// What the database answers.
pub fn mapping(tx: &mut Transaction<'_>, fund_id: FundId) -> Result<(Option<String>, i64), StoreError> {
    match tx.row(MAPPING, params![fund_id])? {
        Some(row) => Ok((Some(row.text(0)?), row.integer(1)?)),
        None => Ok((None, 0)),
    }
}

/// Stores the mapping of a fund's spreadsheets that still has `version`, 0 for the first; answers the new version.
///
/// # Errors
/// `VersionConflict`.
pub fn put_mapping(
    tx: &mut Transaction<'_>,
    fund_id: FundId,
    version: i64,
    body: &str,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let changed = match version {
        0 => tx.execute(INSERT_MAPPING, params![fund_id, body, now])?,
        _ => tx.execute(UPDATE_MAPPING, params![body, now, fund_id, version])?,
    };
    if changed == 0 {
        return Err(StoreError::VersionConflict { current: mapping(tx, fund_id)?.1 });
    }
    Ok(version + 1)
}

fn record(tx: &mut Transaction<'_>, import: &Import) -> Result<(), StoreError> {
    let origin = &import.origin;
    let values = params![
        import.id,
        import.fund_id,
        origin.source.as_str(),
        &origin.name,
        &origin.content_hash,
        &import.counts,
        &origin.actor,
        import.recorded_at,
    ];
    tx.execute(INSERT, values).map(|_| ())
}

fn import(row: &Row) -> Result<Import, StoreError> {
    let undone = row.optional_timestamp(8)?.zip(row.optional_text(9)?);
    Ok(Import {
        id: row.parsed(0)?,
        fund_id: FundId(row.integer(1)?),
        origin: Origin { source: row.parsed(2)?, name: row.text(3)?, content_hash: row.text(4)?, actor: row.text(6)? },
        counts: row.text(5)?,
        recorded_at: row.timestamp(7)?,
        undone,
    })
}
