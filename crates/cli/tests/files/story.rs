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
    assert!(looked.starts_with("1 company to be created, 2 lots to be created"), "{looked}");
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
fn what_the_columns_mean_is_said_once_and_kept() {
    let service = Service::start();
    let fund = fund(&service);
    let file = service.file("lots.csv", &LOTS.replace("Shares,Cost", "Nos,Einsatz"));
    let import = |more: &[&str]| {
        let arguments =
            [file.as_str(), "--fund", &fund, "--server", &service.address, "--answer", "dateOrder=day_first"];
        lotwise("import", &[&arguments[..], more].concat())
    };
    import(&[]).failed(2);
    let said = import(&["--column", "shares=Nos", "--column", "costs=Einsatz"]).failed(2);
    assert!(said.contains("columns..Einsatz"), "{said}");
    let looked = import(&["--column", "shares=Nos", "--column", "cost=Einsatz"]).done();
    assert!(looked.contains("  created company AlphaTech\n  created lot of AlphaTech: 2022-02-01 PS\n"), "{looked}");
    // Kept: the next file of the kind needs nothing said.
    import(&["--apply"]).done();
    let other = service.file("other.csv", &LOTS.replace("01/02/2022", "01/03/2022"));
    let looked =
        lotwise("import", &[&other, "--fund", &fund, "--server", &service.address, "--answer", "dateOrder=day_first"]);
    let looked = looked.done();
    assert!(looked.contains("not in the file: lot of AlphaTech: 2022-02-01 PS, bought on 2022-02-01"), "{looked}");
    assert!(looked.contains("may be the same lot as \"2022-02-01 PS\""), "{looked}");
    let mapping = service.file("mapping.json", r#"{"columns":{"":{"Nos":"shares","Einsatz":"cost"}}}"#);
    lotwise("moic", &[&file, "--mapping", &mapping, "--answer", "dateOrder=day_first"]).done();
    let facts = |format: &str| {
        let output = service.file("facts.xlsx", "");
        let arguments = ["--fund", &fund, "--server", &service.address, "--content", "facts", "-o", &output];
        lotwise("export", &[&arguments[..], &["--format", format]].concat())
    };
    facts("xlsx").done();
    assert!(facts("csv").failed(2).contains("--content is about workbooks"));
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

#[test]
fn lenses_of_a_spreadsheet_need_no_server() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lots.csv");
    std::fs::write(&file, LOTS).unwrap();
    let file = file.to_str().unwrap();
    let asked = lotwise("moic", &[file]).failed(2);
    assert!(asked.contains("--answer dateOrder=day_first|month_first"), "{asked}");
    let lenses = lotwise("moic", &[file, "--answer", "dateOrder=day_first", "--json"]).json();
    assert_eq!(lenses["fund"]["lenses"]["current_moic"]["reason"], "unpriced");
    let workbook = folder.path().join("moic.xlsx");
    let workbook = workbook.to_str().unwrap();
    lotwise("moic", &[file, "--answer", "dateOrder=day_first", "--format", "xlsx", "-o", workbook]).done();
    assert!(std::fs::read(workbook).unwrap().starts_with(b"PK"));
}

#[test]
fn c7_legacy_investments_are_migrated_and_taken_back() {
    let service = Service::start();
    let fund = fund(&service);
    let post = |path: &str, body: Value| {
        let (status, answer) = service.ask("POST", &format!("/api/funds/{fund}{path}"), Some(&body));
        assert_eq!(status, 201, "{path}: {answer}");
        answer["id"].to_string()
    };
    let company = post("/companies", json!({ "name": "=AlphaTech" }));
    post(
        "/investments",
        json!({ "companyId": company.parse::<i64>().unwrap(), "round": "Seed", "investmentDate": "2022-01-31",
            "amountCents": "150000000", "ownership": "0.15", "postMoneyValuationCents": "1000000000" }),
    );
    let migrate =
        |more: &[&str]| lotwise("migrate", &[&["lots", "--fund", &fund, "--server", &service.address], more].concat());
    let looked = migrate(&["--dry-run"]).done();
    assert!(looked.contains("0 of 1 investments can become lots"), "{looked}");
    assert!(looked.contains(&format!("  {company}  ")), "the number that --shares takes: {looked}");
    let said = migrate(&["--shares", "one=5"]).code;
    assert_eq!(said, Some(2));
    let shares = format!("{company}=10000000");
    let report = service.file("report.csv", "");
    let looked = migrate(&["--shares", &shares, "--report", &report]).done();
    assert!(looked.contains("1 of 1 investments can become lots"), "{looked}");
    let written = std::fs::read_to_string(&report).unwrap();
    assert!(written.contains(",'=AlphaTech,Seed,2022-01-31,150000000,initial,Seed,1500000,100,verified,"), "{written}");
    migrate(&["--shares", &shares, "--apply"]).done();
    let exported = lotwise("export", &["--fund", &fund, "--server", &service.address]).json();
    assert_eq!(exported["companies"][0]["lots"][0]["sharesAcquired"], "1500000");
    let undone = migrate(&["--undo"]).done();
    assert!(undone.contains("is taken back"), "{undone}");
    assert!(migrate(&["--undo"]).failed(1).contains("no migration that could be taken back"));
}
