//! TLS to PostgreSQL: what each `sslmode` promises, kept against a real server, and refusals that say what to do.

use std::{fs, net::TcpListener, sync::OnceLock, time::Duration};

use rustls::server::Acceptor;
use store::{DatabaseUrl, Store, StoreError, StoreOptions};

use crate::{
    certificates::Authority,
    database::TestDatabase,
    postgres_server::{Network, PostgresServer},
    story::*,
};

/// Who may come how, to the roles that tests make: before the lines that let everybody in.
const RULES: &str = "hostssl all without_tls 127.0.0.1/32 reject
hostssl all with_certificate 127.0.0.1/32 trust clientcert=verify-ca
hostssl all with_password 127.0.0.1/32 scram-sha-256";

/// For what the store does by itself, which takes far less.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// How many connections of a service there are, how many of them are encrypted, and how many listen.
const CONNECTIONS: &str = "SELECT COUNT(*), COUNT(*) FILTER (WHERE ssl), COUNT(*) FILTER (WHERE query LIKE 'LISTEN %') \
    FROM pg_stat_activity JOIN pg_stat_ssl USING (pid) \
    WHERE application_name = 'lotwise' AND datname = current_database()";

/// A server that speaks TLS as `localhost`, and the authority of its certificate.
struct Encrypted {
    server: PostgresServer,
    authority: Authority,
    client_authority: Authority,
}

impl Encrypted {
    /// The one that tests share.
    fn shared() -> &'static Self {
        static SHARED: OnceLock<Encrypted> = OnceLock::new();
        SHARED.get_or_init(|| {
            let (authority, client_authority) = (Authority::new(), Authority::new());
            let network = Network {
                certificate: authority.certificate("localhost"),
                client_authority: client_authority.pem().to_owned(),
                rules: RULES.to_owned(),
            };
            let server = PostgresServer::on_network(&network);
            Self { server, authority, client_authority }
        })
    }
}

/// A database on a server with TCP, and a folder for the files that its URLs name.
struct Place {
    database: TestDatabase,
    port: u16,
    folder: tempfile::TempDir,
}

impl Place {
    async fn on(server: &PostgresServer) -> Self {
        let database = TestDatabase::on_server(&server.database("postgres")).await;
        Self { database, port: server.port(), folder: tempfile::tempdir().expect("a temporary folder") }
    }

    /// On the shared server, with its authority in `root.crt`.
    async fn encrypted() -> Self {
        let Encrypted { server, authority, .. } = Encrypted::shared();
        let place = Self::on(server).await;
        place.write("root.crt", authority.pem());
        place
    }

    fn write(&self, name: &str, contents: &str) {
        fs::write(self.folder.path().join(name), contents).expect("the folder takes a file");
    }

    /// The URL over TCP, as `lotwise`; FOLDER in `settings` is that of the files.
    fn url(&self, host: &str, settings: &str) -> DatabaseUrl {
        self.url_as("lotwise", host, settings)
    }

    fn url_as(&self, user: &str, host: &str, settings: &str) -> DatabaseUrl {
        let DatabaseUrl::Postgres(by_socket) = self.database.url() else { panic!("a PostgreSQL database") };
        let (_, name) = by_socket.rsplit_once('/').expect("a URL with a database");
        let settings = settings.replace("FOLDER", &self.folder.path().display().to_string());
        let url = format!("postgres://{user}@{host}:{}/{name}?{settings}", self.port);
        url.parse().unwrap_or_else(|error| panic!("{url}: {error}"))
    }

    async fn open(&self, url: DatabaseUrl) -> Result<Store, StoreError> {
        let options = StoreOptions { readers: 1, writers: 1, ..StoreOptions::default() };
        tokio::task::spawn_blocking(move || Store::open(&url, &options)).await.expect("opening does not panic")
    }

