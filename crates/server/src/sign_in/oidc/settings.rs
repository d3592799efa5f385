//! The provider of identities that a server is started with, and what its groups may do here.

use std::fmt;

use openidconnect::url::Url;
use openidconnect::{ClientId, ClientSecret, IssuerUrl, RedirectUrl};
use store::FundId;
use store::tokens::{Grant, Role};

use crate::config::ConfigError;

/// Path that a provider sends browsers back to.
pub(crate) const CALLBACK_PATH: &str = "/api/session/oidc/callback";

/// A provider of OpenID Connect.
#[derive(Clone)]
pub struct OidcSettings {
    pub(super) issuer: IssuerUrl,
    pub(super) client_id: ClientId,
    pub(super) client_secret: Option<ClientSecret>,
    pub(super) redirect: RedirectUrl,
    /// What the button calls it.
    pub(crate) label: String,
    /// What is asked for besides `openid`.
    pub(super) scopes: Vec<String>,
    /// The claim of the ID token with the groups of a person.
    pub(super) groups_claim: String,
    roles: Vec<GroupRole>,
}

/// What is needed for [`OidcSettings`], as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OidcTexts {
    /// The issuer, under which the provider is discovered.
    pub issuer: String,
    /// What the provider calls this service.
    pub client_id: String,
    /// Where browsers reach this service.
    pub public_url: String,
    /// What the button calls the provider; by default its host.
    pub label: Option<String>,
    /// What is asked for besides `openid`; by default the profile.
    pub scopes: Option<Vec<String>>,
    /// The claim with the groups; by default `groups`.
    pub groups_claim: Option<String>,
}

/// What the members of a group may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRole {
    /// The group, as the claim has it.
    pub group: String,
    /// Their role.
    pub role: Role,
    /// The funds they see; none for all.
    pub funds: Option<Vec<FundId>>,
}

impl OidcSettings {
    /// Takes settings over.
    ///
    /// # Errors
    /// [`ConfigError::Oidc`] for addresses that are none, or that are not HTTPS and not this machine's, and without a
    /// group that has a role.
    pub fn new(texts: OidcTexts, client_secret: Option<String>, roles: Vec<GroupRole>) -> Result<Self, ConfigError> {
        let issuer = secure_url("issuer", &texts.issuer)?;
        let public = secure_url("public URL", &texts.public_url)?;
        let redirect = format!("{}{CALLBACK_PATH}", public.as_str().trim_end_matches('/'));
        let refused = |setting, value: &str, message| ConfigError::Oidc { setting, value: value.to_owned(), message };
        if texts.client_id.is_empty() {
            return Err(refused("client id", "", "must not be empty"));
        }
        if roles.is_empty() {
            return Err(refused(
                "roles",
                "",
                "must give at least one group a role: [[oidc.roles]] with group and role",
            ));
        }
        if let Some(odd) = roles.iter().find(|rule| rule.role == Role::Ofrep) {
            return Err(refused("roles", &odd.group, "must not have the role ofrep, which is for services"));
        }
        Ok(Self {
            label: texts.label.unwrap_or_else(|| issuer.host_str().unwrap_or("OpenID Connect").to_owned()),
            // As it was written: the issuer of every answer has to be the same text.
            issuer: IssuerUrl::new(texts.issuer.clone())
                .map_err(|_| refused("issuer", &texts.issuer, "must be an address"))?,
            client_id: ClientId::new(texts.client_id),
            client_secret: client_secret.map(ClientSecret::new),
            redirect: RedirectUrl::new(redirect)
                .map_err(|_| refused("public URL", &texts.public_url, "must be an address"))?,
            scopes: texts.scopes.unwrap_or_else(|| vec!["profile".to_owned()]),
            groups_claim: texts.groups_claim.unwrap_or_else(|| "groups".to_owned()),
            roles,
        })
    }

