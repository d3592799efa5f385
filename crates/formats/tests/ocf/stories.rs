//! Stories of a fund's securities: what a package says, and what the portfolio document has of it.

use formats::ocf::Package;
use serde_json::{Value, json};

use crate::packages::{answers, convertible, files, judged, lines, package, stock, transaction, usd, warrant};

/// A package, the answers, and what the reading comes to. A line that ends in `…` is the beginning of one.
struct Story {
    name: &'static str,
    transactions: Vec<Value>,
    answers: &'static [(&'static str, &'static str)],
    expected: &'static [&'static str],
}

#[track_caller]
fn told(stories: Vec<Story>) {
    for Story { name, transactions, answers: given, expected } in stories {
        let came_to = lines(&judged(&package(&transactions), &answers(given)));
        let is_as_told = came_to.len() == expected.len()
            && came_to.iter().zip(expected).all(|(line, expected)| match expected.strip_suffix('…') {
                Some(beginning) => line.starts_with(beginning),
                None => line == expected,
            });
        assert!(is_as_told, "{name}:\n{}\n--- expected\n{}", came_to.join("\n"), expected.join("\n"));
    }
}

#[test]
fn purchases_from_the_company() {
    told(vec![
        Story {
            name: "the first cheque is initial, later ones are follow-ons, others' securities are nobody's business",
            transactions: vec![
                stock("s2", "2023-05-01", "fund", "b", "1000", "2.50"),
                stock("x", "2021-01-01", "angel", "c", "1", "0.0001"),
                stock("s1", "2022-03-01", "fund", "a", "518138.25", "1.2345678901"),
                stock("s0", "2022-03-01", "fund", "a", "100", "1.00"),
            ],
            answers: &[],
            expected: &[
                "s1 initial equity Series A 2022-03-01 518138.25 @123.45678901 cost 63967685",
                "s0 initial equity Series A 2022-03-01 100 @100 cost 10000",
                "s2 follow_on equity Series B 2023-05-01 1000 @250 cost 250000",
                "warning at Transactions.ocf.json, object issue-s1, share_price: is no whole number of cents; rounded half-even …",
            ],
        },
        Story {
            name: "a cost basis goes before the price, and a difference is said",
            transactions: vec![{
                let mut issued = stock("s1", "2022-03-01", "fund", "a", "100", "1.00");
                issued["cost_basis"] = usd("90.00");
                issued
            }],
            answers: &[],
            expected: &[
                "s1 initial equity Series A 2022-03-01 100 cost 9000",
                "warning at Transactions.ocf.json, object issue-s1, cost_basis: is not share price times quantity, which is 100…",
            ],
        },
        Story {
            name: "what is retracted never was",
            transactions: vec![
                stock("s1", "2022-03-01", "fund", "a", "100", "1.00"),
                transaction(
                    "STOCK_RETRACTION",
                    "r",
                    "2022-03-02",
                    json!({ "security_id": "s1", "reason_text": "oops" }),
                ),
            ],
            answers: &[],
            expected: &["warning at Transactions.ocf.json, object r, security_id: its issuance is retracted…"],
        },
        Story {
            name: "an option of the fund is no purchase, and its shares are",
            transactions: vec![
                transaction(
                    "EQUITY_COMPENSATION_ISSUANCE",
                    "o",
                    "2020-01-01",
                    json!({
                    "security_id": "opt", "stakeholder_id": "fund", "quantity": "10", "compensation_type": "OPTION_NSO" }),
                ),
                transaction(
                    "EQUITY_COMPENSATION_EXERCISE",
                    "e",
                    "2021-01-01",
                    json!({
                    "security_id": "opt", "quantity": "10", "resulting_security_ids": ["s1"] }),
                ),
                stock("s1", "2021-01-01", "fund", "c", "10", "0.10"),
            ],
            answers: &[],
            expected: &[
                "s1 initial equity Common 2021-01-01 10 @10 cost 100",
                "warning at Transactions.ocf.json, object issue-s1, security_id: comes of options…",
                "warning at Transactions.ocf.json, object o, stakeholder_id: the fund has options…",
            ],
        },
    ]);
}

fn transfer(id: &str, date: &str, from: &str, quantity: &str, to: &[&str], balance: Option<&str>) -> Value {
    let mut transfer = transaction(
        "STOCK_TRANSFER",
        id,
        date,
        json!({
        "security_id": from, "quantity": quantity, "resulting_security_ids": to }),
    );
    if let Some(balance) = balance {
        transfer["balance_security_id"] = json!(balance);
    }
    transfer
}

