//! The engine as `flags.md` §1 has it: an example for each of its sentences, the check values that flagd's evaluators
//! agreed on, random rules beside an independent implementation of JSON Logic, and bad input. Module names carry the
//! section's number.

#![expect(clippy::needless_pass_by_value, reason = "rules are written in place, and `&json!(…)` would be noise")]

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod flag;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod random;
#[cfg(test)]
mod section_1_documents;
#[cfg(test)]
mod section_1_exposure;
#[cfg(test)]
mod section_1_fractional;
#[cfg(test)]
mod section_1_json_logic;
#[cfg(test)]
mod section_1_limits;
#[cfg(test)]
mod section_1_lint;
#[cfg(test)]
mod section_1_operators;
#[cfg(test)]
mod section_1_order;
#[cfg(test)]
mod section_1_prerequisites;
#[cfg(test)]
mod section_1_references;
#[cfg(test)]
mod section_1_sem_ver;
