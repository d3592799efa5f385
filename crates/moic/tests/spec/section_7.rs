//! §7, around the lenses: examples worked by hand, properties, and every number computed a second way.

mod day_root;
mod fund_table;
mod partial_sale;
mod positions;
mod rates;
