//! gRPC only: tonic would run a method for any HTTP method and any content type, which is what a hostile page can send.

use std::sync::Arc;

use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use tonic::body::Body;

use super::{Next, Step, call};

/// `POST` of `application/grpc` only: else 405 and 415, and nothing runs.
pub(super) struct Guard;

impl Step for Guard {
    async fn handle<N: Next>(self: Arc<Self>, request: Request<Body>, next: N) -> Response<Body> {
        if request.method() != Method::POST {
            let mut response = plain(StatusCode::METHOD_NOT_ALLOWED);
            let allow = header::HeaderValue::from_static("POST");
            response.headers_mut().insert(header::ALLOW, allow);
            return response;
        }
        if !is_grpc(request.headers()) {
            return plain(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        }
        call(next, request).await
    }
}

/// `application/grpc`, alone or followed by `+proto`, `;…`.
fn is_grpc(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return false;
    };
    let rest = value.as_bytes().strip_prefix(b"application/grpc");
    rest.is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';')))
}

fn plain(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
