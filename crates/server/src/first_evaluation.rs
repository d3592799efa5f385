//! What the page is served with, so that its first frame is the right one: the flags as they are for the person whose
//! session asks for it.

use axum::http::HeaderMap;
use flags::{Context, Override};

use crate::AppState;
use crate::auth::{Caller, Credential, authenticate_any};
use crate::guard::OWN_FLAGS;
use crate::ofrep;
use crate::routes::client_state::ClientState;

/// The id of the element that holds the evaluation; the client looks for it by this name.
const ELEMENT_ID: &str = "first-evaluation";

/// The element with the evaluation for whoever has a session; none without one, or while the database cannot say whose
/// session it is. The page then asks by itself.
///
/// What the person wishes for themselves is known in the browser alone and not part of it.
pub(crate) async fn element(state: &AppState, headers: &HeaderMap) -> Option<String> {
    let credential = Credential::of(headers);
    if !matches!(credential, Credential::Session(_)) {
        return None;
    }
    let caller = authenticate_any(state, credential).await.ok()?;
    let client_state = serde_json::to_string(&ClientState::of(state, &caller, headers)).ok()?;
    let flags = String::from_utf8(flags_of(state, &caller)).ok()?;
    Some(written(&client_state, &flags))
}

/// The server's own flags as OFREP answers them, between brackets.
fn flags_of(state: &AppState, caller: &Caller) -> Vec<u8> {
    let (board, key, now_s) = (state.live_flags().switchboard(), caller.key(), state.clock().now().as_second());
    let context = Context::of(Some(&key));
    let mut out = vec![b'['];
    for definition in OWN_FLAGS.iter().filter_map(|flag| board.set.get(flag.key())) {
        if out.len() > 1 {
            out.push(b',');
        }
        let evaluation = board.evaluate_definition(definition, &context, Override::None, now_s);
        ofrep::write_flag(&mut out, definition.key(), &evaluation);
    }
    out.push(b']');
    out
}

/// A block of data, which no browser runs. `<` stands in texts of JSON only, and as an escape it cannot end the element.
fn written(client_state: &str, flags: &str) -> String {
    let json = format!(r#"{{"clientState":{client_state},"flags":{flags}}}"#).replace('<', "\\u003c");
    format!(r#"<script type="application/json" id="{ELEMENT_ID}">{json}</script>"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_the_data_ends_its_element() {
        let element = written(r#"{"text":"</script><script>alert(1)</script><!--"}"#, "[]");
        assert_eq!(element.matches('<').count(), 2, "{element}");
        let json = element.split_once('>').unwrap().1.strip_suffix("</script>").unwrap();
        let data: serde_json::Value = serde_json::from_str(json).unwrap();
        assert_eq!(data["clientState"]["text"], "</script><script>alert(1)</script><!--");
    }
}
