//! One flag as it is defined: its variants, its rule, its attributes, and how it is evaluated.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::Exposure;
use crate::attributes::{self, Attributes};
use crate::bucketing::{Bucketing, UsersOfFlag, bucket};
use crate::context::Context;
use crate::evaluation::{ErrorCode, Reason, Refusal, Resolution};
use crate::problem::{KEY_LENGTH_MAX, Path, Problems, VARIANTS_MAX};
use crate::rule::{Compiler, Node, Stop, evaluate};
use crate::value::{Value, with_spare_arena};

/// The largest whole number every reader of JSON gets right.
const SAFE_INTEGER_MAX: f64 = 9_007_199_254_740_991.0;
const FIELDS: [&str; 6] = ["key", "state", "variants", "defaultVariant", "targeting", "metadata"];

/// One flag as it is defined.
#[derive(Debug)]
pub struct Definition {
    key: Box<str>,
    json: Box<str>,
    metadata: Box<str>,
    metadata_when_killed: Box<str>,
    attributes: Attributes,
    users: UsersOfFlag,
    is_enabled: bool,
    variants: Box<[Variant]>,
    /// Index of the default variant.
    default: Option<usize>,
    rule: Option<Node>,
    /// Operators and values of the rule, references followed.
    rule_nodes: usize,
    /// Why the flag cannot be evaluated.
    fault: Option<&'static str>,
}

#[derive(Debug)]
struct Variant {
    name: Arc<str>,
    value: Box<str>,
}

