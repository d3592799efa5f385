//! The fund table: invested, realised, unrealised and total value over cost by company and for the fund, with the legacy
//! MOIC beside it (moic.md §7).

use std::collections::BTreeMap;

use super::legacy_difference::{LegacyDifference, LegacyPosition, LegacyStanding};
use super::standing::Standing;
use super::{Analysis, CompanyAnalysis};

/// The rows of a fund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FundTable {
    /// The companies of the portfolio in document order, then those that only the legacy records know, by id.
    pub companies: Vec<FundTableRow>,
    /// The sums.
    pub fund: FundTableRow,
}

/// One row. All figures are gross of fund fees and carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FundTableRow {
    /// The company's id; empty for the fund.
    pub id: String,
    /// The company's name, its id where it has none; empty for the fund.
    pub name: String,
    /// Invested, realised, unrealised and total value over cost, from the lots.
    pub lots: Standing,
    /// The same from the legacy records.
    pub legacy: LegacyStanding,
    /// Lot-level less legacy multiple, with its reasons.
    pub difference: LegacyDifference,
}

impl Analysis<'_> {
    /// The table of the fund. `legacy` names each company that has investments at most once; of several entries with the
    /// same company the sums are taken.
    #[must_use]
    pub fn fund_table(&self, legacy: &[LegacyPosition]) -> FundTable {
        let mut by_company: BTreeMap<&str, LegacyStanding> = BTreeMap::new();
        for position in legacy {
            by_company.entry(&position.company).or_default().add(&LegacyStanding::of(position));
        }
        let mut sum = LegacyStanding::default();
        by_company.values().for_each(|standing| sum.add(standing));
        let mut companies: Vec<FundTableRow> =
            self.companies.iter().map(|company| row_of(company, by_company.remove(company.id()))).collect();
        companies.extend(by_company.into_iter().map(|(id, standing)| row(id, id, Standing::default(), standing)));
        FundTable { companies, fund: row("", "", self.fund.clone(), sum) }
    }
}

fn row_of(company: &CompanyAnalysis<'_>, legacy: Option<LegacyStanding>) -> FundTableRow {
    row(company.id(), company.name(), company.standing.clone(), legacy.unwrap_or_default())
}

fn row(id: &str, name: &str, lots: Standing, legacy: LegacyStanding) -> FundTableRow {
    let difference = LegacyDifference::between(&lots, &legacy);
    FundTableRow { id: id.to_owned(), name: name.to_owned(), lots, legacy, difference }
}
