//! The migration of legacy investments: from stored records to the engine's plan, from there to a report and to what is
//! imported.

use std::collections::BTreeMap;

use moic::migration::{
    self as engine, DerivedLot, LegacyInvestment, MigrationComparison, MigrationOptions, MigrationPlan,
};
use serde::Serialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use store::imports::{Incoming, IncomingCompany, IncomingInvestment, IncomingLot, References};
use store::investments::Investment;
use store::legacy_moic::LegacyFund;
use store::lots::{self, Instrument, LotTerms};
use store::{CompanyId, InvestmentId};
use utoipa::ToSchema;

use crate::random;

/// Decimals of a multiple on the wire.
const MULTIPLE_DECIMALS: u32 = 12;

/// A planned migration with the records it is made of.
pub(crate) struct Migration {
    plan: MigrationPlan,
    investments: BTreeMap<i64, Investment>,
    company_names: BTreeMap<i64, String>,
    references: References,
}

/// What would become of the legacy investments.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MigrationReport {
    /// Investments that no lot belongs to.
    investment_count: usize,
    /// Those that become lots.
    migrated_count: usize,
    /// Those that somebody should look at first.
    review_count: usize,
    /// Each investment.
    investments: Vec<MigratedInvestmentView>,
    /// The marks that the migration assumes.
    marks: Vec<AssumedMarkView>,
    /// Legacy beside lot-level MOIC of the fund's migrated part.
    fund: ComparisonView,
    /// The same by company.
    companies: Vec<CompanyComparisonView>,
}

/// What becomes of one investment.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MigratedInvestment)]
struct MigratedInvestmentView {
    /// The investment.
    investment_id: i64,
    /// The company.
    company_id: i64,
    /// Its name.
    company: String,
    /// The round.
    round: String,
    /// The day of the cheque.
    investment_date: String,
    /// The amount in cents.
    amount_cents: String,
    /// The lot; null where there is none.
    lot: Option<DerivedLotView>,
    /// Why there is none: a code, and what to do.
    obstacle: Option<ObstacleView>,
    /// What somebody should look at.
    review: Vec<ReviewView>,
}

/// The lot that an investment becomes.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DerivedLot)]
struct DerivedLotView {
    /// `initial` or `follow_on`.
    lot_type: &'static str,
    /// The share class.
    share_class: String,
    /// Shares, to 8 decimals.
    shares_acquired: String,
    /// Price per share in cents.
    share_price_cents: String,
    /// Cost in cents.
    cost_basis_cents: String,
    /// `calculated`, `verified` or `manual`.
    pricing_confidence: &'static str,
}

/// Why an investment cannot be migrated.
#[derive(Serialize, ToSchema)]
#[schema(as = MigrationObstacle)]
struct ObstacleView {
    /// As in `no_share_count`.
    reason: &'static str,
    /// What to do.
    message: String,
}

/// What somebody should look at.
#[derive(Serialize, ToSchema)]
#[schema(as = MigrationReview)]
struct ReviewView {
    /// As in `above_threshold`.
    cause: &'static str,
    /// It in words, with its numbers.
    message: String,
}

/// A mark that the migration assumes: the latest round's price.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AssumedMark)]
struct AssumedMarkView {
    /// The company.
    company_id: i64,
    /// The share class.
    share_class: String,
    /// The day of the round.
    date: String,
    /// Price per share in cents.
    share_price_cents: String,
    /// The investment whose round it is.
    investment_id: i64,
}

/// Two multiples side by side.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MigrationComparison)]
struct ComparisonView {
    /// Legacy MOIC, to 12 decimals.
    legacy: Option<String>,
    /// Lot-level current MOIC once the marks are stored.
    lot_level: Option<String>,
    /// Lot-level less legacy.
    difference: Option<String>,
    /// What the difference consists of.
    parts: Vec<ComparisonPartView>,
    /// Why nothing can be compared.
    reason: Option<&'static str>,
}

