//! What docs/reference/rollout-policy.md shows as a policy is one.

use rollout::{DEFAULT, Policy};

const MANUAL: &str = include_str!("../../../docs/reference/rollout-policy.md");

#[test]
fn the_queries_of_the_manual_fit_the_default_policy() {
    let (_, from) = MANUAL.split_once("```toml\n[evidence]").unwrap();
    let (section, _) = from.split_once("```").unwrap();
    let policy = Policy::from_toml(&format!("{DEFAULT}\n[evidence]{section}")).unwrap();
    let queries = policy.queries.unwrap();
    assert!(queries.treatment.users.is_some() && queries.control.is_some());
    assert_eq!(queries.shared.len(), 1);
}