#[test]
fn transfers() {
    told(vec![
        Story {
            name: "bought from another holder: a secondary lot whose cost is asked",
            transactions: vec![
                stock("x", "2021-01-01", "angel", "c", "1000", "0.01"),
                transfer("t", "2022-06-01", "x", "300", &["s1"], Some("x2")),
                stock("s1", "2022-06-01", "fund", "c", "300", "0.01"),
                stock("x2", "2022-06-01", "angel", "c", "700", "0.01"),
            ],
            answers: &[],
            expected: &["s1 secondary equity Common 2022-06-01 300 cost ?", "asks ocf.cost.s1"],
        },
        Story {
            name: "and answered; a purchase after it is a follow-on",
            transactions: vec![
                stock("x", "2021-01-01", "angel", "c", "1000", "0.01"),
                transfer("t", "2022-06-01", "x", "1000", &["s1"], None),
                stock("s1", "2022-06-01", "fund", "c", "1000", "0.01"),
                stock("s2", "2023-06-01", "fund", "a", "10", "1"),
            ],
            answers: &[("ocf.cost.s1", "1234.56")],
            expected: &[
                "s1 secondary equity Common 2022-06-01 1000 cost 123456",
                "s2 follow_on equity Series A 2023-06-01 10 @100 cost 1000",
            ],
        },
        Story {
            name: "sold in part: the balance is the same lot, and nothing is counted twice",
            transactions: vec![
                stock("s1", "2022-01-01", "fund", "a", "1000", "1.00"),
                transfer("t", "2024-01-01", "s1", "400", &["y"], Some("s1b")),
                stock("y", "2024-01-01", "angel", "a", "400", "1.00"),
                stock("s1b", "2024-01-01", "fund", "a", "600", "1.00"),
                transfer("u", "2025-01-01", "s1b", "600", &["z"], None),
                stock("z", "2025-01-01", "angel", "a", "600", "1.00"),
            ],
            answers: &[("ocf.proceeds.t", "800.00"), ("ocf.proceeds.u", "1800")],
            expected: &[
                "s1 initial equity Series A 2022-01-01 1000 @100 cost 100000",
                "2024-01-01 disposal lots={s1:400} proceedsCents=80000 shares=400",
                "2025-01-01 disposal lots={s1:600} proceedsCents=180000 shares=600",
            ],
        },
        Story {
            name: "between two vehicles nothing happens, and the part that leaves both is sold",
            transactions: vec![
                stock("s1", "2022-01-01", "fund", "a", "1000", "1.00"),
                transfer("t", "2023-01-01", "s1", "500", &["v", "y"], Some("s1b")),
                stock("v", "2023-01-01", "fund-2", "a", "300", "1.00"),
                stock("y", "2023-01-01", "angel", "a", "200", "1.00"),
                stock("s1b", "2023-01-01", "fund", "a", "500", "1.00"),
            ],
            answers: &[("ocf.stakeholder", "fund, fund-2"), ("ocf.proceeds.t", "1")],
            expected: &[
                "s1 initial equity Series A 2022-01-01 1000 @100 cost 100000",
                "2023-01-01 disposal lots={s1:200} proceedsCents=100 shares=200",
            ],
        },
        Story {
            name: "to one vehicle alone the other is another holder",
            transactions: vec![
                stock("s1", "2022-01-01", "fund", "a", "1000", "1.00"),
                transfer("t", "2023-01-01", "s1", "1000", &["v"], None),
                stock("v", "2023-01-01", "fund-2", "a", "1000", "1.00"),
            ],
            answers: &[("ocf.stakeholder", "fund-2"), ("ocf.cost.v", "0")],
            expected: &["v secondary equity Series A 2023-01-01 1000 cost 0"],
        },
        Story {
            name: "several purchases on one certificate: which of them are sold is asked",
            transactions: vec![
                stock("s1", "2022-01-01", "fund", "a", "100", "1.00"),
                stock("s2", "2023-01-01", "fund", "a", "100", "2.00"),
                transaction(
                    "STOCK_CONSOLIDATION",
                    "k",
                    "2023-06-01",
                    json!({
                    "security_ids": ["s1", "s2"], "resulting_security_id": "s3" }),
                ),
                stock("s3", "2023-06-01", "fund", "a", "200", "0"),
                transfer("t", "2024-01-01", "s3", "150", &["y"], Some("s4")),
                stock("y", "2024-01-01", "angel", "a", "150", "1"),
                stock("s4", "2024-01-01", "fund", "a", "50", "1"),
            ],
            answers: &[("ocf.proceeds.t", "9"), ("ocf.relief.t", "lifo")],
            expected: &[
                "s1 initial equity Series A 2022-01-01 100 @100 cost 10000",
                "s2 follow_on equity Series A 2023-01-01 100 @200 cost 20000",
                "2024-01-01 disposal lots={s1:50,s2:100} proceedsCents=900 shares=150",
            ],
        },
    ]);
}

fn ended(kind: &str, id: &str, date: &str, security: &str, fields: Value) -> Value {
    let mut ended = transaction(kind, id, date, fields);
    ended["security_id"] = json!(security);
    ended
}

