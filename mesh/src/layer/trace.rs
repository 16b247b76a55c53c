//! One span and three figures for every call: rate, errors, duration.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body::{Body as _, Frame};
use tokio::time::Instant;
use tonic::{Code, Status, body::Body};
use tracing::{Instrument, Span, field::Empty};

use super::{Next, Step, call};
use crate::{access, spans::CallSpan, trace::TraceContext};

/// Opens a span that belongs to the caller's trace, and counts what comes of the call.
pub(super) struct Trace;

impl Step for Trace {
    async fn handle<N: Next>(self: Arc<Self>, mut request: Request<Body>, next: N) -> Response<Body> {
        let context = TraceContext::continue_from(request.headers());
        request.extensions_mut().insert(context.clone());
        // A path that is no method's is counted as one, so that nobody can grow the figures.
        let (service, method) = access::rule_of(request.uri().path())
            .map_or(("unknown", "unknown"), |it| (it.service.as_str(), it.method.as_str()));
        let span = tracing::info_span!(
            "rpc",
            otel.kind = "server",
            rpc.service = service,
            rpc.method = method,
            trace.id = context.id(),
            span.id = context.span_id(),
            user.id = Empty,
            peer.service = Empty,
        );
        let mut call_record = Record {
            service,
            method,
            start: Instant::now(),
            code: None,
            span: span.clone(),
            recorded: CallSpan::begin(&context),
        };
        let response = context.clone().scope(call(next, request)).instrument(span).await;
        call_record.see(response.headers());
        response.map(|inner| {
            if inner.is_end_stream() {
                call_record.code.get_or_insert(Code::Ok);
                return inner;
            }
            Body::new(Observed {
                inner,
                context,
                record: call_record,
            })
        })
    }
}

/// What came of a call; told when it is dropped. A call without an end was cancelled by its caller.
struct Record {
    service: &'static str,
    method: &'static str,
    start: Instant,
    code: Option<Code>,
    span: Span,
    recorded: Option<CallSpan>,
}

impl Record {
    fn see(&mut self, headers: &HeaderMap) {
        if let Some(status) = headers.get("grpc-status") {
            self.code = Some(Code::from_bytes(status.as_bytes()));
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let code = self.code.unwrap_or(Code::Cancelled);
        let seconds = self.start.elapsed().as_secs_f64();
        let (service, method) = (self.service, self.method);
        metrics::counter!(
            "grpc_server_handled_total",
            "grpc_service" => service, "grpc_method" => method, "grpc_code" => name_of(code),
        )
        .increment(1);
        metrics::histogram!("grpc_server_handling_seconds", "grpc_service" => service, "grpc_method" => method)
            .record(seconds);
        self.span
            .in_scope(|| tracing::debug!(code = name_of(code), seconds, "handled"));
        if let Some(mut recorded) = self.recorded.take() {
            recorded.say_rpc((service, method), code);
            recorded.end(format!("{service}/{method}"), is_servers_fault(code));
        }
    }
}

/// Whether a code says that the server failed, by OpenTelemetry's conventions.
fn is_servers_fault(code: Code) -> bool {
    matches!(
        code,
        Code::Unknown
            | Code::DeadlineExceeded
            | Code::Unimplemented
            | Code::Internal
            | Code::Unavailable
            | Code::DataLoss
    )
}

struct Observed {
    inner: Body,
    context: TraceContext,
    record: Record,
}

impl http_body::Body for Observed {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.get_mut();
        let (trace, span) = (this.context.clone(), this.record.span.clone());
        let frame = trace.sync_scope(|| span.in_scope(|| Pin::new(&mut this.inner).poll_frame(context)));
        match &frame {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(trailers) = frame.trailers_ref() {
                    this.record.see(trailers);
                }
            }
            Poll::Ready(Some(Err(status))) => this.record.code = Some(status.code()),
            Poll::Ready(None) | Poll::Pending => {}
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }
}

/// The name of a code as other gRPC servers count it.
fn name_of(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "Canceled",
        Code::Unknown => "Unknown",
        Code::InvalidArgument => "InvalidArgument",
        Code::DeadlineExceeded => "DeadlineExceeded",
        Code::NotFound => "NotFound",
        Code::AlreadyExists => "AlreadyExists",
        Code::PermissionDenied => "PermissionDenied",
        Code::ResourceExhausted => "ResourceExhausted",
        Code::FailedPrecondition => "FailedPrecondition",
        Code::Aborted => "Aborted",
        Code::OutOfRange => "OutOfRange",
        Code::Unimplemented => "Unimplemented",
        Code::Internal => "Internal",
        Code::Unavailable => "Unavailable",
        Code::DataLoss => "DataLoss",
        Code::Unauthenticated => "Unauthenticated",
    }
}
