//! A portfolio document on its way in: not yet checked, and every value with the place it was read at.

use std::collections::BTreeMap;

use jiff::civil::Date;
use moic::{DocumentError, Portfolio};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::place::{Place, Problem};
use crate::problems::Problems;
use crate::value::{in_units, units_of};

/// The portfolio document of `moic.md` §6 as text, before the engine has judged it. Money in cents, shares and prices as
/// decimals, dates as `YYYY-MM-DD`, all as text, as the document has them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Draft {
    /// The date the document is evaluated as of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// ISO 4217.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The document's choices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Map<String, Value>>,
    /// The companies.
    #[serde(default)]
    pub companies: Vec<Company>,
}

/// A company of a [`Draft`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Company {
    /// Its id in the file.
    pub id: String,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its sector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector: Option<String>,
    /// Its stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// Its lots.
    #[serde(default)]
    pub lots: Vec<Lot>,
    /// Its events.
    #[serde(default)]
    pub events: Vec<Event>,
    /// Its exit cases; none where the file says nothing of them, which leaves those that are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_cases: Option<Vec<Value>>,
}

/// A lot of a [`Company`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lot {
    /// Its id in the file.
    pub id: String,
    /// `initial`, `follow_on` or `secondary`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot_type: Option<String>,
    /// `equity`, `safe`, `note` or `warrant`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrument: Option<String>,
    /// The share class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_class: Option<String>,
    /// `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purchase_date: Option<String>,
    /// Shares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shares_acquired: Option<String>,
    /// Price per share in cents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_price_cents: Option<String>,
    /// What was paid, in cents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_basis_cents: Option<String>,
    /// A warrant's strike in cents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strike_cents: Option<String>,
    /// The cheque it was bought with, as far as the file tells of it; no part of the document.
    #[serde(skip)]
    pub cheque: Cheque,
}

/// What a file says of the cheque that a lot was bought with: the record of the legacy MOIC.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cheque {
    /// The round, as in `Series A`.
    pub round: Option<String>,
    /// The part of the company it bought, a decimal from 0 to 1.
    pub ownership: Option<String>,
    /// The company's value after the round, in cents.
    pub post_money_valuation_cents: Option<String>,
}

/// An event of a [`Company`]: its type and date first, its other fields by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// As in `mark`.
    #[serde(rename = "type")]
    pub event_type: String,
    /// `YYYY-MM-DD`.
    pub date: String,
    /// The other fields, as the document has them.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

/// Something that a file does not say, or says in a way that has two meanings. Nothing is guessed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    /// The name the answer is given under.
    pub id: String,
    /// What is asked.
    pub text: String,
    /// An example from the file, if one helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
    /// The answers to choose from; empty where any text of the kind that `text` names will do.
    pub choices: Vec<Choice>,
    /// Whether the import can go on without an answer.
    pub optional: bool,
}

/// An answer to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// What is given back.
    pub value: String,
    /// What a person reads.
    pub label: String,
}

/// Answers by the id of their question.
pub type Answers = BTreeMap<String, String>;

/// What reading a file came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// The document so far.
    pub draft: Draft,
    /// Where the values of the document were read, by their path in it, as in `companies[3].lots[0]`.
    pub places: BTreeMap<String, Place>,
    /// What the file calls the fields of the document, where it calls them differently.
    pub columns: BTreeMap<String, String>,
    /// What is wrong, as far as it is listed ([`Problems`]): nothing may be written while there is any.
    pub problems: Vec<Problem>,
    /// How many problems there are beyond those.
    pub more_problems: usize,
    /// What is not wrong and yet worth knowing, as far as it is listed.
    pub warnings: Vec<Problem>,
    /// How many warnings there are beyond those.
    pub more_warnings: usize,
    /// What has to be answered first.
    pub questions: Vec<Question>,
    /// The currency in whose units the file has its amounts; none where it has them in cents.
    pub unit: Option<String>,
}

impl Reading {
    /// Adds problems, as far as they are listed.
    pub fn refuse(&mut self, problems: Problems) {
        let (mut listed, more) = problems.into_listed();
        self.problems.append(&mut listed);
        self.more_problems = self.more_problems.saturating_add(more);
    }

