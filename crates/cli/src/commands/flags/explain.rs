//! `explain`: why somebody gets the value they get, from a server or out of a file.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::ValueEnum;
use flags::{Arena, Bucketing, RequestError, read_context};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use ureq::http::Method;

use super::{definition_file, explanation, flag_file, flag_path};
use crate::failure::Failure;
use crate::place::Place;
use crate::system_clock;

#[derive(clap::Args)]
pub struct Arguments {
    /// Key of the flag
    key: String,
    /// What is known about the one who asks, as a JSON object; @FILE reads it from a file
    #[arg(long, value_name = "JSON", default_value = "{}")]
    context: String,
    /// Who asks, where that is all there is to know: person:ID or token:ID
    #[arg(long, value_name = "KEY", conflicts_with = "context")]
    targeting_key: Option<String>,
    /// What the one who asks has chosen for themselves: 0 to leave the feature, 1 to enter it
    #[arg(long = "override", value_enum, conflicts_with = "file")]
    wish: Option<Wish>,
    /// A flagd file instead of a server; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["server", "database"])]
    file: Option<PathBuf>,
    /// With --file: what percentages are drawn by
    #[arg(long, value_name = "GENERATION", default_value_t, requires = "file")]
    bucketing: Bucketing,
    #[command(flatten)]
    place: Place,
}

/// What somebody has chosen for themselves.
#[derive(Clone, Copy, ValueEnum)]
enum Wish {
    /// Out.
    #[value(name = "0")]
    Out,
    /// In.
    #[value(name = "1")]
    In,
}

/// What the API is asked.
#[derive(Serialize)]
struct Question<'q> {
    context: &'q RawValue,
    #[serde(rename = "override", skip_serializing_if = "Option::is_none")]
    wish: Option<u8>,
}

impl Arguments {
    pub fn run(&self) -> Result<(), Failure> {
        let context = self.context()?;
        let explanation = match &self.file {
            Some(file) => {
                let set = flag_file::loaded(file, self.bucketing)?;
                let arena = Arena::new();
                let context = read_context(context.as_bytes(), &arena).map_err(|error| unreadable(&error))?;
                let explanation = set.explain(&self.key, &context, system_clock::now().as_second());
                let explanation = explanation.ok_or_else(|| {
                    let hint = "lotwise flags lint --file reads the whole file; keys are case-sensitive".to_owned();
                    Failure::refused(format!("the file has no flag {:?}", self.key), hint)
                })?;
                serde_json::to_value(explanation).context("the explanation cannot be written")?
            }
            None => self.ask(&context)?,
        };
        self.place.print(&explanation, |explanation, out| explanation::write(explanation, self.wish.is_some(), out))?;
        if self.file.is_none() {
            warn_of_stranger(&explanation);
        }
        Ok(())
    }

    /// The context as JSON text.
    fn context(&self) -> Result<String, Failure> {
        if let Some(key) = &self.targeting_key {
            return Ok(json!({ "targetingKey": key }).to_string());
        }
        let text = match self.context.strip_prefix('@') {
            Some(file) => definition_file::json(file.as_ref())?.get().to_owned(),
            None => self.context.clone(),
        };
        // Faults are named here, not as a fault of the request that the context becomes a part of.
        read_context(text.as_bytes(), &Arena::new()).map_err(|error| unreadable(&error))?;
        Ok(text)
    }

    fn ask(&self, context: &str) -> Result<Value, Failure> {
        let body = Question {
            context: serde_json::from_str(context).context("the context cannot be sent")?,
            wish: self.wish.map(|wish| match wish {
                Wish::Out => 0,
                Wish::In => 1,
            }),
        };
        let body = serde_json::to_string(&body).context("the context cannot be sent")?;
        let path = flag_path(&self.key, "/explain");
        self.place.api()?.send(&Method::POST, &path, Some(&body))?.successful()?.json()
    }
}

/// Says that a server never gives anybody this targeting key, which a slip of the pen makes of one that it gives.
fn warn_of_stranger(explanation: &Value) {
    let Some(key) = explanation.get("targetingKey").and_then(Value::as_str) else { return };
    let is_numbered = |kind: &str| key.strip_prefix(kind).is_some_and(|id| id.parse::<u64>().is_ok());
    if key != "service:admin" && !is_numbered("person:") && !is_numbered("token:") {
        // Nobody can be told that standard error is closed.
        let _ = writeln!(
            io::stderr(),
            "warning: no user of this server has the targeting key {key:?}; theirs are person:ID, token:ID and service:admin"
        );
    }
}

fn unreadable(error: &RequestError) -> Failure {
    Failure::bad_input(
        format!("the context cannot be read: {error}"),
        r#"write it as '{"targetingKey":"person:1","email":"ada@example.org"}'"#.to_owned(),
    )
}
