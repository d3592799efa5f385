//! Policies: those that are shipped (B1), budgets (rollouts.md §3), and what is refused.

#![expect(clippy::panic, reason = "a broken case fails the test")]

use jiff::SignedDuration;
use rollout::{Budget, Class, DEFAULT, Design, Environment, Policy, PolicyError, REFERENCE};

const SMALL: &str = r#"
name = "small"
flag = "enableLotLevelMoic"
[criteria.errors]
metric = "errors"
success = 0.005
limit = 0.01
[triggers.worse]
class = "causal"
metric = "errors"
success = 0.005
[triggers.pool]
class = "shared_resource"
metric = "poolInUse"
above = 0.9
clear = 0.7
for = "1m"
recover_within = "5m"
[[phases]]
name = "canary"
environment = "production"
percent = 10
min_soak = "30m"
max_soak = "2h"
criteria = ["errors"]
triggers = ["worse", "pool"]
[[phases]]
name = "half"
environment = "production"
percent = 50
min_soak = "30m"
max_soak = "2h"
criteria = ["errors"]
triggers = ["worse", "pool"]
"#;

fn problems(text: &str) -> Vec<String> {
    match Policy::from_toml(text) {
        Ok(_) => panic!("taken:\n{text}"),
        Err(PolicyError::Invalid(problems)) => problems.iter().map(ToString::to_string).collect(),
        Err(error) => vec![error.to_string()],
    }
}

/// The policy with one part replaced has exactly this problem.
fn refused(from: &str, to: &str, expected: &str) {
    assert!(SMALL.contains(from), "{from} is not in the policy");
    let found = problems(&SMALL.replacen(from, to, 1));
    assert!(
        found.iter().any(|problem| problem.starts_with(expected)),
        "{from} → {to}: {expected}\nis not in {found:#?}"
    );
}

#[test]
fn b1_the_default_policy_is_the_plans_table() {
    let policy = Policy::from_toml(DEFAULT).unwrap();
    assert_eq!(policy.flag, "enableLotLevelMoic");
    let rows: Vec<_> = policy
        .phases
        .iter()
        .map(|phase| (phase.name.as_str(), phase.environment, phase.audience.percent(), phase.min_soak.as_hours() / 24))
        .collect();
    let expected = [
        ("development", Environment::Development, 100.0, 5),
        ("staging", Environment::Staging, 100.0, 2),
        ("canary", Environment::Production, 10.0, 2),
        ("expanded", Environment::Production, 50.0, 2),
        ("general-availability", Environment::Production, 98.0, 2),
    ];
    assert_eq!(rows, expected);
    let names = |position: usize| -> Vec<&str> {
        policy.phases[position].triggers.iter().map(|one| one.name.as_str()).collect()
    };
    assert!(
        names(1).contains(&"critical-bug")
            && names(1).contains(&"slower-than-baseline")
            && names(1).contains(&"integrity")
    );
    for position in [2, 3] {
        for trigger in ["error-rate", "p99", "critical-report"] {
            assert!(names(position).contains(&trigger), "{trigger} of phase {position}");
        }
    }
    assert_eq!(policy.phases_of(Environment::Production), [2, 3, 4]);
}

#[test]
fn the_hash_is_of_the_bytes() {
    let policy = Policy::from_toml(REFERENCE).unwrap();
    assert_eq!(policy.hash().len(), "sha256:".len() + 64);
    assert_eq!(policy.hash(), Policy::from_toml(REFERENCE).unwrap().hash());
    assert_ne!(policy.hash(), Policy::from_toml(&format!("{REFERENCE}\n# later")).unwrap().hash());
}

#[test]
fn the_reference_policy_shares_its_budgets_out_as_the_table_says() {
    let policy = Policy::from_toml(REFERENCE).unwrap();
    let budget = Budget::of(&policy);
    for phase in 0..2 {
        let budget = budget.phase(phase).unwrap();
        for trigger in ["worse-than-control", "slower-than-control"] {
            assert!((budget.ln_threshold(trigger).unwrap() - 200_f64.ln()).abs() < 1e-9);
        }
        for criterion in ["errors", "p95"] {
            assert!((budget.ln_pass(criterion).unwrap() - 40_f64.ln()).abs() < 1e-9);
        }
    }
    assert!((budget.false_rollback(&policy) - 0.02).abs() < 1e-12);
    let tighter = policy.with_budgets(Some(0.002), Some(0.01));
    let budget = Budget::of(&tighter);
    assert!((budget.phase(0).unwrap().ln_threshold("worse-than-control").unwrap() - 1_000_f64.ln()).abs() < 1e-9);
    assert!((budget.phase(0).unwrap().ln_pass("errors").unwrap() - 200_f64.ln()).abs() < 1e-9);
}

