//! A method that panics is an `INTERNAL` error to its caller, and nothing to anyone else.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures::FutureExt;
use http::{Request, Response};
use http_body::{Body as _, Frame};
use tonic::{Code, Status, body::Body};

use super::{Next, Step, body::end_with, call, refuse};
use crate::error::Refused;

/// Catches panics of a method, before and within its answer.
pub(super) struct Panic;

impl Step for Panic {
    async fn handle<N: Next>(self: Arc<Self>, request: Request<Body>, next: N) -> Response<Body> {
        match AssertUnwindSafe(call(next, request)).catch_unwind().await {
            Ok(response) => response.map(|inner| {
                if inner.is_end_stream() {
                    inner
                } else {
                    Body::new(Caught { inner, ended: false })
                }
            }),
            Err(panic) => refuse(internal(panic.as_ref())),
        }
    }
}

fn internal(panic: &(dyn Any + Send)) -> Status {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    metrics::counter!("grpc_server_panics_total").increment(1);
    tracing::error!(panic = text.unwrap_or("not a text"), "a method panicked");
    Refused::new(Code::Internal, "INTERNAL", "panic").into()
}

struct Caught {
    inner: Body,
    ended: bool,
}

impl http_body::Body for Caught {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.get_mut();
        if this.ended {
            return Poll::Ready(None);
        }
        match catch_unwind(AssertUnwindSafe(|| Pin::new(&mut this.inner).poll_frame(context))) {
            Ok(frame) => frame,
            Err(panic) => {
                this.ended = true;
                this.inner = Body::empty();
                Poll::Ready(Some(Ok(end_with(&internal(panic.as_ref())))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.ended || self.inner.is_end_stream()
    }
}
