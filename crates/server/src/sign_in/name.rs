//! What people sign in as.

use unicode_normalization::UnicodeNormalization;

/// Characters of a sign-in name.
const LENGTH_MAX: usize = 200;

/// A sign-in name in its normal form: one spelling for what looks alike and for capitals. An e-mail address is one.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn sign_in_name(text: &str) -> Result<String, String> {
    let name: String = text.trim().nfkc().collect::<String>().to_lowercase().nfkc().collect();
    let length = name.chars().count();
    if length == 0 || length > LENGTH_MAX {
        return Err(format!("must have 1 to {LENGTH_MAX} characters"));
    }
    if name.chars().any(|character| character.is_control() || character.is_whitespace()) {
        return Err("must have neither spaces nor control characters".to_owned());
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_alike_is_one_name() {
        for text in ["Ada@Example.com", " ada@example.COM ", "ａｄａ@example.com"] {
            assert_eq!(sign_in_name(text).unwrap(), "ada@example.com", "{text}");
        }
        assert_eq!(sign_in_name("A\u{308}da").unwrap(), sign_in_name("Äda").unwrap());
    }

    #[test]
    fn a_name_is_one_word_of_bounded_length() {
        for text in ["", "  ", "ada lovelace", "a\u{0}b", &"x".repeat(201)] {
            assert!(sign_in_name(text).is_err(), "{text:?}");
        }
    }
}
