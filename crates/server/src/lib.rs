//! The HTTP side of Lotwise: routes, guard, authentication, metrics, workers and the embedded web client.
//!
//! A request passes, from the outside in: [`context`] (request id, trace, problem documents), panics and timeouts,
//! admission (token 401 → visible 404 → role 403), the guard (503), then its handler, which reads the body, asks the
//! store and answers. [`router`](crate::router()) can be called without a socket; [`serve`] adds socket and workers.

mod act;
mod answer;
mod audit_trail;
mod auth;
mod body;
mod clock;
mod comparison;
mod config;
mod connections;
mod context;
mod database_time;
mod encoded;
mod error;
mod error_count;
mod evaluation;
mod fields;
mod first_evaluation;
mod flag_difference;
mod flag_edit;
mod flag_statistics;
mod flag_switch;
mod flag_view;
mod fund_table;
mod guard;
mod idempotency;
mod imports;
mod in_flight;
mod invitation_link;
mod invitation_secret;
mod legacy_moic;
mod live_flags;
mod metrics;
mod migration;
mod ofrep;
mod openapi;
mod outgoing;
mod paced_body;
mod policy;
mod query;
mod random;
mod rate;
mod reserve_ranking;
mod result_cache;
mod revisions;
mod rollouts;
mod router;
mod routes;
mod serve;
mod shared_reading;
mod sign_in;
mod snapshot_board;
mod state;
mod unread;
mod watched_file;
mod web_client;
mod wire;
mod wishes;
mod workers;

pub use auth::Secret;
pub use body::BODY_BYTES_MAX;
pub use clock::Clock;
pub use config::{
    ADMIN_TOKEN_LENGTH_MIN, AdminToken, ClientSettings, Config, ConfigError, Environment, HANDLER_TIMEOUT_DEFAULT,
    INVITATION_SECRET_VARIABLE, OFREP_REQUESTS_PER_SECOND_DEFAULT, REQUESTS_AT_ONCE_DEFAULT, ROLLOUT_SECRET_VARIABLE,
    SIGNING_SECRET_LENGTH_MIN, SigningSecret,
};
pub use live_flags::state_files;
pub use ofrep::{FlagFileError, FlagServer, FlagServerSettings, serve_flags};
pub use outgoing::agent;
pub use rollouts::prometheus::PrometheusServer;
pub use router::router;
pub use serve::serve;
pub use sign_in::{GroupRole, OidcSettings, OidcTexts, SESSION_LENGTH};
pub use state::{AppState, StartError};