    /// Adds problems that tell amounts in cents, which the file may have in units of the currency.
    pub(crate) fn refuse_in_units(&mut self, problems: Problems) {
        let start = self.problems.len();
        self.refuse(problems);
        if let Some(currency) = &self.unit {
            for problem in self.problems.iter_mut().skip(start) {
                problem.message = units_of(&problem.message, currency);
            }
        }
    }

    /// Adds warnings, as far as they are listed.
    pub fn warn(&mut self, warnings: Problems) {
        let (mut listed, more) = warnings.into_listed();
        self.warnings.append(&mut listed);
        self.more_warnings = self.more_warnings.saturating_add(more);
    }

    /// Lets the engine judge the document as of its own date, or `today` where it has none, and adds what it finds to
    /// `problems` and `warnings`, at the places where the values stand. A reading that has problems already, or questions
    /// that must be answered, is left as it is: what follows from them would only confuse.
    pub fn judge(&mut self, today: Date) {
        if !self.problems.is_empty() || self.questions.iter().any(|question| !question.optional) {
            return;
        }
        let draft = Draft { as_of: self.draft.as_of.clone().or(Some(today.to_string())), ..self.draft.clone() };
        let document = match serde_json::to_vec(&draft) {
            Ok(document) => document,
            Err(error) => {
                self.problems.push(Problem::new(Place::default(), "", format!("cannot be written as JSON: {error}")));
                return;
            }
        };
        let (problems, warnings) = match Portfolio::from_json(&document) {
            Ok(portfolio) => (Vec::new(), portfolio.warnings().to_vec()),
            Err(DocumentError::Invalid(problems)) => (problems, Vec::new()),
            Err(DocumentError::Syntax(error)) => (vec![moic::Problem::new("", "", error.to_string())], Vec::new()),
        };
        let placed = |found: Vec<moic::Problem>| {
            let mut placed = Problems::default();
            placed.extend(found.into_iter().map(|problem| self.placed(problem)));
            placed
        };
        let (problems, warnings) = (placed(problems), placed(warnings));
        self.refuse(problems);
        self.warn(warnings);
    }

    /// Warns of purchases after `today`: more likely mistyped than planned, and planned ones may well be recorded.
    pub(crate) fn warn_of_future_purchases(&mut self, today: Date) {
        let mut warnings = Problems::default();
        for (position, company) in self.draft.companies.iter().enumerate() {
            for (index, lot) in company.lots.iter().enumerate() {
                let date = lot.purchase_date.as_deref().and_then(|date| date.parse::<Date>().ok());
                if let Some(date) = date.filter(|date| *date > today) {
                    let path = format!("companies[{position}].lots[{index}].purchaseDate");
                    let message = "is in the future; correct it, unless the purchase is agreed upon already";
                    warnings.push(self.placed(moic::Problem::new(path, date.to_string(), message)));
                }
            }
        }
        self.warn(warnings);
    }

    /// A problem of the document at the place where its value was read: that of the longest part of its path that has one,
    /// in the column of the field that follows.
    fn placed(&self, problem: moic::Problem) -> Problem {
        let moic::Problem { path, value, message } = problem;
        let mut known = path.as_str();
        let place = loop {
            if let Some(place) = self.places.get(known) {
                break place.clone();
            }
            match known.rfind(['.', '[']) {
                Some(end) => known = path.get(..end).unwrap_or_default(),
                None => {
                    known = "";
                    break Place::default();
                }
            }
        };
        let field = path.get(known.len()..).unwrap_or_default().trim_start_matches('.');
        let column = if field.is_empty() { place.column.clone() } else { Some(self.column(field)) };
        let Some(currency) = &self.unit else { return Problem { place: Place { column, ..place }, value, message } };
        let is_decimal = value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'-');
        let value = if field.ends_with("Cents") && is_decimal { in_units(&value) } else { value };
        Problem { place: Place { column, ..place }, value, message: units_of(&message, currency) }
    }

    fn column(&self, field: &str) -> String {
        let name = field.split(['.', '[']).next().unwrap_or_default();
        self.columns.get(name).cloned().unwrap_or_else(|| field.to_owned())
    }
}