#[test]
fn what_the_company_takes_back() {
    told(vec![
        Story {
            name: "a repurchase has a price",
            transactions: vec![
                stock("s1", "2022-01-01", "fund", "a", "100", "1.00"),
                ended(
                    "STOCK_REPURCHASE",
                    "p",
                    "2023-01-01",
                    "s1",
                    json!({
                    "quantity": "40", "price": usd("3.00"), "balance_security_id": "s2" }),
                ),
                stock("s2", "2023-01-01", "fund", "a", "60", "1.00"),
            ],
            answers: &[],
            expected: &[
                "s1 initial equity Series A 2022-01-01 100 @100 cost 10000",
                "2023-01-01 disposal lots={s1:40} proceedsCents=12000 shares=40",
            ],
        },
        Story {
            name: "a cancellation is for nothing unless it is said",
            transactions: vec![
                stock("s1", "2022-01-01", "fund", "a", "100", "1.00"),
                ended(
                    "STOCK_CANCELLATION",
                    "k",
                    "2023-01-01",
                    "s1",
                    json!({ "quantity": "100", "reason_text": "error" }),
                ),
            ],
            answers: &[],
            expected: &[
                "s1 initial equity Series A 2022-01-01 100 @100 cost 10000",
                "2023-01-01 disposal lots={s1:100} proceedsCents=0 shares=100",
                "warning at Transactions.ocf.json, object k, quantity: 100 shares of Series A (security s1) is cancelled…",
            ],
        },
        Story {
            name: "a note is repaid: its principal is sold",
            transactions: vec![
                convertible("NOTE", "n1", "2022-01-01", "fund", "1000"),
                ended(
                    "CONVERTIBLE_CANCELLATION",
                    "k",
                    "2023-01-01",
                    "n1",
                    json!({
                    "amount": usd("400"), "reason_text": "repaid", "balance_security_id": "n2" }),
                ),
                convertible("NOTE", "n2", "2023-01-01", "fund", "600"),
            ],
            answers: &[("ocf.proceeds.k", "430.00")],
            expected: &[
                "n1 initial note 2022-01-01 cost 60000",
                "n1/2 initial note 2022-01-01 cost 40000",
                "2023-01-01 lot_conversion lot=n1/2 shares=400 toClass=Principal of SAFEs and notes, sold unconverted",
                "2023-01-01 disposal lots={n1/2:400} proceedsCents=43000 shares=400",
            ],
        },
    ]);
}

#[test]
fn splits_and_new_certificates() {
    let split = |id: &str, date: &str, class: &str, numerator: &str, denominator: &str| {
        transaction(
            "STOCK_CLASS_SPLIT",
            id,
            date,
            json!({
            "stock_class_id": class, "split_ratio": { "numerator": numerator, "denominator": denominator } }),
        )
    };
    told(vec![
        Story {
            name: "a split, the certificates for it, and a sale in new shares",
            transactions: vec![
                stock("s1", "2022-01-01", "fund", "a", "100", "6.00"),
                split("k", "2023-01-01", "a", "3.00", "1.00"),
                split("other", "2023-01-01", "b", "2", "1"),
                ended(
                    "STOCK_REISSUANCE",
                    "r",
                    "2023-01-01",
                    "s1",
                    json!({
                    "resulting_security_ids": ["s2", "s3"], "split_transaction_id": "k" }),
                ),
                stock("s2", "2023-01-01", "fund", "a", "200", "2.00"),
                stock("s3", "2023-01-01", "fund", "a", "100", "2.00"),
                transfer("t", "2024-01-01", "s3", "100", &["y"], None),
                stock("y", "2024-01-01", "angel", "a", "100", "2"),
            ],
            answers: &[("ocf.proceeds.t", "500")],
            expected: &[
                "s1 initial equity Series A 2022-01-01 100 @600 cost 60000",
                "2023-01-01 split denominator=1 numerator=3 shareClass=Series A",
                "2024-01-01 disposal lots={s1:100} proceedsCents=50000 shares=100",
            ],
        },
        Story {
            name: "a reverse split leaves a fraction, and the new certificate rounds it",
            transactions: vec![
                stock("s1", "2022-01-01", "fund", "a", "100", "1.00"),
                split("k", "2023-01-01", "a", "1", "7"),
                ended("STOCK_REISSUANCE", "r", "2023-01-02", "s1", json!({ "resulting_security_ids": ["s2"] })),
                stock("s2", "2023-01-02", "fund", "a", "14", "7.00"),
            ],
            answers: &[("ocf.mark.a", "10 on 2025-01-01")],
            expected: &[
                "s1 initial equity Series A, until 2023-01-02 2022-01-01 100 @100 cost 10000",
                "2023-01-01 split denominator=7 numerator=1 shareClass=Series A, until 2023-01-02",
                "2023-01-02 class_conversion denominator=50 fromClass=Series A, until 2023-01-02 numerator=49 toClass=Series A",
                "2025-01-01 mark shareClass=Series A sharePriceCents=1000",
                "warning at Transactions.ocf.json, object r: 100/7 shares are rounded to 14…",
            ],
        },
        Story {
            name: "what is bought on the day of a split is after it",
            transactions: vec![
                stock("s1", "2022-01-01", "fund", "a", "100", "2.00"),
                split("k", "2023-01-01", "a", "2", "1"),
                stock("s2", "2023-01-01", "fund", "a", "50", "1.00"),
            ],
            answers: &[],
            expected: &[
                "s1 initial equity Series A 2022-01-01 100 @200 cost 20000",
                "s2 follow_on equity Series A 2023-01-01 50 @100 cost 5000",
                "2023-01-01 split denominator=1 numerator=2 shareClass=Series A",
                "warning at Transactions.ocf.json, object issue-s2, date: was issued on the day of a split…",
            ],
        },
    ]);
}

