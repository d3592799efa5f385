//! The names that files give to a fund's companies and lots.

use std::collections::HashMap;

use crate::{CompanyId, FundId, ImportId, LotId, StoreError, Transaction, row::params, statements::statements};

statements! { "imports::references";
    ALL = "SELECT kind, company_id, reference, record_id FROM import_references WHERE fund_id = $1";
    INSERT = "INSERT INTO import_references (fund_id, kind, company_id, reference, record_id, import_id, is_new) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
}

const COMPANY: &str = "company";
const LOT: &str = "lot";

/// The names of a fund's records, both ways.
#[derive(Clone, Debug, Default)]
pub struct References {
    pub(super) companies: HashMap<String, CompanyId>,
    pub(super) lots: HashMap<CompanyId, HashMap<String, LotId>>,
    company_names: HashMap<CompanyId, String>,
    lot_names: HashMap<LotId, String>,
}

impl References {
    /// What files call a company; its number where no file has named it.
    #[must_use]
    pub fn company(&self, id: CompanyId) -> String {
        match self.company_names.get(&id) {
            Some(name) => name.clone(),
            // A file may have called another company by this number.
            None if self.companies.contains_key(&id.to_string()) => format!("{NUMBER_PREFIX}{id}"),
            None => id.to_string(),
        }
    }

    /// What files call a lot; its id where no file has named it.
    #[must_use]
    pub fn lot(&self, id: LotId) -> String {
        self.lot_names.get(&id).cloned().unwrap_or_else(|| id.to_string())
    }

    pub(super) fn has_name(&self, id: CompanyId) -> bool {
        self.company_names.contains_key(&id)
    }
}

/// Before a company's number in an export, where the number alone is another company's name.
pub(super) const NUMBER_PREFIX: &str = "company-";

/// Reads the names of a fund's records.
///
/// # Errors
/// What the database answers.
pub fn references(tx: &mut Transaction<'_>, fund_id: FundId) -> Result<References, StoreError> {
    let mut references = References::default();
    for row in tx.rows(ALL, params![fund_id])? {
        let (kind, company, reference) = (row.text(0)?, CompanyId(row.integer(1)?), row.text(2)?);
        if kind == COMPANY {
            let id = row.parsed(3)?;
            references.company_names.insert(id, reference.clone());
            references.companies.insert(reference, id);
        } else {
            let id: LotId = row.parsed(3)?;
            references.lot_names.insert(id, reference.clone());
            references.lots.entry(company).or_default().insert(reference, id);
        }
    }
    Ok(references)
}

/// Keeps what a file calls a company. `is_new` when the import has made it.
pub(super) fn name_company(
    tx: &mut Transaction<'_>,
    fund_id: FundId,
    import: ImportId,
    (id, reference): (CompanyId, &str),
    is_new: bool,
) -> Result<(), StoreError> {
    let record = id.to_string();
    tx.execute(INSERT, params![fund_id, COMPANY, 0, reference, &record, import, i64::from(is_new)]).map(|_| ())
}

/// Keeps what a file calls a lot that the import has made.
pub(super) fn name_lot(
    tx: &mut Transaction<'_>,
    fund_id: FundId,
    import: ImportId,
    company: CompanyId,
    (id, reference): (LotId, &str),
) -> Result<(), StoreError> {
    tx.execute(INSERT, params![fund_id, LOT, company, reference, id, import, 1]).map(|_| ())
}
