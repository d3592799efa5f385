//! A flag out of its JSON: every field checked, its rule compiled.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::{Definition, Variant};
use crate::attributes;
use crate::bucketing::Bucketing;
use crate::problem::{KEY_LENGTH_MAX, Path, Problems, VARIANTS_MAX};
use crate::rule::{Compiler, Node};

/// The largest whole number every reader of JSON gets right.
const SAFE_INTEGER_MAX: f64 = 9_007_199_254_740_991.0;
const FIELDS: [&str; 6] = ["key", "state", "variants", "defaultVariant", "targeting", "metadata"];

impl Definition {
    /// Reads one flag; `metadata` is the set's. What is wrong with it is noted, and may leave it broken.
    pub(crate) fn read<'d>(
        key: &str,
        json: &'d Json,
        evaluators: Option<&'d Map<String, Json>>,
        set_metadata: &Map<String, Json>,
        bucketing: Bucketing,
        path: &Path<'_>,
        problems: &mut Problems,
    ) -> Self {
        let breaking = problems.breaking();
        let nothing = Map::new();
        let object = json.as_object().unwrap_or_else(|| {
            problems.push(path, json, "must be an object with state, variants, defaultVariant");
            &nothing
        });
        if key.is_empty() || key.chars().count() > KEY_LENGTH_MAX || key.chars().any(char::is_control) {
            let message =
                format!("must have a key of 1 to {KEY_LENGTH_MAX} characters, none of them a control character");
            problems.push(path, &Json::String(key.to_owned()), message);
        }
        for (name, value) in object.iter().filter(|(name, _)| !FIELDS.contains(&name.as_str())) {
            problems.warn(
                &path.field(name),
                value,
                format!("is not a field of a flag; those are {}", FIELDS.join(", ")),
            );
        }
        let variants = variants(object.get("variants"), path, problems);
        let default = default_variant(object.get("defaultVariant"), &variants, path, problems);
        let own_metadata = metadata(object.get("metadata"), &path.field("metadata"), problems);
        let attributes = attributes::read(&own_metadata, &path.field("metadata"), problems);
        let (rule, rule_nodes) = rule(object.get("targeting"), evaluators, &variants, path, problems);
        let mut definition = Self {
            key: key.into(),
            json: compact(json),
            metadata: Box::default(),
            metadata_when_killed: Box::default(),
            is_enabled: state(object.get("state"), path, problems),
            default,
            rule,
            rule_nodes,
            variants,
            attributes,
            users: bucketing.users_of(key),
            fault: None,
        };
        definition.set_metadata(set_metadata, own_metadata);
        if definition.attributes.exposure.is_some() && definition.exposed().is_none() {
            let message = "needs exactly one variant of the value true, which those who are exposed get";
            let exposure = object.get("metadata").and_then(|metadata| metadata.get("exposure")).unwrap_or(&Json::Null);
            problems.push(&path.field("metadata").field("exposure"), exposure, message);
        }
        if problems.breaking() > breaking {
            definition.break_with("the definition is broken; its problems are in the log and in `lotwise flags lint`");
        }
        definition
    }

    fn set_metadata(&mut self, set_metadata: &Map<String, Json>, own: Map<String, Json>) {
        let mut merged = set_metadata.clone();
        merged.extend(own);
        self.metadata = Json::Object(merged.clone()).to_string().into();
        merged.insert("killed".to_owned(), Json::Bool(true));
        self.metadata_when_killed = Json::Object(merged).to_string().into();
    }
}

/// The text of a value.
fn compact(json: &Json) -> Box<str> {
    // A value that has been read has nothing in it that cannot be written.
    serde_json::to_string(json).unwrap_or_default().into()
}

fn state(state: Option<&Json>, path: &Path<'_>, problems: &mut Problems) -> bool {
    let path = path.field("state");
    match state.map(|state| (state, state.as_str())) {
        Some((_, Some("ENABLED"))) => true,
        Some((_, Some("DISABLED"))) => false,
        None => {
            problems.warn_at(&path, "must be ENABLED or DISABLED; taken for ENABLED");
            true
        }
        Some((state, _)) => {
            problems.push(&path, state, "must be ENABLED or DISABLED");
            false
        }
    }
}