#[test]
fn conversions_of_shares() {
    let converted = |id: &str, date: &str, security: &str, quantity: &str, results: &[&str], balance: Option<&str>| {
        let mut converted = ended(
            "STOCK_CONVERSION",
            id,
            date,
            security,
            json!({
            "quantity_converted": quantity, "resulting_security_ids": results }),
        );
        if let Some(balance) = balance {
            converted["balance_security_id"] = json!(balance);
        }
        converted
    };
    told(vec![
        Story {
            name: "all of a class on one day at one ratio is a class conversion",
            transactions: vec![
                stock("s1", "2022-01-01", "fund", "a", "100", "1.00"),
                stock("s2", "2023-01-01", "fund", "a", "200", "2.00"),
                converted("k1", "2024-01-01", "s1", "100", &["c1"], None),
                converted("k2", "2024-01-01", "s2", "200", &["c2"], None),
                stock("c1", "2024-01-01", "fund", "c", "125", "1.00"),
                stock("c2", "2024-01-01", "fund", "c", "250", "1.00"),
                stock("s3", "2025-01-01", "fund", "a", "1", "1.00"),
            ],
            answers: &[],
            expected: &[
                "s1 initial equity Series A 2022-01-01 100 @100 cost 10000",
                "s2 follow_on equity Series A 2023-01-01 200 @200 cost 40000",
                "s3 follow_on equity Series A 2025-01-01 1 @100 cost 100",
                "2024-01-01 class_conversion denominator=4 fromClass=Series A numerator=5 toClass=Common",
            ],
        },
        Story {
            name: "a part of a lot converts: it is a lot and a class of its own from the purchase on",
            transactions: vec![
                stock("s1", "2022-01-01", "fund", "a", "300", "1.00"),
                converted("k", "2024-01-01", "s1", "100", &["c1"], Some("s2")),
                stock("c1", "2024-01-01", "fund", "c", "200", "1.00"),
                stock("s2", "2024-01-01", "fund", "a", "200", "1.00"),
                stock("s3", "2023-06-01", "fund", "b", "1", "1.00"),
                transaction(
                    "STOCK_CLASS_SPLIT",
                    "x",
                    "2023-01-01",
                    json!({
                    "stock_class_id": "a", "split_ratio": { "numerator": "1", "denominator": "1" } }),
                ),
            ],
            answers: &[("ocf.mark.c", "3 on 2025-01-01 at 1.08"), ("ocf.mark.a", "1 on 2024-06-30; 4 on 2025-01-01")],
            expected: &[
                "s1 initial equity Series A 2022-01-01 200 @100 cost 20000",
                "s1/2 initial equity Series A, until 2024-01-01 2022-01-01 100 @100 cost 10000",
                "s3 follow_on equity Series B 2023-06-01 1 @100 cost 100",
                "2023-01-01 split denominator=1 numerator=1 shareClass=Series A",
                "2023-01-01 split denominator=1 numerator=1 shareClass=Series A, until 2024-01-01",
                "2024-01-01 class_conversion denominator=1 fromClass=Series A, until 2024-01-01 numerator=2 toClass=Common",
                "2024-06-30 mark shareClass=Series A sharePriceCents=100",
                "2025-01-01 mark shareClass=Series A sharePriceCents=400",
                "2025-01-01 mark fxRate=1.08 shareClass=Common sharePriceCents=300",
            ],
        },
        Story {
            name: "what was sold on the day of a conversion did not convert",
            transactions: vec![
                stock("s1", "2022-01-01", "fund", "a", "300", "1.00"),
                transfer("t", "2024-01-01", "s1", "100", &["y"], Some("s2")),
                stock("y", "2024-01-01", "angel", "a", "100", "1.00"),
                stock("s2", "2024-01-01", "fund", "a", "200", "1.00"),
                converted("k", "2024-01-01", "s2", "200", &["c1"], None),
                stock("c1", "2024-01-01", "fund", "c", "200", "1.00"),
            ],
            answers: &[("ocf.proceeds.t", "7")],
            expected: &[
                "s1 initial equity Series A 2022-01-01 100 @100 cost 10000",
                "s1/2 initial equity Series A, until 2024-01-01 2022-01-01 200 @100 cost 20000",
                "2024-01-01 class_conversion denominator=1 fromClass=Series A, until 2024-01-01 numerator=1 toClass=Common",
                "2024-01-01 disposal lots={s1:100} proceedsCents=700 shares=100",
            ],
        },
        Story {
            name: "an adjusted ratio shows when it converts",
            transactions: vec![
                stock("s1", "2022-01-01", "fund", "a", "100", "1.00"),
                transaction(
                    "STOCK_CLASS_CONVERSION_RATIO_ADJUSTMENT",
                    "adj",
                    "2023-01-01",
                    json!({
                    "stock_class_id": "a", "new_ratio_conversion_mechanism": { "type": "RATIO_CONVERSION",
                        "ratio": { "numerator": "1.00", "denominator": "0.20" } } }),
                ),
                converted("k", "2024-01-01", "s1", "100", &["c1"], None),
                stock("c1", "2024-01-01", "fund", "c", "500", "1.00"),
            ],
            answers: &[],
            expected: &[
                "s1 initial equity Series A 2022-01-01 100 @100 cost 10000",
                "2024-01-01 class_conversion denominator=1 fromClass=Series A numerator=5 toClass=Common",
                "warning at Transactions.ocf.json, object adj, stock_class_id: changes what the fund's shares…",
            ],
        },
        Story {
            name: "into several classes it cannot be read",
            transactions: vec![
                stock("s1", "2022-01-01", "fund", "a", "100", "1.00"),
                converted("k", "2024-01-01", "s1", "100", &["c1", "b1"], None),
                stock("c1", "2024-01-01", "fund", "c", "50", "1.00"),
                stock("b1", "2024-01-01", "fund", "b", "50", "1.00"),
            ],
            answers: &[],
            expected: &[
                "s1 initial equity Series A 2022-01-01 100 @100 cost 10000",
                "problem at Transactions.ocf.json, object k, resulting_security_ids: are of several classes (Series B, Common)…",
            ],
        },
    ]);
}

