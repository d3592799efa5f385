//! Why somebody gets what they get: each step of the decision, and each part of the rule with its outcome.

mod rule_parts;

use serde::Serialize;
use serde_json::Value as Json;

use crate::bucketing::bucket;
use crate::context::Context;
use crate::definition::Definition;
use crate::evaluation::{Evaluation, Resolution};
use crate::set::FlagSet;
use crate::switchboard::Switchboard;
use crate::{ClientOverride, DecisionReason, EnvironmentSwitch, Exposure, Override, OwnFlag};

/// Why somebody gets what they get.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The flag.
    pub key: String,
    /// Who was asked about.
    pub targeting_key: Option<String>,
    /// The variant; null for none.
    pub variant: Option<String>,
    /// Its value; null for none.
    pub value: Json,
    /// OpenFeature's reason; null for an error.
    pub reason: Option<&'static str>,
    /// OpenFeature's error code, if there is no value.
    pub error_code: Option<&'static str>,
    /// What went wrong, if there is no value.
    pub error_details: Option<String>,
    /// The steps of the decision, highest first; one of them decided.
    pub steps: Vec<Step>,
    /// The parts of the targeting rule, outermost first; empty without one.
    pub rules: Vec<RulePart>,
}

/// A step of a decision.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// environment, kill, opt-out, opt-in, definition, prerequisites, targeting, exposure or default.
    pub step: &'static str,
    /// What was found there.
    pub finding: String,
    /// Whether this step decided.
    pub decided: bool,
}

/// A part of a rule: an operator with its arguments.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RulePart {
    /// Where it stands, as in `targeting.if[0]`.
    pub path: String,
    /// The part itself, shortened.
    pub rule: String,
    /// Whether the evaluation came here.
    pub reached: bool,
    /// What it comes to for this context; null where it failed.
    pub outcome: Json,
    /// Whether it failed, which leads to the default variant.
    pub failed: bool,
    /// More to know, such as the bucket somebody falls into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl FlagSet {
    /// Explains a flag's evaluation for a context at a time, in seconds since 1970; none for an unknown flag.
    #[must_use]
    pub fn explain(&self, key: &str, context: &Context<'_>, now_s: i64) -> Option<Explanation> {
        let definition = self.get(key)?;
        let evaluation = self.evaluate(key, context, now_s);
        let variant_of = |key: &str| self.evaluate(key, context, now_s).result.ok()?.variant.map(str::to_owned);
        let story = Story { set: self, definition, context, now_s, variant_of: &variant_of };
        let rules = story.rules();
        let steps = story.steps(&evaluation, &rules);
        Some(explanation(definition, context, &evaluation, steps, rules))
    }
}

impl Switchboard {
    /// Explains who decides about a flag for a context and a wish at a time, in seconds since 1970; none for an unknown
    /// flag.
    #[must_use]
    pub fn explain(&self, key: &str, context: &Context<'_>, wish: Override, now_s: i64) -> Option<Explanation> {
        self.with_segments(context, |context| {
            let definition = self.set.get(key)?;
            let evaluation = self.evaluate(key, context, wish, now_s);
            let variant_of =
                |key: &str| self.evaluate(key, context, Override::None, now_s).result.ok()?.variant.map(str::to_owned);
            let story = Story { set: &self.set, definition, context, now_s, variant_of: &variant_of };
            let mut steps = match OwnFlag::find(key) {
                Some(own) => self.own_steps(own, definition, context, wish, now_s),
                None => vec![self.kill_step(key)],
            };
            let rules = story.rules();
            if steps.iter().all(|step| !step.decided) {
                steps.extend(story.steps(&evaluation, &rules));
            }
            Some(explanation(definition, context, &evaluation, steps, rules))
        })
    }

    fn kill_step(&self, key: &str) -> Step {
        let is_killed = self.killed.contains(key);
        let finding = if is_killed { "an operator killed the flag" } else { "not killed" };
        Step { step: "kill", finding: finding.to_owned(), decided: is_killed }
    }

    fn own_steps(
        &self,
        own: &OwnFlag,
        definition: &Definition,
        context: &Context<'_>,
        wish: Override,
        now_s: i64,
    ) -> Vec<Step> {
        let decided = self.decide_own(own, context, wish, now_s).decision.reason;
        let variable = own.environment_variable;
        let environment = match self.switch(own.key) {
            EnvironmentSwitch::On => format!("{variable} lets the flag be on in this process"),
            EnvironmentSwitch::Off => format!("{variable} is false: off in this process"),
            EnvironmentSwitch::Invalid(value) => format!("{variable} is {value:?}, neither true nor false: off"),
            EnvironmentSwitch::Unset => format!("{variable} is not set: off in this process"),
        };
        let opt_out = if wish == Override::Off { "the caller opted out" } else { "the caller did not opt out" };
        let opt_in = match (wish, definition.attributes().client_override) {
            (Override::On, ClientOverride::OptIn) if self.may_opt_in(definition, context, now_s) => "opted in, and may",
            (Override::On, ClientOverride::OptIn) => {
                "opted in, but is no member of early-adopters, or a prerequisite is not met"
            }
            (Override::On, _) => "opted in, but the flag's clientOverride is not opt-in",
            _ => "the caller did not opt in",
        };
        let is = |reasons: &[DecisionReason]| reasons.contains(&decided);
        vec![
            Step {
                step: "environment",
                finding: environment,
                decided: is(&[DecisionReason::NotConfigured, DecisionReason::KilledByEnvironment]),
            },
            Step { decided: is(&[DecisionReason::Killed]), ..self.kill_step(own.key) },
            Step { step: "opt-out", finding: opt_out.to_owned(), decided: is(&[DecisionReason::OptedOut]) },
            Step { step: "opt-in", finding: opt_in.to_owned(), decided: is(&[DecisionReason::OptedIn]) },
        ]
    }
}

