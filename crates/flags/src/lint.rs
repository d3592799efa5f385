//! What is no error and yet not right: rules that say nothing, flags that outlived their purpose.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

use crate::Context;
use crate::definition::Definition;
use crate::problem::{Path, Problems};
use crate::rule::{Compiler, Node, evaluate};
use crate::set::FlagSet;
use crate::value::with_spare_arena;

const SECONDS_PER_DAY: i64 = 86_400;
/// Operators and values of one flag's rule that are looked at, those of a condition once for each that it is within.
const LOOKED_AT_MAX: usize = 20 * crate::RULE_NODES_MAX;
/// Days after which a flag that was never evaluated is remarked upon.
pub const NEVER_EVALUATED_DAYS: i64 = 7;
/// Days of the same answer for everyone after which a flag is remarked upon.
pub const SAME_ANSWER_DAYS: i64 = 30;
/// Attributes that every context has.
const GIVEN_ATTRIBUTES: [&str; 4] = ["targetingKey", "$flagd.flagKey", "$flagd.timestamp", "$lotwise.segments"];
/// Metadata of a set that lists the attributes its contexts have, separated by commas.
const CONTEXT_ATTRIBUTES: &str = "contextAttributes";

/// What is known of a flag's life. Times in seconds since 1970.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    /// When it was created; none where that is not known.
    pub created_at_s: Option<i64>,
    /// When it was last evaluated; none for never.
    pub last_evaluated_at_s: Option<i64>,
    /// Since when every evaluation gave the same variant; none where they differ.
    pub same_variant_since_s: Option<i64>,
    /// That variant.
    pub same_variant: Option<String>,
}

/// A remark about a flag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The flag.
    pub flag: String,
    /// Where in its definition.
    pub path: String,
    /// `broken`, `unreachable_rule`, `constant_rule`, `unknown_attribute`, `weights_not_100`, `unknown_variant`, `past_lifetime`,
    /// `never_evaluated` or `same_answer`.
    pub code: &'static str,
    /// What to know and what to do.
    pub message: String,
}

impl FlagSet {
    /// Everything to remark about the flags at a time, in seconds since 1970; `usage` by key, as far as it is known.
    #[must_use]
    pub fn lint(&self, usage: &BTreeMap<String, Usage>, now_s: i64) -> Vec<Finding> {
        let mut findings = Vec::new();
        for definition in self.iter() {
            let nodes_left = Cell::new(LOOKED_AT_MAX);
            let mut reader = Reader { set: self, definition, findings: &mut findings, nodes_left };
            reader.definition();
            if let Some(usage) = usage.get(definition.key()) {
                reader.life(usage, now_s);
            }
        }
        findings
    }

    /// The attributes that the set says its contexts have; none where it does not say.
    fn context_attributes(&self) -> Option<Vec<String>> {
        let metadata: Json = serde_json::from_str(self.metadata()).ok()?;
        let listed = metadata.get(CONTEXT_ATTRIBUTES)?.as_str()?;
        Some(listed.split(',').map(|name| name.trim().to_owned()).collect())
    }
}

struct Reader<'r> {
    set: &'r FlagSet,
    definition: &'r Definition,
    findings: &'r mut Vec<Finding>,
    /// Operators and values that may still be looked at: a part that the rule never comes to, because what is around it
    /// fails, may refer to more than a rule can have.
    nodes_left: Cell<usize>,
}

impl<'r> Reader<'r> {
    fn note(&mut self, path: &Path<'_>, code: &'static str, message: impl Into<String>) {
        let flag = self.definition.key().to_owned();
        self.findings.push(Finding { flag, path: path.to_string(), code, message: message.into() });
    }

    fn definition(&mut self) {
        let json: Json = serde_json::from_str(self.definition.json()).unwrap_or_default();
        if let Some(fault) = self.definition.fault() {
            self.note(&Path::root("flag"), "broken", fault.to_owned());
            return;
        }
        let Some(targeting) = json.get("targeting").filter(|targeting| is_rule(targeting)) else { return };
        let path = Path::root("targeting");
        if self.is_constant(targeting, 0) {
            self.note(&path, "constant_rule", "comes to the same for everyone: set defaultVariant instead");
        }
        self.rule(targeting, &path, 0);
        self.outcome(targeting, &path, 0);
    }

