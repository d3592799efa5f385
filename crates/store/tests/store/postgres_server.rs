//! A throw-away PostgreSQL server, from the binaries of the system.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Mutex, OnceLock},
};

/// Runs beside the tests as a user who is not root: makes a cluster that listens on a socket in its own folder, obeys
/// `stop`, `start` and `promote`, and takes everything away when the tests end, however they end.
const KEEPER: &str = r#"
dir=$(mktemp -d /tmp/lotwise-postgres-XXXXXX) || exit 1
cd "$dir"
if [ -n "$PRIMARY" ]; then
    "$BINARIES/pg_basebackup" -h "$PRIMARY" -U lotwise -D "$dir/data" --write-recovery-conf --checkpoint=fast --no-sync >"$dir/initdb.log" 2>&1
else
    "$BINARIES/initdb" -D "$dir/data" -U lotwise -E UTF8 --locale=C.UTF-8 --auth=trust --no-sync >"$dir/initdb.log" 2>&1
fi || { cat "$dir/initdb.log"; exit 1; }
if [ -n "$CERTIFICATE" ]; then
    umask 077
    printf '%s' "$CERTIFICATE" >"$dir/data/server.crt"
    printf '%s' "$KEY" >"$dir/data/server.key"
    echo "ssl = on" >>"$dir/data/postgresql.conf"
fi
if [ -n "$CLIENT_AUTHORITY" ]; then
    printf '%s' "$CLIENT_AUTHORITY" >"$dir/data/root.crt"
    echo "ssl_ca_file = 'root.crt'" >>"$dir/data/postgresql.conf"
fi
if [ -n "$RULES" ]; then
    printf '%s\n' "$RULES" | cat - "$dir/data/pg_hba.conf" >"$dir/rules" && mv "$dir/rules" "$dir/data/pg_hba.conf"
fi
start() {
    "$BINARIES/pg_ctl" -D "$dir/data" -l "$dir/server.log" -w -t 60 \
        -o "-k $dir -c listen_addresses=$ADDRESS -c port=$PORT -c fsync=off -c max_connections=300 -c deadlock_timeout=100ms" start >"$dir/pg_ctl.log" 2>&1 \
        || { cat "$dir/pg_ctl.log" "$dir/server.log"; exit 1; }
}
promote() { "$BINARIES/pg_ctl" -D "$dir/data" -w promote >/dev/null 2>&1; }
stop() { "$BINARIES/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1; }
start
echo "ready $dir"
while read -r order; do "$order"; echo done; done
stop
rm -rf "$dir"
"#;

/// The port that a URL means which names none; a server without TCP has it in the name of its socket alone.
const PORT_OF_SOCKETS: u16 = 5432;

/// A running server; stopped when the test process ends.
pub struct PostgresServer {
    url: String,
    port: u16,
    keeper: Mutex<Keeper>,
}

/// How a server is reached over TCP, at 127.0.0.1. Without a certificate it speaks no TLS.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// The server's certificate and its key, as PEM.
    pub certificate: (String, String),
    /// The authority of its clients' certificates, as PEM; without one it asks for none.
    pub client_authority: String,
    /// Lines of `pg_hba.conf` that come before those that let everybody in.
    pub rules: String,
}

struct Keeper {
    orders: ChildStdin,
    answers: BufReader<std::process::ChildStdout>,
    _process: Child,
}

impl PostgresServer {
    /// The server that all tests share.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<PostgresServer> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// A server of one's own, to be stopped and started.
    pub fn start() -> Self {
        Self::made("", None)
    }

    /// A server of one's own that is reached over TCP, too.
    pub fn on_network(network: &Network) -> Self {
        Self::made("", Some(network))
    }

    /// Its port, of TCP and of the socket in its folder.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A standby of this server, which follows it and only reads.
    pub fn standby(&self) -> Self {
        Self::made(&self.folder().replace("%2F", "/"), None)
    }

    /// The folder of its socket, as a URL writes it.
    pub fn folder(&self) -> &str {
        self.url.split_once('@').map_or("", |(_, folder)| folder)
    }

