//! MurmurHash3, x86, 32 bits, seed 0, by Austin Appleby (public domain): what flagd's evaluators hash with. Written out
//! here because the crates that have it read whole buffers or streams of bytes; this one takes what is encoded piece by
//! piece, so that nothing needs to be put together first.

const C1: u32 = 0xcc9e_2d51;
const C2: u32 = 0x1b87_3593;

/// A hash of the bytes written so far. A copy goes on by itself, so that a common beginning is hashed once.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Murmur3 {
    hash: u32,
    /// Bytes that do not fill a block yet, the first one lowest.
    pending: u64,
    /// Bits of `pending` in use: 0, 8, 16 or 24.
    pending_bits: u32,
    length: u32,
}

impl Murmur3 {
    /// Adds bytes.
    #[inline]
    pub(super) fn write(&mut self, bytes: &[u8]) {
        let (blocks, rest) = bytes.as_chunks::<4>();
        for block in blocks {
            self.pending |= u64::from(u32::from_le_bytes(*block)) << self.pending_bits;
            self.mix();
        }
        for byte in rest {
            self.write_byte(*byte);
        }
        // The algorithm takes the length modulo 2³²; single bytes have counted themselves.
        #[expect(clippy::cast_possible_truncation, reason = "as the algorithm says")]
        let length = (bytes.len() - rest.len()) as u32;
        self.length = self.length.wrapping_add(length);
    }

    /// Adds one byte.
    #[inline]
    pub(super) fn write_byte(&mut self, byte: u8) {
        self.pending |= u64::from(byte) << self.pending_bits;
        self.pending_bits += 8;
        self.length = self.length.wrapping_add(1);
        if self.pending_bits == 32 {
            self.pending_bits = 0;
            self.mix();
        }
    }

    /// Takes the lowest four pending bytes as a block.
    #[inline]
    fn mix(&mut self) {
        self.hash ^= scrambled(low_half(self.pending));
        self.hash = self.hash.rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
        self.pending >>= 32;
    }

    /// The hash of everything written.
    #[inline]
    pub(super) fn finish(self) -> u32 {
        let mut hash = self.hash ^ scrambled(low_half(self.pending)) ^ self.length;
        hash ^= hash >> 16;
        hash = hash.wrapping_mul(0x85eb_ca6b);
        hash ^= hash >> 13;
        hash = hash.wrapping_mul(0xc2b2_ae35);
        hash ^ (hash >> 16)
    }
}

const fn low_half(pending: u64) -> u32 {
    (pending & 0xffff_ffff) as u32
}

const fn scrambled(block: u32) -> u32 {
    block.wrapping_mul(C1).rotate_left(15).wrapping_mul(C2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(pieces: &[&[u8]]) -> u32 {
        let mut hash = Murmur3::default();
        for piece in pieces {
            hash.write(piece);
        }
        hash.finish()
    }

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
            assert_eq!(hash(&[text.as_bytes()]), expected, "{text:?}");
        }
    }

    #[test]
    fn pieces_hash_as_the_whole() {
        let text = b"The quick brown fox jumps over the lazy dog";
        for first in 0..text.len() {
            for second in first..text.len() {
                let pieces = [&text[..first], &text[first..second], &text[second..]];
                assert_eq!(hash(&pieces), 0x2e4f_f723, "{first} {second}");
            }
        }
    }
}
