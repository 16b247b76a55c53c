//! What can be set.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use voltaire_mesh::Network;

/// The edge's configuration.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The folder of the built UI; none: no UI is served and none is missed.
    pub ui_dir: Option<PathBuf>,
    /// How browsers reach this server, as `https://energy.example`, where a proxy stands before it.
    pub public_url: Option<String>,
    /// Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed: addresses or networks (`10.0.0.0/8`).
    pub trusted_proxies: Vec<Network>,
    /// Web origins that may call from elsewhere, as `https://dashboard.example`. None by default.
    pub allowed_origins: Vec<String>,
    /// Who may read `/metrics`; empty: loopback and private addresses.
    pub metrics_from: Vec<Network>,
    /// Certificate and key; none: plain HTTP.
    pub tls: Option<Tls>,
    /// Whether only the mesh's proxy is let in, which shows its certificate as `envoy` and is shown that of `mesh.tls`.
    /// What it says of its clients is believed.
    pub mutual_tls: bool,
    /// How much is let in.
    pub limits: Limits,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 3000)),
            ui_dir: None,
            public_url: None,
            trusted_proxies: Vec::new(),
            allowed_origins: Vec::new(),
            metrics_from: Vec::new(),
            tls: None,
            mutual_tls: false,
            limits: Limits::default(),
        }
    }
}

/// PEM files of the edge's own TLS.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The certificate chain, the server's own first.
    pub cert_file: PathBuf,
    /// The private key.
    pub key_file: PathBuf,
}

/// How much is let in.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Connections at most.
    pub connections: usize,
    /// Connections of one address at most; loopback and trusted proxies are not counted.
    pub connections_per_address: usize,
    /// Calls at once on one HTTP/2 connection.
    pub streams_per_connection: u32,
    /// The largest body of a JSON request, bytes.
    pub body_bytes: usize,
    /// Seconds that calls have to end when the server stops.
    pub drain_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1024,
            connections_per_address: 64,
            streams_per_connection: 128,
            body_bytes: 4 * 1024 * 1024,
            drain_seconds: 10,
        }
    }
}
