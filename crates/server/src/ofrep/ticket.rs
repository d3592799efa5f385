//! Tickets for the event stream. A browser's `EventSource` cannot send a key, so the address it is given carries proof
//! that its reader was let in: an expiry and its HMAC. Whoever has one learns when flags change, never what they say.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

/// Tickets expire at full hours, so that an answer, and with it its entity tag, stays the same within an hour.
const PERIOD_SECONDS: i64 = 60 * 60;
/// A ticket is good for one to two periods.
const PERIODS: i64 = 2;

/// Makes tickets and tells whether one is good. Replicas with the same secret take each other's.
#[derive(Clone)]
pub(crate) struct Tickets {
    key: Hmac<Sha256>,
}

impl Tickets {
    /// `secret` may be used for other things too: what is signed here begins with its purpose.
    pub(crate) fn new(secret: &[u8]) -> Self {
        let key = Hmac::new_from_slice(secret);
        // HMAC takes keys of every length.
        Self { key: key.unwrap_or_else(|_| Hmac::new(&Default::default())) }
    }

    /// The ticket of this hour.
    pub(super) fn issue(&self, now: Timestamp) -> String {
        let expires = now.as_second().div_euclid(PERIOD_SECONDS).saturating_add(PERIODS).saturating_mul(PERIOD_SECONDS);
        format!("{expires}.{}", crate::random::hex(&self.signed(expires).finalize().into_bytes()))
    }

    /// Whether a ticket is ours and not expired.
    pub(super) fn is_good(&self, ticket: &str, now: Timestamp) -> bool {
        let Some((expires, signature)) = ticket.split_once('.') else { return false };
        let (Ok(expires), Some(signature)) = (expires.parse::<i64>(), bytes_of(signature)) else { return false };
        self.signed(expires).verify_slice(&signature).is_ok() && now.as_second() < expires
    }

    fn signed(&self, expires: i64) -> Hmac<Sha256> {
        let mut mac = self.key.clone();
        mac.update(format!("lotwise flag events until {expires}").as_bytes());
        mac
    }
}

fn bytes_of(hexadecimal: &str) -> Option<[u8; 32]> {
    let digits: &[u8; 64] = hexadecimal.as_bytes().try_into().ok()?;
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_ticket_is_good_for_one_to_two_hours() {
        let tickets = Tickets::new(b"secret");
        let ticket = tickets.issue(at(7_200));
        assert_eq!(ticket, tickets.issue(at(10_799)), "the same within the hour");
        assert_ne!(ticket, tickets.issue(at(10_800)));
        assert!(tickets.is_good(&ticket, at(7_200)) && tickets.is_good(&ticket, at(14_399)));
        assert!(!tickets.is_good(&ticket, at(14_400)));
    }

    #[test]
    fn a_ticket_that_is_not_ours_is_refused() {
        let tickets = Tickets::new(b"secret");
        let ticket = tickets.issue(at(0));
        let (expires, signature) = ticket.split_once('.').unwrap();
        let prolonged = format!("{}.{signature}", expires.parse::<i64>().unwrap() + 1);
        let foreign = Tickets::new(b"other").issue(at(0));
        let short = ticket[..ticket.len() - 1].to_owned();
        for bad in
            ["", ".", "x", "7200.", "7200.zz", &prolonged, &foreign, &short, &format!("{expires}.{}", "ß".repeat(32))]
        {
            assert!(!tickets.is_good(bad, at(0)), "{bad}");
        }
        assert!(Tickets::new(b"secret").is_good(&ticket, at(0)), "another replica takes it");
    }
}
