//! Who calls, what they may see and do: token (401) → fund or record visible (404) → role (403).

mod admission;
mod caller;
mod credential;
mod memory;
mod secret;
mod subject;

pub(crate) use admission::{Admission, FOREIGN_PAGE, WithoutDatabase, admit, authenticate_any};
pub(crate) use caller::{Caller, CurrentSession, FundScope, Identity};
pub(crate) use credential::{
    Credential, bearer, clear_cookie, cookie_value, is_cross_origin, is_same_origin, session_cookie, session_secret,
};
pub(crate) use memory::{CREDENTIALS_MAX, Memory};
pub use secret::Secret;
