//! What can be set of the proxy.

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    str::FromStr,
};

use serde::Deserialize;

/// The section `[envoy]`: what `voltaire envoy` makes the configuration from. The defaults are those of the container image.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// For everyone: TLS.
    pub(crate) listen: SocketAddr,
    /// For members: mutual TLS.
    pub(crate) mesh_listen: SocketAddr,
    /// For who watches: `/ready` and `/stats/prometheus`.
    pub(crate) figures_listen: SocketAddr,
    /// The admin interface, on loopback.
    pub(crate) admin_port: u16,
    /// Where the files of `voltaire envoy` will be.
    pub(crate) folder: PathBuf,
    /// The folder of Envoy's own certificate: `tls.crt`, `tls.key`, `ca.crt`.
    pub(crate) certificates: PathBuf,
    /// The folder of the certificate that browsers are shown: `tls.crt`, `tls.key`.
    pub(crate) edge_certificates: PathBuf,
    /// Replicas of auth, as `HOST:PORT`; a name stands for all its addresses.
    pub(crate) auth: Vec<Address>,
    /// Replicas of telemetry.
    pub(crate) telemetry: Vec<Address>,
    /// Replicas of chat.
    pub(crate) chat: Vec<Address>,
    /// Replicas of the gateway.
    pub(crate) gateway: Vec<Address>,
    /// Where spans go, as `otel:4317` (OTLP by gRPC); none: traces are passed on and not told.
    pub(crate) collector: Option<Address>,
    /// How many of the traces that begin here are told, percent.
    pub(crate) sampled_percent: u32,
    /// The memory that Envoy may use, bytes.
    pub(crate) heap_bytes: u64,
    /// How much is let in.
    pub(crate) limits: Limits,
}

/// How much is let in, by each process of Envoy.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Limits {
    /// Connections at most.
    pub(crate) connections: u32,
    /// Calls a second of all together; twice as many at once.
    pub(crate) calls_per_second: u32,
    /// Calls a second of one address; twice as many at once.
    pub(crate) calls_per_second_of_address: u32,
    /// Registrations and attempts to sign in of one address a minute.
    pub(crate) sign_ins_per_minute_of_address: u32,
    /// Calls at work at once in one service.
    pub(crate) calls_at_once: u32,
    /// Calls that wait for a connection to one service.
    pub(crate) calls_waiting: u32,
}

impl Default for Config {
    fn default() -> Self {
        let any = |port| SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
        let at = |host: &str, port| {
            vec![Address {
                host: host.to_owned(),
                port,
            }]
        };
        Self {
            listen: any(8443),
            mesh_listen: any(8444),
            figures_listen: any(9902),
            admin_port: 9901,
            folder: "/etc/envoy".into(),
            certificates: "/certs/envoy".into(),
            edge_certificates: "/certs/edge".into(),
            auth: at("auth", 50051),
            telemetry: at("telemetry", 50051),
            chat: at("chat", 50051),
            gateway: at("gateway", 3000),
            collector: None,
            sampled_percent: 100,
            heap_bytes: 512 * 1024 * 1024,
            limits: Limits::default(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 8192,
            calls_per_second: 2000,
            calls_per_second_of_address: 200,
            sign_ins_per_minute_of_address: 30,
            calls_at_once: 16384,
            calls_waiting: 1024,
        }
    }
}

impl Config {
    /// Where a member's replicas are.
    pub(super) fn replicas(&self, member: &str) -> &[Address] {
        match member {
            "auth" => &self.auth,
            "telemetry" => &self.telemetry,
            "chat" => &self.chat,
            _ => &self.gateway,
        }
    }
}

/// `HOST:PORT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// A name or an address.
    pub(crate) host: String,
    /// The port.
    pub(crate) port: u16,
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text
            .rsplit_once(':')
            .and_then(|(host, port)| Some((host, port.parse().ok()?)));
        match parts {
            Some((host, port)) if !host.is_empty() => Ok(Self {
                host: host.trim_matches(['[', ']']).to_owned(),
                port,
            }),
            _ => Err(format!("{text} is not HOST:PORT")),
        }
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}
