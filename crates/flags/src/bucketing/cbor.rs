//! Deterministic CBOR (RFC 8949 §4.2.1) of JSON values, as far as bucketing needs it: shortest lengths, whole numbers as
//! integers, others as the shortest float that loses nothing, fields in the order of their encoded names.

use bumpalo::collections::Vec as ArenaVec;

use crate::value::{Arena, Value};

/// Bytes encoded without touching the arena: enough for a flag's key and a user's.
const INLINE_BYTES: usize = 192;

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

/// Encodes, and hands the bytes to `read`.
pub(super) fn with_encoded<T>(
    arena: &Arena,
    encode: impl FnOnce(&mut Encoder<'_>),
    read: impl FnOnce(&[u8]) -> T,
) -> T {
    let mut encoder = Encoder { inline: [0; INLINE_BYTES], length: 0, spilled: ArenaVec::new_in(arena.bump()) };
    encode(&mut encoder);
    read(encoder.bytes())
}

/// Bytes as they are encoded.
pub(super) struct Encoder<'a> {
    inline: [u8; INLINE_BYTES],
    /// Bytes of `inline` in use, as long as nothing has spilled.
    length: usize,
    spilled: ArenaVec<'a, u8>,
}

impl Encoder<'_> {
    fn bytes(&self) -> &[u8] {
        if self.spilled.is_empty() { self.inline.get(..self.length).unwrap_or_default() } else { &self.spilled }
    }

    /// Adds bytes as they are.
    #[inline]
    pub(super) fn raw(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        if self.spilled.is_empty()
            && let Some(place) = self.inline.get_mut(self.length..end)
        {
            place.copy_from_slice(bytes);
            self.length = end;
            return;
        }
        if self.spilled.is_empty() {
            self.spilled.extend_from_slice(self.inline.get(..self.length).unwrap_or_default());
        }
        self.spilled.extend_from_slice(bytes);
    }

    /// A list of texts.
    pub(super) fn texts(&mut self, texts: &[&str]) {
        self.head(ARRAY, length(texts.len()));
        for text in texts {
            self.text(text);
        }
    }

    /// A value.
    pub(super) fn value(&mut self, value: Value<'_>) {
        match value {
            Value::Null => self.raw(&[NULL]),
            Value::Bool(false) => self.raw(&[FALSE]),
            Value::Bool(true) => self.raw(&[TRUE]),
            Value::Number(number) => self.number(number),
            Value::Text(text) => self.text(text),
            Value::Array(items) => {
                self.head(ARRAY, length(items.len()));
                for item in items {
                    self.value(*item);
                }
            }
            Value::Object(fields) => self.fields(fields),
        }
    }

    fn text(&mut self, text: &str) {
        self.head(TEXT, length(text.len()));
        self.raw(text.as_bytes());
    }

    /// Encoded names compare by their head first, which is their length, then by their bytes.
    fn fields(&mut self, fields: &[(&str, Value<'_>)]) {
        self.head(MAP, length(fields.len()));
        let mut sorted = ArenaVec::with_capacity_in(fields.len(), self.spilled.bump());
        sorted.extend_from_slice(fields);
        sorted.sort_unstable_by(|(one, _), (other, _)| (one.len(), one).cmp(&(other.len(), other)));
        for (name, value) in &sorted {
            self.text(name);
            self.value(*value);
        }
    }

    fn number(&mut self, number: f64) {
        if number.fract() == 0.0 && (-TWO_TO_63..TWO_TO_64).contains(&number) {
            // In these bounds a double without fraction is a whole number of 128 bits, and its head one of 64.
            #[expect(clippy::cast_possible_truncation, reason = "checked above")]
            let whole = number as i128;
            return match u64::try_from(whole) {
                Ok(whole) => self.head(UNSIGNED, whole),
                Err(_) => self.head(NEGATIVE, u64::try_from(-1 - whole).unwrap_or(u64::MAX)),
            };
        }
        #[expect(clippy::cast_possible_truncation, reason = "whether it loses something is looked at next")]
        let single = number as f32;
        if f64::from(single) != number {
            self.raw(&[DOUBLE]);
            return self.raw(&number.to_be_bytes());
        }
        match half_of(single) {
            Some(half) => {
                self.raw(&[HALF]);
                self.raw(&half.to_be_bytes());
            }
            None => {
                self.raw(&[SINGLE]);
                self.raw(&single.to_be_bytes());
            }
        }
    }

    /// The type of an item with its number in the fewest bytes.
    fn head(&mut self, major: u8, number: u64) {
        let bytes = number.to_be_bytes();
        match number {
            0..24 => self.raw(&[major | bytes[7]]),
            24..0x100 => self.raw(&[major | 24, bytes[7]]),
            0x100..0x1_0000 => self.raw(&[major | 25, bytes[6], bytes[7]]),
            0x1_0000..0x1_0000_0000 => self.raw(&[major | 26, bytes[4], bytes[5], bytes[6], bytes[7]]),
            0x1_0000_0000.. => {
                self.raw(&[major | 27]);
                self.raw(&bytes);
            }
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

    fn encoded(value: Value<'_>) -> String {
        let arena = Arena::new();
        with_encoded(&arena, |out| out.value(value), |bytes| bytes.iter().map(|byte| format!("{byte:02x}")).collect())
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
            assert_eq!(encoded(Value::Number(number)), expected, "{number}");
        }
        let list = [Value::Number(2.0), Value::Number(3.0)];
        let object = [("b", Value::Array(&list)), ("a", Value::Number(1.0))];
        assert_eq!(encoded(Value::Object(&object)), "a26161016162820203");
        assert_eq!(encoded(Value::Text("水")), "63e6b0b4");
        assert_eq!(encoded(Value::Array(&[Value::Null, Value::Bool(false), Value::Bool(true)])), "83f6f4f5");
    }

    #[test]
    fn what_does_not_fit_inline_is_encoded_the_same() {
        let long = "x".repeat(INLINE_BYTES * 3);
        let items = [Value::Text("short"), Value::Text(&long), Value::Text("end")];
        let text = encoded(Value::Array(&items));
        assert!(text.starts_with("836573686f7274790240787878"));
        assert!(text.ends_with("787863656e64"));
    }
}
