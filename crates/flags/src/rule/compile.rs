//! From JSON to a compiled rule: every operator known, with as many arguments as it takes, within the limits.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::fractional::{Fractional, TOTAL_WEIGHT_MAX, Weight, Weights, whole_weight};
use super::sem_ver::{Comparison, Range, SemVer, Side, version};
use super::variable::{Place, Variable};
use super::{Arithmetic, Each, Node, Order, Texts};
use crate::problem::{Path, Problems, RULE_DEPTH_MAX, RULE_NODES_MAX};

/// Every operator, with the fewest and the most arguments it takes.
pub const OPERATORS: [(&str, usize, usize); 38] = [
    ("var", 0, 2),
    ("missing", 0, usize::MAX),
    ("missing_some", 2, 2),
    ("if", 1, usize::MAX),
    ("and", 1, usize::MAX),
    ("or", 1, usize::MAX),
    ("!", 1, 1),
    ("!!", 1, 1),
    ("==", 2, 2),
    ("!=", 2, 2),
    ("===", 2, 2),
    ("!==", 2, 2),
    ("<", 2, 3),
    ("<=", 2, 3),
    (">", 2, 3),
    (">=", 2, 3),
    ("in", 2, 2),
    ("+", 1, usize::MAX),
    ("-", 1, 2),
    ("*", 1, usize::MAX),
    ("/", 2, 2),
    ("%", 2, 2),
    ("min", 1, usize::MAX),
    ("max", 1, usize::MAX),
    ("cat", 0, usize::MAX),
    ("substr", 2, 3),
    ("merge", 0, usize::MAX),
    ("map", 2, 2),
    ("filter", 2, 2),
    ("all", 2, 2),
    ("none", 2, 2),
    ("some", 2, 2),
    ("reduce", 2, 3),
    ("starts_with", 2, 2),
    ("ends_with", 2, 2),
    ("sem_ver", 3, 3),
    ("fractional", 1, usize::MAX),
    ("$ref", 1, 1),
];

/// Compiles the rules of a document.
pub(crate) struct Compiler<'d> {
    evaluators: Option<&'d Map<String, Value>>,
    problems: &'d mut Problems,
    /// Names of the flag's variants: a rule shares them, so that its outcome is told by its address.
    variants: &'d [Arc<str>],
    /// Operators and values of the rule at hand.
    nodes: usize,
    /// Where the rule at hand stands.
    root: String,
    /// Names of the evaluators being followed.
    following: Vec<&'d str>,
}

impl<'d> Compiler<'d> {
    pub(crate) fn new(
        evaluators: Option<&'d Map<String, Value>>,
        variants: &'d [Arc<str>],
        problems: &'d mut Problems,
    ) -> Self {
        Self { evaluators, problems, variants, nodes: 0, root: String::new(), following: Vec::new() }
    }

    /// Compiles one flag's rule. What is wrong with it is noted.
    pub(crate) fn rule(&mut self, rule: &'d Value, path: &Path<'_>) -> Node {
        self.nodes = 0;
        self.root = path.to_string();
        self.node(rule, path, At::CONTEXT)
    }

    /// Operators and values of the rule compiled last, references followed.
    pub(crate) const fn nodes(&self) -> usize {
        self.nodes
    }

    fn node(&mut self, value: &'d Value, path: &Path<'_>, place: At) -> Node {
        self.nodes += 1;
        if self.nodes > RULE_NODES_MAX || place.depth > RULE_DEPTH_MAX {
            // Said once: what follows would only repeat it.
            if self.nodes <= RULE_NODES_MAX + 1 {
                self.nodes = RULE_NODES_MAX + 1;
                let message = format!(
                    "goes beyond what a rule may be: {RULE_DEPTH_MAX} operators deep and {RULE_NODES_MAX} operators and \
                     values in all, references followed"
                );
                // What is within a reference is not to blame for being referred to.
                if self.following.is_empty() {
                    self.problems.push(path, value, message);
                } else {
                    self.problems.push_at(&Path::root(&self.root), message);
                }
            }
            return Node::Null;
        }
        match value {
            Value::Null => Node::Null,
            Value::Bool(value) => Node::Bool(*value),
            Value::Number(number) => Node::Number(number.as_f64().unwrap_or(f64::NAN)),
            Value::String(text) => Node::Text(self.shared(text)),
            Value::Array(items) => Node::List(self.nodes_of(items, path, place.deeper())),
            Value::Object(object) => self.operation(value, object, path, place.deeper()),
        }
    }

