//! OpenID Connect: the authorization code flow with PKCE, state and nonce. The provider is discovered when it is first
//! needed, and again when it signs with a key that is not known.

mod http;
mod journey;
mod settings;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::DateTime;
use jiff::Timestamp;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClientAuthMethod, CoreErrorResponseType,
    CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AuthType, AuthorizationCode, ClaimsVerificationError, Client, CsrfToken, EmptyExtraTokenFields,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, IdToken, IdTokenFields, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, RequestTokenError, Scope, SignatureVerificationError, StandardErrorResponse,
    StandardTokenResponse, TokenResponse,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ureq::Agent;

pub(crate) use journey::Journey;
pub use settings::{GroupRole, OidcSettings, OidcTexts};

/// How long what was discovered is believed.
const DISCOVERED_KEPT: Duration = Duration::from_secs(60 * 60);

/// Signatures that prove something: those of a key that the provider alone has.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// All claims that are not of the standard: one of them has the groups.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct OtherClaims {
    #[serde(flatten)]
    claims: Map<String, Value>,
}
impl AdditionalClaims for OtherClaims {}

type ProviderIdToken =
    IdToken<OtherClaims, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
type ProviderTokens = StandardTokenResponse<
    IdTokenFields<
        OtherClaims,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;
type ProviderClient = Client<
    OtherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    ProviderTokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Who the provider says somebody is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Never given to anybody else by this provider.
    pub(crate) subject: String,
    /// What to call them.
    pub(crate) name: String,
    /// Their groups.
    pub(crate) groups: Vec<String>,
}

/// Why there is no identity.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OidcError {
    /// The provider cannot be reached, or does not make sense.
    #[error("the provider of identities cannot be asked: {0}")]
    Unavailable(String),
    /// The provider, or what it says, is no proof.
    #[error("the sign-in at the provider does not count: {0}")]
    Refused(String),
    /// The browser has not begun what it brings, or too long ago.
    #[error("this browser has begun no such sign-in, or too long ago")]
    OtherJourney,
}

/// A provider. Its methods wait for it: they are for threads that may block.
pub(crate) struct Provider {
    settings: OidcSettings,
    agent: Agent,
    discovered: Mutex<Option<Discovered>>,
}

struct Discovered {
    metadata: Arc<CoreProviderMetadata>,
    /// By a clock that only goes forward.
    at: Duration,
}

impl Provider {
    pub(crate) fn new(settings: OidcSettings) -> Self {
        Self { settings, agent: http::agent(), discovered: Mutex::new(None) }
    }

    pub(crate) fn settings(&self) -> &OidcSettings {
        &self.settings
    }

    /// Where a browser signs in, and what it takes along. `at` is the monotonic clock.
    ///
    /// # Errors
    /// [`OidcError::Unavailable`].
    pub(crate) fn begin(&self, at: Duration) -> Result<(String, Journey), OidcError> {
        let client = self.client(&*self.metadata(at)?);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let request = client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .add_scopes(self.settings.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(challenge);
        let (url, state, nonce) = request.url();
        Ok((url.to_string(), Journey { state, nonce, verifier }))
    }

    /// Who comes back from the provider with a code.
    ///
    /// # Errors
    /// [`OidcError`].
    pub(crate) fn finish(
        &self,
        journey: Journey,
        state: &str,
        code: String,
        (at, now): (Duration, Timestamp),
    ) -> Result<Identity, OidcError> {
        if !journey.is_of(state) {
            return Err(OidcError::OtherJourney);
        }
        let metadata = self.metadata(at)?;
        let token = self.exchange(&metadata, journey.verifier, code)?;
        match self.identity(&metadata, &token, &journey.nonce, now) {
            // A key that came into use since the provider was discovered.
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey | SignatureVerificationError::CryptoError(_),
            )) => self.identity(&*self.discover(at)?, &token, &journey.nonce, now),
            other => other,
        }
        .map_err(|error| OidcError::Refused(with_sources(&error)))
    }

    fn exchange(
        &self,
        metadata: &CoreProviderMetadata,
        verifier: PkceCodeVerifier,
        code: String,
    ) -> Result<ProviderIdToken, OidcError> {
        let client = self.client(metadata);
        let request = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| OidcError::Unavailable(with_sources(&error)))?
            .set_pkce_verifier(verifier);
        let tokens =
            request.request(&|request: HttpRequest| http::send(&self.agent, request)).map_err(|error| match error {
                RequestTokenError::ServerResponse(response) => OidcError::Refused(response.to_string()),
                other => OidcError::Unavailable(with_sources(&other)),
            })?;
        let token = tokens.id_token().cloned();
        token.ok_or_else(|| OidcError::Unavailable("its answer has no ID token".to_owned()))
    }

    fn identity(
        &self,
        metadata: &CoreProviderMetadata,
        token: &ProviderIdToken,
        nonce: &Nonce,
        now: Timestamp,
    ) -> Result<Identity, ClaimsVerificationError> {
        let client = self.client(metadata);
        let now = move || DateTime::from_timestamp(now.as_second(), 0).unwrap_or(DateTime::UNIX_EPOCH);
        let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS).set_time_fn(now);
        let claims = token.claims(&verifier, nonce)?;
        let subject = claims.subject().as_str().to_owned();
        let name = claims.name().and_then(|name| name.get(None)).map(|name| name.as_str());
        let name =
            name.or_else(|| claims.preferred_username().map(|name| name.as_str())).unwrap_or(&subject).to_owned();
        let groups = claims.additional_claims().claims.get(&self.settings.groups_claim);
        Ok(Identity { name, groups: groups_of(groups), subject })
    }

    fn client(&self, metadata: &CoreProviderMetadata) -> ProviderClient {
        let OidcSettings { client_id, client_secret, redirect, .. } = &self.settings;
        let client = Client::from_provider_metadata(metadata.clone(), client_id.clone(), client_secret.clone());
        let methods = metadata.token_endpoint_auth_methods_supported();
        let takes_basic = methods.is_none_or(|methods| methods.contains(&CoreClientAuthMethod::ClientSecretBasic));
        let auth_type = if takes_basic { AuthType::BasicAuth } else { AuthType::RequestBody };
        client.set_redirect_uri(redirect.clone()).set_auth_type(auth_type)
    }

    /// What was discovered lately, or is now.
    fn metadata(&self, at: Duration) -> Result<Arc<CoreProviderMetadata>, OidcError> {
        let known = self.discovered.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.as_ref().filter(|known| at.saturating_sub(known.at) < DISCOVERED_KEPT) {
            return Ok(Arc::clone(&known.metadata));
        }
        drop(known);
        self.discover(at)
    }

    fn discover(&self, at: Duration) -> Result<Arc<CoreProviderMetadata>, OidcError> {
        let send = |request: HttpRequest| http::send(&self.agent, request);
        let metadata = CoreProviderMetadata::discover(&self.settings.issuer, &send)
            .map_err(|error| OidcError::Unavailable(with_sources(&error)))?;
        let metadata = Arc::new(metadata);
        let mut known = self.discovered.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some(Discovered { metadata: Arc::clone(&metadata), at });
        Ok(metadata)
    }
}

/// A claim of groups is a list of texts, or one text.
fn groups_of(claim: Option<&Value>) -> Vec<String> {
    match claim {
        Some(Value::String(group)) => vec![group.clone()],
        Some(Value::Array(groups)) => groups.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
