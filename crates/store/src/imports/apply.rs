//! Carrying out a plan: in the transaction it was made in, so that nothing has changed in between.

use jiff::Timestamp;
use serde_json::Value;

use super::{
    Import, Incoming, IncomingCompany, IncomingInvestment, IncomingLot, Origin,
    plan::{Change, CompanyPlan, Plan},
    record, references,
};
use crate::{
    CompanyId, FundId, ImportId, InvestmentId, LotId, StoreError, Transaction, clock_floor,
    companies::{self, NewCompany},
    events, exit_cases, funds, ids,
    investments::{self, NewInvestment},
    lots,
    row::params,
    statements::statements,
};

statements! { "imports::apply";
    INSERT_CHANGE = "INSERT INTO import_changes (import_id, position, kind, company_id, record_id, version, before) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
}

/// Carries out a plan that [`plan`](super::plan) has made in this transaction and that has no problems; `counts` is what
/// the record of the import tells of it, as JSON.
///
/// # Errors
/// What the database answers; `Invalid` when the plan has problems after all.
pub fn apply(
    tx: &mut Transaction<'_>,
    fund_id: FundId,
    incoming: &Incoming,
    plan: &Plan,
    (origin, counts): (Origin, String),
    now: Timestamp,
) -> Result<Import, StoreError> {
    if !plan.problems.is_empty() {
        return Err(StoreError::Invalid(plan.problems.clone()));
    }
    let recorded_at = clock_floor::next(tx, now)?;
    let id = ImportId(ids::uuid_v7(now)?);
    let import = Import { id, fund_id, origin, counts, recorded_at, undone: None };
    record(tx, &import)?;
    let mut writer = Writer { fund_id, import: id, recorded_at, now, changes: 0, ids: ids::UuidSequence::new(now) };
    for (company, plan) in incoming.companies.iter().zip(&plan.companies) {
        writer.company(tx, company, plan)?;
    }
    funds::raise_revision(tx, fund_id)?;
    Ok(import)
}

struct Writer {
    fund_id: FundId,
    import: ImportId,
    /// When everything of this import but its events is recorded: they need an order among themselves.
    recorded_at: Timestamp,
    now: Timestamp,
    changes: i64,
    ids: ids::UuidSequence,
}

impl Writer {
    fn company(
        &mut self,
        tx: &mut Transaction<'_>,
        incoming: &IncomingCompany,
        plan: &CompanyPlan,
    ) -> Result<(), StoreError> {
        let id = match plan.id {
            Some(id) => id,
            None => {
                let new = terms(plan, "active");
                let created = companies::create_at(tx, self.fund_id, &new, (self.recorded_at, self.now))?;
                self.note(tx, "company", created.id, &created.id.to_string(), created.version, None)?;
                created.id
            }
        };
        if plan.names {
            let name = (id, incoming.reference.as_str());
            references::name_company(tx, self.fund_id, self.import, name, plan.id.is_none())?;
        }
        if let Change::Corrected(differences) = &plan.change {
            let stored = companies::get(tx, self.fund_id, id)?;
            let before = serde_json::json!({ "name": stored.name, "sector": stored.sector, "stage": stored.stage });
            debug_assert!(!differences.is_empty(), "a correction corrects something");
            let changed = terms(plan, &stored.status);
            let company = companies::update(tx, self.fund_id, id, stored.version, &changed, self.now)?;
            self.note(tx, "company", id, &id.to_string(), company.version, Some(&before.to_string()))?;
        }
        self.lots(tx, id, incoming, plan)?;
        self.events(tx, id, plan)?;
        if let Some(cases) = &plan.exit_cases {
            let before = exit_cases::get(tx, self.fund_id, id)?;
            let version = exit_cases::insert(tx, self.fund_id, id, before.version, cases, self.recorded_at)?;
            self.note(tx, "exit_cases", id, &id.to_string(), version, Some(&before.body))?;
        }
        Ok(())
    }

    fn lots(
        &mut self,
        tx: &mut Transaction<'_>,
        company: CompanyId,
        incoming: &IncomingCompany,
        plan: &CompanyPlan,
    ) -> Result<(), StoreError> {
        let mut created = 0;
        for (lot, lot_plan) in incoming.lots.iter().zip(&plan.lots) {
            match &lot_plan.change {
                Change::Unchanged => {}
                Change::Created => {
                    self.new_lot(tx, company, lot, lot_plan.id)?;
                    created += 1;
                }
                Change::Corrected(_) => {
                    let stored = lots::get(tx, lot_plan.id)?;
                    let before = lots::terms_to_json(&stored.terms);
                    let corrected = lots::replace(tx, &stored, &lot.terms, (self.recorded_at, self.now))?;
                    self.note(tx, "lot", company, &lot_plan.id.to_string(), corrected.version, Some(&before))?;
                }
            }
        }
        if created > 0 && !companies::count_lots(tx, company, created)? {
            let limit = moic::LOTS_PER_COMPANY_MAX;
            let message = format!("would have more than {limit} lots, and can have no more");
            return Err(StoreError::invalid("companies", &incoming.reference, message));
        }
        Ok(())
    }

    fn new_lot(
        &mut self,
        tx: &mut Transaction<'_>,
        company: CompanyId,
        lot: &IncomingLot,
        id: LotId,
    ) -> Result<(), StoreError> {
        let investment = self.investment(tx, company, lot)?;
        let place = (self.fund_id, company, investment);
        lots::insert(tx, id, place, &lot.terms, lot.pricing_confidence, (self.recorded_at, self.now))?;
        references::name_lot(tx, self.fund_id, self.import, company, (id, &lot.reference))
    }

    fn investment(
        &self,
        tx: &mut Transaction<'_>,
        company: CompanyId,
        lot: &IncomingLot,
    ) -> Result<InvestmentId, StoreError> {
        match &lot.investment {
            IncomingInvestment::Stored(id) => Ok(*id),
            IncomingInvestment::New { round, ownership, post_money_valuation_cents } => {
                let new = NewInvestment {
                    company_id: company,
                    round: round.clone(),
                    investment_date: lot.terms.purchase_date,
                    amount_cents: lot.terms.cost_cents,
                    ownership: ownership.clone(),
                    post_money_valuation_cents: *post_money_valuation_cents,
                };
                Ok(investments::insert(tx, self.fund_id, &new, (self.recorded_at, self.now))?.id)
            }
        }
    }

    fn events(&mut self, tx: &mut Transaction<'_>, company: CompanyId, plan: &CompanyPlan) -> Result<(), StoreError> {
        for event in plan.events.iter().flatten() {
            let recorded_at = clock_floor::next(tx, self.now)?;
            let new = events::NewEvent {
                id: crate::EventId(self.ids.next()?),
                body: Value::Object(event.clone()).to_string(),
            };
            events::insert_new(tx, self.fund_id, company, &new, recorded_at)?;
            self.note(tx, "event", company, &new.id.to_string(), 0, None)?;
        }
        Ok(())
    }

    /// Keeps what the import has changed, so that it can be taken back.
    fn note(
        &mut self,
        tx: &mut Transaction<'_>,
        kind: &str,
        company: CompanyId,
        record: &str,
        version: i64,
        before: Option<&str>,
    ) -> Result<(), StoreError> {
        let values = params![self.import, self.changes, kind, company, record, version, before];
        self.changes += 1;
        tx.execute(INSERT_CHANGE, values).map(|_| ())
    }
}

fn terms(plan: &CompanyPlan, status: &str) -> NewCompany {
    let terms = plan.terms.clone();
    NewCompany { name: terms.name, sector: terms.sector, stage: terms.stage, status: status.to_owned() }
}