    fn shared(&self, text: &str) -> Arc<str> {
        self.variants.iter().find(|name| ***name == *text).map_or_else(|| text.into(), Arc::clone)
    }

    fn nodes_of(&mut self, items: &'d [Value], path: &Path<'_>, place: At) -> Box<[Node]> {
        items.iter().enumerate().map(|(index, item)| self.node(item, &path.index(index), place)).collect()
    }

    fn operation(&mut self, value: &'d Value, object: &'d Map<String, Value>, path: &Path<'_>, place: At) -> Node {
        let mut fields = object.iter();
        let (Some((name, argument)), None) = (fields.next(), fields.next()) else {
            self.problems.push(path, value, "must be an object with exactly one operator");
            return Node::Null;
        };
        let path = path.field(name);
        let Some((_, fewest, most)) = OPERATORS.iter().find(|(known, ..)| known == name) else {
            self.problems.push(&path, argument, format!("{name:?} is not an operator; see the list in the reference"));
            return Node::Null;
        };
        let arguments = match argument {
            Value::Array(arguments) => arguments.as_slice(),
            single => std::slice::from_ref(single),
        };
        let count = arguments.len();
        if !(*fewest..=*most).contains(&count) {
            let message = format!("takes {}, and has {count}", counted(*fewest, *most));
            if matches!(name.as_str(), "starts_with" | "ends_with" | "sem_ver" | "fractional") {
                self.problems.warn(&path, argument, message + ", so it fails");
                self.nodes_of(arguments, &path, place);
                return Node::Fails;
            }
            self.problems.push(&path, argument, message);
            return Node::Null;
        }
        self.known(name, arguments, &path, place)
    }

    fn known(&mut self, name: &'d str, arguments: &'d [Value], path: &Path<'_>, place: At) -> Node {
        match name {
            "$ref" => return self.reference(&arguments[0], path, place),
            "var" => return self.variable(arguments, path, place),
            "sem_ver" => return self.sem_ver(arguments, path, place),
            "fractional" => return self.fractional(arguments, path, place),
            "map" | "filter" | "all" | "none" | "some" => return self.each(name, arguments, path, place),
            "reduce" => return self.reduce(arguments, path, place),
            _ => {}
        }
        let operands = self.nodes_of(arguments, path, place);
        let ordered = |order, operands| Node::Ordered { order, operands };
        let arithmetic = |operation, operands| Node::Arithmetic { operation, operands };
        match name {
            "missing" => Node::Missing(operands),
            "if" => Node::If(operands),
            "and" => Node::And(operands),
            "or" => Node::Or(operands),
            "<" => ordered(Order::Less, operands),
            "<=" => ordered(Order::LessOrEqual, operands),
            ">" => ordered(Order::Greater, operands),
            ">=" => ordered(Order::GreaterOrEqual, operands),
            "+" => arithmetic(Arithmetic::Add, operands),
            "-" => arithmetic(Arithmetic::Subtract, operands),
            "*" => arithmetic(Arithmetic::Multiply, operands),
            "/" => arithmetic(Arithmetic::Divide, operands),
            "%" => arithmetic(Arithmetic::Remainder, operands),
            "min" => arithmetic(Arithmetic::Minimum, operands),
            "max" => arithmetic(Arithmetic::Maximum, operands),
            "cat" => Node::Cat(operands),
            "substr" => Node::Substr(operands),
            "merge" => Node::Merge(operands),
            "!" | "!!" => one(operands, if name == "!" { Node::Not } else { Node::Truth }),
            "in" => contained(operands),
            _ => two(operands, |sides| match name {
                "missing_some" => Node::MissingSome(sides),
                "==" | "!=" => Node::Equal { negated: name == "!=", sides },
                "===" | "!==" => Node::StrictlyEqual { negated: name == "!==", sides },
                "starts_with" => Node::StartsWith(sides),
                "ends_with" => Node::EndsWith(sides),
                _ => Node::Fails,
            }),
        }
    }

