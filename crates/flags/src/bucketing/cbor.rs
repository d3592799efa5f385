//! Deterministic CBOR (RFC 8949 §4.2.1) of JSON values, as far as bucketing needs it: shortest lengths, whole numbers as
//! integers, others as the shortest float that loses nothing, fields in the order of their encoded names.

use bumpalo::collections::Vec as ArenaVec;

use super::murmur3::Murmur3;
use crate::value::{Arena, Value};

const UNSIGNED: u8 = 0 << 5;
const NEGATIVE: u8 = 1 << 5;
const TEXT: u8 = 3 << 5;
const ARRAY: u8 = 4 << 5;
const MAP: u8 = 5 << 5;
const FALSE: u8 = 0xf4;
const TRUE: u8 = 0xf5;
const NULL: u8 = 0xf6;
const HALF: u8 = 0xf9;
const SINGLE: u8 = 0xfa;
const DOUBLE: u8 = 0xfb;

/// Hashes the beginning of a list of so many elements.
pub(super) fn list_of(out: &mut Murmur3, elements: usize) {
    head(out, ARRAY, length(elements));
}

/// Hashes a text.
#[inline]
pub(super) fn text(out: &mut Murmur3, text: &str) {
    head(out, TEXT, length(text.len()));
    out.write(text.as_bytes());
}

/// Hashes a value; fields are sorted in the arena.
pub(super) fn value(out: &mut Murmur3, value: Value<'_>, arena: &Arena) {
    Encoder { out, arena }.value(value);
}

struct Encoder<'e> {
    out: &'e mut Murmur3,
    arena: &'e Arena,
}