/// A part of a difference.
#[derive(Serialize, ToSchema)]
#[schema(as = MigrationPart)]
struct ComparisonPartView {
    /// What it comes from.
    cause: &'static str,
    /// How much of the difference it is.
    difference: String,
    /// In words.
    explanation: &'static str,
}

/// A company's comparison.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CompanyMigrationComparison)]
struct CompanyComparisonView {
    /// The company.
    company_id: i64,
    /// Its name.
    company: String,
    #[serde(flatten)]
    comparison: ComparisonView,
}

/// Plans the migration of investments that no lot belongs to.
pub(crate) fn plan(
    investments: Vec<Investment>,
    legacy: LegacyFund,
    references: References,
    options: &MigrationOptions,
) -> Migration {
    let legacy_investments: Vec<LegacyInvestment> = investments.iter().map(legacy_investment).collect();
    let realised =
        legacy.companies.iter().filter_map(|company| Some((company.id.0, u64::try_from(company.realised_cents).ok()?)));
    let options = MigrationOptions { realised_cents: realised.collect(), ..options.clone() };
    Migration {
        plan: engine::plan(&legacy_investments, &options),
        investments: investments.into_iter().map(|investment| (investment.id.0, investment)).collect(),
        company_names: legacy.companies.into_iter().map(|company| (company.id.0, company.name)).collect(),
        references,
    }
}

fn legacy_investment(investment: &Investment) -> LegacyInvestment {
    LegacyInvestment {
        id: investment.id.0,
        company_id: investment.company_id.0,
        round: investment.round.clone(),
        date: investment.investment_date,
        amount_cents: investment.amount_cents,
        ownership: investment.ownership.clone(),
        post_money_cents: investment.post_money_valuation_cents,
    }
}

impl Migration {
    /// What is imported: a lot for each investment that has one, and the assumed marks.
    pub(crate) fn incoming(&self) -> Incoming {
        let mut companies: BTreeMap<i64, IncomingCompany> = BTreeMap::new();
        for planned in &self.plan.investments {
            let Some(lot) = planned.outcome.as_ref().ok().and_then(|lot| incoming_lot(planned.id, lot)) else {
                continue;
            };
            let company = companies.entry(planned.company_id).or_insert_with(|| IncomingCompany {
                reference: self.references.company(CompanyId(planned.company_id)),
                ..IncomingCompany::default()
            });
            company.lots.push(lot);
        }
        for mark in &self.plan.marks {
            if let Some(company) = companies.get_mut(&mark.company_id) {
                let fields = [
                    ("type", "mark".to_owned()),
                    ("date", mark.date.to_string()),
                    ("shareClass", mark.share_class.clone()),
                    ("sharePriceCents", mark.price.to_string()),
                ];
                let fields = fields.map(|(name, value)| (name.to_owned(), Value::String(value)));
                company.events.push(fields.into_iter().collect::<Map<String, Value>>());
            }
        }
        Incoming { companies: companies.into_values().collect() }
    }

    /// What tells two migrations apart: SHA-256 of what they make.
    pub(crate) fn fingerprint(&self) -> String {
        let companies: Vec<Value> = self.incoming().companies.iter().map(canonical).collect();
        // Keys of an object are sorted, so that the same content has one text.
        random::hex(&Sha256::digest(Value::Array(companies).to_string()))
    }

    /// The plan as people read it.
    pub(crate) fn report(&self) -> MigrationReport {
        let investments: Vec<MigratedInvestmentView> =
            self.plan.investments.iter().filter_map(|planned| self.investment(planned)).collect();
        MigrationReport {
            investment_count: investments.len(),
            migrated_count: investments.iter().filter(|investment| investment.lot.is_some()).count(),
            review_count: investments.iter().filter(|investment| !investment.review.is_empty()).count(),
            investments,
            marks: self
                .plan
                .marks
                .iter()
                .map(|mark| AssumedMarkView {
                    company_id: mark.company_id,
                    share_class: mark.share_class.clone(),
                    date: mark.date.to_string(),
                    share_price_cents: mark.price.to_string(),
                    investment_id: mark.investment_id,
                })
                .collect(),
            fund: comparison(&self.plan.fund),
            companies: self
                .plan
                .companies
                .iter()
                .map(|company| CompanyComparisonView {
                    company_id: company.company_id,
                    company: self.company(company.company_id),
                    comparison: comparison(&company.comparison),
                })
                .collect(),
        }
    }

