//! One request's way through the edge: who sends it, may the page send it, which face of the edge is meant.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Instant};

use axum::body::Body;
use futures::FutureExt;
use http::{HeaderMap, HeaderValue, Method, Request, Response, Version, header};
use tokio_util::sync::CancellationToken;
use tonic_web::{GrpcWebLayer, GrpcWebService};
use tower::{Layer, ServiceExt, util::MapRequest};
use voltaire_mesh::{Mesh, TraceContext};

use crate::{
    Config,
    config::{Limits, Tls},
    contract::Contract,
    error::Error,
    grpc::{self, Health, Proxy, Upstreams},
    json::{self, Settings, Transcoder},
    openapi,
    visitor::{Connection, Trust, Visitor},
    web::{
        cors::{self, Cors},
        docs::Docs,
        files::Files,
        headers,
        metrics::{self, Metrics},
        plain, session,
        span::RequestSpan,
        status,
    },
};

/// Changes a call's body.
type Reframe = fn(Request<tonic::body::Body>) -> Request<tonic::body::Body>;

/// Everything that answers.
pub(crate) struct App {
    pub(crate) limits: Limits,
    pub(crate) tls: Option<Tls>,
    pub(crate) mutual_tls: bool,
    pub(crate) trust: Trust,
    pub(crate) mesh: Mesh,
    leaving: CancellationToken,
    contract: Arc<Contract>,
    proxy: Proxy,
    grpc_web: GrpcWebService<MapRequest<Proxy, Reframe>>,
    transcoder: Transcoder,
    health: Health,
    cors: Cors,
    docs: Docs,
    files: Files,
    metrics: Metrics,
}

/// Which side of the edge a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Face {
    Preflight,
    Grpc,
    GrpcWeb,
    Json,
    Session,
    Docs,
    Ready,
    Alive,
    Metrics,
    Ui,
}

impl App {
    /// Builds everything over the mesh's services.
    pub(crate) fn new(config: Config, mesh: &Mesh) -> anyhow::Result<Self> {
        let contract = Arc::new(Contract::new()?);
        let upstreams = Upstreams::of(mesh);
        let leaving = mesh.stopping().child_token();
        let health = Health::new(Arc::clone(&contract), upstreams.clone(), leaving.clone());
        let proxy = Proxy::new(Arc::clone(&contract), upstreams.clone(), health.clone())?;
        let settings = Settings {
            body_bytes: config.limits.body_bytes,
        };
        let openapi = openapi::document(&contract, config.public_url.as_deref())?;
        Ok(Self {
            transcoder: Transcoder::new(&contract, upstreams, settings)?,
            grpc_web: GrpcWebLayer::new().layer(proxy.clone().map_request(grpc::of_unknown_length as Reframe)),
            proxy,
            health,
            contract,
            trust: Trust::new(config.trusted_proxies, config.public_url.as_deref())?,
            cors: Cors::new(&config.allowed_origins)?,
            docs: Docs::new(serde_json::to_vec(&openapi)?.into()),
            files: Files::new(config.ui_dir),
            metrics: Metrics::new(config.metrics_from, mesh),
            mesh: mesh.clone(),
            limits: config.limits,
            tls: config.tls,
            mutual_tls: config.mutual_tls,
            leaving,
        })
    }

    /// From now on health says that this process does not serve.
    pub(crate) fn leave(&self) {
        self.leaving.cancel();
    }

    /// Answers any request.
    pub(crate) async fn respond(&self, connection: Connection, mut request: Request<Body>) -> Response<Body> {
        let begun = Instant::now();
        let visitor = self.trust.visitor(connection, &request);
        let face = self.face(&request);
        let origin = self.cors.origin(request.headers());
        let mut response = if self.tls.is_some() && !connection.tls {
            plain::answer(&request, &visitor)
        } else if cors::is_preflight(&request) {
            cors::preflight(origin.as_ref())
        } else {
            prepare(&mut request, face, &visitor);
            self.traced(face, request, &visitor).await
        };
        headers::secure(&mut response, visitor.secure);
        self.cors.allow(&mut response, origin);
        metrics::answered(face.name(), response.status().as_u16(), begun);
        response
    }

    /// Answers as a part of the caller's trace; calls are a span of it until the answer has ended.
    async fn traced(&self, face: Face, mut request: Request<Body>, visitor: &Visitor) -> Response<Body> {
        let trace = TraceContext::continue_from(request.headers());
        let mut span = None;
        if face.calls() {
            let name = format!("{} {}", request.method(), face.name());
            span = RequestSpan::begin(&trace, name);
            trace.tell(request.headers_mut());
        }
        let answer = AssertUnwindSafe(trace.scope(self.dispatch(face, request, visitor)))
            .catch_unwind()
            .await;
        let response = answer.unwrap_or_else(|_| json::refusal(Error::Panicked));
        match span {
            Some(span) => span.follow(response),
            None => response,
        }
    }

