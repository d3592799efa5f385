//! A policy and recorded evidence, with a zero byte between them: read, written and replayed; what is not seen decides nothing.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use rollout::{Controller, Environment, Policy, REFERENCE, Replay, Source, Verdict, read_evidence, write_tick};

fuzz_target!(|input: &[u8]| {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (policy, evidence) = text.split_once('\0').unwrap_or((text, ""));
    // Most random policies are refused, and the evidence is to be replayed all the same.
    let policy = Policy::from_toml(policy)
        .unwrap_or_else(|_| Policy::from_toml(REFERENCE).expect("the reference policy is right"));
    let Ok(ticks) = read_evidence(evidence) else { return };
    let lines: String = ticks.iter().map(|tick| write_tick(tick) + "\n").collect();
    assert_eq!(read_evidence(&lines).expect("what is written can be read"), ticks);
    let Some(first) = ticks.first().map(|tick| tick.at) else { return };
    for environment in [Environment::Development, Environment::Staging, Environment::Production] {
        let controller = Controller::new(Arc::new(policy.clone()), environment, None);
        let mut replay = Replay::starting(&controller, first).with_checks_signed();
        for tick in &ticks {
            let replayed = replay.tick(tick.clone());
            let verdict = replayed.decision.as_ref().map(|decision| decision.verdict);
            let is_action = matches!(verdict, Some(Verdict::Promote | Verdict::RollBack | Verdict::StepBack));
            let is_seen = tick.source == Source::Ok && tick.treatment.requests > 0;
            let is_proof = tick.source == Source::Ok && tick.shared.integrity_violations.is_some();
            assert!(!is_action || is_seen || is_proof, "silence decides {verdict:?}");
            serde_json::to_string(&replay.line(tick.at, &replayed)).expect("a line can be written");
        }
    }
});
