//! One flag as it is defined: its variants, its rule, its attributes, and how it is evaluated.

mod reading;

pub(crate) use reading::metadata;

use std::borrow::Cow;
use std::sync::Arc;

use crate::Exposure;
use crate::attributes::Attributes;
use crate::bucketing::{UsersOfFlag, bucket};
use crate::context::Context;
use crate::evaluation::{ErrorCode, Reason, Refusal, Resolution};
use crate::rule::{Node, Stop, evaluate};
use crate::value::{Value, with_spare_arena};

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

const fn general(details: &'static str) -> Refusal {
    Refusal { code: ErrorCode::General, details: Cow::Borrowed(details) }
}
