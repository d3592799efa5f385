//! Properties of any package: shares and cost are conserved, the order in the files says nothing, and nothing panics.

use std::collections::BTreeMap;

use formats::draft::{Answers, Company};
use formats::ocf::{Package, read};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use crate::packages::{
    FUND, TODAY, answers, convertible, files, judged, lines, package, stock, transaction, warrant, zipped,
};

const HOLDERS: [&str; 3] = [FUND, "fund-2", "angel"];
const CLASSES: [&str; 3] = ["a", "b", "c"];

/// Something that happens on a day of its own; what it refers to is drawn from what is there then.
#[derive(Clone, Debug)]
enum Step {
    Issue { holder: Index, class: Index, hundreds: u32 },
    Transfer { security: Index, to: Index, part: Part },
    Cancel { security: Index, part: Part },
    Convert { security: Index, to: Index, part: Part, ratio: (u32, u32) },
    Reissue { security: Index, part: Part },
    Consolidate { one: Index, other: Index },
    Split { class: Index, ratio: (u32, u32) },
}

/// A part of a security in hundredths of it.
type Part = u32;

fn step() -> impl Strategy<Value = Step> {
    let part = || prop_oneof![2 => Just(100_u32), 3 => 1..100_u32];
    let ratio = || select(vec![(2, 1), (3, 2), (1, 2), (5, 4), (1, 1)]);
    prop_oneof![
        3 => (any::<Index>(), any::<Index>(), 1..50_u32)
            .prop_map(|(holder, class, hundreds)| Step::Issue { holder, class, hundreds }),
        2 => (any::<Index>(), any::<Index>(), part()).prop_map(|(security, to, part)| Step::Transfer { security, to, part }),
        1 => (any::<Index>(), part()).prop_map(|(security, part)| Step::Cancel { security, part }),
        2 => (any::<Index>(), any::<Index>(), part(), ratio())
            .prop_map(|(security, to, part, ratio)| Step::Convert { security, to, part, ratio }),
        1 => (any::<Index>(), part()).prop_map(|(security, part)| Step::Reissue { security, part }),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(one, other)| Step::Consolidate { one, other }),
        1 => (any::<Index>(), ratio()).prop_map(|(class, ratio)| Step::Split { class, ratio }),
    ]
}

/// A security that has not ended.
#[derive(Clone)]
struct Security {
    id: String,
    holder: &'static str,
    class: &'static str,
    shares: BigRational,
}

/// Writes the transactions of a history, and keeps what everybody holds.
#[derive(Default)]
struct Register {
    live: Vec<Security>,
    transactions: Vec<Value>,
    day: usize,
}

impl Register {
    fn date(&self) -> String {
        format!("20{:02}-{:02}-{:02}", 10 + self.day / 336, 1 + self.day % 336 / 28, 1 + self.day % 28)
    }

    fn issue(&mut self, holder: &'static str, class: &'static str, shares: BigRational) -> Option<String> {
        let id = format!("s{}", self.transactions.len());
        self.transactions.push(stock(&id, &self.date(), holder, class, &decimal(&shares)?, "1.25"));
        self.live.push(Security { id: id.clone(), holder, class, shares });
        Some(id)
    }

    /// Ends a security: `results` are issued, and the balance where a part stays. Nothing happens where a number of shares
    /// would not fit a certificate.
    fn end(
        &mut self,
        position: usize,
        kind: &str,
        quantity: &str,
        part: u32,
        results: &[(&'static str, &'static str, BigRational)],
    ) {
        let ended = self.live[position].clone();
        let leaving = &ended.shares * BigRational::new(part.into(), 100.into());
        let rest = &ended.shares - &leaving;
        let sizes = results.iter().map(|(_, _, shares)| shares).chain([&leaving, &rest]);
        if sizes.into_iter().any(|size| decimal(size).is_none()) {
            return;
        }
        self.live.remove(position);
        let results: Vec<String> =
            results.iter().filter_map(|(holder, class, shares)| self.issue(holder, class, shares.clone())).collect();
        let mut fields = json!({ "security_id": ended.id, "resulting_security_ids": results });
        if !quantity.is_empty() {
            fields[quantity] = json!(decimal(&leaving).unwrap());
        }
        if !rest.is_zero() && !quantity.is_empty() {
            fields["balance_security_id"] = json!(self.issue(ended.holder, ended.class, rest).unwrap());
        }
        let id = format!("t{}", self.transactions.len());
        self.transactions.push(transaction(kind, &id, &self.date(), fields));
    }