#[test]
fn safes_and_notes() {
    let converted = |security: &str, results: &[&str], balance: Option<&str>| {
        let mut converted = ended(
            "CONVERTIBLE_CONVERSION",
            "k",
            "2023-01-01",
            security,
            json!({
            "reason_text": "round", "trigger_id": "t1", "resulting_security_ids": results }),
        );
        if let Some(balance) = balance {
            converted["balance_security_id"] = json!(balance);
        }
        converted
    };
    told(vec![
        Story {
            name: "a SAFE becomes shares, on two certificates",
            transactions: vec![
                convertible("SAFE", "f1", "2021-01-01", "fund", "50000.00"),
                converted("f1", &["s1", "s2"], None),
                stock("s1", "2023-01-01", "fund", "a", "1000.5", "0.80"),
                stock("s2", "2023-01-01", "fund", "a", "200", "0.80"),
                stock("new", "2023-01-01", "fund", "a", "100", "1.00"),
            ],
            answers: &[],
            expected: &[
                "f1 initial safe 2021-01-01 cost 5000000",
                "new follow_on equity Series A 2023-01-01 100 @100 cost 10000",
                "2023-01-01 lot_conversion lot=f1 shares=1200.5 toClass=Series A",
            ],
        },
        Story {
            name: "a part of a note converts, the balance stays a note",
            transactions: vec![
                convertible("NOTE", "n1", "2021-01-01", "fund", "300.00"),
                converted("n1", &["s1"], Some("n2")),
                stock("s1", "2023-01-01", "fund", "a", "70", "1.00"),
                convertible("NOTE", "n2", "2023-01-01", "fund", "100.00"),
            ],
            answers: &[],
            expected: &[
                "n1 initial note 2021-01-01 cost 10000",
                "n1/2 initial note 2021-01-01 cost 20000",
                "2023-01-01 lot_conversion lot=n1/2 shares=70 toClass=Series A",
            ],
        },
        Story {
            name: "a SAFE converts and its shares convert on the same day",
            transactions: vec![
                convertible("SAFE", "f1", "2021-01-01", "fund", "100"),
                converted("f1", &["s1"], None),
                stock("s1", "2023-01-01", "fund", "a", "10", "10"),
                ended(
                    "STOCK_CONVERSION",
                    "k2",
                    "2023-01-01",
                    "s1",
                    json!({
                    "quantity_converted": "10", "resulting_security_ids": ["c1"] }),
                ),
                stock("c1", "2023-01-01", "fund", "c", "15", "10"),
            ],
            answers: &[],
            expected: &[
                "f1 initial safe 2021-01-01 cost 10000",
                "2023-01-01 lot_conversion lot=f1 shares=15 toClass=Common",
            ],
        },
        Story {
            name: "what is converted on the day of its purchase was shares from the start",
            transactions: vec![
                convertible("SAFE", "f1", "2023-01-01", "fund", "100"),
                converted("f1", &["s1"], None),
                stock("s1", "2023-01-01", "fund", "a", "10", "10"),
                convertible("NOTE", "n1", "2023-01-01", "fund", "50"),
                ended("CONVERTIBLE_CANCELLATION", "x", "2023-01-01", "n1", json!({ "amount": usd("50") })),
            ],
            answers: &[("ocf.proceeds.x", "50")],
            expected: &[
                "f1 initial equity Series A 2023-01-01 10 cost 10000",
                "n1 initial equity Principal of SAFEs and notes, sold unconverted 2023-01-01 50 cost 5000",
                "2023-01-01 disposal lots={n1:50} proceedsCents=5000 shares=50",
            ],
        },
        Story {
            name: "another kind of convertible is read as a SAFE; one bought from another holder costs what is answered",
            transactions: vec![
                convertible("CONVERTIBLE_SECURITY", "f1", "2021-01-01", "fund", "100"),
                convertible("SAFE", "x", "2021-01-01", "angel", "100"),
                ended(
                    "CONVERTIBLE_TRANSFER",
                    "t",
                    "2021-02-01",
                    "x",
                    json!({
                    "amount": usd("100"), "resulting_security_ids": ["f2"] }),
                ),
                convertible("SAFE", "f2", "2021-02-01", "fund", "100"),
            ],
            answers: &[("ocf.cost.f2", "80")],
            expected: &[
                "f1 initial safe 2021-01-01 cost 10000",
                "f2 secondary safe 2021-02-01 cost 8000",
                "warning at Transactions.ocf.json, object issue-f1, convertible_type: is read as a SAFE",
            ],
        },
    ]);
}

