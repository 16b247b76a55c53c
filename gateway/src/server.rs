//! Connections: how many, how long they may take to say something, and how they end.

mod first_bytes;
mod places;

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use axum::body::Body;
use http::Request;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use voltaire_mesh::Certificates;

use crate::{app::App, config::Tls, visitor::Connection};
use first_bytes::FirstBytes;
use places::{Place, Places};

/// How long a connection may take to say what it is.
const FIRST_WORDS: Duration = Duration::from_secs(10);

/// What every connection needs.
#[derive(Clone)]
struct Serving {
    app: Arc<App>,
    builder: Arc<Builder<TokioExecutor>>,
    door: Door,
    stop: CancellationToken,
}

/// How connections are let in.
#[derive(Clone)]
enum Door {
    Plain,
    Tls(TlsAcceptor),
    /// Only the proxy of the mesh.
    Proxy(Certificates),
}

/// The member that may connect where only the mesh's proxy may.
const PROXY: &str = "envoy";
/// The member that this process is.
const OWN: &str = "gateway";

/// Serves until `shutdown` is done, then drains.
pub(crate) async fn serve(
    app: Arc<App>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let serving = Serving {
        builder: Arc::new(builder(&app)),
        door: door(&app)?,
        stop: CancellationToken::new(),
        app,
    };
    let places = Places::new(&serving.app.limits);
    let mut connections = JoinSet::new();
    // Balancers notice, then nobody new is let in.
    let leaving = async {
        shutdown.await;
        serving.app.leave();
        tokio::time::sleep(serving.app.mesh.limits().notice).await;
    };
    let mut shutdown = std::pin::pin!(leaving);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let counted = !peer.ip().is_loopback() && !serving.app.trust.proxy(peer.ip());
                    if let Some(place) = places.take(peer.ip(), counted) {
                        connections.spawn(serving.clone().connection(stream, peer, place));
                    }
                }
                Err(error) => rest_after(&error).await,
            },
        }
    }
    drop(listener);
    serving.stop.cancel();
    let patience = Duration::from_secs(serving.app.limits.drain_seconds);
    let drained = timeout(patience, async { while connections.join_next().await.is_some() {} }).await;
    if drained.is_err() {
        tracing::warn!(
            connections = connections.len(),
            "connections were cut at the end of draining"
        );
    }
    Ok(())
}

/// Out of file handles, say: trying again at once would only burn time.
async fn rest_after(error: &io::Error) {
    if !matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    ) {
        tracing::warn!(%error, "cannot accept connections");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

impl Serving {
    async fn connection(self, stream: TcpStream, peer: SocketAddr, place: Place) {
        if stream.set_nodelay(true).is_err() {
            return;
        }
        match self.door.clone() {
            Door::Plain => self.http(stream, plain(peer)).await,
            Door::Tls(tls) => self.secure(&tls, stream, peer).await,
            Door::Proxy(certificates) => self.member(&certificates, stream, peer).await,
        }
        drop(place);
    }

    /// TLS, or plain HTTP of a client that is to be told so.
    async fn secure(self, tls: &TlsAcceptor, stream: TcpStream, peer: SocketAddr) {
        let mut first = [0];
        match timeout(FIRST_WORDS, stream.peek(&mut first)).await {
            Ok(Ok(1)) if first[0].is_ascii_uppercase() => self.http(stream, plain(peer)).await,
            Ok(Ok(1)) => {
                if let Ok(Ok(stream)) = timeout(FIRST_WORDS, tls.accept(stream)).await {
                    self.http(
                        stream,
                        Connection {
                            tls: true,
                            ..plain(peer)
                        },
                    )
                    .await;
                }
            }
            // Gone, or silent.
            _ => {}
        }
    }

    /// The proxy of the mesh; everybody else is turned away.
    async fn member(self, certificates: &Certificates, stream: TcpStream, peer: SocketAddr) {
        let problem = match timeout(FIRST_WORDS, certificates.acceptor().accept(stream)).await {
            Ok(Ok(stream)) => match certificates.peer(stream.get_ref().1.peer_certificates()) {
                Some(member) if member.name() == PROXY => {
                    let connection = Connection {
                        member: true,
                        ..plain(peer)
                    };
                    return self.http(stream, connection).await;
                }
                // A look at its own health; what it says of clients is not believed.
                Some(member) if member.name() == OWN => {
                    let connection = Connection {
                        tls: true,
                        ..plain(peer)
                    };
                    return self.http(stream, connection).await;
                }
                other => format!("{other:?} is not the proxy"),
            },
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the handshake took too long".to_owned(),
        };
        metrics::counter!("voltaire_tls_turned_away_total", "reason" => "gateway").increment(1);
        tracing::debug!(%peer, problem, "a connection is turned away");
    }

    async fn http(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, connection: Connection) {
        let (stream, heard) = FirstBytes::of(stream);
        let app = Arc::clone(&self.app);
        let service = service_fn(move |request: Request<Incoming>| {
            let app = Arc::clone(&app);
            async move { Ok::<_, Infallible>(app.respond(connection, request.map(Body::new)).await) }
        });
        let serving = self.builder.serve_connection(TokioIo::new(stream), service);
        let mut serving = std::pin::pin!(serving);
        let mut stopping = false;
        let deadline = tokio::time::sleep(FIRST_WORDS);
        let mut deadline = std::pin::pin!(deadline);
        let mut waiting = true;
        loop {
            tokio::select! {
                // How a connection ends is the other side's business.
                _ = &mut serving => return,
                () = self.stop.cancelled(), if !stopping => {
                    stopping = true;
                    serving.as_mut().graceful_shutdown();
                }
                () = &mut deadline, if waiting => {
                    waiting = false;
                    if !heard.enough() {
                        return;
                    }
                }
            }
        }
    }
}

fn plain(peer: SocketAddr) -> Connection {
    Connection {
        peer,
        tls: false,
        member: false,
    }
}

fn door(app: &App) -> anyhow::Result<Door> {
    if app.mutual_tls {
        let certificates = app.mesh.certificates();
        let certificates = certificates.context("gateway.mutual_tls needs mesh.tls: certificate, key and authority")?;
        return Ok(Door::Proxy(certificates));
    }
    Ok(app
        .tls
        .as_ref()
        .map(acceptor)
        .transpose()?
        .map_or(Door::Plain, Door::Tls))
}

fn builder(app: &App) -> Builder<TokioExecutor> {
    let limits = &app.limits;
    // On the proxy's connection the calls of many come: those who break theirs off must not end the others'.
    let resets = if app.mutual_tls { 1000 } else { 20 };
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(FIRST_WORDS)
        .max_headers(64)
        .max_buf_size(64 * 1024);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams_per_connection)
        .max_pending_accept_reset_streams(resets)
        .max_header_list_size(16 * 1024)
        .initial_stream_window_size(256 * 1024)
        .initial_connection_window_size(1024 * 1024)
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(10));
    builder
}

fn acceptor(files: &Tls) -> anyhow::Result<TlsAcceptor> {
    let chain = CertificateDer::pem_file_iter(&files.cert_file)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("cannot read the certificate {}", files.cert_file.display()))?;
    let key = PrivateKeyDer::from_pem_file(&files.key_file)
        .with_context(|| format!("cannot read the private key {}", files.key_file.display()))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("certificate and key do not fit")?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
