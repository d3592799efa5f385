//! An explanation for reading: the answer, the steps that led to it, and the parts of the rule with their outcomes.

use std::io::{self, Write};

use serde_json::Value;

use crate::terminal::{printable, shown};

/// Beside what is said of the caller's own wish where none was named.
const NO_WISH: &str = " (as if no override was sent; pass --override 0 or 1 to ask otherwise)";

/// Writes an explanation, as the API and a file give it; `names_wish` tells whether it was asked with the caller's own wish.
pub fn write(explanation: &Value, names_wish: bool, out: &mut io::StdoutLock<'_>) -> io::Result<()> {
    let field = |name: &str| shown(explanation.get(name));
    let asker = match explanation.get("targetingKey").and_then(Value::as_str) {
        Some(key) => format!("for {}", printable(key)),
        None => "for somebody without a targeting key".to_owned(),
    };
    writeln!(out, "{} {asker}", field("key"))?;
    match explanation.get("errorCode").and_then(Value::as_str) {
        Some(code) => writeln!(out, "  {code}: {}", field("errorDetails"))?,
        None => {
            let value = explanation.get("value").unwrap_or(&Value::Null);
            let value =
                if value.is_null() { "the caller's own default".to_owned() } else { printable(&value.to_string()) };
            writeln!(out, "  {value}  (variant {}, reason {})", field("variant"), field("reason"))?;
        }
    }
    let list = |name: &str| explanation.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    writeln!(out, "who decides, highest first:")?;
    for step in list("steps") {
        let mark = if step.get("decided") == Some(&Value::Bool(true)) { "→" } else { " " };
        let is_wish = matches!(step.get("step").and_then(Value::as_str), Some("opt-out" | "opt-in"));
        let supposed = if is_wish && !names_wish { NO_WISH } else { "" };
        writeln!(out, "{mark} {:<14} {}{supposed}", shown(step.get("step")), shown(step.get("finding")))?;
    }
    let rules = list("rules");
    if !rules.is_empty() {
        writeln!(out, "the rule, part by part:")?;
    }
    for part in rules {
        writeln!(out, "  {}  {}", shown(part.get("path")), shown(part.get("rule")))?;
        writeln!(out, "      {}{}", outcome(part), note(part))?;
    }
    Ok(())
}

fn outcome(part: &Value) -> String {
    if part.get("reached") == Some(&Value::Bool(false)) {
        return "not reached".to_owned();
    }
    if part.get("failed") == Some(&Value::Bool(true)) {
        return "fails, which leads to the default".to_owned();
    }
    format!("is {}", printable(&part.get("outcome").unwrap_or(&Value::Null).to_string()))
}

fn note(part: &Value) -> String {
    match part.get("note").and_then(Value::as_str) {
        Some(note) => format!("; {}", printable(note)),
        None => String::new(),
    }
}
