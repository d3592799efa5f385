use serde_json::{Value, json};

use super::{Answer, TestApp};

/// Key of the flag that guards the lot level.
pub const FLAG: &str = "enableLotLevelMoic";

/// A person of a service under test, with a token of theirs.
pub struct Person {
    pub id: i64,
    pub token: String,
}

impl Person {
    /// The targeting key.
    pub fn key(&self) -> String {
        format!("person:{}", self.id)
    }
}

/// A definition that is on for whom nothing else is said.
pub fn boolean_flag(default: &str) -> Value {
    json!({ "state": "ENABLED", "variants": { "on": true, "off": false }, "defaultVariant": default })
}

/// The seeded flag's definition with other metadata beside what the guard needs.
pub fn own_flag(default: &str, metadata: &Value) -> Value {
    let mut definition = boolean_flag(default);
    definition["metadata"] = metadata.clone();
    definition
}

impl TestApp {
    /// A new person with this role.
    pub async fn person(&self, name: &str, role: &str) -> Person {
        let id = self.post("/api/people", &json!({ "name": name })).await.expect(201).id();
        let body = json!({ "name": format!("{name}'s"), "role": role, "personId": id });
        let token = self.post("/api/tokens", &body).await.expect(201).text("token");
        Person { id, token }
    }

    /// A flag as it is now.
    pub async fn flag(&self, key: &str) -> Value {
        self.get(&format!("/api/flags/{key}")).await.expect(200).body
    }

    /// Changes a flag's definition from the version it has.
    pub async fn define(&self, key: &str, definition: &Value) -> Answer {
        let version = self.flag(key).await["version"].clone();
        self.put(&format!("/api/flags/{key}"), &json!({ "version": version, "definition": definition })).await
    }
}
