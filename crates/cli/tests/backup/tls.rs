//! PostgreSQL behind TLS: its own programs are told what the URL says, and nothing that stands in the environment.

use std::fs;

use crate::certificates::Authority;
use crate::postgres_server::{Network, PostgresServer};
use crate::service::{Setup, binary, lotwise};

#[test]
fn a_server_that_insists_on_tls_is_backed_up_and_restored_with_its_certificate_checked() {
    let authority = Authority::new();
    let server = PostgresServer::on_network(&Network {
        certificate: authority.certificate("localhost"),
        rules: "hostnossl all all 127.0.0.1/32 reject".to_owned(),
        ..Network::default()
    });
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().display();
    fs::write(folder.path().join("root.crt"), authority.pem()).unwrap();
    fs::write(folder.path().join("foreign.crt"), Authority::new().pem()).unwrap();
    for name in ["source", "target"] {
        super::story::psql(&server.database("postgres"), &format!("CREATE DATABASE {name}"));
    }
    let url = |name: &str, settings: &str| format!("postgres://lotwise@localhost:{}/{name}?{settings}", server.port());
    let checked = |name: &str| url(name, &format!("sslmode=verify-full&sslrootcert={place}/root.crt"));
    let service = Setup::new().on_database(&checked("source")).start();
    let fund = service.fund();

    let foreign = url("source", &format!("sslmode=verify-full&sslrootcert={place}/foreign.crt"));
    let refused = lotwise("backup", &["--database", &foreign, "-o", &format!("{place}/x.dump")]).failed(1);
    assert!(refused.contains("foreign.crt") && refused.contains("none of these authorities"), "{refused}");

    let file = format!("{place}/lotwise.dump");
    // What the environment says to libpq is about other databases.
    let environment =
        [("PGSSLMODE", "disable"), ("PGSSLROOTCERT", "/nowhere"), ("PGSSLCERT", "/nowhere"), ("PGPASSWORD", "x")];
    let run = |arguments: &[&str]| {
        let ran = binary().args(arguments).envs(environment).output().unwrap();
        assert!(ran.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
    };
    run(&["backup", "--database", &checked("source"), "-o", &file]);
    run(&["restore", &file, "--into", &checked("target")]);
    let restored = Setup::new().on_database(&checked("target")).start();
    let (status, found) = restored.ask("GET", &format!("/api/funds/{fund}"), None);
    assert_eq!(status, 200, "{found}");

    // The machine's own authorities, of which this is one now: what an older libpq cannot do is said.
    let by_system = url("source", "sslmode=verify-full");
    let other = format!("{place}/other.dump");
    let mut command = binary();
    command.args(["backup", "--database", &by_system, "-o", &other]).env("SSL_CERT_FILE", format!("{place}/root.crt"));
    let ran = command.output().unwrap();
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success() || said.contains("sslrootcert=/etc/ssl/certs/ca-certificates.crt"), "{said}");
}
