//! The released Rust provider against a running server.

use http::{HeaderMap, HeaderValue};
use open_feature::{Client, EvaluationContext, EvaluationErrorCode, OpenFeature, StructValue, Value};
use open_feature_ofrep::{OfrepOptions, OfrepProvider};

/// The rows of the limits of `an-object`.
#[derive(Debug, PartialEq)]
struct Rows(i64);

impl TryFrom<StructValue> for Rows {
    type Error = String;

    fn try_from(object: StructValue) -> Result<Self, String> {
        let limits = object.fields.get("limits").and_then(Value::as_struct).ok_or("no limits")?;
        limits.fields.get("rows").and_then(Value::as_i64).map(Self).ok_or_else(|| "no rows".to_owned())
    }
}

async fn client() -> Client {
    let mut headers = HeaderMap::new();
    if let Ok(key) = std::env::var("OFREP_KEY") {
        headers.insert("x-api-key", HeaderValue::from_str(&key).unwrap());
    }
    let base_url = std::env::var("OFREP_URL").expect("OFREP_URL names the server");
    let provider = OfrepProvider::new(OfrepOptions { base_url, headers, ..OfrepOptions::default() }).await.unwrap();
    let mut api = OpenFeature::default();
    api.set_provider(provider).await;
    api.create_client()
}

fn ada() -> EvaluationContext {
    EvaluationContext::default()
        .with_targeting_key("ada")
        .with_custom_field("email", "ada@lotwise.test")
        .with_custom_field("name", "queen")
}

fn bob() -> EvaluationContext {
    EvaluationContext::default()
        .with_targeting_key("bob")
        .with_custom_field("email", "bob@elsewhere.test")
        .with_custom_field("name", "ten")
}

#[tokio::test]
async fn values_of_every_type_arrive() {
    let (client, ada) = (client().await, ada());
    let boolean = client.get_bool_details("a-boolean", Some(&ada), None).await.unwrap();
    assert_eq!((boolean.value, boolean.variant.as_deref()), (true, Some("on")));
    assert_eq!(client.get_string_value("a-text", Some(&ada), None).await.unwrap(), "grüezi \"mitenand\"");
    assert_eq!(client.get_int_value("a-whole-number", Some(&ada), None).await.unwrap(), 3);
    assert_eq!(client.get_float_value("a-number", Some(&ada), None).await.unwrap(), 0.5);
    assert_eq!(client.get_struct_value::<Rows>("an-object", Some(&ada), None).await.unwrap(), Rows(100));
}

#[tokio::test]
async fn rules_see_the_context() {
    let client = client().await;
    for (context, email, key, suit) in [(ada(), "in", true, "diamonds"), (bob(), "out", false, "clubs")] {
        assert_eq!(client.get_string_value("by-email", Some(&context), None).await.unwrap(), email);
        assert_eq!(client.get_bool_value("by-key", Some(&context), None).await.unwrap(), key);
        assert_eq!(client.get_string_value("fractional-flag", Some(&context), None).await.unwrap(), suit);
    }
}

#[tokio::test]
async fn what_the_server_does_not_decide_is_an_error_that_the_caller_answers() {
    let (client, ada) = (client().await, ada());
    let unknown = client.get_bool_value("no-such-flag", Some(&ada), None).await.unwrap_err();
    assert_eq!(unknown.code, EvaluationErrorCode::FlagNotFound);
    assert!(client.get_bool_value("disabled", Some(&ada), None).await.is_err());
}