    /// What a rule can come to must be the name of a variant, as far as it stands in the rule.
    fn outcome(&mut self, rule: &Json, path: &Path<'_>, depth: usize) {
        if !self.may_look(depth) {
            return;
        }
        let name = match rule {
            Json::String(name) => name.as_str(),
            Json::Bool(true) => "true",
            Json::Bool(false) => "false",
            Json::Object(object) => {
                for (operator, argument) in object {
                    self.outcomes_of(operator, argument, &path.field(operator), depth);
                }
                return;
            }
            _ => return,
        };
        if self.definition.variants().all(|(known, _)| known != name) {
            self.note(path, "unknown_variant", format!("comes to {name:?}, which is none of the flag's variants"));
        }
    }

    fn outcomes_of(&mut self, operator: &str, argument: &Json, path: &Path<'_>, depth: usize) {
        match (operator, argument) {
            ("$ref", name) => {
                if let Some(rule) = self.referred(name) {
                    self.outcome(rule, path, depth + 1);
                }
            }
            ("if", Json::Array(arguments)) => {
                for (index, argument) in arguments.iter().enumerate() {
                    if index % 2 == 1 || index + 1 == arguments.len() {
                        self.outcome(argument, &path.index(index), depth + 1);
                    }
                }
            }
            ("fractional", Json::Array(buckets)) => {
                for (index, bucket) in buckets.iter().enumerate() {
                    if let Some(chosen) = bucket.get(0) {
                        self.outcome(chosen, &path.index(index).index(0), depth + 1);
                    }
                }
            }
            _ => {}
        }
    }

    fn life(&mut self, usage: &Usage, now_s: i64) {
        let days_since = |at_s: i64| now_s.saturating_sub(at_s) / SECONDS_PER_DAY;
        let path = Path::root("metadata");
        let age = usage.created_at_s.map(days_since);
        if let (Some(days), Some(lifetime)) = (age, self.definition.attributes().expected_lifetime_days)
            && days > i64::from(lifetime)
        {
            let message = format!("is {days} days old and was to live {lifetime}: remove it, or give it more time");
            self.note(&path.field("expectedLifetimeDays"), "past_lifetime", message);
        }
        let path = Path::root("flag");
        match (usage.last_evaluated_at_s, age) {
            (None, Some(days)) if days >= NEVER_EVALUATED_DAYS => {
                self.note(
                    &path,
                    "never_evaluated",
                    format!("was never evaluated in {days} days: is it still asked for?"),
                );
            }
            _ => {}
        }
        if let (Some(since), Some(variant)) = (usage.same_variant_since_s, &usage.same_variant)
            && days_since(since) >= SAME_ANSWER_DAYS
        {
            let days = days_since(since);
            let message = format!("has been {variant} for everyone for {days} days: make it so in the code");
            self.note(&path, "same_answer", message);
        }
    }

    /// Whether one more operator or value may be looked at.
    fn may_look(&self, depth: usize) -> bool {
        let left = self.nodes_left.get();
        self.nodes_left.set(left.saturating_sub(1));
        left > 0 && depth <= crate::RULE_DEPTH_MAX
    }

