//! What a package does not hold is asked for, and what is answered is read.

use std::collections::BTreeSet;

use jiff::civil::Date;
use moic::quantity::parse_date;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Signed;

use super::amounts;
use super::record::Notes;
use crate::draft::{Answers, Choice, Question};
use crate::place::Place;

/// Most choices that a problem lists.
const CHOICES_LISTED_MAX: usize = 20;
/// Questions of this format begin with it.
pub(super) const PREFIX: &str = "ocf.";

/// The answers given, and the questions that are still open.
pub(super) struct Asking<'a> {
    answers: &'a Answers,
    asked: BTreeSet<String>,
    pub(super) open: Vec<Question>,
}

impl<'a> Asking<'a> {
    pub(super) fn new(answers: &'a Answers) -> Self {
        Self { answers, asked: BTreeSet::new(), open: Vec::new() }
    }

    /// The answer to a question as `parse` understands it. Without one, or with a wrong one (which is noted), the question is
    /// open.
    pub(super) fn ask<T>(
        &mut self,
        question: Question,
        notes: &mut Notes,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let is_new = self.asked.insert(question.id.clone());
        if let Some(answer) = self.answers.get(&question.id).map(|answer| answer.trim()).filter(|text| !text.is_empty())
        {
            match parse(answer) {
                Ok(value) => return Some(value),
                Err(message) => notes.problem(place(&question.id), answer, message),
            }
        }
        // A question that was asked before is open already, or has its answer.
        if is_new {
            self.open.push(question);
        }
        None
    }

    /// Whether nothing was answered to a question.
    pub(super) fn is_unanswered(&self, id: &str) -> bool {
        self.answers.get(id).is_none_or(|answer| answer.trim().is_empty())
    }

    /// An amount of money in whole cents.
    pub(super) fn cents(&mut self, question: Question, notes: &mut Notes) -> Option<BigInt> {
        self.ask(question, notes, |answer| {
            let (cents, is_exact) = amounts::cents(&amount(answer)?);
            if is_exact { Ok(cents) } else { Err("must be an amount of at most two decimals".to_owned()) }
        })
    }

    /// One of the question's choices.
    pub(super) fn choice(&mut self, question: Question, notes: &mut Notes) -> Option<String> {
        let values: Vec<String> = question.choices.iter().map(|choice| choice.value.clone()).collect();
        self.ask(question, notes, |answer| {
            let chosen = values.iter().find(|value| value.as_str() == answer).cloned();
            chosen.ok_or_else(|| {
                let listed: Vec<&str> = values.iter().map(String::as_str).take(CHOICES_LISTED_MAX).collect();
                let more = if values.len() > CHOICES_LISTED_MAX { " or another of the question's choices" } else { "" };
                format!("must be one of {}{more}", listed.join(", "))
            })
        })
    }

    /// Warns of answers that no question of this package asked for.
    pub(super) fn warn_of_unused(&self, notes: &mut Notes) {
        for (id, answer) in self.answers {
            if id.starts_with(PREFIX) && !self.asked.contains(id) {
                notes.warn(place(id), answer.as_str(), "answers no question of this package; check its name");
            }
        }
    }
}

/// A question without choices that must be answered.
pub(super) fn question(id: String, text: String) -> Question {
    Question { id, text, example: None, choices: Vec::new(), optional: false }
}

/// An answer to choose.
pub(super) fn choice(value: &str, label: &str) -> Choice {
    Choice { value: value.to_owned(), label: label.to_owned() }
}

/// Where a question stands.
pub(super) fn place(id: &str) -> Place {
    Place { column: Some(id.to_owned()), ..Place::default() }
}

/// A number that is not negative.
pub(super) fn amount(answer: &str) -> Result<BigRational, String> {
    let value = amounts::decimal(answer)?;
    if value.is_negative() { Err("must not be negative".to_owned()) } else { Ok(value) }
}

/// A price per share on a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// In units of the security's currency.
    pub(super) price: BigRational,
    pub(super) date: Date,
    /// Fund currency per unit of it.
    pub(super) rate: Option<String>,
}

/// Reads `1.25 on 2024-12-31`, with ` at 1.08` for an exchange rate, and several of them with `;` between.
///
/// # Errors
/// The form, for anything else.
pub(super) fn marks(answer: &str) -> Result<Vec<Mark>, String> {
    answer.split(';').map(|one| mark(one.trim())).collect()
}

fn mark(answer: &str) -> Result<Mark, String> {
    let wrong =
        |what: String| format!("must be written like \"1.25 on 2024-12-31\" or \"1.25 on 2024-12-31 at 1.08\": {what}");
    let (price, rest) = answer.split_once(" on ").ok_or_else(|| wrong("there is no \" on \"".to_owned()))?;
    let (date, rate) = rest.split_once(" at ").map_or((rest, None), |(date, rate)| (date, Some(rate.trim())));
    let price = amount(price.trim()).map_err(|error| wrong(format!("the price {error}")))?;
    let date = parse_date(date.trim()).map_err(|error| wrong(format!("the date {error}")))?;
    if let Some(rate) = rate {
        moic::Ratio::parse(rate).map_err(|error| wrong(format!("the rate {error}")))?;
    }
    Ok(Mark { price, date, rate: rate.map(str::to_owned) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_have_one_form() {
        let read = marks("1.25 on 2024-12-31 at 1.08; 2 on 2025-06-30").unwrap();
        assert_eq!(read.len(), 2);
        assert_eq!(read.first().unwrap().rate.as_deref(), Some("1.08"));
        for wrong in
            ["1.25", "1.25 on", "x on 2024-12-31", "-1 on 2024-12-31", "1 on 2024-02-30", "1 on 2024-12-31 at x", ""]
        {
            assert!(marks(wrong).is_err(), "{wrong:?} is a mark");
        }
    }
}
