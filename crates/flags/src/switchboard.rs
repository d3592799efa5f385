//! Who decides about a flag, highest first: a kill, the caller's own opt-out, their opt-in where it is offered, the
//! definition (targeting rules, then exposure), its default. `flags.md` §2 is the source.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use serde::Serialize;

use crate::context::Context;
use crate::definition::Definition;
use crate::evaluation::{ErrorCode, Evaluation, Reason, Refusal, Resolution};
use crate::set::{FlagSet, unknown_flag};
use crate::{ClientOverride, EnvironmentSwitch, Flag, Override, OwnFlag};

/// Key of the segment whose members may opt in without an invitation of their own.
pub const EARLY_ADOPTERS: &str = "early-adopters";

/// Everything that decides about flags, at one moment. A change makes a new one, which shares what did not change.
#[derive(Debug, Clone)]
pub struct Switchboard {
    /// The definitions.
    pub set: Arc<FlagSet>,
    /// The environment switches of the server's own flags, by key. One that is missing counts as not set.
    pub switches: HashMap<&'static str, EnvironmentSwitch>,
    /// Keys of the flags that an operator killed.
    pub killed: BTreeSet<String>,
    /// Targeting keys by segment.
    pub segments: Arc<BTreeMap<String, HashSet<String>>>,
    /// Whether an opt-in counts for everyone, as in development and staging.
    pub unsigned_opt_in: bool,
}

/// Who asks, and what they want for themselves.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asker<'a> {
    /// Who they are.
    pub targeting_key: Option<&'a str>,
    /// What they want.
    pub wish: Override,
}

/// The answer about one of the server's own flags, and what led to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// Whether the caller gets the feature.
    pub enabled: bool,
    /// What decided.
    pub reason: DecisionReason,
    /// Whether the caller chose their side themselves: such requests say nothing about cause and effect.
    pub self_selected: bool,
}

/// What decided about a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionReason {
    /// The environment variable is not set: the feature was never asked for in this process.
    NotConfigured,
    /// The environment variable is set to something other than `true`.
    KilledByEnvironment,
    /// An operator killed the flag.
    Killed,
    /// The caller opted out.
    OptedOut,
    /// The caller opted in, and may.
    OptedIn,
    /// The definition's state is DISABLED.
    Disabled,
    /// The definition is broken, or its rule went wrong.
    Broken,
    /// The exposure is by user and nobody is asked about.
    TargetingKeyMissing,
    /// Another flag does not have the variant this one needs.
    PrerequisiteUnmet,
    /// A targeting rule.
    Targeted,
    /// The exposure's draw, for the caller.
    Exposed,
    /// The exposure's draw, against the caller.
    NotExposed,
    /// Nothing above applied.
    Default,
}

impl DecisionReason {
    /// Every reason, highest first.
    pub const ALL: [Self; 13] = [
        Self::NotConfigured,
        Self::KilledByEnvironment,
        Self::Killed,
        Self::OptedOut,
        Self::OptedIn,
        Self::Disabled,
        Self::Broken,
        Self::TargetingKeyMissing,
        Self::PrerequisiteUnmet,
        Self::Targeted,
        Self::Exposed,
        Self::NotExposed,
        Self::Default,
    ];

    /// Name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotConfigured => "not_configured",
            Self::KilledByEnvironment => "killed_by_environment",
            Self::Killed => "killed",
            Self::OptedOut => "opted_out",
            Self::OptedIn => "opted_in",
            Self::Disabled => "disabled",
            Self::Broken => "broken",
            Self::TargetingKeyMissing => "targeting_key_missing",
            Self::PrerequisiteUnmet => "prerequisite_unmet",
            Self::Targeted => "targeted",
            Self::Exposed => "exposed",
            Self::NotExposed => "not_exposed",
            Self::Default => "default",
        }
    }

    /// Whether this is a kill: the page then shows its "temporarily unavailable" banner.
    #[must_use]
    pub const fn is_kill(self) -> bool {
        matches!(self, Self::KilledByEnvironment | Self::Killed)
    }
}

impl Switchboard {
    /// The environment switch of one of the server's own flags in this process.
    #[must_use]
    pub fn switch(&self, key: &str) -> &EnvironmentSwitch {
        self.switches.get(key).unwrap_or(&EnvironmentSwitch::Unset)
    }

