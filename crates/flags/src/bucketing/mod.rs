//! Which bucket somebody falls into: a hash of what is bucketed by, spread over the sum of the weights.

mod cbor;
mod murmur3;

use std::fmt;
use std::str::FromStr;

use murmur3::Murmur3;
use serde::{Deserialize, Serialize};

use crate::value::{Arena, Value};

/// What is hashed: two generations, chosen for a whole set, since users change buckets between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bucketing {
    /// The UTF-8 bytes of a text (of other values as JSON Logic writes them), or of the flag's key followed by the
    /// targeting key.
    V2,
    /// The deterministic CBOR encoding (RFC 8949 §4.2.1) of the value, or of the list of the flag's key and the targeting
    /// key: numbers, texts and booleans never fall together, and a key cannot run into another.
    #[default]
    V3,
}

impl Bucketing {
    /// Name in settings and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2 => "v2",
            Self::V3 => "v3",
        }
    }

    /// The beginning of every hash of a user for a flag.
    pub(crate) fn users_of(self, flag_key: &str) -> UsersOfFlag {
        let mut hashed = Murmur3::default();
        match self {
            Self::V2 => hashed.write(flag_key.as_bytes()),
            Self::V3 => {
                cbor::list_of(&mut hashed, 2);
                cbor::text(&mut hashed, flag_key);
            }
        }
        UsersOfFlag { bucketing: self, hashed }
    }
}

/// Hashes users, and what else its rule buckets by, for one flag.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UsersOfFlag {
    bucketing: Bucketing,
    hashed: Murmur3,
}

impl UsersOfFlag {
    /// Hash of a user for the flag.
    #[inline]
    pub(crate) fn hash(&self, targeting_key: &str) -> u32 {
        let mut hash = self.hashed;
        match self.bucketing {
            Bucketing::V2 => hash.write(targeting_key.as_bytes()),
            Bucketing::V3 => cbor::text(&mut hash, targeting_key),
        }
        hash.finish()
    }

    /// Hash of a value, whatever the flag.
    pub(crate) fn hash_of_value(&self, value: Value<'_>, arena: &Arena) -> u32 {
        let mut hash = Murmur3::default();
        match self.bucketing {
            Bucketing::V2 => hash.write(value.to_text(arena).as_bytes()),
            Bucketing::V3 => cbor::value(&mut hash, value, arena),
        }
        hash.finish()
    }
}

/// Where a hash falls among `total` equal parts: from 0 to `total` − 1, each as likely.
pub(crate) const fn bucket(hash: u32, total: u32) -> u32 {
    let scaled = (hash as u64 * total as u64) >> 32;
    // The product is below total · 2³², so what is left of it is below total.
    scaled as u32
}

impl fmt::Display for Bucketing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl FromStr for Bucketing {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "v2" => Ok(Self::V2),
            "v3" => Ok(Self::V3),
            _ => Err("must be v2 or v3"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_cover_all_parts_and_the_ends_exactly() {
        assert_eq!(bucket(0, 100), 0);
        assert_eq!(bucket(u32::MAX, 100), 99);
        assert_eq!(bucket(u32::MAX / 2, 2), 0);
        assert_eq!(bucket(u32::MAX / 2 + 1, 2), 1);
        assert_eq!(bucket(u32::MAX, 1), 0);
        assert_eq!(bucket(u32::MAX, i32::MAX.unsigned_abs()), i32::MAX.unsigned_abs() - 1);
    }

    /// The bucket of each value among 25 equal ones, as flagd's evaluators agreed on them.
    #[test]
    fn values_fall_where_other_evaluators_put_them() {
        let arena = Arena::new();
        let one = [Value::Number(1.0), Value::Text("two"), Value::Bool(true), Value::Array(&[]), Value::Null];
        let ab = [("a", Value::Number(1.0)), ("b", Value::Number(2.0))];
        let ba = [("b", Value::Number(2.0)), ("a", Value::Number(1.0))];
        let z_aa = [("z", Value::Number(1.0)), ("aa", Value::Number(2.0))];
        let aaa = [("aaa", Value::Number(1.0)), ("ÿ", Value::Number(2.0))];
        let nested = [("a", Value::Array(&one))];
        for (value, expected) in [
            (Value::Bool(true), 5),
            (Value::Bool(false), 1),
            (Value::Text("user1"), 22),
            (Value::Text("user2"), 16),
            (Value::Text(""), 4),
            (Value::Text("a"), 6),
            (Value::Text("12345678901234567890123"), 4),
            (Value::Text("123456789012345678901234"), 14),
            (Value::Text("あいうえおかき"), 17),
            (Value::Text("A\\u0000B"), 15),
            (Value::Text("\\uD83D\\uDE00"), 23),
            (Value::Number(123.0), 20),
            (Value::Number(456.0), 12),
            (Value::Number(1.23), 14),
            (Value::Number(4.56), 18),
            (Value::Number(0.0), 8),
            (Value::Number(-0.0), 8),
            (Value::Number(1.0), 23),
            (Value::Number(-2.0), 12),
            (Value::Number(23.0), 21),
            (Value::Number(24.0), 11),
            (Value::Number(255.0), 13),
            (Value::Number(256.0), 13),
            (Value::Number(65_535.0), 4),
            (Value::Number(65_536.0), 11),
            (Value::Number(-24.0), 4),
            (Value::Number(-25.0), 16),
            (Value::Number(2_147_483_647.0), 10),
            (Value::Number(9_007_199_254_740_992.0), 10),
            (Value::Number(1e20), 19),
            (Value::Number(-1e20), 25),
            (Value::Number(65_504.0), 16),
            (Value::Number(65_505.0), 17),
            (Value::Number(0.000_061_035_156_25), 22),
            (Value::Number(5.960_464_477_539_063e-8), 23),
            (Value::Number(3.402_823_466_385_288_6e38), 10),
            (Value::Number(1.175_494_350_822_287_5e-38), 24),
            (Value::Number(3.5e38), 1),
            (Value::Number(f64::MAX), 17),
            (Value::Number(f64::MIN_POSITIVE), 11),
            (Value::Number(5e-324), 2),
            (Value::Object(&ab), 23),
            (Value::Object(&ba), 23),
            (Value::Object(&z_aa), 21),
            (Value::Object(&aaa), 12),
            (Value::Object(&[]), 3),
            (Value::Object(&nested), 23),
        ] {
            let hash = Bucketing::V3.users_of("").hash_of_value(value, &arena);
            assert_eq!(bucket(hash, 25) + 1, expected, "{value:?}");
        }
    }

    #[test]
    fn a_user_of_one_flag_is_never_a_user_of_another_in_v3() {
        let hash = |bucketing: Bucketing, flag, user| bucketing.users_of(flag).hash(user);
        assert_ne!(hash(Bucketing::V3, "ab", "c"), hash(Bucketing::V3, "a", "bc"));
        assert_eq!(hash(Bucketing::V2, "ab", "c"), hash(Bucketing::V2, "a", "bc"));
    }
}
