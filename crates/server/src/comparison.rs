//! What changed between two snapshots of a fund: lens by lens, and why: companies, lots, events and exit cases that one
//! of them knows and the other does not.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Decimals of a multiple's `value`.
const VALUE_DECIMALS: usize = 12;

/// The two sides of a comparison: result and portfolio document of each snapshot.
pub(crate) struct Side {
    pub(crate) result: Value,
    pub(crate) document: Value,
}

/// A lens on both sides.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LensChange)]
pub(crate) struct LensChange {
    /// Value in the first snapshot; null with no number.
    a: Option<String>,
    /// Value in the second.
    b: Option<String>,
    /// b − a of the values as shown, which have 12 decimals; null where one side has no number.
    change: Option<String>,
    /// Why the first has no number.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason_a: Option<String>,
    /// Why the second has no number.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason_b: Option<String>,
}

/// The lenses of the fund and of each company that differ, and the facts that do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Changes {
    /// The fund's lenses, all of them.
    fund: BTreeMap<String, LensChange>,
    /// Companies with a lens or a fact that differs.
    companies: Vec<CompanyChange>,
}

/// What differs in a company.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CompanyChange {
    /// The company.
    id: String,
    /// Its name.
    name: Option<String>,
    /// both, or the only snapshot that has it: a or b.
    presence: &'static str,
    /// The lenses that differ.
    lenses: BTreeMap<String, LensChange>,
    /// Why.
    causes: Vec<Cause>,
}

/// A fact that one snapshot knows and the other does not.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Cause {
    /// What kind of fact: lot, mark, event, `exit_cases`, `as_of`, policy or engine.
    kind: &'static str,
    /// added, removed or changed, from a to b.
    change: &'static str,
    /// The lot, or the event's type, date and class.
    subject: String,
}

/// Compares two snapshots of one fund.
pub(crate) fn compare(a: &Side, b: &Side) -> Changes {
    let (companies_a, companies_b) = (by_id(&a.document["companies"]), by_id(&b.document["companies"]));
    let (results_a, results_b) = (by_id(&a.result["companies"]), by_id(&b.result["companies"]));
    let ids: BTreeSet<&str> = companies_a.keys().chain(companies_b.keys()).copied().collect();
    let mut ids: Vec<&str> = ids.into_iter().collect();
    ids.sort_by_key(|id| (id.len(), *id));
    let companies = ids
        .into_iter()
        .filter_map(|id| {
            let (in_a, in_b) = (companies_a.get(id).copied(), companies_b.get(id).copied());
            let mut lenses = lenses(results_a.get(id).copied(), results_b.get(id).copied());
            lenses.retain(|_, change| change.a != change.b || change.reason_a != change.reason_b);
            let mut causes = causes(in_a.unwrap_or(&Value::Null), in_b.unwrap_or(&Value::Null));
            if !lenses.is_empty() {
                causes.extend(causes_outside_companies(a, b));
            }
            let name = in_b.or(in_a).and_then(|company| company["name"].as_str()).map(str::to_owned);
            let differs = !(lenses.is_empty() && causes.is_empty());
            differs.then(|| CompanyChange { id: id.to_owned(), name, presence: presence(in_a, in_b), lenses, causes })
        })
        .collect();
    Changes { fund: lenses(a.result.get("fund"), b.result.get("fund")), companies }
}

/// What moved the lenses of all companies: the date, the policy, or another version of the engine.
fn causes_outside_companies(a: &Side, b: &Side) -> Vec<Cause> {
    let sides = [
        ("as_of", &a.document["asOf"], &b.document["asOf"]),
        ("policy", &a.document["policy"], &b.document["policy"]),
        ("engine", &a.result["engineVersion"], &b.result["engineVersion"]),
    ];
    let changed = sides.into_iter().filter(|(_, in_a, in_b)| in_a != in_b);
    let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    changed
        .map(|(kind, in_a, in_b)| Cause {
            kind,
            change: "changed",
            subject: format!("{} → {}", shown(in_a), shown(in_b)),
        })
        .collect()
}

fn presence(a: Option<&Value>, b: Option<&Value>) -> &'static str {
    match (a, b) {
        (Some(_), None) => "a",
        (None, Some(_)) => "b",
        _ => "both",
    }
}

fn by_id(list: &Value) -> BTreeMap<&str, &Value> {
    list.as_array().into_iter().flatten().filter_map(|item| Some((item["id"].as_str()?, item))).collect()
}

fn lenses(a: Option<&Value>, b: Option<&Value>) -> BTreeMap<String, LensChange> {
    let side = |side: Option<&Value>| side.and_then(|side| side["lenses"].as_object().cloned()).unwrap_or_default();
    let (a, b) = (side(a), side(b));
    let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    keys.into_iter()
        .map(|key| (key.clone(), lens(a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null))))
        .collect()
}

fn lens(a: &Value, b: &Value) -> LensChange {
    let field = |lens: &Value, name: &str| lens[name].as_str().map(str::to_owned);
    let (value_a, value_b) = (field(a, "value"), field(b, "value"));
    let change = value_a.as_deref().zip(value_b.as_deref()).and_then(|(a, b)| difference(a, b));
    LensChange { change, a: value_a, b: value_b, reason_a: field(a, "reason"), reason_b: field(b, "reason") }
}

