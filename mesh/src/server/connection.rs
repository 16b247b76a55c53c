//! One connection: HTTP/2 with limits, an early end for who says nothing, and a certain end when the server ends.

use std::{
    convert::Infallible,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use futures::future::BoxFuture;
use http::{Request, Response};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
    service::TowerToHyperService,
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::body::Body;
use tower::{Service, ServiceExt};
use tracing::Instrument;

use super::Trusted;
use crate::{
    address::{ClientAddress, Peer, client_of},
    layer::Stack,
    peer::{CALL_WINDOW, CONNECTION_WINDOW, MAX_CALLS},
    tls::Caller,
};

/// The length of the HTTP/2 preface: who has not sent so much after [`FIRST_BYTES`] is cut off.
const PREFACE: usize = 24;
const FIRST_BYTES: Duration = Duration::from_secs(5);
/// A connection is asked to make place for a new one after so long, so that load spreads over new replicas.
const AGE: Duration = Duration::from_mins(30);

/// All connections of a server; shared by clones.
#[derive(Clone)]
pub(super) struct Connections {
    pub(super) stack: Stack,
    /// Asks connections to end after the calls at work.
    pub(super) drain: CancellationToken,
    /// Ends them.
    pub(super) close: CancellationToken,
    pub(super) tasks: TaskTracker,
    pub(super) trusted: Trusted,
    /// Whether they are inside this process, which needs neither age nor first bytes.
    pub(super) memory: bool,
}

/// Who is at the other end of a connection.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    /// What may be believed of addresses.
    pub(super) peer: Peer,
    /// Whose calls come.
    pub(super) caller: Caller,
}

fn http2() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new()).http2_only();
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_CALLS)
        .max_pending_accept_reset_streams(1000)
        .max_header_list_size(16 * 1024)
        .initial_stream_window_size(CALL_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(10));
    builder
}

impl Connections {
    /// Serves a connection in a task of its own, which holds its place until it ends.
    #[expect(clippy::disallowed_methods, reason = "bounded by `close`, waited for by `tasks`")]
    pub(super) fn serve(
        &self,
        io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        origin: Origin,
        place: impl Send + 'static,
    ) {
        let read = Arc::new(AtomicUsize::new(0));
        let io = Counted {
            io,
            read: Arc::clone(&read),
        };
        let span = tracing::debug_span!("connection", ?origin);
        let service = Addressed {
            stack: self.stack.clone(),
            origin,
            trusted: Arc::clone(&self.trusted),
        };
        let (drain, close, memory) = (self.drain.clone(), self.close.clone(), self.memory);
        let work = async move {
            let _place = place;
            let builder = http2();
            let connection = builder.serve_connection(TokioIo::new(io), TowerToHyperService::new(service));
            let mut connection = std::pin::pin!(connection);
            let mut silent = std::pin::pin!(silent(memory, &read));
            let mut asked = std::pin::pin!(asked_to_end(memory, drain));
            let mut is_asked = false;
            loop {
                tokio::select! {
                    ended = connection.as_mut() => {
                        if let Err(error) = ended {
                            tracing::debug!(error, "a connection failed");
                        }
                        break;
                    }
                    () = asked.as_mut(), if !is_asked => {
                        is_asked = true;
                        connection.as_mut().graceful_shutdown();
                    }
                    () = silent.as_mut() => break,
                    () = close.cancelled() => break,
                }
            }
        };
        let work = self.tasks.track_future(work.instrument(span));
        drop(tokio::spawn(work));
    }
}

/// Ends when a peer has connected and says nothing.
async fn silent(memory: bool, read: &AtomicUsize) {
    if !memory {
        tokio::time::sleep(FIRST_BYTES).await;
        if read.load(Ordering::Relaxed) < PREFACE {
            tracing::debug!("a connection without a word");
            return;
        }
    }
    std::future::pending::<()>().await;
}

/// Ends when the connection is to end after the calls at work.
async fn asked_to_end(memory: bool, drain: CancellationToken) {
    if memory {
        return drain.cancelled().await;
    }
    tokio::select! {
        () = drain.cancelled() => {}
        () = tokio::time::sleep(AGE) => {}
    }
}

/// Counts the bytes that have come.
struct Counted<IO> {
    io: IO,
    read: Arc<AtomicUsize>,
}

impl<IO: AsyncRead + Unpin> AsyncRead for Counted<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.io).poll_read(context, buffer);
        self.read.fetch_add(buffer.filled().len() - before, Ordering::Relaxed);
        polled
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Counted<IO> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}

/// Puts into every request who calls, and from where.
#[derive(Clone)]
struct Addressed {
    stack: Stack,
    origin: Origin,
    trusted: Trusted,
}

impl Service<Request<hyper::body::Incoming>> for Addressed {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<hyper::body::Incoming>) -> Self::Future {
        let mut request = request.map(Body::new);
        let address = client_of(self.origin.peer, request.headers(), &self.trusted);
        let caller = self.origin.caller.of_call(request.headers_mut());
        request.extensions_mut().insert(ClientAddress(address));
        request.extensions_mut().insert(caller);
        Box::pin(self.stack.clone().oneshot(request))
    }
}
