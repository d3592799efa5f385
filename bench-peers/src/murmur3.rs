//! MurmurHash3, x86, 32 bits, seed 0, for the peers that bring none.

/// Hash of some bytes.
#[must_use]
pub fn hash(bytes: &[u8]) -> u32 {
    let scrambled = |block: u32| block.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
    let (blocks, tail) = bytes.as_chunks::<4>();
    let mut hash = 0_u32;
    for block in blocks {
        hash ^= scrambled(u32::from_le_bytes(*block));
        hash = hash.rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    let mut last = [0_u8; 4];
    last[..tail.len()].copy_from_slice(tail);
    hash ^= scrambled(u32::from_le_bytes(last));
    hash ^= bytes.len() as u32;
    hash ^= hash >> 16;
    hash = hash.wrapping_mul(0x85eb_ca6b);
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}

/// Hash of a flag's key followed by a user's, without allocating.
#[must_use]
pub fn of_user(flag: &str, user: &str) -> u32 {
    let mut bytes = [0_u8; 128];
    let end = flag.len() + user.len();
    bytes[..flag.len()].copy_from_slice(flag.as_bytes());
    bytes[flag.len()..end].copy_from_slice(user.as_bytes());
    hash(&bytes[..end])
}

/// Which of `total` parts a hash falls into.
#[must_use]
pub const fn bucket(hash: u32, total: u32) -> u32 {
    ((hash as u64 * total as u64) >> 32) as u32
}
