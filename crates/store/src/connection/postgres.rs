//! PostgreSQL: threads with a connection each. A broken connection is made anew; while the server cannot be reached every
//! request is refused at once and one thread looks for it with growing pauses.

use flume::Receiver;

use super::{
    postgres_session::{Connector, PostgresSession},
    postgres_values::CONCURRENCY,
    request::Request,
};
use crate::{
    StoreError, Transaction,
    meter::{Access, Busy},
    transaction::Backend,
};

/// How often a transaction that lost a deadlock is run.
const ATTEMPTS_MAX: u32 = 4;

/// Reads see one state of the data throughout. Writes see each other's commits and rely on row locks and unique keys, so
/// that a second request with the same key waits for the first and then finds its answer.
fn begin_statement(access: Access) -> &'static str {
    match access {
        Access::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        Access::Write => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
    }
}

/// Starts a thread; it ends when the queue's senders are gone and the queue is empty.
pub(crate) fn spawn(
    connector: Connector,
    access: Access,
    queue: Receiver<Box<dyn Request>>,
    busy: Busy,
) -> Result<(), StoreError> {
    let body = move || {
        let mut session = None;
        while let Ok(request) = queue.recv() {
            if request.is_abandoned() {
                continue;
            }
            if let Err(error) = connector.check() {
                request.fail(error);
                continue;
            }
            let _busy = busy.enter();
            serve(&connector, access, &mut session, request);
        }
    };
    std::thread::Builder::new()
        .name(format!("store-{access:?}").to_lowercase())
        .spawn(body)
        .map(|_| ())
        .map_err(|error| StoreError::Unavailable(format!("no thread for the database: {error}")))
}

fn serve(connector: &Connector, access: Access, session: &mut Option<PostgresSession>, mut request: Box<dyn Request>) {
    let mut attempt = 0;
    loop {
        attempt += 1;
        match begin(connector, access, session).and_then(|open| transact(open, request.as_mut())) {
            Ok(()) => return request.succeed(),
            Err(Failure { error, retry: true }) if attempt < ATTEMPTS_MAX => {
                connector.note_deadlock();
                tracing::debug!(%error, attempt, "the transaction is run again");
            }
            Err(Failure { error, .. }) => {
                if session.as_ref().is_none_or(|session| !session.is_usable()) {
                    *session = None;
                }
                return request.fail(error);
            }
        }
    }
}

struct Failure {
    error: StoreError,
    /// Nothing was committed, and the same transaction can succeed when it is run again.
    retry: bool,
}

/// A session with a transaction begun. A connection that died while idle is found out here, before anything was done,
/// and made anew.
fn begin<'s>(
    connector: &Connector,
    access: Access,
    session: &'s mut Option<PostgresSession>,
) -> Result<&'s mut PostgresSession, Failure> {
    let begun = session.as_mut().is_some_and(|open| open.execute_script(begin_statement(access)).is_ok());
    if !begun {
        *session = None;
        let connected = connector.connect().and_then(|mut open| {
            open.execute_script(begin_statement(access))?;
            Ok(open)
        });
        match connected {
            Ok(open) => *session = Some(open),
            // A standby: it is there, and what it has can be read.
            Err(StoreError::Internal(reason)) => {
                let error = StoreError::Unavailable(format!("the server begins no {access:?} transaction: {reason}"));
                return Err(Failure { error, retry: false });
            }
            Err(error) => {
                connector.wait_for_return(&error);
                // A new password, another certificate: it was in order when the service started, and can be so again.
                let error = match error {
                    StoreError::Unusable(reason) => StoreError::Unavailable(reason),
                    other => other,
                };
                return Err(Failure { error, retry: false });
            }
        }
    }
    session
        .as_mut()
        .ok_or_else(|| Failure { error: StoreError::Internal("a session vanished".to_owned()), retry: false })
}

fn transact(session: &mut PostgresSession, request: &mut dyn Request) -> Result<(), Failure> {
    if let Err(error) = request.run(&mut Transaction::new(Backend::Postgres(session))) {
        let _ = session.execute_script("ROLLBACK");
        let retry = matches!(&error, StoreError::Conflict { constraint, .. } if constraint == CONCURRENCY);
        return Err(Failure { error, retry });
    }
    if request.is_abandoned() {
        let _ = session.execute_script("ROLLBACK");
        return Err(Failure { error: StoreError::Unavailable("the caller has gone".to_owned()), retry: false });
    }
    session.execute_script("COMMIT").map_err(|error| {
        let retry = matches!(&error, StoreError::Conflict { constraint, .. } if constraint == CONCURRENCY);
        Failure { error, retry }
    })
}