#[test]
fn warrants() {
    let exercised = |security: &str, results: &[&str]| {
        ended(
            "WARRANT_EXERCISE",
            "e",
            "2024-01-01",
            security,
            json!({ "trigger_id": "t1", "resulting_security_ids": results }),
        )
    };
    told(vec![
        Story {
            name: "a warrant is bought, split, and exercised for cash",
            transactions: vec![
                warrant("w1", "2022-01-01", "fund", "1000", "2.00", "50.00"),
                transaction(
                    "STOCK_CLASS_SPLIT",
                    "x",
                    "2023-01-01",
                    json!({
                    "stock_class_id": "a", "split_ratio": { "numerator": "2", "denominator": "1" } }),
                ),
                exercised("w1", &["s1"]),
                stock("s1", "2024-01-01", "fund", "a", "2000", "1.00"),
            ],
            answers: &[],
            expected: &[
                "w1 initial warrant Series A 2022-01-01 1000 cost 5000 strike 200",
                "2023-01-01 split denominator=1 numerator=2 shareClass=Series A",
                "2024-01-01 exercise cashCents=200000 lot=w1 lotType=follow_on newLot=s1",
                "warning at Transactions.ocf.json, object x, stock_class_id: the fund has warrants…",
            ],
        },
        Story {
            name: "exercised without cash: fewer shares, and what was paid is asked",
            transactions: vec![
                warrant("w1", "2022-01-01", "fund", "1000", "1.00", "0"),
                exercised("w1", &["s1"]),
                stock("s1", "2024-01-01", "fund", "a", "750", "4.00"),
                transfer("t", "2025-01-01", "s1", "750", &["y"], None),
                stock("y", "2025-01-01", "angel", "a", "750", "4.00"),
            ],
            answers: &[("ocf.cash.e", "0"), ("ocf.proceeds.t", "3000")],
            expected: &[
                "w1 initial warrant Series A 2022-01-01 1000 cost 0 strike 100",
                "2024-01-01 exercise cashCents=0 lot=w1 lotType=follow_on newLot=s1",
                "2024-01-01 disposal lots={s1:250} proceedsCents=0 shares=250",
                "2025-01-01 disposal lots={s1:750} proceedsCents=300000 shares=750",
                "warning at Transactions.ocf.json, object e, resulting_security_ids: 750 of 1000 shares result…",
            ],
        },
        Story {
            name: "what a warrant does not say is asked",
            transactions: vec![transaction(
                "WARRANT_ISSUANCE",
                "w",
                "2022-01-01",
                json!({
                "security_id": "w1", "stakeholder_id": "fund", "purchase_price": usd("1"), "exercise_triggers": [
                    { "trigger_id": "t", "conversion_right": { "converts_to_future_round": true } }] }),
            )],
            answers: &[],
            expected: &["asks ocf.class.w1", "asks ocf.shares.w1", "asks ocf.strike.w1"],
        },
        Story {
            name: "and answered",
            transactions: vec![transaction(
                "WARRANT_ISSUANCE",
                "w",
                "2022-01-01",
                json!({
                "security_id": "w1", "stakeholder_id": "fund", "purchase_price": usd("1"), "exercise_triggers": [] }),
            )],
            answers: &[("ocf.class.w1", "b"), ("ocf.shares.w1", "10"), ("ocf.strike.w1", "0.015")],
            expected: &["w1 initial warrant Series B 2022-01-01 10 cost 100 strike 1.5"],
        },
        Story {
            name: "a part is sold, the rest is cancelled",
            transactions: vec![
                warrant("w1", "2022-01-01", "fund", "100", "1.00", "10"),
                ended(
                    "WARRANT_TRANSFER",
                    "t",
                    "2023-01-01",
                    "w1",
                    json!({
                    "quantity": "40", "resulting_security_ids": ["x"], "balance_security_id": "w2" }),
                ),
                warrant("x", "2023-01-01", "angel", "40", "1.00", "0"),
                warrant("w2", "2023-01-01", "fund", "60", "1.00", "0"),
                ended(
                    "WARRANT_CANCELLATION",
                    "k",
                    "2024-01-01",
                    "w2",
                    json!({ "quantity": "60", "reason_text": "expired" }),
                ),
            ],
            answers: &[("ocf.proceeds.t", "5"), ("ocf.proceeds.k", "0")],
            expected: &[
                "w1 initial warrant Series A 2022-01-01 100 cost 1000 strike 100",
                "2023-01-01 disposal lots={w1:40} proceedsCents=500 shares=40",
                "2024-01-01 disposal lots={w1:60} proceedsCents=0 shares=60",
            ],
        },
    ]);
}

