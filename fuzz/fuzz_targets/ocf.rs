//! A ZIP file, or the transactions of an otherwise right package: read, asked, answered, and judged by the engine.
#![no_main]

use formats::draft::Answers;
use formats::ocf::{Package, read};
use libfuzzer_sys::fuzz_target;

const MANIFEST: &str = r#"{"file_type":"OCF_MANIFEST_FILE","issuer":{"id":"acme","legal_name":"Acme, Inc."}}"#;
const STAKEHOLDERS: &str = r#"{"file_type":"OCF_STAKEHOLDERS_FILE","items":[{"object_type":"STAKEHOLDER","id":"f"}]}"#;
const CLASSES: &str = r#"{"file_type":"OCF_STOCK_CLASSES_FILE","items":[{"object_type":"STOCK_CLASS","id":"a","name":"A"},
    {"object_type":"STOCK_CLASS","id":"c","name":"C"}]}"#;
/// Every answer may ask for more.
const ROUNDS_MAX: usize = 8;

fuzz_target!(|input: &[u8]| {
    let package = if input.starts_with(b"PK") {
        let Ok(package) = Package::from_zip(input) else { return };
        package
    } else {
        let files =
            [("m.json", MANIFEST.as_bytes()), ("s.json", STAKEHOLDERS.as_bytes()), ("c.json", CLASSES.as_bytes())];
        let files = files.into_iter().chain([("t.json", input)]);
        Package::from_files(files.map(|(name, bytes)| (name.to_owned(), bytes.to_vec())).collect()).expect("is small")
    };
    let mut answers = Answers::from([("ocf.stakeholder".to_owned(), "f".to_owned())]);
    let mut reading = read(&package, &answers);
    for _ in 0..ROUNDS_MAX {
        let open: Vec<_> = reading.questions.iter().filter(|question| !question.optional).collect();
        if open.is_empty() {
            break;
        }
        for question in open {
            let answer = question.choices.first().map_or("7", |choice| &choice.value);
            answers.entry(question.id.clone()).or_insert_with(|| answer.to_owned());
        }
        answers.entry("ocf.currency".to_owned()).or_insert_with(|| "USD".to_owned());
        reading = read(&package, &answers);
    }
    assert_eq!(reading, read(&package, &answers), "the same package, another reading");
    let before = reading.problems.len();
    reading.judge("2026-01-01".parse().expect("is a date"));
    for problem in reading.problems.iter().skip(before) {
        // Numbers and texts beyond the engine's bounds are for the engine to refuse.
        let is_bound = ["too large", "at most", "more than"].iter().any(|bound| problem.message.contains(bound));
        assert!(is_bound, "the reader is content, and the engine is not: {problem:?}");
    }
});
