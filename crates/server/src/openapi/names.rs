//! What a name stands for, wherever it is a parameter or a field of a request: one name means one thing in this API.

use rollout::Scenario;
use serde_json::Value;
use store::lots::{Instrument, LotType};
use store::support_tickets::Severity;
use store::tokens::Role;
use utoipa::Number;
use utoipa::openapi::schema::{KnownFormat, Object, SchemaFormat, SchemaType, Type};

use crate::fields::{NAME_LENGTH_MAX, REASON_LENGTH_MAX};
use crate::idempotency::KEY_LENGTH_MAX;
use crate::sign_in::PASSWORD_BYTES_MAX;

/// The key of a segment, or the name of a phase.
const KEY: &str = "^[A-Za-z0-9_.:/@-]+$";
/// A whole number of cents in 64 bits.
const CENTS: &str = "^[0-9]{1,19}$";
/// A decimal, or an exact fraction.
const RATIO: &str = r"^[0-9]{1,12}(\.[0-9]{1,12})?(/[1-9][0-9]{0,11})?$";

/// Narrows what is said of the value with this name down to what the server takes.
pub(super) fn narrow(name: &str, schema: &mut Object) {
    if holds(schema, &Type::Integer) {
        schema.minimum.get_or_insert(Number::Int(1));
    }
    if !holds(schema, &Type::String) {
        return;
    }
    match name {
        "Idempotency-Key" | "idempotencyKey" => {
            text(schema, KEY_LENGTH_MAX);
            pattern(schema, "^[ -~]+$");
        }
        "If-Match" => pattern(schema, r#"^(W/)?"?[0-9]{1,18}"?$"#),
        "asOf" | "date" | "purchaseDate" | "investmentDate" | "exitDate" => format(schema, KnownFormat::Date),
        "knownAt" | "after" | "expiresAt" => format(schema, KnownFormat::DateTime),
        "cursor" => pattern(schema, CURSOR),
        "name" | "sector" | "stage" | "round" | "shareClass" | "text" | "linkLabel" | "signInName" | "key"
        | "segmentKey" | "targetingKey" => text(schema, NAME_LENGTH_MAX),
        "phase" | "to" | "trigger" => {
            text(schema, rollout::NAME_LENGTH_MAX);
            pattern(schema, KEY);
        }
        "password" | "oldPassword" => text(schema, PASSWORD_BYTES_MAX),
        "reason" | "comment" | "evidence" | "summary" => text(schema, REASON_LENGTH_MAX),
        "invite" | "token" => {
            schema.min_length.get_or_insert(1);
        }
        "currency" => pattern(schema, "^[A-Z]{3}$"),
        "ownership" | "deployProbability" | "amountFactor" | "exitPriceFactor" | "tolerance" | "yearsToExit" => {
            pattern(schema, RATIO);
        }
        "sharePriceCents" | "sharesAcquired" | "priceCents" | "shares" | "strikeCents" => {
            pattern(schema, r"^[0-9]{1,15}(\.[0-9]{1,8})?$");
        }
        "lotType" => words(schema, LotType::ALL),
        "instrument" => words(schema, Instrument::ALL),
        "severity" => words(schema, Severity::ALL),
        "role" => words(schema, Role::ALL),
        "scenario" => words(schema, &Scenario::ALL.map(Scenario::as_str)),
        "bucketing" => words(schema, &["v2", "v3"]),
        cents if cents.ends_with("Cents") => pattern(schema, CENTS),
        _ => {}
    }
}

/// Bytes of visible text in UTF-8, each as two hexadecimal digits.
const CURSOR: &str = "^([2-6][0-9a-f]|7[0-9a-e]|[c-f][0-9a-f]([89ab][0-9a-f])+)+$";

/// Lets a text be one of a list of words only.
pub(super) fn words<T: ToString>(schema: &mut Object, words: &[T]) {
    if schema.enum_values.is_some() {
        return;
    }
    let mut words: Vec<Value> = words.iter().map(|word| Value::String(word.to_string())).collect();
    if holds(schema, &Type::Null) {
        words.push(Value::Null);
    }
    schema.enum_values = Some(words);
}

/// Whether a value of this type is one of the schema's.
pub(super) fn holds(schema: &Object, wanted: &Type) -> bool {
    match &schema.schema_type {
        SchemaType::Type(one) => one == wanted,
        SchemaType::Array(several) => several.contains(wanted),
        SchemaType::AnyValue => false,
    }
}

fn text(schema: &mut Object, length_max: usize) {
    schema.min_length.get_or_insert(1);
    schema.max_length.get_or_insert(length_max);
}

fn pattern(schema: &mut Object, pattern: &str) {
    schema.pattern.get_or_insert_with(|| pattern.to_owned());
}

fn format(schema: &mut Object, format: KnownFormat) {
    schema.format = Some(SchemaFormat::KnownFormat(format));
}
