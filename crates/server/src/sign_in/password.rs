//! A password as it was typed, and whether it is good enough to be somebody's.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use zxcvbn::feedback::Feedback;
use zxcvbn::{Score, zxcvbn};

/// Characters a new password has at least. [NIST SP 800-63B-4, 3.1.1.2](https://pages.nist.gov/800-63-4/sp800-63b.html)
/// asks for 8 beside another factor and 15 without; the estimate of guesses below makes up for the difference.
pub(crate) const PASSWORD_LENGTH_MIN: usize = 12;
/// Bytes a password has at most, so that nobody makes work with a long one.
pub(crate) const PASSWORD_BYTES_MAX: usize = 256;
/// Characters that make a word about somebody worth looking for.
const KNOWN_WORD_LENGTH_MIN: usize = 3;
/// Characters that a password has at least beside such words.
const LEFT_LENGTH_MIN: usize = 8;
/// What an estimate must come to at least: about 10^8 guesses, zxcvbn's "safely unguessable".
const SCORE_MIN: Score = Score::Three;

/// A password in one spelling of what looks alike. Never printed.
#[derive(Clone)]
pub(crate) struct Password(String);

/// Whether a password is good enough.
pub(crate) enum Strength {
    /// It is.
    Good,
    /// It is not; what is wrong and what would be right, without the password.
    Weak(String),
}

impl Password {
    /// Takes what was typed; none where it is too long to be anybody's.
    pub(crate) fn new(text: &str) -> Option<Self> {
        if text.len() > PASSWORD_BYTES_MAX {
            return None;
        }
        Some(Self(text.nfkc().collect()))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// How hard it is to guess for somebody who knows these words about its owner. Takes milliseconds: for a thread that
    /// may block.
    pub(crate) fn strength(&self, known: &[String]) -> Strength {
        if self.0.chars().count() < PASSWORD_LENGTH_MIN {
            return Strength::Weak(format!("must have at least {PASSWORD_LENGTH_MIN} characters"));
        }
        let words: Vec<&str> = known
            .iter()
            .flat_map(|text| text.split(|character: char| !character.is_alphanumeric()).chain([text.as_str()]))
            .chain(["lotwise"])
            .filter(|word| !word.is_empty())
            .collect();
        if self.is_little_more_than(&words) {
            return Strength::Weak("is little more than a name that everybody knows".to_owned());
        }
        let estimate = zxcvbn(&self.0, &words);
        if estimate.score() >= SCORE_MIN {
            return Strength::Good;
        }
        let why = estimate.feedback().and_then(Feedback::warning).map(|warning| format!(": {warning}"));
        let why = why.unwrap_or_default();
        Strength::Weak(format!(
            "is too easy to guess{}. Take several words that do not belong together",
            why.trim_end_matches('.')
        ))
    }

    /// Whether hardly anything is left where these words are taken out, however they are joined.
    fn is_little_more_than(&self, words: &[&str]) -> bool {
        let whole = self.0.to_lowercase();
        let known = words.iter().filter(|word| word.chars().count() >= KNOWN_WORD_LENGTH_MIN);
        let left = known.fold(whole.clone(), |left, word| left.replace(&word.to_lowercase(), ""));
        left.len() < whole.len() && left.chars().count() < LEFT_LENGTH_MIN
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(text: &str) -> Option<String> {
        let known = ["Ada Lovelace".to_owned(), "ada@countess.example".to_owned()];
        match Password::new(text).unwrap().strength(&known) {
            Strength::Good => None,
            Strength::Weak(why) => Some(why),
        }
    }

    #[test]
    fn several_words_that_do_not_belong_together_are_good() {
        assert_eq!(verdict("tidal marmot grief ledger"), None);
        assert_eq!(verdict("bSv9#qLw2_kZ"), None);
    }

    #[test]
    fn what_others_guess_first_is_refused_without_being_repeated() {
        for text in ["short", "password1234", "aaaaaaaaaaaaaaaa", "123456789012", "adalovelace1", "lotwiselotwise"] {
            let why = verdict(text).unwrap_or_else(|| panic!("{text} is taken"));
            assert!(!why.contains(text), "{why}");
        }
    }

    #[test]
    fn a_password_is_bounded_one_spelling_and_never_printed() {
        assert!(Password::new(&"x".repeat(PASSWORD_BYTES_MAX)).is_some());
        assert!(Password::new(&"x".repeat(PASSWORD_BYTES_MAX + 1)).is_none());
        assert_eq!(Password::new("A\u{308}").unwrap().bytes(), Password::new("Ä").unwrap().bytes());
        assert!(!format!("{:?}", Password::new("s3cret").unwrap()).contains("s3cret"));
    }
}
