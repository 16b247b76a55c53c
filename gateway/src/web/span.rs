//! A request's span, from its head to the end of its answer, or until who asked has gone.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::{Error, body::Body};
use bytes::Bytes;
use http::{Response, StatusCode};
use http_body::{Body as _, Frame, SizeHint};
use voltaire_mesh::{TraceContext, spans::CallSpan};

/// What is told when it is dropped.
pub(crate) struct RequestSpan {
    span: Option<CallSpan>,
    name: String,
    status: Option<StatusCode>,
}

impl RequestSpan {
    /// Begins now, under a name of few values; none where spans of the trace are not recorded.
    pub(crate) fn begin(trace: &TraceContext, name: String) -> Option<Self> {
        CallSpan::begin(trace).map(|span| Self {
            span: Some(span),
            name,
            status: None,
        })
    }

    /// Goes on as long as the answer.
    pub(crate) fn follow(mut self, response: Response<Body>) -> Response<Body> {
        self.status = Some(response.status());
        response.map(|inner| {
            if inner.is_end_stream() {
                return inner;
            }
            Body::new(Followed { inner, _span: self })
        })
    }
}

impl Drop for RequestSpan {
    fn drop(&mut self) {
        let Some(mut span) = self.span.take() else {
            return;
        };
        if let Some(status) = self.status {
            span.say("http.response.status_code", i64::from(status.as_u16()));
        }
        let failed = self.status.is_some_and(|it| it.is_server_error());
        span.end(std::mem::take(&mut self.name), failed);
    }
}

/// An answer as it is.
struct Followed {
    inner: Body,
    _span: RequestSpan,
}

impl http_body::Body for Followed {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        Pin::new(&mut self.get_mut().inner).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
