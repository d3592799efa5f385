//! Secrets: from an environment variable, or from the file that a variable of its name and `_FILE` names, which is how
//! systemd credentials and mounted secrets come. Never from the configuration file.

use std::ffi::OsString;
use std::path::PathBuf;

use server::{AdminToken, INVITATION_SECRET_VARIABLE, ROLLOUT_SECRET_VARIABLE, Secret, SigningSecret};

use crate::failure::Failure;

/// Bytes of a file with a secret.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// A secret, and where it came from.
#[derive(Debug)]
pub struct Kept<T> {
    /// The secret; none where it is not set.
    pub value: Option<T>,
    /// The variable that it came from or would come from.
    pub variable: &'static str,
    /// The file that it came from.
    pub file: Option<PathBuf>,
}

/// Every secret of the service.
#[derive(Debug)]
pub struct Secrets {
    /// `LOTWISE_ADMIN_TOKEN`.
    pub admin_token: Kept<AdminToken>,
    /// `LOTWISE_METRICS_TOKEN`.
    pub metrics_token: Kept<Secret>,
    /// `LOTWISE_PROMETHEUS_TOKEN`.
    pub prometheus_token: Kept<PlainSecret>,
    /// `LOTWISE_INVITATION_SECRET`.
    pub invitation_secret: Kept<SigningSecret>,
    /// `LOTWISE_ROLLOUT_SECRET`.
    pub rollout_secret: Kept<SigningSecret>,
    /// `LOTWISE_OIDC_CLIENT_SECRET`.
    pub oidc_client_secret: Kept<PlainSecret>,
}

/// A secret that this service presents elsewhere. Never printed.
#[derive(Clone)]
pub struct PlainSecret(pub String);

impl std::fmt::Debug for PlainSecret {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("PlainSecret(…)")
    }
}

impl Secrets {
    /// Reads the environment, and the files that it names.
    pub fn read() -> Result<Self, Failure> {
        let signing = |variable| secret(variable, |text| SigningSecret::new(variable, text));
        Ok(Self {
            admin_token: secret("LOTWISE_ADMIN_TOKEN", AdminToken::new)?,
            metrics_token: secret("LOTWISE_METRICS_TOKEN", |text| Ok(Secret::new(text)))?,
            prometheus_token: secret("LOTWISE_PROMETHEUS_TOKEN", |text| Ok(PlainSecret(text.to_owned())))?,
            invitation_secret: signing(INVITATION_SECRET_VARIABLE)?,
            rollout_secret: signing(ROLLOUT_SECRET_VARIABLE)?,
            oidc_client_secret: secret("LOTWISE_OIDC_CLIENT_SECRET", |text| Ok(PlainSecret(text.to_owned())))?,
        })
    }
}

/// The text of a setting that has to be kept secret, by its variable or by the file of `NAME_FILE`.
pub fn secret_text(variable: &'static str) -> Result<(Option<String>, Option<PathBuf>), Failure> {
    let file_variable = format!("{variable}_FILE");
    let direct = variable_text(variable)?;
    let Some(path) = std::env::var_os(&file_variable).map(PathBuf::from) else { return Ok((direct, None)) };
    if direct.is_some() {
        let hint = "unset one of the two".to_owned();
        return Err(Failure::bad_input(format!("{variable} and {file_variable} are both set"), hint));
    }
    let text = read_file(&path).map_err(|error| {
        let hint = "name a file that this user can read, with the secret and nothing else".to_owned();
        Failure::bad_input(format!("cannot read {} of {file_variable}: {error}", path.display()), hint)
    })?;
    // Editors and `echo` end files with a line end, which no secret has.
    let text = text.strip_suffix('\n').map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text)).to_owned();
    if text.is_empty() {
        let hint = "put the secret there, or unset the variable".to_owned();
        return Err(Failure::bad_input(format!("the file {} of {file_variable} is empty", path.display()), hint));
    }
    Ok((Some(text), Some(path)))
}

fn read_file(path: &std::path::Path) -> std::io::Result<String> {
    use std::io::Read as _;
    let mut text = String::new();
    let read = std::fs::File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_string(&mut text)?;
    if read as u64 > FILE_BYTES_MAX {
        return Err(std::io::Error::other(format!("it has more than {FILE_BYTES_MAX} bytes")));
    }
    Ok(text)
}

fn secret<T>(
    variable: &'static str,
    read: impl FnOnce(&str) -> Result<T, server::ConfigError>,
) -> Result<Kept<T>, Failure> {
    let (text, file) = secret_text(variable)?;
    let value = text.map(|text| read(&text)).transpose();
    let value =
        value.map_err(|error| Failure::bad_input(error.to_string(), "openssl rand -hex 32 makes one".to_owned()))?;
    Ok(Kept { value, variable, file })
}

/// The text of a variable.
pub fn variable_text(name: &'static str) -> Result<Option<String>, Failure> {
    let not_text = |_: OsString| Failure::bad_input(format!("{name} is not UTF-8"), None);
    std::env::var_os(name).map(|value| value.into_string().map_err(not_text)).transpose()
}

impl<T> Kept<T> {
    /// Where it came from, or would.
    pub fn origin(&self) -> String {
        match &self.file {
            Some(path) => format!("file, {} ({}_FILE)", path.display(), self.variable),
            None => format!("environment, {}", self.variable),
        }
    }
}
