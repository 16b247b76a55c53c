//! The true address of a caller's machine, behind proxies that are trusted to tell it.

use std::{fmt, net::IpAddr, str::FromStr};

use http::HeaderMap;
use tonic::Request;

/// The header in which a trusted proxy tells the address.
const HEADER: &str = "x-forwarded-for";

/// A network, as `10.0.0.0/8` or `fd00::/8`; an address alone is a network of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// The text names no network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a network: 10.0.0.0/8 or fd00::/8 is")]
pub struct InvalidNetwork;

impl Network {
    /// Whether the address belongs to it. An IPv4 address within IPv6 counts as IPv4.
    pub fn contains(self, address: IpAddr) -> bool {
        let masked = |bits: u128, width: u8| bits.checked_shr(u32::from(width - self.prefix)).unwrap_or(0);
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                masked(own.to_bits().into(), 32) == masked(other.to_bits().into(), 32)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => masked(own.to_bits(), 128) == masked(other.to_bits(), 128),
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse().map_err(|_| InvalidNetwork)?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| InvalidNetwork)?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.unwrap_or(width);
        if prefix > width {
            return Err(InvalidNetwork);
        }
        Ok(Self { address, prefix })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl<'de> serde::Deserialize<'de> for Network {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// This process itself, or a service of the mesh that has shown its certificate: trusted to tell whose call it passes on.
    Member(Option<IpAddr>),
    /// Any machine.
    Machine(IpAddr),
}

/// The true address of the caller: the nearest one that is not a trusted proxy, read from the peer backwards.
pub fn client_of(peer: Peer, headers: &HeaderMap, trusted: &[Network]) -> Option<IpAddr> {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut nearest = match peer {
        Peer::Machine(address) if !is_trusted(address) => return Some(address.to_canonical()),
        Peer::Machine(address) => Some(address),
        Peer::Member(address) => address,
    };
    let hops = headers.get_all(HEADER).iter().filter_map(|it| it.to_str().ok());
    let hops: Vec<_> = hops.flat_map(|it| it.split(',')).map(str::trim).collect();
    for hop in hops.into_iter().rev() {
        let Ok(address) = hop.parse::<IpAddr>() else {
            break;
        };
        nearest = Some(address);
        if !is_trusted(address) {
            break;
        }
    }
    nearest.map(|address| address.to_canonical())
}

/// The address found by the server, in the extensions of every request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientAddress(pub(crate) Option<IpAddr>);

/// The true address of the caller's machine; none in memory without a gateway.
pub fn client_address<T>(request: &Request<T>) -> Option<IpAddr> {
    request.extensions().get::<ClientAddress>().and_then(|it| it.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(header: &str) -> HeaderMap {
        HeaderMap::from_iter([(http::HeaderName::from_static(HEADER), header.parse().unwrap())])
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_stranger_cannot_tell_another_address() {
        let peer = Peer::Machine(ip("203.0.113.7"));
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        assert_eq!(client_of(peer, &told("1.2.3.4"), &trusted), Some(ip("203.0.113.7")));
    }

    #[test]
    fn a_trusted_proxy_tells_the_nearest_address_that_is_not_a_proxy() {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let peer = Peer::Machine(ip("::ffff:10.1.2.3"));
        let found = client_of(peer, &told("6.6.6.6, 203.0.113.7, 10.9.9.9"), &trusted);
        assert_eq!(
            found,
            Some(ip("203.0.113.7")),
            "what the client itself wrote is not believed"
        );
        assert_eq!(client_of(peer, &told("nonsense"), &trusted), Some(ip("10.1.2.3")));
        assert_eq!(
            client_of(Peer::Member(None), &told("203.0.113.7"), &[]),
            Some(ip("203.0.113.7"))
        );
        assert_eq!(client_of(Peer::Member(None), &HeaderMap::new(), &[]), None);
    }

    #[test]
    fn a_network_has_a_prefix_that_fits() {
        let all: Network = "0.0.0.0/0".parse().unwrap();
        assert!(all.contains(ip("1.2.3.4")) && !all.contains(ip("::1")));
        assert!("::/0".parse::<Network>().unwrap().contains(ip("::1")));
        assert!("10.0.0.0/33".parse::<Network>().is_err() && "ten".parse::<Network>().is_err());
    }
}
