//! What is wrong with a file, or worth knowing of it, however much of it there is.

use std::collections::HashMap;

use crate::place::Problem;

/// Problems or warnings of a file: the first of them, alike ones as one, and how many there are. A file of 200,000 rows can be
/// wrong in each of them, and nobody reads more than this.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Problems {
    listed: Vec<Listed>,
    /// Positions by all that makes two problems one: everything but the row.
    alike: HashMap<Problem, usize>,
    count: usize,
}

#[derive(Clone, Debug, PartialEq)]
struct Listed {
    problem: Problem,
    /// The next rows that it is found in, as many as are named.
    also_in_rows: Vec<u32>,
    /// How many rows there are beyond these.
    others: usize,
}

impl Problems {
    /// Problems that are listed one by one; the others are counted.
    pub const LISTED_MAX: usize = 200;
    /// Rows of one problem that are named beside its first one.
    const ALSO_NAMED_MAX: usize = 4;

    /// Notes a problem.
    pub fn push(&mut self, problem: Problem) {
        self.count = self.count.saturating_add(1);
        let mut anywhere = problem.clone();
        let row = anywhere.place.row.take();
        if let Some(listed) = self.alike.get(&anywhere).and_then(|position| self.listed.get_mut(*position)) {
            match row {
                Some(row) if listed.also_in_rows.len() < Self::ALSO_NAMED_MAX => listed.also_in_rows.push(row),
                _ => listed.others = listed.others.saturating_add(1),
            }
        } else if self.listed.len() < Self::LISTED_MAX {
            // Without a row there is nothing that tells two of them apart.
            self.alike.insert(anywhere, self.listed.len());
            self.listed.push(Listed { problem, also_in_rows: Vec::new(), others: 0 });
        }
    }

    /// Adds others, with what they have counted.
    pub fn absorb(&mut self, others: Self) {
        let (listed, more) = others.into_listed();
        self.extend(listed);
        self.count = self.count.saturating_add(more);
    }

    /// How many there are, those that are not listed included.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The listed ones, each with the rows it is found in, and how many there are beyond one for each of them.
    #[must_use]
    pub fn into_listed(self) -> (Vec<Problem>, usize) {
        let more = self.count.saturating_sub(self.listed.len());
        (self.listed.into_iter().map(Listed::into_problem).collect(), more)
    }
}

impl Extend<Problem> for Problems {
    fn extend<T: IntoIterator<Item = Problem>>(&mut self, problems: T) {
        problems.into_iter().for_each(|problem| self.push(problem));
    }
}

impl Listed {
    fn into_problem(self) -> Problem {
        let Self { mut problem, also_in_rows, others } = self;
        if also_in_rows.is_empty() {
            return problem;
        }
        let rows: Vec<String> = also_in_rows.iter().map(u32::to_string).collect();
        let (last, first) = rows.split_last().map_or(("", &rows[..]), |(last, first)| (last.as_str(), first));
        let named = match (first, others) {
            ([], 0) => format!("row {last}"),
            (_, 0) => format!("rows {} and {last}", first.join(", ")),
            (_, others) => {
                format!("rows {} and {others} {}", rows.join(", "), if others == 1 { "other" } else { "others" })
            }
        };
        problem.message.push_str(&format!(" (so in {named}, too)"));
        problem
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Place;

    fn problem(row: u32, value: &str) -> Problem {
        let place = Place { row: Some(row), column: Some("Cost".to_owned()), ..Place::default() };
        Problem::new(place, value, "is no number")
    }

    fn messages(problems: Problems) -> Vec<String> {
        problems.into_listed().0.into_iter().map(|problem| problem.message).collect()
    }

    #[test]
    fn the_same_in_many_rows_is_told_once_with_its_rows() {
        for (rows, told) in [
            (1, "is no number"),
            (2, "is no number (so in row 2, too)"),
            (4, "is no number (so in rows 2, 3 and 4, too)"),
            (6, "is no number (so in rows 2, 3, 4, 5 and 1 other, too)"),
            (17, "is no number (so in rows 2, 3, 4, 5 and 12 others, too)"),
        ] {
            let mut problems = Problems::default();
            problems.extend((1..=rows).map(|row| problem(row, "many")));
            assert_eq!(messages(problems), [told]);
        }
    }

    #[test]
    fn what_nobody_would_read_is_counted_only() {
        let mut problems = Problems::default();
        problems.extend((1..=100_000).map(|row| problem(row, &row.to_string())));
        assert_eq!(problems.count(), 100_000);
        let (listed, more) = problems.into_listed();
        assert_eq!((listed.len(), more), (Problems::LISTED_MAX, 100_000 - Problems::LISTED_MAX));
        assert_eq!(listed[0].message, "is no number");
    }
}
