//! Formats that funds already have: spreadsheets (XLSX, CSV) and Open Cap Table packages, in and out.
//!
//! Everything that is read becomes a [`draft::Draft`], the portfolio document before it is checked, together with the
//! places its values were read at. The engine (`moic`) stays the judge of what a document may say; its problems are given
//! back with the sheet, row and column where the value stands.
//!
//! The crate does no I/O: bytes in, values and bytes out.

mod archive;
pub mod document;
pub mod draft;
pub mod file;
mod formula;
pub mod lot_list;
pub mod ocf;
mod place;
mod problems;
pub mod table;
pub mod template;
mod value;
pub mod workbook;

pub use formula::neutralised;
pub use place::{Place, Problem};
pub use problems::Problems;
