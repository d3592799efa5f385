//! The securities of a package and how they come from each other.
//!
//! A security is issued once. It ends by at most one transaction, which may make others: those that result from it, and the
//! one that holds the balance. Those have an issuance of their own too, which is no purchase.

use std::collections::{BTreeMap, BTreeSet};

use super::record::Record;

/// What kind a security is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Stock,
    Convertible,
    Warrant,
    /// Options and other pay of employees.
    Compensation,
}

/// How a security ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Transfer,
    Cancellation,
    Repurchase,
    Conversion,
    Reissuance,
    Consolidation,
    Exercise,
    Release,
}

/// What an object says about securities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Issuance(Kind),
    Closing(Kind, Action),
    Retraction,
    Split,
    RatioAdjustment,
    /// Nothing that changes who holds what.
    Irrelevant,
    Unknown,
}

fn role(object_type: &str) -> Role {
    let Some(transaction) = object_type.strip_prefix("TX_") else {
        return if object_type.starts_with("CE_") { Role::Irrelevant } else { Role::Unknown };
    };
    match transaction {
        "STOCK_CLASS_SPLIT" => return Role::Split,
        "STOCK_CLASS_CONVERSION_RATIO_ADJUSTMENT" => return Role::RatioAdjustment,
        "STOCK_CLASS_AUTHORIZED_SHARES_ADJUSTMENT"
        | "ISSUER_AUTHORIZED_SHARES_ADJUSTMENT"
        | "STOCK_PLAN_POOL_ADJUSTMENT"
        | "STOCK_PLAN_RETURN_TO_POOL" => return Role::Irrelevant,
        _ => {}
    }
    let kinds = [
        ("STOCK_", Kind::Stock),
        ("CONVERTIBLE_", Kind::Convertible),
        ("WARRANT_", Kind::Warrant),
        ("EQUITY_COMPENSATION_", Kind::Compensation),
        ("PLAN_SECURITY_", Kind::Compensation),
    ];
    let found = kinds.iter().find_map(|(prefix, kind)| Some((*kind, transaction.strip_prefix(prefix)?)));
    let Some((kind, action)) = found else { return Role::Unknown };
    match (kind, action) {
        (_, "ISSUANCE") => Role::Issuance(kind),
        (_, "RETRACTION") => Role::Retraction,
        (_, "ACCEPTANCE") => Role::Irrelevant,
        (_, "TRANSFER") => Role::Closing(kind, Action::Transfer),
        (_, "CANCELLATION") => Role::Closing(kind, Action::Cancellation),
        (Kind::Stock, "REPURCHASE") => Role::Closing(kind, Action::Repurchase),
        (Kind::Stock | Kind::Convertible, "CONVERSION") => Role::Closing(kind, Action::Conversion),
        (Kind::Stock, "REISSUANCE") => Role::Closing(kind, Action::Reissuance),
        (Kind::Stock, "CONSOLIDATION") => Role::Closing(kind, Action::Consolidation),
        (Kind::Warrant | Kind::Compensation, "EXERCISE") => Role::Closing(kind, Action::Exercise),
        (Kind::Compensation, "RELEASE") => Role::Closing(kind, Action::Release),
        _ => Role::Unknown,
    }
}

/// The issuance of a security.
#[derive(Clone, Copy)]
pub(super) struct Issuance<'v> {
    pub(super) record: Record<'v>,
    pub(super) kind: Kind,
    pub(super) security: &'v str,
    /// The stakeholder's id, empty where there is none.
    pub(super) holder: &'v str,
    /// Place in file order among all transactions.
    pub(super) order: usize,
}

/// The end of securities.
pub(super) struct Closing<'v> {
    pub(super) record: Record<'v>,
    pub(super) kind: Kind,
    pub(super) action: Action,
    pub(super) sources: Vec<&'v str>,
    pub(super) results: Vec<&'v str>,
    pub(super) balance: Option<&'v str>,
    /// Place in file order among all transactions.
    pub(super) order: usize,
}

