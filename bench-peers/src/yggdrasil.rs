//! unleash-yggdrasil: the engine inside Unleash's SDKs and Edge.

use unleash_yggdrasil::{ClientFeatures, Context, EngineState};

use crate::{FLAG, FLAGS, USER};

/// The same flags in Unleash's format.
#[must_use]
pub fn document() -> String {
    let variants = ["clubs", "diamonds", "hearts", "spades"]
        .map(|name| serde_json::json!({ "name": name, "weight": 250, "stickiness": "userId" }));
    let feature = |name: &str| {
        serde_json::json!({
            "name": name, "enabled": true, "type": "release",
            "strategies": [{
                "name": "flexibleRollout",
                "parameters": { "rollout": "100", "stickiness": "userId", "groupId": name },
                "constraints": [{ "contextName": "country", "operator": "IN", "values": ["FR", "DE", "NL"] }],
                "variants": variants,
            }],
        })
    };
    let mut features = vec![serde_json::json!({ "name": "static", "enabled": true, "strategies": [] })];
    features.extend(
        (0..FLAGS - 1).map(|index| if index == 0 { feature(FLAG) } else { feature(&format!("{FLAG}-{index}")) }),
    );
    serde_json::json!({ "version": 2, "features": features }).to_string()
}

/// An engine with those flags.
#[must_use]
pub fn load(document: &str) -> EngineState {
    let features: ClientFeatures = serde_json::from_str(document).unwrap();
    let state = EngineState::default();
    state.apply_client_features(features);
    state
}

/// The context as its users build it.
#[must_use]
pub fn context() -> Context {
    let properties = [("country", "NL"), ("plan", "pro"), ("age", "41")];
    Context {
        user_id: Some(USER.to_owned()),
        properties: Some(properties.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()),
        ..Context::default()
    }
}

/// The context as it comes with a request to Unleash Edge.
pub const CONTEXT: &str =
    r#"{"userId":"5c3d8535-f81a-4478-a6d3-afaa4d51199e","properties":{"country":"NL","plan":"pro","age":"41"}}"#;
