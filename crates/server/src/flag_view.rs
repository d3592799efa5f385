//! A flag as the API shows it: its definition, what decides about it now, and how it is used.

use std::collections::BTreeMap;

use flags::{Asker, Context, Definition, EnvironmentSwitch, Evaluation, Exposure, Finding, Flag, FlagSet, Override};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use store::StoreError;
use store::flag_book::FlagBook;
use store::flag_definitions::Definition as StoredDefinition;
use store::flag_state::FlagState;
use utoipa::ToSchema;

use crate::AppState;
use crate::error::{ApiError, is_passing};
use crate::flag_statistics::{OptOutsView, Statistics, UsageView};
use crate::guard::OWN_FLAGS;
use crate::live_flags::{Document, PendingKill, Published, Source};

/// A flag.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Flag)]
pub(crate) struct FlagView {
    /// Key.
    pub(crate) key: String,
    /// Version of the definition, 0 for one that nobody has changed; send it with a PUT.
    pub(crate) version: i64,
    /// The definition in force, flagd's object.
    #[schema(value_type = Object)]
    definition: Box<RawValue>,
    /// ENABLED or DISABLED.
    state: &'static str,
    /// `seeded` by the program, `stored` in the database, or from the watched `file`.
    source: &'static str,
    /// Whether it is archived: unknown to whoever asks, but with its history.
    archived: bool,
    /// Whether the kill switch is pulled.
    killed: bool,
    /// Whether the kill acts in this process but waits for the database to take it.
    kill_pending: bool,
    /// Why it was last killed or restored.
    reason: Option<String>,
    /// Who last killed or restored it.
    changed_by: Option<String>,
    /// RFC 3339; when it was last killed or restored.
    #[schema(value_type = Option<String>, format = DateTime)]
    changed_at: Option<Timestamp>,
    /// Whether a caller who is nobody in particular gets the feature from this process; null for a flag that is not boolean.
    enabled: Option<bool>,
    /// What decided: for the server's own flags `not_configured`, `killed_by_environment`, `killed`, `default` and so on,
    /// for others OpenFeature's reason or error code.
    reason_code: &'static str,
    /// The environment variable of this process: unset, on, off or invalid; null for a flag without one.
    environment_switch: Option<&'static str>,
    /// What to know about the state, such as a kill that a restore does not lift.
    notes: Vec<String>,
    /// Variant that applies when nothing else decides; null for none.
    default_variant: Option<String>,
    /// Percentage of the users who get the feature by the draw; null without one.
    exposure: Option<String>,
    /// release, experiment, ops or permission; null where the definition does not say.
    kind: Option<&'static str>,
    /// Team that answers for it.
    owner: Option<String>,
    /// RFC 3339; null for a flag that is not stored.
    #[schema(value_type = Option<String>, format = DateTime)]
    created_at: Option<Timestamp>,
    /// RFC 3339; when the definition last changed.
    #[schema(value_type = Option<String>, format = DateTime)]
    updated_at: Option<Timestamp>,
    /// Who changed the definition last.
    updated_by: Option<String>,
    /// What to look at: rules that never apply, a lifetime that is over, no use.
    staleness: Vec<FindingView>,
    /// How often it was evaluated, and with which outcome.
    usage: UsageView,
    /// Who turned it off for themselves.
    opt_outs: OptOutsView,
}

/// A remark about a flag.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = FlagFinding)]
pub(crate) struct FindingView {
    /// The flag.
    flag: String,
    /// Where in its definition.
    path: String,
    /// `unreachable_rule`, `constant_rule`, `unknown_attribute`, `weights_not_100`, `past_lifetime`, `never_evaluated`,
    /// `same_answer` or `broken`.
    code: &'static str,
    /// What to know and what to do.
    message: String,
}

impl From<Finding> for FindingView {
    fn from(finding: Finding) -> Self {
        Self { flag: finding.flag, path: finding.path, code: finding.code, message: finding.message }
    }
}

/// Everything that views of flags are made of, read at one moment.
pub(crate) struct Overview {
    board: arc_swap::Guard<std::sync::Arc<Published>>,
    book: Option<FlagBook>,
    document: Document,
    pending: BTreeMap<String, PendingKill>,
    statistics: Statistics,
    findings: Vec<FindingView>,
    now: Timestamp,
}

