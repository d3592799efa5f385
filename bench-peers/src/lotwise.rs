//! The product's engine.

use flags::{Bucketing, Context, Definition, FlagSet};

use crate::{FLAG, NOW_S};

/// A set of so many flags.
#[must_use]
pub fn set(document: &str, bucketing: Bucketing) -> FlagSet {
    FlagSet::check(document.as_bytes(), bucketing).unwrap()
}

/// The variant of a context by a definition that is at hand, as the peers have their compiled rule.
#[must_use]
pub fn variant_by<'s>(set: &'s FlagSet, definition: &'s Definition, context: &Context<'_>) -> Option<&'s str> {
    set.evaluate_definition(definition, context, NOW_S).result.ok()?.variant
}

/// The variant of a context, the flag looked for by its key.
#[must_use]
pub fn variant<'s>(set: &'s FlagSet, context: &Context<'_>) -> Option<&'s str> {
    set.evaluate(FLAG, context, NOW_S).result.ok()?.variant
}