    /// What somebody of these groups may do: the highest role that any of them has, for the funds that go with that very
    /// role; a lower role of another group adds none. None for nobody's group.
    pub(crate) fn grant_of(&self, groups: &[String]) -> Option<Grant> {
        let theirs = || self.roles.iter().filter(|rule| groups.contains(&rule.group));
        let role = theirs().map(|rule| rule.role).max_by_key(|role| *role as u8)?;
        let mut funds = Some(Vec::new());
        for rule in theirs().filter(|rule| rule.role == role) {
            funds = match (funds, &rule.funds) {
                (Some(seen), Some(more)) => Some(seen.into_iter().chain(more.iter().copied()).collect()),
                _ => None,
            };
        }
        if let Some(funds) = &mut funds {
            funds.sort_unstable_by_key(|fund: &FundId| fund.0);
            funds.dedup();
        }
        Some(Grant { role, funds })
    }

    /// The issuer, as people are known under it.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.issuer.as_str()
    }
}

impl fmt::Debug for OidcSettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("OidcSettings")
            .field("issuer", &self.issuer.as_str())
            .field("client_id", &self.client_id.as_str())
            .field("roles", &self.roles)
            .finish_non_exhaustive()
    }
}

/// Tokens and codes go over TLS, or do not leave the machine.
fn secure_url(setting: &'static str, text: &str) -> Result<Url, ConfigError> {
    let refused = |message| ConfigError::Oidc { setting, value: text.to_owned(), message };
    let url = Url::parse(text).map_err(|_| refused("must be an address such as https://login.example.com"))?;
    let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_local => Ok(url),
        _ => Err(refused("must begin with https://")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(issuer: &str) -> OidcTexts {
        OidcTexts {
            issuer: issuer.to_owned(),
            client_id: "lotwise".to_owned(),
            public_url: "https://lotwise.example.com/".to_owned(),
            ..OidcTexts::default()
        }
    }

    fn rule(group: &str, role: Role, funds: Option<&[i64]>) -> GroupRole {
        GroupRole { group: group.to_owned(), role, funds: funds.map(|ids| ids.iter().copied().map(FundId).collect()) }
    }

    #[test]
    fn the_highest_role_counts_with_its_own_funds() {
        let roles = vec![
            rule("everyone", Role::Viewer, None),
            rule("fund-1", Role::Analyst, Some(&[1])),
            rule("fund-2", Role::Analyst, Some(&[2, 1])),
            rule("ops", Role::Operator, None),
        ];
        let settings = OidcSettings::new(texts("https://login.example.com"), None, roles).unwrap();
        let grant = |groups: &[&str]| {
            let groups: Vec<String> = groups.iter().map(|group| (*group).to_owned()).collect();
            settings.grant_of(&groups).map(|grant| (grant.role, grant.funds.map(|f| f.iter().map(|f| f.0).collect())))
        };
        assert_eq!(grant(&[]), None);
        assert_eq!(grant(&["strangers"]), None);
        assert_eq!(grant(&["everyone"]), Some((Role::Viewer, None)));
        assert_eq!(grant(&["everyone", "fund-1"]), Some((Role::Analyst, Some(vec![1]))), "no analyst of all funds");
        assert_eq!(grant(&["fund-2", "fund-1"]), Some((Role::Analyst, Some(vec![1, 2]))));
        assert_eq!(grant(&["fund-1", "ops"]), Some((Role::Operator, None)));
    }

    #[test]
    fn what_cannot_be_safe_is_refused_by_name() {
        let roles = || vec![rule("everyone", Role::Viewer, None)];
        for issuer in ["http://login.example.com", "login.example.com", ""] {
            let error = OidcSettings::new(texts(issuer), None, roles()).unwrap_err();
            assert!(error.to_string().contains("issuer"), "{error}");
        }
        assert!(OidcSettings::new(texts("http://127.0.0.1:9000"), None, roles()).is_ok());
        assert!(OidcSettings::new(texts("https://login.example.com"), None, Vec::new()).is_err());
        let ofrep = vec![rule("apps", Role::Ofrep, None)];
        assert!(OidcSettings::new(texts("https://login.example.com"), None, ofrep).is_err());
    }

    #[test]
    fn the_secret_is_never_printed() {
        let roles = vec![rule("everyone", Role::Viewer, None)];
        let settings = OidcSettings::new(texts("https://a.example"), Some("s3cret".to_owned()), roles).unwrap();
        assert!(!format!("{settings:?}").contains("s3cret"));
        assert_eq!(settings.redirect.as_str(), "https://lotwise.example.com/api/session/oidc/callback");
    }
}