#[test]
fn errors_get_half_of_a_phases_alpha_and_the_rest_is_shared_equally() {
    let policy = Policy::from_toml(DEFAULT).unwrap();
    let budget = Budget::of(&policy);
    // 2 % over three phases with a control arm; half of each for the two tests of errors, half for P99.
    let of_canary = budget.phase(2).unwrap();
    assert!((of_canary.ln_threshold("worse-than-control").unwrap() - 600_f64.ln()).abs() < 1e-9);
    assert!((of_canary.ln_threshold("error-rate").unwrap() - 600_f64.ln()).abs() < 1e-9);
    assert!((of_canary.ln_threshold("p99").unwrap() - 300_f64.ln()).abs() < 1e-9);
    assert_eq!(of_canary.ln_threshold("pool-exhausted"), None);
    assert!((budget.false_rollback(&policy) - policy.alpha).abs() < 1e-12);
    let weighted = SMALL
        .replace("class = \"causal\"\n", "class = \"causal\"\nweight = 0.25\n")
        .replace("[triggers.pool]", "[triggers.rate]\nclass = \"absolute\"\nmetric = \"errors\"\nsuccess = 0.005\nlimit = 0.01\nweight = 0.75\n[triggers.pool]")
        .replace("\"worse\", \"pool\"", "\"worse\", \"rate\", \"pool\"");
    let policy = Policy::from_toml(&weighted).unwrap();
    let budget = Budget::of(&policy);
    assert!((budget.phase(0).unwrap().ln_threshold("rate").unwrap() - -(0.02_f64 / 2.0 * 0.75).ln()).abs() < 1e-9);
}

#[test]
fn what_is_left_out_has_a_sensible_value() {
    let policy = Policy::from_toml(SMALL).unwrap();
    assert_eq!((policy.alpha, policy.beta), (0.02, 0.05));
    assert_eq!(policy.no_data, SignedDuration::from_mins(15));
    assert_eq!(policy.phases[0].audience.design(), Design::Hashed(0.1));
    assert!(!policy.phases[0].audience.opt_in);
    assert_eq!(policy.phases[0].triggers[1].condition.class(), Class::SharedResource);
}

#[test]
fn gaps_overlaps_and_falling_exposure_are_refused() {
    refused("percent = 50", "percent = 5", "phases[1].percent must not fall: canary has 10 (found: 5.0)");
    refused("percent = 10\n", "", "phases[0].percent is missing");
    refused("percent = 10", "percent = 0", "phases[0].percent must be a percent of the users above 0");
    refused("percent = 10", "percent = 10.001", "phases[0].percent must be a percent");
    refused("percent = 10", "percent = 101", "phases[0].percent must be a percent");
    refused("name = \"half\"", "name = \"canary\"", "phases[1].name comes twice (found: canary)");
    refused(
        "percent = 50\n",
        "percent = 100\n",
        "phases[1].triggers worse compares two arms, and at 100 percent there is only one",
    );
    let back = SMALL.replacen(
        "name = \"half\"\nenvironment = \"production\"",
        "name = \"half\"\nenvironment = \"staging\"",
        1,
    );
    assert!(problems(&back)[0].starts_with("phases[1].environment must not come before production"));
    refused(
        "success = 0.005\nlimit = 0.01",
        "success = 0.01\nlimit = 0.01",
        "criteria.errors.success must be below the rollback limit (0.01)",
    );
    refused("clear = 0.7", "clear = 0.95", "triggers.pool.clear must not be above 0.9");
}

#[test]
fn times_of_zero_and_times_that_end_before_they_begin_are_refused() {
    refused("min_soak = \"30m\"", "min_soak = \"0s\"", "phases[0].min_soak must be a duration above 0");
    refused("min_soak = \"30m\"", "min_soak = \"5s\"", "phases[0].min_soak must be at least 15s");
    refused("min_soak = \"30m\"", "min_soak = \"-1h\"", "phases[0].min_soak must be a duration above 0");
    refused("min_soak = \"30m\"", "min_soak = \"3h\"", "phases[0].max_soak must not be shorter than min_soak");
    refused("min_soak = \"30m\"", "min_soak = 30", "phases[0].min_soak must be a duration above 0");
    refused(
        "min_soak = \"30m\"",
        "min_soak = \"100d\"",
        "phases[0].min_soak must be a duration above 0 and up to 90 days",
    );
    refused("for = \"1m\"", "for = \"0m\"", "triggers.pool.for must be a duration above 0");
    refused(
        "name = \"small\"",
        "name = \"small\"\n[deadlines]\nheld = \"0h\"\n[x]",
        "deadlines.held must be a duration above 0",
    );
}

