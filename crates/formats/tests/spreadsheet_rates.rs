//! Rates of return against a spreadsheet: LibreOffice recalculates `=XIRR(…)` over random payments, in one run, and every
//! number it finds must be ours to 1e-9.
//!
//! Where LibreOffice gives up there is nothing to compare; that our rate is right there is shown by the engine's own
//! tests, which discount with it. Without LibreOffice on the machine the test says so and passes.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::process::Command;

use calamine::{Data, Reader, Xlsx, open_workbook};
use jiff::civil::{Date, date};
use jiff::{Span, ToSpan};
use moic::Cents;
use moic::analysis::{CashFlow, InternalRate, NoRate, xirr};
use rust_xlsxwriter::{Formula, Workbook};
use tempfile::TempDir;

/// What two rates may differ by, in proportion to one plus the rate.
const TOLERANCE: f64 = 1e-9;
/// How long LibreOffice may take, in seconds.
const RECALCULATION_SECONDS_MAX: &str = "240";
/// The first date of spreadsheets plus as many days as make it 2019-01-31.
const START_SERIAL: u32 = 43_496;
const START: Date = date(2019, 1, 31);

/// Payments in cents by days after the start, ascending; received is positive.
type Payments = Vec<(u32, i64)>;

#[test]
fn rates_equal_those_of_a_spreadsheet() {
    let office = office().expect("soffice is there: apt-get install libreoffice-calc-nogui");
    let cases = cases();
    let folder = tempfile::tempdir().expect("a folder");
    let theirs = recalculated(&office, &folder, &cases);
    let mut tally = Tally::default();
    for (payments, theirs) in cases.iter().zip(theirs) {
        tally.count(payments, theirs, &xirr(&flows(payments)));
    }
    println!("{tally:?}");
    assert!(tally.wrong.is_empty(), "{:#?}", tally.wrong);
    assert!(tally.same * 10 > cases.len() * 8, "too little was compared: {tally:?}");
    assert!(tally.several_same > 10 * tally.several_other, "of several rates too often another one: {tally:?}");
}

/// How the comparison went.
#[derive(Debug, Default)]
struct Tally {
    /// The same number.
    same: usize,
    /// The largest difference among them, in proportion to one plus the rate.
    difference_max: f64,
    /// Several rates, and the same one reported.
    several_same: usize,
    /// Several rates, and the spreadsheet shows another of them: it starts anew at −99 % where Newton's method fails from
    /// 10 %, and we take the one nearest to 10 %.
    several_other: usize,
    /// No rate either way.
    both_none: usize,
    /// Only we found one.
    only_ours: usize,
    /// The spreadsheet shows a number around which the worth does not change its sign, such as a double root missed a little.
    theirs_unsolved: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn count(&mut self, payments: &Payments, theirs: Option<f64>, ours: &Result<InternalRate, NoRate>) {
        let Some(theirs) = theirs else {
            *(if ours.is_ok() { &mut self.only_ours } else { &mut self.both_none }) += 1;
            return;
        };
        let difference = |rate: &moic::analysis::Rate| {
            (rate.value().parse::<f64>().expect("a number") - theirs).abs() / (1.0 + theirs).max(1.0)
        };
        match ours {
            Ok(found) if difference(found.rate()) <= TOLERANCE => {
                self.same += 1;
                self.several_same += usize::from(found.has_several_roots());
                self.difference_max = self.difference_max.max(difference(found.rate()));
            }
            Ok(found) if found.others().iter().any(|rate| difference(rate) <= TOLERANCE) => self.several_other += 1,
            _ if !solves(payments, theirs) => self.theirs_unsolved += 1,
            _ => {
                let ours = ours.as_ref().map(|found| found.rate().value());
                self.wrong.push(format!("{theirs} is {ours:?} for {payments:?}"));
            }
        }
    }
}

/// Whether the worth of the payments changes its sign around the rate.
fn solves(payments: &Payments, rate: f64) -> bool {
    let worth = |rate: f64| {
        let terms = payments.iter().map(|(day, cents)| {
            let cents = f64::from(i32::try_from(*cents / 1_000).expect("small")) * 1e3
                + f64::from(i32::try_from(cents % 1_000).expect("small"));
            cents / (1.0 + rate).powf(f64::from(*day) / 365.0)
        });
        terms.sum::<f64>()
    };
    let nudge = (1.0 + rate) * 1e-6;
    worth(rate - nudge).is_sign_negative() != worth(rate + nudge).is_sign_negative()
}

fn flows(payments: &Payments) -> Vec<CashFlow> {
    payments
        .iter()
        .map(|(day, amount)| {
            let date = START.checked_add(span(*day)).expect("a date");
            let cents = Cents::parse(&amount.unsigned_abs().to_string()).expect("cents");
            if *amount < 0 { CashFlow::paid(date, cents) } else { CashFlow::received(date, cents) }
        })
        .collect()
}

