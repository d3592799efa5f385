//! From a spreadsheet into a fund, out again, and back.

use serde_json::{Value, json};

use crate::service::{Service, binary, lotwise};

const LOTS: &str = "Company,Lot type,Share class,Purchase date,Shares,Cost\n\
    AlphaTech,initial,PS,01/02/2022,1000,2500.50\n\
    AlphaTech,follow-on,PS,03/04/2022,500,2500\n";

fn fund(service: &Service) -> String {
    let (status, fund) = service.ask("POST", "/api/funds", Some(&json!({ "name": "Fund I", "currency": "USD" })));
    assert_eq!(status, 201, "{fund}");
    fund["id"].to_string()
}

#[test]
fn a_spreadsheet_is_looked_at_answered_applied_and_taken_back() {
    let service = Service::start();
    let fund = fund(&service);
    let file = service.file("lots.csv", LOTS);
    let import = |more: &[&str]| {
        lotwise("import", &[&[file.as_str(), "--fund", &fund, "--server", &service.address], more].concat())
    };
    let asked = import(&[]).failed(2);
    assert!(asked.contains("dateOrder: Which comes first in dates such as this one?"), "{asked}");
    assert!(asked.contains("--answer dateOrder=day_first|month_first"), "{asked}");
    let looked = import(&["--answer", "dateOrder=day_first"]).done();
    assert!(looked.starts_with("1 companies to be created, 2 lots to be created"), "{looked}");
    assert!(looked.ends_with("Nothing was written; --apply writes it.\n"), "{looked}");
    let applied = import(&["--answer", "dateOrder=day_first", "--apply", "--json"]).json();
    assert_eq!((&applied["counts"]["lotsCreated"], &applied["name"]), (&json!(2), &json!("lots.csv")));
    let exported = lotwise("export", &["--fund", &fund, "--server", &service.address]).json();
    assert_eq!(exported["companies"][0]["lots"][0]["purchaseDate"], "2022-02-01");
    let id = applied["id"].as_str().unwrap();
    let undone = lotwise("import", &["--undo", id, "--fund", &fund, "--server", &service.address]).done();
    assert!(undone.starts_with("lots.csv is taken back"), "{undone}");
    let exported = lotwise("export", &["--fund", &fund, "--server", &service.address]).json();
    assert_eq!(exported["companies"], json!([]));
}

#[test]
fn a_stopped_database_is_imported_into_and_exported_from() {
    let service = Service::start();
    let fund = fund(&service);
    let (database, folder) = service.stop();
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/demo-fund.json");
    let import = [document, "--apply", "--fund", &fund, "--database", &database];
    // A process of its own has the feature only where it is told so.
    let off = lotwise("import", &import).failed(1);
    assert!(off.contains("feature_disabled") && off.contains("ENABLE_LOT_LEVEL_MOIC=true"), "{off}");
    let mut with_feature = binary();
    with_feature.env("ENABLE_LOT_LEVEL_MOIC", "true").arg("import").args(import);
    assert!(with_feature.status().unwrap().success());
    let output = folder.path().join("out.json");
    let output = output.to_str().unwrap();
    let export = ["--fund", &fund, "--database", &database, "--as-of", "2024-12-31"];
    assert_eq!(lotwise("export", &[&export[..], &["-o", output]].concat()).done(), "");
    let lenses = lotwise("moic", &[output, "--json"]).json();
    let expected = lotwise("moic", &[document, "--as-of", "2024-12-31", "--json"]).json();
    let of_fund = |result: &Value| result["fund"].clone();
    assert_eq!(of_fund(&lenses), of_fund(&expected));
    let workbook = folder.path().join("out.xlsx");
    let workbook = workbook.to_str().unwrap();
    lotwise("export", &[&export[..], &["--format", "xlsx", "--output", workbook]].concat()).done();
    assert!(std::fs::read(workbook).unwrap().starts_with(b"PK"));
}

#[test]
fn what_cannot_be_imported_is_bad_input() {
    let service = Service::start();
    let fund = fund(&service);
    let import = |file: &str| lotwise("import", &[file, "--fund", &fund, "--apply", "--server", &service.address]);
    let wrong = service.file("wrong.csv", &LOTS.replace("1000", "many"));
    let said = import(&wrong).failed(2);
    assert!(said.contains("row 2, Shares: is no number"), "{said}");
    let said = import("/nowhere/lots.csv").failed(2);
    assert!(said.contains("hint: name a .csv, .xlsx or .json file"), "{said}");
    let said = import(&service.file("empty.csv", "")).failed(2);
    assert!(said.contains("holds no rows"), "{said}");
    let said = lotwise("export", &["--fund", "99", "--server", &service.address]).failed(1);
    assert!(said.contains("there is no fund 99"), "{said}");
    let (_, exported) = service.ask("GET", &format!("/api/funds/{fund}/export.json"), None);
    assert_eq!(exported["companies"], json!([]));
}