/// All securities of a package.
#[derive(Default)]
pub(super) struct Chain<'v> {
    /// By security id; of several issuances of one id the first.
    pub(super) issuances: BTreeMap<&'v str, Issuance<'v>>,
    /// Issuances of an id that has one already.
    pub(super) repeated: Vec<Issuance<'v>>,
    /// Issuances without an id of their security.
    pub(super) nameless: Vec<Issuance<'v>>,
    pub(super) retractions: BTreeMap<&'v str, Record<'v>>,
    pub(super) closings: Vec<Closing<'v>>,
    /// Indices of the closings that end a security.
    pub(super) closed_by: BTreeMap<&'v str, Vec<usize>>,
    /// Indices of the closings that a security comes from.
    pub(super) made_by: BTreeMap<&'v str, Vec<usize>>,
    /// Splits of classes with their place in file order.
    pub(super) splits: Vec<(Record<'v>, usize)>,
    pub(super) ratio_adjustments: Vec<Record<'v>>,
    /// Objects whose type says nothing to this reader.
    pub(super) unknown: Vec<Record<'v>>,
}

impl<'v> Chain<'v> {
    pub(super) fn of(transactions: &[Record<'v>]) -> Self {
        let mut chain = Self::default();
        for (order, record) in transactions.iter().enumerate() {
            match role(record.object_type()) {
                Role::Issuance(kind) => chain.issue(*record, kind, order),
                Role::Closing(kind, action) => chain.close(*record, kind, action, order),
                Role::Retraction => {
                    if let Some(security) = record.text("security_id") {
                        chain.retractions.entry(security).or_insert(*record);
                    }
                }
                Role::Split => chain.splits.push((*record, order)),
                Role::RatioAdjustment => chain.ratio_adjustments.push(*record),
                Role::Irrelevant => {}
                Role::Unknown => chain.unknown.push(*record),
            }
        }
        chain
    }

    fn issue(&mut self, record: Record<'v>, kind: Kind, order: usize) {
        let security = record.text("security_id").unwrap_or_default();
        let holder = record.text("stakeholder_id").unwrap_or_default();
        let issuance = Issuance { record, kind, security, holder, order };
        if security.is_empty() {
            self.nameless.push(issuance);
        } else if self.issuances.contains_key(security) {
            self.repeated.push(issuance);
        } else {
            self.issuances.insert(security, issuance);
        }
    }

    fn close(&mut self, record: Record<'v>, kind: Kind, action: Action, order: usize) {
        let index = self.closings.len();
        let sources = match action {
            Action::Consolidation => record.texts("security_ids"),
            _ => record.text("security_id").into_iter().collect(),
        };
        let results = match action {
            Action::Consolidation => record.text("resulting_security_id").into_iter().collect(),
            _ => record.texts("resulting_security_ids"),
        };
        let balance = record.text("balance_security_id");
        for source in sources.iter().collect::<BTreeSet<_>>() {
            self.closed_by.entry(source).or_default().push(index);
        }
        for made in results.iter().chain(&balance) {
            self.made_by.entry(made).or_default().push(index);
        }
        self.closings.push(Closing { record, kind, action, sources, results, balance, order });
    }

    /// The ids of all who were ever issued a security, in order.
    pub(super) fn holders(&self) -> BTreeSet<&'v str> {
        let all = self.issuances.values().chain(&self.repeated).chain(&self.nameless);
        all.map(|issuance| issuance.holder).filter(|holder| !holder.is_empty()).collect()
    }
}

impl Action {
    /// As in "the security was transferred".
    pub(super) fn past(self) -> &'static str {
        match self {
            Self::Transfer => "transferred",
            Self::Cancellation => "cancelled",
            Self::Repurchase => "repurchased",
            Self::Conversion => "converted",
            Self::Reissuance => "reissued",
            Self::Consolidation => "consolidated",
            Self::Exercise => "exercised",
            Self::Release => "released",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_have_their_roles() {
        for (object_type, expected) in [
            ("TX_STOCK_ISSUANCE", Role::Issuance(Kind::Stock)),
            ("TX_STOCK_CLASS_SPLIT", Role::Split),
            ("TX_PLAN_SECURITY_EXERCISE", Role::Closing(Kind::Compensation, Action::Exercise)),
            ("TX_EQUITY_COMPENSATION_RELEASE", Role::Closing(Kind::Compensation, Action::Release)),
            ("TX_STOCK_PLAN_RETURN_TO_POOL", Role::Irrelevant),
            ("CE_STAKEHOLDER_STATUS", Role::Irrelevant),
            ("TX_WARRANT_CONVERSION", Role::Unknown),
            ("TX_STOCK_SPLIT", Role::Unknown),
            ("TX_VESTING_START", Role::Unknown),
            ("", Role::Unknown),
        ] {
            assert_eq!(role(object_type), expected, "{object_type}");
        }
    }
}
