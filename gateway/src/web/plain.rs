//! Plain HTTP at a port that speaks TLS: a page is told where to go, a call is refused, as what it carries was readable.

use axum::body::Body;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};

use crate::{error::Error, json, visitor::Visitor};

/// Answers any request; nothing is called for it.
pub(crate) fn answer(request: &Request<Body>, visitor: &Visitor) -> Response<Body> {
    let page = (request.method() == Method::GET || request.method() == Method::HEAD)
        && !request.headers().contains_key(header::AUTHORIZATION);
    let location = visitor.hosts.first().filter(|_| page).and_then(|host| {
        let path = request.uri().path_and_query().map_or("/", |it| it.as_str());
        HeaderValue::from_str(&format!("https://{host}{path}")).ok()
    });
    let Some(location) = location else {
        return json::refusal(Error::Plain);
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
    response.headers_mut().insert(header::LOCATION, location);
    response
}