    /// Opens the store, uses it, and waits until it listens; how many connections it has, and how many are encrypted.
    async fn connections(&self, url: DatabaseUrl) -> (i64, i64) {
        let shown = url.to_string();
        let store = self.open(url).await.unwrap_or_else(|error| panic!("{shown}: {error}"));
        let fund = store.write(|tx| store::funds::create(tx, &new_fund("Fund I"), at(0))).await.expect("a write");
        store.read(move |tx| store::funds::get(tx, fund.id)).await.expect("a read");
        let client = self.by_socket().await;
        let listening = async {
            loop {
                let row = client.query_one(CONNECTIONS, &[]).await.expect("the server's own view");
                if row.get::<_, i64>(2) > 0 {
                    return (row.get(0), row.get(1));
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(WAIT_MAX, listening).await.expect("the store listens")
    }

    /// A connection by the socket in the server's folder, which needs no TLS.
    async fn by_socket(&self) -> tokio_postgres::Client {
        let DatabaseUrl::Postgres(url) = self.database.url() else { panic!("a PostgreSQL database") };
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("a connection");
        tokio::spawn(connection);
        client
    }

    async fn refused(&self, url: DatabaseUrl) -> StoreError {
        let shown = url.to_string();
        self.open(url).await.expect_err(&shown)
    }
}

/// All connections of a service, three at least, are encrypted.
fn all_encrypted((connections, encrypted): (i64, i64)) -> bool {
    connections >= 3 && encrypted == connections
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_connection_is_encrypted_as_its_mode_promises() {
    let place = Place::encrypted().await;
    for (host, settings) in [
        ("localhost", "sslmode=verify-full&sslrootcert=FOLDER/root.crt"),
        ("127.0.0.1", "sslmode=verify-ca&sslrootcert=FOLDER/root.crt"),
        ("127.0.0.1", "sslmode=require"),
        ("127.0.0.1", "sslmode=prefer"),
        ("127.0.0.1", ""),
    ] {
        let found = place.connections(place.url(host, settings)).await;
        assert!(all_encrypted(found), "{settings}: {found:?}");
    }
    let (connections, encrypted) = place.connections(place.url("localhost", "sslmode=disable")).await;
    assert!(connections >= 3 && encrypted == 0, "{encrypted} of {connections}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_not_the_right_one_is_refused_with_what_to_do() {
    let place = Place::encrypted().await;
    // Of the same name as the right one, with another key.
    place.write("foreign.crt", Authority::new().pem());
    for (host, settings, said) in [
        (
            "localhost",
            "sslmode=verify-full&sslrootcert=FOLDER/foreign.crt",
            ["foreign.crt", "none of these authorities"],
        ),
        ("localhost", "sslmode=verify-ca&sslrootcert=FOLDER/foreign.crt", ["foreign.crt", "none of these authorities"]),
        ("localhost", "sslmode=verify-full", ["sslrootcert=system", "none of these authorities"]),
        ("127.0.0.1", "sslmode=verify-full&sslrootcert=FOLDER/root.crt", ["127.0.0.1", "not for the host in the URL"]),
    ] {
        let refused = place.refused(place.url(host, settings)).await;
        assert!(matches!(refused, StoreError::Unusable(_)), "{settings}: {refused:?}");
        let message = refused.to_string();
        assert!(said.iter().all(|word| message.contains(word)), "{message}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_certificate_is_an_outage_that_names_its_end() {
    let authority = Authority::new();
    let certificate = authority.expired_certificate("localhost");
    let network = Network { certificate, ..Network::default() };
    let server = PostgresServer::on_network(&network);
    let place = Place::on(&server).await;
    place.write("root.crt", authority.pem());
    for mode in ["verify-full", "verify-ca"] {
        let refused =
            place.refused(place.url("localhost", &format!("sslmode={mode}&sslrootcert=FOLDER/root.crt"))).await;
        assert!(matches!(refused, StoreError::Unavailable(_)), "{refused:?}");
        let message = refused.to_string();
        assert!(message.contains("expired since 2001-02-01") && message.contains(mode), "{message}");
    }
    let url = place.url("localhost", "sslmode=verify-full&sslrootcert=FOLDER/root.crt");
    let opened = tokio::task::spawn_blocking(move || Store::open_unreachable_ok(&url, &StoreOptions::default())).await;
    let waiting = opened.expect("opening does not panic").expect("a service starts all the same");
    assert!(!waiting.is_migrated());
    drop(waiting);
    // Who checks no certificate does not check its dates either.
    assert!(all_encrypted(place.connections(place.url("localhost", "sslmode=require")).await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_tls_is_refused_by_every_mode_that_insists() {
    let server = PostgresServer::on_network(&Network::default());
    let place = Place::on(&server).await;
    place.write("root.crt", Authority::new().pem());
    for settings in [
        "sslmode=require",
        "sslmode=verify-ca&sslrootcert=FOLDER/root.crt",
        "sslmode=verify-full",
        "sslrootcert=system",
    ] {
        let refused = place.refused(place.url("localhost", settings)).await;
        assert!(matches!(refused, StoreError::Unusable(_)), "{refused:?}");
        assert!(refused.to_string().contains("the server speaks no TLS: turn it on there"), "{refused}");
    }
    let (connections, encrypted) = place.connections(place.url("localhost", "")).await;
    assert!(connections >= 3 && encrypted == 0, "{encrypted} of {connections}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_wants_no_tls_of_somebody_gets_none_where_that_is_allowed() {
    let place = Place::encrypted().await;
    place.by_socket().await.batch_execute("CREATE ROLE without_tls SUPERUSER LOGIN").await.expect("a role");
    let (connections, encrypted) = place.connections(place.url_as("without_tls", "localhost", "sslmode=prefer")).await;
    assert!(connections >= 3 && encrypted == 0, "{encrypted} of {connections}");
    let refused = place.refused(place.url_as("without_tls", "localhost", "sslmode=require")).await;
    assert!(refused.to_string().contains("pg_hba.conf rejects connection"), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_proves_who_it_is_by_its_own_certificate() {
    let place = Place::encrypted().await;
    place.by_socket().await.batch_execute("CREATE ROLE with_certificate SUPERUSER LOGIN").await.expect("a role");
    let own = Encrypted::shared().client_authority.certificate("with_certificate");
    place.write("own.crt", &own.0);
    place.write("own.key", &own.1);
    let foreign = Authority::new().certificate("with_certificate");
    place.write("foreign.crt", &foreign.0);
    place.write("foreign.key", &foreign.1);
    let url = |settings: &str| {
        let settings = format!("sslmode=verify-full&sslrootcert=FOLDER/root.crt{settings}");
        place.url_as("with_certificate", "localhost", &settings)
    };
    assert!(all_encrypted(place.connections(url("&sslcert=FOLDER/own.crt&sslkey=FOLDER/own.key")).await));
    let refused = place.refused(url("")).await;
    assert!(refused.to_string().contains("requires a valid client certificate"), "{refused}");
    let refused = place.refused(url("&sslcert=FOLDER/foreign.crt&sslkey=FOLDER/foreign.key")).await;
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused:?}");
    assert!(refused.to_string().contains("fatal alert") && refused.to_string().contains("sslcert"), "{refused}");
    let refused = place.refused(url("&sslcert=FOLDER/own.crt&sslkey=FOLDER/foreign.key")).await;
    assert!(refused.to_string().contains("sslcert="), "{refused}");
    let refused = place.refused(url("&sslcert=FOLDER/own.crt&sslkey=FOLDER/own.crt")).await;
    assert!(refused.to_string().contains("own.crt: the file cannot be used (it holds no key"), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_is_bound_to_the_servers_certificate_and_told_to_nobody() {
    let place = Place::encrypted().await;
    let role = "CREATE ROLE with_password SUPERUSER LOGIN PASSWORD 'open sesame'";
    place.by_socket().await.batch_execute(role).await.expect("a role");
    for settings in [
        "sslmode=verify-full&sslrootcert=FOLDER/root.crt&channel_binding=require",
        "sslmode=require&channel_binding=require",
    ] {
        let found = place.connections(place.url_as("with_password:open%20sesame", "localhost", settings)).await;
        assert!(all_encrypted(found), "{settings}: {found:?}");
    }
    let missing = place.refused(place.url_as("with_password", "localhost", "sslmode=require")).await;
    assert!(matches!(&missing, StoreError::Unusable(why) if why.contains("password missing")), "{missing:?}");
    place.write("foreign.crt", Authority::new().pem());
    for settings in ["sslmode=require", "sslmode=verify-full&sslrootcert=FOLDER/foreign.crt", "sslmode=verify-full"] {
        let refused = place.refused(place.url_as("with_password:close%20sesame", "localhost", settings)).await;
        assert!(!format!("{refused} {refused:?}").contains("sesame"), "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_cannot_be_used_is_named_with_its_setting() {
    let place = Place::encrypted().await;
    place.write("empty.crt", "");
    place.write("torn.crt", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    for (file, reason) in
        [("missing.crt", "No such file"), ("empty.crt", "no certificate in PEM"), ("torn.crt", "cannot be read")]
    {
        for mode in ["verify-full", "verify-ca"] {
            let refused =
                place.refused(place.url("localhost", &format!("sslmode={mode}&sslrootcert=FOLDER/{file}"))).await;
            assert!(matches!(refused, StoreError::Unusable(_)), "{refused:?}");
            let message = refused.to_string();
            assert!(
                message.contains("sslrootcert=/") && message.contains(file) && message.contains(reason),
                "{message}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_are_read_with_each_connection_and_a_refusal_of_a_running_service_is_an_outage() {
    let place = Place::encrypted().await;
    let url = place.url("localhost", "sslmode=verify-full&sslrootcert=FOLDER/root.crt");
    let store = place.open(url).await.expect("the right authority");
    let fund = store.write(|tx| store::funds::create(tx, &new_fund("Fund I"), at(0))).await.expect("a write");

    place.write("root.crt", Authority::new().pem());
    let client = place.by_socket().await;
    let end = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity \
        WHERE application_name = 'lotwise' AND datname = current_database()";
    client.execute(end, &[]).await.expect("all connections end");
    for _ in 0..20 {
        let read = store.read(move |tx| store::funds::get(tx, fund.id)).await;
        let Err(StoreError::Unavailable(reason)) = read else { panic!("{read:?}") };
        assert!(reason.contains("none of these authorities"), "{reason}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    place.write("root.crt", Encrypted::shared().authority.pem());
    let found = tokio::time::timeout(WAIT_MAX, async {
        while store.read(move |tx| store::funds::get(tx, fund.id)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    found.await.expect("the store takes the new file");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_whose_tls_is_of_no_use_is_refused_or_done_without() {
    let authority = Authority::new();
    // What `openssl req -x509` makes by itself: an authority that is a server.
    let network = Network { certificate: authority.own_certificate(), ..Network::default() };
    let server = PostgresServer::on_network(&network);
    let place = Place::on(&server).await;
    place.write("root.crt", authority.pem());
    let checked = place.url("localhost", "sslmode=verify-full&sslrootcert=FOLDER/root.crt");
    let refused = place.refused(checked).await;
    assert!(matches!(refused, StoreError::Unusable(_)), "{refused:?}");
    assert!(refused.to_string().contains("CA:FALSE"), "{refused}");
    assert!(all_encrypted(place.connections(place.url("localhost", "sslmode=require")).await));

    let client = place.by_socket().await;
    for setting in ["ssl_min_protocol_version", "ssl_max_protocol_version"] {
        client.batch_execute(&format!("ALTER SYSTEM SET {setting} = 'TLSv1.1'")).await.expect("an old protocol");
    }
    let restart = move || {
        server.crash();
        server.recover();
        server
    };
    let _server = tokio::task::spawn_blocking(restart).await.expect("the server starts again");
    let refused = place.refused(place.url("localhost", "sslmode=require")).await;
    assert!(refused.to_string().contains("TLS with the server failed"), "{refused}");
    let (connections, encrypted) = place.connections(place.url("localhost", "sslmode=prefer")).await;
    assert!(connections >= 3 && encrypted == 0, "{encrypted} of {connections}");
}

/// The oldest server that can be connected to this way is newer than those of the tests.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_can_begin_without_asking_and_names_its_protocol() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let mut acceptor = Acceptor::default();
        loop {
            acceptor.read_tls(&mut stream).expect("the client speaks");
            if let Some(accepted) = acceptor.accept().map_err(|(error, _)| error).expect("TLS from the first byte") {
                let protocols =
                    accepted.client_hello().alpn().map(|names| names.map(<[u8]>::to_vec).collect::<Vec<_>>());
                return protocols.unwrap_or_default();
            }
        }
    });
    let url = format!("postgres://me@localhost:{port}/x?sslmode=require&sslnegotiation=direct");
    let url: DatabaseUrl = url.parse().expect("a URL");
    let refused = tokio::task::spawn_blocking(move || Store::open(&url, &StoreOptions::default())).await;
    assert!(matches!(refused, Ok(Err(StoreError::Unavailable(_)))), "{refused:?}");
    assert_eq!(server.join().expect("the server"), [b"postgresql"]);
}
