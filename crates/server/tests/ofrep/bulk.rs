//! All flags, their entity tag and their metadata.

use serde_json::{Value, json};

use crate::app::Answer;
use crate::file_server::{BULK, FileServer};

fn of_key<'a>(answer: &'a Answer, key: &str) -> &'a Value {
    let flags = answer.body["flags"].as_array().unwrap();
    flags.iter().find(|flag| flag["key"] == key).unwrap_or_else(|| panic!("no {key} in {}", answer.raw))
}

#[tokio::test]
async fn every_flag_is_answered_and_failures_stay_with_their_flag() {
    let server = FileServer::new();
    let answer = server.evaluate_all(&json!({})).await.expect(200);
    assert_eq!(answer.body["flags"].as_array().unwrap().len(), 9);
    assert_eq!(of_key(&answer, "static")["value"], true);
    assert_eq!(of_key(&answer, "disabled")["reason"], "DISABLED");
    for (key, code) in [("broken", "PARSE_ERROR"), ("misnamed", "GENERAL"), ("exposed", "TARGETING_KEY_MISSING")] {
        assert_eq!(of_key(&answer, key)["errorCode"], code);
    }
    for flag in answer.body["flags"].as_array().unwrap() {
        let single = server.evaluate(flag["key"].as_str().unwrap(), &json!({})).await;
        assert_eq!(&single.body, flag, "the same alone and among all");
    }
}

#[tokio::test]
async fn the_sets_metadata_stands_at_the_top_with_whom_it_is_for() {
    let server = FileServer::new();
    let set = json!({ "flagSetId": "tests", "version": "7", "owner": "everyone" });
    let anonymous = server.evaluate_all(&json!({})).await.expect(200);
    assert_eq!(anonymous.body["metadata"], set);
    let ada = server.evaluate_all(&json!({ "targetingKey": "ada \"a\"" })).await.expect(200);
    assert_eq!(ada.body["metadata"]["contextId"], "ada \"a\"");
    assert!(of_key(&ada, "static")["metadata"].get("contextId").is_none());
}

#[tokio::test]
async fn the_event_stream_is_announced_as_the_web_provider_reads_it() {
    let answer = FileServer::new().evaluate_all(&json!({})).await.expect(200);
    let stream = &answer.body["eventStreams"][0];
    assert_eq!((&stream["type"], &stream["inactivityDelaySec"]), (&json!("sse"), &json!(120)));
    assert!(stream["endpoint"]["requestUri"].as_str().unwrap().starts_with("/ofrep/v1/events?"), "{stream}");
}

#[tokio::test]
async fn what_the_caller_has_already_is_not_sent_again() {
    let server = FileServer::new();
    let ada = json!({ "context": { "targetingKey": "ada" } }).to_string();
    let tag = server.post(BULK, &ada).send().await.expect(200).header("etag");
    assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 16, "{tag}");
    for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", W/\"x,y\", {tag}"), "*".to_owned()] {
        let answer = server.post(BULK, &ada).header("if-none-match", &known).send().await.expect(304);
        assert_eq!((answer.raw.as_str(), answer.header("etag")), ("", tag.clone()), "{known}");
    }
    for other in ["\"other\"", "", "W/", &tag.replace('"', "")] {
        server.post(BULK, &ada).header("if-none-match", other).send().await.expect(200);
    }
}

#[tokio::test]
async fn the_tag_depends_on_context_and_configuration() {
    let (server, same) = (FileServer::new(), FileServer::new());
    let tag = async |server: &FileServer, key: &str| {
        server.evaluate_all(&json!({ "targetingKey": key })).await.expect(200).header("etag")
    };
    assert_eq!(tag(&server, "ada").await, tag(&same, "ada").await, "the same flags have the same tag everywhere");
    assert_ne!(tag(&server, "ada").await, tag(&server, "bob").await);
    let mut changed = crate::file_server::flags();
    changed["flags"]["static"]["defaultVariant"] = json!("off");
    let changed = FileServer::of(&changed.to_string(), None).unwrap();
    assert_ne!(tag(&server, "ada").await, tag(&changed, "ada").await);
}
