//! Arbitrary input never panics: it is refused with problems that name a place, or it is a valid document.

use crate::agreement::assert_agreement;
use crate::generate::choices::Choices;
use crate::generate::{self, Scale};
use moic::{DocumentError, Portfolio};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Reads `bytes`; whatever comes of it must make sense.
fn read(bytes: &[u8]) {
    match Portfolio::from_json(bytes) {
        Ok(portfolio) => {
            let result: Value = serde_json::from_slice(&portfolio.evaluate().to_json()).expect("the result is JSON");
            let document: Value = serde_json::from_slice(bytes).expect("an accepted document is JSON");
            assert_agreement(&document, &result);
        }
        Err(DocumentError::Invalid(problems)) => {
            assert!(!problems.is_empty(), "refused without a problem");
            for problem in problems {
                assert!(!problem.message.is_empty(), "{problem:?}");
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

proptest! {
    #![proptest_config(generate::config(500))]

    #[test]
    fn mutated_documents_are_refused_with_paths_or_valid(
        document in generate::documents(Scale::Fund), choices in Choices::any(), changes in 1..6usize,
    ) {
        let (mut document, mut choices) = (document, choices);
        for _ in 0..changes {
            mutate(&mut document, &mut choices);
        }
        read(document.to_string().as_bytes());
    }

    #[test]
    fn damaged_bytes_of_documents_do_not_panic(
        document in generate::documents(Scale::Fund), at in any::<usize>(), byte: u8, cut: bool,
    ) {
        let mut bytes = document.to_string().into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        if cut {
            bytes.truncate(at);
        }
        read(&bytes);
    }

    #[test]
    fn arbitrary_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        read(&bytes);
    }

    #[test]
    fn arbitrary_json_text_does_not_panic(text in "[\\[\\]{}:,\"0-9a-z\\\\ .eE+-]{0,200}") {
        read(text.as_bytes());
    }
}

/// Values that stand where others are expected.
fn strange(choices: &mut Choices) -> Value {
    let strange = [
        json!(null),
        json!(""),
        json!("0"),
        json!("-1"),
        json!("1"),
        json!("1/3"),
        json!("1/0"),
        json!("0.00000001"),
        json!("99999999999999999999999999999999999999999999"),
        json!("1e400"),
        json!("PS"),
        json!("lot-0"),
        json!("2020-02-30"),
        json!("2019-01-31"),
        json!(0),
        json!(-1),
        json!(u64::MAX),
        json!(0.1),
        json!(true),
        json!([]),
        json!({}),
        json!([[[[]]]]),
        json!({ "lot-0": "1" }),
        json!("\u{0}\u{1f600}"),
    ];
    choices.pick(&strange)
}

/// Changes one place somewhere in the document.
fn mutate(value: &mut Value, choices: &mut Choices) {
    let children = match value {
        Value::Object(fields) => fields.len(),
        Value::Array(items) => items.len(),
        _ => 0,
    };
    if children == 0 || choices.chance(7) {
        return replace(value, choices);
    }
    let child = choices.below(children);
    match value {
        Value::Object(fields) => mutate(fields.values_mut().nth(child).expect("counted"), choices),
        Value::Array(items) => mutate(&mut items[child], choices),
        _ => {}
    }
}

fn replace(value: &mut Value, choices: &mut Choices) {
    let kind = choices.below(4);
    match value {
        Value::Object(fields) if kind > 0 && !fields.is_empty() => {
            let key = fields.keys().nth(choices.below(fields.len())).expect("counted").clone();
            let field = fields.remove(&key).expect("it was there");
            match kind {
                1 => {}
                2 => drop(fields.insert(format!("{key}x"), field)),
                _ => drop(fields.insert(key, strange(choices))),
            }
        }
        Value::Array(items) if kind > 0 && !items.is_empty() => {
            let index = choices.below(items.len());
            match kind {
                1 => drop(items.remove(index)),
                2 => items.push(items[index].clone()),
                _ => items.rotate_left(index),
            }
        }
        other => *other = strange(choices),
    }
}
