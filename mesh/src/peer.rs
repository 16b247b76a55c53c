//! Channels to the services of the mesh: inside this process, TCP, or mutual TLS. They connect at the first call.

mod channel;

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::{io::DuplexStream, net::TcpStream, sync::mpsc};
use tokio_rustls::client::TlsStream;
use tonic::{
    Code, Status,
    transport::{Channel, Endpoint},
};

use crate::{
    deadline,
    tls::{Certificates, PROXY},
};
pub use channel::PeerChannel;

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
    pub(crate) calls: PeerChannel,
    /// For streams, a connection of their own.
    pub(crate) streams: PeerChannel,
}

impl Channels {
    fn of(service: &'static str, at: Option<http::Uri>, (calls, streams): (Channel, Channel)) -> Self {
        let at = at.map(Arc::new);
        Self {
            calls: PeerChannel::new(calls, service, at.clone()),
            streams: PeerChannel::new(streams, service, at),
        }
    }
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

/// Channels to a service over pipes inside this process.
pub(crate) fn in_memory(service: &'static str) -> (Channels, Incoming) {
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
    let calls = endpoint.connect_with_connector_lazy(connector.clone());
    let streams = for_streams(endpoint).connect_with_connector_lazy(connector);
    (Channels::of(service, None, (calls, streams)), incoming)
}

/// One reader who does not read holds up no other: flow control is per call, not per connection.
fn windows(endpoint: Endpoint) -> Endpoint {
    endpoint
        .initial_stream_window_size(CALL_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
}

/// Over the network: who has vanished is noticed.
fn watched(endpoint: Endpoint) -> Endpoint {
    windows(endpoint)
        .connect_timeout(CONNECT)
        .http2_keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(10))
        .keep_alive_while_idle(true)
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
    /// The URL is malformed.
    #[error("cannot use the URL of a service")]
    Malformed(#[from] tonic::transport::Error),
    /// The URL names no host.
    #[error("the URL of a service must name a host: {0}")]
    Host(String),
}

/// Channels to a service over the network: `http://HOST:PORT`, or `https://HOST:PORT` with both sides showing certificates
/// of the mesh: the other end must be that service, or the mesh's proxy.
pub(crate) fn over_network(
    service: &'static str,
    url: &str,
    certificates: Option<&Certificates>,
) -> Result<Channels, PeerError> {
    let endpoint = watched(Endpoint::from_shared(url.to_owned())?)
        .tcp_nodelay(true)
        .tcp_keepalive(Some(Duration::from_secs(30)));
    match (endpoint.uri().scheme_str(), certificates) {
        (Some("http"), _) => {
            let at = Some(endpoint.uri().clone());
            let channels = (endpoint.connect_lazy(), for_streams(endpoint).connect_lazy());
            Ok(Channels::of(service, at, channels))
        }
        (Some("https"), Some(certificates)) => secured(service, &endpoint, certificates),
        (Some("https"), None) => Err(PeerError::NoTls(url.to_owned())),
        _ => Err(PeerError::Scheme(url.to_owned())),
    }
}

/// Channels whose connections show the certificates that are in force when they are made.
fn secured(service: &'static str, endpoint: &Endpoint, certificates: &Certificates) -> Result<Channels, PeerError> {
    let uri = endpoint.uri().clone();
    let no_host = || PeerError::Host(uri.to_string());
    let host = uri.host().ok_or_else(no_host)?.trim_matches(['[', ']']).to_owned();
    let door = Door {
        service,
        name: ServerName::try_from(host.clone()).map_err(|_| no_host())?,
        address: (host, uri.port_u16().unwrap_or(443)),
        certificates: certificates.clone(),
    };
    let connector = tower::service_fn(move |_: http::Uri| {
        let door = door.clone();
        async move { door.connect().await.map(TokioIo::new) }
    });
    // To tonic the connection is plain, as TLS is below it. The authority of a call says which service is meant, as one proxy
    // may stand for all of them.
    let plain = Endpoint::from_shared(uri.to_string().replacen("https://", "http://", 1))?;
    let meant = format!("https://{service}").parse().map_err(|_| no_host())?;
    let plain = watched(plain).origin(meant);
    let calls = plain.connect_with_connector_lazy(connector.clone());
    let streams = for_streams(plain).connect_with_connector_lazy(connector);
    Ok(Channels::of(service, Some(uri), (calls, streams)))
}

/// Where a service is, and who must be there.
#[derive(Clone)]
struct Door {
    service: &'static str,
    name: ServerName<'static>,
    address: (String, u16),
    certificates: Certificates,
}

impl Door {
    async fn connect(&self) -> io::Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect((self.address.0.as_str(), self.address.1)).await?;
        stream.set_nodelay(true)?;
        let connector = self.certificates.connector();
        let stream = connector.connect(self.name.clone(), stream).await;
        let stream =
            stream.inspect_err(|error| tracing::warn!(%error, service = self.service, "a service is not believed"))?;
        let found = self.certificates.peer(stream.get_ref().1.peer_certificates());
        if found
            .as_ref()
            .is_some_and(|it| [self.service, PROXY].contains(&it.name()))
        {
            return Ok(stream);
        }
        tracing::warn!(
            ?found,
            service = self.service,
            "another member is where a service should be"
        );
        Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "another member of the mesh",
        ))
    }
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
