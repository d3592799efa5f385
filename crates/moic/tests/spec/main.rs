//! The domain specification as tests: an example for each of its rules, its identities on random documents, agreement
//! with an independent implementation in exact fractions, and bad input. Module names carry the section's number.

#![expect(clippy::needless_pass_by_value, reason = "documents are written in place, and `&json!(…)` would be noise")]

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod arbitrary;
#[cfg(test)]
mod determinism;
#[cfg(test)]
#[path = "../generate/mod.rs"]
mod generate;
#[cfg(test)]
mod huge_values;
#[cfg(test)]
mod migration;
#[cfg(test)]
#[path = "../oracle/mod.rs"]
mod oracle;
#[cfg(test)]
mod outcome;
#[cfg(test)]
mod schedule;
#[cfg(test)]
mod section_2_buckets;
#[cfg(test)]
mod section_2_disposals;
#[cfg(test)]
mod section_2_events;
#[cfg(test)]
mod section_2_order;
#[cfg(test)]
mod section_2_valuation;
#[cfg(test)]
mod section_3_exit;
#[cfg(test)]
mod section_3_lenses;
#[cfg(test)]
mod section_4_no_number;
#[cfg(test)]
mod section_4_totals;
#[cfg(test)]
mod section_5_identities;
#[cfg(test)]
mod section_6_document;
#[cfg(test)]
mod section_6_problems;
#[cfg(test)]
mod section_6_reporting;
#[cfg(test)]
mod section_7;
#[cfg(test)]
mod section_7_reserves;
