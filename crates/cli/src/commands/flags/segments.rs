//! `segments`: lists of targeting keys, such as the early adopters.

use std::io::Write;

use clap::Subcommand;
use serde_json::json;
use ureq::http::Method;

use crate::api_client::segment;
use crate::failure::Failure;
use crate::place::Place;
use crate::terminal::{shown, write_table};

#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    place: Place,
}

#[derive(Subcommand)]
enum Command {
    /// List the segments
    List,
    /// Make a segment
    Create {
        /// Key, by which rules and commands name it
        key: String,
        /// Name, for people
        #[arg(long, value_name = "TEXT")]
        name: String,
    },
    /// List who is in a segment
    Members {
        /// Key of the segment
        key: String,
    },
    /// Add people or services
    Add {
        /// Key of the segment
        key: String,
        /// person:ID or token:ID
        #[arg(required = true, value_name = "TARGETING_KEY")]
        members: Vec<String>,
    },
    /// Take people or services out
    Remove {
        /// Key of the segment
        key: String,
        /// person:ID or token:ID
        #[arg(required = true, value_name = "TARGETING_KEY")]
        members: Vec<String>,
    },
}

impl Arguments {
    pub fn run(&self) -> Result<(), Failure> {
        let api = self.place.api()?;
        match &self.command {
            Command::List => {
                let segments = api.list("/api/segments", "segments")?;
                self.place.print(&json!({ "segments": segments }), |_, out| {
                    let row = |segment: &serde_json::Value| {
                        ["key", "name", "version"].map(|name| shown(segment.get(name))).into()
                    };
                    write_table(&["segment", "name", "version"], segments.iter().map(row), out)
                })
            }
            Command::Create { key, name } => {
                let answer = api.post("/api/segments", &json!({ "key": key, "name": name }))?.json()?;
                self.place.print(&answer, |segment, out| writeln!(out, "segment {} is made", shown(segment.get("key"))))
            }
            Command::Members { key } => {
                let members = api.list(&path(key, ""), "members")?;
                self.place.print(&json!({ "members": members }), |_, out| {
                    let row = |member: &serde_json::Value| {
                        ["targetingKey", "source", "addedAt", "addedBy"].map(|name| shown(member.get(name))).into()
                    };
                    write_table(&["member", "source", "added", "by"], members.iter().map(row), out)
                })
            }
            Command::Add { key, members } => {
                for member in members {
                    api.send(&Method::PUT, &path(key, &format!("/{}", segment(member))), None)?.successful()?;
                }
                self.place.print(&json!({ "segment": key, "added": members }), |_, out| {
                    writeln!(out, "{} in {key} from now on", members.join(", "))
                })
            }
            Command::Remove { key, members } => {
                for member in members {
                    api.delete(&path(key, &format!("/{}", segment(member))), None)?;
                }
                self.place.print(&json!({ "segment": key, "removed": members }), |_, out| {
                    writeln!(out, "{} no longer in {key}", members.join(", "))
                })
            }
        }
    }
}

fn path(key: &str, member: &str) -> String {
    format!("/api/segments/{}/members{member}", segment(key))
}
