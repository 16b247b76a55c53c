//! A channel whose calls are spans of the caller's trace: how each went as the caller sees it, the way there included.

use std::{
    error::Error as _,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{HeaderMap, Request, Response, Uri};
use http_body::{Body as _, Frame};
use tonic::{
    Code, Status, TimeoutExpired,
    body::Body,
    transport::{Channel, Error},
};
use tower::Service;

use crate::{access, spans::CallSpan, trace::TraceContext};

/// The way to a service of the mesh.
#[derive(Clone, Debug)]
pub struct PeerChannel {
    channel: Channel,
    service: &'static str,
    /// Where it is, where it is not in this process.
    at: Option<Arc<Uri>>,
}

impl PeerChannel {
    pub(super) fn new(channel: Channel, service: &'static str, at: Option<Arc<Uri>>) -> Self {
        Self { channel, service, at }
    }

    /// The channel itself, whose calls are no spans: for clients that are not of the mesh, as the demo home and tests are.
    pub fn plain(self) -> Channel {
        self.channel
    }

    /// A call that becomes a span; none where it belongs to no trace, or to one that is not recorded.
    fn made(&self, request: &mut Request<Body>) -> Option<Made> {
        if !request.headers().contains_key(TraceContext::HEADER) {
            return None;
        }
        let rule = access::rule_of(request.uri().path())?;
        let context = TraceContext::continue_from(request.headers());
        let mut span = CallSpan::begin_made(&context)?;
        context.tell(request.headers_mut());
        span.say("peer.service", self.service);
        if let Some((host, port)) = self.at.as_ref().and_then(|at| Some((at.host()?, at.port_u16()?))) {
            span.say("server.address", host.to_owned());
            span.say("server.port", i64::from(port));
        }
        Some(Made {
            span: Some(span),
            rpc: (rule.service.as_str(), rule.method.as_str()),
            code: None,
        })
    }
}

impl Service<Request<Body>> for PeerChannel {
    type Response = Response<Body>;
    type Error = Error;
    type Future = BoxFuture<'static, Result<Response<Body>, Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.channel.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let made = self.made(&mut request);
        let answer = self.channel.call(request);
        Box::pin(async move {
            let Some(mut made) = made else { return answer.await };
            let answer = answer.await;
            match answer {
                Ok(response) => Ok(made.follow(response)),
                Err(error) => {
                    made.code = Some(code_of(&error));
                    Err(error)
                }
            }
        })
    }
}

/// A call that got no answer.
fn code_of(error: &Error) -> Code {
    let mut cause = error.source();
    while let Some(it) = cause {
        if it.is::<TimeoutExpired>() {
            return Code::DeadlineExceeded;
        }
        cause = it.source();
    }
    Code::Unavailable
}

/// A call on its way; told when it is dropped. One without an end was given up by this side.
struct Made {
    span: Option<CallSpan>,
    rpc: (&'static str, &'static str),
    code: Option<Code>,
}

impl Made {
    fn follow(mut self, response: Response<Body>) -> Response<Body> {
        self.see(response.headers());
        response.map(|inner| {
            if inner.is_end_stream() {
                self.code.get_or_insert(Code::Ok);
                return inner;
            }
            Body::new(Followed { inner, made: self })
        })
    }

    fn see(&mut self, headers: &HeaderMap) {
        if let Some(status) = headers.get("grpc-status") {
            self.code = Some(Code::from_bytes(status.as_bytes()));
        }
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        if let Some(mut span) = self.span.take() {
            let code = self.code.unwrap_or(Code::Cancelled);
            let (service, method) = self.rpc;
            span.say_rpc(self.rpc, code);
            span.end(format!("{service}/{method}"), code != Code::Ok);
        }
    }
}

/// An answer whose end is seen.
struct Followed {
    inner: Body,
    made: Made,
}

impl http_body::Body for Followed {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.get_mut();
        let frame = Pin::new(&mut this.inner).poll_frame(context);
        match &frame {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(trailers) = frame.trailers_ref() {
                    this.made.see(trailers);
                }
            }
            Poll::Ready(Some(Err(status))) => this.made.code = Some(status.code()),
            Poll::Ready(None) | Poll::Pending => {}
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }
}
