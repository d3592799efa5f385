//! The same inputs give the same bytes, with any number of threads and however the JSON is written.

use crate::generate::{self, Scale};
use moic::Portfolio;
use proptest::prelude::*;
use serde_json::Value;

fn hash_and_bytes(json: &str) -> (String, Vec<u8>) {
    let portfolio = Portfolio::from_json(json.as_bytes()).unwrap_or_else(|error| panic!("refused: {error:?}\n{json}"));
    (portfolio.inputs_hash(), portfolio.evaluate().to_json())
}

proptest! {
    #![proptest_config(generate::config(150))]

    #[test]
    fn one_and_two_threads_give_the_same_bytes(document in generate::documents(Scale::Fund)) {
        // Many companies, so that there is something to share out.
        let mut document = document;
        let companies = document["companies"].as_array().expect("companies").clone();
        let copies = (0..40).flat_map(|copy| companies.iter().map(move |company| {
            let mut company = company.clone();
            company["id"] = Value::from(format!("{}-{copy}", company["id"]));
            company
        }));
        document["companies"] = copies.collect();
        let json = document.to_string();
        let with_threads = |count: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(count).build().expect("a thread pool");
            pool.install(|| hash_and_bytes(&json))
        };
        prop_assert_eq!(with_threads(1), with_threads(2));
    }

    #[test]
    fn whitespace_and_nulls_do_not_matter(document in generate::documents(Scale::Fund)) {
        let written = hash_and_bytes(&document.to_string());
        let pretty = serde_json::to_string_pretty(&document).expect("JSON");
        prop_assert_eq!(&written, &hash_and_bytes(&pretty));
        let mut short = document;
        drop_nulls(&mut short);
        prop_assert_eq!(&written, &hash_and_bytes(&short.to_string()));
    }

    #[test]
    fn the_order_of_fields_does_not_matter(document in generate::documents(Scale::Fund)) {
        prop_assert_eq!(hash_and_bytes(&document.to_string()), hash_and_bytes(&reversed(&document)));
    }

    #[test]
    fn another_date_or_currency_gives_another_hash(document in generate::documents(Scale::Fund)) {
        let hash = |document: &Value| hash_and_bytes(&document.to_string()).0;
        for (field, value) in [("asOf", "2018-01-01"), ("currency", "EUR")] {
            let mut other = document.clone();
            other[field] = Value::from(value);
            prop_assert_ne!(hash(&document), hash(&other));
        }
    }
}

/// The JSON text with the fields of every object in reverse order.
fn reversed(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fields =
                fields.iter().rev().map(|(key, field)| format!("{}:{}", Value::from(key.as_str()), reversed(field)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(reversed).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

/// Removes fields that are null, which says the same.
pub fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            fields.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}