impl Encoder<'_> {
    fn value(&mut self, value: Value<'_>) {
        match value {
            Value::Null => self.out.write_byte(NULL),
            Value::Bool(false) => self.out.write_byte(FALSE),
            Value::Bool(true) => self.out.write_byte(TRUE),
            Value::Number(number) => self.number(number),
            Value::Text(name) => text(self.out, name),
            Value::Array(items) => {
                head(self.out, ARRAY, length(items.len()));
                for item in items {
                    self.value(*item);
                }
            }
            Value::Object(fields) => self.fields(fields),
        }
    }

    /// Encoded names compare by their head first, which is their length, then by their bytes.
    fn fields(&mut self, fields: &[(&str, Value<'_>)]) {
        head(self.out, MAP, length(fields.len()));
        let mut sorted = ArenaVec::with_capacity_in(fields.len(), self.arena.bump());
        sorted.extend_from_slice(fields);
        sorted.sort_unstable_by(|(one, _), (other, _)| (one.len(), one).cmp(&(other.len(), other)));
        for (name, value) in &sorted {
            text(self.out, name);
            self.value(*value);
        }
    }

    fn number(&mut self, number: f64) {
        if number.fract() == 0.0 && (-TWO_TO_63..TWO_TO_64).contains(&number) {
            // In these bounds a double without fraction is a whole number of 128 bits, and its head one of 64.
            #[expect(clippy::cast_possible_truncation, reason = "checked above")]
            let whole = number as i128;
            return match u64::try_from(whole) {
                Ok(whole) => head(self.out, UNSIGNED, whole),
                Err(_) => head(self.out, NEGATIVE, u64::try_from(-1 - whole).unwrap_or(u64::MAX)),
            };
        }
        #[expect(clippy::cast_possible_truncation, reason = "whether it loses something is looked at next")]
        let single = number as f32;
        if f64::from(single) != number {
            self.out.write_byte(DOUBLE);
            return self.out.write(&number.to_be_bytes());
        }
        match half_of(single) {
            Some(half) => {
                self.out.write_byte(HALF);
                self.out.write(&half.to_be_bytes());
            }
            None => {
                self.out.write_byte(SINGLE);
                self.out.write(&single.to_be_bytes());
            }
        }
    }
}

/// The type of an item with its number in the fewest bytes.
#[inline]
fn head(out: &mut Murmur3, major: u8, number: u64) {
    let bytes = number.to_be_bytes();
    match number {
        0..24 => out.write_byte(major | bytes[7]),
        24..0x100 => out.write(&[major | 24, bytes[7]]),
        0x100..0x1_0000 => out.write(&[major | 25, bytes[6], bytes[7]]),
        0x1_0000..0x1_0000_0000 => out.write(&[major | 26, bytes[4], bytes[5], bytes[6], bytes[7]]),
        0x1_0000_0000.. => {
            out.write_byte(major | 27);
            out.write(&bytes);
        }
    }
}

const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;
const TWO_TO_64: f64 = 18_446_744_073_709_551_616.0;

fn length(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// The half-precision float (IEEE 754 binary16) of the same value, if there is one.
fn half_of(single: f32) -> Option<u16> {
    let bits = single.to_bits();
    let sign = u16::try_from(bits >> 31).ok()? << 15;
    let exponent = (bits >> 23) & 0xff;
    let fraction = bits & 0x007f_ffff;
    match exponent {
        // Zero; what is smaller than a single's normal numbers is too small for a half.
        0 => (fraction == 0).then_some(sign),
        // A half's normal numbers: exponents from −14 to 15, ten bits of fraction.
        113..=142 => {
            let kept = u16::try_from(fraction >> 13).ok()?;
            let shifted = u16::try_from(exponent - 112).ok()? << 10;
            (fraction & 0x1fff == 0).then_some(sign | shifted | kept)
        }
        // A half's subnormal numbers: a multiple of 2⁻²⁴.
        103..=112 => {
            let whole = fraction | 0x0080_0000;
            let lost = 126 - exponent;
            (whole.trailing_zeros() >= lost).then_some(sign | u16::try_from(whole >> lost).ok()?)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a value is encoded as these bytes, told by their hash.
    fn is_encoded_as(value: Value<'_>, hex: &str) -> bool {
        let mut encoded = Murmur3::default();
        super::value(&mut encoded, value, &Arena::new());
        let bytes = (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap());
        let mut expected = Murmur3::default();
        expected.write(&bytes.collect::<Vec<u8>>());
        encoded.finish() == expected.finish()
    }

    /// The examples of RFC 8949, appendix A, as far as JSON has them.
    #[test]
    fn the_rfcs_examples() {
        for (number, expected) in [
            (0.0, "00"),
            (-0.0, "00"),
            (23.0, "17"),
            (24.0, "1818"),
            (100.0, "1864"),
            (1_000.0, "1903e8"),
            (1_000_000.0, "1a000f4240"),
            (1_000_000_000_000.0, "1b000000e8d4a51000"),
            (-1.0, "20"),
            (-100.0, "3863"),
            (-1_000.0, "3903e7"),
            (1.1, "fb3ff199999999999a"),
            (1.5, "f93e00"),
            (5.960_464_477_539_063e-8, "f90001"),
            (0.000_061_035_156_25, "f90400"),
            (-4.1, "fbc010666666666666"),
            (3.402_823_466_385_288_6e38, "fa7f7fffff"),
            (1.0e300, "fb7e37e43c8800759c"),
            (0.333_251_953_125, "f93555"),
            (100_000.5, "fa47c35040"),
        ] {
            assert!(is_encoded_as(Value::Number(number), expected), "{number}");
        }
        let list = [Value::Number(2.0), Value::Number(3.0)];
        let object = [("b", Value::Array(&list)), ("a", Value::Number(1.0))];
        assert!(is_encoded_as(Value::Object(&object), "a26161016162820203"));
        assert!(is_encoded_as(Value::Text("水"), "63e6b0b4"));
        assert!(is_encoded_as(Value::Array(&[Value::Null, Value::Bool(false), Value::Bool(true)]), "83f6f4f5"));
    }
}
