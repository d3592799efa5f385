//! Query strings, read strictly: every problem at once, unknown and repeated parameters named.

use std::fmt::Display;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use jiff::Timestamp;
use jiff::civil::Date;
use moic::Problem;
use moic::quantity::parse_date;
use store::{Cursor, Limit, Page};

use crate::clock::{Clock, today};
use crate::error::ApiError;
use crate::fields;

/// The parameters of a request, taken one by one.
#[derive(Default)]
pub(crate) struct QueryFields {
    pairs: Vec<(String, String)>,
    problems: Vec<Problem>,
}

impl<S: Send + Sync> FromRequestParts<S> for QueryFields {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Query(pairs) = Query::from_request_parts(parts, state).await.map_err(|error| ApiError::Malformed {
            message: format!("the query cannot be read: {error}"),
            details: Vec::new(),
        })?;
        Ok(Self { pairs, problems: Vec::new() })
    }
}

impl QueryFields {
    /// Takes the text of a parameter.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        let position = self.pairs.iter().position(|(key, _)| key == name)?;
        let (_, value) = self.pairs.remove(position);
        if self.pairs.iter().any(|(key, _)| key == name) {
            self.pairs.retain(|(key, _)| key != name);
            self.problems.push(Problem::new(name, &value, "is given more than once"));
            return None;
        }
        Some(value)
    }

    /// Takes a parameter that `parse` understands.
    pub(crate) fn parsed<T, E: Display>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        let text = self.text(name)?;
        match parse(&text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.problems.push(Problem::new(name, text, error.to_string()));
                None
            }
        }
    }

    /// Takes `limit` and `cursor`, which every list has.
    pub(crate) fn page(&mut self) -> Page {
        let limit = self.page_limit();
        let after = self.parsed("cursor", str::parse::<Cursor>);
        Page { limit, after }
    }

    /// Takes `limit`.
    pub(crate) fn page_limit(&mut self) -> Limit {
        let limit = self.parsed("limit", |text| {
            let wrong = || format!("must be a whole number from 1 to {}", Limit::MAX);
            text.parse::<i64>().ok().and_then(|limit| Limit::new(limit).ok()).ok_or_else(wrong)
        });
        limit.unwrap_or_default()
    }

    /// Takes `asOf`, today without it, and `knownAt`: the day that facts are about, and the instant up to which they were
    /// recorded.
    pub(crate) fn moment(&mut self, clock: &dyn Clock) -> (Date, Option<Timestamp>) {
        let as_of = self.parsed("asOf", parse_date).unwrap_or_else(|| today(clock));
        (as_of, self.parsed("knownAt", fields::instant))
    }

    /// Takes a parameter with the id of a record.
    pub(crate) fn id(&mut self, name: &str) -> Option<i64> {
        self.parsed(name, |text| fields::id(text).ok_or("must be an id: a whole number from 1"))
    }

    /// Ends the reading: parameters nobody took are unknown.
    ///
    /// # Errors
    /// [`ApiError::Malformed`] with every problem found.
    pub(crate) fn finish(mut self) -> Result<(), ApiError> {
        for (key, value) in self.pairs.drain(..) {
            self.problems.push(Problem::new(key, value, "is not a parameter of this route"));
        }
        match self.problems.first() {
            None => Ok(()),
            Some(first) => Err(ApiError::Malformed {
                message: format!("the query parameter {} {}", first.path, first.message),
                details: self.problems,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&str, &str)]) -> QueryFields {
        let pairs = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        QueryFields { pairs, problems: Vec::new() }
    }

    #[test]
    fn every_problem_of_a_query_is_named_at_once() {
        let mut fields = query(&[("limit", "x"), ("status", "a"), ("status", "b"), ("sort", "name")]);
        assert_eq!(fields.parsed("limit", str::parse::<u32>), None);
        assert_eq!(fields.text("status"), None);
        let ApiError::Malformed { details, .. } = fields.finish().unwrap_err() else { panic!("a malformed query") };
        let paths: Vec<&str> = details.iter().map(|problem| problem.path.as_str()).collect();
        assert_eq!(paths, ["limit", "status", "sort"]);
    }

    #[test]
    fn a_query_that_was_taken_whole_is_fine() {
        let mut fields = query(&[("limit", "7")]);
        assert_eq!(fields.parsed("limit", str::parse::<u32>), Some(7));
        assert!(fields.finish().is_ok());
    }
}
