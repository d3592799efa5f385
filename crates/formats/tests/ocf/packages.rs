//! Packages made for tests, and what a reading came to as lines of text.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};

use formats::draft::{Answers, Reading};
use formats::ocf::{Package, read};
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// The day that documents without a date of their own are judged as of.
pub const TODAY: &str = "2026-01-01";

/// The fund's own stakeholder in every test package; `fund-2` is another vehicle of it, `angel` somebody else.
pub const FUND: &str = "fund";

/// The files of a package with these transactions.
pub fn files(transactions: &[Value]) -> Vec<(String, Vec<u8>)> {
    let stakeholder = |id: &str, name: &str, kind: &str| json!({ "object_type": "STAKEHOLDER", "id": id, "name": { "legal_name": name }, "stakeholder_type": kind });
    let class = |id: &str, name: &str, kind: &str| {
        json!({ "object_type": "STOCK_CLASS", "id": id, "name": name, "class_type": kind, "default_id_prefix": "X-",
                "initial_shares_authorized": "100000000", "votes_per_share": "1", "seniority": "1" })
    };
    let manifest = json!({
        "ocf_version": "1.2.0", "file_type": "OCF_MANIFEST_FILE", "as_of": "2025-12-31",
        "issuer": { "object_type": "ISSUER", "id": "acme", "legal_name": "Acme, Inc." },
        "stakeholders_files": [{ "filepath": "./Stakeholders.ocf.json", "md5": "0" }],
        "stock_classes_files": [{ "filepath": "./StockClasses.ocf.json", "md5": "0" }],
        "transactions_files": [{ "filepath": "./Transactions.ocf.json", "md5": "0" }]
    });
    let stakeholders = json!({ "file_type": "OCF_STAKEHOLDERS_FILE", "items": [
        stakeholder(FUND, "Example Ventures I", "INSTITUTION"),
        stakeholder("fund-2", "Example Ventures I-A", "INSTITUTION"),
        stakeholder("angel", "A. Angel", "INDIVIDUAL") ] });
    let classes = json!({ "file_type": "OCF_STOCK_CLASSES_FILE", "items": [
        class("c", "Common", "COMMON"), class("a", "Series A", "PREFERRED"), class("b", "Series B", "PREFERRED") ] });
    let transactions = json!({ "file_type": "OCF_TRANSACTIONS_FILE", "items": transactions });
    [
        ("Manifest.ocf.json", manifest),
        ("Stakeholders.ocf.json", stakeholders),
        ("StockClasses.ocf.json", classes),
        ("Transactions.ocf.json", transactions),
    ]
    .into_iter()
    .map(|(name, content)| (name.to_owned(), content.to_string().into_bytes()))
    .collect()
}

/// The package with these transactions.
pub fn package(transactions: &[Value]) -> Package {
    Package::from_files(files(transactions)).unwrap()
}

/// The files as a ZIP file, in a folder of their own.
pub fn zipped(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(format!("acme/{name}"), SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Answers out of `(id, answer)`; the fund is the stakeholder [`FUND`] unless they say otherwise.
pub fn answers(given: &[(&str, &str)]) -> Answers {
    let given = given.iter().map(|(id, answer)| ((*id).to_owned(), (*answer).to_owned()));
    BTreeMap::from([("ocf.stakeholder".to_owned(), FUND.to_owned())]).into_iter().chain(given).collect()
}

/// Reads and lets the engine judge.
pub fn judged(package: &Package, answers: &Answers) -> Reading {
    let mut reading = read(package, answers);
    reading.judge(TODAY.parse().unwrap());
    reading
}

/// What a reading came to, a line each: lots, events, then what is wrong, noted and asked.
pub fn lines(reading: &Reading) -> Vec<String> {
    let mut lines = Vec::new();
    for company in &reading.draft.companies {
        for lot in &company.lots {
            let parts = [
                Some(lot.id.clone()),
                lot.lot_type.clone(),
                lot.instrument.clone(),
                lot.share_class.clone(),
                lot.purchase_date.clone(),
                lot.shares_acquired.clone(),
                lot.share_price_cents.clone().map(|price| format!("@{price}")),
                Some(format!("cost {}", lot.cost_basis_cents.as_deref().unwrap_or("?"))),
                lot.strike_cents.clone().map(|strike| format!("strike {strike}")),
            ];
            lines.push(parts.into_iter().flatten().collect::<Vec<_>>().join(" "));
        }
        for event in &company.events {
            let fields: Vec<String> = event.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
            lines.push(format!("{} {} {}", event.date, event.event_type, fields.join(" ").replace('"', "")));
        }
    }
    lines.extend(reading.problems.iter().map(|problem| format!("problem at {}: {}", problem.place, problem.message)));
    lines.extend(reading.warnings.iter().map(|warning| format!("warning at {}: {}", warning.place, warning.message)));
    let open = reading.questions.iter().filter(|question| !question.optional);
    lines.extend(open.map(|question| format!("asks {}", question.id)));
    lines
}

/// An amount in dollars.
pub fn usd(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "USD" })
}

/// A transaction: its type, id and date, and its other fields.
pub fn transaction(object_type: &str, id: &str, date: &str, fields: Value) -> Value {
    let mut transaction = json!({ "object_type": format!("TX_{object_type}"), "id": id, "date": date });
    let (Value::Object(whole), Value::Object(fields)) = (&mut transaction, fields) else {
        panic!("fields are an object")
    };
    whole.extend(fields);
    transaction
}

/// An issuance of stock; its id is `issue-<security>`.
pub fn stock(security: &str, date: &str, holder: &str, class: &str, quantity: &str, price: &str) -> Value {
    transaction(
        "STOCK_ISSUANCE",
        &format!("issue-{security}"),
        date,
        json!({
        "security_id": security, "stakeholder_id": holder, "stock_class_id": class, "quantity": quantity,
        "share_price": usd(price), "custom_id": security, "stock_legend_ids": [], "security_law_exemptions": [] }),
    )
}

/// An issuance of a SAFE or note.
pub fn convertible(kind: &str, security: &str, date: &str, holder: &str, amount: &str) -> Value {
    transaction(
        "CONVERTIBLE_ISSUANCE",
        &format!("issue-{security}"),
        date,
        json!({
        "security_id": security, "stakeholder_id": holder, "convertible_type": kind, "investment_amount": usd(amount),
        "custom_id": security, "seniority": 1, "security_law_exemptions": [],
        "conversion_triggers": [{ "trigger_id": "t1", "type": "UNSPECIFIED" }] }),
    )
}

/// An issuance of a warrant for shares of Series A.
pub fn warrant(security: &str, date: &str, holder: &str, quantity: &str, strike: &str, paid: &str) -> Value {
    transaction(
        "WARRANT_ISSUANCE",
        &format!("issue-{security}"),
        date,
        json!({
        "security_id": security, "stakeholder_id": holder, "quantity": quantity, "exercise_price": usd(strike),
        "purchase_price": usd(paid), "custom_id": security, "security_law_exemptions": [],
        "exercise_triggers": [{ "trigger_id": "t1", "type": "ELECTIVE_AT_WILL", "conversion_right": {
            "type": "WARRANT_CONVERSION_RIGHT", "converts_to_stock_class_id": "a",
            "conversion_mechanism": { "type": "FIXED_AMOUNT_CONVERSION", "converts_to_quantity": quantity } } }] }),
    )
}
