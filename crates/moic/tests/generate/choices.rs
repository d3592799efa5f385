//! A tape of random choices. A shorter tape, or one with smaller entries, gives a simpler document: that is how
//! proptest shrinks a counterexample.

use proptest::prelude::*;

/// Entries of a tape; a document that needs more goes on with zeros.
const CHOICES_MIN: usize = 300;
const CHOICES_MAX: usize = 2500;

/// Answers questions from a tape of random entries, with 0 once it is used up.
#[derive(Clone, Debug)]
pub struct Choices {
    tape: Vec<u32>,
    next: usize,
}

impl Choices {
    /// The strategy for tapes.
    pub fn any() -> impl Strategy<Value = Choices> {
        proptest::collection::vec(any::<u32>(), CHOICES_MIN..CHOICES_MAX).prop_map(|tape| Choices { tape, next: 0 })
    }

    fn entry(&mut self) -> u32 {
        let entry = self.tape.get(self.next).copied().unwrap_or(0);
        self.next += 1;
        entry
    }

    /// A number from 0 to `count` − 1.
    pub fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.entry()).expect("32 bits fit") % count
    }

    /// True in `percent` of 100 cases; false on an empty tape.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) >= 100 - percent
    }

    /// One of `options`; the first on an empty tape.
    pub fn pick<T: Clone>(&mut self, options: &[T]) -> T {
        options[self.below(options.len())].clone()
    }

    /// A number of 1 to `digits` digits, small ones as often as large ones.
    pub fn magnitude(&mut self, digits: u32) -> u128 {
        let digits = 1 + self.below(usize::try_from(digits).expect("few digits"));
        let wide = u128::from(self.entry()) << 64 | u128::from(self.entry()) << 32 | u128::from(self.entry());
        wide % 10u128.pow(u32::try_from(digits).expect("few digits"))
    }
}