    fn face<B>(&self, request: &Request<B>) -> Face {
        let path = request.uri().path();
        let kind = content_type(request.headers());
        if request.method() == Method::OPTIONS {
            Face::Preflight
        } else if kind.starts_with("application/grpc-web") {
            Face::GrpcWeb
        } else if kind.starts_with("application/grpc") || self.is_rpc(path) {
            Face::Grpc
        } else if self.transcoder.has(path) || path.starts_with("/v1/") {
            Face::Json
        } else if Docs::has(path) {
            Face::Docs
        } else {
            match path {
                "/session" => Face::Session,
                "/healthz" => Face::Ready,
                "/livez" => Face::Alive,
                "/metrics" => Face::Metrics,
                _ => Face::Ui,
            }
        }
    }

    /// Whether the path is a method's own, which takes gRPC only.
    fn is_rpc(&self, path: &str) -> bool {
        let service = path.split('/').nth(1).unwrap_or_default();
        self.contract.upstream(service).is_some() || service.starts_with("grpc.")
    }

    async fn dispatch(&self, face: Face, request: Request<Body>, visitor: &Visitor) -> Response<Body> {
        if request.headers().get_all(header::AUTHORIZATION).iter().count() > 1 {
            return json::refusal(Error::DuplicateHeader("authorization"));
        }
        match face {
            Face::Grpc | Face::GrpcWeb => self.grpc(face, request).await,
            Face::Json => self.json(request, visitor).await,
            Face::Session => session::serve(&self.mesh, request, visitor).await,
            Face::Docs => self.docs.serve(request).await,
            Face::Ready => status::ready(&self.health, &self.files).await,
            Face::Alive => status::alive(),
            Face::Metrics => self.metrics.serve(visitor.address),
            Face::Ui => self.files.serve(request).await,
            Face::Preflight => json::refusal(Error::CrossSite),
        }
    }

    async fn json(&self, request: Request<Body>, visitor: &Visitor) -> Response<Body> {
        let keys = request.uri().path().starts_with("/.well-known/");
        let mut response = self.transcoder.call(request, visitor).await;
        if keys && response.status().is_success() {
            let minutes = HeaderValue::from_static("public, max-age=300");
            response.headers_mut().insert(header::CACHE_CONTROL, minutes);
        }
        response
    }

    /// POST and gRPC's own content types only: tonic would run a call for anything else as well.
    async fn grpc(&self, face: Face, mut request: Request<Body>) -> Response<Body> {
        if request.method() != Method::POST {
            return json::refusal(Error::Method { allow: "POST".into() });
        }
        let kind = content_type(request.headers());
        let Some(kind) = KINDS.into_iter().find(|it| *it == kind) else {
            return json::refusal(Error::Type {
                expected: "application/grpc",
            });
        };
        let request_kind = HeaderValue::from_static(kind);
        request.headers_mut().insert(header::CONTENT_TYPE, request_kind);
        let request = request.map(tonic::body::Body::new);
        let answer = if face == Face::GrpcWeb {
            self.grpc_web.clone().oneshot(request).await
        } else if request.version() == Version::HTTP_2 {
            self.proxy.clone().oneshot(request).await
        } else {
            return json::refusal(Error::Type {
                expected: "application/grpc-web",
            });
        };
        answer.unwrap_or_else(|never| match never {}).map(Body::new)
    }
}

/// Content types that a call may have.
const KINDS: [&str; 6] = [
    "application/grpc",
    "application/grpc+proto",
    "application/grpc-web",
    "application/grpc-web+proto",
    "application/grpc-web-text",
    "application/grpc-web-text+proto",
];

/// Takes away what nobody outside may say, and turns a safe cookie into a bearer token.
fn prepare(request: &mut Request<Body>, face: Face, visitor: &Visitor) {
    let changes = request.method() != Method::GET && request.method() != Method::HEAD;
    let headers = request.headers_mut();
    grpc::strip(headers);
    grpc::introduce(headers, visitor);
    if matches!(face, Face::Json | Face::GrpcWeb) {
        session::bearer_from_cookie(headers, visitor, changes);
    }
    headers.remove(header::COOKIE);
}

/// The content type in lower case, without parameters.
fn content_type(headers: &HeaderMap) -> String {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|it| it.to_str().ok())
        .unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

impl Face {
    /// Whether it passes a call on to a service.
    fn calls(self) -> bool {
        matches!(self, Self::Grpc | Self::GrpcWeb | Self::Json | Self::Session)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Preflight => "preflight",
            Self::Grpc => "grpc",
            Self::GrpcWeb => "grpc-web",
            Self::Json => "json",
            Self::Session => "session",
            Self::Docs => "docs",
            Self::Ready | Self::Alive => "health",
            Self::Metrics => "metrics",
            Self::Ui => "ui",
        }
    }
}