    fn take(&mut self, step: &Step) {
        self.day += 1;
        let pick = |index: &Index, live: &[Security]| (!live.is_empty()).then(|| index.index(live.len()));
        let scaled = |security: &Security, part: u32| &security.shares * BigRational::new(part.into(), 100.into());
        match step {
            Step::Issue { holder, class, hundreds } => {
                let shares = BigRational::from_integer((hundreds * 100).into());
                self.issue(HOLDERS[holder.index(3)], CLASSES[class.index(3)], shares);
            }
            Step::Transfer { security, to, part } => {
                let Some(position) = pick(security, &self.live) else { return };
                let from = self.live[position].clone();
                let result = (HOLDERS[to.index(3)], from.class, scaled(&from, *part));
                self.end(position, "STOCK_TRANSFER", "quantity", *part, &[result]);
            }
            Step::Cancel { security, part } => {
                let Some(position) = pick(security, &self.live) else { return };
                self.end(position, "STOCK_CANCELLATION", "quantity", *part, &[]);
            }
            Step::Convert { security, to, part, ratio } => {
                let Some(position) = pick(security, &self.live) else { return };
                let from = self.live[position].clone();
                let shares = scaled(&from, *part) * BigRational::new(ratio.0.into(), ratio.1.into());
                let result = (from.holder, CLASSES[to.index(3)], shares);
                self.end(position, "STOCK_CONVERSION", "quantity_converted", *part, &[result]);
            }
            Step::Reissue { security, part } => {
                let Some(position) = pick(security, &self.live) else { return };
                let from = self.live[position].clone();
                let one = scaled(&from, *part);
                let other = &from.shares - &one;
                let results: Vec<_> = [one, other]
                    .into_iter()
                    .filter(|size| !size.is_zero())
                    .map(|size| (from.holder, from.class, size))
                    .collect();
                self.end(position, "STOCK_REISSUANCE", "", 100, &results);
            }
            Step::Consolidate { one, other } => self.consolidate(one, other),
            Step::Split { class, ratio } => self.split(CLASSES[class.index(3)], *ratio),
        }
    }

    fn consolidate(&mut self, one: &Index, other: &Index) {
        if self.live.len() < 2 {
            return;
        }
        let (one, other) =
            (self.live[one.index(self.live.len())].clone(), self.live[other.index(self.live.len())].clone());
        let is_written = decimal(&(&one.shares + &other.shares)).is_some();
        if one.id == other.id || one.class != other.class || one.holder != other.holder || !is_written {
            return;
        }
        self.live.retain(|security| security.id != one.id && security.id != other.id);
        let result = self.issue(one.holder, one.class, &one.shares + &other.shares).unwrap();
        let id = format!("t{}", self.transactions.len());
        let fields = json!({ "security_ids": [one.id, other.id], "resulting_security_id": result });
        self.transactions.push(transaction("STOCK_CONSOLIDATION", &id, &self.date(), fields));
    }

    fn split(&mut self, class: &'static str, ratio: (u32, u32)) {
        let id = format!("t{}", self.transactions.len());
        let fields = json!({ "stock_class_id": class,
            "split_ratio": { "numerator": ratio.0.to_string(), "denominator": ratio.1.to_string() } });
        self.transactions.push(transaction("STOCK_CLASS_SPLIT", &id, &self.date(), fields));
        for security in self.live.iter_mut().filter(|security| security.class == class) {
            security.shares *= BigRational::new(ratio.0.into(), ratio.1.into());
        }
    }
}

/// A decimal of at most 6 decimals.
fn decimal(shares: &BigRational) -> Option<String> {
    let scaled = shares * BigRational::from_integer(1_000_000.into());
    scaled.is_integer().then(|| {
        let digits = format!("{:0>7}", scaled.to_integer());
        format!("{}.{}", &digits[..digits.len() - 6], &digits[digits.len() - 6..])
    })
}