    fn rule(&mut self, rule: &Json, path: &Path<'_>, depth: usize) {
        if !self.may_look(depth) {
            return;
        }
        match rule {
            Json::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.rule(item, &path.index(index), depth + 1);
                }
            }
            Json::Object(object) => {
                for (operator, argument) in object {
                    let path = path.field(operator);
                    self.operation(operator, argument, &path, depth);
                    match operator.as_str() {
                        "$ref" => {
                            if let Some(rule) = self.referred(argument) {
                                self.rule(rule, &path, depth + 1);
                            }
                        }
                        // What is asked of each element is not about the context.
                        "map" | "filter" | "all" | "none" | "some" | "reduce" => {
                            self.rule(argument.get(0).unwrap_or(&Json::Null), &path, depth + 1);
                        }
                        _ => self.rule(argument, &path, depth + 1),
                    }
                }
            }
            _ => {}
        }
    }

    fn operation(&mut self, operator: &str, argument: &Json, path: &Path<'_>, depth: usize) {
        match operator {
            "if" => self.branches(argument, path, depth),
            "var" => self.attribute(argument, path),
            "fractional" => self.weights(argument, path),
            _ => {}
        }
    }

    /// A condition that is the same for everyone leaves a branch that nobody reaches.
    fn branches(&mut self, argument: &Json, path: &Path<'_>, depth: usize) {
        let Json::Array(arguments) = argument else { return };
        for (index, condition) in arguments.iter().enumerate().step_by(2) {
            if index + 1 == arguments.len() || !self.is_constant(condition, depth) {
                continue;
            }
            let is_true = self.truth(condition);
            let place = if is_true { index + 2 } else { index + 1 };
            if place < arguments.len() {
                let always = if is_true { "true" } else { "false" };
                let message = format!("is never reached: the condition before it is always {always}");
                self.note(&path.index(place), "unreachable_rule", message);
            }
            if is_true {
                break;
            }
        }
    }

    fn attribute(&mut self, argument: &Json, path: &Path<'_>) {
        let name = match argument {
            Json::String(name) => name.as_str(),
            Json::Array(arguments) => arguments.first().and_then(Json::as_str).unwrap_or_default(),
            _ => return,
        };
        let attribute = name.split('.').next().unwrap_or_default();
        if name.is_empty() || GIVEN_ATTRIBUTES.contains(&name) {
            return;
        }
        let listed = self.set.context_attributes();
        let is_listed = listed.as_ref().is_none_or(|listed| listed.iter().any(|known| known == attribute));
        if name.starts_with('$') {
            let message = format!("is none of {}", GIVEN_ATTRIBUTES.join(", "));
            self.note(path, "unknown_attribute", format!("{name} {message}"));
        } else if !is_listed {
            let message = format!("{attribute} is none of the set's {CONTEXT_ATTRIBUTES}: a typing error?");
            self.note(path, "unknown_attribute", message);
        }
    }

    fn weights(&mut self, argument: &Json, path: &Path<'_>) {
        let Json::Array(arguments) = argument else { return };
        let buckets: Vec<&Vec<Json>> = arguments.iter().filter_map(Json::as_array).collect();
        let weights = buckets.iter().map(|bucket| bucket.get(1).map_or(Some(1), Json::as_i64));
        let sum: Option<i128> = weights.map(|weight| weight.map(|weight| i128::from(weight.max(0)))).sum();
        // Buckets without weights are equal shares, which is said clearly enough.
        let has_weights = buckets.iter().any(|bucket| bucket.len() > 1);
        if let Some(sum) = sum.filter(|sum| *sum != 100 && has_weights) {
            let message = format!("has weights that add up to {sum} and not to 100: they are shares of {sum}");
            self.note(path, "weights_not_100", message);
        }
    }

    /// Whether a rule asks nothing of the context.
    fn is_constant(&self, rule: &Json, depth: usize) -> bool {
        if !self.may_look(depth) {
            return false;
        }
        match rule {
            Json::Array(items) => items.iter().all(|item| self.is_constant(item, depth + 1)),
            Json::Object(object) => object.iter().all(|(operator, argument)| match operator.as_str() {
                "var" | "missing" | "missing_some" => false,
                "fractional" => {
                    let by_user = argument.get(0).is_none_or(Json::is_array);
                    !by_user && self.is_constant(argument, depth + 1)
                }
                "$ref" => self.referred(argument).is_some_and(|rule| self.is_constant(rule, depth + 1)),
                _ => self.is_constant(argument, depth + 1),
            }),
            _ => true,
        }
    }

    fn referred(&self, name: &Json) -> Option<&'r Json> {
        self.set.evaluators().get(name.as_str()?)
    }

    fn truth(&self, rule: &Json) -> bool {
        let mut problems = Problems::default();
        let node: Node = Compiler::new(Some(self.set.evaluators()), &[], &mut problems).rule(rule, &Path::root("rule"));
        with_spare_arena(|arena| {
            let context = Context::EMPTY;
            let value = evaluate(&node, &context, self.definition.key(), 0, self.definition.users(), arena);
            value.is_ok_and(|value| value.is_truthy())
        })
    }
}

fn is_rule(targeting: &Json) -> bool {
    targeting.as_object().is_some_and(|object| !object.is_empty())
}
