//! Decisions in plain words, for an engineer on call at three in the morning.

use jiff::SignedDuration;

use crate::assessment::{self, CriterionView};
use crate::controller::Controller;
use crate::decision::Numbers;
use crate::evidence::Measure;
use crate::policy::{Condition, Trigger};
use crate::scores::Estimates;
use crate::state::State;

/// ln of the largest score that is written out.
const WRITTEN_OUT_LN_MAX: f64 = 13.8;

/// A share of requests as a percentage.
#[must_use]
pub fn percent(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}

/// A score given as a logarithm.
#[must_use]
pub fn score(ln: f64) -> String {
    if ln < -WRITTEN_OUT_LN_MAX {
        format!("10^{:.0}", ln / std::f64::consts::LN_10)
    } else if ln < 2.3 {
        format!("{:.2}", ln.exp())
    } else if ln < WRITTEN_OUT_LN_MAX {
        grouped(ln.exp())
    } else {
        format!("10^{:.1}", ln / std::f64::consts::LN_10)
    }
}

/// A count with its thousands apart, rounded to a whole number.
#[must_use]
pub fn grouped(count: f64) -> String {
    let digits = format!("{count:.0}");
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits.as_str()), |rest| ("-", rest));
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{sign}{text}")
}

/// A duration in its largest fitting units: `2 d 4 h`, `9 min`, `45 s`.
#[must_use]
pub fn lasting(duration: SignedDuration) -> String {
    const UNITS: [(i64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let mut rest = duration.as_secs().max(0);
    let mut parts = Vec::new();
    for (seconds, unit) in UNITS {
        let count = rest / seconds;
        rest %= seconds;
        if count > 0 && parts.len() < 2 {
            parts.push(format!("{count} {unit}"));
        }
    }
    if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") }
}

fn share_or_none(share: Option<f64>) -> String {
    share.map_or_else(|| "unknown".to_owned(), percent)
}

fn arms(estimates: &Estimates) -> String {
    format!(
        "In the last 5 minutes {} of the treatment's requests failed, {} of the control's.",
        share_or_none(estimates.treatment_error_rate),
        share_or_none(estimates.control_error_rate),
    )
}

fn evidence(trigger: &Trigger, numbers: &Numbers) -> String {
    let test = trigger.condition.test().unwrap_or_default();
    let (ln_e, threshold) = (numbers.log_e.get(&test), numbers.log_threshold.get(&test));
    match (ln_e, threshold) {
        (Some(ln_e), Some(threshold)) => {
            format!("The evidence is {} to 1; {} to 1 was asked for.", score(*ln_e), score(*threshold))
        }
        _ => String::new(),
    }
}

/// Why a test's trigger acts.
pub(crate) fn tripped(trigger: &Trigger, numbers: &Numbers) -> String {
    let estimates = &numbers.estimates;
    let evidence = evidence(trigger, numbers);
    match trigger.condition {
        Condition::WorseThanControl { tolerance, .. } => {
            let times =
                if tolerance > 1.0 { format!("more than {tolerance} times as often") } else { "more often".to_owned() };
            format!("The treatment fails {times} than the control. {} {evidence}", arms(estimates))
        }
        Condition::Errors { limit, .. } => {
            format!("More than {} of the treatment's requests fail. {} {evidence}", percent(limit), arms(estimates))
        }
        Condition::Latency { seconds, quantile, .. } => format!(
            "{} of the treatment's requests should take at most {seconds} s, and more take longer (P95 {}, P99 {} in the last 5 minutes). {evidence}",
            percent(quantile),
            seconds_or_none(estimates.p95),
            seconds_or_none(estimates.p99),
        ),
        Condition::SlowerThanControl { by } => {
            format!("The treatment is slower than the control by more than {}. {evidence}", percent(by))
        }
        Condition::SlowerThanBaseline { by } => {
            format!("The same work takes longer than its recorded baseline by more than {}. {evidence}", percent(by))
        }
        Condition::Shared { measure, above, .. } => {
            format!("It was found that {} is above {above}.", measure.described())
        }
        Condition::Integrity | Condition::Manual => evidence,
    }
}

fn seconds_or_none(seconds: Option<f64>) -> String {
    seconds.map_or_else(|| "unknown".to_owned(), |seconds| format!("{seconds:.2} s"))
}

/// Why a limit that both arms pass holds and does not roll back.
pub(crate) fn shared_incident(trigger: &Trigger, control: f64) -> String {
    let about = match trigger.condition {
        Condition::Latency { seconds, .. } => format!("requests beyond {seconds} s"),
        _ => "failed requests".to_owned(),
    };
    format!(
        "Both arms are beyond the limit ({} of {about} in the control), so the cause is not the feature alone. The rollout \
         goes on once the control is within its limit; a difference between the arms still rolls it back.",
        percent(control)
    )
}

/// Why a broken identity rolls back.
pub(crate) fn integrity(count: u64) -> String {
    let snapshots = if count == 1 {
        "A completed snapshot breaks".to_owned()
    } else {
        format!("{count} completed snapshots break")
    };
    format!("{snapshots} an identity of its own numbers. That is proof, not statistics.")
}

/// Why a shared resource steps back.
pub(crate) fn shared_resource(measure: Measure, above: f64, over: SignedDuration) -> String {
    format!(
        "Shared by both arms, {} has been above {above} for {}. A step back shows whether the feature is to blame.",
        measure.described(),
        lasting(over)
    )
}

/// What a recovery after a step back says.
pub(crate) fn attributed(measure: Measure, clear: f64) -> String {
    format!(
        "after the step back {} has fallen to {clear} or below: the feature was to blame for it",
        measure.described()
    )
}

/// What no recovery says.
pub(crate) fn not_attributed(measure: Measure, clear: f64) -> String {
    format!(
        "After the step back {} has not fallen to {clear}, so the feature is not its only cause. Somebody has to look.",
        measure.described()
    )
}

/// Why a source that fails holds.
pub(crate) fn metrics_error(failing: SignedDuration) -> String {
    format!(
        "The evidence could not be read for {}. That is neither success nor failure: nothing goes on until it can.",
        lasting(failing)
    )
}

/// Why silence holds.
pub(crate) fn no_data(quiet: SignedDuration) -> String {
    format!(
        "No request of the treatment was seen for {}. Silence shows nothing: the clock of the phase stops until there are some.",
        lasting(quiet)
    )
}

/// Why arms of the wrong sizes hold.
pub(crate) fn sample_ratio(share: f64, (treatment, control): (u64, u64)) -> String {
    format!(
        "The draw gives the treatment {} of the users, but {treatment} of {} were seen there. By chance that happens less than \
         once in a thousand rollouts; something drops or moves users of one arm, and then the arms cannot be compared.",
        percent(share),
        treatment.saturating_add(control)
    )
}

/// What a gate waits for.
pub(crate) fn missing_checks(missing: &[String]) -> String {
    match missing {
        [one] => format!(
            "The evidence is there; the check {one} is not, or was not passed. Sign it, and the rollout goes on."
        ),
        many => format!(
            "The evidence is there; the checks {} are not, or were not passed. Sign them, and the rollout goes on.",
            many.join(", ")
        ),
    }
}

/// Why the longest soak holds.
pub(crate) fn inconclusive(missing: &[&CriterionView], is_warm: bool) -> String {
    let missing: Vec<&str> = missing.iter().map(|criterion| criterion.text.as_str()).collect();
    let warm = if is_warm { "" } else { " The comparison of latencies has not seen 1,000 requests of the control." };
    format!(
        "The longest soak is over, and neither is shown that the version is good nor that it is bad.{warm} {} Resume to wait on, \
         step back, roll back, or abort.",
        missing.join(" ")
    )
}

/// Why the longest soak holds a rollout that has shown everything.
pub(crate) const STRAINED: &str = "The longest soak is over and every criterion is shown, but a shared resource is above its \
    level, or a step back because of one is being watched: no time to widen the exposure. Resume to wait on, step back, roll \
    back, or abort.";

/// Why a phase is left for the next.
pub(crate) fn promoted(controller: &Controller, state: &State) -> String {
    let shown: Vec<String> =
        assessment::criteria(controller, state).into_iter().map(|criterion| criterion.text).collect();
    let soak = state.run.as_ref().map(|run| run.soak).unwrap_or_default();
    format!("After {} every criterion is shown. {}", lasting(soak), shown.join(" ")).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_durations_and_counts_are_readable() {
        assert_eq!(score(0.0), "1.00");
        assert_eq!(score(200_f64.ln()), "200");
        assert_eq!(score(1_234_567.0), "10^536165.6");
        assert_eq!(score(-100.0), "10^-43");
        assert_eq!(score(12_345_f64.ln()), "12,345");
        assert_eq!(lasting(SignedDuration::from_secs(2 * 86_400 + 4 * 3_600 + 59)), "2 d 4 h");
        assert_eq!(lasting(SignedDuration::from_secs(540)), "9 min");
        assert_eq!(lasting(SignedDuration::ZERO), "0 s");
        assert_eq!(grouped(1_234_567.2), "1,234,567");
        assert_eq!(grouped(12.0), "12");
    }
}