fn number(text: &Value) -> BigRational {
    let text = text.as_str().map_or_else(|| text.to_string(), str::to_owned);
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let digits: BigInt = format!("{whole}{decimals}").parse().unwrap();
    BigRational::new(digits, BigInt::from(10).pow(u32::try_from(decimals.len()).unwrap()))
}

/// What a document has in the end: shares by the class's own name. Written apart from the reader, and from the engine.
fn held(company: &Company) -> BTreeMap<String, BigRational> {
    // The lots there are on a day: class and shares.
    let mut lots: BTreeMap<&str, (String, BigRational)> = BTreeMap::new();
    let mut days: Vec<&str> = company.lots.iter().filter_map(|lot| lot.purchase_date.as_deref()).collect();
    days.extend(company.events.iter().map(|event| event.date.as_str()));
    days.sort_unstable();
    days.dedup();
    for day in days {
        let on = |names: &'static [&'static str]| {
            company.events.iter().filter(move |event| event.date == day && names.contains(&event.event_type.as_str()))
        };
        let field =
            |event: &formats::draft::Event, name: &str| event.fields[name].as_str().unwrap_or_default().to_owned();
        for event in on(&["split", "class_conversion"]) {
            let from = if event.event_type == "split" { "shareClass" } else { "fromClass" };
            let to = if event.event_type == "split" { "shareClass" } else { "toClass" };
            let ratio = number(&event.fields["numerator"]) / number(&event.fields["denominator"]);
            for (class, shares) in lots.values_mut().filter(|(class, _)| *class == field(event, from)) {
                *class = field(event, to);
                *shares *= &ratio;
            }
        }
        for lot in company.lots.iter().filter(|lot| lot.purchase_date.as_deref() == Some(day)) {
            let shares = number(&json!(lot.shares_acquired.as_deref().unwrap()));
            lots.insert(&lot.id, (lot.share_class.clone().unwrap(), shares));
        }
        for event in on(&["disposal"]) {
            for (lot, sold) in event.fields["lots"].as_object().unwrap() {
                lots.get_mut(lot.as_str()).unwrap().1 -= number(sold);
            }
        }
    }
    let mut sums: BTreeMap<String, BigRational> = BTreeMap::new();
    for (class, shares) in lots.into_values() {
        let plain = class.split(", until").next().unwrap().to_owned();
        let plain = plain.split(" (").next().unwrap().to_owned();
        *sums.entry(plain).or_insert_with(BigRational::zero) += shares;
    }
    sums.retain(|_, shares| !shares.is_zero());
    sums
}

/// Answers every question that must be answered: the first choice, or an amount.
fn answered(package: &Package, mut given: Answers) -> Answers {
    for _ in 0..6 {
        let open = read(package, &given).questions.into_iter().filter(|question| !question.optional);
        let before = given.len();
        for question in open {
            let answer = question.choices.first().map_or("7", |choice| &choice.value);
            let answer = if question.id == "ocf.currency" { "USD" } else { answer };
            given.entry(question.id).or_insert_with(|| answer.to_owned());
        }
        if given.len() == before {
            break;
        }
    }
    given
}

