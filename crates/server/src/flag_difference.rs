//! What changed between two versions of a definition, path by path, as a reader of its history wants it.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FlagDifference)]
pub(crate) struct Difference {
    /// Where, as in `targeting.if[0]`; empty for the whole definition.
    path: String,
    /// What stood there; absent where something was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Value>,
    /// What stands there now; absent where something was taken away.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Value>,
}

/// The differences between two JSON values. Objects are compared by key and arrays of the same length by position; an
/// array that grew or shrank differs as a whole, because which entry is new cannot be told.
pub(crate) fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", Some(before), Some(after), &mut found);
    found
}

fn compare(path: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Difference>) {
    match (before, after) {
        (Some(before), Some(after)) if before == after => {}
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            for (key, value) in before {
                compare(&field(path, key), Some(value), after.get(key), found);
            }
            for (key, value) in after.iter().filter(|(key, _)| !before.contains_key(*key)) {
                compare(&field(path, key), None, Some(value), found);
            }
        }
        (Some(Value::Array(before)), Some(Value::Array(after))) if before.len() == after.len() => {
            for (index, (before, after)) in before.iter().zip(after).enumerate() {
                compare(&format!("{path}[{index}]"), Some(before), Some(after), found);
            }
        }
        _ => found.push(Difference { path: path.to_owned(), before: before.cloned(), after: after.cloned() }),
    }
}

fn field(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_was_added_taken_away_and_changed_is_named_by_its_path() {
        let before =
            json!({ "state": "ENABLED", "variants": { "on": true, "off": false }, "metadata": { "owner": "a" } });
        let after =
            json!({ "state": "DISABLED", "variants": { "on": true }, "metadata": { "owner": "a", "kind": "ops" } });
        let found = serde_json::to_value(differences(&before, &after)).unwrap();
        let expected = json!([
            { "path": "state", "before": "ENABLED", "after": "DISABLED" },
            { "path": "variants.off", "before": false },
            { "path": "metadata.kind", "after": "ops" },
        ]);
        let sorted = |list: &Value| {
            let mut list: Vec<String> = list.as_array().unwrap().iter().map(ToString::to_string).collect();
            list.sort();
            list
        };
        assert_eq!(sorted(&found), sorted(&expected));
    }

    #[test]
    fn a_rule_is_compared_entry_by_entry_while_it_keeps_its_length() {
        let rule = |percent: i64| json!({ "targeting": { "fractional": [["on", percent], ["off", 100 - percent]] } });
        let paths: Vec<String> = differences(&rule(10), &rule(20)).into_iter().map(|one| one.path).collect();
        assert_eq!(paths, ["targeting.fractional[0][1]", "targeting.fractional[1][1]"]);
        let grown = differences(&json!({ "a": [1] }), &json!({ "a": [1, 2] }));
        assert_eq!(grown, [Difference { path: "a".to_owned(), before: Some(json!([1])), after: Some(json!([1, 2])) }]);
        assert_eq!(differences(&rule(10), &rule(10)), []);
    }
}
