//! Who is at the door: address, scheme and host of a request, told by the connection and by trusted proxies only.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, Request, header};
use voltaire_mesh::{Network, Peer, client_of};

/// Whether the address is of this machine or of a private network.
pub(crate) fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(it) => it.is_loopback() || it.is_private() || it.is_link_local(),
        IpAddr::V6(it) => it.is_loopback() || it.is_unique_local() || it.is_unicast_link_local(),
    }
}

/// The connection that a request came by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connection {
    /// The other end.
    pub(crate) peer: SocketAddr,
    /// Whether it is TLS of this server.
    pub(crate) tls: bool,
    /// Whether the other end is the mesh's proxy, which has shown its certificate.
    pub(crate) member: bool,
}

/// What is known about the sender of a request.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    /// The machine that the request began at.
    pub(crate) address: IpAddr,
    /// Whether the browser came by https.
    pub(crate) secure: bool,
    /// Hosts, with port, that are this server: the one asked for, and the public one.
    pub(crate) hosts: Vec<String>,
}

/// Whose word is taken.
#[derive(Clone, Debug)]
pub(crate) struct Trust {
    pub(crate) proxies: Vec<Network>,
    pub(crate) public_https: bool,
    pub(crate) public_host: Option<String>,
}

impl Trust {
    /// As configured. Fails where the public URL is none.
    pub(crate) fn new(proxies: Vec<Network>, public_url: Option<&str>) -> anyhow::Result<Self> {
        let public: Option<http::Uri> = public_url.map(str::parse).transpose()?;
        let host = public
            .as_ref()
            .map(|it| it.authority().map(|it| it.as_str().to_ascii_lowercase()));
        anyhow::ensure!(
            host != Some(None),
            "public_url must be a URL such as https://energy.example"
        );
        Ok(Self {
            proxies,
            public_https: public.is_some_and(|it| it.scheme_str() == Some("https")),
            public_host: host.flatten(),
        })
    }

    /// Whether the address is a trusted proxy's.
    pub(crate) fn proxy(&self, address: IpAddr) -> bool {
        self.proxies.iter().any(|it| it.contains(address))
    }

    /// Who sent the request.
    pub(crate) fn visitor<B>(&self, connection: Connection, request: &Request<B>) -> Visitor {
        let peer = connection.peer.ip().to_canonical();
        let by_proxy = connection.member || self.proxy(peer);
        let origin = if connection.member {
            Peer::Member(Some(peer))
        } else {
            Peer::Machine(peer)
        };
        let address = client_of(origin, request.headers(), &self.proxies).unwrap_or(peer);
        let forwarded_https = by_proxy
            && last(request.headers(), "x-forwarded-proto").is_some_and(|it| it.trim().eq_ignore_ascii_case("https"));
        let host = request.uri().authority().map(ToString::to_string);
        let host = host.or_else(|| last(request.headers(), header::HOST.as_str()).map(str::to_owned));
        Visitor {
            address,
            secure: connection.tls || self.public_https || forwarded_https,
            hosts: host
                .map(|it| it.to_ascii_lowercase())
                .into_iter()
                .chain(self.public_host.clone())
                .collect(),
        }
    }
}

fn last<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get_all(name).iter().next_back()?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visitor(peer: &str, headers: &[(&str, &str)]) -> Visitor {
        let trust = Trust {
            proxies: vec!["10.0.0.0/8".parse().unwrap()],
            public_https: false,
            public_host: None,
        };
        let mut request = Request::builder().uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let connection = Connection {
            peer: SocketAddr::new(peer.parse().unwrap(), 1),
            tls: false,
            member: peer.starts_with("10.9."),
        };
        trust.visitor(connection, &request.body(()).unwrap())
    }

    #[test]
    fn a_stranger_cannot_choose_its_address() {
        let it = visitor(
            "192.0.2.1",
            &[("x-forwarded-for", "1.2.3.4"), ("x-forwarded-proto", "https")],
        );
        assert_eq!((it.address.to_string(), it.secure), ("192.0.2.1".into(), false));
    }

    #[test]
    fn the_meshs_proxy_tells_the_last_address() {
        let forwarded = [
            ("x-forwarded-for", "6.6.6.6, 192.0.2.9"),
            ("x-forwarded-proto", "https"),
        ];
        let it = visitor("10.9.0.1", &forwarded);
        assert_eq!((it.address.to_string(), it.secure), ("192.0.2.9".into(), true));
    }

    #[test]
    fn a_trusted_proxy_tells_the_last_foreign_address() {
        let forwarded = [
            ("x-forwarded-for", "6.6.6.6, 192.0.2.9, 10.1.1.1"),
            ("x-forwarded-proto", "https"),
        ];
        let it = visitor("10.0.0.1", &forwarded);
        assert_eq!((it.address.to_string(), it.secure), ("192.0.2.9".into(), true));
    }
}