/// `b − a` of two values with at most [`VALUE_DECIMALS`] decimals.
fn difference(a: &str, b: &str) -> Option<String> {
    let difference = scaled(b)?.checked_sub(scaled(a)?)?;
    let sign = if difference < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", difference.unsigned_abs(), width = VALUE_DECIMALS + 1);
    let (whole, part) = digits.split_at(digits.len() - VALUE_DECIMALS);
    Some(format!("{sign}{whole}.{part}"))
}

fn scaled(value: &str) -> Option<i128> {
    let (whole, part) = value.split_once('.').unwrap_or((value, ""));
    if part.len() > VALUE_DECIMALS {
        return None;
    }
    format!("{whole}{part:0<VALUE_DECIMALS$}").parse().ok()
}

fn causes(a: &Value, b: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    compare_lots(a, b, &mut causes);
    compare_events(a, b, &mut causes);
    if a["exitCases"] != b["exitCases"] {
        let change = match (a["exitCases"].is_null(), b["exitCases"].is_null()) {
            (true, _) => "added",
            (_, true) => "removed",
            _ => "changed",
        };
        causes.push(Cause { kind: "exit_cases", change, subject: "exit cases".to_owned() });
    }
    causes
}

fn compare_lots(a: &Value, b: &Value, causes: &mut Vec<Cause>) {
    let (a, b) = (by_id(&a["lots"]), by_id(&b["lots"]));
    let ids: BTreeSet<&str> = a.keys().chain(b.keys()).copied().collect();
    for id in ids {
        let change = match (a.get(id), b.get(id)) {
            (Some(before), Some(after)) if before == after => continue,
            (Some(_), Some(_)) => "changed",
            (Some(_), None) => "removed",
            _ => "added",
        };
        causes.push(Cause { kind: "lot", change, subject: id.to_owned() });
    }
}

/// Events have no id in a portfolio document: those with the same content are the same.
fn compare_events(a: &Value, b: &Value, causes: &mut Vec<Cause>) {
    let count = |company: &Value| {
        let mut counts: BTreeMap<String, (i64, Value)> = BTreeMap::new();
        for event in company["events"].as_array().into_iter().flatten() {
            counts.entry(event.to_string()).or_insert((0, event.clone())).0 += 1;
        }
        counts
    };
    let (a, b) = (count(a), count(b));
    let only = |here: &BTreeMap<String, (i64, Value)>, there: &BTreeMap<String, (i64, Value)>, change: &'static str| {
        let missing = here.iter().filter(|(key, (count, _))| there.get(*key).map_or(0, |(count, _)| *count) < *count);
        missing.map(|(_, (_, event))| cause_of_event(event, change)).collect::<Vec<_>>()
    };
    causes.extend(only(&a, &b, "removed"));
    causes.extend(only(&b, &a, "added"));
}

fn cause_of_event(event: &Value, change: &'static str) -> Cause {
    let kind = match event["type"].as_str() {
        Some("mark" | "lot_mark") => "mark",
        _ => "event",
    };
    let parts = ["type", "date", "shareClass", "lot"].map(|name| text(&event[name]));
    let subject = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    Cause { kind, change, subject }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn side(value: &str, document: &Value) -> Side {
        let lenses = json!({ "current_moic": { "value": value, "reason": null } });
        let result = json!({ "fund": { "lenses": lenses }, "companies": [{ "id": "1", "lenses": lenses }] });
        Side { result, document: json!({ "asOf": "2024-01-01", "companies": [document] }) }
    }

    #[test]
    fn a_difference_is_exact_and_signed() {
        assert_eq!(difference("1.748002868620", "1.75").as_deref(), Some("0.001997131380"));
        assert_eq!(difference("2", "0.5").as_deref(), Some("-1.500000000000"));
        assert_eq!(difference("0.000000000001", "0").as_deref(), Some("-0.000000000001"));
        assert_eq!(difference("x", "1"), None);
    }

    #[test]
    fn lots_marks_and_cases_are_named_as_causes() {
        let before =
            json!({ "id": "1", "name": "Alpha", "lots": [{ "id": "l1", "costBasisCents": "1" }], "events": [] });
        let after = json!({ "id": "1", "name": "Alpha", "lots": [{ "id": "l1", "costBasisCents": "2" }, { "id": "l2" }],
            "events": [{ "type": "mark", "date": "2024-01-01", "shareClass": "PS" }], "exitCases": [] });
        let changes = compare(&side("1", &before), &side("1.5", &after));
        assert_eq!(changes.fund["current_moic"].change.as_deref(), Some("0.500000000000"));
        let company = &changes.companies[0];
        let causes: Vec<_> =
            company.causes.iter().map(|cause| (cause.kind, cause.change, cause.subject.as_str())).collect();
        assert_eq!(
            causes,
            [
                ("lot", "changed", "l1"),
                ("lot", "added", "l2"),
                ("mark", "added", "mark 2024-01-01 PS"),
                ("exit_cases", "added", "exit cases"),
            ]
        );
    }

    #[test]
    fn what_is_the_same_is_not_mentioned() {
        let company = json!({ "id": "1", "lots": [], "events": [{ "type": "mark", "date": "2024-01-01" }] });
        assert!(compare(&side("1", &company), &side("1", &company)).companies.is_empty());
    }

    #[test]
    fn another_date_alone_is_a_cause() {
        let company = json!({ "id": "1", "lots": [] });
        let mut later = side("2", &company);
        later.document["asOf"] = json!("2024-06-30");
        let changes = compare(&side("1", &company), &later);
        let cause = Cause { kind: "as_of", change: "changed", subject: "2024-01-01 → 2024-06-30".to_owned() };
        assert_eq!(changes.companies[0].causes, [cause]);
    }
}
