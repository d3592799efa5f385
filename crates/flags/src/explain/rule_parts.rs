//! The parts of a rule with their outcomes, as far as an evaluation comes to them.

use serde_json::{Map, Value as Json};

use super::{RulePart, Story};
use crate::bucketing::bucket;
use crate::problem::{Path, Problems};
use crate::rule::{Compiler, Node, Stop, Weights, evaluate};
use crate::value::{Value, with_spare_arena};

/// Parts of a rule that are shown; beyond this an explanation explains nothing.
const PARTS_MAX: usize = 500;
/// Characters of a part that are shown.
const RULE_TEXT_LENGTH_MAX: usize = 200;

impl Story<'_> {
    pub(super) fn rules(&self) -> Vec<RulePart> {
        let json: Json = serde_json::from_str(self.definition.json()).unwrap_or_default();
        let mut parts = Vec::new();
        if let Some(targeting @ Json::Object(object)) = json.get("targeting")
            && !object.is_empty()
        {
            self.part(targeting, &Path::root("targeting"), true, &mut parts);
        }
        parts
    }

    /// Adds a part and those within it, as far as the evaluation would come to them.
    fn part(&self, rule: &Json, path: &Path<'_>, reached: bool, parts: &mut Vec<RulePart>) {
        let within = match rule {
            Json::Array(items) => return self.arguments(items, path, reached, parts),
            Json::Object(object) => object,
            _ => return,
        };
        if parts.len() >= PARTS_MAX {
            return;
        }
        let (outcome, note) = self.outcome(rule);
        parts.push(RulePart {
            path: path.to_string(),
            rule: shortened(&rule.to_string()),
            reached,
            failed: outcome.is_err(),
            outcome: outcome.unwrap_or_default(),
            note,
        });
        let Some((operator, argument)) = within.iter().next() else { return };
        let path = path.field(operator);
        let arguments = match argument {
            Json::Array(arguments) => arguments.as_slice(),
            single => std::slice::from_ref(single),
        };
        match operator.as_str() {
            "if" => self.branches(arguments, &path, reached, parts),
            "and" => self.chain(arguments, &path, reached, false, parts),
            "or" => self.chain(arguments, &path, reached, true, parts),
            // Their rules are about the elements of a list, not about the context.
            "map" | "filter" | "all" | "none" | "some" | "reduce" => {
                self.arguments(arguments.get(..1).unwrap_or_default(), &path, reached, parts);
            }
            "$ref" => {
                if let Some(name) = argument.as_str()
                    && let Some(rule) = self.set.evaluators().get(name)
                {
                    self.part(rule, &Path::root("$evaluators").field(name), reached, parts);
                }
            }
            _ => self.arguments(arguments, &path, reached, parts),
        }
    }

    fn arguments(&self, arguments: &[Json], path: &Path<'_>, reached: bool, parts: &mut Vec<RulePart>) {
        for (index, argument) in arguments.iter().enumerate() {
            self.part(argument, &path.index(index), reached, parts);
        }
    }

    fn branches(&self, arguments: &[Json], path: &Path<'_>, reached: bool, parts: &mut Vec<RulePart>) {
        let mut is_open = reached;
        let mut is_chosen = false;
        for (index, argument) in arguments.iter().enumerate() {
            let path = path.index(index);
            let is_last = index + 1 == arguments.len();
            if index % 2 == 1 {
                self.part(argument, &path, is_chosen, parts);
                is_open &= !is_chosen;
            } else {
                self.part(argument, &path, is_open, parts);
                let truth = self.truth(argument);
                is_chosen = is_open && !is_last && truth == Some(true);
                is_open &= truth.is_some();
            }
        }
    }

    fn chain(&self, arguments: &[Json], path: &Path<'_>, reached: bool, ends_with: bool, parts: &mut Vec<RulePart>) {
        let mut reached = reached;
        for (index, argument) in arguments.iter().enumerate() {
            self.part(argument, &path.index(index), reached, parts);
            reached &= self.truth(argument) == Some(!ends_with);
        }
    }

    /// Whether a part is true; none where it fails.
    fn truth(&self, rule: &Json) -> Option<bool> {
        self.evaluated(rule, |value, _| value.map(|value| value.is_truthy()).ok())
    }

    fn outcome(&self, rule: &Json) -> (Result<Json, Stop>, Option<String>) {
        self.evaluated(rule, |value, node| {
            let note = match node {
                Node::Fractional(_) => self.split(node),
                _ => None,
            };
            (value.map(json), note)
        })
    }

    /// The share each bucket of a split has.
    fn split(&self, node: &Node) -> Option<String> {
        let Node::Fractional(rule) = node else { return None };
        let Weights::Fixed(ends) = &rule.weights else { return None };
        let total = ends.last().copied().filter(|total| *total > 0)?;
        let hash = with_spare_arena(|arena| match &rule.by {
            None => {
                let user = self.context.targeting_key()?;
                Some(self.definition.users().hash(user))
            }
            Some(by) => match self.value_of(by, arena).ok()? {
                Value::Null => None,
                value => Some(self.definition.users().hash_of_value(value, arena)),
            },
        })?;
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let ranges = rule.chosen.iter().zip(starts).map(|(chosen, start)| format!("{} from {start}", named(chosen)));
        let ranges: Vec<String> = ranges.collect();
        Some(format!("bucket {} of {total}: {}", bucket(hash, total), ranges.join(", ")))
    }

    fn evaluated<T>(&self, rule: &Json, read: impl FnOnce(Result<Value<'_>, Stop>, &Node) -> T) -> T {
        let mut problems = Problems::default();
        let node = Compiler::new(Some(self.set.evaluators()), &[], &mut problems).rule(rule, &Path::root("rule"));
        with_spare_arena(|arena| read(self.value_of(&node, arena), &node))
    }

    fn value_of<'a>(&'a self, node: &'a Node, arena: &'a crate::Arena) -> Result<Value<'a>, Stop> {
        evaluate(node, self.context, self.definition.key(), self.now_s, self.definition.users(), arena)
    }
}

fn named(node: &Node) -> String {
    match node {
        Node::Text(text) => text.to_string(),
        Node::Bool(value) => value.to_string(),
        _ => "a reckoned variant".to_owned(),
    }
}

fn json(value: Value<'_>) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(value),
        Value::Number(number) => serde_json::Number::from_f64(number).map_or(Json::Null, Json::Number),
        Value::Text(text) => Json::String(text.to_owned()),
        Value::Array(items) => Json::Array(items.iter().map(|item| json(*item)).collect()),
        Value::Object(fields) => {
            Json::Object(fields.iter().map(|(name, value)| ((*name).to_owned(), json(*value))).collect::<Map<_, _>>())
        }
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(RULE_TEXT_LENGTH_MAX) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}
