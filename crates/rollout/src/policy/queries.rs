//! Where the evidence comes from, when it is not the service's own counters: queries to a Prometheus-compatible server.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Design, Phase};
use crate::evidence::Measure;
use crate::problem::Problems;
use crate::reading::{Object, text, word};

/// Characters of a query.
const QUERY_LENGTH_MAX: usize = 2_000;

/// The queries of a policy. Those of arms select counters, one series or several; what rose in a tick is worked out series by
/// series, so they need neither `rate` nor `sum`. Those of shared measures give one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queries {
    /// Those with the feature.
    pub treatment: ArmQueries,
    /// Those without; none where no phase has any.
    pub control: Option<ArmQueries>,
    /// Levels both arms share, in place of those the service measures itself.
    pub shared: BTreeMap<Measure, String>,
}

/// The queries of an arm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArmQueries {
    /// Requests.
    pub requests: String,
    /// Those that failed.
    pub failures: String,
    /// Buckets of a histogram of seconds, with their bounds in `le`.
    pub latency: Option<String>,
    /// Users first seen in this arm in the present phase.
    pub users: Option<String>,
    /// Users whose first failure of the present phase was seen.
    pub first_failures: Option<String>,
}

/// What the phases of a policy compare, and so need to be told.
#[derive(Debug, Clone, Copy, Default)]
struct Needs {
    control: bool,
    latency: bool,
    users: bool,
}

impl Needs {
    fn of(phases: &[Phase]) -> Self {
        let mut needs = Self::default();
        for phase in phases {
            let design = phase.audience.design();
            needs.control |= design.is_controlled();
            needs.users |= matches!(design, Design::Hashed(_));
            needs.latency |= phase.criteria.iter().any(|criterion| criterion.proof.is_of_latency())
                || phase.triggers.iter().any(|trigger| trigger.condition.is_of_latency());
        }
        needs
    }
}

/// Reads `[evidence]`; none where the service's own counters are the source.
pub(super) fn read(root: &mut Object<'_>, phases: &[Phase], problems: &mut Problems) -> Option<Queries> {
    let path = root.path("evidence");
    let mut object = Object::of(root.get("evidence")?, path, problems)?;
    let asks = object.required("source", problems, word(&[("service", false), ("prometheus", true)]))?;
    let needs = Needs::of(phases);
    let queries = asks.then(|| {
        let treatment = read_arm(&mut object, "treatment", true, needs, problems);
        let control = read_arm(&mut object, "control", needs.control, needs, problems);
        let shared = read_shared(&mut object, problems);
        treatment.map(|treatment| Queries { treatment, control, shared })
    });
    object.finish(problems);
    queries.flatten()
}

fn read_arm(
    object: &mut Object<'_>,
    name: &'static str,
    is_needed: bool,
    needs: Needs,
    problems: &mut Problems,
) -> Option<ArmQueries> {
    let path = object.path(name);
    let Some(value) = object.get(name) else {
        if is_needed {
            problems.at(path, "is missing: give the queries of this arm's requests and failures");
        }
        return None;
    };
    let mut arm = Object::of(value, path, problems)?;
    let requests = arm.required("requests", problems, query);
    let failures = arm.required("failures", problems, query);
    let mut where_needed = |field: &'static str, is_needed: bool, why: &str, problems: &mut Problems| {
        let path = arm.path(field);
        let found = arm.optional(field, problems, query);
        if found.is_none() && is_needed {
            problems.at(path, format!("is missing: {why}"));
        }
        found
    };
    let latency =
        where_needed("latency", needs.latency, "a criterion or trigger of the policy is about latency", problems);
    let by_user = "a phase draws its users, and what is drawn is what is compared";
    let users = where_needed("users", needs.users, by_user, problems);
    let first_failures = where_needed("first_failures", needs.users, by_user, problems);
    arm.finish(problems);
    Some(ArmQueries { requests: requests?, failures: failures?, latency, users, first_failures })
}

fn read_shared(object: &mut Object<'_>, problems: &mut Problems) -> BTreeMap<Measure, String> {
    let path = object.path("shared");
    let mut shared = BTreeMap::new();
    for (name, value) in object.table("shared", problems) {
        let place = format!("{path}.{name}");
        let measure = Measure::ALL.into_iter().find(|measure| measure.as_str() == name);
        match (measure, query(value)) {
            (Some(measure), Ok(query)) => {
                shared.insert(measure, query);
            }
            (None, _) => {
                let names = Measure::ALL.map(Measure::as_str).join(", ");
                problems.wrong(place, value, format!("is no measure; there are {names}"));
            }
            (_, Err(message)) => problems.wrong(place, value, message),
        }
    }
    shared
}

fn query(value: &Value) -> Result<String, String> {
    text(QUERY_LENGTH_MAX)(value)
}

#[cfg(test)]
mod tests {
    use crate::policy::{DEFAULT, Policy, PolicyError};

    const ARMS: &str = r#"
[evidence]
source = "prometheus"
[evidence.treatment]
requests = 'requests{arm="treatment"}'
failures = 'failures{arm="treatment"}'
"#;

    fn problems(policy: &str) -> Vec<String> {
        match Policy::from_toml(policy) {
            Ok(_) => Vec::new(),
            Err(PolicyError::Invalid(problems)) => problems.into_iter().map(|problem| problem.path).collect(),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn what_the_phases_compare_must_be_asked_for() {
        let found = problems(&format!("{DEFAULT}{ARMS}"));
        let expected = [
            "evidence.treatment.latency",
            "evidence.treatment.users",
            "evidence.treatment.first_failures",
            "evidence.control",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_policy_without_the_section_reads_the_services_own_counters() {
        assert_eq!(Policy::from_toml(DEFAULT).unwrap().queries, None);
        let named = format!("{DEFAULT}\n[evidence]\nsource = \"service\"\n");
        assert_eq!(Policy::from_toml(&named).unwrap().queries, None);
        let queries_of_nobody = format!("{DEFAULT}{}", ARMS.replace("prometheus", "service"));
        assert_eq!(problems(&queries_of_nobody), ["evidence.treatment"]);
    }

    #[test]
    fn a_measure_that_there_is_not_is_named() {
        let with_shared = format!("{DEFAULT}{ARMS}[evidence.shared]\npool = 'x'\n");
        assert!(problems(&with_shared).contains(&"evidence.shared.pool".to_owned()));
    }
}