    fn company(&self, id: i64) -> String {
        self.company_names.get(&id).cloned().unwrap_or_else(|| id.to_string())
    }

    fn investment(&self, planned: &engine::PlannedInvestment) -> Option<MigratedInvestmentView> {
        let stored = self.investments.get(&planned.id)?;
        let obstacle = planned.outcome.as_ref().err();
        Some(MigratedInvestmentView {
            investment_id: planned.id,
            company_id: planned.company_id,
            company: self.company(planned.company_id),
            round: stored.round.clone(),
            investment_date: stored.investment_date.to_string(),
            amount_cents: stored.amount_cents.to_string(),
            lot: planned.outcome.as_ref().ok().map(lot_view),
            obstacle: obstacle.map(|found| ObstacleView { reason: found.name(), message: found.to_string() }),
            review: planned
                .review
                .iter()
                .map(|review| ReviewView { cause: review.cause.name(), message: review.message.clone() })
                .collect(),
        })
    }
}

/// A company of a migration as JSON.
fn canonical(company: &IncomingCompany) -> Value {
    let lot = |lot: &IncomingLot| {
        let terms = lots::terms_to_json(&lot.terms);
        json!({ "reference": lot.reference, "terms": terms, "pricingConfidence": lot.pricing_confidence })
    };
    let lots: Vec<Value> = company.lots.iter().map(lot).collect();
    json!({ "company": company.reference, "lots": lots, "events": company.events })
}

fn lot_view(lot: &DerivedLot) -> DerivedLotView {
    DerivedLotView {
        lot_type: lot.lot_type.name(),
        share_class: lot.share_class.clone(),
        shares_acquired: lot.shares.to_string(),
        share_price_cents: lot.price.to_string(),
        cost_basis_cents: lot.cost.to_string(),
        pricing_confidence: lot.confidence.name(),
    }
}

fn incoming_lot(investment: i64, lot: &DerivedLot) -> Option<IncomingLot> {
    Some(IncomingLot {
        reference: format!("investment-{investment}"),
        terms: LotTerms {
            lot_type: lot.lot_type.into(),
            instrument: Instrument::Equity,
            share_class: Some(lot.share_class.clone()),
            purchase_date: lot.purchase_date,
            shares: Some(lot.shares.to_string()),
            share_price_cents: Some(lot.price.to_string()),
            cost_cents: lot.cost.as_whole().and_then(|cents| i64::try_from(cents).ok())?,
            strike_cents: None,
        },
        pricing_confidence: Some(lot.confidence.into()),
        investment: IncomingInvestment::Stored(InvestmentId(investment)),
    })
}

fn comparison(compared: &MigrationComparison) -> ComparisonView {
    match compared {
        MigrationComparison::Compared { legacy, lots, difference, parts } => ComparisonView {
            legacy: Some(legacy.to_decimal(MULTIPLE_DECIMALS)),
            lot_level: Some(lots.to_decimal(MULTIPLE_DECIMALS)),
            difference: Some(difference.value()),
            parts: parts
                .iter()
                .map(|part| ComparisonPartView {
                    cause: part.cause.name(),
                    difference: part.difference.value(),
                    explanation: part.explanation,
                })
                .collect(),
            reason: None,
        },
        MigrationComparison::NotComparable(gap) => ComparisonView {
            legacy: None,
            lot_level: None,
            difference: None,
            parts: Vec::new(),
            reason: Some(gap.description()),
        },
    }
}
