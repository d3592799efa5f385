//! Open Cap Table packages: stories of a fund's securities, packages that are wrong, and properties.

mod limits;
mod packages;
mod properties;
mod stories;
