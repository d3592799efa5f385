//! Whether the arms have the shares of users that they were drawn with.

use serde::{Deserialize, Serialize};
use statrs::function::beta::ln_beta;

use super::{log_space, real};

/// The Beta-binomial score of a users in the treatment and b in the control against the design share w, with the prior
/// Beta(1, 1): `E = B(a + 1, b + 1) / (wᵃ·(1 − w)ᵇ)`.
///
/// Source: H. Robbins, *Statistical Methods Related to the Law of the Iterated Logarithm*, 1970 (mixture); M. Lindon and
/// A. Malek, *Anytime-Valid Inference for Multinomial Count Data*, NeurIPS 2022, for sample ratios.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SampleRatio {
    share: f64,
    treatment: u64,
    control: u64,
}

impl SampleRatio {
    /// A test of a design share above 0 and below 1.
    #[must_use]
    pub const fn new(share: f64) -> Self {
        Self { share, treatment: 0, control: 0 }
    }

    /// Takes users who were seen for the first time.
    pub fn observe(&mut self, treatment: u64, control: u64) {
        self.treatment = self.treatment.saturating_add(treatment);
        self.control = self.control.saturating_add(control);
    }

    /// ln E against "users fall into the treatment with the design share".
    #[must_use]
    pub fn ln_e(&self) -> f64 {
        let (treatment, control) = (real(self.treatment), real(self.control));
        ln_beta(treatment + 1.0, control + 1.0)
            - log_space::times_ln(treatment, self.share)
            - log_space::times_ln(control, 1.0 - self.share)
    }

    /// The users seen: in the treatment, in the control.
    #[must_use]
    pub const fn users(&self) -> (u64, u64) {
        (self.treatment, self.control)
    }
}
