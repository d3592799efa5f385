//! MurmurHash3, x86, 32 bits, seed 0, by Austin Appleby (public domain): what flagd's evaluators hash with. Written out
//! here because the crates that have it read from a stream, which takes several times as long for a short key.

const C1: u32 = 0xcc9e_2d51;
const C2: u32 = 0x1b87_3593;

/// Hash of some bytes.
pub(super) fn hash(bytes: &[u8]) -> u32 {
    let (blocks, tail) = bytes.as_chunks::<4>();
    let mut hash = 0_u32;
    for block in blocks {
        hash ^= scrambled(u32::from_le_bytes(*block));
        hash = hash.rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    let mut last = [0_u8; 4];
    for (place, byte) in last.iter_mut().zip(tail) {
        *place = *byte;
    }
    hash ^= scrambled(u32::from_le_bytes(last));
    // The algorithm takes the length modulo 2³².
    #[expect(clippy::cast_possible_truncation, reason = "as the algorithm says")]
    let length = bytes.len() as u32;
    hash ^= length;
    hash ^= hash >> 16;
    hash = hash.wrapping_mul(0x85eb_ca6b);
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}

const fn scrambled(block: u32) -> u32 {
    block.wrapping_mul(C1).rotate_left(15).wrapping_mul(C2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_hashes() {
        for (text, expected) in [
            ("", 0),
            ("ejOoVL", 0),
            ("bY9fO-", 1),
            ("ceQdGm", u32::MAX),
            ("SI7p-", i32::MAX.unsigned_abs()),
            ("6LvT0", 0x8000_0000),
            ("test", 0xba6b_d213),
            ("Hello, world!", 0xc036_3e43),
            ("The quick brown fox jumps over the lazy dog", 0x2e4f_f723),
        ] {
            assert_eq!(hash(text.as_bytes()), expected, "{text:?}");
        }
    }
}