    fn reference(&mut self, name: &'d Value, path: &Path<'_>, place: At) -> Node {
        let Some(text) = name.as_str() else {
            self.problems.push(path, name, "must be the name of one of the $evaluators");
            return Node::Null;
        };
        let Some(rule) = self.evaluators.and_then(|evaluators| evaluators.get(text)) else {
            self.problems.push(path, name, "names none of the $evaluators");
            return Node::Null;
        };
        if self.following.contains(&text) {
            self.problems.push(path, name, "refers to itself, directly or by way of others");
            return Node::Null;
        }
        self.following.push(text);
        let root = Path::root("$evaluators");
        let node = self.node(rule, &root.field(text), place);
        self.following.pop();
        node
    }

    fn variable(&mut self, arguments: &'d [Value], path: &Path<'_>, place: At) -> Node {
        let otherwise = match arguments.get(1) {
            Some(otherwise) => self.node(otherwise, &path.index(1), place),
            None => Node::Null,
        };
        let place = match arguments.first() {
            None | Some(Value::Null) => Place::Whole,
            Some(Value::String(name)) => {
                if place.is_context && is_unknown_property(name) {
                    self.problems.warn(
                        path,
                        &arguments[0],
                        "is not given: there are $flagd.flagKey and $flagd.timestamp",
                    );
                }
                Place::of(name, place.is_context)
            }
            Some(Value::Number(index)) => Place::of(&index.to_string(), place.is_context),
            Some(computed @ Value::Object(_)) => Place::Computed(self.node(computed, &path.index(0), place)),
            Some(other) => {
                self.problems.push(path, other, "must be the name of an attribute, or a path such as user.name");
                Place::Whole
            }
        };
        Node::Variable(Box::new(Variable { place, otherwise }))
    }

    fn each(&mut self, name: &str, arguments: &'d [Value], path: &Path<'_>, place: At) -> Node {
        let list = Box::new(self.node(&arguments[0], &path.index(0), place));
        let rule = Box::new(self.node(&arguments[1], &path.index(1), place.within_list()));
        let what = match name {
            "map" => Each::Map,
            "filter" => Each::Filter,
            "all" => Each::All,
            "none" => Each::None,
            _ => Each::Some,
        };
        Node::Each { what, list, rule }
    }

    fn reduce(&mut self, arguments: &'d [Value], path: &Path<'_>, place: At) -> Node {
        let list = Box::new(self.node(&arguments[0], &path.index(0), place));
        let rule = Box::new(self.node(&arguments[1], &path.index(1), place.within_list()));
        let start = Box::new(match arguments.get(2) {
            Some(start) => self.node(start, &path.index(2), place),
            None => Node::Null,
        });
        Node::Reduce { list, rule, start }
    }

    fn sem_ver(&mut self, arguments: &'d [Value], path: &Path<'_>, place: At) -> Node {
        let left = self.side(&arguments[0], &path.index(0), place);
        let right = self.side(&arguments[2], &path.index(2), place);
        let comparison = match &arguments[1] {
            Value::String(text) => match Range::parse(text) {
                Some(range) => Some(Comparison::Fixed(range)),
                None => {
                    let message = "must be one of = != < <= > >= ~ ^, so sem_ver fails";
                    self.problems.warn(&path.index(1), &arguments[1], message);
                    None
                }
            },
            other => Some(Comparison::Reckoned(self.node(other, &path.index(1), place))),
        };
        match (left, comparison, right) {
            (Some(left), Some(comparison), Some(right)) => Node::SemVer(Box::new(SemVer { left, comparison, right })),
            _ => Node::Fails,
        }
    }

    fn side(&mut self, value: &'d Value, path: &Path<'_>, place: At) -> Option<Side> {
        match value {
            Value::String(text) => {
                let version = version(text);
                if version.is_none() {
                    self.problems.warn(path, value, "is not a version such as 1.2.3, so sem_ver fails");
                }
                version.map(Side::Fixed)
            }
            other => Some(Side::Reckoned(self.node(other, path, place))),
        }
    }

