//! Where a request comes from, as far as limits care.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;

use crate::AppState;

/// What proxies note whom they pass a request on for.
const X_FORWARDED_FOR: &str = "x-forwarded-for";
/// Bits of an IPv6 address that one customer has: whoever has a network has all of its addresses.
const IPV6_NETWORK_BITS: u32 = 64;

/// The network a request comes from: an IPv4 address, or the first half of an IPv6 address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Origin(String);

impl Origin {
    /// Behind `trusted_proxies` proxies of ours the last of them but that many has noted the address; what stands before it
    /// anybody may have written.
    fn of(peer: Option<IpAddr>, headers: &HeaderMap, trusted_proxies: usize) -> Self {
        let noted = || {
            let all = headers.get_all(X_FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok());
            let all: Vec<&str> = all.flat_map(|value| value.split(',')).map(str::trim).collect();
            let noted = all.len().checked_sub(trusted_proxies).and_then(|position| all.get(position))?;
            address(noted)
        };
        let address = if trusted_proxies == 0 { peer } else { noted().or(peer) };
        Self(address.map_or_else(|| "unknown".to_owned(), |address| network(address).to_string()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromRequestParts<AppState> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
        Ok(Self::of(peer, &parts.headers, state.config().trusted_proxies))
    }
}

/// An address, with a port or without.
fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << (u128::BITS - IPV6_NETWORK_BITS))))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(peer: &str, forwarded: &[&'static str], trusted_proxies: usize) -> String {
        let headers = forwarded.iter().map(|value| {
            (axum::http::HeaderName::from_static(X_FORWARDED_FOR), axum::http::HeaderValue::from_static(value))
        });
        Origin::of(peer.parse().ok(), &headers.collect(), trusted_proxies).0
    }

    #[test]
    fn without_proxies_of_ours_nobody_else_says_where_a_request_comes_from() {
        assert_eq!(origin("192.0.2.7", &["198.51.100.1"], 0), "192.0.2.7");
        assert_eq!(origin("", &["198.51.100.1"], 0), "unknown");
    }

    #[test]
    fn behind_proxies_only_what_ours_have_written_counts() {
        assert_eq!(origin("10.0.0.1", &["203.0.113.9, 198.51.100.1"], 1), "198.51.100.1");
        assert_eq!(origin("10.0.0.1", &["1.1.1.1", "203.0.113.9, 10.0.0.2"], 2), "203.0.113.9");
        assert_eq!(origin("10.0.0.1", &["198.51.100.1:4711"], 1), "198.51.100.1");
        assert_eq!(origin("10.0.0.1", &[], 1), "10.0.0.1", "a proxy that notes nothing");
        assert_eq!(origin("10.0.0.1", &["203.0.113.9, unknown"], 1), "10.0.0.1");
    }

    #[test]
    fn an_ipv6_network_is_one_origin() {
        assert_eq!(origin("2001:db8:1:2:3:4:5:6", &[], 0), "2001:db8:1:2::");
        assert_eq!(origin("::ffff:192.0.2.7", &[], 0), "192.0.2.7");
    }
}
