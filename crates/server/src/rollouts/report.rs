//! Reports after the release (B6): errors by the day, performance by the week, satisfaction by the month, adoption by the
//! quarter; from stored evidence, as figures and as Markdown.

use std::fmt::Write;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rollout::{ArmFigures, Estimate, Measure, percent};
use serde::Serialize;
use serde_json::{Value, json};
use store::feedback::{self, FeedbackCount};
use store::rollout_evidence::{self, Counts};
use store::rollouts::Rollout;
use store::{StoreError, Transaction, flag_users, support_tickets};
use utoipa::ToSchema;

use super::step::controller_of;

/// Probability with which an interval misses its value.
const ALPHA: f64 = 0.05;
/// Share of failures that the release is held to: the plan's success limit.
const ERROR_RATE_MAX: f64 = 0.005;
/// Windows of the burn rate, in hours, and the rate at which each is worth a call (the SRE workbook's multi-window rule).
const BURN_RATES: [(i64, f64); 4] = [(1, 14.4), (6, 6.0), (24, 3.0), (72, 1.0)];

/// What a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Errors of a day.
    Daily,
    /// Performance of a week, from Monday on.
    Weekly,
    /// Satisfaction in a month.
    Monthly,
    /// Adoption in a quarter.
    Quarterly,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Daily, Self::Weekly, Self::Monthly, Self::Quarterly];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
            Self::Quarterly => "quarterly",
        }
    }

    /// First day, and the day after the last, of the period that a day lies in.
    fn period(self, day: Date) -> Option<(Date, Date)> {
        let first = match self {
            Self::Daily => day,
            Self::Weekly => {
                let since_monday = i64::from(day.weekday().to_monday_zero_offset());
                day.checked_sub(since_monday.days()).ok()?
            }
            Self::Monthly => day.first_of_month(),
            Self::Quarterly => {
                let month = (day.month() - 1) / 3 * 3 + 1;
                Date::new(day.year(), month, 1).ok()?
            }
        };
        let end = match self {
            Self::Daily => first.checked_add(1.day()),
            Self::Weekly => first.checked_add(7.days()),
            Self::Monthly => first.checked_add(1.month()),
            Self::Quarterly => first.checked_add(3.months()),
        };
        Some((first, end.ok()?))
    }
}

/// A report.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RolloutReport)]
pub(crate) struct Report {
    /// daily, weekly, monthly or quarterly.
    kind: &'static str,
    /// First day.
    #[schema(value_type = String, format = Date)]
    from: Date,
    /// The day after the last.
    #[schema(value_type = String, format = Date)]
    until: Date,
    /// The figures.
    #[schema(value_type = Object)]
    figures: Value,
    /// The same for reading.
    markdown: String,
}

/// The report about the period that a day lies in, as far as it has come at `now`.
///
/// # Errors
/// What the database answers.
pub(crate) fn report(
    tx: &mut Transaction<'_>,
    rollout: &Rollout,
    kind: Kind,
    day: Date,
    now: Timestamp,
) -> Result<Report, StoreError> {
    let beyond = || StoreError::NotFound { what: "report", id: day.to_string() };
    let (from, until) = kind.period(day).ok_or_else(beyond)?;
    let span = (instant(from).ok_or_else(beyond)?, instant(until).ok_or_else(beyond)?);
    let figures = match kind {
        Kind::Daily => daily(tx, rollout, span, now)?,
        Kind::Weekly => weekly(tx, rollout, span)?,
        Kind::Monthly => monthly(tx, rollout, span)?,
        Kind::Quarterly => quarterly(tx, rollout, from, until)?,
    };
    let markdown = markdown(kind, rollout, (from, until), &figures)?;
    Ok(Report { kind: kind.as_str(), from, until, figures, markdown })
}

