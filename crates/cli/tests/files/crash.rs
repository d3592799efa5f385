//! Imports that are broken off by the end of the service.

use std::fmt::Write as _;

use serde_json::json;

use crate::service::{Service, Setup, lotwise};

/// Lots of the file: enough that its import takes a while.
const LOTS: usize = 20_000;

#[test]
fn an_import_broken_off_by_a_kill_has_written_everything_or_nothing() {
    let mut text = "Company,Lot type,Lot ID,Share class,Purchase date,Shares,Cost\n".to_owned();
    for lot in 0..LOTS {
        writeln!(text, "Company {},initial,lot {lot},PS,2022-01-31,1000,2500", lot % 50).unwrap();
    }
    let mut service = Service::start();
    let (_, fund) = service.ask("POST", "/api/funds", Some(&json!({ "name": "Fund I", "currency": "USD" })));
    let fund = fund["id"].to_string();
    let file = service.file("large.csv", &text);
    let kept = tempfile::tempdir().unwrap();
    let copy = kept.path().join("large.csv");
    std::fs::copy(&file, &copy).unwrap();
    let copy = copy.to_str().unwrap().to_owned();
    // A service on the database of another has a folder of its own, which holds nothing.
    let database = service.crash();
    service = Setup::new().on(database.path()).start();
    // At another moment each time: while it is read, compared, written, or after it.
    for pause_ms in [50, 300, 700, 1500] {
        let arguments =
            [copy.clone(), "--apply".into(), "--fund".into(), fund.clone(), "--server".into(), service.address.clone()];
        let importing = std::thread::spawn(move || {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            lotwise("import", &arguments).code
        });
        std::thread::sleep(std::time::Duration::from_millis(pause_ms));
        service.crash();
        let acknowledged = importing.join().unwrap() == Some(0);
        service = Setup::new().on(database.path()).start();
        let exported = lotwise("export", &["--fund", &fund, "--server", &service.address]).json();
        let companies = exported["companies"].as_array().unwrap();
        let lots: usize = companies.iter().map(|company| company["lots"].as_array().unwrap().len()).sum();
        assert!(lots == 0 || lots == LOTS, "{lots} lots after {pause_ms} ms");
        assert!(!acknowledged || lots == LOTS, "an import that was acknowledged is there");
    }
    // However often it was broken off: once it is let through, everything is there once.
    lotwise("import", &[&copy, "--apply", "--fund", &fund, "--server", &service.address]).done();
    let exported = lotwise("export", &["--fund", &fund, "--server", &service.address]).json();
    let lots: usize =
        exported["companies"].as_array().unwrap().iter().map(|company| company["lots"].as_array().unwrap().len()).sum();
    assert_eq!(lots, LOTS);
    drop(service);
}