    /// A list stands for a bucket; what comes first and is none is what is bucketed by.
    fn fractional(&mut self, arguments: &'d [Value], path: &Path<'_>, place: At) -> Node {
        let by_value = !matches!(arguments.first(), None | Some(Value::Array(_)));
        let by = by_value.then(|| self.node(&arguments[0], &path.index(0), place));
        if by_value && !arguments[0].is_object() {
            let message =
                "is the same for everyone, who then get the same variant: write {\"var\": …}, or leave it out";
            self.problems.warn(&path.index(0), &arguments[0], message);
        }
        let skipped = usize::from(by_value);
        let (mut chosen, mut weights) = (Vec::with_capacity(arguments.len()), Vec::with_capacity(arguments.len()));
        let warnings = self.problems.warnings();
        for (index, argument) in arguments.iter().enumerate().skip(skipped) {
            if let Some((variant, weight)) = self.bucket(argument, &path.index(index), place) {
                chosen.push(variant);
                weights.push(weight);
            }
        }
        if chosen.is_empty() {
            self.problems.warn_at(path, "has no bucket such as [\"on\", 50], so it fails");
        }
        let weights = Weights::of(weights);
        if matches!(&weights, Some(Weights::Fixed(ends)) if !ends.is_empty() && ends.last() == Some(&0)) {
            self.problems.warn_at(path, "has weights that add up to nothing, so it fails");
        }
        if weights.is_none() {
            let message = format!("has weights that add up to more than {TOTAL_WEIGHT_MAX}, so it fails");
            self.problems.warn_at(path, message);
        }
        match weights {
            Some(weights) if self.problems.warnings() == warnings => {
                Node::Fractional(Box::new(Fractional { by, chosen: chosen.into(), weights }))
            }
            _ => Node::Fails,
        }
    }

    fn bucket(&mut self, value: &'d Value, path: &Path<'_>, place: At) -> Option<(Node, Weight)> {
        let (chosen, weight) = match value.as_array().map(Vec::as_slice) {
            Some([chosen]) => (chosen, None),
            Some([chosen, weight]) => (chosen, Some(weight)),
            _ => {
                self.problems.warn(path, value, "must be a bucket such as [\"on\", 50], so fractional fails");
                return None;
            }
        };
        let chosen = self.node(chosen, &path.index(0), place);
        let weight_path = path.index(1);
        let weight = match weight {
            None => Weight::Fixed(1),
            Some(Value::Number(number)) => match number.as_f64().and_then(whole_weight) {
                Some(weight) => Weight::Fixed(weight),
                None => {
                    let message = format!("must be a whole number up to {TOTAL_WEIGHT_MAX}, so fractional fails");
                    self.problems.warn(&weight_path, &Value::Number(number.clone()), message);
                    return None;
                }
            },
            Some(object @ Value::Object(_)) => Weight::Reckoned(self.node(object, &weight_path, place)),
            Some(other) => {
                self.problems.warn(&weight_path, other, "must be a number, so fractional fails");
                return None;
            }
        };
        Some((chosen, weight))
    }
}

/// Where in a rule the compiler is.
#[derive(Clone, Copy)]
struct At {
    depth: usize,
    /// Whether `var` starts at the context, and not at the element of a list.
    is_context: bool,
}

impl At {
    const CONTEXT: Self = Self { depth: 0, is_context: true };

    const fn deeper(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }

    const fn within_list(self) -> Self {
        Self { is_context: false, ..self }
    }
}

/// Whether a path begins where the engine's own properties are and names none of them.
fn is_unknown_property(path: &str) -> bool {
    path.starts_with("$flagd.") && !matches!(path, "$flagd.flagKey" | "$flagd.timestamp")
}

fn counted(fewest: usize, most: usize) -> String {
    match (fewest, most) {
        (1, 1) => "1 argument".to_owned(),
        (fewest, most) if fewest == most => format!("{fewest} arguments"),
        (fewest, usize::MAX) => format!("{fewest} arguments or more"),
        (fewest, most) => format!("{fewest} to {most} arguments"),
    }
}

fn one(operands: Box<[Node]>, make: impl FnOnce(Box<Node>) -> Node) -> Node {
    operands.into_iter().next().map_or(Node::Null, |operand| make(Box::new(operand)))
}

fn two(operands: Box<[Node]>, make: impl FnOnce(Box<[Node; 2]>) -> Node) -> Node {
    operands.try_into().map_or(Node::Null, make)
}

/// `in` a list of texts is looked up as such, without making values of them.
fn contained(operands: Box<[Node]>) -> Node {
    two(operands, |sides| {
        let [needle, list] = *sides;
        match list {
            Node::List(items) if items.iter().all(|item| matches!(item, Node::Text(_))) => {
                let texts = items.into_iter().filter_map(|item| match item {
                    Node::Text(text) => Some(text),
                    _ => None,
                });
                Node::InTexts { needle: Box::new(needle), texts: Texts::of(texts.collect()) }
            }
            list => Node::In(Box::new([needle, list])),
        }
    })
}
