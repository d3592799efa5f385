//! Packages that are no packages, too large, or not what they say.

use formats::ocf::{
    FILE_BYTES_MAX, JSON_DEPTH_MAX, JSON_VALUES_MAX, OBJECTS_MAX, PACKAGE_FILES_MAX, Package, PackageError, read,
};
use serde_json::json;

use crate::packages::{answers, files, judged, lines, package, stock, zipped};

fn replaced(name: &str, content: &[u8]) -> Vec<String> {
    let mut files = files(&[stock("s1", "2022-01-01", "fund", "a", "1", "1")]);
    files.iter_mut().find(|(known, _)| known == name).unwrap().1 = content.to_vec();
    lines(&judged(&Package::from_files(files).unwrap(), &answers(&[])))
}

#[test]
fn a_zip_file_and_a_folder_read_the_same() {
    let files = files(&[stock("s1", "2022-01-01", "fund", "a", "1", "1")]);
    let from_zip = read(&Package::from_zip(&zipped(&files)).unwrap(), &answers(&[]));
    let from_folder = read(&Package::from_files(files).unwrap(), &answers(&[]));
    assert_eq!(from_zip.draft, from_folder.draft);
    assert_eq!(from_zip.draft.companies.first().unwrap().lots.len(), 1);
    assert_eq!(from_zip.problems, []);
}

#[test]
fn nothing_is_read_before_somebody_says_who_the_fund_is() {
    let reading = read(&package(&[stock("s1", "2022-01-01", "ghost", "a", "1", "1")]), &[].into());
    let question = reading.questions.first().unwrap();
    let choices: Vec<&str> = question.choices.iter().map(|choice| choice.value.as_str()).collect();
    assert_eq!((question.id.as_str(), question.optional), ("ocf.stakeholder", false));
    assert_eq!(choices, ["angel", "fund", "fund-2", "ghost"]);
    assert_eq!(reading.draft.companies.first().unwrap().name.as_deref(), Some("Acme, Inc."));
    let wrong = lines(&read(&package(&[]), &answers(&[("ocf.stakeholder", "fund, nobody")])));
    assert!(wrong.first().unwrap().starts_with("problem at ocf.stakeholder: must be ids of stakeholders"), "{wrong:?}");
}

