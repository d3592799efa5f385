//! The JSON of OFREP, written straight into the answer's bytes: values and metadata are JSON text since the flags were
//! loaded, so nothing is built up and taken apart again on the way.

use flags::{ErrorCode, Evaluation, Refusal, Resolution};

use super::json;

/// Bytes that an evaluated flag takes, roughly: what an answer reserves for each.
pub(super) const FLAG_BYTES: usize = 192;

/// An evaluated flag, or why it could not be.
pub(crate) fn write_flag(out: &mut Vec<u8>, key: &str, evaluation: &Evaluation<'_>) {
    match &evaluation.result {
        Ok(resolution) => write_resolution(out, key, resolution, evaluation.metadata),
        Err(refusal) => write_refusal(out, Some(key), refusal, evaluation.metadata),
    }
}

/// Without value and variant where the caller's own default applies.
fn write_resolution(out: &mut Vec<u8>, key: &str, resolution: &Resolution<'_>, metadata: &str) {
    out.extend_from_slice(b"{\"key\":");
    json::write_text(out, key);
    out.extend_from_slice(b",\"reason\":\"");
    out.extend_from_slice(resolution.reason.as_str().as_bytes());
    out.push(b'"');
    if let Some(variant) = resolution.variant {
        out.extend_from_slice(b",\"variant\":");
        json::write_text(out, variant);
    }
    if let Some(value) = resolution.value {
        out.extend_from_slice(b",\"value\":");
        out.extend_from_slice(value.as_bytes());
    }
    write_metadata(out, metadata);
    out.push(b'}');
}

/// A failure: of a flag where `key` names one, otherwise of the whole request.
pub(super) fn write_refusal(out: &mut Vec<u8>, key: Option<&str>, refusal: &Refusal, metadata: &str) {
    out.push(b'{');
    if let Some(key) = key {
        out.extend_from_slice(b"\"key\":");
        json::write_text(out, key);
        out.push(b',');
    }
    out.extend_from_slice(b"\"errorCode\":\"");
    out.extend_from_slice(refusal.code.as_str().as_bytes());
    out.extend_from_slice(b"\",\"errorDetails\":");
    json::write_text(out, &refusal.details);
    write_metadata(out, metadata);
    out.push(b'}');
}

fn write_metadata(out: &mut Vec<u8>, metadata: &str) {
    if !json::is_empty_object(metadata) {
        out.extend_from_slice(b",\"metadata\":");
        out.extend_from_slice(metadata.as_bytes());
    }
}

/// A failure before any flag was looked at.
pub(super) fn refusal(code: ErrorCode, details: impl Into<std::borrow::Cow<'static, str>>) -> Refusal {
    Refusal { code, details: details.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flags::Reason;

    fn written(key: &str, evaluation: &Evaluation<'_>) -> serde_json::Value {
        let mut out = Vec::new();
        write_flag(&mut out, key, evaluation);
        serde_json::from_slice(&out).unwrap()
    }

    fn resolution<'a>(variant: Option<&'a str>, value: Option<&'a str>, reason: Reason) -> Resolution<'a> {
        Resolution { variant, value, reason, killed: false }
    }

    #[test]
    fn a_value_is_written_with_variant_reason_and_metadata() {
        let result = Ok(resolution(Some("a \"b\""), Some("{\"x\":[1]}"), Reason::TargetingMatch));
        assert_eq!(
            written("k\\\n", &Evaluation { result, metadata: "{\"owner\":\"us\"}" }),
            serde_json::json!({"key": "k\\\n", "reason": "TARGETING_MATCH", "variant": "a \"b\"", "value": {"x": [1]},
                "metadata": {"owner": "us"}})
        );
    }

    #[test]
    fn nothing_is_written_that_is_not_there() {
        let result = Ok(resolution(None, None, Reason::Disabled));
        assert_eq!(
            written("k", &Evaluation { result, metadata: "{}" }),
            serde_json::json!({"key": "k", "reason": "DISABLED"})
        );
    }

    #[test]
    fn a_failure_is_written_with_its_code_and_details() {
        let refused = refusal(ErrorCode::ParseError, "no such operator");
        assert_eq!(
            written("k", &Evaluation { result: Err(refused.clone()), metadata: "{}" }),
            serde_json::json!({"key": "k", "errorCode": "PARSE_ERROR", "errorDetails": "no such operator"})
        );
        let mut out = Vec::new();
        write_refusal(&mut out, None, &refused, "{}");
        assert!(!out.starts_with(b"{\"key\""));
    }
}
