//! The sheet of the fund's choices: a name and a value a row.

use serde_json::Value;

use super::builder::Builder;
use super::cells::RowCells;
use super::fields::normalised;

const POLICY_WORDS: [&str; 3] = ["lotRelief", "secondaryBucket", "unpricedConvertible"];
const EXCLUDE_UNPRICED: &str = "excludeUnpriced";

pub(super) fn read(row: &mut RowCells<'_, '_>, builder: &mut Builder<'_>) {
    let Some(name) = row.text("setting") else {
        row.missing("setting");
        return;
    };
    let key = normalised(&name);
    if key == "asof" {
        builder.as_of = row.date("value").map(|date| date.to_string());
    } else if key == "currency" {
        builder.currency = row.text("value");
    } else if key == normalised(EXCLUDE_UNPRICED) {
        exclude_unpriced(row, builder);
    } else if let Some(field) = POLICY_WORDS.into_iter().find(|field| normalised(field) == key) {
        if let Some(word) = row.word("value") {
            builder.policy.insert(field.to_owned(), Value::String(word));
        }
    } else {
        row.refuse(
            "setting",
            &name,
            "is no setting; write As of, Currency, lotRelief, secondaryBucket, unpricedConvertible or excludeUnpriced",
        );
    }
}

fn exclude_unpriced(row: &mut RowCells<'_, '_>, builder: &mut Builder<'_>) {
    match row.word("value").as_deref() {
        None => {}
        Some("true" | "yes") => {
            builder.policy.insert(EXCLUDE_UNPRICED.to_owned(), Value::Bool(true));
        }
        Some("false" | "no") => {
            builder.policy.insert(EXCLUDE_UNPRICED.to_owned(), Value::Bool(false));
        }
        Some(other) => row.refuse("value", other, "must be yes or no"),
    }
}
