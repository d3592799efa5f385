//! A rule and a context, with a zero byte between them: the rule of an otherwise right flag, the context of a request.
#![no_main]

use flags::{Arena, Bucketing, FlagSet, document, read_context, read_request};
use libfuzzer_sys::fuzz_target;

const NOW_S: i64 = 1_780_000_000;

fuzz_target!(|input: &[u8]| {
    let Some(middle) = input.iter().position(|byte| *byte == 0) else { return };
    let (rule, context) = (&input[..middle], &input[middle + 1..]);
    let Ok(rule) = std::str::from_utf8(rule) else { return };
    let arena = Arena::new();
    let _ = read_request(context, &arena);
    let Ok(context) = read_context(context, &arena) else { return };
    let flag = format!(
        r#"{{"state":"ENABLED","variants":{{"on":1,"off":2,"true":3,"false":4}},"defaultVariant":"off","targeting":{rule}}}"#
    );
    let evaluators = r#"{"staff":{"ends_with":[{"var":"email"},"@lotwise.example"]},"adult":{">=":[{"var":"age"},18]}}"#;
    let text = document([("flag", &*flag)], Some(evaluators), None);
    for bucketing in [Bucketing::V2, Bucketing::V3] {
        let Ok(loaded) = FlagSet::load(text.as_bytes(), bucketing) else { return };
        for flag in loaded.set.iter() {
            let first = loaded.set.evaluate(flag.key(), &context, NOW_S);
            assert_eq!(first, loaded.set.evaluate(flag.key(), &context, NOW_S), "the same question, another answer");
            let explanation = loaded.set.explain(flag.key(), &context, NOW_S).expect("the flag is there");
            let variant = first.result.as_ref().ok().and_then(|resolution| resolution.variant);
            assert_eq!(variant, explanation.variant.as_deref());
        }
    }
});
