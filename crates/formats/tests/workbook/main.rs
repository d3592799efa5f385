//! The workbook against a real spreadsheet engine: LibreOffice recalculates it, and every figure is the engine's.
//!
//! Random funds come from the engine's own generator. It is included by its path, since it is test code of `moic` that no
//! crate should ship, and a copy would drift from the rules it reaches; it needs the oracle beside it to know what is held.

#![expect(clippy::needless_pass_by_value, reason = "documents are written in place, and `&json!(…)` would be noise")]

#[cfg(test)]
#[path = "../../../moic/tests/generate/mod.rs"]
#[expect(dead_code, reason = "some documents are for the engine's own tests")]
mod generate;
#[cfg(test)]
mod grid;
#[cfg(test)]
mod limits;
#[cfg(test)]
#[path = "../../../moic/tests/oracle/mod.rs"]
#[expect(
    dead_code,
    reason = "the generator needs the oracle's replay; its lenses are compared with the engine's in moic"
)]
mod oracle;
#[cfg(test)]
mod parity;
#[cfg(test)]
mod soffice;
#[cfg(test)]
mod texts;
