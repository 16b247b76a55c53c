//! Calls from pages of other origins: none, but for those that are listed, and never with cookies.

use axum::body::Body;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};

use crate::{error::Error, json};

const HEADERS: &str =
    "authorization, content-type, accept, x-grpc-web, x-user-agent, grpc-timeout, traceparent, tracestate";
const EXPOSED: &str = "grpc-status, grpc-message, grpc-status-details-bin, retry-after";
const METHODS: &str = "GET, POST, PUT, PATCH, DELETE";

/// The origins that may call.
#[derive(Clone, Debug)]
pub(crate) struct Cors {
    allowed: Vec<String>,
}

impl Cors {
    /// Of a list of origins as `https://dashboard.example`. Fails where one is none.
    pub(crate) fn new(allowed: &[String]) -> anyhow::Result<Self> {
        for origin in allowed {
            let scheme = origin.starts_with("http://") || origin.starts_with("https://");
            let bare = origin
                .splitn(3, '/')
                .nth(2)
                .is_some_and(|host| !host.is_empty() && !host.contains(['/', '*']));
            anyhow::ensure!(
                scheme && bare,
                "allowed_origins: `{origin}` is no origin such as https://dashboard.example"
            );
        }
        Ok(Self {
            allowed: allowed.iter().map(|it| it.to_ascii_lowercase()).collect(),
        })
    }

    /// The request's origin, if it is a listed one.
    pub(crate) fn origin(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let origin = headers.get(header::ORIGIN)?;
        let text = origin.to_str().ok()?.to_ascii_lowercase();
        self.allowed.contains(&text).then(|| origin.clone())
    }

    /// Lets the page read the answer.
    pub(crate) fn allow(&self, response: &mut Response<Body>, origin: Option<HeaderValue>) {
        let headers = response.headers_mut();
        if !self.allowed.is_empty() {
            headers.append(header::VARY, HeaderValue::from_static("origin"));
        }
        if let Some(origin) = origin {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
            let readable = HeaderName::from_static("cross-origin-resource-policy");
            headers.insert(readable, HeaderValue::from_static("cross-origin"));
        }
    }
}

/// Whether a browser asks what it may send.
pub(crate) fn is_preflight<B>(request: &Request<B>) -> bool {
    request.method() == Method::OPTIONS
}

/// The answer to a preflight: what may be sent, or a refusal. Nothing is ever called for it.
pub(crate) fn preflight(origin: Option<&HeaderValue>) -> Response<Body> {
    if origin.is_none() {
        return json::refusal(Error::CrossSite);
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(HEADERS));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    response
}
