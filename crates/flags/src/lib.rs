//! The flag engine: who gets a feature, and why.
//!
//! Pure: no I/O, no clock, no global state. The caller brings what is known (definitions, the process's environment
//! switches, kills, the caller's own override, the time) and gets an answer; the same for the same inputs.
//!
//! Flags are typed: [`ENABLE_LOT_LEVEL_MOIC`] is a [`Flag<bool>`], and there is no way to ask for a flag by a string that
//! was never defined.

mod attributes;
mod bucketing;
mod context;
mod definition;
mod document;
mod evaluation;
mod explain;
mod lint;
mod own;
mod problem;
mod rule;
mod set;
mod switch;
mod switchboard;
mod value;

pub use attributes::{Attributes, ClientOverride, Exposure, Kind};
pub use bucketing::Bucketing;
pub use context::{Budget, Context, FIELDS_PER_OBJECT_MAX, RequestError, read_context, read_request};
pub use definition::Definition;
pub use document::document;
pub use evaluation::{ErrorCode, Evaluation, Reason, Refusal, Resolution};
pub use explain::{Explanation, RulePart, Step};
pub use lint::{Finding, NEVER_EVALUATED_DAYS, SAME_ANSWER_DAYS, Usage};
pub use own::{Fallback, OwnFlag, SEEDED};
pub use problem::{
    DOCUMENT_BYTES_MAX, DOCUMENT_NODES_MAX, FLAGS_MAX, KEY_LENGTH_MAX, LoadError, PROBLEMS_KEPT_MAX, Problem,
    RULE_DEPTH_MAX, RULE_NODES_MAX, VARIANTS_MAX,
};
pub use rule::{MEMORY_BYTES_MAX, OPERATORS, STEPS_MAX};
pub use set::{FlagSet, Loaded, PREREQUISITES_MAX};
pub use switch::{EnvironmentSwitch, Override};
pub use switchboard::{Asker, Decision, DecisionReason, EARLY_ADOPTERS, Switchboard};
pub use value::{Arena, Value};

use std::marker::PhantomData;

/// Lot-level MOIC: lots, snapshots and the seven lenses.
pub const ENABLE_LOT_LEVEL_MOIC: Flag<bool> = Flag::new(&own::ENABLE_LOT_LEVEL_MOIC);

/// The page's shared store of funds.
pub const USE_FUND_STORE: Flag<bool> = Flag::new(&own::USE_FUND_STORE);

/// A flag whose variants have values of type `T`. Only this crate makes one, so a flag that is not defined here cannot
/// be asked for:
///
/// ```compile_fail
/// let flag = flags::ENABLE_LOT_LEVEL_MOICS;
/// ```
///
/// ```compile_fail
/// fn asks_for_text(flag: flags::Flag<String>) {}
/// asks_for_text(flags::ENABLE_LOT_LEVEL_MOIC);
/// ```
///
/// ```
/// assert_eq!(flags::ENABLE_LOT_LEVEL_MOIC.key(), "enableLotLevelMoic");
/// ```
#[derive(Debug)]
pub struct Flag<T> {
    own: &'static OwnFlag,
    value: PhantomData<fn() -> T>,
}

impl<T> Flag<T> {
    const fn new(own: &'static OwnFlag) -> Self {
        Self { own, value: PhantomData }
    }

    /// The key used on the wire, in metric labels and in the stored state.
    #[must_use]
    pub const fn key(self) -> &'static str {
        self.own.key
    }

    /// What the flag is before anybody edits it.
    #[must_use]
    pub const fn own(self) -> &'static OwnFlag {
        self.own
    }
}

impl<T> Clone for Flag<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Flag<T> {}