#[test]
fn a_package_needs_its_manifest_and_its_files() {
    let mut files = files(&[]);
    let manifest = files.remove(0);
    let without = lines(&read(&Package::from_files(files.clone()).unwrap(), &answers(&[])));
    assert!(without.first().unwrap().contains("OCF_MANIFEST_FILE"), "{without:?}");
    files.insert(0, manifest);
    files.retain(|(name, _)| name != "Transactions.ocf.json");
    files.push(("Spare.ocf.json".to_owned(), br#"{"file_type":"OCF_TRANSACTIONS_FILE","items":[]}"#.to_vec()));
    let incomplete = lines(&read(&Package::from_files(files.clone()).unwrap(), &answers(&[])));
    assert!(
        incomplete.first().unwrap().starts_with("problem at Manifest.ocf.json, transactions_files:"),
        "{incomplete:?}"
    );
    assert!(incomplete.iter().any(|line| line == "warning at Spare.ocf.json: is not named in the manifest: not read"));
    let inner = files.iter().map(|(name, bytes)| (format!("inner/{name}"), bytes.clone())).collect::<Vec<_>>();
    let nested = read(&Package::from_files(files.into_iter().chain(inner).collect()).unwrap(), &answers(&[]));
    assert!(lines(&nested).iter().any(|line| line.contains("is the manifest of another package")));
}

#[test]
fn broken_json_is_named_with_file_and_line() {
    for (content, expected) in [
        (&b"{\"file_type\": \"OCF_TRANSACTIONS_FILE\",\n \"items\": [}"[..], "line 2, column 12"),
        (b"{\"file_type\": \"OCF_TRANSACTIONS_FILE\",\n\"x\": \"\xff\"}", "line 2, column 7: the text is not UTF-8"),
        (b"\xff\xfe{\0}\0", "UTF-16"),
        (b"{\"file_type\": \"OCF_TRANSACTIONS_FILE\"}", "Transactions.ocf.json, items"),
        (
            b"{\"file_type\":\"OCF_TRANSACTIONS_FILE\",\"items\":[{\"id\":\"t\",\"id\":\"t\"}]}",
            "object t, id: is given twice",
        ),
        (
            b"{\"file_type\":\"OCF_TRANSACTIONS_FILE\",\"items\":[{\"id\":\"t\"},{\"id\":\"t\"}]}",
            "two objects have this id",
        ),
    ] {
        let came_to = replaced("Transactions.ocf.json", content);
        assert!(
            came_to.iter().any(|line| line.starts_with("problem") && line.contains(expected)),
            "{expected}: {came_to:?}"
        );
    }
    let marked = [&b"\xef\xbb\xbf"[..], br#"{"file_type":"OCF_TRANSACTIONS_FILE","items":[]}"#].concat();
    let came_to = replaced("Transactions.ocf.json", &marked);
    assert!(!came_to.iter().any(|line| line.starts_with("problem")), "{came_to:?}");
}

#[test]
fn limits_hold() {
    let deep = format!("{{\"items\":{}{}}}", "[".repeat(JSON_DEPTH_MAX), "]".repeat(JSON_DEPTH_MAX));
    let deeper = "[".repeat(1_000_000);
    let values = vec![b','; JSON_VALUES_MAX + 1];
    let objects =
        json!({ "file_type": "OCF_TRANSACTIONS_FILE", "items": vec![json!({}); OBJECTS_MAX + 1] }).to_string();
    for (content, expected) in [
        (deep.as_bytes(), "levels deep"),
        (deeper.as_bytes(), "recursion limit"),
        (&values, "values"),
        (objects.as_bytes(), "objects"),
    ] {
        let came_to = replaced("Transactions.ocf.json", content);
        assert!(
            came_to.iter().any(|line| line.starts_with("problem") && line.contains(expected)),
            "{expected}: {came_to:?}"
        );
    }
}

#[test]
fn a_zip_bomb_is_counted_while_it_is_inflated() {
    let size = usize::try_from(FILE_BYTES_MAX).unwrap() + 1;
    let bomb = zipped(&[("bomb.json".to_owned(), vec![b' '; size])]);
    assert!(bomb.len() < 1_000_000);
    assert_eq!(Package::from_zip(&bomb).unwrap_err(), PackageError::FileTooLarge("acme/bomb.json".to_owned()));
    // A declared size does not help: here both records of it say 1.
    let mut lying = bomb.clone();
    let declared = u32::try_from(size).unwrap().to_le_bytes();
    while let Some(at) = lying.windows(4).position(|bytes| bytes == declared) {
        lying[at..at + 4].copy_from_slice(&1_u32.to_le_bytes());
    }
    let refused = Package::from_zip(&lying).unwrap_err();
    assert!(matches!(refused, PackageError::FileTooLarge(_) | PackageError::Entry { .. }), "{refused}");
    let many: Vec<_> = (0..=PACKAGE_FILES_MAX).map(|index| (format!("{index}.json"), Vec::new())).collect();
    assert_eq!(Package::from_zip(&zipped(&many)).unwrap_err(), PackageError::TooManyFiles(PACKAGE_FILES_MAX + 1));
}

#[test]
fn large_packages_take_no_time() {
    // A chain of balances as long as a package may be, in the wrong order.
    let count = 15_000;
    let security = |index: usize| format!("s{index}");
    let mut transactions = vec![stock("s0", "2022-01-01", "fund", "a", &(count + 1).to_string(), "1")];
    for index in (0..count).rev() {
        let left = (count - index).to_string();
        transactions.push(stock(&security(index + 1), "2023-01-01", "fund", "a", &left, "1"));
        transactions
            .push(json!({ "object_type": "TX_STOCK_CANCELLATION", "id": format!("k{index}"), "date": "2023-01-01",
            "security_id": security(index), "quantity": "1", "balance_security_id": security(index + 1) }));
    }
    let reading = read(&package(&transactions), &answers(&[]));
    assert_eq!(reading.problems, []);
    assert_eq!(reading.draft.companies.first().unwrap().events.len(), count);
}

#[test]
fn manifests_that_name_files_a_little_differently_are_understood() {
    let mut files = files(&[stock("s1", "2022-01-01", "fund", "a", "1", "1")]);
    let manifest = files.first_mut().unwrap();
    let text = String::from_utf8(manifest.1.clone()).unwrap();
    let text =
        text.replace("./Transactions.ocf.json", "./Transactions.json").replace("./Stake", "C:\\\\export\\\\Stake");
    manifest.1 = text.into_bytes();
    let reading = read(&Package::from_files(files.clone()).unwrap(), &answers(&[]));
    assert_eq!(reading.problems, []);
    assert_eq!(reading.draft.companies.first().unwrap().lots.len(), 1);
    // One that names none stands for all.
    let manifest = br#"{ "file_type": "OCF_MANIFEST_FILE", "issuer": { "id": "acme", "legal_name": "Acme" } }"#;
    files.first_mut().unwrap().1 = manifest.to_vec();
    let reading = read(&Package::from_files(files).unwrap(), &answers(&[]));
    assert_eq!(lines(&reading).len(), 1, "{:?}", lines(&reading));
}

#[test]
fn what_strangers_contradict_themselves_in_is_their_affair() {
    // As the samples of the format have it: every transaction there is, about securities that are issued thrice or never.
    let stranger = |id: &str, object_type: &str| {
        json!({ "object_type": object_type, "id": id, "security_id": "test-security-id", "date": "2022-02-01",
            "quantity": "10", "quantity_converted": "1", "balance_security_id": "balance-security-id",
            "amount": { "amount": "-867.53", "currency": "USD" }, "price": { "amount": "3.00", "currency": "CAD" },
            "resulting_security_ids": ["resultant-security-id-1", "..."], "reason_text": "for testing" })
    };
    let mut transactions = vec![stock("s1", "2022-01-01", "fund", "a", "1", "1")];
    for (index, kind) in
        ["STOCK", "CONVERTIBLE", "WARRANT", "EQUITY_COMPENSATION", "PLAN_SECURITY"].into_iter().enumerate()
    {
        let actions = [
            "ACCEPTANCE",
            "CANCELLATION",
            "CONVERSION",
            "EXERCISE",
            "ISSUANCE",
            "REISSUANCE",
            "RELEASE",
            "REPURCHASE",
            "RETRACTION",
            "TRANSFER",
        ];
        for (position, action) in actions.into_iter().enumerate() {
            for again in 0..2 {
                transactions.push(stranger(&format!("{index}-{position}-{again}"), &format!("TX_{kind}_{action}")));
            }
        }
    }
    let reading = judged(&package(&transactions), &answers(&[]));
    assert_eq!(reading.problems, []);
    assert_eq!(reading.draft.companies.first().unwrap().lots.len(), 1);
}
