//! Configuration in layers: defaults, then a TOML file, then the environment, then flags. A key that nobody knows is
//! refused, by name and place.

mod load;
mod secret;

use std::{net::SocketAddr, time::Duration};

pub use load::{Alias, ConfigError, Sources, load};
pub use secret::Secret;

use crate::{address::Network, log::LogConfig, process::Limits, spans::TraceConfig, tls::TlsConfig};

/// The section `[mesh]`: how this process takes part in the mesh.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MeshConfig {
    /// Where a service listens, as `0.0.0.0:50051`.
    pub listen: String,
    /// Certificates for mutual TLS; without them the mesh is plain, for one machine or a network that encrypts by itself.
    pub tls: Option<TlsConfig>,
    /// Where the other services are.
    pub peers: Peers,
    /// How replicas of a service tell each other what is new.
    pub nats: NatsConfig,
    /// What services know each other by, at least 32 characters, the same everywhere. Empty: random, which is enough where
    /// all run in one process.
    pub secret: Secret,
    /// Proxies that may tell a caller's address in `x-forwarded-for`, as `10.0.0.0/8`.
    pub trusted_proxies: Vec<Network>,
    /// The longest life of a session token that is accepted, h.
    pub session_hours: u32,
    /// How long tokens are believed by keys that cannot be fetched from `auth` again, h.
    pub keys_hours: u32,
    /// Unary calls at work at once, at most: fewer where they take long. More wait a moment, then are refused.
    pub concurrency: usize,
    /// At the end: between saying "not serving" and letting nobody new in, s.
    pub notice_seconds: u32,
    /// At the end: for calls at work to end, s.
    pub drain_seconds: u32,
    /// What is logged, and how.
    pub log: LogConfig,
    /// Where spans of calls are sent.
    pub trace: TraceConfig,
    /// Where `GET /metrics` is answered besides the gateway's own path, as `0.0.0.0:9464`. None: nowhere.
    pub metrics_listen: Option<SocketAddr>,
}

/// The section `[mesh.peers]`: `http://HOST:PORT`, or `https://HOST:PORT` with certificates; none: in this process.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Peers {
    /// Users and tokens.
    pub auth: Option<String>,
    /// Homes and readings.
    pub telemetry: Option<String>,
    /// Questions and answers.
    pub chat: Option<String>,
}

/// The section `[mesh.nats]`: a NATS server by which replicas of a service tell each other what is new. Without it a
/// service has no replicas, or its replicas do without: live values then come from the replica that took them in alone.
/// Whoever may publish there can feign live values: let nobody in but the services.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NatsConfig {
    /// `nats://HOST:PORT`, with `USER:PASSWORD@` or `TOKEN@` where it asks for them; `tls://…` uses the certificates of
    /// `mesh.tls`. Several with commas. Empty: none.
    pub url: Secret,
    /// What every subject begins with: differs where two deployments share a server.
    pub prefix: String,
}

impl Default for NatsConfig {
    fn default() -> Self {
        Self {
            url: Secret::default(),
            prefix: "voltaire".to_owned(),
        }
    }
}

impl Peers {
    pub(crate) fn url(&self, service: &str) -> Option<&str> {
        match service {
            "auth" => self.auth.as_deref(),
            "telemetry" => self.telemetry.as_deref(),
            "chat" => self.chat.as_deref(),
            _ => None,
        }
    }
}

impl Default for MeshConfig {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:50051".to_owned(),
            tls: None,
            peers: Peers::default(),
            nats: NatsConfig::default(),
            secret: Secret::default(),
            trusted_proxies: Vec::new(),
            session_hours: 24,
            keys_hours: 24,
            concurrency: 1024,
            notice_seconds: 0,
            drain_seconds: 5,
            log: LogConfig::default(),
            trace: TraceConfig::default(),
            metrics_listen: None,
        }
    }
}

impl MeshConfig {
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            concurrency: self.concurrency,
            notice: Duration::from_secs(self.notice_seconds.into()),
            drain: Duration::from_secs(self.drain_seconds.into()),
        }
    }
}
