//! Text fields with rules: identifiers, labels and names out of a list.

/// Characters an identifier or a label may have.
pub const IDENTIFIER_LENGTH_MAX: usize = 200;

/// Reads an identifier: any text but the empty one, of at most [`IDENTIFIER_LENGTH_MAX`] characters.
pub(crate) fn identifier(text: &str) -> Result<Box<str>, String> {
    if text.is_empty() {
        return Err("must not be empty".to_owned());
    }
    label(text)
}

/// Reads a label: any text of at most [`IDENTIFIER_LENGTH_MAX`] characters.
pub(crate) fn label(text: &str) -> Result<Box<str>, String> {
    // A character has at most four bytes, so short texts need no counting.
    if text.len() > IDENTIFIER_LENGTH_MAX && text.chars().count() > IDENTIFIER_LENGTH_MAX {
        return Err(format!("must have at most {IDENTIFIER_LENGTH_MAX} characters"));
    }
    Ok(text.into())
}

/// Reads one of a list of names.
pub(crate) fn one_of<T: Copy>(names: &[(&'static str, T)], text: &str) -> Result<T, String> {
    let known = names.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
    known.ok_or_else(|| {
        let listed: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
        format!("must be one of {}", listed.join(", "))
    })
}
