//! `invite`: links that let their readers into a feature.

use std::io::{self, Write};

use clap::Subcommand;
use serde_json::{Value, json};

use super::flag_path;
use crate::api_client::segment;
use crate::failure::Failure;
use crate::place::Place;
use crate::system_clock;
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
    /// Make a link; whoever signs in and follows it may turn the feature on for themselves
    Create {
        /// Key of the flag
        key: String,
        /// Days during which the link works
        #[arg(long, default_value_t = 14, value_parser = clap::value_parser!(i64).range(1..=366))]
        days: i64,
        /// People who may use it
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..))]
        max_uses: i64,
    },
    /// List the links that were made
    List {
        /// Key of the flag
        key: String,
    },
    /// End a link; whoever has used it stays in
    Revoke {
        /// Key of the flag
        key: String,
        /// Id of the invitation
        id: String,
    },
}

impl Arguments {
    pub fn run(&self) -> Result<(), Failure> {
        let api = self.place.api()?;
        match &self.command {
            Command::Create { key, days, max_uses } => {
                let expires_at = system_clock::hours_after(system_clock::now(), days * 24);
                let body = json!({ "expiresAt": expires_at.to_string(), "maxUses": max_uses });
                let answer = api.post(&flag_path(key, "/invitations"), &body)?.json()?;
                let flag = api.get(&flag_path(key, ""))?.json()?;
                if flag.pointer("/definition/metadata/clientOverride") != Some(&json!("opt-in")) {
                    // Standard output is the link's; who does not see the remark loses nothing.
                    let remark = "nobody may turn this flag on for themselves yet: lotwise flags set";
                    let _ = writeln!(io::stderr(), "warning: {remark} {key} --client-override opt-in");
                }
                self.place.print(&answer, |invitation, out| {
                    let field = |name: &str| shown(invitation.get(name));
                    writeln!(out, "{}{}", api.place(), field("url"))?;
                    writeln!(
                        out,
                        "invitation {}: up to {} people, until {}",
                        field("id"),
                        field("maxUses"),
                        field("expiresAt")
                    )
                })
            }
            Command::List { key } => {
                let invitations = api.list(&flag_path(key, "/invitations"), "invitations")?;
                self.place.print(&json!({ "invitations": invitations }), |_, out| {
                    write_table(
                        &["invitation", "uses", "of", "until", "made by", "revoked"],
                        invitations.iter().map(row),
                        out,
                    )
                })
            }
            Command::Revoke { key, id } => {
                let answer = api.delete(&flag_path(key, &format!("/invitations/{}", segment(id))), None)?.json()?;
                self.place.print(&answer, |_, out| writeln!(out, "invitation {id} is revoked"))
            }
        }
    }
}

fn row(invitation: &Value) -> Vec<String> {
    ["id", "uses", "maxUses", "expiresAt", "createdBy", "revokedAt"].map(|name| shown(invitation.get(name))).into()
}
