//! Arbitrary files given to `lotwise moic` are refused with exit code 2 and nothing on standard output, or computed.

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;
    use serde_json::{Map, Value, json};
    use std::process::{Command, Output};

    const VALID: &str = include_str!("../../../examples/early-stage.json");

    fn config() -> ProptestConfig {
        ProptestConfig {
            cases: 64,
            rng_seed: RngSeed::Fixed(1),
            failure_persistence: None,
            ..ProptestConfig::default()
        }
    }

    fn lotwise_moic(contents: &[u8]) -> Output {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("portfolio.json");
        std::fs::write(&file, contents).expect("the file is written");
        let mut command = Command::new(env!("CARGO_BIN_EXE_lotwise"));
        command.arg("moic").arg(&file).args(["--format", "json"]);
        command.output().expect("the command runs")
    }

    /// Either computed or refused; never anything in between.
    fn run(contents: &[u8]) -> bool {
        let output = lotwise_moic(contents);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!message.contains("panicked"), "{message}");
        match output.status.code() {
            Some(0) => {
                let result: Value = serde_json::from_slice(&output.stdout).expect("the result is JSON");
                assert!(result["fund"]["lenses"].is_object(), "{result}");
                true
            }
            Some(2) => {
                assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
                assert!(message.starts_with("error: "), "{message}");
                false
            }
            other => panic!("exit code {other:?}: {message}"),
        }
    }

    /// Any JSON, with the names of real fields among the keys.
    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "[-0-9./e]{0,12}".prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            Just(json!("2024-02-29")),
        ];
        let key = prop_oneof![
            "[a-z]{0,8}",
            proptest::sample::select(vec!["asOf", "companies", "lots", "events", "exitCases", "id", "type", "policy"])
                .prop_map(str::to_owned),
        ];
        leaf.prop_recursive(5, 60, 6, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::vec((key.clone(), inner), 0..6)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
            ]
        })
    }

    /// Replaces one place of `value`, chosen by `path`.
    fn replace(value: &mut Value, path: &[usize], by: Value) {
        let children = match value {
            Value::Object(fields) => fields.len(),
            Value::Array(items) => items.len(),
            _ => 0,
        };
        let child = match path.split_first() {
            Some((first, rest)) if children > 0 => Some((first % children, rest)),
            _ => None,
        };
        match (value, child) {
            (Value::Object(fields), Some((child, rest))) => {
                replace(fields.values_mut().nth(child).expect("counted"), rest, by);
            }
            (Value::Array(items), Some((child, rest))) => replace(&mut items[child], rest, by),
            (place, _) => *place = by,
        }
    }

    #[test]
    fn a_valid_file_is_computed() {
        assert!(run(VALID.as_bytes()));
    }

    #[test]
    fn every_problem_is_named_with_its_path_and_value() {
        let mut document: Value = serde_json::from_str(VALID).expect("JSON");
        document["companies"][0]["lots"][1]["sharesAcquired"] = json!("1.123456789");
        document["companies"][3]["events"][0]["date"] = json!("2023-11-31");
        document["companies"][4]["surprise"] = json!("boo");
        let output = lotwise_moic(document.to_string().as_bytes());
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{message}");
        for (path, value) in [
            ("companies[0].lots[1].sharesAcquired", "1.123456789"),
            ("companies[3].events[0].date", "2023-11-31"),
            ("companies[4].surprise", "boo"),
        ] {
            let line = message.lines().find(|line| line.contains(path)).unwrap_or_else(|| panic!("{path}: {message}"));
            assert!(line.contains(value), "{line}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let output = Command::new(env!("CARGO_BIN_EXE_lotwise")).args(["moic", "no-such-file.json"]).output();
        let output = output.expect("the command runs");
        assert!(!output.status.success() && output.stdout.is_empty());
        assert!(String::from_utf8_lossy(&output.stderr).contains("no-such-file.json"));
    }

    #[test]
    fn a_deeply_nested_file_is_refused() {
        assert!(!run("[".repeat(200_000).as_bytes()));
        assert!(!run("{\"companies\":".repeat(200_000).as_bytes()));
    }

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn arbitrary_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(!run(&bytes));
        }

        #[test]
        fn arbitrary_json_is_refused(json in any_json()) {
            // The empty portfolio is the one document that chance could find.
            prop_assume!(json.get("asOf").is_none());
            prop_assert!(!run(json.to_string().as_bytes()));
        }

        #[test]
        fn a_valid_document_with_one_place_replaced_is_refused_or_computed(
            path in proptest::collection::vec(any::<usize>(), 0..8), by in any_json(),
        ) {
            let mut document: Value = serde_json::from_str(VALID).expect("JSON");
            replace(&mut document, &path, by);
            run(document.to_string().as_bytes());
        }

        #[test]
        fn a_cut_off_document_is_refused(length in 0..VALID.len() - 2) {
            prop_assert!(!run(&VALID.as_bytes()[..length]));
        }
    }
}
