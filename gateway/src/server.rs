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

use crate::{
    app::App,
    config::{Limits, Tls},
    visitor::Connection,
};
use first_bytes::FirstBytes;
use places::{Place, Places};

/// How long a connection may take to say what it is.
const FIRST_WORDS: Duration = Duration::from_secs(10);

/// What every connection needs.
#[derive(Clone)]
struct Serving {
    app: Arc<App>,
    builder: Arc<Builder<TokioExecutor>>,
    tls: Option<TlsAcceptor>,
    stop: CancellationToken,
}

/// Serves until `shutdown` is done, then drains.
pub(crate) async fn serve(
    app: Arc<App>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let serving = Serving {
        builder: Arc::new(builder(&app.limits)),
        tls: app.tls.as_ref().map(acceptor).transpose()?,
        stop: CancellationToken::new(),
        app,
    };
    let places = Places::new(&serving.app.limits);
    let mut connections = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
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
        match self.tls.clone() {
            None => self.http(stream, Connection { peer, tls: false }).await,
            Some(tls) => self.secure(&tls, stream, peer).await,
        }
        drop(place);
    }

    /// TLS, or plain HTTP of a client that is to be told so.
    async fn secure(self, tls: &TlsAcceptor, stream: TcpStream, peer: SocketAddr) {
        let mut first = [0];
        match timeout(FIRST_WORDS, stream.peek(&mut first)).await {
            Ok(Ok(1)) if first[0].is_ascii_uppercase() => self.http(stream, Connection { peer, tls: false }).await,
            Ok(Ok(1)) => {
                if let Ok(Ok(stream)) = timeout(FIRST_WORDS, tls.accept(stream)).await {
                    self.http(stream, Connection { peer, tls: true }).await;
                }
            }
            // Gone, or silent.
            _ => {}
        }
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

fn builder(limits: &Limits) -> Builder<TokioExecutor> {
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
