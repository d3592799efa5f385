//! A betting score over a grid of alternatives and over times at which a change may have begun.

use serde::{Deserialize, Serialize};

use super::log_space;

/// `E = ½·E⁽¹⁾ + ½·(1/M)·Σₛ E⁽ˢ⁾`: `E⁽ˢ⁾` is the mean over the grid of the products of the factors of all ticks since `s`;
/// the M starts come at a fixed interval, the first with the first tick, and one that has not come yet counts 1. A mean of
/// e-processes is an e-process, so with factors of expectation at most 1 the probability that E ever reaches 1/α is at
/// most α (J. Ville, *Étude critique de la notion de collectif*, 1939); the later starts keep a regression that begins late
/// from being diluted by the time before it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mixture {
    /// By grid point: ln of the product since the first tick.
    first: Vec<f64>,
    /// By grid point: ln of the sum, over the starts that have come, of the product since each.
    started: Vec<f64>,
    ticks: u32,
    starts_come: u32,
    starts: u32,
    ticks_per_start: u32,
}

impl Mixture {
    /// A score of 1 over so many alternatives, with `starts` (at least 1) starts every `ticks_per_start` ticks.
    #[must_use]
    pub fn new(grid_points: usize, starts: u32, ticks_per_start: u32) -> Self {
        Self {
            first: vec![0.0; grid_points],
            started: vec![0.0; grid_points],
            ticks: 0,
            starts_come: 1,
            starts: starts.max(1),
            ticks_per_start: ticks_per_start.max(1),
        }
    }

    /// Takes a tick whose factor at grid point `j` has the logarithm `ln_factor(j)`; none for a tick that says nothing,
    /// which has factor 1 everywhere.
    pub fn observe(&mut self, ln_factor: Option<impl Fn(usize) -> f64>) {
        let is_start = self.ticks > 0 && self.ticks.is_multiple_of(self.ticks_per_start);
        if is_start && self.starts_come < self.starts {
            self.starts_come += 1;
            for sum in &mut self.started {
                *sum = log_space::add(*sum, 0.0);
            }
        }
        self.ticks = self.ticks.saturating_add(1);
        let Some(ln_factor) = ln_factor else { return };
        for (point, (first, started)) in self.first.iter_mut().zip(&mut self.started).enumerate() {
            let ln_factor = ln_factor(point);
            *first += ln_factor;
            *started += ln_factor;
        }
    }

    /// ln E.
    #[must_use]
    pub fn ln_e(&self) -> f64 {
        let ln_points = count(self.first.len()).ln();
        let starts = f64::from(self.starts);
        let since_first = log_space::sum(self.first.iter().copied()) - ln_points;
        let since_starts = log_space::sum(self.started.iter().copied()) - ln_points;
        let not_come = f64::from(self.starts - self.starts_come).ln();
        let of_starts = log_space::add(since_starts, not_come) - starts.ln();
        log_space::add(since_first, of_starts) - std::f64::consts::LN_2
    }
}

/// A number of things as a double. Beyond 2⁵³ it is rounded, which no count of ours reaches.
#[expect(clippy::cast_precision_loss, reason = "grids have a dozen points")]
fn count(length: usize) -> f64 {
    length as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// E by its definition, every product of every start by itself.
    fn direct(factors: &[Vec<f64>], starts: usize, ticks_per_start: usize) -> f64 {
        let since = |start: usize| -> f64 {
            let points = factors[0].len();
            let product = |point: usize| factors[start..].iter().map(|tick| tick[point]).product::<f64>();
            (0..points).map(product).sum::<f64>() / points as f64
        };
        let terms: f64 = (0..starts)
            .map(|number| number * ticks_per_start)
            .map(|start| if start < factors.len() { since(start) } else { 1.0 })
            .sum();
        0.5 * since(0) + 0.5 * terms / starts as f64
    }

    #[test]
    fn the_recursion_is_the_definition() {
        let factors: Vec<Vec<f64>> = (0..23)
            .map(|tick| (0..3).map(|point| 0.8 + 0.07 * f64::from((tick * 7 + point * 3) % 9)).collect())
            .collect();
        for (starts, ticks_per_start) in [(1, 1), (4, 4), (30, 4), (3, 1), (2, 20)] {
            let mut mixture = Mixture::new(3, starts, ticks_per_start);
            for (seen, tick) in factors.iter().enumerate() {
                mixture.observe(Some(|point: usize| tick[point].ln()));
                let expected = direct(&factors[..=seen], starts as usize, ticks_per_start as usize);
                assert!((mixture.ln_e() - expected.ln()).abs() < 1e-12, "{starts} {ticks_per_start} {seen}");
            }
        }
    }

    #[test]
    fn a_score_that_has_seen_nothing_is_1_and_silence_leaves_it_there() {
        let mut mixture = Mixture::new(12, 120, 4);
        assert!(mixture.ln_e().abs() < 1e-12);
        for _ in 0..10 {
            mixture.observe(None::<fn(usize) -> f64>);
        }
        assert!(mixture.ln_e().abs() < 1e-12);
    }
}
