//! What people write in cells, as the document has it: numbers with separators and currency signs, dates in several forms.
//! What has two meanings is not guessed: it is said, and asked for.

mod date;
mod money;
mod number;

pub(crate) use date::{DateOrder, OrderEvidence, order_evidence, parse_date};
pub(crate) use money::{in_cents, in_units, units_of};
pub(crate) use number::{DecimalSign, Evidence, evidence, parse_number};

/// Why a text is not the value it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ValueError {
    /// It has two meanings, one for each answer to a question.
    Ambiguous,
    /// It has none; what would be right.
    Wrong(String),
}

impl ValueError {
    fn wrong(message: impl Into<String>) -> Self {
        Self::Wrong(message.into())
    }
}

/// A decimal number from its digits, without needless zeros.
pub(crate) fn plain_decimal(negative: bool, whole: &str, decimals: &str) -> String {
    number::plain(negative, whole, decimals)
}
