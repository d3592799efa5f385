//! flagd-evaluation-engine: what OpenFeature's Rust provider evaluates with in process.

use open_feature::EvaluationContext;

/// A context as its users build it.
#[must_use]
pub fn context(json: &serde_json::Value) -> EvaluationContext {
    let mut context = EvaluationContext::default();
    for (name, value) in json.as_object().unwrap() {
        match value {
            serde_json::Value::String(text) if name == "targetingKey" => context.targeting_key = Some(text.clone()),
            serde_json::Value::String(text) => context.add_custom_field(name.clone(), text.clone()),
            other => context.add_custom_field(name.clone(), other.as_i64().unwrap()),
        }
    }
    context
}