fn variants(variants: Option<&Json>, path: &Path<'_>, problems: &mut Problems) -> Box<[Variant]> {
    let path = path.field("variants");
    let Some(json) = variants else {
        problems.warn_at(&path, "is missing: a flag without variants has no value");
        return Box::default();
    };
    let Some(object) = json.as_object() else {
        problems.push(&path, json, "must be an object of names and values");
        return Box::default();
    };
    if object.is_empty() {
        problems.warn(&path, json, "must have at least one variant");
    }
    if object.len() > VARIANTS_MAX {
        problems.push_at(&path, format!("has more than {VARIANTS_MAX} variants"));
        return Box::default();
    }
    let first = object.values().next();
    for (name, value) in object {
        let path = path.field(name);
        if name.is_empty() || name.chars().count() > KEY_LENGTH_MAX {
            problems.push(&path, value, format!("must have a name of 1 to {KEY_LENGTH_MAX} characters"));
        }
        match value {
            Json::Null | Json::Array(_) => {
                problems.warn(&path, value, "must be a boolean, text, a number or an object");
            }
            Json::Number(number)
                if number.as_f64().is_some_and(|number| number.abs() > SAFE_INTEGER_MAX && number.fract() == 0.0) =>
            {
                problems.warn(&path, value, "must be within ±9007199254740991: readers of JSON round what is beyond");
            }
            _ if first.is_some_and(|first| std::mem::discriminant(first) != std::mem::discriminant(value)) => {
                problems.warn(&path, value, "must be of the same type as the flag's other variants");
            }
            _ => {}
        }
    }
    let variants = object.iter().map(|(name, value)| Variant { name: name.as_str().into(), value: compact(value) });
    variants.collect()
}

fn default_variant(
    default: Option<&Json>,
    variants: &[Variant],
    path: &Path<'_>,
    problems: &mut Problems,
) -> Option<usize> {
    let json = default.filter(|default| !default.is_null())?;
    let index = json.as_str().and_then(|name| variants.iter().position(|variant| *variant.name == *name));
    if index.is_none() {
        problems.push(&path.field("defaultVariant"), json, "must be the name of one of the variants, or null");
    }
    index
}

/// The scalars of a metadata object; what is none is noted and left out.
pub(crate) fn metadata(metadata: Option<&Json>, path: &Path<'_>, problems: &mut Problems) -> Map<String, Json> {
    let mut scalars = Map::new();
    match metadata {
        None => {}
        Some(Json::Object(object)) => {
            for (name, value) in object {
                if matches!(value, Json::Bool(_) | Json::String(_) | Json::Number(_)) {
                    scalars.insert(name.clone(), value.clone());
                } else {
                    problems.warn(&path.field(name), value, "must be a boolean, text or a number; it is left out");
                }
            }
        }
        Some(other) => problems.warn(path, other, "must be an object; it is left out"),
    }
    scalars
}

/// The compiled rule, and how many operators and values it has.
fn rule<'d>(
    targeting: Option<&'d Json>,
    evaluators: Option<&'d Map<String, Json>>,
    variants: &[Variant],
    path: &Path<'_>,
    problems: &mut Problems,
) -> (Option<Node>, usize) {
    match targeting {
        None | Some(Json::Null) => (None, 0),
        Some(Json::Object(object)) if object.is_empty() => (None, 0),
        Some(targeting @ Json::Object(_)) => {
            let names: Vec<Arc<str>> = variants.iter().map(|variant| Arc::clone(&variant.name)).collect();
            let mut compiler = Compiler::new(evaluators, &names, problems);
            let rule = compiler.rule(targeting, &path.field("targeting"));
            (Some(rule), compiler.nodes())
        }
        Some(other) => {
            problems.push(&path.field("targeting"), other, "must be a rule: an object with one operator");
            (None, 0)
        }
    }
}
