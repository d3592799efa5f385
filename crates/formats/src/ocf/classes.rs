//! Share classes and stakeholders: their names, and who of them is the fund.

use std::collections::{BTreeMap, BTreeSet};

use super::asking::{self, Asking};
use super::chain::Chain;
use super::record::{Notes, Record, field};
use crate::draft::{Choice, Question};

/// The question which stakeholders are the fund.
pub(super) const STAKEHOLDER: &str = "ocf.stakeholder";

/// The share classes of a package.
pub(super) struct Classes<'v> {
    /// Labels by id.
    labels: BTreeMap<&'v str, String>,
}

impl<'v> Classes<'v> {
    /// A class is called by its name, and by its name and id where two have one name.
    pub(super) fn of(records: &[Record<'v>]) -> Self {
        let named = |record: &Record<'v>| Some((record.text("id")?, record.text("name").map(str::trim)));
        let named: Vec<(&str, Option<&str>)> = records.iter().filter_map(named).collect();
        let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, name) in &named {
            *uses.entry(name.unwrap_or_default()).or_default() += 1;
        }
        let label = |id: &'v str, name: Option<&str>| match name.filter(|name| !name.is_empty()) {
            Some(name) if uses.get(name) == Some(&1) => name.to_owned(),
            Some(name) => format!("{name} ({id})"),
            None => id.to_owned(),
        };
        Self { labels: named.iter().map(|(id, name)| (*id, label(id, *name))).collect() }
    }

    /// What a class is called; its id where the package has no class of it.
    pub(super) fn label(&self, id: &str) -> String {
        self.labels.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.labels.contains_key(id)
    }

    /// All classes as answers to choose from.
    pub(super) fn choices(&self) -> Vec<Choice> {
        self.labels.iter().map(|(id, label)| asking::choice(id, label)).collect()
    }

    /// The id of the package's own that an answer names.
    pub(super) fn id(&self, answer: &str) -> Option<&'v str> {
        self.labels.get_key_value(answer).map(|(id, _)| *id)
    }
}

/// The stakeholders that are the fund; none while nobody has said it.
pub(super) fn vehicles<'v>(
    stakeholders: &[Record<'v>],
    chain: &Chain<'v>,
    asking: &mut Asking<'_>,
    notes: &mut Notes,
) -> Option<BTreeSet<&'v str>> {
    let holders = chain.holders();
    let mut known: BTreeMap<&'v str, String> =
        holders.iter().map(|id| (*id, format!("{id} (in no stakeholders file)"))).collect();
    for record in stakeholders {
        let Some(id) = record.text("id") else { continue };
        let name = record.field("name").and_then(|name| field(name, "legal_name")?.as_str()).unwrap_or(id);
        let kind = if record.text("stakeholder_type") == Some("INSTITUTION") { ", an institution" } else { "" };
        let holds = if holders.contains(id) { "" } else { ", was never issued anything" };
        known.insert(id, format!("{name}{kind}{holds}"));
    }
    let choices = known.iter().map(|(id, label)| asking::choice(id, label)).collect();
    let question = Question {
        example: known.keys().next().map(|id| (*id).to_owned()),
        choices,
        ..asking::question(
            STAKEHOLDER.to_owned(),
            "Which stakeholder of the package is the fund? Several of its vehicles are given with commas between"
                .to_owned(),
        )
    };
    let chosen = asking.ask(question, notes, |answer| choose(answer, &known))?;
    for id in chosen.iter().filter(|id| !holders.contains(*id)) {
        notes.warn(asking::place(STAKEHOLDER), *id, "was never issued a security in this package");
    }
    Some(chosen)
}

fn choose<'v>(answer: &str, known: &BTreeMap<&'v str, String>) -> Result<BTreeSet<&'v str>, String> {
    let find = |id: &str| known.get_key_value(id).map(|(id, _)| *id);
    // An id may have a comma in it.
    if let Some(id) = find(answer) {
        return Ok(BTreeSet::from([id]));
    }
    let mut chosen = BTreeSet::new();
    for part in answer.split(',').map(str::trim) {
        chosen.insert(find(part).ok_or_else(|| {
            format!("must be ids of stakeholders of the package, with commas between; {part:?} is none")
        })?);
    }
    Ok(chosen)
}
