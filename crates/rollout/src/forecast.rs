//! How long things take: what a criterion still needs, how long a soak will last, how soon a fault is found.

use jiff::SignedDuration;

use crate::controller::Controller;
use crate::policy::{Condition, Criterion, Design, Phase, Proof, Trigger};
use crate::statistics::{Above, Below, TreatmentControl};

/// The mean of the scores of several starts halves what the first one has: ln 2 more is needed.
const LN_OF_MIXTURE: f64 = std::f64::consts::LN_2;

/// What a criterion still needs at the present share and rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Need {
    requests: f64,
    seconds: f64,
}

impl Need {
    /// Requests, rounded up; none where no number of them is enough.
    #[must_use]
    pub fn requests(self) -> Option<u64> {
        whole(self.requests)
    }

    /// Seconds, rounded up; none where there are no requests.
    #[must_use]
    pub fn seconds(self) -> Option<u64> {
        whole(self.seconds)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
fn whole(number: f64) -> Option<u64> {
    (number.is_finite() && (0.0..1e15).contains(&number)).then(|| number.ceil() as u64)
}

/// Requests and seconds until a criterion's score has grown by `ln_missing`, while `share` of the requests fail.
#[must_use]
pub fn need(ln_missing: f64, success: f64, limit: f64, share: f64, requests_per_s: f64) -> Need {
    let growth = Below::growth(success, limit, share);
    let requests = if growth > 0.0 { ln_missing / growth } else { f64::INFINITY };
    let seconds = if requests_per_s > 0.0 { requests / requests_per_s } else { f64::INFINITY };
    Need { requests, seconds }
}

/// The traffic a forecast is made for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Traffic {
    /// Requests a second, in all.
    pub requests_per_s: f64,
    /// Share of them that fail when nothing is wrong.
    pub error_rate: f64,
    /// Share of them that take longer than a latency limit when nothing is wrong.
    pub slow_rate: f64,
}

/// What a phase is expected to take.
#[derive(Debug, Clone, PartialEq)]
pub struct PhaseForecast {
    /// Its name.
    pub phase: String,
    /// The shortest soak, or as long as its criteria need if that is longer; none where they cannot be shown.
    pub soak: Option<SignedDuration>,
    /// By criterion: requests of the treatment it needs from the start.
    pub requests: Vec<(String, Option<u64>)>,
    /// By trigger and fault: the time from its onset to the decision.
    pub detection: Vec<(String, &'static str, Option<SignedDuration>)>,
}

/// What every phase of a rollout is expected to take with this traffic.
#[must_use]
pub fn forecast(controller: &Controller, traffic: Traffic) -> Vec<PhaseForecast> {
    controller.phases().map(|(position, phase)| of_phase(controller, position, phase, traffic)).collect()
}

fn of_phase(controller: &Controller, position: usize, phase: &Phase, traffic: Traffic) -> PhaseForecast {
    let share = match phase.audience.design() {
        Design::Everyone => 1.0,
        Design::Hashed(share) => share,
        // Nobody knows how many will ask for it.
        Design::OptIn => 0.0,
    };
    let treatment_per_s = traffic.requests_per_s * share;
    let budget = controller.budget().phase(position);
    let need_of = |criterion: &Criterion| {
        let (success, limit) = criterion.proof.limits()?;
        let missing = budget?.ln_pass(&criterion.name)? + LN_OF_MIXTURE;
        let rate = if matches!(criterion.proof, Proof::Errors { .. }) { traffic.error_rate } else { traffic.slow_rate };
        Some(need(missing, success, limit, rate, treatment_per_s))
    };
    let needs: Vec<(String, Option<Need>)> =
        phase.criteria.iter().map(|criterion| (criterion.name.clone(), need_of(criterion))).collect();
    let longest = needs.iter().filter_map(|(_, need)| *need).map(|need| need.seconds);
    let longest = longest.fold(0.0, f64::max);
    let soak = duration(longest).map(|needed| needed.max(phase.min_soak)).filter(|soak| *soak <= phase.max_soak);
    let detection = phase.triggers.iter().flat_map(|trigger| {
        let threshold = budget.and_then(|budget| budget.ln_threshold(&trigger.name));
        detection(trigger, phase, threshold, traffic, share)
    });
    PhaseForecast {
        phase: phase.name.clone(),
        soak,
        requests: needs.iter().map(|(name, need)| (name.clone(), need.and_then(Need::requests))).collect(),
        detection: detection.collect(),
    }
}

/// The faults a forecast of detection is made for: what is added to the treatment's share of failures.
const FAULTS: [(&str, f64); 2] = [("+1 point errors", 0.01), ("20 % errors", 0.2)];

fn detection(
    trigger: &Trigger,
    phase: &Phase,
    threshold: Option<f64>,
    traffic: Traffic,
    share: f64,
) -> Vec<(String, &'static str, Option<SignedDuration>)> {
    let Some(threshold) = threshold else { return Vec::new() };
    let per_s = traffic.requests_per_s;
    let growth = |added: f64| -> Option<f64> {
        let rate = (traffic.error_rate + added).min(1.0);
        match trigger.condition {
            Condition::WorseThanControl { tolerance, .. } if phase.audience.design().is_controlled() => {
                let control = per_s * (1.0 - share) * traffic.error_rate;
                Some(TreatmentControl::growth(tolerance, share, per_s * share * rate, control))
            }
            Condition::Errors { limit, .. } => Some(Above::growth(limit, rate) * per_s * share),
            _ => None,
        }
    };
    let time = |growth: f64| if growth > 0.0 { (threshold + LN_OF_MIXTURE) / growth } else { f64::INFINITY };
    let found = FAULTS.into_iter().filter_map(|(fault, added)| {
        let time = duration(time(growth(added)?)).map(|time| time.max(crate::evidence::TICK));
        Some((trigger.name.clone(), fault, time))
    });
    found.collect()
}

#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
fn duration(seconds: f64) -> Option<SignedDuration> {
    (seconds.is_finite() && (0.0..1e10).contains(&seconds)).then(|| SignedDuration::from_secs(seconds.ceil() as i64))
}