#[test]
fn currencies() {
    let in_euro = |security: &str| {
        let mut issued = stock(security, "2022-01-01", "fund", "a", "100", "1.00");
        issued["share_price"]["currency"] = json!("EUR");
        issued
    };
    told(vec![
        Story {
            name: "one currency is the fund's unless it says otherwise; then the cost is asked in it",
            transactions: vec![in_euro("s1")],
            answers: &[("ocf.currency", "USD"), ("ocf.cost.s1", "112.50")],
            expected: &["s1 initial equity Series A 2022-01-01 100 cost 11250"],
        },
        Story {
            name: "of two currencies nobody knows which is the fund's",
            transactions: vec![in_euro("s1"), stock("s2", "2022-01-01", "fund", "a", "100", "1.00")],
            answers: &[],
            expected: &[
                "s1 initial equity Series A 2022-01-01 100 @100 cost 10000",
                "s2 initial equity Series A 2022-01-01 100 @100 cost 10000",
                "asks ocf.currency",
            ],
        },
    ]);
}

#[test]
fn packages_that_contradict_themselves() {
    let first = || stock("s1", "2022-01-01", "fund", "a", "100", "1.00");
    told(vec![
        Story {
            name: "more is transferred than held",
            transactions: vec![
                first(),
                transfer("t", "2023-01-01", "s1", "101", &["y"], None),
                stock("y", "2023-01-01", "angel", "a", "101", "1"),
            ],
            answers: &[],
            expected: &[
                "s1 initial equity Series A 2022-01-01 100 @100 cost 10000",
                "problem at Transactions.ocf.json, object t, quantity: 101 are transferred, but only 100 are held",
            ],
        },
        Story {
            name: "the balance is not the rest",
            transactions: vec![
                first(),
                transfer("t", "2023-01-01", "s1", "40", &["y"], Some("s2")),
                stock("y", "2023-01-01", "angel", "a", "40", "1"),
                stock("s2", "2023-01-01", "fund", "a", "61", "1"),
            ],
            answers: &[],
            expected: &[
                "s1 initial equity Series A 2022-01-01 100 @100 cost 10000",
                "problem at Transactions.ocf.json, object t, quantity: 40 are transferred and 61 are left in the balance s2, but 100 were held…",
            ],
        },
        Story {
            name: "the rest is nowhere",
            transactions: vec![
                first(),
                ended("STOCK_CANCELLATION", "k", "2023-01-01", "s1", json!({ "quantity": "37" })),
            ],
            answers: &[],
            expected: &[
                "s1 initial equity Series A 2022-01-01 100 @100 cost 10000",
                "problem at Transactions.ocf.json, object k, quantity: 37 of 100 are cancelled, and no balance_security_id says…",
            ],
        },
        Story {
            name: "ended twice",
            transactions: vec![
                first(),
                ended("STOCK_CANCELLATION", "k", "2023-01-01", "s1", json!({ "quantity": "100" })),
                ended("STOCK_REPURCHASE", "p", "2023-01-01", "s1", json!({ "quantity": "100", "price": usd("1") })),
            ],
            answers: &[],
            expected: &[
                "s1 initial equity Series A 2022-01-01 100 @100 cost 10000",
                "problem at Transactions.ocf.json, object p, security_id: the security s1 has ended already, by Transactions.ocf.json, object k…",
            ],
        },
        Story {
            name: "issued twice",
            transactions: vec![first(), {
                let mut again = first();
                again["id"] = json!("again");
                again
            }],
            answers: &[],
            expected: &[
                "s1 initial equity Series A 2022-01-01 100 @100 cost 10000",
                "problem at Transactions.ocf.json, object again, security_id: this security has been issued already…",
            ],
        },
        Story {
            name: "ended before it came about",
            transactions: vec![
                first(),
                ended("STOCK_CANCELLATION", "k", "2021-01-01", "s1", json!({ "quantity": "100" })),
            ],
            answers: &[],
            expected: &[
                "s1 initial equity Series A 2022-01-01 100 @100 cost 10000",
                "problem at Transactions.ocf.json, object k, date: the security s1 is cancelled before it comes about, on 2022-01-01",
            ],
        },
        Story {
            name: "securities that come from each other",
            transactions: vec![
                ended("STOCK_REISSUANCE", "r1", "2023-01-01", "s1", json!({ "resulting_security_ids": ["s2"] })),
                ended("STOCK_REISSUANCE", "r2", "2023-01-01", "s2", json!({ "resulting_security_ids": ["s1"] })),
                first(),
                stock("s2", "2022-01-01", "fund", "a", "100", "1.00"),
            ],
            answers: &[],
            expected: &[
                "problem at Transactions.ocf.json, object issue-s1, security_id: never comes about…",
                "problem at Transactions.ocf.json, object issue-s2, security_id: never comes about…",
            ],
        },
        Story {
            name: "who received it is not in the package, and where it came from neither",
            transactions: vec![
                first(),
                transfer("t", "2023-01-01", "s1", "100", &["gone"], None),
                transfer("u", "2023-01-01", "nowhere", "5", &["s5"], None),
                stock("s5", "2023-01-01", "fund", "a", "5", "1"),
            ],
            answers: &[],
            expected: &[
                "s1 initial equity Series A 2022-01-01 100 @100 cost 10000",
                "problem at Transactions.ocf.json, object issue-s5, security_id: comes from the security nowhere by…",
                "problem at Transactions.ocf.json, object t, resulting_security_ids: gone has no issuance in the package…",
            ],
        },
        Story {
            name: "a type that nobody knows is named where it is about the fund",
            transactions: vec![
                first(),
                ended("STOCK_MERGER", "m", "2023-01-01", "s1", json!({})),
                transaction("STOCK_ODDITY", "o", "2023-01-01", json!({ "security_id": "elsewhere" })),
            ],
            answers: &[],
            expected: &[
                "s1 initial equity Series A 2022-01-01 100 @100 cost 10000",
                "warning at Transactions.ocf.json, object m, object_type: is not read, and it is about the fund…",
                "warning at Transactions.ocf.json, object o, object_type: is no type that this reader knows…",
            ],
        },
        Story {
            name: "wrong values stand with their field, and answers with their question",
            transactions: vec![
                stock("s1", "2022-02-30", "fund", "a", "100", "1.00"),
                stock("s2", "2022-02-28", "fund", "a", "-5", "1.00"),
                stock("s3", "2022-02-28", "fund", "a", "1e3", "1.00"),
                stock("s4", "2022-02-28", "fund", "a", "5", "-1.00"),
                stock("s5", "2022-02-28", "fund", "a", "5", "1"),
            ],
            answers: &[("ocf.mark.a", "1.25"), ("ocf.cost.s9", "1")],
            expected: &[
                "s4 initial equity Series A 2022-02-28 5 cost ?",
                "s5 initial equity Series A 2022-02-28 5 @100 cost 500",
                "problem at Transactions.ocf.json, object issue-s1, date: must be a date of the calendar…",
                "problem at Transactions.ocf.json, object issue-s2, quantity: must be above 0",
                "problem at Transactions.ocf.json, object issue-s3, quantity: must be a number…",
                "problem at Transactions.ocf.json, object issue-s4, share_price.amount: must not be negative",
                "problem at ocf.mark.a: must be written like \"1.25 on 2024-12-31\"…",
                "warning at ocf.cost.s9: answers no question of this package; check its name",
                "asks ocf.cost.s4",
            ],
        },
    ]);
}

#[test]
fn a_lot_knows_its_round() {
    let mut files = files(&[stock("s1", "2022-01-01", "fund", "a", "1", "1")]);
    let financings = json!({ "file_type": "OCF_FINANCINGS_FILE", "items": [{ "object_type": "FINANCING", "id": "f",
        "name": "Series A, first closing", "date": "2022-01-01", "issuance_ids": ["issue-s1"] }] });
    files.push(("Financings.ocf.json".to_owned(), financings.to_string().into_bytes()));
    let manifest = files.first_mut().unwrap();
    let mut listed: Value = serde_json::from_slice(&manifest.1).unwrap();
    listed["financings_files"] = json!([{ "filepath": "Financings.ocf.json", "md5": "0" }]);
    manifest.1 = listed.to_string().into_bytes();
    let reading = judged(&Package::from_files(files).unwrap(), &answers(&[]));
    let lot = reading.draft.companies.first().unwrap().lots.first().unwrap();
    assert_eq!(lot.cheque.round.as_deref(), Some("Series A, first closing"));
}
