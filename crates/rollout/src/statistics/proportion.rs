//! How large a proportion is, with an interval that stays valid while more is seen.

use serde::{Deserialize, Serialize};
use statrs::function::beta::{beta_reg, ln_beta};

use super::{log_space, real};

/// A range that holds the true value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Its lower end.
    pub lower: f64,
    /// Its upper end.
    pub upper: f64,
}

/// Halvings of a search for a root: to the last bit of a double.
const HALVINGS: u32 = 60;

/// The confidence sequence of a proportion after x of n: `{p : B(x + ½, n − x + ½)/B(½, ½) / (pˣ·(1 − p)ⁿ⁻ˣ) < 1/α}`. The
/// intervals of all times hold the true value together with probability at least 1 − α.
///
/// Source: H. Robbins, 1970 (mixture, prior Beta(½, ½)); S. Howard, A. Ramdas, J. McAuliffe and J. Sekhon, *Time-uniform,
/// Nonparametric, Nonasymptotic Confidence Sequences*, Annals of Statistics, 2021.
#[must_use]
pub fn proportion(n: u64, x: u64, alpha: f64) -> Interval {
    let (n, x) = (real(n), real(x.min(n)));
    let ln_mixture = ln_beta(x + 0.5, n - x + 0.5) - ln_beta(0.5, 0.5);
    let is_in = |p: f64| {
        let ln_likelihood = log_space::times_ln(x, p) + log_space::times_ln(n - x, 1.0 - p);
        ln_mixture - ln_likelihood < -alpha.ln()
    };
    let estimate = if n == 0.0 { 0.5 } else { x / n };
    // The likelihood falls on both sides of the estimate, which itself is always inside.
    Interval { lower: edge(estimate, 0.0, is_in), upper: edge(estimate, 1.0, is_in) }
}

/// The point between `inside` and `end` at which `is_in` ceases to hold; `end` where it holds to the end.
fn edge(inside: f64, end: f64, is_in: impl Fn(f64) -> bool) -> f64 {
    if is_in(end) {
        return end;
    }
    let (mut inside, mut outside) = (inside, end);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(inside, outside);
        if is_in(middle) { inside = middle } else { outside = middle }
    }
    f64::midpoint(inside, outside)
}

/// The one-sided upper bound of a proportion after x of n, at confidence 1 − α, for one look at a finished sample.
///
/// Source: C. Clopper and E. Pearson, *The Use of Confidence or Fiducial Limits*, Biometrika, 1934: the p at which x or
/// fewer of n have probability α, by the incomplete Beta function.
#[must_use]
pub fn upper_bound(n: u64, x: u64, alpha: f64) -> f64 {
    if x >= n {
        return 1.0;
    }
    let (n, x) = (real(n), real(x));
    // P(X ≤ x) at p is 1 − I_p(x + 1, n − x), which falls as p grows.
    let is_in = |p: f64| p <= 0.0 || (p < 1.0 && 1.0 - beta_reg(x + 1.0, n - x, p) > alpha);
    edge(x / n, 1.0, is_in)
}