#[test]
fn budgets_that_do_not_add_up_are_refused() {
    refused("name = \"small\"", "name = \"small\"\nalpha = 0", "alpha must be a number above 0 and below 1 (found: 0)");
    refused(
        "name = \"small\"",
        "name = \"small\"\nbeta = 1.0",
        "beta must be a number above 0 and below 1 (found: 1.0)",
    );
    refused(
        "class = \"causal\"",
        "class = \"causal\"\nweight = 0.5",
        "phases[0].triggers the weights of the tests must add up to 1",
    );
    refused(
        "class = \"causal\"",
        "class = \"causal\"\nweight = 1\nalpha = 0.01",
        "triggers.worse.weight is a share of the policy's alpha",
    );
    refused(
        "class = \"shared_resource\"",
        "class = \"shared_resource\"\nalpha = 0.01",
        "triggers.pool.alpha is for tests",
    );
}

#[test]
fn unknown_metrics_rules_and_fields_are_refused() {
    refused(
        "metric = \"errors\"",
        "metric = \"happiness\"",
        "criteria.errors.metric must be one of errors, latency, poolInUse",
    );
    refused(
        "criteria = [\"errors\"]",
        "criteria = [\"error\"]",
        "phases[0].criteria[0] must be the name of an entry of [criteria]: errors (found: error)",
    );
    refused(
        "triggers = [\"worse\", \"pool\"]",
        "triggers = [\"worse\", \"worse\"]",
        "phases[0].triggers[1] comes twice",
    );
    refused("flag = ", "colour = \"blue\"\nflag = ", "colour is not a field here");
    refused("flag = \"enableLotLevelMoic\"", "", "flag is missing");
    refused("class = \"causal\"", "class = \"casual\"", "triggers.worse.class must be one of causal, absolute");
    refused(
        "[criteria.errors]",
        "[criteria.\"two words\"]\nmetric = \"errors\"\nsuccess = 0.1\nlimit = 0.2\n[criteria.errors]",
        "criteria.two words must be named by",
    );
    refused(
        "[criteria.errors]",
        "[criteria.idle]\nmetric = \"errors\"\nsuccess = 0.1\nlimit = 0.2\n[criteria.errors]",
        "criteria.idle is asked for by no phase",
    );
    refused(
        "environment = \"production\"",
        "environment = \"moon\"",
        "phases[0].environment must be one of development, staging, production",
    );
}

#[test]
fn a_phase_that_only_waits_is_refused() {
    refused(
        "criteria = [\"errors\"]\ntriggers = [\"worse\", \"pool\"]\n[[phases]]",
        "triggers = [\"worse\", \"pool\"]\n[[phases]]",
        "phases[0].criteria is missing: without a criterion or a check nothing is shown",
    );
    refused(
        "[[phases]]",
        "[general_availability]\nholdback = 9\nmin_soak = \"1h\"\nmax_soak = \"2h\"\ncriteria = [\"errors\"]\n[[phases]]",
        "general_availability.holdback must be a percent of the users from 1 to 5",
    );
}

#[test]
fn every_problem_is_named_at_once() {
    let broken =
        SMALL.replace("percent = 10", "percent = 0").replace("for = \"1m\"", "for = 3").replace("flag =", "flags =");
    let found = problems(&broken);
    for expected in ["phases[0].percent", "triggers.pool.for", "flag is missing", "flags is not a field"] {
        assert!(found.iter().any(|problem| problem.starts_with(expected)), "{expected} is not in {found:#?}");
    }
}

#[test]
fn what_is_no_toml_and_what_is_too_large_is_refused() {
    assert!(matches!(Policy::from_toml("name = "), Err(PolicyError::Syntax(_))));
    assert!(matches!(Policy::from_toml(&" ".repeat(70_000)), Err(PolicyError::TooLarge(70_000))));
    assert_eq!(problems("")[0], "name is missing");
}
