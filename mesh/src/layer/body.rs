//! Answers that end before their method ends them.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::HeaderMap;
use http_body::{Body as _, Frame};
use tonic::{Status, body::Body};

/// The last frame of an answer, which says how it ended.
pub(super) fn end_with(status: &Status) -> Frame<Bytes> {
    let mut trailers = HeaderMap::new();
    // A status whose metadata is none always fits into headers.
    let added = status.add_header(&mut trailers);
    debug_assert!(added.is_ok());
    Frame::trailers(trailers)
}

/// An answer that goes on until a status arrives.
pub(super) struct Until {
    inner: Body,
    end: BoxFuture<'static, Status>,
    ended: bool,
}

impl Until {
    /// The answer, until `end` is ready.
    pub(super) fn body(inner: Body, end: impl Future<Output = Status> + Send + 'static) -> Body {
        if inner.is_end_stream() {
            return inner;
        }
        let end = Box::pin(end);
        let ended = false;
        Body::new(Self { inner, end, ended })
    }
}

impl http_body::Body for Until {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.get_mut();
        if this.ended {
            return Poll::Ready(None);
        }
        if let Poll::Ready(status) = this.end.as_mut().poll(context) {
            this.ended = true;
            this.inner = Body::empty();
            return Poll::Ready(Some(Ok(end_with(&status))));
        }
        let frame = Pin::new(&mut this.inner).poll_frame(context);
        this.ended = matches!(&frame, Poll::Ready(None));
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.ended || self.inner.is_end_stream()
    }
}
