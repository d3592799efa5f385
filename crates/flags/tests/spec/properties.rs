//! What holds for every document, rule and context: no panic, the same answer each time, explained as it was given.

use std::collections::BTreeMap;

use flags::{Arena, Bucketing, Context, FlagSet, LoadError, read_context, read_request};
use proptest::prelude::*;
use serde_json::Value;

use crate::flag::{NOW_S, loaded, ruled};
use crate::random::{context, document, rule, value};

fn hold_together(set: &FlagSet, context: &Context<'_>) {
    for flag in set.iter() {
        let first = set.evaluate(flag.key(), context, NOW_S);
        assert_eq!(first, set.evaluate(flag.key(), context, NOW_S), "the same question, another answer");
        let explanation = set.explain(flag.key(), context, NOW_S).unwrap();
        let evaluation = set.evaluate(flag.key(), context, NOW_S);
        match &evaluation.result {
            Ok(resolution) => {
                assert_eq!(resolution.variant, explanation.variant.as_deref());
                assert_eq!(Some(resolution.reason.as_str()), explanation.reason);
                let value = resolution.value.map_or(Value::Null, |value| serde_json::from_str(value).unwrap());
                assert_eq!(value, explanation.value);
                let of_variant = flag.variants().find(|(name, _)| Some(*name) == resolution.variant);
                assert_eq!(of_variant.map(|(_, value)| value), resolution.value, "the value is the variant's");
            }
            Err(refusal) => assert_eq!(Some(refusal.code.as_str()), explanation.error_code),
        }
        assert_eq!(flag.is_broken(), explanation.error_code == Some("PARSE_ERROR"));
        assert_eq!(explanation.steps.iter().filter(|step| step.decided).count(), 1, "one step decides");
        serde_json::from_str::<serde_json::Map<String, Value>>(evaluation.metadata).unwrap();
    }
    let _ = set.lint(&BTreeMap::new(), NOW_S);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_rule_of_any_context_comes_to_an_answer(rule in rule(), context in context(), v3: bool) {
        let bucketing = if v3 { Bucketing::V3 } else { Bucketing::V2 };
        let set = loaded(&ruled(&["on", "a", "1", "true", "false"], "on", rule), bucketing);
        let arena = Arena::new();
        let text = context.to_string();
        hold_together(&set, &read_context(text.as_bytes(), &arena).unwrap());
    }

    #[test]
    fn any_document_is_loaded_with_what_is_wrong_in_it(document in document(), context in context()) {
        let text = document.to_string();
        let arena = Arena::new();
        let context_text = context.to_string();
        let context = read_context(context_text.as_bytes(), &arena).unwrap();
        let loaded = FlagSet::load(text.as_bytes(), Bucketing::V3).unwrap();
        hold_together(&loaded.set, &context);
        match FlagSet::check(text.as_bytes(), Bucketing::V3) {
            Ok(set) => prop_assert!(set.iter().all(|flag| !flag.is_broken()) && loaded.problems.is_empty()),
            Err(LoadError::Invalid(problems)) => prop_assert_eq!(problems, loaded.problems),
            Err(other) => prop_assert!(false, "loaded, but not checked: {other}"),
        }
    }

    #[test]
    fn any_json_is_a_document_or_is_refused(value in value()) {
        let text = value.to_string();
        if let Ok(loaded) = FlagSet::load(text.as_bytes(), Bucketing::V2) {
            hold_together(&loaded.set, &Context::EMPTY);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
        let arena = Arena::new();
        let _ = FlagSet::load(&bytes, Bucketing::V3);
        let _ = read_request(&bytes, &arena);
        let _ = read_context(&bytes, &arena);
    }

    #[test]
    fn what_is_stored_reads_back_as_the_same_flag(document in document()) {
        let set = FlagSet::load(document.to_string().as_bytes(), Bucketing::V3).unwrap().set;
        let stored: Vec<(String, String)> =
            set.iter().map(|flag| (flag.key().to_owned(), flag.json().to_owned())).collect();
        let evaluators = document["$evaluators"].to_string();
        let flags = stored.iter().map(|(key, json)| (key.as_str(), json.as_str()));
        let again = flags::document(flags, Some(&evaluators), Some(set.metadata()));
        let again = FlagSet::load(again.as_bytes(), Bucketing::V3).unwrap().set;
        for (one, other) in set.iter().zip(again.iter()) {
            prop_assert_eq!(one.json(), other.json());
            prop_assert_eq!(one.is_broken(), other.is_broken());
            prop_assert_eq!(one.metadata(), other.metadata());
        }
    }
}
