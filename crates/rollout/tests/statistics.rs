//! The formulas of rollouts.md §3 beside values computed independently, in Python, from the formulas alone:
//! `tests/reference/generate.py`.

#![expect(clippy::unwrap_used, reason = "a broken case fails the test")]

use rollout::statistics::{
    self, Above, Below, Pair, RatioSequence, SampleRatio, TreatmentControl, cut, proportion, upper_bound,
};
use serde_json::Value;

/// Of the largest scores only so many digits can agree: they are sums of thousands of logarithms.
const TOLERANCE: f64 = 1e-9;

fn cases(test: &str) -> Vec<Value> {
    let all: Vec<Value> = serde_json::from_str(include_str!("reference/values.json")).unwrap();
    let cases: Vec<Value> = all.into_iter().filter(|case| case["test"] == test).collect();
    assert!(!cases.is_empty(), "there is no reference value for {test}");
    cases
}

fn assert_close(found: f64, expected: &Value, what: &str) {
    let expected = expected.as_f64().unwrap();
    let error = (found - expected).abs();
    assert!(error <= TOLERANCE * expected.abs().max(1.0), "{what}: {found} instead of {expected}");
}

fn minutes(case: &Value) -> u32 {
    u32::try_from(case["maxSoakMinutes"].as_u64().unwrap()).unwrap()
}

/// Rows of whole numbers.
fn rows(case: &Value, name: &str) -> Vec<Vec<u64>> {
    serde_json::from_value(case[name].clone()).unwrap()
}

/// The treatment's share in a tick of a test: the design's, or the observed one.
fn share(case: &Value, tick: &[u64]) -> Option<f64> {
    case["share"].as_f64().or_else(|| {
        let (treatment, control) = (tick[0] as f64, tick[2] as f64);
        (treatment > 0.0 && control > 0.0).then(|| treatment / (treatment + control))
    })
}

/// Runs a test over the ticks of a case and compares the score after each.
fn compare(case: &Value, ticks: &str, mut observe: impl FnMut(&[u64]) -> f64) {
    let expected = case["logE"].as_array().unwrap();
    let ticks = rows(case, ticks);
    assert_eq!(ticks.len(), expected.len());
    for (number, (tick, expected)) in ticks.iter().zip(expected).enumerate() {
        assert_close(observe(tick), expected, &format!("tick {number} of {}", case["what"]));
    }
}

fn treatment_control(case: &Value) {
    let mut test = TreatmentControl::new(case["tolerance"].as_f64().unwrap(), minutes(case));
    compare(case, "ticks", |tick| {
        test.observe(Pair { treatment: tick[1], control: tick[3] }, share(case, tick));
        test.ln_e()
    });
}

fn above(case: &Value) {
    let mut test = Above::new(case["limit"].as_f64().unwrap(), minutes(case));
    compare(case, "ticks", |tick| {
        test.observe(tick[0], tick[1]);
        test.ln_e()
    });
}

fn below(case: &Value) {
    let mut test = Below::new(case["success"].as_f64().unwrap(), case["limit"].as_f64().unwrap(), minutes(case));
    compare(case, "ticks", |tick| {
        test.observe(tick[0], tick[1]);
        test.ln_e_pass()
    });
}

#[test]
fn treatment_against_control() {
    cases("treatment_control").iter().for_each(treatment_control);
}

#[test]
fn above_a_limit() {
    cases("above").iter().for_each(above);
}

#[test]
fn below_a_limit() {
    cases("below").iter().for_each(below);
}

fn sample_ratio(case: &Value) {
    let mut test = SampleRatio::new(case["share"].as_f64().unwrap());
    compare(case, "users", |users| {
        test.observe(users[0], users[1]);
        test.ln_e()
    });
}

#[test]
fn arms_of_the_wrong_sizes() {
    cases("sample_ratio").iter().for_each(sample_ratio);
}

#[test]
fn cuts_and_their_comparison_bounds() {
    for case in cases("cut") {
        let bounds: Vec<f64> = serde_json::from_value(case["bounds"].clone()).unwrap();
        let cumulative: Vec<u64> = serde_json::from_value(case["cumulative"].clone()).unwrap();
        let counts: Vec<u64> =
            cumulative.iter().scan(0, |before, seen| Some(seen - std::mem::replace(before, *seen))).collect();
        let found = cut(&bounds, &counts, case["quantile"].as_f64().unwrap());
        assert_eq!(found, case["cut"].as_f64(), "{case}");
        let comparison = found.and_then(|cut| statistics::at_or_above(&bounds, 1.2 * cut)).map(|index| bounds[index]);
        assert_eq!(comparison, case["comparison"].as_f64(), "{case}");
    }
}

#[test]
fn proportions() {
    for case in cases("proportion") {
        let (n, x) = (case["n"].as_u64().unwrap(), case["x"].as_u64().unwrap());
        let interval = proportion(n, x, case["alpha"].as_f64().unwrap());
        assert_close(interval.lower, &case["lower"], "lower end");
        assert_close(interval.upper, &case["upper"], "upper end");
    }
    for case in cases("proportion_upper") {
        let (n, x) = (case["n"].as_u64().unwrap(), case["x"].as_u64().unwrap());
        assert_close(upper_bound(n, x, case["alpha"].as_f64().unwrap()), &case["upper"], &format!("{x} of {n}"));
    }
}

#[test]
fn ratios_of_rates() {
    for case in cases("ratio") {
        let mut sequence = RatioSequence::default();
        for tick in rows(&case, "ticks") {
            sequence.observe(Pair { treatment: tick[1], control: tick[3] }, share(&case, &tick));
        }
        let interval = sequence.interval(case["alpha"].as_f64().unwrap());
        assert_close(interval.lower, &case["lower"], "lower end");
        assert_close(interval.upper, &case["upper"], "upper end");
    }
}

/// Where the Python package confseq has the same quantity.
#[test]
fn confseq_agrees() {
    for case in cases("confseq") {
        match case["what"].as_str().unwrap() {
            "treatment_control" => treatment_control(&case),
            "above" => above(&case),
            "below" => below(&case),
            "sample_ratio" => sample_ratio(&case),
            "proportion" => {
                let (n, x) = (case["n"].as_u64().unwrap(), case["x"].as_u64().unwrap());
                let interval = proportion(n, x, case["alpha"].as_f64().unwrap());
                let end = if case["end"] == "lower" { interval.lower } else { interval.upper };
                assert!((end - case["p"].as_f64().unwrap()).abs() < 1e-7, "{case} {interval:?}");
            }
            other => panic!("confseq's {other} is not compared"),
        }
    }
}