/// What the other flags of a set are needed for: the variant another flag has for the same context.
pub(crate) type VariantOf<'s, 'v> = &'v dyn Fn(&str) -> Option<&'s str>;

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
            problems.push(&path.field("metadata").field("exposure"), &Json::Null, message);
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

    /// Leaves the flag without its rule, since nobody will ask it.
    pub(crate) fn break_with(&mut self, fault: &'static str) {
        self.fault = Some(fault);
        self.rule = None;
    }

    pub(crate) const fn rule_nodes(&self) -> usize {
        self.rule_nodes
    }

    /// Why the flag cannot be evaluated.
    pub(crate) const fn fault(&self) -> Option<&'static str> {
        self.fault
    }

    /// The flag's key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The definition as compact JSON.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.json
    }

    /// Whether its state is ENABLED.
    #[must_use]
    pub const fn is_enabled(&self) -> bool {
        self.is_enabled
    }

    /// Whether it cannot be evaluated and answers `PARSE_ERROR`.
    #[must_use]
    pub const fn is_broken(&self) -> bool {
        self.fault.is_some()
    }

    /// The set's metadata overlaid by the flag's: the text of a JSON object.
    #[must_use]
    pub fn metadata(&self) -> &str {
        &self.metadata
    }

    /// The same with `"killed": true`.
    #[must_use]
    pub fn metadata_when_killed(&self) -> &str {
        &self.metadata_when_killed
    }

    /// Lotwise's own attributes.
    #[must_use]
    pub const fn attributes(&self) -> &Attributes {
        &self.attributes
    }

    /// Names and values (JSON texts) of the variants.
    pub fn variants(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variants.iter().map(|variant| (&*variant.name, &*variant.value))
    }

    /// Name of the default variant.
    #[must_use]
    pub fn default_variant(&self) -> Option<&str> {
        self.default.and_then(|index| self.variants.get(index)).map(|variant| &*variant.name)
    }

    /// Name and value of the one variant with this value (a JSON text); none if there are several.
    #[must_use]
    pub fn variant_of_value(&self, value: &str) -> Option<(&str, &str)> {
        let mut of_value = self.variants().filter(|(_, known)| *known == value);
        let found = of_value.next()?;
        of_value.next().is_none().then_some(found)
    }

    /// How users are hashed for the flag.
    pub(crate) const fn users(&self) -> &UsersOfFlag {
        &self.users
    }

    pub(crate) const fn rule(&self) -> Option<&Node> {
        self.rule.as_ref()
    }

    /// The variant that those who are exposed get.
    fn exposed(&self) -> Option<(&str, &str)> {
        self.variant_of_value("true")
    }

    /// Evaluates the flag at a time, in seconds since 1970.
    ///
    /// # Errors
    /// A broken definition, a rule beyond its limits or with a variant that does not exist, no targeting key where the
    /// exposure is by user.
    #[inline]
    pub(crate) fn evaluate<'s>(
        &'s self,
        context: &Context<'_>,
        now_s: i64,
        variant_of: VariantOf<'s, '_>,
    ) -> Result<Resolution<'s>, Refusal> {
        if let Some(fault) = self.fault {
            return Err(Refusal { code: ErrorCode::ParseError, details: Cow::Borrowed(fault) });
        }
        if !self.is_enabled {
            return Ok(Resolution { variant: None, value: None, reason: Reason::Disabled, killed: false });
        }
        if !self.has_prerequisites(variant_of) {
            return Ok(self.without_prerequisites());
        }
        match (&self.rule, self.attributes.exposure) {
            (None, None) => Ok(self.default_with(Reason::Static)),
            (None, Some(exposure)) => self.drawn(exposure, context),
            (Some(rule), exposure) => match self.targeted(rule, context, now_s)? {
                Some(variant) => Ok(self.resolved(variant, Reason::TargetingMatch)),
                None => match exposure {
                    None => Ok(self.default_with(Reason::Default)),
                    Some(exposure) => self.drawn(exposure, context),
                },
            },
        }
    }

    /// What the rule says; none where it leaves it to the default.
    fn targeted(&self, rule: &Node, context: &Context<'_>, now_s: i64) -> Result<Option<&Variant>, Refusal> {
        with_spare_arena(|arena| {
            // Looked at where it is: moving it takes longer than most operators.
            let name = match &evaluate(rule, context, &self.key, now_s, &self.users, arena) {
                Ok(Value::Text(name)) => *name,
                Err(Stop::OperatorFailed) | Ok(Value::Null) => return Ok(None),
                Err(Stop::BeyondLimit) => return Err(general("the rule went beyond the limits of an evaluation")),
                Ok(Value::Array(_) | Value::Object(_)) => return Err(general("the rule names no variant but a list")),
                Ok(value) => value.to_text(arena),
            };
            // Most rules give a name that they share with the variant, which is told without comparing the text.
            let shared = self.variants.iter().find(|variant| std::ptr::eq(&*variant.name, name));
            let variant = shared.or_else(|| self.variants.iter().find(|variant| *variant.name == *name));
            variant
                .map_or_else(|| Err(general("the rule names a variant that the flag does not have")), |it| Ok(Some(it)))
        })
    }

    /// The exposure's draw: the variant of value `true` for its share of the users, the default for the others.
    fn drawn(&self, exposure: Exposure, context: &Context<'_>) -> Result<Resolution<'_>, Refusal> {
        let is_exposed = match (exposure.hundredths_of_percent(), context.targeting_key()) {
            (0, _) => false,
            (Exposure::EVERYONE, _) => true,
            (_, None) => {
                let details =
                    Cow::Borrowed("the flag is given to a share of the users: the context needs a targetingKey");
                return Err(Refusal { code: ErrorCode::TargetingKeyMissing, details });
            }
            (share, Some(user)) => bucket(self.users.hash(user), Exposure::EVERYONE) < share,
        };
        match self.exposed() {
            Some((variant, value)) if is_exposed => {
                Ok(Resolution { variant: Some(variant), value: Some(value), reason: Reason::Split, killed: false })
            }
            _ => Ok(self.default_with(Reason::Default)),
        }
    }

    #[inline]
    pub(crate) fn has_prerequisites<'s>(&self, variant_of: VariantOf<'s, '_>) -> bool {
        self.attributes.prerequisites.iter().all(|(flag, variant)| variant_of(flag) == Some(&**variant))
    }

    /// The variant of a boolean flag that is off, or the default of another.
    pub(crate) fn without_prerequisites(&self) -> Resolution<'_> {
        match self.variant_of_value("false") {
            Some((variant, value)) => {
                Resolution { variant: Some(variant), value: Some(value), reason: Reason::Default, killed: false }
            }
            None => self.default_with(Reason::Default),
        }
    }

    /// The default variant; without one the caller's own default, which is DEFAULT whatever led to it.
    #[inline]
    fn default_with(&self, reason: Reason) -> Resolution<'_> {
        match self.default.and_then(|index| self.variants.get(index)) {
            Some(variant) => self.resolved(variant, reason),
            None => Resolution { variant: None, value: None, reason: Reason::Default, killed: false },
        }
    }

    #[inline]
    fn resolved<'s>(&'s self, variant: &'s Variant, reason: Reason) -> Resolution<'s> {
        Resolution { variant: Some(&variant.name), value: Some(&variant.value), reason, killed: false }
    }
}

/// The text of a value.
fn compact(json: &Json) -> Box<str> {
    // A value that has been read has nothing in it that cannot be written.
    serde_json::to_string(json).unwrap_or_default().into()
}

const fn general(details: &'static str) -> Refusal {
    Refusal { code: ErrorCode::General, details: Cow::Borrowed(details) }
}

fn state(state: Option<&Json>, path: &Path<'_>, problems: &mut Problems) -> bool {
    let path = path.field("state");
    match state.map(|state| (state, state.as_str())) {
        Some((_, Some("ENABLED"))) => true,
        Some((_, Some("DISABLED"))) => false,
        None => {
            problems.warn(&path, &Json::Null, "must be ENABLED or DISABLED; taken for ENABLED");
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
        problems.warn(&path, &Json::Null, "is missing: a flag without variants has no value");
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
        problems.push(&path, &Json::Null, format!("has more than {VARIANTS_MAX} variants"));
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
