//! Channels to the services of the mesh: inside this process, TCP, or mutual TLS. They connect at the first call.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use hyper_util::rt::TokioIo;
use tokio::{io::DuplexStream, sync::mpsc};
use tonic::{
    Code, Status,
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity},
};

use crate::{deadline, tls::Pem};

const CONNECT: Duration = Duration::from_secs(1);
const PIPE: usize = 64 * 1024;

/// What one call may have sent before its reader has read it, bytes.
pub(crate) const CALL_WINDOW: u32 = 64 * 1024;
/// The same for a call on the connection for streams, where thousands may not be read.
const STREAM_WINDOW: u32 = 32 * 1024;
/// The same for all calls of a connection: more than [`CALL_WINDOW`] times the calls that may stand still at once, so that
/// they never stop the others.
pub(crate) const CONNECTION_WINDOW: u32 = 1 << 30;
/// Calls at once on a connection between services: thousands who watch come over one.
pub(crate) const MAX_CALLS: u32 = 16 * 1024;

/// The channels to a service.
#[derive(Clone, Debug)]
pub(crate) struct Channels {
    /// For calls that end soon.
    pub(crate) calls: Channel,
    /// For streams, a connection of their own.
    pub(crate) streams: Channel,
}

/// The server's end of an in-memory channel.
#[derive(Debug)]
pub struct Incoming {
    pipes: mpsc::UnboundedReceiver<DuplexStream>,
    open: Arc<AtomicBool>,
}

impl Incoming {
    /// From now on calls arrive instead of failing.
    pub(crate) fn open(&self) {
        self.open.store(true, Ordering::Release);
    }

    pub(crate) async fn accept(&mut self) -> Option<DuplexStream> {
        self.pipes.recv().await
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        self.open.store(false, Ordering::Release);
    }
}

/// Channels over pipes inside this process.
pub(crate) fn in_memory() -> (Channels, Incoming) {
    let (sender, pipes) = mpsc::unbounded_channel();
    let open = Arc::new(AtomicBool::new(false));
    let incoming = Incoming {
        pipes,
        open: Arc::clone(&open),
    };
    let connector = tower::service_fn(move |_: http::Uri| {
        let (sender, open) = (sender.clone(), Arc::clone(&open));
        async move {
            let refused = || io::Error::new(io::ErrorKind::ConnectionRefused, "the service does not run");
            if !open.load(Ordering::Acquire) {
                return Err(refused());
            }
            let (client, server) = tokio::io::duplex(PIPE);
            sender.send(server).map_err(|_| refused())?;
            Ok(TokioIo::new(client))
        }
    });
    let endpoint = windows(Endpoint::from_static("http://memory"));
    let channels = Channels {
        calls: endpoint.connect_with_connector_lazy(connector.clone()),
        streams: for_streams(endpoint).connect_with_connector_lazy(connector),
    };
    (channels, incoming)
}

/// One reader who does not read holds up no other: flow control is per call, not per connection.
fn windows(endpoint: Endpoint) -> Endpoint {
    endpoint
        .initial_stream_window_size(CALL_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
}

fn for_streams(endpoint: Endpoint) -> Endpoint {
    endpoint.initial_stream_window_size(STREAM_WINDOW)
}

/// A peer's URL or certificates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// The URL is neither `http://` nor `https://`.
    #[error("the URL of a service must begin with http:// or https://: {0}")]
    Scheme(String),
    /// The URL is `https://`, and there are no certificates.
    #[error("{0} needs mesh.tls: certificate, key and authority")]
    NoTls(String),
    /// The URL or the certificates are malformed.
    #[error("cannot use the URL or the certificates of a service")]
    Malformed(#[from] tonic::transport::Error),
}

/// Channels over the network: `http://HOST:PORT`, or `https://HOST:PORT` with both sides showing certificates of the mesh.
pub(crate) fn over_network(url: &str, pem: Option<&Pem>) -> Result<Channels, PeerError> {
    let endpoint = windows(Endpoint::from_shared(url.to_owned())?)
        .connect_timeout(CONNECT)
        .tcp_nodelay(true)
        .tcp_keepalive(Some(Duration::from_secs(30)))
        .http2_keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(10))
        .keep_alive_while_idle(true);
    let endpoint = match (endpoint.uri().scheme_str(), pem) {
        (Some("http"), _) => endpoint,
        (Some("https"), Some(pem)) => endpoint.tls_config(client_tls(pem))?,
        (Some("https"), None) => return Err(PeerError::NoTls(url.to_owned())),
        _ => return Err(PeerError::Scheme(url.to_owned())),
    };
    Ok(Channels {
        calls: endpoint.connect_lazy(),
        streams: for_streams(endpoint).connect_lazy(),
    })
}

fn client_tls(pem: &Pem) -> ClientTlsConfig {
    ClientTlsConfig::new()
        .ca_certificate(Certificate::from_pem(&pem.authority))
        .identity(Identity::from_pem(&pem.certificate, &pem.key))
        .timeout(CONNECT)
}

/// Whether a status of a call of ours means that its time was over: tonic's own timer calls it "cancelled".
pub(crate) fn is_deadline(status: &Status) -> bool {
    status.code() == Code::DeadlineExceeded
        || (status.code() == Code::Cancelled && status.message() == "Timeout expired")
}

/// The status of a call of ours, with `DEADLINE_EXCEEDED` where its time was over.
pub fn deadline(status: Status) -> Status {
    if status.code() == Code::Cancelled && is_deadline(&status) {
        deadline::exceeded().into()
    } else {
        status
    }
}
