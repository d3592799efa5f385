//! Commands by way of a proxy that speaks TLS, as services in the field are reached.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::certificates::Authority;
use crate::service::{Ran, Service, binary};

const KEY: &str = "enableLotLevelMoic";

/// Passes on what comes in by TLS, until the runtime ends.
fn proxy(runtime: &Runtime, authority: &Authority, to: &str) -> SocketAddr {
    let (certificate, key) = authority.certificate("localhost");
    let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let to = to.trim_start_matches("http://").to_owned();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, to) = (acceptor.clone(), to.clone());
            tokio::spawn(async move {
                let mut outside = acceptor.accept(stream).await?;
                let mut inside = TcpStream::connect(to).await?;
                tokio::io::copy_bidirectional(&mut outside, &mut inside).await
            });
        }
    });
    address
}

#[test]
fn a_flag_is_killed_and_restored_over_https_if_the_certificate_is_right() {
    let (service, authority, runtime) = (Service::start(), Authority::new(), Runtime::new().unwrap());
    let port = proxy(&runtime, &authority, &service.address).port();
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root.crt");
    std::fs::write(&root, authority.pem()).unwrap();
    let run = |arguments: &[&str], host: &str| {
        let server = format!("https://{host}:{port}");
        let mut command = binary();
        command.arg("flags").args(arguments).args(["--server", &server]);
        Ran::of(command.env("SSL_CERT_FILE", &root).output().unwrap())
    };
    run(&["kill", KEY, "--reason", "over https"], "localhost").done();
    assert!(run(&["list"], "localhost").done().contains(KEY));
    run(&["restore", KEY, "--reason", "over https"], "localhost").done();

    let refused = run(&["list"], "127.0.0.1").failed(1);
    assert!(refused.contains("certificate"), "{refused}");
    std::fs::write(&root, Authority::new().pem()).unwrap();
    let refused = run(&["list"], "localhost").failed(1);
    assert!(refused.contains("certificate"), "{refused}");
}

#[test]
fn an_answer_of_something_else_at_the_address_is_told_by_its_first_line_with_what_to_check() {
    let runtime = Runtime::new().unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    let app = axum::Router::new().fallback(async || {
        (axum::http::StatusCode::BAD_REQUEST, "<html>\n<h1>The plain HTTP request was sent to HTTPS port</h1>")
    });
    runtime.spawn(axum::serve(listener, app).into_future());
    let refused = Ran::of(binary().args(["flags", "list", "--server", &server]).output().unwrap()).failed(1);
    assert!(refused.contains(r#"answered 400, and not as a Lotwise server does: "<html>""#), "{refused}");
    assert!(refused.contains("https://"), "{refused}");
    assert!(!refused.contains("<h1>"), "{refused}");
}
