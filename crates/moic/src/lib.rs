//! The seven lenses of lot-level MOIC (multiple on invested capital), exact.
//!
//! Data flows one way: the bytes of a portfolio document are checked once ([`Portfolio::from_json`]), each company's
//! events are replayed to its state as of a date, lots are valued and summed into buckets, buckets become lenses, and
//! [`Evaluation::to_json`] writes the result. All figures are gross of fund fees and carry.
//!
//! The crate does no I/O, reads no clock, and has no binary floating point.

#![deny(clippy::arithmetic_side_effects, clippy::float_arithmetic)]

pub mod analysis;
mod canonical;
mod document;
mod evaluation;
mod exact;
pub mod json;
mod lens;
pub mod lot_terms;
pub mod migration;
mod problem;
pub mod quantity;
mod ranking;
mod render;
mod replay;
mod schedule;
mod valuation;
mod what_if;

pub use document::{
    CASES_PER_COMPANY_MAX, CLASSES_PER_COMPANY_MAX, COMPANIES_MAX, DocumentError, EVENTS_PER_COMPANY_MAX,
    IDENTIFIER_LENGTH_MAX, Instrument, LOTS_PER_COMPANY_MAX, LotType, Policy, Portfolio, RESERVES_PER_CASE_MAX,
    RESTATEMENT_MAX, Relief, SecondaryBucket, UnpricedConvertible,
};
pub use evaluation::{CompanyEvaluation, Evaluation, Lenses};
pub use lens::{Bucket, Flags, LENS_COUNT, Lens, LensKey, Reason};
pub use problem::Problem;
pub use quantity::{Cents, Price, QuantityError, Ratio, Shares};
pub use ranking::RankedCompany;
pub use replay::{EXACT_BITS_MAX, Holding};
pub use schedule::{
    CompanySchedule, LotEffect, Occurrence, ScheduledCase, ScheduledEvent, ScheduledExit, ScheduledLot,
    ScheduledReserve, ValueBasis,
};
pub use what_if::{FACTOR_MAX, PLAN_CHANGES_MAX, PlanChange, PlannedAmount, UnknownTarget, parse_factor};

/// Version of the engine, part of every result and of the key under which results are cached.
pub const ENGINE_VERSION: &str = env!("CARGO_PKG_VERSION");