    /// Whether somebody is a member of a segment.
    #[must_use]
    pub fn is_member(&self, segment: &str, targeting_key: &str) -> bool {
        self.segments.get(segment).is_some_and(|members| members.contains(targeting_key))
    }

    /// Decides about one of the server's own flags at a time, in seconds since 1970.
    #[must_use]
    pub fn decide(&self, flag: Flag<bool>, asker: Asker<'_>, now_s: i64) -> Decision {
        self.with_segments(&Context::of(asker.targeting_key), |context| {
            self.decide_own(flag.own(), context, asker.wish, now_s).decision
        })
    }

    /// Evaluates any flag for a context, as OFREP answers it: of the server's own flags the decision, of others what
    /// their definition says, of a killed one its variant of value `false`, or none where there is no such variant.
    #[must_use]
    pub fn evaluate<'s>(&'s self, key: &str, context: &Context<'_>, wish: Override, now_s: i64) -> Evaluation<'s> {
        self.with_segments(context, |context| self.evaluate_within(key, context, wish, now_s))
    }

    /// Evaluates one of the set's own flags as [`Switchboard::evaluate`] does, without looking for it.
    #[must_use]
    pub fn evaluate_definition<'s>(
        &'s self,
        definition: &'s Definition,
        context: &Context<'_>,
        wish: Override,
        now_s: i64,
    ) -> Evaluation<'s> {
        self.with_segments(context, |context| self.evaluate_definition_within(definition, context, wish, now_s))
    }

    fn evaluate_within<'s>(&'s self, key: &str, context: &Context<'_>, wish: Override, now_s: i64) -> Evaluation<'s> {
        match self.set.get(key) {
            Some(definition) => self.evaluate_definition_within(definition, context, wish, now_s),
            None => unknown_flag(),
        }
    }

    fn evaluate_definition_within<'s>(
        &'s self,
        definition: &'s Definition,
        context: &Context<'_>,
        wish: Override,
        now_s: i64,
    ) -> Evaluation<'s> {
        let key = definition.key();
        if let Some(own) = OwnFlag::find(key) {
            return self.decide_own(own, context, wish, now_s).evaluation(definition);
        }
        if self.killed.contains(key) {
            return Evaluation { result: Ok(killed(definition)), metadata: definition.metadata_when_killed() };
        }
        Evaluation { result: self.defined(definition, context, now_s), metadata: definition.metadata() }
    }

    /// What a definition says, its prerequisites decided here: a killed flag is no prerequisite that is met.
    fn defined<'s>(
        &'s self,
        definition: &'s Definition,
        context: &Context<'_>,
        now_s: i64,
    ) -> Result<Resolution<'s>, Refusal> {
        definition.evaluate(context, now_s, &|key| self.variant_of(key, context, now_s))
    }

    fn variant_of<'s>(&'s self, key: &str, context: &Context<'_>, now_s: i64) -> Option<&'s str> {
        self.evaluate_within(key, context, Override::None, now_s).result.ok()?.variant
    }

    pub(crate) fn decide_own<'s>(
        &'s self,
        own: &OwnFlag,
        context: &Context<'_>,
        wish: Override,
        now_s: i64,
    ) -> OwnDecision<'s> {
        let off = |reason| OwnDecision::chosen(false, reason, false);
        match self.switch(own.key) {
            EnvironmentSwitch::Unset => return off(DecisionReason::NotConfigured),
            EnvironmentSwitch::Off | EnvironmentSwitch::Invalid(_) => return off(DecisionReason::KilledByEnvironment),
            EnvironmentSwitch::On => {}
        }
        if self.killed.contains(own.key) {
            return off(DecisionReason::Killed);
        }
        let Some(definition) = self.set.get(own.key) else {
            return off(DecisionReason::Broken);
        };
        if wish == Override::Off {
            return OwnDecision::chosen(false, DecisionReason::OptedOut, true);
        }
        let result = self.defined(definition, context, now_s);
        let is_on = result.as_ref().is_ok_and(|resolution| resolution.value == Some("true"));
        let is_offered = definition.is_enabled() && !definition.is_broken();
        if wish == Override::On && is_offered && self.may_opt_in(definition, context, now_s) {
            return OwnDecision::chosen(true, DecisionReason::OptedIn, !is_on);
        }
        let reason = self.reason(definition, &result, context, now_s);
        OwnDecision { decision: Decision { enabled: is_on, reason, self_selected: false }, result: Some(result) }
    }

    /// Whether an opt-in counts: where the flag offers it, for early adopters, and for everyone before production. What
    /// the flag needs of others it needs of those who opt in, too.
    pub(crate) fn may_opt_in(&self, definition: &Definition, context: &Context<'_>, now_s: i64) -> bool {
        let is_early_adopter = || context.targeting_key().is_some_and(|key| self.is_member(EARLY_ADOPTERS, key));
        definition.attributes().client_override == ClientOverride::OptIn
            && (self.unsigned_opt_in || is_early_adopter())
            && definition.has_prerequisites(&|key| self.variant_of(key, context, now_s))
    }

    fn reason(
        &self,
        definition: &Definition,
        result: &Result<Resolution<'_>, Refusal>,
        context: &Context<'_>,
        now_s: i64,
    ) -> DecisionReason {
        match result {
            Err(refusal) if refusal.code == ErrorCode::TargetingKeyMissing => DecisionReason::TargetingKeyMissing,
            Err(_) => DecisionReason::Broken,
            Ok(resolution) => match resolution.reason {
                Reason::Disabled => DecisionReason::Disabled,
                Reason::TargetingMatch => DecisionReason::Targeted,
                Reason::Split => DecisionReason::Exposed,
                Reason::Static => DecisionReason::Default,
                Reason::Default if !definition.has_prerequisites(&|key| self.variant_of(key, context, now_s)) => {
                    DecisionReason::PrerequisiteUnmet
                }
                Reason::Default if definition.attributes().exposure.is_some() => DecisionReason::NotExposed,
                Reason::Default => DecisionReason::Default,
            },
        }
    }

    /// Runs `work` with the context and the segments its targeting key is a member of.
    pub(crate) fn with_segments<T>(&self, context: &Context<'_>, work: impl FnOnce(&Context<'_>) -> T) -> T {
        let Some(user) = context.targeting_key() else { return work(context) };
        let is_member = |members: &HashSet<String>| members.contains(user);
        if !self.segments.values().any(is_member) {
            return work(context);
        }
        let names = self.segments.iter().filter(|(_, members)| is_member(members)).map(|(name, _)| name.as_str());
        let names: Vec<&str> = names.collect();
        work(&context.with_segments(&names))
    }
}