    fn made(primary: &str, network: Option<&Network>) -> Self {
        let binaries = binaries();
        let (address, port) = network.map_or(("", PORT_OF_SOCKETS), |_| ("127.0.0.1", free_port()));
        let network = network.cloned().unwrap_or_default();
        let mut command = command_of_a_user();
        let mut process = command
            .args(["sh", "-c", KEEPER])
            .env("BINARIES", &binaries)
            .env("PRIMARY", primary)
            .env("ADDRESS", address)
            .env("PORT", port.to_string())
            .env("CERTIFICATE", network.certificate.0)
            .env("KEY", network.certificate.1)
            .env("CLIENT_AUTHORITY", network.client_authority)
            .env("RULES", network.rules)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell for the PostgreSQL server");
        let orders = process.stdin.take().expect("a pipe to the server's shell");
        let mut answers = BufReader::new(process.stdout.take().expect("a pipe from the server's shell"));
        let mut said = String::new();
        let folder = loop {
            let mut line = String::new();
            let length = answers.read_line(&mut line).expect("the server's shell answers");
            assert!(length > 0, "PostgreSQL from {} did not start:\n{said}", binaries.display());
            match line.strip_prefix("ready ") {
                Some(folder) => break folder.trim().to_owned(),
                None => said.push_str(&line),
            }
        };
        let port_in_url = if port == PORT_OF_SOCKETS { String::new() } else { format!(":{port}") };
        let url = format!("postgres://lotwise@{}{port_in_url}", folder.replace('/', "%2F"));
        Self { url, port, keeper: Mutex::new(Keeper { orders, answers, _process: process }) }
    }

    /// The URL of a database on it.
    pub fn database(&self, name: &str) -> String {
        format!("{}/{name}", self.url)
    }

    /// Stops the server as a crash would; its files stay.
    pub fn crash(&self) {
        self.order("stop");
    }

    /// Starts it again.
    pub fn recover(&self) {
        self.order("start");
    }

    /// Makes a standby a server of its own, which takes writes.
    pub fn promote(&self) {
        self.order("promote");
    }

    fn order(&self, order: &str) {
        let mut keeper = self.keeper.lock().expect("the server's shell");
        writeln!(keeper.orders, "{order}").expect("the server's shell listens");
        let mut answer = String::new();
        keeper.answers.read_line(&mut answer).expect("the server's shell answers");
        assert_eq!(answer.trim(), "done", "the PostgreSQL server did not {order}");
    }
}

fn free_port() -> u16 {
    let free = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    free.expect("a free port").port()
}

fn binaries() -> PathBuf {
    let configured = Command::new("pg_config").arg("--bindir").output().ok();
    let configured = configured.map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim().to_owned()));
    let mut candidates: Vec<PathBuf> = configured.into_iter().collect();
    if let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") {
        let mut found: Vec<PathBuf> = versions.flatten().map(|version| version.path().join("bin")).collect();
        found.sort();
        candidates.extend(found.into_iter().rev());
    }
    candidates.into_iter().find(|folder| folder.join("initdb").exists()).unwrap_or_else(|| {
        panic!(
            "no PostgreSQL for the tests: install Debian's package `postgresql`, or set LOTWISE_TEST_POSTGRES to the \
             URL of a server, as in postgres://me@localhost/postgres"
        )
    })
}

/// PostgreSQL refuses to run as root.
fn command_of_a_user() -> Command {
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    if !is_root {
        return Command::new("env");
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let user =
        ["postgres", "nobody"].into_iter().find(|user| users.lines().any(|line| line.starts_with(&format!("{user}:"))));
    let user = user.expect("a user to run PostgreSQL as: create one named `postgres`");
    assert!(Path::new("/usr/bin/setpriv").exists(), "running as root needs `setpriv` (package util-linux)");
    let mut command = Command::new("setpriv");
    command.args(["--reuid", user, "--regid", &group_of(&users, user), "--clear-groups", "env", "HOME=/tmp"]);
    command
}

fn group_of(users: &str, user: &str) -> String {
    let line = users.lines().find(|line| line.starts_with(&format!("{user}:")));
    line.and_then(|line| line.split(':').nth(3)).expect("the user's group").to_owned()
}