/// Midnight, UTC.
fn instant(day: Date) -> Option<Timestamp> {
    day.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

type Span = (Timestamp, Timestamp);

fn sum(tx: &mut Transaction<'_>, rollout: &Rollout, (from, until): Span) -> Result<Counts, StoreError> {
    let mut sum = Counts::default();
    for period in rollout_evidence::between(tx, rollout.id, from, until)? {
        sum.add(&period.counts);
    }
    Ok(sum)
}

fn daily(tx: &mut Transaction<'_>, rollout: &Rollout, span: Span, now: Timestamp) -> Result<Value, StoreError> {
    // How fast it burns is asked of now, and of a day that is over at its end.
    let end = span.1.min(now);
    let counts = sum(tx, rollout, span)?;
    let limit = error_limit(rollout)?;
    let mut burns = Vec::new();
    for (hours, worth_a_call) in BURN_RATES {
        let from = end.checked_sub(jiff::SignedDuration::from_hours(hours)).unwrap_or(span.0);
        let window = sum(tx, rollout, (from, end))?;
        let rate = ArmFigures::of(&window.treatment, ALPHA).error_rate.map(|rate| rate.value / limit);
        burns.push(json!({
            "hours": hours,
            "burnRate": rate,
            "worthACall": worth_a_call,
            "isBurning": rate.is_some_and(|rate| rate >= worth_a_call),
        }));
    }
    Ok(json!({
        "withFeature": ArmFigures::of(&counts.treatment, ALPHA),
        "withoutFeature": ArmFigures::of(&counts.control, ALPHA),
        "errorRateMax": limit,
        "burnRates": burns,
        "deadlocks": counts.shared.deadlocks,
        "integrityViolations": counts.shared.integrity_violations,
    }))
}

/// The success limit of errors in the policy; the plan's where it has none.
fn error_limit(rollout: &Rollout) -> Result<f64, StoreError> {
    let controller = controller_of(rollout)?;
    let criteria = controller.policy().phases.iter().flat_map(|phase| &phase.criteria);
    let errors = criteria.filter(|one| one.proof.test().as_deref() == Some("errors"));
    Ok(errors.filter_map(|one| one.proof.limits()).map(|(success, _)| success).next().unwrap_or(ERROR_RATE_MAX))
}

fn weekly(tx: &mut Transaction<'_>, rollout: &Rollout, (from, until): Span) -> Result<Value, StoreError> {
    let week = jiff::SignedDuration::from_hours(7 * 24);
    let counts = sum(tx, rollout, (from, until))?;
    let before = sum(tx, rollout, (from.checked_sub(week).unwrap_or(from), from))?;
    let levels = Measure::ALL.map(|measure| (measure.as_str(), measure.of(&counts.shared)));
    let levels: serde_json::Map<String, Value> =
        levels.into_iter().map(|(name, level)| (name.to_owned(), json!(level))).collect();
    Ok(json!({
        "withFeature": ArmFigures::of(&counts.treatment, ALPHA),
        "weekBefore": ArmFigures::of(&before.treatment, ALPHA),
        "shared": levels,
    }))
}

fn monthly(tx: &mut Transaction<'_>, rollout: &Rollout, (from, until): Span) -> Result<Value, StoreError> {
    let FeedbackCount { useful, not_useful } = feedback::count(tx, &rollout.flag_key, from, until)?;
    let tickets = support_tickets::count(tx, &rollout.flag_key, from, until)?;
    let all = useful + not_useful;
    let share = (all > 0).then(|| ratio(useful, all));
    Ok(json!({ "useful": useful, "notUseful": not_useful, "usefulShare": share, "supportTickets": tickets }))
}

fn quarterly(tx: &mut Transaction<'_>, rollout: &Rollout, from: Date, until: Date) -> Result<Value, StoreError> {
    let month = |day: Date| day.strftime("%Y-%m").to_string();
    let months = (0..3).filter_map(|later| from.checked_add(i64::from(later).months()).ok());
    let mut by_month = Vec::new();
    for name in months.map(month) {
        let found = flag_users::adoption(tx, &rollout.flag_key, &name, &name)?;
        by_month.push(json!({ "month": name, "withFeature": found.with_feature, "all": found.all }));
    }
    let last = until.yesterday().unwrap_or(from);
    let found = flag_users::adoption(tx, &rollout.flag_key, &month(from), &month(last))?;
    let share = (found.all > 0).then(|| ratio(found.with_feature, found.all));
    Ok(json!({ "withFeature": found.with_feature, "all": found.all, "share": share, "months": by_month }))
}

/// A share of people. Counts of people are far below what a double holds exactly.
#[expect(clippy::cast_precision_loss, reason = "counts of people")]
fn ratio(part: i64, all: i64) -> f64 {
    part as f64 / all as f64
}

fn markdown(kind: Kind, rollout: &Rollout, (from, until): (Date, Date), figures: &Value) -> Result<String, StoreError> {
    let mut text = String::new();
    let title = match kind {
        Kind::Daily => "Errors of the day",
        Kind::Weekly => "Performance of the week",
        Kind::Monthly => "Satisfaction of the month",
        Kind::Quarterly => "Adoption in the quarter",
    };
    let last = until.yesterday().unwrap_or(from);
    let written = match kind {
        Kind::Daily => daily_text(&mut text, figures),
        Kind::Weekly => weekly_text(&mut text, figures),
        Kind::Monthly => monthly_text(&mut text, figures),
        Kind::Quarterly => quarterly_text(&mut text, figures),
    };
    written.map_err(|error| StoreError::Internal(format!("a report cannot be written: {error}")))?;
    Ok(format!("# {title}: {}\n\n{from} to {last}, rollout {}\n\n{text}", rollout.flag_key, rollout.id))
}

fn arm(figures: &Value, name: &str) -> Option<ArmFigures> {
    serde_json::from_value(figures.get(name)?.clone()).ok()
}

fn shown_rate(rate: Option<Estimate>) -> String {
    match rate {
        None => "no requests".to_owned(),
        Some(Estimate { value, lower, upper }) => {
            let (lower, upper) = (lower.unwrap_or(0.0), upper.unwrap_or(1.0));
            format!("{} ({} to {})", percent(value), percent(lower), percent(upper))
        }
    }
}

fn shown_seconds(quantile: Option<Estimate>) -> String {
    quantile.map_or_else(|| "–".to_owned(), |estimate| format!("{:.3} s", estimate.value))
}

fn shown(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "–".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn daily_text(text: &mut String, figures: &Value) -> std::fmt::Result {
    writeln!(text, "| | requests | failed | error rate (95 %) |\n|---|---|---|---|")?;
    for (label, name) in [("with the feature", "withFeature"), ("without", "withoutFeature")] {
        if let Some(arm) = arm(figures, name) {
            writeln!(text, "| {label} | {} | {} | {} |", arm.requests, arm.failures, shown_rate(arm.error_rate))?;
        }
    }
    writeln!(text, "\nBurn rate of the error budget ({} of all requests):\n", shown_limit(figures))?;
    writeln!(text, "| window | burn rate | worth a call from |\n|---|---|---|")?;
    for window in figures.get("burnRates").and_then(Value::as_array).into_iter().flatten() {
        let rate = window.get("burnRate").and_then(Value::as_f64);
        let rate = rate.map_or_else(|| "–".to_owned(), |rate| format!("{rate:.2}"));
        writeln!(text, "| {} h | {rate} | {} |", shown(window.get("hours")), shown(window.get("worthACall")))?;
    }
    writeln!(
        text,
        "\nDeadlocks: {}. Snapshots that break an identity: {}.",
        shown(figures.get("deadlocks")),
        shown(figures.get("integrityViolations"))
    )
}

fn shown_limit(figures: &Value) -> String {
    figures.get("errorRateMax").and_then(Value::as_f64).map_or_else(|| "–".to_owned(), percent)
}

fn weekly_text(text: &mut String, figures: &Value) -> std::fmt::Result {
    writeln!(text, "| | requests | error rate | P50 | P95 | P99 |\n|---|---|---|---|---|---|")?;
    for (label, name) in [("this week", "withFeature"), ("the week before", "weekBefore")] {
        if let Some(arm) = arm(figures, name) {
            writeln!(
                text,
                "| {label} | {} | {} | {} | {} | {} |",
                arm.requests,
                shown_rate(arm.error_rate),
                shown_seconds(arm.p50),
                shown_seconds(arm.p95),
                shown_seconds(arm.p99)
            )?;
        }
    }
    writeln!(text, "\n| shared by all | at its worst |\n|---|---|")?;
    for (name, level) in figures.get("shared").and_then(Value::as_object).into_iter().flatten() {
        writeln!(text, "| {name} | {} |", shown(Some(level)))?;
    }
    Ok(())
}

fn monthly_text(text: &mut String, figures: &Value) -> std::fmt::Result {
    let share = figures.get("usefulShare").and_then(Value::as_f64);
    let share = share.map_or_else(|| "nobody has said".to_owned(), |share| format!("{} useful", percent(share)));
    writeln!(
        text,
        "Useful: {} people, not useful: {} ({share}). Support tickets: {}.",
        shown(figures.get("useful")),
        shown(figures.get("notUseful")),
        shown(figures.get("supportTickets"))
    )
}

fn quarterly_text(text: &mut String, figures: &Value) -> std::fmt::Result {
    let share = figures.get("share").and_then(Value::as_f64).map_or_else(|| "–".to_owned(), percent);
    writeln!(
        text,
        "{} of {} people had the feature ({share}).\n",
        shown(figures.get("withFeature")),
        shown(figures.get("all"))
    )?;
    writeln!(text, "| month | with the feature | all |\n|---|---|---|")?;
    for month in figures.get("months").and_then(Value::as_array).into_iter().flatten() {
        let field = |name: &str| shown(month.get(name));
        writeln!(text, "| {} | {} | {} |", field("month"), field("withFeature"), field("all"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn periods_are_those_of_the_calendar() {
        let day = date(2026, 2, 18);
        assert_eq!(Kind::Daily.period(day), Some((day, date(2026, 2, 19))));
        assert_eq!(Kind::Weekly.period(day), Some((date(2026, 2, 16), date(2026, 2, 23))));
        assert_eq!(Kind::Monthly.period(day), Some((date(2026, 2, 1), date(2026, 3, 1))));
        assert_eq!(Kind::Quarterly.period(day), Some((date(2026, 1, 1), date(2026, 4, 1))));
        assert_eq!(Kind::Quarterly.period(date(2026, 12, 31)), Some((date(2026, 10, 1), date(2027, 1, 1))));
    }
}
