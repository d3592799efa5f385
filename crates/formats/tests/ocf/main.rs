//! Open Cap Table packages: stories of a fund's securities, packages that are wrong, and properties.

#![expect(clippy::unwrap_used, clippy::panic, reason = "outside of a test function, too, this is a test")]

mod limits;
mod packages;
mod properties;
mod stories;
