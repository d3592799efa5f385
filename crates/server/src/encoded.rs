//! Bytes that are sent again and again, compressed once: as they are, or with gzip where the client takes it.

use std::io::Write;

use axum::body::Bytes;
use axum::http::HeaderMap;
use flate2::Compression;
use flate2::write::GzEncoder;
use fly_accept_encoding::Encoding;

/// Bytes below which compressing saves no packet.
const COMPRESSED_BYTES_MIN: usize = 1024;

/// Bytes, and the same compressed if that makes them fewer. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Encoded {
    plain: Bytes,
    gzip: Option<Bytes>,
}

impl Encoded {
    /// Compresses `plain`. To be called where a thread may be busy for some milliseconds.
    pub(crate) fn new(plain: Bytes, effort: Compression) -> Self {
        let gzip = (plain.len() >= COMPRESSED_BYTES_MIN).then(|| gzipped(&plain, effort)).flatten();
        Self { gzip: gzip.filter(|gzip| gzip.len() < plain.len()), plain }
    }

    /// Bytes of memory that both take.
    pub(crate) fn bytes_kept(&self) -> usize {
        self.plain.len() + self.gzip.as_ref().map_or(0, Bytes::len)
    }

    /// What to send a client, by the `Accept-Encoding` of its request.
    pub(crate) fn accepted_by(&self, headers: &HeaderMap) -> Accepted {
        match &self.gzip {
            Some(gzip) if takes_gzip(headers) => Accepted { bytes: gzip.clone(), is_gzip: true },
            _ => Accepted { bytes: self.plain.clone(), is_gzip: false },
        }
    }
}

/// What a client accepts of [`Encoded`].
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) bytes: Bytes,
    /// Whether the answer needs `Content-Encoding: gzip`.
    pub(crate) is_gzip: bool,
}

fn gzipped(plain: &[u8], effort: Compression) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 8), effort);
    encoder.write_all(plain).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

/// Whether gzip is named and not ruled out. What is not named, or cannot be read, is not presumed.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let mut known = fly_accept_encoding::encodings_iter(headers).filter_map(Result::ok);
    known.any(|(encoding, weight)| encoding == Some(Encoding::Gzip) && weight > 0.0)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use axum::http::HeaderValue;
    use axum::http::header::ACCEPT_ENCODING;
    use flate2::read::GzDecoder;
    use proptest::prelude::*;

    use super::*;

    fn accepting(value: &[u8]) -> HeaderMap {
        [(ACCEPT_ENCODING, HeaderValue::from_bytes(value).unwrap())].into_iter().collect()
    }

    #[test]
    fn gzip_is_sent_to_whom_takes_it() {
        let long = Encoded::new(Bytes::from(vec![b'a'; 4096]), Compression::fast());
        for (header, is_gzip) in [
            (&b"gzip"[..], true),
            (b"gzip, deflate, br, zstd", true),
            (b"br;q=1.0, gzip;q=0.5", true),
            (b"x-unknown, gzip", true),
            (b"gzip;q=0", false),
            (b"gzip;q=0.000, identity", false),
            (b"identity", false),
            (b"br", false),
            (b"", false),
            (b"\xff", false),
        ] {
            assert_eq!(long.accepted_by(&accepting(header)).is_gzip, is_gzip, "{header:?}");
        }
        assert!(!long.accepted_by(&HeaderMap::new()).is_gzip);
        let short = Encoded::new(Bytes::from_static(b"{}"), Compression::fast());
        assert!(!short.accepted_by(&accepting(b"gzip")).is_gzip);
    }

    proptest! {
        #[test]
        fn what_is_unpacked_is_what_was_there(plain in proptest::collection::vec(0_u8..4, 0..8192)) {
            let encoded = Encoded::new(Bytes::from(plain.clone()), Compression::fast());
            let accepted = encoded.accepted_by(&accepting(b"gzip"));
            let mut unpacked = Vec::new();
            match accepted.is_gzip {
                true => GzDecoder::new(&accepted.bytes[..]).read_to_end(&mut unpacked).map(|_| ()).unwrap(),
                false => unpacked.extend_from_slice(&accepted.bytes),
            }
            prop_assert_eq!(unpacked, plain);
        }
    }
}