impl Overview {
    /// Reads the flags as they are now, and what is counted about them. While the database is away, as they were.
    ///
    /// # Errors
    /// What the database answers, other than that it is away.
    pub(crate) async fn read(state: &AppState) -> Result<Self, ApiError> {
        let now = state.clock().now();
        let read = match state.refresh_flags().await {
            Ok(()) => state.store().read(move |tx| Statistics::read(tx, now)).await,
            Err(error) => Err(error),
        };
        let statistics = match read {
            Ok(statistics) => statistics,
            Err(error) if is_passing(&error) => Statistics::default(),
            Err(error) => return Err(error.into()),
        };
        let live = state.live_flags();
        let (book, file) = live.sources();
        let board = live.switchboard();
        let usage = statistics.for_lint(book.as_ref());
        let findings = board.set.lint(&usage, now.as_second()).into_iter().map(FindingView::from).collect();
        Ok(Self {
            document: Document::new(book.as_ref(), file.as_deref())?,
            pending: live.pending_kills().into_iter().collect(),
            board,
            book,
            statistics,
            findings,
            now,
        })
    }

    /// Every key, in order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.document.keys()
    }

    /// What is remarkable about the flags.
    pub(crate) fn into_findings(self) -> Vec<FindingView> {
        self.findings
    }

    /// The flag of this key, if it is not archived.
    ///
    /// # Errors
    /// `Internal` for a definition that is not JSON, which no check lets pass.
    pub(crate) fn view(&self, key: &str) -> Result<Option<FlagView>, ApiError> {
        let (Some(text), Some(source)) = (self.document.definition(key), self.document.source(key)) else {
            return Ok(None);
        };
        let stored = self.book.iter().flat_map(|book| &book.definitions).find(|stored| stored.key == key);
        let stored = stored.filter(|_| source == Source::Stored);
        let switched = self.switched(key);
        let (enabled, reason_code) = self.answer(key);
        let own = OWN_FLAGS.into_iter().find(|flag| flag.key() == key);
        Ok(Some(FlagView {
            source: source.as_str(),
            killed: switched.killed,
            kill_pending: self.pending.contains_key(key),
            reason: switched.reason,
            changed_by: switched.changed_by,
            changed_at: switched.changed_at,
            enabled,
            reason_code,
            environment_switch: own.map(|_| self.board.switch(key).as_str()),
            notes: self.notes(key, own),
            staleness: self.findings.iter().filter(|finding| finding.flag == key).cloned().collect(),
            usage: self.statistics.usage_of(key),
            opt_outs: self.statistics.opt_outs_of(key),
            ..defined(key, text, self.board.set.get(key), stored)?
        }))
    }

    /// The stored switch of a flag, or the kill that waits for the database.
    fn switched(&self, key: &str) -> FlagState {
        let stored = self.book.iter().flat_map(|book| &book.states).find(|state| state.key == key).cloned();
        let stored = stored.unwrap_or_else(|| FlagState::untouched(key));
        match self.pending.get(key) {
            Some(kill) if !stored.killed => FlagState {
                killed: true,
                reason: Some(kill.reason.clone()),
                changed_by: Some(kill.actor.clone()),
                changed_at: Some(kill.at),
                ..stored
            },
            _ => FlagState { killed: self.board.killed.contains(key), ..stored },
        }
    }

    fn answer(&self, key: &str) -> (Option<bool>, &'static str) {
        let now_s = self.now.as_second();
        if let Some(flag) = OWN_FLAGS.into_iter().find(|flag| flag.key() == key) {
            let decision = self.board.decide(flag, Asker::default(), now_s);
            return (Some(decision.enabled), decision.reason.as_str());
        }
        outcome(&self.board.evaluate(key, &Context::EMPTY, Override::None, now_s))
    }

    fn notes(&self, key: &str, own: Option<Flag<bool>>) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(own) = own.map(Flag::own) {
            let (switch, variable) = (self.board.switch(key), own.environment_variable);
            notes.extend(switch.warning(variable));
            match switch {
                EnvironmentSwitch::Off | EnvironmentSwitch::Invalid(_) => notes.push(format!(
                    "{variable} keeps the flag off in this process; restoring does not lift it: set it to true and restart"
                )),
                EnvironmentSwitch::Unset => {
                    notes.push(format!("{variable} is not set, so the flag is off in this process"));
                }
                EnvironmentSwitch::On => {}
            }
        }
        if self.pending.contains_key(key) {
            notes.push(
                "the kill acts in this process and is stored as soon as the database takes it; other replicas do not know of it yet"
                    .to_owned(),
            );
        }
        if self.book.is_none() && own.is_some() {
            notes.push("nothing is known of the stored flags yet, so the flag is off".to_owned());
        }
        notes
    }
}

