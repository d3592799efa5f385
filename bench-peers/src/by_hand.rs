//! The same, written out by somebody who needs no flags.

use crate::murmur3;

/// The user, as a program has them.
pub struct User<'a> {
    /// Who they are.
    pub id: &'a str,
    /// Where they are.
    pub country: &'a str,
}

/// The variant of a user.
#[must_use]
pub fn variant(flag: &str, user: &User<'_>) -> Option<&'static str> {
    if !matches!(user.country, "FR" | "DE" | "NL") {
        return None;
    }
    let bucket = murmur3::bucket(murmur3::of_user(flag, user.id), 100);
    Some(match bucket {
        0..25 => "clubs",
        25..50 => "diamonds",
        50..75 => "hearts",
        _ => "spades",
    })
}
