//! datalogic-rs: JSON Logic compiled, with an arena of its own. Once with a split as a custom operator, as one writes it
//! today, once with its own `fractional`.

use datalogic_rs::operator::EvalContext;
use datalogic_rs::{CustomOperator, DataValue, Engine, Logic};

use crate::{FLAG, murmur3};

/// The rule with the custom operator.
pub const RULE: &str = r#"{"if":[{"in":[{"var":"country"},["FR","DE","NL"]]},
    {"split":[{"var":"targetingKey"},["clubs",25],["diamonds",25],["hearts",25],["spades",25]]}, null]}"#;

struct Split;

impl CustomOperator for Split {
    fn evaluate<'a>(
        &self,
        args: &[&'a DataValue<'a>],
        _: &mut EvalContext<'_, 'a>,
        _: &'a bumpalo::Bump,
    ) -> datalogic_rs::Result<&'a DataValue<'a>> {
        let [user, entries @ ..] = args else { return Ok(&DataValue::Null) };
        let Some(user) = user.as_str() else { return Ok(&DataValue::Null) };
        let pair = |entry: &'a DataValue<'a>| match entry.as_array() {
            Some([chosen, weight]) => Some((chosen, weight.as_i64()? as u32)),
            _ => None,
        };
        let total = entries.iter().filter_map(|entry| pair(entry)).map(|(_, weight)| weight).sum();
        let bucket = murmur3::bucket(murmur3::of_user(FLAG, user), total);
        let mut end = 0;
        for (chosen, weight) in entries.iter().filter_map(|entry| pair(entry)) {
            end += weight;
            if bucket < end {
                return Ok(chosen);
            }
        }
        Ok(&DataValue::Null)
    }
}

/// The engine with the custom operator.
#[must_use]
pub fn engine() -> Engine {
    Engine::builder().add_operator("split", Split).build()
}

/// Parses a document and compiles the rule of every flag, as a flag engine on top of it does.
#[must_use]
pub fn load(engine: &Engine, document: &str) -> Vec<Logic> {
    let document: serde_json::Value = serde_json::from_str(document).unwrap();
    let flags = document["flags"].as_object().unwrap();
    let rules = flags.values().filter_map(|flag| flag.get("targeting"));
    rules.map(|rule| engine.compile(rule.to_string().as_str()).unwrap()).collect()
}
