//! Faults on purpose: errors and slowness of one arm, for rehearsals, demonstrations and soaks. A process offers them only
//! when it was started so, and never in production.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::evidence::Arm;
use crate::AppState;
use crate::error::ApiError;
use crate::random;

/// Milliseconds that a request can be kept waiting.
pub(crate) const DELAY_MS_MAX: f64 = 10_000.0;
/// Deviation of a delay's logarithm.
pub(crate) const DELAY_SIGMA_MAX: f64 = 5.0;

/// What goes wrong in one arm.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ArmFaults)]
pub(crate) struct ArmFaults {
    /// Share of the requests that fail.
    #[schema(example = 0.2, minimum = 0, maximum = 1)]
    pub(crate) error_rate: f64,
    /// Median of a log-normal delay, in milliseconds; 0 for none.
    #[schema(example = 40.0, minimum = 0, maximum = 10_000)]
    pub(crate) delay_ms: f64,
    /// Deviation of the delay's logarithm.
    #[schema(example = 0.8, minimum = 0, maximum = 5)]
    pub(crate) delay_sigma: f64,
}

/// What goes wrong in this process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, ToSchema)]
#[schema(as = Faults)]
pub(crate) struct FaultSettings {
    /// For those with the feature.
    pub(crate) treatment: ArmFaults,
    /// For those without.
    pub(crate) control: ArmFaults,
}

/// The faults of a process.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Option<FaultSettings>>);

impl Faults {
    /// What goes wrong now.
    pub(crate) fn settings(&self) -> Option<FaultSettings> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets something go wrong from the next request on; none for nothing.
    pub(crate) fn set(&self, settings: Option<FaultSettings>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = settings;
    }
}

/// Serves a request with what goes wrong in its arm.
pub(crate) async fn serve(state: &AppState, arm: Arm, next: Next, request: Request) -> Response {
    let Some(settings) = state.faults().settings() else { return next.run(request).await };
    let faults = match arm {
        Arm::Treatment | Arm::OptedIn => settings.treatment,
        Arm::Control | Arm::OptedOut => settings.control,
        Arm::Elsewhere => return next.run(request).await,
    };
    if let Some(delay) = delay(faults, uniform(), uniform()) {
        tokio::time::sleep(delay).await;
    }
    if uniform() < faults.error_rate {
        return ApiError::Internal("a fault on purpose: see /api/faults".to_owned()).into_response();
    }
    next.run(request).await
}

/// A log-normal delay from two uniform numbers, by G. Box and M. Muller, 1958.
fn delay(faults: ArmFaults, first: f64, second: f64) -> Option<Duration> {
    if faults.delay_ms <= 0.0 {
        return None;
    }
    let normal = (-2.0 * first.max(f64::MIN_POSITIVE).ln()).sqrt() * (std::f64::consts::TAU * second).cos();
    let milliseconds = (faults.delay_ms * (faults.delay_sigma * normal).exp()).min(DELAY_MS_MAX);
    Some(Duration::from_secs_f64(milliseconds / 1_000.0))
}

/// A number from 0 to 1, 1 excluded.
fn uniform() -> f64 {
    const BITS: u32 = 32;
    let number = u32::from_be_bytes(random::bytes());
    f64::from(number) / f64::from(BITS).exp2()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_around_its_median_and_bounded() {
        let faults = ArmFaults { error_rate: 0.0, delay_ms: 40.0, delay_sigma: 0.8 };
        assert_eq!(delay(faults, 1.0, 0.3), Some(Duration::from_millis(40)));
        assert!(delay(faults, 0.0, 0.0).unwrap() <= Duration::from_secs(10));
        assert_eq!(delay(ArmFaults::default(), 0.5, 0.5), None);
    }
}
