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
mod decision;
mod evaluation;
mod own;
mod problem;
mod switch;
mod value;

pub use attributes::{Attributes, ClientOverride, Exposure, Kind};
pub use bucketing::Bucketing;
pub use context::{Context, FIELDS_PER_OBJECT_MAX, RequestError, read_context, read_request};
pub use decision::{Decision, DecisionReason, StoredState, decide};
pub use evaluation::{ErrorCode, Evaluation, Reason, Refusal, Resolution};
pub use own::{Fallback, OwnFlag, SEEDED, Variant};
pub use problem::{
    DOCUMENT_BYTES_MAX, FLAGS_MAX, KEY_LENGTH_MAX, LoadError, PROBLEMS_KEPT_MAX, Problem, RULE_DEPTH_MAX,
    RULE_NODES_MAX, VARIANTS_MAX,
};
pub use switch::{EnvironmentSwitch, Override};
pub use value::{Arena, Value};

use std::marker::PhantomData;

/// Lot-level MOIC: lots, snapshots and the seven lenses.
pub const ENABLE_LOT_LEVEL_MOIC: Flag<bool> = Flag::new(&own::ENABLE_LOT_LEVEL_MOIC);

/// A flag whose variants have values of type `T`. Only this crate makes one, so a flag that is not defined here cannot
/// be asked for.
#[derive(Debug)]
pub struct Flag<T> {
    definition: &'static OwnFlag,
    value: PhantomData<fn() -> T>,
}

impl<T> Flag<T> {
    const fn new(definition: &'static OwnFlag) -> Self {
        Self { definition, value: PhantomData }
    }

    /// The key used on the wire, in metric labels and in the stored state.
    #[must_use]
    pub const fn key(self) -> &'static str {
        self.definition.key
    }

    /// The definition the flag is seeded with.
    #[must_use]
    pub const fn definition(self) -> &'static OwnFlag {
        self.definition
    }
}

impl<T> Clone for Flag<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Flag<T> {}