/// A decision about one of the server's own flags, and what its definition said if it was asked.
pub(crate) struct OwnDecision<'s> {
    pub(crate) decision: Decision,
    result: Option<Result<Resolution<'s>, Refusal>>,
}

impl<'s> OwnDecision<'s> {
    /// Decided without the definition.
    const fn chosen(enabled: bool, reason: DecisionReason, self_selected: bool) -> Self {
        Self { decision: Decision { enabled, reason, self_selected }, result: None }
    }

    /// The decision in OpenFeature's words.
    pub(crate) fn evaluation(self, definition: &'s Definition) -> Evaluation<'s> {
        let is_kill = self.decision.reason.is_kill();
        if let Some(result) = self.result {
            return Evaluation { result, metadata: definition.metadata() };
        }
        let value = if self.decision.enabled { "true" } else { "false" };
        let (variant, value) = definition.variant_of_value(value).unwrap_or(if self.decision.enabled {
            ("on", "true")
        } else {
            ("off", "false")
        });
        let reason = match self.decision.reason {
            DecisionReason::OptedIn | DecisionReason::OptedOut => Reason::TargetingMatch,
            _ => Reason::Static,
        };
        let metadata = if is_kill { definition.metadata_when_killed() } else { definition.metadata() };
        let resolution = Resolution { variant: Some(variant), value: Some(value), reason, killed: is_kill };
        Evaluation { result: Ok(resolution), metadata }
    }
}

/// A killed flag of a document: its variant of value `false`, or none.
fn killed(definition: &Definition) -> Resolution<'_> {
    match definition.variant_of_value("false") {
        Some((variant, value)) => {
            Resolution { variant: Some(variant), value: Some(value), reason: Reason::Static, killed: true }
        }
        None => Resolution { variant: None, value: None, reason: Reason::Disabled, killed: true },
    }
}
