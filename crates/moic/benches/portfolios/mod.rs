//! Documents for benchmarks, the same on every run.

#![expect(clippy::unwrap_used, reason = "writing into a String cannot fail")]

use std::fmt::Write;

/// What happened in a company.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum History {
    /// Purchases and marks; one exit case.
    Marks,
    /// Also a split, a distribution and two sales; three exit cases.
    Full,
}

/// A portfolio document of `companies` companies with five lots each.
pub fn document(companies: u64, history: History) -> String {
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    let mut json = String::from(r#"{"asOf":"2025-12-31","currency":"USD","companies":["#);
    for index in 0..companies {
        if index > 0 {
            json.push(',');
        }
        company(&mut json, index, history, &mut numbers);
    }
    json.push_str("]}");
    json
}

fn company(json: &mut String, index: u64, history: History, numbers: &mut Numbers) {
    let sector = index % 8;
    write!(json, r#"{{"id":"{index}","name":"Company {index}","sector":"Sector {sector}","lots":["#).unwrap();
    for lot in 0..5 {
        let lot_type = if lot == 0 { "initial" } else { "follow_on" };
        let class = if lot < 3 { "PS" } else { "CS" };
        let (shares, fraction) = (numbers.between(10_000, 900_000), numbers.between(0, 999_999));
        let cost = shares * numbers.between(100, 900);
        let comma = if lot == 0 { "" } else { "," };
        write!(json, r#"{comma}{{"id":"lot{lot}","lotType":"{lot_type}","instrument":"equity","shareClass":"{class}","purchaseDate":"{}-03-31","sharesAcquired":"{shares}.{fraction:06}","costBasisCents":"{cost}"}}"#, 2018 + lot).unwrap();
    }
    json.push_str(r#"],"events":["#);
    for class in ["PS", "CS"] {
        let (price, fraction) = (numbers.between(100, 2_000), numbers.between(0, 999));
        write!(json, r#"{{"type":"mark","date":"2023-12-31","shareClass":"{class}","sharePriceCents":"{price}.{fraction:03}","fxRate":"1"}},"#).unwrap();
    }
    if history == History::Full {
        json.push_str(concat!(
            r#"{"type":"split","date":"2021-06-30","shareClass":"PS","numerator":3,"denominator":1},"#,
            r#"{"type":"disposal","date":"2022-06-30","shareClass":"PS","shares":"5000","proceedsCents":"4500000","relief":"fifo"},"#,
            r#"{"type":"disposal","date":"2022-08-30","shares":"5000","proceedsCents":"9000000","lots":{"lot3":"5000"}},"#,
            r#"{"type":"distribution","date":"2022-07-30","lot":"lot4","amountCents":"1000000"},"#,
        ));
    }
    json.pop();
    json.push_str(r#"],"exitCases":["#);
    let cases: &[(&str, u64)] =
        if history == History::Full { &[("3/5", 1_300), ("0.3", 2_600), ("1/10", 150)] } else { &[("1", 1_300)] };
    for (position, (probability, price)) in cases.iter().enumerate() {
        let comma = if position == 0 { "" } else { "," };
        write!(json, r#"{comma}{{"id":"case{position}","probability":"{probability}","exitPricesCents":{{"PS":"{price}.5","CS":"{price}"}},"plannedReserves":[{{"id":"next","amountCents":"50000000","shareClass":"PS","sharePriceCents":"800","deployProbability":"1"}}]}}"#).unwrap();
    }
    json.push_str("]}");
}

/// xorshift64: a fixed sequence without a dependency.
struct Numbers(u64);

impl Numbers {
    fn between(&mut self, low: u64, high: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        low + self.0 % (high - low + 1)
    }
}
