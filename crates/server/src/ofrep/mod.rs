//! The OpenFeature Remote Evaluation Protocol, 0.3: flags for OpenFeature's released clients.
//!
//! One implementation serves two sources: the running service, where a caller brings a session or a key, and a file alone
//! ([`standalone`]). Answers are OFREP's JSON, failures too; only what happens before the protocol (no key, no such
//! route) is a problem document where the service answers those.

mod answer;
mod body;
mod cross_origin;
mod etag;
mod evaluation;
mod events;
mod flag_file;
mod json;
mod live;
mod refused;
mod source;
mod standalone;
mod ticket;

pub(crate) use answer::write_flag;
pub(crate) use etag::is_known;
pub use flag_file::FlagFileError;
pub(crate) use live::routes;
pub use standalone::{FlagServer, FlagServerSettings, serve_flags};

/// All flags.
const BULK_PATH: &str = "/ofrep/v1/evaluate/flags";
/// One flag.
const FLAG_PATH: &str = "/ofrep/v1/evaluate/flags/{key}";
/// The announcements of changes.
const EVENTS_PATH: &str = "/ofrep/v1/events";