/// Any transaction at all, of securities that may be there and may be not.
fn any_transaction() -> impl Strategy<Value = Value> {
    let security = || select(vec!["s1", "s2", "s3", "s4", "s5", "w1", "w2", "n1", "n2", "…"]);
    let quantity = || select(vec!["1", "2", "3", "10", "0.5", "0", "-1", "x", "99999999999999999999", "0.000000001"]);
    let date = || select(vec!["2022-01-01", "2023-01-01", "2023-01-02", "2024-02-29", "2023-02-30"]);
    let holder = || select(vec![FUND, FUND, "fund-2", "angel", "nobody"]);
    let class = || select(vec!["a", "a", "c", "unknown"]);
    let issued = (security(), date(), holder(), class(), quantity(), quantity(), 0..4_u8).prop_map(
        |(security, date, holder, class, quantity, price, kind)| match (kind, security.as_bytes()[0]) {
            (0, _) | (_, b's') => stock(security, date, holder, class, quantity, price),
            (_, b'w') => warrant(security, date, holder, quantity, price, "1"),
            (1, _) => convertible("SAFE", security, date, holder, quantity),
            _ => convertible("NOTE", security, date, holder, quantity),
        },
    );
    let kinds = select(vec![
        "STOCK_TRANSFER",
        "STOCK_CANCELLATION",
        "STOCK_REPURCHASE",
        "STOCK_CONVERSION",
        "STOCK_REISSUANCE",
        "STOCK_CONSOLIDATION",
        "STOCK_RETRACTION",
        "STOCK_CLASS_SPLIT",
        "STOCK_CLASS_CONVERSION_RATIO_ADJUSTMENT",
        "CONVERTIBLE_CONVERSION",
        "CONVERTIBLE_TRANSFER",
        "CONVERTIBLE_CANCELLATION",
        "CONVERTIBLE_RETRACTION",
        "WARRANT_EXERCISE",
        "WARRANT_TRANSFER",
        "WARRANT_CANCELLATION",
        "WARRANT_RETRACTION",
        "STOCK_MERGER",
        "EQUITY_COMPENSATION_EXERCISE",
        "VESTING_START",
    ]);
    let ended = (
        kinds,
        date(),
        security(),
        quantity(),
        proptest::collection::vec(security(), 0..3),
        proptest::option::of(security()),
        class(),
    )
        .prop_map(|(kind, date, security, quantity, results, balance, class)| {
            let mut fields = json!({
                "security_id": security, "quantity": quantity, "quantity_converted": quantity, "security_ids": results,
                "amount": { "amount": quantity, "currency": "USD" }, "price": { "amount": quantity, "currency": "USD" },
                "resulting_security_ids": results, "resulting_security_id": security, "stock_class_id": class,
                "split_ratio": { "numerator": quantity, "denominator": "3" } });
            if let Some(balance) = balance {
                fields["balance_security_id"] = json!(balance);
            }
            transaction(kind, "", date, fields)
        });
    prop_oneof![issued, ended]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn shares_and_cost_are_conserved(steps in proptest::collection::vec(step(), 1..25), both in any::<bool>(), lifo in any::<bool>()) {
        let mut register = Register::default();
        steps.iter().for_each(|step| register.take(step));
        let vehicles = if both { vec![FUND, "fund-2"] } else { vec![FUND] };
        let package = package(&register.transactions);
        let mut given = answers(&[("ocf.stakeholder", &vehicles.join(","))]);
        if lifo {
            let open = read(&package, &given).questions;
            given.extend(open.into_iter().filter(|question| question.id.starts_with("ocf.relief")).map(|question| (question.id, "lifo".to_owned())));
        }
        let given = answered(&package, given);
        let reading = judged(&package, &given);
        // A lot can be cut only where its shares at the purchase have few decimals, and this is said.
        let is_uncuttable = |message: &str| message.contains("no lot can be cut there");
        prop_assume!(!reading.problems.iter().any(|problem| is_uncuttable(&problem.message)));
        prop_assert!(reading.problems.is_empty(), "{:?}", lines(&reading));

        let names = BTreeMap::from([("a", "Series A"), ("b", "Series B"), ("c", "Common")]);
        let mut expected: BTreeMap<String, BigRational> = BTreeMap::new();
        for security in register.live.iter().filter(|security| vehicles.contains(&security.holder)) {
            *expected.entry(names[security.class].to_owned()).or_insert_with(BigRational::zero) += &security.shares;
        }
        let company = reading.draft.companies.first().unwrap();
        prop_assert_eq!(held(company), expected, "{:#?}", lines(&reading));

        // Every purchase is a lot or several that were one, and their cost is what was paid.
        let mut cost: BTreeMap<&str, BigInt> = BTreeMap::new();
        for lot in &company.lots {
            let bought = lot.id.split('/').next().unwrap();
            *cost.entry(bought).or_default() += lot.cost_basis_cents.as_deref().unwrap().parse::<BigInt>().unwrap();
        }
        for (bought, cost) in cost {
            let issued = register.transactions.iter().find(|issued| issued["id"] == format!("issue-{bought}")).unwrap();
            let paid = given.get(&format!("ocf.cost.{bought}")).map_or_else(
                || number(&issued["quantity"]) * BigRational::from_integer(125.into()),
                |answer| number(&json!(answer)) * BigRational::from_integer(100.into()),
            );
            prop_assert_eq!(BigRational::from_integer(cost), paid);
        }
    }

    #[test]
    fn the_order_in_the_files_says_nothing(steps in proptest::collection::vec(step(), 1..20), seed in any::<prop::sample::Selector>()) {
        let mut register = Register::default();
        steps.iter().for_each(|step| register.take(step));
        let given = answered(&package(&register.transactions), answers(&[]));
        let mut shuffled = Vec::new();
        let mut left = register.transactions.clone();
        while !left.is_empty() {
            let position = seed.select(0..left.len());
            shuffled.push(left.remove(position));
        }
        prop_assert_eq!(
            judged(&package(&register.transactions), &given).draft,
            judged(&package(&shuffled), &given).draft
        );
    }

    #[test]
    fn what_the_reader_accepts_the_engine_accepts(
        transactions in proptest::collection::vec(any_transaction(), 1..14),
        both in any::<bool>(),
    ) {
        let transactions: Vec<Value> = transactions.into_iter().enumerate().map(|(index, mut transaction)| {
            transaction["id"] = json!(format!("t{index}"));
            transaction
        }).collect();
        let package = package(&transactions);
        let vehicles = if both { "fund,fund-2" } else { FUND };
        let given = answered(&package, answers(&[("ocf.stakeholder", vehicles)]));
        let mut reading = read(&package, &given);
        let before = reading.problems.len();
        reading.judge(TODAY.parse().unwrap());
        // Numbers beyond the engine's bounds are for the engine to refuse.
        let is_too_large = |message: &str| message.contains("too large");
        let found: Vec<_> = reading.problems.iter().skip(before).filter(|problem| !is_too_large(&problem.message)).collect();
        prop_assert!(found.is_empty(), "{:#?}\n{:#?}", lines(&reading), transactions);
    }

    #[test]
    fn mutated_packages_never_panic(
        which in 0..4_usize,
        changes in proptest::collection::vec((any::<Index>(), any::<Option<u8>>(), any::<bool>()), 0..6),
        as_zip in any::<bool>(),
    ) {
        let transactions = [
            stock("s1", "2022-01-01", FUND, "a", "100", "1.00"),
            warrant("w1", "2022-01-01", FUND, "100", "1.00", "1"),
            convertible("SAFE", "n1", "2022-01-01", FUND, "100"),
            transaction("STOCK_CONVERSION", "k", "2023-01-01", json!({
                "security_id": "s1", "quantity_converted": "40", "resulting_security_ids": ["s2"], "balance_security_id": "s3" })),
            stock("s2", "2023-01-01", FUND, "c", "40", "1.00"),
            stock("s3", "2023-01-01", FUND, "a", "60", "1.00"),
        ];
        let mut files = files(&transactions);
        let mutate = |bytes: &mut Vec<u8>| {
            for (at, byte, insert) in &changes {
                if bytes.is_empty() {
                    return;
                }
                let at = at.index(bytes.len());
                match byte {
                    Some(byte) if *insert => bytes.insert(at, *byte),
                    Some(byte) => bytes[at] = *byte,
                    None => { bytes.remove(at); }
                }
            }
        };
        let package = if as_zip {
            let mut zip = zipped(&files);
            mutate(&mut zip);
            Package::from_zip(&zip)
        } else {
            mutate(&mut files[which].1);
            Package::from_files(files)
        };
        if let Ok(package) = package {
            judged(&package, &answers(&[("ocf.mark.a", "1 on 2024-01-01")]));
        }
    }

    #[test]
    fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Package::from_zip(&bytes);
        let package = Package::from_files(vec![("a.json".to_owned(), bytes)]).unwrap();
        judged(&package, &answers(&[]));
    }
}

#[test]
fn ones_are_one() {
    assert_eq!(number(&json!("1.000000")), BigRational::one());
    assert_eq!(decimal(&BigRational::new(5.into(), 4.into())).as_deref(), Some("1.250000"));
}