fn span(days: u32) -> Span {
    i64::from(days).days()
}

/// A small generator of numbers, the same on every machine (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u32) -> u32 {
        u32::try_from(self.next() % u64::from(limit)).expect("below 32 bits")
    }

    fn amount(&mut self) -> i64 {
        let digits = 3 + self.below(8);
        i64::try_from(self.next() % 10_u64.pow(digits)).expect("few digits") + 1
    }
}

fn cases() -> Vec<Payments> {
    let mut numbers = Numbers(20_190_614);
    let mut cases = Vec::new();
    // A fund's position: cheques first, then what comes back and what is held.
    for _ in 0..500 {
        let mut payments = Payments::new();
        let mut day = 0;
        for _ in 0..=numbers.below(4) {
            payments.push((day, -numbers.amount()));
            day += 1 + numbers.below(700);
        }
        for _ in 0..=numbers.below(5) {
            payments.push((day, numbers.amount()));
            day += 1 + numbers.below(900);
        }
        cases.push(payments);
    }
    // Follow-ons between distributions: several changes of sign.
    for _ in 0..300 {
        let mut payments = vec![(0, -numbers.amount())];
        let mut day = 0;
        for _ in 0..=numbers.below(12) {
            day += 1 + numbers.below(500);
            let amount = numbers.amount();
            payments.push((day, if numbers.below(2) == 0 { amount } else { -amount }));
        }
        cases.push(payments);
    }
    // Products (g − a)(g − b)… with known rates, the payments a year apart.
    for _ in 0..100 {
        let mut coefficients = vec![1.0_f64];
        for _ in 0..2 + numbers.below(2) {
            let root = f64::from(40 + numbers.below(240)) / 100.0;
            let shifted = std::iter::once(0.0).chain(coefficients.iter().map(|term| term * root));
            coefficients =
                coefficients.iter().copied().chain(std::iter::once(0.0)).zip(shifted).map(|(a, b)| a - b).collect();
        }
        let years = coefficients.iter().zip(0_u32..);
        // Two or three roots of two decimals each: whole after a factor of 10^6.
        cases.push(years.map(|(term, year)| (year * 365, whole(-term * 1e6))).collect());
    }
    cases
}

fn whole(number: f64) -> i64 {
    format!("{number:.0}").parse().expect("a whole number")
}

fn office() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("soffice")).find(|program| program.is_file())
}

/// What the spreadsheet makes of each case; none where it shows an error.
fn recalculated(office: &Path, folder: &TempDir, cases: &[Payments]) -> Vec<Option<f64>> {
    let (profile, source, results) =
        (folder.path().join("profile"), folder.path().join("rates.xlsx"), folder.path().join("results"));
    std::fs::create_dir_all(profile.join("user")).expect("a profile");
    std::fs::write(profile.join("user/registrymodifications.xcu"), ALWAYS_RECALCULATE).expect("its settings");
    write(&source, cases);
    let status = Command::new("timeout")
        .args(["--kill-after=5", RECALCULATION_SECONDS_MAX])
        .arg(office)
        .arg(format!("-env:UserInstallation=file://{}", profile.display()))
        .args(["--headless", "--norestore", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir"])
        .arg(&results)
        .arg(&source)
        .status()
        .expect("LibreOffice starts");
    assert!(status.success(), "LibreOffice ended with {status}");
    let mut book: Xlsx<_> = open_workbook(results.join("rates.xlsx")).expect("what LibreOffice wrote");
    let sheet = book.worksheet_range("Rates").expect("the sheet");
    (0_u32..)
        .zip(cases)
        .map(|(case, _)| match sheet.get_value((2 * case, 0)) {
            Some(Data::Float(rate)) => Some(*rate),
            Some(Data::Error(_)) | Some(Data::String(_)) => None,
            other => panic!("case {case} was not recalculated: {other:?}"),
        })
        .collect()
}

/// A profile that recalculates files of other programs when it loads them.
const ALWAYS_RECALCULATE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"#;

/// Two rows a case: the formula and the amounts, and below them the dates.
fn write(path: &Path, cases: &[Payments]) {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("Rates").expect("a name");
    for (case, payments) in (0_u32..).zip(cases) {
        let row = 2 * case;
        for (column, (day, cents)) in (1_u16..).zip(payments) {
            sheet.write_number(row, column, cents.to_string().parse::<f64>().expect("a number")).expect("an amount");
            sheet.write_number(row + 1, column, START_SERIAL + day).expect("a date");
        }
        let last =
            rust_xlsxwriter::utility::column_number_to_name(u16::try_from(payments.len()).expect("few payments"));
        let (amounts, dates) = (row + 1, row + 2);
        let formula = Formula::new(format!("=XIRR(B{amounts}:{last}{amounts},B{dates}:{last}{dates})"))
            .set_result("not recalculated");
        sheet.write_formula(row, 0, formula).expect("a formula");
    }
    book.save(path).expect("the file");
}
