//! Arithmetic on natural logarithms: evidence is a product of thousands of factors and leaves the range of a double.

/// ln(eᵃ + eᵇ).
pub(crate) fn add(a: f64, b: f64) -> f64 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    if high == f64::NEG_INFINITY { high } else { high + (low - high).exp().ln_1p() }
}

/// ln Σ eˣ over `terms`; −∞ for none.
pub(crate) fn sum(terms: impl Iterator<Item = f64> + Clone) -> f64 {
    let high = terms.clone().fold(f64::NEG_INFINITY, f64::max);
    if high == f64::NEG_INFINITY { high } else { high + terms.map(|term| (term - high).exp()).sum::<f64>().ln() }
}

/// x·ln(y), where 0·ln(0) is 0.
pub(crate) fn times_ln(x: f64, y: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x * y.ln() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_beyond_the_range_of_a_double_are_right() {
        assert!((add(1_000.0, 1_000.0) - (1_000.0 + 2_f64.ln())).abs() < 1e-12);
        assert!((sum([-2_000.0, -2_000.0, -2_000.0].into_iter()) - (-2_000.0 + 3_f64.ln())).abs() < 1e-12);
        assert_eq!(add(f64::NEG_INFINITY, f64::NEG_INFINITY), f64::NEG_INFINITY);
        assert_eq!(sum(std::iter::empty()), f64::NEG_INFINITY);
    }

    #[test]
    fn nothing_times_the_logarithm_of_nothing_is_nothing() {
        assert_eq!(times_ln(0.0, 0.0), 0.0);
        assert_eq!(times_ln(2.0, 1.0), 0.0);
    }
}
