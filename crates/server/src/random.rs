//! Unpredictable bytes from the operating system, and how they are written.

use std::sync::atomic::{AtomicU64, Ordering};

/// Random bytes for ids that only have to differ. Without the operating system's randomness they are a counter.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    static COUNTER: AtomicU64 = AtomicU64::new(1);
    let mut bytes = [0; N];
    if getrandom::fill(&mut bytes).is_err() {
        let count = COUNTER.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        for (byte, counted) in bytes.iter_mut().rev().zip(count.iter().rev()) {
            *byte = *counted;
        }
    }
    bytes
}

/// Lower-case hexadecimal. Without formatting: every request's ids are written this way.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(if value < 10 { b'0' + value } else { b'a' + value - 10 });
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 0x0f));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_in_lower_case_hexadecimal() {
        assert_eq!(hex(&[0, 15, 255]), "000fff");
    }
}