fn explanation(
    definition: &Definition,
    context: &Context<'_>,
    evaluation: &Evaluation<'_>,
    steps: Vec<Step>,
    rules: Vec<RulePart>,
) -> Explanation {
    let resolution = evaluation.result.as_ref().ok();
    let refusal = evaluation.result.as_ref().err();
    let value = resolution.and_then(|resolution| resolution.value).and_then(|value| serde_json::from_str(value).ok());
    Explanation {
        key: definition.key().to_owned(),
        targeting_key: context.targeting_key().map(str::to_owned),
        variant: resolution.and_then(|resolution| resolution.variant).map(str::to_owned),
        value: value.unwrap_or_default(),
        reason: resolution.map(|resolution| resolution.reason.as_str()),
        error_code: refusal.map(|refusal| refusal.code.as_str()),
        error_details: refusal.map(|refusal| refusal.details.to_string()),
        steps,
        rules,
    }
}

/// One flag's evaluation for one context.
struct Story<'s> {
    set: &'s FlagSet,
    definition: &'s Definition,
    context: &'s Context<'s>,
    now_s: i64,
    variant_of: &'s dyn Fn(&str) -> Option<String>,
}

impl Story<'_> {
    /// The steps of a definition, from its state to its default.
    fn steps(&self, evaluation: &Evaluation<'_>, rules: &[RulePart]) -> Vec<Step> {
        use crate::Reason;
        let definition = self.definition;
        let mut steps = Vec::new();
        let mut step = |step, finding: String, decided| steps.push(Step { step, finding, decided });
        let Ok(Resolution { reason, .. }) = evaluation.result else {
            let details = evaluation.result.as_ref().err().map(|refusal| refusal.details.to_string());
            step("definition", details.unwrap_or_default(), true);
            return steps;
        };
        let state = if definition.is_enabled() { "ENABLED" } else { "DISABLED: the caller's own default" };
        step("definition", format!("its state is {state}"), reason == Reason::Disabled);
        if reason == Reason::Disabled {
            return steps;
        }
        let (finding, is_met) = self.prerequisites();
        step("prerequisites", finding, !is_met);
        if !is_met {
            return steps;
        }
        let targeting = match (rules.first(), reason) {
            (None, _) => "there is no rule",
            (Some(_), Reason::TargetingMatch) => "the rule names a variant",
            (Some(RulePart { failed: true, .. }), _) => "an operator failed, which ends the rule",
            (Some(_), _) => "the rule names no variant",
        };
        step("targeting", targeting.to_owned(), reason == Reason::TargetingMatch);
        if reason == Reason::TargetingMatch {
            return steps;
        }
        step("exposure", self.exposure(), reason == Reason::Split);
        if reason != Reason::Split {
            let finding = match definition.default_variant() {
                Some(variant) => format!("the default variant is {variant}"),
                None => "there is no default variant: the caller's own default".to_owned(),
            };
            step("default", finding, true);
        }
        steps
    }

    fn prerequisites(&self) -> (String, bool) {
        let mut is_met = true;
        let found = self.definition.attributes().prerequisites.iter().map(|(flag, wanted)| {
            let variant = (self.variant_of)(flag);
            is_met &= variant.as_deref() == Some(&**wanted);
            let variant = variant.unwrap_or_else(|| "none".to_owned());
            format!("{flag} is {variant}, and {wanted} is needed")
        });
        let found: Vec<String> = found.collect();
        if found.is_empty() { ("there are none".to_owned(), true) } else { (found.join("; "), is_met) }
    }

    fn exposure(&self) -> String {
        let Some(exposure) = self.definition.attributes().exposure else {
            return "there is none".to_owned();
        };
        let percent = |share: u32| format!("{}.{:02} %", share / 100, share % 100);
        let share = exposure.hundredths_of_percent();
        match self.context.targeting_key() {
            None => format!("{} of the users; nobody is asked about", percent(share)),
            Some(user) => {
                let place = bucket(self.definition.users().hash(user), Exposure::EVERYONE);
                let side = if place < share { "is exposed" } else { "is not exposed" };
                format!("{} of the users; {user} falls at {} and {side}", percent(share), percent(place))
            }
        }
    }
}
