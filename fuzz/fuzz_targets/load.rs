//! Any bytes as a document of flags: loaded, checked, and every flag in it evaluated, explained and remarked upon.
#![no_main]

use std::collections::BTreeMap;

use flags::{Arena, Bucketing, Context, FlagSet, LoadError, read_context};
use libfuzzer_sys::fuzz_target;

const CONTEXT: &[u8] =
    br#"{"targetingKey":"user-1","email":"a@b.example","age":30,"version":"1.2.3","tags":["a","b"],"org":{"id":7}}"#;
const NOW_S: i64 = 1_780_000_000;

fuzz_target!(|document: &[u8]| {
    let arena = Arena::new();
    let context = read_context(CONTEXT, &arena).expect("the context is right");
    for bucketing in [Bucketing::V2, Bucketing::V3] {
        let Ok(loaded) = FlagSet::load(document, bucketing) else { return };
        match FlagSet::check(document, bucketing) {
            Ok(set) => assert!(loaded.problems.is_empty() && set.iter().all(|flag| !flag.is_broken())),
            Err(LoadError::Invalid(problems)) => assert_eq!(problems, loaded.problems),
            Err(other) => panic!("loaded, but not checked: {other}"),
        }
        for context in [&context, &Context::EMPTY] {
            for flag in loaded.set.iter() {
                let evaluation = loaded.set.evaluate(flag.key(), context, NOW_S);
                let explanation = loaded.set.explain(flag.key(), context, NOW_S).expect("the flag is there");
                match evaluation.result {
                    Ok(resolution) => {
                        assert!(!flag.is_broken());
                        assert_eq!(resolution.variant, explanation.variant.as_deref());
                        assert_eq!(resolution.variant.is_some(), resolution.value.is_some());
                    }
                    Err(refusal) => assert_eq!(Some(refusal.code.as_str()), explanation.error_code),
                }
            }
        }
        loaded.set.lint(&BTreeMap::new(), NOW_S);
    }
});
