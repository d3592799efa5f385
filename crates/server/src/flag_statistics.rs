//! What is counted about flags: how often they are asked for, and who turned them off for themselves.

use std::collections::BTreeMap;

use flags::Usage;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use store::flag_book::FlagBook;
use store::flag_usage::{self, VariantUsage};
use store::{StoreError, Transaction, flag_opt_outs};
use utoipa::ToSchema;

use crate::guard::OWN_FLAGS;

/// How far back opt-outs are counted as recent.
const RECENT: SignedDuration = SignedDuration::from_hours(1);

/// How a flag is used. Counted by each process and stored every few seconds.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FlagUsage)]
pub(crate) struct UsageView {
    /// Evaluations.
    evaluations: i64,
    /// RFC 3339; null for never.
    #[schema(value_type = Option<String>, format = DateTime)]
    first_evaluated_at: Option<Timestamp>,
    /// RFC 3339; null for never.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_evaluated_at: Option<Timestamp>,
    /// Variant of the last evaluation; null for none.
    last_variant: Option<String>,
    /// By variant; the empty name stands for none.
    variants: BTreeMap<String, i64>,
}

/// People who turned a flag off for themselves.
#[derive(Debug, Clone, Copy, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FlagOptOuts)]
pub(crate) struct OptOutsView {
    /// Who have it off now.
    current: usize,
    /// Who turned it off within the last hour.
    last_hour: i64,
}

/// What is counted about every flag; nothing while the database is away.
#[derive(Default)]
pub(crate) struct Statistics {
    usage: Vec<VariantUsage>,
    opt_outs: BTreeMap<&'static str, OptOutsView>,
}

impl Statistics {
    /// # Errors
    /// What the database answers.
    pub(crate) fn read(tx: &mut Transaction<'_>, now: Timestamp) -> Result<Self, StoreError> {
        let since = now.checked_sub(RECENT).unwrap_or(Timestamp::MIN);
        let mut opt_outs = BTreeMap::new();
        for flag in OWN_FLAGS {
            let current = flag_opt_outs::current(tx, flag.key())?.len();
            let last_hour = flag_opt_outs::count_since(tx, flag.key(), since)?;
            opt_outs.insert(flag.key(), OptOutsView { current, last_hour });
        }
        Ok(Self { usage: flag_usage::all(tx)?, opt_outs })
    }

    pub(crate) fn usage_of(&self, key: &str) -> UsageView {
        usage_view(self.usage.iter().filter(|usage| usage.flag_key == key))
    }

    pub(crate) fn opt_outs_of(&self, key: &str) -> OptOutsView {
        self.opt_outs.get(key).copied().unwrap_or_default()
    }

    /// What shows whether flags are stale. A flag that is not stored has no date of creation.
    pub(crate) fn for_lint(&self, book: Option<&FlagBook>) -> BTreeMap<String, Usage> {
        lint_usage(book, &self.usage)
    }
}

fn usage_view<'a>(usages: impl Iterator<Item = &'a VariantUsage>) -> UsageView {
    let mut view = UsageView::default();
    for usage in usages {
        view.evaluations += usage.evaluations;
        view.first_evaluated_at =
            Some(view.first_evaluated_at.map_or(usage.first_at, |first| first.min(usage.first_at)));
        if view.last_evaluated_at.is_none_or(|last| last < usage.last_at) {
            view.last_evaluated_at = Some(usage.last_at);
            view.last_variant = Some(usage.variant.clone()).filter(|variant| !variant.is_empty());
        }
        view.variants.insert(usage.variant.clone(), usage.evaluations);
    }
    view
}

fn lint_usage(book: Option<&FlagBook>, usages: &[VariantUsage]) -> BTreeMap<String, Usage> {
    let mut known: BTreeMap<String, Usage> = BTreeMap::new();
    for stored in book.iter().flat_map(|book| &book.definitions) {
        known.entry(stored.key.clone()).or_default().created_at_s = Some(stored.created_at.as_second());
    }
    let mut by_flag: BTreeMap<&str, Vec<&VariantUsage>> = BTreeMap::new();
    for usage in usages {
        by_flag.entry(&usage.flag_key).or_default().push(usage);
    }
    for (key, usages) in by_flag {
        let usage = known.entry(key.to_owned()).or_default();
        let Some(last) = usages.iter().max_by_key(|usage| usage.last_at) else { continue };
        usage.last_evaluated_at_s = Some(last.last_at.as_second());
        // The answer has been the same since the last evaluation that gave another.
        let other = usages.iter().filter(|usage| usage.variant != last.variant).map(|usage| usage.last_at).max();
        usage.same_variant_since_s = Some(other.unwrap_or(last.first_at).as_second());
        usage.same_variant = Some(last.variant.clone());
    }
    known
}