/// A flag that is archived: only what is stored of it is shown.
///
/// # Errors
/// `Internal` for a definition that is not JSON.
pub(crate) fn archived_view(stored: &StoredDefinition) -> Result<FlagView, ApiError> {
    Ok(FlagView {
        archived: true,
        reason_code: flags::ErrorCode::FlagNotFound.as_str(),
        notes: vec!["the flag is archived; create it again to bring it back".to_owned()],
        ..defined(&stored.key, &stored.definition, None, Some(stored))?
    })
}

/// A flag that was just created, in the set that it was checked with: nobody has asked for it yet.
///
/// # Errors
/// `Internal` for a definition that is not JSON.
pub(crate) fn new_view(stored: &StoredDefinition, set: &FlagSet, now: Timestamp) -> Result<FlagView, StoreError> {
    let (enabled, reason_code) = outcome(&set.evaluate(&stored.key, &Context::EMPTY, now.as_second()));
    let defined = defined(&stored.key, &stored.definition, set.get(&stored.key), Some(stored))?;
    Ok(FlagView { enabled, reason_code, ..defined })
}

/// What the definition and its record say of a flag; nothing of what decides about it, nor of its use.
fn defined(
    key: &str,
    text: &str,
    definition: Option<&Definition>,
    stored: Option<&StoredDefinition>,
) -> Result<FlagView, StoreError> {
    let attributes = definition.map(Definition::attributes);
    Ok(FlagView {
        key: key.to_owned(),
        version: stored.map_or(0, |stored| stored.version),
        definition: raw(text)?,
        state: state_of(definition),
        source: Source::Stored.as_str(),
        archived: false,
        killed: false,
        kill_pending: false,
        reason: None,
        changed_by: None,
        changed_at: None,
        enabled: None,
        reason_code: "",
        environment_switch: None,
        notes: Vec::new(),
        default_variant: definition.and_then(Definition::default_variant).map(str::to_owned),
        exposure: attributes.and_then(|known| known.exposure).map(percent),
        kind: attributes.and_then(|known| known.kind).map(flags::Kind::as_str),
        owner: attributes.and_then(|known| known.owner.as_deref()).map(str::to_owned),
        created_at: stored.map(|stored| stored.created_at),
        updated_at: stored.map(|stored| stored.updated_at),
        updated_by: stored.map(|stored| stored.updated_by.clone()),
        staleness: Vec::new(),
        usage: UsageView::default(),
        opt_outs: OptOutsView::default(),
    })
}

/// A percentage in shortest form.
fn percent(exposure: Exposure) -> String {
    let (whole, part) = (exposure.hundredths_of_percent() / 100, exposure.hundredths_of_percent() % 100);
    format!("{whole}.{part:02}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn state_of(definition: Option<&Definition>) -> &'static str {
    if definition.is_some_and(Definition::is_enabled) { "ENABLED" } else { "DISABLED" }
}

/// Whether an evaluation gives true or false, and OpenFeature's reason or error code.
fn outcome(evaluation: &Evaluation<'_>) -> (Option<bool>, &'static str) {
    match &evaluation.result {
        Ok(resolution) => {
            let enabled = match resolution.value {
                Some("true") => Some(true),
                Some("false") => Some(false),
                _ => None,
            };
            (enabled, if resolution.killed { "killed" } else { resolution.reason.as_str() })
        }
        Err(refusal) => (None, refusal.code.as_str()),
    }
}

/// JSON text as it stands.
pub(crate) fn raw(text: &str) -> Result<Box<RawValue>, StoreError> {
    RawValue::from_string(text.to_owned())
        .map_err(|error| StoreError::Internal(format!("a stored definition is not JSON: {error}")))
}
