//! gRPC as it is: bytes in, bytes out, both ways streaming, trailers kept. Own are health and reflection, because they are
//! about all services behind the edge.

mod health;

use std::{
    collections::HashMap,
    convert::Infallible,
    error::Error as _,
    sync::Arc,
    task::{Context, Poll},
};

use futures::future::BoxFuture;
use http::{HeaderMap, HeaderValue, Request, Response, Version, header};
use http_body_util::{BodyStream, StreamBody};
use tonic::{Code, Status, body::Body, service::Routes};
use tower::{Service, ServiceExt};
use voltaire_mesh::{
    Mesh, PeerChannel, Refusal,
    access::{Access, rule_of},
};

pub(crate) use health::Health;

use crate::{
    contract::{Contract, DEMO, UPSTREAMS},
    error::Error,
    visitor::Visitor,
};

/// The header that tells a service the true client's address. Only the edge may set it.
const CLIENT_ADDRESS: &str = "x-forwarded-for";

/// Channels to the upstreams: for calls that end soon, and for streams.
#[derive(Clone)]
pub(crate) struct Upstreams(HashMap<&'static str, (PeerChannel, PeerChannel)>);

impl Upstreams {
    /// Those of the mesh.
    pub(crate) fn of(mesh: &Mesh) -> Self {
        Self(
            UPSTREAMS
                .into_iter()
                .chain([DEMO])
                .map(|name| (name, (mesh.peer(name), mesh.streams(name))))
                .collect(),
        )
    }

    /// The channel to an upstream.
    pub(crate) fn channel(&self, name: &'static str) -> PeerChannel {
        self.both(name).0.clone()
    }

    /// The channel to an upstream for streams.
    pub(crate) fn streams(&self, name: &'static str) -> PeerChannel {
        self.both(name).1.clone()
    }

    fn both(&self, name: &'static str) -> &(PeerChannel, PeerChannel) {
        self.0
            .get(name)
            .expect("every upstream of the contract has its channels")
    }
}

/// Sends calls on to the service that has them.
#[derive(Clone)]
pub(crate) struct Proxy {
    contract: Arc<Contract>,
    upstreams: Upstreams,
    own: Routes,
}

impl Proxy {
    /// Over these upstreams, with its own health and reflection.
    pub(crate) fn new(contract: Arc<Contract>, upstreams: Upstreams, health: Health) -> anyhow::Result<Self> {
        let reflection = || {
            tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(voltaire_proto::DESCRIPTORS)
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        };
        let own = Routes::new(health.into_server())
            .add_service(reflection().build_v1()?)
            .add_service(reflection().build_v1alpha()?)
            .prepare();
        Ok(Self {
            contract,
            upstreams,
            own,
        })
    }

    async fn forward(self, mut request: Request<Body>) -> Response<Body> {
        let path = request.uri().path().to_owned();
        let service = path.split('/').nth(1).unwrap_or_default();
        if service.starts_with("grpc.health.v1.") || service.starts_with("grpc.reflection.") {
            return self.own.oneshot(request).await.unwrap_or_else(|never| match never {});
        }
        let Some(upstream) = self.contract.upstream(service) else {
            return refuse(Error::UnknownService(service.to_owned()));
        };
        if rule_of(&path).is_some_and(|rule| rule.access == Access::Service) {
            return refuse(Error::ServiceOnly);
        }
        onward(request.headers_mut());
        request
            .headers_mut()
            .insert(header::TE, HeaderValue::from_static("trailers"));
        *request.version_mut() = Version::HTTP_2;
        let channel = if self.contract.is_stream(&path) {
            self.upstreams.streams(upstream)
        } else {
            self.upstreams.channel(upstream)
        };
        match channel.oneshot(request).await {
            Ok(response) => on_time(response),
            Err(_) if upstream == DEMO => refuse(Error::UnknownService(service.to_owned())),
            Err(error) => refuse(unreached(error)),
        }
    }
}

impl Service<Request<Body>> for Proxy {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let proxy = self.clone();
        Box::pin(async move { Ok(proxy.forward(request).await) })
    }
}

/// The refusal as a gRPC answer.
pub(crate) fn refuse(error: Error) -> Response<Body> {
    error.into_status().into_http()
}

/// What a call that never got an answer is told.
pub(crate) fn unreached(error: tonic::transport::Error) -> Error {
    let mut cause = error.source();
    while let Some(it) = cause {
        if it.is::<tonic::TimeoutExpired>() {
            return Error::Deadline;
        }
        cause = it.source();
    }
    Error::Unreachable(error)
}

/// tonic's own timer says `CANCELLED` where gRPC means `DEADLINE_EXCEEDED`.
fn on_time(response: Response<Body>) -> Response<Body> {
    match Status::from_header_map(response.headers()) {
        Some(status) if is_timeout(&status) => refuse(Error::Deadline),
        _ => response,
    }
}

/// Whether the status comes from tonic's own timer.
pub(crate) fn is_timeout(status: &Status) -> bool {
    status.code() == Code::Cancelled && status.message().eq_ignore_ascii_case("timeout expired")
}

/// tonic-web tells the length of the text, not of what it decodes to: HTTP/2 would break the call off as a lie.
pub(crate) fn of_unknown_length(request: Request<Body>) -> Request<Body> {
    request.map(|body| Body::new(StreamBody::new(BodyStream::new(body))))
}

/// Removes what only a trusted hop may say: no client may speak in the edge's name.
pub(crate) fn strip(headers: &mut HeaderMap) {
    const SPOOFABLE: [&str; 6] = [
        "x-voltaire-",
        "x-forwarded-",
        "x-envoy-",
        "x-jwt-",
        "x-real-ip",
        "forwarded",
    ];
    let spoofed = headers
        .keys()
        .filter(|name| SPOOFABLE.iter().any(|it| name.as_str().starts_with(it)));
    for name in spoofed.cloned().collect::<Vec<_>>() {
        headers.remove(name);
    }
}

/// Tells the services who calls.
pub(crate) fn introduce(headers: &mut HeaderMap, visitor: &Visitor) {
    if let Ok(address) = HeaderValue::from_str(&visitor.address.to_string()) {
        headers.insert(CLIENT_ADDRESS, address);
    }
}

/// Removes what is meant for this hop alone.
fn onward(headers: &mut HeaderMap) {
    let named: Vec<String> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(',').map(|name| name.trim().to_ascii_lowercase()))
        .collect();
    for name in named.iter().map(String::as_str).chain(HOP_BY_HOP) {
        headers.remove(name);
    }
}

const HOP_BY_HOP: [&str; 13] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "host",
    "cookie",
    "content-length",
    "expect",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_the_edge_may_say_is_removed() {
        let mut headers = HeaderMap::new();
        for name in [
            "x-voltaire-user",
            "x-forwarded-for",
            "forwarded",
            "x-real-ip",
            "x-jwt-payload",
            "traceparent",
        ] {
            headers.insert(name, HeaderValue::from_static("x"));
        }
        strip(&mut headers);
        assert_eq!(
            headers.keys().map(http::HeaderName::as_str).collect::<Vec<_>>(),
            ["traceparent"]
        );
    }

    #[test]
    fn what_a_connection_header_names_stays_on_this_hop() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "x-hop, close"),
            ("x-hop", "1"),
            ("x-kept-bin", "1"),
            ("cookie", "a=b"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        onward(&mut headers);
        assert_eq!(
            headers.keys().map(http::HeaderName::as_str).collect::<Vec<_>>(),
            ["x-kept-bin"]
        );
    }
}
