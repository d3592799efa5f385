//! How many tests passed and failed, read from what the test runners print.

use std::ops::AddAssign;

/// Counted tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed.
    pub failed: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed = self.passed.saturating_add(other.passed);
        self.failed = self.failed.saturating_add(other.failed);
    }
}

/// Reads one line of a test runner's output; nothing when the line is not its summary.
pub type ReadLine = fn(&str) -> Option<Tally>;

/// `test result: ok. 12 passed; 0 failed; 0 ignored; …`, one line for each test binary.
pub fn cargo(line: &str) -> Option<Tally> {
    let counts = line.trim().strip_prefix("test result: ")?;
    let (_, counts) = counts.split_once(". ")?;
    Some(counted(counts.split(';')))
}

/// `Tests  1 failed | 30 passed (31)`
pub fn vitest(line: &str) -> Option<Tally> {
    let counts = line.trim().strip_prefix("Tests ")?;
    let (counts, _) = counts.split_once('(')?;
    Some(counted(counts.split('|')))
}

/// `12 passed (30.1s)` and `1 failed`, each on its own line.
pub fn playwright(line: &str) -> Option<Tally> {
    let line = line.trim();
    let count = line.split_once(" (").map_or(line, |(count, _)| count);
    let tally = counted(std::iter::once(count));
    (tally != Tally::default()).then_some(tally)
}

/// `# pass 5` and `# fail 0`, each on its own line, as `node --test` ends.
pub fn node(line: &str) -> Option<Tally> {
    let (what, number) = line.strip_prefix("# ")?.split_once(' ')?;
    let number = number.trim().parse().ok()?;
    match what {
        "pass" => Some(Tally { passed: number, failed: 0 }),
        "fail" => Some(Tally { passed: 0, failed: number }),
        _ => None,
    }
}

fn counted<'l>(parts: impl Iterator<Item = &'l str>) -> Tally {
    let mut tally = Tally::default();
    for part in parts {
        let Some((number, what)) = part.trim().split_once(' ') else { continue };
        let Ok(number) = number.parse::<u64>() else { continue };
        match what {
            "passed" => tally.passed = number,
            "failed" => tally.failed = number,
            _ => {}
        }
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::{Tally, cargo, node, playwright, vitest};

    #[test]
    fn cargo_prints_a_line_for_each_binary() {
        let ok = "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(cargo(ok), Some(Tally { passed: 12, failed: 0 }));
        let bad = "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1s";
        assert_eq!(cargo(bad), Some(Tally { passed: 3, failed: 2 }));
        assert_eq!(cargo("test lots::are_created ... ok"), None);
        assert_eq!(cargo("running 12 tests"), None);
    }

    #[test]
    fn vitest_counts_tests_and_not_files() {
        assert_eq!(vitest("      Tests  31 passed (31)"), Some(Tally { passed: 31, failed: 0 }));
        assert_eq!(vitest("      Tests  1 failed | 30 passed (31)"), Some(Tally { passed: 30, failed: 1 }));
        assert_eq!(vitest(" Test Files  7 passed (7)"), None);
    }

    #[test]
    fn node_counts_at_its_end() {
        assert_eq!(node("# pass 5"), Some(Tally { passed: 5, failed: 0 }));
        assert_eq!(node("# fail 1"), Some(Tally { passed: 0, failed: 1 }));
        assert_eq!(node("# tests 6"), None);
        assert_eq!(node("ok 1 - values of every type arrive"), None);
    }

    #[test]
    fn playwright_counts_on_lines_of_their_own() {
        assert_eq!(playwright("  12 passed (30.1s)"), Some(Tally { passed: 12, failed: 0 }));
        assert_eq!(playwright("  1 failed"), Some(Tally { passed: 0, failed: 1 }));
        assert_eq!(playwright("  ✓  1 portfolio.spec.ts:10:1 › shows it (1.2s)"), None);
        assert_eq!(playwright("Running 12 tests using 1 worker"), None);
    }
}
