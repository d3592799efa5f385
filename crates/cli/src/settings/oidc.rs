//! The provider of identities: its address and client from variables or the file, what its groups may do from the file alone.

use serde::Deserialize;
use server::{GroupRole, OidcSettings, OidcTexts};
use store::FundId;
use store::tokens::Role;

use super::secrets::{PlainSecret, variable_text};
use crate::failure::Failure;

/// `[oidc]` of the configuration file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcTable {
    issuer: Option<String>,
    client_id: Option<String>,
    label: Option<String>,
    scopes: Option<Vec<String>>,
    groups_claim: Option<String>,
    #[serde(default)]
    roles: Vec<RoleTable>,
}

/// `[[oidc.roles]]`: what the members of a group may do.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleTable {
    group: String,
    role: Role,
    funds: Option<Vec<i64>>,
}

/// The provider, where one is set.
pub fn read(
    table: OidcTable,
    public_url: Option<&str>,
    secret: Option<&PlainSecret>,
) -> Result<Option<OidcSettings>, Failure> {
    let issuer = variable_text("LOTWISE_OIDC_ISSUER")?.or(table.issuer);
    let client_id = variable_text("LOTWISE_OIDC_CLIENT_ID")?.or(table.client_id);
    let (Some(issuer), Some(client_id)) = (&issuer, &client_id) else {
        if issuer.is_some() || client_id.is_some() || secret.is_some() || !table.roles.is_empty() {
            let hint =
                "set LOTWISE_OIDC_ISSUER and LOTWISE_OIDC_CLIENT_ID, or issuer and client_id of [oidc]".to_owned();
            return Err(Failure::bad_input("OpenID Connect is set in part: it needs an issuer and a client id", hint));
        }
        return Ok(None);
    };
    let Some(public_url) = public_url else {
        let hint =
            "set --public-url to where browsers reach this service; the provider sends them back there".to_owned();
        return Err(Failure::bad_input("OpenID Connect needs the public URL of this service", hint));
    };
    let roles = table.roles.into_iter().map(|rule| GroupRole {
        group: rule.group,
        role: rule.role,
        funds: rule.funds.map(|funds| funds.into_iter().map(FundId).collect()),
    });
    let texts = OidcTexts {
        issuer: issuer.clone(),
        client_id: client_id.clone(),
        public_url: public_url.to_owned(),
        label: table.label,
        scopes: table.scopes,
        groups_claim: table.groups_claim,
    };
    let settings = OidcSettings::new(texts, secret.map(|secret| secret.0.clone()), roles.collect());
    settings.map(Some).map_err(|error| {
        Failure::bad_input(error.to_string(), "docs/reference/settings.md has an example of [oidc]".to_owned())
    })
}
